"""Makes a product's acceptance checks inside its containers, and takes what passes now as what must pass later.

A check that the running version does not pass is told and not required: an update that works is not rolled back by
what was broken before it. One that a version does not have is skipped, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ws9tui.core.model.acceptance import MISSING, Check
from ws9tui.core.model.observed import Container
from ws9tui.core.ports import Engine
from ws9tui.errors import EngineError
from ws9tui.problems import reasons
from ws9tui.problems.acceptance import CheckFailed, ChecksFailedBefore, ChecksRequired, ChecksSkipped
from ws9tui.problems.problem import Problem, Reason, reason_of

_SECONDS = 10.0
"""that a check may take"""
_TRIES = 3
_BYTES = 4096
_REDIRECTED = range(300, 400)
_BAD_REQUEST = 400
_NOT_RUN = (126, MISSING)
_CLIENT = (
    f"command -v curl >/dev/null || command -v wget >/dev/null || exit {MISSING}\n"
    'case "$1" in https:*) any=--no-check-certificate ;; *) any= ;; esac\n'
    '{ if command -v curl >/dev/null; then curl -ksSi -m 8 "$1"; else wget -qS $any -O - "$1"; fi 2>&1; }'
    f" | head -c {_BYTES}"
)
"""what asks a URL with the client that the image has, and prints status, headers and the beginning of the answer"""

Told = CheckFailed | ChecksSkipped


async def ask(engine: Engine, container: Container | None, check: Check) -> Told | None:
    """Why a check does not pass, or was skipped; None where it passes. Raises `EngineError` of one that is away."""
    if container is None or container.state != "running":
        return _failed(check, reasons.ItsContainerStopped())
    try:
        if check.command:
            return await _command(engine, container, check)
        return await _url(engine, container, check, check.url)
    except EngineError as error:
        if error.away:
            raise
        return _failed(check, reason_of(error.problem))


async def baseline(
    engine: Engine,
    containers: Mapping[str, Sequence[Container]],
    checks: Iterable[Check],
    touched: Sequence[str],
) -> tuple[tuple[Check, ...], tuple[Problem, ...]]:
    """The checks for after an update of these services, and what is to be known of them before it.

    What belongs to a service that is not touched is judged with the one that is made last: it may have been broken by
    any of them.
    """
    kept: list[Check] = []
    told: list[Told] = []
    for check in checks if touched else ():
        found = await ask(engine, first(containers, check.inside), check)
        owner = check.service if check.service in touched else touched[-1]
        kept.append(msgspec.structs.replace(check, service=owner, required=found is None))
        told += [found] if found else []
    required = ", ".join(check.name for check in kept if check.required)
    notes: list[Problem] = [ChecksRequired(checks=required)] if required else []
    for kind, reason, names in _by_reason(told):
        notes.append((ChecksSkipped if kind is ChecksSkipped else ChecksFailedBefore)(checks=names, reason=reason))
    return tuple(kept), tuple(notes)


def together(skipped: Iterable[ChecksSkipped]) -> list[ChecksSkipped]:
    """The checks that were skipped, those of one reason together."""
    return [ChecksSkipped(checks=names, reason=reason) for _, reason, names in _by_reason(skipped)]


def _by_reason(told: Iterable[Told]) -> list[tuple[type[Told], Reason | str, str]]:
    """What is told of checks, and of which, by kind and reason."""
    found: dict[tuple[type[Told], Reason | str], list[str]] = {}
    for one in told:
        found.setdefault((type(one), one.reason), []).append(one.check if isinstance(one, CheckFailed) else one.checks)
    return [(kind, reason, ", ".join(names)) for (kind, reason), names in found.items()]


def first(containers: Mapping[str, Sequence[Container]], service: str) -> Container | None:
    """The container of a service in which it is asked."""
    return next((one for one in containers.get(service, ()) if not one.twin), None)


async def _command(engine: Engine, container: Container, check: Check) -> Told | None:
    status, output = await _run(engine, container, check.command)
    last = next(reversed(output.strip().splitlines()), "").strip()
    if status in _NOT_RUN:
        return _skipped(check, reasons.NotOfThisVersion())
    if status is None:
        return _failed(check, reasons.NoEndWithin(seconds=_SECONDS))
    if status:
        return _failed(check, last or reasons.ExitStatus(status=status))
    return None if re.search(check.says, output) else _failed(check, last)


async def _url(engine: Engine, container: Container, check: Check, url: str) -> Told | None:
    status, output = await _run(engine, container, ("/bin/sh", "-c", _CLIENT, "sh", url))
    if status in _NOT_RUN:
        return _skipped(check, reasons.NoHttpClient())
    codes = re.findall(r"^\s*HTTP/[\d.]+ (\d{3})|server returned error: HTTP/[\d.]+ (\d{3})", output, re.MULTILINE)
    if not codes:
        said = next(reversed(output.strip().splitlines()), "").strip()
        return _failed(check, said or reasons.NoAnswerWithin(seconds=_SECONDS))
    code = int("".join(codes[-1]))
    if url.startswith("http://") and _wants_tls(code, output):
        return await _url(engine, container, check, f"https://{url.removeprefix('http://')}")
    if code > check.highest:
        return _failed(check, reasons.HttpStatus(status=code))
    return None if re.search(check.says, output) else _failed(check, reasons.OtherAnswer())


def _wants_tls(code: int, answer: str) -> bool:
    """Whether a server says that it speaks TLS there: by a redirect, or as nginx refuses plain HTTP."""
    if code in _REDIRECTED:
        return re.search(r"^\s*location:\s*https://", answer, re.IGNORECASE | re.MULTILINE) is not None
    return code == _BAD_REQUEST and "HTTPS port" in answer


async def _run(engine: Engine, container: Container, command: Sequence[str]) -> tuple[int | None, str]:
    status: int | None = None
    output = ""
    for _ in range(_TRIES):
        status, output = await engine.execute(container.id, command, within=_SECONDS)
        if status != 0 or output.strip():  # an engine under load may end a command before its output is passed on
            break
    return status, output


def _failed(check: Check, reason: Reason | str) -> CheckFailed:
    return CheckFailed(service=check.service, check=check.name, reason=reason)


def _skipped(check: Check, reason: Reason | str) -> ChecksSkipped:
    return ChecksSkipped(checks=check.name, reason=reason)
