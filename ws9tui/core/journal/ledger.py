"""What a run has created and may have to clean up: images, tags, networks, backups; folded from the run's events.

The ledger is used when a run ends before its commit, rolls back or keeps, and to recover a killed run, of which only
the journal is left. What Compose creates by itself (containers, networks, volumes) is found by comparison with the
generation before; records of a run (generations with their keep tags, backups) name their run themselves.
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
    """A tag that a commit moves from one image ID to another."""

    old: str
    """the image that had the tag; empty if none had"""
    new: str


class Ledger(msgspec.Struct, frozen=True):
    """What a run has created."""

    images: dict[str, bool] = {}
    """pulled or loaded images: repository@digest or load tag → whether the run brought the image"""
    tags: dict[str, MovedTag] = {}
    """tags that the plan moves"""
    networks: tuple[str, ...] = ()
    """external networks that the plan creates"""
    data: DataFacts = DataFacts()
    """backups and restores"""
    pulls: dict[str, str] = {}
    """reference → its name in `images`"""
    committed: bool = False
    """whether the project may have changed, so that cleaning up does not suffice to undo the run"""
    hooks: tuple[str, ...] = ()
    """keys of the hooks that have ended"""
    going_back: bool = False
    """whether a rollback has begun: images pulled from then on belong to its target, and stay"""


def after(ledger: Ledger, event: Event) -> Ledger:
    """Returns the ledger after one more event."""
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
    """Returns the ledger without pulled images that were here before, so that they keep their new digest references."""
    images = {name: new for name, new in ledger.images.items() if new or "@" not in name}
    return msgspec.structs.replace(ledger, images=images)


def planned(ledger: Ledger, plan: Plan) -> Ledger:
    """Returns the ledger with the tags and networks of a plan; an earlier plan's entry for the same tag is kept."""
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
    """Returns the ID of the image that had a tag; plans of earlier versions have it in the operation's cause only."""
    return operation.cause.facts.get("old", "") if operation.before is None else operation.before


def fold(events: Iterable[Event]) -> Ledger:
    """Returns the ledger of a run."""
    return reduce(after, events, Ledger())
