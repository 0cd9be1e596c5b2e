"""Hooks: commands of a project that a run executes before its commit and at its end."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from ws9tui.problems.problem import Problem, Reason


class When(StrEnum):
    """When a hook is run."""

    BEFORE_COMMIT = "before_commit"
    """when the plan is confirmed and nothing has changed yet"""
    DUMP = "dump"
    """after that, where the service's data is saved in this run: the service still runs"""
    AFTER_KEEP = "after_keep"
    """when a new generation is kept"""
    AFTER_ROLLBACK = "after_rollback"
    """when an earlier generation runs again"""


BEFORE = (When.BEFORE_COMMIT, When.DUMP)
"""those that may stop a run"""
NOTICE = "notice"
"""stands for a hook's key in the mark of a command that is told of a run"""
LIMITS = {When.DUMP: 600.0}
LIMIT = 60.0
"""seconds for those that have no limit of their own"""


class Ran(msgspec.Struct, frozen=True):
    """What became of a command."""

    status: int | None = None
    """None where it did not end in time, or was never begun"""
    output: str = ""
    """the end of what it printed"""
    reason: Reason | str = ""
    """why it could not be run"""


class Hook(msgspec.Struct, frozen=True):
    """One hook."""

    when: When
    command: tuple[str, ...] = ()
    """the words, variables filled in; empty in a plan, since they may be secret"""
    service: str = ""
    """of which; empty for the whole project"""
    host: bool = False
    """run on this machine, else in the service's container"""
    seconds: float = LIMIT
    """that it may take"""
    warns: bool = False
    """a failure is told and stops nothing"""
    written: str = ""
    """the command as the file has it, which may be shown"""
    file: str = ""
    line: int = 0
    doubt: Problem | None = None
    """why it is not run on this machine: somebody else can change what it does"""

    @property
    def key(self) -> str:
        """As `hook_key`."""
        return hook_key(self.when, self.service)

    @property
    def for_plan(self) -> Hook:
        """The same without the values of variables."""
        return msgspec.structs.replace(self, command=())


def hook_key(when: When, service: str) -> str:
    """What tells a hook from a project's others."""
    return f"{when} {service}".rstrip()


def process_mark(run: str, key: str) -> str:
    """What tells the processes of a run's hook from all others."""
    return f"{run} {key}"
