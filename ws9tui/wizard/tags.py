"""The tags of a service's repository, to choose another one from; filtered while one types."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from ws9tui.core.journal.run_state import RunState, ServiceRow
from ws9tui.core.model.newer import Listed
from ws9tui.core.model.offer import Offer
from ws9tui.core.model.policy import Step as Distance
from ws9tui.wizard import draw
from ws9tui.wizard.dialogs import Dialog
from ws9tui.wizard.draw import BLANK, Cell, Column, cell, line
from ws9tui.wizard.field import Field
from ws9tui.wizard.lines import Lines
from ws9tui.wizard.route import Step
from ws9tui.words import offers as words
from ws9tui.words import problems
from ws9tui.words.text import age, clean, size

_WIDEST = 100
_NAMES = 12
"""columns of the names of links"""
_OTHER_LINES = 10
"""of the dialog: title, filter, header, keys, and what parts them"""
_DETAIL = 3
"""lines that are kept for the tag under the cursor, so that the box does not jump"""
_COLUMNS = (
    Column(words.TAG, least=8, most=30),
    Column("", least=6),
    Column(words.SIZE, right=True),
    Column(words.DOWNLOAD, right=True, rank=1),
    Column(words.BUILT, right=True, rank=2),
    Column(words.SEEN, right=True, rank=3),
)
_TONES = {Distance.MAJOR: draw.WARN, Distance.CANDIDATE: draw.WARN, Distance.OLDER: draw.WARN}


class TagsDialog(Dialog):
    """Lets one of a repository's tags be chosen; what is typed and in no list is asked for as it is."""

    AUTO_FOCUS = "Input"
    BINDINGS = [
        Binding("up", "choose(-1)", show=False, priority=True),
        Binding("down", "choose(1)", show=False, priority=True),
        Binding("pageup", "choose(-10)", show=False, priority=True),
        Binding("pagedown", "choose(10)", show=False, priority=True),
    ]

    def __init__(self, service: str, row: ServiceRow, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._service = service
        self._row = row
        self._now = now
        self._entry = Field("")
        self._table = Lines(id="foot")
        self._window = draw.Window()
        self._at = 0
        self._step: Step | None = None

    def compose(self) -> ComposeResult:
        """A box with an entry between title and table."""
        with Vertical(id="box"):
            yield self.text
            yield self._entry
            yield self._table

    def stale(self, state: RunState, step: Step) -> bool:
        """Whether another pane is shown; the same question is asked anew while the tags are looked up."""
        self._step = self._step or step
        self._row = state.services.get(self._service, self._row)
        return self._step is not step

    def lines(self, room: int, height: int) -> list[Content]:
        """The title; the table below the entry is drawn along."""
        shown = self._draw(room, height)
        self._table.styles.width = room
        self._table.styles.height = len(shown)
        self._table.show(shown)
        name = draw.cell(self._row.view.reference.name).text
        return draw.wrapped(words.TITLE(service=self._service, repository=name), room, draw.STRONG)

    def least(self, room: int) -> int:
        """As wide as it may be, for the table needs it."""
        return room

    def widest(self) -> int:
        """Wider than a question."""
        return _WIDEST

    def _matching(self) -> list[Listed]:
        told = self._row.tags
        typed = self._entry.value.strip().lower()
        return [one for one in (told.tags if told else ()) if typed in one.tag.lower()]

    def _draw(self, room: int, height: int) -> list[Content]:
        found = self._matching()
        self._at = max(0, min(self._at, len(found) - 1))
        keys = line((words.KEYS(), draw.DIM))
        if not found:
            return [*draw.wrapped(self._why_none(), room, draw.WARN), BLANK, keys]
        header, rows = draw.table(_COLUMNS, [self._cells(one) for one in found], room - 2)
        most = max(height - _OTHER_LINES - _DETAIL, 3)
        shown = self._window.show([self._pointed(n, row) for n, row in enumerate(rows)], most, keep=self._at)
        detail = self._detail(found[self._at], room)[:_DETAIL]
        return [
            line("  ", header),
            *shown,
            BLANK,
            *detail,
            *([BLANK] * (_DETAIL - len(detail))),
            draw.spread(keys, self._window.position(len(found), most), room),
        ]

    def _pointed(self, number: int, row: Content) -> Content:
        here = number == self._at
        return line((f"{draw.POINTER if here else ' '} ", draw.PLAIN), row.stylize(draw.CURSOR) if here else row)

    def _why_none(self) -> str:
        told = self._row.tags
        if told is None:
            return words.ASKED()
        if not told.tags and told.problem is not None:
            return problems.sentence(told.problem)
        return words.NO_MATCH()

    def _cells(self, one: Listed) -> list[Cell]:
        offer, now = self._offer(one), self._now()
        return [
            cell(one.tag),
            Cell(words.step(one.step), _TONES.get(one.step, draw.DIM)),
            Cell(size(offer.size) if offer and offer.size else ""),
            Cell(size(offer.missing) if offer and offer.size else ""),
            Cell(age(offer.created_at, now) if offer else ""),
            Cell(age(offer.seen_at, now) if offer else ""),
        ]

    def _offer(self, one: Listed) -> Offer | None:
        return self._row.offers.get(f"{self._row.view.reference.name}:{one.tag}")

    def _detail(self, one: Listed, room: int) -> list[Content]:
        """What else is known of a tag: what it changes, and where it is described."""
        offer = self._offer(one)
        if offer is None:
            return draw.wrapped(words.NOT_DESCRIBED(), room, draw.DIM)
        found = draw.wrapped(words.facts(offer, self.app.now()), room)  # type: ignore[attr-defined]
        for change in words.changes(offer):
            found += draw.wrapped(change, room, draw.WARN)
        for name, text in words.links(offer):
            found += draw.titled(name, text, room, draw.link(text), _NAMES)
        return found

    def action_choose(self, by: int) -> None:
        """Goes to another tag."""
        self._at += by
        self.follow()

    def on_input_changed(self, _event: Input.Changed) -> None:
        """Shows what matches."""
        self._at = 0
        self.follow()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Takes the tag that is pointed at, else what was typed."""
        found = self._matching()
        self.dismiss(found[self._at].tag if found else clean(event.value.strip()) or None)
