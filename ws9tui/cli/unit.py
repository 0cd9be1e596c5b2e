"""`ws9tui recover --print-unit`: prints a systemd unit that recovers interrupted runs at boot, and installs nothing."""

from __future__ import annotations

import os
import posixpath
import pwd
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from ws9tui.cli.arguments import Command
from ws9tui.cli.caller import caller, one_file, search_path
from ws9tui.cli.output import Writer
from ws9tui.core.model import notices
from ws9tui.core.model.options import Options
from ws9tui.core.store.store import default_folder
from ws9tui.errors import UsageError
from ws9tui.problems.engine import NotUnderstood
from ws9tui.words import command_help, labels

_KEPT = ("XDG_STATE_HOME", "PATH")
_SOCKETS = ("", "unix:///var/run/docker.sock", "unix:///run/docker.sock")
"""addresses of the engine that docker.service runs"""


def show(command: Command, environ: Mapping[str, str] = os.environ) -> int:
    """Prints the unit of a project, or a template unit if none is named; returns the exit status."""
    project = _absolute(next(iter(command.options.arguments), ""))
    program = [os.path.abspath(sys.argv[0])] if one_file() else [sys.executable, "-P", "-m", "ws9tui"]  # noqa: PTH100
    words = [*program, "recover", *([project or "%i"] if not command.options.project_name else [])]
    words += ["--yes", "--plain", *_options(command.options)]
    words += ["--state-dir", str((command.state_dir or default_folder()).absolute())]
    start = " ".join(_quoted(word).replace("$", "$$") for word in words)
    settings = _environment(command, environ)
    named = command.options.project_name or posixpath.basename(project)
    label = re.sub(r"[^A-Za-z0-9_.-]", "-", named)
    name = f"ws9tui-recover-{label}.service" if label else "ws9tui-recover@.service"
    unit = labels.UNIT.format(
        name=name,
        enable=name if label else "ws9tui-recover@PROJECT.service",
        project=named.replace("%", "%%") or "%i",
        engine="\n".join(_engine(settings)),
        user=_account()[0],
        environment="".join(f"Environment={_quoted(f'{key}={value}')}\n" for key, value in settings.items()),
        start=start,
    )
    Writer(sys.stdout).line(unit)
    return 0


def _environment(command: Command, environ: Mapping[str, str]) -> dict[str, str]:
    """Returns the variables that locate engine, Compose, the program's modules and its home; a unit inherits none."""
    found = dict(caller(command.state_dir, environ).environment)
    found |= {name: environ[name] for name in _KEPT if environ.get(name, "").isprintable() and environ.get(name)}
    if environ.get("HOME", "") not in ("", _account()[1]):
        found["HOME"] = environ["HOME"]
    for setting in search_path(environ)[1:]:
        name, _, value = setting.partition("=")
        found[name] = value
    return found


def _engine(settings: Mapping[str, str]) -> list[str]:
    """Returns the unit's dependencies: docker.service, or for another engine the network and its user's session."""
    host = settings.get("DOCKER_HOST", "")
    if host in _SOCKETS and "DOCKER_CONTEXT" not in settings:
        return ["Requires=docker.service", "After=docker.service network-online.target"]
    session = re.match(r"unix:///run/user/(\d+)/", host)
    return [f"After={f'user@{session[1]}.service ' if session else ''}network-online.target"]


def _options(options: Options) -> list[str]:
    """Returns the flags of `recover` as given; raises `UsageError` for a secret, as all users can read a unit."""
    words = [f"--{options.recover}"] if options.recover else []
    words += ["--to", str(options.to)] if options.to is not None else []
    words += [flag for flag, given in (("--data", options.data), ("--no-data", options.no_data)) if given]
    words += ["--project-name", options.project_name] if options.project_name else []
    paths = [("--file", options.files), ("--env-file", options.env_files)]
    words += [word for flag, values in paths for value in values for word in (flag, str(Path(value).absolute()))]
    times = [("--monitor", options.monitor), ("--confirm-within", options.confirm_within)]
    words += [word for flag, time in times if time is not None for word in (flag, f"{time:.12g}s")]
    words += ["--on-failure", options.on_failure] if options.on_failure else []
    words += ["--backup-dir", options.backup_dir] if options.backup_dir else []
    if any(notices.has_secret(receiver) for receiver in options.notify):
        raise UsageError(NotUnderstood(reason=command_help.UNIT_TELLS()))
    several = [("--profile", options.profiles), ("--from", options.archives), ("--notify", options.notify)]
    return [*words, *(word for flag, values in several for value in values for word in (flag, value))]


def _account() -> tuple[str, str]:
    """Returns the unit's user and that user's home, which systemd sets only if the unit names a user, even root."""
    try:
        found = pwd.getpwuid(os.geteuid())
    except KeyError:
        return str(os.geteuid()), ""
    return found.pw_name, found.pw_dir


def _absolute(project: str) -> str:
    """Returns a project's folder or file as an absolute path; a name stays as it is."""
    return str(Path(project).absolute()) if "/" in project or project in (".", "..") else project


def _quoted(word: str) -> str:
    """Returns a word quoted for systemd.service(5); %i is the instance's name, every other % is literal."""
    text = word if word == "%i" else word.replace("%", "%%")
    if all(c.isalnum() or c in "%/._-@+:=" for c in text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
