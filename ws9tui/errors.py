"""The error hierarchy: one class for each way in which the program reacts to a problem.

``Ws9tuiError`` carries a `Problem` (:mod:`ws9tui.problems`). Its subclasses differ in the reaction, which is their
outcome and exit status (:mod:`ws9tui.core.runs.ending`):

    Ws9tuiError        1, 3  it failed, and what ran before runs now; 3 where nothing was begun yet
    ├── UsageError        2  the request cannot be understood
    ├── Refused           3  a check stopped the run before any change
    ├── Busy              4  another run of this project is live
    ├── NeedsRecovery     5  neither generation could be reached
    ├── Cancelled       130  before the commit, by the operator, SIGTERM or an overdue answer
    ├── EngineError    1, 3  the engine cannot be used, or answered with an error
    ├── RegistryError  1, 3  a registry refused or could not be reached; `transient` ones are retried
    ├── ComposeError   1, 3  the Compose command failed; 2 where it does not understand the project's files
    └── StateError     1, 3  the state directory cannot be read or written
"""

from __future__ import annotations

from ws9tui.problems.engine import EngineTimeout, EngineUnreachable
from ws9tui.problems.problem import Problem


class Ws9tuiError(Exception):
    """A problem that the operator must be told of."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem)


class UsageError(Ws9tuiError):
    """The request cannot be understood: exit status 2."""


class Refused(Ws9tuiError):
    """A preflight or version check stopped the run before any change: exit status 3."""


class Busy(Ws9tuiError):
    """Another run of this project is live: exit status 4."""


class NeedsRecovery(Ws9tuiError):
    """Neither generation could be reached: exit status 5.

    ``data``: data could not be restored, so that a rollback of the images alone may still succeed.
    """

    def __init__(self, problem: Problem, *, data: bool = False) -> None:
        super().__init__(problem)
        self.data = data


class Cancelled(Ws9tuiError):
    """Cancelled before the commit, by the operator, SIGTERM or an overdue answer: exit status 130."""


class EngineError(Ws9tuiError):
    """The Docker engine cannot be used, or answered with an error."""

    @property
    def away(self) -> bool:
        """Whether the engine gave no answer, as during a restart; one that answers with an error is not away."""
        return isinstance(self.problem, EngineUnreachable | EngineTimeout)


class RegistryError(Ws9tuiError):
    """A registry refused or failed; ``transient`` errors may pass on a retry."""

    def __init__(self, problem: Problem, *, transient: bool = False, retry_after: float = 0.0) -> None:
        super().__init__(problem)
        self.transient = transient
        self.retry_after = retry_after


class ComposeError(Ws9tuiError):
    """The Compose command failed or cannot be used."""


class StateError(Ws9tuiError):
    """The state directory cannot be read or written as it must be."""
