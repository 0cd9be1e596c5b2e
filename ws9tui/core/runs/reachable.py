"""Lists the generations that a rollback can reach, by which means, and how each differs from what runs.

Changes nothing. Images are compared by ID; a registry is only asked about images that are not on the engine, by digest,
which tells whether exactly these images can be pulled.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from ws9tui.core.commit.back import back_plan
from ws9tui.core.compose import envfile, inputs
from ws9tui.core.fs import files
from ws9tui.core.images.archive import Archives
from ws9tui.core.images.resolve import ASK_PARALLEL
from ws9tui.core.journal.events import GenerationFound
from ws9tui.core.model.observed import Observed
from ws9tui.core.model.plan import Kind
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Difference, Reach
from ws9tui.core.ports import Engine
from ws9tui.core.store import backup, differences, generation
from ws9tui.core.store.generation import Generation, StoredFile
from ws9tui.errors import StateError, Ws9tuiError
from ws9tui.problems.archive import ArchiveLacks
from ws9tui.problems.hanging import InsideReplaced
from ws9tui.problems.image import NOT_THERE
from ws9tui.problems.plan import EnvFileChanges, FollowsNetwork, FollowsRestart, NotThere, SharesImage, VariableChanges
from ws9tui.problems.problem import Problem
from ws9tui.problems.run import (
    ContainerMissing,
    FileChanged,
    FileMissing,
    FileNotInGeneration,
    GenerationBroken,
    GenerationImageGone,
    IsRunning,
    IsStopped,
    KeepTagMissing,
    RegistrySilent,
)

ASK_SECONDS = 15.0
"""seconds that a registry has to answer whether it still has an image"""
_OF_STATE = {Kind.START: IsStopped, Kind.STOP: IsRunning}
_BECAUSE_OF_OTHERS = (
    FollowsNetwork,
    InsideReplaced,
    FollowsRestart,
    SharesImage,
    EnvFileChanges,
    VariableChanges,
)
"""causes of a recreate that are no differences themselves"""


async def describe(
    engine: Engine,
    state: Path,
    target: Generation,
    present: Generation,
    observed: Observed,
    archives: Archives | None = None,
    *,
    previous: bool = False,
) -> GenerationFound:
    """Describes a generation as far as possible without a registry; ``pulls`` are the references that are not local.

    ``previous``: the generation is the default target of a rollback.
    """
    missing = [s for s in target.defined if s.image_id and await engine.image(s.image_id) is None]
    if archives is None:
        gone = next((service for service in missing if not service.digest), None)
    else:
        gone = next((service for service in missing if archives.with_id(service.image_id) is None), None)
    problem: Problem | None = None
    reach = (Reach.CHECKING if archives is None else Reach.ARCHIVE) if missing else Reach.LOCAL
    if target.broken:
        reach, problem = Reach.BROKEN, GenerationBroken(number=target.number)
    elif gone is not None and archives is not None:
        reach, problem = Reach.GONE, ArchiveLacks(references=gone.reference)
    elif gone is not None:
        reach = Reach.GONE
        problem = KeepTagMissing(image=gone.reference, service=gone.name, number=target.number)
    changes = _services(target, present, observed)
    told = differences.entry(
        target,
        (*changes, *_files(state, target)),
        runs=not changes and not target.broken,
        previous=previous,
        data=backup.newest(state, target.number),
    )
    return msgspec.structs.replace(
        told,
        reach=reach,
        problem=problem,
        pulls=tuple(dict.fromkeys(s.reference.at(s.digest) for s in missing if s.digest)),
    )


async def check(engine: Engine, found: Iterable[GenerationFound], tell: Callable[[GenerationFound], None]) -> None:
    """Asks the registries about all images that would have to be pulled, and reports the result for each generation."""
    asking = [entry for entry in found if entry.reach is Reach.CHECKING]
    slots = asyncio.Semaphore(ASK_PARALLEL)

    async def ask(reference: str) -> Problem | None:
        async with slots:
            try:
                await asyncio.wait_for(engine.resolve(reference), ASK_SECONDS)
            except TimeoutError:
                return RegistrySilent(registry=Reference(reference).registry, seconds=ASK_SECONDS)
            except Ws9tuiError as error:
                return error.problem
        return None

    references = tuple(dict.fromkeys(reference for entry in asking for reference in entry.pulls))
    answers = dict(zip(references, await asyncio.gather(*map(ask, references)), strict=True))
    for entry in asking:
        tell(_judged(entry, {ref: problem for ref in entry.pulls if (problem := answers[ref]) is not None}))


def _judged(entry: GenerationFound, problems: Mapping[str, Problem]) -> GenerationFound:
    gone = next((reference for reference, problem in problems.items() if isinstance(problem, NOT_THERE)), None)
    if gone is not None:
        problem = GenerationImageGone(image=gone, number=entry.number)
        return msgspec.structs.replace(entry, reach=Reach.GONE, problem=problem)
    if problems:
        return msgspec.structs.replace(entry, reach=Reach.UNKNOWN, problem=next(iter(problems.values())))
    return msgspec.structs.replace(entry, reach=Reach.PULL)


# --- differences ----------------------------------------------------------------------------------------------


def _services(target: Generation, present: Generation, observed: Observed) -> list[Difference]:
    """Returns the operations on containers that a rollback would need, as differences."""
    plan = back_plan(target, present, observed, tuple(dict.fromkeys((*target.services, *present.services))))
    found = []
    for operation in plan.of_containers:
        if isinstance(operation.cause, _BECAUSE_OF_OTHERS):
            continue
        of_state = _OF_STATE.get(operation.kind)
        problem = of_state(service=operation.subject) if of_state else operation.cause
        if isinstance(problem, NotThere):
            problem = ContainerMissing(service=operation.subject)
        found.append(Difference(operation.subject, problem))
    return found


def _files(state: Path, target: Generation) -> list[Difference]:
    variables = {*inputs.env_files(target.source)}
    variables.update(path for service in target.project.services.values() for path in service.env_files)
    found = []
    for stored in target.files:
        try:
            present = files.sha256(stored.path)
        except StateError as error:
            found.append(Difference(stored.path, error.problem, file=True))
            continue
        if present == stored.sha256:
            continue
        kind = FileMissing if not present else FileChanged if stored.sha256 else FileNotInGeneration
        keys = _keys(state, target, stored) if kind is FileChanged and stored.path in variables else ()
        found.append(Difference(stored.path, kind(file=stored.path), file=True, keys=keys))
    return found


def _keys(state: Path, target: Generation, stored: StoredFile) -> tuple[str, ...]:
    """Returns the variables of an env file that differ in value, or are set on one side only."""
    try:
        then = generation.content(state, target, stored)
        now = files.read(stored.path) or b""
    except (OSError, StateError):
        return ()
    old, new = (
        {entry.name: entry.value for entry in envfile.assignments(text.decode("utf-8", "replace"))}
        for text in (then, now)
    )
    return tuple(name for name in dict.fromkeys((*old, *new)) if old.get(name) != new.get(name))
