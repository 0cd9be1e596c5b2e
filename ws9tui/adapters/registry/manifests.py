"""Reads one image of a repository: index, manifest and configuration, each verified by its digest.

A registry that limits pulls counts each manifest that it sends, but no HEAD (`offered.PullLimit`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

import msgspec

from ws9tui.adapters.registry.client import RegistryClient
from ws9tui.adapters.registry.exchange import Response
from ws9tui.adapters.registry.places import RegistryAddress
from ws9tui.core.model.observed import Image
from ws9tui.core.model.offered import Manifest, OfferedImage, OfferedLayer, PullLimit
from ws9tui.core.model.reference import Reference, digest_of
from ws9tui.errors import RegistryError
from ws9tui.problems import reasons
from ws9tui.problems.image import DigestMismatch, ManifestUnknown, PlatformMissing, RegistryNonsense

T = TypeVar("T")

_INDEX = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFEST = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_ACCEPT = ", ".join((*_INDEX, *_MANIFEST))
_STATEMENTS = {
    "signature": ("cosign", "sigstore", "notary", "signature"),
    "sbom": ("spdx", "cyclonedx", "sbom"),
    "provenance": ("slsa", "provenance", "attestation-manifest"),
}
"""kinds of attestations → words in their artifact types and annotations"""
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}")
_LIMIT = re.compile(r"(\d{1,9})(?:;w=(\d{1,9}))?")
_CREATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]{0,10}(?:Z|[+-]\d\d:\d\d)")


class _Platform(msgspec.Struct):
    os: str = ""
    architecture: str = ""
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


class _Entry(msgspec.Struct):
    """A descriptor: of a manifest in an index, of a layer or a configuration in a manifest."""

    digest: str = ""
    size: int = 0
    platform: _Platform | None = None
    artifact_type: str = msgspec.field(default="", name="artifactType")
    annotations: dict[str, str] | None = None


class _Document(msgspec.Struct):
    """An index or a manifest."""

    manifests: list[_Entry] | None = None
    config: _Entry | None = None
    layers: list[_Entry] = []


class _Check(msgspec.Struct, rename="pascal"):
    test: list[str] | None = None


class _Settings(msgspec.Struct, rename="pascal"):
    user: str | None = None
    entrypoint: list[str] | None = None
    cmd: list[str] | None = None
    volumes: dict[str, object] | None = None
    exposed_ports: dict[str, object] | None = None
    labels: dict[str, str] | None = None
    healthcheck: _Check | None = None


class _RootFs(msgspec.Struct):
    diff_ids: list[str] = []


class _Configuration(msgspec.Struct):
    """The configuration of an image."""

    architecture: str = ""
    os: str = ""
    variant: str = ""
    created: str | None = None
    config: _Settings | None = None
    rootfs: _RootFs | None = None


def members(client: RegistryClient, place: RegistryAddress, digest: str) -> dict[str, str]:
    """Returns the images of an index: digest → os/architecture; a mirror may serve it, as its digest is verified."""
    _, body = _fetched(client, place, digest)
    listed = _decoded(client, body, _Document).manifests or ()
    made = {entry.digest: entry.platform or _Platform() for entry in listed}
    return {name: f"{platform.os}/{platform.architecture}" for name, platform in made.items()}


def heading(client: RegistryClient, place: RegistryAddress, reference: Reference) -> Manifest:
    """Returns the digest of a reference by HEAD; by GET, a pull, if the registry allows no HEAD or sends no digest."""
    url = _manifest_url(client, place, reference.digest or reference.meant_tag)
    answer = client.get(place, url, _ACCEPT, head=True)
    if answer.status == 405:  # noqa: PLR2004 - HTTP's own
        answer = client.get(place, url, _ACCEPT)
    _refuse(client, answer)
    digest = answer.headers.get("docker-content-digest", "")
    if not _DIGEST.fullmatch(digest):  # some registries omit it
        digest, _ = _fetched(client, place, reference.digest or reference.meant_tag)
    if reference.digest and digest != reference.digest:
        raise client.error(DigestMismatch, reasons.DigestIs(digest=digest))
    return Manifest(digest, mirror=place.mirror, limit=_limit(answer))


def describe(client: RegistryClient, place: RegistryAddress, reference: Reference, platform: str) -> OfferedImage:
    """Returns the image of a reference for a platform (`os/architecture[/variant]`)."""
    digest, body = _fetched(client, place, reference.digest or reference.meant_tag)
    document = _decoded(client, body, _Document)
    manifest, platforms = digest, tuple[str, ...]()
    attestations = [entry for entry in document.manifests or () if entry.annotations]
    if document.manifests is not None:
        real = [entry for entry in document.manifests if entry.platform and entry.platform.os not in ("", "unknown")]
        platforms = tuple(dict.fromkeys(str(entry.platform) for entry in real))
        chosen = _for_platform(real, platform)
        if chosen is None:
            raise client.error(PlatformMissing, reasons.PlatformOther(platforms=", ".join(platforms), engine=platform))
        manifest, body = _fetched(client, place, chosen.digest)
        document = _decoded(client, body, _Document)
    if document.config is None:
        raise client.error(RegistryNonsense, reasons.ManifestOfNoImage())
    image = _image(client, place, document.config.digest)
    if not platforms and not f"{image.platform}/".startswith(f"{platform}/"):
        raise client.error(PlatformMissing, reasons.PlatformOther(platforms=image.platform, engine=platform))
    layers = tuple(OfferedLayer(entry.digest, max(entry.size, 0)) for entry in document.layers)
    attached = [*_attached(attestations), *_referrers(client, place, digest)]
    return OfferedImage(
        digest,
        manifest,
        image,
        layers,
        platforms or (image.platform,),
        tuple(sorted(set(attached))),
        place.mirror,
    )


def _referrers(client: RegistryClient, place: RegistryAddress, digest: str) -> Iterator[str]:
    """Yields the kinds of attestations that refer to an image; none if the registry fails or has no referrers API."""
    try:
        answer = client.get(place, f"{place.url}/v2/{client.repository}/referrers/{digest}", _INDEX[0])
        if answer.status == 200:  # noqa: PLR2004 - HTTP's own
            yield from _attached(_decoded(client, answer.body, _Document).manifests or ())
    except RegistryError:
        return


def _attached(entries: Iterable[_Entry]) -> Iterator[str]:
    """Yields the kinds of attestations that the entries' types and annotations name."""
    for entry in entries:
        kind = " ".join(
            (entry.artifact_type, *(word for pair in (entry.annotations or {}).items() for word in pair))
        ).lower()
        yield from (name for name, words in _STATEMENTS.items() if any(word in kind for word in words))


def _for_platform(entries: Iterable[_Entry], platform: str) -> _Entry | None:
    """Returns the manifest for a platform: the exact match, else the highest variant; None if there is none."""
    fitting = [entry for entry in entries if f"{entry.platform}/".startswith(f"{platform}/")]
    plain = [entry for entry in fitting if str(entry.platform) == platform]
    return next(iter(plain), max(fitting, key=lambda entry: str(entry.platform), default=None))


def _fetched(client: RegistryClient, place: RegistryAddress, name: str) -> tuple[str, bytes]:
    """Returns an index or a manifest, by tag or digest, after the digest of the received content."""
    answer = client.get(place, _manifest_url(client, place, name), _ACCEPT)
    _refuse(client, answer)
    digest = digest_of(answer.body)
    if _DIGEST.fullmatch(name) and digest != name:
        raise client.error(DigestMismatch, reasons.DigestSent(digest=digest))
    return digest, answer.body


def _image(client: RegistryClient, place: RegistryAddress, digest: str) -> Image:
    if not _DIGEST.fullmatch(digest):
        raise client.error(RegistryNonsense, reasons.ConfigurationUnnamed())
    answer = client.get(place, f"{place.url}/v2/{client.repository}/blobs/{digest}", "*/*")
    client.refuse(answer, RegistryNonsense)
    if digest_of(answer.body) != digest:
        raise client.error(DigestMismatch, reasons.DigestSent(digest=digest_of(answer.body)))
    found = _decoded(client, answer.body, _Configuration)
    settings = found.config or _Settings()
    test = (settings.healthcheck.test if settings.healthcheck else None) or ["NONE"]
    created = found.created or ""
    return Image(
        digest,
        labels=settings.labels or {},
        os=found.os or "linux",
        architecture=found.architecture,
        variant=found.variant,
        created_at=created if _CREATED.fullmatch(created) else "",
        user=settings.user or "",
        entrypoint=tuple(settings.entrypoint or ()),
        command=tuple(settings.cmd or ()),
        volumes=tuple(sorted(settings.volumes or ())),
        exposed_ports=tuple(sorted(settings.exposed_ports or ())),
        has_healthcheck=test[0] != "NONE",
        layers=tuple(found.rootfs.diff_ids if found.rootfs else ()),
    )


def _decoded(client: RegistryClient, body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (ValueError, RecursionError) as error:
        raise client.error(RegistryNonsense, reasons.AnswerOfNoImage()) from error


def _refuse(client: RegistryClient, answer: Response) -> None:
    if answer.status == 404 and not answer.body:  # noqa: PLR2004 - HTTP's own; a HEAD says no more
        raise client.error(ManifestUnknown, "")
    client.refuse(answer, ManifestUnknown if answer.status == 404 else RegistryNonsense)  # noqa: PLR2004


def _limit(answer: Response) -> PullLimit | None:
    """Parses Docker Hub's headers `ratelimit-limit: 100;w=21600` and `ratelimit-remaining: 76;w=21600`."""
    most = _LIMIT.fullmatch(answer.headers.get("ratelimit-limit", ""))
    left = _LIMIT.fullmatch(answer.headers.get("ratelimit-remaining", ""))
    return PullLimit(int(left[1]), int(most[1]), int(most[2] or 0)) if most and left else None


def _manifest_url(client: RegistryClient, place: RegistryAddress, name: str) -> str:
    return f"{place.url}/v2/{client.repository}/manifests/{name}"
