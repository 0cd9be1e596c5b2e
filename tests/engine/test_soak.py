"""Updates again and again leave nothing that grows: the first of the soak's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import lanes, proofs

if TYPE_CHECKING:
    from support.dockerd import Dockerd

SOAK = Path(__file__).parents[1] / "proofs" / "soak.py"
UPDATES = 12
PATIENCE = 600.0
pytestmark = pytest.mark.engine


def test_nothing_grows(clean_engine: Dockerd) -> None:
    clean_engine.terminate()  # the soak has an engine of its own, in a namespace of its own
    done = subprocess.run(
        [sys.executable, SOAK, f"--updates={UPDATES}"],
        env=lanes.outside(),
        stdout=subprocess.PIPE,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:]
    assert f": {UPDATES} updates, 1 of them rolled back by themselves, " in done.stdout.splitlines()[-1]
    proofs.count("soak", "updates", UPDATES)
