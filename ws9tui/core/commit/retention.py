"""Retention: which generations are kept, with their keep tags, images and backups."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from ws9tui.core.journal import events as e
from ws9tui.core.session import Session
from ws9tui.core.store import backup, generation, users
from ws9tui.core.store.generation import Generation


async def hold(session: Session, reached: Generation) -> None:
    """Sees to a generation's keep tags once more: a way back that was cut short before may have taken them."""
    for tag, image_id in generation.keep_tags(reached).items():
        await session.engine.tag(image_id, tag)


def kept(tags: Iterable[str], project: str) -> dict[int, set[str]]:
    """The generations of which the engine has keep tags: number → under whose names."""
    repository = generation.keep_tag(project, 0, "").name
    found: dict[int, set[str]] = {}
    for tag in tags:
        if match := re.fullmatch(rf"{re.escape(repository)}(?:/(u\d{{1,10}}))?:(\d{{1,9}})-.+", tag):
            found.setdefault(int(match[2]), set()).add(match[1] or "")
    return found


def of_others(tags: Iterable[str], project: str, recorded: Collection[int]) -> dict[str, tuple[int, ...]]:
    """The generations that other users have recorded, by the user's name; ``recorded`` are those that we have."""
    found: dict[str, tuple[int, ...]] = {}
    for number, keepers in sorted(kept(tags, project).items()):
        for keeper in () if number in recorded else sorted(keepers - {users.keeper()}):
            user = users.of_keeper(keeper)
            found[user] = (*found.get(user, ()), number)
    return found


def too_old(state: Path, current: int, before: int, keep: int) -> list[int]:
    """The numbers of the generations beyond the ``keep`` latest.

    The current one is among these, and so is what ran before it, however few are kept: its number may be much lower,
    where somebody has gone back to it.
    """
    others = [number for number in generation.numbers(state) if number not in (current, 0)]
    others.sort(key=lambda number: (number == before, number))
    return others[: max(len(others) - max(keep - 1, 1), 0)]


async def let_go(session: Session, state: Path, name: str, number: int) -> None:
    """Forgets a generation: its keep tags, the images that nothing else names or uses, its saved data, its record."""
    old = generation.read(state, number)
    for tag, image_id in generation.keep_tags(old, name).items():
        image = await session.engine.image(tag)
        if image is None or image.id != image_id:  # older versions shared their tags among all users
            continue
        await session.engine.untag(tag)
        session.emit(e.Removed(kind="keep-tag", subject=tag))
        await _drop_unused(session, image.id)
    for gone in backup.remove_of(state, number):
        session.emit(e.Removed(kind="backup", subject=gone.folder))
    generation.remove(state, number)


def rotate_backups(session: Session, state: Path, held: Collection[str]) -> None:
    """Removes the oldest saved data beyond what is kept by count and size; ``held`` are folders that this run needs."""
    for gone in backup.rotate(state, generation.numbers(state), held):
        session.emit(e.Removed(kind="backup", subject=gone.folder))


async def _drop_unused(session: Session, image_id: str) -> None:
    """Removes an old image whose only names are digests, when no container uses it."""
    image = await session.engine.image(image_id)
    if image is None or image.tags:
        return
    if any(container.image_id == image_id for container in await session.engine.containers()):
        return
    for name in image.digests:
        await session.engine.untag(name)
    session.emit(e.Removed(kind="image", subject=image_id))
