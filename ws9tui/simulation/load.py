"""What the simulated engine makes of an archive of images."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator

from ws9tui.errors import EngineError
from ws9tui.problems.archive import LoadFailed
from ws9tui.simulation.world import ImageSpec, Layer


def saved_images(archive: bytes) -> Iterator[tuple[ImageSpec, list[str]]]:
    """The images of an archive and their tags; raises `EngineError` for one that is none, or is not whole."""
    try:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            members = {entry.name: file.read() for entry in tar if (file := tar.extractfile(entry))}
        for entry in json.loads(members["manifest.json"]):
            raw = members[entry["Config"]]
            yield _spec(raw, [members[name] for name in entry["Layers"]]), list(entry["RepoTags"] or ())
    except (tarfile.TarError, KeyError, ValueError) as error:
        raise EngineError(LoadFailed(reason=str(error))) from error


def _spec(raw: bytes, layers: list[bytes]) -> ImageSpec:
    config = json.loads(raw)
    settings = config.get("config") or {}
    digests = [_digest(layer) for layer in layers]
    if digests != config["rootfs"]["diff_ids"]:
        raise EngineError(LoadFailed(reason="invalid diffID for a layer"))
    return ImageSpec(
        id=_digest(raw),
        digest="",
        layers=tuple(Layer(digest, len(layer)) for digest, layer in zip(digests, layers, strict=True)),
        labels=dict(settings.get("Labels") or {}),
        platforms=(f"{config['os']}/{config['architecture']}",),
        entrypoint=tuple(settings.get("Entrypoint") or ()),
    )


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
