"""Bundles on real engines: made with a network, used without one."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import signal
import stat
import tarfile
from typing import TYPE_CHECKING

import pytest
from docker.errors import ImageNotFound

from support import deployed, images, projects
from support.cli import QUICK, Cli
from support.deployed import NEW, Deployed
from support.dockerd import Dockerd
from support.images import ImageSpec
from support.registry import Registry
from support.snapshot import assert_same, snapshot
from ws9tui.core.model.bundle import LIST

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from support.images import Pushed

pytestmark = [pytest.mark.engine, pytest.mark.both_stores]


@pytest.fixture(name="pair")
def deployed_pair(clean_engine: Dockerd, own_registry: Registry, project_folder: Path, state_dir: Path) -> Deployed:
    return deployed.deploy(clean_engine, own_registry, project_folder, state_dir)


def build_folder(pair: Deployed, folder: Path) -> Path:
    """Copy the project to where it is built: it does not run from there."""
    shutil.copytree(pair.project.folder, folder)
    return folder


def bundled(pair: Deployed, tmp_path: Path, *arguments: str) -> Path:
    """Make a bundle with the next version of both, as somebody does on another machine."""
    made = tmp_path / "pair.tar"
    before = snapshot(pair.engine)
    cli = Cli(pair.engine, tmp_path / "other-state", tmp_path)
    versions = (f"db={NEW}", f"app={NEW}")
    said = cli.run(
        "bundle", str(build_folder(pair, tmp_path / "build")), *versions, "-o", str(made), *arguments, "--json"
    )
    said.ended("bundled", 0)
    assert_same(before, snapshot(pair.engine))
    pair.assert_untouched()
    return made


def running(pair: Deployed) -> dict[str, tuple[str, list[str]]]:
    """Return the ID and the repository digests of the image that each container runs."""
    client = pair.engine.client()
    return {
        name: (
            image_id,
            [digest for digest in client.images.get(image_id).attrs["RepoDigests"] if "ws9tui" not in digest],
        )
        for name, image_id in pair.images().items()
    }


def forget_update(pair: Deployed, new: dict[str, Pushed]) -> None:
    """Have the engine as it was before the update: the old version runs, the new images are not there."""
    pair.cli.json("rollback", pair.project.name, *QUICK).ended("kept", 0)
    shutil.rmtree(pair.cli.state)
    client = pair.engine.client()
    wanted = {pushed.image_id for pushed in new.values()}
    for image in client.images.list():
        for tag in image.tags:
            if tag.startswith("ws9tui.keep") or image.id in wanted:
                with contextlib.suppress(ImageNotFound):  # an engine of today names it by its digest as well
                    client.images.remove(tag)
    assert not {image.id for image in client.images.list()} & wanted


@pytest.mark.sample(1, reason="one engine or the other")
def test_an_update_from_a_bundle_gives_what_one_online_gives(pair: Deployed, tmp_path: Path) -> None:
    new = pair.offer()
    made = bundled(pair, tmp_path)
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    pair.update().ended("kept", 0)
    online = running(pair)
    forget_update(pair, new)
    pair.registry.stop()

    said = pair.cli.json("update", pair.project.name, "--from", str(made), *QUICK).ended("kept", 0)
    pair.assert_new(new)
    offline = running(pair)
    assert {name: found[0] for name, found in offline.items()} == {name: found[0] for name, found in online.items()}
    if pair.engine.today:  # an older one notes no digest of what it loads
        assert offline == online
    checked = {event["service"]: event for event in said.of("version-checked")}
    proved = {name: image.digest if pair.engine.today else "" for name, image in new.items()}
    assert {name: event["digest"] for name, event in checked.items()} == proved
    again = pair.cli.json("update", pair.project.name, "--from", str(made), *QUICK).ended("up-to-date", 0)
    assert not again.of("pull-started")
    pair.cli.json("rollback", pair.project.name, *QUICK).ended("kept", 0)


@pytest.mark.sample(1, reason="one engine or the other")
def test_a_first_install_from_a_bundle_on_an_empty_engine(
    clean_engine: Dockerd, own_registry: Registry, project_folder: Path, state_dir: Path, tmp_path: Path
) -> None:
    pushed = projects.push_stack(own_registry)
    project = projects.stack(project_folder, own_registry.host, needs_init=True)
    before = snapshot(clean_engine)
    cli = Cli(clean_engine, state_dir, tmp_path)
    said = cli.run("bundle", str(project_folder), "-o", "stack.tar", "--json").ended("bundled", 0)
    told = [event["finding"]["problem"] for event in said.of("found")]
    [secrets] = [problem["facts"]["files"] for problem in told if problem["code"] == "bundle-secrets"]
    assert ".env" in secrets.split(", ")
    assert_same(before, snapshot(clean_engine))
    own_registry.stop()
    shutil.rmtree(project_folder)

    refused = cli.json("install", "stack.tar", *QUICK).ended("refused", 3)
    assert refused.finished["problem"]["code"] == "bundle-mounts-lacking"
    with tarfile.open(tmp_path / "stack.tar") as bundle:  # as the message says
        members = [entry for entry in bundle.getmembers() if entry.name.startswith("project/")]
        bundle.extractall(tmp_path, members, filter="data")
    (tmp_path / "project" / "settings.conf").write_text("colour = blue\n")
    cli.json("install", str(tmp_path / "project"), "--from", "stack.tar", *QUICK).ended("kept", 0)
    there = projects.Project(tmp_path / "project", "stack", project.services, project.port)
    projects.wait_well(clean_engine, there)
    found = {name: str(details["Image"]) for name, details in projects.containers(clean_engine, "stack").items()}
    assert found == {f"stack-{name}-1": image.image_id for name, image in pushed.items()}
    assert stat.S_IMODE(there.env_file.stat().st_mode) == 0o600
    projects.assert_no_drift(clean_engine, there)


@pytest.mark.sample(1, reason="from one store to the other, or the other way")
def test_a_bundle_from_an_engine_with_the_other_image_store_is_installed(
    clean_engine: Dockerd, own_registry: Registry, project_folder: Path, state_dir: Path, tmp_path: Path
) -> None:
    """An older one then has the image that it would pull; what one of today calls an image by, no older one keeps."""
    image = images.push(own_registry, "app", "1.0.0")
    projects.single(project_folder, image.reference)
    with Dockerd(store="overlay2" if clean_engine.today else "containerd") as laptop:
        made = Cli(laptop, tmp_path / "other-state", tmp_path)
        made.run("bundle", str(project_folder), "-o", "single.tar", "--json").ended("bundled", 0)
    Cli(clean_engine, state_dir, tmp_path).json("install", "single.tar", *QUICK).ended("kept", 0)
    [runs] = [str(one["Image"]) for one in projects.containers(clean_engine, "single").values()]
    assert (runs == image.image_id) is not clean_engine.today


def rewritten(path: Path, change: Callable[[dict[str, Any]], None]) -> bytes:
    """Return a bundle with another list."""
    buffer = io.BytesIO()
    with tarfile.open(path) as old, tarfile.open(fileobj=buffer, mode="w") as new:
        for entry in old:
            file = old.extractfile(entry)
            body = file.read() if file else b""
            if entry.name == LIST:
                listed = json.loads(body)
                change(listed)
                body = json.dumps(listed).encode()
                entry.size = len(body)
            new.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()


@pytest.mark.sample(1, reason="it is refused before an engine is asked")
def test_a_bundle_that_is_not_for_this_engine_or_not_whole_is_refused(pair: Deployed, tmp_path: Path) -> None:
    pair.offer(app=ImageSpec(NEW, size_kb=500))
    made = bundled(pair, tmp_path)
    pair.registry.stop()
    whole = made.read_bytes()
    altered = bytearray(whole)
    with tarfile.open(made) as tar:
        largest = max((entry for entry in tar if entry.isreg()), key=lambda entry: entry.size)
    altered[largest.offset_data + largest.size // 2] ^= 1
    cases = (
        ("bundle-platform", rewritten(made, lambda listed: listed.update(platform="linux/s390x"))),
        ("archive-damaged", whole[: len(whole) // 2]),
        ("archive-damaged", whole[: whole.rindex(LIST.encode())]),
        ("archive-damaged", bytes(altered)),
        ("archive-damaged", rewritten(made, lambda listed: listed["images"][0].update(image_id="sha256:" + "0" * 64))),
    )
    for code, body in cases:
        made.write_bytes(body)
        said = pair.cli.json("update", pair.project.name, "--from", str(made), *QUICK).ended("refused", 3)
        assert said.finished["problem"]["code"] == code
        pair.assert_untouched()


@pytest.mark.sample(1, reason="a pull that is killed is cleaned up after in its turn")
def test_a_bundle_whose_worker_is_killed_leaves_no_file_and_no_image(pair: Deployed, tmp_path: Path) -> None:
    pair.offer(app=ImageSpec(NEW, size_kb=150_000))
    folder = tmp_path / "out"
    folder.mkdir()
    again = ("bundle", pair.project.name, f"app={NEW}")
    begun = pair.cli.start(*again, "-o", str(folder / "pair.tar"), "--json")
    begun.until("bundle-progressed")
    os.kill(begun.worker(), signal.SIGKILL)
    begun.wait()
    assert list(folder.iterdir()) == []
    pair.cli.run(*again, "--plan", "--json").ended("planned", 0)
    pair.assert_untouched()
    pair.cli.run(*again, "-o", str(folder / "pair.tar"), "--json").ended("bundled", 0)
    assert [path.name for path in folder.iterdir()] == ["pair.tar"]
    pair.assert_untouched()
