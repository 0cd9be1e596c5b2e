from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from support import processes
from support.wait import until
from ws9tui.adapters import child

ENVIRONMENT = {"PATH": os.environ["PATH"], "GREETING": "hello"}


async def run(
    *command: str, limit: float = 20, text: str | None = None, folder: Path | None = None
) -> child.CommandResult:
    return await child.run(
        command, folder=str(folder) if folder else None, environment=ENVIRONMENT, timeout=limit, text=text
    )


async def test_output_errors_and_status_are_kept_apart(tmp_path: Path) -> None:
    done = await run("sh", "-c", "pwd; echo $GREETING; echo bad >&2; exit 3", folder=tmp_path)
    assert (done.status, done.output, done.errors) == (3, f"{tmp_path}\nhello\n", "bad\n")
    assert done.complete


async def test_a_signal_is_a_negative_status() -> None:
    assert (await run("sh", "-c", "kill -9 $$")).status == -9


async def test_input_is_text_or_nothing() -> None:
    text = "x" * 300_000 + "é"
    assert (await run("cat", text=text)).output == text
    assert (await run("cat")).output == ""
    assert (await run("true", text=text)).status == 0


async def test_lines_are_told_as_they_come() -> None:
    seen: list[str] = []
    script = "printf 'one\\ntw'; printf 'o\\n\\377\\n'; printf rest; echo three >&2"
    await child.run(["sh", "-c", script], folder=None, environment=ENVIRONMENT, timeout=20, on_line=seen.append)
    assert sorted(seen) == ["one", "three", "two", "\ufffd"]


async def test_too_much_output_is_cut_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "OUTPUT_LIMIT", 1000)
    done = await run("sh", "-c", "i=0; while [ $i -lt 500 ]; do echo 123456789; i=$((i+1)); done; exit 4")
    assert (done.status, len(done.output), done.complete) == (4, 1000, False)


async def test_a_command_that_is_not_there() -> None:
    with pytest.raises(FileNotFoundError):
        await run("/nonexistent/compose")


async def test_the_terminal_cannot_reach_it() -> None:
    done = await run(sys.executable, "-c", "import os; print(os.getpid(), os.getsid(0), os.getpgid(0))")
    pid, session, group = (int(number) for number in done.output.split())
    assert pid == session == group != os.getsid(0)


async def test_descriptors_are_inherited_only_if_named(tmp_path: Path) -> None:
    named, other = (os.open(tmp_path / name, os.O_RDWR | os.O_CREAT) for name in ("named", "other"))
    os.set_inheritable(other, True)
    script = f"[ -e /dev/fd/{named} ] && echo named; [ -e /dev/fd/{other} ] && echo other; true"
    done = await child.run(["sh", "-c", script], folder=None, environment=ENVIRONMENT, timeout=20, keep_open=[named])
    os.close(named)
    os.close(other)
    assert done.output == "named\n"


@pytest.mark.parametrize("way", ["timeout", "cancel"])
async def test_what_it_started_ends_with_it(tmp_path: Path, way: str) -> None:
    """Plugins of the docker command lead process groups of their own, and none must go on behind our back."""
    ready = tmp_path / "ready"
    plugin = f"import os, time, pathlib; os.setpgid(0, 0); pathlib.Path({str(ready)!r}).touch(); time.sleep(60)"
    script = f'{sys.executable} -c "{plugin}" & wait'
    task = asyncio.create_task(run("sh", "-c", script, limit=1.5 if way == "timeout" else 60))
    await asyncio.to_thread(until, ready.exists)
    assert processes.select(processes.mentions(str(ready)))
    if way == "cancel":
        task.cancel()
    with pytest.raises(TimeoutError if way == "timeout" else asyncio.CancelledError):
        await task
    assert processes.select(processes.mentions(str(ready))) == []


async def test_what_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_TERM_GRACE", 0.3)
    ready = tmp_path / "ready"
    task = asyncio.create_task(run("sh", "-c", f"trap '' TERM; touch {ready}; while :; do sleep 0.05; done"))
    await asyncio.to_thread(until, ready.exists)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert 0.25 < time.monotonic() - began < 3
    assert processes.select(processes.mentions(str(ready))) == []


async def test_a_cancel_while_the_child_is_started_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = tmp_path / "ready"
    start = asyncio.create_subprocess_exec

    async def started_late(*command: str, **options: Any) -> asyncio.subprocess.Process:  # noqa: ANN401
        process = await start(*command, **options)
        await asyncio.to_thread(until, ready.exists)
        task.cancel()
        await asyncio.sleep(0)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", started_late)
    task = asyncio.create_task(run("sh", "-c", f"trap ': >{ready}.asked; exit' TERM; : >{ready}; while :; do :; done"))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert Path(f"{ready}.asked").exists(), "it was killed before it was asked to end"
    assert processes.select(processes.mentions(str(ready))) == []


async def test_a_second_cancel_kills_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = tmp_path / "ready"
    start, started = asyncio.create_subprocess_exec, []

    async def seen(*command: str, **options: Any) -> asyncio.subprocess.Process:  # noqa: ANN401
        started.append(await start(*command, **options))
        return started[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", seen)
    task = asyncio.create_task(run("sh", "-c", f"trap 'touch {ready}.asked' TERM; touch {ready}; while :; do :; done"))
    await asyncio.to_thread(until, ready.exists)
    began = time.monotonic()
    task.cancel()
    await asyncio.to_thread(until, Path(f"{ready}.asked").exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < child._TERM_GRACE
    assert [process.returncode for process in started] == [-signal.SIGKILL], "a loop may close at once after it"
