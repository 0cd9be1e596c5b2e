"""Words of the Release pane."""

from __future__ import annotations

from pathlib import PurePosixPath

from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import MergeConflict
from ws9tui.words.text import clean, plural

WHAT, COUNTS = "Changed here and there", "What counts"
CHOICES = {
    "mine": "yours",
    "release": "the release's",
    "merged": "both, put together",
    "override": "the release's; yours in an override file",
}
FILE, WHERE = "file", "where"
MINE, RELEASE, BEFORE = "yours", "release", "before"
EMPTY = "(empty)"
HIDDEN = "Its values may be secret and are not shown."


def lead(state: RunState) -> str:
    """What the pane is about, now."""
    if state.merge is None:
        return "Putting the release together with what is installed."
    found = plural(len(state.merge.conflicts), "thing")
    return f"{found} changed here and in release {clean(state.merge.version, 40)}. Space changes what counts."


def name(conflict: MergeConflict) -> str:
    """A variable, or a file by its last part."""
    return clean(PurePosixPath(conflict.key).name if conflict.key == conflict.file else conflict.key, 60)
