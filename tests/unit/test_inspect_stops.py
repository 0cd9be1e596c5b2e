"""What the engine goes on doing is waited for, and what others do meanwhile is no end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bench import COMPOSE, OLD, Shop
from plans import Bench, needs
from virtual_time import virtual
from ws9tui.core.inspect import stops
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Container, Healthcheck, SentSignals
from ws9tui.core.model.plan import Kind
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Outcome
from ws9tui.errors import ComposeError, EngineError
from ws9tui.problems.problem import read

pytestmark = pytest.mark.usefixtures("quick")

TOLD = frozenset({15})


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path, COMPOSE.replace("    restart: always\n", "    restart: always\n    stop_grace_period: 17m\n"))


# --- which stops are under way ---------------------------------------------------------------------------------------


def web(**changes: Any) -> Container:  # noqa: ANN401 - fields of a container
    return msgspec.structs.replace(Container("c1", "shop-web-1", "sha256:1", Reference("web:1"), grace=30.0), **changes)


TWIN = web(id="c2", name="0123456789ab_shop-web-1", state="created")


@pytest.mark.parametrize(
    ("found", "signals", "expected"),
    [
        ([web()], SentSignals({}), set()),
        ([web()], SentSignals({"c1": TOLD}), {"c1"}),
        ([web(state="exited")], SentSignals({"c1": TOLD}), set()),
        ([web(stop_signal=3)], SentSignals({"c1": TOLD}), set()),
        ([web(stop_signal=3)], SentSignals({"c1": frozenset({1, 3})}), {"c1"}),
        ([web(), TWIN], SentSignals({}), set()),
        ([web(), TWIN], SentSignals({}, 31.0), set()),
        ([web(), TWIN], SentSignals({}, 29.0), {"c1"}),
        ([web()], SentSignals({}, 0.0), set()),
    ],
    ids=[
        "none",
        "told",
        "ended",
        "another signal",
        "its own signal",
        "a twin, and all is remembered",
        "a twin, and enough is remembered",
        "a twin, and the rest is forgotten",
        "all is forgotten",
    ],
)
def test_a_stop_is_under_way(found: list[Container], signals: SentSignals, expected: set[str]) -> None:
    assert stops.under_way({"web": found}, signals) == expected


def test_how_long_compose_may_need() -> None:
    check = Healthcheck(interval=2.0, timeout=2.0, retries=3, start_period=4.0)
    assert stops.longest([web(), web(healthcheck=check)]) == 30 + 30 + 4 + 16
    assert stops.longest([]) == 0


# --- plans -----------------------------------------------------------------------------------------------------------


REMOVED = (Kind.REMOVE_TWIN, "0123456789ab_shop-web-1", "twin")


def planned(bench: Bench, *scope: str) -> list[tuple[Kind, str, str]]:
    return [(op.kind, op.subject, op.cause.code) for op in bench.plan(*scope).operations if op.kind is not Kind.TAG]


def test_what_is_to_stay_is_restarted_with_those_in_its_network() -> None:
    bench = Bench(web="web:1.0", side="side:1.0", db="db:1.0", api="api:1.0")
    bench.model("side", joined=("web",))
    bench.model("api", depends_on=needs(web=True))
    bench.stopping = {bench.containers["web"][0].id}
    assert planned(bench, "web", "db") == [
        (Kind.RESTART, "web", "stop-under-way"),
        (Kind.RESTART, "side", "follows-restart"),
        (Kind.RESTART, "api", "follows-restart"),
    ]
    bench.run("web", name="0123456789ab_shop-web-1", state="created", id="twin")
    assert planned(bench, "web")[:2] == [REMOVED, (Kind.RESTART, "web", "stop-under-way")]


def test_what_is_made_anew_or_stopped_needs_no_restart() -> None:
    bench = Bench(web="web:1.0", db="db:1.0")
    bench.stopping = {bench.containers[name][0].id for name in ("web", "db")}
    bench.want("web", "web:1.1")
    bench.want("db", state="stopped")
    assert planned(bench, "web", "db") == [
        (Kind.RECREATE, "web", "image-changed"),
        (Kind.STOP, "db", "was-stopped"),
    ]


def test_what_is_started_again_takes_those_in_its_network_along() -> None:
    bench = Bench(web="web:1.0", side="side:1.0")
    bench.model("side", joined=("web",))
    bench.change("web", state="exited")
    assert planned(bench, "web") == [
        (Kind.START, "web", "was-running"),
        (Kind.RESTART, "side", "follows-restart"),
    ]
    bench.run("web", name="0123456789ab_shop-web-1", state="created", id="twin")
    assert planned(bench, "web") == [
        REMOVED,
        (Kind.RECREATE, "web", "twin"),
        (Kind.RESTART, "side", "follows-restart"),
    ]
    del bench.containers["web"][1]
    bench.change("side", state="exited")
    assert planned(bench, "web") == [(Kind.START, "web", "was-running")]


# --- runs ------------------------------------------------------------------------------------------------------------


def deaf(shop: Shop, seconds: float) -> None:
    """Let what runs take so long to stop."""
    for image in shop.world.images.values():
        behaviour = msgspec.structs.replace(image.spec.behaviour, stop_seconds=seconds)
        image.spec = msgspec.structs.replace(image.spec, behaviour=behaviour)


def meanwhile(shop: Shop, monkeypatch: pytest.MonkeyPatch, work: Callable[[], None]) -> None:
    """Do something right after the next `up`, as somebody else might."""
    up, left = shop.compose.up, [work]

    async def then(*arguments: Any, **options: Any) -> None:  # noqa: ANN401 - as `up` has them
        await up(*arguments, **options)
        if left:
            left.pop()()

    monkeypatch.setattr(shop.compose, "up", then)


@virtual
async def test_a_compose_that_was_cut_off_while_it_stopped_something(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine goes on with the stop: it is ended, and what was stopped runs again for good."""
    await shop.install()
    before = shop.ids()
    deaf(shop, 30.0)
    shop.publish("r.test/web:latest", "1.1")
    up, calls = shop.compose.up, []

    async def cut(*arguments: Any, **options: Any) -> None:  # noqa: ANN401 - as `up` has them
        calls.append(options.get("longer"))
        try:
            async with asyncio.timeout(5 if len(calls) == 1 else None):
                await up(*arguments, **options)
        except TimeoutError:
            raise ComposeError(read("compose-failed", {"command": "up", "reason": "no end"})) from None

    monkeypatch.setattr(shop.compose, "up", cut)
    told = await shop.run("web")
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "compose-failed")
    assert calls[0] == 2 * 17 * 60.0  # of web, and of api, which is named along
    assert [step.subject for step in told.all(e.StepStarted) if step.kind == "restart"] == ["web"]
    await asyncio.sleep(60)
    assert (shop.versions(), shop.ids()) == (OLD, before)
    assert not await shop.drift()


@virtual
async def test_a_down_in_the_middle(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network that the way back has had made is its own by then, and stays."""

    def down() -> None:
        shop.world.containers.clear()
        shop.world.networks.clear()

    await shop.offer()
    meanwhile(shop, monkeypatch, down)
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "not-started")
    assert [network.name for network in shop.world.networks] == ["shop_default"]
    assert not [event for event in told.all(e.Removed) if event.kind == "network"]


@virtual
async def test_a_network_that_cannot_go_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def more() -> None:
        shop.world.add_network("shop_more", "shop")
        shop.world.containers.clear()

    async def refused(_: str) -> None:
        raise EngineError(read("engine-error", {"call": "remove_network", "reason": "has active endpoints"}))

    await shop.offer()
    meanwhile(shop, monkeypatch, more)
    monkeypatch.setattr(shop.engine, "remove_network", refused)
    told = await shop.run()
    assert told.outcome is Outcome.ROLLED_BACK
    assert "network-left" in told.found()
