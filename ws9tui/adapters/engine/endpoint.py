"""Finds the engine that the docker command would use, and its TLS files."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ws9tui.adapters.registry import logins
from ws9tui.adapters.registry.errors import without_credentials
from ws9tui.errors import EngineError
from ws9tui.problems import reasons
from ws9tui.problems.engine import EngineUnreachable

DEFAULT_HOST = "unix:///var/run/docker.sock"
_FILES = ("ca.pem", "cert.pem", "key.pem")


class Endpoint(msgspec.Struct, frozen=True):
    """An engine's address, and the certificates by which both sides authenticate."""

    host: str
    ca: str = ""
    certificate: str = ""
    key: str = ""
    secure: bool = False
    verify: bool = True
    context: str = ""
    """the Docker context of the address; empty if DOCKER_HOST named it"""

    @property
    def local(self) -> bool:
        """Whether the engine is reached through a Unix socket of this machine."""
        return self.host.startswith("unix://")

    @property
    def pinned(self) -> dict[str, str]:
        """Variables that bind the docker command to this engine, even if the current context changes."""
        named = {"DOCKER_CONTEXT": self.context} if self.context else {}
        # The ssh that Compose starts must not prompt: there is no terminal, and nobody may be at the screen.
        return named | ({"SSH_ASKPASS_REQUIRE": "never"} if self.host.startswith("ssh:") else {})

    @property
    def shown(self) -> str:
        """The address without credentials; an SSH user without a password is kept."""
        named = self.host.startswith("ssh:") and ":" not in self.host.removeprefix("ssh:").partition("@")[0]
        return self.host if named else without_credentials(self.host)


def find(environment: Mapping[str, str]) -> Endpoint:
    """Finds the engine by DOCKER_HOST, DOCKER_CONTEXT, the current context, or else at the default socket."""
    folder = logins.folder(environment)
    host = environment.get("DOCKER_HOST", "")
    name = "" if host else environment.get("DOCKER_CONTEXT") or logins.read(environment).context
    if name not in ("", "default"):
        return _context(folder, name)
    verify = bool(environment.get("DOCKER_TLS_VERIFY"))
    certificates = environment.get("DOCKER_CERT_PATH", "")
    context = "" if host else "default"
    if not verify and not certificates:
        return Endpoint(host or DEFAULT_HOST, context=context)
    return _secured(host or DEFAULT_HOST, Path(certificates or folder), verify=verify, context=context)


def _context(folder: Path, name: str) -> Endpoint:
    directory = hashlib.sha256(name.encode()).hexdigest()
    try:
        meta: Any = json.loads((folder / "contexts" / "meta" / directory / "meta.json").read_text())
        found = meta["Endpoints"]["docker"]
        host = str(found["Host"]) or DEFAULT_HOST
    except FileNotFoundError as error:
        raise EngineError(EngineUnreachable(host=name, reason=reasons.ContextUnknown(name=name))) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(EngineUnreachable(host=name, reason=reasons.ContextUnreadable(name=name))) from error
    certificates = folder / "contexts" / "tls" / directory / "docker"
    if not os.path.isdir(certificates):  # noqa: PTH112 - raises nothing in a folder that is closed to this user
        return Endpoint(host, context=name)
    return _secured(host, certificates, verify=not found.get("SkipTLSVerify"), context=name)


def _secured(host: str, folder: Path, *, verify: bool, context: str) -> Endpoint:
    paths = [str(folder / name) for name in _FILES]
    ca, certificate, key = (path if os.path.isfile(path) else "" for path in paths)  # noqa: PTH113 - as above
    endpoint = Endpoint(host, ca, certificate, key, secure=True, verify=verify, context=context)
    if bool(certificate) != bool(key) or (verify and not ca):
        found = (ca, certificate, key)
        lacking = ", ".join(name for name, path in zip(_FILES, found, strict=True) if not path)
        reason = reasons.CertificatesLacking(folder=str(folder), files=lacking)
        raise EngineError(EngineUnreachable(host=endpoint.shown, reason=reason))
    return endpoint
