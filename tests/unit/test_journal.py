"""The journal and its fold: torn and damaged lines, several writers, claims, and every prefix of a run."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings import recording
from takes import TAKES
from ws9tui.core.journal import events as e
from ws9tui.core.journal.fold import apply, fold
from ws9tui.core.journal.journal import JOURNAL, Journal, Reader
from ws9tui.core.journal.run_state import Changed, Phase, RunState
from ws9tui.core.model.terms import Outcome
from ws9tui.errors import StateError

WRITERS, EACH = 4, 150


def said(folder: Path) -> list[e.Event]:
    reader = Reader(folder)
    try:
        return reader.read()
    finally:
        reader.close()


def write_many(folder: Path, writer: int) -> None:
    journal = Journal(folder)
    for number in range(EACH):
        journal.append(e.LogLine(service=str(writer), line=f"{number} " + "x" * (writer * 997)), sync=False)
    journal.close()


@pytest.mark.slow
def test_several_processes_append_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_many, args=(tmp_path, number)) for number in range(WRITERS)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    found = [event for event in said(tmp_path) if isinstance(event, e.LogLine)]
    for number in range(WRITERS):
        lines = [event.line.split()[0] for event in found if event.service == str(number)]
        assert lines == [str(line) for line in range(EACH)]


def test_torn_damaged_and_unknown_lines_are_passed_over(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    reader = Reader(tmp_path)
    journal.append(e.WorkerStarted(pid=1))
    with (tmp_path / JOURNAL).open("ab") as file:
        file.write(b'{"type":"from-a-newer-version"}\n\xff\xfe\n[]\n{"type":"worker-started"}\n{"type":"wor')
    assert [type(event) for event in reader.read()] == [e.WorkerStarted]
    assert reader.damaged == 4
    journal.append(e.WorkerStarted(pid=2))
    assert reader.read() == [event for event in said(tmp_path) if isinstance(event, e.WorkerStarted) and event.pid == 2]
    assert reader.damaged == 5
    reader.close()
    journal.close()


def test_a_record_is_read_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL
    line = e.encode(e.WorkerStarted(pid=1, at="now"))
    path.write_bytes(line[:9])
    reader = Reader(tmp_path)
    assert reader.read() == []
    path.write_bytes(line + b"\n")
    assert reader.read() == [e.WorkerStarted(pid=1, at="now")]
    reader.close()


def test_a_run_that_has_finished_is_nobodys(tmp_path: Path) -> None:
    """Its process may hang in something for a while yet."""
    journal, reader = Journal(tmp_path), Reader(tmp_path)
    assert journal.claim()
    journal.append(e.Finished(outcome=Outcome.NEEDS_RECOVERY))
    assert reader.live()
    reader.read()
    assert not reader.live()
    assert reader.read() == []
    assert not reader.live()
    journal.close()
    reader.close()


def test_a_run_has_one_worker(tmp_path: Path) -> None:
    first, second = Journal(tmp_path), Journal(tmp_path)
    reader = Reader(tmp_path)
    assert not reader.live()
    assert first.claim()
    assert not second.claim()
    assert reader.live()
    first.close()
    assert not reader.live()
    assert second.claim()
    second.close()
    reader.close()


def test_a_journal_that_is_a_link_or_not_there(tmp_path: Path) -> None:
    with pytest.raises(StateError):
        Reader(tmp_path)
    (tmp_path / JOURNAL).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateError):
        Journal(tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def test_a_journal_is_private(tmp_path: Path) -> None:
    Journal(tmp_path).close()
    assert (tmp_path / JOURNAL).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", TAKES)
def test_every_event_of_a_recorded_run_keeps_the_state_consistent(name: str) -> None:
    state = RunState()
    for event in recording(name):
        before, state = state, apply(state, event)
        assert state.count == before.count + 1
        assert state.safety.running <= max(len(state.services), len(state.watched))
        assert (state.phase is Phase.FINISHED) is (state.finished is not None)
        assert all(old.done <= state.pulls[key].done for key, old in before.pulls.items())
        assert before.failure is None or state.failure == before.failure
        assert state.changed is not Changed.RESTORED or state.verified is not None
        assert e.decode(e.encode(event)) == event
    assert state == fold(recording(name))


@given(st.data())
def test_no_part_of_a_run_in_any_order_breaks_the_fold(data: st.DataObject) -> None:
    events = recording(data.draw(st.sampled_from(sorted(TAKES))))
    some = data.draw(st.lists(st.sampled_from(events), max_size=40))
    state = fold(some)
    assert state.count == len(some)
    assert state.safety.live is not any(isinstance(event, e.Finished) for event in some)
