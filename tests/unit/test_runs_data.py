"""Runs that save data and bring it back, on the simulated engine."""

from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from bench import COMPOSE, GO, ME, Shop, go
from migrations import DATA, content, failing, held, migrating, opened, roles, update, written
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Container, Mount
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb
from ws9tui.core.store import backup as backups
from ws9tui.simulation.engine import Fault
from ws9tui.simulation.life import SimContainer

pytestmark = pytest.mark.slow


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
@pytest.mark.parametrize("runs", [True, False])
async def test_a_rollback_of_data_alone_starts_only_what_ran(shop: Shop, *, runs: bool) -> None:
    """The database's image is that of the generation; only its data is not."""
    await opened(shop)
    if not runs:
        await shop.engine.stop(shop.ids()["shop-db-1"])
    migrating(shop)
    assert (await update(shop, backup=("db",))).outcome is Outcome.KEPT
    assert (await shop.run(verb=Verb.ROLLBACK, to=1)).outcome is Outcome.KEPT
    shop.publish("r.test/web:latest", "1.1")
    assert (await shop.run("web")).outcome is Outcome.KEPT
    await written(shop, "schema", "3")
    told = await shop.run(verb=Verb.ROLLBACK, to=1, data=True)
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert content(shop) == {"schema": "1"}
    assert shop.versions() == {"api": "1.0", "web": "1.0"} | ({"db": "16.1"} if runs else {})


VOLUME = "{type: volume, source: data, target: /data, volume: {}}"


async def bound(folder: Path, source: Path) -> Shop:
    """Have a project run whose database has its data in a folder of the machine."""
    source.mkdir(exist_ok=True)
    shop = Shop(folder, compose=COMPOSE.replace(VOLUME, f"{{type: bind, source: {source}, target: /data}}"))
    await shop.install()
    migrating(shop)
    return shop


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("source", "directory", "local", "refused"),
    [
        ("data", "data/backups", True, True),
        ("data", "link/a/b", True, True),
        ("data", "data2", True, False),
        ("data", "data/backups", False, False),
        ("data", "", True, False),
        (".", "", True, True),
    ],
)
@virtual
async def test_no_backup_lies_in_what_its_restore_empties(
    tmp_path: Path, source: str, directory: str, *, local: bool, refused: bool
) -> None:
    (tmp_path / "link").symlink_to("data")
    shop = await bound(tmp_path, tmp_path / source)
    shop.world.info = msgspec.structs.replace(shop.world.info, local=local)
    told = await update(shop, backup=("db",), backup_dir=str(tmp_path / directory) if directory else "")
    assert (told.outcome, told.code) == ((Outcome.REFUSED, "backup-inside") if refused else (Outcome.KEPT, ""))
    assert shop.versions()["db"] == ("16.1" if refused else "16.2")
    assert list((tmp_path / "data").glob("*")) == [] or not local


@pytest.mark.usefixtures("quick")
@virtual
async def test_no_backup_is_restored_to_where_it_lies(tmp_path: Path) -> None:
    shop = await bound(tmp_path, tmp_path / "data")
    assert (await update(shop, backup=("db",), backup_dir=str(tmp_path / "disk"))).outcome is Outcome.KEPT
    (tmp_path / "data").rmdir()
    (tmp_path / "data").symlink_to("disk")
    told = await shop.run(verb=Verb.ROLLBACK, to=1, data=True)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "backup-inside")
    assert (await shop.run(verb=Verb.ROLLBACK, to=1, data=False)).outcome is Outcome.KEPT


@pytest.mark.usefixtures("quick")
@virtual
async def test_whoever_else_writes_to_what_is_saved_is_told_by_the_container(tmp_path: Path) -> None:
    more = f"volumes: [{{type: volume, source: more, target: /more, volume: {{}}}}, {VOLUME}]"
    api = "    image: r.test/api"
    text = COMPOSE.replace(api, f"    {more}\n    x-ws9tui: {{backup: [/more]}}\n{api}")
    shop = Shop(tmp_path, compose=text.replace("volumes: {data:", "volumes: {more: {name: shop_more}, data:"))
    await opened(shop)
    migrating(shop)
    shop.publish("r.test/api:1.0", "1.1")
    mounts = (Mount("volume", DATA, "/d"),)
    image = next(iter(shop.world.images))
    for key, name in (("e", "wiki-db-1"), ("f", "wiki-page-1")):
        made = Container(key * 64, name, image, Reference("r"), "wiki", name.split("-")[1], mounts=mounts)
        shop.world.containers[made.id] = SimContainer(made=made, created=1.0, started=1.0)
    told = await shop.run("db", "api", backup=("db", "api"), plan_only=True)
    assert told.state.plan
    assert {note.facts["container"] for note in told.state.plan.notes if note.code == "backup-shared"} == {
        "shop-api-1", "wiki-db-1", "wiki-page-1",
    }  # fmt: skip
