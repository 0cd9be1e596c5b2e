"""Journals and generations of an older or a newer version, damaged ones, and such as somebody has edited.

What `older/` holds was written by a run that was killed between two containers; fields that came later are left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import ENV, OLD, Shop
from updates import KILLS, NEW, killed
from virtual_time import virtual
from ws9tui.cli.main import run as command
from ws9tui.core.model.terms import Outcome, Verb
from ws9tui.core.store import generation
from ws9tui.errors import StateError
from ws9tui.simulation.engine import Behaviour

pytestmark = pytest.mark.slow

OLDER = Path(__file__).parent / "older"


async def interrupted(shop: Shop) -> Path:
    """Have an update killed half-way; gives its journal."""
    await shop.install()
    await killed(shop, *KILLS["the old one is stopped"])
    (folder,) = shop.store.runs_folder.iterdir()
    return folder / "journal.jsonl"


def record(shop: Shop, number: int) -> Path:
    return shop.state / "generations" / str(number) / "generation.json"


def history(shop: Shop, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert command(["history", "shop", *arguments, "--state-dir", str(shop.store.folder)]) == 0
    return capsys.readouterr().out


def as_older(shop: Shop, journal: Path) -> None:
    digest = hashlib.sha256(shop.file.read_bytes()).hexdigest()
    for name, path in (("journal.jsonl", journal), *((f"generation-{n}.json", record(shop, n)) for n in (1, 2))):
        text = (OLDER / name).read_text()
        path.write_text(text.replace("@PROJECT@", str(shop.folder)).replace("@COMPOSE@", digest))


async def recovered(shop: Shop, way: str, before: tuple[object, ...]) -> None:
    told = await shop.run(verb=Verb.RECOVER, recover=way)
    if way == "back":
        assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "")
        assert shop.versions() == OLD
        assert shop.left() == before
        assert shop.generations == [1]
    else:
        assert (told.outcome, told.code) == (Outcome.KEPT, "")
        assert shop.versions() == NEW
        assert shop.env.read_text() == ENV.replace("1.0", "1.1")
    assert not await shop.drift()
    assert (await shop.run(verb=Verb.RECOVER)).code == "nothing-to-recover"


WAYS = pytest.mark.parametrize("way", ["back", "forward"])


@virtual
@WAYS
async def test_what_an_older_version_left_can_be_recovered(
    shop: Shop, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    as_older(shop, await interrupted(shop))
    before = await good(shop)
    assert "INTERRUPTED" in history(shop, capsys)
    told = history(shop, capsys, "1")
    assert "ws9tui   0.0.1" in told
    assert "Recreate" in told
    assert "damaged" not in told
    assert (await shop.run()).code == "interrupted-run"
    await recovered(shop, way, before)


NEWER = (
    b'{"type":"quantum-leap","at":"2030-01-01T00:00:00Z","where":"elsewhere"}\n',
    b'{"type":"container-step","at":"2030-01-01T00:00:00Z","service":"api","container":"c","text":"Recreate","more":[1]}\n',
)


@virtual
@WAYS
async def test_events_of_a_newer_version_are_told_and_passed_over(
    shop: Shop, capsys: pytest.CaptureFixture[str], way: str
) -> None:
    journal = await interrupted(shop)
    content = journal.read_bytes() + b"".join(NEWER)
    journal.write_bytes(content)
    told = history(shop, capsys, "1")
    assert "The journal of this run is damaged, or written by a newer ws9tui (lines affected: 1)." in told
    await recovered(shop, way, await good(shop))
    assert journal.read_bytes().startswith(content)


async def good(shop: Shop) -> tuple[object, ...]:
    """What a way back must leave, by another shop that was never touched."""
    other = Shop(_fresh(shop.folder.parent / "other"))
    await other.install()
    images, _, networks, volumes = other.left()
    files = {path.name: path.read_bytes() for path in shop.folder.iterdir()} | {".env": ENV.encode()}
    return images, files, networks, volumes


def _fresh(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


Damage = Callable[[bytes], bytes]


def newer(content: bytes) -> bytes:
    return json.dumps(json.loads(content) | {"format": 99}).encode()


BROKEN: dict[str, tuple[Damage, str]] = {
    "newer": (newer, "generation-newer"),
    "cut short": (lambda content: content[: len(content) // 2], "generation-damaged"),
    "empty": (lambda _: b"", "generation-damaged"),
    "edited to nonsense": (lambda content: content.replace(b'"number": 2', b'"number": "two"'), "generation-damaged"),
    "binary": (lambda _: b"\xff\x00\xfe" * 100, "generation-damaged"),
}


@virtual
@pytest.mark.parametrize("damage", BROKEN)
async def test_a_recovery_whose_generation_cannot_be_read(
    shop: Shop, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    """It is said which file it is; nothing is touched; with the file as it was, all can be done as before."""
    change, code = BROKEN[damage]
    await interrupted(shop)
    there, file = shop.everything(), record(shop, 2)
    good, bad = file.read_bytes(), change(file.read_bytes())
    file.write_bytes(bad)
    for verb, way in ((Verb.RECOVER, "back"), (Verb.RECOVER, "forward"), (Verb.UPDATE, None)):
        told = await shop.run(verb=verb, recover=way)
        assert (told.outcome, told.code) == (Outcome.REFUSED, code)
        assert told.finished.problem is not None
        assert told.finished.problem.facts["path"] == str(file)
    assert shop.everything() == there
    assert file.read_bytes() == bad
    words = "newer ws9tui" if code == "generation-newer" else "damaged"
    assert words in history(shop, capsys)
    file.write_bytes(good)
    assert (await shop.run(verb=Verb.RECOVER, recover="back")).outcome is Outcome.ROLLED_BACK
    assert shop.versions() == OLD


@virtual
@pytest.mark.parametrize("damage", BROKEN)
async def test_an_update_beside_a_generation_that_cannot_be_read(
    shop: Shop, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    """It is neither used nor replaced, and the way back leads past it."""
    change, code = BROKEN[damage]
    await shop.install()
    shop.publish("r.test/api:1.1", "1.1")
    assert (await shop.run("api=1.1")).outcome is Outcome.KEPT
    file = record(shop, 2)
    bad = change(file.read_bytes())
    file.write_bytes(bad)
    shop.publish("r.test/api:1.2", "1.2", behaviour=Behaviour(exits_after=1.0, exit_code=1))
    failed = await shop.run("api=1.2")
    assert (failed.outcome, failed.code) == (Outcome.ROLLED_BACK, "crash-looping")
    assert shop.versions()["api"] == "1.1"
    shop.publish("r.test/api:1.3", "1.3")
    assert (await shop.run("api=1.3")).outcome is Outcome.KEPT
    assert file.read_bytes() == bad
    assert shop.generations == [1, 2, 3, 4]
    assert shop.tags(kept=True)["ws9tui.keep/shop:2-api"] == "1.1"
    told = history(shop, capsys)
    assert ("newer ws9tui" if code == "generation-newer" else "damaged") in told
    assert str(file) in told
    assert (await shop.run(verb=Verb.ROLLBACK, to=2)).code == code
    assert shop.versions()["api"] == "1.3"
    assert (await shop.run(verb=Verb.ROLLBACK)).outcome is Outcome.KEPT
    assert shop.versions()["api"] == "1.1"


@virtual
@WAYS
@pytest.mark.parametrize("lost", ["planned", "generation-saved", "step-started", "pull-started", "version-checked"])
async def test_a_journal_that_has_lost_lines(shop: Shop, lost: str, way: str) -> None:
    """Where the plan is gone, the two generations tell what it must have been about."""
    journal = await interrupted(shop)
    before = await good(shop)
    lines = journal.read_bytes().splitlines(keepends=True)
    damaged = [b'{"type":"' + lost.encode() if f'"type":"{lost}"'.encode() in line else line for line in lines]
    journal.write_bytes(b"".join(line if line.endswith(b"\n") else line + b"\n" for line in damaged))
    if lost == "pull-started" and way == "back":  # what it pulled is not known any more, and stays
        told = await shop.run(verb=Verb.RECOVER, recover="back")
        assert told.outcome is Outcome.ROLLED_BACK
        assert shop.versions() == OLD
        return
    await recovered(shop, way, before)


@virtual
async def test_a_copy_of_a_file_that_was_edited_in_the_state_directory(shop: Shop) -> None:
    await interrupted(shop)
    there = shop.everything()
    (copy,) = (
        shop.state / "generations" / "1" / "files" / stored.copy
        for stored in generation.read(shop.state, 1).files
        if stored.path == str(shop.env)
    )
    kept = copy.read_bytes()
    copy.write_bytes(b"API=6.6\n")
    told = await shop.run(verb=Verb.RECOVER, recover="back")
    assert told.outcome in (Outcome.UNCHANGED, Outcome.NEEDS_RECOVERY)
    assert told.finished.problem is not None
    assert "generation-damaged" in (told.code, told.finished.problem.facts.get("reason"))
    assert shop.everything()[0] == there[0]
    assert b"6.6" not in shop.env.read_bytes()
    copy.write_bytes(kept)
    assert (await shop.run(verb=Verb.RECOVER, recover="back")).outcome is Outcome.ROLLED_BACK


def test_a_generation_of_an_older_version_has_the_defaults(tmp_path: Path) -> None:
    folder = tmp_path / "generations" / "1"
    folder.mkdir(parents=True)
    (folder / "generation.json").write_text((OLDER / "generation-1.json").read_text())
    found = generation.read(tmp_path, 1)
    assert (found.run_id, found.settings, found.services["web"].replicas) == ("", {}, 1)
    with pytest.raises(StateError):
        generation.read(tmp_path, 2)
