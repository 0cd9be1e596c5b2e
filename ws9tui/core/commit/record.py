"""Records what runs as a generation, and tags the images of a generation so that they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from ws9tui.core.inspect import snapshot, staging
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.staging import Staged
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.inspect.trial import Draft
from ws9tui.core.journal import events as e
from ws9tui.core.releases import install
from ws9tui.core.session import Session
from ws9tui.core.store import generation, users
from ws9tui.core.store.generation import Generation
from ws9tui.problems.plan import ComposeVersionChanged, ComposeVersionDiffers, DefinitionEdited
from ws9tui.problems.problem import Problem
from ws9tui.problems.project import DefinitionChanged
from ws9tui.problems.run import AdoptedDefinition, RunningImageGone


class Present(msgspec.Struct, frozen=True):
    """The generation that runs now."""

    generation: Generation
    copies: dict[str, bytes] = {}
    """contents of its files by copy name; empty if the generation is already recorded"""
    edited: tuple[str, ...] = ()
    """services whose definition was edited after their containers were created"""


def next_number(opened: Opened, found: Survey, present: int = 0) -> int:
    """Returns the next free number: above all records and all users' keep tags."""
    kept = users.kept(found.observed.tags, found.source.name)
    return 1 + max((present, *generation.numbers(opened.state), *kept))


async def present(session: Session, opened: Opened, found: Survey, draft: Draft | None = None) -> Present:
    """Returns the generation that runs now: a recorded one if nothing differs, else a new, unwritten one.

    ``draft`` is the project as a release would change it.
    """
    as_it_runs = await staging.as_running(session.compose, found, session.folder)
    coming = draft.survey if draft else found
    taken = generation.numbers(opened.state)  # including unreadable records, which must not be overwritten
    number = 0 if coming.first and not taken else next_number(opened, coming)
    made, copies = snapshot.running(opened, found, number, as_it_runs, session.folder.name)
    if coming.first:
        paths = {edit.path: edit.content for edit in draft.staged.edits} if draft else {}
        volumes = tuple(await session.engine.volumes(found.source.name))
        folders = install.missing_folders(paths, coming.project)
        made = msgspec.structs.replace(made, missing_folders=folders, volumes=volumes)
    edited = _differently_defined(coming, as_it_runs.hashes)
    reached = [entry for entry in reversed(opened.generations) if entry.reached]
    same = next((entry for entry in reached if entry.same_deployment(made)), None)
    if same is None and edited:
        # The files have changed since the containers were created; a record with the original files is the one to roll
        # back to.
        same = next((entry for entry in reached if entry.same_services(made)), None)
    if same is None:
        return Present(made, copies, edited)
    by = {name: service.made for name, service in made.services.items()}
    services = {
        name: msgspec.structs.replace(service, made=by.get(name, "")) for name, service in same.services.items()
    }
    return Present(msgspec.structs.replace(same, services=services), {}, edited)


def ruin(session: Session, opened: Opened, found: Survey) -> Present:
    """Returns a record of a project whose files Compose does not understand; no run can converge to it."""
    as_it_is = Staged((), {}, {}, found.source.environment)
    number = next_number(opened, found)
    made, copies = snapshot.running(opened, found, number, as_it_is, session.folder.name)
    return Present(msgspec.structs.replace(made, reached=False, broken=True), copies)


async def reached(session: Session, opened: Opened, wanted: Generation) -> Generation:
    """Records a generation as it now runs, which is the state that later rollbacks converge to."""
    # The generation may have added or removed an override file.
    source = msgspec.structs.replace(opened.source, files=wanted.source.files)
    found = await msgspec.structs.replace(opened, source=source).survey(session)
    found = found.with_companions(wanted.companions)
    as_it_runs = await staging.as_running(session.compose, found, session.folder)
    made, copies = snapshot.running(opened, found, wanted.number, as_it_runs, wanted.run_id)
    made = msgspec.structs.replace(made, run=wanted.run, keeper=wanted.keeper, pinned=wanted.pinned)
    made = snapshot.with_origins(made, wanted)
    generation.write(opened.state, made, copies)
    return made


async def save(session: Session, opened: Opened, found: Survey, present: Present) -> None:
    """Records what runs now and gives its images keep tags before anything can remove them.

    Orphans' images get none: their containers are left alone, and no file could recreate them.
    """
    recorded, project = present.generation, found.source.name
    if recorded.number not in generation.numbers(opened.state):
        generation.write(opened.state, recorded, present.copies)
    own = {
        generation.keep_tag(project, recorded.number, service.name, recorded.keeper): service
        for service in recorded.services.values()
    }
    tags = []
    for tag, image_id in generation.keep_tags(recorded, project).items():
        service = own.get(tag)
        if await session.engine.image(image_id) is None:
            if service is not None:
                session.warn(RunningImageGone(service=service.name, image=service.reference))
            continue
        if found.observed.tags.get(tag) != image_id:
            await session.engine.tag(image_id, tag)
        if service is not None:
            tags.append(tag)
    role = "found" if recorded.broken else "before"
    session.emit(e.GenerationSaved(generation=recorded.number, role=role, images=tuple(tags)))


async def keep(session: Session, recorded: Generation) -> tuple[str, ...]:
    """Gives all images of a generation their keep tags, which an interrupted rollback may have removed."""
    tags = generation.keep_tags(recorded)
    for tag, image_id in tags.items():
        await session.engine.tag(image_id, tag)
    return tuple(tags)


def redefined(found: Survey, names: Sequence[str], edited: type[DefinitionEdited | AdoptedDefinition]) -> list[Problem]:
    """Returns notes on services whose containers were created from another definition than the present files.

    ``edited`` is the note for services whose files were edited, as opposed to hashed by another Compose version.
    """
    by_kind: dict[bool, list[DefinitionChanged | ComposeVersionChanged]] = {}
    for name in names:
        problem = found.redefinition(name)
        by_kind.setdefault(isinstance(problem, ComposeVersionChanged), []).append(problem)
    notes: list[Problem] = []
    for problems in by_kind.values():
        first, services = problems[0], ", ".join(problem.service for problem in problems)
        if isinstance(first, ComposeVersionChanged):
            differs = ComposeVersionDiffers(services=services, old=first.old, new=first.new, unsure=first.unsure)
            notes.append(differs)
        else:
            notes.append(edited(services=services))
    return notes


def _differently_defined(found: Survey, hashes: Mapping[str, str]) -> tuple[str, ...]:
    """Returns services whose definition differs from their containers', image references apart."""
    other = [
        name
        for name, wanted in hashes.items()
        if any(container.config_hash not in ("", wanted) for container in found.replicas(name))
    ]
    untold = [name for name in found.project.services if name not in hashes and found.edited(name)]
    return (*other, *untold)
