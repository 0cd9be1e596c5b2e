"""Resolves a call of Compose from a folder: the project's name, directory and files.

Which files Compose finds there is determined here and checked against its answer; everything else is Compose's answer.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from ws9tui.core.compose import definition
from ws9tui.core.compose.inputs import DEFAULT_FILES, discovered
from ws9tui.core.fs import files
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.ports import Compose
from ws9tui.errors import ComposeError, StateError, UsageError
from ws9tui.problems.engine import ComposeFileInvalid
from ws9tui.problems.project import ProjectFileMissing, ProjectFileNowhere, ProjectFilesUnclear, ProjectNoFile

STDIN = "-"
REMOTE = re.compile(r"[a-z+]+://|git@")
"""start of a file's name that Compose fetches from elsewhere"""


async def seen(compose: Compose, call: ProjectSource) -> ProjectSource:
    """Returns a call completed with the name, directory and files that Compose resolves for it.

    Raises `ComposeError` for files that Compose cannot read, `StateError` for those that this user may not read, and
    `UsageError` if there is no Compose file, if a file is missing or cannot be recorded (stdin, remote), or if the
    files are not those that Compose reads.
    """
    found = call.files or _plainly(call) or await _found(compose, call)
    for file in found:
        if file == STDIN or REMOTE.match(file):
            raise UsageError(ProjectFileNowhere(file=file))
        if not files.there(file):
            raise UsageError(ProjectFileMissing(file=file))
    there = msgspec.structs.replace(call, files=found)
    try:
        given = await compose.config(there)
    except ComposeError as error:
        raise _where(error, found) from error
    there = msgspec.structs.replace(there, name=str(given.get("name") or call.name))
    config, folder = await compose.placed(there)
    if config != given:
        raise UsageError(ProjectFilesUnclear(folder=call.called_in, files=", ".join(found)))
    return msgspec.structs.replace(there, folder=folder or there.folder)


def _where(error: ComposeError, files: Sequence[str]) -> ComposeError:
    """Returns the error with file and line, which Compose omits if there are several files."""
    if not isinstance(error.problem, ComposeFileInvalid) or error.problem.file:
        return error
    for file in files:
        with suppress(UsageError):
            if (found := definition.load(file).problem) is not None:
                return ComposeError(found)
    return error


def _plainly(call: ProjectSource) -> tuple[str, ...]:
    """Returns the files that Compose finds by name; none if any env file or variable mentions COMPOSE_FILE."""
    found = discovered(Path(call.called_in))
    if not found:
        files.there(Path(call.called_in, DEFAULT_FILES[0]))  # raises if it cannot be told: the folder is closed
    folders = dict.fromkeys((call.called_in, *(str(Path(file).parent) for file in found)))
    try:
        texts = [files.read(file) or b"" for file in (*call.env_files, *(f"{folder}/.env" for folder in folders))]
    except StateError:
        return ()
    return () if "COMPOSE_FILE" in call.environment or any(b"COMPOSE_FILE" in text for text in texts) else found


async def _found(compose: Compose, call: ProjectSource) -> tuple[str, ...]:
    """Returns the files that Compose finds itself: by COMPOSE_FILE, which it reads from many places, or by name."""
    said, separator = await compose.interpolate(call, ["${COMPOSE_FILE:-}", "${COMPOSE_PATH_SEPARATOR:-}"])
    if said:
        listed = [part for part in said.split(separator or os.pathsep) if part]
        return tuple(f if f == STDIN or REMOTE.match(f) else absolute(Path(call.called_in), f) for f in listed)
    if files := discovered(Path(call.called_in)):
        return files
    raise UsageError(ProjectNoFile(folder=call.called_in, names=", ".join(DEFAULT_FILES)))


def absolute(cwd: Path, path: str) -> str:
    """Returns a path as Compose resolves it from a folder; remote ones unchanged."""
    if REMOTE.match(path):
        return path
    return os.path.normpath(cwd / path)  # not resolved: Compose's labels keep symbolic links
