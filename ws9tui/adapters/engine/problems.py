"""Maps errors of the engine to problems."""

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
"""what calls are for, by the first pattern that fits"""
_SECTIONS = {
    **{name: f"{name.upper()}=1" for name in ("containers", "distribution", "events", "exec", "images", "info")},
    **{name: f"{name.upper()}=1" for name in ("networks", "system", "version", "volumes")},
    "_ping": "PING=1",
}
"""the first part of a call's path → the variable by which Tecnativa's docker-socket-proxy lets it through"""
_READS = ("GET", "HEAD")


def engine_error(
    call: str, host: str, error: BaseException, *, answer: str = "", connecting: bool = False
) -> EngineError:
    """Make the error for a call that failed.

    ``answer`` is what the engine said, if it said anything; ``connecting`` tells that the call got no further.
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
    """Why an error was raised; no credentials are in it."""
    found = told_by(error)
    return found if isinstance(found, Reason) else without_credentials(found)


def refused_call(answer: Response | None) -> tuple[str, str] | None:
    """Name the call that something before the engine has refused; None where the engine itself has answered.

    An engine answers in JSON, also where it or its plugin forbids something.
    """
    if answer is None or answer.status_code not in REFUSALS or "json" in answer.headers.get("Content-Type", ""):
        return None
    path = re.sub(r"^/v[\d.]+(?=/)", "", str(answer.request.path_url).partition("?")[0])
    return str(answer.request.method), re.sub(r"/[0-9a-f]{12,}", "/…", path)


def refusal(method: str, path: str, host: str) -> EngineError:
    """The error of a refused call: what it is for, and by which settings a docker-socket-proxy lets it through."""
    call = f"{method} {path}"
    section = _SECTIONS.get(path.strip("/").partition("/")[0], "")
    settings = [section, *([] if method in _READS else ["POST=1"])] if section else []
    purpose = next(purpose for pattern, purpose in _PURPOSES if re.match(pattern, call))
    return EngineError(CallRefused(call=call, host=host, purpose=purpose, setting=" ".join(settings)))


def is_page(text: str) -> bool:
    """Tell whether something in between answered, such as a proxy before the socket that refuses a call."""
    return text.lstrip().startswith("<")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk from an error to what caused it; HTTP libraries keep that among the arguments too."""
    yield error
    inner = [value for value in (*error.args, getattr(error, "reason", None)) if isinstance(value, BaseException)]
    for following in [*inner, *([error.__cause__] if error.__cause__ else [])]:
        yield from _causes(following)
