"""Creates a bundle: a project's images and files in one archive, for a machine without network access.

Nothing of the project changes, and no local tag moves: images are pulled by digest, as for an update, and pulled images
are removed again when the run ends, whatever its outcome.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from ws9tui import __version__
from ws9tui.core.compose import inputs
from ws9tui.core.fs import files, places
from ws9tui.core.images import bundle_file, bundle_writer, verify
from ws9tui.core.images.fetch import Fetcher
from ws9tui.core.images.resolve import ASK_PARALLEL, ask_registry
from ws9tui.core.images.trust import Trust
from ws9tui.core.inspect import staging
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal import events as e
from ws9tui.core.journal.journal import now
from ws9tui.core.model.bundle import FORMAT, MOST_FILES, Bundle, BundledFile, BundledImage
from ws9tui.core.model.image import ServiceImage, Used
from ws9tui.core.model.observed import Image
from ws9tui.core.model.project import Service
from ws9tui.core.model.reference import Reference, parse
from ws9tui.core.model.source import FoundBy
from ws9tui.core.model.terms import Level, Outcome, Verb
from ws9tui.core.session import Session
from ws9tui.errors import Refused, RegistryError, UsageError
from ws9tui.problems import reasons, reasons_files
from ws9tui.problems.bundle import (
    BundleAmbiguous,
    BundleEmpty,
    BundleExists,
    BundleFilesLarge,
    BundleFilesOutside,
    BundleIsFolder,
    BundleLeftOut,
    BundleMounts,
    BundleOverInput,
    BundlePinned,
    BundleSecrets,
    BundleUnpinned,
    BundleUnwritable,
    BundleVariables,
)
from ws9tui.problems.image import PlatformMissing
from ws9tui.problems.problem import Problem
from ws9tui.problems.project import VariableUndefined


async def bundle(session: Session, opened: Opened) -> e.Finished:
    """Creates the bundle; raises what surveys, pulls and writing raise."""
    opened.announce(session, Verb.BUNDLE)
    return await session.cancellable(_Bundling(session, opened).run())


class _Bundling:
    """The creation of one bundle."""

    def __init__(self, session: Session, opened: Opened) -> None:
        self._session = session
        self._info = opened.info
        self._opened = opened
        self._images = Fetcher(session, opened.source.name, opened.number)

    async def run(self) -> e.Finished:
        """Surveys the project, lists the contents, pulls, verifies and writes."""
        session, options = self._session, self._session.options
        found = await self._opened.survey(session)
        if not options.plan_only:
            _check_target(Path(options.output), found, overwrite=options.overwrite)
        for name in found.undefined:
            session.warn(VariableUndefined(variable=name, file=found.source.files[0]))
        wanted = await self._resolve(found)
        if not wanted:
            raise UsageError(BundleEmpty(project=found.source.name))
        references = {name: want.reference for name, want in wanted.items()}
        staged = await staging.stage(session.compose, found, references, session.folder)
        contents, modes, absent = _files(found, staged, images_only=options.images_only)
        models = [staged.models.get(name, found.project.services[name]) for name in wanted]
        used = await self._images.besides(models, pull=False)
        listed = _listed(wanted, used)
        session.emit(
            e.BundleListed(
                platform=self._info.platform,
                images=tuple([await self._with_size(entry) for entry in listed]),
                files=tuple(contents),
                absent=absent,
            )
        )
        for problem in await self._warnings(found, contents, absent):
            session.warn(problem)
        trust = Trust(session, found, self._info)
        await trust.before_pull(wanted, updates=False)
        if options.plan_only:
            refusal = trust.refusal()
            return e.Finished(outcome=Outcome.REFUSED if refusal else Outcome.PLANNED, problem=refusal)
        await trust.settle()
        wanted = await self._images.pull(wanted)
        used = await self._images.besides(models, pull=True)
        await trust.after_pull(wanted)
        self._verify(found, wanted)
        await trust.settle()
        made = self._bundle(found, contents, modes, absent)
        made = msgspec.structs.replace(made, images=tuple([await self._seen(e_) for e_ in _listed(wanted, used)]))
        await bundle_writer.write(
            session.engine, Path(options.output), made, contents, session.emit, overwrite=options.overwrite
        )
        return e.Finished(outcome=Outcome.BUNDLED)

    # --- images ---------------------------------------------------------------------------------------------------

    async def _resolve(self, found: Survey) -> dict[str, ServiceImage]:
        """Returns the image of each service: of all, or of the named ones if any is named without a reference."""
        asked = self._opened.asked
        some = any(not text for text in asked.values())
        services = [service for name, service in found.project.services.items() if name in asked or not some]
        for service in services:
            if not _has_image(service):
                self._session.warn(BundleLeftOut(service=service.name))
        services = [service for service in services if _has_image(service)]
        slots = asyncio.Semaphore(ASK_PARALLEL)

        async def one(service: Service) -> ServiceImage:
            async with slots:
                return await self._wanted(service, asked.get(service.name, ""))

        wanted = await asyncio.gather(*map(one, services))
        return {service.name: want for service, want in zip(services, wanted, strict=True)}

    async def _wanted(self, service: Service, asked: str) -> ServiceImage:
        """Returns a service's image by its registry's digest; a built one as it is here if the registry fails."""
        present = parse(service.reference)
        reference = present.asked(asked) if asked else present
        named = self._unpinned(service.name, reference) if reference.digest else reference
        try:
            manifest = await ask_registry(self._session.engine, reference)
        except RegistryError:
            local = await self._session.engine.image(reference.tagged) if service.build and not asked else None
            if local is None:
                raise
            return ServiceImage(named, local=local, offline=True)
        if not verify.platform_offered(manifest.platforms, self._info):
            reason = reasons.PlatformOther(platforms=", ".join(manifest.platforms), engine=self._info.platform)
            raise Refused(PlatformMissing(reference=reference, registry=reference.registry, reason=reason))
        return ServiceImage(named, reference.digest or manifest.digest)

    def _unpinned(self, service: str, reference: Reference) -> Reference:
        """Returns a pinned reference without its digest: an engine finds a loaded image by name, not by digest."""
        if not reference.tag:
            raise UsageError(BundlePinned(service=service, reference=reference))
        self._session.warn(BundleUnpinned(service=service, reference=reference))
        return Reference(reference.partition("@")[0])

    async def _with_size(self, entry: BundledImage) -> BundledImage:
        image = await self._session.engine.image(entry.image_id or entry.reference.at(entry.digest))
        return msgspec.structs.replace(entry, size=image.size if image else 0)

    async def _seen(self, entry: BundledImage) -> BundledImage:
        """Returns an image's entry with the platform and size that the engine reports."""
        image = await self._session.engine.image(entry.image_id) or Image(entry.image_id)
        return msgspec.structs.replace(entry, platform=image.platform, size=image.size)

    def _verify(self, found: Survey, wanted: Mapping[str, ServiceImage]) -> None:
        """Checks every image as an update does; raises `Refused` for the first blocking finding."""
        blocking: list[Problem] = []
        for name, want in wanted.items():
            said = self._session.options.expect.get(name, "")
            expected = verify.expectation(want.reference, said, found.settings(name).expect)
            if expected.source == "tag" and want.offline:
                expected = verify.Expectation()  # built here: its tag says nothing about its version
            others = [each.local for each in wanted.values()]
            checked = verify.check(name, want, None, expected, self._info, others=others)
            self._session.emit(checked)
            blocking += [finding.problem for finding in checked.findings if finding.level is Level.BLOCKING]
        if blocking:
            raise Refused(blocking[0])

    # --- files and warnings ---------------------------------------------------------------------------------------

    def _bundle(
        self, found: Survey, contents: Mapping[str, bytes], modes: Mapping[str, int], absent: tuple[str, ...]
    ) -> Bundle:
        source = found.source
        by_itself = source.found_by is FoundBy.COMPOSE and source.called_in == source.folder
        named = (os.path.relpath(path, source.folder) for path in source.files)
        variables = (os.path.relpath(path, source.folder) for path in source.env_files)
        return Bundle(
            FORMAT,
            source.name,
            self._info.platform,
            (),
            made_at=now(),
            made_by=__version__,
            files=tuple(
                BundledFile(path, hashlib.sha256(body).hexdigest(), len(body), modes[path])
                for path, body in contents.items()
            ),
            compose_files=tuple(path for path in named if path in contents),
            env_files=tuple(path for path in variables if path in contents),
            profiles=source.profiles,
            found=by_itself and "COMPOSE_FILE" not in source.environment,
            absent=absent,
            mounted=tuple(name for name in _mounted(found) if Path(source.folder, name).is_file()),
        )

    async def _warnings(self, found: Survey, contents: Collection[str], absent: tuple[str, ...]) -> list[Problem]:
        """Returns what whoever carries the bundle must know."""
        source, services = found.source, found.project.services.values()
        private = [*inputs.env_files(source), *found.definition.include_env_files]
        private += [path for service in services for path in service.env_files]
        private += [path for service in services for path in service.contents]
        secret = {os.path.relpath(path, source.folder) for path in private}.intersection(contents)
        problems: list[Problem] = []
        if secret:
            problems.append(BundleSecrets(files=", ".join(sorted(secret))))
        if contents and (mounted := _mounted(found)):
            problems.append(BundleMounts(files=", ".join(mounted)))
        if absent:
            problems.append(BundleFilesOutside(files=", ".join(absent), folder=source.folder))
        if contents:
            alone = msgspec.structs.replace(source, environment=inputs.of_compose(source))
            _, undefined = await self._session.compose.resolved(alone)
            missing = set(undefined) - set(found.undefined)
            if missing:
                problems.append(BundleVariables(variables=", ".join(sorted(missing))))
        return problems


def _has_image(service: Service) -> bool:
    """Whether a service's image can come from a registry: it has a name, and is not only built or provided."""
    return bool(service.reference) and not service.provider and service.pull_policy not in ("build", "never")


def _mounted(found: Survey) -> list[str]:
    """Returns what services mount from the project's own folder, relative to it, if it exists and is not empty."""
    folder = found.source.folder
    binds = (bind for service in found.project.services.values() for bind in service.binds)
    names = dict.fromkeys(name for bind in binds if bundle_file.inside(name := os.path.relpath(bind, folder)))
    return [name for name in names if _holds(Path(folder, name))]


def _holds(path: Path) -> bool:
    """Whether a path is a file, or a folder that is not empty; one that cannot be read counts as such."""
    try:
        return path.is_file() or (path.is_dir() and any(path.iterdir()))
    except OSError:
        return True


def _check_target(path: Path, found: Survey, *, overwrite: bool) -> None:
    """Raises `UsageError` for a target that cannot be written, before anything is pulled."""
    if path.is_dir():
        raise UsageError(BundleIsFolder(path=str(path)))
    if path.exists() and not path.is_file():  # a file would take a device's place
        raise UsageError(BundleUnwritable(path=str(path), reason=reasons_files.NotAFile()))
    if os.path.lexists(path) and not overwrite:
        raise UsageError(BundleExists(path=str(path)))
    if (reason := places.closed(path.parent)) is not None:
        raise UsageError(BundleUnwritable(path=str(path), reason=reason))
    if places.real(path) in {places.real(read) for read in found.inputs}:
        raise UsageError(BundleOverInput(path=str(path)))


def _files(
    found: Survey, staged: staging.Staged, *, images_only: bool
) -> tuple[dict[str, bytes], dict[str, int], tuple[str, ...]]:
    """Returns the files that Compose reads, by relative path, and their modes; and those outside the folder."""
    edited = {edit.path: edit.content for edit in staged.edits}
    contents: dict[str, bytes] = {}
    modes: dict[str, int] = {}
    absent: list[str] = []
    for path in () if images_only else dict.fromkeys((*found.inputs, *edited)):
        body = edited[path] if path in edited else files.read(path)
        name = os.path.relpath(path, found.source.folder)
        if body is None:
            continue
        if not bundle_file.inside(name):
            absent.append(path)
            continue
        contents[name] = body
        modes[name] = _mode(path)
    size = sum(map(len, contents.values()))
    if size > MOST_FILES:
        raise Refused(BundleFilesLarge(size=size, most=MOST_FILES))
    return contents, modes, tuple(absent)


def _mode(path: str) -> int:
    """Returns a file's permissions, at most 0755; 0644 for a file that an edit creates."""
    try:
        return files.attributes(path).mode & 0o755
    except OSError:
        return 0o644


def _listed(wanted: Mapping[str, ServiceImage], used: Mapping[Reference, Used]) -> list[BundledImage]:
    """Returns the images of services, then those that they use besides; each reference once."""
    by_reference: dict[Reference, list[str]] = {}
    for name, want in wanted.items():
        by_reference.setdefault(want.reference, []).append(name)
    found = []
    for reference, names in by_reference.items():
        want = wanted[names[0]]
        if any(wanted[name].name != want.name for name in names):
            raise UsageError(BundleAmbiguous(reference=reference, services=", ".join(names)))
        found.append(BundledImage(reference, want.local.id, want.digest, services=tuple(names)))
    found += [BundledImage(ref, one.image_id, one.digest) for ref, one in used.items() if ref not in by_reference]
    return found
