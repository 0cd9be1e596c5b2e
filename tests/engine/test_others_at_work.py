"""Somebody else works on the project while it is updated: what was promised holds, and the run ends as it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import lanes, projects, proofs
from support.attended import operator
from support.deployed import Deployed
from ws9tui.core.journal import events as e

if TYPE_CHECKING:
    from support.dockerd import Dockerd

SWEEP = Path(__file__).parents[1] / "proofs" / "others_sweep.py"
PATIENCE = 900.0
LONG_PATIENCE = 6 * 3600.0
pytestmark = [pytest.mark.engine, pytest.mark.both_stores]


@pytest.mark.any_store(reason="what a `down` removes, networks and containers, has no part in the image store")
def test_a_down_in_the_middle_is_no_end(pair: Deployed) -> None:
    """All that it has removed is made again, the network too, which then stays."""
    pair.offer()
    running = pair.start("--monitor", "20s")
    with operator(pair.cli.begun()) as run:
        run.until(e.WatchStarted)
        projects.compose(pair.engine, pair.project.folder, "down")
        said = running.wait().ended("rolled-back", 1)
    assert not [event for event in said.of("removed") if event["kind"] == "network"]
    assert pair.cli.json("recover", "pair").ended("usage", 2)
    projects.wait_well(pair.engine, pair.project)
    assert pair.images() == {name: pair.before.facts[f"container {name}/image"] for name in pair.images()}
    projects.assert_no_drift(pair.engine, pair.project)


@pytest.mark.sample(1, reason="the other engine has its share of the same steps")
def test_somebody_else_does_something_at_a_step(clean_engine: Dockerd, pytestconfig: pytest.Config) -> None:
    """Some cases of the sweep, half of them on each engine; with --full all on both."""
    clean_engine.terminate()  # the sweep has an engine of its own, in a namespace of its own
    full = pytestconfig.getoption("full")
    options = [] if full else ["--quick", "--share", "--lanes=1"]
    last = lanes.closing(SWEEP, *options, f"--store={clean_engine.store}", within=LONG_PATIENCE if full else PATIENCE)
    figures = re.match(r"others at work .*: (\d+) cases, .* 0 failed, ", last)
    assert figures, last
    proofs.count("others at work", f"cases of the {'full' if full else 'quick'} sweep", int(figures[1]))
