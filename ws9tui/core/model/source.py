"""The Compose arguments that identify a project: its directory, files, profiles and variables."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class FoundBy(StrEnum):
    """How Compose comes to a project's files, which decides which `.env` files it reads and where from."""

    FLAG = "flag"
    """they are given with -f"""
    COMPOSE = "compose"
    """Compose finds them itself from the working directory: by COMPOSE_FILE, wherever that is set, or by their names"""
    VARIABLE = "variable"
    """as `COMPOSE`, but COMPOSE_FILE is set to the files: for a call with other files in their place"""


class ProjectSource(msgspec.Struct, frozen=True):
    """Everything by which Compose finds and reads one project, all paths absolute and their symbolic links kept.

    ``environment`` holds the shell's variables that the project's files name, and all of Compose's own; they are
    values and may be secret.
    """

    name: str
    folder: str
    """the project's directory, as Compose has it: what relative paths are relative to"""
    files: tuple[str, ...]
    env_files: tuple[str, ...] = ()
    """files given by --env-file; empty means the .env files that Compose takes by itself"""
    profiles: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    absent: tuple[str, ...] = ()
    """variables that the files name and that were not set: Compose must not see them either"""
    cwd: str = ""
    """the working directory of the call; empty means ``folder``"""
    found_by: FoundBy = FoundBy.FLAG
    directory: bool = True
    """whether ``folder`` is given with --project-directory"""

    @property
    def called_in(self) -> str:
        """The working directory of the call."""
        return self.cwd or self.folder
