"""Edits of references in a project's files, tried on copies: Compose says what would become of every service."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import yaml

from ws9tui.core import files
from ws9tui.core.edit import Edits, FileEdit
from ws9tui.core.locate import env_files
from ws9tui.core.ports import Compose
from ws9tui.core.source import ProjectSource
from ws9tui.core.survey import Survey
from ws9tui.errors import UsageError


class Staged(msgspec.Struct, frozen=True):
    """Edits that are not made yet, and the definitions' hashes once they are."""

    edits: tuple[FileEdit, ...]
    hashes: dict[str, str]


def edits(found: Survey, wanted: Mapping[str, str]) -> tuple[FileEdit, ...]:
    """The edits that give these services these references; raises `UsageError` where the files do not allow it."""
    present = {name: service.reference for name, service in found.project.services.items()}
    made = Edits(env_files(found.source), found.source.environment, present)
    for name, reference in wanted.items():
        if reference == present[name]:
            continue
        place = found.definition.images.get(name)
        if place is None:
            raise UsageError("reference-not-in-files", service=name, variable="", reason="place", file="", line=0)
        made.set_image(name, place, reference)
    return made.files


async def stage(compose: Compose, found: Survey, wanted: Mapping[str, str], scratch: Path) -> Staged:
    """The edits for these references, tried on copies in a folder below ``scratch``.

    Raises `UsageError` where a service would get another reference than it is to have, be it selected or not. A service
    that reads an edited file as its `env_file` has a hash that only the file in place gives: left out.
    """
    made = edits(found, wanted)
    if not made:
        return Staged((), found.hashes)
    edited = {edit.path for edit in made}
    with tempfile.TemporaryDirectory(prefix="staged-", dir=scratch) as folder:
        source = _copies(found, made, wanted, Path(folder))
        config = await compose.config(source)
        hashes = await compose.hashes(source)
    for name, service in found.project.services.items():
        resolved = str((config.get("services") or {}).get(name, {}).get("image") or "")
        if resolved == wanted.get(name, service.reference) or (name not in wanted and not found.containers.get(name)):
            continue
        facts = {"file": made[0].path, "line": made[0].lines[0][0], "variable": ""}
        if name in wanted:
            raise UsageError("reference-not-in-files", service=name, reason=f"it would become {resolved}", **facts)
        raise UsageError("reference-shared", service=next(iter(wanted)), other=name, reference=resolved, **facts)
    project = found.project
    kept = {
        name: value
        for name, value in project.comparable(hashes).items()
        if not edited.intersection(project.services[name].env_files)
    }
    return Staged(made, kept)


async def as_running(compose: Compose, found: Survey, scratch: Path) -> tuple[FileEdit, ...]:
    """The edits by which the files name what runs, where somebody has changed references in them since it was made.

    The files of a generation must bring it back. Where no edit makes them name all that runs, there is none.
    """
    wanted = {
        name: container.image
        for name, service in found.project.services.items()
        if (container := found.container(name)) is not None and container.image != service.reference
    }
    try:
        return (await stage(compose, found, wanted, scratch)).edits
    except UsageError:
        return ()


def _copies(found: Survey, made: Sequence[FileEdit], wanted: Mapping[str, str], folder: Path) -> ProjectSource:
    """A source in which the edits are made: env files as copies, images of Compose files by an override file."""
    source = found.source
    copies: dict[str, str] = {}
    for index, edit in enumerate(made):
        if edit.path in env_files(source):
            copies[edit.path] = str(folder / f"{index}.env")
            files.replace(folder / f"{index}.env", edit.content, 0o600)
    edited = {edit.path for edit in made} - set(copies)
    override = folder / "override.yml"
    images = {
        name: {"image": reference}
        for name, reference in wanted.items()
        if name in found.definition.images and found.definition.images[name].file in edited
    }
    files.replace(override, yaml.safe_dump({"services": images}).encode(), 0o600)
    return msgspec.structs.replace(
        source,
        files=(*source.files, str(override)),
        env_files=tuple(copies.get(path, path) for path in env_files(source)) if copies else source.env_files,
    )
