"""Checks an image as the settings ask besides its version, before it is used: digest, signature, upgrade path, scan.

A check that the settings do not ask for is neither run nor reported.
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
    """The trust checks of one run."""

    def __init__(self, session: Session, found: Survey, info: EngineInfo, archives: Archives | None = None) -> None:
        self._session = session
        self._found = found
        self._info = info
        self._archives = archives
        self._checked: dict[tuple[str, TrustCheck], e.TrustChecked] = {}
        self._taken: set[tuple[str, str]] = set()
        """accepted checks, as `--accept` names them, with the digest of the image"""

    @property
    def warns(self) -> bool:
        """Whether any check has a result other than OK."""
        return any(check.finding.level is not Level.OK for check in self._checked.values())

    @property
    def found(self) -> tuple[Problem, ...]:
        """The results of the checks, for the plan."""
        return tuple(check.finding.problem for check in self._checked.values())

    async def before_pull(self, chosen: Mapping[str, ServiceImage], *, updates: bool = True) -> None:
        """Runs the checks that need no pull; `settle` decides what their results mean for the run.

        Without ``updates`` nothing that runs is to be updated, and no upgrade path is checked.
        """
        self._checked.clear()  # the operator may have gone back, and chosen otherwise
        for name, want in chosen.items():
            if expected := self._expected(name):
                self._tell(await self._digest(name, want, expected))
            if updates and (way := await path.check(self._session, self._found, name, want)) is not None:
                self._tell(way)
        await self._signatures(chosen)

    async def after_pull(self, wanted: Mapping[str, ServiceImage]) -> None:
        """Runs the checks that need the local image, as `before_pull` does."""
        scanner = Scanner(self._session, self._found, self._info.host)
        for name, want in wanted.items():
            if (scanned := await scanner.check(name, want)) is not None:
                self._tell(scanned)

    def refusal(self) -> Problem | None:
        """Returns the first problem that stops the run and cannot be accepted here; None if there is none."""
        attended = self._session.attended
        return next((stop.finding.problem for stop in self._stops() if not (stop.consent and attended)), None)

    async def settle(self) -> None:
        """Returns if nothing stops the run, or if it is accepted; raises `Refused`, `WentBack` and `Cancelled`."""
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
        """Returns the checks that stop the run; those that cannot be accepted first."""
        return sorted((check for check in self._checked.values() if check.stops), key=lambda stop: bool(stop.consent))

    def _tell(self, check: e.TrustChecked) -> None:
        taken = check.consent in self._session.options.accept or (check.consent, check.digest) in self._taken
        if check.stops and check.consent and taken:
            check = _accepted(check)
        self._checked[check.service, check.check] = check
        self._session.emit(check)

    # --- signatures -----------------------------------------------------------------------------------------------

    async def _signatures(self, chosen: Mapping[str, ServiceImage]) -> None:
        """Has cosign verify the signatures, a few at a time; services with the same image and signer share a call."""
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
        """Returns the signature that a service's image must have; a key's path is relative to the project's folder."""
        signature = self._found.settings(name).signature or Signature()
        if signature.key and "://" not in signature.key:
            key = os.path.join(self._found.source.folder, signature.key)  # noqa: PTH118 - pathlib keeps no dots
            signature = msgspec.structs.replace(signature, key=key)
        return signature

    # --- the expected digest --------------------------------------------------------------------------------------

    def _expected(self, name: str) -> str:
        """Returns the digest that a service's image must have; empty if a version or nothing is expected."""
        said = (self._session.options.expect.get(name, ""), self._found.settings(name).expect)
        return next((text for text in said if is_digest(text)), "")

    async def _digest(self, name: str, want: ServiceImage, expected: str) -> e.TrustChecked:
        """Compares the expected digest with the index's, and if that differs with its manifests' for this platform."""
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
        """Returns the digests of an image: that of its index, and that of its manifest for this platform."""
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
    """Returns findings on the programs that the settings ask for and that are not installed."""
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
    """Returns the image by digest in its own registry, even if pulled from a mirror; empty if no digest is known."""
    return want.reference.at(want.digest) if want.digest else ""


def _signed(name: str, want: ServiceImage, signature: Signature, verified: Verified) -> e.TrustChecked:
    """Returns the result of a signature verification: anything but a verified signature stops the run."""
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
    """Returns a check that no longer stops the run, because its result was accepted."""
    problem = stop.finding.problem
    if isinstance(problem, Acceptable):
        problem = problem.replace(agree="", accepted="yes")
    return msgspec.structs.replace(stop, accepted=True, finding=Finding(Level.WARNING, problem, stop.service))
