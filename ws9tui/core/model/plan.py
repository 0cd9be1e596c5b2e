"""The plan: the operations of a commit, in order, each with its cause.

A plan is a pure function of the desired and the observed state; its text, which the operator confirms, comes from the
wording package. It also holds its inputs (`Binding`), which the commit compares with the present state before it
changes anything.
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
"""assumed throughput of a backup: measured with both cores of a small machine busy, on mixed data"""


class Kind(StrEnum):
    """The kind of an operation."""

    WRITE = "write"
    """write a project file"""
    NETWORK = "network"
    """create a missing external network, before a first install"""
    TAG = "tag"
    """give an image the tag that Compose looks for"""
    REMOVE_TWIN = "remove-twin"
    """remove a half-created container that an interrupted recreate left beside its original"""
    RENAME_TWIN = "rename-twin"
    """give a half-created container whose original is gone its final name, which Compose would not do"""
    BACKUP = "backup"
    """back up a service's data, while the service is stopped"""
    RESTORE = "restore"
    """replace a service's data, while the service is stopped"""
    RECREATE = "recreate"
    CREATE = "create"
    """create and start a container where there was none"""
    PREPARE = "prepare"
    """create or recreate a container without starting it, because it was not running"""
    START = "start"
    """start a container that runs in the generation"""
    RESTART = "restart"
    STOP = "stop"
    """stop a container that does not run in the generation"""
    REMOVE = "remove"
    """remove a container that does not exist in the generation"""
    SAVE = "save"
    """put a volume or a folder into a project's backup, while all services are stopped"""
    VOLUME = "volume"
    """create a volume that a project's backup contains"""
    LOAD = "load"
    """restore a volume or a folder from a project's backup"""
    REMOVE_NETWORK = "remove-network"
    """remove, after a rollback, a network that did not exist before"""
    REMOVE_VOLUME = "remove-volume"
    REMOVE_FOLDER = "remove-folder"


OF_CONTAINERS = (Kind.RECREATE, Kind.CREATE, Kind.PREPARE, Kind.START, Kind.RESTART, Kind.STOP, Kind.REMOVE)
"""operations on services' containers, in waves"""
LEFTOVERS = (Kind.REMOVE_NETWORK, Kind.REMOVE_VOLUME, Kind.REMOVE_FOLDER)
"""clean-up operations, after all operations on containers"""
DATA_KINDS = (Kind.BACKUP, Kind.RESTORE)
"""operations on a service's data, before its containers are created or started"""
BEFORE, AFTER = "before", "after"
"""roles of a backup: the data of the generation, and the data that a rollback to the generation replaced"""


class DataTarget(msgspec.Struct, frozen=True):
    """A volume or bind mount with data."""

    target: str
    """path in the container"""
    type: str
    """volume or bind"""
    source: str
    """the volume's name, or the folder on the engine's machine"""
    size: int = -1
    """bytes; -1 if unknown"""


class Task(msgspec.Struct, frozen=True):
    """The backup, then the restore, of one stopped service's data; either may be empty."""

    save: str = ""
    """role of the backup to make"""
    load: str = ""
    """folder of the backup to restore"""
    targets: tuple[DataTarget, ...] = ()
    """the data to save; empty: the targets of the restored backup"""
    image_id: str = ""
    """image of the holder, the container through which data is copied; empty: the backup's image"""
    must_save: bool = True
    """whether the restore requires a successful backup"""


class Operation(msgspec.Struct, frozen=True):
    """One operation; ``wave`` 0 precedes all operations on containers, then waves follow in dependency order."""

    kind: Kind
    subject: str
    """a service, a path, an image reference, or the name of a network, a volume or a half-created container"""
    cause: Problem
    wave: int = 0
    containers: tuple[str, ...] = ()
    """names of the containers that it stops"""
    detail: tuple[str, ...] = ()
    """lines of a changed file, as '-old' and '+new' (never with a secret), an image ID, or a container's final name"""
    before: str | None = None
    """ID of the image that has the tag, empty if none has; None in plans of earlier versions"""
    force: bool = False
    """whether Compose must be forced to recreate the container, as it would see no reason itself"""
    task: Task | None = None
    """for an operation on data"""


class Loss(msgspec.Struct, frozen=True):
    """Something that a recreate deletes, moves or leaves behind: files in the container, mounted data, a namespace."""

    service: str
    problem: Problem
    paths: tuple[str, ...] = ()
    consent: str = ""
    """SERVICE:PATH that must be accepted explicitly, as the service would miss data; empty if not required"""


class PlannedBackup(msgspec.Struct, frozen=True):
    """A possible backup of a service's data, and whether it is chosen."""

    service: str
    image_id: str
    """image of its present container"""
    targets: tuple[DataTarget, ...]
    cause: Problem
    """the reason for it: the settings, an option, the kind of service; or that it is only offered"""
    chosen: bool

    @property
    def size(self) -> int:
        """Bytes of all its targets; -1 if any size is unknown."""
        return -1 if any(target.size < 0 for target in self.targets) else sum(target.size for target in self.targets)

    @property
    def seconds(self) -> float:
        """The estimated additional downtime in seconds."""
        return max(self.size, 0) / BYTES_A_SECOND


class PlannedRestore(msgspec.Struct, frozen=True):
    """A possible restore of a service's data from a backup, and whether it is chosen."""

    service: str
    folder: str
    """the backup's folder"""
    made_at: str
    size: int
    targets: tuple[DataTarget, ...]
    image_id: str
    """local image of the holder, the container through which data is copied"""
    chosen: bool = True
    changed: int = -1
    """number of files changed since the backup; -1 if unknown"""
    changed_at: str = ""
    """modification time of the newest of them"""

    @property
    def seconds(self) -> float:
        """The estimated downtime in seconds: to save the present data, and to read, restore and compare the backup."""
        return 4 * max(self.size, 0) / BYTES_A_SECOND


class Binding(msgspec.Struct, frozen=True):
    """The inputs of a plan; if they differ at the commit, a new plan is needed."""

    images: dict[str, str] = {}
    """service → image ID"""
    digests: dict[str, str] = {}
    """service → repository digest"""
    hashes: dict[str, str] = {}
    """service → config hash after the plan's edits"""
    files: dict[str, str] = {}
    """path → SHA-256 of its content before the commit; empty for a missing file"""
    containers: dict[str, str] = {}
    """container ID → its state"""


class Plan(msgspec.Struct, frozen=True):
    """The operations of one commit, in order, and what the operator must know before confirming."""

    before: int
    after: int
    operations: tuple[Operation, ...] = ()
    followers: dict[str, str] = {}
    """service that was not selected → the service that it must follow"""
    losses: tuple[Loss, ...] = ()
    notes: tuple[Problem, ...] = ()
    """further notes for the operator: orphans, containers of other projects that lose a network, …"""
    downtime: dict[str, float] = {}
    """service → estimated downtime in seconds"""
    measured: bool = False
    """whether ``downtime`` comes from earlier runs of this project rather than from stop grace periods"""
    unwell: dict[str, str] = {}
    """service → code of its problem before the commit, which the health gate tolerates"""
    accepted: dict[str, str] = {}
    """service → the version that its image proves and that was accepted instead of the expected one"""
    checks: tuple[AcceptanceCheck, ...] = ()
    """acceptance checks that the health gate includes"""
    one_way: bool = False
    """whether the present state cannot be recreated, so that no rollback is possible"""
    binding: Binding = Binding()
    backups: tuple[PlannedBackup, ...] = ()
    """all services whose data can be backed up, chosen or not"""
    restores: tuple[PlannedRestore, ...] = ()
    backup_folder: str = ""
    """folder for backups"""
    hooks: tuple[Hook, ...] = ()
    """hooks that may run, without the values of their variables"""
    file: str = ""
    """the project's backup file that is written, or that the project is restored from"""

    @property
    def saved(self) -> tuple[str, ...]:
        """The services whose data is backed up."""
        return tuple(backup.service for backup in self.backups if backup.chosen)

    @property
    def candidates(self) -> tuple[str, ...]:
        """The services whose data can be backed up or restored."""
        return (*(backup.service for backup in self.backups), *(restore.service for restore in self.restores))

    @property
    def restored(self) -> tuple[str, ...]:
        """The services whose data is restored."""
        return tuple(restore.service for restore in self.restores if restore.chosen)

    @property
    def saves_all(self) -> bool:
        """Whether all data of the project is saved, into a project's backup."""
        return any(operation.kind is Kind.SAVE for operation in self.operations)

    def runs(self, hook: Hook) -> bool:
        """Whether a hook is run: a dump hook only if the data of its service, or any data, is saved."""
        moved = {*self.saved, *self.restored}
        return hook.when is not When.DUMP or self.saves_all or (hook.service in moved if hook.service else bool(moved))

    @property
    def consents(self) -> tuple[str, ...]:
        """The losses of data that must be accepted explicitly, as SERVICE:PATH."""
        return tuple(loss.consent for loss in self.losses if loss.consent)

    @property
    def waves(self) -> tuple[tuple[Operation, ...], ...]:
        """The operations by wave, without empty waves."""
        numbers = sorted({operation.wave for operation in self.operations})
        return tuple(
            tuple(operation for operation in self.operations if operation.wave == number) for number in numbers
        )

    @property
    def services(self) -> tuple[str, ...]:
        """The services whose containers the plan changes, in order."""
        return tuple(operation.subject for operation in self.of_containers)

    @property
    def of_containers(self) -> tuple[Operation, ...]:
        """The operations on services' containers, in order."""
        return tuple(operation for operation in self.operations if operation.kind in OF_CONTAINERS)

    @property
    def tasks(self) -> dict[str, Task]:
        """The data tasks by service, as they are before any is done."""
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
    """Returns the plan with exactly these services' data backed up or restored; None leaves it unchanged."""
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
    """Returns the plan with the downtimes of ``before``, corrected for the different time that copying data takes."""
    old, new = _data_seconds(before), _data_seconds(plan)
    names = [name for name in dict.fromkeys((*before.downtime, *new)) if name in plan.services]
    downtime = {name: before.downtime.get(name, 0.0) - old.get(name, 0.0) + new.get(name, 0.0) for name in names}
    return msgspec.structs.replace(plan, downtime=downtime)


def _data_seconds(plan: Plan) -> dict[str, float]:
    """Returns the seconds that each service waits for data copies: its own and those that follow in its wave."""
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
    """Returns the plan with exactly these data tasks, each before the operation on its service's containers.

    Services that are only stopped for a task are started in a wave at the end.
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
