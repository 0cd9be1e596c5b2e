"""Images of the simulated world: as a registry, the engine and an archive hold them."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from ws9tui.core.model.observed import Healthcheck, Image
from ws9tui.core.model.offered import OfferedLayer
from ws9tui.core.model.reference import Reference, digest_of
from ws9tui.errors import EngineError
from ws9tui.problems.archive import LoadFailed
from ws9tui.problems.engine import EngineFailed
from ws9tui.simulation.life import Behaviour


class ImageSpec(msgspec.Struct, frozen=True, kw_only=True):
    """An image as a registry holds it, with the behaviour of its containers."""

    id: str
    digest: str
    layers: tuple[OfferedLayer, ...]
    """layers with the same digest are shared between images"""
    labels: dict[str, str] = {}
    platforms: tuple[str, ...] = ("linux/amd64",)
    created_at: str = ""
    user: str = ""
    entrypoint: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    healthcheck: Healthcheck | None = None
    behaviour: Behaviour = Behaviour()
    content: dict[str, bytes] = {}
    """file name → bytes in the archive of `docker save`, the configuration first; empty if it cannot be saved"""

    @property
    def size(self) -> int:
        """The total size of the layers in bytes."""
        return sum(layer.size for layer in self.layers)


class Repository(msgspec.Struct):
    """One repository of a registry; a tag names a digest, and a digest stays when its tag moves."""

    tags: dict[str, str] = {}
    manifests: dict[str, ImageSpec] = {}


class LocalImage(msgspec.Struct):
    """An image in the engine's store, with its tags and repository digests."""

    spec: ImageSpec
    tags: list[str] = []
    digests: list[str] = []


def split(reference: str) -> tuple[str, str, str]:
    """Returns the repository, tag and digest of a reference; the tag is `latest` if it has neither tag nor digest."""
    found = Reference(reference)
    return found.full_name.removeprefix("docker.io/").removeprefix("library/"), found.meant_tag, found.digest


def make_image(
    name: str,
    version: str,
    *,
    sizes: Sequence[int] = (1000, 2000, 3000),
    base: str = "",
    labels: dict[str, str] | None = None,
    behaviour: Behaviour | None = None,
    **more: Any,  # noqa: ANN401 - further fields of an image
) -> ImageSpec:
    """Returns an image whose ID and digests are derived from its name and version.

    ``sizes`` are the layers' bytes; the first layer is shared by all images of the same ``base``. The image has an OCI
    version label unless ``labels`` are given, and its command `version` prints the version.
    """
    behaviour = behaviour or Behaviour()
    behaviour = msgspec.structs.replace(
        behaviour,
        outputs={"version": f"{version}\n", **behaviour.outputs},
        lines=behaviour.lines or (f"{name} {version}: starting", f"{name} {version}: ready for connections"),
    )
    seeds = [f"layer {name} {version} {number}" for number, _ in enumerate(sizes)]
    if base:
        seeds[0] = f"layer {base}"
    return ImageSpec(
        id=digest_of(f"config {name} {version}".encode()),
        digest=digest_of(f"manifest {name} {version}".encode()),
        layers=tuple(OfferedLayer(digest_of(seed.encode()), size) for seed, size in zip(seeds, sizes, strict=True)),
        labels={"org.opencontainers.image.version": version} if labels is None else labels,
        entrypoint=("/entrypoint",),
        behaviour=behaviour,
        **more,
    )


def manifest_of(spec: ImageSpec, platform: str) -> str:
    """Returns the digest of an image's manifest for a platform; the image's own digest is that of its index."""
    return digest_of(f"{spec.digest} {platform}".encode())


def view(image: LocalImage) -> Image:
    """Returns an image as the engine describes it."""
    spec = image.spec
    system, architecture, variant = (*spec.platforms[0].split("/"), "")[:3]
    return Image(
        id=spec.id,
        tags=tuple(map(Reference, image.tags)),
        digests=tuple(map(Reference, image.digests)),
        labels=dict(spec.labels),
        os=system,
        architecture=architecture,
        variant=variant,
        size=spec.size,
        created_at=spec.created_at,
        user=spec.user,
        entrypoint=spec.entrypoint,
        volumes=spec.volumes,
        layers=tuple(layer.digest for layer in spec.layers),
        has_healthcheck=spec.healthcheck is not None,
    )


def saved_images(archive: bytes) -> Iterator[tuple[ImageSpec, list[str]]]:
    """Yields the images of an archive with their tags; raises `EngineError` if it is invalid or incomplete."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            members = {entry.name: file.read() for entry in tar if (file := tar.extractfile(entry))}
        for entry in json.loads(members["manifest.json"]):
            raw = members[entry["Config"]]
            yield _spec(raw, [members[name] for name in entry["Layers"]]), list(entry["RepoTags"] or ())
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise EngineError(LoadFailed(reason=str(error))) from error


def packed_images(specs: Sequence[ImageSpec]) -> bytes:
    """Returns the archive that an engine writes of images saved by ID; raises `EngineError` for one without content."""
    members: dict[str, bytes] = {}
    entries = []
    for spec in specs:
        if not spec.content:
            raise EngineError(EngineFailed(call="save", reason=f"a simulated image has no content: {spec.id}"))
        names = list(spec.content)
        entries.append({"Config": names[0], "RepoTags": None, "Layers": names[1:]})
        members |= spec.content
    members["manifest.json"] = json.dumps(entries).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, body in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(body)
            tar.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()


def _spec(raw: bytes, layers: list[bytes]) -> ImageSpec:
    config = json.loads(raw)
    settings = config.get("config") or {}
    digests = [digest_of(layer) for layer in layers]
    names = [f"{digest_of(raw)[7:]}.json", *(f"{digest[7:]}/layer.tar" for digest in digests)]
    if digests != config["rootfs"]["diff_ids"]:
        raise EngineError(LoadFailed(reason="invalid diffID for a layer"))
    return ImageSpec(
        id=digest_of(raw),
        digest="",
        layers=tuple(OfferedLayer(digest, len(layer)) for digest, layer in zip(digests, layers, strict=True)),
        labels=dict(settings.get("Labels") or {}),
        platforms=(f"{config['os']}/{config['architecture']}",),
        entrypoint=tuple(settings.get("Entrypoint") or ()),
        content=dict(zip(names, (raw, *layers), strict=True)),
    )
