"""The state of a run, as a pure fold of its events.

`apply` takes a state and one event and returns the next state; it never reads a clock, a file or an engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import msgspec

from ws9tui.core.journal import choice_state, data_state, pull_state, step_state
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.run_state import Changed, Interruption, Phase, RunState, ServiceRow, WatchRow
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Availability, Finding, Level, Outcome, Verb


def fold(run: Iterable[Event], state: RunState | None = None) -> RunState:
    """Returns the state after these events."""
    return reduce(apply, run, state or RunState())


def apply(state: RunState, event: Event) -> RunState:
    """Returns the state after one more event."""
    changes = _changes(state, event)
    return msgspec.structs.replace(
        state,
        **changes,
        started_at=state.started_at or event.at,
        last_at=event.at,
        count=state.count + 1,
    )


def _changes(state: RunState, event: Event) -> dict[str, object]:  # noqa: C901, PLR0911, PLR0912, PLR0915 - one case an event
    match event:
        case e.RunRequested():
            return {"request": event}
        case e.WorkerStarted():
            return {"phase": Phase.LOOKING}
        case e.EngineFound():
            return {"engine": event}
        case e.ProjectsKnown(names=names):
            return {"known": names}
        case e.ProjectsFound(projects=projects, views=views, why=why):
            return {"projects": projects, "project_views": views, "which": why}
        case e.ProjectFound():
            return {"project": event, "way_back": event.generation > 0 and event.verb == Verb.RECOVER}
        case e.ServiceObserved(service=view):
            old = state.services.get(view.name)
            row = (
                msgspec.structs.replace(old, view=view)
                if old and old.view.reference == view.reference
                else ServiceRow(view, selected=view.proposed and view.selectable)
            )
            return {"services": {**state.services, view.name: row}}
        case e.ReferenceResolved():
            return _resolved(state, event)
        case e.NewerFound(service=name):
            return _of_service(state, name, newer=event)
        case e.Described(service=name, offer=offer):
            offers = state.services[name].offers if name in state.services else {}
            return _of_service(state, name, offers={**offers, offer.reference: offer})
        case e.TagsListed(service=name):
            return _of_service(state, name, tags=event)
        case e.Found(finding=finding):
            return {"findings": (*state.findings, finding)}
        case e.RunInterrupted():
            return {"interruption": Interruption(event), "phase": Phase.RECOVERING}
        case e.InterruptedService():
            if state.rollback is not None:
                return {"standing": {**state.standing, event.service: event}}
            if state.interruption is None:
                return {}
            others = tuple(s for s in state.interruption.services if s.service != event.service)
            return {"interruption": Interruption(state.interruption.run, (*others, event))}
        case e.Asked():
            return choice_state.asked(state, event)
        case e.Decided():
            return choice_state.decided(state, event)
        case e.LeftAlone() | e.Joined() | e.Detached():
            return {"alone": event if isinstance(event, e.LeftAlone) else None}
        case (
            e.PullStarted() | e.PullProgressed() | e.PullStalled() | e.PullRetried() | e.PullFinished() | e.PullFailed()
        ):
            return pull_state.changes(state, event)
        case e.VersionChecked():
            return {"versions": {**state.versions, event.service: event}, "phase": Phase.VERSIONS}
        case e.CheckStarted(service=name):
            return {"checking": {**state.checking, name: event}}
        case e.TrustChecked(service=name):
            checking = {other: begun for other, begun in state.checking.items() if other != name}
            return {"trust": {**state.trust, f"{name}:{event.check}": event}, "checking": checking}
        case e.ReleaseFound():
            return {"release": event, "services": {}}  # the release's own services are not inspected yet
        case e.InstallChecked():
            return {"form": event}
        case e.InstallSettled():
            return {"settled": event}
        case e.MergeProposed():
            return {"merge": event}
        case e.BundleListed():
            return {"listed": event}
        case e.BundleWritten():
            return {"bundle": event}
        case e.PauseStarted(waves=waves):
            stopped = {one.service: WatchRow(one.service, "exited") for wave in waves for one in wave}
            changes = {"phase": Phase.COMMITTING, "changed": Changed.CHANGING, "asked": None}
            return {"pause": event, "watched": {**state.watched, **stopped}, **changes}
        case e.PauseEnded():
            return {"resumed": event}
        case e.SaveWritten(path=path) | e.SaveRead(path=path):
            moving = {name: moved for name, moved in state.moving.items() if name != path}
            return {"written_to" if isinstance(event, e.SaveWritten) else "read_from": event, "moving": moving}
        case e.Planned(plan=plan):
            return {"plan": plan}
        case e.GenerationFound(number=number):
            return {"generations": {**state.generations, number: event}}
        case e.GenerationSaved(role="before"):
            return {"way_back": True, "saved": event.generation}
        case e.CommitStarted():
            return {"phase": Phase.COMMITTING, "changed": Changed.CHANGING, "asked": None}
        case e.StepStarted() | e.StepFinished():
            return step_state.stepped(state, event)
        case e.HookStarted() | e.HookFinished():
            return step_state.hooked(state, event)
        case e.Notified(problem=problem) if problem is not None:
            return {"findings": (*state.findings, Finding(Level.WARNING, problem))}
        case e.ContainerStep(service=""):  # the container's service is unknown
            return {}
        case e.ContainerStep() | e.ServiceWatched() | e.LogLine():
            return step_state.watched(state, event)
        case e.LogsSaved():
            return {"logs": (*state.logs, event)}
        case e.DataMoved() | e.BackupMade() | e.RestoreStarted() | e.RestoreFinished() | e.DataWritten():
            return _data(state, event)
        case e.WatchStarted():
            return {"phase": Phase.WATCHING}
        case e.GatePassed():
            return {"gate_passed": True, "changed": Changed.NOTHING if state.pause else Changed.CHANGED}
        case e.RollbackStarted():
            return {
                "phase": Phase.ROLLING_BACK,
                "rollback": event,
                "changed": Changed.GOING_BACK,
                "failure": state.failure or event.problem,
                "asked": None,
            }
        case e.RollbackVerified():
            return {"verified": event, "changed": Changed.RESTORED}
        case e.Superseded():
            return {"superseded": True}
        case e.Removed():
            return {"removed": (*state.removed, event)}
        case e.Finished():
            return _finished(state, event)
    return {}


def _data(state: RunState, event: Event) -> dict[str, object]:
    changes: dict[str, object] = {"data": data_state.after(state.data, event)}
    match event:
        case e.DataMoved(service=service):
            changes["moving"] = {**state.moving, service: event}
        case e.BackupMade():
            changes["backups"] = (*state.backups, event)
        case e.RestoreFinished():
            changes["restored"] = (*state.restored, event)
        case e.DataWritten(service=service):
            changes["written"] = {**state.written, service: event}
    return changes


def _of_service(state: RunState, name: str, **changes: object) -> dict[str, object]:
    """Returns the change of one service's row; empty for a service that was not observed before."""
    row = state.services.get(name)
    return {"services": {**state.services, name: msgspec.structs.replace(row, **changes)}} if row else {}


def _resolved(state: RunState, event: e.ReferenceResolved) -> dict[str, object]:
    row = state.services.get(event.service)
    if row is None:
        return {}
    requested = Reference() if event.reference == row.view.reference else event.reference
    update = event.availability == Availability.UPDATE and bool(row.view.proposed or requested)
    return _of_service(state, event.service, resolved=event, requested=requested, selected=row.selected or update)


def _finished(state: RunState, event: e.Finished) -> dict[str, object]:
    changed = state.changed
    if event.outcome in (Outcome.CANCELLED, Outcome.REFUSED, Outcome.UNCHANGED) and changed is Changed.PULLED:
        changed = Changed.NOTHING
    return {
        "phase": Phase.FINISHED,
        "finished": event,
        "asked": None,
        "alone": None,
        "changed": changed,
        "failure": state.failure or event.problem,
    }
