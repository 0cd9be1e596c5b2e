"""Folds questions and decisions into the state of a run, and tells which services a selection proposes."""

from __future__ import annotations

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.journal.run_state import Changed, Phase, RunState, ServiceRow
from ws9tui.core.model.terms import Availability, Choice, Question, Verb

_ASKED_PHASE = {
    Question.INSTALL: Phase.INSTALLING,
    Question.MERGE: Phase.MERGING,
    Question.SELECT: Phase.SELECTING,
    Question.PULL_FAILED: Phase.PULLING,
    Question.VERSIONS: Phase.VERSIONS,
    Question.MISMATCH: Phase.VERSIONS,
    Question.CONFIRM: Phase.CONFIRMING,
    Question.LOSS: Phase.CONFIRMING,
    Question.OUTCOME: Phase.WATCHING,
    Question.FAILED: Phase.WATCHING,
    Question.RECOVER: Phase.RECOVERING,
    Question.GENERATION: Phase.CHOOSING,
}


def asked(state: RunState, event: e.Asked) -> dict[str, object]:
    """Returns the fields of the run's state that an asked question changes."""
    changes: dict[str, object] = {"asked": event, "asked_at": event.at}
    if phase := _ASKED_PHASE.get(event.question):
        changes["phase"] = phase
    went_back = bool(state.decisions) and state.decisions[-1].choice is Choice.PREVIOUS
    if event.question in (Question.SELECT, Question.GENERATION) and went_back:
        changes |= _without_what_followed(state)
    return changes


def decided(state: RunState, event: e.Decided) -> dict[str, object]:
    """Returns the fields of the run's state that a decision changes."""
    changes: dict[str, object] = {"decisions": (*state.decisions, event), "alone": None}
    if event.choice is Choice.CHECK:
        return changes
    changes["asked"] = None
    if event.choice is Choice.RETRY:  # the failure is being retried, so it does not explain the run's outcome
        changes["failure"] = None
    if event.choice is Choice.LEAVE_OUT:
        changes |= _without_what_followed(state)
        changes["services"] = {
            name: msgspec.structs.replace(row, selected=row.selected and name not in event.services)
            for name, row in state.services.items()
        }
    if event.question is Question.INSTALL or event.choice is Choice.RELEASE:
        changes["phase"] = Phase.LOOKING
    if event.question is Question.GENERATION:
        changes["found_before"] = len(state.findings)
    return changes | (_chosen(state, event) if event.question is Question.SELECT else {})


_INSTEAD = (Choice.GO_BACK, Choice.ADOPT, Choice.RELEASE)
"""actions chosen instead of an update: the images pulled for the update are removed"""


def _chosen(state: RunState, event: e.Decided) -> dict[str, object]:
    """Returns the fields of the run's state that an answer to SELECT changes."""
    if event.choice in _INSTEAD and state.changed is Changed.PULLED:
        return {"changed": Changed.NOTHING}
    if event.choice is Choice.RECHECK:
        return {
            "services": {
                name: msgspec.structs.replace(row, resolved=None, newer=None, tags=None, offers={})
                for name, row in state.services.items()
            }
        }
    if event.choice is not Choice.GO:
        return {}
    rows = {name: msgspec.structs.replace(row, selected=name in event.services) for name, row in state.services.items()}
    return {"phase": Phase.PULLING, "services": rows, "found_before": len(state.findings)}


def installs(state: RunState) -> bool:
    """Whether the run is a first install."""
    return state.project is not None and state.project.verb is Verb.INSTALL


def useful(state: RunState, row: ServiceRow) -> bool:
    """Whether a service has an update or a changed definition; in a first install, whether it is not running yet."""
    if row.availability is Availability.NOT_RUNNING:
        return installs(state)
    return row.availability in (Availability.UPDATE, Availability.CHANGED)


def nothing_to_do(state: RunState) -> bool:
    """Whether no service that can be selected is useful to select, and none is still being checked."""
    rows = (row for row in state.services.values() if row.view.selectable)
    return not any(row.availability is Availability.CHECKING or useful(state, row) for row in rows)


def proposed(state: RunState, row: ServiceRow) -> bool:
    """Whether a service is preselected; once the operator has confirmed a selection, that selection is kept."""
    made = any(one.question is Question.SELECT and one.choice is Choice.GO for one in state.decisions)
    return row.view.selectable and row.selected and (made or useful(state, row))


def _without_what_followed(state: RunState) -> dict[str, object]:
    """Returns the fields that reset everything that followed the selection, because services are selected again."""
    return {
        "pulls": {},
        "versions": {},
        "trust": {},
        "checking": {},
        "plan": None,
        "failure": None,
        "findings": state.findings[: state.found_before],
    }
