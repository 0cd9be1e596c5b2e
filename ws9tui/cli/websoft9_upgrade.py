"""`ws9tui websoft9-upgrade`: an upgrade with the options, output lines and exit statuses of Websoft9's own script.

A thin front end: the run is that of `ws9tui update --release`, followed like any other.
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
    """Writes lines in upstream's format: time, level, text; warnings and errors go to stderr."""

    def __init__(
        self, out: TextIO, err: TextIO, now: Callable[[], datetime] = datetime.now, *, level: str = INFO
    ) -> None:
        super().__init__(out)
        self.level = level
        self._err = Writer(err)
        self._now = now

    def say(self, level: str, text: str) -> None:
        """Writes one line at a level."""
        self.level = level
        self.line(text)

    def bare(self, text: str) -> None:
        """Writes a line without time and level."""
        super()._write(text, -1)

    def _write(self, text: str, hang: int) -> None:
        _ = hang  # scripts read single lines, so none is wrapped
        if not text.strip():
            return
        said = words.HEAD.format(at=f"{self._now():%Y-%m-%d %H:%M:%S}", level=self.level, text=text)
        if self.level in _LOUD:
            self._err.whole(said)
        else:
            super()._write(said, -1)


class Upstream(PlainOutput):
    """Prints the events of a run as upstream's lines."""

    def __init__(self, lines: UpstreamWriter, call: CommandLine) -> None:
        super().__init__(lines)
        self.status: Status | None = None
        """exit status of a finished run; None before its end"""
        self._lines = lines
        self._call = call

    def event(self, event: Event, state: RunState) -> None:
        """Writes the lines for an event."""
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
        """Writes the text for an event, a warning or error with its remedy; the line's head has time and level."""
        if isinstance(event, e.Found | e.TrustChecked):
            text = phrases.found(event.finding)
            if event.finding.level is not Level.OK:
                text = paragraph((text, problems.remedy(event.finding.problem)))
        self._lines.line(text)

    def died(self, problem: Problem, finished: e.Finished, state: RunState) -> None:
        """Reports that the worker has died."""
        self._lines.level = ERROR
        self.status = dropin.status(finished, state)
        super().died(problem, finished, state)

    def verdict(self, finished: e.Finished, said: str, state: RunState) -> None:
        """Writes the outcome and the next steps; on success also upstream's closing block."""
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
    """Returns the log level of an event."""
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
    """Runs the command with the options of upstream's script; returns upstream's exit status."""
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
    """Follows the run until it ends or this process is interrupted; returns the exit status."""
    output = Upstream(lines, call)
    typed = Input(sys.stdin.fileno()) if ask else None
    say = Writer(terminal.asking_stream(json=False)) if ask else UpstreamWriter(sys.stdout, sys.stderr, level=WARN)
    try:
        Follower(handle, output, say, typed).follow()
    except KeyboardInterrupt:  # before `Signals` catches SIGINT
        handle.decide(Choice.CANCEL)
    except Exception as error:
        raise runs.FrontEndFault from error
    finally:
        handle.close()
        if typed:
            typed.close()
    return LEFT_STATUS if output.status is None else output.status


def fail(problem: Problem, outcome: Outcome) -> int:
    """Reports why no run was started; returns the exit status."""
    error(problems.sentence(problem))
    return dropin.status(e.Finished(outcome=outcome, problem=problem), RunState())


def error(text: str) -> None:
    """Writes an error."""
    UpstreamWriter(sys.stdout, sys.stderr).say(ERROR, text)
