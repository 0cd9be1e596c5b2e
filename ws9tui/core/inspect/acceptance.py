"""Makes a product's acceptance checks inside its containers, and takes what passes now as what must pass later.

A check that the running version does not pass is told and not required: an update that works is not rolled back by
what was broken before it. One that a version does not have is skipped, and that is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from ws9tui.core.inspect import urls
from ws9tui.core.model.acceptance import AcceptanceCheck
from ws9tui.core.model.observed import Container
from ws9tui.core.ports import Engine
from ws9tui.errors import EngineError
from ws9tui.problems import reasons
from ws9tui.problems.acceptance import CheckFailed, ChecksFailedBefore, ChecksRequired, ChecksSkipped
from ws9tui.problems.problem import Problem, Reason, reason_of

Told = CheckFailed | ChecksSkipped


async def ask(engine: Engine, container: Container | None, check: AcceptanceCheck) -> Told | None:
    """Why a check does not pass, or was skipped; None where it passes. Raises `EngineError` of one that is away."""
    if container is None or container.state != "running":
        return _failed(check, reasons.ItsContainerStopped())
    try:
        if check.command:
            return await _command(engine, container, check)
        return await _url(engine, container, check)
    except EngineError as error:
        if error.away:
            raise
        return _failed(check, reason_of(error.problem))


async def baseline(
    engine: Engine,
    containers: Mapping[str, Sequence[Container]],
    checks: Iterable[AcceptanceCheck],
    touched: Sequence[str],
) -> tuple[tuple[AcceptanceCheck, ...], tuple[Problem, ...]]:
    """The checks for after an update of these services, and what is to be known of them before it.

    What belongs to a service that is not touched is judged with the one that is made last: it may have been broken by
    any of them.
    """
    kept: list[AcceptanceCheck] = []
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


async def _command(engine: Engine, container: Container, check: AcceptanceCheck) -> Told | None:
    status, output = await urls.run(engine, container, check.command)
    last = next(reversed(output.strip().splitlines()), "").strip()
    if status in urls.NOT_RUN:
        return _skipped(check, reasons.NotOfThisVersion())
    if status is None:
        return _failed(check, reasons.NoEndWithin(seconds=urls.SECONDS))
    if status:
        return _failed(check, last or reasons.ExitStatus(status=status))
    return None if re.search(check.says, output) else _failed(check, last)


async def _url(engine: Engine, container: Container, check: AcceptanceCheck) -> Told | None:
    answer = await urls.answer(engine, container, check.url)
    if answer.missing:
        return _skipped(check, reasons.NoHttpClient())
    if answer.unable:
        return _skipped(check, reasons.TlsUnspoken())
    if answer.status is None:
        nothing = reasons.NoAnswerWithin(seconds=urls.SECONDS) if answer.late else reasons.NoAnswer()
        return _failed(check, answer.last or nothing)
    if answer.status > check.highest:
        return _failed(check, reasons.HttpStatus(status=answer.status))
    return None if re.search(check.says, answer.text) else _failed(check, reasons.OtherAnswer())


def _failed(check: AcceptanceCheck, reason: Reason | str) -> CheckFailed:
    return CheckFailed(service=check.service, check=check.name, reason=reason)


def _skipped(check: AcceptanceCheck, reason: Reason | str) -> ChecksSkipped:
    return ChecksSkipped(checks=check.name, reason=reason)
