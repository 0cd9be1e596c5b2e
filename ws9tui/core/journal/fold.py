"""The state of a run, as a pure fold of its events.

`apply` takes a state and one event and gives the next state; it never looks at a clock, a file or an engine.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import msgspec

from ws9tui.core.journal import data_state
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import AnyEvent
from ws9tui.core.journal.run_state import (
    Changed,
    HookRow,
    Interruption,
    Phase,
    PullRow,
    PullState,
    RunState,
    ServiceRow,
    StepRow,
    WatchRow,
)
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Availability, Choice, Finding, Level, Outcome, Question, Verb

LOG_LINES = 8
"""log lines that the state keeps for each service; the journal has them all"""
_AFTER_STEP = {"remove": "removed", "stop": "exited"}
"""kind of a step → the state of its services' containers when it is done"""


def fold(run: Iterable[AnyEvent], state: RunState | None = None) -> RunState:
    """The state after these events."""
    return reduce(apply, run, state or RunState())


def apply(state: RunState, event: AnyEvent) -> RunState:
    """The state after one more event."""
    changes = _changes(state, event)
    return msgspec.structs.replace(
        state,
        **changes,
        started_at=state.started_at or event.at,
        last_at=event.at,
        count=state.count + 1,
    )


def _changes(state: RunState, event: AnyEvent) -> dict[str, object]:  # noqa: C901, PLR0911, PLR0912, PLR0915 - one case an event
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
            return _asked(state, event)
        case e.Decided():
            return _decided(state, event)
        case e.LeftAlone() | e.Joined() | e.Detached():
            return {"alone": event if isinstance(event, e.LeftAlone) else None}
        case (
            e.PullStarted() | e.PullProgressed() | e.PullStalled() | e.PullRetried() | e.PullFinished() | e.PullFailed()
        ):
            return _pulled(state, event)
        case e.VersionChecked():
            return {"versions": {**state.versions, event.service: event}, "phase": Phase.VERSIONS}
        case e.CheckStarted(service=name):
            return {"checking": {**state.checking, name: event}}
        case e.TrustChecked(service=name):
            checking = {other: begun for other, begun in state.checking.items() if other != name}
            return {"trust": {**state.trust, f"{name}:{event.check}": event}, "checking": checking}
        case e.ReleaseFound():
            return {"release": event, "services": {}}  # its own are not looked at yet
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
            return _stepped(state, event)
        case e.HookStarted() | e.HookFinished():
            return _hooked(state, event)
        case e.Notified(problem=problem) if problem is not None:
            return {"findings": (*state.findings, Finding(Level.WARNING, problem))}
        case e.ContainerStep(service=""):  # whose container it is, is not known
            return {}
        case e.ContainerStep() | e.ServiceWatched() | e.LogLine():
            return _watched(state, event)
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


def _data(state: RunState, event: AnyEvent) -> dict[str, object]:
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
    """More is known of a service; of one that nothing was said of before nothing is kept."""
    row = state.services.get(name)
    return {"services": {**state.services, name: msgspec.structs.replace(row, **changes)}} if row else {}


def _resolved(state: RunState, event: e.ReferenceResolved) -> dict[str, object]:
    row = state.services.get(event.service)
    if row is None:
        return {}
    requested = Reference() if event.reference == row.view.reference else event.reference
    row = msgspec.structs.replace(row, resolved=event, requested=requested)
    if event.availability == Availability.UPDATE and (row.view.proposed or requested):
        row = msgspec.structs.replace(row, selected=True)
    return {"services": {**state.services, event.service: row}}


_ASKED_PHASE = {
    Question.INSTALL: Phase.INSTALLING,
    Question.MERGE: Phase.MERGING,
    Question.SELECT: Phase.SELECTING,
    Question.PULL_FAILED: Phase.PULLING,
    Question.VERSIONS: Phase.VERSIONS,
    Question.MISMATCH: Phase.VERSIONS,
    Question.CONFIRM: Phase.CONFIRMING,
    Question.LOSS: Phase.CONFIRMING,
    Question.OUTCOME: Phase.WATCHING,
    Question.FAILED: Phase.WATCHING,
    Question.RECOVER: Phase.RECOVERING,
    Question.GENERATION: Phase.CHOOSING,
}


def _asked(state: RunState, event: e.Asked) -> dict[str, object]:
    changes: dict[str, object] = {"asked": event, "asked_at": event.at}
    if phase := _ASKED_PHASE.get(event.question):
        changes["phase"] = phase
    went_back = bool(state.decisions) and state.decisions[-1].choice is Choice.PREVIOUS
    if event.question in (Question.SELECT, Question.GENERATION) and went_back:
        changes |= _without_what_followed(state)
    return changes


def _decided(state: RunState, event: e.Decided) -> dict[str, object]:
    changes: dict[str, object] = {"decisions": (*state.decisions, event), "alone": None}
    if event.choice is Choice.CHECK:
        return changes
    changes["asked"] = None
    if event.choice is Choice.RETRY:  # what failed is done once more, and is no reason of what comes later
        changes["failure"] = None
    if event.choice is Choice.LEAVE_OUT:
        changes |= _without_what_followed(state)
        changes["services"] = {
            name: msgspec.structs.replace(row, selected=row.selected and name not in event.services)
            for name, row in state.services.items()
        }
    if event.question is Question.INSTALL or event.choice is Choice.RELEASE:
        changes["phase"] = Phase.LOOKING
    if event.question is Question.GENERATION:
        changes["found_before"] = len(state.findings)
    return changes | (_chosen(state, event) if event.question is Question.SELECT else {})


_INSTEAD = (Choice.GO_BACK, Choice.ADOPT, Choice.RELEASE)
"""what is done in place of an update: what was pulled for that goes"""


def _chosen(state: RunState, event: e.Decided) -> dict[str, object]:
    """What is decided about the selection."""
    if event.choice in _INSTEAD and state.changed is Changed.PULLED:
        return {"changed": Changed.NOTHING}
    if event.choice is Choice.RECHECK:
        return {
            "services": {
                name: msgspec.structs.replace(row, resolved=None, newer=None, tags=None, offers={})
                for name, row in state.services.items()
            }
        }
    if event.choice is not Choice.GO:
        return {}
    rows = {name: msgspec.structs.replace(row, selected=name in event.services) for name, row in state.services.items()}
    return {"phase": Phase.PULLING, "services": rows, "found_before": len(state.findings)}


def _without_what_followed(state: RunState) -> dict[str, object]:
    """What was known of the services that had been chosen, which are chosen anew."""
    return {
        "pulls": {},
        "versions": {},
        "trust": {},
        "checking": {},
        "plan": None,
        "failure": None,
        "findings": state.findings[: state.found_before],
    }


def _pulled(state: RunState, event: AnyEvent) -> dict[str, object]:
    match event:
        case e.PullStarted(reference=reference):
            old = state.pulls.get(reference)
            row = PullRow(
                reference,
                event.services,
                PullState.RUNNING,
                attempt=event.attempt,
                done=old.done if old else 0,
                total=old.total if old else 0,
                fraction=old.fraction if old else 0.0,
                since=event.at,
            )
        case e.PullProgressed(reference=reference):
            row = _pull_row(state, reference)
            row = msgspec.structs.replace(
                row,
                state=PullState.RUNNING,
                done=max(row.done, event.done),
                total=max(row.total, event.total),
                fraction=max(row.fraction, event.fraction),
                phase=event.phase,
                layers=event.layers,
                layers_done=event.layers_done,
                rate=event.rate,
            )
        case e.PullStalled(reference=reference):
            row = msgspec.structs.replace(
                _pull_row(state, reference), state=PullState.STALLED, wait=event.seconds, away=event.away, rate=0.0
            )
        case e.PullRetried(reference=reference):
            row = msgspec.structs.replace(
                _pull_row(state, reference),
                state=PullState.RETRYING,
                attempt=event.attempt,
                wait=event.wait,
                problem=event.problem,
                rate=0.0,
                since=event.at,
            )
        case e.PullFinished(reference=reference):
            row = msgspec.structs.replace(
                _pull_row(state, reference, event.services),
                state=PullState.DONE,
                fraction=1.0,
                size=event.size,
                seconds=event.seconds,
                new=event.new,
                again=event.again,
                rate=0.0,
                problem=None,
                phase="done",
            )
        case e.PullFailed(reference=reference):
            row = msgspec.structs.replace(
                _pull_row(state, reference), state=PullState.FAILED, problem=event.problem, rate=0.0
            )
        case _:  # pragma: no cover - the caller passes no other
            raise AssertionError(event)
    changes: dict[str, object] = {"pulls": {**state.pulls, reference: row}, "phase": Phase.PULLING}
    if isinstance(event, e.PullFailed):
        changes["failure"] = state.failure or event.problem
    if isinstance(event, e.PullFinished) and event.new:
        changes["changed"] = Changed.PULLED
    return changes


def _pull_row(state: RunState, reference: str, services: tuple[str, ...] = ()) -> PullRow:
    return state.pulls.get(reference) or PullRow(reference, services)


def _stepped(state: RunState, event: e.StepStarted | e.StepFinished) -> dict[str, object]:
    watched = dict(state.watched)
    row = StepRow(event.step, event.kind, event.subject, started_at=event.at)
    known = [name for name in row.services if name in watched]
    if isinstance(event, e.StepStarted):
        for name in known:  # what Compose did in an earlier step of this service is over
            watched[name] = msgspec.structs.replace(watched[name], doing="")
        return {"steps": (*state.steps, row), "watched": watched}
    if event.problem is None and (after := _AFTER_STEP.get(event.kind)):
        for name in known:  # nobody watches what is gone
            watched[name] = WatchRow(name, after, verdict="", lines=watched[name].lines, since=event.at)
    steps = tuple(
        msgspec.structs.replace(row, done=True, seconds=event.seconds, problem=event.problem)
        if row.step == event.step
        else row
        for row in state.steps
    )
    moving = {name: moved for name, moved in state.moving.items() if name != event.subject}
    return {"steps": steps, "watched": watched, "moving": moving, "failure": state.failure or event.problem}


def _hooked(state: RunState, event: e.HookStarted | e.HookFinished) -> dict[str, object]:
    """One hook runs at a time."""
    if isinstance(event, e.HookStarted):
        return {"hooks": (*state.hooks, HookRow(event))}
    return {"hooks": (*state.hooks[:-1], *(HookRow(row.started, event) for row in state.hooks[-1:]))}


def _watched(state: RunState, event: e.ContainerStep | e.ServiceWatched | e.LogLine) -> dict[str, object]:
    match event:
        case e.ServiceWatched(service=name):
            row = msgspec.structs.replace(
                state.watched.get(name) or WatchRow(name),
                state=event.state,
                health=event.health,
                restarts=event.restarts,
                verdict=event.verdict,
                problem=event.problem,
                remaining=event.remaining,
                downtime=event.downtime,
                since=event.at,
            )
        case e.LogLine(service=name):
            old = state.watched.get(name) or WatchRow(name)
            row = msgspec.structs.replace(old, lines=(*old.lines, event.line)[-LOG_LINES:])
        case e.ContainerStep():
            name = event.service
            row = msgspec.structs.replace(state.watched.get(name) or WatchRow(name), doing=event.text)
    return {"watched": {**state.watched, name: row}}


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
