"""The log: the run's events as plain lines, scrolled to the end; beside a pane, or on a screen of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import RichLog

from ws9tui.core.journal.events import Event
from ws9tui.wizard import theme
from ws9tui.wizard.block import Block
from ws9tui.wizard.cells import Cell
from ws9tui.wizard.keyline import Key, KeyLine
from ws9tui.words import lines as line_words
from ws9tui.words import panes as words
from ws9tui.words import safety
from ws9tui.words.text import clock

if TYPE_CHECKING:
    from ws9tui.wizard.app import Wizard

LONGEST = 2000
"""number of the latest events that are shown"""
_CLOCK = 8
"""columns of a time of day"""


class LogView(RichLog):
    """The lines of the log; the view stays at the end until the operator scrolls up."""

    def __init__(self) -> None:
        super().__init__(id="log", wrap=True, min_width=0, max_lines=2 * LONGEST)
        self.can_focus = False
        self._read = 0
        self._room = 0
        self._stays = True
        """whether the view stays at the end"""

    def follow(self) -> None:
        """Adds new events, and scrolls to the end unless the operator has scrolled up."""
        if not self.display or not self.size.width:
            return
        source = wizard_of(self).followed.log_events
        room = self.scrollable_content_region.width
        if self._read > len(source) or room != self._room:
            self._room = room
            self.repaint()
            return
        for event in source[self._read :]:
            self._say(event)
        self._read = len(source)
        if self._stays and self.scroll_y < self.max_scroll_y:
            self.scroll_end(animate=False)

    def repaint(self) -> None:
        """Writes the latest lines again, in the colours of the theme."""
        self.clear()
        source = wizard_of(self).followed.log_events
        for event in source[-LONGEST:]:
            self._say(event)
        self._read = len(source)

    def on_resize(self, event: events.Resize) -> None:
        """Wraps the lines again for the new width."""
        super().on_resize(event)
        self.follow()

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Keeps the view at the end once the operator has scrolled there, until they scroll up."""
        super().watch_scroll_y(old, new)
        if new < old:
            self._stays = False
        if new >= self.max_scroll_y:
            self._stays = True

    def _say(self, event: Event) -> None:
        said = line_words.line(event)
        if not said:
            return
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=_CLOCK)
        grid.add_column(overflow="fold")
        name = self.app.theme
        grid.add_row(Cell(clock(event.at), theme.DIM).rich(name), Cell(said).rich(name))
        self.write(grid, width=max(self._room, _CLOCK * 2), scroll_end=self._stays)


def wizard_of(widget: Widget) -> Wizard:
    """Returns the app of a widget, typed as `Wizard`."""
    from ws9tui.wizard.app import Wizard  # noqa: PLC0415 - the app knows its screens

    assert isinstance(widget.app, Wizard)  # noqa: S101 - none of them lives in another app
    return widget.app


class LogScreen(Screen[None]):
    """The screen with the whole log."""

    BINDINGS = [
        Binding("escape,l,L,q,Q,enter", "close", show=False),
        Binding("space", "page_down", show=False),
    ]
    AUTO_FOCUS = "LogView"

    def __init__(self) -> None:
        super().__init__()
        self._log = LogView()
        self._log.can_focus = True
        self._title, self._hint, self._safety = Block(id="rail"), Block(id="hint"), Block(id="safety")
        self._keys = KeyLine()

    def compose(self) -> ComposeResult:
        """Yields the title, the log, the hint, the safety line and the keys."""
        yield self._title
        yield self._log
        yield self._hint
        yield self._safety
        yield self._keys

    def on_mount(self) -> None:
        """Shows the events so far."""
        self.follow()

    def follow(self) -> None:
        """Updates all parts of the screen."""
        if not self.is_mounted:
            return
        wizard = wizard_of(self)
        title = Cell(words.PANES["log"](), theme.STRONG)
        self._title.show([(title, Cell(wizard.headline(), theme.DIM))])
        self._log.follow()
        empty = words.LOG_EMPTY() if not wizard.followed.log_events else ""
        hint = words.WAITING_IN_LOG() if wizard.state.asked else empty
        self._hint.show([Cell(hint, theme.WARN)] if hint else [])
        self._safety.show([Cell(safety.line(wizard.state, died=wizard.followed.died is not None))])
        self._keys.show(
            [
                Key("escape", "Esc", words.key_label("close")),
                Key("down", "↑↓ PgUp PgDn", words.LOG_SCROLL()),
                Key("end", "End", words.LOG_FOLLOW()),
            ]
        )

    def repaint(self) -> None:
        """Redraws everything in the colours of another theme."""
        for block in self.query(Block):
            block.repaint()
        self._log.repaint()

    def action_page_down(self) -> None:
        """Scrolls by a screenful."""
        self._log.action_page_down()

    def action_close(self) -> None:
        """Returns to the pane."""
        self.dismiss(None)
