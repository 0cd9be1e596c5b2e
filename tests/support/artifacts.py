"""The place where releases are published, over HTTP on loopback: its channels, and its bad days."""

from __future__ import annotations

import hashlib
import http.server
import shutil
import threading
from typing import TYPE_CHECKING, Any, Self

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
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, name="artifacts")

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

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
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler(artifacts: Artifacts) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_GET(self) -> None:
            path = self.path.partition("?")[0].lstrip("/")
            artifacts.asked.append(path)
            file = artifacts.root / path
            inside = file.resolve().is_relative_to(artifacts.root.resolve())
            status = artifacts.failing.get(path) or (200 if inside and file.is_file() else 404)
            body = file.read_bytes() if status == 200 else b"<html>no</html>"
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body[: artifacts.cut.get(path, len(body))])

        do_HEAD = do_GET  # noqa: N815  # the name that the standard library looks for

        def log_message(self, *_arguments: Any) -> None:  # noqa: ANN401  # as in the standard library
            """Say nothing."""

    return Handler
