"""What a test needs of the machine: without it the test is skipped, or fails where none may be skipped."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user, or give a file away")
needs_compose = pytest.mark.skipif(not shutil.which("docker-compose"), reason="it needs the docker-compose command")


def need(lacking: str) -> None:
    """Skip this test for what is lacking, or fail it on a machine that shall have all; do nothing if nothing is."""
    if lacking:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(lacking)


def compose(folder: Path, *arguments: str) -> str:
    """Return what Compose says in a folder, where it has no variables but those of files."""
    command = Path(shutil.which("docker-compose") or "")
    env = {"PATH": str(command.parent)}
    return subprocess.run([command, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=True).stdout
