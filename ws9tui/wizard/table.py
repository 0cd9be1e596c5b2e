"""A table with a cursor row that fits into its room: columns are left out or cut, as `Column` specifies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

from textual import events
from textual.binding import Binding
from textual.geometry import Region
from textual.message import Message
from textual.widgets import DataTable

from ws9tui.wizard.cells import POINTER, Cell, filled
from ws9tui.wizard.theme import DIM
from ws9tui.words.template import Message as Words
from ws9tui.words.text import fit, pad, width

GAP = 2
"""blank columns between two columns"""
_POINTER = 2
"""columns that the pointer takes"""
_LEAST = 3
"""width to which any column may be cut as a last resort"""


class Column(NamedTuple):
    """A column of a table, and how it gives way if there is not enough room."""

    title: str | Words
    right: bool = False
    most: int = 0
    """width to which it is limited while others need the room; 0 for no limit"""
    least: int = 0
    """width to which it may be cut; 0 if it must not be cut"""
    rank: int = 0
    """columns with the highest rank are left out first; 0 if it stays"""


def widths(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], room: int) -> dict[int, int]:
    """Returns the columns that are shown in a room, as index → width."""
    needed = [max([width(str(column.title)), *(row[n].width for row in rows)]) for n, column in enumerate(columns)]
    # an empty column that has a rank is not shown, even if it has a title
    shown = [n for n in range(len(columns)) if any(row[n].text for row in rows) or not columns[n].rank]
    taken = {n: min(needed[n], columns[n].most or needed[n]) for n in shown}

    def excess() -> int:
        return sum(taken.values()) + GAP * (len(taken) - 1) - room

    while excess() > 0 and (ranked := [n for n in taken if columns[n].rank]):
        del taken[max(ranked, key=lambda n: columns[n].rank)]
    while (over := excess()) > 0:
        cuttable = [n for n in taken if columns[n].least and taken[n] > columns[n].least]
        if not cuttable:
            break
        widest = max(cuttable, key=lambda n: taken[n])
        taken[widest] = max(taken[widest] - over, columns[widest].least, _second(taken, cuttable, widest))
    while excess() > 0 and max(taken.values()) > _LEAST:  # there is room for next to nothing
        taken[max(taken, key=lambda n: taken[n])] -= 1
    for n, now in list(taken.items()):
        taken[n] += max(0, min(needed[n] - now, -excess()))
    return taken


def _second(taken: dict[int, int], cuttable: list[int], widest: int) -> int:
    """Returns the width to which the widest column is cut before another one is cut, too."""
    others = [taken[n] for n in cuttable if n != widest]
    second = max(others, default=0)
    return second if second < taken[widest] else taken[widest] - 1


class Rows(DataTable[object], inherit_bindings=False):
    """A table widget; it leaves Enter and Space to the pane, and showing the same rows again redraws nothing."""

    BINDINGS = [
        Binding("up", "cursor_up", show=False),
        Binding("down", "cursor_down", show=False),
        Binding("pageup", "page_up", show=False),
        Binding("pagedown", "page_down", show=False),
        Binding("home", "scroll_top", show=False),
        Binding("end", "scroll_bottom", show=False),
    ]

    class Pointed(Message):
        """The message that the cursor is on another row."""

    class Clicked(Message):
        """The message that a row was clicked: in its first column, or while the cursor was on it."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._holds = False
        """whether redraws are suppressed"""
        super().__init__(cursor_type="row", cursor_foreground_priority="renderable", show_row_labels=False)
        self._specified = columns
        self._shown: list[list[Cell]] = []
        self._taken: dict[int, int] = {}
        self._told = -1
        """row of the last `Pointed` message"""

    @property
    def at(self) -> int:
        """The index of the row under the cursor."""
        return max(0, min(self.cursor_row, len(self._shown) - 1))

    def point(self, row: int) -> None:
        """Moves the cursor to a row."""
        if row != self.cursor_row:
            self.move_cursor(row=row, animate=False)

    def columns_for(self, rows: Sequence[Sequence[Cell]]) -> dict[int, int]:
        """Returns the columns that would be shown for these rows, as index → width."""
        return widths(self._specified, rows, self._room()) if rows else {}

    def show(self, rows: Sequence[Sequence[Cell]], columns: Sequence[Column] | None = None) -> None:
        """Shows these rows; if the columns and the number of rows stay, redraws only the cells that differ."""
        new = [list(row) for row in rows]
        specified = self._specified if columns is None else columns
        room = self._room()
        taken = widths(specified, new, room) if new else {}
        if taken != self._taken or len(new) != len(self._shown) or specified != self._specified:
            self._specified, self._taken = specified, taken
            self._shown = new
            self.repaint()
            return
        before, self._shown = self._shown, new
        for y, (old, row) in enumerate(zip(before, new, strict=True)):
            if changed := [x for x in taken if old[x] != row[x]]:
                self._set(y, changed)

    def _set(self, y: int, columns: Sequence[int]) -> None:
        """Redraws some cells of a row, where Textual by itself would redraw the whole table."""
        self._holds = True
        for x in columns:
            self.update_cell(str(y), str(x), self._text(y, x))
        self._holds = False
        self.refresh_row(y)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Redraws what has changed, unless `_set` is redrawing single rows."""
        if self._holds and not layout:
            return self
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def repaint(self) -> None:
        """Redraws the whole table in the colours of the theme."""
        at = self.at
        self.clear(columns=True)
        for x, columns in self._taken.items():
            title = pad(str(self._specified[x].title), columns, right=self._specified[x].right)
            lead = " " * _POINTER if x == next(iter(self._taken)) else ""
            self.add_column(Cell(lead + title, DIM).rich(self.app.theme), key=str(x), width=columns + len(lead))
        for y in range(len(self._shown)):
            self.add_row(*(self._text(y, x) for x in self._taken), key=str(y))
        if at:
            self.move_cursor(row=at, animate=False)
        self.call_after_refresh(self._resized)

    def _resized(self) -> None:
        """Has the table's height measured again, since Textual has cached it from before the rows were added."""
        self.clear_cached_dimensions()
        self.refresh(layout=True)

    def _text(self, y: int, x: int) -> object:
        cell, column = self._shown[y][x], self._specified[x]
        if cell.share >= 0:
            return filled(cell, self._taken[x], self.app.theme)
        said = pad(cell.text, self._taken[x], right=True) if column.right else fit(cell.text, self._taken[x])
        if x == next(iter(self._taken)):
            here = y == self.at
            said = f"{POINTER if here else ' '} {said}"
        return Cell(said, cell.tone).rich(self.app.theme)

    def _room(self) -> int:
        """Returns the columns for the cells, without the blanks at both ends, a scrollbar and the pointer."""
        columns = self.parent.content_size.width if self.parent is not None else 0  # type: ignore[attr-defined]
        return (columns or self.app.size.width) - 3 - _POINTER

    # --- the cursor -----------------------------------------------------------------------------------------------

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Marks the row under the cursor by a sign, too, since no state is shown by colour alone."""
        event.stop()
        if self._taken:
            first = next(iter(self._taken))
            for y in range(len(self._shown)):
                if str(self.get_cell(str(y), str(first))) != str(self._text(y, first)):
                    self._set(y, [first])
        if self.at != self._told:  # a full redraw, which a handler of `Pointed` may cause, highlights too
            self._told = self.at
            self.post_message(self.Pointed())

    async def on_click(self, event: events.Click) -> None:
        """Posts `Clicked` for a click on a row's first column, or on the row under the cursor."""
        row, column = event.style.meta.get("row", -1), event.style.meta.get("column", -1)
        if 0 <= row < len(self._shown) and (column == 0 or row == self.at):
            self.point(row)
            self.post_message(self.Clicked())
