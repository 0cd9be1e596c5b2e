"""Opens a project's backup: all of it is read and compared first, and how far that is is said."""

from __future__ import annotations

from pathlib import Path

from ws9tui.core.blocking import in_thread
from ws9tui.core.data.progress import CopyProgress
from ws9tui.core.session import Session
from ws9tui.core.store.saved_file import SavedFile


async def read(session: Session, path: str) -> SavedFile:
    """The backup in a file, compared with its checksums; raises `Refused`."""
    try:
        size = Path(path).stat().st_size
    except OSError:  # which is told by whoever opens it
        size = -1
    progress = CopyProgress(session, path, "", "read", size)
    with progress.beside():
        return await in_thread(lambda check: SavedFile(path, check, progress.count))
