"""Checks an image for what the settings ask of it besides its version, before anything is made of it.

What is not asked for is not checked, and nothing is said of it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ws9tui.core.images.archive import Archives
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal import events as e
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.observed import EngineInfo
from ws9tui.core.model.terms import Finding, Level
from ws9tui.core.model.trust import Check, Result, is_digest
from ws9tui.core.session import Session
from ws9tui.errors import Refused, RegistryError
from ws9tui.problems.problem import Problem
from ws9tui.problems.trust import DigestAsExpected, DigestUnexpected, ExpectedDigestUnproven


class Trust:
    """The checks of one run."""

    def __init__(self, session: Session, found: Survey, info: EngineInfo, archives: Archives | None = None) -> None:
        self._session = session
        self._found = found
        self._info = info
        self._archives = archives
        self._checked: dict[tuple[str, Check], e.TrustChecked] = {}

    @property
    def found(self) -> tuple[Problem, ...]:
        """What the checks came to, for the plan."""
        return tuple(check.finding.problem for check in self._checked.values())

    async def before_pull(self, chosen: Mapping[str, ServiceImage]) -> None:
        """Checks what can be told before any byte is pulled; raises `Refused` for what stops the run."""
        if problem := await self.look(chosen):
            raise Refused(problem)

    async def look(self, chosen: Mapping[str, ServiceImage]) -> Problem | None:
        """The same, for a plan alone: gives what would stop the run first."""
        for name, want in chosen.items():
            if expected := self._expected(name):
                self._tell(await self._digest(name, want, expected))
        return next((check.finding.problem for check in self._checked.values() if check.stops), None)

    def _tell(self, check: e.TrustChecked) -> None:
        self._checked[check.service, check.check] = check
        self._session.emit(check)

    # --- the expected digest --------------------------------------------------------------------------------------

    def _expected(self, name: str) -> str:
        """The digest that a service's image must have; empty where a version is expected, or nothing."""
        said = (self._session.options.expect.get(name, ""), self._found.settings(name).expect)
        return next((text for text in said if is_digest(text)), "")

    async def _digest(self, name: str, want: ServiceImage, expected: str) -> e.TrustChecked:
        """Compares with the digest of the index, and where that is another with those of the images in it."""
        problem: Problem = DigestAsExpected(service=name, reference=want.reference, digest=expected)
        result = Result.VERIFIED
        try:
            if expected not in await self._digests(want, expected):
                digest = want.digest or want.local.id
                problem = DigestUnexpected(service=name, reference=want.reference, digest=digest, expected=expected)
                result = Result.FAILED
        except RegistryError as error:
            reason = error.problem.facts.get("reason", "")
            problem = ExpectedDigestUnproven(service=name, reference=want.reference, expected=expected, reason=reason)
            result = Result.NOT_CHECKED
        level = Level.OK if result is Result.VERIFIED else Level.BLOCKING
        return e.TrustChecked(
            service=name,
            check=Check.DIGEST,
            result=result,
            finding=Finding(level, problem, name),
            reference=want.reference,
            digest=want.digest,
        )

    async def _digests(self, want: ServiceImage, expected: str) -> set[str]:
        """The digests that an image has: its index's, and that of its manifest for this platform."""
        if want.digest == expected:
            return {want.digest}
        if want.digest:
            members = await self._session.engine.registries.members(want.reference.at(want.digest))
            return {digest for digest, platform in members.items() if platform == self._info.platform}
        archived = self._archives.with_id(want.local.id) if self._archives and want.archive else None
        if archived is not None:
            return set(archived.documents)
        local = await self._session.engine.image(want.local.id)
        return {local.digest, local.manifest, *(known.digest for known in local.digests)} if local else set()
