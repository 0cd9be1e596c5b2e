"""Data in the panes and line by line: which is saved, how far it is, what was written, and the two ways back."""

from __future__ import annotations

import string
from pathlib import Path

import msgspec
import pytest

import sample_run as sample
from recordings import Story
from wizards import wizard
from ws9tui.cli import questions
from ws9tui.cli.answer import Answer
from ws9tui.core.journal import events as e
from ws9tui.core.journal.fold import fold
from ws9tui.core.model.plan import DataTarget, Plan, PlannedBackup, PlannedRestore
from ws9tui.core.model.terms import Choice
from ws9tui.problems.problem import read
from ws9tui.words import plan as words
from ws9tui.words import plan_data

pytestmark = pytest.mark.slow

GIT = (DataTarget("/data", "volume", "websoft9_git", 1_200_000_000), DataTarget("/etc/gitea", "bind", "/srv/gitea", -1))
HUB = (DataTarget("/websoft9/apphub", "volume", "apphub_media", 3000),)
MOVED = e.DataMoved(service="git", target="/data", doing="backup", done=600_000_000, total=1_200_000_000)
SAVED = e.BackupMade(
    service="git", generation=3, role="before", folder="/b/3/git", size=9, stored=5, files=2, seconds=1.5
)
WRITTEN = e.DataWritten(service="git", files=14, newest="2026-08-20T03:00:00Z")

LOOKED = fold([*sample.looked()])


def plan_with_data() -> Plan:
    backups = (
        PlannedBackup("git", "sha256:1", GIT, read("migrates-data", {"what": "Gitea"}), chosen=True),
        PlannedBackup("apphub", "sha256:2", HUB, read("backup-possible", {}), chosen=False),
    )
    return msgspec.structs.replace(sample.PLAN, backups=backups, backup_folder="/var/lib/ws9tui/backups")


def plan_back() -> Plan:
    restores = (
        PlannedRestore("git", "/b/3/git", "2026-08-01T00:00:00Z", 3_000_000, GIT, "", True, 14, WRITTEN.newest),
    )
    return msgspec.structs.replace(sample.PLAN, restores=restores, backup_folder="/var/lib/ws9tui/backups")


def test_the_plan_says_what_is_saved_how_much_where_to_and_for_how_long() -> None:
    said = "\n".join(line.text for line in words.lines(plan_with_data()))
    assert "Data to back up first, while its service is stopped" in said
    assert "  git: size unknown, Gitea migrates its data" in said
    assert "      /data (volume websoft9_git, about 1.2 GB)" in said
    assert "Backups in /var/lib/ws9tui/backups" in said
    assert "Data that is NOT backed up\n  apphub" in said
    known = msgspec.structs.replace(plan_with_data().backups[0], targets=GIT[:1])
    said = "\n".join(line.text for line in plan_data.data_lines(Plan(1, 2, backups=(known,))))
    assert "about 1.2 GB, Gitea migrates its data; adds about 27 s of downtime" in said


def test_the_plan_says_what_goes_back_and_what_was_written_since() -> None:
    said = "\n".join(line.text for line in words.lines(plan_back()))
    assert "Data to restore; the current data is backed up first" in said
    assert "14 files have changed since then, the newest at" in said


async def test_a_key_sets_whose_data_is_saved(tmp_path: Path) -> None:
    async with wizard("confirm", tmp_path) as driven:
        assert "D Data" in driven.text()
        await driven.press("d")
        await driven.shows("Back up which data before the update?")
        assert "[x] git" in driven.text()
        assert "[ ] apphub" in driven.text()
        await driven.press("4")
        await driven.shows("[x] apphub")
        await driven.press("2")
        await driven.shows("[ ] git")
        await driven.press("enter")
        await driven.hides("Back up which data before the update?")
        await driven.press_and_answer("enter", "y")
        assert driven.decision().backups == ("deployment", "apphub")


async def test_data_of_more_services_than_digits_can_be_chosen(tmp_path: Path) -> None:
    names = [f"service-{number}" for number in range(1, 14)]
    more = tuple(PlannedBackup(name, "sha256:1", HUB, read("backup-possible", {}), chosen=False) for name in names)
    async with wizard("confirm", tmp_path) as driven:
        plan = driven.app.state.plan
        assert plan is not None
        await driven.tell(e.Planned(plan=msgspec.structs.replace(plan, backups=(*plan.backups, *more))))
        await driven.press("d")
        await driven.shows("[ ] service-1 ")
        await driven.press(string.ascii_lowercase[len(plan.candidates) + len(more) - 10])
        await driven.press("up", "up")  # Done is the first answer, and the last service is above it
        await driven.shows("[x] service-13")
        await driven.press("n")
        await driven.press_and_answer("enter", "y")
        assert driven.decision().backups == (*plan.saved, "service-13")


async def test_without_the_key_it_is_as_planned(tmp_path: Path) -> None:
    async with wizard("confirm-twelve", tmp_path) as driven:
        assert "D Data" not in driven.text()
        await driven.press("d", "enter", "y")
        assert driven.decision().backups is None


async def test_the_copy_is_seen_while_it_is_made(tmp_path: Path) -> None:
    async with wizard("copying", tmp_path) as driven:
        assert "git: backing up /data, 0 B of about 48 kB" in driven.text()
        assert "back up the data of git" in driven.text()
        await driven.goes_on("committing")
        await driven.hides("of about 48 kB")


@pytest.mark.parametrize(("key", "choice"), [("r", Choice.ROLL_BACK), ("d", Choice.ROLL_BACK_DATA)])
async def test_there_are_two_ways_back(tmp_path: Path, key: str, choice: Choice) -> None:
    async with wizard(Story("keep").say(WRITTEN), tmp_path) as driven:
        assert "git: 14 files have changed since its backup" in driven.text()
        assert "D Roll back with data" in driven.text()
        assert "R Roll back, image only" in driven.text()
        await driven.press(key)
        await driven.shows("is restored from the backup" if key == "d" else "version may not accept")
        await driven.press("y")
        assert driven.decision().choice is choice


def test_line_by_line_the_same() -> None:
    state = fold([e.Planned(plan=plan_with_data())], LOOKED)
    asking = questions.dialogue(sample.CONFIRM)
    assert "'data SERVICE…' to choose whose data is backed up first (git and apphub)" in "\n".join(asking.shown(state))
    assert asking.hear("yes", state) == Answer(Choice.GO, {"backups": None})
    unknown = asking.hear("data nobody", state)
    assert isinstance(unknown, list)
    assert "nobody has no data in this plan" in unknown[0]
    said = asking.hear("data apphub git", state)
    assert isinstance(said, list)
    assert "Data that is NOT backed up" not in said
    assert asking.hear("yes", state) == Answer(Choice.GO, {"backups": ("apphub", "git")})
    asking.hear("data none", state)
    assert asking.hear("yes", state) == Answer(Choice.GO, {"backups": ()})


@pytest.mark.parametrize("typed", ["2", "rollback-data", "Roll back with data", "rollback_data"])
def test_the_way_back_with_data_has_a_number_and_words(typed: str) -> None:
    asked = msgspec.structs.replace(sample.OUTCOME, choices=(Choice.KEEP, Choice.ROLL_BACK_DATA, Choice.ROLL_BACK))
    assert questions.dialogue(asked).hear(typed, LOOKED) == Answer(Choice.ROLL_BACK_DATA)
