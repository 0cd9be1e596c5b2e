"""Users of this machine, and the keep tags by which an engine shows their generations."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Collection, Iterable

from ws9tui.core.store.generation import keep_tag


def name(uid: int) -> str:
    """Returns a user's name, or `uid N` if it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def keeper() -> str:
    """Returns the part of keep tags that identifies this user: empty for root, else `u` and the user ID."""
    return f"u{os.geteuid()}" if os.geteuid() else ""


def of_keeper(keeper: str) -> str:
    """Returns the name of the user with this part in keep tags."""
    return name(int(keeper.removeprefix("u") or 0))


def kept(tags: Iterable[str], project: str) -> dict[int, set[str]]:
    """Returns the generations with keep tags on the engine: number → the users' parts (`keeper`)."""
    repository = keep_tag(project, 0, "").name
    found: dict[int, set[str]] = {}
    for tag in tags:
        if match := re.fullmatch(rf"{re.escape(repository)}(?:/(u\d{{1,10}}))?:(\d{{1,9}})-.+", tag):
            found.setdefault(int(match[2]), set()).add(match[1] or "")
    return found


def of_others(tags: Iterable[str], project: str, recorded: Collection[int]) -> dict[str, tuple[int, ...]]:
    """Returns other users' generations, by user name; ``recorded`` are this user's, which are left out."""
    found: dict[str, tuple[int, ...]] = {}
    for number, keepers in sorted(kept(tags, project).items()):
        for own in () if number in recorded else sorted(keepers - {keeper()}):
            user = of_keeper(own)
            found[user] = (*found.get(user, ()), number)
    return found
