"""The causes of a plan's operations, and a plan's notes and losses."""

from __future__ import annotations

from ws9tui.problems.problem import Problem, Reason


class ImageChanged(Problem):
    old: str
    new: str
    old_id: str
    new_id: str
    old_version: str
    new_version: str


class NotThere(Problem):
    service: str = ""


class FollowsNetwork(Problem):
    service: str


class FollowsRestart(Problem):
    service: str


class StopUnderWay(Problem):
    service: str


class SharesImage(Problem):
    service: str


class EnvFileChanges(Problem):
    service: str


class VariableChanges(Problem):
    service: str


class ComposeVersionChanged(Problem):
    service: str
    old: str
    new: str
    unsure: str = ""


class Twin(Problem):
    container: str = ""


class NotThereBefore(Problem): ...


class ReplicasDiffer(Problem):
    service: str


class ReplicasDiffered(Problem):
    service: str
    reference: str
    number: int


class TagMoves(Problem):
    reference: str
    old: str
    new: str


class ReferenceEdited(Problem):
    file: str
    lines: str
    line: int | None = None
    new: str = ""
    old: str = ""


class WasRunning(Problem): ...


class ImageLabelChanged(Problem): ...


class FileRestored(Problem):
    file: str


class Drift(Problem):
    service: str


class WasStopped(Problem): ...


class NotInGeneration(Problem): ...


class OwnLayerFiles(Problem):
    service: str
    container: str
    count: str


class AnonymousVolume(Problem):
    target: str
    service: str


class MountChanged(Problem):
    service: str
    target: str
    old: Reason | str
    new: Reason | str
    missing: str = ""
    other: str = ""
    empty: str = ""
    unknown: str = ""
    agree: str = ""


class MountGone(Problem):
    service: str
    target: str
    old: Reason | str
    elsewhere: str = ""
    agree: str = ""


class DataLeftBehind(Problem):
    mounts: str
    flags: str


class Orphan(Problem):
    container: str
    service: str


class DefinitionEdited(Problem):
    services: str


class ComposeVersionDiffers(Problem):
    services: str
    old: str
    new: str
    unsure: str = ""


class ContentChanged(Problem):
    service: str


class MaybeOneShot(Problem):
    service: str


class NoHealthcheck(Problem):
    seconds: float
    service: str = ""


class ImageOnlyRollback(Problem): ...


class InputChanged(Problem):
    what: str
    detail: Reason | str


class SomebodyElse(Problem):
    service: str
    detail: Reason | str
