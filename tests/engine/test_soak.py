"""Updates again and again leave nothing that grows: the first of the soak's."""

from __future__ import annotations

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
    last = lanes.closing(SOAK, f"--updates={UPDATES}", within=PATIENCE)
    assert f": {UPDATES} updates, 1 of them rolled back by themselves, " in last
    proofs.count("soak", "updates", UPDATES)
