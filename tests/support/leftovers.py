"""What a test session that has ended may have left on the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import processes

if TYPE_CHECKING:
    from pathlib import Path


def leftovers(folder: Path) -> list[str]:
    """List processes, control groups and files of the session with this folder."""
    return [
        *(f"process {pid}" for pid in processes.select(processes.mentions(str(folder)))),
        *(f"process {pid} of a container" for pid in processes.in_cgroups(f"{folder.name}*")),
        *(str(path) for path in processes.cgroups(f"{folder.name}*")),
        *([str(folder)] if folder.exists() else []),
    ]
