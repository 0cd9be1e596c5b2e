"""Records what is there as a generation, and gives the images of a generation the tags that keep them."""

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
    """What runs now."""

    generation: Generation
    copies: dict[str, bytes] = {}
    """the contents of its files by copy name; none where it is recorded already"""
    edited: tuple[str, ...] = ()
    """services whose definition was edited since their containers were made"""


def next_number(opened: Opened, found: Survey, present: int = 0) -> int:
    """The first number that no record and no keep tag of anybody has."""
    kept = users.kept(found.observed.tags, found.source.name)
    return 1 + max((present, *generation.numbers(opened.state), *kept))


async def present(session: Session, opened: Opened, found: Survey, draft: Draft | None = None) -> Present:
    """The generation that runs now: a recorded one where nothing differs, else a new one, not written yet.

    ``draft`` is what a release makes of the project.
    """
    as_it_runs = await staging.as_running(session.compose, found, session.folder)
    coming = draft.survey if draft else found
    taken = generation.numbers(opened.state)  # also those that cannot be read, which are not to be replaced
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
        # The files are no longer those that what runs was made from; a record that has them is what to go back to.
        same = next((entry for entry in reached if entry.same_services(made)), None)
    if same is None:
        return Present(made, copies, edited)
    by = {name: service.made for name, service in made.services.items()}
    services = {
        name: msgspec.structs.replace(service, made=by.get(name, "")) for name, service in same.services.items()
    }
    return Present(msgspec.structs.replace(same, services=services), {}, edited)


def ruin(session: Session, opened: Opened, found: Survey) -> Present:
    """What is there of a project whose files Compose does not understand; nothing can be converged to it."""
    as_it_is = Staged((), {}, {}, found.source.environment)
    number = next_number(opened, found)
    made, copies = snapshot.running(opened, found, number, as_it_is, session.folder.name)
    return Present(msgspec.structs.replace(made, reached=False, broken=True), copies)


async def reached(session: Session, opened: Opened, wanted: Generation) -> Generation:
    """Records a generation as it really runs now, which is what one comes back to later."""
    # An override file may have come or gone with it.
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
    """Records what runs now and gives its images keep tags, before anything can take them away.

    Those of orphans get none: their containers are left alone, and no file could make them again.
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
    """Gives all images of a generation their keep tags: a way back that was cut short may have taken them."""
    tags = generation.keep_tags(recorded)
    for tag, image_id in tags.items():
        await session.engine.tag(image_id, tag)
    return tuple(tags)


def redefined(found: Survey, names: Sequence[str], edited: type[DefinitionEdited | AdoptedDefinition]) -> list[Problem]:
    """What is to be known of services whose containers were made from another definition than the files have.

    ``edited`` is said of those of which the files were edited.
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
    """Services whose containers were made from another definition than the files have, references apart."""
    other = [
        name
        for name, wanted in hashes.items()
        if any(container.config_hash not in ("", wanted) for container in found.replicas(name))
    ]
    untold = [name for name in found.project.services if name not in hashes and found.edited(name)]
    return (*other, *untold)
