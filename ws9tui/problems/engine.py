"""Problems of the engine, Compose, the state directory and runs."""

from __future__ import annotations

from ws9tui.problems.image import RegistryProblem
from ws9tui.problems.problem import Problem, Reason


class EngineUnreachable(Problem):
    host: str
    reason: Reason | str


class EngineMissing(Problem):
    distribution: str = ""
    docs: str = ""


class EnginePermission(Problem):
    host: str
    user: str


class EngineTimeout(Problem):
    call: str = ""
    host: str = ""


class EngineFailed(Problem, code="engine-error"):
    call: str
    reason: Reason | str


class EngineDiskReadOnly(RegistryProblem): ...


class ComposeMissing(Problem):
    distribution: str = ""
    docs: str = ""
    found: str = ""


class ComposeV1(Problem):
    version: str
    distribution: str = ""
    docs: str = ""


class ComposeFailed(Problem):
    command: str
    reason: Reason | str
    status: int | None = None


class ComposeFileInvalid(Problem):
    file: str
    line: int | None
    reason: Reason | str


class ComposeVariableRequired(Problem):
    variable: str
    reason: Reason | str


class StateUnwritable(Problem):
    path: str
    reason: Reason | str | None


class StateForeign(Problem):
    path: str
    owner: int


class StateNotAFolder(Problem):
    path: str


class JournalUnwritable(Problem):
    path: str
    reason: Reason | str | None


class JournalUnreadable(Problem):
    path: str
    reason: Reason | str | None


class JournalDamaged(Problem):
    lines: str = ""


class GenerationDamaged(Problem):
    path: str
    reason: Reason | str


class RunUnknown(Problem):
    number: int
    project: str


class NoHistory(Problem):
    project: str = ""
    known: str = ""


class GenerationNewer(Problem):
    path: str


class ScenarioUnknown(Problem):
    name: str
    known: str


class NoLiveRun(Problem):
    project: str


class RunIsLive(Problem, code="busy"):
    project: str
    user: str = ""
    origin: Reason | str = ""
    since: str = ""
    pid: int | None = None
    run: str = ""
    number: int | None = None


class BusyElsewhere(Problem):
    project: str
    lock: str
    user: str = ""
    since: str = ""
    pid: int | None = None


class WorkerDied(Problem):
    status: str
    log: str


class OperatorCancelled(Problem, code="cancelled"): ...


class OperatorsGone(Problem):
    seconds: float


class DecisionOverdue(Problem, code="deadline"): ...


class CommandUnknown(Problem):
    name: str
    near: str


class NoTerminal(Problem): ...


class DiesWithLogin(Problem): ...


class CallRefused(Problem):
    call: str
    host: str
    purpose: str = ""
    setting: str = ""


class ComposeRefused(Problem):
    command: str
    container: str
    reason: Reason | str


class WorkerTerminated(Problem, code="terminated"): ...


class InterruptedBeforeCommit(Problem): ...


class NothingToRecover(Problem):
    project: str
    known: str = ""


class RunUnfinished(Problem, code="unknown"): ...


class InterruptedRun(Problem):
    run: int
    project: str


class NotUnderstood(Problem, code="usage"):
    reason: Reason | str


class InternalError(Problem, code="internal"):
    error: str = ""
    log: str = ""
