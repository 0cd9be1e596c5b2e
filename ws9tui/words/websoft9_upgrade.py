"""What the stand-in for Websoft9's own upgrade says besides what every run does.

The head of a line, its levels, the keys and the first line of the last block, and the last line of `detect` are
upstream's, which programs read: they are the same in every language. All else is said in the reader's.
"""

from __future__ import annotations

from ws9tui.problems.problem import Problem
from ws9tui.problems.release import Websoft9Legacy
from ws9tui.words.template import Message

HEAD = "[Websoft9][{at}][{level:<5}] {text}"
RULE = "=" * 60
UPGRADED = "Websoft9 upgrade completed successfully"
CURRENT = "Websoft9 is up to date"

UNATTENDED = Message(
    "there is no terminal to confirm the upgrade on, and nothing was changed; add --yes to upgrade, or --dry-run to see"
    " the plan"
)
NO_EFFECT = Message("{flag} is accepted and has no effect")
TARGET = Message("The target is {version:short}; its image is verified and pinned, whatever the tag 'latest' is now")

_MIGRATION = (
    Message("Websoft9's own script would migrate it to the modern layout. ws9tui migrates nothing."),
    Message("To get the newest release of the legacy layout, with a way back: <update-legacy>."),
    Message("To see what a migration would meet on this server: <doctor>."),
)


def next_steps(problem: Problem | None) -> list[str]:
    """What to do on a host that cannot be upgraded as it is, besides what is said of it everywhere."""
    if not isinstance(problem, Websoft9Legacy):
        return []
    return [part(project=problem.project) for part in _MIGRATION]
