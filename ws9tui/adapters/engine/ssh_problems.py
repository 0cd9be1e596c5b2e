"""Maps the stderr of ssh, and of the remote docker command, to problems."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from ws9tui.problems.engine import EngineUnreachable
from ws9tui.problems.problem import Reason
from ws9tui.problems.reach import (
    SshDenied,
    SshDockerMissing,
    SshDockerOld,
    SshEngineDenied,
    SshFailed,
    SshKeyChanged,
    SshKeyUnknown,
    SshMissing,
)

_NO_COMMAND = 127
_DENIED = re.compile(r"^(?:\S+: )?Permission denied \(|Too many authentication failures", re.MULTILINE)
_NO_DOCKER = re.compile(r"docker\S*: (?:command )?not found|docker: No such file|not found: docker", re.IGNORECASE)
_OLD = re.compile(r"dial-stdio\S* is not a docker command|unknown command:? .*dial-stdio", re.IGNORECASE)
_ENGINE_DENIED = re.compile(r"permission denied.*(?:Docker (?:daemon|API)|docker\.sock)", re.IGNORECASE | re.DOTALL)
_LINES = re.compile(r"\s*\n\s*")
_LONGEST = 300


def problem(
    host: str, said: Reason | str, status: int | None, environment: Mapping[str, str] = os.environ
) -> EngineUnreachable:
    """Returns the problem; ``said`` is the stderr or a reason, ``status`` None if ssh could not be started."""
    if isinstance(said, Reason):
        return SshFailed(host=host, reason=said)
    reason = _reason(said)
    if status is None:
        return SshMissing(host=host, reason=reason)
    if "REMOTE HOST IDENTIFICATION HAS CHANGED" in said:
        return SshKeyChanged(host=host, reason=reason)
    if "Host key verification failed" in said:
        return SshKeyUnknown(host=host, reason=reason)
    if _ENGINE_DENIED.search(said):
        return SshEngineDenied(host=host, reason=reason)
    if _DENIED.search(said):
        return SshDenied(host=host, reason=reason, agent=_agent(environment))
    if status == _NO_COMMAND or _NO_DOCKER.search(said):
        return SshDockerMissing(host=host, reason=reason)
    if _OLD.search(said):
        return SshDockerOld(host=host, reason=reason)
    return SshFailed(host=host, reason=reason)


def _reason(said: str) -> str:
    """Returns the last two lines of stderr, without decoration and notices."""
    lines = [line for line in _LINES.split(said.strip()) if line and not line.startswith(("@", "Warning: Permanently"))]
    return " ".join(lines[-2:])[-_LONGEST:]


def _agent(environment: Mapping[str, str]) -> str:
    """Returns the state of the SSH agent: `none`, `gone` if its socket does not exist, or empty if it does."""
    path = environment.get("SSH_AUTH_SOCK", "")
    return ("" if os.path.exists(path) else "gone") if path else "none"  # noqa: PTH110 - text
