"""Extended attributes and holes of files, read and put back."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from ws9tui.adapters.engine import file_extras
from ws9tui.core.fs import xattrs
from ws9tui.core.fs.xattrs import Extras

MARK = "user.mark"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "below" / "deep").mkdir(parents=True)
    (root / "plain").write_text("plain")
    try:
        os.setxattr(root / "plain", MARK, b"")
        os.removexattr(root / "plain", MARK)
    except OSError:
        pytest.fail(f"the file system of {tmp_path} has no extended attributes: name another with --basetemp")
    return root


def sparse(path: Path, size: int, *written: int) -> None:
    """Write a file that has a block of data at each of these offsets."""
    with path.open("wb") as file:
        file.truncate(size)
        for offset in written:
            file.seek(offset)
            file.write(b"x" * 4096)


def test_plain_files_have_no_extras(folder: Path) -> None:
    (folder / "empty").touch()
    (folder / "link").symlink_to("nowhere")
    os.mkfifo(folder / "pipe")
    assert file_extras.scan(str(folder)) == ()


def test_extended_attributes_come_back_and_no_others_stay(folder: Path) -> None:
    name = os.fsdecode(b"not \xff UTF-8")
    (folder / "below" / name).touch()
    for path, value in ((folder, b"\0\xff"), (folder / "below" / "deep", b"deep"), (folder / "below" / name, b"")):
        os.setxattr(path, MARK, value)
    before = file_extras.scan(str(folder))
    assert [one.path for one in before] == [b"", b"below/deep", b"below/not \xff UTF-8"]
    assert xattrs.decode(xattrs.encode(before)) == before

    os.setxattr(folder, MARK, b"another")
    os.setxattr(folder / "plain", MARK, b"of nobody")
    os.removexattr(folder / "below" / "deep", MARK)
    assert not xattrs.same_xattrs(before, file_extras.scan(str(folder)))
    file_extras.apply(str(folder), before)
    assert file_extras.scan(str(folder)) == before


@pytest.mark.parametrize("written", [(), (0,), (1 << 20,), ((2 << 20) - 4096,), (0, 1 << 20)])
def test_holes_come_back_and_times_stay(folder: Path, written: tuple[int, ...]) -> None:
    path = folder / "below" / "sparse"
    sparse(path, 2 << 20, *written)
    before = file_extras.scan(str(folder))
    content = path.read_bytes()
    path.write_bytes(content)
    assert file_extras.scan(str(folder)) == ()
    assert xattrs.filled(before, ()) == 1

    os.utime(path, ns=(1_600_000_000_000_000_001, 1_600_000_000_000_000_002))
    times = path.stat()
    file_extras.apply(str(folder), before)
    assert file_extras.scan(str(folder)) == before
    assert xattrs.filled(before, before) == 0
    assert (path.stat().st_atime_ns, path.stat().st_mtime_ns) == (times.st_atime_ns, times.st_mtime_ns)
    assert path.read_bytes() == content


def test_a_file_of_another_size_is_left_alone(folder: Path) -> None:
    path = folder / "sparse"
    sparse(path, 1 << 20)
    before = file_extras.scan(str(folder))
    path.write_bytes(b"x" * 5000)
    file_extras.apply(str(folder), before)
    assert path.read_bytes() == b"x" * 5000
    assert xattrs.filled(before, file_extras.scan(str(folder))) == 1


def test_symbolic_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    sparse(outside / "file", 1 << 20)
    os.setxattr(outside / "file", MARK, b"theirs")
    (folder / "file").symlink_to(outside / "file")
    (folder / "folder").symlink_to(outside)
    assert file_extras.scan(str(folder)) == ()
    # What was a file when it was saved is a link by now, which somebody else has made.
    with pytest.raises(OSError, match="not permitted"):
        file_extras.apply(str(folder), [Extras(b"file", {MARK: b"ours"})])
    with pytest.raises(OSError, match="symbolic links"):
        file_extras.apply(str(folder), [Extras(b"file", {}, (), 1 << 20)])
    file_extras.apply(str(folder), [Extras(b"folder/file", {MARK: b"ours"})])
    assert os.getxattr(outside / "file", MARK) == b"theirs"


def test_a_file_system_without_them_has_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sparse(folder / "sparse", 1 << 20)
    wanted = file_extras.scan(str(folder))
    (folder / "sparse").write_bytes(bytes(1 << 20))

    def refused(*_: object, **__: object) -> list[str]:
        raise OSError(errno.ENOTSUP, os.strerror(errno.ENOTSUP))

    monkeypatch.setattr(os, "listxattr", refused)
    monkeypatch.setattr(file_extras, "_fallocate", lambda: lambda *_: -1)
    monkeypatch.setattr("ctypes.get_errno", lambda: errno.EOPNOTSUPP)
    file_extras.apply(str(folder), wanted)
    assert xattrs.filled(wanted, file_extras.scan(str(folder))) == 1
    monkeypatch.setattr("ctypes.get_errno", lambda: errno.ENOSPC)
    with pytest.raises(OSError, match="No space"):
        file_extras.apply(str(folder), wanted)


def test_what_belongs_to_the_data() -> None:
    names = ("user.a", "trusted.overlay.opaque", "security.other", "system.posix_acl_default", "btrfs.compression")
    assert [name for name in names if xattrs.is_of_data(name)] == list(names[:4])
    assert not xattrs.is_of_data("security.capability"), "the archive has it"
    assert not xattrs.is_of_data("security.selinux"), "the machine gives it"
