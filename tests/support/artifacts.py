"""The place where releases are published, over HTTP on loopback: its channels, and its bad days."""

from __future__ import annotations

import hashlib
import shutil
from typing import TYPE_CHECKING, Self

from .servers import LoopbackServer, QuietHandler, served

if TYPE_CHECKING:
    from pathlib import Path

    from .releases import Release


class Artifacts:
    """Serves `CHANNEL/websoft9/` with zips of old and `websoft9/CHANNEL/` with the flat ones of today."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: list[str] = []
        self.failing: dict[str, int] = {}
        """path → the status that it answers with"""
        self.cut: dict[str, int] = {}
        """path → after how many bytes its connection ends"""
        self._server = LoopbackServer(_handler(self))
        self._served = served(self._server)

    @property
    def url(self) -> str:
        """Its address."""
        return self._server.url

    def publish(self, release: Release, channel: str = "release", *, latest: bool = True) -> str:
        """Publish a legacy release's zip with its checksum, or a modern one's files; returns the address."""
        if (release.folder / "manifest.json").exists():
            shutil.copytree(release.folder, self.root / "websoft9" / channel, dirs_exist_ok=True)
            return f"{self.url}/websoft9/{channel}/"
        folder = self.root / channel / "websoft9"
        folder.mkdir(parents=True, exist_ok=True)
        names = [f"websoft9-{release.version}.zip", *(["websoft9-latest.zip"] if latest else [])]
        for name in names:
            packed = release.zip(folder / name).read_bytes()
            (folder / f"{name}.sha256").write_text(f"{hashlib.sha256(packed).hexdigest()}  {name}\n")
        if latest:
            shutil.copy(release.folder / "version.json", folder)
        return f"{self.url}/{channel}/websoft9/{names[0]}"

    def __enter__(self) -> Self:
        self._served.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._served.__exit__(None, None, None)


def _handler(artifacts: Artifacts) -> type[QuietHandler]:
    class Handler(QuietHandler):
        def answer(self) -> None:
            path = self.path.partition("?")[0].lstrip("/")
            artifacts.asked.append(path)
            file = artifacts.root / path
            inside = file.resolve().is_relative_to(artifacts.root.resolve())
            status = artifacts.failing.get(path) or (200 if inside and file.is_file() else 404)
            body = file.read_bytes() if status == 200 else b"<html>no</html>"
            self.reply(status, body[: artifacts.cut.get(path, len(body))], {"Content-Length": str(len(body))})

    return Handler
