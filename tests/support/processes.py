"""Finding and ending processes by what the kernel says of them, never by a name."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from .wait import until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_CGROUPS = Path("/sys/fs/cgroup")


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123  # a path costs more than the reading, and it is done often
            stat = file.read()
    except OSError:
        return False
    return stat.rpartition(b")")[2].split(maxsplit=1)[0] not in b"ZX"


def parent(pid: int) -> int:
    """Return the parent of a process."""
    return int(Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[1])


def stopped(pid: int) -> bool:
    """Tell whether every thread of a process is stopped."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if (task / "stat").read_text(errors="replace").rpartition(")")[2].split()[0] != "T":
                return False
    return True


def select(wanted: Callable[[Path], bool]) -> list[int]:
    """List the running processes whose folder below /proc satisfies `wanted`."""
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208  # as above
        if name.isdigit():
            with contextlib.suppress(OSError):
                if wanted(Path("/proc", name)) and alive(int(name)):
                    found.append(int(name))
    return found


def kill(pids: Iterable[int], sig: int = signal.SIGKILL) -> None:
    """Send a signal to each process that still exists."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, sig)


def kill_all(find: Callable[[], Iterable[int]], what: str) -> None:
    """Kill what `find` lists until it lists nothing more."""

    def none_left() -> bool:
        pids = list(find())
        kill(pids)
        return not pids

    until(none_left, 20, f"{what} ended")


def mentions(text: str) -> Callable[[Path], bool]:
    """Select processes that have `text` in their command line."""
    needle = text.encode()
    return lambda entry: needle in (entry / "cmdline").read_bytes()


def workers(state: Path) -> list[int]:
    """List the detached workers of a state directory."""
    needles = [b"ws9tui.worker", str(state).encode()]

    def ours(entry: Path) -> bool:
        words = (entry / "cmdline").read_bytes().split(b"\0")
        return all(needle in words for needle in needles)

    return select(ours)


def cgroups(name: str) -> list[Path]:
    """List the cgroups with this name at the top of every hierarchy, and all below them, deepest first."""
    tops = [*_CGROUPS.glob(name), *_CGROUPS.glob(f"*/{name}")]
    # `rglob` fails where one goes meanwhile; `walk` passes over it
    found = {Path(folder) for top in tops for folder, _, _ in os.walk(top)}
    return sorted(found, key=lambda path: len(path.parts), reverse=True)


def in_cgroups(name: str) -> list[int]:
    """List the running processes in the cgroups with this name."""
    pids = set()
    for group in cgroups(name):
        with contextlib.suppress(OSError):
            pids |= {int(pid) for pid in (group / "cgroup.procs").read_text().split()}
    return sorted(pid for pid in pids if alive(pid))


def remove_cgroups(name: str) -> None:
    """Kill what runs in the cgroups with this name, then remove them."""
    kill_all(lambda: in_cgroups(name), f"the processes in cgroup {name}")

    def removed() -> bool:
        for group in cgroups(name):
            with contextlib.suppress(OSError):
                group.rmdir()
        return not cgroups(name)

    until(removed, 10, f"cgroup {name} removed")


def mounts_below(folder: Path) -> list[str]:
    """List the mount points at or below a folder, deepest first."""
    found = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        point = line.split()[4].encode().decode("unicode_escape")
        if point == str(folder) or point.startswith(f"{folder}/"):
            found.append(point)
    return found[::-1]


def unmount(point: Path) -> None:
    """Unmount a folder as soon as no process uses it any more, such as a worker that is ending."""
    command = ["umount", str(point)]
    until(lambda: subprocess.run(command, check=False, capture_output=True).returncode == 0, 30, f"{point} is released")


def unmount_below(folder: Path) -> None:
    """Unmount everything at or below a folder."""
    for point in mounts_below(folder):
        subprocess.run(["umount", "--lazy", point], check=False, capture_output=True)
