"""What the core needs to know of one product's releases and installations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ws9tui.core.model.acceptance import AcceptanceCheck
from ws9tui.core.model.observed import Container, Host, Image
from ws9tui.core.model.options import Options
from ws9tui.core.model.release import Release
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Finding
from ws9tui.problems.problem import Problem


class Releases(Protocol):
    """What is known of one product's releases and installations."""

    product: str
    """by which its releases are named where its makers publish them: `PRODUCT`, `PRODUCT@VERSION`"""
    channels: tuple[str, ...]
    """where releases are looked for, the usual one first"""
    superseded: str
    """layout of which it is told what a migration to the present one would do; this program does none"""

    def fetch(
        self, source: str, options: Options, into: Path, check: Callable[[], None], layout: str = ""
    ) -> Release | None:
        """Gets a release from a folder, a zip file, a URL or by the product's name; None for what is no release.

        By the name alone it is the newest of the installation's ``layout``, where there is one. What it unpacks is
        below ``into``. Blocks: it is called in a thread, and calls ``check``, which may raise, now and then. Raises
        `Refused` where it is damaged or cannot be had.
        """

    def host_layout(
        self, containers: Sequence[Container], images: Mapping[str, Image], *, local: bool
    ) -> tuple[str, Problem]:
        """The layout of the product that the host has, in a word, and what was found of it."""

    def shipped(self, compose: bytes) -> bool:
        """Whether a Compose file is one that the product's makers have published, and nobody has changed it since."""

    def installed(
        self, source: ProjectSource, containers: Sequence[Container], images: Mapping[str, Image]
    ) -> tuple[str, str]:
        """The layout and the version of the product that a project is an installation of; empty for any other."""

    def checks(self, layout: str) -> tuple[AcceptanceCheck, ...]:
        """What must work in an installation of a layout besides its containers' health checks."""

    def folders(self, source: ProjectSource, kind: str) -> tuple[str, ...]:
        """Folders of an installation of that kind of layout besides its project's, which are saved along with it."""

    def describe(self, containers: Sequence[Container], images: Mapping[str, Image]) -> dict[str, Problem]:
        """What each project is that the product is or has deployed, by name; any other is left out."""

    def obstacle(self, layout: str) -> Problem | None:
        """Why an installation of a layout is not changed; None where it is."""

    def notes(self, source: ProjectSource, coming: Release | None) -> tuple[Problem, ...]:
        """What is to be known before a project's files are changed, and of a release what is not changed with it."""

    def findings(self, host: Host) -> tuple[Finding, ...]:
        """The product as the engine and, where it is local, this machine's folders have it: layout, versions."""

    def assessment(self, source: ProjectSource, host: Host, sizes: Mapping[str, int]) -> tuple[Finding, ...]:
        """What a migration of a superseded installation would take, lose and need.

        ``sizes`` are the bytes of volumes, and of folders that it mounts; -1 where they are not known.
        """
