"""Fetches the images of a run: by digest from registries, or from archives."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from ws9tui.core.images import load, pull
from ws9tui.core.images.archive import ArchivedImage, Archives
from ws9tui.core.images.pull import Target
from ws9tui.core.images.resolve import ask_registry
from ws9tui.core.model.image import ServiceImage, Used, as_used
from ws9tui.core.model.observed import Image
from ws9tui.core.model.project import Service
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Choice, Question
from ws9tui.core.session import DECISION_DEADLINE, Session, WentBack
from ws9tui.core.store.generation import Generation
from ws9tui.errors import Refused, RegistryError, Ws9tuiError
from ws9tui.problems.archive import ArchiveLacks
from ws9tui.problems.image import NOT_THERE, DigestDiffers
from ws9tui.problems.plan import InputChanged
from ws9tui.problems.run import GenerationImageGone, GenerationImagePulled, KeepTagMissing


class Fetcher:
    """Fetches the images of one run."""

    def __init__(self, session: Session, project: str, run: int, archives: Archives | None = None) -> None:
        self._session = session
        self._project = project
        self._run = run
        self._archives = archives
        """archives that are used instead of any registry"""
        self._existing: frozenset[str] | None = None
        """IDs of the images that were there before the run pulled anything"""

    async def pull(self, chosen: Mapping[str, ServiceImage]) -> dict[str, ServiceImage]:
        """Fetches the images of the chosen services; raises the first failure if not all arrived, and `WentBack`."""
        targets: dict[str, Target] = {}
        names: dict[str, str] = {}
        for service, want in chosen.items():
            archived = self._archives.with_id(want.local.id) if self._archives and want.archive else None
            target = self._target(want, service, archived)
            names[service] = target.name
            if known := targets.get(target.name):
                target = msgspec.structs.replace(known, services=(*known.services, service))
            targets[target.name] = target
        images = await self._all(list(targets.values()), chosen)
        return {service: want.here(images[names[service]]) for service, want in chosen.items()}

    async def _all(self, targets: Sequence[Target], chosen: Collection[str]) -> dict[str, Image]:
        """Fetches all targets; asks the operator if some fail. Raises the first failure, and `WentBack`.

        ``chosen`` are all services of the update.
        """
        images: dict[str, Image] = {}
        while True:
            images |= await self._here(targets)
            done, failed = await self._bring([target for target in targets if target.name not in images])
            images |= done
            if not failed:
                return images
            needing = [name for target in targets if target.reference in failed for name in target.services]
            services = tuple(dict.fromkeys(needing))
            decision = await self._session.ask(
                Question.PULL_FAILED,
                self._after_failure(services, chosen),
                Choice.CANCEL,
                seconds=DECISION_DEADLINE,
                options=services,
            )
            if decision.choice is Choice.CANCEL:
                raise next(iter(failed.values()))
            if decision.choice is not Choice.RETRY:
                raise WentBack(services, without=decision.choice is Choice.LEAVE_OUT)

    def _after_failure(self, services: Collection[str], chosen: Collection[str]) -> tuple[Choice, ...]:
        """Returns the operator's choices after the images of these services could not be fetched."""
        if not self._session.walks:
            return (Choice.RETRY, Choice.CANCEL)
        others = (Choice.LEAVE_OUT,) if set(chosen) - set(services) else ()
        return (Choice.RETRY, *others, Choice.PREVIOUS, Choice.CANCEL)

    async def _here(self, targets: Iterable[Target]) -> dict[str, Image]:
        """Returns the local images of targets that neither a registry nor an archive provides; raises `Refused`."""
        found = {}
        for target in targets if self._archives is None else ():
            if not target.want.offline:
                continue
            image = await self._session.engine.image(target.name)
            if image is None:
                raise Refused(InputChanged(what="image", detail=target.reference))
            found[target.name] = image
        return found

    def _target(self, want: ServiceImage, service: str, archived: ArchivedImage | None = None) -> Target:
        """Returns a service's fetch target: from an archive, by digest, or by the ID of a local image."""
        if archived is None or self._archives is None:
            return Target(want, (service,))
        number = self._archives.images.index(archived)
        return Target(want, (service,), archived, load.load_tag(self._project, self._run, number))

    async def _bring(self, targets: Sequence[Target]) -> tuple[dict[str, Image], dict[str, Ws9tuiError]]:
        """Pulls or loads these images; records the images that existed before, once per run."""
        if not targets:
            return {}, {}
        session, options = self._session, self._session.options
        session.begun = True
        if self._existing is None:
            self._existing = await pull.images_there(session.engine)
            if not session.committed:
                pull.note_images(session.folder, self._existing)
        way = pull.pull_all if self._archives is None else load.load_all
        return await way(
            session.engine,
            targets,
            session.emit,
            existing=self._existing,
            pull_timeout=options.pull_timeout,
            stall_timeout=options.stall_timeout,
        )

    async def besides(self, models: Sequence[Service], *, pull: bool) -> dict[Reference, Used]:
        """Returns the further images that services use, by reference: those of hooks as the registry has them now.

        A mounted image stays the local one, as Compose pulls it only if it is missing; so does a hook's image that no
        registry provides. Without ``pull``, an image that is not local is known by its digest alone.
        """
        found: dict[Reference, Used] = {}
        targets: dict[Reference, Target] = {}
        for model in models:
            for reference in model.besides:
                here = await self._session.engine.image(reference)
                if here is not None and (reference in model.mounted or self._archives is not None):
                    found.setdefault(reference, as_used(here, reference))
                elif reference not in targets:
                    target = await self._beside(reference, model.name, here)
                    if target is not None:
                        targets[reference] = target
                    elif here is not None:
                        found[reference] = as_used(here, reference)
        if not pull:
            return found | {ref: Used(target.want.digest, target.want.digest) for ref, target in targets.items()}
        done = await self._all(list(targets.values()), [model.name for model in models])
        return found | {ref: as_used(done[target.name], ref) for ref, target in targets.items()}

    async def beside(self, reference: Reference, used: Used, service: str) -> Used:
        """Fetches a further image that a service used: from the archives, else by its digest."""
        want = ServiceImage(reference, used.digest, Image(used.image_id))
        archived = self._archives.with_id(used.image_id) if self._archives else None
        target = self._target(want, service, archived)
        images = await self._all([target], [service])
        return msgspec.structs.replace(as_used(images[target.name], reference), digest=used.digest)

    async def _beside(self, reference: Reference, service: str, here: Image | None) -> Target | None:
        """Returns the target of such an image; None to keep the local one if the registry fails."""
        if self._archives is not None:
            archived = next(iter(self._archives.named(reference)), None)
            if archived is None:
                raise Refused(ArchiveLacks(references=reference))
            return self._target(ServiceImage(reference), service, archived)
        try:
            manifest = await ask_registry(self._session.engine, reference)
        except RegistryError as error:
            if here is None:
                raise
            self._session.warn(error.problem, service)
            return None
        return self._target(ServiceImage(reference, manifest.digest), service)

    async def fetch(
        self, earlier: Generation, scope: Collection[str] | None = None, *, plan_only: bool = False
    ) -> None:
        """Fetches the images of an earlier generation that are no longer local; mostly there are none.

        They are pulled by digest, or loaded from the given archives. ``scope`` restricts the services; None: all. With
        ``plan_only`` the registries are only asked whether they have them.

        A keep tag does not protect an image that no container uses from `docker image prune --all`. Raises `Refused`
        if an image cannot be restored as it was.
        """
        targets, missing = [], []
        for name in earlier.project.services if scope is None else scope:
            service = earlier.services.get(name)
            if service is None or name not in earlier.project.services:
                continue  # not part of the project at that time, or an orphan of it
            for reference, used in service.used.items():
                if await self._session.engine.image(used.image_id) is None and used.digest and self._archives is None:
                    targets.append(self._target(ServiceImage(reference, used.digest, Image(used.image_id)), name))
            if not service.image_id or await self._session.engine.image(service.image_id) is not None:
                continue
            if self._archives is not None:
                archived = self._archives.with_id(service.image_id)
                if archived is None:
                    missing.append(service.reference)
                else:
                    targets.append(self._target(service.image, name, archived))
                continue
            if not service.digest:
                raise Refused(KeepTagMissing(image=service.reference, service=name, number=earlier.number))
            targets.append(self._target(service.image, name))
        if missing:
            raise Refused(ArchiveLacks(references=", ".join(dict.fromkeys(missing))))
        done, failed = await (self._announce(targets, earlier.number) if plan_only else self._bring(targets))
        gone = next((name for name, error in failed.items() if isinstance(error.problem, NOT_THERE)), None)
        if gone is not None:
            raise Refused(GenerationImageGone(image=gone, number=earlier.number))
        if failed:
            raise next(iter(failed.values()))
        for target in () if plan_only else targets:
            if done[target.name].id != target.want.local.id:
                raise Refused(DigestDiffers(reference=target.reference, digest=target.want.digest))

    async def _announce(
        self, targets: Iterable[Target], number: int
    ) -> tuple[dict[str, Image], dict[str, Ws9tuiError]]:
        """Warns that these images will be pulled; returns none as done, and those that no registry gives as failed."""
        failed: dict[str, Ws9tuiError] = {}
        for target in targets if self._archives is None else ():
            self._session.warn(GenerationImagePulled(image=target.reference, number=number))
            try:
                await ask_registry(self._session.engine, target.reference.at(target.want.digest))
            except RegistryError as error:
                failed[target.reference] = error
        return {}, failed

    async def without_pull(self, chosen: Mapping[str, ServiceImage]) -> dict[str, ServiceImage]:
        """Returns what the chosen services would get, for a dry run: an image that is not local has only its digest."""
        result = {}
        for service, want in chosen.items():
            image = await self._session.engine.image(want.name) or Image(want.local.id or want.digest)
            result[service] = msgspec.structs.replace(want, local=image)
        return result
