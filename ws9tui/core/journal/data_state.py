"""What a run has saved and restored, folded from its events, and what is left to do.

A service's data is in one of these states, whatever was killed: untouched, saved (`saved`), about to be replaced or
half replaced (`loading`), replaced (`loaded`). A restore that was not finished is done again, on the way back and on
the way forward, before anything starts.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.model.plan import AFTER, Plan, Task


class DataFacts(msgspec.Struct, frozen=True):
    """Each maps services to folders of backups."""

    saved: dict[str, str] = {}
    """the data as it was before the run changed anything"""
    kept: dict[str, str] = {}
    """the data as a way back found it"""
    loading: dict[str, str] = {}
    """a restore that was begun and not finished"""
    loaded: dict[str, str] = {}
    """the last restore that was finished"""


def after(facts: DataFacts, event: Event) -> DataFacts:
    """The facts after one more event."""
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
    """What is left to do on the way forward."""
    tasks: dict[str, Task] = {}
    for name, task in plan.tasks.items():
        begun = name in facts.saved or name in facts.loading
        if task.load and (facts.loaded.get(name) != task.load or name in facts.loading):
            tasks[name] = msgspec.structs.replace(task, save="") if begun else task
        elif not task.load and name not in facts.saved:
            tasks[name] = task
    for name, folder in facts.loading.items():
        # Half replaced by a way back: what it had put aside is what the new version had written.
        tasks.setdefault(name, Task(load=facts.kept.get(name, folder)))
    return tasks


def back(facts: DataFacts, *, data: bool) -> dict[str, Task]:
    """What is left to do on the way back; without ``data`` only what was half replaced."""
    tasks: dict[str, Task] = {}
    for name, folder in facts.saved.items():
        if name in facts.loading:
            tasks[name] = Task(load=folder)
        elif data and facts.loaded.get(name) != folder:
            tasks[name] = Task(save=AFTER, load=folder, must_save=False)
    return tasks


def unfinished(facts: DataFacts, *, back: bool) -> DataFacts:
    """What another run than the one that recovers must know: the restores that are to be completed.

    With ``back`` it goes to where the interrupted run came from, whose data that is; else what was put aside is right.
    """
    return DataFacts(kept={} if back else facts.kept, loading=facts.loading)


def folders(facts: DataFacts) -> set[str]:
    """The backups that this run needs."""
    parts: tuple[Mapping[str, str], ...] = (facts.saved, facts.kept, facts.loading, facts.loaded)
    return {folder for part in parts for folder in part.values()}
