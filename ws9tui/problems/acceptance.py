"""Problems of a product's acceptance checks, which test its containers beyond their health checks."""

from __future__ import annotations

from ws9tui.problems.problem import Problem, Reason


class CheckFailed(Problem):
    service: str
    check: str
    reason: Reason | str = ""


class ChecksFailedBefore(Problem):
    checks: str
    reason: Reason | str = ""


class CheckFailsStill(Problem):
    service: str
    check: str
    reason: Reason | str = ""


class ChecksSkipped(Problem):
    checks: str
    reason: Reason | str = ""


class ChecksPass(Problem):
    checks: str


class ChecksRequired(Problem):
    checks: str
