"""`ws9tui websoft9-upgrade`: an upgrade as Websoft9's own script is called, in its lines and with its exit statuses.

A thin front end: the run is that of `ws9tui update --release`, followed as every other.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from datetime import datetime
from typing import TextIO

from ws9tui.cli import caller, runs, terminal
from ws9tui.cli.arguments import Command
from ws9tui.cli.follow import Follower, Input
from ws9tui.cli.output import PlainOutput, Writer
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import LEFT_STATUS, Choice, Level, Outcome, Verb
from ws9tui.errors import UsageError
from ws9tui.problems.engine import NotUnderstood
from ws9tui.problems.problem import Problem
from ws9tui.websoft9 import dropin
from ws9tui.websoft9.contract import DETECT, CommandLine, Status
from ws9tui.words import phrases, problems
from ws9tui.words import websoft9_upgrade as words
from ws9tui.words.text import clean, paragraph
from ws9tui.worker.handle import RunHandle

INFO, WARN, ERROR, STEP, DONE = "INFO", "WARN", "ERROR", "STEP", "DONE"
_LOUD = (WARN, ERROR)
_LEVELS = {Level.OK: INFO, Level.WARNING: WARN, Level.BLOCKING: ERROR}
_STEPS = (e.PullStarted, e.CommitStarted, e.StepStarted, e.WatchStarted, e.RestoreStarted, e.HookStarted)
_TROUBLE = (e.PullStalled, e.PullRetried, e.RollbackStarted, e.RunInterrupted, e.LeftAlone)


class UpstreamWriter(Writer):
    """Upstream's lines: when, how grave, what; warnings and errors go to stderr."""

    def __init__(
        self, out: TextIO, err: TextIO, now: Callable[[], datetime] = datetime.now, *, level: str = INFO
    ) -> None:
        super().__init__(out)
        self.level = level
        self._err = Writer(err)
        self._now = now

    def say(self, level: str, text: str) -> None:
        """Writes one line."""
        self.level = level
        self.line(text)

    def bare(self, text: str) -> None:
        """Writes a line without a head."""
        super()._write(text, -1)

    def _write(self, text: str, hang: int) -> None:
        _ = hang  # who reads it joins no lines
        if not text.strip():
            return
        said = words.HEAD.format(at=f"{self._now():%Y-%m-%d %H:%M:%S}", level=self.level, text=text)
        if self.level in _LOUD:
            self._err.whole(said)
        else:
            super()._write(said, -1)


class Upstream(PlainOutput):
    """The events of a run as upstream's lines."""

    def __init__(self, lines: UpstreamWriter, call: CommandLine) -> None:
        super().__init__(lines)
        self.status: Status | None = None
        """of a run that has ended"""
        self._lines = lines
        self._call = call

    def event(self, event: Event, state: RunState) -> None:
        """Writes what there is to say of an event."""
        self._lines.level = level(event)
        if isinstance(event, e.Finished):
            self.status = dropin.status(event, state)
            self._lines.level = ERROR if self.status else INFO
            if self._call.look == DETECT and not self.status:
                self._lines.bare(dropin.kind(event.problem))
                return
        super().event(event, state)
        if isinstance(event, e.ReleaseFound) and not dropin.wanted(self._call):
            self._lines.say(INFO, words.TARGET(version=event.version))

    def told(self, event: Event, text: str) -> None:
        """Writes what is said of an event; the head of the line says when, and how grave it is."""
        if isinstance(event, e.Found | e.TrustChecked):
            text = phrases.found(event.finding)
            if event.finding.level is not Level.OK:
                text = paragraph((text, problems.remedy(event.finding.problem)))
        self._lines.line(text)

    def died(self, problem: Problem, finished: e.Finished, state: RunState) -> None:
        """Says that the worker is gone."""
        self._lines.level = ERROR
        self.status = dropin.status(finished, state)
        super().died(problem, finished, state)

    def verdict(self, finished: e.Finished, said: str, state: RunState) -> None:
        """Writes how it ended: the block where that is well, else what to do."""
        self._lines.line(said)
        for text in words.next_steps(finished.problem, self._call.path):
            self._lines.line(text)
        if finished.outcome in (Outcome.KEPT, Outcome.UP_TO_DATE) and not self.status:
            self._done(words.UPGRADED if finished.outcome is Outcome.KEPT else words.CURRENT, state)

    def _done(self, first: str, state: RunState) -> None:
        facts = [f"{key}: {clean(fact)}" for key, fact in dropin.done(self._call, state, os.environ)]
        for text in (words.RULE, first, *facts, words.RULE):
            self._lines.say(DONE, text)


def level(event: Event) -> str:
    """How grave an event is."""
    match event:
        case e.Found(finding=found) | e.TrustChecked(finding=found):
            return _LEVELS[found.level]
        case e.VersionChecked(findings=findings):
            return max((_LEVELS[found.level] for found in findings), key=_grave, default=INFO)
        case e.StepFinished(problem=problem) | e.PullFailed(problem=problem) if problem is not None:
            return ERROR
        case e.ServiceWatched(verdict="failed"):
            return ERROR
        case e.HookFinished(problem=problem) if problem is not None:
            return WARN
    return STEP if isinstance(event, _STEPS) else WARN if isinstance(event, _TROUBLE) else INFO


def _grave(level: str) -> int:
    return (INFO, WARN, ERROR).index(level)


def start(command: Command) -> int:
    """Does what upstream's script is asked for; gives its exit status."""
    call = command.call
    assert call is not None  # noqa: S101 - the grammar gives this command one
    asks = not (call.look or call.dry_run or call.yes)
    if asks and not terminal.can_ask(json=False):
        raise UsageError(NotUnderstood(reason=words.UNATTENDED()))
    lines = UpstreamWriter(sys.stdout, sys.stderr)
    for flag, given in (("--force", call.force), ("--execute_mode", call.mode)):
        if given:
            lines.say(WARN, words.NO_EFFECT(flag=flag))
    verb = Verb.DETECT if call.look == DETECT else Verb.DOCTOR if call.look else Verb.UPDATE
    handle = RunHandle.start(
        runs.open_store(command),
        verb,
        dropin.options(call, os.environ),
        attended=asks,
        caller=caller.caller(command.state_dir),
    )
    return _follow(handle, call, lines, ask=asks)


def _follow(handle: RunHandle, call: CommandLine, lines: UpstreamWriter, *, ask: bool) -> int:
    """Follows the run to its end, or until this process is told to go."""
    output = Upstream(lines, call)
    typed = Input(sys.stdin.fileno()) if ask else None
    say = Writer(terminal.asking_stream(json=False)) if ask else UpstreamWriter(sys.stdout, sys.stderr, level=WARN)
    try:
        Follower(handle, output, say, typed).follow()
    except KeyboardInterrupt:  # so early that nobody has begun to listen for it
        handle.decide(Choice.CANCEL)
    except Exception as error:
        raise runs.FrontEndFault from error
    finally:
        handle.close()
        if typed:
            typed.close()
    return LEFT_STATUS if output.status is None else output.status


def fail(problem: Problem, outcome: Outcome) -> int:
    """Says why no run was begun; gives the exit status."""
    error(problems.sentence(problem))
    return dropin.status(e.Finished(outcome=outcome, problem=problem), RunState())


def error(text: str) -> None:
    """Writes an error."""
    UpstreamWriter(sys.stdout, sys.stderr).say(ERROR, text)
