"""The differences of one generation from another, from their records alone, without engine and disk.

Each difference is stated as the change that going to the generation would cause.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TypeGuard

from ws9tui.core.journal.events import GenerationFound
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Difference, Outcome
from ws9tui.core.store.generation import Generation, GenerationService
from ws9tui.problems.plan import ImageChanged, NotInGeneration
from ws9tui.problems.problem import Problem
from ws9tui.problems.project import DefinitionChanged
from ws9tui.problems.run import ContainerMissing, FileChanged, FileMissing, FileNotInGeneration, IsRunning, IsStopped


def differences(generation: Generation, running: Generation) -> tuple[Difference, ...]:
    """Returns the differences of a generation from the running one: services first, then files."""
    return (*_services(generation, running), *_files(generation, running))


def left_running(states: Iterable[RunState]) -> int:
    """Returns the number of the generation that is running according to the runs, the newest first; 0 if unknown."""
    for state in states:
        finished, plan = state.finished, state.plan
        if not state.changed.before_commit and (finished is None or finished.outcome is Outcome.NEEDS_RECOVERY):
            return 0
        if state.verified is not None:
            return state.verified.to
        if finished is not None and finished.outcome is Outcome.KEPT and plan is not None:
            return plan.after
        if state.saved:
            return state.saved
    return 0


def entry(
    recorded: Generation,
    changes: Collection[Difference],
    *,
    runs: bool,
    previous: bool = False,
    data: Collection[str] = (),
) -> GenerationFound:
    """Returns a generation's entry for a list of generations, without where its images can be obtained."""
    return GenerationFound(
        number=recorded.number,
        created_at=recorded.created_at,
        version=recorded.version,
        services={service.name: service.version or service.reference for service in recorded.defined},
        image_ids={service.name: service.image_id for service in recorded.defined if service.image_id},
        runs=runs,
        proven=recorded.reached,
        salvaged=recorded.run == 0,
        pinned=recorded.pinned,
        previous=previous,
        data=tuple(data),
        differences=tuple(changes),
    )


def previous(generations: Collection[Generation], present: Generation) -> Generation | None:
    """Returns the default target of a rollback: the generation before the present one's update, else the latest before.

    The two may differ, as the latest one may have been rolled back before the update.
    """
    earlier = [
        one
        for one in generations
        if one.reached and not one.empty and one.number < present.number and not one.same_content(present)
    ]
    return next((one for one in earlier if one.number == present.before), earlier[-1] if earlier else None)


def _services(generation: Generation, running: Generation) -> list[Difference]:
    found = []
    for name in dict.fromkeys((*generation.project.services, *running.project.services)):  # without orphans
        problem = _service(name, generation, running)
        if problem is not None:
            found.append(Difference(name, problem))
    return found


def _service(name: str, generation: Generation, running: Generation) -> Problem | None:
    here, there = generation.services.get(name), running.services.get(name)
    if not _is_there(here):
        return NotInGeneration() if _is_there(there) else None
    if not _is_there(there):
        return ContainerMissing(service=name)
    if not here.same_image(there) or {here.image_id, *here.others} != {there.image_id, *there.others}:
        return ImageChanged(
            old=there.reference,
            new=here.reference,
            old_id=there.image_id,
            new_id=here.image_id,
            old_version=there.version,
            new_version=here.version,
        )
    if here.besides != there.besides or _redefined(
        here, there, same=generation.compose_version == running.compose_version
    ):
        return DefinitionChanged(service=name)
    if (here.state == "stopped") is not (there.state == "stopped"):
        return IsRunning(service=name) if here.state == "stopped" else IsStopped(service=name)
    return None


def _is_there(service: GenerationService | None) -> TypeGuard[GenerationService]:
    return service is not None and service.state != "absent"


def _redefined(here: GenerationService, there: GenerationService, *, same: bool) -> bool:
    """Whether the definitions differ; False if made by different Compose versions, whose hashes are incomparable."""
    if not same:
        return False
    pairs = ((here.definition, there.definition), (here.config_hash, there.config_hash))
    return any("" not in pair and pair[0] != pair[1] for pair in pairs)


def _files(generation: Generation, running: Generation) -> list[Difference]:
    here = {stored.path: stored.sha256 for stored in generation.files}
    there = {stored.path: stored.sha256 for stored in running.files}
    found = []
    for path in dict.fromkeys((*here, *there)):
        mine, theirs = here.get(path, ""), there.get(path, "")
        if mine != theirs:
            kind = FileChanged if mine and theirs else FileMissing if mine else FileNotInGeneration
            found.append(Difference(path, kind(file=path), file=True))
    return found
