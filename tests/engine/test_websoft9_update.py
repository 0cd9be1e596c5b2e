"""Websoft9 and its applications, updated image by image: what their own script breaks must hold here."""

from __future__ import annotations

import re
import socket
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import applications, behaviours, images, websoft9
from support import websoft9_images as look_alikes
from support.faults import BLOBS, EVERYTHING
from support.images import ImageSpec
from support.machine import Machine, assert_went_back, causes, recreated, rollback, update, wanted
from support.snapshot import assert_same
from support.websoft9 import LEGACY

if TYPE_CHECKING:
    from support.faultproxy import FaultProxy

# --- the upgrade paths of old ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("2.2.8", "2.2.9"),
        pytest.param("2.2.9", "2.2.15", marks=pytest.mark.full(reason="the steps beside it are tried always")),
        ("2.2.15", "2.2.17"),
    ],
)
def test_a_path_forward_back_and_forward_again(machine: Machine, old: str, new: str) -> None:
    """What is written in between stays; what has another image or reads `.env` is made anew, and nothing else."""
    site = machine.legacy(old, new, schema=1)
    text = site.env_file.read_bytes()
    before = site.ids()
    site.inside("deployment", "echo before > /data/said")

    said = update(site, *wanted(old, new)).ended("kept", 0)
    assert site.versions() == LEGACY[new]
    changed = {argument.partition("=")[0] for argument in wanted(old, new)}
    assert recreated(before, site) == changed | {"apphub", "proxy"}  # these two have `env_file: .env`
    assert causes(said) == {
        name: "image-changed" if name in changed else "env-file-changes" for name in changed | {"apphub", "proxy"}
    }
    expected = text
    for name, tag in LEGACY[old].items():
        line, newer = (f"{name.upper()}_VERSION={version}\n".encode() for version in (tag, LEGACY[new][name]))
        assert expected.count(line) == 1
        expected = expected.replace(line, newer)
    assert site.env_file.read_bytes() == expected
    site.assert_no_drift()
    site.inside("deployment", "echo between >> /data/said")

    rollback(site).ended("kept", 0)
    assert site.versions() == LEGACY[old]
    assert site.env_file.read_bytes() == text
    site.inside("deployment", "echo back >> /data/said")

    rollback(site, "--to", "2").ended("kept", 0)
    assert site.versions() == LEGACY[new]
    assert site.env_file.read_bytes() == expected
    assert site.inside("deployment", "cat /data/said") == "before\nbetween\nback"
    site.assert_no_drift()


def test_one_component_takes_along_only_what_reads_its_env_file(machine: Machine) -> None:
    """2.2.8 to the Gitea of 2.2.9: Portainer keeps its container; apphub its version, as 2.2.9 has it."""
    site = machine.legacy("2.2.8", "2.2.9")
    before = site.ids()
    update(site, "git=1.25.1").ended("kept", 0)
    assert recreated(before, site) == {"git", "apphub", "proxy"}
    assert site.versions() == LEGACY["2.2.8"] | {"git": "1.25.1"}
    site.assert_no_drift()


def test_data_that_was_migrated_refuses_the_image_of_before(machine: Machine) -> None:
    """Portainer and Gitea migrate forward: going back with the images alone fails, and what works runs again."""
    site = machine.legacy("2.2.8", "2.2.9")
    said = update(site, *wanted("2.2.8", "2.2.9")).ended("kept", 0)
    assert "image-only-rollback" in {note["code"] for note in said.of("planned")[-1]["plan"]["notes"]}
    assert site.inside("deployment", "cat /data/schema") == "33"
    images_before = site.images()
    back = rollback(site).ended("rolled-back", 1)
    assert back.finished["problem"]["code"] in {"crash-looping", "exited"}
    assert site.images() == images_before
    assert site.env["DEPLOYMENT_VERSION"] == "2.33.3"
    site.wait_well()
    told = site.cli.run("history", site.project, "2").out
    assert re.search("fatal: schema (33 is newer than 20|25 is newer than 21)", told), told  # whichever is seen first


@pytest.mark.sample(1, reason="each step migrates the same database")
@pytest.mark.parametrize(("old", "new", "schemas"), [("2.2.8", "2.2.9", (20, 33)), ("2.2.9", "2.2.17", (33, 40))])
def test_data_goes_back_with_the_images(machine: Machine, old: str, new: str, schemas: tuple[int, int]) -> None:
    """Portainer and Gitea are proposed for a backup unasked; with it there is a way back, and forward again."""
    site = machine.legacy(old, new)
    site.inside("deployment", "echo before > /data/said")
    update(site, *wanted(old, new)).ended("kept", 0)
    site.inside("deployment", "echo between >> /data/said")
    rollback(site, "--data").ended("kept", 0)
    assert site.versions() == LEGACY[old]
    assert site.inside("deployment", "cat /data/schema /data/said") == f"{schemas[0]}\nbefore"
    site.assert_no_drift()
    rollback(site, "--to", "2", "--data").ended("kept", 0)
    assert site.versions() == LEGACY[new]
    assert site.inside("deployment", "cat /data/schema /data/said") == f"{schemas[1]}\nbefore\nbetween"
    site.assert_no_drift()


# --- what a new version may do -----------------------------------------------------------------------------------


def test_a_restart_loop_goes_back(machine: Machine) -> None:
    """Issue 554: after an upgrade the deployment container restarted in a loop; it has migrated its data before."""
    sick = look_alikes.component("deployment", "2.40.0", then="exit 1")
    site = machine.legacy("2.2.15", "2.2.17", deployment=sick)
    site.inside("deployment", "echo before > /data/said")
    before = site.now()
    said = update(site, *wanted("2.2.15", "2.2.17"))
    assert_went_back(site, before, said, "crash-looping", "deployment")
    assert site.versions() == LEGACY["2.2.15"]
    assert site.inside("deployment", "cat /data/schema /data/said") == "39\nbefore"


@pytest.mark.full(reason="one in a restart loop goes back always")
def test_one_that_is_never_healthy_goes_back(machine: Machine) -> None:
    """Of all these images only the one of today has a healthcheck; without one, running on is what counts."""
    look_alikes.push_modern(machine.registry, "2.3.3")
    sick = ImageSpec("2.3.4", behaviour=behaviours.never_healthy())
    look_alikes.push_modern(machine.registry, "2.3.4", spec=sick)
    site = machine.modern("2.3.3")
    site.inside("product", f"echo before > {look_alikes.DATA}/said")
    before = site.now()
    said = update(site, "product=2.3.4")
    assert_went_back(site, before, said, "unhealthy", "product")
    assert site.inside("product", f"cat {look_alikes.DATA}/said") == "before"


LIE = '    x-ws9tui: {version_command: "version"}\n'


@pytest.mark.sample(1, reason="each case is another lie of the same label")
@pytest.mark.parametrize("label", ["2.39.1", "2.33.3"])
def test_a_label_that_lies(machine: Machine, label: str) -> None:
    """For a while the deployment image was 2.33.3 under the tag, and the label, of 2.39.1."""
    lying = look_alikes.component("deployment", "2.33.3", label=label)
    site = machine.legacy("2.2.9", "2.2.15", deployment=lying)
    if label == "2.33.3":  # the label contradicts the tag: nothing is touched
        before = site.now()
        said = update(site, "deployment=2.39.1").ended("refused", 3)
        assert said.finished["problem"]["code"] == "version-mismatch"
        assert_same(before, site.now())
        return
    # only the program itself can tell
    text = site.compose_file.read_text()
    site.compose_file.write_text(text.replace("  deployment:\n", f"  deployment:\n{LIE}", 1))
    said = update(site, "deployment=2.39.1").ended("rolled-back", 1)
    assert said.finished["problem"]["code"] == "version-command-differs"
    assert said.finished["problem"]["facts"] == {
        "service": "deployment",
        "expected": "2.39.1",
        "found": "2.33.3",
        "status": "0",
    }
    assert site.env["DEPLOYMENT_VERSION"] == "2.33.3"
    # the image as it should be passes, and what lied is not taken for it
    look_alikes.push_legacy(machine.registry, "2.2.15")
    update(site, "deployment=2.39.1").ended("kept", 0)
    assert site.versions()["deployment"] == "2.39.1"


def test_an_image_whose_pull_fails_leaves_everything_running(machine: Machine) -> None:
    """Issues 555, 428 and 503: of three pulls one fails; nothing is stopped, the engine's settings are nobody's."""
    site = machine.legacy("2.2.9", "2.2.15")
    images.push(machine.registry, "websoft9dev/git", "1.25.5", ImageSpec(architecture=images.FOREIGN))
    settings = Path("/etc/docker/daemon.json")
    engine, before = machine.engine.pid, site.now()
    text = settings.read_bytes() if settings.exists() else b""
    said = update(site, *wanted("2.2.9", "2.2.15"))
    assert (said.status, said.finished["outcome"]) in {(1, "unchanged"), (3, "refused")}, said.message
    assert_same(before, site.now())
    assert machine.engine.pid == engine
    assert (settings.read_bytes() if settings.exists() else b"") == text


def test_a_mirror_that_answers_500(machine: Machine, proxy: FaultProxy) -> None:
    """Issues 597 and 580: no file is written before the pull, no data is wiped after it, another registry may help."""
    for version in ("2.3.3", "2.3.4"):
        look_alikes.push_modern(machine.registry, version, repo="mirror/websoft9")
    site = machine.modern("2.3.3", repo=f"{proxy.host}/mirror/websoft9")
    site.inside("product", f"echo before > {look_alikes.DATA}/said")
    before = site.now()
    for only in (EVERYTHING, BLOBS):
        rule = proxy.server_error(only)
        said = update(site, "product=2.3.4", "--pull-timeout", "3s")
        assert said.status == (3 if only is EVERYTHING else 1), said.message  # 1: the pull had begun
        assert_same(before, site.now())
        proxy.clear(rule)
    proxy.server_error()
    update(site, f"product={machine.registry.host}/mirror/websoft9:2.3.4").ended("kept", 0)
    assert site.versions() == {"product": "2.3.4"}
    assert site.env["IMAGE_REPO"] == f"{machine.registry.host}/mirror/websoft9"
    assert site.inside("product", f"cat {look_alikes.DATA}/said") == "before"
    rollback(site).ended("kept", 0)  # needs no registry
    assert site.env["IMAGE_REPO"] == f"{proxy.host}/mirror/websoft9"


# --- conflicts with the machine ----------------------------------------------------------------------------------


def test_the_external_network_is_missing(machine: Machine) -> None:
    site = machine.legacy("2.2.9", "2.2.15")
    site.compose_file.write_text(site.compose_file.read_text().replace("name: websoft9\n", "name: websoft9-2\n"))
    before = site.now()
    said = update(site, "apphub=0.2.7").ended("refused", 3)
    assert said.finished["problem"]["code"] == "network-missing"
    assert_same(before, site.now())


def test_a_port_that_somebody_else_has(machine: Machine) -> None:
    """Upstream finds out by stopping the proxy; here it is found by looking, and told by whom it is taken."""
    site = machine.legacy("2.2.9", "2.2.15")
    before = site.ids()
    with closing(socket.socket()) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("0.0.0.0", 8081))
        taken.listen()
        text = site.env_file.read_bytes()
        site.set_env(APP_HTTP_GATEWAY="8081")
        said = update(site, "apphub=0.2.7").ended("refused", 3)
        assert "8081" in said.message
    assert site.ids() == before
    site.env_file.write_bytes(text)
    update(site, "apphub=0.2.7").ended("kept", 0)  # its own ports are no conflict


# --- the one container of today ----------------------------------------------------------------------------------


def test_latest_moves_and_the_way_back_is_the_image_and_not_the_tag(machine: Machine) -> None:
    """The rollback trap: bringing back `latest` brings back the new image. Data written in between stays."""
    old = look_alikes.push_modern(machine.registry, "2.3.3", "latest")
    site = machine.modern("latest")
    files = {path.name: path.read_bytes() for path in site.folder.iterdir() if path.is_file()}
    new = look_alikes.push_modern(machine.registry, "2.3.4", "latest")
    update(site).ended("kept", 0)
    assert (site.images(), site.versions()) == ({"product": new.image_id}, {"product": "2.3.4"})
    assert '"2.3.4"' in site.inside("product", "cat /websoft9/version.json")
    site.assert_no_drift()
    site.inside("product", f"echo between > {look_alikes.DATA}/said")
    rollback(site).ended("kept", 0)
    assert (site.images(), site.versions()) == ({"product": old.image_id}, {"product": "2.3.3"})
    site.assert_no_drift()
    update(site).ended("kept", 0)
    assert site.versions() == {"product": "2.3.4"}
    assert site.inside("product", f"cat {look_alikes.DATA}/said") == "between"
    assert files == {path.name: path.read_bytes() for path in site.folder.iterdir() if path.is_file()}
    site.assert_no_drift()


OWN = """\
# our own notes: do not lose them
PROXY_HOST="proxy # one"   # behind the firewall
export REPORT_TO='ops!team'

"""


def test_a_customised_one_keeps_every_byte(machine: Machine) -> None:
    """Issues 618, 457, 556 and 481: own port, own registry, own keys and comments; pinned to a version."""
    repo = f"{machine.registry.host}/mirror/websoft9"
    look_alikes.push_modern(machine.registry, "2.3.3", repo="mirror/websoft9")
    look_alikes.push_modern(machine.registry, "2.3.4", repo="mirror/websoft9")
    site = websoft9.modern(machine.engine, machine.root, machine.state, "2.3.3", repo=repo)
    text = OWN.encode() + site.env_file.read_bytes().replace(b"CONSOLE_PORT=9000\n", b"CONSOLE_PORT=9090\r\n")
    site.env_file.write_bytes(text + b"MORE=1")
    compose = site.compose_file.read_bytes() + b"# ours\n"
    site.compose_file.write_bytes(compose)
    site.up()
    for _ in range(2):
        update(site, "product=2.3.4").ended("kept", 0)
        changed = text.replace(b"IMAGE_TAG=2.3.3", b"IMAGE_TAG=2.3.4") + b"MORE=1"
        assert (site.env_file.read_bytes(), site.compose_file.read_bytes()) == (changed, compose)
        details = site.containers()["product"]
        assert set(details["HostConfig"]["PortBindings"]["9000/tcp"][0].values()) & {"9090"}
        assert details["Config"]["Image"] == f"{repo}:2.3.4"
        site.assert_no_drift()
        rollback(site).ended("kept", 0)
        assert (site.env_file.read_bytes(), site.compose_file.read_bytes()) == (text + b"MORE=1", compose)
        assert site.versions() == {"product": "2.3.3"}


# --- applications ------------------------------------------------------------------------------------------------


def test_wordpress_with_its_one_shot_and_its_database(machine: Machine) -> None:
    """One variable is the tag of two services; a one-shot that has ended is well; the password's signs survive.

    A second Compose file and its env file lie in the folder, and are nobody's: Compose takes the first.
    """
    for version in ("6.5", "6.6"):
        applications.push_wordpress(machine.registry, version, "11.4")
    site = applications.wordpress(machine.engine, machine.root, machine.state)
    before = site.up()
    text = site.env_file.read_text()
    others = {path.name: path.read_bytes() for path in site.folder.glob("*external*")}
    refused = update(site, "wordpress=6.6").ended("usage", 2)
    assert "Select init too" in refused.message
    assert site.env_file.read_text() == text
    said = update(site, "wordpress=6.6", "init=6.6-cli").ended("kept", 0)
    assert recreated(before, site) == {"wordpress", "init"}
    assert site.env_file.read_text() == text.replace("W9_VERSION=6.5", "W9_VERSION=6.6")
    assert site.state() == {"wordpress": "running", "init": "exited", "mariadb": "running"}
    assert site.inside("wordpress", 'echo "$W9_LOGIN_PASSWORD"') == applications.PASSWORD
    written = [path.read_text(errors="replace") for path in machine.state.glob("runs/**/*") if path.is_file()]
    assert not [one for one in (said.out, said.err, *written) if "Pa!s#1" in one]
    site.assert_no_drift()
    rollback(site).ended("kept", 0)
    assert site.env_file.read_text() == text
    site.assert_no_drift()
    assert {path.name: path.read_bytes() for path in site.folder.glob("*external*")} == others


def test_nextcloud_restarts_behind_its_database(machine: Machine) -> None:
    """`restart: true`, twice in a row: what depends is restarted and not made anew; a failed one goes back whole.

    `$W9_ID-init` has ended and is OK. The stack comes from a repository, which is said before its files are edited.
    """
    applications.push_nextcloud(machine.registry, "29.0", "16.4")
    applications.push_database(machine.registry, "postgres", "16.5")
    images.push(machine.registry, "library/nextcloud", "30.0", ImageSpec("30.0", behaviour=behaviours.crash()))
    site = applications.nextcloud(machine.engine, machine.root, machine.state)
    before = site.up()
    images.push(machine.registry, "library/docker", "latest", ImageSpec("27.4", behaviour=behaviours.exit0()))
    started = {service: details["State"]["StartedAt"] for service, details in site.containers().items()}
    said = update(site, "postgres=16.5", "init").ended("kept", 0)
    assert "stack-from-repository" in {note["code"] for note in said.of("planned")[-1]["plan"]["notes"]}
    assert recreated(before, site) == {"postgres", "init"}
    assert site.state()["init"] == "exited"
    after = {service: details["State"]["StartedAt"] for service, details in site.containers().items()}
    assert {service for service in after if after[service] != started[service]} == {
        "postgres",
        "nextcloud",
        "cron",
        "init",
    }
    site.assert_no_drift()
    text = site.env_file.read_bytes()
    said = update(site, "nextcloud=30.0", "cron=30.0").ended("rolled-back", 1)
    assert said.finished["problem"]["code"] == "crash-looping"
    site.wait_well()
    versions = {"nextcloud": "29.0", "cron": "29.0", "postgres": "16.5", "redis": "7"}
    assert {service: site.version(service) for service in versions} == versions
    assert site.env_file.read_bytes() == text
    site.assert_no_drift()
