"""The version check: compares an image that was fetched with the expected version and with the running image.

Pure: an image, an expectation and the running image go in, findings come out. 'Could not verify' is a finding of its
own and never counts as 'verified'.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from ws9tui.core.journal.events import VersionChecked
from ws9tui.core.model import evidence, version
from ws9tui.core.model.evidence import shown_version
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.observed import EngineInfo, Image
from ws9tui.core.model.reference import Reference, is_digest
from ws9tui.core.model.terms import Finding, Level
from ws9tui.problems.archive import DigestUnknown
from ws9tui.problems.bundle import BundleDigest
from ws9tui.problems.image import (
    CommandChanged,
    DigestAsResolved,
    DigestDiffers,
    EntrypointChanged,
    HealthcheckGone,
    PlatformOk,
    PlatformWrong,
    PortsChanged,
    UserChanged,
    VersionAsExpected,
    VersionDowngrade,
    VersionLabelUnreliable,
    VersionMismatch,
    VersionUnproven,
    VolumesChanged,
)


class Expectation(msgspec.Struct, frozen=True):
    """The version that an image must prove, and its source: `expect`, `settings`, `release`, `tag` or empty."""

    version: str = ""
    source: str = ""


def expectation(reference: Reference, from_flag: str, from_settings: str, from_release: str = "") -> Expectation:
    """Returns the expected version: from `--expect`, else the settings, the release, or the tag if it is a version.

    An expected digest is no version and is skipped here.
    """
    said = (from_flag, "expect"), (from_settings, "settings"), (from_release, "release"), (reference.version, "tag")
    return next((Expectation(text, source) for text, source in said if text and not is_digest(text)), Expectation())


def check(
    service: str,
    want: ServiceImage,
    running: ServiceImage | None,
    expected: Expectation,
    engine: EngineInfo,
    others: Sequence[Image] = (),
) -> VersionChecked:
    """Checks a local image; ``running`` is the image that the service runs now.

    ``others`` are images that may have the same base.
    """
    image, reference = want.local, want.reference
    found = evidence.label_of(image, reference, others)
    findings = [
        _offline(want) if want.offline else _digest(want),
        _platform(image, engine),
        *_version(want, others, expected, running),
        *(_downgrade(found or reference.tag, running, others) if running else ()),
        *(configuration(running.local, image) if running and running.local.id != image.id else ()),
    ]
    return VersionChecked(
        service=service,
        reference=reference,
        expected=expected.version,
        expected_from=expected.source,
        found=found,
        running=shown_version(running.local, running.reference, others) if running else "",
        digest=want.digest,
        digest_ok=findings[0].level is Level.OK and not want.offline,
        platform=image.platform,
        findings=tuple(_of_service(finding, service) for finding in findings),
        offline=want.offline,
        archive=want.archive,
    )


def platform_offered(platforms: Iterable[str], engine: EngineInfo) -> bool:
    """Whether a manifest covers the engine's platform; True until the pull if the registry does not list platforms."""
    offered = [entry for entry in platforms if not entry.startswith("unknown")]
    return not offered or any(f"{entry}/".startswith(f"{engine.platform}/") for entry in offered)


def _digest(want: ServiceImage) -> Finding:
    if any(entry.digest == want.digest for entry in want.local.digests):
        return Finding(Level.OK, DigestAsResolved(digest=want.digest))
    return Finding(Level.BLOCKING, DigestDiffers(reference=want.reference, digest=want.digest))


def _offline(want: ServiceImage) -> Finding:
    """Returns the finding on the digest of an archived image: known only if a bundle contains its manifest."""
    if want.digest:
        return Finding(Level.OK, BundleDigest(digest=want.digest, archive=want.archive))
    return Finding(Level.WARNING, DigestUnknown(archive=want.archive))


def _platform(image: Image, engine: EngineInfo) -> Finding:
    platform = f"{image.os}/{image.architecture}"
    if platform == engine.platform:
        return Finding(Level.OK, PlatformOk(platform=platform))
    return Finding(Level.BLOCKING, PlatformWrong(platform=platform, engine=engine.platform))


def _version(
    want: ServiceImage, others: Sequence[Image], expected: Expectation, running: ServiceImage | None
) -> Iterator[Finding]:
    if not expected.version:
        return
    image, reference = want.local, want.reference
    label = version.of_labels(image.labels)
    if not label or evidence.inherited(image, reference, others):
        unproven = VersionUnproven(expected=expected.version, source=expected.source)
        yield Finding(Level.WARNING, unproven.replace(label=label) if label else unproven)
        return
    if version.proves(label, expected.version):
        yield Finding(Level.OK, VersionAsExpected(expected=expected.version, found=label))
        return
    # The label does not look inherited, and only a tag contradicts it: it counts if it is known to describe this image,
    # or if the running image's label matches its tag. What an operator expects must be proved.
    before = version.of_labels(running.local.labels) if running and running.reference.version else ""
    telling = version.proves(before, running.reference.tag) if running and before else evidence.own(image, reference)
    if expected.source == "tag" and not telling:
        yield Finding(Level.WARNING, VersionLabelUnreliable(label=label, tag=expected.version))
    else:
        yield Finding(Level.BLOCKING, VersionMismatch(expected=expected.version, found=label, source=expected.source))


def _downgrade(new: str, running: ServiceImage, others: Iterable[Image]) -> Iterator[Finding]:
    old = version.parse(shown_version(running.local, running.reference, others))
    coming = version.parse(new)
    # A tag `2.3` without a label may mean any 2.3, the running one included.
    if old and coming and coming.compare(old) < 0 and not old.proves(coming):
        yield Finding(Level.WARNING, VersionDowngrade(running=str(old), found=str(coming)))


def configuration(old: Image, new: Image) -> Iterator[Finding]:
    """Yields a warning for each difference between two image configurations that can break a service."""
    if old.user != new.user:
        yield Finding(Level.WARNING, UserChanged(old=old.user or "root", new=new.user or "root"))
    for listed, before, after in (
        (VolumesChanged, old.volumes, new.volumes),
        (PortsChanged, old.exposed_ports, new.exposed_ports),
    ):
        if set(before) != set(after):
            added, removed = sorted(set(after) - set(before)), sorted(set(before) - set(after))
            yield Finding(Level.WARNING, listed(added=", ".join(added), removed=", ".join(removed)))
    for words, one, other in (
        (EntrypointChanged, old.entrypoint, new.entrypoint),
        (CommandChanged, old.command, new.command),
    ):
        if one != other:
            yield Finding(Level.WARNING, words(old=" ".join(one) or "none", new=" ".join(other) or "none"))
    if old.has_healthcheck and not new.has_healthcheck:
        yield Finding(Level.WARNING, HealthcheckGone())


def _of_service(finding: Finding, service: str) -> Finding:
    """Returns the finding with the service's name, which its sentence needs if it is shown alone."""
    return Finding(finding.level, finding.problem.replace(service=service), service)
