"""The answers to a pane's question: a button for each, with its consequence beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button

from ws9tui.core.journal.events import Asked
from ws9tui.core.model.terms import Choice
from ws9tui.wizard.actions import Action
from ws9tui.wizard.block import Block
from ws9tui.wizard.cells import POINTER, Cell
from ws9tui.words import labels, panes
from ws9tui.words.text import width

_AROUND = 5
"""columns of a button besides its key and label"""
_MARGINS = 4
"""columns beside the answers"""


class OfferedChoice(NamedTuple):
    """An answer: its action, label and consequence."""

    action: Action
    name: str
    leads: str


def answers(asked: Asked | None, keys: Mapping[Choice, Action], *, installing: bool = False) -> list[OfferedChoice]:
    """Returns the answers to a question that have keys; ``installing`` is for a first install."""
    if asked is None:
        return []
    return [
        OfferedChoice(
            keys[choice],
            _name(asked, choice, keys[choice]),
            labels.consequence(asked.question, choice, asked.choices, installing=installing),
        )
        for choice in asked.choices
        if choice in keys
    ]


def _name(asked: Asked, choice: Choice, action: Action) -> str:
    """Returns the label of an answer."""
    return (
        panes.key_label(action.name) if choice is Choice.HOLD else labels.choice(asked.question, choice, asked.choices)
    )


class PointedButton(Button):
    """A button with an answer's key and label; the focused one is also marked by a pointer."""

    def __init__(self, shown: str, said: str, *, action: str | None = None) -> None:
        self._parts = ((shown, "bold"), said)
        super().__init__(self._labelled(focused=False), compact=True, action=action)

    def watch_has_focus(self, has_focus: bool) -> None:
        """Marks the answer that Enter takes."""
        super().watch_has_focus(has_focus)
        self.label = self._labelled(focused=has_focus)

    def _labelled(self, *, focused: bool) -> Content:
        return Content.assemble(f"{POINTER if focused else ' '} ", *self._parts)


class ChoiceButton(PointedButton):
    """The button of an answer to a pane's question."""

    def __init__(self, offered: OfferedChoice) -> None:
        super().__init__(offered.action.shown, f" {offered.name}", action=f"screen.{offered.action.name}")


def _room(offered: OfferedChoice) -> int:
    """Returns the columns that an answer's button takes."""
    return width(offered.action.shown) + width(offered.name) + _AROUND


class Choices(Vertical):
    """The answers that can be given now."""

    def __init__(self) -> None:
        super().__init__(id="choices")
        self._shown: tuple[OfferedChoice, ...] = ()
        self._beside = False
        """whether the answers share one row, without their consequences"""

    def compose(self) -> ComposeResult:
        """Yields a row for each answer, or one row for all."""
        if self._beside:
            with Horizontal(classes="choice"):
                yield from map(ChoiceButton, self._shown)
            return
        room = max(map(_room, self._shown), default=0)
        for offered in self._shown:
            leads = Block()
            leads.show([Cell(offered.leads)])
            with Horizontal(classes="choice"):
                button = ChoiceButton(offered)
                button.styles.width = room
                yield button
                yield leads

    def show(self, offered: Sequence[OfferedChoice], *, in_one_row: bool = False) -> None:
        """Shows these answers, with ``in_one_row`` in one row if they fit; without any, the widget takes no room."""
        new = tuple(offered)
        beside = in_one_row and sum(map(_room, new)) <= self.app.size.width - _MARGINS
        if (new, beside) != (self._shown, self._beside):
            self._shown, self._beside = new, beside
            self.display = bool(new)
            self.refresh(recompose=True)

    def on_mount(self) -> None:
        """Hides the widget while there are no answers."""
        self.display = bool(self._shown)
