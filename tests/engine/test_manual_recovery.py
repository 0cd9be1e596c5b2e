"""Websoft9 brought back from a machine in an unknown state: by its recorded generations, and forward again."""

from __future__ import annotations

import os
import shutil
import signal
import stat
from typing import TYPE_CHECKING, Any

import pytest

from support import websoft9, websoft9_images
from support.attended import attended, operator
from support.cli import QUICK
from support.websoft9 import LEGACY, NETWORK, Websoft9
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb

if TYPE_CHECKING:
    from pathlib import Path

    from support.cli import Said
    from support.dockerd import Dockerd
    from support.registry import Registry

OLD, NEW = "2.2.9", "2.2.17"
THING = "my-websoft9-thing"


@pytest.fixture
def site(clean_engine: Dockerd, registry: Registry, tmp_path: Path, state_dir: Path) -> Websoft9:
    """Return Websoft9 2.2.9, running, beside a container that only has a similar name."""
    for version in (OLD, NEW):
        websoft9_images.push_legacy(registry, version, schema=1)
    made = websoft9.legacy(clean_engine, tmp_path / "machine", state_dir, OLD)
    made.up()
    client: Any = clean_engine.client()
    client.containers.run(f"websoft9dev/apphub:{LEGACY[OLD]['apphub']}", name=THING, detach=True, network=NETWORK)
    return made


def adopted(site: Websoft9) -> Websoft9:
    """Record what runs, and update it to 2.2.17: generations 1 and 2."""
    site.cli.run("adopt", "websoft9", "--json").ended("adopted", 0)
    wanted = [f"{name}={LEGACY[NEW][name]}" for name in ("apphub", "deployment", "git")]
    site.cli.json("update", "websoft9", *wanted, *QUICK).ended("kept", 0)
    assert site.versions() == LEGACY[NEW]
    return site


def thing(site: Websoft9) -> str:
    client: Any = site.engine.client()
    found = client.containers.get(THING)
    assert found.status == "running"
    return str(found.id)


def volumes(site: Websoft9) -> set[str]:
    client: Any = site.engine.client()
    return {f"{volume.name} {volume.attrs['CreatedAt']}" for volume in client.volumes.list()}


def goes_to(site: Websoft9, number: int, version: str, *, command: str = "recover", project: str = "websoft9") -> Said:
    """Go to a generation; the versions that run, the files and the proof must be its own."""
    said = site.cli.json(command, project, "--to", str(number), *QUICK).ended("kept", 0)
    assert said.of("rollback-verified")[-1]["to"] == number
    site.wait_well()
    assert site.versions() == LEGACY[version]
    assert site.env["GIT_VERSION"] == LEGACY[version]["git"]
    site.assert_no_drift()
    return said


def listed(site: Websoft9) -> dict[int, dict[str, Any]]:
    """Return what a recovery that names no generation tells of them."""
    said = site.cli.json("recover", "websoft9").ended("usage", 2)
    return {entry["number"]: entry for entry in said.of("generation-found")}


# --- adopt --------------------------------------------------------------------------------------------------------


def test_adopt_makes_the_next_step_reversible(site: Websoft9) -> None:
    """Upstream's own way to update is taken back, though ws9tui never ran before."""
    before = site.now()
    ids, other = site.ids(), thing(site)
    said = site.cli.run("adopt", "websoft9", "--json").ended("adopted", 0)
    assert not said.of("found")
    assert site.ids() == ids
    assert site.now().without(r"/tags$") == before.without(r"/tags$")
    site.cli.run("adopt", "websoft9", "--json").ended("up-to-date", 0)
    env = site.env_file.read_bytes()
    site.env_file.write_text(websoft9.legacy_env(NEW))
    site.compose("pull")
    site.compose("up", "-d")
    assert site.versions() == LEGACY[NEW]
    goes_to(site, 1, OLD, command="rollback")
    assert site.env_file.read_bytes() == env
    goes_to(site, 2, NEW)
    assert thing(site) == other
    assert "recorded" in site.cli.run("history", "websoft9").out


def test_adopt_says_what_cannot_be_recorded(site: Websoft9) -> None:
    """An image that is gone, a container of another definition, one that Compose did not make."""
    client: Any = site.engine.client()
    site.compose("stop", "git")
    client.containers.get(THING).remove(force=True)
    client.images.remove(site.images()["git"], force=True)
    site.compose("rm", "-sf", "proxy")
    client.containers.create(f"websoft9dev/proxy:{LEGACY[OLD]['proxy']}", name="websoft9-proxy")
    text = site.compose_file.read_text()
    site.compose_file.write_text(text.replace("DISABLE_SSH=true", "DISABLE_SSH=false"))
    said = site.cli.run("adopt", "websoft9", "--json").ended("adopted", 0)
    codes = {found["finding"]["problem"]["code"] for found in said.of("found")}
    assert codes == {"running-image-gone", "adopted-definition", "not-by-compose"}
    (saved,) = said.of("generation-saved")
    assert not [tag for tag in saved["images"] if tag.endswith("-git")]


# --- what can be reached ------------------------------------------------------------------------------------------


def test_what_can_be_reached_and_how(site: Websoft9, registry: Registry) -> None:
    adopted(site)
    client: Any = site.engine.client()
    found = listed(site)
    assert {number: entry["reach"] for number, entry in found.items()} == {1: "local", 2: "local"}
    assert [number for number, entry in found.items() if entry["runs"]] == [2]
    differences = {d["subject"]: d["problem"]["code"] for d in found[1]["differences"] if not d["file"]}
    assert differences["git"] == differences["deployment"] == "image-changed"
    (env,) = [d for d in found[1]["differences"] if d["file"]]
    assert (env["subject"], env["problem"]["code"]) == (str(site.env_file), "file-changed")
    assert env["keys"] == ["APPHUB_VERSION", "DEPLOYMENT_VERSION", "GIT_VERSION"]
    assert LEGACY[NEW]["deployment"] not in str(env)
    plain = site.cli.run("recover", "websoft9", "--yes", "--plain")
    assert plain.status == 2
    assert "Generation 1" in plain.out
    # a container that goes and one that stands still are told as such
    site.compose("rm", "-sf", "proxy")
    site.compose("stop", "apphub")
    codes = {d["subject"]: d["problem"]["code"] for d in listed(site)[2]["differences"]}
    assert codes == {"proxy": "container-missing", "apphub": "is-stopped"}
    # the old images go: they can be pulled, or it cannot be known, or they are gone
    client.containers.get(THING).remove(force=True)
    for name in ("deployment", "git"):
        client.images.remove(f"ws9tui.keep/websoft9:1-{name}")
        client.images.remove(f"websoft9dev/{name}:{LEGACY[OLD][name]}", force=True)
        for image in client.images.list(f"websoft9dev/{name}"):
            if LEGACY[OLD][name] in str(image.labels.get("version")):
                client.images.remove(image.id, force=True)
    entry = listed(site)[1]
    assert (entry["reach"], len(entry["pulls"])) == ("pull", 2)
    with registry.silent():
        entry = listed(site)[1]
    assert (entry["reach"], entry["problem"]["code"]) == ("unknown", "registry-silent")
    goes_to(site, 1, OLD)
    goes_to(site, 2, NEW)


def test_an_operator_chooses(site: Websoft9) -> None:
    """On a terminal a rollback that names no generation asks; so does the update's first pane."""
    adopted(site)
    with attended(site.cli, Verb.ROLLBACK, "websoft9", monitor=1.0) as run:
        asked = run.until(e.Asked, lambda event: event.question is Question.GENERATION)
        assert asked.options == ("1", "2")
        run.handle.decide(Choice.GO, asked.ask, generation=1)
        run.answer(Question.CONFIRM, Choice.GO)
        run.answer(Question.OUTCOME, Choice.KEEP)
        assert run.finished.outcome is Outcome.KEPT
    assert site.versions() == LEGACY[OLD]
    with attended(site.cli, Verb.WIZARD, "websoft9", monitor=1.0) as run:
        run.answer(Question.SELECT, Choice.GO_BACK)
        asked = run.until(e.Asked, lambda event: event.question is Question.GENERATION)
        run.handle.decide(Choice.GO, asked.ask, generation=2)
        run.answer(Question.CONFIRM, Choice.GO)
        run.answer(Question.OUTCOME, Choice.KEEP)
        assert run.finished.outcome is Outcome.KEPT
    assert site.versions() == LEGACY[NEW]


def test_an_interrupted_run_gives_way_to_any_generation(site: Websoft9) -> None:
    """Its own two are not the only ones; afterwards nothing is left to recover."""
    adopted(site)
    other, before = thing(site), len(site.cli.runs())
    running = site.cli.start("update", "websoft9", f"git={LEGACY[OLD]['git']}", *QUICK, "--yes", "--json")
    with operator(site.cli.begun(before)) as run:
        run.until(e.StepStarted, lambda event: event.subject == "git")
        os.kill(run.pid, signal.SIGKILL)
    assert running.wait().status == 5
    assert site.cli.json("rollback", "websoft9", "--to", "1").ended("refused", 3)
    said = goes_to(site, 1, OLD)
    assert said.of("run-interrupted")
    assert "nothing to recover" in site.cli.json("recover", "websoft9", "--back").ended("usage", 2).message
    goes_to(site, 2, NEW)
    assert thing(site) == other


# --- from a ruin --------------------------------------------------------------------------------------------------


@pytest.mark.full(reason="an engine in any state is recovered from in its turn")
def test_files_in_any_state(site: Websoft9) -> None:
    """Overwritten, broken, gone, with their folders; the files come back as they were, and nothing else is touched."""
    source = site.folder.parent
    source.chmod(0o751)
    site.folder.chmod(0o750)
    if os.geteuid() == 0:
        os.chown(site.folder, 1234, 1235)
    owner = (site.folder.stat().st_uid, site.folder.stat().st_gid)
    adopted(site)
    other, kept = thing(site), volumes(site)
    contents = {path: path.read_bytes() for path in (site.env_file, site.compose_file)}
    # upstream's script: the env file of the next release, with four keys put back
    site.env_file.write_text(websoft9.legacy_env(OLD).replace("APPHUB_VERSION=0.2.6", "APPHUB_VERSION=9.9.9"))
    goes_to(site, 2, NEW)
    site.env_file.unlink()
    goes_to(site, 2, NEW)
    site.compose_file.write_text("services:\n  apphub: [\n")
    said = goes_to(site, 1, OLD)
    assert "files-lost" in {found["finding"]["problem"]["code"] for found in said.of("found")}
    site.compose_file.unlink()
    goes_to(site, 2, NEW)
    shutil.rmtree(source)
    goes_to(site, 2, NEW, project=str(site.folder))
    assert {path: path.read_bytes() for path in contents} == contents
    assert [stat.S_IMODE(path.stat().st_mode) for path in (source, site.folder)] == [0o751, 0o750]
    assert (site.folder.stat().st_uid, site.folder.stat().st_gid) == owner
    assert (thing(site), volumes(site)) == (other, kept)


def test_an_engine_in_any_state(site: Websoft9) -> None:
    """Containers gone, a tag moved, names taken, the network missing: brought back, or said what is in the way."""
    adopted(site)
    client: Any = site.engine.client()
    other, kept = thing(site), volumes(site)
    # the tag of what is recorded leads to another image: the image ID rules
    right = site.images()["git"]
    site.compose("rm", "-sf", "git")
    client.images.get(site.images()["proxy"]).tag("websoft9dev/git", LEGACY[NEW]["git"])
    site.compose("up", "-d", "git")
    assert site.images()["git"] != right
    goes_to(site, 2, NEW)
    assert site.images()["git"] == right
    # all containers gone, and one of their names taken by a container that somebody made by hand
    site.compose("down")
    foreign = client.containers.create(f"websoft9dev/git:{LEGACY[OLD]['git']}", name="websoft9-git")
    said = site.cli.json("recover", "websoft9", "--to", "2").ended("refused", 3)
    assert "docker rename websoft9-git websoft9-git-old" in said.message
    assert not site.containers()
    foreign.reload()
    foreign.rename("websoft9-git-old")
    # the external network is gone as well
    client.containers.get(THING).stop(timeout=1)
    client.networks.get(NETWORK).disconnect(THING, force=True)
    client.networks.get(NETWORK).remove()
    said = site.cli.json("recover", "websoft9", "--to", "2").ended("refused", 3)
    assert f"docker network create {NETWORK}" in said.message
    websoft9.make_network(site.engine)
    client.networks.get(NETWORK).connect(THING)
    client.containers.get(THING).start()
    goes_to(site, 2, NEW)
    goes_to(site, 1, OLD)
    assert client.containers.get("websoft9-git-old").id == foreign.id
    assert (thing(site), volumes(site)) == (other, kept)


def test_upstreams_script_was_killed_half_way(site: Websoft9) -> None:
    """Its files are there, its containers are not; then the state directory is lost, too."""
    adopted(site)
    other = thing(site)
    site.env_file.write_text(websoft9.legacy_env("2.2.15"))
    site.compose("down")
    with attended(site.cli, Verb.RECOVER, "websoft9", monitor=1.0) as run:
        asked = run.until(e.Asked, lambda event: event.question is Question.GENERATION)
        run.handle.decide(Choice.GO, asked.ask, generation=2)
        run.answer(Question.CONFIRM, Choice.GO)
        run.answer(Question.OUTCOME, Choice.KEEP)
        assert run.finished.outcome is Outcome.KEPT
    assert site.versions() == LEGACY[NEW]
    shutil.rmtree(site.cli.state / "projects")
    found = listed(site)
    assert {number: entry["salvaged"] for number, entry in found.items()} == {1: True, 2: True}
    goes_to(site, 1, OLD)
    assert thing(site) == other
