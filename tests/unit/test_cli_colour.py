"""The command line on a colour terminal, and where it is plain: with recorded runs, shown on a real terminal."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from rich.color import Color

import sample_run as sample
from colours import contrast
from command_line import COMMAND, ENV
from every_event import run_of
from recordings import recording
from sample_run import Played
from support.terminal import Terminal
from support.wait import until
from ws9tui.cli import arguments, looks, runs
from ws9tui.cli.arguments import Command
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.fold import apply
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Choice, Outcome
from ws9tui.core.store.store import Store
from ws9tui.problems.problem import read
from ws9tui.worker.handle import RunHandle

pytestmark = pytest.mark.slow

HOSTILE = "\x1b[2J\x9b31m\x07\r\n\u202e[red]"
OURS = re.compile(rb"\x1b\[[0-9;]*m|\x1b\[[0-9]*[AK]|\x1b\[\?25[hl]|\r")
"""what Rich writes: colours, a line up, a line erased, the cursor"""


def events_of(name: str) -> list[Event]:
    if name != "hostile":
        return list(recording(name))
    return [*run_of(HOSTILE), e.Finished(outcome=Outcome.UNCHANGED, problem=read(HOSTILE, {}), commands=(HOSTILE,))]


def play(name: str, pause: str, *typed: str) -> None:
    """Show a recorded run as a command does; at the last event of one type until SIGUSR1 comes."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    command = arguments.parse(typed)
    events = events_of(name)
    held = max((place for place, event in enumerate(events) if type(event).__name__ == pause), default=-1)
    out = runs.writer(command, sys.stdout)
    output = runs.output_of(command, out)
    state = RunState()
    for place, event in enumerate(events):
        state = apply(state, event)
        output.event(event, state)
        if place == held:
            signal.sigwait({signal.SIGUSR1})
    out.close()


def follow(folder: str) -> int:
    """Follow a run that a test plays, as `update` does."""
    handle = RunHandle(Path(folder))
    return runs.follow(handle, Command("update", arguments.parse(["update"]).options), ask=True)


def called(function: str, *given: str) -> list[str]:
    return [sys.executable, "-c", f"import sys, test_cli_colour as t; sys.exit(t.{function}(*sys.argv[1:]))", *given]


def shown(
    name: str,
    *typed: str,
    pause: str = "",
    cols: int = 100,
    rows: int = 200,
    term: str = "xterm-256color",
    env: dict[str, str] | None = None,
) -> Terminal:
    return Terminal(called("play", name, pause, *typed), {**ENV, **(env or {})}, cols=cols, rows=rows, term=term)


def ended(terminal: Terminal) -> str:
    assert terminal.wait_exit() == 0, terminal.screen()
    return terminal.screen()


def colour_at(terminal: Terminal, text: str) -> str:
    """Return the colour in which a text is shown."""
    for row in terminal.cells():
        line = "".join(cell.data for cell in row)
        if text in line:
            return str(row[line.index(text)].fg)
    raise AssertionError(f"{text} is not on the screen")


def test_progress_is_one_line_that_moves() -> None:
    with shown("kept", "update", pause="PullProgressed") as terminal:
        screen = terminal.wait_for(re.compile(r"^[-\\|/] .*\d+% .* of \d", re.MULTILINE))
        assert len(re.findall(r"\d+%", screen)) == 1
        terminal.signal(signal.SIGUSR1)
        screen = ended(terminal)
        assert "Pulled websoft9dev/git:1.25.5" in screen
        assert not re.search(r"\d+%", screen)
        assert "Generation 2 runs" in screen
        assert "Updating: step" not in screen
        assert terminal.raw.count(b"\x1b[?25h") >= terminal.raw.count(b"\x1b[?25l")


def test_steps_and_the_watch_are_shown_below_the_lines() -> None:
    with shown("kept", "update", pause="StepStarted") as terminal:
        terminal.wait_for("Updating: step ")
        terminal.signal(signal.SIGUSR1)
        ended(terminal)
    with shown("kept", "update", pause="WatchStarted") as terminal:
        terminal.wait_for(re.compile(r"^[-\\|/] +Watching \d services", re.MULTILINE))
        terminal.signal(signal.SIGUSR1)
        ended(terminal)


def test_news_has_a_tone() -> None:
    with shown("kept", "update") as terminal:
        screen = ended(terminal)
        good = colour_at(terminal, "Generation 2 runs")
        assert good == colour_at(terminal, "All watched services are OK") != "default"
        assert "╭" not in screen
    with shown("rolled-back", "update") as terminal:
        ended(terminal)
        assert colour_at(terminal, "Rolled back.") not in (good, "default")


def test_the_plan_shows_what_a_file_gets_and_loses() -> None:
    with shown("kept", "update", "--plan") as terminal:
        ended(terminal)
        colours = {colour_at(terminal, "+APPHUB"), colour_at(terminal, "-APPHUB"), "default"}
        assert len(colours) == 3


def test_doctor_shows_the_services_in_a_table() -> None:
    with shown("port-taken", "doctor") as terminal:
        screen = ended(terminal)
        assert re.search(r"^service +image +version +state +update$", screen, re.MULTILINE)
        assert re.search(r"^─+$", screen, re.MULTILINE)
        assert not re.search(r"git: (websoft9dev|newer|update to)", screen)  # the table has it
        assert re.search(r"^STOP +", screen, re.MULTILINE)
        assert colour_at(terminal, "STOP") != "default"
    with shown("gone-back", "doctor") as terminal:
        screen = ended(terminal)
        assert re.search(r"^warning +", screen, re.MULTILINE)
        assert screen.index("What to do") > screen.index("warning  ")


def test_tags_are_listed_in_a_table() -> None:
    with shown("listed", "update", "--list") as terminal:
        screen = ended(terminal)
        assert re.search(r"^Tag +Step +Size +Download +Built +Seen here", screen, re.MULTILINE)
        assert re.search(r"^2\.40\.0 +minor +122 MB +92 MB", screen, re.MULTILINE)
        assert "and 1 more tag" in screen


@pytest.mark.parametrize("cols", [40, 80])
@pytest.mark.parametrize("name", ["kept", "needs-recovery", "listed", "twelve"])
def test_no_line_is_wider_than_the_terminal(name: str, cols: int) -> None:
    with shown(name, "doctor", cols=cols, rows=600) as terminal:
        ended(terminal)
        text = OURS.sub(b"", terminal.raw.replace(b"\r", b"\n")).decode()
        wide = [line for line in text.splitlines() if len(line) > cols and max(map(len, line.split())) < cols // 2]
        assert [line for line in wide if "'" not in line and "ws9tui" not in line] == []


def test_no_text_of_others_acts_on_the_terminal() -> None:
    for typed in (["update"], ["doctor"], ["update", "--list"], ["history"]):
        with shown("hostile", *typed) as terminal:
            ended(terminal)
            left = OURS.sub(b"", terminal.raw).decode()
            assert all(character.isprintable() or character == "\n" for character in left), typed
            assert typed == ["history"] or "[red]" in left


@pytest.mark.parametrize(
    ("typed", "env", "term"),
    [
        (["update"], {"NO_COLOR": "1"}, "xterm-256color"),
        (["update"], {}, "dumb"),
        (["update"], {}, "vt220"),
        (["update", "--plain"], {}, "xterm-256color"),
        (["doctor"], {"NO_COLOR": "1"}, "xterm"),
        (["update", "--list", "--plain"], {}, "xterm"),
    ],
)
def test_plain_lines_where_they_are_asked_for(typed: list[str], env: dict[str, str], term: str) -> None:
    with shown("kept", *typed, term=term, cols=500, env=env) as terminal:
        ended(terminal)
        assert b"\x1b" not in terminal.raw
        lines = terminal.raw.decode().replace("\r\n", "\n")
    command = called("play", "kept", "", *typed)
    done = subprocess.run(
        command, env={**ENV, "TERM": "xterm"}, capture_output=True, text=True, timeout=60, check=True
    )  # no terminal: the same
    assert lines == done.stdout


def test_what_is_plain_does_not_load_rich(tmp_path: Path) -> None:
    store = Store(tmp_path / "state").open()
    sample.recorded(store, *sample.whole())
    code = (
        "import sys; from ws9tui.cli.main import run;"
        f" run(['history', '--state-dir', {str(store.folder)!r}]); print('rich' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], env=ENV, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines()[-1] == "False"
    with Terminal([sys.executable, "-c", code], ENV) as terminal:
        assert ended(terminal).split()[-1] == "True"


def test_the_history_is_shown_in_tables(tmp_path: Path) -> None:
    store = Store(tmp_path / "state").open()
    for number in (7, 8):
        sample.recorded(store, *(sample.whole() if number == 7 else sample.committed(number=8)))
    argv = [*COMMAND, "history", "--state-dir", str(store.folder)]
    with Terminal(argv, ENV, cols=100) as terminal:
        screen = ended(terminal)
        assert re.search(r"^run +when +who +what +outcome", screen, re.MULTILINE)
        assert re.search(r"^7 .* kept .*git 1\.25\.1 → 1\.25\.5", screen, re.MULTILINE)
        assert len({colour_at(terminal, "kept"), colour_at(terminal, "INTERRUPTED"), "default"}) == 3
        assert f"history shop RUN --state-dir {store.folder}'\r\n".encode() in terminal.raw
    with Terminal([*argv, "7"], ENV, cols=70, rows=200) as terminal:
        screen = ended(terminal)
        assert re.search(r"^  who      +root \(ssh from", screen, re.MULTILINE)
        assert re.search(r"^at +step +subject +took +result$", screen, re.MULTILINE)
        assert "Saved logs" in screen or "Timeline" in screen
    with Terminal([*argv, "--plain"], ENV, cols=100) as terminal:
        ended(terminal)
        assert b"\x1b" not in terminal.raw


def test_help_is_coloured_on_a_terminal_only() -> None:
    argv = [*COMMAND, "update", "--help"]
    with Terminal(argv, ENV, cols=90, rows=200) as terminal:
        screen = ended(terminal)
        assert colour_at(terminal, "--mirror") != "default"
        assert "usage: ws9tui update [PROJECT] [SERVICE[=REF]]… [FLAG]…" in screen
        for action in arguments.parser_of("update")._actions:
            assert all(flag in screen for flag in action.option_strings)
    with Terminal(argv, {**ENV, "NO_COLOR": "1"}, cols=90, rows=200) as terminal:
        ended(terminal)
        assert b"\x1b" not in terminal.raw


def test_questions_are_asked_and_answered_among_the_colours(tmp_path: Path) -> None:
    played = Played(Store(tmp_path / "state").open())
    played.say(*sample.looked())
    with Terminal(called("follow", str(played.folder)), ENV, cols=100, rows=120) as terminal:
        screen = terminal.wait_for("Selected: git. Press Enter to continue.")
        assert not re.search(r"^[-\\|/] ", screen, re.MULTILINE)  # nothing moves while somebody types
        terminal.send("enter")
        assert until(played.decisions, 10, "a decision is made")[0].choice is Choice.GO
        played.say(*sample.PREPARED)
        terminal.wait_for("Type 'yes' to apply the plan")
        terminal.send("yes", "enter")
        until(played.decisions, 10, "a decision is made")
        played.say(*sample.COMMITTED, *sample.WELL)
        terminal.wait_for("Keep what runs now, or roll back?")
        terminal.send("1", "enter")
        until(played.decisions, 10, "a decision is made")
        played.say(*sample.KEPT)
        assert terminal.wait_exit() == 0
        assert "Generation 2 runs: git 1.25.5." in terminal.screen()
        assert terminal.raw.rstrip(b"\r\n")[-6:] != b"\x1b[?25l"
    played.close()


def test_a_worker_that_died_leaves_no_line_that_moves(tmp_path: Path) -> None:
    played = Played(Store(tmp_path / "state").open())
    played.say(*sample.committed())
    with Terminal(called("follow", str(played.folder)), ENV, cols=100, rows=120) as terminal:
        terminal.wait_for(re.compile(r"^[-\\|/] ", re.MULTILINE))
        played.close()
        assert terminal.wait_exit() == 5
        assert not re.search(r"^[-\\|/] ", terminal.screen(), re.MULTILINE)


def test_a_pager_gets_lines_and_no_wizard(tmp_path: Path) -> None:
    """`ws9tui | less`: what is behind the pipe has the terminal as well."""
    python = f"{sys.executable} -m ws9tui demo update --speed 40"
    for pager in ("less -X", "cat"):
        with Terminal(["sh", "-c", f"{python} | {pager}"], {**ENV, "TMPDIR": str(tmp_path)}, rows=60) as terminal:
            terminal.wait_for("Press Enter to continue.")
            for sequence in (b"\x1b[?1049h", b"\x1b[?1000h", b"\x1b[?1003h", b"\x1b[?2004h"):
                assert sequence not in terminal.raw
            assert "Which services do you want to update?" in terminal.screen()
            terminal.send("ctrl+c")
            if pager == "cat":
                assert terminal.wait_exit() in (0, 129, 130, -signal.SIGINT)


def test_colours_can_be_read_on_black_and_on_white() -> None:
    for name in (looks.GREEN, looks.ORANGE, looks.RED, looks.BLUE):
        for ground in ("#000000", "#ffffff"):
            assert contrast(Color.parse(name).get_truecolor().hex, ground) > 3.8
