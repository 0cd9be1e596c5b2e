"""Where a project's definition is: the arguments that Compose must be called with."""

from __future__ import annotations

import msgspec


class ProjectSource(msgspec.Struct, frozen=True):
    """Everything by which Compose finds and reads one project, all paths absolute.

    ``environment`` holds the shell's variables that the project's files name; they are values and may be secret.
    """

    name: str
    folder: str
    files: tuple[str, ...]
    env_files: tuple[str, ...] = ()
    """files given by --env-file; empty means the folder's own .env"""
    profiles: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    absent: tuple[str, ...] = ()
    """variables that the files name and that were not set: Compose must not see them either"""
