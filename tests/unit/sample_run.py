"""A recorded update in pieces, for a test that plays the worker itself: its journal, its claim, and what it says."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

import recordings
from recordings import Cut, after, open_at, recording
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.journal import Journal, Reader
from ws9tui.core.model.terms import Choice, Question, Verb
from ws9tui.core.store.store import Store

_RUN = tuple(msgspec.structs.replace(event, at="") for event in recording("shop"))
"""it happens when it is written"""
AT = recording("shop")[-1].at
_CUTS: tuple[Cut, ...] = (
    open_at(Question.SELECT),
    open_at(Question.CONFIRM),
    after(e.WatchStarted),
    open_at(Question.OUTCOME),
    recordings.whole,
)
_LOOKED, PREPARED, COMMITTED, WELL, KEPT = (
    _RUN[begin:end] for begin, end in pairwise((0, *(cut(_RUN) for cut in _CUTS)))
)
"""until it asks what to update, whether to do it, until it watches, asks whether to keep it, and has ended"""
SELECT, VERSIONS, CONFIRM, OUTCOME = (event for event in _RUN if isinstance(event, e.Asked))
PLAN = next(event.plan for event in _RUN if isinstance(event, e.Planned))
NEW = next(event.image_id for event in _RUN if isinstance(event, e.PullFinished))
OLD = next(event.service.image_id for event in _RUN if isinstance(event, e.ServiceObserved))


class Played:
    """A run in a state directory, written by the test."""

    def __init__(self, store: Store, *, live: bool = True) -> None:
        self.folder = store.new_run()
        self._journal = Journal(self.folder)
        self._reader = Reader(self.folder)
        self._claim: Journal | None = None
        if live:
            self._claim = Journal(self.folder)
            assert self._claim.claim()

    def say(self, *happened: Event) -> None:
        """Write what the worker would."""
        for event in happened:
            self._journal.append(event, sync=False)

    def decisions(self) -> list[e.Decision]:
        """Return what front ends decided since the last call."""
        return [event for event in self._reader.read() if isinstance(event, e.Decision)]

    def die(self) -> None:
        """End as a killed worker does: without a word."""
        if self._claim:
            self._claim.close()
            self._claim = None

    def close(self) -> None:
        """Let go of everything."""
        self.die()
        self._journal.close()
        self._reader.close()


def recorded(store: Store, *happened: Event) -> Path:
    """Write a run of which nothing goes on; returns its folder."""
    played = Played(store, live=False)
    played.say(*happened)
    played.close()
    return played.folder


def _of(
    events: Iterable[Event], name: str, number: int = 7, verb: Verb = Verb.UPDATE, folder: Path | str = "/srv/shop"
) -> list[Event]:
    """The events as those of another project's run."""
    told = list(events)
    for place, event in enumerate(told):
        if isinstance(event, e.ProjectFound):
            files = (f"{folder}/compose.yml",)
            source = msgspec.structs.replace(event.source, name=name, folder=str(folder), files=files)
            told[place] = msgspec.structs.replace(event, source=source, number=number, verb=verb)
        elif isinstance(event, e.RunRequested):
            told[place] = msgspec.structs.replace(event, verb=verb)
    return told


def looked(name: str = "shop", **of: Any) -> list[Event]:  # noqa: ANN401 - as `_of` has them
    """What a run says until it waits for a selection: git has an update, db has none, cache cannot be selected."""
    return _of(_LOOKED, name, **of)


def committed(**of: Any) -> list[Event]:  # noqa: ANN401 - as `_of` has them
    """What it says until it watches."""
    return [*looked(**of), *PREPARED, *COMMITTED]


def whole(name: str = "shop", **of: Any) -> list[Event]:  # noqa: ANN401 - as `_of` has them
    """A whole update."""
    return _of(_RUN, name, **of)


def asked(
    ask: int, question: Question, *choices: Choice, seconds: float = 0.0, default: Choice | None = None
) -> e.Asked:
    """A question that another run would ask."""
    return e.Asked(ask=ask, question=question, choices=choices, default=default or choices[0], seconds=seconds)


def watched(verdict: str) -> e.ServiceWatched:
    """How a recreated service is judged."""
    found = [event for event in recording("rolled-back") if isinstance(event, e.ServiceWatched)]
    judged = next(event for event in found if event.verdict == verdict)
    return msgspec.structs.replace(judged, service="git", container="shop-git-1")
