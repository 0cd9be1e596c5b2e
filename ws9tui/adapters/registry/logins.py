"""The user's registry logins, as the docker command stores them: in config.json, or with credential helpers.

A broken entry is reported and left out; it affects no other. No report contains any part of a secret.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import os
import re
import stat
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import which
from typing import Any

import msgspec

from ws9tui.adapters import child
from ws9tui.core.model.reference import DOCKER_HUB
from ws9tui.problems import reasons, reasons_files
from ws9tui.problems.image import LoginBroken, LoginHelper, LoginsUnreadable
from ws9tui.problems.problem import Problem, Reason

HUB_KEY = "https://index.docker.io/v1/"
"""key of the login at Docker Hub in config.json"""
HELPER_TIMEOUT = 10.0
REMEMBERED = 20.0
"""seconds for which a credential helper's answer is reused"""

_SNAP_HOME = "snap/docker/current"
_LARGEST = 1 << 20
_HUB_HOSTS = (DOCKER_HUB, "index.docker.io", "registry-1.docker.io")
_ADDRESS = re.compile(r"^(?:\w+://)?(?:[^/@]*@)?([^/]*)(.*)$", re.DOTALL)
_HOST = re.compile(r"[\w.:\[\]-]{1,255}", re.ASCII)
_HELPER = re.compile(r"[\w.-]{1,100}", re.ASCII)
_HEADER = (re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII), re.compile(r"[!-~](?:[ -~]*[!-~])?"))
_NOT_FOUND = "credentials not found"
_TOKEN_USER = "<token>"  # noqa: S105 - a helper's word for: the secret is an identity token
_WHY = {
    "helper-missing": reasons.HelperMissing,
    "helper-failed": reasons.HelperFailed,
    "helper-nonsense": reasons.HelperGaveNone,
    "helper-hangs": reasons.HelperSilent,
}


class Login(msgspec.Struct, frozen=True):
    """The credentials for one registry; all empty for anonymous access."""

    user: str = ""
    password: str = ""
    identity: str = ""
    """an identity token, exchanged for registry tokens"""
    token: str = ""
    """a registry token, sent as it is"""
    problem: Problem | None = None
    """why there is no login, or why a fallback is used"""

    def __repr__(self) -> str:
        return f"Login({'given' if self.given else 'none'}, {self.problem})"

    @property
    def given(self) -> bool:
        """Whether there are any credentials."""
        return bool(self.user or self.password or self.identity or self.token)

    @property
    def doubt(self) -> Reason | None:
        """The problem of the login, as part of a registry's reason; None without one."""
        if self.problem is None:
            return None
        if isinstance(self.problem, LoginHelper):
            return _WHY[self.problem.reason](helper=self.problem.helper)
        return reasons.LoginUnusable(file=self.problem.facts["path"])

    def headers(self, registry: str) -> dict[str, str]:
        """Returns the header that passes the login to an engine; empty without credentials."""
        if not self.given:
            return {}
        fields = {
            "username": self.user,
            "password": self.password,
            "identitytoken": self.identity,
            "registrytoken": self.token,
            "serveraddress": server_key(registry),
        }
        text = json.dumps({name: value for name, value in fields.items() if value})
        return {"X-Registry-Auth": base64.urlsafe_b64encode(text.encode()).decode()}


class LoginFile(msgspec.Struct, frozen=True):
    """The content of a config.json; invalid parts are left out and listed in `problems`."""

    entries: dict[str, Login] = {}
    """registry → its login"""
    helpers: dict[str, str] = {}
    """registry → its credential helper; empty if it has none, not even `store`"""
    store: str = ""
    """the credential helper of all other registries"""
    headers: dict[str, str] = {}
    """HTTP headers for each request to the engine"""
    context: str = ""
    """the current Docker context, which identifies the engine"""
    problems: tuple[Problem, ...] = ()

    def helper(self, registry: str) -> str:
        """Returns the credential helper for a registry; empty if the file itself has the login."""
        return self.helpers.get(registry, self.store)


class Logins:
    """The logins of one user; the file is read each time, because the operator may have logged in meanwhile."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._environment = environment
        self._answers: dict[tuple[str, str], tuple[float, Login]] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    async def find(self, registry: str) -> Login:
        """Returns the login at a registry; a broken one is only noted in it, because public images need none."""
        file = await asyncio.to_thread(read, self._environment)
        kept = file.entries.get(registry, Login())
        helper = file.helper(registry)
        if not helper:
            broken = (found for found in file.problems if found.facts.get("registry", registry) == registry)
            return kept if kept.given else Login(problem=next(broken, None))
        asked = await self._asked(helper, registry)
        return asked if asked.given else msgspec.structs.replace(kept, problem=asked.problem)

    async def problems(self, registries: Sequence[str]) -> list[Problem]:
        """Returns the problems of all stored logins, and of the helpers for these registries."""
        file = await asyncio.to_thread(read, self._environment)
        pairs = {registry: helper for registry in registries if (helper := file.helper(registry))}
        answers = await asyncio.gather(*(self._asked(helper, registry) for registry, helper in pairs.items()))
        return [*file.problems, *(answer.problem for answer in answers if answer.problem)]

    async def _asked(self, helper: str, registry: str) -> Login:
        """Returns a helper's answer, reused for `REMEMBERED` seconds; concurrent callers share one request."""
        key = helper, registry
        async with self._locks.setdefault(key, asyncio.Lock()):
            at, known = self._answers.get(key, (0.0, Login()))
            if key not in self._answers or time.monotonic() > at + REMEMBERED:
                known = await _ask(helper, registry, self._environment)
                self._answers[key] = time.monotonic(), known
            return known


def server_key(registry: str) -> str:
    """Returns the key under which the docker command stores a registry's login."""
    return HUB_KEY if registry == DOCKER_HUB else registry


def folder(environment: Mapping[str, str]) -> Path:
    """Returns the docker command's configuration folder; a docker command from a snap has its own home."""
    if environment.get("DOCKER_CONFIG"):
        return Path(environment["DOCKER_CONFIG"])
    own = Path.home() / _SNAP_HOME
    snap = own.is_dir() and (which("docker", path=environment.get("PATH")) or "").startswith("/snap/")
    return (own if snap else Path.home()) / ".docker"


def read(environment: Mapping[str, str]) -> LoginFile:
    """Reads config.json; empty if it does not exist, any other failure is among the problems."""
    path = folder(environment) / "config.json"
    try:
        text = _text(path)
        if isinstance(text, Reason):
            return _unreadable(path, text)
        found = json.loads(text.decode("utf-8-sig")) if text.strip() else {}
    except (FileNotFoundError, NotADirectoryError):
        return LoginFile()
    except OSError as error:
        return _unreadable(path, error.strerror or type(error).__name__)
    except (ValueError, RecursionError):
        return _unreadable(path, "not-json")
    if not isinstance(found, dict):
        return _unreadable(path, "shape")
    return _parsed(path, found)


def _text(path: Path) -> bytes | Reason:
    # Opening a pipe in its place must not block.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return reasons_files.NotAFile()
        text = file.read(_LARGEST + 1)
    if len(text) > _LARGEST:
        return reasons_files.TooLarge()
    return text


def _unreadable(path: Path, reason: Reason | str) -> LoginFile:
    return LoginFile(problems=(LoginsUnreadable(path=str(path), reason=reason),))


def _parsed(path: Path, found: dict[str, Any]) -> LoginFile:
    problems: list[Problem] = []
    given = found.get("auths")
    auths = given if isinstance(given, dict) else {}
    if given is not None and not isinstance(given, dict):
        problems.append(LoginsUnreadable(path=str(path), reason="shape"))
    store = found.get("credsStore")
    named = found.get("credHelpers")
    helpers = {
        registry_of_key(key): name if isinstance(name, str) else ""
        for key, name in (named if isinstance(named, dict) else {}).items()
    }
    context = found.get("currentContext")
    file = LoginFile(
        helpers=helpers,
        store=store if isinstance(store, str) else "",
        headers=_headers(found),
        context=context if isinstance(context, str) else "",
    )
    for key in sorted(auths, key=_precedence):
        registry = registry_of_key(key)
        login = _entry(auths[key])
        if isinstance(login, Login):
            file.entries.setdefault(registry, login)
        elif login and not (login == "empty" and file.helper(registry)):  # a helper has the login
            shown = registry if _HOST.fullmatch(registry) else ""
            problems.append(LoginBroken(registry=shown, path=str(path), reason=login))
    return msgspec.structs.replace(file, problems=tuple(problems))


def registry_of_key(key: str) -> str:
    """Returns the registry of a login's key: host and port, `docker.io` for Docker Hub."""
    match = _ADDRESS.match(key)
    host = match[1] if match else key
    return DOCKER_HUB if host in _HUB_HOSTS else host


def _precedence(key: str) -> tuple[int, str]:
    """Sorts the keys of one registry: the canonical key first, as for the docker command."""
    match, registry = _ADDRESS.match(key), registry_of_key(key)
    if key in (server_key(registry), registry):
        return int(key != server_key(registry)), key
    return 2 if match and match[2] in ("", "/", "/v1", "/v1/", "/v2", "/v2/") else 3, key


def _entry(value: object) -> Login | str:
    """Returns the login of one entry, or a keyword for what is wrong with the entry."""
    if value is None:
        return "empty"
    if not isinstance(value, dict):
        return "shape"
    names = ("auth", "username", "password", "identitytoken", "registrytoken")
    texts = [value.get(name) or "" for name in names]
    if not all(isinstance(text, str) for text in texts):
        return "shape"
    auth, user, password, identity, token = texts
    if auth.strip():
        try:
            plain = base64.b64decode(auth.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            return "not-base64"
        user, colon, password = plain.partition(":")
        if not colon:
            return "no-colon"
        password = password.rstrip("\0")
    login = Login(user, password, identity, token)
    return login if (user and password) or identity or token else "empty"


def _headers(found: dict[str, Any]) -> dict[str, str]:
    """Returns the valid entries of `HttpHeaders`."""
    given = found.get("HttpHeaders")
    name, value = _HEADER
    return {
        key: text
        for key, text in (given if isinstance(given, dict) else {}).items()
        if name.fullmatch(key) and isinstance(text, str) and value.fullmatch(text)
    }


async def _ask(helper: str, registry: str, environment: Mapping[str, str]) -> Login:
    """Asks a credential helper; uses only the login of its answer, as the rest may contain secrets."""

    def without(reason: str) -> Login:
        shown = helper if _HELPER.fullmatch(helper) else "…"
        return Login(problem=LoginHelper(registry=registry, helper=shown, reason=reason))

    program = which(f"docker-credential-{helper}", path=environment.get("PATH")) if _HELPER.fullmatch(helper) else None
    if program is None:
        return without("helper-missing")
    try:
        done = await child.run(
            [program, "get"], folder=None, environment=environment, text=server_key(registry), timeout=HELPER_TIMEOUT
        )
    except TimeoutError:
        return without("helper-hangs")
    except OSError:
        return without("helper-failed")
    if done.status:
        return Login() if _NOT_FOUND in f"{done.output}{done.errors}".lower() else without("helper-failed")
    try:
        said = json.loads(done.output[:_LARGEST])
        user, secret = said["Username"], said["Secret"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return without("helper-nonsense")
    if not (isinstance(user, str) and isinstance(secret, str) and secret):
        return without("helper-nonsense")
    return Login(identity=secret) if user == _TOKEN_USER else Login(user, secret)
