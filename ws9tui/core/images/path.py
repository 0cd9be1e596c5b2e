"""Checks the upgrade path from the running version to the target image: whether a required step is skipped."""

from __future__ import annotations

import shlex

from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal import events as e
from ws9tui.core.model import upgrade_path, version
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Finding, Level
from ws9tui.core.model.trust import Result, TrustCheck
from ws9tui.core.session import Session
from ws9tui.errors import RegistryError
from ws9tui.problems.problem import Problem
from ws9tui.problems.trust import PathBehind, PathFits, PathSkips, PathUnknown


async def check(session: Session, found: Survey, name: str, want: ServiceImage) -> e.TrustChecked | None:
    """Compares the running versions of a service, each replica's, with the range that its image may be updated from.

    The intermediate step itself may come from any version, and a service already past that step skips none. None if the
    settings name no range, or if all replicas run the target image already.
    """
    allowed = found.settings(name).comes_from
    if not allowed or upgrade_path.is_step(allowed, want.reference.version):
        return None
    replicas = [found.image(container) for container in found.replicas(name)]
    running = list(dict.fromkeys(runs.version for runs in replicas if not _same(runs, want)))
    if not running:
        return None
    problem = await _problem(session, name, want.reference, allowed, running)
    fits = isinstance(problem, PathFits | PathBehind)
    unknown = isinstance(problem, PathUnknown)
    return e.TrustChecked(
        service=name,
        check=TrustCheck.PATH,
        result=Result.VERIFIED if fits else Result.NOT_CHECKED if unknown else Result.FAILED,
        finding=Finding(Level.OK if fits else Level.BLOCKING, problem, name),
        reference=want.reference,
        digest=want.digest,
        consent=f"{name}:{TrustCheck.PATH}" if unknown else "",
    )


async def _problem(session: Session, name: str, target: Reference, allowed: str, running: list[str]) -> Problem:
    outside = [text for text in running if upgrade_path.within(allowed, text) is False]
    skipping = [text for text in outside if not _has_behind(text, target, allowed)]
    unknown = [text for text in running if upgrade_path.within(allowed, text) is None]
    if skipping:
        step = await _step(session, target, allowed, skipping[0])
        asked = f"{name}={step}" if step else ""
        return PathSkips(service=name, reference=target, running=skipping[0], range=allowed, step=step, target=asked)
    if unknown:
        agree = shlex.quote(f"{name}:{TrustCheck.PATH}")
        return PathUnknown(service=name, reference=target, range=allowed, running=unknown[0], agree=agree)
    kind = PathBehind if outside else PathFits
    return kind(service=name, reference=target, running=", ".join(running), range=allowed)


def _has_behind(running: str, target: Reference, allowed: str) -> bool:
    """Whether the running version is newer than all of the allowed range, and no newer than the target."""
    order = version.compare(running, target.version)
    return order is not None and order <= 0 and upgrade_path.beyond(allowed, running)


def _same(runs: ServiceImage, want: ServiceImage) -> bool:
    """Whether a replica runs exactly the target image."""
    if want.digest:
        return want.digest in (runs.digest, *runs.local.known_digests)
    return runs.local.id == want.local.id


async def _step(session: Session, target: Reference, allowed: str, running: str) -> str:
    """Returns the registry's newest tag that can serve as the intermediate step; empty if none is known."""
    if session.options.archives:
        return ""
    try:
        listed = await session.engine.registries.tags(target.full_name)
    except RegistryError:
        return ""
    return upgrade_path.newest(allowed, listed.names, target.tag, running)
