"""Data that was half brought back, or not at all: what a recovery and a later way back make of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import Shop, Told
from migrations import content, failing, held, migrating, opened, returning, roles, update
from virtual_time import virtual
from ws9tui.core.model.terms import Choice, Outcome, Verb
from ws9tui.core.store import backup as backups
from ws9tui.simulation.engine import Fault
from ws9tui.words import commands, outcome, panes_commit, safety

pytestmark = pytest.mark.slow


@virtual
async def test_a_restore_that_differs_needs_recovery_which_brings_it_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(shop)
    failing(shop)
    # The engine takes the archive and does not unpack it: what is read back is not what was saved.
    monkeypatch.setattr(shop.engine.data, "write", returning(None))
    told = await update(shop, backup=("db",))
    assert told.outcome is Outcome.NEEDS_RECOVERY
    assert told.finished.problem
    assert told.finished.problem.facts["reason"] == "restore-differs"
    assert any("--back" in command for command in told.finished.commands)
    assert held(shop) == []
    monkeypatch.undo()
    back = await shop.run(verb=Verb.RECOVER, recover="back")
    assert back.outcome is Outcome.ROLLED_BACK
    assert content(shop) == {"schema": "1"}
    assert roles(shop) == ["before", "after"], "what is half restored is not saved again"


@virtual
async def test_another_generation_is_chosen_while_a_restore_is_half_done(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(shop)
    failing(shop)
    monkeypatch.setattr(shop.engine.data, "write", returning(None))
    told = await update(shop, backup=("db",))
    assert told.outcome is Outcome.NEEDS_RECOVERY
    assert content(shop) == {}
    monkeypatch.undo()
    back = await shop.run(verb=Verb.RECOVER, to=1)
    assert back.outcome is Outcome.KEPT
    assert content(shop) == {"schema": "1"}
    assert shop.versions()["db"] == "16.1"


@virtual
async def test_half_restored_data_that_was_left_can_be_brought_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(shop)
    failing(shop)
    monkeypatch.setattr(shop.engine.data, "write", returning(None))
    assert (await update(shop, backup=("db",))).outcome is Outcome.NEEDS_RECOVERY
    monkeypatch.undo()
    left = await shop.run(verb=Verb.RECOVER, recover="leave")
    assert left.outcome is Outcome.LEFT
    assert content(shop) == {}
    commands.stand_at(left.state)
    said = outcome.message(left.finished, left.state)
    assert "it is incomplete. Restore it before anything uses it: 'ws9tui rollback shop --to 1 --data'." in said
    assert safety.line(left.state).endswith("This run changed nothing. This run has ended.")
    back = await shop.run(verb=Verb.ROLLBACK, to=1, data=True)
    assert back.outcome is Outcome.KEPT, back.finished
    assert content(shop) == {"schema": "1"}
    assert shop.versions()["db"] == "16.1"


@virtual
async def test_a_way_back_without_saved_data_says_so(shop: Shop) -> None:
    await opened(shop)
    migrating(shop, exits_after=0.2, exit_code=3)
    told = await update(shop, no_backup=True, on_failure="hold")
    assert told.outcome is Outcome.NEEDS_RECOVERY
    seen = await shop.run(verb=Verb.RECOVER, recover="back", plan_only=True)
    assert "recover-data-stays" in seen.found()
    body = panes_commit.recover_body(Choice.BACK, seen.state)
    assert "the earlier version may refuse that data" in " ".join(body)


def as_of_an_older_version(told: Told) -> None:
    """Make its plan's operations those of a version that did not have the data and half-made containers among them."""
    journal = told.folder / "journal.jsonl"
    lines = [json.loads(line) for line in journal.read_bytes().splitlines()]
    for event in lines:
        if event["type"] == "planned":
            since = ("backup", "restore", "remove-twin", "rename-twin")
            event["plan"]["operations"] = [op for op in event["plan"]["operations"] if op["kind"] not in since]
            for operation in event["plan"]["operations"]:
                operation.pop("task", None)
    journal.write_text("".join(json.dumps(event) + "\n" for event in lines))


@virtual
@pytest.mark.parametrize("way", ["back", "forward"])
async def test_what_an_older_version_has_left_is_recovered(shop: Shop, way: str) -> None:
    await opened(shop)
    if way == "back":
        failing(shop)
    else:
        migrating(shop)
        shop.world.faults = [Fault(call="read", nth=1, times=1)]
    told = await update(shop, backup=("db",), on_failure="hold")
    assert told.outcome is Outcome.NEEDS_RECOVERY
    as_of_an_older_version(told)
    again = await shop.run(verb=Verb.RECOVER, recover=way)
    assert (again.outcome, again.code) == (Outcome.ROLLED_BACK if way == "back" else Outcome.KEPT, "")
    assert content(shop) == {"schema": "1" if way == "back" else "2"}
    assert roles(shop) == (["before", "after"] if way == "back" else ["before"])


@virtual
async def test_a_recovery_keeps_its_copies_where_the_others_are(shop: Shop, tmp_path: Path) -> None:
    await opened(shop)
    migrating(shop, exits_after=0.2, exit_code=3)
    told = await update(shop, backup=("db",), backup_dir=str(tmp_path / "disk"), on_failure="hold")
    assert told.outcome is Outcome.NEEDS_RECOVERY
    back = await shop.run(verb=Verb.RECOVER, recover="back")
    assert back.outcome is Outcome.ROLLED_BACK
    assert "recover-with-data" in back.found()
    assert content(shop) == {"schema": "1"}
    assert [Path(b.folder).parts[-4] for b in backups.all_of(shop.state)] == ["disk", "disk"]
