"""What a service is asked once it seems well: its version, and a URL; each for so long and no longer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import msgspec
import pytest

from virtual_time import virtual
from ws9tui.core.commit.acceptance import Acceptance
from ws9tui.core.commit.watch import Rule, Watch
from ws9tui.core.inspect.gate import Verdict
from ws9tui.core.journal import events as e
from ws9tui.core.model.acceptance import AcceptanceCheck
from ws9tui.core.model.observed import Container
from ws9tui.core.model.reference import Reference
from ws9tui.errors import EngineError
from ws9tui.problems import reasons
from ws9tui.problems.acceptance import CheckFailed, CheckFailsStill, ChecksPass
from ws9tui.problems.problem import read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ws9tui.core.ports import Engine

RULE = Rule("web", expect="2.0", version_command=("version",), probe="http://web.test/")


class Answering:
    """As much of an engine as is watched: one container, and what it and its URL answer."""

    def __init__(self) -> None:
        self.one = Container("1", "shop-web-1", "image", Reference("web"), project="shop", service="web")
        self.says: tuple[int | None, str] = (0, "2.0\n")
        self.loses = 0
        """outputs that the engine does not pass on"""
        self.state_after = "running"
        self.refuses = ""
        self.asked: list[str] = []

    async def containers(self, _: str | None = None) -> list[Container]:
        return [self.one]

    async def container(self, _: str) -> Container | None:
        return self.one

    async def logs(self, _: str, **__: object) -> bytes:
        return b""

    async def execute(self, _: str, command: Sequence[str], *, within: float) -> tuple[int | None, str]:
        assert within
        self.asked.append(command[0])
        self.state(self.state_after)
        self.loses -= 1
        return (self.says[0], "") if self.loses >= 0 else self.says

    async def answers(self, url: str, *, within: float) -> str:
        assert within
        self.asked.append(url)
        return self.refuses

    def state(self, name: str) -> None:
        self.one = msgspec.structs.replace(self.one, state=name)


@pytest.fixture
def engine() -> Answering:
    return Answering()


async def seen(engine: Answering, watch: Watch | None = None) -> tuple[Watch, Verdict, str]:
    if watch is None:
        watch = Watch(cast("Engine", engine), "shop", lambda _: None)
        watch.add(RULE)
    await watch.look()
    judgement = watch.seen["web"].judgement
    return watch, judgement.verdict, judgement.problem.code if judgement.problem else ""


@virtual
async def test_a_command_that_does_not_end_is_asked_once(engine: Answering) -> None:
    engine.says = (None, "2.0\n")
    watch, *first = await seen(engine)
    assert first == [Verdict.FAILED, "version-command-endless"]
    assert list(await seen(engine, watch))[1:] == first
    assert engine.asked == ["version"]


@virtual
@pytest.mark.parametrize("says", [(None, ""), (1, "")])
async def test_a_container_that_was_paused_under_a_command_is_asked_again(
    engine: Answering, says: tuple[int | None, str]
) -> None:
    engine.says, engine.state_after = says, "paused"
    watch, verdict, _ = await seen(engine)
    assert verdict is Verdict.WAITING
    assert (await seen(engine, watch))[1:] == (Verdict.WAITING, "waiting-start")
    engine.says, engine.state_after = (0, "2.0\n"), "running"
    engine.state("running")
    assert (await seen(engine, watch))[1] is Verdict.PASSED
    assert engine.asked == ["version", "version", RULE.probe]


@virtual
@pytest.mark.parametrize(("loses", "verdict"), [(2, Verdict.PASSED), (9, Verdict.FAILED)])
async def test_a_version_that_a_busy_engine_has_lost_is_asked_for_again(
    engine: Answering, loses: int, verdict: Verdict
) -> None:
    engine.loses = loses
    assert (await seen(engine))[1] is verdict
    assert engine.asked[:3] == ["version"] * 3


@virtual
async def test_a_gate_bears_an_engine_that_answers_its_first_question_with_an_error(
    engine: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [EngineError(read("engine-error", {"call": "containers"}))]

    async def containers(_: str | None = None) -> list[Container]:
        if answers:
            raise answers.pop()
        return [engine.one]

    monkeypatch.setattr(engine, "containers", containers)
    watch = Watch(cast("Engine", engine), "shop", lambda _: None)
    watch.add(msgspec.structs.replace(RULE, monitor=1.0))
    assert await watch.gate(("web",)) is None
    assert not answers


@virtual
async def test_a_version_that_is_proven_is_not_asked_again_while_a_url_is_waited_for(engine: Answering) -> None:
    engine.refuses = "Connection refused"
    watch, *first = await seen(engine)
    assert first == [Verdict.WAITING, "probe-failed"]
    engine.refuses = ""
    assert (await seen(engine, watch))[1] is Verdict.PASSED
    assert engine.asked == ["version", RULE.probe, RULE.probe]
    watch.add(RULE)
    await seen(engine, watch)
    assert engine.asked[3:] == ["version", RULE.probe]


# --- a product's acceptance checks --------------------------------------------------------------------------------

GITEA = AcceptanceCheck("gitea", "web", "web", "http://127.0.0.1:3001/")
OTHER = msgspec.structs.replace(GITEA, name="portainer", url="http://127.0.0.1:9004/", required=False)
CHECKED = Rule("web", monitor=10.0, checks=(OTHER, GITEA))


@virtual
async def test_a_product_that_does_not_work_is_waited_for_and_then_unwell(engine: Answering) -> None:
    """Its container runs on; it has eight times the window of a container, four minutes by default."""
    events: list[e.Event] = []
    engine.says = (0, "HTTP/1.1 502 Bad Gateway\n")
    watch = Watch(cast("Engine", engine), "shop", events.append)
    watch.add(CHECKED)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await watch.until(lambda: watch.failed() is not None or watch.passed())
    assert loop.time() - began == pytest.approx(80, abs=1)
    assert watch.failed() == CheckFailed(service="web", check="gitea", reason=reasons.HttpStatus(status=502))
    assert "checks-pass" not in [event.finding.problem.code for event in events if isinstance(event, e.Found)]


@virtual
async def test_what_did_not_pass_before_is_told_and_not_waited_for(engine: Answering) -> None:
    """What is required is made first, and not again once it has passed."""
    events: list[e.Event] = []
    engine.says = (0, "HTTP/1.1 502 Bad Gateway\n")
    watch = Watch(cast("Engine", engine), "shop", events.append)
    watch.add(msgspec.structs.replace(CHECKED, monitor=0.0))
    await watch.look()
    assert watch.seen["web"].judgement.verdict is Verdict.WAITING
    watch.add(msgspec.structs.replace(CHECKED, monitor=0.0, checks=(OTHER,)))
    await watch.look()
    assert watch.passed()
    found = [event.finding.problem for event in events if isinstance(event, e.Found)]
    assert found == [CheckFailsStill(service="web", check="portainer", reason=reasons.HttpStatus(status=502))]
    engine.says = (0, "HTTP/1.1 200 OK\n")
    watch.add(msgspec.structs.replace(CHECKED, monitor=0.0))
    await watch.look()
    await watch.look()
    assert watch.passed()
    found = [event.finding.problem for event in events if isinstance(event, e.Found)]
    assert found[1:] == [ChecksPass(checks="gitea, portainer")]


@virtual
async def test_what_is_required_waits_for_the_container_that_it_is_made_in(engine: Answering) -> None:
    """The proxy that is asked may be recreated in the same wave."""
    elsewhere = msgspec.structs.replace(GITEA, inside="proxy")
    watch = Watch(cast("Engine", engine), "shop", lambda _: None)
    watch.add(msgspec.structs.replace(CHECKED, monitor=0.0, checks=(elsewhere,)))
    await watch.look()
    seen = watch.seen["web"].judgement
    assert (seen.verdict, seen.problem) == (
        Verdict.WAITING,
        CheckFailed(service="web", check="gitea", reason=reasons.ItsContainerStopped()),
    )
    assert seen.remaining == pytest.approx(60, abs=1)
    assert (Acceptance.patience(5.0), Acceptance.patience(30.0), Acceptance.patience(600.0)) == (40.0, 240.0, 240.0)
