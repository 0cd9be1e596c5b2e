"""Backups of projects in a file, and what stands beside: paused containers, hooks, others' folders, more images."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path
from typing import Any

import pytest

from backups import DATA, calls, installed, purge, restored, saved
from bench import COMPOSE, OLD, Shop, at_each_event
from support import archives
from updates import step_of
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Container
from ws9tui.core.model.options import Options
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Outcome, Verb
from ws9tui.core.session import Session
from ws9tui.core.store.store import Store
from ws9tui.simulation.engine import Fault
from ws9tui.simulation.images import saved_images
from ws9tui.simulation.life import SimContainer
from ws9tui.simulation.world import SimCommand, SimFile
from ws9tui.words import phrases, problems

pytestmark = pytest.mark.usefixtures("quick")

HOOKS = ("before_commit", "dump", "after_rollback")


def notes(told: object) -> set[str]:
    """The codes of a plan's notes."""
    return {note.code for note in told.all(e.Planned)[-1].plan.notes}  # type: ignore[attr-defined]


def pause(shop: Shop, service: str) -> SimContainer:
    found = shop.world.containers[shop.ids()[f"shop-{service}-1"]]
    found.paused = True
    return found


async def state(shop: Shop) -> dict[str, str]:
    return {name: container.state for name, container in (await shop.by_service()).items()}


@virtual
async def test_what_is_paused_stays_so(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    db = pause(shop, "db")
    before = await state(shop)
    shop.engine.calls.clear()
    told = await saved(shop, tmp_path / "shop.tar")
    assert (told.outcome, await state(shop)) == (Outcome.BACKED_UP, before)
    assert before["db"] == "paused"
    assert {service for _, service in calls(shop, "stop", "start")} == {"api", "web"}
    assert "saved-paused" in notes(told)
    shop.world.step = 2.0
    await shop.kill(Options(output=str(tmp_path / "other.tar"), monitor=1.0), step_of("save"), 1.0, Verb.BACKUP)
    shop.world.step = 0.0
    assert (await shop.run(verb=Verb.RECOVER)).outcome is Outcome.KEPT
    assert await state(shop) == before

    async def unpause() -> None:
        for _ in range(1000):
            await asyncio.sleep(0.1)
            if calls(shop, "stop"):
                db.paused = False

    shop.world.step, shop.engine.calls[:] = 2.0, []
    task = asyncio.create_task(unpause())
    told = await saved(shop, tmp_path / "third.tar")
    await task
    assert (told.outcome, told.code, shop.versions()) == (Outcome.UNCHANGED, "backup-disturbed", OLD)


@virtual
async def test_a_project_that_is_paused_as_a_whole_is_saved(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    for service in OLD:
        pause(shop, service)
    assert (await saved(shop, tmp_path / "shop.tar")).outcome is Outcome.BACKED_UP
    assert set((await state(shop)).values()) == {"paused"}


async def hooked(shop: Shop, **outcomes: SimCommand) -> None:
    """Have the project run, with hooks of its database."""
    text = "".join(f"      {name}: {name}\n" for name in HOOKS)
    shop.file.write_text(shop.file.read_text().replace("  db:\n", f"  db:\n    x-ws9tui:\n{text}", 1))
    await installed(shop)
    shop.world.commands |= dict.fromkeys(HOOKS, SimCommand()) | outcomes


@virtual
async def test_hooks_are_run_before_the_services_stop_and_when_they_run_again(shop: Shop, tmp_path: Path) -> None:
    await hooked(shop)
    told = await saved(shop, tmp_path / "shop.tar")
    assert told.outcome is Outcome.BACKED_UP
    assert shop.world.ran == [f"shop-db-1: {name}" for name in HOOKS]
    kinds = [str(e.to_builtins(event)["type"]) for event in told.events]
    began, ended = kinds.index("pause-started"), kinds.index("pause-ended")
    done = [number for number, kind in enumerate(kinds) if kind == "hook-finished"]
    assert done[1] < began < ended < done[2]
    shop.world.ran.clear()
    planned = await saved(shop, tmp_path / "other.tar", plan_only=True)
    assert [hook.when for hook in planned.all(e.Planned)[-1].plan.hooks] == list(HOOKS)
    assert not shop.world.ran


@virtual
async def test_a_hook_that_fails_stops_no_service(shop: Shop, tmp_path: Path) -> None:
    await hooked(shop, dump=SimCommand(status=1))
    told = await saved(shop, tmp_path / "shop.tar")
    assert (told.outcome, told.code) == (Outcome.REFUSED, "hook-status")
    assert not told.all(e.PauseStarted)
    assert shop.world.ran == [f"shop-db-1: {name}" for name in HOOKS], "what was told of it is told that all stays"
    assert list(tmp_path.glob("*.tar*")) == []


@virtual
async def test_a_recovery_runs_the_hooks_that_are_left(shop: Shop, tmp_path: Path) -> None:
    await hooked(shop)
    shop.world.step = 2.0
    await shop.kill(Options(output=str(tmp_path / "shop.tar"), monitor=1.0), step_of("save"), 1.0, Verb.BACKUP)
    shop.world.step = 0.0
    assert shop.world.ran == [f"shop-db-1: {name}" for name in HOOKS[:2]]
    assert (await shop.run(verb=Verb.RECOVER)).outcome is Outcome.KEPT
    assert shop.world.ran[2:] == ["shop-db-1: after_rollback"]


def neighbour(shop: Shop, folder: Path) -> None:
    """Have another project run, from a folder of this one."""
    folder.mkdir(parents=True)
    image = next(iter(shop.world.images))
    made = Container("f" * 64, "wiki-wiki-1", image, Reference("wiki"), "wiki", "wiki", working_dir=str(folder))
    shop.world.containers[made.id] = SimContainer(made=made, created=1.0)


@virtual
@pytest.mark.parametrize("runs", [True, False])
async def test_the_folder_of_another_project_stays_as_it_is(shop: Shop, tmp_path: Path, *, runs: bool) -> None:
    await installed(shop)
    place, path = str(shop.folder), tmp_path / "shop.tar"
    neighbour(shop, shop.folder / "apps" / "7")
    before = {"notes": SimFile("mine\n", 1), "apps/7/page": SimFile("then\n", 1)}
    shop.world.data[place] = dict(before)
    assert (await saved(shop, path)).outcome is Outcome.BACKED_UP
    shop.world.data[place] = {"notes": SimFile("else\n", 2), "apps/7/page": SimFile("now\n", 2)}
    if not runs:  # Portainer takes the containers of a stack away when it stops it
        del shop.world.containers["f" * 64]
    told = await restored(shop, path, overwrite=True)
    assert told.outcome is Outcome.RESTORED
    assert "restore-spares" in notes(told)
    assert shop.world.data[place] == {"notes": before["notes"], "apps/7/page": SimFile("now\n", 2)}
    again = await restored(shop, path, overwrite=True)
    assert again.outcome is Outcome.RESTORED
    assert shop.world.data[place]["apps/7/page"] == SimFile("now\n", 2)


@virtual
async def test_the_folder_of_another_project_comes_back_where_it_is_gone(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    place, path = str(shop.folder), tmp_path / "shop.tar"
    neighbour(shop, shop.folder / "apps" / "7")
    before = {"notes": SimFile("mine\n", 1), "apps/7/page": SimFile("then\n", 1)}
    shop.world.data[place] = dict(before)
    await saved(shop, path)
    (shop.folder / "apps" / "7").rmdir()
    (shop.folder / "apps").rmdir()
    purge(shop)
    assert (await restored(shop, path)).outcome is Outcome.RESTORED
    assert shop.world.data[place] == before


MOUNTED = "    volumes: [{type: image, source: r.test/files:1, target: /f}]\n"


def mounting(tmp_path: Path) -> Shop:
    """A project with a service that mounts an image."""
    return Shop(tmp_path, COMPOSE.replace("  web:\n", f"  web:\n{MOUNTED}", 1))


@virtual
async def test_an_image_that_is_mounted_is_pulled_again(tmp_path: Path) -> None:
    shop = mounting(tmp_path)
    shop.bring("r.test/files:1", "1.0")
    await installed(shop)
    path = tmp_path / "shop.tar"
    await saved(shop, path)
    purge(shop)
    told = await restored(shop, path)
    assert (told.outcome, told.code, shop.versions()) == (Outcome.RESTORED, "", OLD)
    assert "r.test/files:1" in shop.tags()


@virtual
async def test_an_image_that_is_mounted_and_that_nobody_has_is_missed_or_loaded(tmp_path: Path) -> None:
    shop = mounting(tmp_path)
    archive = tmp_path / "files.tar"
    archive.write_bytes(archives.packed(archives.legacy("r.test/files:1", version="1", architecture="amd64")))
    [(spec, _)] = saved_images(archive.read_bytes())
    shop.world.keep("r.test/files:1", spec)
    shop.world.images[spec.id].digests.clear()
    await installed(shop)
    path = tmp_path / "shop.tar"
    await saved(shop, path)
    purge(shop)
    told = await restored(shop, path)
    assert (told.outcome, told.code, shop.world.containers) == (Outcome.REFUSED, "restore-image-missing", {})
    told = await restored(shop, path, archives=(str(archive),))
    assert (told.outcome, told.code, shop.versions()) == (Outcome.RESTORED, "", OLD)
    assert spec.id in shop.world.images


@virtual
async def test_what_is_not_known_of_the_disk_is_said(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    path = tmp_path / "shop.tar"
    told = await saved(shop, path)
    read = [event for event in told.all(e.DataMoved) if event.doing == "read"]
    assert read
    assert not told.state.moving
    purge(shop)
    shop.world.disk_free = None
    told = await restored(shop, path)
    assert told.outcome is Outcome.RESTORED
    assert "restore-room-unknown" in notes(told)
    [first, *_] = told.all(e.DataMoved)
    assert (first.doing, first.service, first.total) == ("read", str(path), path.stat().st_size)
    assert "reading and verifying the backup" in phrases.moved(first)
    assert shop.world.data["shop_data"] == DATA


@virtual
async def test_an_engine_that_cannot_be_watched_keeps_no_service_stopped(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await installed(shop)

    def begin(_: Session, event: dict[str, Any]) -> None:
        if event["type"] == "step-finished" and event["kind"] == "start" and not shop.world.faults:
            shop.world.faults.append(Fault(call="containers", effect="error"))

    at_each_event(monkeypatch, begin)
    told = await saved(shop, tmp_path / "shop.tar")
    assert (told.outcome, told.code) == (Outcome.NEEDS_RECOVERY, "engine-error")
    assert shop.versions() == OLD
    monkeypatch.undo()
    shop.world.faults.clear()
    assert (await shop.run(verb=Verb.RECOVER, recover="back")).outcome is Outcome.KEPT


async def stopped(shop: Shop, path: Path) -> None:
    """Have the project stopped for a backup that was killed, and its web taken away meanwhile."""
    await installed(shop)
    shop.world.step = 2.0
    await shop.kill(Options(output=str(path), monitor=1.0), step_of("save"), 1.0, Verb.BACKUP)
    shop.world.step = 0.0
    del shop.world.containers[shop.ids()["shop-web-1"]]


@virtual
@pytest.mark.parametrize("start", [True, False])
async def test_what_somebody_has_made_anew_meanwhile_is_taken_for_what_was_stopped(
    shop: Shop, tmp_path: Path, *, start: bool
) -> None:
    await stopped(shop, tmp_path / "shop.tar")
    await shop.compose.up(shop.source, ["web"], start=start)
    new = shop.ids()["shop-web-1"]
    told = await shop.run(verb=Verb.RECOVER, recover="back")
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert {event.service: event.state for event in told.all(e.InterruptedService)}["web"] == (
        "old" if start else "stopped"
    )
    assert (shop.versions(), shop.ids()["shop-web-1"]) == (OLD, new)


@virtual
async def test_what_was_taken_away_meanwhile_is_told_with_how_to_make_it_again(shop: Shop, tmp_path: Path) -> None:
    await stopped(shop, tmp_path / "shop.tar")
    told = await shop.run(verb=Verb.RECOVER, recover="back")
    assert (told.outcome, told.code) == (Outcome.NEEDS_RECOVERY, "saved-gone")
    assert shop.versions() == {name: version for name, version in OLD.items() if name != "web"}
    assert told.finished.problem is not None
    assert " up -d --force-recreate --no-deps web" in problems.remedy(told.finished.problem)
    await shop.compose.up(shop.source, ["web"])
    assert (await shop.run(verb=Verb.RECOVER, recover="back")).outcome is Outcome.KEPT
    assert shop.versions() == OLD


# --- places that a restore empties, or that cannot be looked at ---------------------------------------------------


@virtual
async def test_a_backup_in_a_folder_that_it_restores_is_used_from_elsewhere_only(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    path, inside, link = tmp_path / "shop.tar", shop.folder / "shop.tar", tmp_path / "link.tar"
    assert (await saved(shop, path)).outcome is Outcome.BACKED_UP
    inside.write_bytes(path.read_bytes())
    link.symlink_to(inside)
    before = shop.everything()
    for named in (inside, link):
        told = await restored(shop, named, overwrite=True)
        assert (told.outcome, told.code) == (Outcome.REFUSED, "restore-inside")
    assert shop.everything() == before
    assert (await restored(shop, path, overwrite=True)).outcome is Outcome.RESTORED


@virtual
async def test_a_state_directory_in_a_folder_that_is_restored_is_refused(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    path = tmp_path / "shop.tar"
    await saved(shop, path)
    shop.store = Store(shop.folder / "state").open()
    told = await restored(shop, path, overwrite=True)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "restore-inside")
    assert told.finished.problem is not None
    assert told.finished.problem.facts == {"path": str(shop.folder / "state"), "folder": str(shop.folder)}


@virtual
async def test_what_lies_in_the_spared_folder_of_another_project_is_safe(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    neighbour(shop, shop.folder / "apps" / "7")
    await saved(shop, tmp_path / "shop.tar")
    path = (tmp_path / "shop.tar").rename(shop.folder / "apps" / "7" / "shop.tar")
    assert (await restored(shop, path, overwrite=True)).outcome is Outcome.RESTORED


@virtual
async def test_an_interrupted_restore_is_completed_wherever_its_backup_lies(shop: Shop, tmp_path: Path) -> None:
    await installed(shop)
    path = tmp_path / "shop.tar"
    await saved(shop, path)
    purge(shop)
    shop.world.step = 2.0
    await shop.kill(Options(arguments=(str(path),), monitor=1.0), step_of("load"), 0.5, Verb.RESTORE)
    shop.world.step = 0.0
    shop.folder.mkdir(exist_ok=True)
    path.symlink_to(path.rename(shop.folder / "shop.tar"))
    assert (await restored(shop, path, overwrite=True)).code == "restore-inside"
    told = await shop.run("shop", verb=Verb.RECOVER, monitor=1.0)
    assert (told.outcome, told.code) == (Outcome.RESTORED, "")


@virtual
async def test_a_file_without_content_is_saved_and_comes_back(tmp_path: Path) -> None:
    shop = await installed(Shop(tmp_path, compose=COMPOSE.replace("${API}", "1.0"), env=""))
    told = await saved(shop, tmp_path / "shop.tar")
    assert (told.outcome, told.code) == (Outcome.BACKED_UP, "")
    purge(shop)
    assert (await restored(shop, tmp_path / "shop.tar")).outcome is Outcome.RESTORED
    assert shop.env.read_bytes() == b""


@virtual
async def test_a_folder_that_cannot_be_looked_at_is_not_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "closed" / "data"
    data.mkdir(parents=True)
    volume = "{type: volume, source: data, target: /data, volume: {}}"
    shop = Shop(tmp_path, compose=COMPOSE.replace(volume, f"{{type: bind, source: {data}, target: /data}}"))
    await installed(shop)
    assert (await saved(shop, tmp_path / "shop.tar")).outcome is Outcome.BACKED_UP
    purge(shop)
    found = os.stat

    def closed(path: int | str | Path, **how: Any) -> os.stat_result:  # noqa: ANN401 - as os.stat has them
        if str(path).startswith(f"{data}"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return found(path, **how)

    monkeypatch.setattr(os, "stat", closed)
    told = await restored(shop, tmp_path / "shop.tar")
    monkeypatch.undo()
    assert (told.outcome, told.code) == (Outcome.REFUSED, "restore-blocked")
    assert not shop.world.containers
