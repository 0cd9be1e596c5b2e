"""The simulated engine beyond what the contract holds it to: time, pulls, faults, kills and its file."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import msgspec
import pytest

from virtual_time import START, now, virtual
from ws9tui.core.model.observed import Container, Healthcheck, PullEvent
from ws9tui.core.model.source import ProjectSource
from ws9tui.errors import ComposeError, EngineError, RegistryError
from ws9tui.simulation.engine import Behaviour, Fault, ImageSpec, SimulatedCompose, SimulatedEngine, World, make_image

COMPOSE = """
services:
  web:
    image: r.test/web:latest
    restart: always
    ports: [{target: 8080, published: "${PORT:-80}", protocol: tcp}]
    depends_on: {db: {condition: service_started}}
  side:
    image: r.test/side:1.0
    network_mode: service:web
  db:
    image: r.test/db:16.4
    healthcheck: {test: pg_isready, interval: 2s}
    volumes: [{type: volume, source: data, target: /data}]
volumes: {data: {name: shop_data}}
"""


KEYS = ("web", "side", "db")


@pytest.fixture
def source(tmp_path: Path) -> ProjectSource:
    file = tmp_path / "docker-compose.yml"
    file.write_text(COMPOSE)
    return ProjectSource("shop", str(tmp_path), (str(file),))


def edit(source: ProjectSource, old: str, new: str) -> None:
    file = Path(source.files[0])
    file.write_text(file.read_text().replace(old, new))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def a_world() -> World:
    world = World()
    for reference in ("r.test/web:latest", "r.test/side:1.0", "r.test/db:16.4"):
        world.publish(reference, make_image(reference.partition(":")[0], "1.0"))
        world.fetch(reference)
    return world


async def deployed(source: ProjectSource, world: World | None = None) -> tuple[SimulatedEngine, SimulatedCompose]:
    world = world or a_world()
    compose = SimulatedCompose(world, now)
    await compose.up(source, KEYS)
    return SimulatedEngine(world, now), compose


async def by_service(engine: SimulatedEngine) -> dict[str, Container]:
    return {container.service: container for container in await engine.containers("shop")}


async def events(engine: SimulatedEngine, reference: str) -> list[PullEvent]:
    return [event async for event in engine.pull(reference)]


def run_image(behaviour: Behaviour, source: ProjectSource, restart: str = "always") -> World:
    """Put a behaviour into web."""
    world = a_world()
    world.publish("r.test/web:latest", make_image("web", "2.0", behaviour=behaviour))
    world.fetch("r.test/web:latest")
    edit(source, "restart: always", f"restart: '{restart}'")
    return world


def test_half_an_hour_takes_no_time() -> None:
    @virtual
    async def slept() -> float:
        await asyncio.sleep(1800)
        return now()

    begun = time.monotonic()
    assert slept() == START + 1800
    assert time.monotonic() - begun < 1


@virtual
async def test_a_thread_is_waited_for_in_real_time() -> None:
    async with asyncio.timeout(0.5):
        await asyncio.to_thread(time.sleep, 0.01)


@virtual
async def test_up_makes_what_the_files_say(source: ProjectSource) -> None:
    engine, compose = await deployed(source)
    found = await by_service(engine)
    assert {container.state for container in found.values()} == {"running"}
    assert found["web"].ports == ("0.0.0.0:80/tcp",)
    assert found["web"].name == "shop-web-1"
    assert found["web"].network_mode == "shop_default"
    assert found["side"].network_mode == f"container:{found['web'].id}"
    assert found["db"].config_hash == (await compose.hashes(source))["db"]
    assert found["web"].config_files == source.files
    assert await engine.volumes() == ["shop_data"]
    assert [(net.name, net.project) for net in await engine.networks()] == [("shop_default", "shop")]


@virtual
async def test_a_moved_tag_recreates_and_a_follower_follows(source: ProjectSource) -> None:
    engine, compose = await deployed(source)
    before = await by_service(engine)
    said: list[tuple[str, str]] = []
    pinned = engine.world.publish("r.test/web:latest", make_image("r.test/web", "1.1"))
    await events(engine, pinned)
    image = await engine.image(pinned)
    assert image is not None
    assert image.tags == ()
    await engine.tag(image.id, "r.test/web:latest")
    await compose.up(source, ["web", "db"], report=lambda *what: said.append(what))
    after = await by_service(engine)
    assert after["web"].image_id == image.id != before["web"].image_id
    assert after["web"].name == "shop-web-1"
    assert after["web"].replaces == "web-1"
    assert after["db"].id == before["db"].id
    assert said == [
        ("shop-db-1", "Running"),
        ("shop-web-1", "Recreate"),
        ("shop-web-1", "Recreated"),
        ("shop-web-1", "Starting"),
        ("shop-web-1", "Started"),
    ]
    assert after["side"].id == before["side"].id
    await compose.up(source, KEYS)
    last = await by_service(engine)
    assert last["side"].network_mode == f"container:{after['web'].id}"
    assert last["web"].id == after["web"].id


@virtual
@pytest.mark.parametrize("steps", range(5))
async def test_a_kill_between_two_steps_leaves_what_compose_leaves(source: ProjectSource, steps: int) -> None:
    engine, compose = await deployed(source)
    old = (await by_service(engine))["web"]
    engine.world.step = 1.0
    engine.world.fetch(engine.world.publish("r.test/web:latest", new := make_image("r.test/web", "1.1")))
    await engine.tag(new.id, "r.test/web:latest")
    task = asyncio.create_task(compose.up(source, ["web"]))
    await asyncio.sleep(steps + 0.5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    found = sorted((one.name, one.state) for one in await engine.containers("shop") if one.service == "web")
    twin = (f"{old.id[:12]}_shop-web-1", "created")
    assert (
        found
        == [
            [("shop-web-1", "running")],
            [twin, ("shop-web-1", "running")],
            [twin, ("shop-web-1", "exited")],
            [twin],
            [("shop-web-1", "created")],
        ][steps]
    )
    await engine.tag(old.image_id, "r.test/web:latest")
    await compose.up(source, KEYS)
    found_again = [one for one in await engine.containers("shop") if one.service == "web"]
    assert [(one.name, one.state, one.image_id) for one in found_again] == [("shop-web-1", "running", old.image_id)]


@virtual
async def test_health_is_a_matter_of_time(source: ProjectSource) -> None:
    check = Healthcheck(interval=2, retries=3, start_period=5)
    late = Behaviour(healthy_after=5, unhealthy_after=20)
    world = run_image(late, source)
    world.images[world.lookup("r.test/web:latest").id].spec = make_image(
        "web", "2.0", behaviour=late, healthcheck=check
    )
    engine, _ = await deployed(source, world)
    seen = []
    for _ in range(8):
        seen.append((await by_service(engine))["web"].health)
        await asyncio.sleep(4)
    assert seen == ["starting", "starting", "healthy", "healthy", "healthy", "healthy", "unhealthy", "unhealthy"]


@virtual
async def test_a_crash_loop_restarts_ever_more_slowly(source: ProjectSource) -> None:
    crash = Behaviour(exits_after=1, exit_code=3, last_words="fatal: no database")
    engine, _ = await deployed(source, run_image(crash, source))
    first = (await by_service(engine))["web"]
    await asyncio.sleep(1.05)
    second = (await by_service(engine))["web"]
    await asyncio.sleep(60)
    third = (await by_service(engine))["web"]
    assert (first.state, first.restart_count) == ("running", 0)
    assert (second.state, second.restart_count, second.exit_code) == ("restarting", 1, 3)
    assert third.restart_count > 4
    assert third.started_at > first.started_at
    assert (await engine.logs(third.id)).count(b"fatal: no database") >= 4
    assert (await engine.logs(third.id, tail=2)).count(b"\n") == 2


@virtual
@pytest.mark.parametrize(("restart", "state"), [("no", "exited"), ("on-failure", "exited"), ("always", "running")])
async def test_a_one_shot_ends_unless_it_is_restarted(source: ProjectSource, restart: str, state: str) -> None:
    engine, _ = await deployed(source, run_image(Behaviour(exits_after=100), source, restart))
    await asyncio.sleep(150)
    found = (await by_service(engine))["web"]
    assert (found.state, found.exit_code) == (state, 0)


@virtual
async def test_a_pull_says_what_an_engine_says() -> None:
    world = World(rate=1000.0)
    engine = SimulatedEngine(world, now)
    world.publish("r.test/base:1", make_image("base", "1", sizes=(5000, 10), base="debian"))
    world.fetch("r.test/base:1")
    pinned = world.publish(
        "r.test/a/web:1", make_image("web", "1", sizes=(5000, 4000, 3000, 2000, 1000), base="debian")
    )
    begun = now()
    said = await events(engine, pinned)
    assert said[0] == PullEvent("Pulling from a/web", pinned)
    for status, count in {
        "Already exists": 1,
        "Pulling fs layer": 4,
        "Waiting": 1,
        "Verifying Checksum": 4,
        "Download complete": 4,
        "Pull complete": 4,
    }.items():
        assert sum(event.status == status for event in said) == count, status
    assert said[-2].status == f"Digest: {pinned.partition('@')[2]}"
    assert said[-1].status == f"Status: Downloaded newer image for {pinned}"
    assert max(event.current for event in said if event.status == "Downloading") == 4000
    assert 10 < now() - begun < 14
    assert (await events(engine, pinned))[-1].status == f"Status: Image is up to date for {pinned}"


@virtual
async def test_a_cancelled_pull_leaves_nothing() -> None:
    world = World(rate=1000.0)
    engine = SimulatedEngine(world, now)
    pinned = world.publish("r.test/web:1", make_image("web", "1"))
    stream = engine.pull(pinned)
    for _ in range(8):
        await anext(stream)
    await stream.aclose()
    assert await engine.images() == []
    assert world.disk_usage() == 0


@virtual
async def test_faults_strike_the_calls_that_they_name() -> None:
    world = World(
        faults=[
            Fault(call="pull", subject="*/web@*", effect="cut", at=0.5, times=2),
            Fault(call="resolve", subject="r.test/db:*", code="rate-limited", retry_after=30, nth=2),
            Fault(call="images", effect="delay", seconds=7),
            Fault(call="info", code="engine-unreachable", times=1),
        ]
    )
    engine = SimulatedEngine(world, now)
    pinned = world.publish("r.test/web:1", make_image("web", "1"))
    world.publish("r.test/db:1", make_image("db", "1"))
    for _ in range(2):
        with pytest.raises(RegistryError) as cut:
            await events(engine, pinned)
        assert (cut.value.problem.code, cut.value.transient) == ("registry-unreachable", True)
    assert await events(engine, pinned)
    assert (await engine.resolve("r.test/db:1")).platforms == ("linux/amd64",)
    with pytest.raises(RegistryError) as limited:
        await engine.resolve("r.test/db:1")
    assert (limited.value.problem.code, limited.value.retry_after) == ("rate-limited", 30)
    begun = now()
    await engine.images()
    assert now() - begun == 7
    with pytest.raises(EngineError):
        await engine.info()
    await engine.info()


@virtual
async def test_a_stalled_pull_waits_for_ever() -> None:
    world = World(rate=1000.0, faults=[Fault(call="pull", effect="stall", at=0.3)])
    engine = SimulatedEngine(world, now)
    pinned = world.publish("r.test/web:1", make_image("web", "1"))
    begun = now()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(events(engine, pinned), 3600)
    assert now() - begun == 3600
    assert await engine.images() == []


@virtual
async def test_another_platform_is_refused() -> None:
    world = World()
    pinned = world.publish("r.test/web:1", make_image("web", "1", platforms=("linux/arm64/v8", "linux/s390x")))
    with pytest.raises(RegistryError) as refused:
        await events(SimulatedEngine(world, now), pinned)
    assert refused.value.problem.code == "platform-missing"


@virtual
async def test_a_fault_at_the_start_leaves_the_container_created(source: ProjectSource) -> None:
    world = a_world()
    world.faults.append(Fault(call="start", subject="web", times=1, reason="port is already allocated"))
    with pytest.raises(ComposeError):
        await deployed(source, world)
    engine, _ = await deployed(source, world)
    assert (await by_service(engine))["web"].state == "running"


@virtual
async def test_another_process_finds_the_same_world(source: ProjectSource, tmp_path: Path) -> None:
    world = run_image(Behaviour(exits_after=1, exit_code=1), source)
    world.save(tmp_path / "world.json")
    engine, _ = await deployed(source, world)
    await asyncio.sleep(30)
    again = SimulatedEngine(World.load(tmp_path / "world.json"), now)
    assert await again.containers() == await engine.containers()
    assert await again.images() == await engine.images()
    assert names(tmp_path) == ["docker-compose.yml", "world.json"]


@virtual
async def test_scaling_makes_and_removes_containers(source: ProjectSource) -> None:
    edit(source, '    ports: [{target: 8080, published: "${PORT:-80}", protocol: tcp}]\n', "")
    engine, compose = await deployed(source)
    first = (await by_service(engine))["web"]
    await compose.up(source, ["web"], scale={"web": 3})
    numbers = sorted(one.number for one in await engine.containers("shop") if one.service == "web")
    assert numbers == [1, 2, 3]
    await compose.up(source, ["web"], scale={"web": 1})
    left = [one for one in await engine.containers("shop") if one.service == "web"]
    assert [one.id for one in left] == [first.id]


@virtual
async def test_dependencies_are_waited_for(source: ProjectSource) -> None:
    edit(source, "service_started", "service_healthy")
    begun = now()
    await deployed(source)
    assert now() - begun == 2
    world = a_world()
    world.images[world.lookup("r.test/db:16.4").id].spec = _never_healthy(world.lookup("r.test/db:16.4"))
    with pytest.raises(ComposeError) as never:
        await deployed(source, world)
    assert never.value.problem.facts["reason"] == "dependency failed to start: container shop-db-1 is unhealthy"
    found = await by_service(SimulatedEngine(world, now))
    assert found["web"].state == "created"


def _never_healthy(spec: ImageSpec) -> ImageSpec:
    return msgspec.structs.replace(spec, behaviour=Behaviour(healthy_after=None))
