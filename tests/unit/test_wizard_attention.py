"""What a terminal is told of a run beside its screen: title, bell, notification."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest

import recordings
from ws9tui.core.journal import events as e
from ws9tui.core.journal.fold import fold
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Actor, Choice, Outcome, Question
from ws9tui.wizard import attention
from ws9tui.wizard.attention import Attention, Terminal
from ws9tui.words import attention as words

if TYPE_CHECKING:
    from ws9tui.core.journal.events import Event

CONFIRM = e.Asked(ask=3, question=Question.CONFIRM, choices=(Choice.GO, Choice.CANCEL), default=Choice.GO)


def at(seconds: int, event: Event) -> Event:
    return event.__class__(
        **{name: getattr(event, name) for name in event.__struct_fields__} | {"at": f"2026-11-29T13:00:{seconds:02}Z"}
    )


def decided(choice: Choice = Choice.GO) -> e.Decided:
    return e.Decided(ask=2, question=Question.VERSIONS, choice=choice, by="operator", actor=Actor("root"))


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"TERM": "xterm-256color"}, Terminal()),
        ({"TERM": "foot"}, Terminal(notification="\033]777;notify;ws9tui;{text}\a")),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7600"}, Terminal(notification="\033]777;notify;ws9tui;{text}\a")),
        ({"TERM": "tmux-256color"}, Terminal(notification="")),
        ({"TERM": "xterm", "WS9TUI_BELL": "title"}, Terminal(bell=False, notification="")),
        ({"TERM": "xterm", "WS9TUI_BELL": "off"}, None),
        ({"TERM": "dumb"}, None),
        ({"TERM": "linux"}, None),
        ({"TERM": "vt220"}, None),
        ({}, None),
    ],
)
def test_which_terminals_are_told_what(environ: dict[str, str], told: Terminal | None) -> None:
    assert attention.terminal(environ) == told


def test_each_recorded_run_has_titles_without_a_sequence_of_their_own() -> None:
    for name in (path.stem for path in recordings.FOLDER.glob("*.jsonl")):
        state = RunState()
        for event in recordings.recording(name):
            state = fold([event], state)
            title = words.title(state)
            assert title.startswith("ws9tui"), name
            assert len(title) <= 80
            assert title.isprintable(), (name, title)


def test_a_pull_is_told_by_its_percentage() -> None:
    event = e.PullProgressed(reference="r/a:1", done=45, total=100, fraction=0.45, phase="downloading")
    assert words.title(fold([event])) == "ws9tui · Pull 45 %"


def test_a_title_is_written_once_and_not_too_often() -> None:
    now = [0.0]
    shown = Attention(Terminal(), lambda: now[0])
    state = fold([at(0, e.WorkerStarted(pid=1))])
    assert shown.show(state) == "\033]2;ws9tui · Inspecting\a"
    assert shown.show(state) == ""
    state = fold([at(1, e.PullFinished(reference="r", image_id="", size=1, seconds=1, new=True))], state)
    assert shown.show(state) == ""
    now[0] = 1.0
    assert shown.show(state) == "\033]2;ws9tui · Pull 100 %\a"


@pytest.mark.parametrize(("seconds", "rings"), [(1, False), (9, True)])
def test_a_question_rings_unless_somebody_has_just_decided(seconds: int, rings: bool) -> None:
    shown = Attention(Terminal())
    state = fold([at(0, decided())])
    shown.show(state)
    said = shown.show(fold([at(seconds, CONFIRM)], state))
    assert ("\033]9;ws9tui: Apply this plan?\a" in said) is rings
    assert said.endswith("\a\a") is rings
    assert shown.show(fold([at(seconds, CONFIRM)], state)) == ""


def test_an_end_rings_and_one_that_was_there_before_does_not() -> None:
    state = fold([at(0, e.WorkerStarted(pid=1)), at(0, decided())])
    ended = fold([at(30, e.Finished(outcome=Outcome.KEPT))], state)
    assert Attention(Terminal()).show(ended).count("\a") == 1  # its title alone
    shown = Attention(Terminal())
    shown.show(state)
    assert "\033]9;ws9tui: Updated\a" in shown.show(ended)
    quiet = Attention(Terminal(bell=False, notification=""))
    quiet.show(state)
    assert quiet.show(ended) == "\033]2;ws9tui · Updated\a"


def test_hostile_names_reach_no_terminal() -> None:
    state = fold(recordings.recording("hostile"))
    shown = Attention(Terminal())
    written = shown.show(RunState()) + shown.show(state)
    assert re.sub(r"\033\](?:2|9);[^\a\033]*\a|\a", "", written) == ""


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_stream_that_is_no_terminal_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("WS9TUI_BELL", raising=False)
    for stream, written in ((io.StringIO(), ""), (Screen(), "\033[22;2t\033]2;ws9tui · Starting\a\033[23;2t")):
        with attention.on(stream) as tell:
            tell(RunState())
        assert stream.getvalue() == written
