"""Backups and restores of service data in one run, folded from its events, and which of them remain to be done.

Even after a crash, a service's data is in one of these states: untouched, saved (`saved`), restore begun (`loading`),
restored (`loaded`). An unfinished restore is repeated before any container starts, whether the run is rolled back or
completed.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.model.plan import AFTER, Plan, Task


class DataFacts(msgspec.Struct, frozen=True):
    """Backups and restores of one run; each field maps services to backup folders."""

    saved: dict[str, str] = {}
    """backups of the data from before the run changed anything"""
    kept: dict[str, str] = {}
    """backups of the data that a rollback replaced"""
    loading: dict[str, str] = {}
    """restores that were begun and not finished"""
    loaded: dict[str, str] = {}
    """the last finished restore of each service"""


def after(facts: DataFacts, event: Event) -> DataFacts:
    """Returns the facts after one more event."""
    match event:
        case e.BackupMade(service=service, role=role, folder=folder):
            if role == AFTER:
                return msgspec.structs.replace(facts, kept={**facts.kept, service: folder})
            return msgspec.structs.replace(facts, saved={**facts.saved, service: folder})
        case e.RestoreStarted(service=service, folder=folder):
            return msgspec.structs.replace(facts, loading={**facts.loading, service: folder})
        case e.RestoreFinished(service=service, folder=folder):
            loading = {name: path for name, path in facts.loading.items() if name != service}
            return msgspec.structs.replace(facts, loading=loading, loaded={**facts.loaded, service: folder})
    return facts


def forward(plan: Plan, facts: DataFacts) -> dict[str, Task]:
    """Returns the data tasks that remain to complete the plan, by service."""
    tasks: dict[str, Task] = {}
    for name, task in plan.tasks.items():
        begun = name in facts.saved or name in facts.loading
        if task.load and (facts.loaded.get(name) != task.load or name in facts.loading):
            tasks[name] = msgspec.structs.replace(task, save="") if begun else task
        elif not task.load and name not in facts.saved:
            tasks[name] = task
    for name, folder in facts.loading.items():
        # Half replaced by a rollback: the backup that the rollback made holds what the new version had written.
        tasks.setdefault(name, Task(load=facts.kept.get(name, folder)))
    return tasks


def back(facts: DataFacts, *, data: bool) -> dict[str, Task]:
    """Returns the data tasks that remain for a rollback, by service; without ``data`` only the unfinished restores."""
    tasks: dict[str, Task] = {}
    for name, folder in facts.saved.items():
        if name in facts.loading:
            tasks[name] = Task(load=folder)
        elif data and facts.loaded.get(name) != folder:
            tasks[name] = Task(save=AFTER, load=folder, must_save=False)
    return tasks


def unfinished(facts: DataFacts, *, back: bool) -> DataFacts:
    """Returns the unfinished restores of an interrupted run, for another run that completes them.

    With ``back`` that run goes to the generation that the interrupted run started from, so each restore is repeated
    from the same backup; else the data that a rollback had saved (`kept`) is restored.
    """
    return DataFacts(kept={} if back else facts.kept, loading=facts.loading)


def folders(facts: DataFacts) -> set[str]:
    """Returns the folders of all backups that the run needs."""
    parts: tuple[Mapping[str, str], ...] = (facts.saved, facts.kept, facts.loading, facts.loaded)
    return {folder for part in parts for folder in part.values()}
