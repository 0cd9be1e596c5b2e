"""Problems of what is asked about an image besides its version: digest, signature, vulnerabilities, the way to it."""

from __future__ import annotations

from ws9tui.problems.problem import Problem, Reason


class TrustProblem(Problem, family=True):
    """What was found of the image that a service is to get."""

    service: str
    reference: str


class DigestAsExpected(TrustProblem):
    digest: str


class DigestUnexpected(TrustProblem):
    digest: str
    expected: str


class ExpectedDigestUnproven(TrustProblem):
    expected: str
    reason: Reason | str


class Acceptable(TrustProblem, family=True):
    """One that stops a run unless somebody takes it."""

    agree: str = ""
    """what `--accept` takes for that"""
    accepted: str = ""
    """somebody has"""


class SignatureVerified(TrustProblem):
    by: str = ""


class SignatureWrong(TrustProblem):
    reason: Reason | str


class SignatureUnchecked(Acceptable):
    reason: Reason | str = ""


class ScanCompared(TrustProblem):
    program: str
    new: str = ""
    """how many that what runs has not, by severity"""
    fixed: str = ""
    same: int | None = None


class ScanWorse(Acceptable):
    program: str
    level: str
    new: str = ""
    """how many that what runs has not, as bad as the level or worse, by severity"""
    ids: str = ""
    fixed: str = ""


class ScanAlone(TrustProblem):
    program: str
    found: str = ""


class ScanUnchecked(TrustProblem):
    program: str
    reason: Reason | str


class PathFits(TrustProblem):
    running: str
    range: str


class PathBehind(TrustProblem):
    running: str
    range: str


class PathSkips(TrustProblem):
    running: str
    range: str
    step: str = ""
    """the newest tag that lies in between"""
    target: str = ""


class PathUnknown(Acceptable):
    range: str
    running: str = ""


class ProgramMissing(Problem):
    program: str
    service: str
    setting: str
