"""Edits of references in a project's files, tried on copies: Compose says what would become of every service."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import yaml

from ws9tui.core import envfile, files
from ws9tui.core.edit import Edits, FileEdit
from ws9tui.core.locate import env_files
from ws9tui.core.ports import Compose
from ws9tui.core.source import ProjectSource
from ws9tui.core.store import STAGED
from ws9tui.core.survey import Survey
from ws9tui.errors import UsageError

_PLAIN = re.compile(r"[A-Za-z0-9_./:@-]*", re.ASCII)
"""a value that an env file can have without quotes; an image's parts are such"""

PREFIX = STAGED
"""of the folder with the copies; one that a killed run has left is removed by the next"""


class Staged(msgspec.Struct, frozen=True):
    """Edits that are not made yet, and what the project is once they are."""

    edits: tuple[FileEdit, ...]
    hashes: dict[str, str]
    """the definitions' hashes, where they can be known"""
    environment: dict[str, str]
    """the shell's variables that go with them"""


def edits(found: Survey, wanted: Mapping[str, str], shell: Path | None = None) -> tuple[FileEdit, ...]:
    """The edits that give these services these references; raises `UsageError` where the files do not allow it.

    ``shell`` is an env file with the shell's variables, if those may change as well.
    """
    present = {name: service.reference for name, service in found.project.services.items()}
    made = Edits(
        (*env_files(found.source), *((str(shell),) if shell else ())),
        {} if shell else found.source.environment,
        present,
    )
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

    Raises `UsageError` where a service would get another reference than it is to have, be it selected or not.
    """
    environment = found.source.environment
    made = edits(found, wanted)
    if not made:
        return Staged((), found.hashes, environment)
    return Staged(made, await _tried(compose, found, found.source, made, wanted, scratch), environment)


async def as_running(compose: Compose, found: Survey, scratch: Path) -> Staged:
    """The edits by which the files name what runs, where somebody has changed references in them since it was made.

    The files of a generation must bring it back. Where no edit makes them name all that runs, there is none.
    """
    source = found.source
    unchanged = Staged((), found.hashes, source.environment)
    wanted = {
        name: container.image
        for name, service in found.project.services.items()
        if (container := found.container(name)) is not None and service.reference not in ("", container.image)
    }
    if not wanted:
        return unchanged
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=scratch) as folder:
        shell = Path(folder, "shell.env")
        plain = {name: value for name, value in source.environment.items() if _PLAIN.fullmatch(value)}
        files.replace(shell, "".join(f"{name}={value}\n" for name, value in plain.items()).encode(), 0o600)
        try:
            made = edits(found, wanted, shell)
            text = next((edit.content.decode() for edit in made if edit.path == str(shell)), "")
            changed = {entry.name: entry.value for entry in envfile.assignments(text)}
            source = msgspec.structs.replace(source, environment=source.environment | changed)
            made = tuple(edit for edit in made if edit.path != str(shell))
            return Staged(made, await _tried(compose, found, source, made, wanted, scratch), source.environment)
        except UsageError:
            return unchanged


async def _tried(
    compose: Compose,
    found: Survey,
    source: ProjectSource,
    made: Sequence[FileEdit],
    wanted: Mapping[str, str],
    scratch: Path,
) -> dict[str, str]:
    """The hashes once the edits are made; raises `UsageError` for references that are not as wanted then.

    A service that reads an edited file as its `env_file` has a hash that only the file in place gives: left out.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=scratch) as folder:
        staged = _copies(found, source, made, wanted, Path(folder))
        config = await compose.config(staged)
        hashes = await compose.hashes(staged)
    for name, service in found.project.services.items():
        resolved = str((config.get("services") or {}).get(name, {}).get("image") or "")
        if resolved == wanted.get(name, service.reference) or (name not in wanted and not found.containers.get(name)):
            continue
        facts = {"file": made[0].path, "line": made[0].lines[0][0]} if made else {"file": "", "line": 0}
        if name in wanted:
            reason = f"it would become {resolved}"
            raise UsageError("reference-not-in-files", service=name, reason=reason, variable="", **facts)
        raise UsageError("reference-shared", service=next(iter(wanted)), other=name, reference=resolved, **facts)
    edited = {edit.path for edit in made}
    return {
        name: value
        for name, value in found.project.comparable(hashes).items()
        if not edited.intersection(found.project.services[name].env_files)
    }


def _copies(
    found: Survey, source: ProjectSource, made: Sequence[FileEdit], wanted: Mapping[str, str], folder: Path
) -> ProjectSource:
    """A source in which the edits are made, by copies of the files.

    A Compose file that includes or extends others, which it finds beside itself, stays where it is: an override file
    stands in for its edits.
    """
    copies: dict[str, str] = {}
    for index, edit in enumerate(made):
        if edit.path in env_files(source) or not found.definition.nested:
            copies[edit.path] = str(folder / f"{index}-{Path(edit.path).name}")
            files.replace(Path(copies[edit.path]), edit.content, 0o600)
    source = msgspec.structs.replace(
        source,
        files=tuple(copies.get(path, path) for path in source.files),
        # Only where one is edited: the folder's own .env is taken by itself, and must not be named if it is not there.
        env_files=tuple(copies.get(path, path) for path in env_files(source))
        if copies.keys() & set(env_files(source))
        else source.env_files,
    )
    edited = {edit.path for edit in made} - set(copies)
    if not edited:
        return source
    override = folder / "override.yml"
    images = {
        name: {"image": reference}
        for name, reference in wanted.items()
        if name in found.definition.images and found.definition.images[name].file in edited
    }
    files.replace(override, yaml.safe_dump({"services": images}).encode(), 0o600)
    return msgspec.structs.replace(source, files=(*source.files, str(override)))
