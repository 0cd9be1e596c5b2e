"""What one run has at hand: the engine, Compose, its journal, and the operator behind the journal.

All that the worker does is done through a `Session`, so that everything of note is an event, every question has a
default and, where nobody may be there, a deadline, and a cancel is heard at any time before the commit.
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
"""seconds between two looks for decisions"""
DECISION_DEADLINE = 3600.0
"""seconds that a question before the commit waits; then the run is cancelled, as if nobody had come"""
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
    """The operator goes back to the selection; with ``without`` on from there, and these ``services`` are left out."""

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
        """who is told of this run besides those whom the call names, as the project has it"""
        self.attended = request.attended
        self.place = CommandScope(request.caller)
        """from where the commands are given that the operator is told, and what they are about"""
        self.remembered = False
        """the run belongs into the history; one that ended before anything was decided does not"""
        self.begun = False
        """it has begun to fetch images, or more: what goes wrong from here on has failed"""
        self.ledger = Ledger()
        """what it has made, together with the interrupted run that it goes on with"""
        self._journal = journal
        self._reader = Reader(folder)
        self._asks = 0
        self._steps = 0
        self._open: tuple[e.Asked, asyncio.Future[e.Decision]] | None = None
        self._checks: list[e.Decision] = []
        """wishes to look something up that came when their question was not open"""
        self._cancel = asyncio.Event()
        self._cancel_reason: Problem = OperatorCancelled()
        self._cancellable = True
        self._terminated = asyncio.Event()
        self.walks = False
        """the operator may go back to the selection"""
        self._went_back = asyncio.Event()
        self.way_back: Choice | None = None
        """the way back that the operator wants though no question offered it"""
        self._unwanted = asyncio.Event()
        """there is one"""
        self._ways_back: Callable[[], tuple[Choice, ...]] = tuple
        """those that may be wanted now"""
        self.attached: Callable[[], bool] = lambda: presence.seen(folder)
        """whether somebody is there who can answer"""
        self._solitude = presence.Solitude()
        self._reserve = Reserve(folder)

    def emit(self, event: Event) -> None:
        """Writes an event to the journal, without its secrets; facts are on the disk when this returns.

        Raises `StateError` when it cannot be written, but not once the project changes: a full disk must stop neither
        the way on nor the way back, and a recovery goes by what it observes.
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
        """Tells what a check has found."""
        self.emit(e.Found(finding=finding))

    def warn(self, problem: Problem, service: str = "") -> None:
        """Tells of something that stops nothing."""
        self.tell(Finding(Level.WARNING, problem, service))

    def tell_also(self, receivers: tuple[Receiver, ...]) -> None:
        """Has these told of the run, as the project's files want it."""
        for receiver in receivers:
            notices.learn(self.mask, receiver.text)
        self.receivers = receivers

    def show_hooks(self, hooks: Iterable[Hook]) -> None:
        """Has no secret shown that stands in the command of a hook."""
        sensitive.commands(self.mask, (hook.written for hook in hooks))

    def now(self) -> str:
        """The time, as its journal has it: RFC 3339 in UTC."""
        return self._journal.clock()

    def close(self) -> None:
        """Gives back the room that was set aside."""
        self._reserve.free()

    async def listen(self) -> None:
        """Takes the operators' decisions from the journal; runs as a task beside the work."""
        while True:
            for event in self._reader.read():
                if isinstance(event, e.Decision):
                    self._hear(confidential.taken(self.folder, event))
                elif isinstance(event, e.Detached):
                    self._solitude.left()
            self._look_for_operators()
            await asyncio.sleep(LISTEN_EVERY)

    def _look_for_operators(self) -> None:
        """Ends a run that waits before its commit for an answer which nobody is there to give."""
        if not (self.attended and self._cancellable) or self._cancel.is_set():
            return
        now = asyncio.get_running_loop().time()
        if (changed := self._solitude.look(now, there=self.attached(), asked=self._open is not None)) is not None:
            with suppress(StateError):  # a full disk ends no listening
                self.emit(changed)
        if self._solitude.over(now):
            self._cancel_reason = OperatorsGone(seconds=presence.ALONE_DEADLINE)
            self._cancel.set()

    def _hear(self, decision: e.Decision) -> None:
        if decision.ask == 0 and self._hear_unasked(decision):
            return
        check = decision.choice in LOOKS  # it is taken whichever time of asking it was sent for
        if self._open is not None and (check or self._open[0].ask == decision.ask):
            asked, future = self._open
            if decision.choice in asked.choices and not future.done():
                future.set_result(decision)
                return
        if check:
            self._checks.append(decision)  # the one before is being looked into; then the question is asked again

    def _hear_unasked(self, decision: e.Decision) -> bool:
        """Takes a decision that answers no question, where it can be taken now; False for one that may be a look."""
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
            self._decided(0, question, msgspec.structs.replace(decision, choice=Choice.CANCEL), "operator")
            self._cancel.set()

    def _hear_way_back(self, decision: e.Decision, wanted: Choice | None) -> None:
        """Goes back now; without ``wanted`` by the way that is taken where nobody chooses.

        An open question that offers it is answered so.
        """
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
        """Asks the operator and gives the decision; without an operator the default is taken at once.

        ``seconds`` is the deadline, 0 for none. With ``wait`` somebody is waited for in any case, with ``cancels`` a
        decision to cancel is raised as `Cancelled`; one that answers no question is, before the commit.
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
        """Hears SIGTERM: before the commit it cancels, later it ends the run for a recovery."""
        self._cancel_reason = WorkerTerminated()
        self._cancel.set()
        self._terminated.set()

    def commit(self, *, recovering: bool = False) -> None:
        """From here on nothing is cancelled any more; raises `Cancelled` if that was asked for just before.

        Sets room aside for the rest of the journal; raises `StateError` when there is none, but not in a recovery.
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
        """From here on the run leaves a history, however it ends."""
        self.remembered = self.begun = True

    @property
    def committed(self) -> bool:
        """Whether the project may have changed."""
        return not self._cancellable

    async def cancellable(self, work: Coroutine[object, object, T]) -> T:
        """Does some work unless a cancel comes first; raises `Cancelled` when the work has ended."""
        return await _unless(self._cancel, work, lambda: Cancelled(self._cancel_reason))

    async def walkable(self, work: Coroutine[object, object, T]) -> T:
        """Does some work unless the operator goes back; raises `WentBack` when the work has ended."""
        self._went_back.clear()
        self.walks = self.attended
        try:
            return await _unless(self._went_back, work, WentBack)
        finally:
            self.walks = False

    @contextmanager
    def offering(self, ways_back: Callable[[], tuple[Choice, ...]]) -> Iterator[None]:
        """Takes a wish to go back while this is done; `way_back` has it then."""
        self._ways_back = ways_back
        try:
            yield
        finally:
            self._ways_back = tuple

    async def unless_unwanted(self, work: Coroutine[object, object, T]) -> T:
        """Does some work unless the operator wants to go back instead; raises `Cancelled` when the work has ended."""
        return await _unless(self._unwanted, work, lambda: Cancelled(OperatorCancelled()))

    async def unless_terminated(self, work: Coroutine[object, object, T]) -> T:
        """Does the work of a commit unless this process is told to end, as at the machine's shutdown.

        Raises `NeedsRecovery` then: what is half done is dealt with by a recovery, not against the shutdown's clock.
        """
        return await _unless(self._terminated, work, lambda: NeedsRecovery(WorkerTerminated()))

    @asynccontextmanager
    async def step(self, kind: str, subject: str, wave: int = 0) -> AsyncIterator[None]:
        """Writes ahead that a step begins, and afterwards how it ended."""
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
    """Does some work, or ends it and raises when an event comes first."""
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
