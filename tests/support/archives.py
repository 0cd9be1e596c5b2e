"""Archives of images: as a real engine saves them, and as they are written by hand in both layouts."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

from . import images

if TYPE_CHECKING:
    from pathlib import Path

    from .dockerd import Dockerd


def save(engine: Dockerd, path: Path, *names: str) -> Path:
    """Save images as `docker save` does, compressed where the name says so."""
    api: Any = engine.client().api
    saved = b"".join(api.get(api._url("/images/get"), params={"names": list(names)}, stream=True).iter_content(1 << 20))
    path.write_bytes(gzip.compress(saved, compresslevel=1) if path.name.endswith("gz") else saved)
    return path


def layer(content: bytes) -> bytes:
    """Return a layer with one file."""
    return packed({"blob": content})


def packed(members: dict[str, bytes | str]) -> bytes:
    """Return a tar of members by name; a text is the target of a symbolic link."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, body in members.items():
            entry = tarfile.TarInfo(name)
            if isinstance(body, str):
                entry.type, entry.linkname = tarfile.SYMTYPE, body
                tar.addfile(entry)
            else:
                entry.size = len(body)
                tar.addfile(entry, io.BytesIO(body))
    return buffer.getvalue()


def config(
    version: str, layers: list[bytes], *, architecture: str = images.NATIVE, diff_ids: list[str] | None = None
) -> bytes:
    """Return an image's configuration."""
    return json.dumps(
        {
            "architecture": architecture,
            "os": "linux",
            "config": {"Labels": {images.VERSION_LABEL: version}, "Entrypoint": ["/init"]},
            "rootfs": {"type": "layers", "diff_ids": diff_ids or [digest(found) for found in layers]},
        }
    ).encode()


def legacy(
    *tags: str, version: str = "1.0", architecture: str = images.NATIVE, content: bytes = b"", linked: bool = False
) -> dict[str, bytes | str]:
    """Return the members of an archive as engines up to 24 write it; `linked`: its second layer is its first again."""
    first = layer(content or f"blob of {version}".encode())
    layers = [first, first] if linked else [first, layer(b"second")]
    raw = config(version, layers, architecture=architecture)
    name = f"{digest(raw).removeprefix('sha256:')}.json"
    entry = {"Config": name, "RepoTags": list(tags) or None, "Layers": ["a/layer.tar", "b/layer.tar"]}
    return {
        "a/VERSION": b"1.0",
        "a/layer.tar": first,
        "b/layer.tar": "../a/layer.tar" if linked else layers[1],
        name: raw,
        "manifest.json": json.dumps([entry]).encode(),
        "repositories": b"{}",
    }


def oci(
    *tags: str, version: str = "1.0", architecture: str = images.NATIVE, indexed: bool = False
) -> dict[str, bytes | str]:
    """Return the members of an archive as newer engines write it; `indexed`: with an index of its own."""
    layers = [layer(f"blob of {version}".encode())]
    raw = config(version, layers, architecture=architecture)
    manifest = json.dumps(
        {
            "schemaVersion": 2,
            "config": {"digest": digest(raw), "size": len(raw)},
            "layers": [{"digest": digest(found), "size": len(found)} for found in layers],
        }
    ).encode()
    top = {"digest": digest(manifest), "size": len(manifest), "mediaType": "application/vnd.oci.image.manifest.v1+json"}
    blobs = [raw, manifest, *layers]
    if indexed:
        other = {**top, "digest": "sha256:" + "0" * 64}
        inner = json.dumps({"schemaVersion": 2, "manifests": [other, top]}).encode()
        blobs.append(inner)
        top = {"digest": digest(inner), "size": len(inner), "mediaType": "application/vnd.oci.image.index.v1+json"}
    entry = {"Config": blob(raw), "RepoTags": list(tags), "Layers": [blob(found) for found in layers]}
    return {
        **{blob(found): found for found in blobs},
        "index.json": json.dumps({"schemaVersion": 2, "manifests": [top]}).encode(),
        "manifest.json": json.dumps([entry]).encode(),
        "oci-layout": b'{"imageLayoutVersion":"1.0.0"}',
    }


def blob(body: bytes) -> str:
    """Return the name of a blob in an OCI layout."""
    return f"blobs/{digest(body).replace(':', '/')}"


def digest(body: bytes) -> str:
    """Return a digest as images write it."""
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
