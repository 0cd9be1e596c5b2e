"""The frame that all panes share: title, rail, pane, safety line, key line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Unpack

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen

from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Choice
from ws9tui.wizard import actions, draw, route
from ws9tui.wizard.actions import Action
from ws9tui.wizard.dialogs import Ask, Option
from ws9tui.wizard.draw import BLANK, Look, Window, line
from ws9tui.wizard.lines import Lines
from ws9tui.wizard.route import Mark, Step
from ws9tui.words import panes as words
from ws9tui.words import safety
from ws9tui.words.text import fit, width
from ws9tui.worker.handle import Details

if TYPE_CHECKING:
    from ws9tui.wizard.app import Wizard

WIDE = 90
"""columns from which the rail stands at the left; below, it is the top line of the frame"""
RAIL = 15
_PAGE = 10
_LEAST_ROWS = 3
"""of a table that has a lead above it and details below; with less room it stands alone"""
_SPARE = (actions.ALL.name, actions.LOG.name)
"""actions that the key line can do without"""
_NEAR = 600.0
"""seconds before a deadline from which it is shown"""

_MARKS = {
    Mark.DONE: (draw.DONE, draw.GOOD),
    Mark.HERE: (draw.HERE, draw.STRONG),
    Mark.TO_COME: (draw.TO_COME, draw.DIM),
    Mark.FAILED: (draw.FAILED, draw.BAD),
    Mark.SKIPPED: (draw.TO_COME, draw.DIM),
    Mark.STOPPED: (draw.WARNING, draw.WARN),
}
_SAFETY = {
    safety.Tone.SAFE: (" ", draw.PLAIN),
    safety.Tone.BUSY: (" ", draw.ACCENT),
    safety.Tone.WARNING: (draw.WARNING, draw.WARN),
    safety.Tone.DANGER: (draw.FAILED, draw.BAD),
}


class Pane(Screen[None]):
    """A step's screen; it shows the app's state and holds only what the operator points at."""

    STEP: ClassVar[Step]
    ACTIONS: ClassVar[tuple[Action, ...]] = ()
    BINDINGS = actions.bindings(*actions.MOVES, *actions.COMMON)
    AUTO_FOCUS = ""

    def __init__(self) -> None:
        super().__init__()
        self.window = Window()
        self.cursor = 0
        self.position = ""
        self._parts = {name: Lines(id=name) for name in ("title", "top", "rail", "pane", "bottom", "safety", "keys")}

    @property
    def wizard(self) -> Wizard:
        """The app, by its own type."""
        from ws9tui.wizard.app import Wizard  # noqa: PLC0415 - the app knows its panes

        assert isinstance(self.app, Wizard)  # noqa: S101 - panes live in no other app
        return self.app

    @property
    def state(self) -> RunState:
        """What is known of the run."""
        return self.wizard.state

    def compose(self) -> ComposeResult:
        """The frame's parts from top to bottom."""
        parts = self._parts
        yield parts["title"]
        yield parts["top"]
        with Horizontal(id="middle"):
            yield parts["rail"]
            yield parts["pane"]
        yield parts["bottom"]
        yield parts["safety"]
        yield parts["keys"]

    # --- what a pane says ---------------------------------------------------------------------------------------

    def draw(self, look: Look) -> list[Content]:
        """The pane's lines; at most as many as the look has room for."""
        raise NotImplementedError

    def rows(self) -> int:
        """How many rows the cursor can stand on; 0 where the pane scrolls instead."""
        return 0

    def available(self, name: str) -> bool:
        """Whether an action of this pane does something now."""
        return name.startswith(("move", "page"))

    # --- layouts that panes share --------------------------------------------------------------------------------

    def fitted(self, lines: Sequence[Content], look: Look) -> list[Content]:
        """All lines in one scrolling window."""
        return self.scrolled([], lines, look)

    def scrolled(self, lead: Sequence[Content], lines: Sequence[Content], look: Look) -> list[Content]:
        """Lines that stay, and below them a window over the others."""
        room = look.height - len(lead)
        shown = self.window.show(lines, room)
        self.position = self.window.position(len(lines), room)
        return [*lead, *shown]

    def split(
        self,
        lead: Sequence[Content],
        header: Content,
        table: Sequence[Content],
        detail: Sequence[Content],
        look: Look,
    ) -> list[Content]:
        """A lead, a table with a cursor, and what belongs to the row under it.

        The table keeps at least a third of the room, and gives up the rest where the detail needs it.
        """
        room = look.height - len(lead) - 3
        cramped = room < _LEAST_ROWS
        size = max(look.height - 2, 1) if cramped else max(room - len(detail), room // 3, _LEAST_ROWS)
        size = min(len(table), size)
        pointed = [
            line((f"{draw.POINTER} ", draw.STRONG), row.stylize(draw.STRONG)) if n == self.cursor else line("  ", row)
            for n, row in enumerate(table)
        ]
        shown = self.window.show(pointed, size, self.cursor)
        self.position = self.window.position(len(table), size)
        if cramped:  # rows are what one came for
            return [*lead[:1], line("  ", header), *shown][-look.height :]
        return [*lead, BLANK, line("  ", header), *shown, BLANK, *detail][: look.height]

    # --- drawing ------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Shows what is known already."""
        self.follow()

    def on_screen_resume(self) -> None:
        """Shows what has come meanwhile."""
        self.follow()

    def on_resize(self, _event: events.Resize) -> None:
        """Lays the pane out again."""
        self.follow()

    def follow(self) -> None:
        """Brings everything up to date; what has not changed is not sent."""
        if not self.is_mounted or not self.app.size.width:
            return
        columns, height = self.app.size
        wide = columns >= WIDE
        warned = self._safety(columns - 3)
        self._parts["rail"].display = wide
        self._parts["safety"].styles.height = len(warned)
        inner = columns - 4 - (RAIL + 1 if wide else 0)
        shown = self.draw(Look(inner, max(height - 4 - len(warned), 1), self.wizard.now()))
        self._show("title", [self._title(columns)])
        self._show("top", [self._top(columns, wide=wide)])
        self._show("rail", self._rail())
        self._show("pane", shown)
        self._show("bottom", [self._bottom(columns, wide=wide)])
        self._show("safety", warned)
        self._show("keys", [self._keys(columns)])

    def _show(self, name: str, lines: Sequence[Content]) -> None:
        self._parts[name].show(lines)

    def _title(self, columns: int) -> Content:
        left = line(" ", (words.NAME, draw.STRONG), "  ", self.wizard.headline())
        return draw.spread(left, words.way(self.state) + " ", columns)

    def _top(self, columns: int, *, wide: bool) -> Content:
        if wide:
            left = f"┌ {words.RAIL()} "
            rest = f" {self.heading()} "
            first = left + "─" * (RAIL + 1 - width(left)) + "┬"
            room = columns - width(first) - width(rest) - 1
            return line((first, draw.FRAME), (rest, draw.STRONG), ("─" * room + "┐", draw.FRAME))
        return self._short_rail(columns)

    def _short_rail(self, columns: int) -> Content:
        """The rail as the frame's top line."""
        parts: list[draw.Part] = []
        used = 2
        stops = route.rail(self.state, died=self.wizard.died is not None)
        for number, (step, mark) in enumerate(stops):
            sign, tone = _MARKS[mark]
            label = words.STEPS[step]()
            if number:
                parts.append(("─", draw.FRAME))
            parts += [(f" {sign} ", tone), (f"{label} ", draw.STRONG if mark is Mark.HERE else draw.DIM)]
            used += 3 + width(label) + 1 + bool(number)
        at = next((number for number, stop in enumerate(stops, 1) if stop.step is self.STEP), 0)
        if used > columns or not at:
            heading = f" {self.heading()}{words.STEP_OF(number=at, steps=len(stops)) if at else ''} "
            parts, used = [(heading, draw.STRONG)], width(heading) + 2
        return line(("┌", draw.FRAME), *parts, ("─" * (columns - used) + "┐", draw.FRAME))

    def _rail(self) -> list[Content]:
        lines = []
        for number, (step, mark) in enumerate(route.rail(self.state, died=self.wizard.died is not None), 1):
            sign, tone = _MARKS[mark]
            here = draw.STRONG if mark is Mark.HERE else draw.PLAIN if mark is not Mark.SKIPPED else draw.DIM
            lines.append(line((sign, tone), (f" {number} {words.STEPS[step]()}", here)))
        return lines

    def _bottom(self, columns: int, *, wide: bool) -> Content:
        hint = self.wizard.hint or self._pending() or self._deadline()
        left = "├" + ("─" * RAIL + "┴" if wide else "") + "─"
        right = f" {self.position} " if self.position else ""
        said = f" {fit(hint, columns - width(left) - width(right) - 6)} " if hint else ""
        room = columns - width(left) - width(said) - width(right) - 2
        return line(
            (left, draw.FRAME), (said, draw.WARN), ("─" * room, draw.FRAME), (right, draw.DIM), ("─┤", draw.FRAME)
        )

    def _pending(self) -> str:
        """That a decision was made here and is not carried out yet."""
        if self.wizard.cancelling:
            return words.CANCELLING()
        return words.SENT() if self.wizard.waiting else ""

    def _deadline(self) -> str:
        """What happens when nobody decides, once that is near; panes of the outcome say it themselves."""
        asked, now = self.state.asked, self.wizard.now()
        if asked is None or self.STEP is Step.OUTCOME or not asked.seconds:
            return ""
        near = words.seconds_left(asked, self.state.asked_at, now) < _NEAR
        return words.default_line(asked, self.state.asked_at, now) if near else ""

    def _safety(self, room: int) -> list[Content]:
        died = self.wizard.died is not None
        sign, tone = _SAFETY[safety.tone(self.state, died=died)]
        said = safety.line(self.state, died=died)
        first = f"{sign} " if sign.strip() else ""
        return [line((text, tone)) for text in draw.wrap(said, room, first, " " * width(first))[:3]]

    def _keys(self, columns: int) -> Content:
        return key_line(self.shown_keys(), columns)

    def shown_keys(self) -> list[tuple[str, str]]:
        """The keys that do something now, with what they do; where there are too many, the help has the rest."""
        listed = [action for action in (*self.ACTIONS, *actions.COMMON) if action.listed and self.can(action.name)]
        keys = {action.name: (action.shown, words.key_label(action.name)) for action in listed}
        for spare in (*_SPARE, *(action.name for action in reversed(self.ACTIONS))):
            if (
                sum(width(key) + 1 + width(label) for key, label in keys.values()) + len(keys) - 1
                > self.app.size.width - 4
            ):
                keys.pop(spare, None)
        return list(keys.values())

    def heading(self) -> str:
        """What the pane is called."""
        return words.PANES[self.STEP]()

    # --- keys ---------------------------------------------------------------------------------------------------

    def can(self, name: str) -> bool:
        """Whether an action does something now."""
        ended = self.wizard.ended
        match name:
            case "log" | "help":
                return True
            case "detach":
                return not ended
            case "leave":
                return ended
            case "cancel":
                return not ended and self.wizard.cancellable
        return self.available(name)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Textual's question whether a key does something now."""
        if action in ("move", "page"):
            return True
        known = {a.name for a in (*self.ACTIONS, *actions.COMMON)}
        return self.can(action) if action in known else super().check_action(action, parameters)

    def action_move(self, by: int) -> None:
        """Moves the cursor, or the lines where there is none."""
        if rows := self.rows():
            self.cursor = max(0, min(self.cursor + by, rows - 1))
        else:
            self.window.offset = max(0, self.window.offset + by)
        self.follow()

    def action_page(self, by: int) -> None:
        """Moves by a screenful."""
        self.action_move(by * max(self.app.size.height - 8, _PAGE))

    def action_log(self) -> None:
        """Opens the log."""
        self.wizard.open_log()

    def action_help(self) -> None:
        """Opens the help."""
        self.wizard.open_help(self)

    def action_detach(self) -> None:
        """Leaves the wizard; the run goes on."""
        self.wizard.ask_detach()

    def action_leave(self) -> None:
        """Leaves the wizard; the run has ended."""
        self.wizard.leave()

    def action_cancel(self) -> None:
        """Asks whether the run is to be cancelled."""
        self.wizard.ask_cancel()

    def asks(self, *choices: Choice) -> bool:
        """Whether a question is open that takes one of these choices, and nothing was sent yet."""
        return self.wizard.takes(*choices)

    def ask_sure(
        self, title: str, body: list[str], no_yes: tuple[str, str], choice: Choice, **details: Unpack[Details]
    ) -> None:
        """Asks once more, with a no and a yes, before a choice is made."""

        def answered(answer: str | None) -> None:
            if answer == "yes" and self.asks(choice):
                self.wizard.decide(choice, **details)

        no, yes = no_yes
        self.app.push_screen(Ask(title, body, (Option("no", "n", no), Option("yes", "y", yes))), answered)


def key_line(keys: Sequence[tuple[str, str]], columns: int) -> Content:
    """The key line as the frame's last line; closer together where there are many."""
    for between in (" · ", "  ", " "):
        used = sum(width(key) + 1 + width(label) for key, label in keys) + width(between) * (len(keys) - 1)
        if used <= columns - 4:
            break
    parts: list[draw.Part] = [("└ ", draw.FRAME)]
    for number, (key, label) in enumerate(keys):
        if number:
            parts.append((between, draw.DIM))
        parts += [(key, draw.KEY), f" {label}"]
    return line(*parts, (" " + "─" * (columns - used - 4) + "┘", draw.FRAME))
