"""Installs, updates and rollbacks from archives, where no registry is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from pathlib import Path

import msgspec
import pytest

from bench import GO, OLD, Shop
from support import archives
from virtual_time import virtual
from ws9tui.core.images import load
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import PullEvent
from ws9tui.core.model.terms import Availability, Choice, Outcome, Question, Verb
from ws9tui.core.store import generation
from ws9tui.simulation.engine import Fault
from ws9tui.simulation.images import saved_images
from ws9tui.words import lines

pytestmark = pytest.mark.slow

WEB, API, DB = "r.test/web:latest", "r.test/api:1.0", "r.test/db:16"


def saved(
    shop: Shop, name: str, *tags: str, version: str, architecture: str = "amd64", content: bytes = b""
) -> tuple[str, str]:
    """Write an archive of one image; returns its path and the image's ID."""
    members = archives.legacy(*tags, version=version, architecture=architecture, content=content)
    path = shop.folder.parent / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(archives.packed(members))
    raw = next(body for entry, body in members.items() if entry.endswith(".json") and entry != "manifest.json")
    assert isinstance(raw, bytes)
    return str(path), archives.digest(raw)


def asked_registries(shop: Shop) -> list[tuple[str, str]]:
    return [call for call in shop.engine.calls if call[0] in ("resolve", "pull")]


def ours(shop: Shop) -> list[str]:
    return [tag for image in shop.world.images.values() for tag in image.tags if tag.startswith("ws9tui.load")]


@virtual
async def test_an_update_from_an_archive(shop: Shop) -> None:
    await shop.install()
    path, image_id = saved(shop, "web.tar", WEB, version="1.1")
    told = await shop.run(archives=(path,))
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.versions() == OLD | {"web": "1.1"}
    assert asked_registries(shop) == []
    assert ours(shop) == []
    assert shop.tags()[WEB] == "1.1"
    assert not await shop.drift()
    [checked] = told.all(e.VersionChecked)
    assert (checked.archive, checked.offline, checked.digest, checked.digest_ok) == ("web.tar", True, "", False)
    assert "digest-unknown" in [finding.problem.code for finding in checked.findings]
    assert "from archive web.tar" in (lines.line(checked) or "")
    resolved = {answer.service: answer for answer in told.all(e.ReferenceResolved)}
    assert resolved["web"].availability is Availability.UPDATE
    assert resolved["api"].availability is resolved["db"].availability is Availability.CURRENT
    after = generation.read(shop.state, 2).services["web"]
    assert (after.image_id, after.digest, after.archive) == (image_id, "", "web.tar")
    assert generation.read(shop.state, 2).services["api"].archive == ""


@virtual
async def test_the_same_image_again_is_nothing_to_do(shop: Shop) -> None:
    await shop.install()
    path, _ = saved(shop, "web.tar", WEB, version="1.1")
    await shop.run(archives=(path,))
    told = await shop.run(archives=(path,))
    assert told.outcome is Outcome.UP_TO_DATE
    assert shop.generations == [1, 2]


@virtual
async def test_the_operator_sees_where_images_come_from_and_asks_for_another_tag(shop: Shop) -> None:
    await shop.install()
    saved(shop, "images/api.tar", "r.test/api:1.1", version="1.1")
    saved(shop, "images/web.tar", "r.test/web", version="2.0")
    told = await shop.run(
        script=GO,
        selection=("web", "api"),
        references={"api": "1.1"},
        archives=(str(shop.folder.parent / "images"),),
    )
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD | {"web": "2.0", "api": "1.1"}
    assert shop.env.read_text() == "# versions\nAPI=1.1\n"
    assert asked_registries(shop) == []


@virtual
async def test_a_first_install_from_archives(shop: Shop) -> None:
    paths = [
        saved(shop, name, tag, version=version)[0]
        for name, tag, version in (("web.tar", WEB, "1.0"), ("api.tar", API, "1.0"), ("db.tar", DB, "16.1"))
    ]
    told = await shop.run(verb=Verb.INSTALL, archives=tuple(paths))
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD
    assert asked_registries(shop) == []
    assert ours(shop) == []


@virtual
async def test_what_no_archive_has_is_listed(shop: Shop) -> None:
    path, _ = saved(shop, "web.tar", WEB, version="1.0")
    told = await shop.run(verb=Verb.INSTALL, archives=(path,))
    assert (told.outcome, told.code) == (Outcome.REFUSED, "archive-lacks")
    assert told.finished.problem
    assert told.finished.problem.facts["references"] == f"{API}, {DB}"
    assert asked_registries(shop) == []
    assert shop.world.images == {}


@virtual
async def test_the_plan_alone_loads_nothing(shop: Shop) -> None:
    await shop.install()
    path, _ = saved(shop, "web.tar", WEB, version="1.1")
    before = shop.everything()
    told = await shop.run(archives=(path,), plan_only=True)
    assert told.outcome is Outcome.PLANNED
    assert shop.everything() == before
    assert ("load", "") not in shop.engine.calls


@pytest.mark.parametrize(
    ("version", "architecture", "code"),
    [("9.9", "amd64", "version-mismatch"), ("1.1", "arm64", "platform-missing")],
)
@virtual
async def test_what_an_archive_cannot_give_changes_nothing(
    shop: Shop, version: str, architecture: str, code: str
) -> None:
    await shop.install()
    path, _ = saved(shop, "api.tar", "r.test/api:1.1", version=version, architecture=architecture)
    before = shop.everything()
    told = await shop.run("api=1.1", archives=(path,))
    assert (told.outcome, told.code) == (Outcome.REFUSED, code)
    assert shop.everything() == before


@virtual
async def test_of_two_platforms_the_engines_is_taken_and_two_versions_are_refused(shop: Shop) -> None:
    await shop.install()
    arm, _ = saved(shop, "arm.tar", WEB, version="1.1", architecture="arm64")
    amd, _ = saved(shop, "amd.tar", WEB, version="1.1")
    other, _ = saved(shop, "other.tar", WEB, version="1.2")
    before = shop.everything()
    told = await shop.run(archives=(amd, other))
    assert (told.outcome, told.code) == (Outcome.REFUSED, "archive-ambiguous")
    assert shop.everything() == before
    assert (await shop.run(archives=(arm, amd))).outcome is Outcome.KEPT


@virtual
async def test_an_engine_that_does_not_load_changes_nothing_and_is_tried_again(shop: Shop) -> None:
    await shop.install()
    path, _ = saved(shop, "web.tar", WEB, version="1.1")
    before = shop.everything()
    shop.world.faults.append(Fault(call="load", code="load-failed", reason="broken", times=1))
    told = await shop.run(archives=(path,))
    assert (told.outcome, told.code) == (Outcome.UNCHANGED, "load-failed")
    assert shop.everything() == before
    shop.world.faults[:] = [Fault(call="load", code="disk-full", times=1)]
    answers = {Question.SELECT: Choice.GO, Question.PULL_FAILED: Choice.RETRY, Question.OUTCOME: Choice.KEEP}
    told = await shop.run(script=lambda asked: answers.get(asked.question, Choice.GO), archives=(path,))
    assert told.outcome is Outcome.KEPT
    assert [failed.problem.code for failed in told.all(e.PullFailed)] == ["disk-full"]


@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("code", ["engine-timeout", "load-failed"])
@virtual
async def test_what_an_engine_may_keep_of_a_load_is_told_where_it_gave_no_answer(
    shop: Shop, code: str, *, keeps: bool
) -> None:
    await shop.install()
    path, _ = saved(shop, "web.tar", WEB, version="1.1")
    shop.world.info = msgspec.structs.replace(shop.world.info, containerd_store=keeps)
    shop.world.faults.append(Fault(call="load", code=code, times=1))
    told = await shop.run(archives=(path,))
    assert (told.outcome, told.code) == (Outcome.UNCHANGED, code)
    assert ("load-left" in told.found()) == (keeps and code == "engine-timeout")


@pytest.mark.parametrize(("pull", "stall", "code"), [(60.0, 9e9, "pull-timeout"), (9e9, 60.0, "load-stalled")])
@virtual
async def test_a_load_that_takes_too_long_is_given_up(shop: Shop, pull: float, stall: float, code: str) -> None:
    await shop.install()
    path, _ = saved(shop, "web.tar", WEB, version="1.1", content=bytes(1 << 20))
    before = shop.everything()
    shop.world.rate = 100.0
    told = await shop.run(archives=(path,), pull_timeout=pull, stall_timeout=stall)
    assert (told.outcome, told.code) == (Outcome.UNCHANGED, code)
    assert shop.everything() == before


@virtual
async def test_a_disk_that_an_image_would_fill_is_left_alone(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "_COPIES", 1 << 20)
    await shop.install()
    path, _ = saved(shop, "web.tar", WEB, version="1.1", content=bytes(1 << 20))
    before = shop.everything()
    told = await shop.run(archives=(path,))
    assert (told.outcome, told.code) == (Outcome.REFUSED, "disk-low")
    assert shop.everything() == before
    assert ("load", "") not in shop.engine.calls


@virtual
async def test_a_load_tells_how_far_it_is_and_is_cancelled_at_once(shop: Shop) -> None:
    await shop.install()
    path, _ = saved(shop, "web.tar", WEB, version="1.1", content=bytes(4 << 20))
    before = shop.everything()
    shop.world.rate = float(1 << 20)
    told = await shop.run(script=GO, archives=(path,), cancel_after="pull-progressed")
    assert told.outcome is Outcome.CANCELLED
    assert shop.everything() == before
    progress = told.all(e.PullProgressed)
    assert 0 < progress[0].done < progress[0].total
    assert progress[0].phase == "loading"


@pytest.mark.parametrize(("seconds", "said"), [(60.0, True), (1.0, False)])
@virtual
async def test_a_cancel_that_has_to_wait_for_the_engine_says_so(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, seconds: float, said: bool
) -> None:
    await shop.install()
    path, _ = saved(shop, "web.tar", WEB, version="1.1", content=bytes(4 << 20))
    shop.world.rate = float(1 << 20)
    whole = shop.engine.load

    async def unpacking(archive: Iterable[bytes]) -> AsyncGenerator[PullEvent, None]:
        try:
            async for message in whole(archive):
                yield message
        finally:
            await asyncio.sleep(seconds)

    monkeypatch.setattr(shop.engine, "load", unpacking)
    told = await shop.run(script=GO, archives=(path,), cancel_after="pull-progressed")
    assert told.outcome is Outcome.CANCELLED
    assert ("load-finishing" in told.found()) is said


@virtual
async def test_a_rollback_loads_what_is_gone(shop: Shop) -> None:
    await shop.install()
    first, image_id = saved(shop, "first.tar", WEB, version="1.1")
    second, _ = saved(shop, "second.tar", WEB, version="1.2")
    await shop.run(archives=(first,))
    await shop.run(archives=(second,))
    for tag in [tag for tag in shop.world.images[image_id].tags if tag.startswith("ws9tui.keep")]:
        shop.world.untag(tag)
    assert image_id not in shop.world.images
    told = await shop.run(verb=Verb.ROLLBACK, to=2)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "keep-tag-missing")
    told = await shop.run(verb=Verb.ROLLBACK, to=2, archives=(second,))
    assert (told.outcome, told.code) == (Outcome.REFUSED, "archive-lacks")
    told = await shop.run(verb=Verb.ROLLBACK, to=2, archives=(second, first))
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.versions() == OLD | {"web": "1.1"}
    assert asked_registries(shop) == []
    assert ours(shop) == []


@virtual
async def test_an_archive_takes_no_digest_away(shop: Shop) -> None:
    """It tells none: what was pulled by its digest once, and is loaded, can be pulled by it again."""
    await shop.install()
    path, image_id = saved(shop, "web.tar", WEB, version="1.1")
    [(spec, _)] = saved_images(Path(path).read_bytes())
    digest = archives.digest(b"its manifest")
    shop.world.publish(WEB, msgspec.structs.replace(spec, digest=digest))
    assert (await shop.run("web")).outcome is Outcome.KEPT
    shop.publish(WEB, "1.2")
    assert (await shop.run("web")).outcome is Outcome.KEPT

    def forgotten() -> None:
        image = shop.world.images[image_id]
        for name in (*image.tags, *image.digests):
            shop.world.untag(name)
        assert image_id not in shop.world.images

    forgotten()
    assert (await shop.run(verb=Verb.ROLLBACK, to=2, archives=(path,))).outcome is Outcome.KEPT
    assert (await shop.run(verb=Verb.ROLLBACK, to=3)).outcome is Outcome.KEPT
    forgotten()
    told = await shop.run(verb=Verb.ROLLBACK, to=2)
    assert told.outcome is Outcome.KEPT
    assert [event.digest for event in told.all(e.PullStarted)] == [f"r.test/web@{digest}"]
    assert shop.versions() == OLD | {"web": "1.1"}


@virtual
async def test_what_an_engine_finishes_after_a_run_has_died_is_taken_back_by_the_next(shop: Shop) -> None:
    await shop.install()
    path, image_id = saved(shop, "web.tar", WEB, version="1.1")
    await shop.run(archives=(path,), plan_only=True)
    pieces = archives.packed(archives.legacy("ws9tui.load/shop:7-0", version="1.1", architecture="amd64"))
    [_ async for _ in shop.engine.load([pieces])]
    foreign = archives.packed(archives.legacy("ws9tui.load/other:7-0", version="1.3", architecture="amd64"))
    [_ async for _ in shop.engine.load([foreign])]
    assert image_id in shop.world.images
    await shop.run(archives=(path,), plan_only=True)
    assert image_id not in shop.world.images
    assert ours(shop) == ["ws9tui.load/other:7-0"]


@virtual
async def test_a_recovery_loads_a_missing_image_from_an_archive(shop: Shop) -> None:
    await shop.install()
    path, image_id = saved(shop, "api.tar", API, version="1.0")
    assert (await shop.run(archives=(path,))).outcome is Outcome.KEPT
    shop.behave("r.test/api:1.1", "1.1", exits_after=2.0, exit_code=3)
    held = await shop.run("api=1.1", on_failure="hold")
    assert held.outcome is Outcome.NEEDS_RECOVERY
    del shop.world.images[image_id]
    nowhere = await shop.run(verb=Verb.RECOVER, recover="back", archives=(f"{path}.old",))
    assert (nowhere.outcome, nowhere.all(e.CommitStarted)) == (Outcome.USAGE, [])
    shop.engine.calls.clear()
    told = await shop.run(verb=Verb.RECOVER, recover="back", archives=(path,))
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "")
    assert shop.versions() == OLD
    assert (await shop.by_service())["api"].image_id == image_id
    assert (asked_registries(shop), ours(shop)) == ([], [])
    assert "ws9tui.keep/shop:2-api" in shop.tags(kept=True)
