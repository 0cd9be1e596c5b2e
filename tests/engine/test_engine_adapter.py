from __future__ import annotations

import asyncio
import os
import pwd
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from support import behaviours, images
from support.dockerd import Dockerd
from support.images import ImageSpec, Pushed
from support.registry import Registry
from support.wait import until
from ws9tui.adapters.engine.endpoint import Endpoint
from ws9tui.adapters.engine.engine import DockerEngine
from ws9tui.core.model.observed import Healthcheck, Mount
from ws9tui.errors import EngineError

pytestmark = [pytest.mark.engine, pytest.mark.both_stores, pytest.mark.always(reason="a contract with the world")]

SECOND = 1_000_000_000


@pytest.fixture
async def adapter(clean_engine: Dockerd) -> AsyncIterator[DockerEngine]:
    made = DockerEngine(Endpoint(clean_engine.host))
    yield made
    await made.close()


@pytest.fixture
def app(clean_engine: Dockerd, registry: Registry) -> Pushed:
    pushed = images.push(registry, "app", "1.0.0", ImageSpec(behaviour=behaviours.idle()))
    clean_engine.client().images.pull(pushed.reference)
    return pushed


def api(engine: Dockerd) -> Any:  # noqa: ANN401  # types-docker is not exact enough
    return engine.client().api


def made(engine: Dockerd, image: str, *, start: bool = True, host: dict[str, Any] | None = None, **more: Any) -> str:  # noqa: ANN401
    """Make a container, and start it; `host` are arguments of the host configuration."""
    client = api(engine)
    container = client.create_container(image, host_config=client.create_host_config(**(host or {})), **more)
    if start:
        client.start(container["Id"])
    return str(container["Id"])


async def test_the_engine_tells_who_it_is(adapter: DockerEngine, clean_engine: Dockerd) -> None:
    info = await adapter.info()
    said = clean_engine.client().info()
    assert (info.id, info.name, info.version) == (said["ID"], said["Name"], said["ServerVersion"])
    assert (info.os, info.architecture) == ("linux", images.NATIVE)
    assert info.root == str(clean_engine.data_root)
    assert (info.local, info.host) == (True, clean_engine.host)
    assert info.api_version.startswith("1.")
    assert info.time.startswith("20")


async def test_a_container_is_told_in_full(adapter: DockerEngine, clean_engine: Dockerd, app: Pushed) -> None:
    labels = {"com.docker.compose.project": "web", "com.docker.compose.service": "app"}
    test = {"test": ["CMD", "true"], "interval": 60 * SECOND, "timeout": SECOND, "retries": 2, "start_period": SECOND}
    container_id = made(
        clean_engine,
        app.reference,
        name="web-app-1",
        labels=labels,
        ports=[8080],
        volumes=["/cache"],
        healthcheck=test,
        host={
            "port_bindings": {8080: ("127.0.0.1", 18080)},
            "binds": ["data:/data", f"{clean_engine.home}:/conf:ro"],
            "restart_policy": {"Name": "always"},
        },
    )
    (found,) = await adapter.containers("web")
    assert found == await adapter.container(container_id)
    assert (found.id, found.name, found.image_id, found.image) == (
        container_id,
        "web-app-1",
        app.image_id,
        app.reference,
    )
    assert (found.project, found.service, found.running) == ("web", "app", True)
    assert (found.state, found.health, found.restart_count, found.restart_policy) == (
        "running",
        "starting",
        0,
        "always",
    )
    assert found.healthcheck == Healthcheck(60, 1, 2, 1)
    assert found.ports == ("127.0.0.1:18080/tcp",)
    assert found.started_at > found.created_at
    assert found.finished_at == ""
    mounts = {mount.target: mount for mount in found.mounts}
    assert mounts["/data"] == Mount("volume", "data", "/data")
    assert mounts["/conf"] == Mount("bind", str(clean_engine.home), "/conf", read_only=True)
    assert mounts["/cache"].anonymous


async def test_containers_of_all_projects_and_states(
    adapter: DockerEngine, clean_engine: Dockerd, registry: Registry, app: Pushed
) -> None:
    job = images.push(registry, "job", "1", ImageSpec(behaviour=behaviours.crash(status=7)))
    clean_engine.client().images.pull(job.reference)
    made(clean_engine, app.reference, name="other", labels={"com.docker.compose.project": "other"}, start=False)
    failed = made(clean_engine, job.reference, name="failed")
    api(clean_engine).wait(failed)
    by_name = {container.name: container for container in await adapter.containers()}
    assert set(by_name) == {"other", "failed"}
    assert (by_name["other"].state, by_name["other"].started_at) == ("created", "")
    assert (by_name["failed"].state, by_name["failed"].exit_code, by_name["failed"].running) == ("exited", 7, False)
    assert by_name["failed"].finished_at
    assert [container.name for container in await adapter.containers("other")] == ["other"]
    assert await adapter.containers("web") == []
    assert await adapter.container("gone") is None


async def test_a_list_survives_containers_that_vanish(
    adapter: DockerEngine, clean_engine: Dockerd, app: Pushed
) -> None:
    for number in range(12):
        made(clean_engine, app.reference, name=f"short-{number}", start=False)

    def remove_all() -> None:
        for number in range(12):
            api(clean_engine).remove_container(f"short-{number}")

    removing = asyncio.create_task(asyncio.to_thread(remove_all))
    while not removing.done():
        assert len(await adapter.containers()) <= 12
    await removing
    assert await adapter.containers() == []


async def test_health_and_its_last_words(adapter: DockerEngine, clean_engine: Dockerd, registry: Registry) -> None:
    spec = ImageSpec(
        behaviour=behaviours.idle(), healthcheck=behaviours.health("echo no moon; exit 1", interval=0.1, retries=1)
    )
    sick = images.push(registry, "sick", "1", spec)
    clean_engine.client().images.pull(sick.reference)
    container_id = made(clean_engine, sick.reference)

    def unhealthy() -> bool:
        return bool(api(clean_engine).inspect_container(container_id)["State"]["Health"]["Status"] == "unhealthy")

    await asyncio.to_thread(until, unhealthy)
    found = await adapter.container(container_id)
    assert found
    assert (found.health, found.health_output) == ("unhealthy", "no moon\n")


async def test_an_image_by_every_name(adapter: DockerEngine, clean_engine: Dockerd, registry: Registry) -> None:
    spec = ImageSpec(user="app", expose=(8080,), volumes=("/data",), labels={"a": "b"})
    pushed = images.push(registry, "named", "1.0.0", spec)
    clean_engine.client().images.pull(pushed.reference)
    found = await adapter.image(pushed.reference)
    assert found
    assert found == await adapter.image(pushed.by_digest) == await adapter.image(pushed.image_id)
    assert (found.id, found.tags, found.digests) == (pushed.image_id, (pushed.reference,), (pushed.by_digest,))
    assert found.labels == {images.VERSION_LABEL: "1.0.0", "a": "b"}
    assert (found.os, found.architecture, found.user) == ("linux", images.NATIVE, "app")
    assert (found.volumes, found.exposed_ports, found.entrypoint) == (("/data",), ("8080/tcp",), ("/init",))
    assert found.has_healthcheck
    assert found.size > pushed.size
    (listed,) = await adapter.images()
    assert (listed.id, listed.tags, listed.digests) == (found.id, found.tags, found.digests)
    # an engine of today lists what an image takes, packed and unpacked, and says of it alone how long it is packed
    assert listed.size > found.size if clean_engine.today else listed.size == found.size
    assert await adapter.image("nothing:1") is None
    assert await adapter.image(f"{registry.host}/named@sha256:{'0' * 64}") is None


async def test_a_tag_moves_and_goes(adapter: DockerEngine, clean_engine: Dockerd, registry: Registry) -> None:
    old, new = (images.push(registry, "moving", tag, ImageSpec(version=tag)) for tag in ("1", "2"))
    for pushed in (old, new):
        clean_engine.client().images.pull(pushed.reference)
    await adapter.tag(old.image_id, "ws9tui.keep:x-1")
    await adapter.tag(new.image_id, "ws9tui.keep:x-1")
    kept = await adapter.image("ws9tui.keep:x-1")
    assert kept
    assert kept.id == new.image_id
    await adapter.untag("ws9tui.keep:x-1")
    await adapter.untag("ws9tui.keep:x-1")
    assert await adapter.image("ws9tui.keep:x-1") is None
    assert await adapter.image(new.reference)


async def test_the_last_reference_takes_the_image_along(adapter: DockerEngine, app: Pushed) -> None:
    await adapter.untag(app.reference)
    assert await adapter.images() == []


async def test_an_image_pulled_by_digest_goes_with_its_digest(
    adapter: DockerEngine, clean_engine: Dockerd, registry: Registry
) -> None:
    pushed = images.push(registry, "app", "1.0.0")
    clean_engine.client().images.pull(pushed.by_digest)
    assert (await adapter.images())[0].tags == ()
    await adapter.untag(pushed.by_digest)
    assert await adapter.images() == []


@pytest.mark.parametrize("started", [True, False])
async def test_an_image_in_use_stays(adapter: DockerEngine, clean_engine: Dockerd, app: Pushed, started: bool) -> None:
    made(clean_engine, app.reference, start=started)
    for reference in (app.by_digest, app.reference):
        await adapter.untag(reference)
    found = await adapter.image(app.image_id)
    assert found
    assert found.tags == (app.reference,)


async def test_collecting_removes_no_image(adapter: DockerEngine, clean_engine: Dockerd, registry: Registry) -> None:
    pushed = images.push(registry, "app", "1.0.0")
    clean_engine.client().images.pull(pushed.by_digest)
    built = clean_engine.client().containers.create(pushed.by_digest)
    dangling = built.commit().id
    built.remove()
    await adapter.collect_partial()
    assert {image.id for image in await adapter.images()} == {pushed.image_id, dangling}


async def test_the_disk(adapter: DockerEngine, clean_engine: Dockerd) -> None:
    free = await adapter.disk_free()
    status = os.statvfs(clean_engine.data_root)
    assert free
    assert abs(free[0] - status.f_bavail * status.f_frsize) < 64 << 20
    assert free[1] > 0


async def test_logs_of_both_streams(adapter: DockerEngine, clean_engine: Dockerd, registry: Registry) -> None:
    script = "echo one; echo two >&2; printf '\\033[31mthree\\377\\n'"
    pushed = images.push(registry, "talk", "1", ImageSpec(behaviour=behaviours.shell(script)))
    clean_engine.client().images.pull(pushed.reference)
    container_id = made(clean_engine, pushed.reference)
    await asyncio.to_thread(until, lambda: b"three" in api(clean_engine).logs(container_id))
    # the engine's own log file holds no byte that is not UTF-8
    said = sorted((await adapter.logs(container_id)).splitlines())
    assert said == ["\x1b[31mthree\ufffd".encode(), b"one", b"two"]
    assert len((await adapter.logs(container_id, tail=1)).splitlines()) == 1
    with pytest.raises(EngineError, match="No such container"):
        await adapter.logs("gone")


async def test_logs_of_a_terminal(adapter: DockerEngine, clean_engine: Dockerd, registry: Registry) -> None:
    pushed = images.push(registry, "talk", "2", ImageSpec(behaviour=behaviours.shell("echo one")))
    clean_engine.client().images.pull(pushed.reference)
    container_id = made(clean_engine, pushed.reference, tty=True)
    await asyncio.to_thread(until, lambda: api(clean_engine).logs(container_id))
    assert await adapter.logs(container_id) == b"one\r\n"


async def test_files_that_a_container_changed(adapter: DockerEngine, clean_engine: Dockerd, registry: Registry) -> None:
    script = "echo x > /etc/motd; echo y >> /etc/passwd; mkdir -p /srv/a; echo z > /srv/a/b; rm /etc/group; echo ready"
    pushed = images.push(registry, "busy", "1", ImageSpec(behaviour=behaviours.shell(script)))
    clean_engine.client().images.pull(pushed.reference)
    container_id = made(clean_engine, pushed.reference)
    await asyncio.to_thread(until, lambda: api(clean_engine).logs(container_id))
    assert await adapter.changed_files(container_id) == ["/etc/motd", "/etc/passwd", "/srv/a/b"]


async def test_a_command_inside(adapter: DockerEngine, clean_engine: Dockerd, app: Pushed) -> None:
    container_id = made(clean_engine, app.reference)
    assert await adapter.execute(container_id, ["version"], within=20) == (0, "1.0.0\n")
    status, output = await adapter.execute(
        container_id, ["sh", "-c", "echo out; echo err >&2; printf '\\377\\n'; exit 3"], within=20
    )
    assert status == 3
    assert sorted(output.splitlines()) == ["err", "out", "\ufffd"]
    status, output = await adapter.execute(container_id, ["nothing"], within=20)
    assert status in {126, 127}
    assert "not found" in output


async def test_no_command_inside_what_does_not_run(adapter: DockerEngine, clean_engine: Dockerd, app: Pushed) -> None:
    container_id = made(clean_engine, app.reference, start=False)
    with pytest.raises(EngineError, match="is not running"):
        await adapter.execute(container_id, ["version"], within=20)


@pytest.mark.sample(1, reason="one engine or the other")
@pytest.mark.both_stores
async def test_commands_that_do_not_end_are_left(adapter: DockerEngine, clean_engine: Dockerd, app: Pushed) -> None:
    """More of them than the engine has threads: none is lost, and what was printed first is kept."""
    container_id = made(clean_engine, app.reference)
    script = ["sh", "-c", "echo 1.0.0; exec sleep 1000"]
    assert [await adapter.execute(container_id, script, within=2) for _ in range(10)] == [(None, "1.0.0\n")] * 10
    status, output = await adapter.execute(container_id, ["yes"], within=20)
    assert status is None
    assert set(output.splitlines()) <= {"y", ""}
    assert 1000 < len(output) < 1 << 16
    async with asyncio.timeout(2):
        assert await adapter.execute(container_id, ["version"], within=20) == (0, "1.0.0\n")


async def test_an_engine_that_is_paused_under_a_command_is_away(clean_engine: Dockerd, app: Pushed) -> None:
    impatient = DockerEngine(Endpoint(clean_engine.host), timeout=1)
    container_id = made(clean_engine, app.reference)
    running = asyncio.ensure_future(impatient.execute(container_id, ["sh", "-c", "touch /seen; sleep 1000"], within=2))
    await asyncio.to_thread(until, lambda: "/seen" in str(api(clean_engine).diff(container_id)))
    clean_engine.pause()
    try:
        with pytest.raises(EngineError, match="engine-timeout"):
            await running
    finally:
        clean_engine.resume()
        await impatient.close()


@pytest.mark.sample(1, reason="one engine or the other")
async def test_a_container_is_stopped_with_its_own_grace(
    adapter: DockerEngine, clean_engine: Dockerd, registry: Registry, app: Pushed
) -> None:
    stubborn = images.push(registry, "stubborn", "1", ImageSpec(behaviour=behaviours.ignore_term()))
    clean_engine.client().images.pull(stubborn.reference)
    polite = made(clean_engine, app.reference)
    deaf = made(clean_engine, stubborn.reference, stop_timeout=1)
    await adapter.stop(polite)
    await adapter.stop(polite)
    began = time.monotonic()
    await adapter.stop(deaf)
    assert 0.9 < time.monotonic() - began < 5
    await adapter.stop("gone")
    by_id = {container.id: container for container in await adapter.containers()}
    assert (by_id[polite].state, by_id[polite].exit_code) == ("exited", 0)
    assert (by_id[deaf].state, by_id[deaf].exit_code) == ("exited", 137)


async def test_a_container_goes_and_its_volumes_stay(adapter: DockerEngine, clean_engine: Dockerd, app: Pushed) -> None:
    container_id = made(clean_engine, app.reference, start=False, volumes=["/cache"], host={"binds": ["data:/data"]})
    assert len(await adapter.volumes()) == 2
    await adapter.remove_container(container_id)
    await adapter.remove_container(container_id)
    assert await adapter.containers() == []
    assert len(await adapter.volumes()) == 2
    running = made(clean_engine, app.reference)
    with pytest.raises(EngineError, match="engine-error"):
        await adapter.remove_container(running)


async def test_networks(adapter: DockerEngine, clean_engine: Dockerd) -> None:
    labels = {"com.docker.compose.project": "web"}
    network_id = api(clean_engine).create_network("web_default", labels=labels)["Id"]
    found = {network.name: network for network in await adapter.networks()}
    assert (found["web_default"].id, found["web_default"].project) == (network_id, "web")
    assert found["host"].project == ""
    await adapter.remove_network(network_id)
    await adapter.remove_network(network_id)
    assert "web_default" not in {network.name for network in await adapter.networks()}


async def test_the_same_adapter_works_after_a_restart(adapter: DockerEngine, clean_engine: Dockerd) -> None:
    await adapter.images()
    clean_engine.kill()
    for _ in range(2):
        with pytest.raises(EngineError) as caught:
            await adapter.images()
        assert caught.value.problem.code == "engine-unreachable"
        assert caught.value.problem.facts["reason"] == "Connection refused"
    clean_engine.start()
    assert await adapter.images() == []


async def test_a_silent_engine_is_given_up(clean_engine: Dockerd) -> None:
    impatient = DockerEngine(Endpoint(clean_engine.host), timeout=0.5)
    await impatient.images()
    clean_engine.pause()
    try:
        with pytest.raises(EngineError) as caught:
            await impatient.images()
    finally:
        clean_engine.resume()
    assert caught.value.problem.code == "engine-timeout"
    assert caught.value.problem.facts == {"call": "images", "host": clean_engine.host}
    assert await impatient.images() == []
    await impatient.close()


async def test_a_user_without_permission_is_named(adapter: DockerEngine, clean_engine: Dockerd) -> None:
    nobody = pwd.getpwnam("nobody")
    os.seteuid(nobody.pw_uid)
    try:
        with pytest.raises(EngineError) as caught:
            await adapter.info()
    finally:
        os.seteuid(0)
    assert caught.value.problem.code == "engine-permission"
    assert caught.value.problem.facts == {"host": clean_engine.host, "user": "nobody"}
