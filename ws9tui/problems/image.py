"""Problems of registries, pulls, image references and pulled images."""

from __future__ import annotations

from ws9tui.problems.problem import Problem, Reason


class RegistryProblem(Problem, family=True):
    """The error of a registry, or of the engine that asked it, about an image reference."""

    reference: str = ""
    registry: str = ""
    reason: Reason | str = ""


class RateLimited(RegistryProblem):
    retry_after: float | None = None
    """in seconds"""


class Unauthorized(RegistryProblem): ...


class ManifestUnknown(RegistryProblem): ...


class RepositoryUnknown(RegistryProblem): ...


NOT_THERE = (ManifestUnknown, RepositoryUnknown)
"""problems that say that a registry does not have the image"""


class RegistryUnreachable(RegistryProblem): ...


class RegistryServerError(RegistryProblem): ...


class TlsError(RegistryProblem):
    clock: str = ""


class DiskFull(RegistryProblem): ...


class DigestMismatch(RegistryProblem): ...


class PlatformMissing(RegistryProblem):
    platform: str = ""


class ImageNotPulled(RegistryProblem, code="pull-failed"): ...


class PullIncomplete(Problem):
    reference: str


class PullTimeout(Problem):
    reference: str
    seconds: float


class NoDataArrives(Problem, code="pull-stalled"):
    reference: str
    seconds: float


class RegistrySlow(RegistryProblem): ...


class RegistryNonsense(RegistryProblem): ...


class TagsUntold(RegistryProblem): ...


class RuleOffline(Problem):
    service: str
    rule: str


class PullsSpared(Problem):
    registry: str
    remaining: int
    limit: int


class DigestOfMirror(Problem):
    reference: str
    registry: str
    mirror: str


class PullsLeft(Problem):
    registry: str
    remaining: int
    limit: int


class PullsTooFew(Problem):
    registry: str
    remaining: int
    limit: int
    images: int


class TooYoung(Problem):
    reference: str
    age: float
    """seconds since the digest was first seen on this machine"""
    minimum: float


class OlderTaken(Problem):
    """The newest image of a tag is too young, so the one before it, which is old enough, is offered."""

    reference: str
    age: float
    minimum: float


class TagsTooMany(Problem):
    reference: str
    registry: str


class TagsOfMirror(Problem):
    registry: str
    mirror: str


class TagIncomparable(Problem):
    reference: str


class LoginBroken(Problem):
    registry: str
    path: str
    reason: str


class LoginsUnreadable(Problem):
    path: str
    reason: Reason | str


class LoginHelper(Problem):
    registry: str
    helper: str
    reason: str


class NoDigest(Problem):
    reference: str


class Pinned(Problem):
    reference: str


class PinGivenUp(Problem):
    service: str
    old: str
    reference: str


class PinnedAnew(Problem):
    service: str
    old: str
    reference: str


class ImageProblem(Problem, family=True):
    """A finding about the image of a service."""

    service: str = ""


class VersionAsExpected(ImageProblem):
    expected: str
    found: str


class VersionMismatch(ImageProblem):
    expected: str
    found: str
    source: str


class VersionTaken(ImageProblem):
    expected: str
    found: str
    source: str


class VersionUnproven(ImageProblem):
    expected: str
    source: str
    label: str = ""


class VersionLabelUnreliable(ImageProblem):
    label: str
    tag: str


class VersionDowngrade(ImageProblem):
    running: str
    found: str


class VersionCommandDiffers(Problem):
    service: str
    expected: str
    found: str
    status: int


class VersionCommandEndless(Problem):
    service: str
    expected: str
    seconds: float


class DigestAsResolved(ImageProblem):
    digest: str


class DigestDiffers(ImageProblem):
    reference: str
    digest: str


class PlatformOk(ImageProblem):
    platform: str


class PlatformWrong(ImageProblem):
    platform: str
    engine: str


class UserChanged(ImageProblem):
    old: str
    new: str


class VolumesChanged(ImageProblem):
    added: str = ""
    removed: str = ""


class PortsChanged(ImageProblem):
    added: str = ""
    removed: str = ""


class CommandChanged(ImageProblem):
    new: str = ""
    old: str = ""


class EntrypointChanged(ImageProblem):
    new: str = ""
    old: str = ""


class HealthcheckGone(ImageProblem): ...
