"""Finds a project's records by the engine's identity and the project's name, independent of the engine's address.

    STATE/projects/KEY/engine.json    the identities that the engine has had, and other users with records

Records of older versions lack that file, and an engine may get another ID or data root. Then the records are found by
the engine's networks that they name, or by the engine's address, after which their folder is named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from ws9tui.core.fs import files
from ws9tui.core.model.durations import rfc3339
from ws9tui.core.store import generation
from ws9tui.core.store.store import Home, Store, address_key, engine_key, usual_address
from ws9tui.errors import StateError
from ws9tui.problems.problem import Problem
from ws9tui.problems.run import GenerationsOfOthers

LOCK = "lock"
"""the lock file in a project's folder"""
_FILE = "engine.json"


class _Known(msgspec.Struct, frozen=True):
    ids: tuple[str, ...] = ()
    others: dict[str, tuple[int, ...]] = {}


def find(store: Store, project: str, engine: str, host: str, networks: Collection[str] = ()) -> Home:
    """Returns the home of a project on an engine with this identity, address and networks; creates no folder."""
    home = _find(store, project, engine, host, networks)
    return home if engine in ("", *home.engines) else msgspec.structs.replace(home, engines=(*home.engines, engine))


def _find(store: Store, project: str, engine: str, host: str, networks: Collection[str]) -> Home:
    homes = all_of(store, project)
    own = next((home for home in homes if engine in home.engines), None)
    if own is not None:
        return own
    if theirs := [home for home in homes if not _networks(home).isdisjoint(networks)]:
        return max(theirs, key=latest)
    here = _home(store.projects_folder / address_key(project, host), project)
    # The machine's own engine gets another ID if reinstalled; at another address there may be another engine now.
    if not here.engines or not engine or usual_address(host):
        return here
    return Home(store.projects_folder / engine_key(project, engine), project)


def all_of(store: Store, project: str) -> list[Home]:
    """Returns the homes of a project on all engines."""
    first = store.projects_folder / address_key(project, "")
    folders = [first, *sorted(store.projects_folder.glob(f"{first.name}@*"))]
    return [_home(folder, project) for folder in folders if folder.is_dir()]


def used_at(home: Home) -> str:
    """Returns when a run last acquired or released the project's lock, by the lock file's time; empty if none did."""
    try:
        return rfc3339((home.folder / LOCK).stat().st_mtime)
    except OSError:
        return ""


def of_others(home: Home) -> Iterator[Problem]:
    """Yields a problem for each other user who has recorded generations of the project."""
    for user, numbers in home.others.items():
        yield GenerationsOfOthers(user=user, numbers=", ".join(str(number) for number in numbers))


def settle(home: Home) -> None:
    """Writes a home's `engine.json`, ignoring failures such as a full disk; the caller must hold the project's lock."""
    if home != _home(home.folder, home.project):
        with suppress(StateError):
            files.replace(home.folder / _FILE, msgspec.json.encode(_Known(home.engines, home.others)))


def _home(folder: Path, project: str) -> Home:
    try:
        known = msgspec.json.decode((folder / _FILE).read_bytes(), type=_Known)
    except (OSError, ValueError):
        known = _Known()
    return Home(folder, project, known.ids, known.others)


def _networks(home: Home) -> set[str]:
    return {network for recorded in generation.read_all(home.folder) for network in recorded.networks}


def latest(home: Home) -> str:
    """Returns when the last of a home's generations was recorded; empty if there is none."""
    return max((recorded.created_at for recorded in generation.read_all(home.folder)), default="")
