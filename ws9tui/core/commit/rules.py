"""The health gate's rules for the services of a generation, derived from its files, its settings and the options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ws9tui.core.commit.watch import Rule
from ws9tui.core.compose.settings import ServiceSettings
from ws9tui.core.images import verify
from ws9tui.core.model.acceptance import AcceptanceCheck
from ws9tui.core.model.observed import Image
from ws9tui.core.model.options import MONITOR, Options
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Verb
from ws9tui.core.store.generation import Generation, GenerationService


class Rules(NamedTuple):
    """The rules of one generation."""

    target: Generation
    options: Options
    verb: Verb
    unwell: Mapping[str, str]
    """service → its problem before the update, against which it is judged"""
    accepted: Mapping[str, str]
    """service → the version accepted in place of the expected one"""
    checks: Sequence[AcceptanceCheck]
    """the product's acceptance checks"""

    def rule(self, service: str, *, fresh: bool) -> Rule:
        """Returns the rule for a service; ``fresh``: this run created its container."""
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
            expect=self.accepted.get(service) or self._expected(service, settings, was),
            version_command=settings.version_command,
            probe=settings.probe,
            probe_as_written=settings.probe_as_written,
            checks=tuple(check for check in self.checks if check.service == service),
        )

    def _expected(self, service: str, settings: ServiceSettings, was: GenerationService | None) -> str:
        """Returns the expected version; on a rollback a tag implies none, since the image IDs are verified."""
        reference = Reference() if was is None or self.verb is Verb.ROLLBACK else was.reference
        return verify.expectation(reference, self.options.expect.get(service, ""), settings.expect).version
