"""The entry point: `ws9tui`, and `python -m ws9tui`."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit status."""
    gc.disable()  # during the imports, as in the worker
    from ws9tui.cli.main import run  # noqa: PLC0415 - an interrupt during the imports is an interrupt, no traceback

    gc.freeze()
    gc.enable()
    return run(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
