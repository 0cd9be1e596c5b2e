"""A process that outlives the test session, however that ends, and removes what is left of it."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType

from . import processes


class _Told(BaseException):
    """The session says that it ends."""


def main(session: int, root: Path) -> None:
    """Wait until the session says that it ends, or has ended, and sweep."""

    def told(_signal: int, _frame: FrameType | None) -> None:
        raise _Told

    for sig in (signal.SIGINT, signal.SIGHUP):
        signal.signal(sig, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, told)
    with contextlib.suppress(_Told, ProcessLookupError):
        select.select([os.pidfd_open(session)], [], [])
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sweep(root, {os.getpid(), session})


def sweep(root: Path, spared: set[int]) -> None:
    """End every process in this namespace and in the session's containers, then remove mounts and files."""
    here = Path("/proc/self/ns/mnt").readlink()
    network = Path("/proc/self/ns/net").readlink()

    def leftovers() -> list[int]:
        def ours(entry: Path) -> bool:
            return here == (entry / "ns/mnt").readlink() or network == (entry / "ns/net").readlink()

        return [pid for pid in processes.select(ours) if pid not in spared]

    processes.kill_all(leftovers, "the processes of the test session")
    processes.remove_cgroups(f"{root.name}*")
    processes.unmount_below(root)
    shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
