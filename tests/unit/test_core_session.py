"""What a session hears of its operators: also what was sent for a question that is being looked into."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.journal.journal import Journal
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import Actor, Choice, Question, Verb
from ws9tui.core.session import Session
from ws9tui.core.store.store import Store
from ws9tui.simulation.engine import SimulatedCompose, SimulatedEngine, World
from ws9tui.simulation.programs import SimulatedPrograms

ME = Actor("operator")
CHOICES = (Choice.GO, Choice.CHECK, Choice.CANCEL)


@virtual
async def test_a_second_wish_is_not_lost_while_the_first_is_looked_into(tmp_path: Path) -> None:
    store = Store(tmp_path / "state").open()
    folder = store.new_run()
    journal = Journal(folder)
    request = e.RunRequested(
        verb=Verb.UPDATE, options=Options(), actor=ME, version="1", folder=str(tmp_path), attended=True
    )
    world = World()
    ports = SimulatedEngine(world), SimulatedCompose(world), SimulatedPrograms(world)
    session = Session(store, folder, request, journal, *ports)
    listening = asyncio.create_task(session.listen())
    try:
        for tag in ("2.0", ""):  # both are sent for the first question, which is the one that the operator saw
            journal.append(e.Decision(ask=1, choice=Choice.CHECK, actor=ME, references={"web": tag}))
        heard = [await session.ask(Question.SELECT, CHOICES, Choice.CANCEL, seconds=60.0) for _ in range(2)]
    finally:
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        journal.close()
        session._reader.close()
    assert [decision.references["web"] for decision in heard] == ["2.0", ""]
