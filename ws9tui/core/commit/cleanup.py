"""Removes what runs have created and nobody needs any more: the one place where that is decided.

What a run has created is in its ledger (:mod:`ws9tui.core.journal.ledger`), what it has recorded in the generation
records, and what Compose has created for it is what the generation before lacks. It is removed

- when a run ends before its commit: by the run itself (`undo`) or, if it was killed, by the next one
  (`clean_abandoned`);
- on a rollback: what was not there before (`leftovers`, which are operations of its plan), then what only the abandoned
  generation needs (`forget`);
- when a generation is kept: expired generations, with their images and backups (`retain`).
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Collection, Iterable
from contextlib import closing, suppress
from pathlib import Path

from ws9tui.core.commit import record
from ws9tui.core.data import transfer as data
from ws9tui.core.fs import files, places
from ws9tui.core.images import load, pull
from ws9tui.core.inspect import staging
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.journal import data_state, ledger
from ws9tui.core.journal import events as e
from ws9tui.core.journal.journal import Journal
from ws9tui.core.journal.ledger import Ledger
from ws9tui.core.model.hooks import BEFORE, NOTICE, hook_key, process_mark
from ws9tui.core.model.plan import Kind, Operation
from ws9tui.core.model.terms import Outcome
from ws9tui.core.session import Session
from ws9tui.core.store import backup, generation, pins
from ws9tui.core.store.generation import Generation
from ws9tui.core.store.store import RunRecord
from ws9tui.errors import EngineError, Ws9tuiError
from ws9tui.problems.engine import InterruptedBeforeCommit, StateUnwritable
from ws9tui.problems.hooks import HookUncertain
from ws9tui.problems.plan import NotThereBefore
from ws9tui.problems.problem import reason_of
from ws9tui.problems.upgrade import NetworkLeft, VolumeLeft

LEFT = "left"
"""file in a run's folder which says that the run could not remove all that it had created"""
UNDO_PATIENCE = 30.0
"""seconds that an engine may be unreachable while a run removes what it created"""
_RETRY_EVERY = 2.0


async def tidy(session: Session, work: Awaitable[object]) -> None:
    """Awaits work on which no outcome depends: a failure is only reported."""
    try:
        await work
    except Ws9tuiError as error:
        session.warn(error.problem)
    except OSError as error:
        session.warn(StateUnwritable(path=str(error.filename or session.store.folder), reason=str(error.strerror)))


# --- before the commit ----------------------------------------------------------------------------------------


async def undo(session: Session, opened: Opened) -> None:
    """Removes what this run has created if it ends before its commit; nothing else.

    Waits for an engine that restarts; what cannot be removed is left to the next run.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + UNDO_PATIENCE
    while True:
        try:
            made = [recorded for recorded in opened.generations if recorded.run_id == session.folder.name]
            if not (made or session.begun):
                return
            await _take_back(session, opened, session.folder, session.ledger, made)
        except Ws9tuiError as error:  # the reason why the run ends matters more than a failed cleanup
            if isinstance(error, EngineError) and loop.time() < end:
                await asyncio.sleep(_RETRY_EVERY)
                continue
            with suppress(OSError):
                (session.folder / LEFT).touch(mode=0o600)
            session.remembered = True  # else its folder is removed, by which the next run knows what is left
            session.warn(error.problem)
        return


async def clean_abandoned(session: Session, opened: Opened) -> None:
    """Removes what runs left that were killed before their commit: they changed nothing, but may have pulled.

    Includes runs that ended while the engine was unreachable. Partially written files of the project are removed
    whichever run left them.
    """
    await data.let_go_all(session, opened.source.name)
    backup.tidy(opened.state)
    for stored in (stored for recorded in opened.generations[-2:] for stored in recorded.files):
        files.tidy(stored.real or places.real(stored.path))
    for run in session.store.runs_of(opened.home):
        if run.live or run.folder == session.folder:
            continue
        for staged in run.folder.glob(f"{staging.PREFIX}*"):
            shutil.rmtree(staged, ignore_errors=True)
        if run.state.finished is None:
            await _cut_short(session, run)
        left = run.folder / LEFT
        if run.state.finished is not None and not left.exists():
            continue
        events = run.events()
        known = ledger.fold(events)
        if known.committed:
            continue
        if opened.info.containerd_store and run.state.finished is None:
            for finding in load.cut_off(events):
                session.tell(finding)
        made = [recorded for recorded in opened.generations if _made_by(run, recorded)]
        await _take_back(session, opened, run.folder, known, made)
        left.unlink(missing_ok=True)
        if run.state.finished is not None:
            continue
        with closing(Journal(run.folder)) as journal:
            journal.append(e.Finished(outcome=Outcome.UNCHANGED, problem=InterruptedBeforeCommit()))
    # An engine that has received a whole image completes the load, whether or not a client waits for it.
    await load.let_go(session.engine, opened.source.name, session.emit)


async def _cut_short(session: Session, run: RunRecord) -> None:
    """Ends commands that a killed run left on this machine, and reports a hook that no recovery runs again."""
    hook = run.state.hook
    if run.state.request is not None and run.state.request.options.notify:
        await session.programs.end(process_mark(run.folder.name, NOTICE))
    if hook is None:
        return
    if hook.host:
        await session.programs.end(process_mark(run.folder.name, hook_key(hook.when, hook.service)))
    if hook.when in BEFORE:
        told = HookUncertain(run=run.number, when=hook.when.value, service=hook.service)
        session.warn(told, hook.service)


async def _take_back(session: Session, opened: Opened, folder: Path, known: Ledger, made: Iterable[Generation]) -> None:
    """Removes what a run has pulled and recorded.

    Keep tags are taken from the records, not the events: a run may have died between a tag and its event.
    """
    await pull.take_back(session.engine, known.images, session.emit)
    await pull.remove_nameless(session.engine, folder, session.emit)
    for recorded in (recorded for recorded in made if not recorded.pinned):
        await _untag(session, generation.keep_tags(recorded, opened.source.name))
        generation.remove(opened.state, recorded.number)


def _made_by(run: RunRecord, recorded: Generation) -> bool:
    """Whether a run recorded a generation; older versions noted only the run's number, which may be ambiguous."""
    if recorded.run_id:
        return recorded.run_id == run.folder.name
    return recorded.run == run.number and recorded.created_at >= run.state.started_at


async def _untag(session: Session, tags: Iterable[str]) -> None:
    """Removes those keep tags that exist."""
    for tag in tags:
        if await session.engine.image(tag) is not None:
            await session.engine.untag(tag)
            session.emit(e.Removed(kind="keep-tag", subject=tag))


# --- on a rollback --------------------------------------------------------------------------------------------


async def leftovers(session: Session, before: Generation, going: Collection[str] = ()) -> tuple[Operation, ...]:
    """Returns the removals of what was not there before, to be done once the containers are rolled back.

    These are networks that Compose has created for the project since, and external ones that the plan created, unless a
    container is connected to them: if somebody removed the project's own network meanwhile, the rollback itself needs
    the present one. For a first install also its volumes, if they are empty or the operator asked for it (others are
    reported), and its empty folders. ``going`` are the IDs of containers that will be gone by then.
    """
    cause = NotThereBefore()
    containers = [container for container in await session.engine.containers() if container.id not in going]
    used = {name for container in containers for name in container.networks}
    found = []
    for network in await session.engine.networks():
        of_project = network.project == before.source.name and network.id not in before.networks
        made = network.ours and network.name in session.ledger.networks
        if network.name not in used and (of_project or made):
            found.append(Operation(Kind.REMOVE_NETWORK, network.name, cause, detail=(network.id,)))
    found += [Operation(Kind.REMOVE_FOLDER, folder, cause) for folder in _empty_folders(before)]
    return (*found, *[Operation(Kind.REMOVE_VOLUME, name, cause) for name in await _volumes(session, before)])


async def _volumes(session: Session, before: Generation) -> list[str]:
    """Returns the volumes created by a first install that are to be removed; reports those that stay."""
    made = set(await session.engine.volumes(before.source.name)) - set(before.volumes) if before.number == 0 else ()
    sizes = await session.engine.data.volume_sizes() if made else {}
    going = []
    for name in sorted(made):
        size = sizes.get(name)
        if size == 0 or session.options.remove_volumes:
            going.append(name)
        else:
            session.warn(VolumeLeft(volume=name, size=size))
    return going


def _empty_folders(before: Generation) -> list[str]:
    """Returns the folders that were missing before and are otherwise empty, the innermost first."""
    going = {path for stored in before.files if not stored.sha256 for path in (stored.path, stored.real)}
    found = []
    for folder in sorted(before.missing_folders, reverse=True):
        # It is missing, unreadable, or behind a link that was not there.
        with suppress(OSError), places.held(folder) as held, os.scandir(f"/proc/self/fd/{held}") as entries:
            if all(f"{folder}/{entry.name}" in going for entry in entries):
                going.add(folder)
                found.append(folder)
    return found


async def take_away(session: Session, operation: Operation) -> None:
    """Removes what was not there before; a network that the engine refuses to remove is only reported."""
    kind, name = operation.kind, operation.subject
    try:
        async with session.step(kind, name):
            match kind:
                case Kind.REMOVE_NETWORK:
                    await session.engine.remove_network(operation.detail[0])
                case Kind.REMOVE_VOLUME:
                    await session.engine.remove_volume(name)
                case _:
                    # Somebody may have put a file there meanwhile.
                    with suppress(OSError), places.held(str(Path(name).parent)) as above:
                        os.rmdir(Path(name).name, dir_fd=above)
    except EngineError as error:
        if error.away or kind is not Kind.REMOVE_NETWORK:
            raise
        session.warn(NetworkLeft(network=name, reason=reason_of(error.problem)))
    else:
        if kind is not Kind.REMOVE_FOLDER:
            session.emit(e.Removed(kind=kind.removeprefix("remove-"), subject=name))


async def forget(session: Session, opened: Opened, before: Generation, after: Generation) -> None:
    """Removes what only the abandoned generation needed: its keep tags, its record, the images pulled for it."""
    if not after.reached:
        await _untag(session, () if after.pinned else generation.keep_tags(after, after.source.name))
        await _tags(session)
    await pull.take_back(session.engine, session.ledger.images, session.emit)
    # The records are removed last: as long as they exist, a run killed here can be recovered.
    if not (after.reached or after.pinned):
        generation.remove(opened.state, after.number)
    if before.number == 0:
        generation.remove(opened.state, 0)


async def _tags(session: Session) -> None:
    """Moves the tags that the commit moved back to their former images, and removes those that are new."""
    for tag, moved in session.ledger.tags.items():
        image = await session.engine.image(tag)
        if image is None or image.id != moved.new:
            continue
        if moved.old and await session.engine.image(moved.old) is not None:
            await session.engine.tag(moved.old, tag)
        else:
            await session.engine.untag(tag)
            session.emit(e.Removed(kind="tag", subject=tag))


# --- when a generation is kept --------------------------------------------------------------------------------


async def retain(session: Session, opened: Opened, reached: Generation, before: int, keep: int) -> None:
    """Tags the images of a kept generation, and removes generations beyond the ``keep`` latest.

    ``reached`` counts among these, and ``before`` is never removed: its number may be much lower if it was an earlier
    generation. Pinned generations stay and are not counted.
    """
    await tidy(session, record.keep(session, reached))
    await tidy(session, load.let_go(session.engine, reached.source.name, session.emit))
    await tidy(session, _drop_unneeded(session, reached))
    await tidy(session, _expire(session, opened, {reached.number, 0}, before, keep))
    await tidy(session, rotate_backups(session, opened))


async def _expire(session: Session, opened: Opened, stay: Collection[int], before: int, keep: int) -> None:
    """Removes generations beyond the ``keep`` latest, of which ``stay`` and pinned ones are not removed."""
    stay = {*stay, *pins.pinned(opened.state)}
    others = [number for number in generation.numbers(opened.state) if number not in stay]
    others.sort(key=lambda number: (number == before, number))
    for number in others[: max(len(others) - max(keep - 1, 1), 0)]:
        await tidy(session, _let_go(session, opened, number))


async def _drop_unneeded(session: Session, reached: Generation) -> None:
    """Removes what the run pulled and the kept generation does not use, since the operator chose anew."""
    services = reached.services.values()
    needed = {service.image_id for service in services}
    needed |= {used.image_id for service in services for used in service.used.values()}
    unneeded = {}
    for name, new in session.ledger.images.items():
        image = await session.engine.image(name)
        if "@" in name and (image is None or image.id not in needed):
            unneeded[name] = new
    if unneeded:
        await pull.take_back(session.engine, unneeded, session.emit)


async def _let_go(session: Session, opened: Opened, number: int) -> None:
    """Removes a generation: its keep tags, otherwise unused images, saved data and record."""
    old = generation.read(opened.state, number)
    for tag, image_id in generation.keep_tags(old, opened.source.name).items():
        image = await session.engine.image(tag)
        if image is None or image.id != image_id:  # older versions shared their tags between users
            continue
        await session.engine.untag(tag)
        session.emit(e.Removed(kind="keep-tag", subject=tag))
        await _drop_unused(session, image.id)
    for gone in backup.remove_of(opened.state, number):
        session.emit(e.Removed(kind="backup", subject=gone.folder))
    generation.remove(opened.state, number)


async def rotate_backups(session: Session, opened: Opened) -> None:
    """Removes the oldest saved data beyond the limits of count and size, except what this run needs."""
    needed = {*data_state.folders(session.ledger.data), *pins.saved_data(opened.state)}
    for gone in backup.rotate(opened.state, generation.numbers(opened.state), needed):
        session.emit(e.Removed(kind="backup", subject=gone.folder))


async def _drop_unused(session: Session, image_id: str) -> None:
    """Removes an old image whose only names are digests, if no container uses it."""
    image = await session.engine.image(image_id)
    if image is None or image.tags:
        return
    if any(container.image_id == image_id for container in await session.engine.containers()):
        return
    for name in image.digests:
        await session.engine.untag(name)
    session.emit(e.Removed(kind="image", subject=image_id))
