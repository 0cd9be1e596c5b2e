"""Detects what the terminal supports, without importing anything heavy."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a stream is a terminal; False if it is closed or missing."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # the stream is closed
        return False


def can_show_panes() -> bool:
    """Whether the wizard can run: it reads stdin and draws on stderr, and needs a terminal that is not dumb.

    Stdout must be a terminal too: with a pager at its other end, both would use the same terminal.
    """
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(map(is_terminal, streams)) and os.environ.get("TERM", "") not in ("", "dumb")


def has_colours(stream: TextIO | None) -> bool:
    """Whether a stream supports tables, colours and a progress line, and NO_COLOR is unset (https://no-color.org).

    A terminal type that begins with vt (as on serial lines) counts as colourless.
    """
    term = os.environ.get("TERM", "")
    colourless = term in ("", "dumb", "unknown") or term.startswith("vt")
    return is_terminal(stream) and not colourless and not os.environ.get("NO_COLOR")


def can_ask(*, json: bool) -> bool:
    """Whether questions can be asked line by line; with ``json``, stdout is not available for them."""
    return is_terminal(sys.stdin) and (is_terminal(sys.stderr) or (is_terminal(sys.stdout) and not json))


def asking_stream(*, json: bool) -> TextIO:
    """Returns the stream for questions: stdout if it is a terminal and not used for JSON, else stderr."""
    return sys.stdout if is_terminal(sys.stdout) and not json else sys.stderr


def protect_standard_streams() -> None:
    """Replaces characters that a stream's encoding lacks instead of raising, and opens missing streams on /dev/null.

    A locale without UTF-8 (serial lines, cron) gets '?' for '→', never a traceback.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # closed before the program started
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - for the process's life
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace", line_buffering=True)
