"""Problems of hooks, and of telling of a run elsewhere."""

from __future__ import annotations

from ws9tui.problems.problem import Problem, Reason


class HookProblem(Problem, family=True):
    """What a hook came to."""

    when: str
    service: str = ""


class HookStatus(HookProblem):
    status: int
    said: str = ""
    """the last line that it printed"""


class HookEndless(HookProblem):
    seconds: float
    inside: str = ""
    """it ran in a container, where nothing ends it"""


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
    """One that would not run on this machine, of a generation that is gone back to."""

    path: str
    owner: str = ""


class HookWithoutBackup(HookProblem): ...


class HookUncertain(HookProblem):
    """One of a run that was killed before its commit."""

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
