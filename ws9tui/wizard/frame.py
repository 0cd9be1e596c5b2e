"""The frame that all panes share: title, rail, pane with its details, safety line, keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Unpack

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget

from ws9tui.core.journal.run_state import Phase, RunState
from ws9tui.core.model.terms import Choice
from ws9tui.wizard import actions, cells, keyline, route, theme
from ws9tui.wizard.actions import Action
from ws9tui.wizard.block import Block, Line
from ws9tui.wizard.cells import Cell
from ws9tui.wizard.dialogs import LOW, Ask, Help, Option
from ws9tui.wizard.keyline import Key, KeyLine
from ws9tui.wizard.logview import LogScreen, LogView, wizard_of
from ws9tui.wizard.route import Mark, Step
from ws9tui.wizard.table import Rows
from ws9tui.words import panes as words
from ws9tui.words import safety
from ws9tui.words.text import fit, width
from ws9tui.worker.handle import Details
from ws9tui.worker.next_run import Next

if TYPE_CHECKING:
    from ws9tui.wizard.app import Wizard

WIDE, VAST = 110, 160
"""columns from which the details stand beside the pane, and the log beside the details"""
SHORT = 20
"""rows below which a pane's own part takes precedence over its details"""
_NEAR = 600.0
"""seconds before a question's deadline from which the deadline is shown"""
_MARKS = {
    Mark.DONE: (cells.DONE, theme.GOOD),
    Mark.HERE: (cells.HERE, theme.ACCENT),
    Mark.TO_COME: (cells.TO_COME, theme.DIM),
    Mark.FAILED: (cells.FAILED, theme.BAD),
    Mark.SKIPPED: (cells.TO_COME, theme.DIM),
    Mark.STOPPED: (cells.WARNING, theme.WARN),
}
_SAFETY = {
    safety.SafetyTone.SAFE: ("", theme.PLAIN),
    safety.SafetyTone.BUSY: ("", theme.ACCENT),
    safety.SafetyTone.WARNING: (f"{cells.WARNING} ", theme.WARN),
    safety.SafetyTone.DANGER: (f"{cells.FAILED} ", theme.BAD),
}


def decides(choice: Choice) -> Callable[[Pane], object]:
    """Returns an action method that makes a choice without a further question."""
    return lambda pane: pane.wizard.decide(choice)


class Pane(Screen[None]):
    """The screen of a step; it shows the app's state and holds only the operator's cursor and unsent input."""

    STEP: ClassVar[Step]
    ACTIONS: ClassVar[tuple[Action, ...]] = ()
    KEYS: ClassVar[Mapping[Choice, Action]] = {}
    """choice → the action that makes it"""
    CLICK: ClassVar[Action | None] = None
    """action of a click on a row"""
    DETAILS: ClassVar[bool] = True
    """whether the pane has details; otherwise the log stands beside it if there is room"""
    BINDINGS = actions.bindings(*actions.MOVES)
    AUTO_FOCUS = ""
    FOCUS: ClassVar[str] = "Rows"
    """selector of the widgets of which the first gets the focus; empty for none"""

    def __init__(self) -> None:
        super().__init__()
        self.lead = Block(id="lead")
        self.main = VerticalScroll(id="main")  # has the focus if nothing in it takes it
        self.area = VerticalScroll(id="detail", can_focus=False)
        self.detail = Block(id="detail-text")
        self._headline, self._way, self._rail = Block(id="headline"), Block(id="way"), Block(id="rail")
        self._safety = SafetyLine(id="safety")
        self._log = LogView()
        self._keys = KeyLine()

    @property
    def wizard(self) -> Wizard:
        """The app, typed as `Wizard`."""
        return wizard_of(self)

    @property
    def state(self) -> RunState:
        """The state of the run."""
        return self.wizard.state

    def compose(self) -> ComposeResult:
        """Yields the parts of the frame from top to bottom."""
        with Horizontal(id="title"):
            yield self._headline
            yield self._way
        yield self._rail
        yield self.lead
        with Horizontal(id="body", classes="" if self.DETAILS else "-alone"):
            with self.main:
                yield from self.parts()
            if self.DETAILS:
                with self.area:
                    yield self.detail
            yield self._log
        yield self._safety
        yield self._keys

    # --- what a pane overrides ----------------------------------------------------------------------------------

    def parts(self) -> Iterator[Widget]:
        """Yields the pane's own widgets."""
        raise NotImplementedError

    def update(self) -> None:
        """Updates the pane's own widgets."""
        raise NotImplementedError

    def available(self, name: str) -> bool:
        """Whether an action of this pane can run now: by default, if the open question takes its choice."""
        return any(action.name == name and self.asks(choice) for choice, action in self.KEYS.items())

    def heading(self) -> str:
        """Returns the name of the pane."""
        return words.PANES[self.STEP]()

    # --- updating -------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Shows the current state."""
        self.follow()

    def on_screen_resume(self) -> None:
        """Focuses a widget if none is, and shows what has changed meanwhile."""
        if self.focused is None:
            self.call_after_refresh(self._focus)
        self.follow()

    def _focus(self) -> None:
        """Focuses the pane's widget without scrolling to it, as Textual would, so that what is above stays visible."""
        wanted = self.query(self.FOCUS) if self.FOCUS else ()
        if self.focused is None and (first := next((one for one in wanted if one.focusable), None)):
            self.set_focus(first, scroll_visible=False)

    def on_resize(self) -> None:
        """Adapts to the new size: the arrangement at once, tables and keys after the layout."""
        columns, height = self.app.size
        self.set_class(columns < WIDE, "-narrow")
        self.set_class(columns >= WIDE, "-wide")
        self.set_class(columns >= VAST, "-vast")
        self.set_class(height < SHORT, "-short")
        self.set_class(height < LOW, "-low")
        self.call_after_refresh(self.follow)

    def on_rows_pointed(self) -> None:
        """Shows the details of the row under the cursor."""
        self.follow()

    def on_rows_clicked(self) -> None:
        """Runs the action for a clicked row."""
        if self.CLICK is not None:
            self.do(self.CLICK.name)

    def follow(self) -> None:
        """Updates all parts of the screen; those that have not changed are not redrawn."""
        if not self._keys.is_mounted or not self.app.size.width:  # the last part to be mounted
            return
        columns = self.app.size.width
        way = fit(words.way(self.state), max(columns // 2, 1))
        self._way.show([Cell(way)] if way else [])
        self._way.styles.width = width(way) + 1
        room = columns - width(way) - width(words.NAME) - 5
        self._headline.show([(Cell(words.NAME, theme.STRONG), Cell(fit(self.wizard.headline(), room)))])
        self._rail.show([self._stops(columns)])
        sign, tone = _SAFETY[safety.tone(self.state, died=self.wizard.followed.died is not None)]
        self._safety.show([Cell(sign + safety.line(self.state, died=self.wizard.followed.died is not None), tone)])
        self._say_hint(columns)
        self.update()
        self._log.follow()
        self._keys.show(self.shown_keys())

    def repaint(self) -> None:
        """Redraws everything in the colours of another theme."""
        for widget in self.query("Block, Rows, LogView"):
            if isinstance(widget, Block | Rows | LogView):
                widget.repaint()
        self.follow()

    def _stops(self, columns: int) -> Line:
        """Returns the rail in one line, or only the current step if there is no room."""
        stops = route.rail(self.state, died=self.wizard.followed.died is not None)
        parts: list[Cell] = []
        for step, mark in stops:
            sign, tone = _MARKS[mark]
            parts.append(Cell(f"{sign} {words.STEPS[step]()}", f"{tone} strong" if mark is Mark.HERE else tone))
        if sum(part.width + 2 for part in parts) <= columns - 2:
            return tuple(parts)
        at = next((number for number, stop in enumerate(stops, 1) if stop.step is self.STEP), 0)
        number = words.STEP_OF(number=at, steps=len(stops)) if at else ""
        return Cell(f"{cells.HERE} {self.heading()}{number}", f"{theme.ACCENT} strong")

    def _say_hint(self, columns: int) -> None:
        hint = self.wizard.hint or self._pending() or self._deadline()
        self._safety.hint(fit(hint, max(columns - 6, 1)))

    def _pending(self) -> str:
        """Returns the hint that a decision was written and the worker has not taken it yet; empty if there is none."""
        if self.wizard.followed.cancelling:
            return words.CANCELLING()
        return words.SENT() if self.wizard.followed.waiting else ""

    def _deadline(self) -> str:
        """Returns the hint about a question's default near its deadline; the Outcome pane shows its own."""
        asked, now = self.state.asked, self.wizard.now()
        if asked is None or self.STEP is Step.OUTCOME or not asked.seconds:
            return ""
        near = words.seconds_left(asked, self.state.asked_at, now) < _NEAR
        return words.default_line(asked, self.state.asked_at, now) if near else ""

    # --- keys ---------------------------------------------------------------------------------------------------

    def shown_keys(self) -> list[Key]:
        """Returns the keys of the key line: those that can be used now, as far as they fit. The help has all."""
        now = self.now_possible()
        keys = [Key(action.key, action.shown, words.key_label(action.name)) for action in now]
        order = sorted(range(len(now)), key=lambda n: (actions.weight(now[n]), -n))
        return keyline.fitting(keys, order, self.app.size.width - 2)

    def actions(self) -> tuple[Action, ...]:
        """Returns all actions of the pane, the common ones included."""
        return (*self.ACTIONS, *actions.AT_THE_END, *actions.COMMON)

    def now_possible(self) -> list[Action]:
        """Returns the actions that can run now."""
        return [action for action in self.actions() if self.can(action.name)]

    def can(self, name: str) -> bool:
        """Whether an action can run now."""
        ended = self.wizard.followed.ended
        if name in {action.name for action in actions.AT_THE_END}:
            return self.wizard.state.finished is not None and not self.wizard.demo
        match name:
            case "log" | "help":
                return True
            case "detach":
                return not ended
            case "leave":
                return ended
            case "previous":
                return self.asks(Choice.PREVIOUS)
            case "cancel":
                return not ended and self.wizard.followed.cancellable
        return self.available(name)

    def do(self, name: str) -> None:
        """Runs an action if it can run now."""
        if self.can(name):
            getattr(self, f"action_{name}")()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action can run now, as Textual asks for each key."""
        known = {a.name for a in self.actions()}
        return self.can(action) if action in known else super().check_action(action, parameters)

    def action_move(self, by: int) -> None:
        """Moves the cursor or scrolls, for a focused widget that does not do so itself."""
        if tables := [table for table in self.query(Rows) if table.can_focus and table.row_count]:
            tables[0].point(max(0, min(tables[0].at + by, tables[0].row_count - 1)))
        else:
            self.main.scroll_to(y=self.main.scroll_y + by, animate=False)

    def action_page(self, by: int) -> None:
        """Scrolls the details, or else the pane, by a screenful."""
        for area in (self.area, self.main):
            if area.max_scroll_y:
                area.scroll_to(y=area.scroll_y + by * max(area.size.height - 1, 1), animate=False)
                return

    def action_log(self) -> None:
        """Opens the log."""
        self.app.push_screen(LogScreen())

    def action_help(self) -> None:
        """Opens the help."""
        phase = Phase.FINISHED if self.wizard.followed.ended else self.state.phase
        self.app.push_screen(Help(phase, self.heading(), self.now_possible()))

    def action_detach(self) -> None:
        """Asks whether to leave the wizard while the run goes on."""
        self.wizard.ask_detach()

    action_previous = decides(Choice.PREVIOUS)

    def action_again(self) -> None:
        """Leaves the wizard for another run on this project."""
        self.wizard.leave_for(Next.AGAIN)

    def action_history(self) -> None:
        """Leaves the wizard and has the whole run printed."""
        self.wizard.leave_for(Next.HISTORY)

    def action_other_project(self) -> None:
        """Leaves the wizard for another project."""
        self.wizard.leave_for(Next.OTHER_PROJECT)

    def action_leave(self) -> None:
        """Leaves the wizard; the run has ended."""
        self.wizard.leave()

    def action_cancel(self) -> None:
        """Asks whether the run is to be cancelled."""
        self.wizard.ask_cancel()

    def asks(self, *choices: Choice) -> bool:
        """Whether this pane is that of the current state, and one of these choices can be made and is not pending.

        A pane that was covered may be shown again when the run has moved on.
        """
        return route.pane(self.state) is self.STEP and self.wizard.followed.takes(*choices)

    def ask_sure(
        self,
        title: str,
        body: Sequence[Line | str],
        no_yes: tuple[str, str],
        choice: Choice,
        *,
        yes_first: bool = False,
        **details: Unpack[Details],
    ) -> None:
        """Asks for confirmation before a choice is made; Enter means no, unless ``yes_first``."""

        def answered(answer: str | None) -> None:
            if answer == "yes" and self.asks(choice):
                self.wizard.decide(choice, **details)

        no, yes = Option("no", "n", no_yes[0]), Option("yes", "y", no_yes[1])
        lines = [Cell(line) if isinstance(line, str) else line for line in body]
        self.app.push_screen(Ask(title, lines, (yes, no) if yes_first else (no, yes)), answered)


class SafetyLine(Block):
    """The safety line; hints are shown in the border above it."""

    def hint(self, text: str) -> None:
        """Shows a hint; an empty text removes it."""
        title = Content(f" {text} ") if text else None
        if (self.border_title or "") != (title.markup if title else ""):
            self.border_title = title
