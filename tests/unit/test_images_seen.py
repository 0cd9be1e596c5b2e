"""Which digests of a tag were seen, and since when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ws9tui.core.model.reference import Reference
from ws9tui.core.store.seen import SeenDigests

if TYPE_CHECKING:
    from pathlib import Path


def test_a_digest_is_known_from_its_first_day_on(tmp_path: Path) -> None:
    one, other = Reference("docker.io/library/app:1"), Reference("app:1.0")
    first = SeenDigests(tmp_path)
    assert first.note(one, "sha256:a", "2026-01-01T00:00:00Z") == "2026-01-01T00:00:00Z"
    again = SeenDigests(tmp_path)
    assert again.note(other, "sha256:a", "2026-02-01T00:00:00Z") == "2026-01-01T00:00:00Z"
    assert again.note(one, "sha256:b", "2026-03-01T00:00:00Z") == "2026-03-01T00:00:00Z"
    assert [found.digest for found in SeenDigests(tmp_path).earlier(one)] == ["sha256:b", "sha256:a"]
    [file] = (tmp_path / "seen").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"repository": 5}', b"\xff"])
def test_what_was_seen_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    app = Reference("app:1")
    SeenDigests(tmp_path).note(app, "sha256:a", "2026-01-01T00:00:00Z")
    [file] = (tmp_path / "seen").iterdir()
    file.write_bytes(content)
    assert SeenDigests(tmp_path).note(app, "sha256:a", "2026-02-01T00:00:00Z") == "2026-02-01T00:00:00Z"


def test_a_folder_that_cannot_be_written_harms_nothing(tmp_path: Path) -> None:
    (tmp_path / "seen").symlink_to("/proc")
    assert SeenDigests(tmp_path).note(Reference("app:1"), "sha256:a", "2026-02-01T00:00:00Z") == "2026-02-01T00:00:00Z"


def test_the_last_five_hundred_are_remembered(tmp_path: Path) -> None:
    app, seen = Reference("app:1"), SeenDigests(tmp_path)
    for number in range(520):
        seen.note(app, f"sha256:{number}", f"2026-01-01T{number // 60:02}:{number % 60:02}:00Z")
    assert len(SeenDigests(tmp_path).earlier(app)) == 500
