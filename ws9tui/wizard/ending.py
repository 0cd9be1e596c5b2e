"""The text about the end of a run: what happened, what runs now, what to do."""

from __future__ import annotations

from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.commands import recovery
from ws9tui.core.model.terms import Level, Outcome
from ws9tui.problems.problem import Problem
from ws9tui.wizard import cells, findings, route, theme
from ws9tui.wizard.block import BLANK, Line
from ws9tui.wizard.cells import Cell, cell
from ws9tui.words import commands, outcome, problems
from ws9tui.words import panes_commit as words
from ws9tui.words.text import clean


def lines(state: RunState, died: Problem | None) -> list[Line]:
    """Returns the text about the end of a run, or the death of its worker; empty while the run goes on."""
    if state.finished is None:
        return _died(died, state) if died else []
    finished = state.finished
    good = not route.failed(state) and not outcome.doubtful(finished, state)
    bad = finished.outcome is Outcome.NEEDS_RECOVERY
    sign, tone = (cells.DONE, theme.GOOD) if good else (cells.FAILED, theme.BAD) if bad else (cells.WARNING, theme.WARN)
    found: list[Line] = [Cell(f"{sign} {outcome.headline(finished, state)}", f"{tone} {theme.STRONG}"), BLANK]
    # the commands get lines of their own, from which they can be copied
    found.append(cell(outcome.message(finished, state, commands=False)))
    if finished.outcome is Outcome.REFUSED:
        told = (*state.findings, *(check.finding for check in state.trust.values()))
        besides = [f for f in told if f.level is Level.BLOCKING and f.problem != finished.problem]
        found += findings.below(besides)
    return [*found, *_next(finished.commands)]


def _next(following: tuple[str, ...]) -> list[Line]:
    """Returns the commands to run next."""
    if not following:
        return []
    told = (Cell(f"  {clean(command, commands.LONGEST)}", theme.STRONG) for command in following)
    return [BLANK, Cell(words.NEXT(), theme.DIM), *told]


def _died(died: Problem, state: RunState) -> list[Line]:
    found: list[Line] = [Cell(f"{cells.FAILED} {words.DIED()}", f"{theme.BAD} {theme.STRONG}"), BLANK]
    before = state.changed.before_commit
    found += [cell(problems.title(died)), BLANK]
    found.append(Cell(words.DIED_BEFORE() if before else words.DIED_AMID()))
    if remedy := problems.remedy(died):
        found.append(cell(remedy))
    back = not (state.plan is not None and state.plan.one_way)
    return found if before else [*found, *_next(recovery(commands.here(), back=back))]
