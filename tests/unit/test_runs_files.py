"""Runs on a project whose files somebody has exchanged, or that cannot be written: what is refused, told, and kept."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bench import ENV, Shop
from support.needs import needs_root
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Outcome, Verb

SECRET = "root=secret\n"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    folder = tmp_path / "shop"
    folder.mkdir()
    return Shop(folder)


@contextmanager
def immutable(path: Path) -> Iterator[None]:
    if subprocess.run(["chattr", "+i", path], capture_output=True, check=False).returncode:
        pytest.skip("this file system has no immutable files")
    try:
        yield
    finally:
        subprocess.run(["chattr", "-i", path], capture_output=True, check=True)


async def offered(shop: Shop) -> None:
    """Install it, with an update to come."""
    await shop.install()
    shop.publish("r.test/api:1.1", "1.1")


@virtual
async def test_a_link_that_was_not_there_is_refused_with_a_way_on(shop: Shop, tmp_path: Path) -> None:
    await offered(shop)
    assert (await shop.run("api=1.1")).outcome is Outcome.KEPT
    victim = tmp_path / "victim"
    victim.write_text(SECRET)
    shop.env.unlink()
    shop.env.symlink_to(victim)
    told = await shop.run(verb=Verb.ROLLBACK, to=1)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "file-led-elsewhere")
    assert told.finished.problem is not None
    assert told.finished.problem.facts["link"] == str(shop.env)
    assert (victim.read_text(), shop.env.is_symlink()) == (SECRET, True)
    shop.env.unlink()
    assert (await shop.run(verb=Verb.ROLLBACK, to=1)).outcome is Outcome.KEPT
    assert (shop.env.read_text(), shop.env.is_symlink()) == (ENV, False)


@virtual
@needs_root
async def test_what_cannot_be_written_is_refused_before_anything_is_pulled(shop: Shop) -> None:
    await offered(shop)
    with immutable(shop.env):
        there = shop.everything()
        for plan_only in (False, True):
            told = await shop.run("api=1.1", plan_only=plan_only)
            assert (told.outcome, told.code) == (Outcome.REFUSED, "file-immutable")
            assert not told.all(e.PullStarted)
        assert "file-immutable" in (await shop.run(verb=Verb.DOCTOR)).found()
        assert shop.everything() == there
    assert (await shop.run("api=1.1")).outcome is Outcome.KEPT


@pytest.mark.parametrize("verb", [Verb.UPDATE, Verb.ROLLBACK, Verb.DOCTOR, Verb.BUNDLE])
@virtual
async def test_a_project_in_a_closed_folder_is_refused_with_that_folder(
    shop: Shop, tmp_path: Path, closed: Callable[[Path], None], verb: Verb
) -> None:
    await offered(shop)
    closed(shop.folder)
    told = await shop.run("shop", verb=verb, output=str(tmp_path / "shop.tar"))
    assert (told.outcome, told.code) == (Outcome.REFUSED, "file-forbidden")
    assert told.finished.problem is not None
    assert told.finished.problem.facts["part"] == str(shop.folder)


@virtual
async def test_extended_attributes_are_kept_and_hard_links_told(shop: Shop, tmp_path: Path) -> None:
    await offered(shop)
    try:
        os.setxattr(shop.env, "user.origin", b"here")
    except OSError:
        pytest.skip("this file system has no extended attributes")
    os.link(shop.env, tmp_path / "same.env")
    told = await shop.run("api=1.1")
    assert told.outcome is Outcome.KEPT
    assert "file-hard-links" in [note.code for note in told.all(e.Planned)[-1].plan.notes]
    assert os.getxattr(shop.env, "user.origin") == b"here"
    assert (tmp_path / "same.env").read_text() == ENV
    os.removexattr(shop.env, "user.origin")
    assert (await shop.run(verb=Verb.ROLLBACK, to=1)).outcome is Outcome.KEPT
    assert (shop.env.read_text(), os.getxattr(shop.env, "user.origin")) == (ENV, b"here")
