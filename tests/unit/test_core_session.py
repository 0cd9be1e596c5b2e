"""What a session hears of its operators: also what was sent for a question that is being looked into."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import pytest

from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.journal.journal import Journal
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import Actor, Choice, Question, Verb
from ws9tui.core.session import Session
from ws9tui.core.store.store import Store
from ws9tui.errors import Cancelled, StateError
from ws9tui.problems.engine import StateUnwritable
from ws9tui.simulation.engine import SimulatedCompose, SimulatedEngine, World
from ws9tui.simulation.programs import SimulatedPrograms

ME = Actor("operator")
CHOICES = (Choice.GO, Choice.CHECK, Choice.CANCEL)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    store = Store(tmp_path / "state").open()
    folder = store.new_run()
    request = e.RunRequested(
        verb=Verb.UPDATE, options=Options(), actor=ME, version="1", folder=str(tmp_path), attended=True
    )
    world = World()
    ports = SimulatedEngine(world), SimulatedCompose(world), SimulatedPrograms(world)
    with closing(Journal(folder)) as journal:
        made = Session(store, folder, request, journal, *ports)
        yield made
        made._reader.close()


@asynccontextmanager
async def listening(session: Session) -> AsyncIterator[Journal]:
    """Have it listen to its operators; yields the journal in which they write."""
    task = asyncio.create_task(session.listen())
    try:
        with closing(Journal(session.folder)) as journal:
            yield journal
        assert not task.done()
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@virtual
async def test_a_second_wish_is_not_lost_while_the_first_is_looked_into(session: Session) -> None:
    async with listening(session) as operator:
        for tag in ("2.0", ""):  # both are sent for the first question, which is the one that the operator saw
            operator.append(e.Decision(ask=1, choice=Choice.CHECK, actor=ME, references={"web": tag}))
        heard = [await session.ask(Question.SELECT, CHOICES, Choice.CANCEL, seconds=60.0) for _ in range(2)]
    assert [decision.references["web"] for decision in heard] == ["2.0", ""]


@virtual
async def test_a_cancel_is_heard_although_the_disk_is_full(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(event: e.Event, *, sync: bool = True) -> e.Event:
        raise StateError(StateUnwritable(path=str(session.folder), reason=f"{event} {sync}"))

    monkeypatch.setattr(session._journal, "append", full)
    session.walks = True
    async with listening(session) as operator:
        for choice in (Choice.PREVIOUS, Choice.CANCEL):  # nothing that is decided can be written
            operator.append(e.Decision(ask=0, choice=choice, actor=ME))
        with pytest.raises(Cancelled):
            await session.cancellable(asyncio.sleep(60))
