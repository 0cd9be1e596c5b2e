"""Wherever an update is killed, a recovery reaches the old or the new generation: the quick sweep."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import lanes, proofs

if TYPE_CHECKING:
    from support.dockerd import Dockerd

SWEEP = Path(__file__).parents[1] / "proofs" / "kill_sweep.py"
PATIENCE = 1500.0
pytestmark = [pytest.mark.engine, pytest.mark.both_stores]


def test_a_run_that_is_killed_anywhere(clean_engine: Dockerd) -> None:
    clean_engine.terminate()  # the sweep has engines of its own; this one would only take their time
    last = lanes.closing(SWEEP, "--quick", "--share", f"--store={clean_engine.store}", within=PATIENCE)
    figures = re.match(r"kill sweep .*: (\d+) kill points, .*, 0 failed, ", last)
    assert figures, last
    assert int(figures[1]) >= 20
    proofs.count("kill sweep", "kill points of the quick sweep", int(figures[1]))
