"""Finds the run that was interrupted in its commit, reports its state, and plans to complete it or roll it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from ws9tui.core.commit.back import back_plan
from ws9tui.core.commit.diagnose import standing
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.journal import data_state, ledger
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.journal import Journal
from ws9tui.core.journal.ledger import Ledger
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.hooks import BEFORE, Hook, When
from ws9tui.core.model.observed import Container, Observed
from ws9tui.core.model.plan import DATA_KINDS, Kind, Operation, Plan, with_data
from ws9tui.core.model.terms import Actor, Choice, Outcome, Question, Verb
from ws9tui.core.session import Session
from ws9tui.core.store import generation
from ws9tui.core.store.generation import Generation
from ws9tui.core.store.store import RunRecord
from ws9tui.errors import StateError
from ws9tui.problems.data import RecoverDataStays, RecoverWithData, RecoverWithoutData, RestoreUnfinished
from ws9tui.problems.engine import JournalDamaged, WorkerTerminated
from ws9tui.problems.plan import TagMoves


class Interrupted(msgspec.Struct, frozen=True):
    """A run that was interrupted in the middle of its commit."""

    event: e.RunInterrupted
    folder: Path
    before: Generation
    after: Generation
    plan: Plan
    ledger: Ledger
    """what the run has created; for data, what it and its recoveries have saved and restored"""
    data_back: bool
    """whether a rollback restores data: unless the operator chose to go back without"""
    kept: When
    """the hooks to run when the run is completed"""
    restoring: bool
    """the run restored a backup: it cannot be rolled back, and its operations can be repeated"""


def find(session: Session, opened: Opened) -> Interrupted | None:
    """Returns the project's last run that began its commit and did not end, or ended in need of recovery; else None."""
    for record in session.store.runs_of(opened.home):
        state = record.state
        verb = state.project.verb if state.project else None
        events = record.events()
        commit = next((event for event in events if isinstance(event, e.CommitStarted)), None)
        if commit is None or record.live or record.folder == session.folder:
            continue
        if verb is Verb.RECOVER:
            continue  # it worked on an older run, which is superseded once that has been dealt with
        ended = state.finished is not None and state.finished.outcome is not Outcome.NEEDS_RECOVERY
        ended = ended or _went_back(session, opened, record, commit)
        if ended and state.interruption is not None and not (state.finished and state.finished.outcome is Outcome.KEPT):
            continue  # it was to replace an older run's recovery, and rolled back to what that run had left
        if ended or state.superseded:
            return None
        before = generation.read(opened.state, commit.before)
        after = generation.read(opened.state, commit.after)
        made = ledger.fold(events)
        plan = state.plan or _guessed(before, after, made.images)
        event = _describe(record, commit, plan)
        if before.broken:
            event = msgspec.structs.replace(event, recommended=Choice.FORWARD)
        since = _since(session, opened, record)
        done = ledger.fold(since)
        made = msgspec.structs.replace(ledger.planned(made, plan), data=done.data, hooks=done.hooks)
        kept = When.AFTER_ROLLBACK if verb is Verb.ROLLBACK else When.AFTER_KEEP
        restoring = verb is Verb.RESTORE
        return Interrupted(event, record.folder, before, after, plan, made, _data_back(since), kept, restoring)
    return None


def _guessed(before: Generation, after: Generation, taken: Mapping[str, bool]) -> Plan:
    """Returns the likely plan of a run whose journal is damaged there: to change the services that differ."""
    changed = [name for name, service in after.services.items() if service != before.services.get(name)]
    changed += [name for name in before.services if name not in after.services]
    names = dict.fromkeys((*changed, *after.project.followers(changed)))
    tags: list[Operation] = []
    for service in (after.services[name] for name in names if name in after.services):
        old = before.services.get(service.name)
        if service.image_id and (tag := service.reference.tagged):
            # If the reference has changed, the tag's former image is unknown; none, if the run pulled the new image.
            brought = any(new and name.endswith(f"@{service.digest}") for name, new in taken.items())
            unknown = "" if brought else service.image_id
            was = old.image_id if old is not None and old.reference == service.reference else unknown
            cause = TagMoves(reference=tag, old=was, new=service.image_id)
            tags.append(Operation(Kind.TAG, tag, cause, detail=(service.image_id,), before=was))
    containers = [Operation(Kind.RECREATE, name, JournalDamaged(), wave=1) for name in names]
    return Plan(before.number, after.number, (*tags, *containers))


def _since(session: Session, opened: Opened, record: RunRecord) -> list[Event]:
    """Returns the events of a run and of the recoveries after it."""
    later = [run for run in session.store.runs_of(opened.home) if run.number >= record.number]
    return [event for run in reversed(later) if run.folder != session.folder for event in run.events()]


def _data_back(events: Sequence[Event]) -> bool:
    """Whether a rollback restores data, as the last rollback was started; True if there was none."""
    ways = [event.data for event in events if isinstance(event, e.RollbackStarted)]
    return ways[-1] if ways else True


def _went_back(session: Session, opened: Opened, record: RunRecord, commit: e.CommitStarted) -> bool:
    """Whether a rollback lacks only its last event: it removes its generation after everything else."""
    if {commit.before, commit.after} <= set(generation.numbers(opened.state)):
        return False
    since = _since(session, opened, record)
    return any(isinstance(event, e.RollbackVerified) and event.to == commit.before for event in since)


def tell(session: Session, interrupted: Interrupted, observed: Observed) -> None:
    """Emits what the interrupted run was doing and the current state of its services, freshly observed."""
    session.emit(interrupted.event)
    for name in interrupted.plan.services:
        state, detail = standing(interrupted.before, interrupted.after, name, observed.containers.get(name, ()))
        session.emit(e.InterruptedService(service=name, state=state, detail=detail))


def tell_data(session: Session, interrupted: Interrupted, observed: Observed) -> None:
    """Warns what either direction does with data: an unfinished restore is completed, and a rollback restores data.

    If the new version has run and no data was saved, a rollback leaves the data as it is.
    """
    facts = interrupted.ledger.data
    back = data_state.back(facts, data=interrupted.data_back)
    unsaved = {backup.service for backup in interrupted.plan.backups if backup.service not in facts.saved}
    stays = {name for name in unsaved if _has_run(name, interrupted, observed.containers.get(name, ()))}
    told = {
        RestoreUnfinished: facts.loading.keys(),
        RecoverWithData: back.keys() - facts.loading,
        RecoverDataStays: stays,
    }
    for kind, names in told.items():
        if names:
            session.warn(kind(services=", ".join(sorted(names))))


def without_data(session: Session, interrupted: Interrupted) -> Interrupted:
    """Returns the interrupted run without data tasks, and warns that data restored half or not at all stays so."""
    names = data_state.back(interrupted.ledger.data, data=interrupted.data_back)
    if names:
        session.warn(RecoverWithoutData(services=", ".join(sorted(names)), number=interrupted.before.number))
    facts = msgspec.structs.replace(interrupted.ledger.data, loading={})
    made = msgspec.structs.replace(interrupted.ledger, data=facts)
    return msgspec.structs.replace(interrupted, ledger=made, data_back=False)


def plan(choice: Choice, interrupted: Interrupted, observed: Observed) -> Plan:
    """Returns the plan of either direction from the observed state."""
    before, after, facts = interrupted.before, interrupted.after, interrupted.ledger.data
    meant = interrupted.plan
    downtime = meant.downtime if meant.measured else {}
    if choice is Choice.BACK:
        made = back_plan(before, after, observed, meant.services, downtime=downtime)
        made = msgspec.structs.replace(made, hooks=_left(interrupted, When.AFTER_ROLLBACK))
        return with_data(made, data_state.back(facts, data=interrupted.data_back))
    made = back_plan(after, before, observed, meant.services, downtime=downtime)
    networks = [operation for operation in meant.operations if operation.kind is Kind.NETWORK]
    made = msgspec.structs.replace(
        made,
        operations=(*networks, *made.operations),
        unwell=meant.unwell,
        accepted=meant.accepted,
        checks=meant.checks,
        backups=meant.backups,
        restores=meant.restores,
        backup_folder=meant.backup_folder,
        hooks=_left(interrupted, interrupted.kept, When.AFTER_ROLLBACK),
    )
    return with_data(made, data_state.forward(made, facts))


def _left(interrupted: Interrupted, *whens: When) -> tuple[Hook, ...]:
    """Returns the hooks for these occasions that have not finished."""
    done = interrupted.ledger.hooks
    return tuple(hook for hook in interrupted.plan.hooks if hook.when in whens and hook.key not in done)


def supersede(folder: Path, by: int) -> None:
    """Writes into an interrupted run's journal that a later run has dealt with it."""
    with closing(Journal(folder)) as journal:
        journal.append(e.Superseded(by=by))


def settle(session: Session, folder: Path, by: int) -> None:
    """Supersedes an interrupted run at the end of its recovery; a full disk does not change the recovery's outcome."""
    for room_left in (True, False):
        try:
            supersede(folder, by)
        except StateError as error:
            session.close()
            if not room_left:
                session.warn(error.problem)
        else:
            return


async def way(session: Session, ways: Sequence[Choice], recommended: Choice) -> Choice:
    """Returns the chosen direction: the command line's, else the operator's, else the recommended one."""
    if session.options.recover:
        said = Choice(session.options.recover)
        choice = said if said in ways else recommended
        actor = session.request.actor
        session.emit(e.Decided(ask=0, question=Question.RECOVER, choice=choice, by="operator", actor=actor))
        return choice
    default = Choice.CANCEL if session.attended else recommended
    return (await session.ask(Question.RECOVER, (*ways, Choice.CANCEL), default, cancels=True)).choice


def _describe(record: RunRecord, commit: e.CommitStarted, plan: Plan) -> e.RunInterrupted:
    state: RunState = record.state
    made = [step for step in state.steps if step.kind not in DATA_KINDS]
    touched = {name for step in made for name in step.subject.split(", ")}
    under_way = [f"{step.kind} {step.subject}" for step in state.steps if not step.done]
    begun = {(step.kind, step.subject) for step in state.steps}
    left = [op for op in plan.operations if op.subject not in touched and (op.kind, op.subject) not in begun]
    to_come = [f"{op.kind} {op.subject}" for op in left]
    # If all operations are done and only the health gate was cut short, forward is the shorter way; else back.
    # Likewise if the run was already being kept, and failed only because its process was terminated.
    kept = state.gate_passed and any(row.started.when not in BEFORE for row in state.hooks)
    failed = state.failure is not None and not (kept and isinstance(state.failure, WorkerTerminated))
    recommended = Choice.BACK if under_way or to_come or failed or state.rollback else Choice.FORWARD
    return described(record, (*under_way, *to_come), recommended, commit.before, commit.after)


def described(
    record: RunRecord, undone: Iterable[str], recommended: Choice, before: int = 0, after: int = 0
) -> e.RunInterrupted:
    """Returns the event for an interrupted run; the generation numbers are 0 if the run was to change nothing."""
    state: RunState = record.state
    return e.RunInterrupted(
        run=record.number,
        started_at=state.started_at,
        actor=state.request.actor if state.request else Actor(""),
        before=before,
        after=after,
        done=tuple(f"{step.kind} {step.subject}" for step in state.steps if step.done and step.problem is None),
        undone=tuple(undone),
        recommended=recommended,
        path=str(record.folder),
    )


def _has_run(name: str, interrupted: Interrupted, containers: Sequence[Container]) -> bool:
    """Whether a container of a service was started in the interrupted run's version."""
    old, new = interrupted.before.services.get(name), interrupted.after.services.get(name)
    if old is None or new is None:
        return False
    return any(new.runs_in(c) and not old.runs_in(c) and c.started_at for c in containers)
