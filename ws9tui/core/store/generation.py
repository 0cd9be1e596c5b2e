"""Generations: immutable records of a deployment, to which a project can be converged.

    generations/N/generation.json   what runs in it, and which files Compose reads
    generations/N/files/0, 1, …     copies of those files

A generation's folder is made under another name and renamed, so it is there whole or not at all.
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
"""of a record that is being replaced; it counts where a crash came before the new one was in place"""


class StoredFile(msgspec.Struct, frozen=True):
    """A file that Compose reads; ``sha256`` and ``copy`` are empty for one that is not there in this generation."""

    path: str
    sha256: str = ""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    copy: str = ""
    real: str = ""
    """where it really is, or would be, past all symbolic links; empty in records of older versions"""
    xattrs: dict[str, bytes] | None = None
    """extended attributes, ACLs among them; None where they are not known"""

    def as_recorded(self, other: StoredFile) -> bool:
        """Whether both are one file with the same attributes, as far as that is known."""
        if "" in (self.real, other.real):
            return True
        mine, theirs = (msgspec.structs.replace(file, copy="") for file in (self, other))
        return mine == theirs


class StoredFolder(msgspec.Struct, frozen=True):
    """A folder that a generation's files lie in, with its owner and mode."""

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
    """as on its containers; empty where `definition` alone is known"""
    definition: str = ""
    """the hash of its definition as the files have it, by which generations of one Compose version are told apart"""
    made: str = ""
    """where `config_hash` is empty, the one on the containers that it had: what still has it was not made anew"""
    state: str = "running"
    """running, stopped (it has a container that does not run), failed (it is there to run, and has ended by itself),
    completed (a one-shot), absent (no container)"""
    replicas: int = 1
    """containers that it has"""
    archive: str = ""
    """name of the file that its image was loaded from; empty for one that was pulled, or was there"""
    others: tuple[str, ...] = ()
    """IDs of the images that further replicas ran, where not all ran the same; a way back brings ``image_id`` to all"""
    manifest: str = ""
    """digest of the image's manifest for this platform, where the engine says so"""
    used: dict[Reference, Used] = {}
    """reference → image, of those that it uses besides its own"""

    @property
    def besides(self) -> tuple[tuple[str, str], ...]:
        """References and image IDs of what it uses besides its own image."""
        return tuple(sorted((reference, used.image_id) for reference, used in self.used.items()))

    def same_image(self, other: GenerationService) -> bool:
        """Whether both have the same image, or one that is the same on this platform."""
        return self.image.local.same(other.image.local)

    def having(self, want: ServiceImage) -> GenerationService:
        """The same service with another image."""
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
        """Its image, as it is to be had where it is gone from here."""
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
    """the run that recorded it"""
    project: Project
    """the definition as Compose resolved it, without any value of its environment but the shell's own variables"""
    services: dict[str, GenerationService]
    files: tuple[StoredFile, ...]
    networks: tuple[str, ...] = ()
    """IDs of the project's networks; those that a failed run made besides are removed"""
    compose_version: str = ""
    engine_version: str = ""
    settings: dict[str, ServiceSettings] = {}
    """`x-ws9tui` of its services"""
    hooks: tuple[Hook, ...] = ()
    notify: tuple[Receiver, ...] = ()
    version: str = ""
    """the product's, where it is known"""
    companions: tuple[str, ...] = ()
    """those of its files that Compose does not read, such as a release's version.json"""
    missing_folders: tuple[str, ...] = ()
    """folders that were not there in it; a way back to it removes those that are empty"""
    volumes: tuple[str, ...] = ()
    """names of the project's volumes; recorded for the empty generation, to which a failed install goes back"""
    reached: bool = False
    """it ran and was well, or it was found running"""
    run_id: str = ""
    """the name of that run's folder; empty in records of older versions"""
    before: int = 0
    """the number of what ran when an update went to this one; 0 where that is not known"""
    format: int = _FORMAT
    folders: tuple[StoredFolder, ...] = ()
    """the folders of its files and those above them, made again where they are gone"""
    keeper: str = ""
    """under whose name its keep tags are; empty for root, and in records of older versions"""
    broken: bool = False
    """Compose did not understand its files: a record of what was there, to which nothing can be converged"""
    pinned: bool = False
    """an operator wants it kept: neither it nor its images nor its newest saved data are ever removed"""

    @property
    def source(self) -> ProjectSource:
        """Where the project is defined."""
        return self.project.source

    @property
    def empty(self) -> bool:
        """Whether nothing was there, as before a first install and after a `down`."""
        return all(service.state == "absent" for service in self.services.values())

    @property
    def defined(self) -> list[GenerationService]:
        """Its services that its files define: all but orphans."""
        return [service for name, service in self.services.items() if name in self.project.services]

    def one_shot(self, service: str) -> bool:
        """Whether a service is there to end."""
        said = self.settings.get(service, ServiceSettings()).one_shot
        known = service in self.services and self.services[service].state == "completed"
        return said if said is not None else known or service in self.project.one_shots

    def same_deployment(self, other: Generation) -> bool:
        """Whether both describe the same, however many runs lie between."""
        mine, theirs = (
            {name: msgspec.structs.replace(service, definition="", made="") for name, service in g.services.items()}
            for g in (self, other)
        )
        alike = {file.path: file for file in other.files}
        recorded = all(file.path in alike and file.as_recorded(alike[file.path]) for file in self.files)
        return self.same_content(other) and self.source == other.source and mine == theirs and recorded

    def same_services(self, other: Generation) -> bool:
        """Whether the same runs of both, whatever images the files have besides."""
        one, two = ({name: _as_it_runs(service) for name, service in g.services.items()} for g in (self, other))
        return one == two

    def same_content(self, other: Generation) -> bool:
        """Whether both have the same files and images, whatever runs of them and whatever orphans there were."""
        images, others = (
            {(s.name, s.reference, s.image_id, s.others, s.besides) for s in g.defined} for g in (self, other)
        )
        files_of, theirs = ({(f.path, f.sha256) for f in g.files} for g in (self, other))
        return images == others and files_of == theirs


def _as_it_runs(service: GenerationService) -> GenerationService:
    """A service without what only its files say of it."""
    absent = service.state == "absent"
    hash_ = "" if absent else service.config_hash
    reference = Reference() if absent else service.reference
    return msgspec.structs.replace(service, used={}, definition="", made="", config_hash=hash_, reference=reference)


def keep_tag(project: str, number: int, service: str, keeper: str = "") -> Reference:
    """The tag that keeps a generation's image of a service from every prune and every moving tag."""
    return own_tag(KEEP_REPOSITORY, project, f"{number}-{service}", keeper)


def keep_tags(recorded: Generation, project: str = "") -> dict[Reference, str]:
    """All keep tags of a generation, each with the ID of its image; orphans have none, for no file could make them."""
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
    """A tag of ours for an image of a project; ``keeper`` tells apart those of several users."""
    path = project
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", project):  # no two projects may share their tags
        digest = hashlib.sha256(project.encode()).hexdigest()[:8]
        path = f"{re.sub(r'[^a-z0-9]+', '-', project.lower()).strip('-')}-{digest}".lstrip("-")
    return Reference(f"{repository}/{path}{keeper and '/'}{keeper}:{name}"[:240])


def store_files(contents: Mapping[str, bytes | None]) -> tuple[tuple[StoredFile, ...], dict[str, bytes]]:
    """Files (path → content, None for one that is not there) as a generation stores them, and their copies by name."""
    stored: list[StoredFile] = []
    copies: dict[str, bytes] = {}
    for index, (path, content) in enumerate(contents.items()):
        real = places.real(path)
        if content is None:
            stored.append(StoredFile(path, real=real))
            continue
        try:
            found = files.attributes(path)
        except OSError:  # a file that an edit will make: as the operator's own would be
            found = files.Attributes(0o644, os.geteuid(), os.getegid())
        copies[str(index)] = content
        digest = hashlib.sha256(content).hexdigest()
        stored.append(StoredFile(path, digest, found.mode, found.uid, found.gid, str(index), real, found.xattrs))
    return tuple(stored), copies


def with_modes(recorded: Generation, modes: Mapping[str, int]) -> Generation:
    """The generation with these permissions of files that are not there yet: path → mode."""
    stored = tuple(msgspec.structs.replace(file, mode=modes.get(file.path, file.mode)) for file in recorded.files)
    return msgspec.structs.replace(recorded, files=stored)


def store_folders(stored: Iterable[StoredFile]) -> tuple[StoredFolder, ...]:
    """The folders above these files, the outermost first; those that are not there are left out."""
    above = {str(folder) for file in stored for folder in Path(file.real).parents if folder != folder.parent}
    found = []
    for folder in sorted(above):
        with suppress(OSError):
            status = Path(folder).stat()
            found.append(StoredFolder(folder, stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid))
    return tuple(found)


def read_contents(paths: Iterable[str]) -> dict[str, bytes | None]:
    """The content of each file, None for one that is not there; raises `StateError` for one that cannot be read."""
    return {path: files.read(path) for path in paths}


def write(project_folder: Path, generation: Generation, contents: Mapping[str, bytes]) -> None:
    """Records a generation; ``contents`` are the files' by their ``copy`` name. Raises `StateError`."""
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
    """Replaces the record of a generation that is there, as when it is known to have been reached."""
    files.replace(project_folder / GENERATIONS / str(generation.number) / "generation.json", readable(generation))


def read(project_folder: Path, number: int) -> Generation:
    """One generation; raises `StateError` when it is not there, damaged, or of a newer version."""
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
    """The numbers of the recorded generations, rising."""
    base = project_folder / GENERATIONS
    if not base.is_dir():
        return []
    _mend(base)
    return sorted(int(entry.name) for entry in base.iterdir() if entry.name.isdigit())


def _mend(base: Path) -> None:
    """Puts a record back whose replacing a crash cut short."""
    for old in base.glob(f".*{_OLD}"):
        final = base / old.name[1:].removesuffix(_OLD)
        if not final.exists():
            old.rename(final)


def read_all(project_folder: Path) -> list[Generation]:
    """All generations that can be read, rising."""
    found: list[Generation] = []
    for number in numbers(project_folder):
        with suppress(StateError):
            found.append(read(project_folder, number))
    return found


def content(project_folder: Path, generation: Generation, stored: StoredFile) -> bytes:
    """The copy of a file, checked against its hash; raises `StateError` when it is damaged."""
    path = project_folder / GENERATIONS / str(generation.number) / "files" / stored.copy
    if files.sha256(path) != stored.sha256:
        raise StateError(GenerationDamaged(path=str(path), reason=reasons_files.ContentNotRecorded()))
    return path.read_bytes()


def remove(project_folder: Path, number: int) -> None:
    """Forgets a generation; its keep tags are the caller's."""
    shutil.rmtree(project_folder / GENERATIONS / str(number), ignore_errors=True)
