"""Output of a followed run: lines for people and screen readers, or one JSON event a line for programs.

No cursor movement, colours or carriage returns, so that it also works on serial lines, in logs and when read aloud.
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
"""columns of a terminal below which it wraps the lines itself"""


class Output(Protocol):
    """Receives the events of a run."""

    def event(self, event: Event, state: RunState) -> None:
        """Writes one event; ``state`` is the state after it."""

    def died(self, problem: Problem, finished: e.Finished, state: RunState) -> None:
        """Reports that the worker has died; ``finished`` is the final event that it could not write."""


class Writer:
    """Writes lines to a stream; once its reader is gone, the rest is dropped and the run is followed nevertheless."""

    colours = False
    """whether the stream is a terminal that shows colours and tables"""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self._gone = False

    def whole(self, text: str) -> None:
        """Writes a line that is never wrapped, so that it can be copied and pasted."""
        self._write(text, -1)

    def line(self, text: str = "", hang: int = 4) -> None:
        """Writes one line at once, on a terminal wrapped at blanks with further lines indented by ``hang``."""
        self._write(text, hang)

    def blocks(self, blocks: Iterable[Block]) -> None:
        """Writes blocks as plain lines."""
        for text in plain(blocks):
            self.line(text)

    def close(self) -> None:
        """Does nothing here: the stream stays open."""

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
        """Calls ``write`` unless the reader is gone."""
        if self._gone:
            return
        try:
            write()
        except OSError:  # the reader or the terminal is gone, or the disk is full
            self._gone = True
            drop(self.stream)


def drop(stream: TextIO) -> None:
    """Redirects a stream that cannot be written to /dev/null, so that flushing it at exit raises no error."""
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, stream.fileno())
    except (OSError, ValueError):  # the stream has no descriptor
        sys.stderr.flush()
    finally:
        os.close(null)


class PlainOutput:
    """Lines that begin with the time of day."""

    def __init__(self, writer: Writer, clock: Callable[[], float] = time.monotonic) -> None:
        self._writer = writer
        self._progress = ProgressLines(clock)
        self._said: dict[str, str] = {}

    def event(self, event: Event, state: RunState) -> None:
        """Writes the lines for an event."""
        match event:
            case e.PullProgressed() | e.DataMoved() | e.BundleProgressed():
                self.moved(event, state)
            case e.Planned(plan=planned):
                self.planned(planned)
            case e.Finished():
                self.told(event, outcome.ended(event, state))
                self._end(event, state)
            case e.StepStarted(kind="write" | "tag"):
                pass  # instantaneous: only its end is printed
            case e.ProjectsFound(views=views) if views:
                if state.request is None or not state.request.attended:  # else the question shows them
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
        """Reports that the worker has died."""
        self._writer.close()
        self._writer.line(problems.title(problem))
        self._end(finished, state)

    def moved(self, event: e.PullProgressed | e.DataMoved | e.BundleProgressed, state: RunState) -> None:
        """Writes a progress line if one is due."""
        if said := self._progress.line(event, state):
            self.told(event, said)

    def planned(self, found: Plan) -> None:
        """Writes the plan."""
        self._writer.line()
        for line in plan.lines(found):
            self._writer.line(line.text)
        self._writer.line()

    def told(self, event: Event, text: str) -> None:
        """Writes the text for an event, after its time."""
        self._writer.line(f"{clock(event.at)}  {text}", _HANG)

    def verdict(self, finished: e.Finished, said: str, state: RunState) -> None:
        """Writes the outcome."""
        _ = finished, state
        self._writer.line(said, 0)

    def _end(self, finished: e.Finished, state: RunState) -> None:
        self._writer.close()
        self._writer.line()
        self.verdict(finished, outcome.message(finished, state, commands=False), state)
        for command in finished.commands:
            self._writer.whole(f"    {clean(command, commands.LONGEST)}")

    def _once(self, name: str, event: e.ServiceObserved) -> None:
        """Writes a service's line if it has changed; the event is repeated when more is known of the service."""
        text = lines.line(event)
        if text and self._said.get(name) != text:
            self._said[name] = text
            self.told(event, text)

    def _line(self, event: Event) -> None:
        if text := lines.line(event):
            self.told(event, text)


class PlainListOutput(PlainOutput):
    """Output of `--list`: warnings, then the table of available tags."""

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
    """Decides which progress gets a line: each tenth of an image, and one every few seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: dict[str, tuple[float, float]] = {}

    def line(self, event: e.PullProgressed | e.DataMoved | e.BundleProgressed, state: RunState) -> str:
        """Returns the progress line; empty if none is due."""
        match event:
            case e.PullProgressed(reference=reference):
                row = state.pulls[reference]
                return phrases.progress(row) if self.due(reference, row.fraction, row.done) else ""
            case e.DataMoved(done=done):  # its beginning is printed as a step
                fraction = done / event.total if event.total > 0 else 0.0
                key = f"{event.doing} {event.service} {event.target}"
                return phrases.moved(event) if done > 0 and self.due(key, fraction, done) else ""
            case e.BundleProgressed(done=done):  # its total is unknown
                return (lines.line(event) or "") if self.due("bundle", 0.0, done) else ""

    def due(self, key: str, fraction: float, done: int) -> bool:
        """Whether a progress line is due for a key, and records that it is written."""
        now = self._clock()
        then, told = self._last.get(key, (float("-inf"), -1.0))
        if fraction - told < PROGRESS_STEP and now - then < PROGRESS_SECONDS:
            return False
        if fraction == told and done == 0:
            return False
        self._last[key] = (now, fraction)
        return True


class JsonOutput:
    """One JSON object a line, in ASCII, so that no control character reaches a terminal."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def event(self, event: Event, state: RunState) -> None:
        """Writes an event with its sequence number in the journal; the last one with its message."""
        self._writer.line(as_json(event, state.count, state))

    def died(self, problem: Problem, finished: e.Finished, state: RunState) -> None:
        """Writes the final event that the worker could not write."""
        _ = problem
        self._writer.line(as_json(finished, state.count + 1, state))


def fields(record: msgspec.Struct, *names: str) -> dict[str, object]:
    """Returns some fields of a record by name, in that order."""
    return {name: getattr(record, name) for name in names}


def as_json(event: Event, seq: int, state: RunState) -> str:
    """Returns an event as JSON in the documented form: seq, at and type first, the last event with its message."""
    plain = e.to_builtins(event, problems.for_scripts)
    plain = {"seq": seq, "at": plain.pop("at"), "type": plain.pop("type"), **plain}
    if isinstance(event, e.Finished):
        plain["message"] = outcome.message(event, state)
    return json.dumps(plain).replace("\x7f", "\\u007f")
