"""Emulates upstream's own upgrade command: translates its options, exit statuses and final block.

Its options and variables become those of an ordinary upgrade to a release; an outcome becomes one of its exit statuses;
the final block is read from the files that are installed at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ws9tui.core.journal.events import Finished
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model import version
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import Availability, Outcome, Verb
from ws9tui.problems.engine import CommandUnknown, InterruptedRun, NotUnderstood
from ws9tui.problems.problem import Problem
from ws9tui.problems.release import (
    ReleaseSourceUnknown,
    Websoft9Legacy,
    Websoft9Mixed,
    Websoft9Modern,
    Websoft9Unknown,
)
from ws9tui.problems.run import BackUnwell
from ws9tui.problems.upgrade import (
    NoRelease,
    ReleaseOtherLayout,
    ReleaseOtherProject,
    SettingInvalid,
    SettingUnknown,
    SourceCredentials,
)
from ws9tui.websoft9 import composefile
from ws9tui.websoft9.contract import ARTIFACT_BASE, BACKUPS, BASE, DATA_ROOT, DETECT, DONE, CommandLine, Status
from ws9tui.websoft9.release import CHANNELS

_MOVING = ("", "latest")
_PORT = "CONSOLE_PORT"
_VOLUMES, _VOLUMES_ROOT = "WEBSOFT9_DOCKER_VOLUMES_ROOT", "/var/lib/docker/volumes"
"""up to 2.3.2 the product also mounts the engine's volume folder, from 2.3.3 on no longer; not data of the product"""
_KINDS: dict[type[Problem], str] = {
    Websoft9Unknown: "empty",
    Websoft9Legacy: "legacy",
    Websoft9Modern: "modern",
    Websoft9Mixed: "mixed",
}
_TYPED = (
    CommandUnknown,
    NotUnderstood,
    NoRelease,
    ReleaseSourceUnknown,
    SettingInvalid,
    SettingUnknown,
    SourceCredentials,
)
_STATUSES = {
    Outcome.ADOPTED: Status.PRECHECK,
    Outcome.BUSY: Status.ENVIRONMENT,
    Outcome.UNCHANGED: Status.RUNTIME,
    Outcome.NEEDS_RECOVERY: Status.ROLLBACK,
}
_HOST = (*_KINDS, InterruptedRun, ReleaseOtherLayout, ReleaseOtherProject)


def wanted(call: CommandLine) -> str:
    """Returns the requested version; empty for the latest."""
    return "" if call.version in _MOVING else call.version


def options(call: CommandLine, environ: Mapping[str, str]) -> Options:
    """Returns the options of the run that a command line requests."""
    if call.look == DETECT:
        return Options()
    there = composefile.env_of(call.path)
    project = there.get("CONTAINER_NAME", "")  # upstream uses CONTAINER_NAME as Compose project name
    named = Options(
        arguments=(call.path,), project_name="" if project == composefile.PRODUCT else project, layout="modern"
    )
    if call.look:
        return named
    asked = version.parse(wanted(call))
    settings = {_PORT: call.console_port, DATA_ROOT: environ.get(DATA_ROOT, "")}
    return msgspec.structs.replace(
        named,
        plan_only=call.dry_run,
        assume_yes=call.yes and not call.dry_run,
        release=f"{(environ.get(BASE) or ARTIFACT_BASE).rstrip('/')}/{CHANNELS[0]}/",
        release_version=wanted(call),
        channel="rc" if asked is not None and asked.prerelease else "",
        leave_data=(f"{composefile.MODERN_SERVICE}:{there.get(_VOLUMES) or _VOLUMES_ROOT}",),
        backup_dir=str(Path(backups).absolute()) if (backups := environ.get(BACKUPS)) else "",
        values={name: value for name, value in settings.items() if value},
        on_failure="rollback",
    )


def kind(found: Problem | None) -> str:
    """Returns upstream's word for a layout; raises `KeyError` for a problem that has none."""
    return _KINDS[type(found)] if found is not None else _KINDS[Websoft9Unknown]


def status(finished: Finished, state: RunState) -> Status:
    """Returns the exit status for a finished run."""
    match finished.outcome:
        case Outcome.USAGE | Outcome.REFUSED | Outcome.CANCELLED:
            return _stopped(finished)
        case Outcome.ROLLED_BACK:
            return _rolled_back(state)
        case Outcome.UP_TO_DATE:
            return _up_to_date(state)
        case Outcome.KEPT if state.project is not None and state.project.verb is not Verb.UPDATE:
            return Status.RUNTIME  # another generation was chosen instead
    return _STATUSES.get(finished.outcome, Status.OK)


def _stopped(finished: Finished) -> Status:
    """Returns the exit status of a run that did nothing: bad arguments, an unfit host, or a failed check."""
    if isinstance(finished.problem, _TYPED):
        return Status.USAGE
    unfit = finished.outcome is Outcome.USAGE or isinstance(finished.problem, _HOST)
    return Status.ENVIRONMENT if unfit else Status.PRECHECK


def _rolled_back(state: RunState) -> Status:
    """Returns the exit status of a rolled-back run: failed step, failed checks, or a rollback that is not healthy."""
    if any(isinstance(finding.problem, BackUnwell) for finding in state.findings):
        return Status.ROLLBACK
    chosen = state.rollback is None or state.rollback.problem is None
    return Status.RUNTIME if chosen or any(step.problem for step in state.steps) else Status.VALIDATION


def _up_to_date(state: RunState) -> Status:
    """Returns the exit status of a run without updates: OK only if nothing was held back and all could be checked."""
    found = {row.availability for row in state.services.values()}
    if found & {Availability.UNKNOWN, Availability.CHECKING}:
        return Status.RUNTIME
    return Status.PRECHECK if Availability.HELD in found else Status.OK


def done(call: CommandLine, state: RunState, environ: Mapping[str, str]) -> list[tuple[str, str]]:
    """Returns the final block, which describes the installation after the run, as key and value."""
    folder = Path(call.path)
    source = state.project.source if state.project else None
    compose = Path(source.files[0] if source and source.files else folder / composefile.NAMES[0])
    text = composefile.text_of(compose) or ""
    known = composefile.defaults(text) | composefile.env_of(call.path)
    known |= {name: environ[name] for name in known if name in environ}  # environment takes precedence, as in Compose
    names = {name: str(one.get("container_name", "")) for name, one in composefile.services(text).items()}
    service = composefile.MODERN_SERVICE
    checked = state.versions.get(service)
    running = state.project.version if state.project else ""
    facts = {
        "Console": f"http://<host>:{known.get(_PORT) or '9000'}",
        "Container": composefile.filled(names.get(service, ""), known),
        "Image": composefile.images(text, known).get(service, ""),
        "Version": (checked.found if checked else "") or (state.release.version if state.release else "") or running,
        "Install path": call.path,
        "Data root": known.get(DATA_ROOT) or str(folder / "data"),
        "Compose file": str(compose),
        "Backup point": state.backups[-1].folder if state.backups else "",
        "Channel": (state.release.channel if state.release else "") or CHANNELS[0],
    }
    return [(key, facts[key]) for key in DONE if facts[key]]
