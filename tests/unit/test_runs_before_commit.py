"""Updates that end before their commit, on the simulated engine, in virtual time: nothing has changed."""

from __future__ import annotations

from typing import Any

import pytest

from bench import OLD, Shop, always, at_each_event
from virtual_time import now, virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Container
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb
from ws9tui.core.runs import preflight
from ws9tui.core.session import Session
from ws9tui.simulation.engine import Fault
from ws9tui.simulation.life import SimContainer


@virtual
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(call="pull", code="manifest-unknown"), "manifest-unknown"),
        (Fault(call="pull", code="rate-limited"), "rate-limited"),
        (Fault(call="pull", effect="cut", at=0.5), "registry-unreachable"),
        (Fault(call="pull", effect="stall", at=0.5), "pull-stalled"),
    ],
)
async def test_a_pull_that_fails_changes_nothing(shop: Shop, fault: Fault, code: str) -> None:
    await shop.offer()
    shop.publish("r.test/db:16", "16.2")
    before, usage = shop.everything(), shop.world.disk_usage()
    fault.subject = "*/web@*"
    shop.world.faults.append(fault)
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.UNCHANGED, code)
    assert shop.everything() == before
    assert shop.world.disk_usage() == usage
    assert shop.generations == []
    assert shop.tags(kept=True) == {}
    assert [event.reference for event in told.all(e.PullFailed)] == ["r.test/web:latest"]
    assert [event.reference for event in told.all(e.PullFinished)] == ["r.test/db:16"]
    assert not [call for call in shop.compose.calls if call[0] in ("up", "restart")]


@virtual
@pytest.mark.parametrize("effect", ["cut", "stall"])
async def test_a_pull_is_tried_again(shop: Shop, effect: str) -> None:
    await shop.offer()
    fault = Fault(call="pull", subject="*/web@*", at=0.5, times=2)
    fault.effect = "cut" if effect == "cut" else "stall"
    shop.world.faults.append(fault)
    begun = now()
    told = await shop.run(stall_timeout=60.0)
    assert told.outcome is Outcome.KEPT
    assert [event.attempt for event in told.all(e.PullStarted)] == [1, 2, 3]
    assert [event.wait for event in told.all(e.PullRetried)] == [2.0, 5.0]
    assert bool(told.all(e.PullStalled)) is (effect == "stall")
    assert (now() - begun > 120) is (effect == "stall")


@virtual
async def test_an_operator_retries_a_failed_pull(shop: Shop) -> None:
    await shop.offer()
    shop.world.faults.append(Fault(call="pull", subject="*/web@*", code="rate-limited", times=1))
    told = await shop.run(
        script=always(
            select=Choice.GO, pull_failed=Choice.RETRY, versions=Choice.GO, confirm=Choice.GO, outcome=Choice.KEEP
        )
    )
    assert told.outcome is Outcome.KEPT
    assert ("pull-failed", "retry", "operator") in told.asked()
    assert told.state.failure is None, "what was done once more is no reason of what comes later"


@virtual
async def test_the_whole_pull_is_bounded(shop: Shop) -> None:
    await shop.offer(sizes=(1000, 500_000))
    shop.world.rate = 1000.0
    before = shop.everything()
    begun = now()
    told = await shop.run(pull_timeout=100.0)
    assert (told.outcome, told.code) == (Outcome.UNCHANGED, "pull-timeout")
    assert 100 <= now() - begun < 110
    assert shop.everything() == before


@virtual
async def test_a_version_that_does_not_fit(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.0", "0.9")
    before = shop.everything()
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.REFUSED, "version-mismatch")
    assert shop.everything() == before
    assert shop.generations == []


@virtual
async def test_an_expected_version_that_does_not_come(shop: Shop) -> None:
    await shop.offer()
    before = shop.everything()
    told = await shop.run(expect={"web": "1.2"})
    assert (told.outcome, told.code) == (Outcome.REFUSED, "version-mismatch")
    assert shop.everything() == before
    assert (await shop.run(expect={"web": "1.1"})).outcome is Outcome.KEPT


@virtual
async def test_a_registry_that_does_not_answer_is_not_up_to_date(shop: Shop) -> None:
    await shop.offer()
    shop.world.faults.append(Fault(call="resolve", subject="*/db:*", code="registry-unreachable"))
    before = shop.everything()
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.REFUSED, "registry-unreachable")
    assert shop.everything() == before
    assert (await shop.run("web")).outcome is Outcome.KEPT


@virtual
async def test_what_is_built_here_needs_no_registry(shop: Shop) -> None:
    shop.file.write_text(shop.file.read_text().replace("r.test/db:16\n", "r.test/db:16\n    build: {context: .}\n"))
    await shop.offer()
    shop.world.faults.append(Fault(call="resolve", subject="*/db:*", code="registry-unreachable"))
    assert (await shop.run()).outcome is Outcome.KEPT
    assert shop.versions() == OLD | {"web": "1.1"}


QUESTIONS = ("select", "versions", "confirm")


@virtual
@pytest.mark.parametrize("question", QUESTIONS)
async def test_cancel_at_a_question(shop: Shop, question: str) -> None:
    await shop.offer()
    before = shop.everything()
    answers = dict.fromkeys(QUESTIONS, Choice.GO) | {question: Choice.CANCEL}
    told = await shop.run(script=always(**answers), step_by_step=True)
    assert (told.outcome, told.code) == (Outcome.CANCELLED, "cancelled")
    assert told.asked()[-1] == (question, "cancel", "operator")
    assert shop.everything() == before
    assert shop.tags(kept=True) == {}
    assert shop.generations == []


@virtual
async def test_cancel_when_a_pull_has_failed(shop: Shop) -> None:
    await shop.offer()
    shop.world.faults.append(Fault(call="pull", code="rate-limited"))
    before = shop.everything()
    told = await shop.run(script=always(select=Choice.GO, pull_failed=Choice.CANCEL))
    assert (told.outcome, told.code) == (Outcome.UNCHANGED, "rate-limited")
    assert shop.everything() == before


@virtual
@pytest.mark.parametrize("event", ["engine-found", "project-found", "pull-started", "pull-finished", "planned"])
async def test_cancel_when_nothing_is_asked(shop: Shop, event: str) -> None:
    await shop.offer(sizes=(1000, 5000))
    shop.world.rate = 1000.0
    shop.world.latency = 2.0
    before = shop.everything()
    told = await shop.run(script=always(select=Choice.GO), cancel_after=event)
    assert (told.outcome, told.code) == (Outcome.CANCELLED, "cancelled")
    assert shop.everything() == before
    assert shop.generations == []


@virtual
@pytest.mark.parametrize("ended", ["cancelled", "terminated"])
async def test_doctor_ends_when_it_is_told_to(shop: Shop, monkeypatch: pytest.MonkeyPatch, ended: str) -> None:
    await shop.install()
    shop.world.latency = 60.0

    def terminate(session: Session, event: dict[str, Any]) -> None:
        if event["type"] == "project-found" and ended == "terminated":
            session.terminate()

    at_each_event(monkeypatch, terminate)
    begun = now()
    told = await shop.run(verb=Verb.DOCTOR, cancel_after="project-found" if ended == "cancelled" else "")
    assert (told.outcome, told.code) == (Outcome.CANCELLED, ended)
    assert now() - begun < 60


@virtual
@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_question_that_nobody_answers_has_a_deadline(shop: Shop, question: str) -> None:
    await shop.offer()
    before = shop.everything()
    answers = dict.fromkeys(QUESTIONS[: QUESTIONS.index(question)], Choice.GO)
    begun = now()
    told = await shop.run(script=always(**answers), step_by_step=True)
    assert (told.outcome, told.code) == (Outcome.CANCELLED, "deadline")
    assert told.asked()[-1] == (question, "cancel", "deadline")
    assert 3600 <= now() - begun < 3660
    assert shop.everything() == before


@virtual
@pytest.mark.parametrize("what", ["file", "env", "container"])
async def test_what_changes_after_the_plan_is_found(shop: Shop, what: str) -> None:
    await shop.offer()

    def meddle(asked: e.Asked) -> Choice:
        if asked.question is Question.CONFIRM:
            if what == "container":
                del shop.world.containers[shop.ids()["shop-web-1"]]
            else:
                file = shop.file if what == "file" else shop.env
                file.write_text(file.read_text() + "# later\n")
        return Choice.GO

    told = await shop.run(script=meddle)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "input-changed")
    assert not [call for call in shop.compose.calls if call[0] == "up"]
    assert shop.generations == []


@virtual
async def test_what_others_would_lose_must_be_meant_by_somebody(shop: Shop) -> None:
    """Another project's container lives in the network of one that would be made anew; no way back mends it."""
    await shop.offer()
    found = await shop.by_service()
    mode = f"container:{found['web'].id}"
    made = Container("f" * 64, "dl", found["api"].image_id, Reference("dl"), "media", "dl", network_mode=mode)
    shop.world.containers[made.id] = SimContainer(made=made, started=now())
    before = shop.everything()
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.REFUSED, "foreign-follower-unattended")
    assert shop.everything() == before
    told = await shop.run("web")
    assert told.outcome is Outcome.KEPT
    assert "foreign-follower-left" in told.found()
    assert made.id in shop.world.containers


@virtual
async def test_a_plan_that_would_be_refused_says_so(shop: Shop) -> None:
    await shop.offer()
    shop.world.disk_free = (1000, 1_000_000)
    before = shop.everything()
    told = await shop.run(verb=Verb.UPDATE, plan_only=True)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "disk-low")
    assert "disk-low" in told.found()
    assert told.state.plan is not None, "the plan is there all the same"
    assert shop.everything() == before
    refused = await shop.run()
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "disk-low")


@virtual
async def test_a_state_directory_without_room_is_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.offer()
    before = shop.everything()
    monkeypatch.setattr(preflight, "STATE_BYTES", 1 << 80)
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.REFUSED, "state-disk-low")
    assert not told.all(e.PullStarted)
    assert shop.everything() == before
