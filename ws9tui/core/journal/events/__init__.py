"""The events of a run, which the journal holds as one JSON object per line.

`event` (the base class); `run`, `survey`, `decisions`, `pulls`, `releases`, `data`, `commit` and `watch` (the events by
subject); `encoding` (to and from JSON). This package exports the contents of all these modules.

Each event is a frozen struct whose ``type`` is its class name in kebab case (`PullFinished` is `pull-finished`).
Facts that a recovery needs are written and synced before the call that they announce; progress events are throttled by
their emitter. Fields may be added with a default; none is renamed or removed, so that old journals stay readable.
Events are masked before they are written, so no journal contains a secret: see :mod:`ws9tui.core.journal.confidential`.
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
