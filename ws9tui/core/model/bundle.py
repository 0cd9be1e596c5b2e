"""A bundle: images and project files in one archive, for a machine without a network.

It is an archive as `docker save` writes it, with two additions: the project's files below `project/`, and as its last
member the list of its contents, which these records define.
"""

from __future__ import annotations

import msgspec

from ws9tui.core.model.reference import Reference

LIST = "ws9tui-bundle.json"
FILES = "project/"
FORMAT = 1
MOST_FILES = 16 << 20
"""maximum bytes of all project files in a bundle"""


class BundledImage(msgspec.Struct, frozen=True):
    """One image of a bundle, under one reference."""

    reference: Reference
    image_id: str
    """ID on the engine that the bundle was made on"""
    digest: str = ""
    """digest of the reference in its registry; empty for an image built locally"""
    platform: str = ""
    size: int = 0
    services: tuple[str, ...] = ()
    """services whose own image it is; empty for an image that services use besides their own"""


class BundledFile(msgspec.Struct, frozen=True):
    """A project file in a bundle."""

    path: str
    """relative to the project's folder"""
    sha256: str
    size: int
    mode: int = 0o644


class Bundle(msgspec.Struct, frozen=True):
    """The contents of a bundle."""

    format: int
    project: str
    platform: str
    """os/architecture of the target engine"""
    images: tuple[BundledImage, ...]
    made_at: str = ""
    made_by: str = ""
    """version of ws9tui"""
    files: tuple[BundledFile, ...] = ()
    compose_files: tuple[str, ...] = ()
    """the Compose files among them, in Compose's order"""
    env_files: tuple[str, ...] = ()
    """the files given with --env-file"""
    profiles: tuple[str, ...] = ()
    found: bool = True
    """whether Compose finds its files by itself"""
    absent: tuple[str, ...] = ()
    """files that the project reads and that are not in the bundle, because they are outside the project's folder"""
    mounted: tuple[str, ...] = ()
    """files below the project's folder that services mount; their contents are not in the bundle"""

    @property
    def references(self) -> dict[str, BundledImage]:
        """Each service's own image, by service."""
        return {service: image for image in self.images for service in image.services}
