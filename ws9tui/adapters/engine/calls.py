"""Calls of the Docker SDK: each in a thread, with a timeout, and with its errors mapped to problems.

The SDK blocks, so its calls run in a small thread pool. Each ends by the client's own read timeout; the awaiting call
gives up a little later, whatever the thread does.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPException
from math import ceil
from typing import Any, TypeVar

from docker import APIClient
from docker.constants import MINIMUM_DOCKER_API_VERSION
from docker.errors import APIError, DockerException, InvalidVersion, NotFound
from docker.tls import TLSConfig
from docker.utils import parse_host
from requests import RequestException, Response

from ws9tui.adapters.engine import messages, ssh
from ws9tui.adapters.engine.client import Client
from ws9tui.adapters.engine.endpoint import Endpoint
from ws9tui.adapters.engine.problems import engine_error, refusal, refused_call, why
from ws9tui.adapters.registry import logins
from ws9tui.errors import EngineError
from ws9tui.problems import reasons
from ws9tui.problems.engine import EngineFailed, EngineUnreachable
from ws9tui.problems.reach import SshFailed

T = TypeVar("T")

_GRACE = 2.0
"""seconds that a call may exceed its client's read timeout, whose error says more about the reason"""
_PATIENCE = 300.0
"""most seconds that one request of a call waits for its answer, however long the call may last"""
_THREADS = 8
_NOT_FOUND = 404
_CHUNK = 1 << 20


class Calls:
    """The calls of one engine; they work again after an engine outage."""

    def __init__(self, where: Endpoint, timeout: float) -> None:
        self.where = where
        self._host = where.shown
        try:
            self.ssh = ssh.address(where.host) if where.host.startswith("ssh:") else None
            self.url = where.host if self.ssh else str(parse_host(where.host, tls=where.secure)).removeprefix("http+")
        except (DockerException, ValueError) as error:
            raise EngineError(EngineUnreachable(host=self._host, reason=why(error))) from error
        self.timeout = timeout
        self._threads = ThreadPoolExecutor(_THREADS, "engine")
        self._client: Client | None = None

    def close(self) -> None:
        """Closes idle connections; threads that still wait end by their timeout."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._forget()

    async def __call__(self, call: str, work: Callable[[APIClient], T], *, within: float | None = None) -> T:
        """Runs SDK calls in a thread; raises `EngineError` for a failure."""
        limit = within or self.timeout

        def run() -> T:
            client = self._connected()
            with client.patient(min(limit, _PATIENCE)):
                return work(client)

        try:
            async with asyncio.timeout(limit + _GRACE):
                return await asyncio.get_running_loop().run_in_executor(self._threads, run)
        except (DockerException, RequestException, OSError, HTTPException) as error:
            raise self.error(call, error) from error
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            reason = reasons.AnswerOfNoEngine(error=type(error).__name__)
            raise EngineError(EngineFailed(call=call, reason=reason)) from error

    def _connected(self) -> Client:
        """Returns the client, which uses the engine's own API version."""
        if self.url.startswith("unix:"):
            # The SDK leaks the socket of a refused connection, so it connects only where this probe could.
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(self.timeout)
                probe.connect(self.url.removeprefix("unix://"))
        if not (client := self._client):
            with closing(self._made(MINIMUM_DOCKER_API_VERSION)) as asking:
                version = asking.version(api_version=False).get("ApiVersion")
            client = self._client = self._made(version or MINIMUM_DOCKER_API_VERSION)
        return client

    def _made(self, version: str) -> Client:
        headers = logins.read(os.environ).headers
        return Client(
            self.url, version=version, timeout=ceil(self.timeout), tls=self._tls(), headers=headers, ssh=self.ssh
        )

    def _tls(self) -> TLSConfig | None:
        where = self.where
        if not where.secure:
            return None
        pair = (where.certificate, where.key) if where.certificate else None
        return TLSConfig(client_cert=pair, ca_cert=where.ca or None, verify=where.verify)

    def _forget(self) -> None:
        """Drops the client, so that the next call asks for the API version again: the engine may come back upgraded."""
        client, self._client = self._client, None
        if client:
            client.close()

    def error(self, call: str, error: Exception) -> EngineError:
        """Returns the error for a failed call; drops the client if the engine is unreachable."""
        if isinstance(error, APIError) and (refused := refused_call(error.response)):
            return refusal(*refused, self._host)
        answer = str(error.explanation or error) if isinstance(error, APIError) else ""
        problem = engine_error(
            call, self._host, error, answer=answer, connecting=type(error) in (DockerException, InvalidVersion)
        )
        if isinstance(problem.problem, EngineUnreachable):
            self._forget()
            if self.ssh and type(problem.problem) is EngineUnreachable:
                return EngineError(SshFailed(host=self._host, reason=problem.problem.reason))
        return problem


def sent(client: APIClient, method: str, path: str, *, timeout: float = 0, **options: Any) -> Response:  # noqa: ANN401
    """Sends a request for which the SDK has no method, or none that streams; raises `APIError` for an error status."""
    url = f"{client.base_url}/v{client.api_version}{path}"
    response: Response = client.request(method, url, timeout=timeout or client.timeout, **options)
    if not response.ok:
        said = messages.message(response.text)
        kind = NotFound if response.status_code == _NOT_FOUND else APIError
        raise kind(f"HTTP {response.status_code}", response=response, explanation=said)
    return response


async def streamed(call: Calls, name: str, path: str, silence: float) -> AsyncGenerator[bytes, None]:
    """Streams the answer to a GET; closing the generator closes the connection and so ends the engine's work.

    ``silence`` is the longest time in seconds without data.
    """

    def begin(client: APIClient) -> Response:
        return sent(client, "GET", path, stream=True, timeout=silence)

    response = await call(name, begin, within=silence)
    chunks: Iterator[bytes] = response.iter_content(_CHUNK)
    try:
        while chunk := await call(name, lambda _: _gathered(chunks), within=silence):
            yield chunk
    finally:
        response.close()


def _gathered(chunks: Iterator[bytes]) -> bytes:
    """Returns the next bytes of a stream, joined: the engine sends small pieces, and each call switches threads."""
    parts: list[bytes] = []
    size = 0
    while size < _CHUNK and (chunk := next(chunks, b"")):
        parts.append(chunk)
        size += len(chunk)
    return b"".join(parts)


def found(look: Callable[[], T]) -> T | None:
    """Returns what a look-up finds; None if the engine says 404."""
    try:
        return look()
    except NotFound:
        return None


def remove(client: APIClient, container_id: str, *, wholly: bool = False) -> None:
    """Removes a stopped container; ``wholly``, a running one too, with its anonymous volumes.

    No error if it is absent or already being removed.
    """
    try:
        client.remove_container(container_id, v=wholly, force=wholly)
    except NotFound:
        return
    except APIError as error:
        if "already in progress" not in str(error.explanation):
            raise
