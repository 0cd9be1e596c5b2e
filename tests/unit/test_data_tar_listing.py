from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws9tui.core.data.tar_listing import TarListing, pieces_without


def archive(form: int) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=form) as tar:
        top = tarfile.TarInfo("0")
        top.type, top.mtime = tarfile.DIRTYPE, 900
        tar.addfile(top)
        for name, size, at in (("a", 0, 100), ("b/" + "long" * 60, 513, 200), ("c", 100_000, 300)):
            entry = tarfile.TarInfo(f"0/{name}")
            entry.size, entry.mtime = size, at
            tar.addfile(entry, io.BytesIO(b"\1" * size))
        link = tarfile.TarInfo("0/link")
        link.type, link.linkname, link.mtime = tarfile.LNKTYPE, "0/c", 250
        tar.addfile(link)
    return content.getvalue()


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize("piece", [1, 511, 512, 700, 1 << 20])
def test_an_archive_is_counted_in_whatever_pieces_it_comes(form: int, piece: int) -> None:
    packed = archive(form)
    listing = TarListing(since=200)
    for start in range(0, len(packed), piece):
        listing.feed(packed[start : start + piece])
    assert (listing.entries, listing.newest, listing.changed) == (4, 300.0, 2)


def listed(packed: bytes) -> TarListing:
    listing = TarListing()
    listing.feed(packed)
    return listing


def test_the_hash_is_of_what_the_entries_say_and_not_of_how() -> None:
    one, other = archive(tarfile.PAX_FORMAT), archive(tarfile.GNU_FORMAT)
    assert one != other
    assert listed(one).digest == listed(other).digest
    content = one.index(b"\1" * 513)
    assert listed(one[:content] + b"\2" + one[content + 1 :]).digest != listed(one).digest
    with tarfile.open(fileobj=io.BytesIO(one)) as tar:
        entries = [(entry, tar.extractfile(entry)) for entry in tar.getmembers()]
        backwards, owned = io.BytesIO(), io.BytesIO()
        for target, order in ((backwards, reversed(entries)), (owned, iter(entries))):
            with tarfile.open(fileobj=target, mode="w") as made:
                for entry, body in order:
                    if body:
                        body.seek(0)
                    entry.uid = 7 if target is owned and entry.name == "0/a" else 0
                    made.addfile(entry, body)
    assert listed(backwards.getvalue()).digest == listed(one).digest
    assert listed(owned.getvalue()).digest != listed(one).digest


def test_a_size_too_large_for_a_header_is_read() -> None:
    entry = tarfile.TarInfo("0/huge")
    entry.size, entry.mtime = 1 << 40, 7
    after = tarfile.TarInfo("0/after")
    after.mtime = 9
    for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        listing = TarListing()
        listing.feed(entry.tobuf(form))
        listing._left -= (1 << 40) - 512
        listing.feed(b"\0" * 512 + after.tobuf(form))
        assert (listing.entries, listing.newest) == (2, 9.0)


@given(st.binary(max_size=3000))
def test_no_bytes_do_harm(data: bytes) -> None:
    TarListing(since=0).feed(data)


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize("piece", [1, 511, 700, 1 << 20])
def test_what_is_left_out_is_neither_counted_nor_passed_on(form: int, piece: int) -> None:
    packed = archive(form)
    pieces = [packed[start : start + piece] for start in range(0, len(packed), piece)]
    kept = b"".join(pieces_without(pieces, ["b"]))
    with tarfile.open(fileobj=io.BytesIO(kept)) as tar:
        assert tar.getnames() == ["0", "0/a", "0/c", "0/link"]
    whole, rest = TarListing(without=["b"]), listed(kept)
    whole.feed(packed)
    assert (whole.entries, whole.digest) == (rest.entries, rest.digest) != (4, listed(packed).digest)
    assert b"".join(pieces_without(pieces, ["bb", "a/b"])) == packed
