"""Resolves the project as the files that a run will write would make it, before any of them is written.

Compose resolves the project in a mirror of this machine's files. Nothing of the project is changed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from ws9tui.core.compose import mirror
from ws9tui.core.compose.edit import FileEdit
from ws9tui.core.fs import files
from ws9tui.core.inspect import entrusted
from ws9tui.core.inspect.staging import PREFIX, Staged
from ws9tui.core.inspect.survey import Survey, survey
from ws9tui.core.model.hooks import Hook
from ws9tui.core.model.notices import Receiver
from ws9tui.core.model.project import Project
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.ports import Compose, Engine
from ws9tui.core.store.generation import Generation
from ws9tui.problems.bundle import BundleFile
from ws9tui.problems.problem import Problem
from ws9tui.problems.upgrade import FileOfRelease


class Draft(msgspec.Struct, frozen=True):
    """The project as it would be: its survey, with the containers of today, and the edits that lead to it."""

    survey: Survey
    staged: Staged
    versions: dict[str, str] = {}
    """service → version that its image must prove"""
    modes: dict[str, int] = {}
    """path → permissions, of files that come with their own; only a bundle's do"""

    def cause(self, path: str) -> Problem:
        """Returns why one of the draft's files is written."""
        return BundleFile(file=path) if self.modes else FileOfRelease(file=path, version=self.survey.version)


async def tried(
    engine: Engine,
    compose: Compose,
    source: ProjectSource,
    contents: Mapping[str, bytes],
    scratch: Path,
    *,
    installed: Survey | None = None,
    environ: Mapping[str, str] = os.environ,
    ran: Sequence[Generation] = (),
    shown: Mapping[str, tuple[tuple[int, str, str], ...]] = MappingProxyType({}),
    version: str = "",
    versions: Mapping[str, str] = MappingProxyType({}),
) -> Draft:
    """Returns the project of ``source`` as it will be once ``contents`` (path → content) are in place.

    ``installed`` is the survey of the project as it is, None before a first install. ``shown`` are the lines of each
    file that the plan shows as changed; ``version`` is the product's new version, ``versions`` the services'. Raises
    what `survey` raises.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=scratch) as folder:
        root = Path(folder, "root")
        mirror.make(root, source, contents)
        there = mirror.inside(source, root)
        found = await survey(engine, compose, there, environ, ran)
        config = mirror.taken_out(root, await compose.config(there), dict[str, Any])
        present = await compose.config(installed.source) if installed else {}
        hashes = await _hashes(compose, source, config, Path(folder), installed, present) if installed else {}
    model = mirror.taken_out(root, found.project, Project)
    as_called = msgspec.structs.replace(model.source, cwd=source.cwd, found_by=source.found_by)
    model = msgspec.structs.replace(model, source=as_called)
    definitions, hashes = hashes, model.comparable(hashes)
    reads = {path.removeprefix(str(root)) for path in found.inputs}
    inputs = files.hashes((*sorted(reads), *contents))
    edits = tuple(
        FileEdit(path, shown.get(path, ()), content, files.sha256(path))
        for path, content in contents.items()
        if files.read(path) != content
    )
    # References of a release are not edited in its files: those are not in place yet.
    hooks = mirror.taken_out(root, found.definition.hooks, tuple[Hook, ...])
    notify = mirror.taken_out(root, found.definition.notify, tuple[Receiver, ...])
    definition = msgspec.structs.replace(
        found.definition,
        hooks=entrusted.hooks(hooks, model.source),
        notify=entrusted.receivers(notify, model.source),
        images={},
        unread={},
        nested=(),
        include_env_files=(),
        files=tuple(model.source.files),
    )
    drafted = msgspec.structs.replace(
        found,
        project=model,
        definition=definition,
        inputs=inputs,
        hashes=hashes,
        definitions=definitions,
        redefined=_redefined(config, present),
        added=tuple(name for name in model.services if installed and name not in installed.project.services),
        version=version,
        compose_version=installed.compose_version if installed else "",
        companions=tuple(path for path in contents if path not in reads),
    )
    return Draft(drafted, Staged(edits, hashes, definitions, model.source.environment), dict(versions))


async def _hashes(
    compose: Compose,
    source: ProjectSource,
    config: Mapping[str, Any],
    scratch: Path,
    installed: Survey,
    present: Mapping[str, Any],
) -> dict[str, str]:
    """Returns the config hashes that the services will have; empty if this Compose cannot tell them beforehand.

    Whether a resolved project keeps the hashes of its original is tested on the project as it is.
    """
    if installed.project.comparable(await mirror.hashes(compose, source, present, scratch)) != installed.hashes:
        return {}
    return await mirror.hashes(compose, source, config, scratch)


def _redefined(config: Mapping[str, Any], present: Mapping[str, Any]) -> tuple[str, ...]:
    """Returns the services of the installed project that the draft defines differently."""
    services, before = config.get("services") or {}, present.get("services") or {}
    return tuple(name for name in services if name in before and services[name] != before[name])
