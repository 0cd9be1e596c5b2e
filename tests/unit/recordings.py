"""The recorded runs, each up to where a test or a picture looks at it; `python3 tests/record.py` makes them anew.

A test goes on from there with what the run itself said next (`Story.on`), or with single events of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import msgspec

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.fold import apply
from ws9tui.core.journal.journal import Journal
from ws9tui.core.journal.run_state import PullState, RunState
from ws9tui.core.model.terms import Choice, Question

FOLDER = Path(__file__).resolve().parents[1] / "recordings"


@cache
def recording(name: str) -> tuple[Event, ...]:
    """All that a run's worker said; what its front end decided is in it as what was decided."""
    lines = (FOLDER / f"{name}.jsonl").read_bytes().splitlines()
    return tuple(event for event in map(e.decode, lines) if not isinstance(event, e.Decision))


Cut = Callable[[tuple[Event, ...]], int]
"""how many events of a recording have happened"""


def whole(events: tuple[Event, ...]) -> int:
    """The run has ended."""
    return len(events)


def after(*kinds: type[Event]) -> Cut:
    """Such events have happened, one after another."""

    def cut(events: tuple[Event, ...]) -> int:
        place = 0
        for kind in kinds:
            place = 1 + next(here for here in range(place, len(events)) if isinstance(events[here], kind))
        return place

    return cut


def open_at(question: Question, choice: Choice | None = None) -> Cut:
    """All is known, and this question's decision, or the one that is so, has yet to come."""

    def cut(events: tuple[Event, ...]) -> int:
        decided = ((place, event) for place, event in enumerate(events) if isinstance(event, e.Decided))
        return next(place for place, event in decided if event.question is question and choice in (None, event.choice))

    return cut


def pulls(*states: PullState) -> Cut:
    """There are pulls in each of these states at the same time."""

    def cut(events: tuple[Event, ...]) -> int:
        state = RunState()
        for place, event in enumerate(events, 1):
            state = apply(state, event)
            if {row.state for row in state.pulls.values()} >= set(states):
                return place
        raise AssertionError("there never are")

    return cut


MOMENTS: dict[str, tuple[str, Cut]] = {
    "starting": ("kept", after(e.WorkerStarted)),
    "project": ("choosing", after(e.Asked)),
    "no-engine": ("no-engine", whole),
    "engine": ("kept", after(e.EngineFound)),
    "asking": ("kept", after(e.ReferenceResolved)),
    "images": ("kept", open_at(Question.SELECT, Choice.GO)),
    "tags": ("listed", open_at(Question.SELECT, Choice.CANCEL)),
    "held": ("held", open_at(Question.SELECT)),
    "versions-checked": ("checked", open_at(Question.VERSIONS)),
    "images-mixed": ("mixed", open_at(Question.SELECT)),
    "images-twelve": ("twelve", open_at(Question.SELECT)),
    "images-releases": ("released", open_at(Question.SELECT)),
    "nothing-to-do": ("nothing-to-do", open_at(Question.SELECT)),
    "install": ("first-start", open_at(Question.SELECT)),
    "no-project": ("installed", after(e.Asked)),
    "install-form": ("installed", open_at(Question.INSTALL, Choice.GO)),
    "install-taken": ("install-taken", open_at(Question.INSTALL, Choice.CANCEL)),
    "installed": ("installed", whole),
    "hostile": ("hostile", open_at(Question.SELECT)),
    "pull": ("kept", after(e.PullFinished)),
    "pull-trouble": ("pull-trouble", pulls(PullState.STALLED, PullState.RETRYING)),
    "pull-failed": ("pull-failed", open_at(Question.PULL_FAILED)),
    "pull-twelve": ("twelve", after(*[e.PullFinished] * 4, e.PullStarted, e.PullStarted)),
    "cancelled": ("cancelled", whole),
    "versions": ("kept", open_at(Question.VERSIONS)),
    "versions-warned": ("versions-warned", open_at(Question.VERSIONS)),
    "versions-mismatch": ("versions-refused", open_at(Question.MISMATCH)),
    "versions-refused": ("versions-refused", whole),
    "confirm": ("kept", open_at(Question.CONFIRM)),
    "confirm-twelve": ("twelve", open_at(Question.CONFIRM)),
    "data-left": ("data-left", open_at(Question.LOSS)),
    "copying": ("kept", after(e.DataMoved, e.DataMoved)),
    "committing": ("kept", after(e.ContainerStep)),
    "watching": ("kept", after(e.WatchStarted)),
    "watching-twelve": ("twelve", after(e.WatchStarted)),
    "keep": ("kept", open_at(Question.OUTCOME)),
    "keep-twelve": ("twelve", open_at(Question.OUTCOME)),
    "failed": ("rolled-back", open_at(Question.FAILED)),
    "port-taken": ("port-taken", open_at(Question.FAILED)),
    "hostile-logs": ("hostile-logs", open_at(Question.FAILED)),
    "install-taken-back": ("install-failed", whole),
    "rolling-back": ("rolled-back", after(e.RollbackStarted, e.ContainerStep)),
    "rolled-back": ("rolled-back", whole),
    "needs-recovery": ("needs-recovery", whole),
    "kept": ("kept", whole),
    "recovery": ("recovered", open_at(Question.RECOVER)),
    "recovered": ("recovered", whole),
    "generations": ("gone-back", open_at(Question.GENERATION)),
    "merging": ("released", open_at(Question.MERGE)),
}

# one moment of each pane, for what is the same in all moments of it
OF_EACH_PANE = {
    *("project", "images", "install-form", "pull", "versions", "confirm", "watching", "failed", "kept"),
    *("needs-recovery", "recovery", "generations", "merging"),
}


class Story:
    """A run as far as it has come."""

    def __init__(self, moment: str) -> None:
        name, cut = MOMENTS[moment]
        self._all = recording(name)
        self._played = cut(self._all)
        self.events: list[Event] = list(self._all[: self._played])

    @property
    def time(self) -> datetime:
        """When the last event happened."""
        return datetime.fromisoformat(self.events[-1].at)

    @property
    def looked_at(self) -> datetime:
        """When it is looked at: a moment after that."""
        return self.time + timedelta(seconds=1)

    def on(self, cut: Cut | str) -> Story:
        """Let the run go on as it did."""
        cut = MOMENTS[cut][1] if isinstance(cut, str) else cut
        end = cut(self._all)
        self.say(*self._all[self._played : end])
        self._played = end
        return self

    def say(self, *events: Event, seconds: float = 0.2) -> Story:
        """Let other events happen; each that has no time comes so long after the one before."""
        for event in events:
            at = (self.time + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
            self.events.append(event if event.at else msgspec.structs.replace(event, at=at))
        return self

    def ask(self, question: Question, *choices: Choice, seconds: float = 3600.0) -> Story:
        """Let another question be asked; its default is to cancel where that is offered, else the first choice."""
        number = 1 + sum(isinstance(event, e.Asked) for event in self.events)
        default = Choice.CANCEL if Choice.CANCEL in choices else choices[0]
        return self.say(e.Asked(ask=number, question=question, choices=choices, default=default, seconds=seconds))

    def write(self, folder: Path) -> Path:
        """Make the run's folder."""
        folder.mkdir(parents=True, exist_ok=True)
        journal = Journal(folder)
        for event in self.events:
            journal.append(event, sync=False)
        journal.close()
        return folder
