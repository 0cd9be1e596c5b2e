"""One project for the twin proof: its files, what is done with it before, and what is updated."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from . import behaviours
from .images import ImageSpec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

HOST = "HOST"
"""stands for the registry in a sample's texts"""
KINDS = ("idle1", "idle2", "idle3", "idle4", "web1", "web2", "job1", "job2", "data1", "user1")
"""repositories: what an image does, and a number"""
MOVING = ("latest", "stable", "1")
FIXED = ("1.0.0", "1.1.0")


@dataclass(frozen=True)
class Edit:
    """A text of a file that is replaced by another."""

    path: str
    old: str
    new: str


@dataclass(frozen=True)
class Sample:
    """A project; paths are relative to the folder that holds everything, and `HOST` stands for the registry.

    ``moves`` are REPOSITORY:TAG whose tag names another image in the end. ``references`` is what is asked for by
    SERVICE=REF, and ``by_hand`` what an operator would edit to the same end. ``edits`` come along with an update.
    """

    name: str
    stand: str
    """the folder that the operator stands in"""
    files: Mapping[str, str]
    links: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    programs: Mapping[str, str] = field(default_factory=dict)
    """scripts on PATH"""
    neighbour: str = ""
    """the folder of another project"""
    earlier: tuple[tuple[str, ...], ...] = (("up", "-d"),)
    """what Compose is asked for before the update"""
    scaled: Mapping[str, int] = field(default_factory=dict)
    moves: tuple[str, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)
    by_hand: tuple[Edit, ...] = ()
    edits: tuple[Edit, ...] = ()
    adopted: bool = False
    features: tuple[str, ...] = ()
    services: int = 1

    def save(self, folder: Path) -> None:
        """Write it down for people."""
        (folder / "sample.json").write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False))


def image(repo: str, version: str) -> ImageSpec:
    """Return what the image of a repository is."""
    kind = repo.rstrip("0123456789")
    behaviour = {"job": behaviours.exit0(), "web": behaviours.serve()}.get(kind, behaviours.idle())
    return ImageSpec(
        version,
        behaviour=behaviour,
        labels={"test.repository": repo},
        env={"IMAGE_VERSION": version},
        volumes=("/data",) if kind == "data" else (),
        user="app" if kind == "user" else "",
        expose=(8080,) if kind == "web" else (),
    )
