"""Compares sources: whether two are one project's, by whatever path they are reached."""

from __future__ import annotations

import os
from pathlib import Path

from ws9tui.core.compose.inputs import DEFAULT_OVERRIDES, folder_files
from ws9tui.core.model.source import ProjectSource


def same_place(one: ProjectSource, other: ProjectSource) -> bool:
    """Whether two sources have the same project directory and files, past all symbolic links.

    An override file next to the folder's default file is ignored: it may have been added or removed since.
    """
    return _same(one.folder, other.folder) and _own_files(one) == _own_files(other)


def shares_file(one: ProjectSource, other: ProjectSource) -> bool:
    """Whether two sources have the same first file."""
    return _same(one.files[0], other.files[0])


def _own_files(source: ProjectSource) -> list[str]:
    usual = folder_files(Path(source.folder))
    overrides = {str(Path(source.folder, name)) for name in DEFAULT_OVERRIDES}
    files = [file for file in source.files if source.files[:1] != usual[:1] or file not in overrides]
    return [os.path.realpath(file) for file in files]


def _same(one: str, other: str) -> bool:
    return os.path.realpath(one) == os.path.realpath(other)
