"""Removes what runs have made and nobody needs any more: the one place where that is decided.

What a run has made is told by its ledger (:mod:`ws9tui.core.journal.ledger`), what it has recorded by the records, and
what Compose has made for it by what the generation before has not. It is removed

- when a run ends before its commit, by itself (`undo`) or, where it was killed, by the next one (`clean_abandoned`);
- on a rollback: what was not there before (`leftovers`, which are operations of its plan), then what only the abandoned
  generation needs (`forget`);
- when a generation is kept: those that are too old, with their images and backups (`retain`).
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
from ws9tui.problems.engine import InterruptedBeforeCommit
from ws9tui.problems.hooks import HookUncertain
from ws9tui.problems.plan import NotThereBefore
from ws9tui.problems.problem import reason_of
from ws9tui.problems.upgrade import NetworkLeft, VolumeLeft

LEFT = "left"
"""file in a run's folder: it could not take back all that it had brought"""
UNDO_PATIENCE = 30.0
"""seconds that an engine may be away while a run takes back what it brought"""
_RETRY_EVERY = 2.0


async def tidy(session: Session, work: Awaitable[object]) -> None:
    """Does what no outcome depends on: a failure is told, and takes nothing from what runs."""
    try:
        await work
    except Ws9tuiError as error:
        session.warn(error.problem)


# --- before the commit ----------------------------------------------------------------------------------------


async def undo(session: Session, opened: Opened) -> None:
    """Takes back what this run, which ends before its commit, has made; nothing else.

    An engine that restarts is waited for; what it does not let be taken back is left to the next run.
    """
    loop = asyncio.get_running_loop()
    end = loop.time() + UNDO_PATIENCE
    while True:
        try:
            made = [recorded for recorded in opened.generations if recorded.run_id == session.folder.name]
            if not (made or session.begun):
                return
            await _take_back(session, opened, session.folder, session.ledger, made)
        except Ws9tuiError as error:  # why the run ends is more important than what it could not tidy up
            if isinstance(error, EngineError) and loop.time() < end:
                await asyncio.sleep(_RETRY_EVERY)
                continue
            with suppress(OSError):
                (session.folder / LEFT).touch(mode=0o600)
            session.warn(error.problem)
        return


async def clean_abandoned(session: Session, opened: Opened) -> None:
    """Takes back what runs left that died before their commit: they changed nothing, but they may have pulled.

    So it does where a run had ended while the engine was away. Files of the project that were being put in place are
    removed under their half-made names, whatever run left them.
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
    # An engine that has got all of an image goes on with the load, whether or not anybody waits for it.
    await load.let_go(session.engine, opened.source.name, session.emit)


async def _cut_short(session: Session, run: RunRecord) -> None:
    """Ends commands that a killed run has left on this machine, and tells of a hook that no recovery will run again."""
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

    The records tell of keep tags, not the events: it may have died between a tag and the event that tells of it.
    """
    await pull.take_back(session.engine, known.images, session.emit)
    await pull.remove_nameless(session.engine, folder, session.emit)
    for recorded in (recorded for recorded in made if not recorded.pinned):
        await _untag(session, generation.keep_tags(recorded, opened.source.name))
        generation.remove(opened.state, recorded.number)


def _made_by(run: RunRecord, recorded: Generation) -> bool:
    """Whether a run recorded a generation; older versions noted only its number, which may have been another's too."""
    if recorded.run_id:
        return recorded.run_id == run.folder.name
    return recorded.run == run.number and recorded.created_at >= run.state.started_at


async def _untag(session: Session, tags: Iterable[str]) -> None:
    """Removes keep tags, as far as they are there."""
    for tag in tags:
        if await session.engine.image(tag) is not None:
            await session.engine.untag(tag)
            session.emit(e.Removed(kind="keep-tag", subject=tag))


# --- on a rollback --------------------------------------------------------------------------------------------


async def leftovers(session: Session, before: Generation, going: Collection[str] = ()) -> tuple[Operation, ...]:
    """What was not there before, and is to be taken away once the containers are back.

    That are networks that Compose has made for the project since, and external ones that the plan had made; but what a
    container is connected to stays, whoever had it made: where somebody has removed the project's own network
    meanwhile, the way back itself needs the one that is there now. Of a first install it is volumes too, unless they
    hold data: those are told, and go where the operator has asked for it. And it is folders, as far as they are empty.
    ``going`` are the IDs of containers that will be gone by then.
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
    """The volumes of a first install that go."""
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
    """The folders that were not there and hold nothing but each other, and files that go; the innermost first."""
    going = {path for stored in before.files if not stored.sha256 for path in (stored.path, stored.real)}
    found = []
    for folder in sorted(before.missing_folders, reverse=True):
        # It is not there, not to be read, or behind a link that was not there.
        with suppress(OSError), places.held(folder) as held, os.scandir(f"/proc/self/fd/{held}") as entries:
            if all(f"{folder}/{entry.name}" in going for entry in entries):
                going.add(folder)
                found.append(folder)
    return found


async def take_away(session: Session, operation: Operation) -> None:
    """Removes what was not there before; a network that cannot go is told."""
    kind, name = operation.kind, operation.subject
    try:
        async with session.step(kind, name):
            match kind:
                case Kind.REMOVE_NETWORK:
                    await session.engine.remove_network(operation.detail[0])
                case Kind.REMOVE_VOLUME:
                    await session.engine.remove_volume(name)
                case _:
                    # Somebody may have put something there meanwhile.
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
    """Takes back what only the abandoned generation needed: its keep tags, its record, the images pulled for it."""
    if not after.reached:
        await _untag(session, () if after.pinned else generation.keep_tags(after, after.source.name))
        await _tags(session)
    await pull.take_back(session.engine, session.ledger.images, session.emit)
    # The records come last: while they are there, a run that is killed here can be recovered from.
    if not (after.reached or after.pinned):
        generation.remove(opened.state, after.number)
    if before.number == 0:
        generation.remove(opened.state, 0)


async def _tags(session: Session) -> None:
    """Gives the tags that the commit moved back to the images that had them, and removes those that nobody had."""
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
    """Sees to a generation's keep tags, and lets go of generations beyond the ``keep`` latest.

    The one that is reached is among these, and so is ``before``, however few are kept: its number may be much lower,
    where somebody has gone back to it. Those that are pinned stay, and are not counted.
    """
    await tidy(session, record.keep(session, reached))
    await tidy(session, load.let_go(session.engine, reached.source.name, session.emit))
    await tidy(session, _drop_unneeded(session, reached))
    stay = {reached.number, 0, *pins.pinned(opened.state)}
    others = [number for number in generation.numbers(opened.state) if number not in stay]
    others.sort(key=lambda number: (number == before, number))
    for number in others[: max(len(others) - max(keep - 1, 1), 0)]:
        await tidy(session, _let_go(session, opened, number))
    rotate_backups(session, opened)


async def _drop_unneeded(session: Session, reached: Generation) -> None:
    """Removes what the run pulled before its operator went back and chose otherwise."""
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
    """Forgets a generation: its keep tags, the images that nothing else names or uses, its saved data, its record."""
    old = generation.read(opened.state, number)
    for tag, image_id in generation.keep_tags(old, opened.source.name).items():
        image = await session.engine.image(tag)
        if image is None or image.id != image_id:  # older versions shared their tags among all users
            continue
        await session.engine.untag(tag)
        session.emit(e.Removed(kind="keep-tag", subject=tag))
        await _drop_unused(session, image.id)
    for gone in backup.remove_of(opened.state, number):
        session.emit(e.Removed(kind="backup", subject=gone.folder))
    generation.remove(opened.state, number)


def rotate_backups(session: Session, opened: Opened) -> None:
    """Removes the oldest saved data beyond what is kept by count and size, but none that this run needs."""
    needed = {*data_state.folders(session.ledger.data), *pins.saved_data(opened.state)}
    for gone in backup.rotate(opened.state, generation.numbers(opened.state), needed):
        session.emit(e.Removed(kind="backup", subject=gone.folder))


async def _drop_unused(session: Session, image_id: str) -> None:
    """Removes an old image whose only names are digests, when no container uses it."""
    image = await session.engine.image(image_id)
    if image is None or image.tags:
        return
    if any(container.image_id == image_id for container in await session.engine.containers()):
        return
    for name in image.digests:
        await session.engine.untag(name)
    session.emit(e.Removed(kind="image", subject=image_id))
