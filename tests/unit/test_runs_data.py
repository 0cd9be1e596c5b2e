"""Runs that save data and bring it back, on the simulated engine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from bench import COMPOSE, GO, ME, Script, Shop, Told, go
from virtual_time import now, virtual
from ws9tui.core.fs.xattrs import Extras
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb
from ws9tui.core.store import backup as backups
from ws9tui.errors import StateError
from ws9tui.simulation.engine import Fault
from ws9tui.simulation.world import SimFile
from ws9tui.words import commands, outcome, panes_commit, safety

pytestmark = pytest.mark.slow

DATA = "shop_data"


async def opened(shop: Shop) -> None:
    """Have the project run, with a schema in its database."""
    await shop.install()
    shop.world.data[DATA] = {}
    await written(shop, "schema", "1")


async def written(shop: Shop, path: str, text: str) -> None:
    """Write a file into the database's volume, a while later than anything before."""
    await asyncio.sleep(100)
    shop.world.data[DATA][path] = SimFile(text, int(now()))
    await asyncio.sleep(100)


def content(shop: Shop) -> dict[str, str]:
    return {path: file.text for path, file in shop.world.data[DATA].items()}


def migrating(shop: Shop, **behaviour: Any) -> None:  # noqa: ANN401 - as Behaviour has them
    """Offer a version that writes into the data when it starts."""
    shop.behave("r.test/db:16", "16.2", writes={"/data/schema": "2"}, **behaviour)


def failing(shop: Shop) -> None:
    migrating(shop, exits_after=0.2, exit_code=3)


async def update(shop: Shop, script: Script | None = None, **options: Any) -> Told:  # noqa: ANN401 - fields of Options
    return await shop.run("db", script=script, **options)


def roles(shop: Shop) -> list[str]:
    return [backup.role for backup in backups.all_of(shop.state)]


def held(shop: Shop) -> list[str]:
    return [one.made.name for one in shop.world.containers.values() if one.holder_of]


@virtual
async def test_a_failed_update_brings_the_data_back(shop: Shop) -> None:
    await opened(shop)
    failing(shop)
    told = await update(shop, backup=("db",))
    assert told.outcome is Outcome.ROLLED_BACK
    assert content(shop) == {"schema": "1"}
    assert shop.versions()["db"] == "16.1"
    assert roles(shop) == ["before", "after"]
    assert held(shop) == []
    [back] = told.all(e.RollbackStarted)
    assert back.data
    assert told.asked()[-1] == ("failed", "rollback-data", "default")


@virtual
async def test_without_a_backup_the_image_alone_goes_back(shop: Shop) -> None:
    await opened(shop)
    failing(shop)
    for without in (False, True):
        told = await update(shop, no_backup=without)
        assert told.outcome is Outcome.ROLLED_BACK
        assert content(shop) == {"schema": "2"}
        assert roles(shop) == []
    assert told.asked()[-1] == ("failed", "rollback", "default")
    assert told.state.plan
    assert told.state.plan.candidates == ("db",)


@virtual
async def test_what_is_in_memory_is_no_data(shop: Shop) -> None:
    await opened(shop)
    shop.world.no_data[DATA] = "tmpfs"
    failing(shop)
    told = await update(shop, backup=("db",))
    assert told.outcome is Outcome.ROLLED_BACK
    assert roles(shop) == []
    assert told.state.plan
    assert [note.facts for note in told.state.plan.notes if note.code == "volume-not-data"] == [
        {"service": "db", "volume": DATA, "kind": "tmpfs"}
    ]


@virtual
async def test_a_restore_that_fails_leaves_the_way_without_data(shop: Shop) -> None:
    """The first of the ways that are told works: the images go back, and the data stays as it is."""
    await opened(shop)
    failing(shop)
    shop.world.faults.append(Fault(call="write", code="engine-error"))
    told = await update(shop, backup=("db",))
    assert told.outcome is Outcome.NEEDS_RECOVERY
    assert told.finished.commands[0] == "ws9tui recover shop --back --no-data"
    again = await shop.run(verb=Verb.RECOVER, recover="back")
    assert again.outcome is Outcome.NEEDS_RECOVERY
    only = await shop.run(verb=Verb.RECOVER, recover="back", no_data=True)
    assert only.outcome is Outcome.ROLLED_BACK
    assert "recover-without-data" in only.found()
    assert shop.versions()["db"] == "16.1"


@virtual
async def test_unchanged_data_is_not_restored(shop: Shop) -> None:
    await opened(shop)
    shop.behave("r.test/db:16", "16.2", exits_after=0.2, exit_code=3)
    told = await update(shop, backup=("db",))
    assert told.outcome is Outcome.ROLLED_BACK
    assert told.all(e.RestoreStarted) == []


@virtual
async def test_the_operator_chooses_whose_data_is_saved(shop: Shop) -> None:
    await opened(shop)
    migrating(shop)

    def script(asked: e.Asked) -> Choice | e.Decision | None:
        if asked.question is Question.CONFIRM:
            return e.Decision(ask=0, choice=Choice.GO, actor=ME, backups=("db",))
        return GO(asked)

    told = await update(shop, script)
    assert told.outcome is Outcome.KEPT
    assert roles(shop) == ["before"]
    assert [plan.plan.saved for plan in told.all(e.Planned)] == [(), ("db",)]
    await written(shop, "order", "77")

    back = await shop.run(verb=Verb.ROLLBACK, to=1, data=True)
    assert back.outcome is Outcome.KEPT
    assert content(shop) == {"schema": "1"}
    [restore] = back.all(e.Planned)[-1].plan.restores
    assert restore.changed == 2
    assert restore.changed_at
    assert shop.versions()["db"] == "16.1"


@virtual
async def test_the_operator_goes_back_with_or_without_the_data(shop: Shop) -> None:
    await opened(shop)
    for choice, schema in ((Choice.ROLL_BACK, "2"), (Choice.ROLL_BACK_DATA, "1")):
        migrating(shop)
        script = go(outcome=choice)
        told = await update(shop, script, backup=("db",))
        assert told.outcome is Outcome.ROLLED_BACK
        assert content(shop)["schema"] == schema
        await written(shop, "schema", "1")


@virtual
async def test_while_one_decides_it_is_said_what_was_written(shop: Shop) -> None:
    await opened(shop)
    migrating(shop)
    seen: list[float] = []

    def script(asked: e.Asked) -> Choice | e.Decision | None:
        if asked.question is Question.OUTCOME:
            seen.append(0)
            return None
        return GO(asked)

    told = await update(shop, script, backup=("db",))
    assert seen
    [said] = told.all(e.DataWritten)
    assert (said.service, said.files) == ("db", 1)


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
async def test_a_backup_that_fails_goes_back_to_what_ran(shop: Shop) -> None:
    await opened(shop)
    migrating(shop)
    shop.world.faults = [Fault(call="read", nth=1, times=1)]
    told = await update(shop, backup=("db",))
    assert told.outcome is Outcome.ROLLED_BACK
    assert content(shop) == {"schema": "1"}
    assert shop.versions()["db"] == "16.1"
    assert (roles(shop), held(shop)) == ([], [])
    assert list(shop.state.glob("backups/*/*")) == []


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
async def test_a_damaged_backup_touches_nothing(shop: Shop) -> None:
    await opened(shop)
    migrating(shop)
    assert (await update(shop, backup=("db",))).outcome is Outcome.KEPT
    [saved] = backups.all_of(shop.state)
    path = Path(saved.folder) / saved.parts[0].archive
    path.write_bytes(path.read_bytes()[:-9])
    before = (content(shop), shop.versions())
    told = await shop.run(verb=Verb.ROLLBACK, to=1, data=True)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "backup-damaged")
    assert (content(shop), shop.versions()) == before


@virtual
async def test_a_restore_that_differs_needs_recovery_which_brings_it_back(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(shop)
    failing(shop)
    # The engine takes the archive and does not unpack it: what is read back is not what was saved.
    monkeypatch.setattr(shop.engine.data, "write", nothing)
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


async def nothing(*_: object) -> None:
    return


def warned(told: Told) -> list[str]:
    return [found.finding.problem.code for found in told.all(e.Found)]


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


def returning(value: Any) -> Callable[..., Awaitable[Any]]:  # noqa: ANN401 - whatever the method gives
    async def answer(*_: object) -> Any:  # noqa: ANN401
        return value

    return answer


@virtual
async def test_another_folder_has_the_archives(shop: Shop, tmp_path: Path) -> None:
    await opened(shop)
    migrating(shop)
    told = await update(shop, backup=("db",), backup_dir=str(tmp_path / "disk"))
    assert told.outcome is Outcome.KEPT
    [saved] = backups.all_of(shop.state)
    assert Path(saved.folder).is_relative_to(tmp_path / "disk" / "shop")
    back = await shop.run(verb=Verb.ROLLBACK, to=1, data=True)
    assert back.outcome is Outcome.KEPT
    assert content(shop) == {"schema": "1"}


@virtual
async def test_backups_go_with_their_generation(shop: Shop) -> None:
    await opened(shop)
    for number in range(1, 5):
        shop.behave("r.test/db:16", f"16.{number + 1}", writes={"/data/schema": str(number + 1)})
        told = await update(shop, backup=("db",), keep_generations=2)
        assert told.outcome is Outcome.KEPT
    assert [backup.generation for backup in backups.all_of(shop.state)] == [shop.generations[0]]
    assert [entry for entry in told.all(e.Removed) if entry.kind == "backup"]


@pytest.mark.parametrize(
    ("setting", "code", "saved"),
    [("true", "", ("db",)), ("[/data]", "", ("db",)), ("false", "", ()), ("[/elsewhere]", "backup-path-unknown", ())],
)
@virtual
async def test_what_the_settings_say(tmp_path: Path, setting: str, code: str, saved: tuple[str, ...]) -> None:
    text = COMPOSE.replace("volume: {}}]", f"volume: {{}}}}]\n    x-ws9tui: {{backup: {setting}}}")
    shop = Shop(tmp_path, compose=text)
    await shop.install()
    migrating(shop)
    told = await shop.run("db", plan_only=True)
    assert told.code == code
    if code:
        assert told.outcome is Outcome.USAGE
        facts = told.finished.problem.facts if told.finished.problem else {}
        assert (facts["file"], facts["line"], facts["known"]) == (str(shop.file), "13", "/data")
    else:
        assert told.state.plan
        assert told.state.plan.saved == saved


@pytest.mark.parametrize("service", ["postgres", "db"])
@virtual
async def test_databases_are_proposed_where_their_image_changes(tmp_path: Path, service: str) -> None:
    shop = Shop(
        tmp_path, compose=COMPOSE.replace("r.test/db:16", f"r.test/{service}:16").replace("/data", "/var/lib/x")
    )
    for reference in ("r.test/web:latest", "r.test/api:1.0", f"r.test/{service}:16"):
        shop.bring(reference, "1.0")
    await shop.compose.up(shop.source, ["web", "api", "db"])
    await asyncio.sleep(3600)
    shop.publish(f"r.test/{service}:16", "16.2")
    told = await shop.run("db", plan_only=True)
    assert told.state.plan
    [planned] = told.state.plan.backups
    assert planned.chosen is (service == "postgres")
    assert planned.cause.code == ("migrates-data" if planned.chosen else "backup-possible")


@virtual
async def test_what_cannot_be_saved_is_said(shop: Shop) -> None:
    await opened(shop)
    shop.publish("r.test/web:latest", "2.0")
    told = await shop.run("web", backup=("web", "db"))
    assert told.outcome is Outcome.KEPT
    assert {"backup-nothing", "backup-not-touched"} <= set(told.found())
    unknown = await shop.run("web", backup=("nobody",))
    assert (unknown.outcome, unknown.code) == (Outcome.USAGE, "service-unknown")
    none = await shop.run(verb=Verb.ROLLBACK, to=1, data=True)
    assert (none.outcome, none.code) == (Outcome.USAGE, "no-backup")


@virtual
async def test_another_generation_is_chosen_while_a_restore_is_half_done(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    await opened(shop)
    failing(shop)
    monkeypatch.setattr(shop.engine.data, "write", nothing)
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
    monkeypatch.setattr(shop.engine.data, "write", nothing)
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
