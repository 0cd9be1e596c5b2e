"""Fetches the images of a run: by digest from registries, or from archives."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec

from ws9tui.core.images import load, offline, pull
from ws9tui.core.images.archive import ArchivedImage, Archives
from ws9tui.core.images.pull import Pulled, Target
from ws9tui.core.images.resolve import ask_registry
from ws9tui.core.inspect.snapshot import Wanted, as_used
from ws9tui.core.journal import events as e
from ws9tui.core.model import evidence
from ws9tui.core.model.observed import Image
from ws9tui.core.model.project import Service
from ws9tui.core.model.reference import Reference, parse
from ws9tui.core.model.terms import Choice, Finding, Level, Question
from ws9tui.core.session import DECISION_DEADLINE, Session
from ws9tui.core.store.generation import Generation, Used
from ws9tui.errors import NOT_THERE, Refused, RegistryError, Ws9tuiError


class Bringer:
    """Brings the images of one run."""

    def __init__(
        self,
        session: Session,
        project: str,
        run: int,
        resolved: Mapping[str, e.ReferenceResolved],
        archives: Archives | None = None,
    ) -> None:
        self._session = session
        self._project = project
        self._run = run
        self._resolved = resolved
        self._archives = archives
        """what is used instead of any registry"""

    async def pull(self, chosen: Mapping[str, Reference]) -> dict[str, Wanted]:
        """Pulls what the chosen services need; raises the first failure when not all came."""
        targets: dict[str, Target] = {}
        for name, reference in chosen.items():
            target = self._target(name, reference)
            known = targets.get(target.by_digest)
            if known:
                target = msgspec.structs.replace(known, services=(*known.services, name))
            targets[target.by_digest] = target
        images: dict[str, Image] = {}
        await pull.note_images(self._session.engine, self._session.folder)
        while True:
            images |= await self._here(targets.values(), chosen)
            missing = [target for target in targets.values() if target.by_digest not in images]
            done, failed = await self._bring(missing)
            images |= {entry.target.by_digest: entry.image for entry in done}
            if not failed:
                break
            decision = await self._session.ask(
                Question.PULL_FAILED, (Choice.RETRY, Choice.CANCEL), Choice.CANCEL, seconds=DECISION_DEADLINE
            )
            if decision.choice is Choice.CANCEL:
                raise next(iter(failed.values()))
        result = {}
        for target in targets.values():
            for name in target.services:
                image = images[target.by_digest]
                result[name] = self._wanted(name, chosen[name], image)
        return result

    async def _here(self, targets: Iterable[Target], chosen: Mapping[str, Reference]) -> dict[str, Image]:
        """The images that are to be taken as they are here, for no registry and no archive has them."""
        found = {}
        for target in targets if self._archives is None else ():
            if not self._resolved[target.services[0]].offline:
                continue
            image = await self._session.engine.image(target.by_digest)
            if image is None:
                raise Refused("input-changed", what="image", detail=str(chosen[target.services[0]]))
            found[target.by_digest] = image
        return found

    def _target(self, name: str, reference: Reference) -> Target:
        """What is to be had for a service: by digest, from an archive, or by the ID of what is here already."""
        answer = self._resolved[name]
        if not answer.offline:
            return Target(str(reference), reference.at(answer.digest), (name,))
        archived = self._archives.with_id(answer.image_id) if self._archives and answer.archive else None
        return Target(str(reference), self._load_tag(archived) if archived else answer.image_id, (name,), archived)

    def _load_tag(self, archived: ArchivedImage) -> str:
        number = self._archives.images.index(archived) if self._archives else 0
        return load.load_tag(self._project, self._run, number)

    def _wanted(self, name: str, reference: Reference, image: Image) -> Wanted:
        answer = self._resolved[name]
        version = evidence.shown_version(image, str(reference))
        return Wanted(str(reference), image, answer.digest, version, answer.archive, offline=answer.offline)

    async def _bring(self, targets: Sequence[Target]) -> tuple[list[Pulled], dict[str, Ws9tuiError]]:
        """Pulls or loads these images."""
        self._session.begun = self._session.begun or bool(targets)
        options = self._session.options
        way = pull.pull_all if self._archives is None else load.load_all
        return await way(
            self._session.engine,
            targets,
            self._session.emit,
            pull_timeout=options.pull_timeout,
            stall_timeout=options.stall_timeout,
        )

    async def besides(self, models: Iterable[Service], *, pull: bool) -> dict[str, Used]:
        """The images that services use besides their own, by reference: those of hooks as the registry has them now.

        One that is mounted stays what it is here, for Compose pulls it only where it is missing, and so does one of a
        hook that no registry gives. Without ``pull`` one that is not here is known by its digest alone.
        """
        found: dict[str, Used] = {}
        targets: list[Target] = []
        for model in models:
            for reference in model.besides:
                here = await self._session.engine.image(reference)
                if here is not None and (reference in model.mounted or self._archives is not None):
                    found.setdefault(reference, as_used(here, reference))
                elif not any(target.reference == reference for target in targets):
                    target = await self._beside(reference, model.name, here)
                    targets += [target] if target else []
                    if target is None and here is not None:
                        found[reference] = as_used(here, reference)
        if not pull:
            return found | {target.reference: Used(target.digest, target.digest) for target in targets}
        done, failed = await self._bring(targets)
        if failed:
            raise next(iter(failed.values()))
        return found | {entry.target.reference: as_used(entry.image, entry.target.reference) for entry in done}

    async def _beside(self, reference: str, service: str, here: Image | None) -> Target | None:
        """Where such an image is to be had; None where it stays what it is here."""
        wanted = parse(reference)
        if self._archives is not None:
            archived = next(iter(self._archives.named(wanted)), None)
            if archived is None:
                raise Refused(offline.MISSING, references=reference)
            return Target(reference, self._load_tag(archived), (service,), archived)
        try:
            manifest = await ask_registry(self._session.engine, reference)
        except RegistryError as error:
            if here is None:
                raise
            self._session.emit(e.Found(finding=Finding(Level.WARNING, error.problem, service)))
            return None
        return Target(reference, wanted.at(manifest.digest), (service,))

    async def fetch(self, earlier: Generation, scope: Collection[str] | None = None) -> None:
        """Brings the images of an earlier generation that are gone from here; mostly there are none.

        They are pulled by digest, or come from the archives that were given. ``scope`` are the services that are looked
        at, where it is not all of them.

        A keep tag does not hold an image that no container uses against `docker image prune --all`. Raises `Refused`
        where an image cannot come back as it was.
        """
        targets, missing = [], []
        for name in earlier.project.services if scope is None else scope:
            service = earlier.services.get(name)
            if service is None or name not in earlier.project.services:
                continue  # not there at that time, or an orphan of it
            for reference, used in service.used.items():
                if await self._session.engine.image(used.image_id) is None and used.digest and self._archives is None:
                    targets.append(Target(reference, parse(reference).at(used.digest), (service.name,)))
            if not service.image_id or await self._session.engine.image(service.image_id) is not None:
                continue
            if self._archives is not None:
                archived = self._archives.with_id(service.image_id)
                if archived is None:
                    missing.append(service.reference)
                else:
                    targets.append(Target(service.reference, self._load_tag(archived), (service.name,), archived))
                continue
            if not service.digest:
                raise Refused("keep-tag-missing", image=service.reference, service=service.name, number=earlier.number)
            targets.append(Target(service.reference, parse(service.reference).at(service.digest), (service.name,)))
        if missing:
            raise Refused(offline.MISSING, references=", ".join(dict.fromkeys(missing)))
        done, failed = await self._bring(targets)
        gone = next((name for name, error in failed.items() if error.problem.code in NOT_THERE), None)
        if gone is not None:
            raise Refused("generation-image-gone", image=gone, number=earlier.number)
        if failed:
            raise next(iter(failed.values()))
        for entry in done:
            service = earlier.services[entry.target.services[0]]
            beside = service.used.get(entry.target.reference)
            if entry.image.id not in (service.image_id, beside.image_id if beside else ""):
                raise Refused("digest-differs", reference=entry.target.reference, digest=entry.target.digest)

    async def without_pull(self, chosen: Mapping[str, Reference]) -> dict[str, Wanted]:
        """What the chosen services would get, for a plan alone: an image that is not here is known by its digest."""
        result = {}
        for name, reference in chosen.items():
            answer = self._resolved[name]
            known = answer.image_id if answer.offline else reference.at(answer.digest)
            image = await self._session.engine.image(known) or Image(answer.image_id or answer.digest)
            result[name] = Wanted(str(reference), image, answer.digest, answer.version, answer.archive)
        return result
