"""An engine over SSH, by the connection that the docker command itself makes: `ssh HOST docker system dial-stdio`.

Each HTTP connection is a process of ssh, whose input and output are one end of a pair of sockets. So all that holds
for a socket holds here too: reads have a timeout, and who shuts it down or closes it ends the process. ssh has no
terminal and asks nothing; why it gave up is read from what it and the far side wrote to its errors.
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
"""of URLs that go through this, which never leave the client"""
_OPTIONS = (
    # it asks nothing, and does not wait for ever
    *("-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20"),
    *("-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=3"),
)
SSH_FAILED = 255
"""status of ssh where it is itself that failed"""
_KEPT = 8192
"""bytes of what is written to the errors, of which the last say why"""
_END = 5.0
"""seconds in which ssh ends whose output has ended"""
_POOL = 10
_NAME = re.compile(r"[A-Za-z0-9_.-]+|\[?[0-9A-Fa-f:.%]+\]?", re.ASCII)
_USER = re.compile(r"[^-\s@:/][^\s@:/]*")
_PATH = re.compile(r"/[A-Za-z0-9_./+@:-]*", re.ASCII)


class Address(msgspec.Struct, frozen=True):
    """What `ssh://USER@HOST:PORT` names, and the path of a socket there where it is not the usual one."""

    host: str
    user: str = ""
    port: int | None = None
    socket: str = ""

    @property
    def command(self) -> list[str]:
        """What is run for one connection."""
        engine = ["--host", f"unix://{self.socket}"] if self.socket else []
        return ["ssh", *_OPTIONS, *self._there, "docker", *engine, "system", "dial-stdio"]

    @property
    def trial(self) -> list[str]:
        """What tries the login alone, by a connection of its own."""
        return ["ssh", *_OPTIONS, "-o", "ControlPath=none", *self._there, "true"]

    def forwarding(self, host: str, port: int) -> list[str]:
        """What connects to a port that the far side reaches."""
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        return ["ssh", *_OPTIONS, "-W", target, *self._there]

    @property
    def _there(self) -> list[str]:
        user = ["-l", self.user] if self.user else []
        port = ["-p", str(self.port)] if self.port else []
        return [*user, *port, "--", self.host]


def address(url: str) -> Address:
    """Reads `ssh://…` as the docker command does; raises `ValueError` for what it would refuse."""
    parts = urlsplit(url)
    host, user = parts.hostname or "", parts.username or ""
    right = parts.scheme == "ssh" and _NAME.fullmatch(host) and not host.startswith("-")
    right = right and parts.password is None and not parts.query and not parts.fragment
    path = parts.path.rstrip("/")
    if not right or (user and not _USER.fullmatch(user)) or (path and not _PATH.fullmatch(path)):
        raise ValueError(reasons.SshAddressExpected())
    return Address(host, user, parts.port, path)


class SshError(ConnectionError):
    """A connection over SSH that was not made, or broke."""

    def __init__(self, said: Reason | str, status: int | None) -> None:
        super().__init__(said)
        self.said = said
        """what ssh and the far side wrote to the errors, or what they did"""
        self.status = status
        """of ssh: 255 is its own, any other the far side's"""


class _End(socket.socket):
    """Our end of a connection; with it ends the process at the other."""

    ends: Callable[[], object] | None = None

    def shutdown(self, how: int, /) -> None:
        """Shuts it down; in both directions nothing more comes, and the process is ended."""
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
    """A process of ssh, and the socket that leads through it."""

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
        # A daemon thread: what ssh leaves in the background may hold its errors open.
        self._reader = threading.Thread(target=self._read, name="ssh", daemon=True)
        self._reader.start()

    def failure(self, error: Exception) -> SshError:
        """Why no answer came, as soon as ssh has ended."""
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
        """Ends ssh and what it has started to reach the far side."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGTERM)


class _Tunnelled(http.client.HTTPConnection):
    """HTTP through a tunnel; mixed into a connection of either library."""

    where: Address
    tunnel: Tunnel | None = None

    def connect(self) -> None:
        """Starts ssh; whether it gets there is known with the first answer."""
        self.tunnel = Tunnel(self.where.command, self.timeout)
        self.sock = self.tunnel.socket

    def send(self, data: Any) -> None:  # noqa: ANN401 - as in the library
        """Sends; raises `SshError` where ssh has ended."""
        try:
            super().send(data)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise self._failure(error) from error

    def getresponse(self) -> Any:  # noqa: ANN401 - of either library
        """Waits for the answer; raises `SshError` where ssh has ended, or what comes is none of an engine's."""
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
    """A connection that is made by hand, to be shut down at any moment."""

    def __init__(self, where: Address, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self.where = where


class _Pooled(_Tunnelled, urllib3.connection.HTTPConnection):
    """A connection of the SDK's client."""


class _Pool(urllib3.connectionpool.HTTPConnectionPool):
    def __init__(self, where: Address, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout, maxsize=_POOL)
        self._where = where

    def _new_conn(self) -> _Pooled:
        made = _Pooled("localhost", timeout=self.timeout.connect_timeout)
        made.where = self._where
        return made


class SshAdapter(BaseHTTPAdapter):
    """What the SDK's client sends its requests by."""

    def __init__(self, where: Address, timeout: float) -> None:
        self._pool = _Pool(where, timeout)
        super().__init__()

    def get_connection(self, url: str | bytes, proxies: Mapping[str, str] | None = None) -> _Pool:  # noqa: ARG002
        """The one pool that there is."""
        return self._pool

    def request_url(self, request: requests.PreparedRequest, proxies: Mapping[str, str] | None) -> str:  # noqa: ARG002
        """The path alone: no proxy is meant for this."""
        return str(request.path_url)

    def close(self) -> None:
        """Close idle connections, and with them their processes."""
        self._pool.close()
        super().close()
