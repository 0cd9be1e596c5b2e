"""What comes after a run, where its front end is asked for more."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

import sample_run as sample
from bench import ME, Shop
from virtual_time import virtual
from ws9tui.cli import history, runs
from ws9tui.cli.arguments import WIZARD, Command, parse
from ws9tui.core.journal import events as e
from ws9tui.core.journal.fold import fold
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb
from ws9tui.worker.next_run import Next, ToProject, Wanted

KEPT = fold(sample.whole())
PROJECT = KEPT.project
STATE = Path("/var/lib/elsewhere")


def after(monkeypatch: pytest.MonkeyPatch, command: Command, *wanted: Wanted | None) -> list[Command]:
    """Return the commands that follow where these are wanted in turn."""
    followed: list[Command] = []
    left = list(wanted)

    def one(following: Command, *, panes: bool, attended: bool) -> tuple[int, RunState, Wanted | None]:
        _ = panes, attended
        followed.append(following)
        return len(followed), KEPT, left.pop(0)

    monkeypatch.setattr(runs, "_one", one)
    status = runs.go_on(command, 0, KEPT, left.pop(0))
    assert status == len(followed)
    return followed


def test_again_is_the_wizard_on_the_same_project(monkeypatch: pytest.MonkeyPatch) -> None:
    command = Command("rollback", parse(["rollback", "--to", "3", "--monitor", "9s"]).options, state_dir=STATE)
    first, second = after(monkeypatch, command, Next.AGAIN, Next.AGAIN, None)
    assert first == second
    assert (first.name, first.state_dir, first.options.to, first.options.monitor) == (WIZARD, STATE, None, 9.0)
    assert PROJECT
    assert first.options.arguments == (PROJECT.source.folder,)


def test_again_repeats_the_files_that_were_given(monkeypatch: pytest.MonkeyPatch) -> None:
    command = parse(["-f", "a.yml", "-p", "other", "web"])
    (following,) = after(monkeypatch, command, Next.AGAIN, None)
    assert following.options == command.options


def test_another_project_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    (following,) = after(monkeypatch, parse(["shop", "--monitor", "9s"]), Next.OTHER_PROJECT, None)
    assert following == Command(WIZARD, Options(ask_project=True))


def test_a_project_that_was_named_is_gone_to(monkeypatch: pytest.MonkeyPatch) -> None:
    command = Command("attach", Options(arguments=("shop",)), state_dir=STATE, mouse=False)
    (following,) = after(monkeypatch, command, ToProject("blog"), None)
    assert following == Command(WIZARD, Options(arguments=("blog",)), state_dir=STATE, mouse=False)


def test_a_run_that_left_no_history_says_so_and_keeps_its_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = msgspec.structs.replace(parse(["shop"]), state_dir=tmp_path)
    assert runs.go_on(command, 3, KEPT, Next.HISTORY) == 3
    assert "left no history" in capsys.readouterr().err


def test_the_history_of_the_run_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Command] = []
    monkeypatch.setattr(history, "history", asked.append)
    assert runs.go_on(parse(["shop"]), 1, KEPT, Next.HISTORY) == 1
    assert asked[0].options.arguments == ("shop", "7")


def test_nothing_follows_where_nothing_is_wanted() -> None:
    assert runs.go_on(parse(["shop"]), 5, KEPT, None) == 5


@virtual
async def test_the_project_is_asked_for_wherever_one_stands(shop: Shop) -> None:
    await shop.install()

    def operator(asked: e.Asked) -> e.Decision | Choice:
        if asked.question is Question.PROJECT:
            assert asked.options == ("shop",)
            return e.Decision(ask=asked.ask, choice=Choice.GO, actor=ME, project="shop")
        return Choice.CANCEL

    told = await shop.run(verb=Verb.WIZARD, script=operator, ask_project=True)
    assert told.outcome is Outcome.CANCELLED
    assert [question for question, _, _ in told.asked()] == ["project", "select"]
    assert told.state.project
    assert told.state.project.source.folder == str(shop.folder)
