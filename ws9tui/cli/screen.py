"""Lines on a colour terminal with an animated progress line below them, by Rich."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TextIO

from rich.console import RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from ws9tui.cli import looks
from ws9tui.cli.output import Writer
from ws9tui.words.blocks import Block, Tone
from ws9tui.words.plan_line import PlanLine
from ws9tui.words.text import fit

_BAR = 30
"""maximum columns of a progress bar"""
_FRAMES = 4
"""refreshes of the progress line per second"""


class Screen(Writer):
    """Writes lines to a colour terminal."""

    colours = True

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._console = looks.console(stream)
        self._live: Live | None = None
        self._spinner = Spinner("line", style=looks.BLUE)
        self._told: Callable[[], tuple[str, float | None]] = lambda: ("", None)

    def line(self, text: str = "", hang: int = 4) -> None:
        """Writes one line at once, wrapped."""
        self._show(looks.hanging(text, self.room, hang=hang))

    def whole(self, text: str) -> None:
        """Writes a line that is never wrapped."""
        self._show(Text(text))

    def toned(self, text: str, tone: Tone) -> None:
        """Writes a line in the colour of a tone."""
        self._show(looks.hanging(text, self.room, style=looks.STYLES[tone], hang=0))

    def timed(self, at: str, text: str, tone: Tone) -> None:
        """Writes an event's line with its time."""
        self._show(looks.timed(at, text, self.room, looks.STYLES[tone]))

    def planned(self, line: PlanLine) -> None:
        """Writes a line of the plan."""
        self._show(looks.planned(line, self.room))

    def blocks(self, blocks: Iterable[Block]) -> None:
        """Writes blocks with colours and tables."""
        for part in looks.shown(blocks, self.room):
            self._show(part)

    @property
    def room(self) -> int:
        """The current columns of the terminal."""
        return self._console.width

    def status(self, told: Callable[[], tuple[str, float | None]]) -> None:
        """Shows progress below all lines and keeps it up to date; an empty text removes it."""
        if not told()[0]:
            self.close()
            return
        self._told = told
        if self._live is None:
            self._live = Live(
                get_renderable=self._status,
                console=self._console,
                transient=True,
                refresh_per_second=_FRAMES,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self.guarded(self._live.start)
            self._console.show_cursor(show=True)  # the operator may type

    def close(self) -> None:
        """Removes the progress line."""
        live, self._live = self._live, None
        if live is not None:
            self.guarded(live.stop)

    def _status(self) -> Table:
        text, fraction = self._told()
        grid = Table.grid(padding=(0, 1), expand=False)
        grid.add_column(width=1)
        if fraction is None:
            grid.add_row(self._spinner, Text(fit(text, self.room - 4), "bold"))
            return grid
        bar = min(_BAR, self.room // 4)
        grid.add_column(width=bar)
        grid.add_column(width=4)
        percent = f"{min(int(fraction * 100), 100)}%"
        shown = ProgressBar(1.0, min(fraction, 1.0), bar, complete_style=looks.GREEN, finished_style=looks.GREEN)
        grid.add_row(self._spinner, shown, Text(percent), Text(fit(text, max(self.room - bar - 12, 1)), "bold"))
        return grid

    def _show(self, part: RenderableType) -> None:
        self.guarded(lambda: self._console.print(part, soft_wrap=isinstance(part, Text)))
