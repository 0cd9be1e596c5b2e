"""Runs that are stopped from elsewhere, or that nobody watches any more: in virtual time."""

from __future__ import annotations

import pytest

from bench import GO, ME, Shop, always
from updates import two_updates
from virtual_time import now, virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb

pytestmark = pytest.mark.slow


# --- stopped from elsewhere -----------------------------------------------------------------------------------------


@virtual
@pytest.mark.parametrize(
    ("moment", "outcome", "choice"),
    [
        ("asked", Outcome.CANCELLED, "cancel"),
        ("pull-started", Outcome.CANCELLED, "cancel"),
        ("watch-started", Outcome.ROLLED_BACK, "rollback"),
    ],
)
async def test_a_run_is_stopped_by_what_is_possible(shop: Shop, moment: str, outcome: Outcome, choice: str) -> None:
    await two_updates(shop)
    before = shop.left()
    script = always(select=Choice.GO, confirm=Choice.GO)
    told = await shop.run(script=script, unasked={moment: Choice.STOP})
    assert told.outcome is outcome
    assert (choice, "operator") in [decided[1:] for decided in told.asked()]
    assert shop.left() == before


@virtual
async def test_a_stop_answers_the_open_question(shop: Shop) -> None:
    await two_updates(shop)
    told = await shop.run(script=always(select=Choice.GO, confirm=Choice.GO), unasked={"gate-passed": Choice.STOP})
    assert told.outcome is Outcome.ROLLED_BACK
    assert told.asked()[-1] == ("outcome", "rollback", "operator")


# --- nobody is there --------------------------------------------------------------------------------------------


@virtual
async def test_a_question_ends_the_run_when_its_terminal_is_gone(shop: Shop) -> None:
    await two_updates(shop)
    before, usage = shop.everything(), shop.world.disk_usage()
    shop.attached = lambda: False
    begun = now()
    told = await shop.run(script=always(select=Choice.GO))
    assert (told.outcome, told.code) == (Outcome.CANCELLED, "operators-gone")
    assert 300 <= now() - begun < 330
    assert [event.seconds for event in told.all(e.LeftAlone)] == [300.0]
    assert (shop.everything(), shop.world.disk_usage()) == (before, usage)


@virtual
async def test_who_comes_back_in_time_goes_on(shop: Shop) -> None:
    await two_updates(shop)
    begun = now()
    shop.attached = lambda: now() - begun > 200
    told = await shop.run(script=lambda asked: GO(asked) if now() - begun > 400 else None)
    assert told.outcome is Outcome.CANCELLED  # nobody answers again what was left unanswered once
    assert told.all(e.Joined)
    assert told.code == "deadline"


@virtual
async def test_who_leaves_on_purpose_has_the_whole_hour(shop: Shop) -> None:
    await two_updates(shop)
    shop.attached = lambda: False
    begun = now()
    told = await shop.run(script=always(), unasked={"asked": e.Detached(actor=ME)})
    assert (told.outcome, told.code) == (Outcome.CANCELLED, "deadline")
    assert now() - begun >= 3600


@virtual
async def test_nobody_has_to_be_there_where_nobody_is_asked_or_the_project_changes(shop: Shop) -> None:
    await two_updates(shop)
    shop.attached = lambda: False
    assert (await shop.run("web")).outcome is Outcome.KEPT
    shop.attached = lambda: True

    def operator(asked: e.Asked) -> Choice | None:
        if asked.question is Question.CONFIRM:
            shop.attached = lambda: False
        return GO(asked) if asked.question is not Question.OUTCOME else None  # type: ignore[return-value]

    told = await shop.run(script=operator)
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert ("outcome", "keep", "deadline") in told.asked()


@virtual
async def test_a_recovery_that_waits_is_stopped_or_left_alone_too(shop: Shop) -> None:
    await two_updates(shop)
    await shop.kill(Options(arguments=("web",)), lambda event: isinstance(event, e.StepStarted))
    told = await shop.run(verb=Verb.WIZARD, script=always(), unasked={"asked": Choice.STOP})
    assert (told.outcome, told.code) == (Outcome.CANCELLED, "cancelled")
    shop.attached = lambda: False
    told = await shop.run(verb=Verb.WIZARD, script=always())
    assert (told.outcome, told.code) == (Outcome.CANCELLED, "operators-gone")
    assert (await shop.run(verb=Verb.RECOVER, recover="back")).outcome is Outcome.ROLLED_BACK


@virtual
async def test_the_list_of_generations_is_stopped_too(shop: Shop) -> None:
    await two_updates(shop)
    assert (await shop.run("web")).outcome is Outcome.KEPT
    told = await shop.run(verb=Verb.ROLLBACK, script=always(), unasked={"asked": Choice.STOP})
    assert told.outcome is Outcome.CANCELLED
