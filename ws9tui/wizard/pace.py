"""When the screen is redrawn: at once on news, otherwise twice a second, which suits slow connections."""

from __future__ import annotations

from ws9tui.core.journal.run_state import RunState

PERIOD = 0.1
"""seconds between two reads of the journal"""
PROGRESS = 0.5
"""seconds between two redraws of mere progress: bars, clocks, log lines"""


def news(state: RunState) -> tuple[object, ...]:
    """Returns the parts of a state whose changes are shown at once; progress is not among them."""
    asked, rollback = state.asked, state.rollback
    return (
        state.phase,
        asked.ask if asked else None,
        state.finished is not None,
        state.changed,
        state.gate_passed,
        rollback is not None,
        state.verified is not None,
        state.form,
        state.plan is None,
        len(state.decisions),
        len(state.findings),
        len(state.versions),
        len(state.trust),
        [(step.step, step.done) for step in state.steps],
        [row.state for row in state.pulls.values()],
        [row.verdict for row in state.watched.values()],
        [(row.availability, row.selected) for row in state.services.values()],
        [entry.reach for entry in state.generations.values()],
    )
