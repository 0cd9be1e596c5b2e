"""A registry on loopback, with its storage in a folder."""

from __future__ import annotations

import contextlib
import json
import random
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from . import isolation, tools
from .wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .dockerd import Store

USER = "tester"
PASSWORD = "not-secret"
_HTPASSWD = "tester:$2b$05$abcdefghijklmnopqrstuuX9YKk2dYV59Gzd3IO7XwIBeWiH9rZk2\n"
_ports = iter(random.sample(range(20000, 32000), 12000))
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # making one takes longer than most requests
MANIFESTS = (
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.oci.image.index.v1+json"
)


def free_port() -> int:
    """Return a loopback port that nobody listens on, below those that the kernel gives to outgoing connections.

    One of theirs could be in use for a moment just when a container wants to have it. No port is returned twice: it
    also names the folder where what listens on it keeps its files.
    """
    for port in _ports:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("all ports were used")


class Registry:
    """Debian's docker-registry; with `auth`, for USER and PASSWORD only.

    `store` is the image store of the engine that pulls from it: what is pushed here tells by it which ID it will have.
    """

    def __init__(self, root: Path | None = None, *, auth: bool = False, store: Store = "overlay2") -> None:
        self.store: Store = store
        self.port = free_port()
        self.root = root or isolation.folder() / f"r{self.port}"
        self.auth = auth
        self.blobs: dict[str, set[str]] = {}
        """of what was pushed here: digest → the repositories that have it"""
        self.manifests: set[tuple[str, str]] = set()
        """repository and digest of what was pushed here"""
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        """Host and port, as in an image's reference."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The registry's address."""
        return f"http://{self.host}"

    def start(self) -> None:
        """Start the registry and wait until it answers."""
        isolation.enter()
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / "htpasswd").write_text(_HTPASSWD)
        (self.root / "config.json").write_text(json.dumps(self._settings()))
        with (self.root / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [tools.program("docker-registry"), "serve", str(self.root / "config.json")],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            until(self._answers, 30, "the registry answers")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the registry; what it holds stays, for another `start`."""
        process, self._process = self._process, None
        if process:
            process.kill()
            process.wait()

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        """Take connections and answer nothing, for a while."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def request(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Send one request; underscores in header names stand for hyphens."""
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.auth:
            names["Authorization"] = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        url = path if path.startswith("http") else self.url + path
        request = urllib.request.Request(url, body, names, method=method)
        try:
            with _opener.open(request, timeout=30) as answer:
                return answer.status, _lower(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, _lower(error.headers), error.read()

    def tags(self, repo: str) -> list[str]:
        """List the tags of a repository, in order."""
        status, _, body = self.request("GET", f"/v2/{repo}/tags/list")
        return sorted(json.loads(body)["tags"] or []) if status == 200 else []

    def digest(self, repo: str, tag: str) -> str:
        """Return the digest of a tag's manifest; empty if there is none."""
        _, headers, _ = self.request("HEAD", f"/v2/{repo}/manifests/{tag}", Accept=MANIFESTS)
        return headers.get("docker-content-digest", "")

    def delete(self, repo: str, tag: str) -> None:
        """Delete a tag's manifest, and with it every tag of the same digest."""
        digest = self.digest(repo, tag)
        status, _, body = self.request("DELETE", f"/v2/{repo}/manifests/{digest}")
        assert status in {202, 404}, body
        self.manifests.discard((repo, digest))

    def login(self, home: Path, host: str = "") -> None:
        """Write credentials for this registry (or for the host of a proxy) into the Docker settings of a home."""
        settings = home / ".docker" / "config.json"
        settings.parent.mkdir(parents=True, exist_ok=True)
        key = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        settings.write_text(json.dumps({"auths": {host or self.host: {"auth": key}}}))
        settings.chmod(0o600)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = {
            "version": 0.1,
            "log": {"accesslog": {"disabled": True}, "level": "warn"},
            "storage": {
                "filesystem": {"rootdirectory": str(self.root / "data")},
                "delete": {"enabled": True},
            },
            "http": {"addr": self.host, "relativeurls": True},
        }
        if self.auth:
            settings["auth"] = {"htpasswd": {"realm": "tests", "path": str(self.root / "htpasswd")}}
        return settings

    def _answers(self) -> bool:
        if self._process and self._process.poll() is not None:
            raise AssertionError(f"the registry ended:\n{(self.root / 'log').read_text()[-2000:]}")
        with contextlib.suppress(OSError):
            return self.request("GET", "/v2/")[0] == 200
        return False


def _lower(headers: Any) -> dict[str, str]:  # noqa: ANN401
    return {name.lower(): value for name, value in headers.items()}
