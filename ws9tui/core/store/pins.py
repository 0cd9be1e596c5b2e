"""Pins generations: a pinned generation is never removed, and its images keep their keep tags.

The pin is a field of the generation's own record, so it is copied and removed with it.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from ws9tui.core.model.terms import Actor
from ws9tui.core.store import backup, generation
from ws9tui.core.store.generation import Generation
from ws9tui.core.store.home import LOCK
from ws9tui.core.store.lock import Lock, holder
from ws9tui.core.store.store import Home


def pinned(state: Path) -> frozenset[int]:
    """Returns the numbers of a project's pinned generations, of those that can be read."""
    return frozenset(recorded.number for recorded in generation.read_all(state) if recorded.pinned)


def saved_data(state: Path) -> set[str]:
    """Returns the folders of the newest backup of each service in the pinned generations."""
    return {saved.folder for number in pinned(state) for saved in backup.newest(state, number).values()}


def pin(home: Home, number: int, actor: Actor, *, wanted: bool = True) -> Generation:
    """Pins a generation, or unpins it unless ``wanted``, under the project's lock; synced to disk on return.

    Raises `Busy` while a run holds the lock, and `StateError` if the record is missing or cannot be written.
    """
    lock = Lock(home.folder / LOCK, home.project, home.engines[-1] if home.engines else home.folder.name)
    lock.acquire(holder("", 0, actor))
    try:
        recorded = msgspec.structs.replace(generation.read(home.folder, number), pinned=wanted)
        generation.update(home.folder, recorded)
    finally:
        lock.release()
    return recorded
