"""Problems of the health gate, of rollback, and of generations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from ws9tui.problems.problem import Problem, Reason, read

T = TypeVar("T")


class Salvaged(Problem):
    project: str
    numbers: str


class SalvagedStopped(Problem):
    service: str


class CrashLooping(Problem):
    service: str
    restarts: int
    exit_code: int


class Exited(Problem):
    exit_code: int
    service: str


class NotStarted(Problem):
    reason: Reason | str
    service: str


class Unhealthy(Problem):
    output: str
    service: str


class GateTimeout(Problem):
    seconds: float
    state: str
    service: str


class ProbeFailed(Problem):
    service: str
    url: str
    reason: Reason | str


class Healthy(Problem): ...


class OneShotDone(Problem): ...


class WaitingStart(Problem):
    state: str
    service: str


class WaitingOneShot(Problem):
    seconds: float
    service: str


class WaitingHealthy(Problem):
    seconds: float
    health: str
    service: str


class WaitingWindow(Problem):
    seconds: float
    service: str


class RollbackImagesDiffer(Problem):
    services: str


class RollbackFailed(Problem):
    """Neither generation could be reached; its facts in a journal include those of its cause."""

    cause: Problem

    @property
    def facts(self) -> dict[str, str]:
        """The cause's code as `reason`, and the cause's facts; the cause's own reason is named `detail`."""
        return {"reason": self.cause.code, **_renamed(self.cause.facts, "reason", "detail")}

    @property
    def reasons(self) -> dict[str, Problem]:
        """The reasons of the cause; its `reason` is named `detail`."""
        return _renamed(self.cause.reasons, "reason", "detail")

    @classmethod
    def with_facts(cls, facts: Mapping[str, str]) -> RollbackFailed:
        """Returns the problem whose cause these facts describe."""
        found = {name: fact for name, fact in facts.items() if name != "reason"}
        return cls(cause=read(facts["reason"], _renamed(found, "detail", "reason")))


def _renamed(facts: Mapping[str, T], old: str, new: str) -> dict[str, T]:
    """Returns facts with one renamed, including the facts whose names it prefixes."""
    return {re.sub(rf"^{old}(?=_|$)", new, name): fact for name, fact in facts.items()}


class BackUnwell(Problem):
    service: str
    number: int
    state: str = ""
    restarts: int | None = None
    data: str = ""


class BackAsBefore(Problem):
    service: str
    number: int
    state: str = ""
    restarts: int | None = None
    data: str = ""


class WasUnhealthy(Problem):
    service: str
    container: str
    output: str


class WasCrashLooping(Problem):
    service: str
    container: str
    restarts: int
    exit_code: int | None


class WasPaused(Problem):
    service: str


class EndedBefore(Problem):
    service: str
    exit_code: int


class WasFailed(Problem):
    service: str
    container: str
    exit_code: int | None
    reason: Reason | str


class KeepTagMissing(Problem):
    image: str
    service: str
    number: int


class GenerationImageGone(Problem):
    image: str
    number: int


class GenerationImagePulled(Problem):
    image: str
    number: int


class GenerationBroken(Problem):
    number: int


class RegistrySilent(Problem):
    registry: str
    seconds: float


class FilesLost(Problem):
    number: int


class RunningImageGone(Problem):
    service: str
    image: str


class NothingToAdopt(Problem):
    project: str


class AdoptedDefinition(Problem):
    services: str


class AdoptedReference(Problem):
    service: str
    running: str
    reference: str


class MadeFromOtherFiles(Problem):
    service: str
    files: str
    project: str = ""


class NotByCompose(Problem):
    container: str
    service: str


class BindMissing(Problem):
    service: str
    path: str


class NameTaken(Problem):
    container: str
    project: str
    state: str
    id: str


class ContainerMissing(Problem):
    service: str


class IsStopped(Problem):
    service: str


class IsRunning(Problem):
    service: str


class FileChanged(Problem):
    file: str


class FileMissing(Problem):
    file: str


class FileNotInGeneration(Problem):
    file: str


class GenerationsOfOthers(Problem):
    user: str
    numbers: str


class GenerationOfOther(Problem):
    number: int
    user: str


class GenerationUnknown(Problem):
    known: str = ""
    number: int


class NothingToRollBack(Problem):
    project: str
