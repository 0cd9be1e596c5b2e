"""Extended attributes and holes behind the engine's adapter: what cannot be seen, and what cannot be put back."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from docker import APIClient

from ws9tui.adapters.engine import data as engine_data
from ws9tui.adapters.engine import file_extras
from ws9tui.adapters.engine.calls import Calls
from ws9tui.adapters.engine.data import EngineData
from ws9tui.core.fs.xattrs import Extras
from ws9tui.errors import EngineError

T = TypeVar("T")
WANTED = [Extras(b"file", {"user.mark": b"1"})]


class Client:
    """What `_seen` asks of the SDK's client: an engine behind a socket of this machine, with one mount."""

    base_url = "http+docker://localhost"
    source = ""

    def inspect_container(self, _: str) -> dict[str, Any]:
        return {"Mounts": [{"Source": self.source, "Destination": "/ws9tui/0"}]}


async def _call(call: str, work: Callable[[APIClient], T], *, within: float | None = None) -> T:
    assert call
    assert within is None or within > 0
    return work(cast("APIClient", Client()))


def failing(number: int) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number), "file")

    return fail


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A mount's folder, of which the engine says what is true."""
    (tmp_path / "file").touch()
    status = tmp_path.stat()
    said = {"mode": status.st_mode & 0o777, "size": status.st_size, "mtime": engine_time(status.st_mtime_ns)}
    monkeypatch.setattr(Client, "source", str(tmp_path))
    monkeypatch.setattr(engine_data, "sent", lambda *_: said)
    monkeypatch.setattr(engine_data, "_stat", lambda answer: answer)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return tmp_path


def engine_time(nanoseconds: int) -> str:
    """A time as Go writes it, two hours east of Greenwich."""
    seconds, rest = divmod(nanoseconds, 10**9)
    local = datetime.fromtimestamp(seconds + 7200, UTC)
    return f"{local:%Y-%m-%dT%H:%M:%S}.{rest:09}+02:00"


async def test_an_engine_may_be_silent_for_long_while_it_deletes(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(engine_data, "sent", lambda *_, timeout, **__: waited.append(timeout))
    await EngineData(cast("Calls", _call)).empty("id", "/ws9tui/0")
    assert waited[0] > 24 * 3600


async def test_the_folder_that_the_engine_tells_of_is_seen(folder: Path) -> None:
    data = EngineData(cast("Calls", _call))
    assert await data.sees("id", "/ws9tui/0")
    assert await data.put_extras("id", "/ws9tui/0", WANTED) == tuple(WANTED)
    assert await data.extras("id", "/ws9tui/0") == tuple(WANTED)
    assert os.getxattr(folder / "file", "user.mark") == b"1"


@pytest.mark.parametrize("other", ["time", "mount", "absent", "user", "tcp"])
async def test_another_folder_of_the_same_name_is_not(
    folder: Path, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    path = "/ws9tui/0"
    if other == "time":
        os.utime(folder, ns=(0, folder.stat().st_mtime_ns - 1000))
    elif other == "mount":
        path = "/ws9tui/1"
    elif other == "absent":
        monkeypatch.setattr(Client, "source", str(folder / "gone"))
    elif other == "user":
        monkeypatch.setattr(os, "geteuid", lambda: 1000)
    else:
        monkeypatch.setattr(Client, "base_url", "http://127.0.0.1:2375")
    data = EngineData(cast("Calls", _call))
    assert not await data.sees("id", path)
    assert await data.extras("id", path) is None
    assert await data.put_extras("id", path, WANTED) is None


async def test_what_cannot_be_read_or_put_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = EngineData(cast("Calls", _call))
    monkeypatch.setattr(file_extras, "scan", failing(errno.EACCES))
    assert await data.extras("id", "/ws9tui/0") is None
    monkeypatch.setattr(file_extras, "apply", failing(errno.ENOTSUP))
    assert await data.put_extras("id", "/ws9tui/0", WANTED) is None, "another file system, which has none"
    monkeypatch.setattr(file_extras, "apply", failing(errno.ENOSPC))
    with pytest.raises(EngineError) as failed:
        await data.put_extras("id", "/ws9tui/0", WANTED)
    assert failed.value.problem.code == "extras-failed"
    assert failed.value.problem.facts == {"path": str(folder), "reason": "No space left on device"}
