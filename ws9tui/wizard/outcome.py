"""The Outcome pane: the decision to keep or roll back, with its facts; the steps of a rollback; the end of the run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import ProgressBar

from ws9tui.core.journal.events import Asked
from ws9tui.core.journal.run_state import Phase
from ws9tui.core.model.terms import Choice, Level, Outcome, Question
from ws9tui.errors import StateError, UsageError
from ws9tui.problems.problem import Problem
from ws9tui.wizard import actions, cells, ending, theme, watching
from ws9tui.wizard.block import BLANK, Block, Line
from ws9tui.wizard.cells import Cell, cell
from ws9tui.wizard.choices import Choices, OfferedChoice, answers
from ws9tui.wizard.dialogs import LOW
from ws9tui.wizard.entry import TextEntry
from ws9tui.wizard.frame import decides
from ws9tui.wizard.recreate import WAYS_BACK, WatchingPane
from ws9tui.wizard.route import Step
from ws9tui.words import labels, panes, panes_install, phrases, problems
from ws9tui.words import panes_commit as words

TALL = 30
"""rows from which each of the next steps gets a row; below, the services need the room"""


def _there_already(path: str) -> Cell:
    """Returns the note that a typed path exists already; empty if it does not."""
    there = bool(path) and Path(path).expanduser().exists()
    return Cell(f"{cells.FAILED} {panes_install.ANSWERS_THERE()}" if there else "", theme.BAD)


class OutcomePane(WatchingPane):
    """The pane of the decision, the rollback, and the end of a run whose project is known."""

    CSS_PATH = "outcome.tcss"
    STEP = Step.OUTCOME
    ACTIONS = (
        actions.KEEP,
        actions.ROLL_BACK,
        actions.ROLL_BACK_DATA,
        actions.HOLD,
        actions.TRY_AGAIN,
        actions.WRITE_ANSWERS,
    )
    BINDINGS = actions.bindings(*ACTIONS)
    KEYS = {Choice.KEEP: actions.KEEP, **WAYS_BACK, Choice.HOLD: actions.HOLD, Choice.RETRY: actions.TRY_AGAIN}

    def __init__(self) -> None:
        super().__init__()
        self._text = Block(id="end")
        self._choices = Choices()
        self._left = ProgressBar(total=1.0, show_eta=False, show_percentage=False, id="left")
        self._default = Block(id="default")
        self._time = Horizontal(id="time")

    def parts(self) -> Iterator[Widget]:
        """Yields the text about the end, the answers with their countdown, and the services."""
        yield self._text
        yield self._choices
        with self._time:
            yield self._default
            yield self._left
        yield self.table

    def update(self) -> None:
        """Shows the question, the rollback, or the end of the run."""
        state, now = self.state, self.wizard.now()
        self.show_services()
        rows = watching.watched(state)
        deciding = not self.wizard.followed.ended and state.phase is not Phase.ROLLING_BACK
        self.table.display = bool(rows) and (bool(state.watched) or not self.wizard.followed.ended)
        logs = [BLANK, *watching.log_lines(rows[self.table.at])] if rows else []
        asked = state.asked if deciding else None
        installing = state.plan is not None and state.plan.before == 0
        offered = answers(asked, self.KEYS, installing=installing) if asked else self._following()
        self._choices.show(offered, in_one_row=asked is None and self.app.size.height < TALL)
        self._count_down(asked)
        self.set_class(self.wizard.followed.ended, "-ended")
        self.set_class(self.app.size.height >= TALL, "-tall")
        self._text.show(ending.lines(state, self.wizard.followed.died) if self.wizard.followed.ended else [])
        if self.wizard.followed.ended:
            self.lead.show([])
            kept = words.LOGS_AT(folder=f"{self.wizard.followed.handle.folder}/logs")
            self.detail.show([cell(kept, theme.DIM)] if state.logs else [])
        elif deciding:
            self.lead.show(self._question())
            self.tell(logs[1:])
        else:
            self.lead.show([*self._going_back(), *watching.moving(state)])
            self.tell([*watching.steps(state, now), *logs])

    def _question(self) -> list[Line]:
        asked = self.state.asked
        if asked is None:
            return [Cell(panes.SENT(), theme.STRONG)]
        question = Cell(labels.QUESTIONS[asked.question](), theme.STRONG)
        if self.app.size.height < LOW:
            return [question]
        found: list[Line] = []
        if asked.question is Question.FAILED:
            failures = (problems.title(problem) for problem in self._failures())
            found += [(Cell(cells.FAILED, theme.BAD), cell(title, theme.BAD)) for title in failures]
        elif self.state.gate_passed:
            ill = any(row.verdict == "as-before" for row in self.state.watched.values())
            sign, tone = (cells.WARNING, theme.WARN) if ill else (cells.DONE, theme.GOOD)
            found.append((Cell(sign, tone), cell(words.judged(self.state), tone)))
        for event in self.state.written.values():
            found.append(cell(phrases.written(event), theme.WARN if event.files else theme.PLAIN))
        return [*found, question]

    def _failures(self) -> list[Problem]:
        """Returns what failed: the step, else the first three failed services, else the last blocking finding."""
        if self.state.failure:
            return [self.state.failure]
        rows = [row.problem for row in self.state.watched.values() if row.verdict == "failed" and row.problem]
        found = [finding.problem for finding in self.state.findings if finding.level is Level.BLOCKING]
        return rows[:3] or found[-1:]

    def _following(self) -> list[OfferedChoice]:
        """Returns the actions that are available once the run has ended."""
        if not self.wizard.followed.ended:
            return []
        return [
            OfferedChoice(action, panes.key_label(action.name), panes.key_help(action.name))
            for action in (actions.LEAVE, *actions.AT_THE_END, actions.WRITE_ANSWERS)
            if self.can(action.name)
        ]

    def _count_down(self, asked: Asked | None) -> None:
        """Shows the time left for an answer, and the default that follows."""
        said = panes.default_line(asked, self.state.asked_at, self.wizard.now()) if asked else ""
        self._default.show([cell(said, theme.WARN)] if said else [])
        self._time.display = bool(said)
        if asked and said:
            share = panes.seconds_left(asked, self.state.asked_at, self.wizard.now()) / asked.seconds
            if abs(self._left.progress - share) >= 1 / max(self._left.size.width, 1):
                self._left.update(progress=share)

    def _going_back(self) -> list[Line]:
        rollback = self.state.rollback
        found: list[Line] = [Cell(words.going_back(self.state), theme.STRONG)]
        if rollback and rollback.problem:
            found.append((Cell(cells.FAILED, theme.BAD), cell(problems.title(rollback.problem), theme.BAD)))
        return found

    # --- actions ------------------------------------------------------------------------------------------------

    def available(self, name: str) -> bool:
        """Whether an action can run now; an answer file can be written after an install that was kept."""
        if name == "write_answers":
            finished = self.state.finished
            return finished is not None and finished.outcome is Outcome.KEPT and self.state.settled is not None
        return super().available(name)

    action_keep = decides(Choice.KEEP)
    action_hold = decides(Choice.HOLD)
    action_try_again = decides(Choice.RETRY)

    def action_write_answers(self) -> None:
        """Asks for a path, and writes the settings of the install there as an answer file."""
        from ws9tui.core.releases import answer_file as answers  # noqa: PLC0415 - YAML is slow to load, and seldom needed

        def entered(path: str | None) -> None:
            if path is None or self.state.settled is None:
                return
            at = Path(path or labels.ANSWERS_FILE).expanduser().absolute()
            try:
                answers.write(at, self.state.settled)
            except (UsageError, StateError) as error:
                self.wizard.say(problems.brief(error.problem))
            else:
                self.wizard.say(labels.ANSWERS_WRITTEN(file=at))

        title, body = panes_install.ANSWERS_TITLE(), [panes_install.ANSWERS_BODY()]
        self.app.push_screen(TextEntry(title, body, labels.ANSWERS_FILE, note=_there_already), entered)
