"""Alerts an operator who looks elsewhere to a run: by the terminal's title, its bell and its notifications.

The wizard and the plain front end share it. Only terminals that are known to support the control sequences get them;
the previous title is restored at the end.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

import msgspec

from ws9tui.core.journal.run_state import RunState
from ws9tui.words import attention as words
from ws9tui.words.text import parse_time

if TYPE_CHECKING:
    from ws9tui.wizard.app import Wizard

SETTING = "WS9TUI_BELL"
"""environment variable: `off` disables title, bell and notifications, `title` keeps the title alone"""
GRACE = 3.0
"""seconds after a decision in which the operator is assumed to watch the screen: nothing rings then"""
_EVERY = 1.0
"""seconds between two updates of the title"""
_LOOK = 0.25
_KNOWN = (
    "xterm", "rxvt", "foot", "alacritty", "wezterm", "ghostty", "contour", "konsole", "kitty", "gnome", "vte", "putty",
    "st-", "iterm", "mlterm", "tmux", "screen",
)  # fmt: skip
"""prefixes of TERM of the terminals that support titles"""
_MULTIPLEXERS = ("tmux", "screen")
"""terminals with titles and a bell that pass no notifications on"""
_BY_777 = ("rxvt", "foot")
_BELL, _PUSH, _POP = "\a", "\033[22;2t", "\033[23;2t"
"""control sequences: ring the bell, push the title onto the terminal's stack, pop it"""


class Terminal(msgspec.Struct, frozen=True):
    """The alerts that a terminal gets besides the title."""

    bell: bool = True
    notification: str = "\033]9;{text}\a"
    """control sequence; empty if the terminal supports none"""


def terminal(environ: Mapping[str, str]) -> Terminal | None:
    """Returns the alerts for the terminal of an environment; None if it gets none, not even a title."""
    name, wanted = environ.get("TERM", ""), environ.get(SETTING, "").lower()
    if wanted == "off" or not name.startswith(_KNOWN):
        return None
    if wanted == "title":
        return Terminal(bell=False, notification="")
    if name.startswith(_MULTIPLEXERS):
        return Terminal(notification="")
    if name.startswith(_BY_777) or environ.get("VTE_VERSION"):
        return Terminal(notification="\033]777;notify;ws9tui;{text}\a")
    return Terminal()


class Attention:
    """The control sequences that are due on a terminal as the state of a run changes."""

    def __init__(self, terminal: Terminal, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal = terminal
        self._clock = clock
        self._title = ""
        self._written = float("-inf")
        self._known: tuple[int, bool] | None = None
        """the last question and whether the run had ended, as of the last state"""

    def show(self, state: RunState) -> str:
        """Returns the control sequences to write for a state; usually empty."""
        rings = self._rings(state)
        title, now = words.title(state), self._clock()
        said = ""
        if title != self._title and (rings or now - self._written >= _EVERY):
            self._title, self._written = title, now
            said = f"\033]2;{title}\a"
        if rings and self._terminal.bell:
            text = f"{title.partition(' · ')[0]}: {words.notice(state)}".replace(";", ",")
            said += self._terminal.notification.format(text=text) + _BELL
        return said

    def _rings(self, state: RunState) -> bool:
        """Whether a question or the end is new, and came `GRACE` seconds or more after the operator's last decision."""
        seen = (state.asked.ask if state.asked else 0, state.finished is not None)
        first, known = self._known is None, self._known
        self._known = seen
        came = state.finished is not None or state.asked is not None
        if seen == known or not came or (first and state.count > 1):
            return False
        at = state.finished.at if state.finished else state.asked_at
        before = state.decisions[-1].at if state.decisions else state.started_at
        then, now = parse_time(before), parse_time(at)
        return then is None or now is None or (now - then).total_seconds() >= GRACE


def attend(app: Wizard) -> None:
    """Alerts the operator on the wizard's terminal as long as the wizard runs."""
    told = terminal(os.environ)
    if told is not None and not app.is_headless:
        app.run_worker(_beside(app, Attention(told)), group="attention", exit_on_error=False)


async def _beside(app: Wizard, attention: Attention) -> None:
    import asyncio  # noqa: PLC0415 - the command line, which is to be there at once, has no use for it

    driver = app._driver  # noqa: SLF001 - Textual has a bell, and nothing else that writes a sequence
    if driver is None:
        return
    driver.write(_PUSH)
    try:
        while True:
            if said := attention.show(app.state):
                driver.write(said)
                driver.flush()
            await asyncio.sleep(_LOOK)
    finally:
        driver.write(_POP)
        driver.flush()


@contextmanager
def on(stream: TextIO | None) -> Iterator[Callable[[RunState], None]]:
    """Yields a function that shows a run's state on a stream that gets alerts; restores the title at the end."""
    told = terminal(os.environ) if stream is not None and stream.isatty() else None
    if told is None or stream is None:
        yield lambda _state: None
        return
    attention = Attention(told)

    def write(said: str) -> None:
        with suppress(OSError, ValueError):  # the terminal has gone
            stream.write(said)
            stream.flush()

    def show(state: RunState) -> None:
        if said := attention.show(state):
            write(said)

    write(_PUSH)
    try:
        yield show
    finally:
        write(_POP)
