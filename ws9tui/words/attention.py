"""The terminal's title and the notification text for a run, for an operator who looks elsewhere."""

from __future__ import annotations

from ws9tui.core.journal.run_state import Phase, RunState
from ws9tui.words import hooks, labels, outcome
from ws9tui.words.template import Message, say
from ws9tui.words.text import clean

_LONGEST = 80
_PHASES = {
    Phase.STARTING: Message("Starting", "title of a terminal"),
    Phase.LOOKING: Message("Inspecting", "title of a terminal"),
    Phase.INSTALLING: Message("Install", "title of a terminal"),
    Phase.SELECTING: Message("Images", "title of a terminal"),
    Phase.PULLING: Message("Pull[ {percent} %]", "title of a terminal"),
    Phase.VERSIONS: Message("Versions", "title of a terminal"),
    Phase.CHOOSING: Message("Generations", "title of a terminal"),
    Phase.MERGING: Message("Merge", "title of a terminal"),
    Phase.CONFIRMING: Message("Confirm", "title of a terminal"),
    Phase.RECOVERING: Message("Recovery", "title of a terminal"),
    Phase.COMMITTING: Message("Updating", "title of a terminal"),
    Phase.WATCHING: Message("Health check", "title of a terminal"),
    Phase.ROLLING_BACK: Message("Rolling back", "title of a terminal"),
}


def title(state: RunState) -> str:
    """Returns the project and the phase of its run; a question mark if an answer is needed."""
    project = state.project.source.name if state.project else ""
    asked = state.asked is not None
    said = say("ws9tui[: {project:name}] · {now:said}[{asked:given}?]", project=project, now=_now(state), asked=asked)
    return clean(said, _LONGEST)


def _now(state: RunState) -> str:
    if state.finished is not None:
        return outcome.headline(state.finished, state)
    if state.hook is not None:
        return hooks.name(state.hook)
    return _PHASES[state.phase](percent=_percent(state))


def _percent(state: RunState) -> str:
    rows = state.pulls.values()
    return f"{sum(row.fraction for row in rows) / len(rows) * 100:.0f}" if rows else ""


def notice(state: RunState) -> str:
    """Returns the open question or the result; empty if there is neither."""
    if state.asked is not None and state.finished is None:
        return clean(labels.QUESTIONS[state.asked.question](), _LONGEST)
    return clean(outcome.headline(state.finished, state), _LONGEST) if state.finished else ""
