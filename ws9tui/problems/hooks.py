"""Problems of the project's hooks (`x-ws9tui`) and of notifications about a run."""

from __future__ import annotations

from ws9tui.problems.problem import Problem, Reason


class HookProblem(Problem, family=True):
    """The state or result of one hook."""

    when: str
    service: str = ""


class HookStatus(HookProblem):
    status: int
    said: str = ""
    """last line of the hook's output"""


class HookEndless(HookProblem):
    seconds: float
    inside: str = ""
    """set if the hook ran in a container, where it cannot be ended"""


class HookFailedToStart(HookProblem):
    reason: Reason | str


class HookWithoutContainer(HookProblem): ...


class HookCutShort(HookProblem):
    inside: str = ""


class HookNotEntrusted(HookProblem):
    file: str
    line: int
    path: str
    owner: str = ""


class HookSkipped(HookProblem):
    """A recorded hook that a rollback or recovery does not run on this machine, because others could change it."""

    path: str
    owner: str = ""


class HookWithoutBackup(HookProblem): ...


class HookUncertain(HookProblem):
    """A hook that had started in a run that was killed before its commit."""

    run: int


class HookSet(HookProblem):
    written: str
    seconds: float
    inside: str = ""
    warns: str = ""


class NotifyFailed(Problem):
    receiver: str
    reason: Reason | str


class NotifyNotEntrusted(Problem):
    receiver: str
    file: str
    line: int
    path: str
    owner: str = ""


class NotifySet(Problem):
    receiver: str
