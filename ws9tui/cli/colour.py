"""The output of a followed run on a colour terminal: the plain lines with colours, tables and a progress line.

The texts are those of the plain output; only the looks differ. See `ws9tui.cli.looks`.
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
    """Returns the output for a doctor run, for a list of the available tags, or for any other run."""
    if not isinstance(out, Screen):
        return PlainOutput(out)
    return DoctorOutput(out) if doctor else ColourListOutput(out) if tags else ColourOutput(out)


class ColourOutput(PlainOutput):
    """Coloured lines with a progress line below them."""

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self._screen = screen

    def event(self, event: Event, state: RunState) -> None:
        """Writes the lines for an event, then updates the progress line."""
        super().event(event, state)
        self._screen.status(lambda: status(event, state))

    def moved(self, event: e.PullProgressed | e.DataMoved | e.BundleProgressed, state: RunState) -> None:
        """Writes nothing: the progress line shows it."""

    def planned(self, found: Plan) -> None:
        """Writes the plan."""
        self._screen.line()
        for line in plan.lines(found):
            self._screen.planned(line)
        self._screen.line()

    def told(self, event: Event, text: str) -> None:
        """Writes a line in the colour of its tone."""
        self._screen.timed(event.at, text, tone(event))

    def verdict(self, finished: e.Finished, said: str, state: RunState) -> None:
        """Writes the outcome in the colour of its tone."""
        _ = state
        self._screen.toned(said, history.outcome_tone(finished.outcome))


class ColourListOutput(ColourOutput):
    """Output of `--list`: problems as they are found, and all tags in tables at the end."""

    def told(self, event: Event, text: str) -> None:
        """Writes an event's line unless the tables contain it."""
        if not isinstance(event, _QUIET):
            super().told(event, text)

    def verdict(self, finished: e.Finished, said: str, state: RunState) -> None:
        """Writes the tables, then the outcome."""
        if told := self._tables(state):
            self._screen.blocks([*told, Note("")])
        super().verdict(finished, said, state)

    def _tables(self, state: RunState) -> list[Block]:
        return survey.listed(state)


class DoctorOutput(ColourListOutput):
    """Output of `doctor`: all findings in a table at the end, those that stop an update last."""

    def told(self, event: Event, text: str) -> None:
        """Writes an event's line unless it is a finding."""
        if not isinstance(event, e.Found):
            super().told(event, text)

    def _tables(self, state: RunState) -> list[Block]:
        return [*survey.services(state), *survey.findings(state)]


def tone(event: Event) -> Tone:
    """Returns the tone of an event's line."""
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
    """Returns the progress text and, if known, the fraction done; no text if nothing is in progress or is asked."""
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
