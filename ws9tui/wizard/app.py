"""The wizard: an app that follows a run's journal, shows the run's state, and appends the operator's decisions.

It owns no state of the run: the worker continues when the wizard ends, and a new wizard shows the same.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar, Unpack

from rich.console import Console
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.filter import LineFilter
from textual.screen import Screen

from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import EXIT_STATUS, LEFT_STATUS, Choice, Outcome
from ws9tui.errors import StateError
from ws9tui.wizard import attention, glyphs, pace, palette, route, theme
from ws9tui.wizard.cells import Cell
from ws9tui.wizard.confirm import ConfirmPane
from ws9tui.wizard.dialogs import Ask, Dialog, Option
from ws9tui.wizard.driver import TerminalDriver
from ws9tui.wizard.followed import Followed
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.generations import GenerationsPane
from ws9tui.wizard.images import ImagesPane
from ws9tui.wizard.install import InstallPane
from ws9tui.wizard.logview import LogScreen
from ws9tui.wizard.looking import LookingPane
from ws9tui.wizard.merge import MergePane
from ws9tui.wizard.outcome import OutcomePane
from ws9tui.wizard.pull import PullPane
from ws9tui.wizard.recovery import RecoveryPane
from ws9tui.wizard.recreate import RecreatePane
from ws9tui.wizard.route import Step
from ws9tui.wizard.versions import VersionsPane
from ws9tui.words import commands, outcome, problems
from ws9tui.words import panes as words
from ws9tui.words.text import clean, wrap
from ws9tui.worker.handle import Details, RunHandle
from ws9tui.worker.next_run import Leaving, ToProject, Wanted

HINT = 5.0
"""seconds for which a hint is shown"""

_ALL = (
    LookingPane, InstallPane, ImagesPane, PullPane, VersionsPane, ConfirmPane, RecreatePane, OutcomePane,
    RecoveryPane, GenerationsPane, MergePane,
)  # fmt: skip
PANES: dict[Step, type[Pane]] = {pane.STEP: pane for pane in _ALL}


class Wizard(App[int]):
    """The wizard app; its result is the exit status."""

    CSS_PATH = "frame.tcss"
    TITLE = words.NAME
    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[Binding]] = [  # type: ignore[assignment]
        Binding("ctrl+c", "hint_quit", show=False, system=True, priority=True),
        Binding("ctrl+q", "detach", show=False, priority=True),
    ]

    def __init__(
        self,
        handle: RunHandle,
        *,
        demo: tuple[str, ...] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        known: glyphs.Repertoire | None = None,
        colours: str = theme.DARK,
    ) -> None:
        super().__init__(driver_class=TerminalDriver, ansi_color=True if colours == theme.ANSI else None)
        for one in theme.THEMES:
            self.register_theme(one)
        self.theme = colours
        self.followed = Followed(handle)
        self.demo = bool(demo)
        self.now = clock
        self.wanted: Wanted | None = None
        """what to run next, if the operator has chosen something"""
        self.hint = ""
        self.fault: Exception | None = None
        """the exception that ended the wizard; the run is not affected"""
        self._known = known if known is not None else glyphs.repertoire()
        self._replace = glyphs.Replace(self._known)
        self._hint_until: float | None = None
        self._drawn_at = 0.0
        self._news: tuple[object, ...] = ()

    @property
    def state(self) -> RunState:
        """The state of the run."""
        return self.followed.state

    def _handle_exception(self, error: Exception) -> None:
        """Ends the app and keeps the exception for `run_wizard`, instead of printing Textual's traceback.

        In headless mode Textual handles it, since the tests' pilot needs the exception.
        """
        if self.is_headless:
            super()._handle_exception(error)
        else:
            self.fault = self.fault or error
            self.exit(return_code=1)

    # --- following the run --------------------------------------------------------------------------------------

    def get_line_filters(self) -> list[LineFilter]:
        """Returns Textual's filters, and the one that replaces characters that the terminal lacks."""
        return [*super().get_line_filters(), *([self._replace] if self._replace.enabled else [])]

    def on_mount(self) -> None:
        """Starts to follow the journal, and makes SIGTERM and SIGHUP end the app in an orderly way."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._stopped, number)
        self.followed.read()
        self.push_screen(PANES[route.pane(self.state)]())
        self.set_interval(pace.PERIOD, partial(self.follow, paced=True))
        attention.attend(self)

    def _stopped(self, number: int) -> None:
        self.exit(128 + number, return_code=128 + number)

    def follow(self, *, paced: bool = False) -> None:
        """Reads new events and refreshes the screen; if ``paced``, without news only every `pace.PROGRESS` seconds."""
        clock = asyncio.get_running_loop().time()
        self.followed.follow()
        if self._hint_until is not None and clock > self._hint_until:
            self.hint, self._hint_until, paced = "", None, False
        if busy := self.followed.switch():
            self.followed.read()
            self.say(words.watching_other(busy))
            return
        news = pace.news(self.state)
        if not paced or news != self._news or clock - self._drawn_at >= pace.PROGRESS:
            self._news = news
            self.refresh_screen()

    def refresh_screen(self) -> None:
        """Switches to the pane of the current state, closes a stale dialog, and updates what is shown."""
        if not self.screen_stack:  # the app is ending
            return
        self._drawn_at = asyncio.get_running_loop().time()
        step = route.pane(self.state, died=self.followed.died is not None)
        with self.batch_update():
            screen = self.screen
            if isinstance(screen, Dialog) and screen.stale(self.state, step):
                screen.dismiss(None)
                return
            if isinstance(screen, Pane) and screen.STEP is not step:
                self.switch_screen(PANES[step]())
                return
            for shown in self.screen_stack:
                if isinstance(shown, Pane | LogScreen | Dialog):
                    shown.follow()
        if self.hint and self._hint_until is None:
            self._hint_until = self._drawn_at + HINT

    # --- decisions ----------------------------------------------------------------------------------------------

    def decide(self, choice: Choice, **details: Unpack[Details]) -> bool:
        """Writes a decision about the open question, or a cancel; returns whether it did, and shows an error."""
        try:
            if not self.followed.decide(choice, **details):
                return False
        except StateError as error:
            self.say(words.SENT_FAILED(why=problems.brief(error.problem)))
            return False
        self.refresh_screen()
        return True

    def ask_cancel(self) -> None:
        """Asks whether the run is to be cancelled."""

        def answered(answer: str | None) -> None:
            if answer == "cancel" and self.followed.cancellable:
                self.decide(Choice.CANCEL)

        options = (Option("stay", "n", words.CANCEL_NO()), Option("cancel", "y", words.CANCEL_YES()))
        self.push_screen(Ask(words.CANCEL_TITLE(), [Cell(words.cancel_body(self.state))], options), answered)

    def ask_detach(self, wanted: ToProject | None = None) -> None:
        """Asks whether to leave, to stay or to cancel, and leaves: for good, or for another project."""

        def answered(answer: str | None) -> None:
            if answer == "cancel" and self.followed.cancellable:
                self.decide(Choice.CANCEL)
            if answer == "leave" and not self.demo:
                self.followed.handle.detach()
            if answer is not None and answer != "stay":
                self.wanted = wanted
                self.leave()

        options = [
            Option("leave", "q", words.DEMO_LEAVE() if self.demo else words.DETACH_YES()),
            Option("stay", "n", words.DETACH_NO()),
        ]
        if self.followed.cancellable:
            options.append(Option("cancel", "c", words.DETACH_CANCEL()))
        body = [Cell(text) for text in words.detach_body(self.state, demo=self.demo)]
        title = words.LEAVE_FOR(name=wanted.name) if wanted else words.DETACH_TITLE()
        self.push_screen(Ask(title, body, tuple(options), stays=True), answered)

    def leave(self) -> None:
        """Ends the wizard with the run's status; while the run goes on, 130 for a cancel, else 129, in a demo 0."""
        left = 0 if self.demo else LEFT_STATUS
        status = self.followed.status if self.followed.ended else left
        self.exit(EXIT_STATUS[Outcome.CANCELLED] if self.followed.cancelling else status)

    def leave_for(self, wanted: Wanted) -> None:
        """Ends the wizard and records what to run next."""
        self.wanted = wanted
        self.leave()

    def headline(self) -> str:
        """Returns the left part of the title line."""
        return words.title(self.state, demo=self.demo)

    # --- the frame ----------------------------------------------------------------------------------------------

    def say(self, hint: str) -> None:
        """Shows a hint in the frame for `HINT` seconds from when it is drawn."""
        self.hint, self._hint_until = hint, None
        self.refresh_screen()

    def action_hint_quit(self) -> None:
        """Shows how to leave, since Ctrl+C does not end the wizard."""
        self.say(words.CTRL_C_OVER() if self.followed.ended else words.CTRL_C())

    def action_detach(self) -> None:
        """Leaves the wizard from any screen, after a question while the run goes on."""
        if self.followed.ended:
            self.leave()
        elif not isinstance(self.screen, Ask):
            self.ask_detach()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Returns the commands of the command palette; empty unless a pane is shown."""
        return palette.offered(self, screen) if isinstance(screen, Pane) else ()

    def action_command_palette(self) -> None:
        """Opens the command palette."""
        palette.show(self)

    def watch_theme(self, _name: str) -> None:
        """Redraws the screens in the colours of the new theme, since their content is rendered in advance."""
        for screen in self.screen_stack if self.is_running else ():
            if isinstance(screen, Pane | LogScreen | Dialog):
                screen.call_after_refresh(screen.repaint)

    def farewell(self) -> list[str]:
        """Returns the lines that are printed after the wizard has ended."""
        if finished := self.state.finished:
            said = outcome.farewell(finished, self.state)
            return [said, *(f"  {clean(command, commands.LONGEST)}" for command in finished.commands)]
        if self.followed.died:
            return [problems.sentence(self.followed.died)]
        return words.farewell_detached(demo=self.demo, cancelling=self.followed.cancelling)


def run_wizard(handle: RunHandle, *, demo: tuple[str, ...] = (), mouse: bool = True) -> int | Leaving:
    """Runs the wizard on a run until the operator leaves; returns the exit status, with what to run next if chosen."""
    app = Wizard(handle, demo=demo, colours=theme.chosen(os.environ, Console(stderr=True).color_system))
    try:
        status = app.run(mouse=mouse)
    finally:
        app.followed.handle.close()
    if app.fault is not None:
        raise app.fault
    if app.return_code is not None and app.return_code > 128:  # noqa: PLR2004 - ended by a signal
        return app.return_code
    left = Leaving(status, app.wanted, app.state) if app.wanted is not None and status is not None else None
    if left is None or not app.followed.ended:
        columns = shutil.get_terminal_size().columns
        for line in app.farewell():
            # an indented line is a command, and is not wrapped, so that it can be copied
            parts = [line] if line.startswith(" ") else wrap(line, columns, quoted=True)
            sys.stdout.write("".join(f"{part}\n" for part in parts))
    return left or (status if status is not None else app.return_code or 0)
