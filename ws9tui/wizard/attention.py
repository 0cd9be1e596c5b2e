"""Has a terminal tell of a run to somebody who looks elsewhere: by its title, its bell and its notifications.

It is the same for the wizard and for the plain front end. Only terminals that are known to understand such sequences
get any; the title that was there before comes back at the end.
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
"""variable: `off` for nothing of all this, `title` for the title alone"""
GRACE = 3.0
"""seconds after a decision in which whoever took it looks at the screen: nothing rings then"""
_EVERY = 1.0
"""seconds between two titles"""
_LOOK = 0.25
_KNOWN = (
    "xterm", "rxvt", "foot", "alacritty", "wezterm", "ghostty", "contour", "konsole", "kitty", "gnome", "vte", "putty",
    "st-", "iterm", "mlterm", "tmux", "screen",
)  # fmt: skip
"""what the names of terminals begin with that know titles"""
_MULTIPLEXERS = ("tmux", "screen")
"""which have titles and a bell, and pass no notification on"""
_BY_777 = ("rxvt", "foot")
_BELL, _PUSH, _POP = "\a", "\033[22;2t", "\033[23;2t"
"""of a title: have it remembered, and take that again"""


class Terminal(msgspec.Struct, frozen=True):
    """What a terminal is told."""

    bell: bool = True
    notification: str = "\033]9;{text}\a"
    """empty where it knows none"""


def terminal(environ: Mapping[str, str]) -> Terminal | None:
    """What this one may be told; None where it is told nothing."""
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
    """What is still to be written to a terminal, by what a run has come to."""

    def __init__(self, terminal: Terminal, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal = terminal
        self._clock = clock
        self._title = ""
        self._written = float("-inf")
        self._known: tuple[int, bool] | None = None
        """the question and the end that have been seen"""

    def show(self, state: RunState) -> str:
        """What is to be written now; mostly nothing."""
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
        """Whether a question or the end has come, and not as what somebody waited for who has just decided."""
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
    """Has the wizard's terminal tell of its run, as long as the wizard is there."""
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
    """What shows the state of a run on a stream, if that is such a terminal; at the end its title is as before."""
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
