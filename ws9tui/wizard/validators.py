"""What may be entered where one line is to be filled in."""

from __future__ import annotations

from textual.validation import ValidationResult, Validator

from ws9tui.core.model import mirrors
from ws9tui.core.model.reference import Reference
from ws9tui.errors import UsageError
from ws9tui.words import command_help, problems


class IsReference(Validator):
    """Says of a text whether it can be a tag, a digest or a reference; the registry says what is there."""

    def __init__(self, own: Reference) -> None:
        super().__init__()
        self._own = own

    def validate(self, value: str) -> ValidationResult:
        """Whether it can be one; an empty one means what the files say."""
        if not value.strip():
            return self.success()
        try:
            self._own.asked(value)
        except UsageError as error:
            return self.failure(problems.title(error.problem))
        return self.success()


class IsMirror(Validator):
    """Says of a text whether it can be a mirror; an empty one is none."""

    def validate(self, value: str) -> ValidationResult:
        """Whether it can be one."""
        try:
            mirrors.mirror(value.strip() or "host")
        except UsageError:
            return self.failure(command_help.MIRROR(typed=value.strip()))
        return self.success()
