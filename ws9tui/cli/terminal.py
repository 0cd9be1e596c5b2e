"""What kind of terminal there is, decided before anything heavy is imported."""

from __future__ import annotations

import os
import sys
from typing import TextIO


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody can be at the other end of a stream."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # it is closed
        return False


def can_show_panes() -> bool:
    """Whether the wizard can run: it reads stdin and draws on stderr, and a dumb terminal shows only its escapes.

    Where stdout leads elsewhere, lines are wanted there: a pager at its other end has the terminal as well.
    """
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(map(is_terminal, streams)) and os.environ.get("TERM", "") not in ("", "dumb")


def has_colours(stream: TextIO | None) -> bool:
    """Whether tables, colours and a line that moves can be shown there, and are not refused (https://no-color.org).

    What calls itself a VT (serial lines do) has no colours.
    """
    term = os.environ.get("TERM", "")
    colourless = term in ("", "dumb", "unknown") or term.startswith("vt")
    return is_terminal(stream) and not colourless and not os.environ.get("NO_COLOR")


def can_ask(*, json: bool) -> bool:
    """Whether questions can be asked line by line; with ``json``, stdout is not there for them."""
    return is_terminal(sys.stdin) and (is_terminal(sys.stderr) or (is_terminal(sys.stdout) and not json))


def asking_stream(*, json: bool) -> TextIO:
    """Where questions are written: where somebody reads."""
    return sys.stdout if is_terminal(sys.stdout) and not json else sys.stderr


def protect_standard_streams() -> None:
    """Makes output that a terminal's encoding lacks readable instead of an error, and missing streams harmless.

    A locale without UTF-8 (serial lines, cron) gets '?' for '→', never a traceback.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # it was closed before we came
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - for the process's life
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace", line_buffering=True)
