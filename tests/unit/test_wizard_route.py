"""Which pane belongs to a state, and how the rail stands."""

from __future__ import annotations

import pytest

from recordings import Story, after, open_at, recording
from ws9tui.core.journal import events as e
from ws9tui.core.journal.fold import fold
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Question
from ws9tui.wizard import route
from ws9tui.wizard.route import Mark, Step

PANES = {
    "starting": Step.LOOKING,
    "project": Step.LOOKING,
    "no-engine": Step.LOOKING,
    "asking": Step.IMAGES,
    "images": Step.IMAGES,
    "pull": Step.PULL,
    "pull-failed": Step.PULL,
    "cancelled": Step.OUTCOME,
    "versions": Step.VERSIONS,
    "versions-refused": Step.OUTCOME,
    "confirm": Step.CONFIRM,
    "committing": Step.RECREATE,
    "watching": Step.RECREATE,
    "keep": Step.OUTCOME,
    "failed": Step.OUTCOME,
    "rolling-back": Step.OUTCOME,
    "rolled-back": Step.OUTCOME,
    "needs-recovery": Step.OUTCOME,
    "kept": Step.OUTCOME,
    "recovery": Step.RECOVERY,
    "generations": Step.GENERATIONS,
}


def state(name: str) -> RunState:
    return fold(Story(name).events)


@pytest.mark.parametrize(("name", "step"), PANES.items())
def test_pane(name: str, step: Step) -> None:
    assert route.pane(state(name)) is step


def test_pane_stays_after_the_decision() -> None:
    assert route.pane(fold(Story("kept").events[:-1])) is Step.OUTCOME


@pytest.mark.parametrize("name", PANES)
def test_a_dead_worker_has_its_pane(name: str) -> None:
    expected = Step.OUTCOME if state(name).project else Step.LOOKING
    assert route.pane(state(name), died=True) is expected


SIGNS = {Mark.DONE: "+", Mark.HERE: "*", Mark.TO_COME: ".", Mark.FAILED: "x", Mark.STOPPED: "!", Mark.SKIPPED: "-"}


def signs(found: list[route.Stop]) -> str:
    return "".join(SIGNS[stop.mark] for stop in found)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("images", "*....."),
        ("pull", "+*...."),
        ("versions", "++*..."),
        ("confirm", "+++*.."),
        ("watching", "++++*."),
        ("keep", "+++++*"),
        ("rolling-back", "++++x*"),
        ("rolled-back", "++++x*"),
        ("needs-recovery", "++++x*"),
        ("kept", "+++++*"),
        ("cancelled", "+!---*"),
        ("versions-refused", "++x--*"),
        ("recovery", "*.."),
        ("generations", "*..."),
    ],
)
def test_rail(name: str, expected: str) -> None:
    assert signs(route.rail(state(name))) == expected


def test_rail_of_a_rollback() -> None:
    story = Story("generations")
    assert signs(route.rail(fold(story.events))) == "*..."
    story.on(open_at(Question.CONFIRM))
    assert signs(route.rail(fold(story.events))) == "+*.."


def test_rail_of_a_recovery() -> None:
    story = Story("recovery").on(after(e.StepFinished))
    assert signs(route.rail(fold(story.events))) == "+*."
    assert signs(route.rail(state("recovered"))) == "++*"


def test_rail_when_nothing_was_to_do() -> None:
    assert signs(route.rail(fold(recording("nothing-to-do")))) == "+----*"


def test_rail_of_a_dead_worker() -> None:
    assert signs(route.rail(state("pull"), died=True)) == "+x---*"
