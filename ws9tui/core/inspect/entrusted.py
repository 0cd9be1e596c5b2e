"""Who else can change what a project runs on this machine: the commands of its hooks, and the receivers of notices.

A Compose file may be writable by users who must not get this process's rights. What the file says about containers is
left to Compose; what it says about this machine counts only if nobody else can have written it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from ws9tui.core.compose import inputs
from ws9tui.core.fs import files, places
from ws9tui.core.model.hooks import Hook
from ws9tui.core.model.notices import Receiver
from ws9tui.core.model.source import ProjectSource
from ws9tui.problems.hooks import HookNotEntrusted, HookSkipped, NotifyNotEntrusted


def hooks(found: Iterable[Hook], source: ProjectSource) -> tuple[Hook, ...]:
    """Returns hooks with the reason why they are not run on this machine, if there is one."""
    return tuple(msgspec.structs.replace(hook, doubt=doubt(hook, source)) for hook in found)


def doubt(hook: Hook, source: ProjectSource) -> HookNotEntrusted | None:
    """Returns why a hook in the project's current files is not run on this machine, or None."""
    if not hook.host:
        return None
    exposed = _first((*_written_in(hook.file, hook.written, source), *_programs(hook.command, source)))
    if exposed is None:
        return None
    path, owner = exposed
    return HookNotEntrusted(
        when=hook.when, service=hook.service, file=hook.file, line=hook.line, path=path, owner=files.user(owner)
    )


def skipped(hook: Hook, source: ProjectSource) -> HookSkipped | None:
    """Returns why a recorded hook is not run on this machine: by its files then, and its programs now; or None."""
    if not hook.host:
        return None
    if hook.doubt is not None:
        path, owner = hook.doubt.facts.get("path", ""), hook.doubt.facts.get("owner", "")
        return HookSkipped(when=hook.when, service=hook.service, path=path, owner=owner)
    if (exposed := _first(_programs(hook.command, source))) is None:
        return None
    return HookSkipped(when=hook.when, service=hook.service, path=exposed[0], owner=files.user(exposed[1]))


def receivers(found: Iterable[Receiver], source: ProjectSource) -> tuple[Receiver, ...]:
    """Returns receivers with the reason why they are not notified, if there is one."""
    return tuple(msgspec.structs.replace(one, doubt=_doubt_of(one, source)) for one in found)


def _doubt_of(one: Receiver, source: ProjectSource) -> NotifyNotEntrusted | None:
    if (exposed := _first(_written_in(one.file, one.written, source))) is None:
        return None
    path, owner = exposed
    return NotifyNotEntrusted(receiver=one.name, file=one.file, line=one.line, path=path, owner=files.user(owner))


def _written_in(file: str, written: str, source: ProjectSource) -> list[str]:
    """Returns the files that a text and its variables come from."""
    return [file, *(path for path in inputs.env_files(source) if "$" in written and os.path.lexists(path))]


def _programs(command: Sequence[str], source: ProjectSource) -> list[str]:
    """Returns the project's folder, where a command is run, the program if it is a path, and all files it names."""
    folder = Path(source.folder)
    named = [str(folder / word) for word in command[1:] if not word.startswith("-") and os.path.lexists(folder / word)]
    program = [str(folder / command[0])] if command and "/" in command[0] else []
    return [str(folder), *program, *named]


def _first(paths: Iterable[str]) -> tuple[str, int] | None:
    return next((found for path in paths if (found := places.exposed_file(path)) is not None), None)
