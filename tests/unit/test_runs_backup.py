"""Backups of projects in a file, and what is made from them: on the simulated engine, in virtual time."""

from __future__ import annotations

import io
import json
import os
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backups import DATA, calls, installed, purge, restored, saved
from bench import GO, OLD, Shop, always
from support.told import facts
from updates import step_of, updated
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.journal.fold import fold
from ws9tui.core.journal.run_state import Changed
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import EXIT_STATUS, Choice, Outcome, Verb
from ws9tui.core.store import saved as records
from ws9tui.core.store.saved_file import SavedFile
from ws9tui.errors import Refused
from ws9tui.simulation.engine import Fault, World
from ws9tui.simulation.world import SimFile
from ws9tui.words import outcome, report


@virtual
async def test_the_same_containers_run_again_and_nothing_else_has_changed(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    await shop.engine.stop(shop.ids()["shop-api-1"])
    before, path = shop.everything(), tmp_path / "shop.tar"
    shop.engine.calls.clear()
    told = await saved(shop, path)
    assert (told.outcome, told.code, EXIT_STATUS[told.outcome]) == (Outcome.BACKED_UP, "", 0)
    assert shop.everything() == before
    assert shop.versions() == {"db": "16.1", "web": "1.0"}  # what did not run does not run
    order = calls(shop, "stop", "start")
    assert [call for call, _ in order] == ["stop", "stop", "start", "start"]
    assert {service for _, service in order} == {"db", "web"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not shop.generations
    paused = fold(event for event in told.events[: told.events.index(told.all(e.PauseStarted)[0]) + 1])
    assert (paused.safety.running, paused.safety.changed) == (0, Changed.CHANGING)
    assert (told.state.safety.running, told.state.safety.changed) == (2, Changed.NOTHING)
    [written] = told.all(e.SaveWritten)
    assert (written.path, written.size) == (str(path), path.stat().st_size)
    with tarfile.open(path) as tar:
        names = tar.getnames()
        listed = json.load(tar.extractfile(records.LIST))  # type: ignore[arg-type]
        assert names[-1] == records.LIST
        assert json.load(tar.extractfile(records.CONTAINERS))  # type: ignore[arg-type]
    assert set(listed["members"]) == {*names} - {records.LIST}
    assert [part["part"]["target"]["source"] for part in listed["parts"]] == [str(shop.folder), "shop_data"]
    assert listed["volumes"][0]["name"] == "shop_data"
    assert {image["reference"] for image in listed["images"]} == {"r.test/web:latest", "r.test/api:1.0", "r.test/db:16"}


@virtual
async def test_all_comes_back_after_a_purge(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    path = tmp_path / "shop.tar"
    await saved(shop, path)
    files = {name: (shop.folder / name).read_bytes() for name in ("compose.yml", ".env")}
    purge(shop)
    told = await restored(shop, path, plan_only=True)
    assert (told.outcome, shop.world.containers, shop.world.volumes) == (Outcome.PLANNED, {}, [])
    told = await restored(shop, path)
    assert (told.outcome, told.code) == (Outcome.RESTORED, "")
    assert shop.versions() == OLD
    assert shop.world.data["shop_data"] == DATA
    assert {name: (shop.folder / name).read_bytes() for name in files} == files
    assert not await shop.drift()
    later = await restored(shop, path)
    assert (later.outcome, later.code) == (Outcome.REFUSED, "restore-overwrites")
    ids = shop.ids()
    assert (await restored(shop, path, overwrite=True)).outcome is Outcome.RESTORED
    assert shop.ids() == ids


@virtual
async def test_the_report_of_a_restore_says_what_runs_since(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    path = tmp_path / "shop.tar"
    await saved(shop, path)
    await updated(shop, "1.1")
    told = await restored(shop, path, overwrite=True)
    assert told.outcome is Outcome.RESTORED
    [row] = [row for row in report._versions(told.state).rows if row[0] == "api"]
    assert row[2:5] == ("1.1", "1.0", "1.0")


@virtual
async def test_what_differs_is_put_aside_and_only_with_consent(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    path = tmp_path / "shop.tar"
    await saved(shop, path)
    later = {"base/1": SimFile("later\n", 1_700_000_500)}
    shop.world.data["shop_data"] = dict(later)
    shop.env.write_text("API=1.0\n# later\n")
    told = await restored(shop, path)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "restore-overwrites")
    assert (shop.world.data["shop_data"], shop.versions()) == (later, OLD)
    cancelled = await restored(shop, path, script=always(confirm=Choice.CANCEL))
    assert cancelled.outcome is Outcome.CANCELLED
    assert shop.world.data["shop_data"] == later
    told = await restored(shop, path, script=GO)
    assert (told.outcome, told.code) == (Outcome.RESTORED, "")
    assert shop.world.data["shop_data"] == DATA
    assert "# later" not in shop.env.read_text()
    [aside] = told.all(e.BackupMade)
    kept = b"".join(path.read_bytes() for path in Path(aside.folder).glob("*.tar.gz"))
    assert kept
    assert aside.role == "after"
    recorded = [path.read_bytes() for path in shop.state.glob("generations/*/files/*")]
    assert any(b"# later" in content for content in recorded)
    assert len(shop.generations) == 2


FAILURES: dict[str, Fault] = {
    "a stop": Fault(call="stop", effect="error", nth=2, times=1),
    "a copy": Fault(call="read", effect="error", nth=2, times=1),
    "a holder": Fault(call="hold", effect="error", nth=1, times=1),
}


@virtual
@pytest.mark.parametrize("failure", FAILURES)
async def test_whatever_fails_the_services_run_again(shop: Shop, tmp_path: Path, failure: str) -> None:
    await installed(shop)
    before, path = shop.everything(), tmp_path / "shop.tar"
    shop.world.faults = [FAILURES[failure]]
    told = await saved(shop, path)
    assert (told.outcome, told.code) == (Outcome.UNCHANGED, "engine-error")
    assert (shop.versions(), shop.everything()) == (OLD, before)
    assert list(tmp_path.glob("*.tar*")) == []
    shop.world.faults.clear()
    assert (await saved(shop, path)).outcome is Outcome.BACKED_UP


@virtual
async def test_a_full_disk_is_a_failure(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await installed(shop)
    path = tmp_path / "shop.tar"
    refused = await saved(shop, path)
    path.unlink()
    monkeypatch.setattr("ws9tui.core.store.backup.room", lambda _: 1000)
    refused = await saved(shop, path)
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "saved-no-room")
    assert not refused.all(e.PauseStarted)
    assert list(tmp_path.glob("*.tar*")) == []


@virtual
async def test_an_operator_who_ends_it_has_all_running_again(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    shop.world.step = 5.0
    told = await saved(shop, tmp_path / "shop.tar", unasked={"pause-started": Choice.STOP})
    assert told.outcome is Outcome.CANCELLED
    assert "and run again; no backup was written." in outcome.message(told.finished, told.state)
    assert shop.versions() == OLD
    assert list(tmp_path.glob("*.tar*")) == []


@virtual
@pytest.mark.parametrize("kind", ["stop", "save", "start"])
async def test_a_recovery_starts_what_a_killed_backup_had_stopped(shop: Shop, tmp_path: Path, kind: str) -> None:
    await installed(shop)
    before = shop.everything()
    shop.world.step = 2.0
    options = Options(output=str(tmp_path / "shop.tar"), monitor=1.0)
    await shop.kill(options, step_of(kind), 1.0, Verb.BACKUP)
    shop.world.step = 0.0
    refused = await shop.run("web")
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "interrupted-run")
    told = await shop.run(verb=Verb.RECOVER)
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert told.state.interruption is not None
    assert (shop.versions(), shop.everything()) == (OLD, before)
    assert list(tmp_path.glob("*.tar*")) == []
    nothing = await shop.run(verb=Verb.RECOVER, recover="back")
    assert (nothing.outcome, nothing.code) == (Outcome.USAGE, "nothing-to-recover")


@virtual
async def test_what_cannot_be_started_again_is_told_and_recovered_later(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    shop.world.faults = [Fault(call="start", subject="*", effect="error")]
    path = tmp_path / "shop.tar"
    told = await saved(shop, path)
    assert (told.outcome, told.code) == (Outcome.NEEDS_RECOVERY, "saved-not-started")
    assert " recover shop --back" in told.finished.commands[0]
    assert path.exists()  # what was saved is whole all the same
    still = await shop.run(verb=Verb.RECOVER, recover="back")
    assert still.outcome is Outcome.NEEDS_RECOVERY
    shop.world.faults.clear()
    left = await shop.run(verb=Verb.RECOVER, script=always(recover=Choice.BACK))
    assert left.outcome is Outcome.KEPT
    assert shop.versions() == OLD


@virtual
@pytest.mark.parametrize("command", [Verb.RESTORE, Verb.RECOVER])
@pytest.mark.parametrize("kind", ["write", "load", "create"])
async def test_a_restore_that_was_killed_is_completed(shop: Shop, tmp_path: Path, kind: str, command: Verb) -> None:
    await installed(shop)
    path = tmp_path / "shop.tar"
    await saved(shop, path)
    purge(shop)
    shop.world.step = 2.0
    await shop.kill(Options(arguments=(str(path),), monitor=1.0), step_of(kind), 0.5, Verb.RESTORE)
    shop.world.step = 0.0
    refused = await shop.run("web")
    assert refused.code in ("interrupted-run", "project-none")
    if command is Verb.RESTORE:
        told = await restored(shop, path, overwrite=True)
    else:
        told = await shop.run("shop", verb=Verb.RECOVER, monitor=1.0)
    assert (told.outcome, told.code) == (Outcome.RESTORED, "")
    assert (shop.versions(), shop.world.data["shop_data"]) == (OLD, DATA)
    assert not await shop.drift()
    nothing = await shop.run(verb=Verb.RECOVER, recover="forward")
    assert nothing.code == "nothing-to-recover"


@virtual
async def test_where_the_file_may_be(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    inside = await saved(shop, shop.folder / "shop.tar")
    assert (inside.outcome, inside.code) == (Outcome.USAGE, "saved-inside")
    by_default = await shop.run(verb=Verb.BACKUP)  # the operator stands in the project's folder
    assert by_default.code == "saved-inside"
    path = tmp_path / "there.tar"
    path.write_text("another file\n")
    taken = await saved(shop, path)
    assert (taken.outcome, taken.code) == (Outcome.USAGE, "bundle-exists")
    assert path.read_text() == "another file\n"
    assert (await saved(shop, path, overwrite=True)).outcome is Outcome.BACKED_UP
    link = tmp_path / "link.tar"
    link.symlink_to(tmp_path / "not-there")
    ids = shop.ids()
    assert ((await saved(shop, link)).code, shop.ids()) == ("bundle-exists", ids)
    folder = await saved(shop, tmp_path)
    assert (folder.outcome, folder.code) == (Outcome.USAGE, "bundle-is-folder")
    device, through = tmp_path / "device", tmp_path / "through"
    os.mkfifo(device)
    through.symlink_to(device)
    for place in (device, through):
        refused = await saved(shop, place, overwrite=True)
        assert (refused.outcome, refused.code) == (Outcome.REFUSED, "saved-unwritable")
    assert device.is_fifo()
    through.unlink()
    through.symlink_to(path)
    assert (await saved(shop, through, overwrite=True)).outcome is Outcome.BACKED_UP
    nowhere = await saved(shop, tmp_path / "none" / "shop.tar")
    assert (nowhere.outcome, nowhere.code) == (Outcome.REFUSED, "saved-unwritable")
    planned = await saved(shop, tmp_path / "planned.tar", plan_only=True)
    assert planned.outcome is Outcome.PLANNED
    assert not (tmp_path / "planned.tar").exists()
    shop.world.containers.clear()
    nothing = await saved(shop, tmp_path / "nothing.tar")
    assert (nothing.outcome, nothing.code) == (Outcome.USAGE, "saved-nothing")


def read(path: Path) -> SavedFile:
    return SavedFile(str(path), lambda: None)


def rewritten(path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Write the same backup with another list."""
    made = path.with_name("changed.tar")
    with tarfile.open(path) as old, tarfile.open(made, "w") as new:
        for entry in old:
            body = old.extractfile(entry)
            assert body
            if entry.name == records.LIST:
                listed = json.load(body)
                change(listed)
                text = json.dumps(listed).encode()
                entry.size = len(text)
                new.addfile(entry, io.BytesIO(text))
            else:
                new.addfile(entry, body)
    return made


@virtual
async def test_nothing_of_a_damaged_file_is_used(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    path = tmp_path / "shop.tar"
    await saved(shop, path)
    whole = path.read_bytes()
    read(path).close()
    before = shop.everything()
    with tarfile.open(path) as tar:
        bodies = [(entry.name, entry.offset_data, entry.size) for entry in tar if entry.size]
    for name, at, size in bodies:
        for place in {at, at + size - 1}:
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            with pytest.raises(Refused) as told:
                read(path)
            assert told.value.problem.code in ("saved-damaged", "saved-unsafe"), name
    for length in range(0, len(whole) - 1024, 512):
        path.write_bytes(whole[:length])
        with pytest.raises(Refused) as told:
            read(path)
        assert told.value.problem.code in (("saved-damaged",) if length > 1024 else ("saved-damaged", "saved-foreign"))
    refused = await restored(shop, path, overwrite=True)
    assert (refused.outcome, shop.everything()) == (Outcome.REFUSED, before)
    missing = await restored(shop, tmp_path / "none.tar")
    assert (missing.outcome, missing.code) == (Outcome.REFUSED, "saved-missing")


LIES: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "a newer format": (lambda listed: listed.update(format=99), "saved-newer"),
    "a path that climbs": (lambda listed: listed["generation"]["files"][0].update(real="/srv/../etc/shadow"), "unsafe"),
    "a relative path": (lambda listed: listed["generation"]["files"][0].update(path="etc/shadow"), "unsafe"),
    "a copy elsewhere": (lambda listed: listed["generation"]["files"][0].update(copy="../../x"), "damaged"),
    "a volume that is a path": (lambda listed: listed["volumes"][0].update(name="../x"), "unsafe"),
    "a mount of another kind": (lambda listed: listed["parts"][0]["part"]["target"].update(type="npipe"), "unsafe"),
    "a member that is not there": (lambda listed: listed["parts"][0]["part"].update(archive="ws9tui/no"), "damaged"),
    "a size below nothing": (lambda listed: listed["parts"][0]["part"].update(size=-1), "damaged"),
    "another project": (lambda listed: listed.update(project="../shop"), "damaged"),
    "no list": (lambda listed: listed.clear(), "damaged"),
}


@virtual
@pytest.mark.parametrize("lie", LIES)
async def test_a_list_that_leads_elsewhere_is_refused(shop: Shop, tmp_path: Path, lie: str) -> None:
    await installed(shop)
    path = tmp_path / "shop.tar"
    await saved(shop, path)
    change, code = LIES[lie]
    with pytest.raises(Refused) as told:
        read(rewritten(path, change))
    assert code in told.value.problem.code


@virtual
async def test_what_belongs_to_the_server_is_neither_saved_nor_replaced(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    path = tmp_path / "shop.tar"
    await saved(shop, path)

    def leads(listed: dict[str, Any]) -> None:
        part = listed["parts"][0]
        part["part"]["target"].update(type="bind", source="/etc/ssl")

    refused = await restored(shop, rewritten(path, leads), overwrite=True)
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "restore-blocked")

    def bomb(listed: dict[str, Any]) -> None:
        for part in listed["parts"]:
            part["part"].update(size=10)

    purge(shop)
    broken = await restored(shop, rewritten(path, bomb))
    assert (broken.outcome, broken.code) == (Outcome.NEEDS_RECOVERY, "backup-damaged")
    assert "larger than its list says" in facts(broken.finished.problem)["reason"]  # type: ignore[arg-type]


@virtual
async def test_of_another_platform_nothing_is_made(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    path = tmp_path / "shop.tar"
    await saved(shop, path)

    def arm(listed: dict[str, Any]) -> None:
        listed.update(platform="linux/arm64")

    (tmp_path / "other").mkdir()
    other = Shop(tmp_path / "other")
    other.stand(World(), other.store, shop.source)
    refused = await restored(other, rewritten(path, arm))
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "saved-platform")
