"""HTTP connections of `requests` that can be closed from another thread.

A server may send a byte now and then for ever, in a header as well as in a body, and each read then ends in time while
the whole does not. So the connections are known here, and are shut down under the reading thread.
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
"""seconds for a connection that is not made as usual, where its user names none"""
Dial = Callable[[str, int, float], socket.socket]
"""connects to a host and a port in so many seconds"""


class Connections:
    """The connections of some sessions; ``dial`` makes them where that is not done as usual."""

    def __init__(self, dial: Dial | None = None) -> None:
        self.dial = dial
        self._lock = threading.Lock()
        self._connections: list[HTTPConnection] = []
        self._sockets: list[socket.socket] = []
        """of the connections that are made: a connection lets go of its socket while an answer is still read from it"""
        self._sessions: list[requests.Session] = []
        self.ended = False

    def session(self, tls: ssl.SSLContext | None = None) -> requests.Session:
        """A new session whose connections are known here; without a context TLS is as `requests` has it."""
        made = requests.Session()
        made.mount("http://", _Adapter(self, None))
        made.mount("https://", _Adapter(self, tls))
        with self._lock:
            self._sessions.append(made)
        return made

    def end(self) -> None:
        """Ends what is going on, and lets nothing more begin."""
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
        """Knows a connection before it is made, and afterwards whether it is too late."""
        with self._lock:
            if self.ended:
                connection.close()
                raise ConnectionAbortedError
            if connection not in self._connections:
                self._connections.append(connection)
            if connection.sock is not None:
                self._sockets.append(connection.sock)


class _Adapter(HTTPAdapter):
    """Makes connections that are known."""

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
            # Where a context does not verify it was asked for, and a warning would tell nobody.
            self.is_verified = self.is_verified or not verified
            known.begin(self)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
