"""Loads an unpacked Websoft9 release: what it installs, and that it is complete.

Three forms are published: the legacy bundle (docker/ with Compose file and .env, version.json, install/), the modern
bundle of the same shape, and the modern flat one (docker-compose.yml beside manifest.json and SHA256SUMS). Bundles may
stand in a folder `websoft9`, as in their zip.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ws9tui.core.compose import envfile
from ws9tui.core.fs.files import exists, is_file
from ws9tui.core.model import version
from ws9tui.core.model.release import Release, Setting, decoded, encoded
from ws9tui.errors import Refused
from ws9tui.problems.files import FileUnreadable
from ws9tui.problems.release import (
    ReleaseChecksumWrong,
    ReleaseFileMissing,
    ReleaseFileUnlisted,
    ReleaseNotWebsoft9,
    ReleasePathOutside,
    ReleaseTooLarge,
    ReleaseVersionsDiffer,
)
from ws9tui.websoft9 import composefile
from ws9tui.websoft9.composefile import ENV_FILE, Kind
from ws9tui.websoft9.layout import USUAL_FOLDERS, VERSION_FILE
from ws9tui.websoft9.manifest import ReleaseManifest, is_named, read_manifest, read_mirrors, read_sums, read_version

CHANNELS = ("release", "rc", "dev")
_MOVING_KEY = "IMAGE_TAG"
_CONSOLE = "CONSOLE_PORT"
_SETTINGS = {
    **dict.fromkeys((_CONSOLE, "APP_HTTP_GATEWAY", "APP_HTTPS_GATEWAY"), "port"),
    "WEBSOFT9_DATA_ROOT": "folder",
    **dict.fromkeys(("IMAGE_REPO", "CONTAINER_NAME"), "text"),
}
"""variables that the operator is asked for → kind of value"""
_LARGEST = 4 << 20
"""largest installed file in bytes; those of real releases have some thousand"""


def load(source: Path) -> Release | None:
    """Returns the release in a folder; None if the folder holds none, such as one of another Compose project.

    Raises `Refused` for a release that is incomplete, fails its checksums, or is inconsistent in itself.
    """
    for root in _roots(source):
        folder = next((place for place in (root / "docker", root) if _compose_name(place)), root)
        name = _compose_name(folder)
        compose = _text(folder, name) if name else ""
        env = _text(folder, ENV_FILE) if exists(folder / ENV_FILE) else None
        kind = composefile.kind_of(composefile.images(compose, composefile.values(env or "")))
        if kind is None:
            if is_named(root):
                raise Refused(ReleaseNotWebsoft9(file=name)) if name else _missing("docker-compose.yml")
            if not name:
                _refuse_closed(root / "docker")
            continue
        manifest = read_manifest(root)
        if manifest is not None and folder == root and name != manifest.install.compose_file:
            raise _missing(manifest.install.compose_file)
        product = _product(root, folder, manifest)
        if product is not None:
            return _release(root, folder, (name, compose, env), kind, product, manifest)
    return None


def is_candidate(name: str) -> bool:
    """Whether a version is a pre-release by its name, or not a version."""
    found = version.parse(name)
    return found is None or bool(found.prerelease)


def _roots(source: Path) -> Iterator[Path]:
    """Yields the possible roots of the release: the folder, its only subfolder, or its parent if it is `docker`."""
    yield source
    try:
        inner = [entry for entry in source.iterdir() if not entry.is_symlink() and entry.is_dir()]
    except OSError as error:
        raise Refused(FileUnreadable(path=str(source), reason=error.strerror)) from error
    if len(inner) == 1 and not _compose_name(source):
        yield inner[0]
    if source.name == "docker" and _compose_name(source):
        yield source.parent


def _compose_name(folder: Path) -> str:
    return next((name for name in composefile.NAMES if is_file(folder / name)), "")


def _refuse_closed(folder: Path) -> None:
    """Raises `Refused` for a folder that this user may not enter, as a release may be in it."""
    try:
        (folder / ENV_FILE).stat()
    except PermissionError as error:
        raise Refused(FileUnreadable(path=str(folder), reason=error.strerror)) from error
    except OSError:
        return


def _product(root: Path, folder: Path, manifest: ReleaseManifest | None) -> tuple[str, str, bytes] | None:
    """Returns the product's version, its channel and its version.json; None if no version is named."""
    read = next((found for place in (root, folder) if (found := read_version(place)) is not None), None)
    if manifest is None:
        return read
    if read is not None and read[0] != manifest.version:
        raise Refused(ReleaseVersionsDiffer(one=manifest.version, other=read[0]))
    own, default = version.parse(manifest.version), version.parse(manifest.image.default_tag)
    if own is not None and default is not None and not own.proves(default):  # one that moves, such as latest, has none
        raise Refused(ReleaseVersionsDiffer(one=manifest.version, other=manifest.image.default_tag))
    return manifest.version, manifest.channel, read[2] if read else b""


def _release(
    root: Path,
    folder: Path,
    texts: tuple[str, str, str | None],
    kind: Kind,
    product: tuple[str, str, bytes],
    manifest: ReleaseManifest | None,
) -> Release:
    name, compose, shipped = texts
    number, channel, version_json = product
    env = shipped if shipped is not None else _made_env(compose)
    if kind == "modern":
        env = _pinned(env, manifest.image.version_tag if manifest else number, number)
        if manifest is not None and shipped is None:
            env = envfile.replaced(env, "IMAGE_REPO", manifest.image.repository)
    files = dict(_files(root, folder, compose, shipped is not None))
    verified = _verify(root, folder, [name, *files], manifest)
    others = {path: content for path, content in files.items() if path not in (name, ENV_FILE)}
    if version_json:
        others[f"../{VERSION_FILE}" if kind == "legacy" else VERSION_FILE] = version_json
    references = composefile.images(compose, composefile.values(env))
    expected = composefile.versions(references)
    if kind == "modern":
        products = (name for name, image in references.items() if composefile.kind_of({name: image}))
        expected |= dict.fromkeys(products, number)
    prerelease = is_candidate(number)
    channel = channel or ("rc" if prerelease else "release")
    return Release(
        composefile.PRODUCT,
        USUAL_FOLDERS[kind],
        number,
        channel,
        candidate=prerelease or channel != "release",
        verified=verified,
        compose_file=name,
        compose=encoded(compose),
        env=encoded(env),
        others=others,
        services=expected,
        settings=tuple(_settings(env)),
        layout=kind,
        console=_CONSOLE,
        mirrors=read_mirrors(root),
    )


def _settings(env: str) -> list[Setting]:
    last = {entry.name: entry.value for entry in envfile.assignments(env)}
    return [Setting(name, value, _SETTINGS[name]) for name, value in last.items() if name in _SETTINGS]


def _made_env(compose: str) -> str:
    """Returns the env file of a release that ships none, as upstream's installer makes it: the Compose defaults."""
    return "".join(f"{key}={value}\n" for key, value in composefile.defaults(compose).items())


def _pinned(env: str, tag: str, number: str) -> str:
    """Replaces a moving tag in the env file by the release's own: a rollback to `latest` would not roll back."""
    entry = envfile.find(env, _MOVING_KEY)
    if entry is None or version.parse(entry.value) is None:
        return envfile.replaced(env, _MOVING_KEY, tag)
    if version.compare(entry.value, number):
        raise Refused(ReleaseVersionsDiffer(one=number, other=entry.value))
    return env


def _files(root: Path, folder: Path, compose: str, has_env: bool) -> Iterator[tuple[str, bytes]]:
    """Yields the files that the Compose file needs beside it, .env among them.

    Raises `Refused` for one that is missing or not in the release.
    """
    try:
        needed = composefile.needed_files(compose)
    except ValueError as error:
        raise Refused(ReleaseNotWebsoft9(file=folder.name)) from error
    for written in dict.fromkeys([*([ENV_FILE] if has_env else []), *needed]):
        if "$" in written or PurePosixPath(written).is_absolute():
            continue
        real = _within(root, folder / written, written)
        if real.is_dir():
            found = sorted(entry for entry in real.rglob("*") if entry.is_file() or entry.is_symlink())
        elif real.is_file():
            found = [real]
        else:
            raise _missing(written)
        for entry in found:
            _within(folder, entry, written)
            yield entry.relative_to(folder.resolve()).as_posix(), _bytes(entry)


def _verify(root: Path, folder: Path, used: list[str], manifest: ReleaseManifest | None) -> bool:
    """Verifies the release against its checksum file; raises `Refused` for a missing, changed or unlisted file."""
    name = manifest.install.checksum_file if manifest else "SHA256SUMS"
    sums = read_sums(root, name)
    if sums is None:
        if manifest is not None and name:
            raise _missing(name)
        return False
    for path, wanted in sums.items():
        real = _within(root, root / path, path)
        if not real.is_file():
            raise _missing(path)
        with real.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != wanted:
                raise Refused(ReleaseChecksumWrong(file=path))
    listed = {(root / path).resolve() for path in sums}
    own = [root / own for own in ("manifest.json", "version.json") if (root / own).exists()]
    for needed in [*(folder / path for path in used), *own]:
        if needed.resolve() not in listed:
            raise Refused(ReleaseFileUnlisted(file=needed.relative_to(root).as_posix(), list=name))
    return True


def _text(folder: Path, name: str) -> str:
    return decoded(_bytes(_within(folder, folder / name, name)))


def _within(folder: Path, path: Path, written: str) -> Path:
    """Returns the resolved path of a file; raises `Refused` if it is outside the folder."""
    try:
        real = path.resolve()
        if real.is_relative_to(folder.resolve()):
            return real
    except (OSError, RuntimeError, ValueError):  # a symlink loop, or an invalid path
        pass
    raise Refused(ReleasePathOutside(path=written))


def _missing(file: str) -> Refused:
    return Refused(ReleaseFileMissing(file=file))


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise Refused(FileUnreadable(path=str(path), reason=error.strerror)) from error
    if len(content) > _LARGEST:
        raise Refused(ReleaseTooLarge(file=path.name, limit=_LARGEST))
    return content
