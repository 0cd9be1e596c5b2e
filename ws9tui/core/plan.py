"""The plan: what will change, in order, each operation with its cause.

A plan is a pure function of what is desired and what was observed (`make`, below); it prints as text by the
wording module, and that text is what the operator confirms. It also holds what it was made from (`Binding`), which
the commit compares before it changes anything.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from ws9tui.errors import Problem


class Kind(StrEnum):
    """What an operation does."""

    WRITE = "write"
    """put a file of the project in place"""
    TAG = "tag"
    """give an image the tag that Compose looks for"""
    RECREATE = "recreate"
    CREATE = "create"
    """make and start a container where there was none"""
    PREPARE = "prepare"
    """make or recreate a container without starting it, because it was not running"""
    START = "start"
    """start a container that the generation has running"""
    RESTART = "restart"
    STOP = "stop"
    """stop a container that the generation does not have running"""
    REMOVE = "remove"
    """remove a container that the generation does not have"""


class Operation(msgspec.Struct, frozen=True):
    """One operation; ``wave`` 0 comes before all containers, then the waves in dependency order."""

    kind: Kind
    subject: str
    """a service, a file's path, or an image reference"""
    cause: Problem
    wave: int = 0
    containers: tuple[str, ...] = ()
    """names of the containers that it stops"""
    detail: tuple[str, ...] = ()
    """lines of a changed file, as '-old' and '+new' (never with a secret), or an image ID"""


class Loss(msgspec.Struct, frozen=True):
    """What a recreate takes away or moves: files in the container's own layer, an anonymous volume."""

    service: str
    problem: Problem
    paths: tuple[str, ...] = ()


class Binding(msgspec.Struct, frozen=True):
    """What the plan was made from; a difference at commit means a new plan."""

    images: dict[str, str] = {}
    """service → image ID"""
    digests: dict[str, str] = {}
    """service → repository digest"""
    hashes: dict[str, str] = {}
    """service → config hash after the plan's edits"""
    files: dict[str, str] = {}
    """path → SHA-256 of its content before the commit; empty for a file that is not there"""
    containers: dict[str, str] = {}
    """container ID → its state"""


class Plan(msgspec.Struct, frozen=True):
    """All that a commit will do."""

    before: int
    after: int
    operations: tuple[Operation, ...] = ()
    followers: dict[str, str] = {}
    """service that was not selected → the selected one that it must follow"""
    losses: tuple[Loss, ...] = ()
    notes: tuple[Problem, ...] = ()
    """what the operator should know besides: orphans, containers of other projects that lose a network, …"""
    downtime: dict[str, float] = {}
    """service → about how many seconds it will be away"""
    measured: bool = False
    """whether ``downtime`` comes from earlier runs of this project rather than from stop grace periods"""
    binding: Binding = Binding()

    @property
    def waves(self) -> tuple[tuple[Operation, ...], ...]:
        """The operations by wave, without empty ones."""
        numbers = sorted({operation.wave for operation in self.operations})
        return tuple(
            tuple(operation for operation in self.operations if operation.wave == number) for number in numbers
        )

    @property
    def services(self) -> tuple[str, ...]:
        """The services whose containers it touches, in order."""
        return tuple(operation.subject for operation in self.operations if operation.kind not in (Kind.WRITE, Kind.TAG))
