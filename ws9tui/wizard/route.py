"""Which pane belongs to a run's state, and the steps of the rail: pure functions of the state."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from ws9tui.core.journal.run_state import Changed, Phase, RunState
from ws9tui.core.model.terms import Outcome, Question, Verb
from ws9tui.words import outcome


class Step(StrEnum):
    """The panes; each has one screen."""

    LOOKING = "looking"
    INSTALL = "install"
    IMAGES = "images"
    PULL = "pull"
    VERSIONS = "versions"
    CONFIRM = "confirm"
    RECREATE = "recreate"
    OUTCOME = "outcome"
    RECOVERY = "recovery"
    GENERATIONS = "generations"
    MERGE = "merge"


_UPDATE = (Step.IMAGES, Step.PULL, Step.VERSIONS, Step.CONFIRM, Step.RECREATE, Step.OUTCOME)
_ROLLBACK = (Step.LOOKING, Step.CONFIRM, Step.RECREATE, Step.OUTCOME)
_CHOSEN = (Step.GENERATIONS, Step.CONFIRM, Step.RECREATE, Step.OUTCOME)
_RECOVER = (Step.RECOVERY, Step.RECREATE, Step.OUTCOME)

_PANES = {
    Phase.STARTING: Step.LOOKING,
    Phase.LOOKING: Step.LOOKING,
    Phase.INSTALLING: Step.INSTALL,
    Phase.SELECTING: Step.IMAGES,
    Phase.PULLING: Step.PULL,
    Phase.VERSIONS: Step.VERSIONS,
    Phase.CHOOSING: Step.GENERATIONS,
    Phase.MERGING: Step.MERGE,
    Phase.CONFIRMING: Step.CONFIRM,
    Phase.RECOVERING: Step.RECOVERY,
    Phase.COMMITTING: Step.RECREATE,
    Phase.WATCHING: Step.RECREATE,
    Phase.ROLLING_BACK: Step.OUTCOME,
    Phase.FINISHED: Step.OUTCOME,
}


def verb(state: RunState) -> Verb:
    """Returns the run's verb; `Verb.UPDATE` until it is known."""
    known = state.project.verb if state.project else Verb.UPDATE
    # a recovery may go to another generation than the interrupted run's two
    return Verb.RECOVER if state.interruption and known is not Verb.ROLLBACK else known


def pane(state: RunState, *, died: bool = False) -> Step:
    """Returns the pane for a state."""
    if state.phase is Phase.FINISHED or died:
        return Step.OUTCOME if state.project else Step.LOOKING
    if state.phase is Phase.LOOKING and state.services and verb(state) in (Verb.UPDATE, Verb.INSTALL):
        return Step.IMAGES
    if state.phase is Phase.WATCHING:
        # once the question has been asked, the pane stays, whatever was decided
        judged = (Question.OUTCOME, Question.FAILED)
        asked = state.asked is not None and state.asked.question in judged
        if asked or any(decided.question in judged for decided in state.decisions):
            return Step.OUTCOME
    return _PANES[state.phase]


class Mark(StrEnum):
    """The status of a step of the rail."""

    DONE = "done"
    HERE = "here"
    TO_COME = "to-come"
    FAILED = "failed"
    STOPPED = "stopped"
    """cancelled by the operator"""
    SKIPPED = "skipped"


class Stop(NamedTuple):
    """A step of the rail with its status."""

    step: Step
    mark: Mark


def rail(state: RunState, *, died: bool = False) -> list[Stop]:
    """Returns the steps of this run in order, each with its status."""
    steps = _rail(state)
    if state.phase is not Phase.FINISHED and not died:
        here = pane(state)
        at = steps.index(here) if here in steps else -1
        marks = [Mark.DONE if n < at else Mark.HERE if n == at else Mark.TO_COME for n in range(len(steps))]
        if state.rollback is not None and Step.RECREATE in steps and verb(state) is not Verb.RECOVER:
            because = state.rollback.problem is not None or state.failure is not None
            marks[steps.index(Step.RECREATE)] = Mark.FAILED if because else Mark.DONE
        return [Stop(step, mark) for step, mark in zip(steps, marks, strict=True)]
    reached = steps.index(_reached(state)) if _reached(state) in steps else 0
    bad = died or failed(state)
    stopped = state.finished is not None and state.finished.outcome is Outcome.CANCELLED
    found = []
    for n, step in enumerate(steps):
        if n < reached:
            mark = Mark.DONE
        elif n == reached and step is not Step.OUTCOME:
            mark = Mark.STOPPED if stopped else Mark.FAILED if bad else Mark.DONE
        elif step is Step.OUTCOME:
            mark = Mark.HERE
        else:
            mark = Mark.SKIPPED
        found.append(Stop(step, mark))
    return found


def failed(state: RunState) -> bool:
    """Whether a run that has ended did not do what it was asked for."""
    if state.finished is None or state.finished.outcome not in _BAD:
        return False
    # a recovery whose operator chose the way back has done it
    back = verb(state) is Verb.RECOVER and state.finished.outcome is Outcome.ROLLED_BACK
    return not back or bool(outcome.unwell(state))


_BAD = (
    Outcome.UNCHANGED,
    Outcome.ROLLED_BACK,
    Outcome.USAGE,
    Outcome.REFUSED,
    Outcome.BUSY,
    Outcome.NEEDS_RECOVERY,
    Outcome.CANCELLED,
)


def _rail(state: RunState) -> tuple[Step, ...]:
    match verb(state):
        case Verb.ROLLBACK:
            chosen = _CHOSEN if state.generations else _ROLLBACK
            return (Step.RECOVERY, *_CHOSEN) if state.interruption else chosen
        case Verb.RECOVER:
            return _RECOVER
        case Verb.BACKUP | Verb.RESTORE:
            return _ROLLBACK
    first = (Step.INSTALL,) if state.form else (Step.MERGE,) if state.merge else ()
    return (*first, *_UPDATE)


def _reached(state: RunState) -> Step:
    """Returns the last step that an ended run reached."""
    if state.interruption and not state.steps:
        return Step.RECOVERY
    if state.changed in (Changed.CHANGED, Changed.CHANGING, Changed.GOING_BACK, Changed.RESTORED) or state.steps:
        return Step.OUTCOME if state.finished and not failed(state) else Step.RECREATE
    if state.plan is not None:
        return Step.CONFIRM
    if state.versions:
        return Step.VERSIONS
    return Step.PULL if state.pulls else Step.IMAGES
