"""Generations: immutable records of a deployment, to which a project can be rolled back or updated.

    generations/N/generation.json   the record: services, images, and the files that Compose reads
    generations/N/files/0, 1, …     copies of those files

A generation's folder is created under another name and then renamed, so it is complete or absent.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from ws9tui.core.compose.settings import ServiceSettings
from ws9tui.core.fs import files, places
from ws9tui.core.model.codec import decoded, readable
from ws9tui.core.model.hooks import Hook
from ws9tui.core.model.image import ServiceImage, Used
from ws9tui.core.model.notices import Receiver
from ws9tui.core.model.observed import KEEP_REPOSITORY, Container, Image
from ws9tui.core.model.project import Project
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.store.store import private_folder, writing
from ws9tui.errors import StateError
from ws9tui.problems import reasons_files
from ws9tui.problems.engine import GenerationDamaged, GenerationNewer
from ws9tui.problems.run import GenerationUnknown

GENERATIONS = "generations"
_FORMAT = 1
_OLD = ".old"
"""suffix of a record that is being replaced, which is put back after a crash before the replacement"""


class StoredFile(msgspec.Struct, frozen=True):
    """A file that Compose reads; ``sha256`` and ``copy`` are empty if it does not exist in this generation."""

    path: str
    sha256: str = ""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    copy: str = ""
    real: str = ""
    """its real path, with all symbolic links resolved; empty in records of older versions"""
    xattrs: dict[str, bytes] | None = None
    """extended attributes, including ACLs; None if unknown"""

    def as_recorded(self, other: StoredFile) -> bool:
        """Whether both are the same file with the same attributes; True if either record is of an older version."""
        if "" in (self.real, other.real):
            return True
        mine, theirs = (msgspec.structs.replace(file, copy="") for file in (self, other))
        return mine == theirs


class StoredFolder(msgspec.Struct, frozen=True):
    """A folder above a generation's files, with its owner and mode."""

    path: str
    mode: int = 0o755
    uid: int = 0
    gid: int = 0


class GenerationService(msgspec.Struct, frozen=True):
    """A service of a generation."""

    name: str
    reference: Reference
    image_id: str = ""
    digest: str = ""
    version: str = ""
    config_hash: str = ""
    """the config hash on its containers; empty if only `definition` is known"""
    definition: str = ""
    """hash of its definition in the files, comparable between generations of one Compose version"""
    made: str = ""
    """if `config_hash` is empty: the hash on its earlier containers, by which containers not yet recreated are known"""
    state: str = "running"
    """running, stopped (its container does not run), failed (it should run, but ended by itself), completed (a
    one-shot), absent (no container)"""
    replicas: int = 1
    """number of its containers"""
    archive: str = ""
    """name of the archive that its image was loaded from; empty for an image that was pulled or present"""
    others: tuple[str, ...] = ()
    """image IDs of replicas that ran other images; a rollback gives ``image_id`` to all replicas"""
    manifest: str = ""
    """digest of the image's manifest for this platform, if the engine reports it"""
    used: dict[Reference, Used] = {}
    """reference → image, of the images that it uses besides its own"""

    @property
    def besides(self) -> tuple[tuple[str, str], ...]:
        """References and IDs of the images that it uses besides its own, sorted."""
        return tuple(sorted((reference, used.image_id) for reference, used in self.used.items()))

    def same_image(self, other: GenerationService) -> bool:
        """Whether both have the same image, by ID or by the manifest for this platform."""
        return self.image.local.same(other.image.local)

    def having(self, want: ServiceImage) -> GenerationService:
        """Returns the service with another image."""
        return msgspec.structs.replace(
            self,
            image_id=want.local.id,
            digest=want.digest,
            version=want.version,
            archive=want.archive,
            manifest=want.local.manifest,
            others=(),
        )

    @property
    def image(self) -> ServiceImage:
        """Its image, as it is pulled or loaded again if it is missing on the engine."""
        return ServiceImage(self.reference, self.digest, Image(self.image_id, manifest=self.manifest))

    def runs_in(self, container: Container) -> bool:
        """Whether a container runs its image."""
        return container.runs(self.image.local)


class Generation(msgspec.Struct, frozen=True):
    """A record of a deployment."""

    number: int
    """0 is the empty generation, from which a first install starts"""
    created_at: str
    run: int
    """number of the run that recorded it"""
    project: Project
    """the definition as resolved by Compose, without environment values except the shell's own variables"""
    services: dict[str, GenerationService]
    files: tuple[StoredFile, ...]
    networks: tuple[str, ...] = ()
    """IDs of the project's networks; others that a failed run created are removed"""
    compose_version: str = ""
    engine_version: str = ""
    settings: dict[str, ServiceSettings] = {}
    """settings of its services in `x-ws9tui`"""
    hooks: tuple[Hook, ...] = ()
    notify: tuple[Receiver, ...] = ()
    version: str = ""
    """the product's version, if known"""
    companions: tuple[str, ...] = ()
    """those of its files that Compose does not read, such as a release's version.json"""
    missing_folders: tuple[str, ...] = ()
    """folders that do not exist in it; a rollback to it removes them if empty"""
    volumes: tuple[str, ...] = ()
    """names of the project's volumes; recorded for the empty generation, to which a failed install is rolled back"""
    reached: bool = False
    """whether it ran healthily, or was found running"""
    run_id: str = ""
    """name of that run's folder; empty in records of older versions"""
    before: int = 0
    """number of the generation that was updated to this one; 0 if unknown"""
    format: int = _FORMAT
    folders: tuple[StoredFolder, ...] = ()
    """the folders above its files, recreated if missing"""
    keeper: str = ""
    """the user in its keep tags (`users.keeper`); empty for root, and in records of older versions"""
    broken: bool = False
    """whether Compose could not read its files: only a record, to which nothing can be rolled back"""
    pinned: bool = False
    """whether an operator pinned it: it, its images and its newest backups are never removed"""

    @property
    def source(self) -> ProjectSource:
        """The Compose arguments that identify the project."""
        return self.project.source

    @property
    def empty(self) -> bool:
        """Whether there is no container, as before a first install and after a `down`."""
        return all(service.state == "absent" for service in self.services.values())

    @property
    def defined(self) -> list[GenerationService]:
        """The services that its files define, without orphans."""
        return [service for name, service in self.services.items() if name in self.project.services]

    def one_shot(self, service: str) -> bool:
        """Whether a service is a one-shot, which runs to completion."""
        said = self.settings.get(service, ServiceSettings()).one_shot
        known = service in self.services and self.services[service].state == "completed"
        return said if said is not None else known or service in self.project.one_shots

    def same_deployment(self, other: Generation) -> bool:
        """Whether both describe the same deployment, whichever runs recorded them."""
        mine, theirs = (
            {name: msgspec.structs.replace(service, definition="", made="") for name, service in g.services.items()}
            for g in (self, other)
        )
        alike = {file.path: file for file in other.files}
        recorded = all(file.path in alike and file.as_recorded(alike[file.path]) for file in self.files)
        return self.same_content(other) and self.source == other.source and mine == theirs and recorded

    def same_services(self, other: Generation) -> bool:
        """Whether the same services run in both, whatever else their files define."""
        one, two = ({name: _as_it_runs(service) for name, service in g.services.items()} for g in (self, other))
        return one == two

    def same_content(self, other: Generation) -> bool:
        """Whether both have the same files and images, regardless of states and orphans."""
        images, others = (
            {(s.name, s.reference, s.image_id, s.others, s.besides) for s in g.defined} for g in (self, other)
        )
        files_of, theirs = ({(f.path, f.sha256) for f in g.files} for g in (self, other))
        return images == others and files_of == theirs


def _as_it_runs(service: GenerationService) -> GenerationService:
    """Returns a service without the facts that come from its files alone."""
    absent = service.state == "absent"
    hash_ = "" if absent else service.config_hash
    reference = Reference() if absent else service.reference
    return msgspec.structs.replace(service, used={}, definition="", made="", config_hash=hash_, reference=reference)


def keep_tag(project: str, number: int, service: str, keeper: str = "") -> Reference:
    """Returns the tag that protects a generation's image of a service from prunes and moved tags."""
    return own_tag(KEEP_REPOSITORY, project, f"{number}-{service}", keeper)


def keep_tags(recorded: Generation, project: str = "") -> dict[Reference, str]:
    """Returns all keep tags of a generation with their image IDs; without orphans, which no file could recreate."""
    name = project or recorded.source.name
    found: dict[Reference, str] = {}
    for service in recorded.defined:
        images = {service.name: service.image_id}
        for reference, used in service.used.items():
            images[f"{service.name}.{hashlib.sha256(reference.encode()).hexdigest()[:12]}"] = used.image_id
        kept = {keep_tag(name, recorded.number, key, recorded.keeper): image_id for key, image_id in images.items()}
        found |= {tag: image_id for tag, image_id in kept.items() if image_id}
    return found


def own_tag(repository: str, project: str, name: str, keeper: str = "") -> Reference:
    """Returns a tag of this program for an image of a project; ``keeper`` separates the tags of several users."""
    path = project
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", project):  # no two projects may share their tags
        digest = hashlib.sha256(project.encode()).hexdigest()[:8]
        path = f"{re.sub(r'[^a-z0-9]+', '-', project.lower()).strip('-')}-{digest}".lstrip("-")
    return Reference(f"{repository}/{path}{keeper and '/'}{keeper}:{name}"[:240])


def store_files(contents: Mapping[str, bytes | None]) -> tuple[tuple[StoredFile, ...], dict[str, bytes]]:
    """Returns files (path → content, None if missing) as records of a generation, and their contents by copy name."""
    stored: list[StoredFile] = []
    copies: dict[str, bytes] = {}
    for index, (path, content) in enumerate(contents.items()):
        real = places.real(path)
        if content is None:
            stored.append(StoredFile(path, real=real))
            continue
        try:
            found = files.attributes(path)
        except OSError:  # a file that an edit will create: with the attributes of an operator's own file
            found = files.Attributes(0o644, os.geteuid(), os.getegid())
        copies[str(index)] = content
        digest = hashlib.sha256(content).hexdigest()
        stored.append(StoredFile(path, digest, found.mode, found.uid, found.gid, str(index), real, found.xattrs))
    return tuple(stored), copies


def with_modes(recorded: Generation, modes: Mapping[str, int]) -> Generation:
    """Returns the generation with these modes (path → mode) for files that do not exist yet."""
    stored = tuple(msgspec.structs.replace(file, mode=modes.get(file.path, file.mode)) for file in recorded.files)
    return msgspec.structs.replace(recorded, files=stored)


def store_folders(stored: Iterable[StoredFile]) -> tuple[StoredFolder, ...]:
    """Returns the existing folders above these files, the outermost first."""
    above = {str(folder) for file in stored for folder in Path(file.real).parents if folder != folder.parent}
    found = []
    for folder in sorted(above):
        with suppress(OSError):
            status = Path(folder).stat()
            found.append(StoredFolder(folder, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid))
    return tuple(found)


def read_contents(paths: Iterable[str]) -> dict[str, bytes | None]:
    """Returns the content of each file, None if missing; raises `StateError` if a file cannot be read."""
    return {path: files.read(path) for path in paths}


def write(project_folder: Path, generation: Generation, contents: Mapping[str, bytes]) -> None:
    """Records a generation; ``contents`` maps the files' ``copy`` names to contents. Raises `StateError`."""
    base = project_folder / GENERATIONS
    final = base / str(generation.number)
    staged = base / f".{generation.number}.new"
    with writing(final):
        private_folder(base)
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir(mode=0o700)
        (staged / "files").mkdir(mode=0o700)
        for name, content in contents.items():
            files.replace(staged / "files" / name, content)
        files.replace(staged / "generation.json", readable(generation))
        old = base / f".{generation.number}{_OLD}"
        shutil.rmtree(old, ignore_errors=True)
        if final.exists():
            final.rename(old)
        staged.rename(final)
        places.sync(base)
        shutil.rmtree(old, ignore_errors=True)


def update(project_folder: Path, generation: Generation) -> None:
    """Replaces the record of an existing generation, for example to mark it reached."""
    files.replace(project_folder / GENERATIONS / str(generation.number) / "generation.json", readable(generation))


def read(project_folder: Path, number: int) -> Generation:
    """Reads a generation; raises `StateError` if it is missing, damaged, or of a newer version."""
    _mend(project_folder / GENERATIONS)
    path = project_folder / GENERATIONS / str(number) / "generation.json"
    try:
        generation = msgspec.json.decode(path.read_bytes(), type=Generation, dec_hook=decoded)
    except FileNotFoundError:
        known = ", ".join(str(n) for n in numbers(project_folder))
        raise StateError(GenerationUnknown(number=number, known=known)) from None
    except (OSError, ValueError) as error:
        raise StateError(GenerationDamaged(path=str(path), reason=str(error))) from error
    if generation.format > _FORMAT:
        raise StateError(GenerationNewer(path=str(path)))
    return generation


def numbers(project_folder: Path) -> list[int]:
    """Returns the numbers of the recorded generations, ascending."""
    base = project_folder / GENERATIONS
    if not base.is_dir():
        return []
    _mend(base)
    return sorted(int(entry.name) for entry in base.iterdir() if entry.name.isdigit())


def _mend(base: Path) -> None:
    """Puts back records whose replacement was interrupted by a crash."""
    for old in base.glob(f".*{_OLD}"):
        final = base / old.name[1:].removesuffix(_OLD)
        if not final.exists():
            old.rename(final)


def read_all(project_folder: Path) -> list[Generation]:
    """Returns all readable generations, ascending."""
    found: list[Generation] = []
    for number in numbers(project_folder):
        with suppress(StateError):
            found.append(read(project_folder, number))
    return found


def content(project_folder: Path, generation: Generation, stored: StoredFile) -> bytes:
    """Returns a file's copy, checked against its hash; raises `StateError` if it is damaged."""
    path = project_folder / GENERATIONS / str(generation.number) / "files" / stored.copy
    if files.sha256(path) != stored.sha256:
        raise StateError(GenerationDamaged(path=str(path), reason=reasons_files.ContentNotRecorded()))
    return path.read_bytes()


def remove(project_folder: Path, number: int) -> None:
    """Removes a generation's record; the caller removes its keep tags."""
    shutil.rmtree(project_folder / GENERATIONS / str(number), ignore_errors=True)
