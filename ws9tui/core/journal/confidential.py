"""Masks secrets in events; all that is written to a journal passes through here.

Names and states stay as they are, since recoveries and front ends go by them, and Compose's names are no secrets; but
none keeps the credentials of an address. All other text may come from outside, and is masked by what is known.

What a front end asks for may have to have a secret in it, as a release's URL with its token, and so may its shell's
variables: a worker gets that in a file of its own, which it removes as it reads it.
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
from ws9tui.problems.engine import JournalUnwritable
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
"""fields of events and facts of problems that hold names, states and times"""
_SETTINGS = frozenset(("values", "answers", "settings"))
"""fields that map variables to their values"""
_CHOICES = frozenset(("mine", "release", "merged", "override"))
"""what is answered about a variable of which there are two values"""
_RECEIVERS = "notify"
"""field of which hardly anything may be shown"""
_PRIVATE = "private-"


def masked(event: T, mask: Mask) -> T:
    """An event, or a part of one, as it may be written and shown."""
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
    """An event of a front end as the journal gets it; where it has a secret, it lies beside that whole.

    Raises `StateError`.
    """
    public = masked(event, Mask())
    if public == event:
        return event
    return msgspec.structs.replace(public, private=_put(folder, e.encode(event)).name)


def taken(folder: Path, event: Handed) -> Handed:
    """The event as its front end meant it; what lay beside the journal is gone then."""
    if not event.private:
        return event
    path = folder / Path(event.private).name
    try:
        whole = e.decode(path.read_bytes())
    except (OSError, ValueError):
        return event
    path.unlink(missing_ok=True)
    return whole if isinstance(whole, type(event)) else event


def hand_environment(folder: Path, environ: Mapping[str, str]) -> Path:
    """Writes variables into a file for a worker that does not inherit them; raises `StateError`."""
    return _put(folder, json.dumps(dict(environ)).encode())  # and not msgspec: a value may be no UTF-8


def take_environment(path: Path) -> None:
    """Makes the variables in a file those of this process, and removes it; raises `OSError`."""
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
    """Removes what no worker has taken any more."""
    with suppress(OSError):
        for path in folder.glob(f"{_PRIVATE}*"):
            path.unlink()
