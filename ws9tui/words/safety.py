"""The safety line: what runs now, what has changed so far, and whether it is safe to disconnect.

Every pane shows it; it is derived from the journal like everything else.
"""

from __future__ import annotations

from enum import StrEnum

from ws9tui.core.journal.presence import ALONE_DEADLINE
from ws9tui.core.journal.run_state import Changed, Phase, RunState, Safety
from ws9tui.core.model.terms import Outcome, Verb
from ws9tui.words import hooks, outcome
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import listed, paragraph


class SafetyTone(StrEnum):
    """The severity of the safety line, for its style."""

    SAFE = "safe"
    BUSY = "busy"
    """the project is changing, and a rollback is ready"""
    WARNING = "warning"
    DANGER = "danger"


def line(state: RunState, *, died: bool = False) -> str:
    """Returns the safety line; ``died``: the worker is gone though the run has not finished."""
    safety = state.safety
    hook = "" if state.hook is None or died else say("Running {hook:said}.", hook=hooks.name(state.hook))
    parts = (_running(state, safety), _changed(state, safety), hook, _leaving(state, safety, died=died))
    return paragraph(parts)


def tone(state: RunState, *, died: bool = False) -> SafetyTone:
    """Returns the severity of the safety line."""
    safety = state.safety
    if state.finished and state.finished.outcome is Outcome.NEEDS_RECOVERY:
        return SafetyTone.DANGER
    if state.phase is Phase.RECOVERING or (died and not safety.changed.before_commit):
        return SafetyTone.WARNING
    if _ill(state, safety):
        return SafetyTone.WARNING
    return (
        SafetyTone.BUSY if safety.live and safety.changed in (Changed.CHANGING, Changed.GOING_BACK) else SafetyTone.SAFE
    )


_LOOKING = Message("Checking what is running.")
_ALL = Plural("all {count} service", "all {count} services")
_SOME = Plural("{running} of {count} service", "{running} of {count} services")


def _running(state: RunState, safety: Safety) -> str:
    if safety.services and not safety.running:
        return say("Nothing of this project is running.")
    ill = _ill(state, safety)
    sick = say("not OK: {services:said}", services=listed(ill, 3)) if ill else ""
    if not safety.services:
        looking = state.phase in (Phase.STARTING, Phase.LOOKING) and safety.live
        return say("Not OK: {services:said}.", services=listed(ill, 3)) if ill else _LOOKING() if looking else ""
    as_before = safety.changed.before_commit or safety.changed is Changed.RESTORED
    version = safety.version if as_before else ""
    everything = safety.running == safety.services
    if safety.services == 1:
        who = say("one service")
    elif everything:
        who = _ALL(safety.services)
    else:
        who = _SOME(safety.services, running=safety.running)
    if everything and not sick and _known_well(state, safety):
        return say("Running: [{version:short}, ]{who:said} OK.", version=version, who=who)
    return say(
        "Running: [{version:short}, ]{who:said}[; {sick:said}][; stopped: {stopped:said}].",
        version=version,
        who=who,
        sick=sick,
        stopped=listed(tuple(name for name in safety.stopped if name not in ill), 3),
    )


def _ill(state: RunState, safety: Safety) -> tuple[str, ...]:
    """Returns the unhealthy services; after a rollback only what was observed since then counts."""
    if state.rollback is None or safety.changed is not Changed.RESTORED:
        return safety.ill
    watched, since = state.watched, state.rollback.at
    failed = (name for name in safety.ill if name in watched and watched[name].since > since)
    return tuple(dict.fromkeys((*failed, *outcome.unwell(state))))


def _known_well(state: RunState, safety: Safety) -> bool:
    """Whether all services are known to be healthy: none is still watched, or has yet to pass its health check."""
    if safety.changed.before_commit:
        return all(row.view.health != "starting" for row in state.services.values())
    watched = state.watched.values()
    settled = safety.changed in (Changed.CHANGED, Changed.RESTORED)
    return settled and bool(watched) and all(row.verdict == "passed" for row in watched)


_DONE = Plural("Changing: {count} step done.", "Changing: {count} steps done.")


def _changed(state: RunState, safety: Safety) -> str:
    if state.finished and state.finished.outcome is Outcome.LEFT:
        return say("This run changed nothing.")
    match safety.changed:
        case Changed.NOTHING:
            return "" if state.phase is Phase.RECOVERING else say("Nothing has been changed.")
        case Changed.PULLED:
            return say("Images were pulled; nothing else has been changed.")
        case Changed.CHANGING:
            done = sum(step.done for step in state.steps)
            if not safety.live:
                return say("Some changes were made.")
            return _DONE(done) if done else say("Changing the project.")
        case Changed.CHANGED:
            return say("All changes are done.")
        case Changed.GOING_BACK:
            if not safety.live:
                return say("The rollback did not finish.")
            to = state.rollback.to if state.rollback else 0
            return say("Rolling back[ to generation {to}].", to=to or "")
        case Changed.RESTORED:
            if state.rollback and not state.rollback.to:
                return say("What this run created was removed.")
            return say("Rolled back and verified.")


def _leaving(state: RunState, safety: Safety, *, died: bool) -> str:
    if state.finished:
        return _after(state, safety)
    before = safety.changed.before_commit
    if died:
        return (
            say("The worker process has died: start ws9tui again.")
            if before
            else say("The worker process has died: recovery is needed.")
        )
    if state.phase is Phase.RECOVERING:
        return say("An earlier run was interrupted. Nothing changes until somebody decides.")
    if before:
        return _before_the_commit(state)
    back = safety.way_back and safety.changed is not Changed.GOING_BACK
    return paragraph((_ROLLBACK_READY() if back else "", _goes_on(state, safety)))


def _goes_on(state: RunState, safety: Safety) -> str:
    """Returns that the run continues without a terminal, naming what it does."""
    if safety.changed is Changed.GOING_BACK:
        return _GOES_ON[Verb.ROLLBACK]()
    return _GOES_ON.get(state.project.verb if state.project else Verb.UPDATE, _GOES_ON[Verb.UPDATE])()


_ROLLBACK_READY = Message("Rollback is ready.")
_GOES_ON = {
    Verb.UPDATE: Message("Safe to disconnect: the update continues in the background."),
    Verb.INSTALL: Message("Safe to disconnect: the installation continues in the background."),
    Verb.ROLLBACK: Message("Safe to disconnect: the rollback continues in the background."),
    Verb.RECOVER: Message("Safe to disconnect: the recovery continues in the background."),
}


def _before_the_commit(state: RunState) -> str:
    """Returns that disconnecting is safe, and when a run that waits for an answer ends unattended."""
    if state.alone is not None:
        return say("Nobody is attached: the run ends after {seconds:duration}.", seconds=state.alone.seconds)
    if state.asked is None or state.request is None or not state.request.attended:
        return say("Safe to disconnect.")
    return say("Safe to disconnect: the run then ends after {seconds:duration}.", seconds=ALONE_DEADLINE)


def _after(state: RunState, safety: Safety) -> str:
    if state.finished and state.finished.outcome is Outcome.NEEDS_RECOVERY:
        return say("Recovery is needed.")
    rolls_back = state.project is not None and state.project.verb in (Verb.ROLLBACK, Verb.RECOVER)
    if safety.changed is Changed.CHANGED and safety.way_back and not rolls_back:
        return _ROLLBACK_READY()
    return say("This run has ended.")
