"""Connects to an engine over SSH as the docker command does: `ssh HOST docker system dial-stdio`.

Each HTTP connection is an ssh process whose stdin and stdout are one end of a socket pair. So it behaves as a socket:
reads have a timeout, and a shutdown or a close ends the process. ssh has no TTY and never prompts; the reason of a
failure is read from what ssh and the remote side wrote to stderr.
"""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import msgspec
import requests.adapters
import urllib3.connection
import urllib3.connectionpool
from docker.transport.basehttpadapter import BaseHTTPAdapter

from ws9tui.problems import reasons
from ws9tui.problems.problem import Reason

SCHEME = "http+ssh"
"""scheme of internal URLs that are routed through SSH"""
_OPTIONS = (
    # no prompts, and timeouts
    *("-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20"),
    *("-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3"),
)
SSH_FAILED = 255
"""exit status of ssh if ssh itself failed"""
_KEPT = 8192
"""last bytes of stderr that are kept"""
_END = 5.0
"""seconds for ssh to exit after its output has ended"""
_POOL = 10
_NAME = re.compile(r"[A-Za-z0-9_.-]+|\[?[0-9A-Fa-f:.%]+\]?", re.ASCII)
_USER = re.compile(r"[^-\s@:/][^\s@:/]*")
_PATH = re.compile(r"/[A-Za-z0-9_./+@:-]*", re.ASCII)


class Address(msgspec.Struct, frozen=True):
    """A parsed `ssh://USER@HOST:PORT/SOCKET`; an empty socket is the default one."""

    host: str
    user: str = ""
    port: int | None = None
    socket: str = ""

    @property
    def command(self) -> list[str]:
        """The command for one connection to the engine."""
        engine = ["--host", f"unix://{self.socket}"] if self.socket else []
        return ["ssh", *_OPTIONS, *self._there, "docker", *engine, "system", "dial-stdio"]

    @property
    def trial(self) -> list[str]:
        """The command that tests the login, on a new connection."""
        return ["ssh", *_OPTIONS, "-o", "ControlPath=none", *self._there, "true"]

    def forwarding(self, host: str, port: int) -> list[str]:
        """Returns the command that connects to a host and port as seen from the remote side."""
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        return ["ssh", *_OPTIONS, "-W", target, *self._there]

    @property
    def _there(self) -> list[str]:
        user = ["-l", self.user] if self.user else []
        port = ["-p", str(self.port)] if self.port else []
        return [*user, *port, "--", self.host]


def address(url: str) -> Address:
    """Parses `ssh://…` as the docker command does; raises `ValueError` for what it would refuse."""
    parts = urlsplit(url)
    host, user = parts.hostname or "", parts.username or ""
    right = parts.scheme == "ssh" and _NAME.fullmatch(host) and not host.startswith("-")
    right = right and parts.password is None and not parts.query and not parts.fragment
    path = parts.path.rstrip("/")
    if not right or (user and not _USER.fullmatch(user)) or (path and not _PATH.fullmatch(path)):
        raise ValueError(reasons.SshAddressExpected())
    return Address(host, user, parts.port, path)


class SshError(ConnectionError):
    """A connection over SSH that failed or broke."""

    def __init__(self, said: Reason | str, status: int | None) -> None:
        super().__init__(said)
        self.said = said
        """what ssh and the remote side wrote to stderr, or a reason"""
        self.status = status
        """exit status of ssh: 255 is ssh's own, any other the remote side's; None if it did not start or still runs"""


class _End(socket.socket):
    """The local end of a connection; closing it ends the ssh process at the other end."""

    ends: Callable[[], object] | None = None

    def shutdown(self, how: int, /) -> None:
        """Shuts down the socket; if in both directions, the process is ended."""
        super().shutdown(how)
        if how == socket.SHUT_RDWR:
            self._end()

    def _real_close(self, *arguments: Any) -> None:  # noqa: ANN401 - called when nobody reads from it any more
        super()._real_close(*arguments)  # type: ignore[misc]
        self._end()

    def _end(self) -> None:
        ends, self.ends = self.ends, None
        if ends is not None:
            ends()


class Tunnel:
    """An ssh process and the socket of its stdin and stdout."""

    def __init__(self, command: Sequence[str], timeout: float | None) -> None:
        ours, theirs = socket.socketpair()
        self.socket = _End(fileno=ours.detach())
        with theirs:
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=subprocess.PIPE,
                    start_new_session=True,
                )
            except OSError as error:
                self.socket.close()
                raise SshError(str(error), None) from error
        self.socket.settimeout(timeout)
        self.socket.ends = self._terminate
        self._said = b""
        # A daemon thread: a background process of ssh may hold stderr open.
        self._reader = threading.Thread(target=self._read, name="ssh", daemon=True)
        self._reader.start()

    def failure(self, error: Exception) -> SshError:
        """Returns why no answer came; first waits for ssh to exit, in bounded time."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_END)
        self._reader.join(_END)
        said = self._said.decode(errors="replace").strip()
        return SshError(said or str(error), self._process.poll())

    def _read(self) -> None:
        assert self._process.stderr is not None  # noqa: S101 - it is a pipe
        with self._process.stderr as errors:
            while chunk := os.read(errors.fileno(), _KEPT):
                self._said = (self._said + chunk)[-_KEPT:]
        self._process.wait()

    def _terminate(self) -> None:
        """Ends ssh and its process group, proxy commands included."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGTERM)


class _Tunnelled(http.client.HTTPConnection):
    """A mix-in for the HTTP connections of both libraries that connects through a tunnel."""

    where: Address
    tunnel: Tunnel | None = None

    def connect(self) -> None:
        """Starts ssh; whether it reaches the engine is only known with the first answer."""
        self.tunnel = Tunnel(self.where.command, self.timeout)
        self.sock = self.tunnel.socket

    def send(self, data: Any) -> None:  # noqa: ANN401 - as in the library
        """Sends data; raises `SshError` if ssh has ended."""
        try:
            super().send(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise self._failure(error) from error

    def getresponse(self) -> Any:  # noqa: ANN401 - of either library
        """Waits for the response; raises `SshError` if ssh has ended or the response is not HTTP."""
        try:
            return super().getresponse()
        except (http.client.BadStatusLine, ConnectionError) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> Exception:
        if self.tunnel is None or isinstance(error, SshError):
            return error
        if isinstance(error, http.client.BadStatusLine) and not isinstance(error, http.client.RemoteDisconnected):
            return SshError(reasons.ShellPrints(), 0)
        with suppress(OSError):
            self.tunnel.socket.shutdown(socket.SHUT_WR)
        return self.tunnel.failure(error)


class SshConnection(_Tunnelled):
    """A connection outside any pool, whose socket can be shut down at any time."""

    def __init__(self, where: Address, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self.where = where


class _Pooled(_Tunnelled, urllib3.connection.HTTPConnection):
    """A connection in the SDK client's pool."""


class _Pool(urllib3.connectionpool.HTTPConnectionPool):
    def __init__(self, where: Address, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout, maxsize=_POOL)
        self._where = where

    def _new_conn(self) -> _Pooled:
        made = _Pooled("localhost", timeout=self.timeout.connect_timeout)
        made.where = self._where
        return made


class SshAdapter(BaseHTTPAdapter):
    """The transport adapter of the SDK's client."""

    def __init__(self, where: Address, timeout: float) -> None:
        self._pool = _Pool(where, timeout)
        super().__init__()

    def get_connection(self, url: str | bytes, proxies: Mapping[str, str] | None = None) -> _Pool:  # noqa: ARG002
        """Returns the only pool."""
        return self._pool

    def request_url(self, request: requests.PreparedRequest, proxies: Mapping[str, str] | None) -> str:  # noqa: ARG002
        """Returns the path alone: no proxy is used."""
        return str(request.path_url)

    def close(self) -> None:
        """Closes idle connections and so ends their processes."""
        self._pool.close()
        super().close()
