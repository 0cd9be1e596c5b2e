"""A text block: paragraphs, and rows whose columns are aligned and whose last column wraps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text
from textual.widgets import Static

from ws9tui.wizard.cells import Cell
from ws9tui.words.text import width, wrap

Line = Cell | tuple[Cell, ...]
"""a paragraph, or the columns of a row"""
BLANK = Cell("")
GAP = 2
"""blank columns between two columns"""


class Block(Static):
    """A widget that shows lines; showing the same lines again sends nothing to the terminal."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes="-blank", markup=False)
        self._shown: tuple[Line, ...] = ()

    @property
    def shown(self) -> tuple[Line, ...]:
        """The lines that are shown."""
        return self._shown

    def show(self, lines: Iterable[Line]) -> None:
        """Shows these lines if they differ from the current ones; a block without lines takes no room."""
        new = tuple(lines)
        if new == self._shown:
            return
        self._shown = new
        self.set_class(not new, "-blank")
        self.repaint()

    def repaint(self) -> None:
        """Redraws the lines in the colours of the theme."""
        self.update(render(self._shown, self.app.theme))


def render(lines: Sequence[Line], theme: str) -> RenderableType:
    """Returns lines as a Rich renderable: consecutive rows with the same number of columns are aligned."""
    parts: list[RenderableType] = []
    for columns, some in groupby(lines, lambda line: 0 if isinstance(line, Cell) else len(line)):
        rows = list(some)
        if not columns:
            parts += [_folded(row, theme) for row in rows if isinstance(row, Cell)]
            continue
        grid = Table.grid(padding=(0, GAP, 0, 0))
        for number in range(columns):
            last = number == columns - 1
            grid.add_column(no_wrap=not last, overflow="fold" if last else "ellipsis")
        for row in rows:
            if not isinstance(row, Cell):
                grid.add_row(*(one.rich(theme) for one in row[:-1]), _folded(row[-1], theme))
        parts.append(grid)
    return parts[0] if len(parts) == 1 else Group(*parts)


def _folded(cell: Cell, theme: str) -> RenderableType:
    """Returns a paragraph, or a cell of the last column, wrapped to as many lines as it needs."""
    text = cell.rich(theme)
    text.overflow = "fold"
    text.end = "\n"
    return text if width(cell.text) == len(cell.text) else _Wide(text)


class _Wide:
    """A text with wide characters, which Rich would wrap at spaces only."""

    def __init__(self, text: Text) -> None:
        self._text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yields the text wrapped into lines."""
        for part in wrap(self._text.plain, options.max_width, quoted=True):
            yield Text(part, style=self._text.style, overflow="fold")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Returns the width of the text."""
        return Measurement.get(console, options, self._text)
