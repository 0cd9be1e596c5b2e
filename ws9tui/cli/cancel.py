"""`ws9tui cancel`: ends a project's live run before its commit, or makes it roll back after it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from ws9tui.cli import runs
from ws9tui.cli.arguments import Command
from ws9tui.cli.attach import choose
from ws9tui.cli.follow import POLL_SECONDS, Signals, going_on
from ws9tui.cli.output import JsonOutput, Output, PlainOutput, Writer
from ws9tui.core.journal.fold import apply
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import EXIT_STATUS, LEFT_STATUS, Choice, Outcome
from ws9tui.errors import UsageError
from ws9tui.problems.engine import NoLiveRun
from ws9tui.words import commands, dialogues, phrases, problems
from ws9tui.worker.handle import RunHandle

HEARD_WITHIN = 3.0
"""seconds after which a worker without a reaction is asked again: the request may have come between two steps"""
_TOO_LATE = (Outcome.KEPT, Outcome.ADOPTED, Outcome.BUNDLED, Outcome.BACKED_UP, Outcome.RESTORED)


def cancel(command: Command) -> int:
    """Stops the live run and waits for its end; returns 0 if what ran before runs, 1 if it was too late to stop."""
    live = [record for record in runs.read_store(command).runs() if record.live]
    name = command.options.arguments[0] if command.options.arguments else ""
    handle = RunHandle(choose(live, name, Path.cwd()).folder, present=False)
    out = Writer(sys.stdout)
    output: Output = JsonOutput(out) if command.json else PlainOutput(out)
    try:
        return Stopping(handle, output, Writer(sys.stderr) if command.json else out).stop(name)
    finally:
        handle.close()


class Stopping:
    """A run that is being stopped; the events before that are not printed again."""

    def __init__(
        self, handle: RunHandle, output: Output, say: Writer, *, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self._handle = handle
        self._output = output
        self._say = say
        self._pause = pause
        self._state = RunState()
        self._quiet = 0.0
        """seconds of waiting since the worker was last asked"""

    def stop(self, name: str) -> int:
        """Asks the worker to stop and follows it to its end; returns the exit status."""
        self._take(tell=False)
        if self._finished() is not None:
            raise UsageError(NoLiveRun(project=name))
        project, request = self._state.project, self._state.request
        self._say.line(
            dialogues.STOPPING(
                number=project.number if project else "",
                project=project.source.name if project else "",
                who=phrases.actor(request.actor) if request else "",
            )
        )
        if not self._ask():
            return EXIT_STATUS[Outcome.UNCHANGED]
        with Signals().caught() as signals:
            while (finished := self._finished()) is None:
                if signals.interrupts or signals.leave:
                    for text in going_on(self._state):
                        self._say.line(text)
                    return LEFT_STATUS
                if self._take(tell=True):
                    continue
                if (died := self._handle.died()) is not None and not self._take(tell=True):
                    self._say.line(problems.sentence(died))
                    return EXIT_STATUS[self._state.outcome]
                self._pause(POLL_SECONDS)
                self._quiet += POLL_SECONDS
                if self._quiet > HEARD_WITHIN and not self._heard():
                    self._ask()
        if finished is Outcome.NEEDS_RECOVERY:
            return EXIT_STATUS[finished]
        return EXIT_STATUS[Outcome.UNCHANGED] if finished in _TOO_LATE else 0

    def _finished(self) -> Outcome | None:
        return self._state.finished.outcome if self._state.finished else None

    def _ask(self) -> bool:
        """Asks the worker to stop unless it is rolling back already; False if the change cannot be undone."""
        self._quiet = 0.0
        if self._state.rollback is not None:
            self._say.line(dialogues.GOES_BACK_ALREADY())
            return True
        if not self._state.changed.before_commit and self._state.plan is not None and self._state.plan.one_way:
            self._say.line(dialogues.NO_WAY_BACK())
            return False
        self._handle.decide(Choice.STOP)
        return True

    def _heard(self) -> bool:
        """Whether the run was cancelled or is rolling back, whoever asked for it."""
        stopping = (Choice.CANCEL, Choice.ROLL_BACK, Choice.ROLL_BACK_DATA)
        return self._state.rollback is not None or any(d.choice in stopping for d in self._state.decisions)

    def _take(self, *, tell: bool) -> bool:
        found = self._handle.read()
        for event in found:
            self._state = apply(self._state, event)
            commands.stand_at(self._state)
            if tell:
                self._output.event(event, self._state)
        return bool(found)
