"""The log: the run's events as plain lines, following the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import Screen

from ws9tui.core.journal.events import AnyEvent
from ws9tui.wizard import draw
from ws9tui.wizard.draw import line
from ws9tui.wizard.frame import key_line
from ws9tui.wizard.lines import Lines
from ws9tui.words import lines as line_words
from ws9tui.words import panes as words
from ws9tui.words import safety
from ws9tui.words.text import clock, width

if TYPE_CHECKING:
    from ws9tui.wizard.app import Wizard

_END = 1 << 30


class LogScreen(Screen[None]):
    """All that has happened so far; it stays at the end until one scrolls up."""

    BINDINGS = [
        Binding("escape,l,L,q,Q,enter", "close", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("home", f"move(-{_END})", show=False),
        Binding("end", f"move({_END})", show=False),
    ]
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self._window = draw.Window()
        self._follows = True
        self._told: list[tuple[str, str]] = []
        self._count = 0
        self._wrapped: list[Content] = []
        self._room = 0
        self._parts = {name: Lines(id=name) for name in ("title", "top", "pane", "bottom", "safety", "keys")}

    @property
    def _wizard(self) -> Wizard:
        from ws9tui.wizard.app import Wizard  # noqa: PLC0415 - the app knows its screens

        assert isinstance(self.app, Wizard)  # noqa: S101 - the log lives in no other app
        return self.app

    def compose(self) -> ComposeResult:
        """The frame's parts, without a rail."""
        yield from self._parts.values()

    def on_mount(self) -> None:
        """Shows what has happened so far."""
        self.follow()

    def on_resize(self, _event: events.Resize) -> None:
        """Lays it out again."""
        self.follow()

    def follow(self) -> None:
        """Adds what is new, and goes to the end unless one has scrolled up."""
        if not self.is_mounted:
            return
        columns, height = self.app.size
        room = columns - 4
        self._lay_out(room)
        state, died = self._wizard.state, self._wizard.died is not None
        said = draw.wrap(safety.line(state, died=died), room + 1)[:3]
        size = height - 4 - len(said)
        if self._follows:
            self._window.offset = len(self._wrapped)
        shown = self._window.show(self._wrapped, size)
        self._follows = self._window.offset >= len(self._wrapped) - size
        heading = f" {words.PANES['log']()} "
        hint = words.WAITING_IN_LOG() if state.asked else ""
        position = self._window.position(len(self._wrapped), size)
        right = f" {position} " if position else ""
        middle = f" {hint} " if hint else ""
        blank = "─" * max(columns - 4 - width(right) - width(middle), 0)
        title = line(" ", (words.NAME, draw.STRONG), "  ", self._wizard.headline())
        rule = "─" * (columns - 2 - width(heading)) + "┐"
        self._show("title", [draw.cut(title, columns)])
        self._show("top", [line(("┌", draw.FRAME), (heading, draw.STRONG), (rule, draw.FRAME))])
        self._show("pane", shown or [line((words.LOG_EMPTY(), draw.DIM))])
        self._show(
            "bottom",
            [line(("├─", draw.FRAME), (middle, draw.WARN), (blank, draw.FRAME), (right, draw.DIM), ("─┤", draw.FRAME))],
        )
        self._parts["safety"].styles.height = len(said)
        self._show("safety", [line(text) for text in said])
        keys = [("↑↓ PgUp PgDn", words.LOG_SCROLL()), ("End", words.LOG_FOLLOW()), ("Esc", words.key_label("close"))]
        self._show("keys", [key_line(keys, columns)])

    def _show(self, name: str, lines: list[Content]) -> None:
        self._parts[name].show(lines)

    def _lay_out(self, room: int) -> None:
        """Wraps the lines that are new, or all when the room has changed."""
        source = self._wizard.log_events
        if self._count > len(source):
            self._told, self._count, self._wrapped = [], 0, []
        for event in source[self._count :]:
            if told := _told(event):
                self._told.append(told)
                if room == self._room:
                    self._wrapped += _wrapped(told, room)
        self._count = len(source)
        if room != self._room:
            self._room = room
            self._wrapped = [part for told in self._told for part in _wrapped(told, room)]

    def action_move(self, by: int) -> None:
        """Scrolls; at the end it follows again."""
        self._follows = False
        self._window.offset = max(0, self._window.offset + by)
        self.follow()

    def action_page(self, by: int) -> None:
        """Scrolls by a screenful."""
        self.action_move(by * max(self.app.size.height - 8, 1))

    def action_close(self) -> None:
        """Goes back to the pane."""
        self.dismiss(None)


def _told(event: AnyEvent) -> tuple[str, str] | None:
    said = line_words.line(event)
    return (clock(event.at), said) if said else None


def _wrapped(told: tuple[str, str], room: int) -> list[Content]:
    at, said = told
    column = width(at) + 2
    return [
        line((at if not number else "", draw.DIM), " " * (2 if not number else column), part)
        for number, part in enumerate(draw.wrap(said, room - column))
    ]
