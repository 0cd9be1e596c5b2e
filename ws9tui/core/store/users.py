"""Users of this machine, and under which names their keep tags are."""

from __future__ import annotations

import os
import pwd


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
