"""The plan: what will change, in order, each operation with its cause.

A plan is a pure function of what is desired and what was observed (`make`, below); it prints as text by the
wording module, and that text is what the operator confirms. It also holds what it was made from (`Binding`), which
the commit compares before it changes anything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

import msgspec

from ws9tui.core.model.acceptance import AcceptanceCheck
from ws9tui.core.model.hooks import Hook, When
from ws9tui.problems.data import DataRestored
from ws9tui.problems.problem import Problem

BYTES_A_SECOND = 45e6
"""that a backup is taken to go through: as measured with both cores of a small machine busy, on mixed data"""


class Kind(StrEnum):
    """What an operation does."""

    WRITE = "write"
    """put a file of the project in place"""
    NETWORK = "network"
    """make an external network that is not there, before a first install"""
    TAG = "tag"
    """give an image the tag that Compose looks for"""
    REMOVE_TWIN = "remove-twin"
    """remove a half-made container that a recreate which was cut short has left beside its original"""
    RENAME_TWIN = "rename-twin"
    """give one whose original is gone the name that it was to get, which Compose would not do"""
    BACKUP = "backup"
    """save a service's data, while it is stopped"""
    RESTORE = "restore"
    """replace a service's data, while it is stopped"""
    RECREATE = "recreate"
    CREATE = "create"
    """make and start a container where there was none"""
    PREPARE = "prepare"
    """make or recreate a container without starting it, because it was not running"""
    START = "start"
    """start a container that the generation has running"""
    RESTART = "restart"
    STOP = "stop"
    """stop a container that the generation does not have running"""
    REMOVE = "remove"
    """remove a container that the generation does not have"""
    SAVE = "save"
    """put a volume or a folder into a backup, while all is stopped"""
    VOLUME = "volume"
    """make a volume that a backup has"""
    LOAD = "load"
    """put data of a backup in its place"""
    REMOVE_NETWORK = "remove-network"
    """remove a network that was not there, after a way back"""
    REMOVE_VOLUME = "remove-volume"
    REMOVE_FOLDER = "remove-folder"


OF_CONTAINERS = (Kind.RECREATE, Kind.CREATE, Kind.PREPARE, Kind.START, Kind.RESTART, Kind.STOP, Kind.REMOVE)
"""what is done to services' containers, in waves"""
LEFTOVERS = (Kind.REMOVE_NETWORK, Kind.REMOVE_VOLUME, Kind.REMOVE_FOLDER)
"""what is taken away when all containers are as they should be"""
DATA_KINDS = (Kind.BACKUP, Kind.RESTORE)
"""what is done to a service's data before its containers are made or started"""
BEFORE, AFTER = "before", "after"
"""roles of a backup: the data as the generation had it, and as a way back to it found it"""


class DataTarget(msgspec.Struct, frozen=True):
    """A volume or a bind mount of data."""

    target: str
    """path in the container"""
    type: str
    """volume or bind"""
    source: str
    """the volume's name, or the folder on the engine's machine"""
    size: int = -1
    """bytes; -1 where that is not known"""


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


class Operation(msgspec.Struct, frozen=True):
    """One operation; ``wave`` 0 comes before all containers, then the waves in dependency order."""

    kind: Kind
    subject: str
    """a service, a path, an image reference, or the name of a network, a volume or a half-made container"""
    cause: Problem
    wave: int = 0
    containers: tuple[str, ...] = ()
    """names of the containers that it stops"""
    detail: tuple[str, ...] = ()
    """lines of a changed file, as '-old' and '+new' (never with a secret), an ID, or a name to come"""
    before: str | None = None
    """ID of the image that a tag has, empty where nobody has it; None in a plan that an earlier version made"""
    force: bool = False
    """Compose must be told to recreate it, since it would see no reason itself"""
    task: Task | None = None
    """of what is done to data"""


class Loss(msgspec.Struct, frozen=True):
    """What a recreate takes away, moves or leaves behind: files in the container, mounted data, others' network."""

    service: str
    problem: Problem
    paths: tuple[str, ...] = ()
    consent: str = ""
    """SERVICE:PATH that must be agreed to by name, for data would be missing; empty where nothing is asked"""


class PlannedBackup(msgspec.Struct, frozen=True):
    """A service whose data can be saved while it is stopped, and whether that is done."""

    service: str
    image_id: str
    """that its present container has"""
    targets: tuple[DataTarget, ...]
    cause: Problem
    """who wants it: the settings, an option, what is known of its kind; or nobody yet"""
    chosen: bool

    @property
    def size(self) -> int:
        """Bytes of all its targets; -1 where one is not known."""
        return -1 if any(target.size < 0 for target in self.targets) else sum(target.size for target in self.targets)

    @property
    def seconds(self) -> float:
        """About how much longer the service is away for it."""
        return max(self.size, 0) / BYTES_A_SECOND


class PlannedRestore(msgspec.Struct, frozen=True):
    """A service that gets its data back from a backup."""

    service: str
    folder: str
    """of the backup"""
    made_at: str
    size: int
    targets: tuple[DataTarget, ...]
    image_id: str
    """a local image to make the holder from"""
    chosen: bool = True
    changed: int = -1
    """files that were changed since; -1 where that is not known"""
    changed_at: str = ""
    """when the newest of them was"""

    @property
    def seconds(self) -> float:
        """About how long the service is away for it: what is there is saved, the backup read, restored and compared."""
        return 4 * max(self.size, 0) / BYTES_A_SECOND


class Binding(msgspec.Struct, frozen=True):
    """What the plan was made from; a difference at commit means a new plan."""

    images: dict[str, str] = {}
    """service → image ID"""
    digests: dict[str, str] = {}
    """service → repository digest"""
    hashes: dict[str, str] = {}
    """service → config hash after the plan's edits"""
    files: dict[str, str] = {}
    """path → SHA-256 of its content before the commit; empty for a file that is not there"""
    containers: dict[str, str] = {}
    """container ID → its state"""


class Plan(msgspec.Struct, frozen=True):
    """All that a commit will do."""

    before: int
    after: int
    operations: tuple[Operation, ...] = ()
    followers: dict[str, str] = {}
    """service that was not selected → the selected one that it must follow"""
    losses: tuple[Loss, ...] = ()
    notes: tuple[Problem, ...] = ()
    """what the operator should know besides: orphans, containers of other projects that lose a network, …"""
    downtime: dict[str, float] = {}
    """service → about how many seconds it will be away"""
    measured: bool = False
    """whether ``downtime`` comes from earlier runs of this project rather than from stop grace periods"""
    unwell: dict[str, str] = {}
    """service → what was wrong with it before, as a problem's code; it is judged against that"""
    accepted: dict[str, str] = {}
    """service → the version that its image proves and that was taken, though another one is expected"""
    checks: tuple[AcceptanceCheck, ...] = ()
    """what must work afterwards besides the health checks, as far as it works now"""
    one_way: bool = False
    """what is there now cannot be made again, so that nothing leads back to it"""
    binding: Binding = Binding()
    backups: tuple[PlannedBackup, ...] = ()
    """all services of which a backup can be made, chosen or not"""
    restores: tuple[PlannedRestore, ...] = ()
    backup_folder: str = ""
    """where backups are kept"""
    hooks: tuple[Hook, ...] = ()
    """those that may be run, without the values of their variables"""
    file: str = ""
    """the backup that is made, or that the project is made from"""

    @property
    def saved(self) -> tuple[str, ...]:
        """The services whose data is saved."""
        return tuple(backup.service for backup in self.backups if backup.chosen)

    @property
    def candidates(self) -> tuple[str, ...]:
        """The services whose data could be saved, or go back."""
        return (*(backup.service for backup in self.backups), *(restore.service for restore in self.restores))

    @property
    def restored(self) -> tuple[str, ...]:
        """The services whose data goes back."""
        return tuple(restore.service for restore in self.restores if restore.chosen)

    @property
    def saves_all(self) -> bool:
        """Whether all data of the project is saved: it is a backup in a file."""
        return any(operation.kind is Kind.SAVE for operation in self.operations)

    def runs(self, hook: Hook) -> bool:
        """Whether a hook is run: a dump only where that data is saved."""
        moved = {*self.saved, *self.restored}
        return hook.when is not When.DUMP or self.saves_all or (hook.service in moved if hook.service else bool(moved))

    @property
    def consents(self) -> tuple[str, ...]:
        """What must be agreed to by name: SERVICE:PATH, of each loss of data."""
        return tuple(loss.consent for loss in self.losses if loss.consent)

    @property
    def waves(self) -> tuple[tuple[Operation, ...], ...]:
        """The operations by wave, without empty ones."""
        numbers = sorted({operation.wave for operation in self.operations})
        return tuple(
            tuple(operation for operation in self.operations if operation.wave == number) for number in numbers
        )

    @property
    def services(self) -> tuple[str, ...]:
        """The services whose containers it touches, in order."""
        return tuple(operation.subject for operation in self.of_containers)

    @property
    def of_containers(self) -> tuple[Operation, ...]:
        """What is done to services' containers, in order."""
        return tuple(operation for operation in self.operations if operation.kind in OF_CONTAINERS)

    @property
    def tasks(self) -> dict[str, Task]:
        """What is done to data, by service, where nothing of it is done yet."""
        found = {
            backup.service: Task(save=BEFORE, targets=backup.targets, image_id=backup.image_id)
            for backup in self.backups
            if backup.chosen
        }
        return found | {
            restore.service: Task(BEFORE, restore.folder, restore.targets, restore.image_id)
            for restore in self.restores
            if restore.chosen
        }


def choose(plan: Plan, services: Collection[str] | None) -> Plan:
    """The plan with just these services' data saved or brought back; None leaves it as it is."""
    if services is None:
        return plan
    chosen = msgspec.structs.replace(
        plan,
        backups=tuple(msgspec.structs.replace(b, chosen=b.service in services) for b in plan.backups),
        restores=tuple(msgspec.structs.replace(r, chosen=r.service in services) for r in plan.restores),
    )
    others = {op.subject: op.task for op in plan.operations if op.task and op.subject not in plan.candidates}
    return with_downtime(with_data(chosen, others | chosen.tasks), plan)


def with_downtime(plan: Plan, before: Plan) -> Plan:
    """The plan with the downtime of another, but for what moving the data takes in each."""
    old, new = _data_seconds(before), _data_seconds(plan)
    names = [name for name in dict.fromkeys((*before.downtime, *new)) if name in plan.services]
    downtime = {name: before.downtime.get(name, 0.0) - old.get(name, 0.0) + new.get(name, 0.0) for name in names}
    return msgspec.structs.replace(plan, downtime=downtime)


def _data_seconds(plan: Plan) -> dict[str, float]:
    """About how long each service waits for data: those of a wave start together, when the last has been moved."""
    each = {backup.service: backup.seconds for backup in plan.backups if backup.chosen}
    each |= {restore.service: restore.seconds for restore in plan.restores if restore.chosen}
    found: dict[str, float] = {}
    for wave in plan.waves:
        left = 0.0
        for operation in reversed(wave):
            if operation.subject in each and operation.kind not in DATA_KINDS:
                left += each[operation.subject]
                found[operation.subject] = left
    return found


def with_data(plan: Plan, tasks: Mapping[str, Task]) -> Plan:
    """The plan with just these tasks, each before what is done to its service in its wave.

    Services that are only stopped for them are started again.
    """
    kept = [op for op in plan.operations if not isinstance(op.cause, DataRestored) and op.kind not in DATA_KINDS]
    wave = max((op.wave for op in kept), default=0) + 1
    touched = {op.subject for op in kept if op.kind in OF_CONTAINERS}
    kept += [Operation(Kind.START, name, DataRestored(), wave) for name in tasks if name not in touched]
    left = dict(tasks)
    causes = {backup.service: backup.cause for backup in plan.backups}
    operations = []
    for operation in kept:
        name = operation.subject
        task = left.pop(name, None) if operation.kind in OF_CONTAINERS else None
        if task is not None and task.load:
            operations.append(Operation(Kind.RESTORE, name, DataRestored(), operation.wave, task=task))
        elif task is not None:
            operations.append(Operation(Kind.BACKUP, name, causes[name], operation.wave, task=task))
        operations.append(operation)
    return msgspec.structs.replace(plan, operations=tuple(operations))
