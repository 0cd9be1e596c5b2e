"""A wizard on a recorded run, driven by Textual's pilot: what it shows, what it writes, how it ends."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

from rich.console import Console
from textual.pilot import Pilot

from recordings import Cut, Story
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.journal import Journal, Reader
from ws9tui.wizard.app import Wizard
from ws9tui.wizard.block import Block
from ws9tui.wizard.dialogs import Dialog
from ws9tui.wizard.glyphs import Repertoire
from ws9tui.worker.handle import RunHandle

SMALL = (80, 24)
LARGE = (120, 40)
SHOWN_FOLDER = Path("/var/lib/ws9tui/runs/20270115-080000-a1b2c3")
"""where the run is said to be"""
_PATIENCE = 30.0
"""seconds"""


class Driven:
    """A wizard that runs, and the run's worker, which the test plays."""

    def __init__(self, app: Wizard, pilot: Pilot[int], story: Story, journal: Journal, folder: Path) -> None:
        self.app = app
        self.pilot = pilot
        self.story = story
        self.journal = journal
        self._written = len(story.events)
        self._reader = Reader(folder)

    def text(self) -> str:
        """What is on the screen, lines without trailing blanks."""
        width, height = self.app.size
        console = Console(width=width, height=height, file=io.StringIO(), record=True, force_terminal=True)
        screen = self.app.screen
        console.print(screen._compositor.render_update(full=True, screen_stack=self.app._background_screens))
        lines = console.export_text().split("\n")[:height]
        return "\n".join(line.rstrip() for line in lines)

    async def press(self, *keys: str) -> None:
        """Presses keys and lets the wizard answer."""
        await self.pilot.press(*keys)
        await self.settle()

    async def press_and_answer(self, key: str, answer: str) -> None:
        """Presses a key, and another one in the dialog that the first one opens."""
        await self.press(key)
        await self.until(lambda: isinstance(self.app.screen, Dialog))
        await self.press(answer)

    async def settle(self) -> None:
        """Lets the feed look into the journal, and all that follows from it happen."""
        self.app.follow()
        await self.pilot.pause()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits until something is so."""
        last = monotonic() + _PATIENCE
        while not holds():
            if monotonic() > last:
                raise AssertionError(f"it is not so:\n{self.text()}")
            await self.settle()

    def says(self, text: str) -> bool:
        """Whether a text is on the screen; where it is wrapped in a part of it, too."""
        wanted = " ".join(text.split())
        shown = self.text()
        return text in shown or wanted in " ".join(shown.split()) or any(wanted in part for part in self._parts())

    def _parts(self) -> list[str]:
        """What is seen of each block of text, as one line."""
        rows = self.text().split("\n")
        found = []
        for block in self.app.screen.query(Block):
            if block.is_on_screen:
                seen = self.app.screen.find_widget(block).visible_region
                lines = (row[seen.x : seen.right] for row in rows[seen.y : seen.bottom])
                found.append(" ".join(" ".join(lines).split()))
        return found

    async def shows(self, text: str) -> None:
        """Waits until a text is on the screen."""
        await self.until(lambda: self.says(text))

    async def hides(self, text: str) -> None:
        """Waits until a text is no longer on the screen."""
        await self.until(lambda: not self.says(text))

    async def tell(self, *events: Event) -> None:
        """Appends events as the worker would, and what the story has got meanwhile."""
        self.story.say(*events)
        await self._write()

    async def goes_on(self, cut: Cut | str) -> None:
        """Lets the run go on as it did when it was recorded."""
        self.story.on(cut)
        await self._write()

    async def _write(self) -> None:
        for event in self.story.events[self._written :]:
            self.journal.append(event, sync=False)
        self._written = len(self.story.events)
        await self.settle()

    def decisions(self) -> list[e.Decision]:
        """The decisions that came since the last call."""
        return [event for event in self._reader.read() if isinstance(event, e.Decision)]

    def decision(self) -> e.Decision:
        """The one decision that came."""
        found = self.decisions()
        assert len(found) == 1, found
        return found[0]

    def close(self) -> None:
        """Lets go of the run."""
        self._reader.close()


@asynccontextmanager
async def wizard(
    story: Story | str,
    folder: Path,
    *,
    size: tuple[int, int] = SMALL,
    live: bool = True,
    known: Repertoire = Repertoire.FULL,
    demo: tuple[str, ...] = (),
) -> AsyncIterator[Driven]:
    """A wizard on a story; while it lasts, the run has a worker unless it is not live."""
    story = told = Story(story) if isinstance(story, str) else story
    run = story.write(folder / "runs" / SHOWN_FOLDER.name)
    journal = Journal(run)
    if live:
        assert journal.claim()
    handle = RunHandle(run)
    handle.folder = SHOWN_FOLDER
    app = Wizard(handle, clock=lambda: told.looked_at, known=known, demo=demo)
    try:
        async with app.run_test(size=size) as pilot:
            driven = Driven(app, pilot, story, journal, run)
            await driven.until(lambda: bool(driven.text().strip()))
            await driven.settle()
            try:
                yield driven
            finally:
                driven.close()
    finally:
        journal.close()
        app.followed.handle.close()
