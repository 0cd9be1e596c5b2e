"""A run as the wizard follows it: its state, whether its worker is alive, and the decisions written from here."""

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
"""seconds after which a decision that the worker has not taken may be made again"""
SILENCE = 1.0
"""seconds without an event after which the worker is checked for being alive"""
_BEFORE = (
    Phase.STARTING,
    Phase.LOOKING,
    Phase.INSTALLING,
    Phase.SELECTING,
    Phase.PULLING,
    Phase.VERSIONS,
    Phase.CHOOSING,
    Phase.MERGING,
    Phase.CONFIRMING,
)
"""phases in which a run can be cancelled"""


class Followed:
    """The run that the wizard follows; `switch` replaces it with the live run that blocks it."""

    def __init__(self, handle: RunHandle) -> None:
        self.handle = handle
        self.state = RunState()
        self.log_events: list[Event] = []
        """all events read so far, except for the progress of pulls"""
        self.died: Problem | None = None
        self._sent: tuple[int, Choice, float] | None = None
        """the last decision, while the worker has not taken it: its question, the choice, when"""
        self._quiet_since = monotonic()

    def read(self) -> bool:
        """Reads new events into the state; returns whether there were any."""
        came = self.handle.read()
        if came:
            self.state = fold(came, self.state)
            commands.stand_at(self.state)
            self.log_events += [event for event in came if not isinstance(event, e.PullProgressed)]
        return bool(came)

    def follow(self) -> None:
        """Reads new events; after `SILENCE` seconds without any, checks whether the worker is alive."""
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
        """Switches to the live run that blocks this one and returns the problem that says so; None if there is none."""
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
        """Whether the run has finished or its worker has died."""
        return self.state.finished is not None or self.died is not None

    @property
    def status(self) -> int:
        """The exit status for the outcome of the run so far."""
        return EXIT_STATUS[self.state.outcome]

    @property
    def cancelling(self) -> bool:
        """Whether a cancel was written or taken, and the run has not ended yet."""
        sent = self._sent is not None and self._sent[1] is Choice.CANCEL
        return (sent or self._cancelled()) and not self.ended

    @property
    def waiting(self) -> bool:
        """Whether a decision was written that the worker has not taken yet."""
        return self._sent is not None and not self.ended

    @property
    def cancellable(self) -> bool:
        """Whether the run can still be cancelled."""
        before = self.state.phase in _BEFORE or self.takes(Choice.CANCEL)
        return before and not self.ended and not self.cancelling

    def _cancelled(self) -> bool:
        return any(decided.choice is Choice.CANCEL for decided in self.state.decisions)

    def _unasked(self) -> tuple[Choice, ...]:
        """Returns the choices that need no open question: to go back a step, or to roll back."""
        back = (Choice.PREVIOUS,) if self.state.can_go_back else ()
        return () if self.ended else (*back, *self.state.ways_back)

    def takes(self, *choices: Choice) -> bool:
        """Whether one of these choices can be made now and no decision from here is pending."""
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
        """Writes a decision about the open question, or a cancel; returns whether the choice can be made now.

        Raises `StateError` if the decision cannot be written.
        """
        asked = self.state.asked
        ask = asked.ask if asked and choice in asked.choices else 0
        if not ask and choice is not Choice.CANCEL and choice not in self._unasked():
            return False
        self.handle.decide(choice, ask, **details)
        if choice not in LOOKS:
            self._sent = (ask, choice, monotonic())
        return True
