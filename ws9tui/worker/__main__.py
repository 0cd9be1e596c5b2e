"""`python -m ws9tui.worker STATE RUN`: the entry point of a run's worker process."""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # until everything is imported: collection would take a fifth of that time and find no garbage
    from ws9tui.worker.work import main

    main()
