"""Follows a run without panes: prints its events, asks its questions, and detaches on a signal or a lost terminal.

The run belongs to its worker. A lost terminal, an interrupt or the end of stdin only ends the following; a cancel is a
decision like any other, and only accepted before the commit.
"""

from __future__ import annotations

import os
import selectors
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Any

from ws9tui.cli import questions
from ws9tui.cli.answer import Answer, Dialogue
from ws9tui.cli.output import Output, Writer
from ws9tui.cli.questions import InstallDialogue
from ws9tui.cli.selection import SelectionDialogue
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Asked, Event
from ws9tui.core.journal.fold import apply
from ws9tui.core.journal.journal import now as timestamp
from ws9tui.core.journal.run_state import Newest, RunState
from ws9tui.core.model.commands import recovery
from ws9tui.core.model.terms import EXIT_STATUS, LEFT_STATUS, LOOKS, Availability, Choice, Outcome, Question
from ws9tui.errors import Ws9tuiError
from ws9tui.problems.problem import Problem
from ws9tui.words import commands, dialogues, labels, panes, problems
from ws9tui.worker.handle import RunHandle

POLL_SECONDS = 0.1
REGISTRY_PATIENCE = 15.0
"""seconds to wait for registries before the operator is asked anyway"""
NEWER_PATIENCE = 3.0
"""seconds to wait if only the search for newer tags is unfinished"""
_REMINDERS = (300.0, 60.0, 10.0)


class Signals:
    """The signals that end the following, recorded and handled between two polls of the journal."""

    def __init__(self) -> None:
        self.interrupts = 0
        self.leave = False

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self.interrupts += 1

    def _leave(self, _number: int, _frame: FrameType | None) -> None:
        self.leave = True

    @contextmanager
    def caught(self) -> Iterator[Signals]:
        """Records the signals within the context; those that were ignored before, as under nohup, stay ignored."""
        before: dict[signal.Signals, Any] = {}
        for number, handler in (
            (signal.SIGINT, self._interrupt),
            (signal.SIGHUP, self._leave),
            (signal.SIGTERM, self._leave),
        ):
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, handler)
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class Input:
    """Reads lines from stdin, waiting at most a given time."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._rest = b""
        self._selector = selectors.DefaultSelector()
        self._selector.register(fd, selectors.EVENT_READ)
        self.ended = False

    def wait(self, seconds: float) -> list[str]:
        """Returns the complete lines that arrive within so many seconds."""
        if not self._selector.select(seconds):
            return []
        try:
            data = os.read(self._fd, 4096)
        except OSError:  # the terminal is gone
            data = b""
        self.ended = not data
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [line.decode("utf-8", "replace") for line in lines]

    def forget(self) -> None:
        """Discards what was typed before a question was asked."""
        import termios  # noqa: PLC0415 - only where somebody is asked

        self._rest = b""
        try:
            termios.tcflush(self._fd, termios.TCIFLUSH)
        except termios.error:
            return

    def close(self) -> None:
        """Releases the selector; stdin stays open."""
        self._selector.close()


class Follower:
    """Follows one run until it ends or the front end detaches."""

    def __init__(
        self,
        handle: RunHandle,
        output: Output,
        say: Writer,
        typed: Input | None,
        *,
        leaving: Callable[[RunState], list[str]] | None = None,
        pause: Callable[[float], None] = time.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        tell: Callable[[RunState], None] = lambda _state: None,
    ) -> None:
        self.handle = handle
        self.output = output
        self.say = say
        self.typed = typed
        self.state = RunState()
        self._leaving = leaving or going_on
        self._pause = pause
        self._now = now
        self._tell = tell
        """also receives each state, to update the terminal's title and notifications"""
        self._dialogue: Dialogue | None = None
        self._asked: Asked | None = None
        self._open: Asked | None = None
        """the open question at the last poll, when there is no input to answer it"""
        self._answered = 0
        """number of the last question that was answered here"""
        self._reminded = 0.0
        self._cancelled = False

    def follow(self) -> int:
        """Follows the run; returns its exit status, or `LEFT_STATUS` if the front end detached."""
        with Signals().caught() as signals:
            seen = 0
            while True:
                self._take(self.handle.read())
                self._tell(self.state)
                if self.state.finished:
                    return EXIT_STATUS[self.state.finished.outcome]
                died = self.handle.died()
                if died is not None:
                    self._take(self.handle.read())
                    return self._ended(died)
                self._attend()
                if signals.interrupts > seen:
                    seen = signals.interrupts
                    if not self._cancel():
                        return self._left()
                if signals.leave or (self.typed and self.typed.ended):
                    return self._left(lost=True)
                if not self._listen():
                    return self._left()

    # --- events of the run

    def _take(self, found: list[Event]) -> None:
        for event in found:
            self.state = apply(self.state, event)
            commands.stand_at(self.state)
            self.output.event(event, self.state)
            if self._dialogue:
                self._say(self._dialogue.noticed(event, self.state))
            if self.state.finished:  # notifications about the end only matter for the history
                return

    def _ended(self, died: Problem) -> int:
        """Reports a worker that died without a final event; returns the exit status."""
        outcome = self.state.outcome
        if self.state.finished:
            return EXIT_STATUS[outcome]
        back = not (self.state.plan is not None and self.state.plan.one_way)
        told = () if outcome is Outcome.UNCHANGED else recovery(commands.here(), back=back)
        finished = e.Finished(at=timestamp(), outcome=outcome, problem=died, commands=told)
        self.output.died(died, finished, self.state)
        return EXIT_STATUS[outcome]

    # --- questions

    def _attend(self) -> None:
        """Opens the dialogue of a new question, closes that of an answered one, and reminds of a deadline."""
        asked = self.state.asked
        if asked is self._asked or (asked and self._asked and asked.ask == self._asked.ask):
            self._remind()
            return
        if asked and self.typed and self._registries_are_asked(asked):
            return
        if asked and not self.typed and asked is not self._open:
            self._open = asked  # a question that the worker answers by itself is closed at the next poll
            return
        before, self._asked, self._dialogue = self._dialogue, asked, None
        if asked is None:
            return
        if self.typed is None:
            self._say([labels.WAITS(question=labels.QUESTIONS[asked.question]())])
            self._say_deadline()
            return
        self.typed.forget()
        self.say.line()
        if isinstance(before, SelectionDialogue | InstallDialogue) and before.asked.question is asked.question:
            self._dialogue = before
            self._say(before.again(asked, self.state))
        else:
            self._dialogue = questions.dialogue(asked)
            self._say(self._dialogue.shown(self.state))
        self._say_deadline()
        self._reminded = panes.seconds_left(asked, self.state.asked_at, self._now())

    def _registries_are_asked(self, asked: Asked) -> bool:
        """Whether to delay the selection because registries have not answered yet; the delay is limited."""
        rows = [row for row in self.state.services.values() if row.view.selectable]
        checking = any(row.availability is Availability.CHECKING for row in rows)
        looking = any(row.newest is Newest.LOOKING for row in rows)
        patience = REGISTRY_PATIENCE if checking else NEWER_PATIENCE if looking else 0.0
        waited = panes.seconds_since(self.state.asked_at, self._now())
        return asked.question is Question.SELECT and waited < patience

    def _remind(self) -> None:
        if not (self._dialogue and self._asked and self._asked.seconds):
            return
        left = panes.seconds_left(self._asked, self.state.asked_at, self._now())
        due = [limit for limit in _REMINDERS if left <= limit < self._reminded]
        if due:
            self._reminded = min(due)
            self._say_deadline()

    def _say_deadline(self) -> None:
        if self._asked and (text := panes.default_line(self._asked, self.state.asked_at, self._now())):
            self.say.line(text)

    def _listen(self) -> bool:
        """Waits one poll interval for input; False if the operator detaches."""
        if self.typed is None:
            self._pause(POLL_SECONDS)
            return True
        return all(self._hear(text) for text in self.typed.wait(POLL_SECONDS))

    def _hear(self, text: str) -> bool:
        word = text.strip().lower()
        if word in ("detach", "quit", "exit"):
            return False
        if word in ("help", "?"):
            self._say(questions.help_text(self.state))
        elif word == "cancel" and self.state.changed.before_commit:
            self._cancel()
        elif word == "back" and self.state.can_go_back:
            self.say.line(dialogues.GOING_BACK())
            self._decide(Answer(Choice.PREVIOUS), 0)
        elif word == "rollback" and (ways := self.state.ways_back):
            self.say.line(dialogues.ROLLING_BACK())
            self._decide(Answer(ways[0]), 0)
        elif self._dialogue and self._asked and self._asked.ask != self._answered:
            reply = self._dialogue.hear(text, self.state)
            if isinstance(reply, Answer):
                self._send(reply)
            else:
                self._say(reply)
        elif word:
            self.say.line(dialogues.NOTHING_ASKED())
        return True

    def _send(self, answer: Answer) -> None:
        ask = self._asked.ask if self._asked else 0
        if answer.choice not in LOOKS:
            self._answered = ask
        self._decide(answer, ask)

    def _decide(self, answer: Answer, ask: int) -> None:
        try:
            self.handle.decide(answer.choice, ask, **answer.details)
        except Ws9tuiError as error:
            self._answered = 0
            self.say.line(panes.SENT_FAILED(why=problems.sentence(error.problem)))

    # --- detaching and cancelling

    def _cancel(self) -> bool:
        """Asks the worker to cancel; False if it no longer can or was asked already, so that only detaching is left."""
        if self._cancelled or not self.state.changed.before_commit:
            return False
        self._cancelled = True
        self.say.line(dialogues.CANCELLING())
        self._decide(Answer(Choice.CANCEL), 0)
        return True

    def _left(self, *, lost: bool = False) -> int:
        """Detaches from the run; with ``lost`` without telling the worker, which notices that nobody is present."""
        if not lost:
            self.handle.detach()
        self.say.line()
        self._say(self._leaving(self.state))
        return LEFT_STATUS

    def _say(self, said: list[str]) -> None:
        for text in said:
            self.say.line(text)


def going_on(state: RunState) -> list[str]:
    """Returns the lines for an operator who detaches from a run that goes on."""
    return panes.detach_body(state, demo=False)
