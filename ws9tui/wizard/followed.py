"""A run as the wizard follows it: its state, whether its worker lives, and what was decided about it from here."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Unpack

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.fold import fold
from ws9tui.core.journal.run_state import Phase, RunState
from ws9tui.core.model.terms import EXIT_STATUS, LOOKS, Choice
from ws9tui.errors import StateError
from ws9tui.problems.engine import RunIsLive
from ws9tui.problems.problem import Problem
from ws9tui.words import commands
from ws9tui.worker.handle import Details, RunHandle

PATIENCE = 3.0
"""seconds after which a decision that nobody took may be made again"""
SILENCE = 1.0
"""seconds without an event after which it is looked whether the worker lives"""
_BEFORE = (
    Phase.STARTING,
    Phase.LOOKING,
    Phase.INSTALLING,
    Phase.SELECTING,
    Phase.PULLING,
    Phase.VERSIONS,
    Phase.CHOOSING,
    Phase.CONFIRMING,
)
"""phases of a run that may still be cancelled"""


class Followed:
    """The run; another one once it has said that there is one in its way."""

    def __init__(self, handle: RunHandle) -> None:
        self.handle = handle
        self.state = RunState()
        self.log_events: list[Event] = []
        """what has come, but for the progress of pulls"""
        self.died: Problem | None = None
        self._sent: tuple[int, Choice, float] | None = None
        """the decision that was written last: its question, the choice, when"""
        self._quiet_since = monotonic()

    def read(self) -> bool:
        """Takes what has come; whether anything has."""
        came = self.handle.read()
        if came:
            self.state = fold(came, self.state)
            commands.stand_at(self.state)
            self.log_events += [event for event in came if not isinstance(event, e.PullProgressed)]
        return bool(came)

    def follow(self) -> None:
        """Takes what has come; where nothing has for some time, looks whether the worker lives."""
        clock = monotonic()
        if self.read():
            self._quiet_since = clock
        elif not self.ended and clock - self._quiet_since > SILENCE:
            self._quiet_since = clock
            self._look_for_worker()
        if self._sent and (self._answered() or clock - self._sent[2] > PATIENCE):
            self._sent = None

    def _look_for_worker(self) -> None:
        started = self.state.phase is not Phase.STARTING
        problem = self.handle.died()
        if problem is None or (not started and not problem.status):
            return
        self.read()
        if self.state.finished is None:
            self.died = problem

    def switch(self) -> RunIsLive | None:
        """Goes over to the run that is in the way of this one, once this one has said that there is one."""
        busy = self.state.finished.problem if self.state.finished else None
        if not isinstance(busy, RunIsLive) or not busy.run:
            return None
        try:
            handle = RunHandle(Path(busy.run))
        except StateError:
            return None
        self.handle.close()
        self.handle, self.state, self.log_events, self._sent = handle, RunState(), [], None
        return busy

    @property
    def ended(self) -> bool:
        """Whether nothing more comes from this run."""
        return self.state.finished is not None or self.died is not None

    @property
    def status(self) -> int:
        """The exit status of the run, as far as it has come."""
        return EXIT_STATUS[self.state.outcome]

    @property
    def cancelling(self) -> bool:
        """Whether a cancel was written or taken, and the run has not ended yet."""
        sent = self._sent is not None and self._sent[1] is Choice.CANCEL
        return (sent or self._cancelled()) and not self.ended

    @property
    def waiting(self) -> bool:
        """Whether a decision was written that has not been taken yet."""
        return self._sent is not None and not self.ended

    @property
    def cancellable(self) -> bool:
        """Whether the run may still be cancelled."""
        before = self.state.phase in _BEFORE or self.takes(Choice.CANCEL)
        return before and not self.ended and not self.cancelling

    def _cancelled(self) -> bool:
        return any(decided.choice is Choice.CANCEL for decided in self.state.decisions)

    def _unasked(self) -> tuple[Choice, ...]:
        """What may be decided now though nothing is asked: to go back a step, or to roll back."""
        back = (Choice.PREVIOUS,) if self.state.can_go_back else ()
        return () if self.ended else (*back, *self.state.ways_back)

    def takes(self, *choices: Choice) -> bool:
        """Whether one of these choices can be made now and has not been made from here."""
        asked = self.state.asked
        if self._sent is None and any(choice in self._unasked() for choice in choices):
            return True
        if asked is None or self.ended or (self._sent and self._sent[0] in (asked.ask, 0)):
            return False
        return any(choice in asked.choices for choice in choices)

    def _answered(self) -> bool:
        if self._sent is None:
            return True
        ask, choice, _ = self._sent
        if choice is Choice.CANCEL:
            return self._cancelled() or self.ended
        if not ask:
            return choice not in self._unasked()
        return self.state.asked is None or self.state.asked.ask != ask

    def decide(self, choice: Choice, **details: Unpack[Details]) -> bool:
        """Writes a decision about the open question, or a cancel; whether it can be made now.

        Raises `StateError` where it cannot be written.
        """
        asked = self.state.asked
        ask = asked.ask if asked and choice in asked.choices else 0
        if not ask and choice is not Choice.CANCEL and choice not in self._unasked():
            return False
        self.handle.decide(choice, ask, **details)
        if choice not in LOOKS:
            self._sent = (ask, choice, monotonic())
        return True
