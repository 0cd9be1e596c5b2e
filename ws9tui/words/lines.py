"""One plain line for each event: what the plain front end prints, and the history of a run.

Events that say nothing to an operator, or that are told otherwise (progress, questions, the plan), give none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import AnyEvent
from ws9tui.core.model import newer
from ws9tui.core.model.terms import Availability, Choice, Level, Question, Reach
from ws9tui.problems.bundle import BundleDigest
from ws9tui.words import bundles, hooks, labels, offers, phrases, problems
from ws9tui.words.template import Message, Plural, fill, say
from ws9tui.words.text import beside, clean, joined, listed, series, short_digest, short_reference

_Told = Message | Callable[[Any], str | None]


def line(event: AnyEvent) -> str | None:
    """What happened, in one line; None where there is nothing to say."""
    told = _TOLD.get(type(event))
    if isinstance(told, Message):
        return told(**_facts(event))
    return told(event) if told else None


def _facts(event: AnyEvent) -> dict[str, object]:
    """An event's own facts."""
    return {name: getattr(event, name) for name in event.__struct_fields__}


def _said(message: str, event: AnyEvent, **more: object) -> str:
    """A message of an event's own facts and of some that follow from them."""
    return fill(message, {**_facts(event), **more})


def _either(role: str, messages: Mapping[str, Message], event: AnyEvent) -> str:
    """The message for a role; one that is not known has the last."""
    return messages.get(role, messages[""])(**_facts(event))


# --- looking around -------------------------------------------------------------------------------------------


def _requested(event: e.RunRequested) -> str:
    return labels.REQUESTED[event.verb](who=phrases.actor(event.actor))


def _projects(event: e.ProjectsFound) -> str | None:
    """Those that are known for something; the question, or the error, has all their names."""
    known = [phrases.project_named(name, what) for name, what in event.projects.items() if what]
    return say("Found {projects:said}", projects=series(known)) if known else None


def _project(event: e.ProjectFound) -> str:
    return _said(
        "Project {name:name}[ {version:short}] in {folder}[, generation {generation}];"
        " this is run {number}, {verb:said}",
        event,
        name=event.source.name,
        folder=event.source.folder,
        generation=event.generation or "",
        verb=labels.VERBS[event.verb](),
    )


def _observed(event: e.ServiceObserved) -> str:
    view = event.service
    checked = view.availability is not Availability.CHECKING
    return say(
        "{service:name}: {facts:said}",
        service=view.name,
        facts=beside(
            (
                short_reference(view.reference) or labels.NO_IMAGE(),
                clean(view.version, 40),
                phrases.container(view.state, view.health),
                phrases.availability(view.availability, view.problem) if checked else "",
            )
        ),
    )


def _newer(event: e.NewerFound) -> str:
    facts = {
        "tags": phrases.tags(event) if event.tags else "",
        "candidates": listed(event.candidates, 3),
        "why": problems.brief(event.problem) if event.problem else "",
    }
    if event.tags:
        return _said(
            "{service:name}: newer than {reference:ref}: {tags:said}[; candidates: {candidates:said}][ ({why:said})]",
            event,
            **facts,
        )
    if event.problem:
        return _said(
            "{service:name}: could not check for tags newer than {reference:ref} ({why:said})",
            event,
            **facts,
        )
    return _said(
        "{service:name}: no tag is newer than {reference:ref}[; candidates: {candidates:said}]", event, **facts
    )


def _resolved(event: e.ReferenceResolved) -> str:
    said = phrases.availability(event.availability, event.problem)
    if event.availability is Availability.CURRENT and not (event.offline or newer.moves(event.reference.meant_tag)):
        said = labels.TAG_UNCHANGED()
    found = short_digest(event.digest)
    if event.offline and event.known:
        found = beside((short_digest(event.image_id), labels.origin(event.archive)))
    if event.availability is Availability.UPDATE and event.problem is None:
        return _said("{service:name}: update to {reference:ref}[ ({found:said})]", event, found=found)
    return _said("{service:name}: {said:said}; {reference:ref}[ ({found:said})]", event, said=said, found=found)


_STEPS_DONE = Plural("{count} step done", "{count} steps done")


def _paused(event: e.PauseStarted) -> str:
    names = [one.name for wave in event.waves for one in wave]
    return say("Stopping for the backup: {names:said}", names=listed(names, 12)) if names else ""


def _interrupted(event: e.RunInterrupted) -> str:
    if not event.after:
        return _said(
            "Run {run} of {started_at:date} by {who:said}, a backup, was interrupted while the services were stopped"
            "[; not done: {undone:said}]",
            event,
            who=phrases.actor(event.actor),
            undone=listed(event.undone, 4),
        )
    return _said(
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


def _generation_found(event: e.GenerationFound) -> str | None:
    return None if event.reach is Reach.CHECKING else phrases.generation(event)


# --- decisions ------------------------------------------------------------------------------------------------


def decided(event: e.Decided) -> str:
    """Which decision was taken, and by whom."""
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
        return _said("Decided: generation {generation}, {by:said}", event, by=by)
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
    """The same, but for the looks at a form while it is filled in."""
    checks = event.question is Question.INSTALL and event.choice is Choice.CHECK
    return None if checks else decided(event)


# --- prepare --------------------------------------------------------------------------------------------------


def _pull_started(event: e.PullStarted) -> str:
    facts = {"services": listed(event.services), "attempt": event.attempt if event.attempt > 1 else ""}
    if event.archive:
        return _said(
            "Loading {reference:ref} for {services:said} from archive {archive:name}[, attempt {attempt}]",
            event,
            **facts,
        )
    return _said("Pulling {reference:ref} for {services:said}[, attempt {attempt}]", event, **facts)


def _pull_stalled(event: e.PullStalled) -> str:
    return _said("{reference:ref}: {why:said}", event, why=phrases.stalled(event.seconds, away=event.away))


def _pull_retried(event: e.PullRetried) -> str:
    why = problems.brief(event.problem)
    return _said("{reference:ref}: {why:said}; attempt {attempt} in {wait:duration}", event, why=why)


def _pull_finished(event: e.PullFinished) -> str:
    if not event.new or event.again:
        return _said("{reference:ref} is already on this server", event)
    return _said("Pulled {reference:ref}: {size:size} in {seconds:precise}", event)


def _pull_failed(event: e.PullFailed) -> str:
    return say("FAILED: {why:said}", why=problems.sentence(event.problem))


def _version(event: e.VersionChecked) -> str:
    wrong = [found for found in event.findings if found.level is not Level.OK]
    stops = any(found.level is Level.BLOCKING for found in wrong)
    return _said(
        "{service:name}: version [{version:said} // unknown][{digest:given}, digest verified"
        " // , {origin:said}[, {proved:said}]][ {mark:said} {wrong:said}]",
        event,
        version=phrases.versions(event.running, event.found),
        digest=event.digest_ok,
        origin=labels.origin(event.archive) if event.offline else "",
        proved=series(problems.brief(f.problem) for f in event.findings if isinstance(f.problem, BundleDigest)),
        mark=phrases.level_mark(Level.BLOCKING if stops else Level.WARNING) if wrong else "",
        wrong=series(problems.brief(found.problem) for found in wrong),
    )


def _settled(event: e.InstallSettled) -> str:
    return _said(
        "Installing {source}[ {version:short}][, to {folder}], project {project:name}[, with {settings:said}]",
        event,
        settings=joined(f"{clean(name, 60)}={clean(value, 80)}" for name, value in event.settings.items()),
    )


def details(event: e.GenerationFound | e.BundleListed | e.HookFinished) -> list[str]:
    """What is told below an event's line: how a generation differs, what a hook printed, or all of a bundle."""
    if isinstance(event, e.HookFinished):
        return hooks.printed(event)
    if isinstance(event, e.BundleListed):
        return bundles.contents(event)
    return [phrases.difference(found) for found in event.differences if event.reach is not Reach.CHECKING]


# --- commit ---------------------------------------------------------------------------------------------------

_KEPT = Plural("{count} image kept", "{count} images kept")


def _generation(event: e.GenerationSaved) -> str:
    kept = _KEPT(len(event.images)) if event.images else ""
    if event.role == "after":
        return _said("Recorded the new state as generation {generation}[, {kept:said}]", event, kept=kept)
    return _said("Recorded the current state as generation {generation}[, {kept:said}]", event, kept=kept)


def _commit(event: e.CommitStarted) -> str:
    if not event.before:
        return _said("Installing generation {after}", event)
    return _said("Changing the project from generation {before} to {after}", event)


def _step_started(event: e.StepStarted) -> str:
    return _said("Step {step}: {doing:said} …", event, doing=labels.step(event.kind, event.subject))


def _step_finished(event: e.StepFinished) -> str:
    doing = labels.step(event.kind, event.subject)
    if event.problem:
        why = problems.sentence(event.problem)
        return _said(
            "FAILED: Step {step}: {doing:said}, after {seconds:precise}. {why:said}", event, doing=doing, why=why
        )
    return _said("Step {step}: {doing:said}: done in {seconds:precise}", event, doing=doing)


def _watched(event: e.ServiceWatched) -> str:
    passed = event.verdict == "passed"
    facts = {
        "verdict": labels.verdict(event.verdict),
        "why": problems.brief(event.problem) if event.problem else "",
        "state": phrases.container(event.state, event.health),
        "restarts": event.restarts or "",
        "away": event.downtime if passed else None,
    }
    if event.verdict == "failed":
        return _said(
            "FAILED: {service:name}[: {why:said}] ({state:said}[, restarted {restarts:times}])",
            event,
            **facts,
        )
    return _said(
        "{service:name}: {verdict:said}[: {why:said}] ({state:said}[, restarted {restarts:times}]"
        "[, downtime {away:precise}])",
        event,
        **facts,
    )


_LOGS = {
    "old": Message("Saved the log of the earlier container {container:name}: {name} ({size:size})"),
    "failed": Message("Saved the log of the failed container {container:name}: {name} ({size:size})"),
    "": Message("Saved the log of the {role:short} container {container:name}: {name} ({size:size})"),
}
_BACKUPS = {
    "before": Message(
        "Backed up the data of {service:name}: {files:files}, {size:size} ({stored:size} compressed) in"
        " {seconds:precise}, {folder}"
    ),
    "": Message(
        "Backed up the current data of {service:name} before its restore: {files:files}, {size:size} ({stored:size}"
        " compressed) in {seconds:precise}, {folder}"
    ),
}


def _engine(event: e.EngineFound) -> str:
    """An engine that is not reached by a socket of this machine has its address told."""
    by_socket = event.host.startswith("unix:")
    return (phrases.ENGINE if by_socket else phrases.ENGINE_AT)(**_facts(event))


def _watch(event: e.WatchStarted) -> str:
    return _said("Watching {services:list} for up to {seconds:duration}", event)


def _gate(event: e.GatePassed) -> str:
    if event.as_before:
        return _said("Not OK, as before the update: {as_before:list}; nothing is worse than before", event)
    return say("All watched services are OK")


def _rollback(event: e.RollbackStarted) -> str:
    return _said(
        "ROLLING BACK [to generation {to} // to the earlier state][{data:given}, with the data].[ {why:said}]",
        event,
        to=event.to or "",
        why=problems.title(event.problem) if event.problem else "",
    )


_REMOVED = {
    "image": Message("Removed image {subject:said}"),
    "network": Message("Removed network {subject:said}"),
    "volume": Message("Removed volume {subject:said}"),
    "tag": Message("Removed tag {subject:said}"),
    "keep-tag": Message("Removed keep tag {subject:said}"),
    "backup": Message("Removed backup {subject:said}"),
    "partial-content": Message("Removed partial content[ {subject:said}]"),
}


def _removed(event: e.Removed) -> str:
    subject = short_digest(event.subject) if event.subject.startswith("sha256:") else short_reference(event.subject)
    known = _REMOVED.get(event.kind, Message("Removed {kind:short}[ {subject:said}]"))
    return known(kind=event.kind, subject=subject)


_TOLD: dict[type, _Told] = {
    e.RunRequested: _requested,
    e.EngineFound: _engine,
    e.ProjectsFound: _projects,
    e.ProjectFound: _project,
    e.ServiceObserved: _observed,
    e.ReferenceResolved: _resolved,
    e.NewerFound: _newer,
    e.Described: offers.line,
    e.TagsListed: offers.heard,
    e.Found: lambda event: phrases.finding(event.finding),
    e.RunInterrupted: _interrupted,
    e.InterruptedService: _interrupted_service,
    e.GenerationFound: _generation_found,
    e.Decided: _decided,
    e.Detached: lambda event: say("{who:said} left; the run continues", who=phrases.actor(event.actor)),
    e.LeftAlone: Message("Nobody is attached: the run is cancelled unless somebody attaches within {seconds:duration}"),
    e.Joined: Message("Somebody is attached again"),
    e.PullStarted: _pull_started,
    e.PullStalled: _pull_stalled,
    e.PullRetried: _pull_retried,
    e.PullFinished: _pull_finished,
    e.PullFailed: _pull_failed,
    e.VersionChecked: _version,
    e.HookStarted: hooks.started,
    e.HookFinished: hooks.finished,
    e.Notified: hooks.notified,
    e.CheckStarted: Message("{service:name}: running {program} …"),
    e.TrustChecked: lambda event: phrases.finding(event.finding),
    e.ReleaseFound: Message(
        "Release [{running:short} → ]{version:short} from {source}"
        " ([{verified:given}checksums verified // no checksums][{candidate:given}, release candidate])"
    ),
    e.MergeProposed: phrases.merged,
    e.PauseStarted: _paused,
    e.PauseEnded: Message("All containers are started again, after {seconds:precise}"),
    e.SaveWritten: Message("Backup written and verified: {path} ({size:size})"),
    e.SaveRead: Message("Backup of {host}, {made_at:date}, read and verified: {path} ({size:size} of data)"),
    e.BundleListed: bundles.listing,
    e.BundleProgressed: Message("Writing the bundle: {done:size}"),
    e.BundleWritten: Message("Bundle written and verified: {path} ({size:size})"),
    e.InstallSettled: _settled,
    e.GenerationSaved: _generation,
    e.CommitStarted: _commit,
    e.StepStarted: _step_started,
    e.StepFinished: _step_finished,
    e.ContainerStep: Message("  {container:name}: {text}"),
    e.ServiceWatched: _watched,
    e.LogsSaved: lambda event: _either(event.role, _LOGS, event),
    e.BackupMade: lambda event: _either(event.role, _BACKUPS, event),
    e.RestoreStarted: Message("Restoring the data of {service:name} from {folder} …"),
    e.RestoreFinished: Message(
        "Restored the data of {service:name} and verified it byte by byte: {size:size} in {seconds:precise}"
    ),
    e.DataWritten: phrases.written,
    e.WatchStarted: _watch,
    e.GatePassed: _gate,
    e.RollbackStarted: _rollback,
    e.RollbackVerified: Message("Generation {to} is running: the images[ of {services:list}] match the record"),
    e.Removed: _removed,
    e.Superseded: Message("Run {by} has resolved this run"),
}
