"""HTTP connections of `requests` that can be closed from another thread.

A server may send a byte now and then for ever, in a header as well as in a body, so that each read ends in time while
the whole exchange does not. The connections are therefore recorded here, and are shut down under the reading thread.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

_DIALLED = 5.0
"""timeout of a custom dial in seconds, if the request has none"""
Dial = Callable[[str, int, float], socket.socket]
"""connects to a host and a port within so many seconds"""


class Connections:
    """The connections of several sessions; ``dial`` replaces the usual way to connect."""

    def __init__(self, dial: Dial | None = None) -> None:
        self.dial = dial
        self._lock = threading.Lock()
        self._connections: list[HTTPConnection] = []
        self._sockets: list[socket.socket] = []
        """of established connections: a connection releases its socket while a response is still being read from it"""
        self._sessions: list[requests.Session] = []
        self.ended = False

    def session(self, tls: ssl.SSLContext | None = None) -> requests.Session:
        """Returns a new session whose connections are recorded; without a context TLS is as `requests` has it."""
        made = requests.Session()
        made.mount("http://", _Adapter(self, None))
        made.mount("https://", _Adapter(self, tls))
        with self._lock:
            self._sessions.append(made)
        return made

    def end(self) -> None:
        """Shuts down all connections and prevents new ones."""
        with self._lock:
            self.ended = True
            sockets = [*self._sockets, *(each.sock for each in self._connections if each.sock is not None)]
            self._connections, self._sockets = [], []
            sessions = list(self._sessions)
        for each in sockets:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for session in sessions:
            session.close()

    def begin(self, connection: HTTPConnection) -> None:
        """Records a connection, before and after it connects; raises `ConnectionAbortedError` after `end`."""
        with self._lock:
            if self.ended:
                connection.close()
                raise ConnectionAbortedError
            if connection not in self._connections:
                self._connections.append(connection)
            if connection.sock is not None:
                self._sockets.append(connection.sock)


class _Adapter(HTTPAdapter):
    """Makes recorded connections."""

    def __init__(self, known: Connections, tls: ssl.SSLContext | None) -> None:
        self._tls = {} if tls is None else {"ssl_context": tls}
        self._pools = _pools(known, verified=tls is None)
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:  # noqa: ANN401
        """Makes the pools of direct connections."""
        super().init_poolmanager(connections, maxsize, block, **self._tls, **more)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:  # noqa: ANN401
        """Makes the pools of connections through a proxy."""
        manager = super().proxy_manager_for(proxy, **self._tls, **more)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _dialled(known: Connections, connection: HTTPConnection) -> socket.socket | None:
    if known.dial is None:
        return None
    timeout = connection.timeout if isinstance(connection.timeout, int | float) else _DIALLED
    return known.dial(connection.host, connection.port or 0, timeout)


def _pools(known: Connections, *, verified: bool) -> dict[str, type[HTTPConnectionPool]]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return _dialled(known, self) or super()._new_conn()

        def connect(self) -> None:
            known.begin(self)
            super().connect()
            known.begin(self)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return _dialled(known, self) or super()._new_conn()

        def connect(self) -> None:
            known.begin(self)
            super().connect()
            # A context without verification was requested, and a warning would reach nobody.
            self.is_verified = self.is_verified or not verified
            known.begin(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
