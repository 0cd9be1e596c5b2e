"""Runs a product's acceptance checks inside its containers; only those that pass now must pass after the update.

A check that the running version fails is reported and not required: a working update is not rolled back for what was
broken before it. A check that a version does not support is skipped, and reported as skipped.
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
    """Returns why a check fails or is skipped; None if it passes. Raises `EngineError` if the engine is unreachable."""
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
    """Runs the checks before an update; returns the checks for after it, and the notes for the plan.

    A check of a service that is not touched is judged with the service that is recreated last: any of them may have
    broken it.
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
    """Merges skipped checks with the same reason."""
    return [ChecksSkipped(checks=names, reason=reason) for _, reason, names in _by_reason(skipped)]


def _by_reason(told: Iterable[Told]) -> list[tuple[type[Told], Reason | str, str]]:
    """Returns kind and reason of failed or skipped checks, with the names of the checks that share them."""
    found: dict[tuple[type[Told], Reason | str], list[str]] = {}
    for one in told:
        found.setdefault((type(one), one.reason), []).append(one.check if isinstance(one, CheckFailed) else one.checks)
    return [(kind, reason, ", ".join(names)) for (kind, reason), names in found.items()]


def first(containers: Mapping[str, Sequence[Container]], service: str) -> Container | None:
    """Returns the container of a service in which its checks run; None if there is none."""
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
