"""Checks an image for what the settings ask of it besides its version, before anything is made of it.

What is not asked for is not checked, and nothing is said of it.
"""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Mapping

import msgspec

from ws9tui.core.images import path
from ws9tui.core.images.archive import Archives
from ws9tui.core.images.scan import Scanner
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal import events as e
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.observed import EngineInfo
from ws9tui.core.model.reference import is_digest
from ws9tui.core.model.terms import Choice, Finding, Level, Question
from ws9tui.core.model.trust import Result, Signature, TrustCheck, Verified
from ws9tui.core.session import DECISION_DEADLINE, Session, WentBack
from ws9tui.errors import Refused, RegistryError
from ws9tui.problems import reasons
from ws9tui.problems.problem import Problem, reason_of
from ws9tui.problems.trust import (
    Acceptable,
    DigestAsExpected,
    DigestUnexpected,
    ExpectedDigestUnproven,
    ProgramMissing,
    SignatureUnchecked,
    SignatureVerified,
    SignatureWrong,
)

COSIGN = "cosign"
PARALLEL = 3
"""signatures that are verified at a time"""


class Trust:
    """The checks of one run."""

    def __init__(self, session: Session, found: Survey, info: EngineInfo, archives: Archives | None = None) -> None:
        self._session = session
        self._found = found
        self._info = info
        self._archives = archives
        self._checked: dict[tuple[str, TrustCheck], e.TrustChecked] = {}
        self._taken: set[tuple[str, str]] = set()
        """what somebody takes, as `--accept` names it, with the digest of the image"""

    @property
    def warns(self) -> bool:
        """Whether a check came to anything that somebody should see."""
        return any(check.finding.level is not Level.OK for check in self._checked.values())

    @property
    def found(self) -> tuple[Problem, ...]:
        """What the checks came to, for the plan."""
        return tuple(check.finding.problem for check in self._checked.values())

    async def before_pull(self, chosen: Mapping[str, ServiceImage]) -> None:
        """Checks what can be told before any byte is pulled; `settle` tells what that means for the run."""
        self._checked.clear()  # the operator may have gone back, and chosen otherwise
        for name, want in chosen.items():
            if expected := self._expected(name):
                self._tell(await self._digest(name, want, expected))
            if (way := await path.check(self._session, self._found, name, want)) is not None:
                self._tell(way)
        await self._signatures(chosen)

    async def after_pull(self, wanted: Mapping[str, ServiceImage]) -> None:
        """Checks what is here now, as `before_pull` does."""
        scanner = Scanner(self._session, self._found, self._info.host)
        for name, want in wanted.items():
            if (scanned := await scanner.check(name, want)) is not None:
                self._tell(scanned)

    def refusal(self) -> Problem | None:
        """What would stop a run first."""
        attended = self._session.attended
        return next((stop.finding.problem for stop in self._stops() if not (stop.consent and attended)), None)

    async def settle(self) -> None:
        """Goes on where nothing stops the run, or somebody takes what does; raises `Refused` and `Cancelled`."""
        if problem := self.refusal():
            raise Refused(problem)
        stops = self._stops()
        if not stops:
            return
        consents = tuple(stop.consent for stop in stops)
        back = (Choice.PREVIOUS,) if self._session.walks else ()
        choices = (Choice.GO, *back, Choice.CANCEL)
        decision = await self._session.ask(
            Question.ACCEPT, choices, Choice.CANCEL, seconds=DECISION_DEADLINE, options=consents, cancels=True
        )
        if decision.choice is Choice.PREVIOUS:
            raise WentBack(tuple(dict.fromkeys(stop.service for stop in stops)))
        for stop in stops:
            self._taken.add((stop.consent, stop.digest))
            self._tell(stop)

    def _stops(self) -> list[e.TrustChecked]:
        """What stops the run; first what nobody may take."""
        return sorted((check for check in self._checked.values() if check.stops), key=lambda stop: bool(stop.consent))

    def _tell(self, check: e.TrustChecked) -> None:
        taken = check.consent in self._session.options.accept or (check.consent, check.digest) in self._taken
        if check.stops and check.consent and taken:
            check = _accepted(check)
        self._checked[check.service, check.check] = check
        self._session.emit(check)

    # --- signatures -----------------------------------------------------------------------------------------------

    async def _signatures(self, chosen: Mapping[str, ServiceImage]) -> None:
        """Lets cosign verify what is to be signed, a few at a time; what services share is asked about once."""
        slots = asyncio.Semaphore(PARALLEL)
        asked: dict[tuple[str, Signature], asyncio.Task[Verified]] = {}

        async def verify(reference: str, signature: Signature) -> Verified:
            async with slots:
                return await self._verified(reference, signature)

        async with asyncio.TaskGroup() as group:
            for name, want in chosen.items():
                if signature := self._signature(name):
                    key = (_own_name(want), signature)
                    asked[key] = asked.get(key) or group.create_task(verify(*key))
                    self._session.emit(e.CheckStarted(service=name, check=TrustCheck.SIGNATURE, program=COSIGN))
        for name, want in chosen.items():
            if signature := self._signature(name):
                verified = asked[_own_name(want), signature].result()
                self._tell(_signed(name, want, signature, verified))

    async def _verified(self, reference: str, signature: Signature) -> Verified:
        if not reference:
            return Verified(Result.NOT_CHECKED, reasons.DigestNotKnown())
        return await self._session.programs.verify(reference, signature)

    def _signature(self, name: str) -> Signature:
        """Whose signature a service's image must have; a key's path is one in the project's folder."""
        signature = self._found.settings(name).signature or Signature()
        if signature.key and "://" not in signature.key:
            key = os.path.join(self._found.source.folder, signature.key)  # noqa: PTH118 - pathlib keeps no dots
            signature = msgspec.structs.replace(signature, key=key)
        return signature

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
            reason = reason_of(error.problem)
            problem = ExpectedDigestUnproven(service=name, reference=want.reference, expected=expected, reason=reason)
            result = Result.NOT_CHECKED
        level = Level.OK if result is Result.VERIFIED else Level.BLOCKING
        return e.TrustChecked(
            service=name,
            check=TrustCheck.DIGEST,
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
        return {local.manifest, *local.known_digests} if local else set()


async def missing(session: Session, found: Survey) -> list[Finding]:
    """The programs that the settings ask for and that are not there."""
    findings = []
    for name in found.project.services:
        settings = found.settings(name)
        if settings.signature and not await session.programs.there(COSIGN):
            problem = ProgramMissing(program=COSIGN, service=name, setting=TrustCheck.SIGNATURE)
            findings.append(Finding(Level.BLOCKING, problem, name))
        if settings.scan and not await session.programs.there(settings.scan):
            problem = ProgramMissing(program=settings.scan, service=name, setting=TrustCheck.SCAN)
            findings.append(Finding(Level.WARNING, problem, name))
    return findings


def _own_name(want: ServiceImage) -> str:
    """The image by its digest in its own registry, wherever its bytes come from; empty where none is known."""
    return want.reference.at(want.digest) if want.digest else ""


def _signed(name: str, want: ServiceImage, signature: Signature, verified: Verified) -> e.TrustChecked:
    """What the verification of a signature means: only what was verified is called so, and else the run stops."""
    consent = f"{name}:{TrustCheck.SIGNATURE}" if verified.result is Result.NOT_CHECKED else ""
    problem: Problem
    match verified.result:
        case Result.VERIFIED:
            problem = SignatureVerified(service=name, reference=want.reference, by=signature.by)
        case Result.FAILED:
            problem = SignatureWrong(service=name, reference=want.reference, reason=verified.reason)
        case _:
            agree = shlex.quote(consent)
            problem = SignatureUnchecked(service=name, reference=want.reference, reason=verified.reason, agree=agree)
    return e.TrustChecked(
        service=name,
        check=TrustCheck.SIGNATURE,
        result=verified.result,
        finding=Finding(Level.OK if verified.result is Result.VERIFIED else Level.BLOCKING, problem, name),
        reference=want.reference,
        digest=want.digest,
        program=COSIGN,
        consent=consent,
    )


def _accepted(stop: e.TrustChecked) -> e.TrustChecked:
    """A check that stops the run no more, for somebody takes what it came to."""
    problem = stop.finding.problem
    if isinstance(problem, Acceptable):
        problem = problem.replace(agree="", accepted="yes")
    return msgspec.structs.replace(stop, accepted=True, finding=Finding(Level.WARNING, problem, stop.service))
