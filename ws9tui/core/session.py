"""The resources of one run: the engine, Compose, its journal, and the operator behind the journal.

The worker acts only through a `Session`, so that everything of note is an event, every question has a default and, if
operators may be absent, a deadline, and a cancel is accepted at any time before the commit.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from ws9tui.core.compose import sensitive
from ws9tui.core.journal import confidential, ledger, presence
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Decided, Event
from ws9tui.core.journal.journal import Journal, Reader
from ws9tui.core.journal.ledger import Ledger
from ws9tui.core.model import notices
from ws9tui.core.model.commands import CommandScope
from ws9tui.core.model.hooks import Hook
from ws9tui.core.model.notices import Receiver
from ws9tui.core.model.terms import LOOKS, Choice, Finding, Level, Question
from ws9tui.core.ports import Compose, Engine, Programs, Releases
from ws9tui.core.store.reserve import Reserve
from ws9tui.core.store.store import Store
from ws9tui.errors import Cancelled, NeedsRecovery, StateError, Ws9tuiError
from ws9tui.problems.engine import DecisionOverdue, OperatorCancelled, OperatorsGone, WorkerTerminated
from ws9tui.problems.problem import Problem

T = TypeVar("T")

LISTEN_EVERY = 0.1
"""seconds between two polls for decisions"""
DECISION_DEADLINE = 3600.0
"""seconds that a question before the commit waits; then its default is taken, usually to cancel"""
WAYS_BACK = (Choice.ROLL_BACK, Choice.ROLL_BACK_DATA)
_PROGRESS = (
    e.BundleProgressed,
    e.DataMoved,
    e.PullProgressed,
    e.PullStalled,
    e.LogLine,
    e.ContainerStep,
    e.ServiceWatched,
)
"""events that no recovery needs: they are not synced"""


class WentBack(Exception):
    """The operator goes back to the selection, or with ``without`` continues without these ``services``."""

    def __init__(self, services: tuple[str, ...] = (), *, without: bool = False) -> None:
        super().__init__(services)
        self.services = services
        self.without = without


class Session:
    """One run at work."""

    def __init__(
        self,
        store: Store,
        folder: Path,
        request: e.RunRequested,
        journal: Journal,
        engine: Engine,
        compose: Compose,
        programs: Programs,
        releases: Releases | None = None,
    ) -> None:
        self.store = store
        self.folder = folder
        self.request = request
        self.options = request.options
        self.engine = engine
        self.compose = compose
        self.programs = programs
        self.releases = releases
        self.mask = compose.mask
        sensitive.call(self.mask, request.options, os.environ)
        self.receivers: tuple[Receiver, ...] = ()
        """receivers that the project's files name, besides those of the command line"""
        self.attended = request.attended
        self.place = CommandScope(request.caller)
        """the scope of the commands that the operator is told: how ws9tui was called, and the project"""
        self.remembered = False
        """whether the run enters the history; one that ended before any decision does not"""
        self.begun = False
        """whether the run has started to fetch images, or more: an error from now on is a failure"""
        self.ledger = Ledger()
        """what the run has created, together with the interrupted run that it continues"""
        self._journal = journal
        self._reader = Reader(folder)
        self._asks = 0
        self._steps = 0
        self._open: tuple[e.Asked, asyncio.Future[e.Decision]] | None = None
        self._checks: list[e.Decision] = []
        """look-up requests that arrived while their question was not open"""
        self._cancel = asyncio.Event()
        self._cancel_reason: Problem = OperatorCancelled()
        self._cancellable = True
        self._terminated = asyncio.Event()
        self.one_way = False
        """whether what ran before the commit cannot be recreated"""
        self.walks = False
        """whether the operator may go back to the selection"""
        self._went_back = asyncio.Event()
        self.way_back: Choice | None = None
        """the rollback that the operator requested although no question offered it"""
        self._unwanted = asyncio.Event()
        """set when `way_back` is"""
        self._ways_back: Callable[[], tuple[Choice, ...]] = tuple
        """returns the kinds of rollback that may be requested now"""
        self.attached: Callable[[], bool] = lambda: presence.seen(folder)
        """whether an operator is present who can answer"""
        self._solitude = presence.Solitude()
        self._reserve = Reserve(folder)

    def emit(self, event: Event) -> None:
        """Writes an event to the journal, with secrets masked; facts are on disk when this returns.

        Raises `StateError` if it cannot be written, but not once the project changes: a full disk must stop neither the
        update nor the rollback, and a recovery relies on what it observes.
        """
        self.ledger = ledger.after(self.ledger, event)
        event = confidential.masked(event, self.mask)
        try:
            self._journal.append(event, sync=not isinstance(event, _PROGRESS))
        except StateError:
            if not self.committed:
                raise
            self._reserve.free()
            with suppress(StateError):
                self._journal.append(event)

    def tell(self, finding: Finding) -> None:
        """Reports what a check found."""
        self.emit(e.Found(finding=finding))

    def warn(self, problem: Problem, service: str = "") -> None:
        """Reports a problem that stops nothing."""
        self.tell(Finding(Level.WARNING, problem, service))

    def tell_also(self, receivers: tuple[Receiver, ...]) -> None:
        """Adds the receivers that the project's files name, and masks their secrets."""
        for receiver in receivers:
            notices.learn(self.mask, receiver.text)
        self.receivers = receivers

    def show_hooks(self, hooks: Iterable[Hook]) -> None:
        """Masks the secrets in the commands of hooks."""
        sensitive.commands(self.mask, (hook.written for hook in hooks))

    def now(self) -> str:
        """Returns the current time as the journal has it: RFC 3339 in UTC."""
        return self._journal.clock()

    def close(self) -> None:
        """Frees the reserved disk space."""
        self._reserve.free()

    async def listen(self) -> None:
        """Reads the operators' decisions from the journal; runs as a task beside the work."""
        while True:
            for event in self._reader.read():
                if isinstance(event, e.Decision):
                    with suppress(StateError):  # a full disk does not stop the listening
                        self._take(event)
                elif isinstance(event, e.Detached):
                    self._solitude.left()
            self._look_for_operators()
            await asyncio.sleep(LISTEN_EVERY)

    def _look_for_operators(self) -> None:
        """Cancels a run that waits before its commit for an answer while no operator is present."""
        if not (self.attended and self._cancellable) or self._cancel.is_set():
            return
        now = asyncio.get_running_loop().time()
        if (changed := self._solitude.look(now, there=self.attached(), asked=self._open is not None)) is not None:
            with suppress(StateError):  # a full disk does not stop the listening
                self.emit(changed)
        if self._solitude.over(now):
            self._cancel_reason = OperatorsGone(seconds=presence.ALONE_DEADLINE)
            self._cancel.set()

    def _take(self, event: e.Decision) -> None:
        """Acts on a decision as it was made; one that can no longer be read is not made, and can be made again."""
        try:
            decision = confidential.taken(self.folder, event)
        except StateError as error:
            self.warn(error.problem)
        else:
            self._hear(decision)

    def _hear(self, decision: e.Decision) -> None:
        if decision.ask == 0 and self._hear_unasked(decision):
            return
        check = decision.choice in LOOKS  # a look-up is accepted whichever repetition of the question it was sent for
        if self._open is not None and (check or self._open[0].ask == decision.ask):
            asked, future = self._open
            if decision.choice in asked.choices and not future.done():
                future.set_result(decision)
                return
        if check:
            self._checks.append(decision)  # the previous one is being looked up; then the question is asked again

    def _hear_unasked(self, decision: e.Decision) -> bool:
        """Handles a decision that answers no question, if it is possible now; False if it may be a look-up."""
        match decision.choice:
            case Choice.STOP if self.committed:
                self._hear_way_back(decision, wanted=None)
            case Choice.STOP | Choice.CANCEL:
                self._hear_cancel(decision)
            case Choice.PREVIOUS:
                if self.walks and not self._went_back.is_set():
                    self._decided(0, Question.SELECT, decision, "operator")
                    self._went_back.set()
            case Choice.ROLL_BACK | Choice.ROLL_BACK_DATA:
                self._hear_way_back(decision, wanted=decision.choice)
            case _:
                return False
        return True

    def _hear_cancel(self, decision: e.Decision) -> None:
        if self._cancellable and not self._cancel.is_set():
            question = self._open[0].question if self._open else Question.CONFIRM
            self._cancel.set()  # a full disk, which stops what is written next, does not keep the run going
            self._decided(0, question, msgspec.structs.replace(decision, choice=Choice.CANCEL), "operator")

    def _hear_way_back(self, decision: e.Decision, wanted: Choice | None) -> None:
        """Rolls back now, without ``wanted`` by the default way; an open question that offers it is answered so."""
        if self._open is not None:
            asked, future = self._open
            offered = [choice for choice in asked.choices if choice in WAYS_BACK and wanted in (None, choice)]
            if offered and not future.done():
                future.set_result(msgspec.structs.replace(decision, choice=offered[0]))
            return
        offered = [choice for choice in self._ways_back() if wanted in (None, choice)]
        if offered and self.way_back is None:
            self.way_back = offered[0]
            self._unwanted.set()
            self._decided(0, Question.OUTCOME, msgspec.structs.replace(decision, choice=self.way_back), "operator")

    async def ask(
        self,
        question: Question,
        choices: tuple[Choice, ...],
        default: Choice,
        *,
        seconds: float = DECISION_DEADLINE,
        options: tuple[str, ...] = (),
        wait: bool = False,
        cancels: bool = False,
    ) -> e.Decision:
        """Asks the operator and returns the decision; without an operator the default is taken at once.

        ``seconds`` is the deadline, 0 for none. ``wait`` waits for an operator in any case. With ``cancels`` a decision
        to cancel raises `Cancelled`; before the commit, a cancel that answers no question always does.
        """
        self._asks += 1
        asked = e.Asked(
            ask=self._asks, question=question, choices=choices, default=default, seconds=seconds, options=options
        )
        self.emit(asked)
        decision, by = e.Decision(ask=asked.ask, choice=default, actor=self.request.actor), "default"
        if self.attended or wait:
            future: asyncio.Future[e.Decision] = asyncio.get_running_loop().create_future()
            self._open = (asked, future)
            if self._checks and self._checks[0].choice in choices:
                future.set_result(self._checks.pop(0))
            try:
                waiting = asyncio.wait_for(future, seconds or None)
                decision = await (waiting if self.committed else self.cancellable(waiting))
                by = "operator"
            except TimeoutError:
                by = "deadline"
            finally:
                self._open = None
        if decision.choice in (Choice.LEAVE_OUT, Choice.ACCEPT):
            decision = msgspec.structs.replace(decision, services=options)
        self._decided(asked.ask, question, decision, by)
        if cancels and decision.choice is Choice.CANCEL:
            raise Cancelled(DecisionOverdue() if by == "deadline" else OperatorCancelled())
        return decision

    def _decided(self, ask: int, question: Question, decision: e.Decision, by: str) -> None:
        self.emit(
            Decided(
                ask=ask,
                question=question,
                choice=decision.choice,
                by=by,
                actor=decision.actor if by == "operator" else None,
                services=decision.services,
                references=decision.references,
                generation=decision.generation,
                backups=decision.backups,
                answers=decision.answers,
            )
        )

    def terminate(self) -> None:
        """Handles SIGTERM: cancels before the commit, later ends the run so that it can be recovered."""
        self._cancel_reason = WorkerTerminated()
        self._cancel.set()
        self._terminated.set()

    def commit(self, *, recovering: bool = False) -> None:
        """Ends the cancellable part of the run; raises `Cancelled` if a cancel was requested just before.

        Reserves disk space for the rest of the journal; raises `StateError` if there is none, but not in a recovery.
        """
        if self._cancel.is_set():
            raise Cancelled(self._cancel_reason)
        try:
            self._reserve.take()
        except StateError:
            if not recovering:
                raise
        self._cancellable = False

    def remember(self) -> None:
        """Makes the run enter the history, however it ends."""
        self.remembered = self.begun = True

    @property
    def committed(self) -> bool:
        """Whether the project may have changed."""
        return not self._cancellable

    async def cancellable(self, work: Coroutine[object, object, T]) -> T:
        """Awaits work unless a cancel comes first; raises `Cancelled` after the work has been stopped."""
        return await _unless(self._cancel, work, lambda: Cancelled(self._cancel_reason))

    async def walkable(self, work: Coroutine[object, object, T]) -> T:
        """Awaits work unless the operator goes back; raises `WentBack` after the work has been stopped."""
        self._went_back.clear()
        self.walks = self.attended
        try:
            return await _unless(self._went_back, work, WentBack)
        finally:
            self.walks = False

    @contextmanager
    def offering(self, ways_back: Callable[[], tuple[Choice, ...]]) -> Iterator[None]:
        """Accepts a request to roll back while the context is active; it is then in `way_back`."""
        self._ways_back = ways_back
        try:
            yield
        finally:
            self._ways_back = tuple

    async def unless_unwanted(self, work: Coroutine[object, object, T]) -> T:
        """Awaits work unless a rollback is requested; raises `Cancelled` after the work has been stopped."""
        return await _unless(self._unwanted, work, lambda: Cancelled(OperatorCancelled()))

    async def unless_terminated(self, work: Coroutine[object, object, T]) -> T:
        """Awaits the work of a commit unless this process is terminated, as at the machine's shutdown.

        Raises `NeedsRecovery` then: a recovery deals with the half-done work, without the shutdown's time limit.
        """
        return await _unless(self._terminated, work, lambda: NeedsRecovery(WorkerTerminated()))

    @asynccontextmanager
    async def step(self, kind: str, subject: str, wave: int = 0) -> AsyncIterator[None]:
        """Records the start of a step before it begins, and its result afterwards."""
        self._steps += 1
        step = self._steps
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.emit(e.StepStarted(step=step, kind=kind, subject=subject, wave=wave))

        def finished(problem: Problem | None) -> None:
            self.emit(
                e.StepFinished(
                    step=step, kind=kind, subject=subject, seconds=round(loop.time() - began, 2), problem=problem
                )
            )

        try:
            yield
        except Ws9tuiError as error:
            finished(error.problem)
            raise
        finished(None)


async def _unless(event: asyncio.Event, work: Coroutine[object, object, T], error: Callable[[], Exception]) -> T:
    """Awaits work; if the event comes first, stops the work and raises."""
    task = asyncio.ensure_future(work)
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise error()
        return task.result()
    finally:
        waiting.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
