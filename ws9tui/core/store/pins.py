"""Pins generations: a pinned one is never removed, and its images keep the tags that hold them.

The mark is in the generation's own record, so that it lives and is copied with it.
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
    """The numbers of a project's pinned generations, as far as their records can be read."""
    return frozenset(recorded.number for recorded in generation.read_all(state) if recorded.pinned)


def saved_data(state: Path) -> set[str]:
    """The folders of the newest saved data of each service of the pinned generations."""
    return {saved.folder for number in pinned(state) for saved in backup.newest(state, number).values()}


def pin(home: Home, number: int, actor: Actor, *, wanted: bool = True) -> Generation:
    """Pins a generation, or takes its pin away, while nobody else writes; it is on the disk when this returns.

    Raises `Busy` while a run has the project, and `StateError` where the record is not there or cannot be written.
    """
    lock = Lock(home.folder / LOCK, home.project, home.engines[-1] if home.engines else home.folder.name)
    lock.acquire(holder("", 0, actor))
    try:
        recorded = msgspec.structs.replace(generation.read(home.folder, number), pinned=wanted)
        generation.update(home.folder, recorded)
    finally:
        lock.release()
    return recorded
