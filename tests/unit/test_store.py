"""The state directory, generations, and files that are replaced whole."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from support.needs import needs_root
from ws9tui.core.commit import restore
from ws9tui.core.fs import files, places
from ws9tui.core.fs.files import Attributes
from ws9tui.core.model.codec import encoded
from ws9tui.core.model.project import Project
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.store import generation
from ws9tui.core.store.generation import Generation, GenerationService, StoredFile
from ws9tui.core.store.store import Store
from ws9tui.errors import StateError


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_links_and_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "file").touch()
    for name in ("link", "file"):
        with pytest.raises(StateError) as refused:
            Store(tmp_path / name).open()
        assert refused.value.problem.code == "state-not-a-folder"


@pytest.mark.parametrize("key", ["../../x", "/etc", ".hidden", "a/b", ""])
def test_a_project_s_state_stays_in_the_store(tmp_path: Path, key: str) -> None:
    store = Store(tmp_path / "state").open()
    assert store.project(key).parent == store.projects_folder


# --- files --------------------------------------------------------------------------------------------------------


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("old")
    files.replace(file, b"new")
    assert file.read_bytes() == b"new"
    assert files.attributes(file) == Attributes(0o600, os.geteuid(), os.getegid())
    assert [path.name for path in tmp_path.iterdir()] == [".env"]


@needs_root
def test_a_file_keeps_its_owner(tmp_path: Path) -> None:
    with places.held(str(tmp_path)) as folder:
        files.put(folder, "x", b"new", Attributes(0o600, 4711, 4712))
    assert files.attributes(tmp_path / "x") == Attributes(0o600, 4711, 4712)


def test_a_link_is_replaced_and_its_target_stays(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target = tmp_path / "there" / "real.env"
    target.write_text("old")
    link = tmp_path / ".env"
    link.symlink_to("there/real.env")
    files.replace(link, b"new")
    assert not link.is_symlink()
    assert (link.read_bytes(), target.read_text()) == (b"new", "old")


@pytest.mark.parametrize("call", ["os.fsync", "os.fchmod", "os.rename"])
def test_a_file_that_cannot_be_replaced_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "x"
    file.write_text("old")
    with monkeypatch.context() as patch:
        patch.setattr(call, fail)
        with pytest.raises(StateError) as failed:
            files.replace(file, b"new")
    assert failed.value.problem.code == "file-unwritable"
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_hashes(tmp_path: Path) -> None:
    assert files.sha256(tmp_path) == files.sha256(tmp_path / "none") == ""
    (tmp_path / "x").write_bytes(b"")
    assert files.sha256(tmp_path / "x").startswith("e3b0c442")


# --- generations --------------------------------------------------------------------------------------------------


def recorded(folder: Path, number: int = 1) -> tuple[Generation, dict[str, bytes]]:
    """Return a generation of the files of a folder: one that is there and one that is not."""
    paths = [str(folder / ".env"), str(folder / "none.env")]
    stored, copies = generation.store_files(generation.read_contents(paths))
    project = Project(ProjectSource("shop", str(folder), ()), {})
    services = {"web": GenerationService("web", Reference("web:1"), "sha256:1")}
    return Generation(number, "now", 1, project, services, stored), copies


@pytest.fixture
def there(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / ".env").write_bytes(b"V=1\r\n\xff")
    (folder / ".env").chmod(0o640)
    (tmp_path / "state").mkdir(mode=0o700)
    return folder


def test_a_generation_is_written_and_read(there: Path) -> None:
    state = there.parent / "state"
    made, copies = recorded(there)
    generation.write(state, made, copies)
    assert generation.read(state, 1) == made
    assert generation.numbers(state) == [1]
    private = list((state / "generations").rglob("*"))
    assert {mode(path) for path in private if path.is_file()} == {0o600}
    assert {mode(path) for path in private if path.is_dir()} == {0o700}
    generation.update(state, msgspec.structs.replace(made, reached=True))
    assert generation.read(state, 1).reached
    generation.remove(state, 1)
    assert generation.numbers(state) == []


@pytest.mark.parametrize("link", [False, True])
def test_its_files_are_brought_back(there: Path, *, link: bool) -> None:
    state, env = there.parent / "state", there / ".env"
    if link:
        env.rename(there / "real.env")
        env.symlink_to("real.env")
    made, copies = recorded(there)
    generation.write(state, made, copies)
    assert not any(restore.file(state, made, stored) for stored in made.files)
    env.write_bytes(b"V=2\n")
    env.chmod(0o600)
    (there / "none.env").touch()
    assert all(restore.file(state, made, stored) for stored in made.files)
    assert env.read_bytes() == b"V=1\r\n\xff"
    assert mode(env) == 0o640
    assert env.is_symlink() is link
    assert not (there / "none.env").exists()


def test_a_damaged_copy_is_not_used(there: Path) -> None:
    state = there.parent / "state"
    made, copies = recorded(there)
    generation.write(state, made, copies)
    (state / "generations" / "1" / "files" / "0").write_bytes(b"other")
    (there / ".env").write_bytes(b"V=2\n")
    with pytest.raises(StateError) as damaged:
        restore.file(state, made, made.files[0])
    assert damaged.value.problem.code == "generation-damaged"
    assert (there / ".env").read_bytes() == b"V=2\n"


@pytest.mark.parametrize(
    ("content", "code"), [(b"{", "generation-damaged"), (b"[]", "generation-damaged"), (None, "generation-newer")]
)
def test_a_record_that_cannot_be_read(there: Path, content: bytes | None, code: str) -> None:
    state = there.parent / "state"
    for number in (1, 2):
        generation.write(state, *recorded(there, number))
    newer = msgspec.json.encode(msgspec.structs.replace(recorded(there, 2)[0], format=99), enc_hook=encoded)
    (state / "generations" / "2" / "generation.json").write_bytes(newer if content is None else content)
    with pytest.raises(StateError) as unread:
        generation.read(state, 2)
    assert unread.value.problem.code == code
    assert [found.number for found in generation.read_all(state)] == [1]
    with pytest.raises(StateError) as unknown:
        generation.read(state, 3)
    assert unknown.value.problem.facts == {"number": "3", "known": "1, 2"}


def test_a_new_file_is_as_the_operator_s_own(there: Path) -> None:
    stored, copies = generation.store_files({str(there / "new.env"): b"x", str(there / "no"): None})
    assert (stored[0].mode, stored[0].uid, copies) == (0o644, os.geteuid(), {"0": b"x"})
    assert stored[1] == StoredFile(str(there / "no"), real=str(there / "no"))


def test_a_crash_while_a_record_is_replaced_leaves_the_old_one(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = there.parent / "state"
    made, copies = recorded(there)
    generation.write(state, made, copies)
    rename = Path.rename

    def die(path: Path, target: Path) -> Path:
        if path.name.endswith(".new"):
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", die)
        with pytest.raises(KeyboardInterrupt):
            generation.write(state, msgspec.structs.replace(made, reached=True), copies)
    assert generation.read(state, 1) == made
    assert generation.numbers(state) == [1]
    generation.write(state, msgspec.structs.replace(made, reached=True), copies)
    assert generation.read(state, 1).reached
    assert [path.name for path in (state / "generations").iterdir()] == ["1"]
