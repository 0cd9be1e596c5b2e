"""A file that has its name only when it is whole."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from ws9tui.core.fs.whole import whole

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture(params=["plain", "no unnamed", "no links"])
def _file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """File systems of three kinds."""
    really_open = os.open

    def opened(path: str | Path, flags: int, *mode: int, dir_fd: int | None = None) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        return really_open(path, flags, *mode, dir_fd=dir_fd)

    def linked(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    if request.param != "plain":
        monkeypatch.setattr(os, "open", opened)
    if request.param == "no links":
        monkeypatch.setattr(os, "link", linked)


@pytest.mark.usefixtures("_file_system")
def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "made"
    with whole(path) as file:
        file.write(b"one")
        assert not path.exists()
        file.publish(overwrite=False)
    assert path.read_bytes() == b"one"
    with whole(path) as file:
        file.write(b"two")
        with pytest.raises(FileExistsError):
            file.publish(overwrite=False)
    assert path.read_bytes() == b"one"
    with whole(path) as file:
        file.write(b"three")
    with whole(path) as file:
        file.write(b"four")
        file.publish(overwrite=True)
    assert path.read_bytes() == b"four"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["made"]


def test_what_a_killed_writer_has_left_is_tidied(tmp_path: Path) -> None:
    (tmp_path / ".made.0123abcd.ws9tui").write_text("half")
    (tmp_path / ".made.of.somebody").write_text("else")
    with whole(tmp_path / "made") as file:
        file.publish(overwrite=False)
    assert {entry.name for entry in tmp_path.iterdir()} == {"made", ".made.of.somebody"}
