"""The Outcome pane: keep or roll back, with the facts for it; the way back step by step; how the run ended."""

from __future__ import annotations

from pathlib import Path

from textual.content import Content

from ws9tui.core.journal.events import Asked
from ws9tui.core.journal.run_state import Phase
from ws9tui.core.model.terms import Choice, Level, Outcome, Question
from ws9tui.errors import StateError, UsageError
from ws9tui.problems.problem import Problem
from ws9tui.wizard import actions, draw, result
from ws9tui.wizard.draw import BLANK, Cell, Look, line
from ws9tui.wizard.entry import Entry
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.recreate import first_ill, log_lines, moving, service_table, steps, watched
from ws9tui.wizard.route import Step
from ws9tui.words import labels, panes, panes_install, phrases, problems
from ws9tui.words import panes_commit as words
from ws9tui.words.text import pad

_KEYS = {
    Choice.KEEP: actions.KEEP,
    Choice.ROLL_BACK: actions.ROLL_BACK,
    Choice.ROLL_BACK_DATA: actions.ROLL_BACK_DATA,
    Choice.HOLD: actions.HOLD,
    Choice.RETRY: actions.TRY_AGAIN,
}


def _there_already(path: str) -> Cell:
    """What is said while a path is typed that is not to be replaced."""
    there = bool(path) and Path(path).expanduser().exists()
    return Cell(f"{draw.FAILED} {panes_install.ANSWERS_THERE()}" if there else "", draw.BAD)


def _name(asked: Asked, choice: Choice) -> str:
    """What a choice is called beside its key."""
    if choice is Choice.HOLD:
        return panes.key_label(actions.HOLD.name)
    return labels.choice(asked.question, choice, asked.choices)


class OutcomePane(Pane):
    """The last pane of every run."""

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

    def __init__(self) -> None:
        super().__init__()
        self._moved = False

    def rows(self) -> int:
        """One for each watched service while one decides; else the pane scrolls."""
        return len(watched(self.state)) if self._deciding() else 0

    def action_move(self, by: int) -> None:
        """Moves the cursor; from then on it stays where it was put."""
        self._moved = True
        super().action_move(by)

    def _deciding(self) -> bool:
        return not self.wizard.ended and self.state.phase is not Phase.ROLLING_BACK

    def draw(self, look: Look) -> list[Content]:
        """The question, the way back, or the end."""
        if self.wizard.ended:
            return self.fitted(self._end(look), look)
        if self.state.phase is Phase.ROLLING_BACK:
            return self.fitted(self._going_back(look), look)
        lead = self._lead(look)
        rows = watched(self.state)
        if not self._moved:
            self.cursor = first_ill(rows)
        self.cursor = max(0, min(self.cursor, len(rows) - 1))
        header, table = service_table(rows, self.state, look)
        detail = self._choices(look)
        if rows:
            room = look.height - len(lead) - len(table) - len(detail) - 4
            detail += [BLANK, *log_lines(rows[self.cursor], look.width, room)]
        return self.split(lead, header, table, detail, look)

    def _lead(self, look: Look) -> list[Content]:
        asked = self.state.asked
        if asked is None:
            return [line((panes.SENT(), draw.STRONG))]
        found: list[Content] = []
        if asked.question is Question.FAILED:
            for problem in self._failures():
                found += draw.wrapped(problems.title(problem), look.width, draw.BAD, f"{draw.FAILED} ")
        elif self.state.gate_passed:
            ill = any(row.verdict == "as-before" for row in self.state.watched.values())
            sign, tone = (draw.WARNING, draw.WARN) if ill else (draw.DONE, draw.GOOD)
            found += draw.wrapped(words.judged(self.state), look.width, tone, f"{sign} ")
        for event in self.state.written.values():
            found += draw.wrapped(phrases.written(event), look.width, draw.WARN if event.files else draw.PLAIN)
        return [*found, line((labels.QUESTIONS[asked.question](), draw.STRONG))]

    def _failures(self) -> list[Problem]:
        """What went wrong: the step that failed, or each service that is not well."""
        if self.state.failure:
            return [self.state.failure]
        rows = [row.problem for row in self.state.watched.values() if row.verdict == "failed" and row.problem]
        found = [finding.problem for finding in self.state.findings if finding.level is Level.BLOCKING]
        return rows[:3] or found[-1:]

    def _choices(self, look: Look) -> list[Content]:
        asked = self.state.asked
        if asked is None:
            return []
        found: list[Content] = []
        installing = self.state.plan is not None and self.state.plan.before == 0
        names = {choice: _name(asked, choice) for choice in asked.choices}
        column = max(len(name) for name in names.values()) + 2
        for choice in asked.choices:
            if choice not in _KEYS:
                continue
            name = pad(names[choice], column)
            leads = labels.consequence(asked.question, choice, asked.choices, installing=installing)
            said = draw.wrap(leads, look.width - column - 4)
            for number, part in enumerate(said):
                first = number == 0
                found.append(
                    line(
                        (f"  {_KEYS[choice].shown if first else ' '} ", draw.KEY),
                        (name if first else " " * column, draw.STRONG),
                        part,
                    )
                )
        if default := panes.default_line(asked, self.state.asked_at, look.now):
            found += draw.wrapped(default, look.width, draw.WARN)
        return found

    def _going_back(self, look: Look) -> list[Content]:
        rollback = self.state.rollback
        found = draw.wrapped(words.going_back(self.state), look.width, draw.STRONG)
        if rollback and rollback.problem:
            found += draw.wrapped(problems.title(rollback.problem), look.width, draw.BAD, f"{draw.FAILED} ")
        found += moving(self.state, look)
        header, table = service_table(watched(self.state), self.state, look)
        return [*found, BLANK, header, *table, BLANK, *steps(self.state, look)]

    def _end(self, look: Look) -> list[Content]:
        found = result.lines(self.state, self.wizard.died, look)
        rows = watched(self.state)
        if self.state.watched:
            header, table = service_table(rows, self.state, look)
            found += [BLANK, header, *table]
        if self.state.logs:
            kept = words.LOGS_AT(folder=f"{self.wizard.handle.folder}/logs")
            found += [BLANK, *draw.wrapped(kept, look.width, draw.DIM)]
        return found

    # --- actions ------------------------------------------------------------------------------------------------

    def available(self, name: str) -> bool:
        """What the open question takes; at the end of an install, its answers."""
        if name == "write_answers":
            finished = self.state.finished
            return finished is not None and finished.outcome is Outcome.KEPT and self.state.settled is not None
        return any(action.name == name and self.asks(choice) for choice, action in _KEYS.items())

    def action_keep(self) -> None:
        """Keeps the new version."""
        self.wizard.decide(Choice.KEEP)

    def action_roll_back(self) -> None:
        """Goes back, after one more question."""
        body = words.roll_back_body(self.state, data=False)
        self.ask_sure(words.ROLL_BACK_TITLE(), body, (words.ROLL_BACK_NO(), words.ROLL_BACK_YES()), Choice.ROLL_BACK)

    def action_roll_back_data(self) -> None:
        """Goes back with the data, after one more question."""
        body = words.roll_back_body(self.state, data=True)
        answers = (words.ROLL_BACK_NO(), words.ROLL_BACK_YES())
        self.ask_sure(words.ROLL_BACK_DATA_TITLE(), body, answers, Choice.ROLL_BACK_DATA)

    def action_hold(self) -> None:
        """Leaves everything as it is."""
        self.wizard.decide(Choice.HOLD)

    def action_try_again(self) -> None:
        """Does the failed step once more."""
        self.wizard.decide(Choice.RETRY)

    def action_write_answers(self) -> None:
        """Asks where to, and writes with what was installed."""
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

        title, body = panes_install.ANSWERS_TITLE(), panes_install.answers_body()
        self.app.push_screen(Entry(title, body, labels.ANSWERS_FILE, note=_there_already), entered)
