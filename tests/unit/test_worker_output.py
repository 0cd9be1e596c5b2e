"""What a worker prints goes into a file of its run: also a crash's report has no secret."""

from __future__ import annotations

import io
import traceback

import pytest

from ws9tui.core.model.masking import HIDDEN, Mask
from ws9tui.worker.work import Masked


def test_a_crash_tells_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    mask = Mask()
    mask.learn([("DB_PWD", "correct-horse")])
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", Masked(written, mask))
    try:
        int("correct-horse")
    except ValueError:
        traceback.print_exc()
    assert f"base 10: '{HIDDEN}'\n" in written.getvalue()
