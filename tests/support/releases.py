"""Websoft9's releases as they are published: a folder, a zip of it, and zips that must be refused."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from . import programs
from .websoft9 import LEGACY, Places, legacy_compose, legacy_env, legacy_version_json, modern_compose, modern_env

_EPOCH = (2026, 8, 1, 0, 0, 0)


@dataclass(frozen=True)
class Release:
    """An unpacked release."""

    folder: Path
    version: str
    channel: str = "release"

    @property
    def compose_file(self) -> Path:
        """Its Compose file: in `docker` in a bundle, at the top of a flat one."""
        bundled = self.folder / "docker" / "docker-compose.yml"
        return bundled if bundled.exists() else self.folder / "docker-compose.yml"

    @property
    def env_file(self) -> Path:
        """Its env file; a flat one has none."""
        return self.compose_file.with_name(".env")

    def zip(self, to: Path, extra: dict[str, bytes] | None = None) -> Path:
        """Pack it; `extra` are entries by name, which may lead out of it."""
        with zipfile.ZipFile(to, "w", zipfile.ZIP_DEFLATED) as packed:
            for path in sorted(self.folder.rglob("*")):
                if path.is_file():
                    packed.writestr(_entry(str(path.relative_to(self.folder))), path.read_bytes())
            for name, body in (extra or {}).items():
                packed.writestr(_entry(name), body)
        return to

    def cut_zip(self, to: Path) -> Path:
        """Pack it, and lose the end, as a broken download does."""
        whole = self.zip(to).read_bytes()
        to.write_bytes(whole[: len(whole) * 2 // 3])
        return to

    def sum_up(self) -> None:
        """Write SHA256SUMS anew, over all files but itself."""
        sums = self.folder / "SHA256SUMS"
        files = sorted(path for path in self.folder.rglob("*") if path.is_file() and path != sums)
        sums.write_text("".join(f"{_sha256(path)}  {path.relative_to(self.folder)}\n" for path in files))


def release_legacy(folder: Path, version: str, places: Places, components: dict[str, str] | None = None) -> Release:
    """Build a legacy release; `components` replace versions of its images."""
    docker = folder / "docker"
    docker.mkdir(parents=True)
    env = legacy_env(version)
    for name, tag in (components or {}).items():
        env = env.replace(f"{name.upper()}_VERSION={LEGACY[version][name]}", f"{name.upper()}_VERSION={tag}")
    (docker / ".env").write_text(env)
    (docker / "docker-compose.yml").write_text(legacy_compose(version, places))
    (folder / "version.json").write_text(legacy_version_json(version))
    _script(folder / "install" / "install.sh")
    (folder / "CHANGELOG.md").write_text(f"## {version} release on 2026-08-01\n\n1. components upgraded\n")
    return Release(folder, version)


def release_modern(
    folder: Path,
    version: str,
    places: Places,
    *,
    channel: str = "release",
    tag: str = "",
    aliases: tuple[str, ...] = (),
) -> Release:
    """Build a modern release as it is published, flat; `tag` is its image's, if not the version."""
    folder.mkdir(parents=True)
    (folder / "docker-compose.yml").write_text(modern_compose(places, version))
    (folder / "version.json").write_text(json.dumps({"version": version, "channel": channel}) + "\n")
    manifest = {
        "schema_version": 1,
        "product": "websoft9",
        "channel": channel,
        "version": version,
        "git_sha": hashlib.sha1(version.encode(), usedforsecurity=False).hexdigest(),
        "install": {"compose_file": "docker-compose.yml", "checksum_file": "SHA256SUMS"},
        "image": {
            "repository": "websoft9dev/websoft9",
            "default_tag": "latest" if channel == "release" else channel,
            "version_tag": tag or version,
            "candidate_tag": f"{version.partition('-')[0]}-candidate",
            "alias_tags": list(aliases or ("latest",)),
        },
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
    _script(folder / "install.sh")
    release = Release(folder, version, channel)
    release.sum_up()
    return release


def release_bundle(folder: Path, version: str, places: Places) -> Release:
    """Build a modern release in the older form: `docker/` with an env file that stands on `latest`, no checksums."""
    docker = folder / "docker"
    docker.mkdir(parents=True)
    (docker / "docker-compose.yml").write_text(modern_compose(places, version))
    data = str(places.root / "opt" / "websoft9" / "data")
    (docker / ".env").write_text(modern_env("latest", data=data))
    (folder / "version.json").write_text(json.dumps({"version": version, "channel": ""}) + "\n")
    _script(folder / "install" / "install.sh")
    return Release(folder, version)


def _script(path: Path) -> None:
    """Put an installer into it that would be noticed if anybody ran it."""
    programs.write(path, 'touch "$(dirname "$0")/RAN"\ndocker compose down')


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o644 << 16
    return entry


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
