"""The Install pane, the release of the Images pane and the answers of the Outcome pane, driven by keys."""

from __future__ import annotations

import stat
from pathlib import Path

import msgspec
import pytest

from recordings import after, recording
from wizards import LARGE, SMALL, Driven, wizard
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, InstallField, Question
from ws9tui.core.releases import answer_file
from ws9tui.problems.problem import read

pytestmark = pytest.mark.slow

FORMS = [event for event in recording("installed") if isinstance(event, e.InstallChecked)]
PORT = FORMS[-1].fields[6]
ASKS = (Question.INSTALL, Choice.GO, Choice.CHECK, Choice.CANCEL)


async def check(driven: Driven, **changes: InstallField) -> None:
    """The worker has looked, and asks again."""
    form = FORMS[-1]
    fields = tuple(changes.get(field.name, field) for field in form.fields)
    driven.story.say(msgspec.structs.replace(form, fields=fields, at="")).ask(*ASKS)
    await driven.tell()


async def test_enter_looks_at_the_source_before_it_goes_on(tmp_path: Path) -> None:
    async with wizard("no-project", tmp_path) as driven:
        assert driven.says("Enter Look up")
        await driven.press("enter")
        assert (driven.decision().choice, driven.decisions()) == (Choice.CHECK, [])
        await driven.tell(FORMS[1])
        await driven.shows("Checking websoft9")
        await check(driven)
        await driven.shows("Enter Next")
        await driven.press("enter")
        assert driven.decision().choice is Choice.GO


async def test_another_source_is_looked_at_at_once(tmp_path: Path) -> None:
    async with wizard("no-project", tmp_path) as driven:
        await driven.press("e", *["backspace"] * 8, *"/srv/x", "enter")
        decision = driven.decision()
        assert (decision.choice, decision.answers) == (Choice.CHECK, {"source": "/srv/x"})
        await driven.shows("checking")


async def test_an_empty_source_is_the_default(tmp_path: Path) -> None:
    async with wizard("no-project", tmp_path) as driven:
        await driven.press("e", *["backspace"] * 8, "enter")
        assert driven.decision().answers == {"source": "websoft9"}


async def test_a_password_in_a_source_is_not_even_written_down(tmp_path: Path) -> None:
    async with wizard("no-project", tmp_path) as driven:
        await driven.press("e", *["backspace"] * 8, *"https://a:b@c/x.zip", "enter")
        await driven.shows("must not contain a user name or password")
        assert driven.decisions() == []


async def test_a_channel_is_one_of_a_few_and_waits_for_enter(tmp_path: Path) -> None:
    async with wizard("install-form", tmp_path) as driven:
        await driven.press("down", "space")
        await driven.shows("Press Enter to check the source again.")
        assert driven.decisions() == []
        await driven.press("enter")
        assert driven.decision().answers == {"channel": "rc"}


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_value_is_checked_while_it_is_typed(tmp_path: Path, size: tuple[int, int]) -> None:
    async with wizard("install-form", tmp_path, size=size) as driven:
        await driven.press(*["down"] * 6, "e", "8")
        assert driven.decision().answers == {"APP_HTTP_GATEWAY": "808"}
        await driven.shows("checking")
        await driven.press("1")
        assert driven.decisions() == []  # waiting for the worker
        by = read("port-taken", {"port": "808/tcp", "by": "other"})
        port = msgspec.structs.replace(PORT, value="808", problem=by)
        await check(driven, APP_HTTP_GATEWAY=port)
        assert driven.decision().answers == {"APP_HTTP_GATEWAY": "8081"}
        await check(driven, APP_HTTP_GATEWAY=msgspec.structs.replace(port, value="8081", problem=None))
        await driven.shows("OK")
        await driven.press("enter")
        await driven.hides("Enter accept")
        await driven.shows("8081")


async def test_escape_takes_back_what_was_typed(tmp_path: Path) -> None:
    async with wizard("install-form", tmp_path) as driven:
        await driven.press(*["down"] * 6, "e", "8")
        assert driven.decision().answers == {"APP_HTTP_GATEWAY": "808"}
        await check(driven)
        await driven.press("escape")
        assert driven.decision().answers == {"APP_HTTP_GATEWAY": "80"}


async def test_with_something_wrong_it_does_not_go_on(tmp_path: Path) -> None:
    async with wizard("install-taken", tmp_path) as driven:
        await driven.press("enter")
        await driven.shows("Some settings are wrong")
        assert driven.decisions() == []


async def test_a_release_is_asked_for_and_got(tmp_path: Path) -> None:
    async with wizard("images-releases", tmp_path) as driven:
        await driven.press("u", "enter")
        decision = driven.decision()
        assert (decision.choice, decision.answers) == (Choice.RELEASE, {"source": "websoft9"})
        await driven.goes_on(after(e.Decided))
        await driven.shows("Fetching the release from websoft9.")
        await driven.goes_on("merging")
        await driven.shows("2.2.9 → 2.2.17")
        decided = next(
            place for place, event in enumerate(recording("released"))
            if isinstance(event, e.Decided) and event.question is Question.MERGE
        )  # fmt: skip
        await driven.goes_on(lambda _: decided + 1)
        assert driven.app.followed.cancellable


async def test_without_releases_there_is_no_key_for_them(tmp_path: Path) -> None:
    async with wizard("images-mixed", tmp_path) as driven:
        assert not driven.says("U Release")
        await driven.press("u")
        assert driven.decisions() == []


async def test_the_answers_of_an_install_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with wizard("installed", tmp_path) as driven:
        await driven.press("w", "enter")
        await driven.shows("Answers written to")
        file = tmp_path / "ws9tui-answers.yml"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        found = answer_file.read(file)
        assert (found.source, found.version, found.settings["CONSOLE_PORT"]) == ("websoft9", "2.2.17", "9000")
        await driven.press("w", "enter")
        await driven.shows("already exists")


async def test_only_an_install_has_answers(tmp_path: Path) -> None:
    async with wizard("kept", tmp_path) as driven:
        assert not driven.says("Write answer")
