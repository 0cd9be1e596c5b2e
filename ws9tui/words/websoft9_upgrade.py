"""The texts that only the drop-in replacement of Websoft9's own upgrade command prints.

The head of a line, its levels, the keys and the first line of the final block, and the last line of `detect` are
upstream's, which programs parse: they are the same in every language. All other text is translated.
"""

from __future__ import annotations

from ws9tui.problems.problem import Problem
from ws9tui.problems.release import Websoft9Legacy
from ws9tui.problems.upgrade import ReleaseVersionOther
from ws9tui.words.template import Message

HEAD = "[Websoft9][{at}][{level:<5}] {text}"
RULE = "=" * 60
UPGRADED = "Websoft9 upgrade completed successfully"
CURRENT = "Websoft9 is up to date"

UNATTENDED = Message(
    "There is no terminal to confirm the upgrade on; nothing was changed. Add --yes to upgrade, or --dry-run to see the"
    " plan"
)
NO_EFFECT = Message("{flag} is accepted and has no effect")
TARGET = Message(
    "The latest release is {version:short}. Its image is verified by digest, and .env names that version, not the tag"
    " 'latest'"
)

_MIGRATION = (
    Message("Websoft9's own script would migrate it to the modern layout; ws9tui never migrates."),
    Message("To update it to the last release of its layout, with a way to roll back: <update-legacy>."),
    Message("To see what a migration would meet on this server: <doctor>."),
    Message("Before you run Websoft9's script, save the whole project: <backup>."),
)
_NEWEST = Message(
    "Only the latest release is published there. To change the image alone: <update-product>. If that version is"
    " published elsewhere, set W9_ARTIFACT_BASE."
)


def next_steps(problem: Problem | None, path: str) -> list[str]:
    """Returns what to do after a refused upgrade, besides the problem's own remedy."""
    match problem:
        case Websoft9Legacy():
            return [part(project=problem.project) for part in _MIGRATION]
        case ReleaseVersionOther(expected=wanted):
            return [_NEWEST(project=path, wanted=wanted)]
    return []
