"""The addresses of a registry, its TLS and its proxies, as the engine is configured."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies_environment

import msgspec

from ws9tui.core.model.reference import DOCKER_HUB

HUB_HOST = "registry-1.docker.io"
_REDACTED = "xxxxx"
"""replaces a proxy's user and password in an engine's answer"""


class RegistryAddress(msgspec.Struct, frozen=True):
    """One address under which a registry, or a mirror of it, may answer."""

    url: str
    """`https://host:port`, without a path"""
    verify: bool = True
    mirror: str = ""
    """the mirror's host; empty for the registry itself"""

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port, which are equal for two addresses of one server."""
        return origin(self.url)


class RegistryConfig(msgspec.Struct, frozen=True):
    """An engine's configuration of registries."""

    mirrors: tuple[str, ...] = ()
    """URLs of the mirrors of Docker Hub"""
    insecure: tuple[str, ...] = ()
    """insecure registries, without TLS or without its verification, as `host:port`"""
    networks: tuple[str, ...] = ("127.0.0.0/8", "::1/128")
    """networks whose registries are insecure"""
    proxies: dict[str, str] = {}
    """scheme → proxy, and `no` → the excluded hosts"""
    local: bool = True
    """whether the engine is on this machine, so that both share the loopback interface"""

    def of(self, registry: str) -> list[RegistryAddress]:
        """Returns the addresses to try, in order; none for a registry on another machine's loopback."""
        if registry == DOCKER_HUB:
            hosts = [(url, host_of(url)) for url in self.mirrors]
            return [
                RegistryAddress(f"https://{HUB_HOST}"),
                *(RegistryAddress(url, not self.lax(host), host) for url, host in hosts if host),
            ]
        if not self.lax(registry):
            return [RegistryAddress(f"https://{registry}")]
        secure, plain = RegistryAddress(f"https://{registry}", verify=False), RegistryAddress(f"http://{registry}")
        if not loopback(registry):
            return [secure, plain]
        return [plain, secure] if self.local else []

    def lax(self, registry: str) -> bool:
        """Whether the engine treats a registry as insecure: without TLS, or without its verification."""
        if registry in self.insecure:
            return True
        networks = [network for text in self.networks if (network := _network(text))]
        return any(address in network for address in self._addresses(registry) for network in networks)

    def _addresses(self, registry: str) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
        host = hostname(registry)
        if host == "localhost":
            return [ipaddress.ip_address("127.0.0.1")]
        try:
            return [ipaddress.ip_address(host)]
        except ValueError:
            pass
        if set(self.networks) <= {"127.0.0.0/8", "::1/128"}:
            return []  # names of this machine are rare, and resolving may take long
        try:
            found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return []
        return [ipaddress.ip_address(entry[4][0].partition("%")[0]) for entry in found if isinstance(entry[4][0], str)]


def places(info: Mapping[str, Any], *, local: bool) -> RegistryConfig:
    """Returns the registry configuration in an engine's `/info`; with the engine's defaults for missing fields."""
    config = info.get("RegistryConfig")
    config = config if isinstance(config, dict) else {}
    indexes = config.get("IndexConfigs")
    indexes = indexes if isinstance(indexes, dict) else {}
    networks = config.get("InsecureRegistryCIDRs")
    return RegistryConfig(
        mirrors=tuple(url.rstrip("/") for url in _texts(config.get("Mirrors")) if _is_url(url)),
        insecure=tuple(
            name for name, index in indexes.items() if isinstance(index, dict) and index.get("Secure") is False
        ),
        networks=_texts(networks) or RegistryConfig().networks,
        proxies=_proxies(info),
        local=local,
    )


def _proxies(info: Mapping[str, Any]) -> dict[str, str]:
    """Returns the engine's proxies; the shell's if the engine names none or hides their credentials."""
    names = {"http": "HttpProxy", "https": "HttpsProxy", "no": "NoProxy"}
    found = {scheme: value for scheme, name in names.items() if isinstance(value := info.get(name), str) and value}
    if not (found.get("http") or found.get("https")) or any(_REDACTED in value for value in found.values()):
        return proxies_of_the_shell()
    return _proxy_urls(found)


def proxies_of_the_shell() -> dict[str, str]:
    """Returns the proxies of the environment: scheme → proxy, and `no` → the excluded hosts."""
    known = ("http", "https", "all", "no")
    return _proxy_urls({scheme: value for scheme, value in getproxies_environment().items() if scheme in known})


def _proxy_urls(found: Mapping[str, str]) -> dict[str, str]:
    return {scheme: value if scheme == "no" or "://" in value else f"http://{value}" for scheme, value in found.items()}


def host_of(url: str) -> str:
    """Returns host and port of a URL; empty if it is invalid, or has no host or a user."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return ""
    return parts.netloc if parts.hostname and "@" not in parts.netloc else ""


def origin(url: str) -> tuple[str, str, int]:
    """Returns scheme, host and port of a URL, with the default port if it names none."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def hostname(registry: str) -> str:
    """Returns the host of `host:port`, without brackets."""
    return urlsplit(f"//{registry}").hostname or ""


def loopback(registry: str) -> bool:
    """Whether a registry's name is `localhost` or a loopback address."""
    host = hostname(registry)
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://")) and bool(host_of(text)) and not urlsplit(text).query
