"""Bundles on the simulated engine: a shop whose images can be saved, and what a bundle of it holds."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import msgspec

from bench import COMPOSE, ENV, Shop, Told
from support import archives
from ws9tui.core.model.bundle import LIST
from ws9tui.core.model.terms import Verb
from ws9tui.simulation.images import ImageSpec, saved_images

REFERENCES = {"r.test/web:latest": "1.0", "r.test/api:1.0": "1.0", "r.test/db:16": "16.1"}


def image(reference: str, version: str, *, content: bytes = b"") -> ImageSpec:
    """Return an image whose content is known, so that it can be saved."""
    members = archives.legacy(reference, version=version, architecture="amd64", content=content or reference.encode())
    [(spec, _)] = saved_images(archives.packed(members))
    return msgspec.structs.replace(spec, digest=archives.digest(f"manifest {reference} {version}".encode()))


def shop_with(folder: Path, compose: str = COMPOSE, env: str = ENV, **more: bytes) -> Shop:
    """Return a project that runs nowhere, whose images are in the registry."""
    folder.mkdir(exist_ok=True)
    shop = Shop(folder, compose, env)
    for reference, version in REFERENCES.items():
        name = reference.partition("/")[2].partition(":")[0]
        shop.world.publish(reference, image(reference, version, content=more.get(name, b"")))
    return shop


async def bundled(shop: Shop, path: Path, *arguments: str, **options: Any) -> Told:  # noqa: ANN401 - fields of Options
    return await shop.run(*arguments, verb=Verb.BUNDLE, output=str(path), **options)


def member(path: Path, name: str) -> bytes:
    with tarfile.open(path) as tar:
        file = tar.extractfile(name)
        assert file
        return file.read()


def listed(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(member(path, LIST))
    return found
