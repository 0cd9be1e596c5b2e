"""Problems of projects, their files, and their requirements of the server: engine, disk, networks, ports, clock."""

from __future__ import annotations

from ws9tui.problems.problem import Problem, Reason


class ProjectUnknown(Problem):
    name: str
    folder: str
    known: str
    near: str = ""


class ProjectDiffers(Problem):
    project: str
    here: str
    there: str


class ProjectOfTheseFiles(Problem):
    project: str
    file: str


class ProjectOtherName(Problem):
    project: str
    folder: str
    projects: str


class ProjectNotRunning(Problem):
    project: str
    folder: str


class ProjectFilesElsewhere(Problem):
    project: str
    files: str


class ProjectFromStdin(Problem):
    project: str


class ProjectFileNowhere(Problem):
    file: str


class ProjectFilesUnclear(Problem):
    folder: str
    files: str


class ProjectAmbiguous(Problem):
    projects: str = ""


class ProjectNone(Problem):
    folder: str


class ProjectNoFolder(Problem):
    folder: str


class ProjectFileMissing(Problem):
    file: str


class ProjectNoFile(Problem):
    folder: str
    names: str


class AlreadyInstalled(Problem):
    project: str


class ServiceUnknown(Problem):
    service: str
    project: str
    known: str
    near: str = ""


class ReferenceInvalid(Problem):
    reference: str
    reason: str


class ReferenceNotInFiles(Problem):
    service: str
    variable: str = ""
    reason: Reason | str
    file: str = ""
    line: int | None = None


class FileNotUnderstood(Problem):
    file: str
    line: int | None
    reason: Reason | str


class ReferenceShared(Problem):
    service: str
    other: str
    reference: str
    file: str = ""
    line: int | None = None


class ServiceAdded(Problem):
    service: str


class DefinitionChanged(Problem):
    service: str


class HasBuild(Problem):
    service: str


class BuiltHere(Problem):
    service: str


class BuiltAnew(Problem):
    service: str
    reference: str


class NotBuilt(Problem):
    service: str


class BuildFirst(Problem):
    services: str


class PullFirst(Problem):
    service: str
    reference: str


class PullNever(Problem):
    service: str


class SelfUpdate(Problem):
    service: str


class SettingsUnknownKey(Problem):
    key: str
    file: str
    line: str
    known: str


class SettingsInvalid(Problem):
    key: str
    file: str
    line: int
    reason: str


class VariableUndefined(Problem):
    variable: str
    file: str


class EngineOk(Problem):
    version: str
    api: str


class ApiTooOld(Problem):
    version: str


class ComposeOk(Problem):
    version: str


class DiskLow(Problem):
    needed: int
    free: int
    root: str = ""


class StateDiskLow(Problem):
    path: str
    free: int
    needed: int


class InodesLow(Problem):
    free: int
    root: str


class DiskOk(Problem):
    free: int
    root: str


class DiskUnknown(Problem):
    root: str


class NetworkMissing(Problem):
    network: str


class NetworkAmbiguous(Problem):
    network: str
    ids: str
    spare: str


class NetworkMislabelled(Problem):
    network: str
    key: str
    label: str
    version: str
    project: str
    users: str
    idle: str = ""


class NetworkInUse(Problem):
    network: str
    changes: str
    containers: str
    stranger: str = ""


class NetworkMadeAnew(Problem):
    network: str
    changes: str
    stopped: str = ""


class NetworkKept(Problem):
    network: str
    changes: str
    version: str


class ContentExternal(Problem):
    kind: str = ""
    name: str = ""
    service: str = ""


class ContentUnset(Problem):
    variable: str
    kind: str = ""
    name: str = ""
    service: str = ""


class VolumeMissing(Problem):
    volume: str


class PathMissing(Problem):
    service: str
    path: str


class NetworkOk(Problem):
    network: str


class PortTaken(Problem):
    port: str
    by: Reason | str


class PortOk(Problem):
    port: str


class ClockDiffers(Problem):
    registry: str
    seconds: float


class ClockUnknown(Problem):
    registry: str
    reason: Reason | str


class ClockOk(Problem):
    registry: str


class RegistryOk(Problem):
    registry: str
    reference: str
