"""A dialog with the tags of a service's repository, filtered while the operator types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from textual.binding import Binding
from textual.widget import Widget
from textual.widgets import Input

from ws9tui.core.journal.run_state import RunState, ServiceRow
from ws9tui.core.model.newer import Listed
from ws9tui.core.model.offer import Offer
from ws9tui.core.model.policy import VersionStep as Distance
from ws9tui.wizard import theme
from ws9tui.wizard.block import Block, Line
from ws9tui.wizard.cells import Cell, cell
from ws9tui.wizard.dialogs import Dialog
from ws9tui.wizard.field import Field
from ws9tui.wizard.route import Step
from ws9tui.wizard.table import Column, Rows
from ws9tui.words import offers as words
from ws9tui.words import problems
from ws9tui.words.text import age, clean, size

_COLUMNS = (
    Column(words.TAG, least=8, most=30),
    Column("", least=6),
    Column(words.SIZE, right=True),
    Column(words.DOWNLOAD, right=True, rank=1),
    Column(words.BUILT, right=True, rank=2),
    Column(words.SEEN, right=True, rank=3),
)
_TONES = {Distance.MAJOR: theme.WARN, Distance.CANDIDATE: theme.WARN, Distance.OLDER: theme.WARN}


class TagsDialog(Dialog):
    """Lets the operator choose one of a repository's tags; what is typed and matches none is taken as it is."""

    AUTO_FOCUS = "Field"
    BINDINGS = [
        Binding("up", "choose(-1)", show=False, priority=True),
        Binding("down", "choose(1)", show=False, priority=True),
        Binding("pageup", "choose(-10)", show=False, priority=True),
        Binding("pagedown", "choose(10)", show=False, priority=True),
    ]

    def __init__(self, service: str, row: ServiceRow, now: Callable[[], datetime]) -> None:
        super().__init__(words.TITLE(service=clean(service), repository=clean(row.view.reference.name)), words.KEYS())
        self._service = service
        self._row = row
        self._now = now
        self._entry = Field()
        self._table = Rows(_COLUMNS)
        self._table.can_focus = False
        self._why, self._detail = Block(), Block(id="detail-text")

    def parts(self) -> Iterator[Widget]:
        """Yields the filter, the tags, and the details of the tag under the cursor."""
        yield self._entry
        yield self._why
        yield self._table
        yield self._detail

    def on_mount(self) -> None:
        """Shows the tags that are known already."""
        self.add_class("-broad")
        self.call_after_refresh(self.follow)

    def on_resize(self) -> None:
        """Fits the table into the new size."""
        self.call_after_refresh(self.follow)

    def on_rows_pointed(self) -> None:
        """Shows the details of the tag under the cursor."""
        self.follow()

    def on_rows_clicked(self) -> None:
        """Takes the tag that was clicked."""
        self._take()

    def belongs(self, state: RunState, step: Step) -> object:
        """Returns the pane alone, since its question is asked anew while the tags are looked up; renews the row."""
        self._row = state.services.get(self._service, self._row)
        return step

    def _matching(self) -> list[Listed]:
        told = self._row.tags
        typed = self._entry.value.strip().lower()
        return [one for one in (told.tags if told else ()) if typed in one.tag.lower()]

    def follow(self) -> None:
        """Shows the tags that match the filter."""
        if not self.is_mounted:
            return
        found = self._matching()
        self._table.display = bool(found)
        self._table.show([self._cells(one) for one in found])
        self._why.show([] if found else [Cell(self._why_none(), theme.WARN)])
        self._detail.show(self._about(found[self._table.at]) if found else [])

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
            cell(one.tag, theme.STRONG),
            Cell(words.step(one.step), _TONES.get(one.step, theme.DIM)),
            Cell(size(offer.size) if offer and offer.size else ""),
            Cell(size(offer.missing) if offer and offer.size else ""),
            Cell(age(offer.created_at, now) if offer else ""),
            Cell(age(offer.seen_at, now) if offer else ""),
        ]

    def _offer(self, one: Listed) -> Offer | None:
        return self._row.offers.get(f"{self._row.view.reference.name}:{one.tag}")

    def _about(self, one: Listed) -> list[Line]:
        """Returns the details of a tag: what it changes, and where it is described."""
        offer = self._offer(one)
        if offer is None:
            return [Cell(words.NOT_DESCRIBED(), theme.DIM)]
        found: list[Line] = [cell(words.facts(offer, self._now()))]
        found += [cell(change, theme.WARN) for change in words.changes(offer)]
        return [*found, *((Cell(name, theme.DIM), cell(text)) for name, text in words.links(offer))]

    def action_choose(self, by: int) -> None:
        """Moves the cursor by so many tags."""
        self._table.point(max(0, min(self._table.at + by, self._table.row_count - 1)))

    def on_input_changed(self, _event: Input.Changed) -> None:
        """Shows the tags that match the filter, with the cursor on the first."""
        self.follow()
        self._table.point(0)

    def on_input_submitted(self, _event: Input.Submitted) -> None:
        """Takes the tag under the cursor, or what was typed if no tag matches."""
        self._take()

    def _take(self) -> None:
        found = self._matching()
        self.dismiss(found[self._table.at].tag if found else clean(self._entry.value.strip()) or None)
