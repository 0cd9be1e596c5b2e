"""One plain line for each event: what the plain front end prints, and the history of a run.

Events that say nothing to an operator, or that are told otherwise (progress, questions, the plan), give none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import AnyEvent
from ws9tui.core.journal.run_state import Newest, PullRow, PullState, ServiceRow
from ws9tui.core.model import newer
from ws9tui.core.model.newer import Newer
from ws9tui.core.model.terms import (
    Actor,
    Availability,
    Choice,
    Difference,
    Finding,
    Level,
    MergeConflict,
    Question,
    Reach,
)
from ws9tui.problems.problem import Problem
from ws9tui.words import labels, problems
from ws9tui.words.text import (
    clean,
    date,
    duration,
    listed,
    plural,
    precise,
    rate,
    short_digest,
    short_reference,
    size,
)


def line(event: AnyEvent) -> str | None:
    """What happened, in one line; None where there is nothing to say."""
    told = _TOLD.get(type(event))
    return told(event) if told else None


def stalled(seconds: float, *, away: bool) -> str:
    """That no byte comes, and who is silent where that is known."""
    return f"no data for {duration(seconds)}{': the engine does not answer' if away else ''}"


def progress(row: PullRow) -> str:
    """How far a pull is, in one line."""
    name = short_reference(row.reference)
    match row.state:
        case PullState.STALLED:
            return f"{name}: {stalled(row.wait, away=row.away)}"
        case PullState.RETRYING | PullState.DONE | PullState.FAILED | PullState.WAITING:
            return f"{name}: {labels.PULL_STATES[row.state]}"
    parts = [f"{row.fraction:.0%}"]
    if row.total:
        parts.append(f"{size(row.done)} of {size(row.total)}")
    if row.phase in ("verifying", "extracting"):
        parts.append(row.phase)
    elif row.rate:
        parts.append(rate(row.rate))
    return f"{name}: {', '.join(parts)}"


def finding(found: Finding) -> str:
    """One result of a check, with its remedy unless all is well."""
    mark = {Level.OK: "ok", Level.WARNING: "warning", Level.BLOCKING: "STOP"}[found.level]
    service = f"{clean(found.service, 80)}: " if found.service else ""
    said = problems.title(found.problem) if found.level is Level.OK else problems.sentence(found.problem)
    return f"[{mark}] {service}{said}"


def actor(who: Actor) -> str:
    """Who, and from where."""
    user = clean(who.user, 60) or "somebody"
    return f"{user} ({clean(who.origin, 80)})" if who.origin else user


# --- looking around -------------------------------------------------------------------------------------------


def _requested(event: e.RunRequested) -> str:
    return f"{labels.VERBS[event.verb].capitalize()} asked for by {actor(event.actor)}"


def _engine(event: e.EngineFound) -> str:
    return (
        f"Docker {clean(event.engine_version, 40)} on {clean(event.server, 80)} ({clean(event.architecture, 40)}),"
        f" Compose {clean(event.compose_version, 40)}"
    )


def project_named(name: str, what: Problem | None) -> str:
    """A project's name, and what it is."""
    return f"{clean(name, 80)}: {problems.brief(what)}" if what else clean(name, 80)


def _projects(event: e.ProjectsFound) -> str | None:
    """Those that are known for something; the question, or the error, has all their names."""
    known = [project_named(name, what) for name, what in event.projects.items() if what]
    return f"Found {'; '.join(known)}" if known else None


def _project(event: e.ProjectFound) -> str:
    version = f" {clean(event.version, 40)}" if event.version else ""
    generation = f", generation {event.generation}" if event.generation else ""
    return (
        f"Project {clean(event.source.name, 80)}{version} in {clean(event.source.folder)}{generation};"
        f" this is run {event.number}, {labels.VERBS[event.verb]}"
    )


def _observed(event: e.ServiceObserved) -> str:
    view = event.service
    parts = [short_reference(view.reference) or "no image", view.version and clean(view.version, 40)]
    parts.append(" ".join(clean(word, 40) for word in (view.state or "no container", view.health) if word))
    if view.availability is not Availability.CHECKING:
        parts.append(availability(view.availability, view.problem))
    return f"{clean(view.name, 80)}: {', '.join(part for part in parts if part)}"


def availability(value: Availability, problem: Problem | None) -> str:
    """What may be had for a service, and why nothing can be said where that is so."""
    if problem is None:
        return labels.AVAILABILITY[value]
    why = problems.brief(problem)
    return f"{labels.AVAILABILITY[value]} ({why})" if value is Availability.UNKNOWN else why


def standing(row: ServiceRow) -> str:
    """How a service stands, with what its registry has that is newer."""
    said = availability(row.availability, row.problem)
    if unchanged(row):
        said = labels.TAG_UNCHANGED
    more = newer_tags(row)
    return f"{said}; {more}" if more else said


def unchanged(row: ServiceRow) -> bool:
    """Whether its tag is what runs, and something newer is there or may be."""
    return row.availability is Availability.CURRENT and row.newest is not Newest.YES


def newer_tags(row: ServiceRow) -> str:
    """The newer tags of a service, or why they are not known where that matters; else empty."""
    found = row.newer_tags
    if found is None or row.availability in (Availability.UNKNOWN, Availability.BUILT):
        return ""
    if not found.tags:
        why = problems.brief(found.problem) if found.problem and unchanged(row) else ""
        return f"newer tags unknown ({why})" if why else ""
    doubt = f" ({problems.brief(found.problem)})" if found.problem else ""
    return f"newer: {tags(found)}{doubt}"


def tags(found: e.NewerFound) -> str:
    """Newer tags in few words."""
    told = newer.telling(found.reference.meant_tag, Newer(found.tags, found.count))
    more = f" and {found.count - len(told)} more" if found.count > len(told) else ""
    return ", ".join(clean(tag, 60) for tag in told) + more


def _newer(event: e.NewerFound) -> str:
    name, reference = clean(event.service, 80), short_reference(event.reference)
    apart = f"; candidates: {listed(event.candidates, 3)}" if event.candidates else ""
    why = f" ({problems.brief(event.problem)})" if event.problem else ""
    if event.tags:
        return f"{name}: newer than {reference}: {tags(event)}{apart}{why}"
    if event.problem:
        return f"{name}: whether there is anything newer than {reference} is not known{why}"
    return f"{name}: nothing is newer than {reference}{apart}"


def _resolved(event: e.ReferenceResolved) -> str:
    said = availability(event.availability, event.problem)
    if event.availability is Availability.CURRENT and not (event.offline or newer.moves(event.reference.meant_tag)):
        said = labels.TAG_UNCHANGED
    digest = f" ({short_digest(event.digest)})" if event.digest else ""
    if event.offline and event.known:
        digest = f" ({short_digest(event.image_id)}, {labels.origin(event.archive)})"
    name = short_reference(event.reference)
    if event.availability is Availability.UPDATE:
        return f"{clean(event.service, 80)}: {said} to {name}{digest}"
    return f"{clean(event.service, 80)}: {said}; {name}{digest}"


def _found(event: e.Found) -> str:
    return finding(event.finding)


def _interrupted(event: e.RunInterrupted) -> str:
    done = f"{plural(len(event.done), 'step')} done" if event.done else "no step done"
    undone = f", not done: {listed(event.undone, 4)}" if event.undone else ""
    return (
        f"Run {event.run} of {date(event.started_at)} by {actor(event.actor)} was interrupted on its way"
        f" from generation {event.before} to {event.after}: {done}{undone}"
    )


def _interrupted_service(event: e.InterruptedService) -> str:
    state = labels.standing(event)
    detail = f" ({clean(event.detail)})" if event.detail else ""
    return f"{clean(event.service, 80)} {state}{detail}"


def generation(event: e.GenerationFound) -> str:
    """A generation that may be gone to, in one line."""
    services = [f"{clean(name, 80)} {short_reference(version)}" for name, version in event.services.items()]
    version = f" {clean(event.version, 40)}" if event.version else ""
    notes = [
        "runs now" if event.runs else "",
        "" if event.proven else "not proven to run",
        "from kept images, with today's files" if event.salvaged else "",
        reach(event),
    ]
    said = ", ".join(note for note in notes if note)
    return f"Generation {event.number}{version} of {date(event.created_at)}: {listed(services, 12)}; {said}"


def reach(event: e.GenerationFound) -> str:
    """How a generation can be reached."""
    said = labels.REACHES[event.reach]
    if event.problem and event.reach is not Reach.BROKEN:
        said += f", because {problems.brief(event.problem)}" if event.reach is Reach.UNKNOWN else ""
        said += f": {_gone(event.problem)}" if event.reach is Reach.GONE else ""
    return said


def _gone(problem: Problem) -> str:
    image = problem.facts.get("image") or problem.facts.get("reference", "")
    return f"{short_reference(image)} is neither here nor to be pulled" if image else problems.brief(problem)


def difference(found: Difference) -> str:
    """One thing in which a generation differs from what is there."""
    keys = f": {listed(found.keys, 12)}" if found.keys else ""
    return f"{clean(found.subject, 200)}: {problems.brief(found.problem)}{keys}"


def _generation_found(event: e.GenerationFound) -> str | None:
    return None if event.reach is Reach.CHECKING else generation(event)


# --- decisions ------------------------------------------------------------------------------------------------


def decided(event: e.Decided) -> str:
    """Which decision was taken, and by whom."""
    chosen = "Cancel" if event.choice is Choice.CANCEL else labels.choice(event.question, event.choice)
    by = labels.DECIDED_BY.get(event.by) or clean(event.by, 40)
    if event.by == "operator" and event.actor:
        by = f"by {actor(event.actor)}"
    if event.choice is Choice.CHECK:
        wanted = ", ".join(f"{clean(name, 80)} {short_reference(found)}" for name, found in event.references.items())
        return f"Asking the registry about {wanted or 'a tag'}, {by}"
    if event.choice is Choice.RELEASE:
        return f"Decided: the release of {clean(event.answers.get('source', ''), 160)}, {by}"
    if event.question is Question.GENERATION and event.choice is Choice.GO:
        return f"Decided: generation {event.generation}, {by}"
    services = f" {listed(event.services, 12)}," if event.services else ""
    if event.backups is not None:
        services += f" data of {listed(event.backups, 12) or 'none'},"
    asked = "".join(
        f" {clean(service, 80)} to {short_reference(reference)}," for service, reference in event.references.items()
    )
    return f"Decided:{services}{asked} {chosen}, {by}" if services or asked else f"Decided: {chosen}, {by}"


def _decided(event: e.Decided) -> str | None:
    """The same, but for the looks at a form while it is filled in."""
    checks = event.question is Question.INSTALL and event.choice is Choice.CHECK
    return None if checks else decided(event)


# --- prepare --------------------------------------------------------------------------------------------------


def _pull_started(event: e.PullStarted) -> str:
    again = f", attempt {event.attempt}" if event.attempt > 1 else ""
    if event.archive:
        name, services = short_reference(event.reference), listed(event.services)
        return f"Loading {name} for {services} {labels.origin(event.archive)}{again}"
    return f"Pulling {short_reference(event.reference)} for {listed(event.services)}{again}"


def _pull_stalled(event: e.PullStalled) -> str:
    return f"{short_reference(event.reference)}: {stalled(event.seconds, away=event.away)}"


def _pull_retried(event: e.PullRetried) -> str:
    return (
        f"{short_reference(event.reference)}: {problems.brief(event.problem)};"
        f" attempt {event.attempt} in {duration(event.wait)}"
    )


def _pull_finished(event: e.PullFinished) -> str:
    if not event.new:
        return f"{short_reference(event.reference)} is here already"
    return f"Pulled {short_reference(event.reference)}: {size(event.size)} in {precise(event.seconds)}"


def _pull_failed(event: e.PullFailed) -> str:
    return f"FAILED: {problems.sentence(event.problem)}"


def _version(event: e.VersionChecked) -> str:
    running = f"{clean(event.running, 40)} → " if event.running else ""
    found = clean(event.found, 40) or "unknown"
    said = [problems.brief(found.problem) for found in event.findings if found.level is not Level.OK]
    warning = f" [warning] {'; '.join(said)}" if said else ""
    if any(found.level is Level.BLOCKING for found in event.findings):
        warning = f" [STOP] {'; '.join(said)}"
    digest = ", digest verified" if event.digest_ok else f", {labels.origin(event.archive)}" if event.offline else ""
    return f"{clean(event.service, 80)}: version {running}{found}{digest}{warning}"


def _release(event: e.ReleaseFound) -> str:
    running = f"{clean(event.running, 40)} → " if event.running else ""
    checked = "checksums compared" if event.verified else "it came without checksums"
    candidate = ", a release candidate" if event.candidate else ""
    return f"Release {running}{clean(event.version, 40)} from {clean(event.source, 160)} ({checked}{candidate})"


def _settled(event: e.InstallSettled) -> str:
    version = f" {clean(event.version, 40)}" if event.version else ""
    folder = f", to {clean(event.folder, 160)}" if event.folder else ""
    settings = ", ".join(f"{clean(name, 60)}={clean(value, 80)}" for name, value in event.settings.items())
    return (
        f"Installing {clean(event.source, 160)}{version}{folder}, project {clean(event.project, 60)}"
        f"{f', with {settings}' if settings else ''}"
    )


def conflict(found: MergeConflict) -> str:
    """What both have changed: the variable with its values, or the file."""
    if found.key == found.file:
        return clean(found.file, 120)
    if found.secret:
        return f"{clean(found.key, 60)} (its values are not shown)"
    values = (clean(value, 60) or "empty" for value in (found.mine, found.release, found.before))
    mine, theirs, before = values
    return f"{clean(found.key, 60)}, yours {mine}, the release's {theirs}, before {before}"


def merged(event: e.MergeProposed) -> str:
    """What becomes of the env file's variables, by kind."""
    parts = [
        f"{said}: {listed([key.key for key in event.keys if key.kind == kind], 6)}"
        for kind, said in labels.MERGE_KINDS.items()
        if any(key.kind == kind for key in event.keys)
    ]
    return f"Settings: {'; '.join(parts)}" if parts else "Settings: all as they are"


# --- commit ---------------------------------------------------------------------------------------------------


def _generation(event: e.GenerationSaved) -> str:
    what = "what is to run" if event.role == "after" else "what runs now"
    kept = f", {plural(len(event.images), 'image')} kept" if event.images else ""
    return f"Recorded {what} as generation {event.generation}{kept}"


def _commit(event: e.CommitStarted) -> str:
    return f"Changing the project from generation {event.before} to {event.after}"


def _step_started(event: e.StepStarted) -> str:
    return f"{_step(event)} …"


def _step_finished(event: e.StepFinished) -> str:
    if event.problem:
        return f"FAILED: {_step(event)}, after {precise(event.seconds)}. {problems.sentence(event.problem)}"
    return f"{_step(event)}: done in {precise(event.seconds)}"


def _step(event: e.StepStarted | e.StepFinished) -> str:
    kind = labels.STEPS.get(event.kind) or clean(event.kind, 40)
    subject = short_reference(event.subject) if event.kind == "tag" else clean(event.subject)
    return f"Step {event.step}: {kind} {subject}".rstrip()


def _container(event: e.ContainerStep) -> str:
    return f"  {clean(event.container, 80)}: {clean(event.text, 200)}"


def _watched(event: e.ServiceWatched) -> str:
    verdict = labels.VERDICTS.get(event.verdict) or clean(event.verdict, 40)
    why = f": {problems.brief(event.problem)}" if event.problem else ""
    state = " ".join(clean(word, 40) for word in (event.state, event.health) if word)
    restarts = f", restarted {plural(event.restarts, 'time')}" if event.restarts else ""
    away = f", was away {precise(event.downtime)}" if event.downtime is not None and event.verdict == "passed" else ""
    seen = f"({state or 'no container'}{restarts}{away})"
    if event.verdict == "failed":
        return f"FAILED: {clean(event.service, 80)}{why} {seen}"
    return f"{clean(event.service, 80)}: {verdict}{why} {seen}"


def _logs(event: e.LogsSaved) -> str:
    whose = {"old": "earlier", "failed": "failed"}.get(event.role, clean(event.role, 20))
    return f"Log of the {whose} container {clean(event.container, 80)} saved: {clean(event.name)} ({size(event.size)})"


def moved(event: e.DataMoved) -> str:
    """How far a copy of data is."""
    doing = labels.DOING.get(event.doing) or clean(event.doing, 20)
    of = f" of about {size(event.total)}" if event.total >= 0 else ""
    return f"{clean(event.service, 80)}: {doing} {clean(event.target, 120)}, {size(event.done)}{of}"


def _backup(event: e.BackupMade) -> str:
    what = "Data" if event.role == "before" else "What was written into the data"
    return (
        f"{what} of {clean(event.service, 80)} saved: {plural(event.files, 'file')}, {size(event.size)}"
        f" ({size(event.stored)} compressed) in {precise(event.seconds)}, {clean(event.folder)}"
    )


def _restoring(event: e.RestoreStarted) -> str:
    return f"Restoring the data of {clean(event.service, 80)} from {clean(event.folder)} …"


def _restored(event: e.RestoreFinished) -> str:
    took = f"{size(event.size)} in {precise(event.seconds)}"
    return f"Data of {clean(event.service, 80)} restored and compared, byte by byte: {took}"


def written(event: e.DataWritten) -> str:
    """What was written into a service's data since it was saved."""
    name = clean(event.service, 80)
    if event.files < 0:
        return f"{name}: it is not known what was written since its data was saved"
    if event.files == 0:
        return f"{name}: no file was changed since its data was saved"
    at = f", the newest at {date(event.newest)}" if event.newest else ""
    were = "was" if event.files == 1 else "were"
    return f"{name}: {plural(event.files, 'file')} {were} changed since its data was saved{at}"


def _watch(event: e.WatchStarted) -> str:
    return f"Watching {listed(event.services)} for {duration(event.seconds)} at most"


def _gate(event: e.GatePassed) -> str:
    if event.as_before:
        return f"Not well, as before the update: {listed(event.as_before)}; nothing is worse than before"
    return "All watched services are well"


def _rollback(event: e.RollbackStarted) -> str:
    why = f" {problems.title(event.problem)}" if event.problem else ""
    back = f"to generation {event.to}" if event.to else "to what was before"
    what = ", with the data" if event.data else ""
    return f"GOING BACK {back}{what}.{why}"


def _verified(event: e.RollbackVerified) -> str:
    of = f" of {listed(event.services)}" if event.services else ""
    return f"Generation {event.to} runs again: the images{of} are the recorded ones"


_KINDS = {"keep-tag": "keep tag", "partial-content": "partial content"}


def _removed(event: e.Removed) -> str:
    subject = short_digest(event.subject) if event.subject.startswith("sha256:") else short_reference(event.subject)
    return f"Removed {_KINDS.get(event.kind) or clean(event.kind, 40)} {subject}".rstrip()


def _superseded(event: e.Superseded) -> str:
    return f"Run {event.by} has dealt with this one"


_TOLD: dict[type, Callable[[Any], str | None]] = {
    e.RunRequested: _requested,
    e.EngineFound: _engine,
    e.ProjectsFound: _projects,
    e.ProjectFound: _project,
    e.ServiceObserved: _observed,
    e.ReferenceResolved: _resolved,
    e.NewerFound: _newer,
    e.Found: _found,
    e.RunInterrupted: _interrupted,
    e.InterruptedService: _interrupted_service,
    e.GenerationFound: _generation_found,
    e.Decided: _decided,
    e.PullStarted: _pull_started,
    e.PullStalled: _pull_stalled,
    e.PullRetried: _pull_retried,
    e.PullFinished: _pull_finished,
    e.PullFailed: _pull_failed,
    e.VersionChecked: _version,
    e.ReleaseFound: _release,
    e.MergeProposed: merged,
    e.InstallSettled: _settled,
    e.GenerationSaved: _generation,
    e.CommitStarted: _commit,
    e.StepStarted: _step_started,
    e.StepFinished: _step_finished,
    e.ContainerStep: _container,
    e.ServiceWatched: _watched,
    e.LogsSaved: _logs,
    e.BackupMade: _backup,
    e.RestoreStarted: _restoring,
    e.RestoreFinished: _restored,
    e.DataWritten: written,
    e.WatchStarted: _watch,
    e.GatePassed: _gate,
    e.RollbackStarted: _rollback,
    e.RollbackVerified: _verified,
    e.Removed: _removed,
    e.Superseded: _superseded,
}
