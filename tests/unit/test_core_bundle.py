"""Bundles on the simulated engine: made, used, and never half there."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from bench import COMPOSE, ENV, Shop
from bundles import bundled, image, listed, member, shop_with
from support import archives
from virtual_time import virtual
from ws9tui.cli.output import PlainOutput, Writer
from ws9tui.core.commit.cleanup import LEFT
from ws9tui.core.fs import whole as whole_module
from ws9tui.core.journal import events as e
from ws9tui.core.journal.fold import apply
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.bundle import FILES
from ws9tui.core.model.terms import Outcome, Verb
from ws9tui.simulation.engine import Fault
from ws9tui.simulation.images import LocalImage, saved_images

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick")]


def ids(shop: Shop) -> dict[str, str]:
    return {one.made.service: one.made.image_id for one in shop.world.containers.values()}


@virtual
async def test_an_expected_digest_is_no_version_that_an_image_could_prove(tmp_path: Path) -> None:
    digest = image("r.test/web:latest", "1.0").digest
    compose = COMPOSE.replace("web:latest\n", f"web:latest\n    x-ws9tui: {{expect: {digest}}}\n")
    told = await bundled(shop_with(tmp_path / "here", compose), tmp_path / "shop.tar")
    assert told.outcome is Outcome.BUNDLED
    assert told.state.versions["web"].expected == ""


@virtual
async def test_a_bundle_has_the_images_and_files_and_leaves_nothing_else(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "here")
    before, path = shop.everything(), tmp_path / "shop.tar"
    told = await bundled(shop, path)
    assert (told.outcome, told.code) == (Outcome.BUNDLED, "")
    assert shop.everything() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.endswith(".ws9tui")] == []
    found = listed(path)
    assert {entry["reference"]: entry["services"] for entry in found["images"]} == {
        "r.test/web:latest": ["web"],
        "r.test/api:1.0": ["api"],
        "r.test/db:16": ["db"],
    }
    assert [entry["path"] for entry in found["files"]] == ["compose.yml", ".env"]
    assert (found["project"], found["platform"]) == ("shop", "linux/amd64")
    assert "bundle-secrets" in told.found()
    [written] = told.all(e.BundleWritten)
    assert (written.path, written.size) == (str(path), path.stat().st_size)
    assert not shop.generations


@virtual
async def test_an_update_takes_what_the_bundle_has_for_each_service(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "here")
    path = tmp_path / "shop.tar"
    there = shop_with(tmp_path / "there")
    await there.install()
    for reference, version in (("r.test/web:latest", "1.1"), ("r.test/api:1.1", "1.1")):
        shop.world.publish(reference, image(reference, version))
    assert (await bundled(shop, path, "api=1.1")).outcome is Outcome.BUNDLED
    assert shop.env.read_text() == ENV
    assert member(path, f"{FILES}.env") == b"# versions\nAPI=1.1\n"
    there.engine.calls.clear()

    told = await there.run(archives=(str(path),))
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert there.versions() == {"api": "1.1", "db": "16.1", "web": "1.1"}
    assert there.env.read_text() == "# versions\nAPI=1.1\n"
    assert {call for call, _ in there.engine.calls} & {"resolve", "pull"} == set()
    assert not await there.drift()
    assert (await there.run(archives=(str(path),))).outcome is Outcome.UP_TO_DATE


@virtual
async def test_what_is_typed_counts_before_the_bundle(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "here")
    there = shop_with(tmp_path / "there")
    await there.install()
    shop.world.publish("r.test/api:1.1", image("r.test/api:1.1", "1.1"))
    await bundled(shop, tmp_path / "shop.tar", "api=1.1")
    told = await there.run("api=1.2", archives=(str(tmp_path / "shop.tar"),))
    assert (told.outcome, told.code) == (Outcome.REFUSED, "archive-lacks")
    told = await there.run("web", archives=(str(tmp_path / "shop.tar"),))
    assert there.versions()["api"] == "1.0"


@virtual
async def test_a_project_is_installed_from_a_bundle_alone(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "here")
    shop.env.chmod(0o640)
    path, target = tmp_path / "shop.tar", tmp_path / "srv/shop"
    await bundled(shop, path)
    there = Shop(tmp_path)
    told = await there.run(str(path), verb=Verb.INSTALL, folder=str(target))
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert (target / ".env").read_text() == ENV
    assert stat.S_IMODE((target / ".env").stat().st_mode) == 0o640
    assert there.versions() == {"api": "1.0", "db": "16.1", "web": "1.0"}
    assert ids(there)["web"] == image("r.test/web:latest", "1.0").id
    again = await there.run(str(path), verb=Verb.INSTALL, folder=str(target))
    assert (again.outcome, again.code) == (Outcome.USAGE, "install-folder")


@virtual
async def test_the_home_folder_of_nobody_is_a_folder_of_that_name(tmp_path: Path) -> None:
    await bundled(shop_with(tmp_path / "here"), tmp_path / "shop.tar")
    there = Shop(tmp_path)
    told = await there.run(str(tmp_path / "shop.tar"), verb=Verb.INSTALL, folder="~nobody2/shop")
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert (there.folder / "~nobody2" / "shop" / ".env").exists()


@virtual
async def test_the_images_come_from_a_bundle_and_the_files_from_a_folder(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "here")
    await bundled(shop, tmp_path / "shop.tar", images_only=True)
    assert listed(tmp_path / "shop.tar")["files"] == []
    there = Shop(tmp_path)
    refused = await there.run(str(tmp_path / "shop.tar"), verb=Verb.INSTALL)
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "bundle-without-files")
    told = await there.run(str(there.folder), verb=Verb.INSTALL, archives=(str(tmp_path / "shop.tar"),))
    assert told.outcome is Outcome.KEPT


@virtual
async def test_the_plan_names_all_and_writes_nothing(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "here")
    shop.world.fetch("r.test/db:16")
    before = shop.everything()
    told = await shop.run(verb=Verb.BUNDLE, plan_only=True)
    assert told.outcome is Outcome.PLANNED
    assert shop.everything() == before
    buffer, state = io.StringIO(), RunState()
    output = PlainOutput(Writer(buffer))
    for event in told.events:
        state = apply(state, event)
        output.event(event, state)
    said = buffer.getvalue()
    assert "The bundle for linux/amd64 contains 3 images, 2 files of the project" in said
    assert "r.test/api:1.0 for api, " in said
    assert "size known after the pull" in said
    assert ".env" in said


@virtual
async def test_a_service_that_is_named_restricts_the_bundle(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "here")
    await bundled(shop, tmp_path / "some.tar", "web")
    assert [entry["reference"] for entry in listed(tmp_path / "some.tar")["images"]] == ["r.test/web:latest"]
    told = await bundled(shop, tmp_path / "none.tar", "wbe")
    assert (told.outcome, told.code) == (Outcome.USAGE, "service-unknown")


@virtual
async def test_a_file_that_is_there_stays_unless_told(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "here")
    path = tmp_path / "shop.tar"
    path.write_text("mine")
    told = await bundled(shop, path)
    assert (told.outcome, told.code) == (Outcome.USAGE, "bundle-exists")
    assert path.read_text() == "mine"
    assert "pull" not in [call for call, _ in shop.engine.calls]
    assert (await bundled(shop, path, overwrite=True)).outcome is Outcome.BUNDLED
    assert listed(path)["project"] == "shop"
    told = await bundled(shop, shop.env, overwrite=True)
    assert (told.outcome, told.code) == (Outcome.USAGE, "bundle-over-input")
    told = await bundled(shop, tmp_path)
    assert (told.outcome, told.code) == (Outcome.USAGE, "bundle-is-folder")
    os.mkfifo(tmp_path / "device")
    told = await bundled(shop, tmp_path / "device", overwrite=True)
    assert (told.outcome, told.code) == (Outcome.USAGE, "bundle-unwritable")
    assert (tmp_path / "device").is_fifo()
    told = await bundled(shop, tmp_path / "none/shop.tar")
    assert (told.outcome, told.code) == (Outcome.USAGE, "bundle-unwritable")


@virtual
async def test_what_it_cannot_take_back_is_left_to_the_next_run(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "here")
    shop.world.faults.append(Fault(call="untag", code="engine-error"))
    told = await bundled(shop, tmp_path / "shop.tar")
    assert (told.outcome, (told.folder / LEFT).exists(), shop.world.images != {}) == (Outcome.BUNDLED, True, True)
    assert shop.session is not None
    assert shop.session.remembered, "the worker removes the folder of any other run"
    shop.world.faults.clear()
    await bundled(shop, tmp_path / "shop.tar", plan_only=True)
    assert ((told.folder / LEFT).exists(), shop.world.images) == (False, {})


@virtual
async def test_a_file_that_comes_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = shop_with(tmp_path / "here")
    path, save = tmp_path / "shop.tar", shop.engine.save

    async def saved(images: Sequence[str]) -> AsyncGenerator[bytes, None]:
        async for piece in save(images):
            path.write_text("mine")
            yield piece

    monkeypatch.setattr(shop.engine, "save", saved)
    told = await bundled(shop, path)
    assert (told.outcome, told.code) == (Outcome.USAGE, "bundle-exists")
    assert path.read_text() == "mine"


@virtual
async def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = shop_with(tmp_path / "here")
    before = shop.everything()

    def full(_: object, piece: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), len(piece))

    monkeypatch.setattr(whole_module.Whole, "write", full)
    told = await bundled(shop, tmp_path / "shop.tar")
    assert (told.outcome, told.code) == (Outcome.UNCHANGED, "bundle-unwritable")
    assert not (tmp_path / "shop.tar").exists()
    assert shop.everything() == before


@virtual
async def test_a_cancel_while_it_is_written_leaves_nothing(tmp_path: Path) -> None:
    shop = shop_with(tmp_path / "here", web=bytes(1 << 20))
    before = shop.everything()
    shop.world.rate = float(1 << 16)
    told = await bundled(shop, tmp_path / "shop.tar", cancel_after="bundle-progressed")
    assert told.outcome is Outcome.CANCELLED
    assert {entry.name for entry in tmp_path.iterdir()} == {"here"}
    assert shop.everything() == before


@pytest.mark.parametrize("damage", ["cut", "altered", "other"])
@virtual
async def test_what_the_engine_has_not_saved_whole_becomes_no_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    shop = shop_with(tmp_path / "here", web=b"content that is well known" * 1000)
    save = shop.engine.save

    async def saved(images: Sequence[str]) -> AsyncGenerator[bytes, None]:
        body = b"".join([piece async for piece in save(images[1:] if damage == "other" else images)])
        if damage == "altered":
            body = body.replace(b"well known", b"quite bent", 1)
        yield body[: len(body) // 2] if damage == "cut" else body

    monkeypatch.setattr(shop.engine, "save", saved)
    told = await bundled(shop, tmp_path / "shop.tar")
    assert (told.outcome, told.code) == (Outcome.UNCHANGED, "bundle-not-whole")
    assert not (tmp_path / "shop.tar").exists()


@virtual
async def test_what_is_built_here_is_taken_as_it_is_and_what_no_archive_could_bring_is_left_out(tmp_path: Path) -> None:
    compose = COMPOSE.replace("image: r.test/db:16", "image: db:local\n    build: {context: .}")
    compose = compose.replace("image: r.test/web:latest", "image: r.test/web:latest\n    pull_policy: never")
    shop = shop_with(tmp_path / "here", compose)
    [(spec, _)] = saved_images(archives.packed(archives.legacy("db:local", version="3", architecture="amd64")))
    shop.world.images[spec.id] = LocalImage(spec, ["db:local"])
    told = await bundled(shop, tmp_path / "shop.tar")
    assert (told.outcome, told.code) == (Outcome.BUNDLED, "")
    found = {entry["reference"]: entry for entry in listed(tmp_path / "shop.tar")["images"]}
    assert set(found) == {"r.test/api:1.0", "db:local"}
    assert (found["db:local"]["image_id"], found["db:local"]["digest"]) == (spec.id, "")
    assert [f.problem.facts["service"] for f in told.state.findings if f.problem.code == "bundle-left-out"] == ["web"]
    told = await bundled(shop, tmp_path / "web.tar", "web")
    assert (told.outcome, told.code) == (Outcome.USAGE, "bundle-empty")


PINNED = COMPOSE.replace("r.test/db:16", "r.test/db:16@DIGEST")


@virtual
async def test_what_is_pinned_goes_by_its_tag_and_not_without_one(tmp_path: Path) -> None:
    digest = image("r.test/db:16", "16.1").digest
    shop = shop_with(tmp_path / "here", PINNED.replace("DIGEST", digest))
    shop.world.publish("r.test/db:16", image("r.test/db:16", "16.2"))  # its tag has moved since
    told = await bundled(shop, tmp_path / "shop.tar")
    assert (told.outcome, told.code) == (Outcome.BUNDLED, "")
    assert "bundle-unpinned" in told.found()
    assert ("r.test/db:16", digest) in {
        (one["reference"], one["digest"]) for one in listed(tmp_path / "shop.tar")["images"]
    }
    assert b"@sha256" not in member(tmp_path / "shop.tar", f"{FILES}compose.yml")
    alone = shop_with(tmp_path / "alone", PINNED.replace("db:16@DIGEST", f"db@{digest}"))
    told = await bundled(alone, tmp_path / "alone.tar")
    assert (told.outcome, told.code) == (Outcome.USAGE, "bundle-pinned")


@virtual
async def test_what_is_mounted_is_named_and_a_mounted_file_is_wanted_for_an_install(tmp_path: Path) -> None:
    mounts = "volumes: [{type: bind, source: HERE/web.conf, target: /c}, {type: bind, source: HERE/www, target: /w}]"
    here = tmp_path / "here/shop"
    compose = COMPOSE.replace("image: r.test/web:latest", f"image: r.test/web:latest\n    {mounts}")
    shop = shop_with(tmp_path / "here", compose.replace("HERE", str(here)))
    for name in ("www", "empty"):
        (here / name).mkdir()
    (here / "www/index.html").write_text("hello")
    (here / "web.conf").write_text("listen 80")
    told = await bundled(shop, tmp_path / "shop.tar")
    assert (told.outcome, told.code) == (Outcome.BUNDLED, "")
    [named] = [found.problem for found in told.state.findings if found.problem.code == "bundle-mounts"]
    assert named.facts["files"] == "web.conf, www"
    assert listed(tmp_path / "shop.tar")["mounted"] == ["web.conf"]
    refused = await Shop(tmp_path).run(str(tmp_path / "shop.tar"), verb=Verb.INSTALL, folder=str(tmp_path / "srv"))
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "bundle-mounts-lacking")


@virtual
async def test_one_tag_for_two_images_is_refused(tmp_path: Path) -> None:
    digest = image("r.test/db:16", "16.1").digest
    shop = shop_with(tmp_path / "here", COMPOSE.replace("r.test/web:latest", f"r.test/db:16@{digest}"))
    shop.world.publish("r.test/db:16", image("r.test/db:16", "16.2"))
    told = await bundled(shop, tmp_path / "shop.tar")
    assert (told.outcome, told.code) == (Outcome.USAGE, "bundle-ambiguous")


@virtual
async def test_files_outside_the_folder_are_left_out_and_told(tmp_path: Path) -> None:
    (tmp_path / "common.env").write_text("COLOUR=blue\n")
    compose = COMPOSE.replace(
        "restart: always\n  db", f"restart: always\n    env_file: [{{path: {tmp_path}/common.env}}]\n  db"
    )
    shop = shop_with(tmp_path / "here", compose)
    told = await bundled(shop, tmp_path / "shop.tar")
    assert (told.outcome, told.code) == (Outcome.BUNDLED, "")
    assert "bundle-files-outside" in told.found()
    assert listed(tmp_path / "shop.tar")["absent"] == [f"{tmp_path}/common.env"]
    refused = await Shop(tmp_path).run(str(tmp_path / "shop.tar"), verb=Verb.INSTALL, folder=str(tmp_path / "srv"))
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "bundle-files-lacking")
    assert not (tmp_path / "srv").exists()
