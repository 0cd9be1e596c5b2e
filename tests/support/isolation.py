"""The test session's own network and mount namespace.

An engine rewrites the firewall, and a second one on the same machine flushes the chains of the first. In a namespace
of its own nothing of the machine can be touched, nothing of a public network reached, and interfaces, firewall rules
and mounts vanish with the last process. /run is an empty one, so that no socket of the machine's own engine is seen.
To look inside while a test runs: nsenter --net --mount --target PID.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from . import processes

_CLONE_NEWNS = 0x00020000
_CLONE_NEWNET = 0x40000000
_MARK = "WS9TUI_TEST_NAMESPACE"
_guard: subprocess.Popen[bytes] | None = None


class CannotIsolateError(Exception):
    """The machine does not let us make namespaces."""


def entered() -> bool:
    """Tell whether this process runs in a test namespace."""
    return os.environ.get(_MARK, "").partition(" ")[0] == _namespace()


def folder() -> Path:
    """Return the session's folder: in memory, with a short path, gone with the session."""
    enter()
    return Path(os.environ[_MARK].partition(" ")[2])


def enter() -> None:
    """Move this process, and all that it starts from now on, into a namespace of its own; once."""
    global _guard  # noqa: PLW0603  # there is one namespace in a process
    if entered():
        return
    if threading.current_thread() is not threading.main_thread():
        raise CannotIsolateError("only the main thread can take its process into a namespace")
    root = Path(tempfile.mkdtemp(prefix="ws9-", dir="/tmp"))
    try:
        _unshare()
        _mount("none", "/", "--make-rslave")
        _mount("none", "/run", "--types=tmpfs", "--options=mode=755")
        _mount("none", str(root), "--types=tmpfs", "--options=mode=755")
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as problem:
        with contextlib.suppress(OSError):
            root.rmdir()
        detail = problem.stderr if isinstance(problem, subprocess.CalledProcessError) else str(problem)
        raise CannotIsolateError(f"no namespace for the tests: {detail.strip()}") from problem
    for name, mode in (("lock", 0o1777), ("sshd", 0o755), ("user", 0o755)):
        Path("/run", name).mkdir()
        Path("/run", name).chmod(mode)
    os.environ[_MARK] = f"{_namespace()} {root}"
    # Engines, registries and each Compose are written in Go; by itself the last spends half its time freeing memory.
    os.environ.setdefault("GOGC", "400")
    _guard = subprocess.Popen(
        [sys.executable, "-m", "support.guard", str(os.getpid()), str(root)],
        cwd=Path(__file__).parents[1],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    atexit.register(leave)


def problem() -> str:
    """Enter, and say why that is impossible; empty if it is not."""
    try:
        enter()
    except CannotIsolateError as reason:
        return f"{reason}; a container would need --privileged"
    return ""


def all_powers() -> bool:
    """Tell whether this machine lets us have every capability, as a privileged container wants."""
    last = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
    status = Path("/proc/self/status").read_text()
    bounds = next(line.split()[1] for line in status.splitlines() if line.startswith("CapBnd:"))
    return int(bounds, 16) == (2 << last) - 1


def members() -> set[int]:
    """List the processes that run in the session's namespace."""
    here = _namespace()
    return set(processes.select(lambda entry: os.readlink(f"{entry}/ns/mnt") == here))  # noqa: PTH115  # often done


def leave() -> None:
    """End every process that the session has left, and remove its folder and mounts."""
    global _guard
    guard, _guard = _guard, None
    if guard and os.environ[_MARK]:
        guard.send_signal(signal.SIGTERM)
        guard.wait()


def _namespace() -> str:
    return str(Path("/proc/self/ns/mnt").readlink())


def _unshare() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS | _CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _mount(source: str, target: str, *options: str) -> None:
    command = ["mount", *options, target] if "--make-rslave" in options else ["mount", *options, source, target]
    subprocess.run(command, check=True, capture_output=True, text=True)
