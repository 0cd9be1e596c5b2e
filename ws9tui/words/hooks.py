"""Messages about running and finished hooks, and about failed notifications."""

from __future__ import annotations

from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Finding, Level
from ws9tui.words import phrases, problems
from ws9tui.words.template import say
from ws9tui.words.text import clean


def name(event: e.HookStarted | e.HookFinished) -> str:
    """Returns a hook's name for use within a sentence."""
    return say("hook {when}[ of {service:name}]", when=event.when.value, service=event.service)


def started(event: e.HookStarted) -> str:
    """Returns that a hook runs: where, which command, and its timeout."""
    return say(
        "Running {hook:said}, [in {container:name} // on this server]: {written} (at most {limit:duration}) …",
        hook=name(event),
        container=event.container,
        written=event.written,
        limit=event.seconds,
    )


def finished(event: e.HookFinished) -> str:
    """Returns the result of a hook."""
    facts = {"when": event.when.value, "service": event.service, "seconds": event.seconds}
    if event.problem is None:
        return say("Hook {when}[ of {service:name}]: done in {seconds:precise}", **facts)
    why = problems.brief(event.problem)
    return say("FAILED: Hook {when}[ of {service:name}], after {seconds:precise}: {why:said}", why=why, **facts)


def printed(event: e.HookFinished) -> list[str]:
    """Returns the last lines of a hook's output."""
    return [f"| {clean(text)}" for text in event.tail]


def notified(event: e.Notified) -> str | None:
    """Returns a failed notification; None for one that was delivered."""
    return None if event.problem is None else phrases.finding(Finding(Level.WARNING, event.problem))
