"""Maps errors of the engine to problems."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Iterator
from http.client import HTTPException

from requests import Response, Timeout
from requests.exceptions import InvalidJSONError

from ws9tui.adapters import read_only
from ws9tui.adapters.registry.errors import without_credentials
from ws9tui.errors import EngineError
from ws9tui.problems.engine import EngineDiskReadOnly, EngineFailed, EnginePermission, EngineTimeout, EngineUnreachable

REFUSALS = (403, 405)


def engine_error(
    call: str, host: str, error: BaseException, *, answer: str = "", connecting: bool = False
) -> EngineError:
    """Make the error for a call that failed.

    ``answer`` is what the engine said, if it said anything; ``connecting`` tells that the call got no further.
    """
    causes = list(_causes(error))
    if any(isinstance(cause, Timeout | TimeoutError) for cause in causes):
        return EngineError(EngineTimeout(call=call, host=host))
    if answer:
        said = without_credentials(answer)
        disk = read_only.disk(answer)
        return EngineError(EngineDiskReadOnly(reason=said) if disk else EngineFailed(call=call, reason=said))
    if any(isinstance(cause, PermissionError) for cause in causes):
        return EngineError(EnginePermission(host=host, user=_user()))
    lost = isinstance(error, OSError | HTTPException) and not isinstance(error, InvalidJSONError)
    if connecting or lost or isinstance(error.__cause__, OSError | HTTPException):
        reasons = (cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror)
        return EngineError(EngineUnreachable(host=host, reason=next(reasons, str(causes[-1]))))
    return EngineError(EngineFailed(call=call, reason=without_credentials(str(error))))


def refused_call(answer: Response | None) -> str:
    """Name the call that something before the engine has refused; empty where the engine itself has answered.

    An engine answers in JSON, also where it or its plugin forbids something.
    """
    if answer is None or answer.status_code not in REFUSALS or "json" in answer.headers.get("Content-Type", ""):
        return ""
    path = re.sub(r"^/v[\d.]+(?=/)", "", str(answer.request.path_url).partition("?")[0])
    return f"{answer.request.method} {re.sub(r'/[0-9a-f]{12,}', '/…', path)}"


def is_page(text: str) -> bool:
    """Tell whether something in between answered, such as a proxy before the socket that refuses a call."""
    return text.lstrip().startswith("<")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk from an error to what caused it; HTTP libraries keep that among the arguments too."""
    yield error
    inner = [value for value in (*error.args, getattr(error, "reason", None)) if isinstance(value, BaseException)]
    for following in [*inner, *([error.__cause__] if error.__cause__ else [])]:
        yield from _causes(following)


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return str(os.geteuid())
