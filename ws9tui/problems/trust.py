"""Findings of the trust checks of an image: digest, signature, vulnerabilities, upgrade path."""

from __future__ import annotations

from ws9tui.problems.problem import Problem, Reason


class TrustProblem(Problem, family=True):
    """A finding about the image to which a service is updated."""

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
    """A finding that stops a run unless the operator accepts it."""

    agree: str = ""
    """the value of `--accept` that accepts it, quoted for the shell"""
    accepted: str = ""
    """`yes` if it was accepted"""


class SignatureVerified(TrustProblem):
    by: str = ""


class SignatureWrong(TrustProblem):
    reason: Reason | str


class SignatureUnchecked(Acceptable):
    reason: Reason | str = ""


class ScanCompared(TrustProblem):
    program: str
    new: str = ""
    """number of vulnerabilities that the running image does not have, by severity"""
    fixed: str = ""
    same: int | None = None


class ScanWorse(Acceptable):
    program: str
    level: str
    new: str = ""
    """number of vulnerabilities of the level or worse that the running image does not have, by severity"""
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
    """the newest tag that can be an intermediate step; empty if none is known"""
    target: str = ""


class PathUnknown(Acceptable):
    range: str
    running: str = ""


class ProgramMissing(Problem):
    program: str
    service: str
    setting: str
