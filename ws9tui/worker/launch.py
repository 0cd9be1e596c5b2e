"""Starts a worker so that it outlives the terminal, the login session and, if possible, logind's clean-up at logout.

A process in a session of its own survives a closed terminal and a dropped SSH connection. If logind kills a user's
processes at logout (`KillUserProcesses=yes` in logind.conf), only a unit of its own survives: a transient one of the
system manager for root, of the user's manager for others, which itself needs lingering (loginctl(1)).
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from shutil import which

import msgspec

from ws9tui.core.fs import files
from ws9tui.core.journal import confidential

WORKER_LOG = "worker.log"
_ASK_TIMEOUT = 3.0
_OLDEST_SYSTEMD = 240
"""the first version with `--service-type=exec` and `append:` (systemd's NEWS)"""
_OF_PYTHON = re.compile(r"HOME|LANG|LC_\w+|LD_LIBRARY_PATH|PATH|PYTHON\w+")
"""variables that the interpreter needs before the worker reads the others from a file"""


class Launched(msgspec.Struct, frozen=True):
    """A started worker."""

    process: subprocess.Popen[bytes] | None
    """None if a service manager runs it"""
    survives_logout: bool


def launch(state: Path, run: Path, arguments: tuple[str, ...]) -> Launched:
    """Starts the worker of a run; its output goes to the run's worker.log."""
    # -P: files in the operator's folder must not be imported as modules.
    worker = [sys.executable, "-P", "-m", "ws9tui.worker", str(state), run.name, *arguments]
    kills = not arguments and kills_at_logout()  # a demo ends with its front end
    unit = _transient(run, worker) if kills else None
    # Created before a service manager does, whose files are world-readable.
    log = os.open(run / WORKER_LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        if unit and _runs(unit, run):
            return Launched(None, survives_logout=True)
        process = subprocess.Popen(
            worker, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", start_new_session=True
        )
    finally:
        os.close(log)
    return Launched(process, survives_logout=not kills)


def kills_at_logout() -> bool:
    """Whether logind would kill a process of this login session when it ends."""
    if not Path("/run/systemd/system").is_dir() or which("busctl") is None or not _in_login_session():
        return False
    manager = ("org.freedesktop.login1", "/org/freedesktop/login1", "org.freedesktop.login1.Manager")
    if _ask("busctl", "--system", "get-property", *manager, "KillUserProcesses") != "b true":
        return False
    spared = _ask("busctl", "--system", "get-property", *manager, "KillExcludeUsers")
    return f'"{files.user(os.geteuid())}"' not in spared


def _transient(run: Path, worker: list[str]) -> list[str] | None:
    """Returns the command that runs the worker as a transient unit; None if that would not survive either."""
    if which("systemd-run") is None or _version() < _OLDEST_SYSTEMD:
        return None
    command = ["systemd-run", "--quiet", "--collect", "--service-type=exec", f"--unit=ws9tui-{run.name}"]
    if os.geteuid() != 0:
        if _ask("loginctl", "show-user", str(os.geteuid()), "--property=Linger") != "Linger=yes":
            return None
        command.append("--user")
    log = f"append:{run / WORKER_LOG}"
    command += [f"--property=StandardOutput={log}", f"--property=StandardError={log}", "--working-directory=/"]
    command += [f"--setenv={name}={value}" for name, value in os.environ.items() if _OF_PYTHON.fullmatch(name)]
    return [*command, *worker]


def _runs(unit: list[str], run: Path) -> bool:
    """Starts the unit, returns whether that worked; its variables are in a file, since a unit's settings are public."""
    environment = confidential.hand_environment(run, os.environ)
    command = [*unit, f"--environment={environment}"]
    if subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0:
        return True
    environment.unlink(missing_ok=True)
    return False


def _in_login_session() -> bool:
    try:
        return "/session-" in Path("/proc/self/cgroup").read_text(encoding="utf-8")
    except OSError:
        return False


def _version() -> int:
    words = _ask("systemd-run", "--version").split()
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else 0


def _ask(*command: str) -> str:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_ASK_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
