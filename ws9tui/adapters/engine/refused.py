"""Which calls something before the engine refuses: each is made so that the engine itself could not do it.

The engine then says 400 or 404, and a proxy that lets nobody make the call says 403.
"""

from __future__ import annotations

from collections.abc import Collection

from docker import APIClient

from ws9tui.adapters.engine.problems import REFUSALS, refusal
from ws9tui.core.ports import Needs
from ws9tui.problems.problem import Problem

_NOWHERE = "ws9tui.none..Nothing"
"""neither a name nor a reference that anything can have"""
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
"""what Compose and this program do in an update"""
_MORE: dict[Needs, tuple[tuple[str, str], ...]] = {
    "resolve": (("GET", f"/distribution/{_NOWHERE}/json"),),
    "exec": (("POST", f"/containers/{_NOWHERE}/exec"), ("POST", f"/exec/{_NOWHERE}/start")),
    "load": (("POST", "/images/load"),),
    "data": (("GET", f"/containers/{_NOWHERE}/archive?path=/"), ("PUT", f"/containers/{_NOWHERE}/archive?path=/")),
    "make": (("POST", "/networks/create"), ("POST", "/volumes/create")),
}
_IMPOSSIBLE = {"Image": _NOWHERE, "Name": " ", "Cmd": ["true"]}
"""what nothing can be made from; without any name an engine would make a volume"""


def calls(client: APIClient, host: str, timeout: float, more: Collection[Needs]) -> list[Problem]:
    """Names those of an update that are refused; ``more`` are those that not every update makes."""
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
