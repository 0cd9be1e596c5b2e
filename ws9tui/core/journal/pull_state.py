"""How pulls stand, folded from their events."""

from __future__ import annotations

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import AnyEvent
from ws9tui.core.journal.run_state import Changed, Phase, PullRow, PullState, RunState


def changes(state: RunState, event: AnyEvent) -> dict[str, object]:
    """What a pull's event changes in the state of its run."""
    match event:
        case e.PullStarted(reference=reference):
            old = state.pulls.get(reference)
            row = PullRow(
                reference,
                event.services,
                PullState.RUNNING,
                attempt=event.attempt,
                done=old.done if old else 0,
                total=old.total if old else 0,
                fraction=old.fraction if old else 0.0,
                since=event.at,
            )
        case e.PullProgressed(reference=reference):
            row = _row(state, reference)
            row = msgspec.structs.replace(
                row,
                state=PullState.RUNNING,
                done=max(row.done, event.done),
                total=max(row.total, event.total),
                fraction=max(row.fraction, event.fraction),
                phase=event.phase,
                layers=event.layers,
                layers_done=event.layers_done,
                rate=event.rate,
            )
        case e.PullStalled(reference=reference):
            row = msgspec.structs.replace(
                _row(state, reference), state=PullState.STALLED, wait=event.seconds, away=event.away, rate=0.0
            )
        case e.PullRetried(reference=reference):
            row = msgspec.structs.replace(
                _row(state, reference),
                state=PullState.RETRYING,
                attempt=event.attempt,
                wait=event.wait,
                problem=event.problem,
                rate=0.0,
                since=event.at,
            )
        case e.PullFinished(reference=reference):
            row = msgspec.structs.replace(
                _row(state, reference, event.services),
                state=PullState.DONE,
                fraction=1.0,
                size=event.size,
                seconds=event.seconds,
                new=event.new,
                again=event.again,
                rate=0.0,
                problem=None,
                phase="done",
            )
        case e.PullFailed(reference=reference):
            row = msgspec.structs.replace(
                _row(state, reference), state=PullState.FAILED, problem=event.problem, rate=0.0
            )
        case _:  # pragma: no cover - the caller passes no other
            raise AssertionError(event)
    changed: dict[str, object] = {"pulls": {**state.pulls, reference: row}, "phase": Phase.PULLING}
    if isinstance(event, e.PullFailed):
        changed["failure"] = state.failure or event.problem
    if isinstance(event, e.PullFinished) and event.new:
        changed["changed"] = Changed.PULLED
    return changed


def _row(state: RunState, reference: str, services: tuple[str, ...] = ()) -> PullRow:
    return state.pulls.get(reference) or PullRow(reference, services)
