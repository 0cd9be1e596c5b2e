"""The safety line: what runs now, what has been changed so far, and whether one may leave.

It stands in every pane and is folded from the journal like everything else.
"""

from __future__ import annotations

from enum import StrEnum

from ws9tui.core.journal.run_state import Changed, Phase, RunState, Safety
from ws9tui.core.model.terms import Outcome, Verb
from ws9tui.words import outcome
from ws9tui.words.text import clean, listed, plural


class Tone(StrEnum):
    """How serious the line is, for its looks."""

    SAFE = "safe"
    BUSY = "busy"
    """the project is changing, and the way back is ready"""
    WARNING = "warning"
    DANGER = "danger"


_BEFORE_COMMIT = (Changed.NOTHING, Changed.PULLED)


def line(state: RunState, *, died: bool = False) -> str:
    """The safety line; ``died`` says that the worker is gone though the run has not finished."""
    safety = state.safety
    parts = (_running(state, safety), _changed(state, safety), _leaving(state, safety, died=died))
    return " ".join(part for part in parts if part)


def tone(state: RunState, *, died: bool = False) -> Tone:
    """How serious it is."""
    safety = state.safety
    if state.finished and state.finished.outcome is Outcome.NEEDS_RECOVERY:
        return Tone.DANGER
    if state.phase is Phase.RECOVERING or (died and safety.changed not in _BEFORE_COMMIT):
        return Tone.WARNING
    if _ill(state, safety):
        return Tone.WARNING
    return Tone.BUSY if safety.live and safety.changed in (Changed.CHANGING, Changed.GOING_BACK) else Tone.SAFE


def _running(state: RunState, safety: Safety) -> str:
    if not safety.services:
        if ill := _ill(state, safety):
            return f"{listed(ill, 3)} {'is' if len(ill) == 1 else 'are'} not well."
        looking = state.phase in (Phase.STARTING, Phase.LOOKING)
        return "Looking at what runs." if looking and safety.live else ""
    if not safety.running:
        return "Running: nothing of this project."
    as_before = safety.changed in (*_BEFORE_COMMIT, Changed.RESTORED)
    version = f"{clean(safety.version, 40)}, " if safety.version and as_before else ""
    everything = safety.running == safety.services
    if safety.services == 1:
        who = "one service"
    else:
        who = f"{'all' if everything else f'{safety.running} of'} {plural(safety.services, 'service')}"
    if ill := _ill(state, safety):
        return f"Running: {version}{who}; {listed(ill, 3)} {'is' if len(ill) == 1 else 'are'} not well."
    return f"Running: {version}{who}{' well' if everything and _known_well(state, safety) else ''}."


def _ill(state: RunState, safety: Safety) -> tuple[str, ...]:
    """The services that are not well; after a rollback only what was seen since then counts."""
    if state.rollback is None or safety.changed is not Changed.RESTORED:
        return safety.ill
    failed = (name for name in safety.ill if state.watched[name].since > state.rollback.at)
    return tuple(dict.fromkeys((*failed, *outcome.unwell(state))))


def _known_well(state: RunState, safety: Safety) -> bool:
    """Whether 'well' may be said: what is still watched, or has yet to pass its health check, is not known to be."""
    if safety.changed in _BEFORE_COMMIT:
        return all(row.view.health != "starting" for row in state.services.values())
    watched = state.watched.values()
    settled = safety.changed in (Changed.CHANGED, Changed.RESTORED)
    return settled and bool(watched) and all(row.verdict == "passed" for row in watched)


def _changed(state: RunState, safety: Safety) -> str:
    if state.finished and state.finished.outcome is Outcome.LEFT:
        return "This run has changed nothing."
    match safety.changed:
        case Changed.NOTHING:
            return "" if state.phase is Phase.RECOVERING else "Nothing has been changed."
        case Changed.PULLED:
            return "Images were pulled; nothing else has been changed."
        case Changed.CHANGING:
            done = sum(step.done for step in state.steps)
            if not safety.live:
                return "Some changes were made."
            return f"Being changed: {plural(done, 'step')} done." if done else "Being changed."
        case Changed.CHANGED:
            return "All changes are made."
        case Changed.GOING_BACK:
            if not safety.live:
                return "The way back was not completed."
            to = state.rollback.to if state.rollback else 0
            return f"Going back to generation {to}." if to else "Going back."
        case Changed.RESTORED:
            if state.rollback and not state.rollback.to:
                return "What this run had made was taken away again."
            return "What ran before runs again, verified."


def _leaving(state: RunState, safety: Safety, *, died: bool) -> str:
    if state.finished:
        return _after(state, safety)
    before = safety.changed in _BEFORE_COMMIT
    if died:
        return "The worker is gone: start ws9tui again." if before else "The worker is gone: recovery is needed."
    if state.phase is Phase.RECOVERING:
        return "An earlier run was interrupted in the middle; nothing happens until somebody decides."
    if before:
        return "Safe to leave."
    back = "The way back is ready. " if safety.way_back and safety.changed is not Changed.GOING_BACK else ""
    return f"{back}You may leave: it goes on by itself."


def _after(state: RunState, safety: Safety) -> str:
    if state.finished and state.finished.outcome is Outcome.NEEDS_RECOVERY:
        return "Recovery is needed."
    rolls_back = state.project is not None and state.project.verb in (Verb.ROLLBACK, Verb.RECOVER)
    if safety.changed is Changed.CHANGED and safety.way_back and not rolls_back:
        return "The way back is ready."
    return "This run has ended."
