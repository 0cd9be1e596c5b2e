from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ws9tui.core.model.plan import AFTER, BEFORE, DataTarget
from ws9tui.core.store import backup as backups
from ws9tui.core.store.backup import Backup, Part
from ws9tui.errors import StateError

CONTENT = b"table " * 100_000


def make(
    state: Path,
    generation: int = 1,
    *,
    at: str = "2026-01-01T00:00:00Z",
    role: str = BEFORE,
    run: str = "r1",
    to: str = "",
) -> Backup:
    made = backups.begin(state, Backup(generation, "db", role, run, "sha256:a", at, ""), to)
    writer = backups.BackupWriter(Path(made.folder) / "0.tar.gz")
    for start in range(0, len(CONTENT), 70_001):
        writer.write(CONTENT[start : start + 70_001])
    plain, packed = writer.finish()
    part = Part(DataTarget("/data", "volume", "v"), "0.tar.gz", writer.size, plain, writer.stored, packed, 1, 0.0)
    return backups.finish(state, msgspec.structs.replace(made, parts=(part,)))


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir(mode=0o700)
    return folder


def test_what_was_written_is_read_and_checked(state: Path) -> None:
    made = make(state)
    assert b"".join(backups.chunks(Path(made.folder) / "0.tar.gz")) == CONTENT
    assert (made.size, made.complete) == (len(CONTENT), True)
    assert made.stored == (Path(made.folder) / "0.tar.gz").stat().st_size < made.size
    assert backups.all_of(state) == [made]
    assert backups.at(state, made.folder) == made
    assert backups.newest(state, 1) == {"db": made}
    backups.check(made)
    assert [oct(path.stat().st_mode & 0o777) for path in (Path(made.folder), Path(made.folder) / "0.tar.gz")] == [
        "0o700",
        "0o600",
    ]


@pytest.mark.parametrize("harm", ["cut", "bit", "gone"])
def test_damage_is_seen_before_anything_is_restored(state: Path, harm: str) -> None:
    made = make(state)
    path = Path(made.folder) / "0.tar.gz"
    content = bytearray(path.read_bytes())
    if harm == "gone":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(content[:-100])
    else:
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    with pytest.raises(StateError) as damaged:
        backups.check(made)
    assert damaged.value.problem.code == "backup-damaged"


def test_what_was_cut_short_is_no_backup_and_goes(state: Path, tmp_path: Path) -> None:
    for to in ("", str(tmp_path / "elsewhere")):
        begun = backups.begin(state, Backup(1, "db", BEFORE, "r9", "", "", ""), to)
        (Path(begun.folder) / "0.tar.gz").write_bytes(b"half")
        assert backups.all_of(state) == []
        with pytest.raises(StateError):
            backups.at(state, begun.folder)
        backups.tidy(state)
        assert not Path(begun.folder).exists()
        assert list(state.glob("backups/*/*")) == []


@pytest.mark.parametrize("harm", ["damaged", "later", "unreadable"])
def test_a_backup_that_cannot_be_read_stays(state: Path, harm: str) -> None:
    made = make(state)
    manifest = Path(made.folder) / backups.MANIFEST
    if harm == "damaged":
        manifest.write_bytes(manifest.read_bytes()[:-20])
    elif harm == "later":
        manifest.write_bytes(msgspec.json.encode(msgspec.structs.replace(made, format=made.format + 1)))
    else:
        manifest.unlink()
        manifest.mkdir()
    assert backups.all_of(state) == []
    backups.tidy(state)
    assert (Path(made.folder) / "0.tar.gz").exists()
    assert manifest.exists()


def test_what_ended_before_its_manifest_goes(state: Path) -> None:
    begun = backups.begin(state, Backup(1, "db", BEFORE, "r9", "", "", ""), "")
    manifest = Path(begun.folder) / backups.MANIFEST
    manifest.rename(manifest.with_name(f".{manifest.name}.0123abcd.ws9tui"))
    backups.tidy(state)
    assert not Path(begun.folder).exists()


def test_another_folder_has_the_archives_and_the_state_knows_of_them(state: Path, tmp_path: Path) -> None:
    made = make(state, to=str(tmp_path / "disk"))
    assert Path(made.folder).parts[-4:-1] == ("disk", "shop", "1")
    assert backups.read(Path(made.folder)) == made
    assert backups.all_of(state) == [made]
    assert backups.remove_of(state, 2) == []
    assert backups.remove_of(state, 1) == [made]
    assert not (tmp_path / "disk" / "shop").exists()
    assert backups.all_of(state) == []


def test_old_ones_go_by_number_by_size_and_with_their_generation(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [make(state, at=f"2026-01-0{day}T00:00:00Z", run=f"r{day}") for day in range(1, 6)]
    aside = make(state, role=AFTER, at="2026-01-01T12:00:00Z")
    orphan = make(state, 7, at="2026-02-01T00:00:00Z")
    assert backups.rotate(state, [1], held={made[0].folder}) == [orphan, made[1]]
    assert backups.all_of(state) == [made[0], aside, *made[2:]]
    monkeypatch.setattr(backups, "BYTES_KEPT", made[0].stored + 10)
    assert {b.run for b in backups.rotate(state, [1])} == {"r1", "r3", "r4"}
    assert backups.all_of(state) == [aside, made[4]], "the newest of each stay, however large they are"


def test_no_room_and_no_rights_are_said(state: Path, tmp_path: Path) -> None:
    assert backups.room(state / "not" / "there") > 0
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError) as refused:
        make(state, to=str(tmp_path / "file"))
    assert refused.value.problem.code == "backup-failed"
