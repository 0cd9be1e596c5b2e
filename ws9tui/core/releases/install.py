"""Prepares a first install from a release: target folder, settings, obstacles."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from pathlib import Path

import msgspec

from ws9tui.core.compose import envfile
from ws9tui.core.fs import places
from ws9tui.core.journal import events as e
from ws9tui.core.model import masking
from ws9tui.core.model.options import Options
from ws9tui.core.model.project import Project
from ws9tui.core.model.release import Release, Setting, decoded, encoded, path_in
from ws9tui.core.model.source import FoundBy, ProjectSource
from ws9tui.core.model.terms import Level
from ws9tui.errors import UsageError
from ws9tui.problems import reasons_files
from ws9tui.problems.problem import Problem, Reason
from ws9tui.problems.release import Sha256Invalid
from ws9tui.problems.upgrade import InstallFolder, SettingInvalid, SettingUnknown, SourceCredentials, SourceMissing

_HIGHEST_PORT = 65535
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_CREDENTIALS = re.compile(r"://[^/\s]*@")
_UNQUOTED = set("\"'\\$#`\r\n\t ")
"""characters that an unquoted value cannot contain"""


def source(release: Release, options: Options, cwd: Path) -> ProjectSource:
    """Returns the project that the release will be; raises `UsageError` if its folder cannot be installed to."""
    wanted = cwd / places.expanded(options.folder or release.folder)
    folder = Path(os.path.abspath(wanted))  # noqa: PTH100 - links stay, as in Compose
    problem = folder_problem(folder)
    if problem:
        raise UsageError(InstallFolder(folder=str(folder), reason=problem))
    name = options.project_name or release.project
    return ProjectSource(
        name,
        str(folder),
        (str(folder / release.compose_file),),
        profiles=options.profiles,
        cwd=str(folder),
        found_by=FoundBy.COMPOSE,
        directory=False,
    )


def source_problem(source: str) -> Problem | None:
    """Returns what is wrong with a source as written, before it is looked up.

    A source goes into the journal and into answer files, so it must not contain a password.
    """
    if not source:
        return SourceMissing()
    return SourceCredentials() if _CREDENTIALS.search(source) else None


def checksum_problem(checksum: str) -> Problem | None:
    """Returns what is wrong with a SHA-256; an empty one is valid."""
    return Sha256Invalid(value=checksum) if checksum and not _SHA256.fullmatch(checksum) else None


def settled(options: Options, source: str, project: str, release: Release | None, folder: str) -> e.InstallSettled:
    """Returns what is installed and how, for an answer file; settings that may be secret are left out."""
    if release is None:
        return e.InstallSettled(source=source, project=project, archives=options.archives)
    values = {setting.name: options.values.get(setting.name, setting.default) for setting in release.settings}
    return e.InstallSettled(
        source=source.partition("@")[0] if "/" not in source else source,
        version=release.version,
        channel=options.channel,
        site=options.site,
        checksum=options.checksum,
        folder=folder,
        project=project,
        settings={name: value for name, value in values.items() if not masking.is_secret(name, value)},
        archives=options.archives,
    )


def ready(checked: e.InstallChecked) -> bool:
    """Whether nothing blocks the install."""
    wrong = any(field.problem for field in checked.fields)
    return checked.known and not wrong and all(found.level is not Level.BLOCKING for found in checked.findings)


def folder_problem(folder: Path) -> str:
    """Returns why a folder cannot be installed to: `not-empty`, `no-folder`, `not-writable`; empty if it can."""
    try:
        if folder.exists() and any(folder.iterdir()):
            return "not-empty"
    except NotADirectoryError:
        return "no-folder"
    except PermissionError:
        return "not-writable"
    above = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if not above.is_dir():
        return "no-folder"
    return "" if os.access(above, os.W_OK | os.X_OK) else "not-writable"


def contents(release: Release, folder: str, values: Mapping[str, str]) -> dict[str, bytes]:
    """Returns the files to write; raises `UsageError` for an unknown setting, or a value that it cannot have."""
    known = {setting.name: setting for setting in release.settings}
    env = decoded(release.env)
    for name, value in values.items():
        if name not in known:
            raise UsageError(SettingUnknown(name=name, known=", ".join(known)))
        if problem := value_problem(known[name], value):
            raise UsageError(SettingInvalid(name=name, value=value, reason=problem))
        env = envfile.replaced(env, name, value)
    chosen = {name: values.get(name, setting.default) for name, setting in known.items() if setting.kind == "port"}
    for name, value in chosen.items():
        same = next((other for other in chosen if other != name and chosen[other] == value), "")
        if same:
            raise UsageError(SettingInvalid(name=name, value=value, reason=reasons_files.ValueOfOther(name=same)))
    return msgspec.structs.replace(release, env=encoded(env)).paths(folder)


def value_problem(setting: Setting, value: str) -> Reason | None:
    """Returns why a value is invalid for a setting; None if it is valid."""
    if not value or _UNQUOTED & set(value):
        return reasons_files.PlainTextExpected()
    if setting.kind == "port" and not (value.isascii() and value.isdigit() and 0 < int(value) <= _HIGHEST_PORT):
        return reasons_files.PortExpected(last=_HIGHEST_PORT)
    if setting.kind == "folder" and not value.startswith("/"):
        return reasons_files.PathExpected()
    return None


def missing_folders(paths: Mapping[str, bytes], project: Project) -> tuple[str, ...]:
    """Returns the folders that an install will create, for its files and for bind mounts."""
    wanted = [Path(path).parent for path in paths]
    wanted += [Path(bind) for service in project.services.values() for bind in service.binds]
    made = {part for folder in wanted for part in (folder, *folder.parents) if places.missing(part)}
    return tuple(sorted({places.real(part) for part in made}))


def address(release: Release, contents_of: Mapping[str, bytes], folder: str) -> str:
    """Returns the console's URL as seen from the operator's machine; empty if the release has none."""
    text = decoded(contents_of[path_in(folder, ".env")])
    found = envfile.find(text, release.console) if release.console else None
    if found is None:
        return ""
    reached = os.environ.get("SSH_CONNECTION", "").split()
    host = reached[2] if len(reached) == 4 else socket.getfqdn()  # noqa: PLR2004 - client, port, server, port
    return f"http://{f'[{host}]' if ':' in host else host}:{found.value}"
