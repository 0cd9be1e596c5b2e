"""What a run has saved and restored, folded from its events, and what is left to do.

A service's data is in one of these states, whatever was killed: untouched, saved (`saved`), about to be replaced or
half replaced (`loading`), replaced (`loaded`). A restore that was not finished is done again, on the way back and on
the way forward, before anything starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import AnyEvent
from ws9tui.core.model.plan import DataTarget, Plan

BEFORE, AFTER = "before", "after"
"""roles of a backup: the data as the generation had it, and as a way back to it found it"""


class Facts(msgspec.Struct, frozen=True):
    """Each maps services to folders of backups."""

    saved: dict[str, str] = {}
    """the data as it was before the run changed anything"""
    kept: dict[str, str] = {}
    """the data as a way back found it"""
    loading: dict[str, str] = {}
    """a restore that was begun and not finished"""
    loaded: dict[str, str] = {}
    """the last restore that was finished"""


class Task(msgspec.Struct, frozen=True):
    """What is done with one service's data while it is stopped: saved, then replaced; either may be empty."""

    save: str = ""
    """role of the backup that is made"""
    load: str = ""
    """folder of the backup that is restored"""
    targets: tuple[DataTarget, ...] = ()
    """what is saved; empty: what the backup that is restored has"""
    image_id: str = ""
    """to make the holder from; empty: the backup's"""
    must_save: bool = True
    """whether nothing is replaced that could not be saved"""


def after(facts: Facts, event: AnyEvent) -> Facts:
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


def fold(events: Iterable[AnyEvent]) -> Facts:
    """The facts of a run, or of a run and of those that recovered it, in order."""
    facts = Facts()
    for event in events:
        facts = after(facts, event)
    return facts


def forward(plan: Plan, facts: Facts) -> dict[str, Task]:
    """What is left to do on the way forward."""
    tasks = {
        backup.service: Task(save=BEFORE, targets=backup.targets, image_id=backup.image_id)
        for backup in plan.backups
        if backup.chosen and backup.service not in facts.saved
    }
    for restore in plan.restores:
        name = restore.service
        if not restore.chosen:
            continue
        if facts.loaded.get(name) == restore.folder and name not in facts.loading:
            continue
        save = "" if name in facts.saved or name in facts.loading else BEFORE
        tasks[name] = Task(save=save, load=restore.folder, targets=restore.targets, image_id=restore.image_id)
    for name, folder in facts.loading.items():
        # Half replaced by a way back: what it had put aside is what the new version had written.
        tasks.setdefault(name, Task(load=facts.kept.get(name, folder)))
    return tasks


def back(facts: Facts, *, data: bool) -> dict[str, Task]:
    """What is left to do on the way back; without ``data`` only what was half replaced."""
    tasks: dict[str, Task] = {}
    for name, folder in facts.saved.items():
        if name in facts.loading:
            tasks[name] = Task(load=folder)
        elif data and facts.loaded.get(name) != folder:
            tasks[name] = Task(save=AFTER, load=folder, must_save=False)
    return tasks


def unfinished(facts: Facts, *, back: bool) -> Facts:
    """What another run than the one that recovers must know: the restores that are to be completed.

    With ``back`` it goes to where the interrupted run came from, whose data that is; else what was put aside is right.
    """
    return Facts(kept={} if back else facts.kept, loading=facts.loading)


def folders(facts: Facts) -> set[str]:
    """The backups that this run needs."""
    parts: tuple[Mapping[str, str], ...] = (facts.saved, facts.kept, facts.loading, facts.loaded)
    return {folder for part in parts for folder in part.values()}
