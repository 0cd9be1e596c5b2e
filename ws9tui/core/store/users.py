"""Users of this machine, under which names their keep tags are, and whose the engine has."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Collection, Iterable

from ws9tui.core.store.generation import keep_tag


def name(uid: int) -> str:
    """A user's name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def keeper() -> str:
    """What this user's keep tags have in their repository: nothing for root, the ID for others."""
    return f"u{os.geteuid()}" if os.geteuid() else ""


def of_keeper(keeper: str) -> str:
    """The name of the user whose keep tags those are."""
    return name(int(keeper.removeprefix("u") or 0))


def kept(tags: Iterable[str], project: str) -> dict[int, set[str]]:
    """The generations of which the engine has keep tags: number → under whose names."""
    repository = keep_tag(project, 0, "").name
    found: dict[int, set[str]] = {}
    for tag in tags:
        if match := re.fullmatch(rf"{re.escape(repository)}(?:/(u\d{{1,10}}))?:(\d{{1,9}})-.+", tag):
            found.setdefault(int(match[2]), set()).add(match[1] or "")
    return found


def of_others(tags: Iterable[str], project: str, recorded: Collection[int]) -> dict[str, tuple[int, ...]]:
    """The generations that other users have recorded, by the user's name; ``recorded`` are those that we have."""
    found: dict[str, tuple[int, ...]] = {}
    for number, keepers in sorted(kept(tags, project).items()):
        for own in () if number in recorded else sorted(keepers - {keeper()}):
            user = of_keeper(own)
            found[user] = (*found.get(user, ()), number)
    return found
