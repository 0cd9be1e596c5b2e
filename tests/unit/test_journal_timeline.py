"""When steps were done and services were away, as a run's events tell."""

from __future__ import annotations

import pytest

import sample_run as sample
from recordings import after, recording
from ws9tui.core.journal import events as e
from ws9tui.core.journal.timeline import Span, Timeline, What, timeline


def told(name: str) -> Timeline:
    return timeline(recording(name))


def spans(found: Timeline, service: str) -> list[tuple[str, float]]:
    (life,) = (life for life in found.lives if life.service == service)
    return [(span.what.value, round(span.seconds, 1)) for span in life.spans]


def test_each_service_is_away_for_as_long_as_was_measured() -> None:
    found, state = told("kept"), recording("kept")
    measured = {event.service: event.downtime for event in state if isinstance(event, e.ServiceWatched)}
    assert {life.service: round(life.away, 2) for life in found.lives} == measured
    assert spans(found, "deployment") == [("away", 6.0), ("checked", 21.1), ("well", 2.1)]


def test_a_way_back_is_a_second_time_away() -> None:
    found = told("rolled-back")
    assert [what for what, _ in spans(found, "deployment")] == ["away", "checked", "unwell", "away", "checked"]
    assert [what for what, _ in spans(found, "git")] == ["away", "checked", "away", "checked"]


def test_spans_lie_one_behind_the_other() -> None:
    for name in ("kept", "rolled-back", "needs-recovery", "recovered", "twelve", "gone-back", "hostile-logs"):
        for life in told(name).lives:
            ends = [span.end for span in life.spans]
            assert all(span.end >= span.start for span in life.spans)
            assert ends == sorted(ends)


def test_steps_and_pulls() -> None:
    found = told("needs-recovery")
    assert [(work.kind, work.span.what) for work in found.steps][-2:] == [("start", What.FAILED)] * 2
    assert {work.span.what for work in found.pulls} == {What.DONE}
    assert all(work.problem for work in found.steps if work.span.what is What.FAILED)
    assert What.FAILED in {work.span.what for work in told("pull-failed").pulls}


def test_what_was_cut_off_is_open_till_the_last_word() -> None:
    events = recording("kept")
    found = timeline(events[: after(e.ContainerStep)(events)])
    (step,) = (work for work in found.steps if work.kind == "recreate")
    assert step.span.what is What.OPEN
    assert spans(found, "deployment")[-1][0] == "open"


def test_a_service_that_was_started_and_not_seen_again_runs() -> None:
    events = recording("kept")
    place = next(n for n, event in enumerate(events) if isinstance(event, e.ContainerStep) and event.text == "Started")
    found = timeline(events[: place + 1])
    assert [what for what, _ in spans(found, "deployment")] == ["away", "checked"]


@pytest.mark.parametrize("at", ["", "nonsense", "9999-99-99"])
def test_times_that_are_none(at: str) -> None:
    pulled = e.PullStarted(at=at, reference="r", digest="d", services=("git",))
    assert timeline([pulled]).pulls[0].span == Span(What.OPEN, 0.0, 0.0)
    assert timeline([]) == Timeline()
    assert timeline(sample.looked()) == Timeline()
