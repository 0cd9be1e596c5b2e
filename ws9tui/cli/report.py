"""`ws9tui history RUN --report FILE`: writes a run's report to a file, or as Markdown to stdout."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ws9tui.cli import report_html, report_markdown
from ws9tui.cli.output import Writer
from ws9tui.cli.values import HTML
from ws9tui.core.fs.whole import whole
from ws9tui.core.journal.events import Event
from ws9tui.core.store.store import RunRecord
from ws9tui.errors import StateError, UsageError
from ws9tui.problems.files import FileUnwritable, ReportExists
from ws9tui.words import report as words


def write(out: Writer, record: RunRecord, events: Sequence[Event], path: str) -> int:
    """Writes the report of a run; raises `UsageError` if the file exists, `StateError` if it cannot be written."""
    report = words.report(record, events)
    if path == "-":
        for line in report_markdown.written(report).splitlines():
            out.whole(line)
        return 0
    as_html = Path(path).suffix.lower() in HTML
    _put(Path(path), (report_html if as_html else report_markdown).written(report).encode())
    out.line(words.WRITTEN(path=path))
    return 0


def _put(path: Path, content: bytes) -> None:
    """Writes a file with mode 0600, visible only once it is complete; never replaces an existing file or link."""
    try:
        with whole(path) as file:
            file.write(content)
            os.fsync(file.fd)
            file.publish(overwrite=False)
    except FileExistsError as error:
        raise UsageError(ReportExists(path=str(path))) from error
    except OSError as error:
        raise StateError(FileUnwritable(path=str(path), reason=error.strerror)) from error
