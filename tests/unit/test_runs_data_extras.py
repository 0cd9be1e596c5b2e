"""What data has besides its content, and how much room it takes, when it is saved and brought back."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import GO, ME, Shop, Told
from migrations import DATA, content, failing, migrating, opened, returning, roles, update, written
from virtual_time import virtual
from ws9tui.core.fs.xattrs import Extras
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb
from ws9tui.core.store import backup as backups
from ws9tui.errors import StateError

pytestmark = pytest.mark.slow


def warned(told: Told) -> list[str]:
    return [found.finding.problem.code for found in told.all(e.Found)]


@virtual
async def test_too_little_room_refuses_before_the_commit(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await opened(shop)
    migrating(shop)
    before = shop.everything()
    monkeypatch.setattr(backups, "room", lambda _: 1000)
    told = await update(shop, backup=("db",))
    assert (told.outcome, told.code) == (Outcome.REFUSED, "backup-no-room")
    assert shop.everything() == before
    assert content(shop) == {"schema": "1"}

    answers = iter([None, ()])

    def script(asked: e.Asked) -> Choice | e.Decision | None:
        if asked.question is Question.CONFIRM:
            return e.Decision(ask=0, choice=Choice.GO, actor=ME, backups=next(answers))
        return GO(asked)

    told = await update(shop, script, backup=("db",))
    assert told.outcome is Outcome.KEPT
    assert "backup-no-room" in told.found()
    assert roles(shop) == []


@virtual
async def test_no_room_to_put_aside_is_said_and_the_data_goes_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await opened(shop)
    failing(shop)
    original = backups.BackupWriter.write
    folders: list[Path] = []

    def full(writer: backups.BackupWriter, chunk: bytes) -> None:
        folders.append(writer._path.parent)
        if "-after-" in writer._path.parent.name:
            raise backups._failed(writer._path, OSError(28, "No space left on device"))
        original(writer, chunk)

    monkeypatch.setattr(backups.BackupWriter, "write", full)
    told = await update(shop, backup=("db",))
    assert told.outcome is Outcome.ROLLED_BACK
    assert content(shop) == {"schema": "1"}
    assert "after-copy-missing" in told.found()
    assert roles(shop) == ["before"]


@virtual
async def test_extended_attributes_and_holes_go_with_the_data(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await opened(shop)
    failing(shop)
    has = (Extras(b"schema", {"user.mark": b"1"}), Extras(b"sparse", {}, ((0, 4096),), 1 << 20))
    monkeypatch.setattr(shop.engine.data, "extras", returning(has))
    put: list[tuple[Extras, ...]] = []

    async def taken(_: str, __: str, wanted: tuple[Extras, ...]) -> tuple[Extras, ...]:
        put.append(wanted)
        return wanted

    monkeypatch.setattr(shop.engine.data, "put_extras", taken)
    told = await update(shop, backup=("db",))
    assert told.outcome is Outcome.ROLLED_BACK
    assert put == [has]
    assert not {"extras-not-saved", "extras-not-restored", "holes-not-restored"} & set(warned(told))
    for backup in backups.all_of(shop.state):
        (Path(backup.folder) / backup.parts[0].extras).write_bytes(b"[]")
        with pytest.raises(StateError) as caught:
            backups.check(backup)
        assert caught.value.problem.code == "backup-damaged"


@virtual
@pytest.mark.parametrize(
    ("found", "outcome", "code"),
    [
        (None, Outcome.ROLLED_BACK, "extras-not-restored"),
        ((Extras(b"schema", {"user.mark": b"1"}),), Outcome.ROLLED_BACK, "holes-not-restored"),
        ((Extras(b"sparse", {}, ((0, 4096),), 1 << 20),), Outcome.NEEDS_RECOVERY, "restore-differs"),
    ],
)
async def test_extras_that_do_not_come_back_are_told(
    shop: Shop,
    monkeypatch: pytest.MonkeyPatch,
    found: tuple[Extras, ...] | None,
    outcome: Outcome,
    code: str,
) -> None:
    await opened(shop)
    failing(shop)
    has = (Extras(b"schema", {"user.mark": b"1"}), Extras(b"sparse", {}, ((0, 4096),), 1 << 20))
    monkeypatch.setattr(shop.engine.data, "extras", returning(has))
    monkeypatch.setattr(shop.engine.data, "put_extras", returning(found))
    told = await update(shop, backup=("db",))
    assert told.outcome is outcome
    told_of = [*warned(told), told.finished.problem.facts.get("reason") if told.finished.problem else ""]
    assert code in told_of


@virtual
async def test_extras_that_cannot_be_seen_are_told_in_the_plan(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await opened(shop)
    migrating(shop)
    monkeypatch.setattr(shop.engine.data, "sees", returning(False))
    monkeypatch.setattr(shop.engine.data, "extras", returning(None))
    told = await update(shop, backup=("db",))
    assert told.outcome is Outcome.KEPT
    assert told.state.plan
    [note] = [note for note in told.state.plan.notes if note.code == "extras-not-saved"]
    assert note.facts == {"service": "db", "target": "/data"}
    assert [part.extras for backup in backups.all_of(shop.state) for part in backup.parts] == [""]


@virtual
async def test_nothing_is_taken_away_for_what_would_not_fit(shop: Shop) -> None:
    await opened(shop)
    await written(shop, "rows", "x" * 100_000)
    migrating(shop)
    assert (await update(shop, backup=("db",))).outcome is Outcome.KEPT
    del shop.world.data[DATA]["rows"]
    before = content(shop)
    shop.world.disk_free = (1000, 1_000_000)
    told = await shop.run(verb=Verb.ROLLBACK, to=1, data=True)
    assert told.outcome is Outcome.ROLLED_BACK
    assert told.state.failure
    assert told.state.failure.code == "restore-no-room"
    assert content(shop) == before
    assert shop.versions()["db"] == "16.2"


@virtual
async def test_holes_free_no_room(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await opened(shop)
    await written(shop, "sparse", "x" * 100_000)
    migrating(shop)
    monkeypatch.setattr(shop.engine.data, "extras", returning((Extras(b"sparse", {}, ((0, 4096),), 100_000),)))
    assert (await update(shop, backup=("db",))).outcome is Outcome.KEPT
    shop.world.disk_free = (1000, 1_000_000)
    told = await shop.run(verb=Verb.ROLLBACK, to=1, data=True)
    assert told.state.failure
    assert told.state.failure.code == "restore-no-room"
    assert int(told.state.failure.facts["needed"]) == 100_000 - 4096
