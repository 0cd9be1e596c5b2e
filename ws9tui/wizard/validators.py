"""Validators of input lines: image references and mirrors."""

from __future__ import annotations

from textual.validation import ValidationResult, Validator

from ws9tui.core.model import mirrors
from ws9tui.core.model.reference import Reference
from ws9tui.errors import UsageError
from ws9tui.words import command_help, problems


class IsReference(Validator):
    """Accepts what can be a tag, a digest or a reference; whether it exists, only the registry knows."""

    def __init__(self, own: Reference) -> None:
        super().__init__()
        self._own = own

    def validate(self, value: str) -> ValidationResult:
        """Validates a text; an empty one is valid and means the reference in the files."""
        if not value.strip():
            return self.success()
        try:
            self._own.asked(value)
        except UsageError as error:
            return self.failure(problems.title(error.problem))
        return self.success()


class IsMirror(Validator):
    """Accepts what can be a mirror; an empty text is valid and means none."""

    def validate(self, value: str) -> ValidationResult:
        """Validates a text."""
        try:
            mirrors.mirror(value.strip() or "mirror.example")
        except UsageError:
            return self.failure(command_help.MIRROR(typed=value.strip()))
        return self.success()
