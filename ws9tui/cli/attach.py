"""`ws9tui attach`: follows the live run of a project and accepts decisions for it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ws9tui.cli import runs, terminal
from ws9tui.cli.arguments import Command
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.store.store import RunRecord
from ws9tui.errors import UsageError
from ws9tui.problems.engine import NoLiveRun
from ws9tui.problems.project import ProjectAmbiguous
from ws9tui.worker.handle import RunHandle


def attach(command: Command) -> int:
    """Follows the live run; returns its exit status."""
    live = [record for record in runs.read_store(command).runs() if record.live]
    name = command.options.arguments[0] if command.options.arguments else ""
    panes, ask = runs.wants_panes(command), terminal.can_ask(json=command.json)
    handle = RunHandle(choose(live, name, Path.cwd()).folder, present=panes or ask)
    return runs.go_on(command, *runs.shown(handle, command, panes=panes, ask=ask))


def choose(live: Sequence[RunRecord], name: str, cwd: Path) -> RunRecord:
    """Returns the live run that a name means; raises `UsageError` if there is none or more than one."""
    found = [record for record in live if means(record, name or ".", cwd)] or ([] if name else list(live))
    if not found:
        raise UsageError(NoLiveRun(project=name))
    if len(found) > 1:
        raise UsageError(ProjectAmbiguous(projects=", ".join(sorted({record.project for record in found}))))
    return found[0]


def means(record: RunRecord, name: str, cwd: Path) -> bool:
    """Whether a name, a folder or a file means a run's project."""
    if record.state.project is None:
        request = record.state.request  # no project found yet: only the run's arguments are known
        return request is not None and name in request.options.arguments[:1]
    return names(record.state.project.source, name, cwd)


def names(source: ProjectSource, name: str, cwd: Path) -> bool:
    """Whether a name, a folder or a file means this project."""
    if name == source.name:
        return True
    path = (cwd / name).resolve()
    return path in {Path(file).resolve() for file in (source.folder, *source.files)}
