"""The first pane: the worker starts and looks around; which project, where that is open; what stopped it."""

from __future__ import annotations

from textual.content import Content

from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Choice, Question
from ws9tui.wizard import actions, draw, result
from ws9tui.wizard.draw import BLANK, Look, line
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.words import panes as words
from ws9tui.words import problems
from ws9tui.words.phrases import project_named
from ws9tui.words.text import duration, fit, paragraph

_ROOM_FOR_MORE = 4
"""lines that a project's description needs, a blank one among them"""
_BESIDE = 4
"""columns of a row that its text does not have"""
_SLOW = 3.0
"""seconds after which it is said how long an answer has been waited for"""


class LookingPane(Pane):
    """What is being looked at."""

    STEP = Step.LOOKING
    ACTIONS = (actions.PICK, actions.CANCEL)
    BINDINGS = actions.bindings(*ACTIONS, *actions.COMMON)  # Enter picks, and leaves at the end

    def draw(self, look: Look) -> list[Content]:
        """Progress, the choice of a project, or the end."""
        state = self.state
        if self.wizard.ended:
            return self.fitted(result.lines(state, self.wizard.died, look), look)
        if options := self._projects():
            why = problems.title(state.which) if state.which else ""
            question = words.WHICH_PROJECT() if len(options) > 1 else words.THIS_PROJECT()
            found = [*draw.wrapped(paragraph((why, question)), look.width, draw.STRONG), BLANK]
            room = max(look.height - len(found), 1)
            rows = [self._option(n, name, look.width) for n, name in enumerate(options)]
            found += self.window.show(rows, room, self.cursor)
            self.position = self.window.position(len(rows), room)
            name = options[min(self.cursor, len(options) - 1)]
            what = self.state.projects.get(name)
            cut = len(project_named(name, what)) > look.width - _BESIDE
            if what is not None and cut and len(found) + _ROOM_FOR_MORE <= look.height:
                found += [BLANK, *draw.wrapped(problems.title(what), look.width, draw.DIM)]
            return found
        return self.fitted(progress(state, look), look)

    def _option(self, number: int, name: str, room: int) -> Content:
        here = number == self.cursor
        text = fit(project_named(name, self.state.projects.get(name)), room - _BESIDE)
        return line(f"{draw.POINTER if here else ' '} ", (f" {text} ", draw.CURSOR if here else draw.PLAIN))

    def _projects(self) -> tuple[str, ...]:
        asked = self.state.asked
        return asked.options if asked and asked.question is Question.PROJECT else ()

    def rows(self) -> int:
        """The projects to choose from."""
        return len(self._projects())

    def available(self, name: str) -> bool:
        """A project can be taken while that is asked."""
        return name == "pick" and bool(self._projects()) and self.asks(Choice.GO)

    def action_pick(self) -> None:
        """Takes the project under the cursor."""
        options = self._projects()
        self.wizard.decide(Choice.GO, project=options[min(self.cursor, len(options) - 1)])


def progress(state: RunState, look: Look) -> list[Content]:
    """What has been found so far, and what is waited for."""
    engine = words.engine(state.engine) if state.engine else ""
    project = words.project(state.project) if state.project else ""
    stages = [
        (words.LOOK_STARTING(), "", state.phase.value != "starting"),
        (words.LOOK_ENGINE(), engine, bool(engine)),
        (words.LOOK_PROJECT(), project, bool(project)),
        (words.LOOK_SERVICES(), words.looked_at(state), False),
    ]
    found: list[Content] = []
    waiting = False
    for label, detail, done in stages:
        here = not done and not waiting
        waiting = waiting or here
        sign, tone = (draw.DONE, draw.GOOD) if done else (draw.HERE, draw.STRONG) if here else (draw.TO_COME, draw.DIM)
        found.append(line((f"{sign} ", tone), (label, draw.STRONG if here else draw.PLAIN if done else draw.DIM)))
        if detail:
            found += draw.wrapped(detail, look.width, draw.DIM, "    ")
        if here and (silent := words.seconds_since(state.last_at, look.now)) > _SLOW:
            found += draw.wrapped(words.ANSWER_AWAITED(elapsed=duration(silent)), look.width, draw.WARN, "    ")
    if state.findings:
        found += [BLANK, *result.findings(state.findings, look.width)]
    return found
