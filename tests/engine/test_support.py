from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import docker.errors
import pytest

from support import cleaning, images, projects
from support.dockerd import Dockerd
from support.faults import BLOBS, Only
from support.images import ImageSpec
from support.leftovers import leftovers
from support.registry import Registry
from support.snapshot import assert_same, diff, snapshot
from support.terminal import Terminal
from support.wait import until

if TYPE_CHECKING:
    from support.faultproxy import FaultProxy

pytestmark = [pytest.mark.both_stores, pytest.mark.always(reason="what all others stand on")]
of_ours = pytest.mark.any_store(reason="what the tests themselves do is the same beside either engine")


def pull(engine: Dockerd, reference: str) -> None:
    engine.client().images.pull(reference)


def errors(engine: Dockerd, reference: str) -> str:
    api: Any = engine.client().api
    return "".join(said.get("error", "") for said in api.pull(reference, stream=True, decode=True))


def inspect(engine: Dockerd, reference: str) -> dict[str, Any]:
    api: Any = engine.client().api
    return dict(api.inspect_image(reference))


def test_an_image_arrives_as_it_was_pushed(clean_engine: Dockerd, registry: Registry) -> None:
    pushed = images.push(registry, "arrival", "1.2.3", ImageSpec(version="1.2.3", size_kb=64, layers=2, user="app"))
    pull(clean_engine, pushed.reference)
    details = inspect(clean_engine, pushed.reference)
    assert details["Id"] == pushed.image_id
    assert details["RepoDigests"] == [pushed.by_digest]
    assert registry.tags("arrival") == ["1.2.3"]
    said = clean_engine.client().containers.run(pushed.reference, entrypoint="version", remove=True)
    assert said == b"1.2.3\n"
    registry.delete("arrival", "1.2.3")
    assert registry.tags("arrival") == []


def test_a_container_says_which_image_it_is_of(clean_engine: Dockerd, registry: Registry, project_folder: Path) -> None:
    pushed = images.push(registry, "app", "1")
    project = projects.single(project_folder, pushed.reference)
    projects.up(clean_engine, project)
    (found,) = projects.containers(clean_engine, project.name).values()
    assert found["Image"] == pushed.image_id
    label = pushed.manifest if clean_engine.today else pushed.image_id
    assert found["Config"]["Labels"]["com.docker.compose.image"] == label
    projects.assert_no_drift(clean_engine, project)


def test_the_tag_of_an_image_of_today_names_an_index(registry: Registry) -> None:
    pushed = images.push(registry, "today", "1")
    _, _, body = registry.request("GET", f"/v2/today/manifests/{pushed.digest}", Accept=images.OCI.index)
    named = [entry["platform"]["architecture"] for entry in json.loads(body)["manifests"]]
    assert named == [images.NATIVE, images.FOREIGN, "unknown", "unknown"]


def test_a_manifest_list_gives_the_engine_its_own_platform(clean_engine: Dockerd, registry: Registry) -> None:
    specs = [ImageSpec(architecture=images.FOREIGN), ImageSpec(architecture=images.NATIVE)]
    pushed, digests = images.push_list(registry, "many", "1", specs)
    pull(clean_engine, pushed.reference)
    details = inspect(clean_engine, pushed.reference)
    assert details["Architecture"] == images.NATIVE
    assert details["RepoDigests"] == [pushed.by_digest]
    assert len(digests) == 2


@of_ours
def test_the_proxy_throttles_and_lets_go(clean_engine: Dockerd, registry: Registry, proxy: FaultProxy) -> None:
    # What all test images share may be there still from an earlier one: an engine of today collects it later.
    pushed = images.push(registry, "slow", "1", ImageSpec(size_kb=1500), host=proxy.host)
    proxy.throttle(1_000_000)
    began = time.monotonic()
    pull(clean_engine, pushed.reference)
    assert time.monotonic() - began > 1.5 * 0.8
    assert proxy.sent() >= 1_500_000
    assert proxy.count(BLOBS) in (3, 4)


@of_ours
def test_a_stalled_pull_goes_on_when_the_rule_is_cleared(
    clean_engine: Dockerd, registry: Registry, proxy: FaultProxy
) -> None:
    pushed = images.push(registry, "stall", "1", ImageSpec(size_kb=300, layers=2), host=proxy.host)
    proxy.stall(after_bytes=100_000)
    stream = clean_engine.client().api.pull(pushed.reference, stream=True, decode=True)
    until(lambda: proxy.sent() >= 200_000, what="two layers stalled")
    proxy.clear()
    for _ in stream:
        pass
    assert clean_engine.client().images.get(pushed.reference).id == pushed.image_id


@pytest.mark.only_store("overlay2", reason="one of today asks with HEAD, whose answers have no text")
def test_errors_of_a_registry_reach_the_client(clean_engine: Dockerd, registry: Registry, proxy: FaultProxy) -> None:
    pushed = images.push(registry, "errors", "1", host=proxy.host)
    rule = proxy.toomanyrequests()
    with pytest.raises(docker.errors.APIError, match="toomanyrequests: You have reached your pull rate limit"):
        pull(clean_engine, pushed.reference)
    assert rule.used
    proxy.clear()
    proxy.unauthorized(Only(repo="errors"))
    with pytest.raises(docker.errors.APIError, match="unauthorized"):
        pull(clean_engine, pushed.reference)
    proxy.clear()
    proxy.unauthorized()
    with pytest.raises(docker.errors.APIError, match="no basic auth credentials"):
        pull(clean_engine, pushed.reference)
    proxy.clear()
    proxy.manifest_unknown()
    with pytest.raises(docker.errors.APIError, match="manifest unknown"):
        pull(clean_engine, pushed.reference)
    proxy.clear()
    pull(clean_engine, pushed.reference)


@pytest.mark.only_store("overlay2", reason="one of today asks again by itself for what was cut")
def test_a_cut_or_changed_download_is_an_error_inside_the_stream(
    clean_engine: Dockerd, registry: Registry, proxy: FaultProxy
) -> None:
    pushed = images.push(registry, "cut", "1", ImageSpec(size_kb=100), host=proxy.host)
    rule = proxy.cut(after_bytes=60_000)
    assert "unexpected EOF" in errors(clean_engine, pushed.reference)
    assert rule.used > 1
    proxy.clear()
    changed = proxy.corrupt()
    assert "verification failed" in errors(clean_engine, pushed.reference)
    proxy.clear(changed)
    assert not errors(clean_engine, pushed.reference)


@pytest.mark.only_store("overlay2", reason="one of today pushes an image as its index")
def test_an_engine_pushes_through_the_proxy(clean_engine: Dockerd, registry: Registry, proxy: FaultProxy) -> None:
    pushed = images.push(registry, "there", "1", ImageSpec(size_kb=100))
    pull(clean_engine, pushed.reference)
    image = clean_engine.client().images.get(pushed.reference)
    image.tag(f"{proxy.host}/back", "2")
    clean_engine.client().images.push(f"{proxy.host}/back", "2")
    assert registry.tags("back") == ["2"]
    clean_engine.client().images.remove(pushed.image_id, force=True)
    pull(clean_engine, f"{registry.host}/back:2")
    assert inspect(clean_engine, f"{registry.host}/back:2")["Id"] == pushed.image_id


@of_ours
def test_a_registry_with_a_door_lets_in_who_has_the_key(clean_engine: Dockerd, project_folder: Path) -> None:
    with Registry(auth=True, store=clean_engine.store) as closed:
        pushed = images.push(closed, "app", "1")
        project = projects.single(project_folder, pushed.reference)
        refused = projects.compose(clean_engine, project.folder, "pull", check=False)
        assert "no basic auth credentials" in refused.stderr
        closed.login(clean_engine.home)
        projects.compose(clean_engine, project.folder, "pull")
        (clean_engine.home / ".docker" / "config.json").unlink()


@of_ours
def test_a_test_that_leaves_a_program_running_fails(clean_engine: Dockerd) -> None:
    left = pytest.raises(AssertionError, match="left programs running")
    with left, cleaning.nothing_left(clean_engine, grace=0.1):
        program = subprocess.Popen(["sleep", "1000"])
    assert program.wait() == -signal.SIGKILL


@of_ours
def test_a_snapshot_shows_what_changed(clean_engine: Dockerd, registry: Registry, project_folder: Path) -> None:
    pushed = images.push(registry, "app", "2")
    project = projects.single(project_folder, pushed.reference)
    before = snapshot(clean_engine, project_folder)
    assert_same(before, snapshot(clean_engine, project_folder))
    projects.up(clean_engine, project)
    after = snapshot(clean_engine, project_folder)
    assert "+ container single-app-1/state: running" in diff(before, after)
    with pytest.raises(AssertionError, match="network single_default"):
        assert_same(before, after)
    assert_same(after, snapshot(clean_engine, project_folder))


@pytest.mark.sample(1, reason="the stack is updated in both of its forms")
@pytest.mark.parametrize("needs_init", [False, True])
def test_the_stack_comes_up_and_does_not_drift(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, *, needs_init: bool
) -> None:
    projects.push_stack(registry)
    project = projects.stack(project_folder, registry.host, needs_init=needs_init)
    up = projects.up(clean_engine, project)
    assert sorted(up) == [f"stack-{service}-1" for service in ("db", "init", "server", "side")]
    status, _, body = registry.request("GET", f"http://127.0.0.1:{project.port}/version")
    assert (status, body) == (200, b"1.0.0\n")
    projects.assert_no_drift(clean_engine, project)


def test_an_engine_comes_back_with_its_containers(
    clean_engine: Dockerd, registry: Registry, project_folder: Path
) -> None:
    pushed = images.push(registry, "app", "3")
    project = projects.single(project_folder, pushed.reference)
    before = projects.up(clean_engine, project)
    for end in (clean_engine.power_off, clean_engine.terminate):
        end()
        clean_engine.start()
        projects.wait_well(clean_engine, project)
    clean_engine.kill()
    clean_engine.start()  # 20.10 stops what it finds running, and takes 'unless-stopped' for stopped
    assert projects.up(clean_engine, project) == before
    clean_engine.pause()
    with pytest.raises(docker.errors.DockerException, match="Read timed out"):
        docker.APIClient(base_url=clean_engine.host, timeout=1)
    clean_engine.resume()
    projects.wait_well(clean_engine, project)


@pytest.mark.sample(1, reason="one engine or the other")
def test_a_small_engine_is_full(registry: Registry) -> None:
    pushed = images.push(registry, "big", "1", ImageSpec(size_kb=40_000))
    with Dockerd(store=registry.store, storage_size_mb=32) as small:
        assert "no space left on device" in errors(small, pushed.reference)
        small.restart()
        assert small.client().images.list() == []


SESSION = """
import signal
from support import images, isolation

def test_that_never_ends(clean_engine, registry):
    image = images.push(registry, "app", "1").reference
    clean_engine.client().images.pull(image)
    clean_engine.client().containers.run(image, detach=True)
    print("ready", isolation.folder(), flush=True)
    while True:
        signal.pause()
"""


@pytest.mark.sample(1, reason="each case is another signal")
@of_ours
@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_session_leaves_nothing_however_it_ends(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "test_session.py").write_text(SESSION)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = engine: x\n")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("WS9TUI_TEST", "PYTEST"))}
    session = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "pytest",
            "-s",
            "-p",
            "conftest",
            "-p",
            "no:cacheprovider",
            "--store=overlay2",
            str(tmp_path),
        ],
        env=env | {"PYTHONPATH": str(Path(__file__).parents[1])},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert session.stdout
    with session.stdout as output:
        try:
            told = next(line for line in output if "ready" in line).split()[-1]
            assert any("of a container" in line for line in leftovers(Path(told)))
        finally:
            session.send_signal(number)
            session.wait(30)
    until(lambda: not leftovers(Path(told)), what=lambda: f"nothing is left: {leftovers(Path(told))}")


def test_a_terminal_shows_what_a_person_would_see() -> None:
    with Terminal(["bash", "--norc", "-i"], cols=70) as terminal:
        terminal.wait_for("bash")
        terminal.send("stty size; echo $TERM", "enter")
        terminal.wait_for("24 70\nxterm-256color")
        terminal.resize(100, 30)
        terminal.send("stty size", "enter")
        terminal.wait_for("30 100")
        strange = r"\033[?1049h\033[2J\033[H\033[>4;2m\033[?u\033]0;title\007\033P+q\033\\full screen"
        terminal.send(f"printf '{strange}'; read; printf '\\033[?1049l'", "enter")
        assert terminal.wait_for(re.compile("^full screen")).strip() == "full screen"
        terminal.send("enter")
        assert "30 100" in terminal.wait_gone(re.compile("^full screen"))
        terminal.send("ctrl+d")
        assert terminal.wait_exit() == 0


def test_a_terminal_tells_how_the_program_ended() -> None:
    with Terminal(["sh", "-c", "echo hi; exit 7"]) as terminal:
        assert terminal.wait_exit() == 7
        assert terminal.screen().strip() == "hi"
        with pytest.raises(AssertionError, match="the program ended, and 'bye' is not on the screen"):
            terminal.wait_for("bye")
    with Terminal(["sleep", "1000"]) as terminal:
        terminal.hangup()
        assert terminal.wait_exit() == -signal.SIGHUP
