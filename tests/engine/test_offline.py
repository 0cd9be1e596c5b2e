"""Installs, updates and rollbacks on a real engine from what `docker save` wrote, with the registry away."""

from __future__ import annotations

import gzip
import io
import os
import signal
import tarfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import archives, behaviours, deployed, projects
from support.attended import attended
from support.cli import QUICK, Cli
from support.deployed import NEW, OLD, Deployed
from support.dockerd import Dockerd
from support.images import FOREIGN, ImageSpec
from support.registry import Registry
from support.snapshot import assert_same, snapshot
from support.wait import until
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Outcome, Question, Verb

if TYPE_CHECKING:
    from support.dockerd import Store
    from support.images import Pushed

pytestmark = [pytest.mark.engine, pytest.mark.both_stores]

LEFT = pytest.mark.only_store(
    "overlay2", reason="one of today keeps what it had unpacked of a load that was cut off, until its lease ends"
)


@pytest.fixture(name="pair")
def deployed_pair(clean_engine: Dockerd, own_registry: Registry, project_folder: Path, state_dir: Path) -> Deployed:
    return deployed.deploy(clean_engine, own_registry, project_folder, state_dir)


def saved(pair: Deployed, folder: Path, ending: str = ".tar", **specs: ImageSpec) -> dict[str, Pushed]:
    """Save the next version of both as archives, one each; then the registry is away, and the images are not here."""
    pushed = pair.offer(**specs)
    folder.mkdir(exist_ok=True)
    client = pair.engine.client()
    for name, image in pushed.items():
        client.images.pull(image.reference, platform=f"linux/{specs[name].architecture}" if name in specs else None)
        archives.save(pair.engine, folder / f"{name}{ending}", image.reference)
        client.images.remove(image.reference)
    pair.registry.stop()
    pair.assert_untouched()
    return pushed


def our_tags(engine: Dockerd) -> list[str]:
    return [tag for image in engine.client().images.list() for tag in image.tags if tag.startswith("ws9tui.load")]


@pytest.mark.always(reason="images come another way")
@pytest.mark.sample(1, reason="one engine or the other, and one form of the archive")
@pytest.mark.parametrize("ending", [".tar", ".tar.gz"])
def test_an_update_without_a_network_and_back(pair: Deployed, tmp_path: Path, ending: str) -> None:
    new = saved(pair, tmp_path / "saved", ending)
    failed = pair.update()
    assert failed.finished["outcome"] == "refused"
    pair.assert_untouched()

    said = pair.update("--from", str(tmp_path / "saved")).ended("kept", 0)
    pair.assert_new(new)
    assert our_tags(pair.engine) == []
    checked = {event["service"]: event for event in said.of("version-checked")}
    for name, event in checked.items():
        assert (event["archive"], event["digest"], event["digest_ok"]) == (f"{name}{ending}", "", False)
        assert "digest-unknown" in [finding["problem"]["code"] for finding in event["findings"]]
    progress = said.of("pull-progressed")
    assert {event["phase"] for event in progress} <= {"loading", "extracting"}
    assert all(event["done"] <= event["total"] for event in progress)

    again = pair.update("--from", str(tmp_path / "saved")).ended("up-to-date", 0)
    assert not again.of("pull-started")
    pair.cli.json("rollback", pair.project.name, *QUICK).ended("kept", 0)
    assert set(pair.images()) == {"pair-db-1", "pair-app-1"}
    projects.assert_no_drift(pair.engine, pair.project)


@pytest.mark.sample(1, reason="one engine or the other, and the contract has archives loaded on both")
def test_a_first_install_without_a_network(
    clean_engine: Dockerd, own_registry: Registry, project_folder: Path, state_dir: Path, tmp_path: Path
) -> None:
    pushed = projects.push_stack(own_registry)
    client = clean_engine.client()
    for image in pushed.values():
        client.images.pull(image.reference)
    archive = archives.save(clean_engine, tmp_path / "all.tar", *(image.reference for image in pushed.values()))
    some = archives.save(clean_engine, tmp_path / "some.tar", *(i.reference for n, i in pushed.items() if n != "db"))
    for image in pushed.values():
        client.images.remove(image.reference)
    own_registry.stop()
    before = snapshot(clean_engine)
    project = projects.stack(project_folder, own_registry.host, needs_init=True)
    cli = Cli(clean_engine, state_dir, project_folder)

    said = cli.json("install", ".", "--from", str(some), *QUICK).ended("refused", 3)
    assert "/db:1.0.0" in said.message
    assert "/server:" not in said.message
    assert_same(before, snapshot(clean_engine))

    cli.json("install", ".", "--from", str(archive), *QUICK).ended("kept", 0)
    projects.wait_well(clean_engine, project)
    found = {name: str(details["Image"]) for name, details in projects.containers(clean_engine, "stack").items()}
    assert found == {f"stack-{name}-1": image.image_id for name, image in pushed.items()}
    assert our_tags(clean_engine) == []
    projects.assert_no_drift(clean_engine, project)


@pytest.mark.sample(1, reason="it is refused before an engine is asked")
@pytest.mark.parametrize(
    ("spec", "code"),
    [
        pytest.param(
            ImageSpec(NEW, architecture=FOREIGN),
            "platform-missing",
            marks=pytest.mark.only_store("overlay2", reason="one of today saves no list of images for other platforms"),
        ),
        (ImageSpec(NEW, version_label="1.5.0"), "version-mismatch"),
    ],
)
def test_an_image_that_is_not_what_is_wanted_is_refused(
    pair: Deployed, tmp_path: Path, spec: ImageSpec, code: str
) -> None:
    saved(pair, tmp_path / "saved", app=spec)
    said = pair.update("--from", str(tmp_path / "saved")).ended("refused", 3)
    assert said.finished["problem"]["code"] == code
    pair.assert_untouched()


@pytest.mark.sample(1, reason="it is refused before an engine is asked")
@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.REGTYPE], ids=["header", "layer"])
def test_an_archive_that_would_fill_memory_or_disk_is_refused(pair: Deployed, tmp_path: Path, kind: bytes) -> None:
    """Some gigabytes of zeros, in a file of some megabytes."""
    pair.offer()
    entry = tarfile.TarInfo("a/layer.tar")
    entry.type, entry.size = kind, 4 << 30
    path = tmp_path / "saved.tar.gz"
    path.write_bytes(gzip.compress(entry.tobuf()) + gzip.compress(bytes(16 << 20)) * 256)
    said = pair.update("--from", str(path)).ended("refused", 3)
    assert said.finished["problem"]["code"] == "archive-oversized"
    pair.assert_untouched()


@pytest.mark.sample(1, reason="it is refused before an engine is asked")
def test_an_archive_that_is_cut_or_altered_is_refused(pair: Deployed, tmp_path: Path) -> None:
    saved(pair, tmp_path / "saved", app=ImageSpec(NEW, size_kb=500))
    path = tmp_path / "saved/app.tar"
    whole = path.read_bytes()
    altered = bytearray(whole)
    with tarfile.open(fileobj=io.BytesIO(whole)) as tar:
        largest = max((entry for entry in tar if entry.isreg()), key=lambda entry: entry.size)
    altered[largest.offset_data + largest.size // 2] ^= 1
    for body in (whole[: len(whole) // 2], bytes(altered)):
        path.write_bytes(body)
        said = pair.update("--from", str(tmp_path / "saved")).ended("refused", 3)
        assert said.finished["problem"]["code"] == "archive-damaged"
        pair.assert_untouched()
    path.write_bytes(whole)
    pair.update("--from", str(tmp_path / "saved")).ended("kept", 0)


@pytest.mark.sample(2, reason="each moment is tried on one engine or the other")
@pytest.mark.parametrize(("phase", "seconds"), [("loading", 1.0), ("extracting", 10.0)])
def test_a_load_is_cancelled_and_leaves_nothing(pair: Deployed, tmp_path: Path, phase: str, seconds: float) -> None:
    """What the engine has got whole it finishes first, and then it is taken back."""
    saved(pair, tmp_path / "saved", app=ImageSpec(NEW, size_kb=150_000, layers=3))
    before = pair.engine.on_disk
    chosen = {"db": NEW, "app": NEW}
    with attended(pair.cli, Verb.UPDATE, "pair", archives=(str(tmp_path / "saved"),)) as run:
        run.go(Question.SELECT, **chosen)
        run.until(e.PullProgressed, lambda event: event.reference.endswith(f"/app:{NEW}") and event.phase == phase)
        began = time.monotonic()
        os.kill(run.pid, signal.SIGTERM)
        assert run.finished.outcome is Outcome.CANCELLED
    took = time.monotonic() - began
    pair.assert_untouched()
    until(lambda: pair.engine.on_disk < before + (2 << 20), what=lambda: f"{pair.engine.on_disk - before} bytes left")
    assert took < seconds + 1.5, took  # beside the load, what was pulled is taken back, and the command ends


@pytest.mark.sample(1, reason="one engine or the other, and one form of the archive")
@pytest.mark.parametrize(
    "at",
    ["pull-started", pytest.param("pull-progressed", marks=LEFT), pytest.param("pull-finished", marks=LEFT)],
)
def test_what_a_killed_run_has_loaded_is_taken_back_by_the_next(pair: Deployed, tmp_path: Path, at: str) -> None:
    saved(pair, tmp_path / "saved", app=ImageSpec(NEW, size_kb=30_000))
    running = pair.start("--from", str(tmp_path / "saved"))
    running.until(at)
    os.kill(running.worker(), signal.SIGKILL)
    running.wait()
    tags = {tag: image.id for image in pair.engine.client().images.list() for tag in image.tags}
    assert not any(tag.endswith(f":{NEW}") for tag in tags)
    planned = pair.cli.run("update", pair.project.name, "--plan", "--json", "--from", str(tmp_path / "saved"))
    assert planned.finished["outcome"] in ("planned", "up-to-date")
    pair.assert_untouched()


@pytest.mark.full(reason="what a killed run has loaded is taken back in its turn")
@pytest.mark.only_store("containerd", reason="one of then gives all back as soon as its client is gone")
def test_what_docker_may_keep_of_a_load_whose_worker_was_killed_is_told(
    own_registry: Registry, project_folder: Path, state_dir: Path, tmp_path: Path, store: Store
) -> None:
    """On an engine of its own, for what is left would be in the way of other tests."""
    with Dockerd(store=store) as engine:
        pair = deployed.deploy(engine, own_registry, project_folder, state_dir)
        app = saved(pair, tmp_path / "saved", app=ImageSpec(NEW, size_kb=150_000, layers=3))["app"]
        running = pair.start("--from", str(tmp_path / "saved"))
        running.until("pull-progressed", reference=app.reference, phase="loading")
        os.kill(running.worker(), signal.SIGKILL)
        running.wait()
        again = ("update", pair.project.name, "--plan", "--json", "--from", str(tmp_path / "saved"))
        told = [event["finding"]["problem"] for event in pair.cli.run(*again).of("found")]
        [left] = [problem["facts"] for problem in told if problem["code"] == "load-left"]
        assert left["reference"] == app.reference
        assert 0 < int(left["size"]) < 150_000_000
        told = [event["finding"]["problem"]["code"] for event in pair.cli.run(*again).of("found")]
        assert "load-left" not in told


@pytest.mark.sample(1, reason="one engine or the other; what is missing is told in other words on each")
def test_a_rollback_from_an_archive_when_the_image_is_gone(pair: Deployed, tmp_path: Path, store: Store) -> None:
    new = saved(pair, tmp_path / "saved")
    pair.update("--from", str(tmp_path / "saved")).ended("kept", 0)
    pair.cli.json("rollback", pair.project.name, *QUICK).ended("kept", 0)
    client = pair.engine.client()
    for image in client.images.list():
        if image.id == new["app"].image_id:
            for tag in image.tags:
                client.images.remove(tag)
    assert new["app"].image_id not in [image.id for image in client.images.list()]
    to = ("rollback", pair.project.name, "--to", "2", *QUICK)
    said = pair.cli.json(*to)
    if store == "containerd":  # the image's ID is a digest by which a registry can be asked for it
        assert said.ended("unchanged", 1).finished["problem"]["code"] == "registry-unreachable"
    else:
        assert said.ended("refused", 3).finished["problem"]["code"] == "keep-tag-missing"
        assert "--from" in said.message
    pair.cli.json(*to, "--from", str(tmp_path / "saved/db.tar")).ended("refused", 3)
    pair.cli.json(*to, "--from", str(tmp_path / "saved/app.tar")).ended("kept", 0)
    pair.assert_new(new)
    assert our_tags(pair.engine) == []


@pytest.mark.sample(1, reason="the update without a network goes back too")
def test_the_versions_before_are_what_a_failed_update_goes_back_to(pair: Deployed, tmp_path: Path) -> None:
    saved(pair, tmp_path / "saved", app=ImageSpec(NEW, behaviour=behaviours.crash(0.2, 3)))
    pair.update("--from", str(tmp_path / "saved")).ended("rolled-back", 1)
    pair.assert_back()
    assert f"APP_VERSION={OLD}" in pair.project.env_file.read_text()
