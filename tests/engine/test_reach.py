"""Generations whose images are gone from the engine: had from an archive, pulled by digest, or out of reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support import archives, deployed, images, projects
from support.attended import attended
from support.cli import QUICK
from support.deployed import NEW, OLD, Deployed
from support.images import ImageSpec
from support.registry import Registry
from support.snapshot import Snapshot, assert_same
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb

if TYPE_CHECKING:
    from pathlib import Path

    from support.cli import Said
    from support.dockerd import Dockerd

pytestmark = pytest.mark.engine

SERVICES = ("db", "app")


@pytest.fixture
def pair(
    clean_engine: Dockerd, own_registry: Registry, project_folder: Path, state_dir: Path, tmp_path: Path
) -> Deployed:
    """Return a deployment at generation 2, with archives of what ran before; the engine has forgotten those images."""
    made = deployed.deploy(clean_engine, own_registry, project_folder, state_dir)
    folder = tmp_path / "saved"
    folder.mkdir()
    archives.save(clean_engine, folder / "app.tar.gz", f"{own_registry.host}/app:{OLD}")
    archives.save(clean_engine, folder / "db.tar", f"{own_registry.host}/db:{OLD}")
    archives.save(clean_engine, tmp_path / "both.tar", *(f"{own_registry.host}/{name}:{OLD}" for name in SERVICES))
    made.offer()
    made.update().ended("kept", 0)
    forget(made)
    return made


def forget(pair: Deployed) -> None:
    """Remove the images that ran at first from the engine, whatever their names."""
    client: Any = pair.engine.client()
    for image_id in set(pair.before.only(r"^container .*/image$").facts.values()):
        client.images.remove(image_id, force=True)


def lost(pair: Deployed) -> Snapshot:
    """Take the earlier images from the registry, too."""
    for name in SERVICES:
        pair.registry.delete(name, OLD)
    return pair.now()


def listed(pair: Deployed, *arguments: str) -> dict[int, dict[str, Any]]:
    """Return what a recovery that names no generation tells of them in the end."""
    said = pair.cli.json("recover", "pair", *arguments).ended("usage", 2)
    return {entry["number"]: entry for entry in said.of("generation-found")}


def recover(pair: Deployed, *arguments: str) -> Said:
    return pair.cli.json("recover", "pair", "--to", "1", *QUICK, *arguments)


def assert_as_before(pair: Deployed) -> None:
    """Assert that what ran at first runs again: images, files, volumes, networks, mounts."""
    projects.wait_well(pair.engine, pair.project)
    exact = r"^container .*/(image|state|mounts|networks)$|^file .*/(sha256|mode)$|^volume|^network"
    assert_same(pair.before.only(exact), pair.now().only(exact))
    projects.assert_no_drift(pair.engine, pair.project)
    assert listed(pair)[1]["reach"] == "local"


@pytest.mark.sample(1, reason="each case is another archive")
@pytest.mark.parametrize("given", ["both.tar", "saved"], ids=["file", "folder"])
def test_one_that_only_an_archive_has(pair: Deployed, tmp_path: Path, given: str) -> None:
    before = lost(pair)
    source = ("--from", str(tmp_path / given))
    found = listed(pair, *source)
    assert {number: (entry["reach"], entry["runs"]) for number, entry in found.items()} == {
        1: ("archive", False),
        2: ("local", True),
    }
    differences = {d["subject"]: (d["problem"]["code"], d["keys"]) for d in found[1]["differences"]}
    assert differences == {
        "db": ("image-changed", []),
        "app": ("image-changed", []),
        str(pair.project.env_file): ("file-changed", ["DB_VERSION", "APP_VERSION"]),
    }
    told = pair.cli.run("recover", "pair", *source, "--yes", "--plain").out
    assert "in the archives" in told, told

    some = ("--from", str(tmp_path / "saved/db.tar"))
    entry = listed(pair, *some)[1]
    assert (entry["reach"], entry["problem"]["code"]) == ("gone", "archive-lacks")
    said = recover(pair, *some).ended("refused", 3)
    assert f"app:{OLD}" in said.message
    assert f"db:{OLD}" not in said.message
    assert_same(before, pair.now())

    said = recover(pair, *source).ended("kept", 0)
    assert said.of("rollback-verified")[-1]["to"] == 1
    tags = [tag for image in pair.engine.client().images.list() for tag in image.tags]
    assert not [tag for tag in tags if tag.startswith("ws9tui.load")]
    assert {f"ws9tui.keep/pair:1-{name}" for name in SERVICES} <= set(tags)
    assert_as_before(pair)


def test_one_that_can_be_pulled_by_digest_only(pair: Deployed) -> None:
    """Its tags lead to other images by now."""
    digests = {name: pair.registry.digest(name, OLD) for name in SERVICES}
    for name in SERVICES:
        images.push(pair.registry, name, OLD, ImageSpec(OLD, labels={"moved": "yes"}))
    entry = listed(pair)[1]
    assert entry["reach"] == "pull"
    assert set(entry["pulls"]) == {f"{pair.registry.host}/{name}@{digests[name]}" for name in SERVICES}
    recover(pair).ended("kept", 0)
    assert_as_before(pair)


def test_one_that_an_archive_has_can_still_be_pulled_later(pair: Deployed, tmp_path: Path) -> None:
    """An archive tells no digest; the one by which the same image was pulled at first is not forgotten for that."""
    recover(pair, "--from", str(tmp_path / "both.tar")).ended("kept", 0)
    pair.cli.json("rollback", "pair", "--to", "2", *QUICK).ended("kept", 0)
    forget(pair)
    assert listed(pair)[1]["reach"] == "pull"
    recover(pair).ended("kept", 0)
    assert_as_before(pair)


def test_one_that_is_out_of_reach(pair: Deployed) -> None:
    """It is told why and what would help, in the listing and to the operator who asks for it all the same."""
    before = lost(pair)
    entry = listed(pair)[1]
    assert (entry["reach"], entry["problem"]["code"]) == ("gone", "generation-image-gone")
    said = recover(pair).ended("refused", 3)
    for words in (f":{OLD}", "--from", "Nothing was changed"):
        assert words in said.message, words
    with attended(pair.cli, Verb.RECOVER, "pair", monitor=1.0) as run:
        asked = run.until(e.Asked, lambda event: event.question is Question.GENERATION)
        run.until(e.GenerationFound, lambda found: found.number == 1 and found.reach == "gone")
        run.handle.decide(Choice.GO, asked.ask, generation=1)
        again = run.until(e.Asked, lambda event: event.question is Question.GENERATION and event.ask > asked.ask)
        run.handle.decide(Choice.CANCEL, again.ask)
        assert run.finished.outcome is Outcome.CANCELLED
    assert_same(before, pair.now())
    assert pair.project.env_file.read_text().count(NEW) == len(SERVICES)
