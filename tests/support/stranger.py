"""Another user of the machine, who is not trusted and may write in some folder."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from .wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

STRANGER = 65534
"""nobody"""
_AS_STRANGER = ("setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups")


def does(script: str, folder: Path) -> str:
    """Let the stranger run a shell script in a folder, and return what it says."""
    command = [*_AS_STRANGER, "sh", "-ec", script]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextlib.contextmanager
def goes_on(script: str, folder: Path) -> Iterator[None]:
    """Let the stranger run a shell script in a folder until the block ends, and nothing of it afterwards."""
    command = [*_AS_STRANGER, "sh", "-c", script]
    shell = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, start_new_session=True)

    def over() -> bool:
        try:
            os.killpg(shell.pid, signal.SIGKILL)
        except ProcessLookupError:
            return True
        return False

    try:
        yield
    finally:
        over()
        shell.wait()
        until(over, 10, "what the stranger had begun has ended")
