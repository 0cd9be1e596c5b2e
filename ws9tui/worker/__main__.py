"""`python -m ws9tui.worker STATE RUN`: starts the work, in a process of its own."""

from __future__ import annotations

import gc

if __name__ == "__main__":
    gc.disable()  # until all is imported: a fifth of that time is a search for what nothing uses, where all is used
    from ws9tui.worker.work import main

    main()
