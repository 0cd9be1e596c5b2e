"""Builds generations: of what runs now, and of what a run is going to."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.staging import Staged
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal.journal import now
from ws9tui.core.model.image import ServiceImage, Used, as_used
from ws9tui.core.model.observed import Container
from ws9tui.core.model.project import Project, Service
from ws9tui.core.model.reference import Reference
from ws9tui.core.store import users
from ws9tui.core.store.generation import Generation, GenerationService, read_contents, store_files, store_folders


def running(
    opened: Opened, found: Survey, number: int, as_it_runs: Staged, run_id: str
) -> tuple[Generation, dict[str, bytes]]:
    """Returns the generation that runs now, and the contents of its files by copy name.

    ``as_it_runs`` are the edits by which the files name the running images, ``run_id`` is the name of the run's folder.
    """
    stored, copies = store_files(_contents(found, as_it_runs))
    services = {
        name: _as_found(found, name, as_it_runs.definitions)
        for name in dict.fromkeys((*found.project.services, *sorted(found.containers)))
    }
    source = msgspec.structs.replace(found.source, environment=as_it_runs.environment)
    differs = as_it_runs.edits or source != found.source
    references = {name: service.reference for name, service in services.items()} if differs else {}
    generation = Generation(
        number,
        now(),
        opened.number,
        _with_references(msgspec.structs.replace(found.project, source=source), references),
        services,
        stored,
        networks=found.networks,
        compose_version=opened.compose_version,
        engine_version=opened.info.version,
        settings=found.definition.settings,
        hooks=found.definition.hooks,
        notify=found.definition.notify,
        version=found.version,
        companions=found.companions,
        reached=True,
        folders=store_folders(stored),
        run_id=run_id,
        keeper=users.keeper(),
    )
    return generation, copies


def _contents(found: Survey, staged: Staged) -> dict[str, bytes | None]:
    """Returns the contents of the project's files with these edits made."""
    return read_contents(found.inputs) | {edit.path: edit.content for edit in staged.edits}


def _as_found(found: Survey, name: str, definitions: Mapping[str, str]) -> GenerationService:
    container = found.container(name)
    service = found.project.services.get(name)
    definition = definitions.get(name, "")
    if container is None:
        return GenerationService(
            name,
            service.reference if service else Reference(),
            config_hash=found.hashes.get(name, ""),
            definition=definition,
            state="absent",
        )
    runs = found.image(container)
    return GenerationService(
        name,
        container.image,
        image_id=container.image_id,
        digest=runs.digest or _digest(found.last, name, container.image_id, container.image),
        version=runs.version,
        config_hash=container.config_hash if name in found.hashes else "",
        definition="" if found.edited(name) else definition,
        made="" if name in found.hashes else container.config_hash,
        state=found.state(name),
        replicas=sum(not other.twin for other in found.containers[name]),
        archive=_archive(found.last, name, container.image_id),
        others=found.other_images(name),
        manifest=container.manifest,
        used=_used(found, service, container) if service else {},
    )


def _used(found: Survey, service: Service, container: Container) -> dict[Reference, Used]:
    """Returns the images that a service uses besides its own: of a mounted reference the one in use, whatever its tag.

    If that image has no name any more, it may be one that the last generation has kept.
    """
    recorded = found.last.services.get(service.name) if found.last else None
    earlier = recorded.used if recorded else {}
    used: dict[Reference, Used] = {}
    for reference in service.besides:
        noted = [
            container.mounted_images[mount.target]
            for mount in container.mounts
            if mount.type == "image" and mount.name == reference and mount.target in container.mounted_images
        ]
        candidates = [as_used(found.besides[reference], reference)] if reference in found.besides else []
        candidates += [earlier[reference]] if reference in earlier else []
        fitting = [candidate for candidate in candidates if all(map(candidate.mounted_as, noted))]
        if fitting:
            used[reference] = fitting[0]
    return used


def _archive(recorded: Generation | None, name: str, image_id: str) -> str:
    """Returns the archive that a service's image came from, if a generation with this image records one."""
    service = recorded.services.get(name) if recorded else None
    return service.archive if service and service.image_id == image_id else ""


def _digest(recorded: Generation | None, name: str, image_id: str, reference: str) -> str:
    """Returns the recorded repository digest of exactly this image: an engine that loads an image does not know it."""
    service = recorded.services.get(name) if recorded else None
    return service.digest if service and (service.image_id, service.reference) == (image_id, reference) else ""


def with_origins(reached: Generation, wanted: Generation) -> Generation:
    """Returns the generation that runs, completed with what only the wanted generation knows.

    That is the images' origins (archive and digest), the definitions of services whose hashes cannot be compared, and
    the number of the generation before.
    """
    services = {
        name: msgspec.structs.replace(
            service,
            archive=_archive(wanted, name, service.image_id) or service.archive,
            digest=service.digest or _digest(wanted, name, service.image_id, service.reference),
            definition=wanted.services[name].definition if name in wanted.services else service.definition,
        )
        for name, service in reached.services.items()
    }
    return msgspec.structs.replace(reached, services=services, before=wanted.before)


def next_one(
    number: int,
    run: int,
    present: Generation,
    found: Survey,
    wanted: Mapping[str, ServiceImage],
    staged: Staged,
    definitions_now: Mapping[str, str],
) -> tuple[Generation, dict[str, bytes]]:
    """Returns the generation that a run goes to: the present one with the selected services changed.

    ``found`` is the project as it will be, ``definitions_now`` are its current config hashes. A service whose
    definition the edits change gets the new hash, selected or not. A selected service without a container, or a failed
    one, is to run; a stopped one stays stopped.
    """
    hashes, definitions = staged.hashes, staged.definitions
    stored, copies = store_files(_contents(found, staged))
    services = {
        name: msgspec.structs.replace(service, config_hash=hashes.get(name, ""), definition=definitions.get(name, ""))
        if definitions.get(name, "") != definitions_now.get(name, "")
        else service
        for name, service in present.services.items()
        if name in found.project.services
    }
    for name, want in wanted.items():
        was = present.services.get(name) or GenerationService(name, Reference(), state="absent")
        model = found.project.services[name]
        services[name] = msgspec.structs.replace(
            was.having(want),
            reference=want.reference,
            config_hash=hashes.get(name, ""),
            definition=definitions.get(name, ""),
            made="",
            state="running" if was.state in ("absent", "failed") else was.state,
            replicas=model.replicas if was.state == "absent" else was.replicas,
            used=want.used,
        )
    services |= _sharing(services, wanted)
    moved = {reference: used for want in wanted.values() for reference, used in want.used.items()}
    services = {
        name: msgspec.structs.replace(service, used={ref: moved.get(ref, used) for ref, used in service.used.items()})
        for name, service in services.items()
    }
    generation = msgspec.structs.replace(
        present,
        number=number,
        before=present.number,
        created_at=now(),
        run=run,
        project=_with_besides(
            _with_references(found.project, {name: want.reference for name, want in wanted.items()}), staged
        ),
        services=services,
        files=stored,
        settings=found.definition.settings,
        hooks=found.definition.hooks,
        notify=found.definition.notify,
        version=found.version,
        companions=found.companions,
        reached=False,
        folders=store_folders(stored),
        broken=False,
        keeper=users.keeper(),
    )
    return generation, copies


def _sharing(
    services: Mapping[str, GenerationService], wanted: Mapping[str, ServiceImage]
) -> dict[str, GenerationService]:
    """Returns the other services whose image has the tag of a wanted one: for Compose the tag moves for them, too."""
    moved = {tag: want for want in wanted.values() if want.local.id and (tag := want.reference.tagged)}
    return {
        name: service.having(want)
        for name, service in services.items()
        if name not in wanted and service.state != "absent"
        if (want := moved.get(service.reference.tagged)) is not None
    }


def _with_besides(project: Project, staged: Staged) -> Project:
    """Returns the project with the further images that its services use once the edits are made."""
    services = {
        name: msgspec.structs.replace(
            model, mounted=staged.models[name].mounted, hook_images=staged.models[name].hook_images
        )
        if name in staged.models
        else model
        for name, model in project.services.items()
    }
    return msgspec.structs.replace(project, services=services)


def _with_references(project: Project, references: Mapping[str, Reference]) -> Project:
    services = {
        name: msgspec.structs.replace(model, reference=model.reference and references.get(name, model.reference))
        for name, model in project.services.items()
    }
    return msgspec.structs.replace(project, services=services)
