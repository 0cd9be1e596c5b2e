"""Hooks: commands of a project that a run executes before its commit and at its end."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from ws9tui.problems.problem import Problem, Reason


class When(StrEnum):
    """The point of a run at which a hook is executed."""

    BEFORE_COMMIT = "before_commit"
    """after the plan is confirmed, before anything is changed"""
    DUMP = "dump"
    """after that, if the service's data is backed up in this run, while the service still runs"""
    AFTER_KEEP = "after_keep"
    """after a new generation is kept"""
    AFTER_ROLLBACK = "after_rollback"
    """after a rollback, when the earlier generation runs again"""


BEFORE = (When.BEFORE_COMMIT, When.DUMP)
"""points at which a failing hook may stop a run"""
NOTICE = "notice"
"""used in place of a hook's key in the process mark of a notification command"""
LIMITS = {When.DUMP: 600.0}
LIMIT = 60.0
"""default timeout in seconds"""


class Ran(msgspec.Struct, frozen=True):
    """The result of a command."""

    status: int | None = None
    """exit status; None if it did not end in time, or was never started"""
    output: str = ""
    """the end of its output"""
    reason: Reason | str = ""
    """why it could not be run"""


class Hook(msgspec.Struct, frozen=True):
    """One hook."""

    when: When
    command: tuple[str, ...] = ()
    """the arguments, variables interpolated; empty in a plan, since they may be secret"""
    service: str = ""
    """its service; empty for the whole project"""
    host: bool = False
    """run on this machine, else in the service's container"""
    seconds: float = LIMIT
    """timeout"""
    warns: bool = False
    """whether a failure only causes a warning"""
    written: str = ""
    """the command as written in the file, which may be shown"""
    file: str = ""
    line: int = 0
    doubt: Problem | None = None
    """why it must not run on this machine: other users can change its effect"""

    @property
    def key(self) -> str:
        """The hook's key (`hook_key`)."""
        return hook_key(self.when, self.service)

    @property
    def for_plan(self) -> Hook:
        """The hook without its command, whose variables may be secret."""
        return msgspec.structs.replace(self, command=())


def hook_key(when: When, service: str) -> str:
    """Returns a key that is unique among a project's hooks."""
    return f"{when} {service}".rstrip()


def process_mark(run: str, key: str) -> str:
    """Returns the mark that identifies the processes of a run's hook."""
    return f"{run} {key}"
