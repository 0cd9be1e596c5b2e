"""Whatever goes wrong before the commit, the engine and the project are what they were, and somebody is told why."""

from __future__ import annotations

import os
import re
import signal
import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from support import cleaning, images, projects
from support.cli import Cli, Running, Said
from support.dockerd import Dockerd
from support.faultproxy import FaultProxy
from support.faults import BLOBS, MANIFESTS, Only
from support.images import ImageSpec
from support.snapshot import Snapshot, assert_same, snapshot
from support.wait import until
from ws9tui.core.model.terms import Choice
from ws9tui.worker.handle import RunHandle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.projects import Project
    from support.registry import Registry

pytestmark = [pytest.mark.engine, pytest.mark.both_stores]

SLOW = 300_000  # bytes a second: the new images would take a quarter of a minute
BIG = {"size_kb": 4096, "layers": 2}
PROJECT = """\
name: p
services:
  app:
    image: "HOST/app:${APP}"
    volumes: [data:/data, ./settings.conf:/settings.conf:ro]
    networks: [inner]
  web: {image: "HOST/web:${WEB}"}
  job: {image: "HOST/job:${JOB}"}
volumes: {data: {}}
networks: {inner: {}}
"""
SERVICES = ("app", "web", "job")


@dataclass(frozen=True)
class Ground:
    """A project that runs version 1.0.0, behind a proxy; version 1.1.0 is there and big."""

    engine: Dockerd
    proxy: FaultProxy
    project: Project
    cli: Cli

    def snapshot(self) -> Snapshot:
        return snapshot(self.engine, self.project.folder)

    def reference(self, service: str, tag: str = "1.1.0") -> str:
        return f"{self.proxy.host}/{service}:{tag}"

    def start(self, *arguments: str) -> Running:
        return self.cli.start("update", *arguments, "--yes", "--json", "--monitor", "1s")

    def update(self, *arguments: str) -> Said:
        return self.start(*arguments).wait()

    def start_pull(self, *arguments: str) -> Running:
        """Start an update, and wait until the first bytes of an image have come."""
        before = self.proxy.sent()
        run = self.start(*arguments)
        run.until("pull-started")
        until(lambda: self.proxy.sent() > before + 100_000, 30, "bytes come")
        return run

    def untouched(self, before: Snapshot) -> None:
        """Assert that nothing has changed; a download that was ended may take the engine a moment to clear away."""
        until(lambda: self.snapshot() == before or not self.proxy.answering, 5)
        assert_same(before, self.snapshot())
        assert self.cli.generations() == []


def deploy(engine: Dockerd, registry: Registry, proxy: FaultProxy, folder: Path) -> Ground:
    for service in SERVICES:
        images.push(registry, service, "1.0.0")
        # No layer in common: an engine fetches such a one for all images at once, and fails them together.
        spec = ImageSpec("1.1.0", size_kb=4096, layers=2, files={"/name": service})
        images.push(registry, service, "1.1.0", spec)
    project = projects.write(folder / "project", PROJECT.replace("HOST", proxy.host), name="p", services=SERVICES)
    (project.folder / "settings.conf").write_text("colour = blue\n")
    project.set_env(APP="1.0.0", WEB="1.0.0", JOB="1.0.0")
    projects.up(engine, project)
    return Ground(engine, proxy, project, Cli(engine, folder / "state", folder))


@pytest.fixture(scope="module")
def shared(engine: Dockerd, registry: Registry, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """Return the ground for all tests of this module: none of them may change it."""
    with cleaning.nothing_left(engine), FaultProxy(registry) as proxy:
        yield deploy(engine, registry, proxy, tmp_path_factory.mktemp("faults"))


@pytest.fixture
def ground(shared: Ground) -> Iterator[Ground]:
    yield shared
    shared.proxy.clear()


@pytest.fixture(scope="module")
def small_engine(engine: Dockerd) -> Iterator[Dockerd]:
    with Dockerd(store=engine.store, storage_size_mb=640, flags=["--max-download-attempts=1"]) as started:
        yield started


@pytest.fixture
def small(small_engine: Dockerd) -> Iterator[Dockerd]:
    """Return another engine, with little more room than is held back for the way back."""
    yield small_engine
    cleaning.empty(small_engine)


@dataclass(frozen=True)
class Fault:
    """What goes wrong, with which arguments, and what is said of it."""

    breaks: Callable[[FaultProxy], object]
    code: str
    says: tuple[str, ...]
    arguments: tuple[str, ...] = ()
    pulls: bool = False
    """the registry still tells the digest, so that the pull begins"""


FAULTS = {
    "no such tag": Fault(FaultProxy.manifest_unknown, "manifest-unknown", ("does not exist in", "Check the tag")),
    "no login": Fault(FaultProxy.unauthorized, "unauthorized", ("denies access", "docker login 127.0.0.1:")),
    "no login for layers": Fault(
        lambda proxy: proxy.unauthorized(BLOBS), "unauthorized", ("denies access", "docker login"), pulls=True
    ),
    "rate limit": Fault(FaultProxy.toomanyrequests, "rate-limited", ("pull rate limit", "docker login", "wait")),
    "rate limit for layers": Fault(
        lambda proxy: proxy.toomanyrequests(BLOBS), "rate-limited", ("pull rate limit", "docker login"), pulls=True
    ),
    "corrupt": Fault(FaultProxy.corrupt, "digest-mismatch", ("does not match its digest", "again"), pulls=True),
    "too slow": Fault(
        lambda proxy: proxy.throttle(SLOW),
        "pull-timeout",
        ("did not finish within 2 s", "--pull-timeout"),
        ("--pull-timeout", "2s"),
        pulls=True,
    ),
    "out of order": Fault(
        lambda proxy: proxy.server_error(MANIFESTS), "registry-server-error", ("has a server error", "Try again later")
    ),
}


@pytest.mark.sample(5, reason="some faults on either engine, and the adapter names each of them on both")
@pytest.mark.parametrize("name", FAULTS)
def test_a_pull_that_fails_changes_nothing(ground: Ground, name: str) -> None:
    fault = FAULTS[name]
    before = ground.snapshot()
    fault.breaks(ground.proxy)
    said = ground.update("app=1.1.0", *fault.arguments).ended(*(("unchanged", 1) if fault.pulls else ("refused", 3)))
    assert said.finished["problem"]["code"] == fault.code
    for words in (*fault.says, "Nothing was changed"):
        assert words in said.message
    assert re.search(r"app:1\.1\.0|'1\.1\.0' does not exist in \S+/app", said.message)
    assert bool(said.of("pull-failed")) is fault.pulls
    assert not said.of("commit-started")
    ground.proxy.clear()
    ground.untouched(before)


@pytest.mark.sample(1, reason="one engine or the other")
def test_a_registry_that_is_gone(ground: Ground) -> None:
    before = ground.snapshot()
    ground.proxy.stop()
    try:
        said = ground.update("app=1.1.0").ended("refused", 3)
    finally:
        ground.proxy.start()
    assert said.finished["problem"]["code"] == "registry-unreachable"
    assert "cannot be reached" in said.message
    assert "app:1.1.0" in said.message
    assert "Check the network" in said.message
    ground.untouched(before)


@pytest.mark.sample(1, reason="the attempts are ours")
def test_what_a_registry_never_gets_right_is_tried_again_and_given_up(ground: Ground) -> None:
    before = ground.snapshot()
    ground.proxy.server_error(Only(repo="app", kind="blobs"))
    ground.proxy.cut(only=Only(repo="web", kind="blobs"))  # an engine of today goes on where a layer was cut
    ground.proxy.stall(100_000, Only(repo="job", kind="blobs"))
    said = ground.update("app=1.1.0", "web=1.1.0", "job=1.1.0", "--stall-timeout", "3s").ended("unchanged", 1)
    failed = {event["reference"]: event["problem"]["code"] for event in said.of("pull-failed")}
    assert failed == {
        ground.reference("app"): "registry-server-error",
        ground.reference("web"): "registry-unreachable",
        ground.reference("job"): "pull-stalled",
    }
    for service in SERVICES:
        attempts = [event["attempt"] for event in said.of("pull-started") if service in event["services"]]
        assert attempts == [1, 2, 3, 4]
    assert said.of("pull-stalled")
    ground.proxy.clear()
    ground.untouched(before)


@pytest.mark.sample(1, reason="one engine or the other")
def test_of_several_images_one_fails(ground: Ground) -> None:
    before = ground.snapshot()
    ground.proxy.toomanyrequests(Only(repo="web", kind="blobs"))
    said = ground.update("app=1.1.0", "web=1.1.0", "job=1.1.0").ended("unchanged", 1)
    assert "web:1.1.0" in said.message
    finished = {event["reference"] for event in said.of("pull-finished")}
    assert finished == {ground.reference("app"), ground.reference("job")}, f"{said.message}\n{said.tail()}"
    assert {event["kind"] for event in said.of("removed")} == {"image", "keep-tag"}
    ground.untouched(before)


# --- what came is not what was wanted ----------------------------------------------------------------------------


@pytest.mark.sample(2, reason="listed or alone, on either engine, and the adapter has one that is listed on both")
@pytest.mark.parametrize("listed", [True, False])
def test_an_image_for_another_machine(ground: Ground, registry: Registry, listed: bool) -> None:
    spec = ImageSpec("1.2.0", architecture=images.FOREIGN)
    _ = (
        images.push_list(registry, "app", "1.2.0", [spec])
        if listed
        else images.push_plain(registry, "app", "1.2.0", spec)
    )
    before = ground.snapshot()
    said = ground.update("app=1.2.0")
    assert said.status in {1, 3}
    assert "not available for this platform" in said.message
    assert "linux/" in said.message
    assert "Choose a tag that is" in said.message
    ground.untouched(before)


@pytest.mark.sample(1, reason="a label is read of both alike")
def test_a_label_that_belies_the_tag(ground: Ground, registry: Registry) -> None:
    images.push(registry, "app", "1.3.0", ImageSpec("1.3.0", version_label="1.2.9"))
    before = ground.snapshot()
    said = ground.update("app=1.3.0", "web=1.1.0").ended("refused", 3)
    assert "reports version 1.2.9" in said.message
    assert "1.3.0 is expected" in said.message
    assert "app" in said.message
    ground.untouched(before)


@pytest.mark.sample(1, reason="a label is read of both alike")
def test_another_version_than_the_operator_expects(ground: Ground) -> None:
    before = ground.snapshot()
    said = ground.update("app=1.1.0", "--expect", "app=1.1.1").ended("refused", 3)
    assert "reports version 1.1.0" in said.message
    assert "1.1.1 is expected" in said.message
    assert "--expect" in said.message
    ground.untouched(before)


# --- what passes by itself ---------------------------------------------------------------------------------------


@pytest.mark.sample(1, reason="the attempts are ours")
def test_a_registry_that_stumbles(small: Dockerd, registry: Registry, proxy: FaultProxy, tmp_path: Path) -> None:
    there = deploy(small, registry, proxy, tmp_path)
    proxy.server_error(Only(repo="app", kind="manifests"), times=1)
    faults = {
        "app": (proxy.server_error(Only(repo="app", kind="blobs")), "registry-server-error"),
        "web": (proxy.cut(only=Only(repo="web", kind="blobs")), "registry-unreachable"),
    }
    run = there.start("app=1.1.0", "web=1.1.0")
    while faults:  # the engine itself tries an unknown number of times first
        event = run.until("pull-retried")
        fault, code = faults.pop(event["reference"].rpartition("/")[2].partition(":")[0])
        proxy.clear(fault)
        assert event["problem"]["code"] == code
    run.wait().ended("kept", 0)
    projects.assert_no_drift(small, there.project)


# --- cancelled and killed ----------------------------------------------------------------------------------------


def by_the_terminal(run: Running, _there: Ground) -> None:
    run.signal(signal.SIGINT)


def by_a_decision(_run: Running, there: Ground) -> None:
    handle = RunHandle(there.cli.runs()[-1])
    handle.decide(Choice.CANCEL)
    handle.close()


def by_the_machine(run: Running, _there: Ground) -> None:
    os.kill(run.worker(), signal.SIGTERM)


@pytest.mark.sample(1, reason="each way is a unit test, and the adapter's pulls are cancelled under each fault on both")
@pytest.mark.parametrize("fault", ["throttle", "stall"])
@pytest.mark.parametrize("cancel", [by_the_terminal, by_a_decision, by_the_machine])
def test_a_cancel_ends_a_pull_at_once(ground: Ground, cancel: Callable[[Running, Ground], None], fault: str) -> None:
    before = ground.snapshot()
    _ = ground.proxy.throttle(SLOW) if fault == "throttle" else ground.proxy.stall(200_000)
    run = ground.start_pull("app=1.1.0", "web=1.1.0")
    began = time.monotonic()
    cancel(run, ground)
    said = run.wait().ended("cancelled", 130)
    assert time.monotonic() - began < 3
    assert "nothing was changed" in said.message
    for event in said.of("decided"):
        taken = datetime.fromisoformat(said.finished["at"]) - datetime.fromisoformat(event["at"])
        assert event["question"] != "cancel" or taken.total_seconds() < 1
    ground.proxy.clear()
    ground.untouched(before)


@pytest.mark.sample(1, reason="one engine or the other")
def test_a_worker_that_is_killed_in_a_pull_is_cleaned_up_after(ground: Ground) -> None:
    before = ground.snapshot()
    ground.proxy.throttle(SLOW, Only(repo="app", kind="blobs"))
    run = ground.start("app=1.1.0", "web=1.1.0")
    run.until("pull-finished", reference=ground.reference("web"))
    os.kill(run.worker(), signal.SIGKILL)
    said = run.wait()
    assert said.status == 1
    assert re.search(r"Start .*ws9tui", said.message)
    ground.proxy.clear()
    assert len(ground.cli.generations()) == 1
    ground.update("job").ended("up-to-date", 0)
    ground.untouched(before)


# --- the disk ----------------------------------------------------------------------------------------------------


def test_a_disk_that_fills_up(small: Dockerd, registry: Registry, proxy: FaultProxy, tmp_path: Path) -> None:
    there = deploy(small, registry, proxy, tmp_path)
    before = there.snapshot()
    proxy.throttle(SLOW)
    run = there.start_pull("app=1.1.0")
    filler = small.data_root / "filler"
    room = os.statvfs(small.data_root)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - 65536)
    proxy.clear()
    said = run.wait().ended("unchanged", 1)
    assert said.finished["problem"]["code"] == "disk-full"
    for words in ("disk is full", "app:1.1.0", "docker system df"):
        assert words in said.message

    low = there.update("app=1.1.0").ended("refused", 3)
    assert low.finished["problem"]["code"] == "disk-low"
    assert not low.of("pull-started")
    filler.unlink()
    there.untouched(before)
