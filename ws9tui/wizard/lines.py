"""The one widget that the panes are made of: lines of text, of which only those are drawn again that changed."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget

from ws9tui.wizard.draw import BLANK


class Lines(Widget):
    """Lines of text from the top; what lies beyond its size is not shown.

    An update sends the changed lines to the terminal and nothing else, which is what a slow link needs.
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id, markup=False)
        self._shown: list[Content] = []

    @property
    def shown(self) -> list[Content]:
        """What it shows."""
        return self._shown

    def show(self, lines: Sequence[Content]) -> None:
        """Shows these lines, where they differ from those that it shows."""
        new = list(lines)
        old, self._shown = self._shown, new
        for y in range(max(len(old), len(new))):
            before = old[y] if y < len(old) else BLANK
            after = new[y] if y < len(new) else BLANK
            if not after.is_same(before):
                self.refresh(Region(0, y, self.outer_size.width, 1))

    def render_line(self, y: int) -> Strip:
        """One line of it, filled with blanks."""
        columns = self.content_size.width
        style = self.visual_style
        content = self._shown[y] if y < len(self._shown) else BLANK
        strips = Visual.to_strips(self, content, columns, 1, style, pad=True)
        return strips[0].crop(0, columns) if strips else Strip.blank(columns)
