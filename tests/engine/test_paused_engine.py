"""An engine that is paused, or answers late: every wait ends, what is said is clear, and nothing is lost."""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from test_pull_faults import SLOW, Ground, deploy

from support import projects
from support.attended import operator
from support.deployed import Deployed
from support.wait import until
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.faultproxy import FaultProxy
    from support.registry import Registry

CALL = 30.0
"""seconds after which a call to the engine is given up"""


@contextmanager
def paused(engine: Dockerd) -> Iterator[None]:
    engine.pause()
    try:
        yield
    finally:
        engine.resume()


def away(seconds: float) -> None:
    """Let the engine be away for so long."""
    end = time.monotonic() + seconds
    until(lambda: time.monotonic() > end, seconds + 10, "it was away for a while")


def test_an_engine_that_is_paused_before_a_run(pair: Deployed) -> None:
    """Said once the first call has had its time; the two commands wait beside each other."""
    pair.offer()
    with paused(pair.engine):
        began = time.monotonic()
        running = [pair.start(), pair.cli.start("doctor", "pair", "--json")]
        said = [one.wait(3 * CALL) for one in running]
        assert CALL - 1 < time.monotonic() - began < CALL + 30
    for one in said:
        one.ended("refused", 3)
        assert one.finished["problem"]["code"] == "engine-timeout"
        assert "did not answer in time" in one.message
    pair.assert_untouched()
    assert pair.cli.runs() == []


def test_an_engine_that_is_paused_in_the_middle_of_the_commit(pair: Deployed) -> None:
    """Neither Compose nor the watch gives up on an engine that answers again after a while."""
    pushed = pair.offer()
    running = pair.start()
    folder = until(lambda: pair.cli.runs()[-1:], 20, "there is a run")[0]
    until((folder / "journal.jsonl").exists, 10, "it has a journal")
    with operator(folder) as run:
        for when in ("in the step", "in the watch"):
            if when == "in the step":
                run.until(e.ContainerStep, lambda step: step.service == "db" and step.text == "Recreate")
            else:
                run.until(e.WatchStarted)
            with paused(pair.engine):
                away(4)
        assert run.finished.outcome is Outcome.KEPT
    running.wait()
    pair.assert_new(pushed)


# --- in the middle of a pull --------------------------------------------------------------------------------------


@pytest.fixture
def ground(clean_engine: Dockerd, registry: Registry, proxy: FaultProxy, tmp_path: Path) -> Ground:
    """Return a project whose next images come slowly."""
    made = deploy(clean_engine, registry, proxy, tmp_path)
    proxy.throttle(SLOW)
    return made


def test_a_pull_whose_engine_is_paused_goes_on_with_it(ground: Ground) -> None:
    """That no byte comes is said, and that it is the engine which is silent."""
    run = ground.start_pull("app=1.1.0", "--stall-timeout", "14s")
    with paused(ground.engine):
        stalled = run.until("pull-stalled", reference=ground.reference("app"))
    assert stalled["away"]
    ground.proxy.clear()
    said = run.wait().ended("kept", 0)
    assert [event["attempt"] for event in said.of("pull-started")] == [1]
    assert "does not answer" in ground.cli.run("history", "p", "1").out
    projects.assert_no_drift(ground.engine, ground.project)


def test_a_pull_whose_engine_stays_paused_ends(ground: Ground) -> None:
    """It is not taken for a registry that is slow: nothing is tried again, and what came is gone afterwards."""
    before = ground.snapshot()
    run = ground.start_pull("app=1.1.0", "web=1.1.0", "--stall-timeout", "4s")
    with paused(ground.engine):
        failed = [run.until("pull-failed") for _ in range(2)]
    assert {event["problem"]["code"] for event in failed} == {"engine-timeout"}
    said = run.wait().ended("unchanged", 1)
    assert not said.of("pull-retried")
    for words in ("did not answer in time", "Nothing was changed"):
        assert words in said.message
    ground.proxy.clear()
    ground.untouched(before)


def test_a_cancel_while_the_engine_is_paused(ground: Ground) -> None:
    """It is heard at once; the engine takes back what came as soon as it answers again."""
    before = ground.snapshot()
    run = ground.start_pull("app=1.1.0", "web=1.1.0", "--stall-timeout", "6s")
    with paused(ground.engine):
        run.until("pull-stalled")
        run.signal(signal.SIGINT)
        run.until("decided", choice="cancel", timeout=2)
    said = run.wait(10).ended("cancelled", 130)
    assert "nothing was changed" in said.message
    ground.proxy.clear()
    ground.untouched(before)
