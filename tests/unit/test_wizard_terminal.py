"""The wizard on a real terminal: how it leaves it, what it sends over the line, and what remains on it."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from command_line import ENV
from recordings import Story
from support.terminal import Terminal
from support.wait import until
from ws9tui.core.journal.journal import Journal

pytestmark = pytest.mark.slow

PROGRAM = """
import sys
from pathlib import Path
from ws9tui.wizard.app import run_wizard
from ws9tui.worker.handle import RunHandle
folder = Path(sys.argv[1])
sys.exit(run_wizard(RunHandle(folder)))
"""
RUN = "runs/20270115-080000-a1b2c3"
# what puts a terminal back: the alternate screen is left, the cursor is shown
RESTORED = (b"\x1b[?1049l", b"\x1b[?25h")


@contextmanager
def wizard(
    name: str, folder: Path, *, term: str = "xterm-256color", before: str = "", **variables: str
) -> Iterator[Terminal]:
    """Show a recorded run whose worker lives."""
    run = Story(name).write(folder / RUN)
    with closing(Journal(run)) as journal:
        journal.claim()
        with Terminal([sys.executable, "-c", f"{before}\n{PROGRAM}", str(run)], ENV | variables, term=term) as terminal:
            yield terminal


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_restores_the_terminal(number: signal.Signals, tmp_path: Path) -> None:
    with wizard("watching", tmp_path) as terminal:
        terminal.wait_for("Watching 4 services")
        terminal.signal(number)
        assert terminal.wait_exit() == 128 + number
        assert all(sequence in terminal.raw for sequence in RESTORED)


def test_it_ends_when_the_terminal_goes_away(tmp_path: Path) -> None:
    with wizard("watching", tmp_path) as terminal:
        terminal.wait_for("Watching 4 services")
        terminal.hangup()
        assert terminal.wait_exit() in (128 + signal.SIGHUP, 1)


def test_what_stays_after_a_detach(tmp_path: Path) -> None:
    with wizard("watching", tmp_path) as terminal:
        terminal.wait_for("Watching 4 services")
        terminal.send("q")
        terminal.wait_for("Leave the wizard?")
        terminal.send("q")
        assert terminal.wait_exit() == 129
        assert terminal.screen().split("\n")[:2] == [
            "The run continues in the background.",
            "To return: ws9tui attach websoft9",
        ]
        assert all(sequence in terminal.raw for sequence in RESTORED)


def test_the_status_and_the_last_message(tmp_path: Path) -> None:
    with wizard("rolled-back", tmp_path) as terminal:
        terminal.wait_for("Rolled back")
        terminal.send("enter")
        assert terminal.wait_exit() == 1
        assert "generation 1 runs again" in " ".join(terminal.screen().split())


def test_a_fault_of_the_wizard_is_the_callers_to_tell(tmp_path: Path) -> None:
    broken = "import ws9tui.words.safety as s; s.line = None"
    with wizard("watching", tmp_path, before=broken) as terminal:
        assert terminal.wait_exit() == 1
        assert "TypeError: 'NoneType' object is not callable" in terminal.screen()
        assert all(sequence in terminal.raw for sequence in RESTORED)
        assert "locals" not in terminal.screen()


OTHERS = re.compile(rb"\x1b\[[0-9;]*[34]8;[25];")
"""what asks for more than sixteen colours"""


@pytest.mark.parametrize("term", ["linux", "xterm", "vt100"])
def test_colours_are_the_terminals_own_where_it_has_sixteen(term: str, tmp_path: Path) -> None:
    with wizard("failed", tmp_path, term=term) as terminal:
        terminal.wait_for("It failed. What now?")
        assert not OTHERS.search(terminal.raw)


@pytest.mark.parametrize(("variables", "ground"), [({}, "121212"), ({"COLORFGBG": "0;15"}, "ffffff")])
def test_with_more_colours_it_has_its_own(variables: dict[str, str], ground: str, tmp_path: Path) -> None:
    with wizard("failed", tmp_path, **variables) as terminal:
        terminal.wait_for("It failed. What now?")
        assert OTHERS.search(terminal.raw)
        assert terminal.cells()[5][40].bg == ground


def test_no_color(tmp_path: Path) -> None:
    with wizard("failed", tmp_path, NO_COLOR="1") as terminal:
        terminal.wait_for("It failed. What now?")
        colours = {cell.fg for row in terminal.cells() for cell in row}
        assert colours == {"default"}


def test_it_fits_the_linux_console(tmp_path: Path) -> None:
    with wizard("pull-trouble", tmp_path, term="linux") as terminal:
        shown = terminal.wait_for("1 of 3 images ready")
        assert "√ Images" in shown
        assert not set(shown) & set("✓✗●▸…")


def test_keys_that_come_in_one_piece_act_in_their_order(tmp_path: Path) -> None:
    """As they do on a slow line: what was there is deleted, and what was typed after that is not."""
    with wizard("images", tmp_path) as terminal:
        terminal.wait_for("apphub")
        terminal.send("e")
        terminal.wait_for("Another image for")
        terminal.write("\x1579.0\x7f\x7f\x1b[D\x1b[D1\x1b[C\x1b[C8")
        terminal.wait_for(re.compile(r"│ 1798 +│"))


# --- beside its screen --------------------------------------------------------------------------------------------

PUSH, POP = b"\x1b[22;2t", b"\x1b[23;2t"


def test_the_title_tells_how_far_it_is_and_is_as_before_at_the_end(tmp_path: Path) -> None:
    with wizard("watching", tmp_path) as terminal:
        terminal.wait_for("Watching 4 services")
        until(lambda: b"\x1b]2;ws9tui: websoft9 \xc2\xb7 Health check" in terminal.raw, 20, "there is a title")
        terminal.signal(signal.SIGTERM)
        terminal.wait_exit()
        raw = terminal.raw
    assert (raw.count(PUSH), raw.count(POP)) == (1, 1)
    assert raw.index(PUSH) < raw.index(b"\x1b]2;") <= raw.rindex(b"\x1b]2;") < raw.index(POP)


@pytest.mark.parametrize(("term", "setting"), [("linux", ""), ("vt220", ""), ("xterm-256color", "off")])
def test_a_terminal_without_titles_gets_none(term: str, setting: str, tmp_path: Path) -> None:
    with wizard("watching", tmp_path, term=term, WS9TUI_BELL=setting) as terminal:
        terminal.wait_for("Watching 4 services")
        terminal.signal(signal.SIGTERM)
        terminal.wait_exit()
        assert not re.search(rb"\x1b\](?:0|2|9|777);|\x1b\[2[23];2t", terminal.raw)


@pytest.mark.parametrize(
    ("term", "flags", "told"), [("xterm-256color", "", True), ("xterm-256color", "--plain", False), ("dumb", "", False)]
)
def test_lines_on_a_terminal_come_with_a_title_too(term: str, flags: str, told: bool, tmp_path: Path) -> None:
    env = {key: value for key, value in os.environ.items() if key != "WS9TUI_BELL"} | {"HOME": str(tmp_path)}
    nobody = f"exec {shlex.quote(sys.executable)} -m ws9tui demo --speed 100 {flags} </dev/null"
    with Terminal(["sh", "-c", nobody], env, term=term) as terminal:
        terminal.wait_exit()
        raw = terminal.raw
    assert (PUSH in raw, POP in raw, b"\x1b]2;ws9tui: " in raw) == (told, told, told)
    assert (b"\x1b" in raw) is told


# --- the mouse ----------------------------------------------------------------------------------------------------

TRACKING = re.compile(rb"\x1b\[\?(?:9|100[0-3]|100[56]|101[56])h")
"""what asks a terminal to send what the mouse does"""
LEFT, WHEEL_UP, WHEEL_DOWN = 0, 64, 65


def place(terminal: Terminal, text: str) -> tuple[int, int]:
    """Return column and row of the first place where a text stands, once it does."""
    shown = terminal.wait_for(text).split("\n")
    row, line = next((row, line) for row, line in enumerate(shown, 1) if text in line)
    return line.index(text) + 2, row


def click(terminal: Terminal, text: str) -> None:
    """Press and let go of the left button on a text."""
    at = "{};{}".format(*place(terminal, text))
    terminal.write(f"\x1b[<{LEFT};{at}M\x1b[<{LEFT};{at}m")


def decided(run: Path) -> bool:
    """Tell whether anything was decided by the mouse."""
    return b'"type":"decision"' in (run / "journal.jsonl").read_bytes().rpartition(b'"type":"asked"')[2]


def wheel(terminal: Terminal, button: int, on: str, wanted: str) -> None:
    """Turn the wheel where a text stands until another is seen; how far a turn scrolls is nobody's business."""
    at = "{};{}".format(*place(terminal, on))

    def turned() -> bool:
        terminal.write(f"\x1b[<{button};{at}M")
        return wanted in terminal.screen()

    until(turned, 30, lambda: f"{wanted!r} is seen:\n{terminal.screen()}")


def test_the_wheel_scrolls_a_table_the_details_and_the_log(tmp_path: Path) -> None:
    with wizard("images-twelve", tmp_path) as terminal:
        terminal.wait_for("▸ [x]  backup")
        wheel(terminal, WHEEL_DOWN, "notify_push", "worker-for-")
        wheel(terminal, WHEEL_UP, "notify_push", "▸ [x]  backup")
        wheel(terminal, WHEEL_DOWN, "running   running", "linux/amd64")
        wheel(terminal, WHEEL_UP, "linux/amd64", "in files")
        terminal.send("l")
        terminal.wait_for("Esc Close")
        wheel(terminal, WHEEL_UP, "search-elasticsearch: update to", "Wizard started by root")
        wheel(terminal, WHEEL_DOWN, "Wizard started by root", "search-elasticsearch: update to")
        assert not decided(tmp_path / RUN)


def test_keys_of_the_footer_and_buttons_are_clicked(tmp_path: Path) -> None:
    with wizard("keep", tmp_path) as terminal:
        terminal.wait_for("R Roll back")
        click(terminal, "? Help")
        terminal.wait_for("Help: Outcome")
        terminal.send("escape")
        terminal.wait_gone("Help: Outcome")
        click(terminal, "R Roll back")  # the button, which stands above the key
        terminal.wait_for("N  Keep watching")
        click(terminal, "N  Keep watching")
        terminal.wait_gone("N  Keep watching")
        click(terminal, "Q Detach")
        terminal.wait_for("Leave the wizard?")
        click(terminal, "Leave; the run continues")
        assert terminal.wait_exit() == 129


@pytest.mark.parametrize("flags", [(), ("--no-mouse",)])
def test_no_mouse_is_asked_for_where_the_terminal_is_to_keep_it(flags: tuple[str, ...], tmp_path: Path) -> None:
    env = ENV | {"TMPDIR": str(tmp_path)}
    argv = [sys.executable, "-m", "ws9tui", "demo", "up-to-date", "--speed", "100", *flags]
    with Terminal(argv, env) as terminal:
        terminal.wait_for("Enter Finish", 60)
        terminal.send("enter")
        terminal.wait_for("Enter Leave", 60)
        terminal.send("enter")
        assert terminal.wait_exit() == 0
        assert bool(TRACKING.search(terminal.raw)) is not bool(flags)
