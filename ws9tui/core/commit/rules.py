"""The rules by which the services of a generation are judged: what its files, its settings and the call say of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ws9tui.core.commit.watch import Rule
from ws9tui.core.compose.settings import ServiceSettings
from ws9tui.core.images import verify
from ws9tui.core.model.acceptance import AcceptanceCheck
from ws9tui.core.model.observed import Image
from ws9tui.core.model.options import MONITOR, Options
from ws9tui.core.model.terms import Verb
from ws9tui.core.store.generation import Generation, GenerationService


class Rules(NamedTuple):
    """The rules of one generation."""

    target: Generation
    options: Options
    verb: Verb
    unwell: Mapping[str, str]
    """what was wrong with services before, by which they are judged"""
    accepted: Mapping[str, str]
    """service → the version that was taken in place of the one that is expected"""
    checks: Sequence[AcceptanceCheck]
    """of the product"""

    def rule(self, service: str, *, fresh: bool) -> Rule:
        """By what a service is judged; ``fresh``: its container was made by this run."""
        settings = self.target.settings.get(service, ServiceSettings())
        model = self.target.project.services.get(service)
        wanted = (self.options.monitor, settings.monitor, model.monitor if model else None)
        was = self.target.services.get(service)
        return Rule(
            service,
            image=was.image.local if was else Image(""),
            replicas=was.replicas if was else 1,
            was=self.unwell.get(service, ""),
            one_shot=self.target.one_shot(service),
            fresh=fresh,
            monitor=next((value for value in wanted if value is not None), MONITOR),
            expect=self.accepted.get(service)
            or self.options.expect.get(service)
            or settings.expect
            or self._tagged(was),
            version_command=settings.version_command,
            probe=settings.probe,
            probe_as_written=settings.probe_as_written,
            checks=tuple(check for check in self.checks if check.service == service),
        )

    def _tagged(self, was: GenerationService | None) -> str:
        """The version that a new image's tag promises; an image that is gone back to is proved by its ID."""
        if was is None or self.verb is Verb.ROLLBACK:
            return ""
        return verify.expectation(was.reference, "", "").version
