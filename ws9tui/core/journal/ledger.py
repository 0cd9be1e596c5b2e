"""What a run has made and may have to be taken away again, folded from its events.

It is read when a run ends before its commit, rolls back or keeps, and by whoever deals with a run that was killed: then
the journal is all that is left of it. What Compose makes by itself (containers, networks, volumes) is told by what the
generation before has not; what a run records (generations with their keep tags, backups) says itself whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

import msgspec

from ws9tui.core.journal import data_state
from ws9tui.core.journal import events as e
from ws9tui.core.journal.data_state import DataFacts
from ws9tui.core.journal.events import Event
from ws9tui.core.model.plan import Kind, Operation, Plan
from ws9tui.problems.hooks import HookCutShort


class MovedTag(msgspec.Struct, frozen=True):
    """A tag that a commit gives to another image, by their IDs."""

    old: str
    """that had it; empty where none had"""
    new: str


class Ledger(msgspec.Struct, frozen=True):
    """What a run has made."""

    images: dict[str, bool] = {}
    """what it pulled or loaded: repository@digest, or a load tag → whether the image is a new one"""
    tags: dict[str, MovedTag] = {}
    """those that its plan moves"""
    networks: tuple[str, ...] = ()
    """external ones that its plan makes"""
    data: DataFacts = DataFacts()
    """what it has saved and restored"""
    pulls: dict[str, str] = {}
    """reference → the name in `images`"""
    committed: bool = False
    """the project may have changed, so that more than removing what the run has made leads back"""
    hooks: tuple[str, ...] = ()
    """those that have come to an end, by their keys"""
    going_back: bool = False
    """what is pulled from here on is what is gone back to, and stays"""


def after(ledger: Ledger, event: Event) -> Ledger:
    """The ledger after one more event."""
    match event:
        case e.PullStarted(reference=reference, digest=name) if not ledger.going_back:
            images, pulls = {**ledger.images, name: True}, {**ledger.pulls, reference: name}
            return msgspec.structs.replace(ledger, images=images, pulls=pulls)
        case e.PullFinished(reference=reference, new=new) if not ledger.going_back and reference in ledger.pulls:
            return msgspec.structs.replace(ledger, images={**ledger.images, ledger.pulls[reference]: new})
        case e.Planned(plan=plan):
            return planned(ledger, plan)
        case e.CommitStarted() | e.PauseStarted() | e.Superseded():
            return msgspec.structs.replace(ledger, committed=True)
        case e.RollbackStarted():
            return msgspec.structs.replace(ledger, going_back=True)
        case e.HookFinished(key=key, problem=problem) if not isinstance(problem, HookCutShort):
            return msgspec.structs.replace(ledger, hooks=tuple(dict.fromkeys((*ledger.hooks, key))))
        case e.BackupMade() | e.RestoreStarted() | e.RestoreFinished():
            return msgspec.structs.replace(ledger, data=data_state.after(ledger.data, event))
    return ledger


def with_names(ledger: Ledger) -> Ledger:
    """The ledger without images that were here already: they keep the digests by which the registry has them too."""
    images = {name: new for name, new in ledger.images.items() if new or "@" not in name}
    return msgspec.structs.replace(ledger, images=images)


def planned(ledger: Ledger, plan: Plan) -> Ledger:
    """The ledger with what a plan makes; who had a tag first stays known, whichever plan moves it again."""
    tags = {
        operation.subject: MovedTag(_before(operation), operation.detail[0])
        for operation in plan.operations
        if operation.kind is Kind.TAG
    }
    networks = [operation.subject for operation in plan.operations if operation.kind is Kind.NETWORK]
    return msgspec.structs.replace(
        ledger, tags={**tags, **ledger.tags}, networks=tuple(dict.fromkeys((*ledger.networks, *networks)))
    )


def _before(operation: Operation) -> str:
    """Who had a tag; plans of earlier versions had that in their cause alone."""
    return operation.cause.facts.get("old", "") if operation.before is None else operation.before


def fold(events: Iterable[Event]) -> Ledger:
    """The ledger of a run."""
    return reduce(after, events, Ledger())
