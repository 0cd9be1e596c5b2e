"""Compares the vulnerabilities of a local image with those of the running one, so that old ones block no fix."""

from __future__ import annotations

import shlex

from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal import events as e
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.terms import Finding, Level
from ws9tui.core.model.trust import Result, Scanned, Severity, TrustCheck, beside, counted
from ws9tui.core.session import Session
from ws9tui.problems.problem import Problem
from ws9tui.problems.trust import ScanAlone, ScanCompared, ScanUnchecked, ScanWorse

MOST = 100
"""vulnerabilities that an event lists"""
_NAMED = 20
_BAD = Severity.HIGH


class Scanner:
    """The vulnerability scans of one run; each image is scanned once."""

    def __init__(self, session: Session, found: Survey, host: str) -> None:
        self._session = session
        self._found = found
        self._host = host
        self._scanned: dict[tuple[str, str], Scanned] = {}

    async def check(self, name: str, want: ServiceImage) -> e.TrustChecked | None:
        """Runs the scan that a service's settings ask for; None if they ask for none, or the image runs already."""
        settings = self._found.settings(name)
        container = self._found.container(name)
        running = container.image_id if container else ""
        if not settings.scan or running == want.local.id:
            return None
        self._session.emit(e.CheckStarted(service=name, check=TrustCheck.SCAN, program=settings.scan))
        new = await self._scan(settings.scan, want.local.id)
        old = await self._scan(settings.scan, running) if running and not new.reason else None
        return _compared(name, want, settings.scan, settings.scan_fail_on, new, old)

    async def _scan(self, program: str, image_id: str) -> Scanned:
        if (program, image_id) not in self._scanned:
            found = await self._session.programs.scan(program, image_id, self._host)
            self._scanned[program, image_id] = found
        return self._scanned[program, image_id]


def _compared(
    name: str, want: ServiceImage, program: str, fail_on: Severity | None, new: Scanned, old: Scanned | None
) -> e.TrustChecked:
    """Returns the comparison of two scans; ``old`` is None if nothing runs, or if the new scan failed."""
    coming = beside(new.found, old.found) if old else new.found
    gone = beside(old.found, new.found) if old else ()
    bad = [one for one in coming if fail_on is not None and one.severity.reaches(fail_on)]
    reason = new.reason or (old.reason if old else "")
    problem: Problem
    level, consent = Level.OK, ""
    if reason:
        problem = ScanUnchecked(service=name, reference=want.reference, program=program, reason=reason)
        level = Level.WARNING
    elif old is None:
        problem = ScanAlone(service=name, reference=want.reference, program=program, found=counted(coming))
        level = Level.WARNING if any(one.severity.reaches(fail_on or _BAD) for one in coming) else Level.OK
    elif bad:
        consent = f"{name}:{TrustCheck.SCAN}"
        problem = ScanWorse(
            service=name,
            reference=want.reference,
            program=program,
            level=fail_on or "",
            new=counted(bad),
            ids=", ".join(one.id for one in bad[:_NAMED]),
            fixed=counted(gone),
            agree=shlex.quote(consent),
        )
        level = Level.BLOCKING
    else:
        same = len(new.found) - len(coming)
        problem = ScanCompared(
            service=name,
            reference=want.reference,
            program=program,
            new=counted(coming),
            fixed=counted(gone),
            same=same or None,
        )
        level = Level.WARNING if coming else Level.OK
    return e.TrustChecked(
        service=name,
        check=TrustCheck.SCAN,
        result=Result.NOT_CHECKED if reason else Result.COMPARED,
        finding=Finding(level, problem, name),
        reference=want.reference,
        digest=want.digest,
        program=program,
        consent=consent,
        new=() if reason else coming[:MOST],
        fixed=gone[:MOST],
    )
