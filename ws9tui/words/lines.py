"""One plain line per event, for the plain front end and the history of a run.

Events of the run and its decisions are here, the others in `lines_prepare` and `lines_commit`. Events that are of no
interest to an operator, or are shown otherwise (progress, questions, the plan), have no line.
"""

from __future__ import annotations

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.model.terms import Choice, Question, Reach
from ws9tui.words import bundles, hooks, labels, lines_commit, lines_prepare, phrases
from ws9tui.words.of_events import Told, event_said, own_facts
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import clean, joined, listed, series


def line(event: Event) -> str | None:
    """Returns an event in one line; None if it has none."""
    told = _TOLD.get(type(event))
    if isinstance(told, Message):
        return told(**own_facts(event))
    return told(event) if told else None


def _requested(event: e.RunRequested) -> str:
    return labels.REQUESTED[event.verb](who=phrases.actor(event.actor))


def _projects(event: e.ProjectsFound) -> str | None:
    """Lists the projects with a description; the question, or the error, has all names."""
    known = [phrases.project_named(name, what) for name, what in event.projects.items() if what]
    return say("Found {projects:said}", projects=series(known)) if known else None


def _project(event: e.ProjectFound) -> str:
    return event_said(
        "Project {name:name}[ {version:short}] in {folder}[, generation {generation}];"
        " this is run {number}, {verb:said}",
        event,
        name=event.source.name,
        folder=event.source.folder,
        generation=event.generation or "",
        verb=labels.VERBS[event.verb](),
    )


_STEPS_DONE = Plural("{count} step done", "{count} steps done")


def _interrupted(event: e.RunInterrupted) -> str:
    if not event.after:
        return event_said(
            "Run {run} of {started_at:date} by {who:said}, a backup, was interrupted while the services were stopped"
            "[; not done: {undone:said}]",
            event,
            who=phrases.actor(event.actor),
            undone=listed(event.undone, 4),
        )
    return event_said(
        "Run {run} of {started_at:date} by {who:said} was interrupted between generation {before} and {after}:"
        " [{done:said} // no step done][, not done: {undone:said}]",
        event,
        who=phrases.actor(event.actor),
        done=_STEPS_DONE(len(event.done)) if event.done else "",
        undone=listed(event.undone, 4),
    )


def _interrupted_service(event: e.InterruptedService) -> str:
    return say(
        "{standing:said}[ ({detail:said})]", standing=labels.standing(event), detail=labels.interrupted_detail(event)
    )


def decided(event: e.Decided) -> str:
    """Returns which decision was taken, and by whom."""
    by = labels.DECIDED_BY[event.by]() if event.by in labels.DECIDED_BY else clean(event.by, 40)
    if event.by == "operator" and event.actor:
        by = say("by {who:said}", who=phrases.actor(event.actor))
    if event.choice is Choice.CHECK:
        wanted = joined(
            say("{service:name} {reference:ref}", service=name, reference=found)
            for name, found in event.references.items()
        )
        return say("Asking the registry about [{wanted:said} // a tag], {by:said}", wanted=wanted, by=by)
    if event.choice is Choice.TAGS:
        return say("Listing the tags of {services:said}, {by:said}", services=listed(event.services), by=by)
    if event.choice is Choice.RECHECK:
        return say("Asking the registries again[, {mirror} too], {by:said}", mirror=event.answers.get("mirror"), by=by)
    if event.choice is Choice.PREVIOUS:
        return say("Returned to the step before, {by:said}", by=by)
    if event.choice is Choice.RELEASE:
        source = event.answers.get("source")
        return say("Decided: release from {source}, {by:said}", source=source, by=by)
    if event.question is Question.GENERATION and event.choice is Choice.GO:
        return event_said("Decided: generation {generation}, {by:said}", event, by=by)
    cancels = event.choice is Choice.CANCEL
    return say(
        "Decided: [{services:said}, ][data of {data:said}, ][{asked:said}, ]{chosen:said}, {by:said}",
        services=listed(event.services, 12),
        data="" if event.backups is None else listed(event.backups, 12) or say("none"),
        asked=joined(
            say("{service:name} to {reference:ref}", service=service, reference=reference)
            for service, reference in event.references.items()
        ),
        chosen=labels.CANCEL() if cancels else labels.choice(event.question, event.choice),
        by=by,
    )


def _decided(event: e.Decided) -> str | None:
    """Returns a decision; None for the checks while an install form is filled in."""
    checks = event.question is Question.INSTALL and event.choice is Choice.CHECK
    return None if checks else decided(event)


def details(event: e.GenerationFound | e.BundleListed | e.HookFinished) -> list[str]:
    """Returns the lines below an event's: a generation's differences, a hook's output, or a bundle's contents."""
    if isinstance(event, e.HookFinished):
        return hooks.printed(event)
    if isinstance(event, e.BundleListed):
        return bundles.contents(event)
    return [phrases.difference(found) for found in event.differences if event.reach is not Reach.CHECKING]


_TOLD: dict[type, Told] = {
    e.RunRequested: _requested,
    e.EngineFound: phrases.engine,
    e.ProjectsFound: _projects,
    e.ProjectFound: _project,
    e.Found: lambda event: phrases.finding(event.finding),
    e.RunInterrupted: _interrupted,
    e.InterruptedService: _interrupted_service,
    e.Decided: _decided,
    e.Detached: lambda event: say("{who:said} left; the run continues", who=phrases.actor(event.actor)),
    e.LeftAlone: Message("Nobody is attached: the run is cancelled unless somebody attaches within {seconds:duration}"),
    e.Joined: Message("Somebody is attached again"),
    e.Notified: hooks.notified,
    e.Superseded: Message("Run {by} has resolved this run"),
    **lines_prepare.TOLD,
    **lines_commit.TOLD,
}
