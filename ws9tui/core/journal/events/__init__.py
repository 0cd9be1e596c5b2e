"""The events of a run: what the journal holds, one JSON object a line.

`event` (what all have); `run` (of which it is), `survey`, `decisions`, `pulls`, `releases`, `data`, `commit` and
`watch`; `encoding` (of them all). This package has all that they have.

Each event is a frozen struct whose ``type`` is its class name in kebab case (`PullFinished` is `pull-finished`).
Facts that a recovery needs are written and synced before the call that they speak of; progress is throttled where it
arises. Fields may be added with a default; none is renamed or removed, so that old journals stay readable.
No event that is written holds the value of a variable, a credential or a file's content: see
:mod:`ws9tui.core.journal.confidential`.
"""

from ws9tui.core.journal.events.commit import *  # noqa: F403 - an event is named in its own module only
from ws9tui.core.journal.events.data import *  # noqa: F403
from ws9tui.core.journal.events.decisions import *  # noqa: F403
from ws9tui.core.journal.events.encoding import *  # noqa: F403
from ws9tui.core.journal.events.event import *  # noqa: F403
from ws9tui.core.journal.events.pulls import *  # noqa: F403
from ws9tui.core.journal.events.releases import *  # noqa: F403
from ws9tui.core.journal.events.run import *  # noqa: F403
from ws9tui.core.journal.events.survey import *  # noqa: F403
from ws9tui.core.journal.events.watch import *  # noqa: F403
