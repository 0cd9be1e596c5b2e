"""What several panes show: findings with their remedies, and the end of a run."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from textual.content import Content

from ws9tui.core.journal.run_state import Changed, RunState
from ws9tui.core.model.commands import recovery
from ws9tui.core.model.terms import Finding, Level, Outcome
from ws9tui.problems.problem import Problem
from ws9tui.wizard import draw, route
from ws9tui.wizard.draw import BLANK, Look, line
from ws9tui.words import commands, outcome, phrases, problems
from ws9tui.words import panes_commit as words

LEVELS = {
    Level.OK: (draw.DONE, draw.GOOD),
    Level.WARNING: (draw.WARNING, draw.WARN),
    Level.BLOCKING: (draw.FAILED, draw.BAD),
}


def findings(found: Iterable[Finding], room: int) -> list[Content]:
    """Findings, each with its sign, and its remedy where there is something to do."""
    lines: list[Content] = []
    for finding in found:
        sign, tone = LEVELS[finding.level]
        service = f"{name}: " if (name := phrases.about(finding)) else ""
        for number, part in enumerate(draw.wrap(service + problems.title(finding.problem), room, f"{sign} ")):
            lines.append(line((part, tone)) if number == 0 and finding.level is not Level.OK else line(part))
        if finding.level is not Level.OK and (remedy := problems.remedy(finding.problem)):
            lines += draw.wrapped(remedy, room, draw.DIM, "  ")
    return lines


def lines(state: RunState, died: Problem | None, look: Look) -> list[Content]:
    """How the run ended: what happened, what runs now, what to do."""
    if state.finished is None:
        return _died(died, state, look) if died else []
    finished = state.finished
    good = not route.failed(state) and not outcome.doubtful(finished, state)
    bad = finished.outcome is Outcome.NEEDS_RECOVERY
    sign, tone = (draw.DONE, draw.GOOD) if good else (draw.FAILED, draw.BAD) if bad else (draw.WARNING, draw.WARN)
    found = [line((f"{sign} {outcome.headline(finished, state)}", f"{tone} bold")), BLANK]
    # the commands get lines of their own, where they can be copied from
    message = outcome.message(msgspec.structs.replace(finished, commands=()), state)
    found += draw.wrapped(message, look.width)
    if finished.outcome is Outcome.REFUSED:
        told = (*state.findings, *(check.finding for check in state.trust.values()))
        besides = [f for f in told if f.level is Level.BLOCKING and f.problem != finished.problem]
        found += [BLANK, *findings(besides, look.width)] if besides else []
    if finished.commands:
        found += [BLANK, line((words.NEXT(), draw.DIM))]
        for command in finished.commands:
            found += draw.wrapped(command, look.width, draw.STRONG, "  ")
    return found


def _died(died: Problem, state: RunState, look: Look) -> list[Content]:
    found = [line((f"{draw.FAILED} {words.DIED()}", f"{draw.BAD} bold")), BLANK]
    found += draw.wrapped(problems.title(died), look.width)
    found.append(BLANK)
    before = state.changed in (Changed.NOTHING, Changed.PULLED)
    found += draw.wrapped(words.DIED_BEFORE() if before else words.DIED_AMID(), look.width)
    found += draw.wrapped(problems.remedy(died), look.width)
    if not before:
        found += [BLANK, line((words.NEXT(), draw.DIM))]
        for command in recovery(commands.here()):
            found += draw.wrapped(command, look.width, draw.STRONG, "  ")
    return found
