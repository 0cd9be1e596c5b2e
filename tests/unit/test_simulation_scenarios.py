"""The scenarios of the demo: each is well, as Compose reads it, and as slow as one likes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from virtual_time import now, virtual
from ws9tui.adapters.compose.compose import ComposeCommand
from ws9tui.core.model.observed import Container
from ws9tui.simulation.engine import SimulatedCompose, SimulatedEngine, World
from ws9tui.simulation.scenarios import SCENARIOS


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_scenario_begins_with_a_project_that_is_well(name: str, tmp_path: Path) -> None:
    scenario = SCENARIOS[name]
    prepared = scenario.prepare(tmp_path)

    async def look() -> list[Container]:
        compose = SimulatedCompose(world := World.load(prepared.world))
        assert set((await compose.config(prepared.source))["services"]) == {
            *(["web", "api", "worker", "db"] if name != "websoft9" else ["apphub", "deployment", "git", "proxy"])
        }
        before = set(world.containers)
        if scenario.installed:
            await compose.up(prepared.source, list(await compose.hashes(prepared.source)))
        assert set(world.containers) == before
        return await SimulatedEngine(world).containers(prepared.source.name)

    found = asyncio.run(look())
    assert len(found) == 4 * scenario.installed
    assert {(container.state, container.health in ("", "healthy")) for container in found} <= {("running", True)}


@pytest.mark.parametrize("name", ["update", "websoft9"])
async def test_compose_resolves_the_demo_s_projects_to_the_same(
    name: str, tmp_path: Path, real_compose: ComposeCommand
) -> None:
    source = SCENARIOS[name].prepare(tmp_path).source
    simulated = SimulatedCompose(World())
    for old, new in (("", ""), ("API_VERSION=2.3", "API_VERSION=2.4"), ("GIT_VERSION=1.25.1", "GIT_VERSION=1.25.5")):
        env = Path(source.folder, ".env")
        env.write_text(env.read_text().replace(old, new))
        for resolve in (True, False):
            expected = await real_compose.config(source, resolve_env_files=resolve)
            assert await simulated.config(source, resolve_env_files=resolve) == expected
        assert await simulated.resolved(source) == await real_compose.resolved(source)


@virtual
@pytest.mark.parametrize("speed", [1.0, 10.0])
async def test_a_scenario_takes_as_long_as_one_likes_to_watch(tmp_path: Path, speed: float) -> None:
    prepared = SCENARIOS["update"].prepare(tmp_path, speed)
    world = World.load(prepared.world)
    engine, compose = SimulatedEngine(world, now), SimulatedCompose(world, now)
    pulls = {}
    for reference in ("registry.example.com/shop/web:latest", "registry.example.com/shop/api:2.3"):
        found = await engine.resolve(reference)
        pulls[reference] = f"{reference.rpartition(':')[0]}@{found.digest}"

    async def pull(pinned: str) -> None:
        async for _ in engine.pull(pinned):
            pass

    begun = now()
    await asyncio.gather(*map(pull, pulls.values()))
    assert 8 < (now() - begun) * speed < 12
    for reference, pinned in pulls.items():
        image = await engine.image(pinned)
        assert image is not None
        await engine.tag(image.id, reference)
    await compose.up(prepared.source, ["web", "api", "worker"])
    await asyncio.sleep(10 / speed)
    found_now = {container.service: container for container in await engine.containers("shop")}
    assert found_now["web"].health == "healthy"
    assert {name for name, container in found_now.items() if container.replaces} == {"web", "api"}
    monitor = (await compose.config(prepared.source))["services"]["web"]["deploy"]["update_config"]["monitor"]
    assert monitor == {1.0: "20s", 10.0: "2s"}[speed]
