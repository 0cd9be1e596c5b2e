"""The one registry of what can be done: each action's keys; its label and help are in :mod:`ws9tui.words.panes`.

The key line, the help, the command palette and the bindings are all made from here.
"""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding, BindingType


class Action(NamedTuple):
    """Something that a key does: the method ``action_NAME`` of a pane or of the app."""

    name: str
    keys: str
    """as Textual names them"""
    shown: str
    """as the key line shows them"""

    @property
    def key(self) -> str:
        """The first of its keys."""
        return self.keys.partition(",")[0]


MOVES = (
    Action("move(-1)", "up", "↑"),
    Action("move(1)", "down", "↓"),
    Action("page(-1)", "pageup", "PgUp"),
    Action("page(1)", "pagedown", "PgDn"),
    Action("move(-99999)", "home", "Home"),
    Action("move(99999)", "end", "End"),
)
"""which no key line has; the help has them in one row"""
MOVE_KEYS = "↑↓ PgUp PgDn Home End"

TOGGLE = Action("mark", "space", "Space")
ALL = Action("all", "a,A", "A")
EDIT = Action("edit", "e,E", "E")
TAGS = Action("tags", "t,T", "T")
GO = Action("go", "enter", "Enter")
LOOK_UP = Action("look_up", "enter", "Enter")
CHANGE = Action("change", "e,E,space", "E")
TO_RELEASE = Action("to_release", "u,U", "U")
WRITE_ANSWERS = Action("write_answers", "w,W", "W")
FINISH = Action("finish", "enter", "Enter")
PICK = Action("pick", "enter", "Enter")
FILTER = Action("filter", "slash", "/")
DETAILS = Action("details", "v,V", "V")
DATA = Action("data", "d,D", "D")
APPLY = Action("apply", "enter", "Enter")
ACCEPT = Action("accept", "enter", "Enter")
ACCEPT_FOUND = Action("accept_found", "a,A", "A")
LEAVE_OUT = Action("leave_out", "o,O", "O")
PREVIOUS = Action("previous", "escape,b,B", "Esc")
RECHECK = Action("recheck", "r,R", "R")
MIRROR = Action("mirror", "m,M", "M")
AGAIN = Action("again", "a,A", "A")
HISTORY = Action("history", "h,H", "H")
OTHER_PROJECT = Action("other_project", "p,P", "P")
RETRY = Action("retry", "r,R", "R")
TRY_AGAIN = Action("try_again", "t,T", "T")
KEEP = Action("keep", "k,K", "K")
ROLL_BACK = Action("roll_back", "r,R", "R")
CHOOSE = Action("choose", "enter", "Enter")
GO_BACK = Action("go_back", "g,G", "G")
OTHERS = Action("others", "g,G", "G")
RECORD = Action("record", "s,S", "S")
ROLL_BACK_DATA = Action("roll_back_data", "d,D", "D")
HOLD = Action("hold", "h,H", "H")
BACK = Action("back", "b,B", "B")
FORWARD = Action("forward", "f,F", "F")
STAY = Action("stay", "s,S", "S")
CANCEL = Action("cancel", "c,C", "C")
LOG = Action("log", "l,L", "L")
HELP = Action("help", "question_mark,f1", "?")
DETACH = Action("detach", "q,Q,ctrl+q", "Q")
LEAVE = Action("leave", "q,Q,enter,ctrl+q", "Enter")

COMMON = (LOG, HELP, DETACH, LEAVE)
AT_THE_END = (AGAIN, HISTORY, OTHER_PROJECT)
_SPARE = (ALL, LOG, MIRROR)


def weight(action: Action) -> int:
    """How long the key line keeps an action where there is no room for all: what Enter does is given up last."""
    if action in _SPARE:
        return 0
    if action in (HELP, DETACH):
        return 2
    return 3 if "enter" in action.keys else 1


def bindings(*actions: Action) -> list[BindingType]:
    """A pane's actions and those of all panes as Textual binds them; a key does the first that can be done now.

    What all panes have is bound in each: else a pane that gives one of the keys another meaning would lose it.
    """
    return [Binding(action.keys, action.name, show=False) for action in (*actions, *COMMON, *AT_THE_END)]
