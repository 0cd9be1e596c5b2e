"""What a command in a container prints, taken out of what an engine sends of it, in whatever pieces that comes."""

from __future__ import annotations

import pytest

from ws9tui.adapters.engine.execute import OUTPUT_LIMIT, CommandOutput


def framed(*pieces: bytes) -> bytes:
    return b"".join(bytes([1 + n % 2, 0, 0, 0]) + len(p).to_bytes(4, "big") + p for n, p in enumerate(pieces))


@pytest.mark.parametrize("size", [1, 3, 7, 8, 9, 1000])
def test_pieces_are_put_together_however_they_are_cut(size: int) -> None:
    stream = framed(b"one\n", b"", b"two\n", b"x" * 300)
    found = CommandOutput()
    for start in range(0, len(stream), size):
        found.feed(stream[start : start + size])
    assert found.kept == b"one\ntwo\n" + b"x" * 300
    assert found.size == len(stream)


def test_of_much_the_end_is_kept() -> None:
    found = CommandOutput()
    for number in range(10_000):
        found.feed(framed(b"line %d\n" % number))
    assert len(found.kept) == OUTPUT_LIMIT
    assert found.kept.endswith(b"line 9999\n")


def test_one_piece_that_is_cut_short_counts() -> None:
    found = CommandOutput()
    found.feed(framed(b"whole\n") + framed(b"cut short")[:-6])
    assert found.kept == b"whole\ncut"
