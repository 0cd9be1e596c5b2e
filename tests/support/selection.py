"""Which of the collected tests a session runs: a plain one has no time for all scenarios on real engines.

It runs all that needs no engine, the contracts and adapters, and every failure that updaters are known for. The other
scenarios take turns: the commit's hash decides which share of them runs, mostly another one than for the commit before,
and for the same commit the same (a count of commits would not do: a shallow clone has one). Of tests whose cases are
alike a few cases run. `--full` runs everything.
"""

from __future__ import annotations

import subprocess
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from . import failures, websoft9_failures
from .dockerd import SIMULATED, STORES

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest

TURNS = 8
_ROOT = Path(__file__).resolve().parents[2]
_KNOWN = tuple(test for rows in (failures.ROWS, websoft9_failures.ROWS) for row in rows.values() for test in row.tests)


def by_commit() -> int:
    """Return whose turn it is: the commit's hash decides; without one the first."""
    asked = ["git", "-C", str(_ROOT), "rev-parse", "HEAD"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    return int(said, 16) % TURNS if said else 0


def wanted(item: pytest.Item, asked: str | None, *, full: bool) -> bool:
    """Tell whether an item runs: on both engines what is marked so, all else on the one that its name decides on."""
    if not full and any(mark.kwargs["reason"] for mark in item.iter_markers("full")):
        return False
    callspec = getattr(item, "callspec", None)
    store = callspec.params.get("store", SIMULATED) if callspec else SIMULATED
    if store == SIMULATED:
        return True
    if only := [mark.args[0] for mark in item.iter_markers("only_store") if mark.kwargs["reason"]]:
        return store in only and asked in (store, "both", None)
    one_is_enough = not full and any(mark.kwargs["reason"] for mark in item.iter_markers("any_store"))
    if asked or (item.get_closest_marker("both_stores") and not one_is_enough):
        return asked in (store, "both", None)
    name = item.nodeid.replace(store, "")
    return bool(store == STORES[zlib.crc32(name.encode()) % len(STORES)])


def sampled(items: Iterable[pytest.Item], turn: int) -> list[pytest.Item]:
    """Leave so many cases of each test as its mark says: the name and the turn decide on the first one."""
    items = list(items)
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if any(mark.kwargs["reason"] for mark in item.iter_markers("sample")):
            cases.setdefault(function(item), []).append(item)
    left: set[pytest.Item] = set()
    for name, group in cases.items():
        [mark] = group[0].iter_markers("sample")
        count = min(mark.args[0], len(group))
        first = zlib.crc32(name.encode()) + turn
        left |= set(group) - {group[(first + number * len(group) // count) % len(group)] for number in range(count)}
    return [item for item in items if item not in left]


def has_turn(item: pytest.Item, turn: int) -> bool:
    """Tell whether an item runs in this turn: every one that is no scenario on an engine, and its share of those."""
    scenario = item.get_closest_marker("engine") and item.path.parent.name == "engine"
    if not scenario or any(mark.kwargs["reason"] for mark in item.iter_markers("always")):
        return True
    name = function(item)
    return any(failures.means(test, name) for test in _KNOWN) or zlib.crc32(name.encode()) % TURNS == turn


def spread(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """Put what takes minutes where workers begin, so that none is left with it at the end, and the others wait."""
    items = list(items)
    long = [item for item in items if item.get_closest_marker("long")]
    others = [item for item in items if item not in long]
    share = -(-len(others) // max(len(long), 1))
    return [one for n, item in enumerate(long) for one in (item, *others[n * share : (n + 1) * share])] or others


def function(item: pytest.Item) -> str:
    """Name an item as the tables of failures do, without its parameters."""
    return f"{item.path.name}::{getattr(item, 'originalname', item.name)}"
