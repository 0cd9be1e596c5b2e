"""Records what runs as a generation, without touching it.

Nothing of the project changes: a generation is written to the state directory, and its images get keep tags. Warns of
what a rollback to that generation would not restore as it is now.
"""

from __future__ import annotations

from collections.abc import Iterator

from ws9tui.core.commit import record
from ws9tui.core.images import resolve
from ws9tui.core.inspect import host
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Outcome, Verb
from ws9tui.core.session import Session
from ws9tui.core.store import generation
from ws9tui.core.store.generation import Generation
from ws9tui.errors import UsageError
from ws9tui.problems.plan import Orphan, ReplicasDiffered, Twin
from ws9tui.problems.problem import Problem
from ws9tui.problems.run import AdoptedDefinition, AdoptedReference, MadeFromOtherFiles, NotByCompose, NothingToAdopt


async def adopt(session: Session, opened: Opened) -> e.Finished:
    """Records what runs as a generation; raises `UsageError` if the project has no containers."""
    opened.announce(session, Verb.ADOPT)
    found = await session.cancellable(opened.survey(session))
    resolve.show(session, found)
    if found.first:
        raise UsageError(NothingToAdopt(project=opened.source.name))
    here = await session.cancellable(record.present(session, opened, found))
    present = here.generation
    edited = record.redefined(found, here.edited, AdoptedDefinition)
    for problem in (*edited, *_doubts(found, present)):
        session.warn(problem)
    known = present.number in generation.numbers(opened.state)
    await session.cancellable(record.save(session, opened, found, here))
    if known:
        return e.Finished(outcome=Outcome.UP_TO_DATE)
    session.remember()
    return e.Finished(outcome=Outcome.ADOPTED)


def _doubts(found: Survey, present: Generation) -> Iterator[Problem]:
    """Yields what a rollback to this generation would not restore as it is now."""
    for name, service in present.services.items():
        model = present.project.services.get(name)
        if model is None:
            for container in found.containers.get(name, ()):
                yield Orphan(container=container.name, service=name)
            continue
        if service.state == "absent":
            yield from (NotByCompose(container=other.name, service=name) for other in host.namesakes(found, name))
        elif model.reference and service.reference != model.reference:
            yield AdoptedReference(service=name, running=service.reference, reference=model.reference)
        if service.others:
            yield ReplicasDiffered(service=name, reference=service.reference, number=present.number)
        for container in found.containers.get(name, ()):
            if container.twin:
                yield Twin(container=container.name)
            elif container.config_files and container.config_files != found.source.files:
                yield MadeFromOtherFiles(service=name, files=", ".join(container.config_files))
