"""Texts of the Release pane."""

from __future__ import annotations

from pathlib import PurePosixPath

from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import MergeConflict
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import clean

WHAT, COUNTS = Message("Changed by both"), Message("Use")
CHOICES = {
    "mine": Message("yours", "what counts"),
    "release": Message("the release's", "what counts"),
    "merged": Message("both, merged", "what counts"),
    "override": Message("the release's; yours in an override file", "what counts"),
}
FILE, WHERE = Message("file"), Message("where")
MINE, RELEASE, BEFORE = Message("yours"), Message("release"), Message("original")
EMPTY = Message("(empty)")
AT = Message("{file}, line {line}")
HIDDEN = Message("Its values may be secret and are not shown.")


def lead(state: RunState) -> str:
    """Returns the pane's lead: the number of conflicts, once known."""
    if state.merge is None:
        return say("Merging the release with the installed files.")
    return _CHANGED(len(state.merge.conflicts), version=state.merge.version)


_CHANGED = Plural(
    "{count} conflict: changed by you and by release {version:short}. Press Space to choose.",
    "{count} conflicts: changed by you and by release {version:short}. Press Space to choose.",
)


def name(conflict: MergeConflict) -> str:
    """Returns the name of a conflict: a variable, or a file's base name."""
    return clean(PurePosixPath(conflict.key).name if conflict.key == conflict.file else conflict.key, 60)
