"""Test images, made in Python and pushed straight into a registry: no engine, no build."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import platform
import random
import subprocess
import tarfile
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import behaviours, tools

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .behaviours import Behaviour
    from .registry import Registry

_OCI = "application/vnd.oci.image"
NATIVE = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
FOREIGN = "arm64" if NATIVE != "arm64" else "amd64"
ONE_SHOT_LABEL = "test.one-shot"
VERSION_LABEL = "org.opencontainers.image.version"


@dataclass(frozen=True)
class Types:
    """The media types of an image's parts."""

    index: str
    manifest: str
    config: str
    layer: str


OCI = Types(f"{_OCI}.index.v1+json", f"{_OCI}.manifest.v1+json", f"{_OCI}.config.v1+json", f"{_OCI}.layer.v1.tar+gzip")
DOCKER = Types(
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
)


@dataclass(frozen=True)
class ImageSpec:
    """What a test image is and does.

    `version` is what it serves and what its command `version` prints; `version_label` is what its label claims (the
    same unless told, none if empty). `size_kb` of bytes that cannot be compressed are spread over `layers` layers;
    `seed` decides which bytes (those of another version differ unless told).
    """

    version: str = "1.0.0"
    version_label: str | None = None
    behaviour: Behaviour = field(default_factory=behaviours.serve)
    labels: Mapping[str, str] = field(default_factory=dict)
    healthcheck: Mapping[str, object] | None = None
    user: str = ""
    expose: tuple[int, ...] = ()
    volumes: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    copies: tuple[str, ...] = ()
    """files of this machine that it has at the same paths"""
    size_kb: int = 0
    layers: int = 1
    seed: str | None = None
    architecture: str = NATIVE
    os: str = "linux"

    def config(self, diff_ids: list[str]) -> dict[str, Any]:
        """Return the image's configuration."""
        label = self.version if self.version_label is None else self.version_label
        health = self.behaviour.health if self.healthcheck is None else self.healthcheck
        one_shot = {ONE_SHOT_LABEL: "yes"} if self.behaviour.one_shot else {}
        settings = {
            "User": self.user,
            "Env": [f"{name}={value}" for name, value in {"PATH": "/bin", **self.env}.items()],
            "Entrypoint": ["/init"],
            "Labels": {**({VERSION_LABEL: label} if label else {}), **one_shot, **self.labels},
            "ExposedPorts": {f"{port}/tcp": {} for port in self.expose} or None,
            "Volumes": {path: {} for path in self.volumes} or None,
            "Healthcheck": health or None,
        }
        return {
            "architecture": self.architecture,
            "os": self.os,
            "created": "2024-01-01T00:00:00Z",
            "config": {name: value for name, value in settings.items() if value is not None},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
            "history": [{"created": "2024-01-01T00:00:00Z", "created_by": "tests"} for _ in diff_ids],
        }


@dataclass(frozen=True)
class Pushed:
    """An image in a registry: where, the digest of what its tag names, and the ID that an engine gives it.

    An engine with the containerd image store takes the digest for the ID; Compose's label on a container names the
    `manifest` of the platform there.
    """

    reference: str
    digest: str
    image_id: str
    size: int
    manifest: str

    @property
    def by_digest(self) -> str:
        """The reference by digest."""
        return f"{self.reference.rpartition(':')[0]}@{self.digest}"


def push(
    registry: Registry, repo: str, tag: str, spec: ImageSpec | None = None, *, host: str = "", build: str = ""
) -> Pushed:
    """Put an image into a registry as builders do today; `host` is what stands in its reference, if not the registry's.

    It is an index: the image for its platform, the same for another one, and an attestation for each. Another `build`
    of the same gives another index, since it is attested anew.
    """
    spec = spec or ImageSpec()
    other = NATIVE if spec.architecture == FOREIGN else FOREIGN
    built = [_upload(registry, repo, each, OCI) for each in (spec, replace(spec, architecture=other))]
    attested = [_attest(registry, repo, image, build) for image in built]
    return _index(registry, repo, tag, [*built, *attested], OCI, host)


def push_plain(registry: Registry, repo: str, tag: str, spec: ImageSpec | None = None, *, host: str = "") -> Pushed:
    """Put an image into a registry as the engine's own builder did: one manifest, for one platform."""
    image = _upload(registry, repo, spec or ImageSpec(), DOCKER)
    digest = _put_manifest(registry, repo, tag, image.manifest, DOCKER.manifest)
    return _pushed(registry, repo, tag, image, digest, host)


def push_list(
    registry: Registry, repo: str, tag: str, specs: list[ImageSpec], *, host: str = ""
) -> tuple[Pushed, list[str]]:
    """Put a manifest list into a registry; returns it (image ID: the first one's) and its manifests' digests."""
    built = [_upload(registry, repo, spec, DOCKER) for spec in specs]
    return _index(registry, repo, tag, built, DOCKER, host), [image.digest for image in built]


@dataclass(frozen=True)
class _Blob:
    """Bytes that a registry keeps, and their digest."""

    body: bytes
    digest: str

    @classmethod
    def of(cls, body: bytes) -> _Blob:
        return cls(body, _digest(body))

    @property
    def named(self) -> dict[str, Any]:
        """What a manifest says of it."""
        return {"size": len(self.body), "digest": self.digest}


@dataclass(frozen=True)
class _Layer:
    """A layer: the digest of its tar, and the tar packed."""

    unpacked: str
    blob: _Blob


@dataclass(frozen=True)
class _Uploaded:
    """A manifest and all that it names, in a registry."""

    manifest: bytes
    config_digest: str
    platform: Mapping[str, str]
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return _digest(self.manifest)

    @property
    def size(self) -> int:
        return sum(layer["size"] for layer in json.loads(self.manifest)["layers"])

    def entry(self, types: Types) -> dict[str, Any]:
        """Return what an index says of it."""
        entry = {
            "mediaType": types.manifest,
            "size": len(self.manifest),
            "digest": self.digest,
            "platform": self.platform,
        }
        return entry | ({"annotations": self.annotations} if self.annotations else {})


def _index(registry: Registry, repo: str, tag: str, entries: list[_Uploaded], types: Types, host: str) -> Pushed:
    """Put manifests and an index of them under a tag; the image is the first one."""
    for entry in entries:
        _put_manifest(registry, repo, entry.digest, entry.manifest, types.manifest)
    body = {"schemaVersion": 2, "mediaType": types.index, "manifests": [entry.entry(types) for entry in entries]}
    digest = _put_manifest(registry, repo, tag, _json(body), types.index)
    return _pushed(registry, repo, tag, entries[0], digest, host)


def _pushed(registry: Registry, repo: str, tag: str, image: _Uploaded, digest: str, host: str) -> Pushed:
    image_id = digest if registry.store == "containerd" else image.config_digest
    return Pushed(f"{host or registry.host}/{repo}:{tag}", digest, image_id, image.size, image.digest)


def _upload(registry: Registry, repo: str, spec: ImageSpec, types: Types) -> _Uploaded:
    layers = [_base(), *([_copied(spec.copies)] if spec.copies else []), _own_layer(spec)]
    for number in range(spec.layers if spec.size_kb else 0):
        seed = spec.version if spec.seed is None else spec.seed
        layers.append(_noise(f"{repo} {seed} {number}", (spec.size_kb << 10) // spec.layers))
    config = _json(spec.config([layer.unpacked for layer in layers]))
    platform_ = {"architecture": spec.architecture, "os": spec.os}
    return _upload_parts(registry, repo, config, [layer.blob for layer in layers], types, platform_)


def _attest(registry: Registry, repo: str, image: _Uploaded, build: str) -> _Uploaded:
    """Upload what a builder says of how it built an image, in the form of an image without a platform."""
    predicate = "https://slsa.dev/provenance/v1"
    statement = {
        "_type": "https://in-toto.io/Statement/v0.1",
        "predicateType": predicate,
        "subject": [{"name": repo, "digest": {"sha256": image.digest.partition(":")[2]}}],
        "predicate": {"builder": {"id": ""}, "buildType": "tests", "invocationId": build},
    }
    nowhere = {"architecture": "unknown", "os": "unknown"}
    layer = _Blob.of(_json(statement))
    config = _json({**nowhere, "config": {}, "rootfs": {"type": "layers", "diff_ids": [layer.digest]}})
    types = replace(OCI, layer="application/vnd.in-toto+json")
    made = _upload_parts(registry, repo, config, [layer], types, nowhere, {"in-toto.io/predicate-type": predicate})
    names = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image.digest}
    return replace(made, annotations=names)


def _upload_parts(
    registry: Registry,
    repo: str,
    config: bytes,
    layers: list[_Blob],
    types: Types,
    platform_: Mapping[str, str],
    annotations: Mapping[str, str] | None = None,
) -> _Uploaded:
    named = {"annotations": annotations} if annotations else {}
    settings = _Blob.of(config)
    for blob in (settings, *layers):
        _put_blob(registry, repo, blob)
    manifest = {
        "schemaVersion": 2,
        "mediaType": types.manifest,
        "config": {"mediaType": types.config, **settings.named},
        "layers": [{"mediaType": types.layer, **layer.named, **named} for layer in layers],
    }
    return _Uploaded(_json(manifest), settings.digest, platform_)


def _put_blob(registry: Registry, repo: str, blob: _Blob) -> None:
    """Upload a blob that its repository has not; what another one has is not sent again."""
    holders = registry.blobs.setdefault(blob.digest, set())
    if repo in holders:
        return
    mounted = f"?mount={blob.digest}&from={next(iter(holders))}" if holders else ""
    status, headers, answer = registry.request("POST", f"/v2/{repo}/blobs/uploads/{mounted}")
    assert status in {201, 202}, answer
    if status == 202:
        place = headers["location"]
        place += f"{'&' if '?' in place else '?'}digest={blob.digest}"
        status, _, answer = registry.request("PUT", place, blob.body, Content_Type="application/octet-stream")
        assert status == 201, answer
    holders.add(repo)


def _put_manifest(registry: Registry, repo: str, tag: str, body: bytes, media_type: str) -> str:
    """Upload a manifest under a tag, or under its own digest, where once is enough."""
    if (repo, tag) in registry.manifests:
        return tag
    status, headers, answer = registry.request("PUT", f"/v2/{repo}/manifests/{tag}", body, Content_Type=media_type)
    assert status == 201, answer
    digest = headers["docker-content-digest"]
    registry.manifests.add((repo, digest))
    return digest


@lru_cache
def _base() -> _Layer:
    busybox = tools.program("busybox")
    applets = subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split()
    files: dict[str, tuple[bytes, int]] = {
        "bin/busybox": (Path(busybox).read_bytes(), 0o755),
        "etc/passwd": (b"root:x:0:0::/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n", 0o644),
        "etc/group": (b"root:x:0:\napp:x:1000:\n", 0o644),
    }
    return _layer(files, ["bin", "etc", "root", "tmp"], {f"bin/{name}": "busybox" for name in applets})


def _own_layer(spec: ImageSpec) -> _Layer:
    return _packed(spec.behaviour.script, spec.version, tuple(spec.files.items()))


@lru_cache(maxsize=256)
def _packed(script: str, version: str, more: tuple[tuple[str, str], ...]) -> _Layer:
    files = {
        "init": (script.encode(), 0o755),
        "bin/version": (f"#!/bin/sh\necho '{version}'\n".encode(), 0o755),
        "www/version": (f"{version}\n".encode(), 0o644),
    }
    files |= {path.lstrip("/"): (text.encode(), 0o755 if text.startswith("#!") else 0o644) for path, text in more}
    return _layer(files, ["www"], {})


@lru_cache
def _copied(paths: tuple[str, ...]) -> _Layer:
    return _layer({path.lstrip("/"): (Path(path).read_bytes(), 0o755) for path in paths}, [], {})


def _noise(seed: str, size: int) -> _Layer:
    name = hashlib.sha256(seed.encode()).hexdigest()[:12]
    return _layer({f"blob/{name}": (random.Random(seed).randbytes(size), 0o644)}, ["blob"], {})


def _layer(files: dict[str, tuple[bytes, int]], folders: list[str], links: dict[str, str]) -> _Layer:
    """Make a layer, the same bytes every time."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name in folders:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name == "tmp" else 0o755
            tar.addfile(entry)
        for name, (body, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(body), mode
            tar.addfile(entry, io.BytesIO(body))
        for name, target in links.items():
            if name not in files:
                entry = tarfile.TarInfo(name)
                entry.type, entry.linkname = tarfile.SYMTYPE, target
                tar.addfile(entry)
    packed = gzip.compress(buffer.getvalue(), compresslevel=1, mtime=0)
    return _Layer(_digest(buffer.getvalue()), _Blob.of(packed))


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
