"""Whether anybody is there who can answer, and how long a question waits when nobody is."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ws9tui.core.journal import events as e
from ws9tui.core.journal.presence import ALONE_DEADLINE, Presence, Solitude, seen

HOLDS = """
import sys, time
from pathlib import Path
from ws9tui.core.journal.presence import Presence
held = Presence(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""


def test_somebody_is_there_until_the_last_has_gone(tmp_path: Path) -> None:
    assert not seen(tmp_path)
    first, second = Presence(tmp_path), Presence(tmp_path)
    assert seen(tmp_path)
    first.end()
    assert seen(tmp_path)
    second.end()
    assert not seen(tmp_path)
    second.end()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_a_process_that_is_killed_is_there_no_longer(tmp_path: Path, number: signal.Signals) -> None:
    process = subprocess.Popen([sys.executable, "-c", HOLDS, str(tmp_path)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    assert seen(tmp_path)
    os.kill(process.pid, number)
    process.wait()
    process.stdout.close()
    assert not seen(tmp_path)


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.touch()
    run = tmp_path / "run"
    run.mkdir()
    (run / "attached").symlink_to(other)
    Presence(run).end()
    assert not seen(run)


def test_time_counts_while_a_question_waits_with_nobody_there() -> None:
    alone = Solitude()
    assert alone.look(0.0, there=False, asked=False) is None  # images come
    assert alone.look(1000.0, there=False, asked=True) == e.LeftAlone(seconds=ALONE_DEADLINE)
    assert alone.look(1001.0, there=False, asked=True) is None
    assert not alone.over(1000.0 + ALONE_DEADLINE - 1)
    assert alone.over(1000.0 + ALONE_DEADLINE)
    assert alone.look(1400.0, there=True, asked=True) == e.Joined()
    assert not alone.over(9000.0)
    assert alone.look(1500.0, there=True, asked=True) is None


def test_who_leaves_on_purpose_is_believed_until_somebody_is_there_again() -> None:
    alone = Solitude()
    alone.left()
    assert alone.look(0.0, there=False, asked=True) is None
    assert not alone.over(9000.0)
    assert alone.look(9000.0, there=True, asked=True) is None
    assert alone.look(9001.0, there=False, asked=True) == e.LeftAlone(seconds=ALONE_DEADLINE)
