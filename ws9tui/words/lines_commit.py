"""The lines of events from the commit on: steps, health watch, rollback and cleanup."""

from __future__ import annotations

from ws9tui.core.journal import events as e
from ws9tui.words import hooks, labels, phrases, problems
from ws9tui.words.of_events import Told, either, event_said
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import listed, short_digest, short_reference


def _paused(event: e.PauseStarted) -> str:
    names = [one.name for wave in event.waves for one in wave]
    return say("Stopping for the backup: {names:said}", names=listed(names, 12)) if names else ""


_KEPT = Plural("{count} image kept", "{count} images kept")


def _generation(event: e.GenerationSaved) -> str:
    kept = _KEPT(len(event.images)) if event.images else ""
    if event.role == "after":
        return event_said("Recorded the new state as generation {generation}[, {kept:said}]", event, kept=kept)
    return event_said("Recorded the current state as generation {generation}[, {kept:said}]", event, kept=kept)


def _commit(event: e.CommitStarted) -> str:
    if not event.before:
        return event_said("Installing generation {after}", event)
    return event_said("Changing the project from generation {before} to {after}", event)


def _step_started(event: e.StepStarted) -> str:
    return event_said("Step {step}: {doing:said} …", event, doing=labels.step(event.kind, event.subject))


def _step_finished(event: e.StepFinished) -> str:
    doing = labels.step(event.kind, event.subject)
    if event.problem:
        why = problems.sentence(event.problem)
        return event_said(
            "FAILED: Step {step}: {doing:said}, after {seconds:precise}. {why:said}", event, doing=doing, why=why
        )
    return event_said("Step {step}: {doing:said}: done in {seconds:precise}", event, doing=doing)


def _watched(event: e.ServiceWatched) -> str:
    facts = {
        "verdict": labels.verdict(event.verdict),
        "why": problems.brief(event.problem) if event.problem else "",
        "state": phrases.container(event.state, event.health),
        "restarts": event.restarts or "",
    }
    if event.verdict == "failed":
        return event_said(
            "FAILED: {service:name}[: {why:said}] ({state:said}[, restarted {restarts:times}])",
            event,
            **facts,
        )
    if event.verdict == "passed":  # the reason includes the state
        return event_said(
            "{service:name}: {verdict:said}[: {why:said}][, restarted {restarts:times}][, downtime {downtime:precise}]",
            event,
            **facts,
        )
    return event_said(
        "{service:name}: {verdict:said}[: {why:said}] ({state:said}[, restarted {restarts:times}])",
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


def _gate(event: e.GatePassed) -> str:
    if event.as_before:
        return event_said("Not OK, as before the update: {as_before:list}; nothing is worse than before", event)
    return say("All watched services are OK")


def _rollback(event: e.RollbackStarted) -> str:
    return event_said(
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
}


def _removed(event: e.Removed) -> str:
    subject = short_digest(event.subject) if event.subject.startswith("sha256:") else short_reference(event.subject)
    known = _REMOVED.get(event.kind, Message("Removed {kind:short}[ {subject:said}]"))
    return known(kind=event.kind, subject=subject)


TOLD: dict[type, Told] = {
    e.HookStarted: hooks.started,
    e.HookFinished: hooks.finished,
    e.PauseStarted: _paused,
    e.PauseEnded: Message("All containers are started again, after {seconds:precise}"),
    e.SaveWritten: Message("Backup written and verified: {path} ({size:size})"),
    e.SaveRead: Message("Backup of {host}, {made_at:date}, read and verified: {path} ({size:size} of data)"),
    e.GenerationSaved: _generation,
    e.CommitStarted: _commit,
    e.StepStarted: _step_started,
    e.StepFinished: _step_finished,
    e.ContainerStep: Message("  {container:name}: {text}"),
    e.ServiceWatched: _watched,
    e.LogsSaved: lambda event: either(event.role, _LOGS, event),
    e.BackupMade: lambda event: either(event.role, _BACKUPS, event),
    e.RestoreStarted: Message("Restoring the data of {service:name} from {folder} …"),
    e.RestoreFinished: Message(
        "Restored the data of {service:name} and verified it byte by byte: {size:size} in {seconds:precise}"
    ),
    e.DataWritten: phrases.written,
    e.WatchStarted: Message("Watching {services:list} for up to {seconds:duration}"),
    e.GatePassed: _gate,
    e.RollbackStarted: _rollback,
    e.RollbackVerified: Message("Generation {to} is running: the images[ of {services:list}] match the record"),
    e.Removed: _removed,
}
