"""Opens a project's backup: first reads and verifies all of it, and reports the progress."""

from __future__ import annotations

from pathlib import Path

from ws9tui.core.blocking import in_thread
from ws9tui.core.data.progress import CopyProgress
from ws9tui.core.session import Session
from ws9tui.core.store.saved_file import SavedFile


async def read(session: Session, path: str) -> SavedFile:
    """Returns the backup in a file, verified by its checksums; raises `Refused`."""
    try:
        size = Path(path).stat().st_size
    except OSError:  # reported when the file is opened
        size = -1
    progress = CopyProgress(session, path, "", "read", size)
    with progress.beside():
        return await in_thread(lambda check: SavedFile(path, check, progress.count))
