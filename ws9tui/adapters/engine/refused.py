"""Finds the calls that a proxy in front of the engine refuses, with requests that the engine itself cannot fulfil.

The engine answers 400 or 404; a proxy that forbids the call answers 403.
"""

from __future__ import annotations

from collections.abc import Collection

from docker import APIClient

from ws9tui.adapters.engine.problems import REFUSALS, refusal
from ws9tui.core.ports import Needs
from ws9tui.problems.problem import Problem

_NOWHERE = "ws9tui.none..Nothing"
"""not valid as a name or a reference"""
_CALLS: tuple[tuple[str, str], ...] = (
    ("GET", "/info"),
    ("GET", f"/containers/{_NOWHERE}/json"),
    ("GET", f"/images/{_NOWHERE}/json"),
    ("GET", f"/networks/{_NOWHERE}"),
    ("GET", f"/volumes/{_NOWHERE}"),
    ("POST", f"/images/create?fromImage={_NOWHERE}"),
    ("POST", f"/images/{_NOWHERE}/tag"),
    ("DELETE", f"/images/{_NOWHERE}"),
    ("POST", f"/containers/create?name={_NOWHERE}"),
    ("POST", f"/containers/{_NOWHERE}/start"),
    ("POST", f"/containers/{_NOWHERE}/stop"),
    ("POST", f"/containers/{_NOWHERE}/rename"),
    ("DELETE", f"/containers/{_NOWHERE}"),
    ("POST", f"/networks/{_NOWHERE}/connect"),
)
"""the calls of Compose and of this program in any update"""
_MORE: dict[Needs, tuple[tuple[str, str], ...]] = {
    "resolve": (("GET", f"/distribution/{_NOWHERE}/json"),),
    "exec": (("POST", f"/containers/{_NOWHERE}/exec"), ("POST", f"/exec/{_NOWHERE}/start")),
    "load": (("POST", "/images/load"),),
    "data": (("GET", f"/containers/{_NOWHERE}/archive?path=/"), ("PUT", f"/containers/{_NOWHERE}/archive?path=/")),
    "make": (("POST", "/networks/create"), ("POST", "/volumes/create")),
}
_IMPOSSIBLE = {"Image": _NOWHERE, "Name": " ", "Cmd": ["true"]}
"""an invalid request; without any name an engine would create a volume"""


def calls(client: APIClient, host: str, timeout: float, more: Collection[Needs]) -> list[Problem]:
    """Returns the refused calls of an update; ``more`` names calls that only some updates make."""
    base = f"{client.base_url}/v{client.api_version}"
    made = (*_CALLS, *(call for need in more for call in _MORE[need]))
    return [
        refusal(method, path.partition("?")[0].replace(_NOWHERE, "…"), host).problem
        for method, path in made
        if client.request(
            method, base + path, json=None if method == "GET" else _IMPOSSIBLE, timeout=timeout
        ).status_code
        in REFUSALS
    ]
