"""The state of a commit's steps, hooks and watched services, folded from their events."""

from __future__ import annotations

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.journal.run_state import HookRow, RunState, StepRow, WatchRow

_LOG_LINES = 8
"""log lines kept in the state for each service; the journal has them all"""
_AFTER_STEP = {"remove": "removed", "stop": "exited"}
"""kind of a step → the state of its services' containers afterwards"""


def stepped(state: RunState, event: e.StepStarted | e.StepFinished) -> dict[str, object]:
    """Returns the fields of the run's state that a step changes."""
    watched = dict(state.watched)
    row = StepRow(event.step, event.kind, event.subject, started_at=event.at)
    known = [name for name in row.services if name in watched]
    if isinstance(event, e.StepStarted):
        for name in known:  # Compose's progress in an earlier step of this service is over
            watched[name] = msgspec.structs.replace(watched[name], doing="")
        return {"steps": (*state.steps, row), "watched": watched}
    if event.problem is None and (after := _AFTER_STEP.get(event.kind)):
        for name in known:  # removed and stopped containers are not watched
            watched[name] = WatchRow(name, after, verdict="", lines=watched[name].lines, since=event.at)
    steps = tuple(
        msgspec.structs.replace(row, done=True, seconds=event.seconds, problem=event.problem)
        if row.step == event.step
        else row
        for row in state.steps
    )
    moving = {name: moved for name, moved in state.moving.items() if name != event.subject}
    return {"steps": steps, "watched": watched, "moving": moving, "failure": state.failure or event.problem}


def hooked(state: RunState, event: e.HookStarted | e.HookFinished) -> dict[str, object]:
    """Returns the fields of the run's state that a hook changes; only one hook runs at a time."""
    if isinstance(event, e.HookStarted):
        return {"hooks": (*state.hooks, HookRow(event))}
    return {"hooks": (*state.hooks[:-1], *(HookRow(row.started, event) for row in state.hooks[-1:]))}


def watched(state: RunState, event: e.ContainerStep | e.ServiceWatched | e.LogLine) -> dict[str, object]:
    """Returns the fields of the run's state that an event of a watched service changes."""
    old = state.watched.get(event.service) or WatchRow(event.service)
    match event:
        case e.ServiceWatched():
            row = msgspec.structs.replace(
                old,
                state=event.state,
                health=event.health,
                restarts=event.restarts,
                verdict=event.verdict,
                problem=event.problem,
                remaining=event.remaining,
                downtime=event.downtime,
                since=event.at,
            )
        case e.LogLine():
            row = msgspec.structs.replace(old, lines=(*old.lines, event.line)[-_LOG_LINES:])
        case e.ContainerStep():
            row = msgspec.structs.replace(old, doing=event.text)
    return {"watched": {**state.watched, event.service: row}}
