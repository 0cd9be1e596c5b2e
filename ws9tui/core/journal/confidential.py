"""Masks secrets in events; every event passes through this module before it is written to a journal.

Names and states are not masked, since recovery and front ends depend on them and Compose names are not secret; only
credentials in URLs are removed from them. All other text may come from outside and is masked by the known secrets.

A request may contain a secret, such as a release's URL with its token, and so may the shell's variables: these are
handed to the worker in a private file, which the worker removes when it reads it.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from ws9tui.core.fs import files
from ws9tui.core.journal import events as e
from ws9tui.core.model import notices
from ws9tui.core.model.masking import HIDDEN, Mask, is_secret
from ws9tui.core.model.reference import Reference
from ws9tui.errors import StateError
from ws9tui.problems.engine import JournalUnreadable, JournalUnwritable
from ws9tui.problems.problem import Problem, Unrecognized

T = TypeVar("T")
Handed = TypeVar("Handed", e.RunRequested, e.Decision)

_OF_NAMES = """
about accept api_version architecture archive archives arguments as_before at backup backup_dir backup_folder backups by
candidates changed_at channel checksum choices code commands compose compose_file compose_version consent container
containers created_at cwd digest digests doing done engine_version env_files environment expected_from files folder
followers hashes health host image image_id image_ids images key keys kind leave_data made_at name network new_version
newest number old_version on_failure options origin path paths peer phase platform platforms private profiles program
project project_name projects pulls receiver recover reference references registry role run running running_reference
server service services source started_at state state_dir status subject tag tags target terminal type undone unwell
user variable verdict version volume when
"""
_NAMES = frozenset(_OF_NAMES.split())
"""fields of events and facts of problems that hold names, states and times: only credentials are masked in them"""
_SETTINGS = frozenset(("values", "answers", "settings"))
"""fields that map variables to their values"""
_CHOICES = frozenset(("mine", "release", "merged", "override"))
"""the answers to a merge conflict, which are not values"""
_RECEIVERS = "notify"
"""field with the receivers of notices: of a URL only the host is shown, of a command only the program"""
_PRIVATE = "private-"


def masked(event: T, mask: Mask) -> T:
    """Returns an event, or a part of one, with its secrets masked."""
    found: T = _masked(event, "", mask)
    return found


def _masked(value: Any, name: str, mask: Mask) -> Any:  # noqa: ANN401 - any field of any event
    if isinstance(value, str) and not isinstance(value, Enum):
        if name == _RECEIVERS:
            return notices.shown(value)
        shown = mask.without_credentials(value) if name in _NAMES else mask.hidden(value)
        return Reference(shown) if isinstance(value, Reference) else shown
    if isinstance(value, tuple):
        return tuple(_masked(part, name, mask) for part in value)
    if isinstance(value, dict):
        return _masked_entries(value, name, mask)
    if isinstance(value, Unrecognized):
        return Unrecognized(_masked(value.code, "code", mask), _masked(value.facts, "facts", mask))
    if isinstance(value, Problem):
        return value.replace(**{name: _masked(fact, name, mask) for name, fact in vars(value).items()})
    if isinstance(value, msgspec.Struct):
        fields = {field: getattr(value, field) for field in value.__struct_fields__}
        return msgspec.structs.replace(value, **{field: _masked(part, field, mask) for field, part in fields.items()})
    return value


def _masked_entries(entries: Mapping[str, Any], name: str, mask: Mask) -> dict[str, Any]:
    if name in _SETTINGS:
        secret = {key for key, value in entries.items() if is_secret(key) and value not in _CHOICES}
        return {key: HIDDEN if key in secret else _masked(value, name, mask) for key, value in entries.items()}
    return {key: _masked(value, key if name == "facts" else name, mask) for key, value in entries.items()}


def handed(folder: Path, event: Handed) -> Handed:
    """Returns a front end's event masked for the journal.

    If masking changes the event, the whole event is put into a private file in ``folder``. Raises `StateError`.
    """
    public = masked(event, Mask())
    if public == event:
        return event
    return msgspec.structs.replace(public, private=_put(folder, e.encode(event)).name)


def taken(folder: Path, event: Handed) -> Handed:
    """Returns the whole event from its private file, which is removed; raises `StateError` if that cannot be read."""
    if not event.private:
        return event
    path = folder / Path(event.private).name
    try:
        whole = e.decode(path.read_bytes())
        path.unlink()
    except OSError as error:
        raise StateError(JournalUnreadable(path=str(path), reason=error.strerror)) from error
    except ValueError as error:
        raise StateError(JournalUnreadable(path=str(path), reason=str(error))) from error
    if not isinstance(whole, type(event)):
        raise StateError(JournalUnreadable(path=str(path), reason=None))
    return whole


def hand_environment(folder: Path, environ: Mapping[str, str]) -> Path:
    """Writes variables into a file for a worker that does not inherit them; raises `StateError`."""
    return _put(folder, json.dumps(dict(environ)).encode())  # not msgspec: a value may be invalid UTF-8


def take_environment(path: Path) -> None:
    """Replaces this process's environment with the variables in a file, and removes the file; raises `OSError`."""
    found = json.loads(path.read_bytes())
    path.unlink()
    os.environ.clear()
    os.environ.update(found)


def _put(folder: Path, content: bytes) -> Path:
    path = folder / f"{_PRIVATE}{secrets.token_hex(8)}"
    try:
        files.create(path, content)
    except OSError as error:
        raise StateError(JournalUnwritable(path=str(path), reason=error.strerror)) from error
    return path


def forget(folder: Path) -> None:
    """Removes the private files that no worker has read."""
    with suppress(OSError):
        for path in folder.glob(f"{_PRIVATE}*"):
            path.unlink()
