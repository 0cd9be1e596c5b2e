"""Finds runs that were interrupted, tells what is there of them, and cleans up after those that changed nothing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from ws9tui.core.commit.back import back_plan
from ws9tui.core.commit.standing import standing
from ws9tui.core.data import transfer as data
from ws9tui.core.fs import files, places
from ws9tui.core.images import load, pull
from ws9tui.core.inspect import staging
from ws9tui.core.journal import data_state
from ws9tui.core.journal import events as e
from ws9tui.core.journal.data_state import Facts
from ws9tui.core.journal.journal import Journal, Reader
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.observed import Container, Observed
from ws9tui.core.model.plan import Kind, Operation, Plan, with_starts
from ws9tui.core.model.terms import Actor, Choice, Finding, Level, Outcome, Verb
from ws9tui.core.runs.opening import Opened
from ws9tui.core.runs.prepare import LEFT
from ws9tui.core.session import Session
from ws9tui.core.store import backup, generation
from ws9tui.core.store.generation import Generation
from ws9tui.core.store.store import RunRecord
from ws9tui.problems.data import RecoverDataStays, RecoverWithData, RecoverWithoutData, RestoreUnfinished
from ws9tui.problems.engine import InterruptedBeforeCommit, JournalDamaged
from ws9tui.problems.plan import TagMoves


class Interrupted(msgspec.Struct, frozen=True):
    """A run that was interrupted in the middle of its commit."""

    event: e.RunInterrupted
    folder: Path
    before: Generation
    after: Generation
    plan: Plan
    taken: dict[str, bool]
    """what it pulled: repository@digest → whether the image was new"""
    facts: Facts = Facts()
    """what it, and recoveries of it, have done with data"""
    data_back: bool = True
    """whether data goes back with a way back: unless somebody chose the image only"""


def find(session: Session, opened: Opened) -> Interrupted | None:
    """The project's last run that began to commit and did not end, or ended in need of recovery."""
    for record in session.store.runs_of(opened.home):
        state = record.state
        events = _events(record)
        commit = next((event for event in events if isinstance(event, e.CommitStarted)), None)
        if commit is None or record.live or record.folder == session.folder:
            continue
        if state.project is not None and state.project.verb is Verb.RECOVER:
            continue  # it worked on an older run, which is superseded once that has been dealt with
        ended = state.finished is not None and state.finished.outcome is not Outcome.NEEDS_RECOVERY
        ended = ended or _went_back(session, opened, record, commit)
        if ended and state.interruption is not None and not (state.finished and state.finished.outcome is Outcome.KEPT):
            continue  # it was to take the place of an older run's recovery, and went back to what that had left
        if ended or state.superseded:
            return None
        before = generation.read(opened.state, commit.before)
        after = generation.read(opened.state, commit.after)
        taken = _taken(events)
        plan = state.plan or _guessed(before, after, taken)
        event = _describe(record, commit, plan)
        if before.broken:
            event = msgspec.structs.replace(event, recommended=Choice.FORWARD)
        facts, data_back = _data(session, opened, record)
        return Interrupted(event, record.folder, before, after, plan, taken, facts, data_back)
    return None


def _guessed(before: Generation, after: Generation, taken: Mapping[str, bool]) -> Plan:
    """What a run had planned whose journal is damaged there: to change the services in which its generations differ."""
    changed = [name for name, service in after.services.items() if service != before.services.get(name)]
    changed += [name for name in before.services if name not in after.services]
    names = dict.fromkeys((*changed, *after.project.followers(changed)))
    tags: list[Operation] = []
    for service in (after.services[name] for name in names if name in after.services):
        old = before.services.get(service.name)
        if service.image_id and (tag := service.reference.tagged):
            # Where the reference was another one, it is not known who had this tag; nobody, if the image is a new one.
            brought = any(new and name.endswith(f"@{service.digest}") for name, new in taken.items())
            unknown = "" if brought else service.image_id
            was = old.image_id if old is not None and old.reference == service.reference else unknown
            cause = TagMoves(reference=tag, old=was, new=service.image_id)
            tags.append(Operation(Kind.TAG, tag, cause, detail=(service.image_id,)))
    containers = [Operation(Kind.RECREATE, name, JournalDamaged(), wave=1) for name in names]
    return Plan(before.number, after.number, (*tags, *containers))


def _data(session: Session, opened: Opened, record: RunRecord) -> tuple[Facts, bool]:
    """What a run and the recoveries after it have done with data, and whether data goes back with a way back."""
    later = [run for run in session.store.runs_of(opened.home) if run.number >= record.number]
    events = [event for run in reversed(later) if run.folder != session.folder for event in _events(run)]
    ways = [event.data for event in events if isinstance(event, e.RollbackStarted)]
    return data_state.fold(events), ways[-1] if ways else True


def _went_back(session: Session, opened: Opened, record: RunRecord, commit: e.CommitStarted) -> bool:
    """Whether nothing but the last word of a way back is missing: it forgets its generation after all else."""
    if {commit.before, commit.after} <= set(generation.numbers(opened.state)):
        return False
    return any(
        isinstance(event, e.RollbackVerified) and event.to == commit.before
        for other in session.store.runs_of(opened.home)
        if other.number >= record.number
        for event in _events(other)
    )


def tell(session: Session, interrupted: Interrupted, observed: Observed) -> None:
    """Says what the interrupted run was doing and what runs now, service by service, by fresh observation."""
    session.emit(interrupted.event)
    for name in interrupted.plan.services:
        state, detail = standing(interrupted.before, interrupted.after, name, observed.containers.get(name, ()))
        session.emit(e.InterruptedService(service=name, state=state, detail=detail))


def tell_data(session: Session, interrupted: Interrupted, observed: Observed) -> None:
    """Says what either way does with data: a restore that was cut short is completed, and back means with the data.

    Where the new version has run and no data was saved, back means without.
    """
    facts = interrupted.facts
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
            problem = kind(services=", ".join(sorted(names)))
            session.emit(e.Found(finding=Finding(Level.WARNING, problem)))


def without_data(interrupted: Interrupted) -> Interrupted:
    """The same, with nothing to be done to data: what was not brought back, or only half, stays as it is."""
    facts = msgspec.structs.replace(interrupted.facts, loading={})
    return msgspec.structs.replace(interrupted, facts=facts, data_back=False)


def tell_without_data(session: Session, interrupted: Interrupted) -> None:
    """Says whose data does not go back."""
    names = data_state.back(interrupted.facts, data=interrupted.data_back)
    if names:
        told = RecoverWithoutData(services=", ".join(sorted(names)), number=interrupted.before.number)
        session.emit(e.Found(finding=Finding(Level.WARNING, told)))


def plan(choice: Choice, interrupted: Interrupted, observed: Observed) -> Plan:
    """What either way does from here."""
    before, after, facts = interrupted.before, interrupted.after, interrupted.facts
    if choice is Choice.BACK:
        made = back_plan(before, after, observed, interrupted.plan.services)
        return with_starts(made, tuple(data_state.back(facts, data=interrupted.data_back)))
    made = back_plan(after, before, observed, interrupted.plan.services)
    return _with_data(_complete(made, interrupted.plan), interrupted)


def _complete(plan: Plan, interrupted: Plan) -> Plan:
    """A plan forward with the networks to be made, and the tags that may have moved, so that a way back knows them."""
    subjects = {operation.subject for operation in plan.operations}
    tags = [op for op in interrupted.operations if op.kind is Kind.TAG]
    old = {op.subject: op for op in tags}
    operations = tuple(old.get(op.subject, op) if op.kind is Kind.TAG else op for op in plan.operations)
    kept = [op for op in interrupted.operations if op.kind is Kind.NETWORK]
    kept += [op for op in tags if op.subject not in subjects]
    return msgspec.structs.replace(plan, operations=(*kept, *operations), unwell=interrupted.unwell)


def _with_data(plan: Plan, interrupted: Interrupted) -> Plan:
    """A plan forward with the data that the interrupted run was to save or to bring back, and has not."""
    meant = interrupted.plan
    plan = msgspec.structs.replace(
        plan, backups=meant.backups, restores=meant.restores, backup_folder=meant.backup_folder
    )
    return with_starts(plan, tuple(data_state.forward(plan, interrupted.facts)))


def supersede(interrupted: Interrupted, by: int) -> None:
    """Writes into the interrupted run's journal that a later run has dealt with it."""
    with closing(Journal(interrupted.folder)) as journal:
        journal.append(e.Superseded(by=by))


async def clean_abandoned(session: Session, opened: Opened) -> None:
    """Takes back what runs left that died before their commit: they changed nothing, but they may have pulled.

    So it does where a run had ended while the engine was away. Files of the project that were being put in place are
    removed under their half-made names, whatever run left them.
    """
    await data.let_go_all(session, opened.source.name)
    backup.tidy(opened.state)
    for stored in (stored for recorded in opened.generations[-2:] for stored in recorded.files):
        files.tidy(stored.real or places.real(stored.path))
    for record in session.store.runs_of(opened.home):
        events = _events(record)
        if record.live or record.folder == session.folder:
            continue
        for staged in record.folder.glob(f"{staging.PREFIX}*"):
            shutil.rmtree(staged, ignore_errors=True)
        left = record.folder / LEFT
        if record.state.finished is not None and not left.exists():
            continue
        if any(isinstance(event, e.CommitStarted | e.Superseded) for event in events):
            continue
        if opened.info.containerd_store and record.state.finished is None:
            for finding in load.cut_off(events):
                session.emit(e.Found(finding=finding))
        await pull.take_back(session.engine, _taken(events), session.emit)
        await pull.remove_nameless(session.engine, record.folder, session.emit)
        # Not by its events: it may have died between a tag and the event that tells of it.
        made = [recorded for recorded in opened.generations if _made_by(record, recorded)]
        for recorded in made:
            for tag in generation.keep_tags(recorded, opened.source.name):
                await session.engine.untag(tag)
            generation.remove(opened.state, recorded.number)
        left.unlink(missing_ok=True)
        if record.state.finished is not None:
            continue
        journal = Journal(record.folder)
        journal.append(e.Finished(outcome=Outcome.UNCHANGED, problem=InterruptedBeforeCommit()))
        journal.close()
    # An engine that has got all of an image goes on with the load, whether or not anybody waits for it.
    await load.let_go(session.engine, opened.source.name, session.emit)


def _made_by(record: RunRecord, recorded: Generation) -> bool:
    """Whether a run recorded a generation; older versions noted only its number, which may have been another's too."""
    if recorded.run_id:
        return recorded.run_id == record.folder.name
    return recorded.run == record.number and recorded.created_at >= record.state.started_at


def _events(record: RunRecord) -> list[e.AnyEvent]:
    reader = Reader(record.folder)
    try:
        return reader.read()
    finally:
        reader.close()


def _taken(events: Sequence[e.AnyEvent]) -> dict[str, bool]:
    by_reference: dict[str, str] = {}
    taken: dict[str, bool] = {}
    for event in events:
        if isinstance(event, e.PullStarted):
            by_reference[event.reference] = event.digest
            taken[event.digest] = True
        elif isinstance(event, e.PullFinished) and event.reference in by_reference:
            taken[by_reference[event.reference]] = event.new
    return taken


def _describe(record: RunRecord, commit: e.CommitStarted, plan: Plan) -> e.RunInterrupted:
    state: RunState = record.state
    done = tuple(f"{step.kind} {step.subject}" for step in state.steps if step.done and step.problem is None)
    made = [step for step in state.steps if step.kind not in ("backup", "restore")]
    touched = {name for step in made for name in step.subject.split(", ")}
    under_way = [f"{step.kind} {step.subject}" for step in state.steps if not step.done]
    to_come = [f"{op.kind} {op.subject}" for op in plan.operations if op.subject not in touched]
    request = state.request
    # All that was asked for is done and only the watching was cut short: forward is the shorter way. Else back.
    recommended = Choice.BACK if under_way or to_come or state.failure or state.rollback else Choice.FORWARD
    return e.RunInterrupted(
        run=record.number,
        started_at=state.started_at,
        actor=request.actor if request else Actor(""),
        before=commit.before,
        after=commit.after,
        done=done,
        undone=(*under_way, *to_come),
        recommended=recommended,
        path=str(record.folder),
    )


def _has_run(name: str, interrupted: Interrupted, containers: Sequence[Container]) -> bool:
    """Whether a service was started in the interrupted run's version."""
    old, new = interrupted.before.services.get(name), interrupted.after.services.get(name)
    if old is None or new is None:
        return False
    return any(new.runs_in(c) and not old.runs_in(c) and c.started_at for c in containers)
