"""The SDK's client, created without reading config.json.

The SDK rejects the whole file for one broken login at any registry, after which no call to the engine is possible.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from docker import APIClient
from docker.auth import AuthConfig
from docker.constants import DEFAULT_MAX_POOL_SIZE, DEFAULT_NUM_POOLS, DEFAULT_USER_AGENT, MINIMUM_DOCKER_API_VERSION
from docker.errors import InvalidVersion
from docker.tls import TLSConfig
from docker.transport import UnixHTTPAdapter
from docker.utils import version_lt
from docker.utils.proxy import ProxyConfig
from requests import Session

from ws9tui.adapters.engine.ssh import SCHEME, Address, SshAdapter
from ws9tui.problems import reasons


class Client(APIClient):
    """A client of an engine behind a Unix socket, TCP or SSH; ``url`` is a host as the SDK parses it.

    ``headers`` are sent with each request, as the docker command sends those of config.json.
    """

    def __init__(
        self,
        url: str,
        *,
        version: str,
        timeout: int,
        tls: TLSConfig | None,
        headers: Mapping[str, str],
        ssh: Address | None = None,
    ) -> None:
        if version_lt(version, MINIMUM_DOCKER_API_VERSION):
            raise InvalidVersion(reasons.ApiUnsupported(version=MINIMUM_DOCKER_API_VERSION))
        Session.__init__(self)  # APIClient's own would read config.json
        self.timeout = timeout
        self._patience = threading.local()
        self.credstore_env = None
        self.headers["User-Agent"] = DEFAULT_USER_AGENT
        self._version = version
        self._general_configs = {"HttpHeaders": dict(headers)} if headers else {}
        self._proxy_configs = ProxyConfig()
        self._auth_configs = AuthConfig({})
        self.base_url = url
        if url.startswith("unix:"):
            self._custom_adapter = UnixHTTPAdapter(
                f"http+{url}", timeout, pool_connections=DEFAULT_NUM_POOLS, max_pool_size=DEFAULT_MAX_POOL_SIZE
            )
            self.mount("http+docker://", self._custom_adapter)
            self.base_url = "http+docker://localhost"
        elif ssh is not None:
            self.base_url = f"{SCHEME}://localhost"
            self.mount(f"{SCHEME}://", SshAdapter(ssh, timeout))
        elif tls is not None:
            tls.configure_client(self)
        # Excludes the shell's proxies, .netrc and certificate bundle; the bundle would replace the engine's own CA.
        self.trust_env = False

    @contextmanager
    def patient(self, seconds: float) -> Iterator[None]:
        """Changes the read timeout of the SDK's calls in this thread."""
        self._patience.seconds = seconds
        try:
            yield
        finally:
            del self._patience.seconds

    def _set_request_timeout(self, kwargs: dict[str, Any]) -> dict[str, Any]:
        """Adds the timeout to a request that has none of its own; the SDK calls this for each."""
        return {"timeout": getattr(self._patience, "seconds", self.timeout), **kwargs}
