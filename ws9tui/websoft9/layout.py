"""Recognises Websoft9 on a host: its layout, folder and version, and the applications that it has deployed.

Legacy (up to 2.2) is four containers, modern (from 2.3) is one. An installation with containers is known by its Compose
labels and images, never by a container's name; one without, by the files in a folder. If there are containers, files of
the other layout are leftovers; containers of both are a mixed state, in which upstream's migration stops half-way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

import msgspec

from ws9tui.core.fs.files import is_file, is_folder, regular
from ws9tui.core.model import version
from ws9tui.core.model.observed import KEEP_REPOSITORY, Container, Image
from ws9tui.core.model.reference import Reference
from ws9tui.problems.problem import Problem
from ws9tui.problems.release import Websoft9Legacy, Websoft9Mixed, Websoft9Modern, Websoft9Unknown
from ws9tui.websoft9 import composefile
from ws9tui.websoft9.composefile import Kind
from ws9tui.websoft9.manifest import parse_version

USUAL_FOLDERS: dict[Kind, str] = {"legacy": "/data/websoft9/source/docker", "modern": "/opt/websoft9"}
"""where upstream's installer puts the Compose file"""
VERSION_FILE = "version.json"

STACK = re.compile(r"(?:/data|/.+/portainer)/compose/\d+(?:/v\d+)?", re.ASCII)
"""the folders of Portainer stacks: below Portainer's data, which the legacy layout mounts at /data/compose"""
_CUSTOM = ".websoft9/compose-metadata.json"
_GIVEN_NAME = re.compile(r"(?P<name>.+)_[a-z0-9]{5}", re.ASCII)


class Installation(msgspec.Struct, frozen=True):
    """One Websoft9 installation, with containers or only as files."""

    kind: Kind
    project: str = ""
    """the Compose project; empty if only files exist and they do not name it"""
    folder: str = ""
    """the folder of the Compose file"""
    version: str = ""
    """the product's version; empty if unknown"""
    services: tuple[str, ...] = ()
    components: dict[str, str] = {}
    """service → its version by its image's label, else by its tag; services without a version are left out"""
    has_containers: bool = False


class Layout(msgspec.Struct, frozen=True):
    """The Websoft9 layout of a host."""

    kind: Literal["legacy", "modern", "mixed", "unknown"]
    reason: Problem
    installations: tuple[Installation, ...] = ()
    """those that determine the kind first, then leftover files"""


class Application(msgspec.Struct, frozen=True):
    """A project that Websoft9 has deployed."""

    project: str
    name: str
    """the application's name in Websoft9's library, such as wordpress"""
    version: str


def recognise(
    containers: Iterable[Container], images: Mapping[str, Image], folders: Iterable[str | Path] | None = None
) -> Layout:
    """Recognises Websoft9 by an engine's containers and images (by ID) and by folders: the usual ones if None.

    Folders are local: for a remote engine, pass an empty list.
    """
    there = running(containers, images)
    looked_at = [Path(folder) for folder in (USUAL_FOLDERS.values() if folders is None else folders)]
    known = {installation.folder for installation in there}
    files = [found for folder in looked_at if str(folder) not in known and (found := in_folder(folder))]
    basis = there or files
    installations = (*there, *files)
    kinds = {installation.kind for installation in basis}
    if not kinds:
        places = ", ".join(str(folder) for folder in looked_at)
        return Layout("unknown", Websoft9Unknown(folders=places))
    if len(kinds) > 1:
        places = ", ".join(dict.fromkeys(installation.folder or installation.project for installation in basis))
        return Layout("mixed", Websoft9Mixed(places=places), installations)
    first = basis[0]
    folder, project, version = first.folder, first.project, first.version
    if first.kind == "legacy":
        missing = ", ".join(service for service in composefile.LEGACY_SERVICES if service not in first.services)
        legacy = Websoft9Legacy(folder=folder, project=project, version=version, missing=missing)
        return Layout("legacy", legacy, installations)
    return Layout("modern", Websoft9Modern(folder=folder, project=project, version=version), installations)


def running(containers: Iterable[Container], images: Mapping[str, Image]) -> tuple[Installation, ...]:
    """Returns the installations with containers, running or not; a project with services of both layouts gives two."""
    projects: dict[str, list[Container]] = {}
    for container in containers:
        if container.project and not container.oneoff:
            projects.setdefault(container.project, []).append(container)
    found: list[Installation] = []
    for project, members in sorted(projects.items()):
        found += _installations(project, members, images)
    return tuple(found)


def in_folder(folder: Path) -> Installation | None:
    """Returns the installation whose files are in a folder; None if they are not Websoft9's."""
    text = next((text for name in composefile.NAMES if (text := composefile.text_of(folder / name)) is not None), None)
    if text is None:
        return None
    env = composefile.env_of(folder)
    references = composefile.images(text, env)
    kind = composefile.kind_of(references)
    if kind is None:
        return None
    project = re.search(r"^name:\s*([a-z0-9][a-z0-9_-]*)\s*$", text, re.MULTILINE)
    components = composefile.versions(references)
    found = product_version(folder)
    if not found and kind == "modern":
        found = next(iter(components.values()), "")
    return Installation(
        kind,
        env.get("COMPOSE_PROJECT_NAME") or (project[1] if project else ""),
        str(folder),
        found,
        tuple(references),
        components,
    )


def around(folder: Path) -> tuple[str, ...]:
    """Returns the folders of a legacy installation beside its Compose file: its releases, and its own applications.

    Empty unless the Compose file lies where upstream's installer puts it: `…/websoft9/source/docker`.
    """
    usual = Path(USUAL_FOLDERS["legacy"]).parts
    if folder.parts[-3:] != usual[-3:] or not is_file(folder.parent / VERSION_FILE):
        return ()
    apps = folder.parents[2] / "apps"
    found = (folder.parent, apps / "w9services", apps / "websoft9")
    return tuple(str(path) for path in found if is_folder(path) and not path.is_symlink())


def product_version(folder: Path) -> str:
    """Returns the version in version.json; empty if there is none."""
    return next((found[0] for content in version_files(folder) if (found := parse_version(content))), "")


def version_files(folder: Path) -> Iterator[bytes]:
    """Yields the version.json of an installation: beside the Compose file, then above it as in the legacy layout."""
    for place in (folder, folder.parent):
        with suppress(OSError, ValueError):
            yield regular(place / VERSION_FILE, composefile.LARGEST)


def applications(containers: Iterable[Container]) -> tuple[Application, ...]:
    """Returns the projects that Websoft9 has deployed: those in a Portainer stack folder with Websoft9's marks."""
    found: dict[str, Application] = {}
    for container in containers:
        if container.project and container.project not in found:
            application = stack(container.working_dir, container.project, container.environment_files)
            if application is not None:
                found[container.project] = application
    return tuple(sorted(found.values(), key=lambda application: application.project))


def stack(folder: str, project: str, env_files: Iterable[str] = ()) -> Application | None:
    """Returns the application in a folder; None if Websoft9 has deployed none there.

    An application of Websoft9's library has W9_ keys in its env file, one of a custom Compose file a metadata file.
    """
    folder = folder.rstrip("/")
    if not STACK.fullmatch(folder):
        return None
    env: dict[str, str] = {}
    for path in dict.fromkeys((f"{folder}/.env", f"{folder}/stack.env", *env_files)):
        env |= composefile.values(composefile.text_of(Path(folder) / path) or "")
    if not any(key.startswith("W9_") for key in env) and not is_file(Path(folder) / _CUSTOM):
        return None
    given = _GIVEN_NAME.fullmatch(project)
    name = given["name"] if given else env.get("W9_REPO", "").rpartition("/")[2] or project
    return Application(project, name, env.get("W9_VERSION", ""))


def _installations(project: str, members: list[Container], images: Mapping[str, Image]) -> list[Installation]:
    """Returns the parts of one project that are Websoft9's."""
    references = {member.service: _reference(member, images) for member in members}
    found: list[Installation] = []
    product = {
        service: image for service, image in references.items() if composefile.kind_of({service: image}) == "modern"
    }
    rest = {service: image for service, image in references.items() if service not in product}
    for part in (rest, product):
        kind = composefile.kind_of(part)
        if kind is None:
            continue
        own = [member for member in members if member.service in part]
        folder = next((member.working_dir for member in own if member.working_dir), "")
        components = {member.service: name for member in own if (name := _version(member, images))}
        found.append(_running(kind, project, folder, components, own, images))
    return found


def _running(
    kind: Kind,
    project: str,
    folder: str,
    components: dict[str, str],
    members: list[Container],
    images: Mapping[str, Image],
) -> Installation:
    name = ""
    if kind == "modern":
        name = next((label for member in members if (label := _label(member, images))), "")
        name = name or next(iter(components.values()), "")
    if not name and folder:
        name = product_version(Path(folder))
    if not name and kind == "modern":  # a tag that is not a version, such as latest
        name = _reference(members[0], images).tag
    services = tuple(sorted({member.service for member in members}))
    return Installation(kind, project, folder, name, services, components, has_containers=True)


def _version(container: Container, images: Mapping[str, Image]) -> str:
    return _label(container, images) or _reference(container, images).version


def _label(container: Container, images: Mapping[str, Image]) -> str:
    image = images.get(container.image_id)
    return version.of_labels(image.labels) if image else ""


def _reference(container: Container, images: Mapping[str, Image]) -> Reference:
    """Returns a container's image reference; if the container only records an image ID, one of the image's names."""
    if not re.fullmatch(r"(?:sha256:)?[0-9a-f]{12,64}", container.image):
        return container.image
    image = images.get(container.image_id)
    names = (*image.tags, *image.digests) if image else ()
    return next((name for name in names if not name.startswith(f"{KEEP_REPOSITORY}/")), Reference())
