"""Reads, hashes and atomically replaces files: at every instant either the old or the new content is there."""

from __future__ import annotations

import errno
import grp
import hashlib
import os
import pwd
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path

import msgspec

from ws9tui.core.fs import places
from ws9tui.core.fs import xattrs as extras
from ws9tui.errors import StateError
from ws9tui.problems.files import FileForbidden, FileSpecial, FileTooLarge, FileUnreadable, FileUnwritable

LARGEST = 256 * 1024 * 1024
"""maximum bytes of a file that is read as part of a project"""
_LABEL = "security.selinux"
_NULL = Path("/dev/null")
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class Attributes(msgspec.Struct, frozen=True):
    """The metadata of a file that a replacement preserves."""

    mode: int
    """the permission bits"""
    uid: int
    gid: int
    xattrs: dict[str, bytes] = {}
    """extended attributes, including ACLs"""


def read(path: str | Path) -> bytes | None:
    """Returns the content of a file; None if there is no such file; raises `StateError` if it cannot be read."""
    with _open(path) as file:
        return None if file is None else file.read()


def regular(path: str | Path, most: int) -> bytes:
    """Returns the content of a regular file of at most ``most`` bytes; raises `OSError` for anything else."""
    with open(os.open(path, _READ), "rb") as file:  # noqa: PTH123 - it is a descriptor
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return content


def exists(path: str | Path) -> bool:
    """Whether a path exists, as far as this user may see; pathlib raises `OSError` where that is not far enough."""
    return os.path.exists(path)  # noqa: PTH110


def is_file(path: str | Path) -> bool:
    """Whether a path leads to a regular file, as `exists`."""
    return os.path.isfile(path)  # noqa: PTH113


def is_folder(path: str | Path) -> bool:
    """Whether a path leads to a folder, as `exists`."""
    return os.path.isdir(path)  # noqa: PTH112


def sha256(path: str | Path) -> str:
    """Returns the SHA-256 of a file's content; empty if there is no such file; raises `StateError`."""
    with _open(path) as file:
        return "" if file is None else hashlib.file_digest(file, "sha256").hexdigest()


def hashes(paths: Iterable[str]) -> dict[str, str]:
    """Returns the SHA-256 of each file, as `sha256`."""
    return {path: sha256(path) for path in paths}


@contextmanager
def _open(path: str | Path) -> Iterator[BufferedReader | None]:
    """Opens a file to read; None if there is none. Raises `StateError` for FIFOs, devices, too large files."""

    def opened(name: str, _flags: int) -> int:
        handle = os.open(name, _READ)
        found = os.fstat(handle)
        allowed = stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode) or os.path.samestat(found, _NULL.stat())
        if allowed and found.st_size <= LARGEST:
            return handle
        os.close(handle)
        if allowed:
            raise StateError(FileTooLarge(path=str(path), size=found.st_size, most=LARGEST))
        raise StateError(FileSpecial(path=str(path)))

    try:
        with open(path, "rb", opener=opened) as file:
            yield file
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        yield None
    except OSError as error:
        raise unreadable(path, error) from error


def there(path: str | Path) -> bool:
    """Whether a file or folder exists; raises `StateError` if that cannot be told, as in a folder that is closed."""
    try:
        os.stat(path)  # noqa: PTH116 - a path or a text
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise unreadable(path, error) from error
    return True


def unreadable(path: str | Path, error: OSError) -> StateError:
    """Returns the error for a file that cannot be read: which permission is missing, on which file or folder."""
    if error.errno != errno.EACCES:
        return StateError(FileUnreadable(path=str(path), reason=error.strerror))
    target = Path(places.real(path))
    closed = (part for part in reversed(target.parents) if not os.access(part, os.X_OK, effective_ids=True))
    part = next(closed, target)
    right = "enter" if part != target else "read"
    forbidden = FileForbidden(path=str(path), user=user(os.geteuid()), part=str(part), right=right)
    with suppress(OSError):
        found = part.stat()
        forbidden = forbidden.replace(owner=user(found.st_uid), mode=f"{stat.S_IMODE(found.st_mode):04o}")
    return StateError(forbidden)


def user(uid: int) -> str:
    """Returns a user's name, or the number if the user has no name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group(gid: int) -> str:
    """Returns a group's name, or the number if the group has no name."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)


def attributes(path: str | Path) -> Attributes:
    """Returns a file's attributes; raises `OSError`."""
    return _attributes(os.open(path, _READ))


def attributes_in(folder: int, name: str) -> Attributes:
    """Returns the attributes of a file in an open folder, without following a link; raises `OSError`."""
    return _attributes(os.open(name, _READ | os.O_NOFOLLOW, dir_fd=folder))


def _attributes(handle: int) -> Attributes:
    try:
        found = os.fstat(handle)
        return Attributes(stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, _xattrs(handle))
    finally:
        os.close(handle)


def create(path: Path, content: bytes) -> None:
    """Creates a file with mode 0600; raises `OSError`, `FileExistsError` if the file exists."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except OSError:
        path.unlink()
        raise


def replace(path: Path, content: bytes) -> None:
    """Replaces a file or link atomically by a file with mode 0600: written beside it, synced, renamed over it.

    Raises `StateError`; the old content is then still there.
    """
    try:
        with places.held(places.real(path.parent)) as folder:
            put(folder, path.name, content, Attributes(0o600, -1, -1))
    except OSError as error:
        raise StateError(FileUnwritable(path=str(path), reason=error.strerror)) from error


def put(folder: int, name: str, content: bytes, wanted: Attributes, *, exact: bool = False) -> None:
    """Replaces a file in an open folder atomically, with owner (-1: as created) and group as far as permitted.

    With ``exact`` the file gets the extended attributes too, and no others. Raises `OSError`.
    """
    beside = f".{name}.{secrets.token_hex(4)}.ws9tui"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    handle = os.open(beside, flags, 0o600, dir_fd=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            _dress(handle, wanted, exact=exact)
            os.fsync(handle)
        os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside, dir_fd=folder)
        raise
    places.sync(folder)


def _dress(handle: int, wanted: Attributes, *, exact: bool) -> None:
    mode = wanted.mode
    if os.geteuid() == 0:
        os.fchown(handle, wanted.uid, wanted.gid)
    else:
        try:
            os.fchown(handle, -1, wanted.gid)
        except PermissionError:  # the process's own group must not get more rights than others
            mode &= ~0o070 | (mode & 0o007) << 3
    present = _xattrs(handle) if exact else {}
    for xattr in present.keys() - wanted.xattrs.keys():  # such as those from the folder's default ACL
        with suppress(OSError):
            os.removexattr(handle, xattr)
    os.fchmod(handle, mode)
    for xattr, value in wanted.xattrs.items():
        if present.get(xattr) != value:
            with suppress(OSError):  # a file system without extended attributes, or a policy
                os.setxattr(handle, xattr, value)


def _xattrs(handle: int) -> dict[str, bytes]:
    """Returns the extended attributes of a file that its replacement can have too."""
    found = {}
    with suppress(OSError):
        for name in os.listxattr(handle):
            if extras.is_of_data(name) or name == _LABEL:
                found[name] = os.getxattr(handle, name)
    return found


def tidy(real: str) -> None:
    """Removes the temporary files that interrupted `put` calls left beside a file."""
    target = Path(real)
    with suppress(OSError), places.held(str(target.parent)) as folder:
        for entry in Path(f"/proc/self/fd/{folder}").iterdir():
            if re.fullmatch(rf"\.{re.escape(target.name)}\.[0-9a-f]{{8}}\.ws9tui", entry.name):
                os.unlink(entry.name, dir_fd=folder)


def working_directory() -> Path:
    """Returns the working directory with symbolic links kept (`PWD`), as all Docker programs use it."""
    said = os.environ.get("PWD", "")
    with suppress(OSError):
        if said.startswith("/") and Path(said).samefile("."):
            return Path(os.path.normpath(said))
    return Path.cwd()
