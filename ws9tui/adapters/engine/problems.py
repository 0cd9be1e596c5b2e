"""Maps errors of calls to the engine to problems."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from http.client import HTTPException

from requests import Response, Timeout
from requests.exceptions import InvalidJSONError

from ws9tui.adapters import read_only
from ws9tui.adapters.engine import ssh_problems
from ws9tui.adapters.engine.ssh import SshError
from ws9tui.adapters.registry.errors import without_credentials
from ws9tui.core.fs import files
from ws9tui.errors import EngineError
from ws9tui.problems.engine import (
    CallRefused,
    EngineDiskReadOnly,
    EngineFailed,
    EnginePermission,
    EngineTimeout,
    EngineUnreachable,
)
from ws9tui.problems.problem import Reason, told_by

REFUSALS = (403, 405)
_PURPOSES = (
    (r"\S+ /distribution/", "resolve"),
    (r"POST /images/create", "pull"),
    (r"POST /images/load", "load"),
    (r"POST /images/\S+/tag", "tag"),
    (r"(?:DELETE|POST) /images", "remove-image"),
    (r"\S+ /containers/\S+/archive", "data"),
    (r"POST /(?:containers/\S+/exec|exec/)", "exec"),
    (r"POST /(?:networks|volumes)/create", "make"),
    (r"(?:GET|HEAD) ", "look"),
    (r"", "recreate"),
)
"""the purpose of a call, by the first matching pattern"""
_SECTIONS = {
    **{name: f"{name.upper()}=1" for name in ("containers", "distribution", "events", "exec", "images", "info")},
    **{name: f"{name.upper()}=1" for name in ("networks", "system", "version", "volumes")},
    "_ping": "PING=1",
}
"""first part of a call's path → the variable by which Tecnativa's docker-socket-proxy allows it"""
_READS = ("GET", "HEAD")


def engine_error(
    call: str, host: str, error: BaseException, *, answer: str = "", connecting: bool = False
) -> EngineError:
    """Returns the error for a failed call.

    ``answer`` is the engine's error text, if there was any; ``connecting`` says that the call failed while connecting.
    """
    causes = list(_causes(error))
    if (ssh := next((cause for cause in causes if isinstance(cause, SshError)), None)) is not None:
        return EngineError(ssh_problems.problem(host, ssh.said, ssh.status))
    if any(isinstance(cause, Timeout | TimeoutError) for cause in causes):
        return EngineError(EngineTimeout(call=call, host=host))
    if answer:
        said = without_credentials(answer)
        disk = read_only.disk(answer)
        return EngineError(EngineDiskReadOnly(reason=said) if disk else EngineFailed(call=call, reason=said))
    if any(isinstance(cause, PermissionError) for cause in causes):
        return EngineError(EnginePermission(host=host, user=files.user(os.geteuid())))
    lost = isinstance(error, OSError | HTTPException) and not isinstance(error, InvalidJSONError)
    if connecting or lost or isinstance(error.__cause__, OSError | HTTPException):
        system = (cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror)
        return EngineError(EngineUnreachable(host=host, reason=next(system, told_by(causes[-1]))))
    return EngineError(EngineFailed(call=call, reason=why(error)))


def why(error: BaseException) -> Reason | str:
    """Returns the reason of an error, without credentials."""
    found = told_by(error)
    return found if isinstance(found, Reason) else without_credentials(found)


def refused_call(answer: Response | None) -> tuple[str, str] | None:
    """Returns method and path of a call that a proxy refused; None if the engine itself answered.

    An engine answers in JSON, even if it or its authorization plugin forbids the call.
    """
    if answer is None or answer.status_code not in REFUSALS or "json" in answer.headers.get("Content-Type", ""):
        return None
    path = re.sub(r"^/v[\d.]+(?=/)", "", str(answer.request.path_url).partition("?")[0])
    return str(answer.request.method), re.sub(r"/[0-9a-f]{12,}", "/…", path)


def refusal(method: str, path: str, host: str) -> EngineError:
    """Returns the error of a refused call: its purpose, and the docker-socket-proxy settings that allow it."""
    call = f"{method} {path}"
    section = _SECTIONS.get(path.strip("/").partition("/")[0], "")
    settings = [section, *([] if method in _READS else ["POST=1"])] if section else []
    purpose = next(purpose for pattern, purpose in _PURPOSES if re.match(pattern, call))
    return EngineError(CallRefused(call=call, host=host, purpose=purpose, setting=" ".join(settings)))


def is_page(text: str) -> bool:
    """Whether a text is HTML: the answer of a proxy in front of the engine."""
    return text.lstrip().startswith("<")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yields an error and its causes; HTTP libraries keep these among the arguments too."""
    yield error
    inner = [value for value in (*error.args, getattr(error, "reason", None)) if isinstance(value, BaseException)]
    for following in [*inner, *([error.__cause__] if error.__cause__ else [])]:
        yield from _causes(following)
