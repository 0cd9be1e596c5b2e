"""What a followed run writes: lines for people and screen readers, or one JSON event a line for programs.

No cursor movement, no colours, no carriage returns: it reads well on serial lines, in logs and aloud.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable
from typing import Protocol, TextIO

import msgspec

from ws9tui.cli.terminal import is_terminal
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.plan import Plan
from ws9tui.problems.problem import Problem
from ws9tui.words import commands, lines, offers, outcome, phrases, plan, problems, projects
from ws9tui.words.blocks import Block, plain
from ws9tui.words.text import clean, clock, wrap

PROGRESS_SECONDS = 5.0
PROGRESS_STEP = 0.1
_HANG = 10
_INDENT = " " * _HANG
_NARROWEST = 20
"""columns of a terminal below which lines are left to it"""


class Output(Protocol):
    """Where the events of a run go."""

    def event(self, event: Event, state: RunState) -> None:
        """Writes one event; ``state`` is the state after it."""

    def died(self, problem: Problem, finished: e.Finished, state: RunState) -> None:
        """Says that the worker is gone; ``finished`` is what that amounts to."""


class Writer:
    """A stream of lines; when its reader has gone, the rest is dropped and the run is followed all the same."""

    colours = False
    """whether it is a terminal on which more than plain lines is shown"""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._gone = False

    def whole(self, text: str) -> None:
        """Writes a line that is never broken, so that it can be copied and pasted."""
        self._write(text, -1)

    def line(self, text: str = "", hang: int = 4) -> None:
        """Writes one line at once; on a terminal it is broken at blanks, further lines standing ``hang`` further in."""
        self._write(text, hang)

    def blocks(self, blocks: Iterable[Block]) -> None:
        """Writes the parts of what is told."""
        for text in plain(blocks):
            self.line(text)

    def close(self) -> None:
        """Lets go of the stream, which stays open."""

    def _write(self, text: str, hang: int) -> None:
        def write() -> None:
            columns = (
                os.get_terminal_size(self.stream.fileno()).columns if hang >= 0 and is_terminal(self.stream) else 0
            )
            for part in wrap(text, columns, hang, quoted=True) if columns > _NARROWEST else [text]:
                self.stream.write(part + "\n")
            self.stream.flush()

        self.guarded(write)

    def guarded(self, write: Callable[[], None]) -> None:
        """Writes, unless its reader has gone."""
        if self._gone:
            return
        try:
            write()
        except BrokenPipeError:
            self._gone = True
            drop(self.stream)
        except OSError:  # the terminal has gone, or the disk behind it is full
            self._gone = True


def drop(stream: TextIO) -> None:
    """Lets a stream whose reader has gone lead nowhere, so that nothing complains when the process ends."""
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, stream.fileno())
    except (OSError, ValueError):  # it has no descriptor
        sys.stderr.flush()
    finally:
        os.close(null)


class PlainOutput:
    """Lines with the time of day before them."""

    def __init__(self, writer: Writer, clock: Callable[[], float] = time.monotonic) -> None:
        self._writer = writer
        self._progress = ProgressLines(clock)
        self._said: dict[str, str] = {}

    def event(self, event: Event, state: RunState) -> None:
        """Writes what there is to say of an event."""
        match event:
            case e.PullProgressed() | e.DataMoved() | e.BundleProgressed():
                self.moved(event, state)
            case e.Planned(plan=planned):
                self.planned(planned)
            case e.Finished():
                self.told(event, outcome.ended(event, state))
                self._end(event, state)
            case e.StepStarted(kind="write" | "tag"):
                pass  # it is done in an instant, and that is told
            case e.ProjectsFound(views=views) if views:
                if state.request is None or not state.request.attended:  # else the question has them
                    self._writer.blocks([projects.table(event.projects, views, event.at)])
            case e.GenerationFound() | e.BundleListed() | e.HookFinished():
                self._line(event)
                for text in lines.details(event):
                    self._writer.line(f"{_INDENT}{text}", _HANG + 4)
            case e.ServiceObserved(service=view):
                self._once(view.name, event)
            case e.ServiceWatched(service=name, verdict="failed"):
                self._line(event)
                for text in state.watched[name].lines:
                    self._writer.line(f"{_INDENT}| {clean(text)}")
            case _:
                self._line(event)

    def died(self, problem: Problem, finished: e.Finished, state: RunState) -> None:
        """Says that the worker is gone."""
        self._writer.close()
        self._writer.line(problems.title(problem))
        self._end(finished, state)

    def moved(self, event: e.PullProgressed | e.DataMoved | e.BundleProgressed, state: RunState) -> None:
        """Writes progress that is worth a line."""
        if said := self._progress.line(event, state):
            self.told(event, said)

    def planned(self, found: Plan) -> None:
        """Writes the plan."""
        self._writer.line()
        for line in plan.lines(found):
            self._writer.line(line.text)
        self._writer.line()

    def told(self, event: Event, text: str) -> None:
        """Writes what is said of an event."""
        self._writer.line(f"{clock(event.at)}  {text}", _HANG)

    def verdict(self, finished: e.Finished, said: str, state: RunState) -> None:
        """Writes how it ended."""
        _ = finished, state
        self._writer.line(said, 0)

    def _end(self, finished: e.Finished, state: RunState) -> None:
        self._writer.close()
        self._writer.line()
        self.verdict(finished, outcome.message(finished, state, commands=False), state)
        for command in finished.commands:
            self._writer.whole(f"    {clean(command, commands.LONGEST)}")

    def _once(self, name: str, event: e.ServiceObserved) -> None:
        """A service is said again when more is known of it; only then is there something to write."""
        text = lines.line(event)
        if text and self._said.get(name) != text:
            self._said[name] = text
            self.told(event, text)

    def _line(self, event: Event) -> None:
        if text := lines.line(event):
            self.told(event, text)


class PlainListOutput(PlainOutput):
    """The table of what may be had, and warnings before it."""

    def event(self, event: Event, state: RunState) -> None:
        """Writes warnings, and at the end the table."""
        match event:
            case e.Found():
                super().event(event, state)
            case e.Finished():
                for text in offers.table(state):
                    self._writer.line(text)
                self._end(event, state)


class ProgressLines:
    """Decides which progress is worth a line: each tenth of an image, and each few seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: dict[str, tuple[float, float]] = {}

    def line(self, event: e.PullProgressed | e.DataMoved | e.BundleProgressed, state: RunState) -> str:
        """What is to be written of it; empty where that would be too much."""
        match event:
            case e.PullProgressed(reference=reference):
                row = state.pulls[reference]
                return phrases.progress(row) if self.due(reference, row.fraction, row.done) else ""
            case e.DataMoved(done=done):  # its beginning is told as a step
                fraction = done / event.total if event.total > 0 else 0.0
                key = f"{event.doing} {event.service} {event.target}"
                return phrases.moved(event) if done > 0 and self.due(key, fraction, done) else ""
            case e.BundleProgressed(done=done):  # of which the end is not known
                return (lines.line(event) or "") if self.due("bundle", 0.0, done) else ""

    def due(self, key: str, fraction: float, done: int) -> bool:
        """Whether this much of something is to be written."""
        now = self._clock()
        then, told = self._last.get(key, (float("-inf"), -1.0))
        if fraction - told < PROGRESS_STEP and now - then < PROGRESS_SECONDS:
            return False
        if fraction == told and done == 0:
            return False
        self._last[key] = (now, fraction)
        return True


class JsonOutput:
    """One JSON object a line, in ASCII, so that nothing in it can act on a terminal."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def event(self, event: Event, state: RunState) -> None:
        """Writes an event with its place in the journal; the last one with its message."""
        self._writer.line(as_json(event, state.count, state))

    def died(self, problem: Problem, finished: e.Finished, state: RunState) -> None:
        """Writes the last event that the worker has left out."""
        _ = problem
        self._writer.line(as_json(finished, state.count + 1, state))


def fields(record: msgspec.Struct, *names: str) -> dict[str, object]:
    """Some fields of a record as the contract has them, in that order."""
    return {name: getattr(record, name) for name in names}


def as_json(event: Event, seq: int, state: RunState) -> str:
    """An event as the contract has it: seq, at and type first, and the message of the last one."""
    plain = e.to_builtins(event, problems.for_scripts)
    plain = {"seq": seq, "at": plain.pop("at"), "type": plain.pop("type"), **plain}
    if isinstance(event, e.Finished):
        plain["message"] = outcome.message(event, state)
    return json.dumps(plain).replace("\x7f", "\\u007f")
