"""Wherever an update is killed, a recovery reaches the old or the new generation.

Of the points of the sweep each engine has half of a few of every sort; with --full both have all.
"""

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
LONG_PATIENCE = 6 * 3600.0
pytestmark = [pytest.mark.engine, pytest.mark.both_stores, pytest.mark.long]


def test_a_run_that_is_killed_anywhere(clean_engine: Dockerd, pytestconfig: pytest.Config) -> None:
    clean_engine.terminate()  # the sweep has engines of its own; this one would only take their time
    full = pytestconfig.getoption("full")
    options = [] if full else ["--quick", "--share", "--lanes=1"]
    last = lanes.closing(SWEEP, *options, f"--store={clean_engine.store}", within=LONG_PATIENCE if full else PATIENCE)
    figures = re.match(r"kill sweep .*: (\d+) kill points, .*, 0 failed, ", last)
    assert figures, last
    assert int(figures[1]) >= 13
    proofs.count("kill sweep", f"kill points of the {'full' if full else 'quick'} sweep", int(figures[1]))
