"""The recordings are what the program says today; else: python3 tests/record.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from recordings import FOLDER

pytestmark = pytest.mark.slow

RECORD = Path(__file__).resolve().parents[1] / "record.py"


def test_recordings_are_current(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(RECORD), str(tmp_path / "anew")], check=True, timeout=300)
    made = {file.name: file.read_bytes() for file in (tmp_path / "anew").iterdir()}
    found = {file.name: file.read_bytes() for file in FOLDER.iterdir()}
    stale = sorted(name for name in made.keys() | found.keys() if made.get(name) != found.get(name))
    assert not stale, f"run python3 tests/record.py: {', '.join(stale)}"
