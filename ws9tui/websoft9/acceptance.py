"""The acceptance checks of Websoft9 by layout: a container may be healthy while Portainer or Gitea is dead.

The health check of the modern image covers its supervisor and AppHub only; the legacy images have none. No check
creates a session. The ports are those inside the container, which CONSOLE_PORT does not change.
"""

from __future__ import annotations

from collections.abc import Iterator

from ws9tui.core.model.acceptance import MISSING, AcceptanceCheck
from ws9tui.websoft9.composefile import MODERN_SERVICE

_SCRIPT = "/websoft9/script/platform-healthcheck.sh"
_STATUS = "/run/websoft9/runtime-status.json"
_CONSOLE = "http://127.0.0.1:9000"
_ANSWERS = 499
"""highest accepted status: a client error counts as an answer, 502 from a gateway whose backend is dead does not"""
_OK = 299


def checks(layout: str) -> tuple[AcceptanceCheck, ...]:
    """The acceptance checks of a layout; empty for a project that is not Websoft9 or is half migrated."""
    match layout:
        case "modern":
            return tuple(_modern())
        case "legacy":
            return tuple(_legacy())
    return ()


def _modern() -> Iterator[AcceptanceCheck]:
    def of(name: str, url: str, highest: int = _OK, says: str = "") -> AcceptanceCheck:
        return AcceptanceCheck(name, MODERN_SERVICE, MODERN_SERVICE, url, highest, says=says)

    def command(name: str, text: str, says: str = "") -> AcceptanceCheck:
        return AcceptanceCheck(name, MODERN_SERVICE, MODERN_SERVICE, command=("/bin/sh", "-c", text), says=says)

    # The script's last line is the reason; with both streams in one it stays last, whatever its programs print.
    strict = f"test -e {_SCRIPT} || exit {MISSING}; exec {_SCRIPT} --strict 2>&1"
    yield command("platform-healthcheck.sh --strict", strict)
    # The file is written at container start; the script above tells whether a degraded state has lasted.
    started = r'"state"\s*:\s*"(ready|degraded)"'
    yield command("runtime-status.json", f"test -e {_STATUS} || exit {MISSING}; cat {_STATUS}", started)
    yield of("/w9gateway/healthz", f"{_CONSOLE}/w9gateway/healthz", says=r'"status"\s*:\s*"ok"')
    yield of("/api/healthz", f"{_CONSOLE}/api/healthz")
    yield of("/api/auth/status", f"{_CONSOLE}/api/auth/status", says="initialization_required")
    yield of("console", f"{_CONSOLE}/", highest=399)
    yield of("Gitea", "http://127.0.0.1:3001/", _ANSWERS)
    yield of("Portainer", "http://127.0.0.1:9004/api/system/status", _ANSWERS)
    yield of("Nginx Proxy Manager", "http://127.0.0.1:81/", _ANSWERS)


def _legacy() -> Iterator[AcceptanceCheck]:
    """The checks of the legacy layout, all through the proxy, as a browser connects."""
    yield AcceptanceCheck("console", "proxy", "proxy", f"{_CONSOLE}/", _ANSWERS)
    yield AcceptanceCheck("AppHub", "apphub", "proxy", f"{_CONSOLE}/api/", _ANSWERS)
    yield AcceptanceCheck("/w9git/", "git", "proxy", f"{_CONSOLE}/w9git/")
    yield AcceptanceCheck("/w9deployment/", "deployment", "proxy", f"{_CONSOLE}/w9deployment/")
    yield AcceptanceCheck("/w9proxy/", "proxy", "proxy", f"{_CONSOLE}/w9proxy/")
