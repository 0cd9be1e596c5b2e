"""The state of pulls, folded from their events."""

from __future__ import annotations

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.journal.run_state import Changed, Phase, PullRow, PullState, RunState

_AnyPull = e.PullStarted | e.PullProgressed | e.PullStalled | e.PullRetried | e.PullFinished | e.PullFailed


def changes(state: RunState, event: _AnyPull) -> dict[str, object]:
    """Returns the fields of the run's state that a pull's event changes."""
    old = state.pulls.get(event.reference) or PullRow(event.reference, ())
    changed: dict[str, object] = {"phase": Phase.PULLING}
    match event:
        case e.PullStarted():
            row = PullRow(
                event.reference,
                event.services,
                PullState.RUNNING,
                attempt=event.attempt,
                done=old.done,
                total=old.total,
                fraction=old.fraction,
                since=event.at,
            )
        case e.PullProgressed():
            row = msgspec.structs.replace(
                old,
                state=PullState.RUNNING,
                done=max(old.done, event.done),
                total=max(old.total, event.total),
                fraction=max(old.fraction, event.fraction),
                phase=event.phase,
                layers=event.layers,
                layers_done=event.layers_done,
                rate=event.rate,
            )
        case e.PullStalled():
            row = msgspec.structs.replace(old, state=PullState.STALLED, wait=event.seconds, away=event.away, rate=0.0)
        case e.PullRetried():
            row = msgspec.structs.replace(
                old,
                state=PullState.RETRYING,
                attempt=event.attempt,
                wait=event.wait,
                problem=event.problem,
                rate=0.0,
                since=event.at,
            )
        case e.PullFinished():
            row = msgspec.structs.replace(
                old,
                services=old.services or event.services,
                state=PullState.DONE,
                fraction=1.0,
                size=event.size,
                seconds=event.seconds,
                new=event.new,
                rate=0.0,
                problem=None,
                phase="done",
            )
            changed |= {"changed": Changed.PULLED} if event.new else {}
        case e.PullFailed():
            row = msgspec.structs.replace(old, state=PullState.FAILED, problem=event.problem, rate=0.0)
            changed["failure"] = state.failure or event.problem
    return changed | {"pulls": {**state.pulls, event.reference: row}}
