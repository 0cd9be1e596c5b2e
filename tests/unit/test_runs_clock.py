"""A clock that jumps, in either direction, at any time: deadlines go by the steady clock, and nothing is lost."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench import GO, OLD, Script, Shop, always, at_each_event, go
from updates import killed
from virtual_time import now, virtual
from ws9tui.core.images import pull
from ws9tui.core.journal import events as e
from ws9tui.core.journal.journal import Journal
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb
from ws9tui.core.session import Session
from ws9tui.simulation.engine import make_image
from ws9tui.simulation.images import LocalImage
from ws9tui.words import panes

pytestmark = pytest.mark.slow

DAY = 86400.0


class Clock:
    """The wall clock of this program, which may be set; the steady one goes on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ahead = 0.0
        monkeypatch.setattr(time, "time", self.time)

    def time(self) -> float:
        return now() + self.ahead

    def set_at(self, monkeypatch: pytest.MonkeyPatch, when: str, ahead: float) -> None:
        """Be set when an event of this type is written."""

        def be_set(_: Session, event: dict[str, Any]) -> None:
            if event["type"] == when:
                self.ahead = ahead

        at_each_event(monkeypatch, be_set)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


WHEN = ["pull-started", "asked", "commit-started", "container-step", "watch-started", "gate-passed"]


@virtual
@pytest.mark.parametrize("ahead", [-DAY, DAY], ids=["back", "forward"])
@pytest.mark.parametrize("when", WHEN)
async def test_an_update_goes_on_and_takes_as_long(
    shop: Shop, clock: Clock, monkeypatch: pytest.MonkeyPatch, when: str, ahead: float
) -> None:
    await shop.offer(sizes=(1000, 5000))
    shop.world.rate, shop.world.step = 1000.0, 0.5
    clock.set_at(monkeypatch, when, ahead)
    began = now()
    told = await shop.run(script=GO, confirm_within=600.0)
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert 30 < now() - began < 120
    assert shop.versions() == OLD | {"web": "1.1"}
    downtime = told.state.watched["web"].downtime
    assert downtime is None or downtime < 60
    assert not await shop.drift()


NOBODY: dict[str, tuple[Script, dict[str, Any], Outcome, float]] = {
    "before the commit": (always(select=Choice.GO, versions=Choice.GO), {}, Outcome.CANCELLED, 3600),
    "keep": (go(), {}, Outcome.KEPT, 3600),
    "confirm within": (
        go(),
        {"confirm_within": 600.0},
        Outcome.ROLLED_BACK,
        600,
    ),
}


@virtual
@pytest.mark.sample(2, reason="each case is another question")
@pytest.mark.parametrize("ahead", [-DAY, DAY], ids=["back", "forward"])
@pytest.mark.parametrize("case", NOBODY)
async def test_a_decision_that_is_pending_has_the_time_that_was_said(
    shop: Shop, clock: Clock, case: str, ahead: float
) -> None:
    script, options, outcome, seconds = NOBODY[case]
    await shop.offer()
    last: list[float] = []

    def deciding(asked: e.Asked) -> Choice | e.Decision | None:
        answer = script(asked)
        if answer is None:
            last.append(now())
            clock.ahead = ahead
        return answer

    told = await shop.run(script=deciding, **options)
    assert told.outcome is outcome
    assert told.asked()[-1][2] == "deadline"
    assert seconds - 1 < now() - last[0] < seconds + 30


@virtual
@pytest.mark.parametrize("ahead", [-DAY, DAY], ids=["back", "forward"])
@pytest.mark.parametrize("event", [e.GenerationSaved, e.PullStarted, e.PullFinished])
async def test_what_a_killed_run_left_is_taken_back(
    shop: Shop, clock: Clock, monkeypatch: pytest.MonkeyPatch, event: type[e.Event], ahead: float
) -> None:
    """The generation that it recorded is known as its own, whatever the clock said then."""
    await shop.install()
    before = shop.everything()
    clock.set_at(monkeypatch, "engine-found", ahead)
    await killed(shop, lambda one: isinstance(one, event))
    told = await shop.run("db")
    assert told.outcome is Outcome.UP_TO_DATE
    assert shop.everything() == before
    assert shop.generations == []


@virtual
@pytest.mark.parametrize("way", [Outcome.ROLLED_BACK, Outcome.KEPT])
@pytest.mark.parametrize("ahead", [-DAY, DAY], ids=["back", "forward"])
async def test_a_recovery_under_another_time(shop: Shop, clock: Clock, ahead: float, way: Outcome) -> None:
    """The run of today lies in the future, or long ago: it is found, and it is dealt with just once."""
    await shop.install()
    await killed(shop, lambda one: isinstance(one, e.CommitStarted))
    clock.ahead = ahead
    assert (await shop.run()).code == "interrupted-run"
    told = await shop.run(verb=Verb.RECOVER, recover="back" if way is Outcome.ROLLED_BACK else "forward")
    assert told.outcome is way
    assert (await shop.run(verb=Verb.RECOVER)).code == "nothing-to-recover"
    numbers = [record.number for record in shop.runs()]
    assert numbers == sorted(numbers, reverse=True)
    assert (await shop.run()).outcome in (Outcome.UP_TO_DATE, Outcome.KEPT)


@virtual
@pytest.mark.usefixtures("clock")
async def test_what_somebody_builds_after_the_clock_was_set_back_is_his(shop: Shop) -> None:
    """Only what is older than every time that the run has seen can be what its pull has left."""
    await shop.install()
    folder = shop.store.new_run()
    pull.note_images(folder, await pull.images_there(shop.engine))
    times = iter(("2026-01-15T12:00:00.000Z", "2026-01-15T10:00:00.000Z", "2026-01-15T10:45:00.000Z"))
    writing = Journal(folder, clock=lambda: next(times))
    for _ in range(3):
        writing.append(e.WorkerStarted(pid=1))
    writing.close()
    for version, created in (("1.7", "2026-01-15T09:00:00Z"), ("1.8", "2026-01-15T10:30:00Z")):
        spec = make_image("r.test/built", version, created_at=created)
        shop.world.images[spec.id] = LocalImage(spec)
    emitted: list[e.Event] = []
    await pull.remove_nameless(shop.engine, folder, emitted.append)
    removed = [event.subject for event in emitted if isinstance(event, e.Removed)]
    assert removed == [make_image("r.test/built", "1.7").id]
    assert make_image("r.test/built", "1.8").id in shop.world.images


def test_a_deadline_is_told_with_a_clock_that_was_set() -> None:
    """What is shown is bounded by what was said, whatever the clock does."""
    asked = e.Asked(ask=1, question=Question.CONFIRM, choices=(Choice.GO,), default=Choice.GO, seconds=600.0)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for jump in (timedelta(days=-1), timedelta(days=1)):
        assert 0 <= panes.seconds_left(asked, moment.isoformat(), moment + jump) <= 600
