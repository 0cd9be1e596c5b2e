"""The command line as a program of its own: how it is called, and with which environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COMMAND = (sys.executable, "-m", "ws9tui")
ENV = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLORTERM", "FORCE_COLOR")}
ENV |= {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, HERE, HERE.parent))), "TZ": "UTC"}

History = Callable[..., tuple[int, str, str]]
"""a call of `ws9tui history` in this process: its status, and what it writes to either stream"""
