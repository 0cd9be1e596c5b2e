"""Salvages generations after the state directory is lost, from the images that keep tags hold on the engine.

A keep tag names project, generation and service; the image's other tags and its repository digest give the reference.
The files of those generations are lost, so today's files are used instead, with the references edited.
"""

from __future__ import annotations

import re

import msgspec

from ws9tui.core.inspect import snapshot, staging
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.model.evidence import shown_version
from ws9tui.core.model.observed import Image
from ws9tui.core.session import Session
from ws9tui.core.store import generation, users
from ws9tui.core.store.generation import GenerationService, keep_tag
from ws9tui.errors import UsageError
from ws9tui.problems.run import Salvaged, SalvagedStopped


async def from_keep_tags(session: Session, opened: Opened, found: Survey) -> None:
    """Records again the lost generations that the engine's keep tags name, and warns how complete they are."""
    name = found.source.name
    repository = keep_tag(name, 0, "", users.keeper()).name
    recorded = generation.numbers(opened.state)
    images: dict[int, dict[str, Image]] = {}
    for tag in found.observed.tags:
        match = re.fullmatch(re.escape(repository) + r":(\d+)-(.+)", tag)
        if match and int(match[1]) in recorded:
            continue
        image = await session.engine.image(tag) if match else None
        if match and image is not None and match[2] in found.project.services:
            images.setdefault(int(match[1]), {})[match[2]] = image
    salvaged = [
        number
        for number, by_service in sorted(images.items())
        if await _recorded(session, opened, found, number, by_service)
    ]
    if salvaged:
        session.warn(Salvaged(project=name, numbers=", ".join(str(number) for number in salvaged)))


async def _recorded(session: Session, opened: Opened, found: Survey, number: int, images: dict[str, Image]) -> bool:
    """Records one generation again; False if today's files cannot be used for it."""
    services = {name: _service(found, name, image) for name, image in images.items()}
    try:
        wanted = {name: service.reference for name, service in services.items()}
        staged = await staging.stage(session.compose, found, wanted, session.folder)
    except UsageError as error:
        session.warn(error.problem)
        return False
    present, copies = snapshot.running(opened, found, number, staged, "")
    everything = {
        name: msgspec.structs.replace(
            service, config_hash=staged.hashes.get(name, ""), definition=staged.definitions.get(name, "")
        )
        for name, service in {**present.services, **services}.items()
    }
    for name in (name for name, service in everything.items() if service.state == "stopped"):
        session.warn(SalvagedStopped(service=name), name)
    generation.write(opened.state, msgspec.structs.replace(present, services=everything, run=0), copies)
    return True


def _service(found: Survey, name: str, image: Image) -> GenerationService:
    """Returns a service as its keep tag describes it: the image, and a reference by which the files can name it."""
    present = found.project.services[name].reference
    tag = next((entry for entry in sorted(image.tags, reverse=True) if entry.same_repository(present)), None)
    reference = tag if tag and present.tagged not in image.tags else present
    return GenerationService(
        name,
        reference,
        image_id=image.id,
        digest=present.digest_in(image.digests),
        version=shown_version(image, reference),
        state=_state(found, name),
        manifest=image.manifest,
    )


def _state(found: Survey, name: str) -> str:
    """Returns a salvaged service's state: running if it has no container, or one that a kill left unstarted.

    A service that the operator stopped cannot be told from one that a lost run stopped; it stays as it is.
    """
    container = found.container(name)
    if container is None or container.state == "created":
        return "running"
    return found.state(name)
