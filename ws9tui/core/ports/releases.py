"""The core's interface to one product's releases and installations."""

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
    """Releases and installations of one product."""

    product: str
    """name by which its published releases are requested: `PRODUCT`, `PRODUCT@VERSION`"""
    channels: tuple[str, ...]
    """where releases are looked for, the default first"""
    superseded: str
    """layout for which a migration to the current one is assessed; this program does not migrate"""

    def fetch(
        self, source: str, options: Options, into: Path, check: Callable[[], None], layout: str = ""
    ) -> Release | None:
        """Gets a release from a folder, a zip file, a URL or by the product's name; None if the source is no release.

        The name alone means the newest release of the installation's ``layout``, if given. Archives are unpacked below
        ``into``. Blocks: it is called in a thread, and calls ``check``, which may raise, now and then. Raises `Refused`
        if the release is damaged or unavailable.
        """

    def host_layout(
        self, containers: Sequence[Container], images: Mapping[str, Image], *, local: bool
    ) -> tuple[str, Problem]:
        """Returns the layout of the product on the host, as a word, and a description of what was found."""

    def shipped(self, compose: bytes) -> bool:
        """Whether a Compose file is one that the product's vendor published, unchanged."""

    def installed(
        self, source: ProjectSource, containers: Sequence[Container], images: Mapping[str, Image]
    ) -> tuple[str, str]:
        """Returns the layout and version of the product that a project is an installation of; empty for any other."""

    def checks(self, layout: str) -> tuple[AcceptanceCheck, ...]:
        """Returns the checks of an installation of a layout, besides its containers' health checks."""

    def folders(self, source: ProjectSource, kind: str) -> tuple[str, ...]:
        """Returns the folders of an installation of that layout that are saved along with its project folder."""

    def describe(self, containers: Sequence[Container], images: Mapping[str, Image]) -> dict[str, Problem]:
        """Returns a description of each project that is the product or was deployed by it, by project name."""

    def obstacle(self, layout: str) -> Problem | None:
        """Returns why an installation of a layout is not changed; None if it may be."""

    def notes(self, source: ProjectSource, coming: Release | None) -> tuple[Problem, ...]:
        """Returns what to know before a project's files are changed, and which parts of a release are not installed."""

    def findings(self, host: Host) -> tuple[Finding, ...]:
        """Returns the product's layout and versions, from the engine and, if it is local, this machine's folders."""

    def assessment(self, source: ProjectSource, host: Host, sizes: Mapping[str, int]) -> tuple[Finding, ...]:
        """Returns what a migration of a superseded installation would take, lose and need.

        ``sizes`` are the bytes of volumes and of folders that the installation mounts; -1 if unknown.
        """
