"""The Websoft9 implementation of `core.ports.Releases`: fetches its releases and describes its installations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from ws9tui.core.compose import inputs
from ws9tui.core.fs import files
from ws9tui.core.model.acceptance import AcceptanceCheck
from ws9tui.core.model.observed import Container, Host, Image
from ws9tui.core.model.options import Options
from ws9tui.core.model.release import Release
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Finding, Level
from ws9tui.errors import Refused
from ws9tui.problems.files import FileUnreadable
from ws9tui.problems.migration import UpstreamMixed
from ws9tui.problems.problem import Problem
from ws9tui.problems.release import (
    CockpitPlugins,
    ProjectApplication,
    ProjectWebsoft9,
    StackFromRepository,
    Websoft9Component,
    Websoft9Mixed,
)
from ws9tui.websoft9 import acceptance, layout, migration, plugins, release, templates, upstream
from ws9tui.websoft9.composefile import PRODUCT

MIXED = "mixed"
"""both layouts in one project: a migration that has stopped half-way"""


class Websoft9:
    """The release profile of Websoft9."""

    product: str = PRODUCT
    channels: tuple[str, ...] = release.CHANNELS
    superseded: str = "legacy"

    def fetch(
        self, source: str, options: Options, into: Path, check: Callable[[], None], layout: str = ""
    ) -> Release | None:
        """Fetches and verifies a release; None for a plain Compose folder or file.

        The product's name (`websoft9`, `websoft9@2.2.17`) as source selects a release that Websoft9 publishes.
        """
        from ws9tui.websoft9 import channels, fetch  # noqa: PLC0415 - requests is slow to load, and seldom needed

        path = Path(source)
        name, _, wanted = source.partition("@")
        of_web = fetch.scheme_of(source) in ("http", "https")
        if name == PRODUCT:
            channel, site = options.channel or release.CHANNELS[0], options.site or channels.SITE
            source = channels.url_of(wanted or options.release_version, channel, site=site, layout=layout)
        elif not of_web and fetch.is_folder(path):
            if not options.checksum and not options.release and not options.folder and _ready(path):
                return None
        elif not of_web and path.suffix != ".zip":
            return None
        got = fetch.fetch(source, into, sha256=options.checksum, check=check)
        try:
            found = release.load(got.folder)
        except OSError as error:
            raise Refused(FileUnreadable(path=error.filename or str(got.folder), reason=error.strerror)) from error
        return msgspec.structs.replace(found, verified=True) if found and got.checked else found

    def host_layout(
        self, containers: Sequence[Container], images: Mapping[str, Image], *, local: bool
    ) -> tuple[str, Problem]:
        """Returns the host's layout (legacy, modern, mixed, or unknown without Websoft9) and the reason for it."""
        found = layout.recognise(containers, images, None if local else ())
        return found.kind, found.reason

    def shipped(self, compose: bytes) -> bool:
        """Whether a Compose file is that of a known release, unchanged."""
        return templates.known(compose)

    def installed(
        self, source: ProjectSource, containers: Sequence[Container], images: Mapping[str, Image]
    ) -> tuple[str, str]:
        """Returns the layout and the version of a Websoft9 installation; empty for any other project."""
        running = [found for found in layout.running(containers, images) if found.project == source.name]
        if len(running) > 1:  # a migration that has stopped half-way
            return (MIXED, "")
        found = running[0] if running else layout.in_folder(Path(source.folder))
        return (found.kind, found.version) if found else ("", "")

    def checks(self, layout: str) -> tuple[AcceptanceCheck, ...]:
        """Returns the acceptance checks of a layout, which go beyond the containers' health checks."""
        return acceptance.checks(layout)

    def folders(self, source: ProjectSource, kind: str) -> tuple[str, ...]:
        """Returns the legacy installer's folders around the Compose file, which upstream's migration removes."""
        return layout.around(Path(source.folder)) if kind == "legacy" else ()

    def describe(self, containers: Sequence[Container], images: Mapping[str, Image]) -> dict[str, Problem]:
        """Returns which projects are Websoft9 or were deployed by it, as project → description."""
        found: dict[str, Problem] = {
            one.project: ProjectApplication(name=one.name, version=one.version)
            for one in layout.applications(containers)
        }
        for one in layout.running(containers, images):
            found[one.project] = ProjectWebsoft9(version=one.version, layout=one.kind)
        return found

    def obstacle(self, layout: str) -> Problem | None:
        """Returns why a half-migrated installation is not changed: the operator must decide which layout is to run."""
        return Websoft9Mixed(places="") if layout == MIXED else None

    def notes(self, source: ProjectSource, coming: Release | None) -> tuple[Problem, ...]:
        """Returns notes on an application whose source is its Git repository, and on changed Cockpit plugins."""
        found: list[Problem] = []
        if application := layout.stack(source.folder, source.name):
            found.append(StackFromRepository(project=source.name, folder=source.folder, name=application.name))
        others = coming.others.items() if coming else ()
        version_file = next((content for name, content in others if name.endswith(layout.VERSION_FILE)), b"")
        if changed := plugins.changed(Path(source.folder), version_file):
            found.append(CockpitPlugins(plugins=", ".join(changed)))
        return tuple(found)

    def findings(self, host: Host) -> tuple[Finding, ...]:
        """Returns the installed Websoft9 and any stopped migration; empty if only other Compose projects exist."""
        found = layout.recognise(host.containers, host.images, None if host.local else ())
        if found.kind == "unknown" and any(container.project for container in host.containers):
            return ()  # a host with other projects does not need the note that Websoft9 is absent
        level = Level.WARNING if found.kind == MIXED else Level.OK
        told = [Finding(level, found.reason)]
        if host.project in {one.project for one in found.installations if one.has_containers}:
            told += _migrated(found, host)
        told += [
            Finding(Level.OK, Websoft9Component(service=service, version=version), service)
            for one in found.installations
            if one.has_containers
            for service, version in sorted(one.components.items())
        ]
        return tuple(told)

    def assessment(self, source: ProjectSource, host: Host, sizes: Mapping[str, int]) -> tuple[Finding, ...]:
        """Returns what a migration of a legacy installation to the modern layout would copy, lose and need."""
        found = [one for one in layout.running(host.containers, host.images) if one.project == source.name]
        free = migration.places() if host.local else {}
        return tuple(finding for one in found[:1] for finding in migration.assessment(one, host, sizes, free))


def _migrated(found: layout.Layout, host: Host) -> list[Finding]:
    """Returns where a migration has stopped, and the names by which upstream's script would misjudge a modern host."""
    told: list[Finding] = []
    left = migration.traces() if host.local else migration.Traces()
    if (stopped := migration.stage(found, host, left)) is not None:
        told.append(Finding(Level.WARNING, stopped))
    names = upstream.legacy_signs([container.name for container in host.containers], host.volumes)
    if found.kind == "modern" and names:
        told.append(Finding(Level.WARNING, UpstreamMixed(names=", ".join(names))))
    return told


def _ready(folder: Path) -> bool:
    """Whether a folder is a project to start in place, rather than a release to install elsewhere."""
    return bool(inputs.folder_files(folder)) and not files.exists(folder / "manifest.json")
