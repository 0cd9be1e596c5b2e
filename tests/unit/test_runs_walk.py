"""Going back within a run, and another way at each question: on the simulated engine, in virtual time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench import GO, ME, OLD, Script, Shop, Told, always
from updates import two_updates
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question
from ws9tui.simulation.engine import Behaviour, Fault

pytestmark = pytest.mark.slow


def in_turn(*answers: Choice | e.Decision) -> Script:
    """An operator who gives these answers, one a question, and then leaves the rest unanswered."""
    left: Iterator[Choice | e.Decision] = iter(answers)
    return lambda _asked: next(left, None)


def choose(*services: str, **references: str) -> e.Decision:
    """Go on with these services, and with these references."""
    return e.Decision(ask=0, choice=Choice.GO, actor=ME, services=services, references=references)


def say(choice: Choice, **answers: str) -> e.Decision:
    return e.Decision(ask=0, choice=choice, actor=ME, answers=answers)


def pulls(told: Told) -> list[str]:
    return [event.reference.rpartition("/")[2] for event in told.all(e.PullStarted)]


def asks(told: Told, question: Question) -> list[e.Asked]:
    return [asked for asked in told.all(e.Asked) if asked.question is question]


# --- back ---------------------------------------------------------------------------------------------------------


@virtual
async def test_back_from_the_plan_pulls_nothing_twice(shop: Shop) -> None:
    await two_updates(shop)
    both = choose("web", "db")
    script = in_turn(both, Choice.PREVIOUS, both, Choice.GO, Choice.KEEP)
    told = await shop.run(script=script)
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD | {"web": "1.1", "db": "16.2"}
    assert sorted(pulls(told)) == ["db:16", "web:latest"]
    assert [event.again for event in told.all(e.PullFinished)] == [False, False, True, True]
    assert [question for question, _, _ in told.asked()] == ["select", "confirm", "select", "confirm", "outcome"]


@virtual
async def test_back_and_cancel_leaves_nothing(shop: Shop) -> None:
    await two_updates(shop)
    before, usage = shop.everything(), shop.world.disk_usage()
    told = await shop.run(script=in_turn(Choice.GO, Choice.PREVIOUS, choose("web"), Choice.PREVIOUS, Choice.CANCEL))
    assert told.outcome is Outcome.CANCELLED
    assert (shop.everything(), shop.world.disk_usage()) == (before, usage)
    assert shop.generations == []


@virtual
async def test_what_was_pulled_and_is_not_wanted_any_more_goes_at_the_end(shop: Shop) -> None:
    await two_updates(shop)
    told = await shop.run(script=in_turn(Choice.GO, Choice.PREVIOUS, choose("web"), Choice.GO, Choice.KEEP))
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD | {"web": "1.1"}
    assert "16.2" not in {shop.version_of(image) for image in shop.world.images.values()}
    assert {version for tag, version in shop.tags(kept=True).items() if "db" in tag} == {"16.1"}


@virtual
async def test_the_selection_is_kept_and_the_state_forgets_what_followed(shop: Shop) -> None:
    await two_updates(shop)
    told = await shop.run(script=in_turn(choose("web"), Choice.PREVIOUS, Choice.CANCEL))
    assert {name: row.selected for name, row in told.state.services.items()} == {"web": True, "api": False, "db": False}
    assert (told.state.plan, told.state.pulls, told.state.versions) == (None, {}, {})


@virtual
async def test_back_from_the_plan_leads_to_the_versions_where_they_were_asked_about(shop: Shop) -> None:
    await two_updates(shop)
    script = in_turn(Choice.GO, Choice.GO, Choice.PREVIOUS, Choice.PREVIOUS, choose("web"), Choice.GO, Choice.CANCEL)
    told = await shop.run(script=script, step_by_step=True)
    assert [question for question, _, _ in told.asked()] == [
        *("select", "versions", "confirm", "versions", "select", "versions", "confirm")
    ]


@virtual
async def test_nothing_is_asked_about_proven_versions_unless_each_step_is_to_wait(shop: Shop) -> None:
    await two_updates(shop)
    told = await shop.run(script=GO)
    assert not asks(told, Question.VERSIONS)
    shop.file.write_text(f"x-ws9tui: {{step_by_step: true}}\n{shop.file.read_text()}")
    shop.publish("r.test/web:latest", "1.2")
    told = await shop.run(script=GO, selection=("web",))
    assert told.outcome is Outcome.KEPT
    assert [asked.choices for asked in asks(told, Question.VERSIONS)] == [(Choice.GO, Choice.PREVIOUS, Choice.CANCEL)]


@virtual
async def test_a_version_that_is_not_proven_is_asked_about(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.1", "1.1", labels={})
    told = await shop.run(script=GO, selection=("api",), references={"api": "1.1"})
    assert asks(told, Question.VERSIONS)
    assert told.outcome is Outcome.KEPT


@virtual
async def test_back_while_images_are_pulled(shop: Shop) -> None:
    await two_updates(shop)
    before, usage = shop.everything(), shop.world.disk_usage()
    shop.world.rate = 1000.0
    told = await shop.run(script=in_turn(Choice.GO, Choice.CANCEL), unasked={"pull-progressed": Choice.PREVIOUS})
    assert told.outcome is Outcome.CANCELLED
    assert told.asked() == [
        *[("select", "go", "operator"), ("select", "previous", "operator"), ("select", "cancel", "operator")]
    ]
    assert (shop.everything(), shop.world.disk_usage()) == (before, usage)


@virtual
async def test_an_image_that_came_before_the_way_back_goes_with_a_cancel(shop: Shop) -> None:
    await two_updates(shop)
    before, usage = shop.everything(), shop.world.disk_usage()
    shop.world.faults.append(Fault(call="pull", subject="*/web@*", effect="stall", at=0.5))
    script = in_turn(choose("web", "db"), choose("db"), Choice.CANCEL)
    told = await shop.run(script=script, unasked={"pull-stalled": Choice.PREVIOUS})
    assert told.outcome is Outcome.CANCELLED
    assert [(event.reference[7:9], event.again) for event in told.all(e.PullFinished)] == [("db", False), ("db", True)]
    assert (shop.everything(), shop.world.disk_usage()) == (before, usage)


@virtual
async def test_going_back_is_for_nothing_where_nobody_is_asked(shop: Shop) -> None:
    await two_updates(shop)
    told = await shop.run(unasked={"pull-progressed": Choice.PREVIOUS})
    assert told.outcome is Outcome.KEPT
    assert not [asked for asked in told.all(e.Asked) if Choice.PREVIOUS in asked.choices]


@virtual
async def test_after_the_way_back_something_else_can_be_done(shop: Shop) -> None:
    await two_updates(shop)
    before = shop.everything()
    told = await shop.run(script=in_turn(Choice.GO, Choice.PREVIOUS, say(Choice.ADOPT)))
    assert told.outcome is Outcome.ADOPTED
    assert shop.generations == [1]
    ids, images, *others = shop.everything()
    assert (ids, others) == (before[0], list(before[2:]))
    assert isinstance(images, dict)
    assert isinstance(before[1], dict)
    assert set(images) == set(before[1])


# --- once more at the registries ------------------------------------------------------------------------------------


@virtual
async def test_a_recheck_forgets_what_was_found(shop: Shop) -> None:
    await two_updates(shop)
    shop.world.faults.append(Fault(call="resolve", subject="*/db:*", code="registry-unreachable", times=9))

    def operator(asked: e.Asked) -> Choice | e.Decision:
        if len(shop.world.faults) and asked.question is Question.SELECT:
            shop.world.faults.clear()
            shop.publish("r.test/web:latest", "1.2")
            return say(Choice.RECHECK)
        if asked.question is Question.SELECT:
            return choose("web", "db")
        return Choice.KEEP if asked.question is Question.OUTCOME else Choice.GO

    told = await shop.run(script=operator)
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD | {"web": "1.2", "db": "16.2"}
    assert sorted(pulls(told)) == ["db:16", "web:latest"]


@virtual
async def test_a_recheck_asks_for_what_the_operator_asked_for(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.1", "1.1")
    check = e.Decision(ask=0, choice=Choice.CHECK, actor=ME, references={"api": "1.1"})
    told = await shop.run(script=in_turn(check, say(Choice.RECHECK), Choice.CANCEL))
    assert told.outcome is Outcome.CANCELLED
    answers = [event.reference for event in told.all(e.ReferenceResolved) if event.service == "api"]
    assert answers == ["r.test/api:1.0", "r.test/api:1.1", "r.test/api:1.1"]


@virtual
async def test_a_recheck_chooses_by_rule_from_the_tags_of_now(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.1", "1.1")
    answers: list[Choice | e.Decision] = [say(Choice.RECHECK), Choice.CANCEL]

    def operator(_: e.Asked) -> Choice | e.Decision:
        shop.publish("r.test/api:1.2", "1.2")
        return answers.pop(0)

    told = await shop.run("api=latest-minor", script=operator)
    found = [event.reference for event in told.all(e.ReferenceResolved) if event.service == "api"]
    assert found == ["r.test/api:1.1", "r.test/api:1.2"]


@virtual
async def test_what_is_no_mirror_is_said_and_the_question_stays(shop: Shop) -> None:
    await two_updates(shop)
    told = await shop.run(script=in_turn(say(Choice.RECHECK, mirror="no mirror at all"), Choice.CANCEL))
    assert told.outcome is Outcome.CANCELLED
    assert "reference-invalid" in told.found()


# --- another version than was expected ------------------------------------------------------------------------------


@virtual
async def test_another_tag_after_a_mismatch(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.0", "0.9")
    shop.publish("r.test/api:1.1", "1.1")
    script = in_turn(choose("api"), Choice.PREVIOUS, choose("api", api="1.1"), Choice.GO, Choice.KEEP)
    told = await shop.run(script=script)
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD | {"api": "1.1"}
    assert [asked.options for asked in asks(told, Question.SELECT)] == [(), ("api",)]
    (asked,) = asks(told, Question.MISMATCH)
    assert (asked.options, asked.choices) == (("api",), (Choice.ACCEPT, Choice.PREVIOUS, Choice.CANCEL))
    assert "0.9" not in {shop.version_of(image) for image in shop.world.images.values()}
    assert not await shop.drift()


@virtual
async def test_leave_the_service_out_after_a_mismatch(shop: Shop) -> None:
    await two_updates(shop)
    shop.publish("r.test/api:1.0", "0.9")
    told = await shop.run(script=in_turn(Choice.GO, Choice.LEAVE_OUT, Choice.GO, Choice.KEEP))
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD | {"web": "1.1", "db": "16.2"}
    left_out = next(decided for decided in told.all(e.Decided) if decided.choice is Choice.LEAVE_OUT)
    assert (left_out.question, left_out.services) == (Question.MISMATCH, ("api",))
    assert set(told.state.versions) == {"web", "db"}
    assert not told.state.services["api"].selected
    assert "0.9" not in {shop.version_of(image) for image in shop.world.images.values()}


@virtual
async def test_a_version_that_was_found_can_be_accepted(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.0", "0.9")
    script = in_turn(choose("api"), Choice.ACCEPT, Choice.GO, Choice.GO, Choice.KEEP)
    told = await shop.run(script=script)
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD | {"api": "0.9"}
    assert told.asked()[1] == ("mismatch", "accept", "operator")
    assert told.state.plan is not None
    assert told.state.plan.accepted == {"api": "0.9"}
    assert "version-taken" in [note.code for note in told.state.plan.notes]


@virtual
async def test_what_was_accepted_is_not_asked_about_again(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.0", "0.9")
    script = in_turn(choose("api"), Choice.ACCEPT, Choice.PREVIOUS, choose("api"), Choice.GO, Choice.CANCEL)
    told = await shop.run(script=script)
    assert [question for question, _, _ in told.asked()] == [
        *("select", "mismatch", "versions", "select", "versions", "confirm")
    ]


@virtual
@pytest.mark.parametrize("answer", [Choice.CANCEL, None])
async def test_a_mismatch_that_nobody_takes_is_refused(shop: Shop, answer: Choice | None) -> None:
    await shop.install()
    shop.publish("r.test/api:1.0", "0.9")
    before = shop.everything()
    told = await shop.run(script=always(select=Choice.GO, **({"mismatch": answer} if answer else {})))
    assert (told.outcome, told.code) == (Outcome.REFUSED, "version-mismatch")
    assert shop.everything() == before


@virtual
async def test_a_version_command_expects_what_was_accepted(shop: Shop) -> None:
    settings = "    x-ws9tui: {expect: '1.1', version_command: [app, version]}\n"
    shop.file.write_text(shop.file.read_text().replace("r.test/api:${API}\n", f"r.test/api:${{API}}\n{settings}"))
    await shop.install()
    shop.publish("r.test/api:1.0", "1.2", behaviour=Behaviour(outputs={"app version": "1.2"}))
    told = await shop.run(script=in_turn(choose("api"), Choice.ACCEPT, Choice.GO, Choice.GO, Choice.KEEP))
    assert told.outcome is Outcome.KEPT
    assert shop.versions()["api"] == "1.2"


# --- a pull that fails ------------------------------------------------------------------------------------------


@virtual
async def test_without_the_service_whose_image_does_not_come(shop: Shop) -> None:
    await two_updates(shop)
    shop.world.faults.append(Fault(call="pull", subject="*/web@*", code="manifest-unknown"))
    told = await shop.run(script=in_turn(Choice.GO, Choice.LEAVE_OUT, Choice.GO, Choice.KEEP))
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD | {"db": "16.2"}
    assert told.state.failure is None
    (asked,) = asks(told, Question.PULL_FAILED)
    assert asked.options == ("web",)
    assert asked.choices == (Choice.RETRY, Choice.LEAVE_OUT, Choice.PREVIOUS, Choice.CANCEL)


@virtual
async def test_another_tag_after_a_failed_pull(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.1", "1.1")
    shop.publish("r.test/api:1.2", "1.2")
    shop.world.faults.append(Fault(call="pull", subject="*/api@*", code="manifest-unknown", times=1))
    script = in_turn(choose("api", api="1.1"), Choice.PREVIOUS, choose("api", api="1.2"), Choice.GO, Choice.KEEP)
    told = await shop.run(script=script)
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD | {"api": "1.2"}
    assert Choice.LEAVE_OUT not in asks(told, Question.PULL_FAILED)[0].choices
    assert asks(told, Question.SELECT)[-1].options == ("api",)


# --- back now ---------------------------------------------------------------------------------------------------


@virtual
@pytest.mark.parametrize("moment", ["commit-started", "step-finished", "watch-started"])
@pytest.mark.parametrize("attended", [False, True])
async def test_roll_back_now(shop: Shop, moment: str, attended: bool) -> None:
    await shop.offer()
    shop.publish("r.test/api:1.1", "1.1")
    before = shop.left()
    script = in_turn(choose("web", "api", api="1.1"), Choice.GO) if attended else None
    named = () if attended else ("web", "api=1.1")
    told = await shop.run(*named, script=script, unasked={moment: Choice.ROLL_BACK})
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "")
    assert shop.versions() == OLD
    assert shop.left() == before
    assert told.asked()[-1] == ("outcome", "rollback", "operator")
    assert not [step for step in told.state.steps if not step.done]
    assert not await shop.drift()


@virtual
async def test_a_wish_to_go_back_before_the_commit_is_none(shop: Shop) -> None:
    await two_updates(shop)
    told = await shop.run(script=GO, unasked={"planned": Choice.ROLL_BACK})
    assert told.outcome is Outcome.KEPT
