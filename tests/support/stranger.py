"""Another user of the machine, who is not trusted and may write in some folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

STRANGER = 65534
"""nobody"""


def does(script: str, folder: Path) -> str:
    """Let the stranger run a shell script in a folder, and return what it says."""
    command = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups", "sh", "-ec", script]
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def begins(script: str, folder: Path) -> subprocess.Popen[bytes]:
    """Let the stranger begin to run a shell script in a folder."""
    command = ["setpriv", f"--reuid={STRANGER}", f"--regid={STRANGER}", "--clear-groups", "sh", "-c", script]
    return subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL)
