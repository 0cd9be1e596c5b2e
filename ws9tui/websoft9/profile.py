"""What the core is told of Websoft9, as `core.ports.Releases`: its releases, and the version of what is installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ws9tui.core import envfile, locate
from ws9tui.core.observed import Container, Image
from ws9tui.core.release import Release, Setting
from ws9tui.core.settings import Options
from ws9tui.core.source import ProjectSource
from ws9tui.websoft9 import layout, release

PRODUCT = "websoft9"
_CONSOLE = "CONSOLE_PORT"
_PORTS = (_CONSOLE, "APP_HTTP_GATEWAY", "APP_HTTPS_GATEWAY")
_FOLDERS = ("WEBSOFT9_DATA_ROOT",)
_TEXTS = ("IMAGE_REPO", "CONTAINER_NAME")


class Websoft9:
    """Websoft9's profile."""

    def fetch(self, source: str, options: Options, into: Path) -> Release | None:
        """Gets a release and checks it; None for a plain Compose folder or file.

        By the product's name (`websoft9`, `websoft9@2.2.17`) it is looked for where Websoft9 publishes its releases.
        """
        from ws9tui.websoft9 import channels, fetch  # noqa: PLC0415 - requests is slow to load, and seldom needed

        path = Path(source)
        name, _, wanted = path.name.partition("@")
        if name == PRODUCT and not path.exists():
            channel, site = options.channel or release.CHANNELS[0], options.site or channels.SITE
            source = channels.url_of(wanted, channel, site=site)
        elif path.is_dir():
            if not options.release and not options.folder and _ready(path):
                return None
        elif fetch.scheme_of(source) not in ("http", "https") and path.suffix != ".zip":
            return None
        got = fetch.fetch(source, into / "unpacked", sha256=options.checksum)
        found = release.load(got.folder)
        return _as_core(found, checked=got.checked) if found is not None else None

    def version(self, source: ProjectSource, containers: Sequence[Container], images: Mapping[str, Image]) -> str:
        """The version of an installation of Websoft9; empty for any other project."""
        running = next((found for found in layout.running(containers, images) if found.project == source.name), None)
        found = running or layout.in_folder(Path(source.folder))
        return found.version if found else ""


def _ready(folder: Path) -> bool:
    """Whether a folder is a project to be started where it is, rather than a release to be put somewhere."""
    return bool(locate.folder_files(folder)) and not (folder / "manifest.json").exists()


def _as_core(found: release.Release, *, checked: bool) -> Release:
    others = {name: file.content for name, file in found.files.items() if name not in (found.compose_file, ".env")}
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
        found.files[found.compose_file].content,
        found.files[".env"].content,
        others,
        found.expected,
        tuple(_settings(found.env)),
        _CONSOLE,
    )


def _settings(env: str) -> list[Setting]:
    kinds = {**dict.fromkeys(_PORTS, "port"), **dict.fromkeys(_FOLDERS, "folder"), **dict.fromkeys(_TEXTS, "text")}
    last = {entry.name: entry.value for entry in envfile.assignments(env)}
    return [Setting(name, value, kinds[name]) for name, value in last.items() if name in kinds]
