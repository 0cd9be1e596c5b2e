"""Runs a product's acceptance checks in running containers until they pass, and reports the results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ws9tui.core.images.pull import Emit
from ws9tui.core.inspect import acceptance
from ws9tui.core.journal import events as e
from ws9tui.core.model.acceptance import AcceptanceCheck
from ws9tui.core.model.observed import Container
from ws9tui.core.model.terms import Finding, Level
from ws9tui.core.ports import Engine
from ws9tui.problems.acceptance import CheckFailed, CheckFailsStill, ChecksPass, ChecksSkipped
from ws9tui.problems.problem import Problem

_WINDOWS = 8
_LONGEST = 240.0
"""maximum seconds in which the checks must pass, as in Websoft9's own installer; shorter for a short monitor window"""


class Acceptance:
    """The acceptance checks of one project's services; a check that passed in a container is not repeated there."""

    def __init__(self, engine: Engine, emit: Emit) -> None:
        self._engine = engine
        self._emit = emit
        self._passed: dict[str, list[str]] = {}
        """service/container → checks that passed"""
        self._settled: dict[str, set[str]] = {}
        """service/container → checks with a final result"""

    def forget(self, service: str) -> None:
        """Discards the results of a service's checks."""
        for key in [key for key in self._settled if key.rpartition("/")[0] == service]:
            del self._settled[key]
            del self._passed[key]

    @staticmethod
    def patience(monitor: float) -> float:
        """Returns the seconds in which the checks of a service with this monitor window must pass."""
        return min(_WINDOWS * monitor, _LONGEST)

    async def make(
        self, key: str, checks: Sequence[AcceptanceCheck], present: Mapping[str, Sequence[Container]]
    ) -> CheckFailed | None:
        """Runs the checks and returns the first required one that fails; None if all required ones pass.

        ``key`` is service/container, ``present`` are the project's containers by service. The checks that already
        failed before the update run after the required ones, and are only reported.
        """
        settled, passed = self._settled.setdefault(key, set()), self._passed.setdefault(key, [])
        skipped: list[ChecksSkipped] = []
        for check in sorted(checks, key=lambda check: not check.required):
            if check.name in settled:
                continue
            found = await acceptance.ask(self._engine, acceptance.first(present, check.inside), check)
            if isinstance(found, CheckFailed) and check.required:
                return found
            if isinstance(found, ChecksSkipped):
                skipped.append(found)
                continue
            settled.add(check.name)
            if found is None:
                passed.append(check.name)
            else:
                still = CheckFailsStill(service=found.service, check=found.check, reason=found.reason)
                self._tell(Level.WARNING, still, found.service)
        for problem in acceptance.together(skipped):
            self._tell(Level.WARNING, problem)
        if passed:
            self._tell(Level.OK, ChecksPass(checks=", ".join(passed)))
        return None

    def _tell(self, level: Level, problem: Problem, service: str = "") -> None:
        self._emit(e.Found(finding=Finding(level, problem, service)))
