"""A bundle: images and project files in one archive, for a machine without a network.

It is an archive as `docker save` writes it, which has two things more: the project's files below `project/`, and as its
last member the list of all that is in it, which is what these records are.
"""

from __future__ import annotations

import msgspec

from ws9tui.core.model.reference import Reference

LIST = "ws9tui-bundle.json"
FILES = "project/"
FORMAT = 1
MOST_FILES = 16 << 20
"""bytes of all files of a project that a bundle takes"""


class BundledImage(msgspec.Struct, frozen=True):
    """One image of a bundle, under one reference."""

    reference: Reference
    image_id: str
    """that the engine has given it which the bundle was made on"""
    digest: str = ""
    """that its registry had under the reference; empty for one that was built there"""
    platform: str = ""
    size: int = 0
    services: tuple[str, ...] = ()
    """that are to have it; empty for one that they use besides their own"""


class BundledFile(msgspec.Struct, frozen=True):
    """A file of the project."""

    path: str
    """relative to the project's folder"""
    sha256: str
    size: int
    mode: int = 0o644


class Bundle(msgspec.Struct, frozen=True):
    """All that is in a bundle."""

    format: int
    project: str
    platform: str
    """os/architecture of the engine that it is for"""
    images: tuple[BundledImage, ...]
    made_at: str = ""
    made_by: str = ""
    """the version of ws9tui"""
    files: tuple[BundledFile, ...] = ()
    compose_files: tuple[str, ...] = ()
    """those of the files that Compose is given, in its order"""
    env_files: tuple[str, ...] = ()
    """those that variables are filled from, where they were given"""
    profiles: tuple[str, ...] = ()
    found: bool = True
    """Compose finds its files by itself"""
    absent: tuple[str, ...] = ()
    """files that the project reads and that are not in the bundle, for they lie outside its folder"""
    mounted: tuple[str, ...] = ()
    """files below its folder that services mount; what is mounted is not in the bundle"""

    @property
    def references(self) -> dict[str, BundledImage]:
        """The image that each service is to have."""
        return {service: image for image in self.images for service in image.services}
