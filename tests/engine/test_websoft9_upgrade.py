"""Websoft9 installed from its releases and brought from one to the next: files and images together."""

from __future__ import annotations

import socket
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from support import images, websoft9
from support import websoft9_images as look_alikes
from support.artifacts import Artifacts
from support.cli import QUICK, Cli
from support.machine import Machine, rollback
from support.releases import Release, release_bundle, release_legacy, release_modern
from support.snapshot import assert_same, snapshot
from support.websoft9 import LEGACY, Places, Websoft9

if TYPE_CHECKING:
    from pathlib import Path

    from support.cli import Said
    from support.dockerd import Dockerd
    from support.registry import Registry

MODERN = {"product": "2.3.4"}


def places(machine: Machine) -> Places:
    return Places(machine.engine.socket, machine.root)


def build(machine: Machine, version: str, **components: str) -> Release:
    """Build a release, legacy or modern by its version."""
    folder = machine.root.parent / f"release-{version}-{'-'.join(components.values())}"
    if version in LEGACY:
        return release_legacy(folder, version, places(machine), components)
    return release_modern(folder, version, places(machine))


def upgrade(site: Websoft9, source: object, *arguments: str) -> Said:
    return site.cli.json("update", site.project, "--release", str(source), *arguments, *QUICK)


def source_of(release: Release, form: str, artifacts: Artifacts) -> str:
    if form == "url":
        return artifacts.publish(release)
    return str(release.zip(release.folder.parent / "release.zip") if form == "zip" else release.folder)


# --- first install -----------------------------------------------------------------------------------------------


@pytest.mark.sample(1, reason="each form is fetched by a unit test, and upgrades come as a folder and by URL")
@pytest.mark.parametrize(
    ("version", "form"),
    [
        ("2.2.9", "folder"),
        pytest.param("2.2.9", "zip", marks=pytest.mark.full(reason="each form is fetched by a unit test")),
        pytest.param("2.2.9", "url", marks=pytest.mark.full(reason="each form is fetched by a unit test")),
        ("2.3.4", "folder"),
        ("2.3.4", "zip"),
        ("2.3.4", "url"),
    ],
)
def test_a_first_install(machine: Machine, artifacts: Artifacts, version: str, form: str) -> None:
    """What is installed is what the release says, pinned, with the settings that were given; nobody's script is run."""
    expected = LEGACY.get(version, MODERN)
    if version in LEGACY:
        look_alikes.push_legacy(machine.registry, version)
    else:
        look_alikes.push_modern(machine.registry, version)
    release = build(machine, version)
    folder = machine.root / "srv" / "websoft9" / "docker"
    cli = Cli(machine.engine, machine.state, machine.root.parent)
    said = cli.json(
        "install", source_of(release, form, artifacts), "--folder", str(folder), "--set", "CONSOLE_PORT=9090", *QUICK
    ).ended("kept", 0)
    assert ":9090" in said.message
    site = Websoft9(machine.engine, folder, cli)
    assert site.versions() == expected
    assert site.compose_file.read_bytes() == release.compose_file.read_bytes()
    assert site.env["CONSOLE_PORT"] == "9090"
    assert site.env.get("IMAGE_TAG", version) == version
    site.assert_no_drift()
    assert not list(machine.root.parent.rglob("RAN"))


def test_a_first_install_that_fails_leaves_nothing(
    clean_engine: Dockerd, registry: Registry, tmp_path: Path, state_dir: Path
) -> None:
    """The network is made with it, and is gone with it; a second attempt finds the machine as the first one did."""
    sick = look_alikes.component("deployment", "2.40.0", then="exit 1")
    look_alikes.push_legacy(registry, "2.2.17", deployment=sick)
    root = tmp_path / "root"
    release = release_legacy(tmp_path / "release", "2.2.17", Places(clean_engine.socket, root))
    folder = root / "srv" / "docker"
    cli = Cli(clean_engine, state_dir, tmp_path)
    before = snapshot(clean_engine, root)
    with socket.create_server(("0.0.0.0", 9000)):
        said = cli.json("install", str(release.folder), "--folder", str(folder), *QUICK).ended("refused", 3)
        assert said.finished["problem"]["facts"]["port"] == "9000/tcp"
    assert_same(before, snapshot(clean_engine, root))
    said = cli.json("install", str(release.folder), "--folder", str(folder), *QUICK)
    assert said.status == 1, said.message
    kept = "^volume websoft9_(portainer|gitea)$"  # they hold data, and nobody asked that it be removed
    assert_same(before, snapshot(clean_engine, root).without(kept))
    look_alikes.push_legacy(registry, "2.2.17")
    cli.json("install", str(release.folder), "--folder", str(folder), *QUICK).ended("kept", 0)
    site = Websoft9(clean_engine, folder, cli)
    assert site.versions() == LEGACY["2.2.17"]
    assert [one.name for one in clean_engine.client().networks.list(names=["^websoft9$"])] == ["websoft9"]
    site.assert_no_drift()


# --- upgrades ----------------------------------------------------------------------------------------------------

SECRET = "pa!s#w0rd"
OWN = f"# our own notes: do not lose them\nREPORT_PASSWORD='{SECRET}'   # who is told\n\n".encode()


def customise(site: Websoft9) -> None:
    """Another port, and keys and comments of the operator's own at both ends of the env file."""
    text = site.env_file.read_bytes().replace(b"CONSOLE_PORT=9000\n", b"CONSOLE_PORT=9090\n")
    site.env_file.write_bytes(OWN + text + b"# the end\nMORE=1")


def customised(release: Release) -> bytes:
    return (
        OWN
        + release.env_file.read_bytes().replace(b"CONSOLE_PORT=9000\n", b"CONSOLE_PORT=9090\n")
        + (b"# the end\nMORE=1")
    )


@pytest.mark.sample(1, reason="each path is another of the same releases")
@pytest.mark.parametrize(
    "path",
    [
        ("2.2.8", "2.2.9"),
        ("2.2.9", "2.2.15", "2.2.17"),
        pytest.param(
            ("2.2.11", "2.2.13", "2.2.14", "2.2.15", "2.2.19"),
            marks=pytest.mark.full(reason="each step changes one image, as in the paths of which one is tried always"),
        ),
        ("2.1.30", "2.2.9"),
    ],
)
def test_an_upgrade_and_back_and_forward_again(machine: Machine, path: tuple[str, ...]) -> None:
    """`.env` overwritten, own keys lost, Compose file overwritten, port reset, versions compared as texts: not here."""
    first, last = path[0], path[-1]
    for version in path:
        look_alikes.push_legacy(machine.registry, version, schema=1)
    site = websoft9.legacy(machine.engine, machine.root, machine.state, first)
    customise(site)
    text, compose = site.env_file.read_bytes(), site.compose_file.read_bytes()
    site.up()
    site.inside("deployment", "echo before > /data/said")
    for old, new in pairwise(path):
        known = ("--old-release", str(build(machine, old).folder)) if old == first else ()
        release = build(machine, new)
        said = upgrade(site, release.folder, *known).ended("kept", 0)
        assert SECRET not in said.out + said.err
        assert "+" not in told(said, site)
        assert ("-PROXY_TIMEOUT=60" in told(said, site)) is (old == "2.1.30")
        assert site.versions() == LEGACY[new]
        assert site.env_file.read_bytes() == customised(release)
        assert site.compose_file.read_bytes() == release.compose_file.read_bytes()
        assert f'"{new}"' in (site.folder.parent / "version.json").read_text()
        site.assert_no_drift()
    newest = site.env_file.read_bytes()
    site.inside("deployment", "echo between >> /data/said")

    rollback(site, "--to", "1").ended("kept", 0)
    assert site.versions() == LEGACY[first]
    assert (site.env_file.read_bytes(), site.compose_file.read_bytes()) == (text, compose)
    assert f'"{first}"' in (site.folder.parent / "version.json").read_text()
    site.assert_no_drift()

    rollback(site, "--to", str(len(path))).ended("kept", 0)
    assert site.versions() == LEGACY[last]
    assert site.env_file.read_bytes() == newest
    assert site.inside("deployment", "cat /data/said") == "before\nbetween"
    site.assert_no_drift()


def told(said: Said, site: Websoft9) -> list[str]:
    """Return what the plan shows of the env file's change."""
    operations = said.of("planned")[-1]["plan"]["operations"]
    (written,) = [operation for operation in operations if operation["subject"] == str(site.env_file)]
    return list(written["detail"])


def test_a_compose_file_of_ones_own(machine: Machine) -> None:
    """Issue 481: refused where nobody can be asked; else the own change goes along, beside the file or in it."""
    look_alikes.push_legacy(machine.registry, "2.1.30", schema=1)
    look_alikes.push_legacy(machine.registry, "2.2.9", schema=1)
    site = websoft9.legacy(machine.engine, machine.root, machine.state, "2.1.30")
    text = site.compose_file.read_text().replace("    restart: always\n", "    restart: on-failure  # ours\n", 1)
    site.compose_file.write_text(text)
    site.up()
    old, new = build(machine, "2.1.30"), build(machine, "2.2.9")
    before = site.now()
    said = upgrade(site, new.folder).ended("refused", 3)
    assert said.finished["problem"]["code"] == "compose-edited"
    assert_same(before, site.now())
    files = contents(site)
    known = ("--old-release", str(old.folder))

    upgrade(site, new.folder, *known, "--compose-file", "override").ended("kept", 0)
    assert site.compose_file.read_bytes() == new.compose_file.read_bytes()
    assert_ours(site)
    assert site.versions() == LEGACY["2.2.9"]
    rollback(site).ended("kept", 0)
    assert contents(site) == files

    upgrade(site, new.folder, *known).ended("kept", 0)
    ours = new.compose_file.read_text().replace("    restart: always\n", "    restart: on-failure  # ours\n", 1)
    assert site.compose_file.read_text() == ours
    assert_ours(site)


def assert_ours(site: Websoft9) -> None:
    assert site.containers()["apphub"]["HostConfig"]["RestartPolicy"]["Name"] == "on-failure"
    site.assert_no_drift()


_AS_THE_OTHERS = pytest.mark.full(reason="from 2.3.0 more changes, from `latest` less; one of both is tried always")


@pytest.mark.sample(1, reason="from `latest`, or from the first release with a version")
@pytest.mark.parametrize(
    "path",
    [
        ("latest", "2.3.4"),
        ("2.3.0", "2.3.4"),
        pytest.param(("2.3.1", "2.3.4"), marks=_AS_THE_OTHERS),
        pytest.param(("2.3.2", "2.3.4"), marks=_AS_THE_OTHERS),
        pytest.param(("2.3.0", "2.3.1", "2.3.2", "2.3.3", "2.3.4"), marks=_AS_THE_OTHERS),
    ],
)
def test_a_modern_upgrade(machine: Machine, artifacts: Artifacts, path: tuple[str, ...]) -> None:
    """On `latest` or pinned, with an own registry: the release's version comes from there, and is pinned from then.

    From 2.3.0 a bind mount of the engine's own volumes goes, which is nobody's data; 2.3.3 brings a variable.
    """
    tag, *later = path
    first = "2.3.3" if tag == "latest" else tag
    look_alikes.push_modern(machine.registry, first, "latest", repo="mirror/websoft9")
    repo = f"{machine.registry.host}/mirror/websoft9"
    site = websoft9.modern(machine.engine, machine.root, machine.state, tag, repo=repo, files=first)
    site.env_file.write_bytes(OWN + site.env_file.read_bytes().replace(b"PORT=9000", b"PORT=9090"))
    site.up()
    text = site.env_file.read_bytes()
    site.inside("product", f"echo before > {look_alikes.DATA}/said")
    for old, new in pairwise((first, *later)):
        look_alikes.push_modern(machine.registry, new, "latest", repo="mirror/websoft9")
        known = ("--old-release", str(build(machine, old).folder)) if old == first != "2.3.3" else ()
        upgrade(site, artifacts.publish(build(machine, new)), *known).ended("kept", 0)
        assert site.versions() == {"product": new}
        assert site.env_file.read_bytes() == text.replace(f"IMAGE_TAG={tag}".encode(), f"IMAGE_TAG={new}".encode())
        assert site.compose_file.read_text() == websoft9.modern_compose(places(machine), new)
        assert site.containers()["product"]["Config"]["Image"] == f"{repo}:{new}"
        site.assert_no_drift()
    rollback(site, "--to", "1").ended("kept", 0)
    assert (site.versions(), site.env_file.read_bytes()) == ({"product": first}, text)
    assert site.compose_file.read_text() == websoft9.modern_compose(places(machine), first)
    site.assert_no_drift()
    rollback(site, "--to", str(len(path))).ended("kept", 0)
    assert site.versions() == {"product": later[-1]}
    assert site.inside("product", f"cat {look_alikes.DATA}/said") == "before"


def test_a_release_that_is_not_well_goes_back_whole(machine: Machine) -> None:
    """Compose file, env file, version.json, images and the data that was migrated go back together."""
    sick = look_alikes.component("deployment", "2.33.3", then="exit 1")
    look_alikes.push_legacy(machine.registry, "2.1.30")
    look_alikes.push_legacy(machine.registry, "2.2.9", deployment=sick)
    site = websoft9.legacy(machine.engine, machine.root, machine.state, "2.1.30")
    customise(site)
    site.up()
    files = contents(site)
    old, new = build(machine, "2.1.30"), build(machine, "2.2.9")
    said = upgrade(site, new.folder, "--old-release", str(old.folder)).ended("rolled-back", 1)
    assert said.finished["problem"]["code"] == "crash-looping"
    assert contents(site) == files
    assert site.versions() == LEGACY["2.1.30"]
    site.wait_well()
    site.assert_no_drift()


def contents(site: Websoft9) -> dict[str, bytes]:
    source = site.folder.parent
    return {str(path.relative_to(source)): path.read_bytes() for path in source.rglob("*") if path.is_file()}


def test_a_release_that_changes_no_image_moves_the_version_alone(machine: Machine, artifacts: Artifacts) -> None:
    """2.2.17 to 2.2.19, by the product's name: the newest legacy one, though a modern one is published beside it."""
    look_alikes.push_legacy(machine.registry, "2.2.17", schema=1)
    artifacts.publish(build(machine, "2.3.4"))
    artifacts.publish(build(machine, "2.2.19"))
    site = websoft9.legacy(machine.engine, machine.root, machine.state, "2.2.17")
    customise(site)
    ids, text = site.up(), site.env_file.read_bytes()
    version = site.folder.parent / "version.json"
    for source in ("websoft9", ""):  # forward, back, forward
        if source:
            known = ("--old-release", str(build(machine, "2.2.17").folder))
            said = upgrade(site, source, "--site", f"{artifacts.url}/", *known).ended("kept", 0)
            notes = {note["code"]: note["facts"] for note in said.of("planned")[-1]["plan"]["notes"]}
            assert notes["release-no-image"] == {"version": "2.2.19"}
            assert notes["cockpit-plugins"] == {"plugins": "myapps 0.2.3 → 0.2.4, appstore 0.2.2 → 0.2.3"}
        else:
            rollback(site).ended("kept", 0)
            assert '"2.2.17"' in version.read_text()
            rollback(site, "--to", "2").ended("kept", 0)
        assert '"2.2.19"' in version.read_text()
        assert (site.ids(), site.env_file.read_bytes()) == (ids, text)
        doctor = site.cli.run("doctor", site.project, "--json").ended("well", 0)
        assert doctor.of("project-found")[0]["version"] == "2.2.19"
    site.assert_no_drift()


# --- what must be refused ----------------------------------------------------------------------------------------


def test_bad_releases_are_refused_and_nothing_changes(machine: Machine, artifacts: Artifacts) -> None:
    """Cut, with a wrong checksum, with a path that leaves it, from a server that fails: all before a pull."""
    site = machine.legacy("2.2.8", "2.2.9")
    release = build(machine, "2.2.9")
    zips = machine.root.parent
    url = artifacts.publish(release)
    name = url.removeprefix(f"{artifacts.url}/")
    before = site.now()

    def refused(source: object, code: str, *arguments: str) -> None:
        said = upgrade(site, source, *arguments).ended("refused", 3)
        assert said.finished["problem"]["code"] == code, said.message
        assert_same(before, site.now())

    refused(release.cut_zip(zips / "cut.zip"), "release-damaged")
    refused(release.zip(zips / "out.zip", {"docker/../../../outside": b"x"}), "archive-path-outside")
    refused(release.zip(zips / "absolute.zip", {"/etc/outside": b"x"}), "archive-path-outside")
    refused(release.zip(zips / "sum.zip"), "release-checksum-wrong", "--checksum", "0" * 64)
    artifacts.cut[name] = 500
    refused(url, "download-cut")
    artifacts.cut.clear()
    artifacts.failing[name] = 500
    refused(url, "download-status")
    artifacts.failing.clear()
    (artifacts.root / f"{name}.sha256").write_text(f"{'0' * 64}  {name.rpartition('/')[2]}\n")
    refused(url, "release-checksum-wrong")
    (artifacts.root / f"{name}.sha256").unlink()
    refused(url, "release-no-checksum")
    assert not list(machine.root.parent.rglob("outside"))


def test_a_modern_release_is_held_against_its_checksums(machine: Machine, artifacts: Artifacts) -> None:
    """SHA256SUMS, which upstream never checks: a file that was changed, one that is not listed, one that lies."""
    look_alikes.push_modern(machine.registry, "2.3.3")
    look_alikes.push_modern(machine.registry, "2.3.4", spec=look_alikes.product("2.3.3"))  # its label is the old one
    site = machine.modern("2.3.3")
    release = build(machine, "2.3.4")
    before = site.now()
    said = upgrade(site, release.folder).ended("refused", 3)
    assert said.finished["problem"]["code"] == "version-mismatch"
    assert_same(before, site.now())
    text = release.compose_file.read_text()
    release.compose_file.write_text(text.replace("restart: always", "restart: no"))
    for source in (release.folder, artifacts.publish(release)):
        said = upgrade(site, source).ended("refused", 3)
        assert said.finished["problem"]["code"] == "release-checksum-wrong"
        assert_same(before, site.now())


def test_a_version_that_its_images_do_not_have(machine: Machine) -> None:
    """An image that is not there, and one that says another version: refused, and nothing is left of the others."""
    site = machine.legacy("2.2.8", "2.2.9")
    images.push(machine.registry, "websoft9dev/git", "1.26.0", look_alikes.component("git", "1.25.1"))
    before = site.now()
    for components, codes in (
        ({"deployment": "2.99.0"}, {"manifest-unknown", "image-not-found", "pull-failed"}),
        ({"git": "1.26.0"}, {"version-mismatch"}),
    ):
        said = upgrade(site, build(machine, "2.2.9", **components).folder)
        assert said.status in {1, 3}, said.message
        assert said.finished["problem"]["code"] in codes, said.finished
        assert_same(before, site.now())


def test_a_candidate_in_release_is_never_offered_unasked(machine: Machine, artifacts: Artifacts) -> None:
    """2.2.17 is newer than 2.2.9, as versions are compared; 2.3.5-rc.1 is not for everybody, wherever it lies."""
    for version in ("2.2.9", "2.2.17"):
        look_alikes.push_legacy(machine.registry, version, schema=1)
    look_alikes.push_modern(machine.registry, "2.3.5-rc.1")
    candidate = build(machine, "2.3.5-rc.1")
    address = artifacts.publish(candidate)
    artifacts.publish(build(machine, "2.2.9"), latest=False)
    artifacts.publish(build(machine, "2.2.17"))
    site = websoft9.legacy(machine.engine, machine.root, machine.state, "2.2.9")
    site.up()
    before = site.now()
    said = upgrade(site, address).ended("refused", 3)
    assert said.finished["problem"]["code"] == "release-candidate"
    assert_same(before, site.now())
    upgrade(site, "websoft9", "--site", f"{artifacts.url}/").ended("kept", 0)
    assert site.versions() == LEGACY["2.2.17"]


def test_a_bundle_that_stands_on_latest_is_pinned(machine: Machine) -> None:
    """The default of upstream's env file is `latest`: what would be installed is the version that was verified."""
    look_alikes.push_modern(machine.registry, "2.3.3", "latest")
    site = machine.modern("latest")
    look_alikes.push_modern(machine.registry, "2.3.4", "latest")
    look_alikes.push_modern(machine.registry, "2.3.9", "latest")  # by now it is another one
    release = release_bundle(machine.root.parent / "bundle", "2.3.4", places(machine))
    upgrade(site, release.folder).ended("kept", 0)
    assert site.versions() == {"product": "2.3.4"}
    assert site.env["IMAGE_TAG"] == "2.3.4"
    rollback(site).ended("kept", 0)
    assert site.versions() == {"product": "2.3.3"}
    assert site.env["IMAGE_TAG"] == "latest"
    site.assert_no_drift()
