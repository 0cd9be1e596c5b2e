from __future__ import annotations

import unicodedata

import pytest
import wcwidth
from hypothesis import given, settings
from hypothesis import strategies as st

from ws9tui.words import text

# control characters, introducers and their ends are what matters, so they come often
HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.sampled_from("\x1b\x9b\x9d\x90\x07\x9c[]0;31mPX^_\\\u202e\u2066\u200b\ufeff\u0301\ud800\t\n\r\x7f\x00"),
    ),
    max_size=300,
)


@settings(deadline=None)
@given(HOSTILE)
def test_what_is_cleaned_is_printable_of_one_line_and_bounded(raw: str) -> None:
    cleaned = text.clean(raw, 80)
    assert cleaned.isprintable()
    assert len(cleaned) <= 80
    assert all(unicodedata.category(character)[0] != "C" for character in cleaned)
    cleaned.encode("utf-8")


@settings(deadline=None)
@given(HOSTILE)
def test_cleaning_twice_changes_nothing_more(raw: str) -> None:
    cleaned = text.clean(raw, 60)
    assert text.clean(cleaned, 60) == cleaned


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("nginx:1.29", "nginx:1.29"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[H\x1b]0;title\x07gone", "gone"),
        ("\x9b31mred", "red"),
        ("\x1bP1$r0m\x1b\\after", "after"),
        ("half \x1b[", "half"),
        ("\x1b]0;never ended", "0;never ended"),
        ("one\ttwo\nthree\r\n", "one two three"),
        ("a\u202eb\u2066c\u200bd\ufeffe", "abcde"),
        ("nul\x00del\x7fbell\x07", "nuldelbell"),
        ("lone \ud800 one", "lone  one"),
        ("no-break\xa0space", "no-break space"),
        ("\u0301first", "first"),
        ("[red]markup[/red] [/foo]", "[red]markup[/red] [/foo]"),
        ("$(rm -rf /) `x`", "$(rm -rf /) `x`"),
        ("  indented", "  indented"),
    ],
)
def test_cleaning(raw: str, cleaned: str) -> None:
    assert text.clean(raw) == cleaned


def test_a_flood_of_marks_is_cut_down() -> None:
    cleaned = text.clean("e" + "\u0301" * 5000 + "x")
    assert cleaned == "e\u0301\u0301\u0301x"


def test_a_long_text_is_cut_with_an_ellipsis() -> None:
    assert text.clean("x" * 1000, 10) == "x" * 9 + "…"
    assert text.clean("x" * 10, 10) == "x" * 10


def test_cleaning_a_very_long_hostile_text_takes_no_time() -> None:
    for piece in ("\x1b]", "\x9d", "\x1b[", "\x1bP", "\x1b[0;"):
        assert len(text.clean(piece * 1_000_000)) <= text.LIMIT


@settings(deadline=None)
@given(HOSTILE, st.integers(0, 30))
def test_fitted_text_takes_no_more_columns_than_it_may(raw: str, columns: int) -> None:
    cleaned = text.clean(raw)
    assert text.width(text.fit(cleaned, columns)) <= columns
    assert text.width(text.pad(cleaned, columns)) == columns


@pytest.mark.parametrize("written", ["abc", "漢字", "e\u0301a", "Ünïcode", "\uff46\uff55", "한글", "…→✓●"])
def test_width_is_what_terminals_take(written: str) -> None:
    assert text.width(written) == wcwidth.wcswidth(written)


@pytest.mark.parametrize(
    ("count", "written"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (1536, "1.5 kB"),
        (12_400_000, "12.4 MB"),
        (48_000_000, "48 MB"),
        (212_300_000, "212 MB"),
        (999_960, "1 MB"),
        (2_500_000_000, "2.5 GB"),
    ],
)
def test_sizes(count: float, written: str) -> None:
    assert text.size(count) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (0, "0 s"),
        (-3, "0 s"),
        (0.04, "0.1 s"),
        (0.34, "0.3 s"),
        (0.97, "1 s"),
        (9, "9 s"),
        (59.6, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (3840, "1 h 4 min"),
        (90_000, "1 d 1 h"),
    ],
)
def test_durations(seconds: float, written: str) -> None:
    assert text.duration(seconds) == written


@settings(deadline=None)
@given(st.floats(0, 1e7))
def test_a_measured_duration_is_near_what_it_says(seconds: float) -> None:
    assert text.precise(seconds)
    assert "60 s" not in text.duration(seconds)
    assert "60 min" not in text.duration(seconds)


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("90s", 90), ("10m", 600), ("1h", 3600), ("1m30s", 90), ("1d", 86400), ("45", 45), ("1.5s", 1.5), (" 2M ", 120)],
)
def test_typed_durations(typed: str, seconds: float) -> None:
    assert text.parse_duration(typed) == seconds


@pytest.mark.parametrize("typed", ["", "s", "ten", "-5", "5x", "1e9", "nan", "inf", "٣s", "99999h", "\x1b[1m"])
def test_what_is_no_duration_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"duration|year"):
        text.parse_duration(typed)


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        ("2026-08-14T09:59:30Z", "seconds"),
        ("2026-08-14T09:00:00Z", "1 hour"),
        ("2026-07-24T09:00:00.123456789Z", "3 weeks"),
        ("2026-08-14T11:00:00+02:00", "1 hour"),
        ("2024-08-01T00:00:00Z", "2 years"),
        ("2026-08-14T11:00:00Z", "seconds"),
        ("1980-01-01T00:00:01Z", ""),
        ("0001-01-01T00:00:00Z", ""),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_ages(moment: str, written: str) -> None:
    assert text.age(moment, "2026-08-14T10:00:00Z") == written


def test_times_of_day_are_local(monkeypatch: pytest.MonkeyPatch) -> None:
    import time  # noqa: PLC0415 - only its zone is changed here

    monkeypatch.setenv("TZ", "Etc/GMT-3")
    time.tzset()
    try:
        assert text.clock("2026-08-14T09:30:05.5Z") == "12:30:05"
        assert text.date("2026-08-14T22:30:05Z") == "2026-08-15 01:30"
    finally:
        monkeypatch.undo()
        time.tzset()
    assert text.clock("nonsense") == "--:--:--"
    assert text.date("") == "-"


def test_digests_and_references_are_shortened() -> None:
    digest = "sha256:" + "0123456789abcdef" * 4
    assert text.short_digest(digest) == "0123456789ab"
    assert text.short_reference(f"docker.io/library/nginx:1.29@{digest}") == "nginx:1.29@0123456789ab"
    assert text.short_reference("websoft9dev/git:1.25.5") == "websoft9dev/git:1.25.5"
    assert text.short_reference("registry.example:5000/a/b:1\x1b[31m") == "registry.example:5000/a/b:1"


def test_names_are_listed_as_in_a_sentence() -> None:
    assert text.listed([]) == ""
    assert text.listed(["a"]) == "a"
    assert text.listed(["a", "b\x1b[1m"]) == "a and b"
    assert text.listed(list("abcdefgh"), 4) == "a, b, c and 5 more"


@settings(deadline=None)
@given(st.text(st.sampled_from("abc 漢\u0301"), max_size=200), st.integers(10, 40), st.integers(0, 4))
def test_wrapped_text_keeps_its_words_and_its_width(raw: str, columns: int, hang: int) -> None:
    cleaned = text.clean(raw)
    lines = text.wrap(cleaned, columns, hang)
    assert "".join("".join(lines).split()) == "".join(cleaned.split())
    for line in lines:
        assert text.width(line) <= columns or len(text._WORD.findall(line)) == 1


def test_a_script_without_blanks_is_broken_between_its_characters() -> None:
    said = "已拉取 3 个镜像；未做任何更改。可执行 'ws9tui rollback shop'，随时回滚。"
    lines = text.wrap(said, 32, quoted=True)
    assert lines == ["已拉取 3 个镜像；未做任何更改。", "可执行 'ws9tui rollback shop'，", "随时回滚。"]
    assert text.wrap("可以放心断开（更新继续）", 14) == ["可以放心断开", "（更新继续）"]


def test_wrapped_lines_hang() -> None:
    assert text.wrap("  one two three", 10, 2) == ["  one two", "    three"]
    assert text.wrap("12:00:00  it is done", 16, 10) == ["12:00:00  it is", "          done"]
    assert text.wrap("", 10) == [""]
