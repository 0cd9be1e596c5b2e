"""The progress of a pull: figures never fall, whatever the engine sends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws9tui.core.images.progress import PullProgress, Rate
from ws9tui.core.model.observed import PullEvent

STATUSES = (
    "Pulling fs layer",
    "Waiting",
    "Downloading",
    "Verifying Checksum",
    "Download complete",
    "Extracting",
    "Pull complete",
    "Already exists",
    "Retrying in 5 seconds",
    "",
)
EVENTS = st.builds(
    PullEvent,
    status=st.sampled_from((*STATUSES, "Pulling from shop/web", "Digest: sha256:ab", "Status: Downloaded")),
    layer=st.sampled_from(("", "a", "b", "c")),
    current=st.integers(0, 5000),
    total=st.integers(0, 4000),
)


def after(*events: tuple[str, str, int, int]) -> PullProgress:
    progress = PullProgress()
    for status, layer, current, total in events:
        progress.add(PullEvent(status, layer, current, total))
    return progress


@given(st.lists(EVENTS, max_size=60))
def test_figures_never_fall(events: list[PullEvent]) -> None:
    progress = PullProgress()
    before = (0, 0, 0.0)
    for event in events:
        progress.add(event)
        now = (progress.done, progress.total, progress.fraction)
        assert all(one <= other for one, other in zip(before, now, strict=True))
        assert 0 <= progress.fraction <= 1
        assert 0 <= progress.layers_done <= len(progress.layers) <= 3
        assert progress.phase in ("waiting", "downloading", "verifying", "extracting")
        before = now


@given(st.lists(EVENTS, max_size=30))
def test_all_layers_done_is_all(events: list[PullEvent]) -> None:
    progress = PullProgress()
    for event in events:
        progress.add(event)
    progress.add(PullEvent("Pull complete", "a"))
    for layer in list(progress.layers):
        progress.add(PullEvent("Pull complete", layer))
    assert progress.fraction == pytest.approx(1)
    assert progress.layers_done == len(progress.layers)


def test_a_pull_from_beginning_to_end() -> None:
    progress = after(
        ("Pulling from shop/web", "latest", 0, 0),
        ("Already exists", "a", 0, 0),
        ("Pulling fs layer", "b", 0, 0),
        ("Pulling fs layer", "c", 0, 0),
    )
    assert (progress.phase, progress.layers_done, len(progress.layers)) == ("waiting", 1, 3)
    assert progress.fraction == 0
    progress.add(PullEvent("Downloading", "b", 500, 1000))
    assert (progress.phase, progress.done, progress.total) == ("downloading", 500, 1000)
    assert progress.fraction == pytest.approx(350 / 2000)
    progress.add(PullEvent("Verifying Checksum", "b"))
    assert (progress.phase, progress.done) == ("verifying", 1000)
    progress.add(PullEvent("Download complete", "b"))
    progress.add(PullEvent("Downloading", "c", 3000, 3000))
    progress.add(PullEvent("Download complete", "c"))
    progress.add(PullEvent("Extracting", "b", 1000, 1000))
    assert progress.phase == "extracting"
    assert progress.done == progress.total == 4000
    progress.add(PullEvent("Pull complete", "b"))
    progress.add(PullEvent("Extracting", "c", 1500, 3000))
    assert 0.85 < progress.fraction < 0.95
    progress.add(PullEvent("Pull complete", "c"))
    progress.add(PullEvent("Digest: sha256:ab "))
    assert (progress.fraction, progress.layers_done) == (1, 3)


def test_seconds_of_an_extraction_are_no_bytes() -> None:
    progress = after(("Downloading", "a", 100, 100), ("Extracting", "a", 7, 0))
    assert progress.fraction == pytest.approx(0.7)


def test_another_attempt_begins_where_the_first_was() -> None:
    progress = after(("Downloading", "a", 900, 1000), ("Downloading", "a", 10, 1000))
    assert (progress.done, progress.total) == (900, 1000)


def test_the_rate_is_that_of_the_last_seconds() -> None:
    rate = Rate()
    assert rate.add(0, 0) == 0
    assert rate.add(0, 100) == 0
    assert rate.add(1, 1000) == 1000
    for second in range(2, 10):
        last = rate.add(second, 1000 + (second - 1) * 100)
    assert last == 100
    assert rate.add(100, 1800) == pytest.approx(0, abs=5)
