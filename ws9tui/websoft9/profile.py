"""What the core is told of Websoft9, as `core.ports.Releases`: its releases, and what of it is installed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ws9tui.core.compose import envfile, inputs
from ws9tui.core.model.observed import Container, Image
from ws9tui.core.model.options import Options
from ws9tui.core.model.release import Release, Setting
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Finding, Level
from ws9tui.problems.problem import Problem
from ws9tui.problems.release import ProjectApplication, ProjectWebsoft9, Websoft9Component
from ws9tui.websoft9 import layout, release

PRODUCT = "websoft9"
_CONSOLE = "CONSOLE_PORT"
_PORTS = (_CONSOLE, "APP_HTTP_GATEWAY", "APP_HTTPS_GATEWAY")
_FOLDERS = ("WEBSOFT9_DATA_ROOT",)
_TEXTS = ("IMAGE_REPO", "CONTAINER_NAME")


class Websoft9:
    """Websoft9's profile."""

    product: str = PRODUCT
    channels: tuple[str, ...] = release.CHANNELS

    def fetch(self, source: str, options: Options, into: Path, check: Callable[[], None]) -> Release | None:
        """Gets a release and checks it; None for a plain Compose folder or file.

        By the product's name (`websoft9`, `websoft9@2.2.17`) it is looked for where Websoft9 publishes its releases.
        """
        from ws9tui.websoft9 import channels, fetch  # noqa: PLC0415 - requests is slow to load, and seldom needed

        path = Path(source)
        name, _, wanted = source.partition("@")
        if name == PRODUCT:
            channel, site = options.channel or release.CHANNELS[0], options.site or channels.SITE
            source = channels.url_of(wanted or options.release_version, channel, site=site)
        elif path.is_dir():
            if not options.release and not options.folder and _ready(path):
                return None
        elif fetch.scheme_of(source) not in ("http", "https") and path.suffix != ".zip":
            return None
        got = fetch.fetch(source, into, sha256=options.checksum, progress=lambda _came, _total: check())
        found = release.load(got.folder)
        return _as_core(found, checked=got.checked) if found is not None else None

    def installed(
        self, source: ProjectSource, containers: Sequence[Container], images: Mapping[str, Image]
    ) -> tuple[str, str]:
        """The layout and the version of an installation of Websoft9; empty for any other project."""
        running = [found for found in layout.running(containers, images) if found.project == source.name]
        if len(running) > 1:  # a migration that stopped half-way
            return ("mixed", "")
        found = running[0] if running else layout.in_folder(Path(source.folder))
        return (found.kind, found.version) if found else ("", "")

    def folders(self, source: ProjectSource, kind: str) -> tuple[str, ...]:
        """What the legacy installer has put around the Compose file, and upstream's migration takes away."""
        return layout.around(Path(source.folder)) if kind == "legacy" else ()

    def describe(self, containers: Sequence[Container], images: Mapping[str, Image]) -> dict[str, Problem]:
        """Which projects are Websoft9, and which ones it has deployed."""
        found: dict[str, Problem] = {
            one.project: ProjectApplication(name=one.name, version=one.version)
            for one in layout.applications(containers)
        }
        for one in layout.running(containers, images):
            found[one.project] = ProjectWebsoft9(version=one.version, layout=one.kind)
        return found

    def findings(
        self, containers: Sequence[Container], images: Mapping[str, Image], *, local: bool
    ) -> tuple[Finding, ...]:
        """What Websoft9 there is: its layout, its version, and that of each component; nothing where others run."""
        found = layout.recognise(containers, images, None if local else ())
        if found.kind == "unknown" and any(container.project for container in containers):
            return ()  # whoever has other projects does not miss it
        level = Level.WARNING if found.kind == "mixed" else Level.OK
        parts = [
            Finding(Level.OK, Websoft9Component(service=service, version=version), service)
            for one in found.installations
            if one.has_containers
            for service, version in sorted(one.components.items())
        ]
        return (Finding(level, found.reason), *parts)


def _ready(folder: Path) -> bool:
    """Whether a folder is a project to be started where it is, rather than a release to be put somewhere."""
    return bool(inputs.folder_files(folder)) and not (folder / "manifest.json").exists()


def _as_core(found: release.Release, *, checked: bool) -> Release:
    others = {name: content for name, content in found.files.items() if name not in (found.compose_file, ".env")}
    if found.version_json:
        others[found.version_file] = found.version_json
    return Release(
        PRODUCT,
        layout.USUAL_FOLDERS[found.kind],
        found.version,
        found.channel,
        found.candidate,
        found.checked or checked,
        found.compose_file,
        found.files[found.compose_file],
        found.files[".env"],
        others,
        found.expected,
        tuple(_settings(found.env)),
        found.kind,
        _CONSOLE,
        found.mirrors,
    )


def _settings(env: str) -> list[Setting]:
    kinds = {**dict.fromkeys(_PORTS, "port"), **dict.fromkeys(_FOLDERS, "folder"), **dict.fromkeys(_TEXTS, "text")}
    last = {entry.name: entry.value for entry in envfile.assignments(env)}
    return [Setting(name, value, kinds[name]) for name, value in last.items() if name in kinds]
