"""Maps an error to the outcome of its run, which determines the exit status."""

from __future__ import annotations

from ws9tui.core.model.terms import Outcome
from ws9tui.errors import Busy, Cancelled, NeedsRecovery, Refused, UsageError, Ws9tuiError
from ws9tui.problems.engine import ComposeFileInvalid, ComposeVariableRequired

_BY_CLASS: tuple[tuple[type[Ws9tuiError], Outcome], ...] = (
    (UsageError, Outcome.USAGE),
    (Refused, Outcome.REFUSED),
    (Busy, Outcome.BUSY),
    (NeedsRecovery, Outcome.NEEDS_RECOVERY),
    (Cancelled, Outcome.CANCELLED),
)
NOT_UNDERSTOOD = (ComposeFileInvalid, ComposeVariableRequired)
"""codes by which Compose reports that the project's files are invalid"""


def outcome(error: Ws9tuiError, *, begun: bool) -> Outcome:
    """Returns the outcome of a run that an error has ended.

    ``begun``: the run had begun to fetch images, or more. Before that nothing can have failed: the request was invalid,
    or something refused it.
    """
    for kind, found in _BY_CLASS:
        if isinstance(error, kind):
            return found
    if begun:
        return Outcome.UNCHANGED
    return Outcome.USAGE if isinstance(error.problem, NOT_UNDERSTOOD) else Outcome.REFUSED
