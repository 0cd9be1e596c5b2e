"""Files of a project where another user may write: real places, held folders, what stands in the way of a file."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from support import stranger
from support.needs import needs_root
from support.stranger import STRANGER
from support.wait import until
from ws9tui.core.commit import restore
from ws9tui.core.fs import files, places
from ws9tui.core.inspect import writable
from ws9tui.core.journal import events as e
from ws9tui.core.model.project import Project
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.releases import answer_file
from ws9tui.core.store import generation
from ws9tui.core.store.generation import Generation, StoredFile
from ws9tui.core.store.store import Store, private_folder, refuse_exposed
from ws9tui.errors import StateError, UsageError

if TYPE_CHECKING:
    pass


def recorded(state: Path, *paths: Path) -> Generation:
    """Record a generation of files."""
    contents = generation.read_contents(map(str, paths))
    stored, copies = generation.store_files(contents)
    made = Generation(
        1, "now", 1, Project(ProjectSource("shop", "/", ()), {}), {}, stored, folders=generation.store_folders(stored)
    )
    state.mkdir(mode=0o700, exist_ok=True)
    generation.write(state, made, copies)
    return made


def code(path: Path, real: str = "", owners: frozenset[int] = frozenset({0})) -> str:
    """Return what stands in the way of a file."""
    found = writable.problem(StoredFile(str(path), "x", real=real), owners)
    return found.code if found else ""


def test_the_way_to_a_file(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "l").symlink_to("a/../a")
    (tmp_path / "a" / "x").symlink_to("b/none")
    (tmp_path / "round").symlink_to("round")
    for path in ("l/x", "a/./b", "l/b/../../l/b/y", "none/../z", "a/b"):
        assert places.real(tmp_path / path) == os.path.realpath(tmp_path / path)
    real, links = places.way(tmp_path / "l" / "x")
    assert real == str(tmp_path / "a" / "b" / "none")
    assert links == tuple(places.Link(str(tmp_path / path), os.geteuid()) for path in ("l", "a/x"))
    assert places.real(tmp_path / "round" / "x").startswith(str(tmp_path))


def test_a_folder_is_not_held_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "l").symlink_to("a")
    (tmp_path / "file").touch()
    with places.held(str(tmp_path / "a" / "b")) as fd:
        assert os.path.samestat(os.fstat(fd), (tmp_path / "a" / "b").stat())
    for path in ("l", "l/b", "file", "file/x"):
        with pytest.raises(OSError) as refused, places.held(str(tmp_path / path)):  # noqa: PT011
            pass
        assert places.is_link(refused.value)


def test_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for, and nothing read without end."""
    (tmp_path / "x").write_bytes(b"12345")
    os.mkfifo(tmp_path / "pipe")
    assert files.read(tmp_path / "x") == b"12345"
    assert files.read(tmp_path / "none") is files.read(tmp_path) is files.read(tmp_path / "x" / "y") is None
    assert files.read("/dev/null") == b""
    monkeypatch.setattr(files, "LARGEST", 4)
    for path, why in (
        (tmp_path / "pipe", "file-special"),
        (Path("/dev/zero"), "file-special"),
        (tmp_path / "x", "file-too-large"),
    ):
        for reads in (files.read, files.sha256):
            with pytest.raises(StateError, match=why):
                reads(path)


def test_whether_a_file_is_there_cannot_be_told_in_a_closed_folder(
    tmp_path: Path, closed: Callable[[Path], None]
) -> None:
    folder = tmp_path / "shut" / "app"
    folder.mkdir(parents=True)
    assert files.there(folder)
    assert not files.there(folder / "x")
    closed(folder.parent)
    with pytest.raises(StateError) as forbidden:
        files.there(folder / "x")
    problem = forbidden.value.problem
    assert problem.code == "file-forbidden"
    assert (problem.facts["right"], problem.facts["part"]) == ("enter", str(folder.parent))


@needs_root
def test_a_generation_s_files_never_leave_their_folders(public: Path) -> None:
    """A stranger exchanges file and folder for links, again and again, while a generation is brought back."""
    conf, victim = public / "data" / "conf", public / "etc"
    conf.mkdir(parents=True)
    victim.mkdir()
    file = conf / "app.env"
    file.write_text("mine\n")
    (victim / "app.env").write_text("root's\n")
    for path in (conf.parent, conf, file):
        os.chown(path, STRANGER, STRANGER)
    made = recorded(public / "state", file)
    script = f"""
        while :; do
            rm -f conf/app.env; ln -s {victim}/app.env conf/app.env
            mv conf aside; ln -s {victim} conf; rm conf; mv aside conf
        done 2>/dev/null"""
    ended: Counter[str] = Counter()
    with stranger.goes_on(script, conf.parent):
        until(file.is_symlink, 10, "the attack has begun")
        for _ in range(400):
            try:
                restore.file(public / "state", made, made.files[0])
            except StateError as error:
                ended[error.problem.code] += 1
            else:
                ended["put"] += 1
    found = (victim / "app.env").lstat()
    assert [path.name for path in victim.iterdir()] == ["app.env"]
    assert ((victim / "app.env").read_text(), found.st_uid) == ("root's\n", 0)
    assert ended.keys() <= {"put", "file-led-elsewhere", "file-unwritable"}
    assert ended["put"], ended


def test_a_link_is_replaced_by_the_file_that_was_there(tmp_path: Path) -> None:
    file, other = tmp_path / ".env", tmp_path / "other"
    file.write_text("mine\n")
    made = recorded(tmp_path / "state", file)
    file.unlink()
    other.write_text("another's\n")
    file.symlink_to(other)
    assert restore.file(tmp_path / "state", made, made.files[0])
    assert (file.is_symlink(), file.read_text(), other.read_text()) == (False, "mine\n", "another's\n")


def test_folders_that_are_gone_are_made_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "a" / "b" / ".env"
    file.parent.mkdir(parents=True)
    file.parent.chmod(0o751)
    file.write_text("mine\n")
    made = recorded(tmp_path / "state", file)
    file.unlink()
    file.parent.rmdir()
    file.parent.parent.rmdir()
    assert restore.file(tmp_path / "state", made, made.files[0])
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o751


@needs_root
def test_an_older_record_follows_only_links_that_can_be_relied_on(public: Path) -> None:
    file, other = public / "data" / ".env", public / "other"
    file.parent.mkdir()
    file.write_text("mine\n")
    made = recorded(public / "state", file)
    older = StoredFile(**{**msgspec.structs.asdict(made.files[0]), "real": "", "xattrs": None})
    file.unlink()
    other.write_text("another's\n")
    os.chown(file.parent, STRANGER, STRANGER)
    stranger.does(f"ln -s {other} .env", file.parent)
    with pytest.raises(StateError, match="file-foreign-link"):
        restore.file(public / "state", made, older)
    assert (file.is_symlink(), other.read_text()) == (True, "another's\n")
    os.chown(file, 0, 0, follow_symlinks=False)
    assert restore.file(public / "state", made, older)
    assert (file.is_symlink(), other.read_text()) == (True, "mine\n")


@needs_root
def test_what_stands_in_the_way(public: Path) -> None:
    folder, mine, theirs = public / "data", public / "data" / "mine", public / "theirs"
    folder.mkdir()
    mine.touch()
    theirs.touch()
    os.chown(theirs, STRANGER, STRANGER)
    assert code(mine) == code(folder / "new") == code(folder / "new" / "below") == ""
    os.chown(folder, STRANGER, STRANGER)
    stranger.does(f"ln -s {public}/data/mine link; ln -s {theirs} own", folder)
    assert code(folder / "link") == "file-foreign-link"
    assert code(folder / "link", owners=frozenset({0, STRANGER})) == code(folder / "own") == ""
    assert code(folder / "own", real=str(folder / "own")) == "file-led-elsewhere"
    assert code(theirs, real=str(theirs)) == "file-owner-differs"


# all is imported before, for this Python may lie in a folder that other users cannot get into
_AS_STRANGER = """
import os, sys
from pathlib import Path
from ws9tui.core.fs import files, places
from ws9tui.core.inspect import writable
from ws9tui.core.store.generation import StoredFile

os.setgroups([4711]); os.setgid({stranger}); os.setuid({stranger})
def found(path):
    problem = writable.problem(StoredFile(path), frozenset())
    return problem.code if problem else ""
folder = Path({folder!r})
print(*(found(str(folder / path)) or "fine" for path in ("closed/a", "open/a", "open/b", "sticky/b", "open/new")))
print(*(note.code for path in "ab" for note in writable.notes([str(folder / "open" / path)])))
with places.held(str(folder / "open")) as fd:
    files.put(fd, "b", b"", files.Attributes(0o660, 0, 4711))
    files.put(fd, "c", b"", files.Attributes(0o660, 0, 4712))
try:
    files.read(folder / "shut" / "a")
except Exception as error:
    print(error.problem.facts["right"], error.problem.facts["part"])
print(found(str(folder / "shut" / "below" / "a")))
"""


@needs_root
def test_as_a_user_without_power_over_files(public: Path) -> None:
    modes = {"closed": 0o755, "open": 0o777, "sticky": 0o1777, "shut": 0o700}
    for name, mode in modes.items():
        (public / name).mkdir()
        (public / name).chmod(mode)
        for file, rights in (("a", 0o644), ("b", 0o666)):
            (public / name / file).touch()
            (public / name / file).chmod(rights)
            os.chown(public / name / file, 0, 4711)
    (public / "shut" / "below").mkdir()
    script = _AS_STRANGER.format(stranger=STRANGER, folder=str(public))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd="/")
    assert done.stdout.splitlines() == [
        "file-folder-closed file-of-another fine file-of-another fine",
        "file-owner-lost file-owner-lost",
        f"enter {public / 'shut'}",
        "file-unwritable",
    ], done.stderr
    found = {name: (public / "open" / name).stat() for name in "bc"}
    assert [(f.st_uid, f.st_gid, stat.S_IMODE(f.st_mode)) for f in found.values()] == [
        (STRANGER, 4711, 0o660),
        (STRANGER, STRANGER, 0o600),  # another group has no rights that it was not given
    ]


# in a mount namespace of its own, which ends with it
_MOUNTED = """
set -e
mount --bind "$1/a file" "$1/a file"
mount --bind "$1/fixed" "$1/fixed"
mount -o remount,bind,ro "$1/fixed"
exec "$2" -c "$3"
"""
_WHAT_IS_IN_THE_WAY = """
from pathlib import Path
from ws9tui.core.inspect import writable
from ws9tui.core.store.generation import StoredFile

for name in ("a file", "fixed/b", "c"):
    found = writable.problem(StoredFile(str(Path({folder!r}, name))), frozenset({{0}}))
    print(found.code if found else "fine")
"""


@needs_root
def test_what_is_mounted_stands_in_the_way(tmp_path: Path) -> None:
    """A file that is a mount of its own cannot be replaced, and one on a read-only file system not either."""
    (tmp_path / "fixed").mkdir()
    for name in ("a file", "fixed/b", "c"):
        (tmp_path / name).touch()
    alone = ["unshare", "--mount", "--propagation", "private"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no mount namespace can be made here")
    script = _WHAT_IS_IN_THE_WAY.format(folder=str(tmp_path))
    command = [*alone, "sh", "-c", _MOUNTED, "sh", str(tmp_path), sys.executable, script]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["file-mounted", "file-read-only", "fine"], done.stderr


@needs_root
def test_where_state_and_backups_may_be(public: Path) -> None:
    """Not below a folder that somebody else could exchange for another one."""
    theirs, shared, sticky = public / "theirs", public / "shared", public / "sticky"
    for folder, mode in ((theirs, 0o755), (shared, 0o777), (sticky, 0o1777)):
        folder.mkdir()
        folder.chmod(mode)
    os.chown(theirs, STRANGER, STRANGER)
    stranger.does(f"ln -s {public} link", sticky)
    for folder in (theirs, shared, theirs / "a" / "b", sticky / "link"):
        with pytest.raises(StateError, match="state-exposed"):
            Store(folder / "state").open()
        assert not (folder / "state").exists()
    Store(sticky / "state").open()
    refuse_exposed(public / "state")


@needs_root
def test_answers_are_not_written_through_a_link(public: Path) -> None:
    target, file = public / "target", public / "answers.yml"
    target.write_text("root's\n")
    file.symlink_to(target)
    with pytest.raises(UsageError, match="answers-exist"):
        answer_file.write(file, e.InstallSettled(source="websoft9"))
    assert target.read_text() == "root's\n"
    file.unlink()
    answer_file.write(file, e.InstallSettled(source="websoft9"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_private_folder_is_no_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(StateError, match="state-not-a-folder"):
        private_folder(tmp_path / "link")
