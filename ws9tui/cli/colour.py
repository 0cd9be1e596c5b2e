"""What a followed run writes to a colour terminal: the plain lines with their tone, tables where they help, progress.

What is told is told by the same words as in plain lines; only looks are added. See `ws9tui.cli.looks`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from ws9tui.cli.output import PlainOutput, Writer
from ws9tui.cli.screen import Screen
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.run_state import Phase, RunState
from ws9tui.core.model.plan import Plan
from ws9tui.core.model.terms import Level
from ws9tui.words import history, lines, panes, panes_commit, panes_prepare, phrases, plan, survey
from ws9tui.words.blocks import Block, Note, Tone
from ws9tui.words.history_run import verdict_tone

_LEVELS = {Level.WARNING: Tone.WARNING, Level.BLOCKING: Tone.BAD}
_QUIET = (e.ServiceObserved, e.NewerFound, e.Described, e.TagsListed, e.ReferenceResolved, e.ContainerStep)


def output(out: Writer, *, doctor: bool, tags: bool) -> PlainOutput:
    """What writes the events of an examination, of a look at the tags that may be had, or of any other run."""
    if not isinstance(out, Screen):
        return PlainOutput(out)
    return DoctorOutput(out) if doctor else ColourListOutput(out) if tags else ColourOutput(out)


class ColourOutput(PlainOutput):
    """Lines with their tone, and below them how far things are."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self._screen = screen

    def event(self, event: Event, state: RunState) -> None:
        """Writes what there is to say of an event, and how far things are after it."""
        super().event(event, state)
        self._screen.status(lambda: status(event, state))

    def moved(self, event: e.PullProgressed | e.DataMoved | e.BundleProgressed, state: RunState) -> None:
        """Nothing: the line below the others shows it."""

    def planned(self, found: Plan) -> None:
        """Writes the plan."""
        self._screen.line()
        for line in plan.lines(found):
            self._screen.planned(line)
        self._screen.line()

    def told(self, event: Event, text: str) -> None:
        """Writes a line with its tone."""
        self._screen.timed(event.at, text, tone(event))

    def verdict(self, finished: e.Finished, said: str, state: RunState) -> None:
        """Writes how it ended, so that it is seen."""
        _ = state
        self._screen.toned(said, history.outcome_tone(finished.outcome))


class ColourListOutput(ColourOutput):
    """Of a look at what may be had: what stands in the way as it is found, and all tags in tables at the end."""

    def told(self, event: Event, text: str) -> None:
        """Writes what is no part of a table."""
        if not isinstance(event, _QUIET):
            super().told(event, text)

    def verdict(self, finished: e.Finished, said: str, state: RunState) -> None:
        """Writes the tables before it."""
        if told := self._tables(state):
            self._screen.blocks([*told, Note("")])
        super().verdict(finished, said, state)

    def _tables(self, state: RunState) -> list[Block]:
        return survey.listed(state)


class DoctorOutput(ColourListOutput):
    """Of an examination: all findings in a table at the end, what stops an update last."""

    def told(self, event: Event, text: str) -> None:
        """Writes what is no finding."""
        if not isinstance(event, e.Found):
            super().told(event, text)

    def _tables(self, state: RunState) -> list[Block]:
        return [*survey.services(state), *survey.findings(state)]


def tone(event: Event) -> Tone:
    """How good or bad the news is."""
    match event:
        case e.Found(finding=found) | e.TrustChecked(finding=found):
            return _LEVELS.get(found.level, Tone.PLAIN)
        case e.VersionChecked(findings=found):
            worst = [_LEVELS[one.level] for one in found if one.level in _LEVELS]
            return Tone.BAD if Tone.BAD in worst else Tone.WARNING if worst else Tone.GOOD
        case e.StepFinished(problem=problem):
            return Tone.BAD if problem else Tone.PLAIN
        case e.ServiceWatched(verdict=verdict):
            return verdict_tone(verdict)
        case e.PullFailed():
            return Tone.BAD
        case e.PullStalled() | e.PullRetried() | e.RollbackStarted() | e.RunInterrupted():
            return Tone.WARNING
        case e.PullFinished() | e.GatePassed() | e.RollbackVerified() | e.BackupMade() | e.RestoreFinished():
            return Tone.GOOD
        case e.Finished(outcome=outcome):
            return history.outcome_tone(outcome)
    return Tone.QUIET if isinstance(event, _QUIET) else Tone.PLAIN


def status(event: Event, state: RunState) -> tuple[str, float | None]:
    """How far things are, and as a share where that is known; empty where nothing is under way, or one is asked."""
    if state.asked or state.finished:
        return "", None
    if isinstance(event, e.DataMoved) and event.total > 0:
        return phrases.moved(event), event.done / event.total
    if isinstance(event, e.BundleProgressed):
        return lines.line(event) or "", None
    match state.phase:
        case Phase.STARTING | Phase.LOOKING:
            return panes.LOOKING(services=panes.looked_at(state)), None
        case Phase.PULLING:
            return _pulling(state)
        case Phase.COMMITTING | Phase.WATCHING | Phase.ROLLING_BACK:
            return panes_commit.recreate_lead(state, datetime.now(UTC)), None
    return "", None


def _pulling(state: RunState) -> tuple[str, float | None]:
    _, done, total = panes_prepare.coming(state)
    if running := panes_prepare.checking(state):
        return running, None
    return panes_prepare.pull_total(state) or panes_prepare.pull_lead(state), done / total if total else None
