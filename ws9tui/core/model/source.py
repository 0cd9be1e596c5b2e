"""The Compose arguments that identify a project: its directory, files, profiles and variables."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class FoundBy(StrEnum):
    """How Compose finds a project's files, which determines the `.env` files that it reads."""

    FLAG = "flag"
    """the files are given with -f"""
    COMPOSE = "compose"
    """Compose finds the files itself from the working directory: by COMPOSE_FILE, wherever set, or by default names"""
    VARIABLE = "variable"
    """as `COMPOSE`, but COMPOSE_FILE is set explicitly: for a call with other files in their place"""


class ProjectSource(msgspec.Struct, frozen=True):
    """The Compose arguments that identify a project; all paths are absolute, with symbolic links kept.

    ``environment`` holds the shell's variables that the project's files name, and all of Compose's own; the values
    may be secret.
    """

    name: str
    folder: str
    """Compose's project directory, the base of relative paths"""
    files: tuple[str, ...]
    env_files: tuple[str, ...] = ()
    """files given with --env-file; empty means the .env files that Compose reads by default"""
    profiles: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    absent: tuple[str, ...] = ()
    """variables that the files name and that were unset: Compose must not see them either"""
    cwd: str = ""
    """the working directory of the call; empty means ``folder``"""
    found_by: FoundBy = FoundBy.FLAG
    directory: bool = True
    """whether ``folder`` is given with --project-directory"""

    @property
    def called_in(self) -> str:
        """The working directory of the call."""
        return self.cwd or self.folder
