"""The registry of all actions and their keys; their labels and help texts are in :mod:`ws9tui.words.panes`.

The key line, the help, the command palette and the bindings are all made from it.
"""

from __future__ import annotations

from typing import NamedTuple

from textual.binding import Binding, BindingType


class Action(NamedTuple):
    """An action and its keys; its method is ``action_NAME`` of a pane or of the app."""

    name: str
    keys: str
    """key names as Textual has them, separated by commas"""
    shown: str
    """the key as the key line shows it"""

    @property
    def key(self) -> str:
        """The first of the keys."""
        return self.keys.partition(",")[0]


MOVES = (
    Action("move(-1)", "up", "↑"),
    Action("move(1)", "down", "↓"),
    Action("page(-1)", "pageup", "PgUp"),
    Action("page(1)", "pagedown", "PgDn"),
    Action("move(-99999)", "home", "Home"),
    Action("move(99999)", "end", "End"),
)
"""keys for the cursor and scrolling: not in the key line, and in one row of the help"""
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
    """Returns an action's weight in the key line: the lightest are left out first, what Enter does last."""
    if action in _SPARE:
        return 0
    if action in (HELP, DETACH):
        return 2
    return 3 if "enter" in action.keys else 1


def bindings(*actions: Action) -> list[BindingType]:
    """Returns the Textual bindings of a pane's own actions and the common ones; a key runs the first that is available.

    The common actions are bound in each pane: otherwise a pane that gives one of their keys another meaning would hide
    them.
    """
    return [Binding(action.keys, action.name, show=False) for action in (*actions, *COMMON, *AT_THE_END)]
