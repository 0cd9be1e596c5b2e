"""Text for display: the one sanitiser, and the formats of numbers, times and names.

Everything from outside (image labels, registry answers, logs, file contents) passes `clean` on its way to a screen. Its
result is printable, one line and of bounded length, so no caller has to handle escape sequences.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from ws9tui.core.model import durations
from ws9tui.words.language import mark, mark_many, translated, translated_many

ELLIPSIS = "…"
LIMIT = 500
"""the default limit of `clean`, in characters"""
_MARKS = 3
"""combining marks in a row; no written language needs more"""
_DIGEST_DIGITS = 12

# a complete escape sequence, introduced by ESC or by its one-byte form: CSI; OSC, DCS, SOS, PM, APC with their
# text up to the terminator; two or three characters. Each part stops at the next introducer, so matching is linear.
_SEQUENCE = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]"
    "|(?:\x1b[\\]PX^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\\\|\x9c)"
    "|\x1b[ -/]*[0-~]"
)
# printable by category, but invisible, or they change how their neighbour is drawn
_INVISIBLE = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}.union(
        range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0)
    )
)
_BREAKS = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")


def clean(text: str, limit: int = LIMIT) -> str:
    """Returns one line of printable text of at most ``limit`` characters, free of terminal control sequences.

    Escape sequences, control characters, direction overrides, invisible and unpaired characters are removed; tabs and
    line breaks become spaces; runs of combining marks are cut to three.
    """
    if text.isascii() and len(text) <= limit and text.isprintable():
        return text.rstrip()
    # a sequence may be long; what lies far behind the limit is never visible
    text = _SEQUENCE.sub("", text[: 16 * limit + 1024])
    kept: list[str] = []
    marks = _MARKS  # a leading mark would be drawn onto the preceding text
    for character in text:
        if character in _BREAKS:
            character = " "  # noqa: PLW2901
        category = unicodedata.category(character)
        if category == "Zs":
            character = " "  # noqa: PLW2901
        elif category[0] == "C" or ord(character) in _INVISIBLE:
            continue
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= _MARKS and (kept or not marks):
            kept.append(character)
        if len(kept) > limit:
            return "".join(kept[: limit - 1]).rstrip() + ELLIPSIS
    return "".join(kept).rstrip()


@lru_cache(maxsize=4096)
def _columns(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me", "Cf") or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def width(text: str) -> int:
    """Returns the number of terminal columns that a cleaned text takes."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def fit(text: str, columns: int) -> str:
    """Cuts the text to at most that many columns; … marks a cut."""
    if width(text) <= columns:
        return text
    if columns < 1:
        return ""
    left = columns - 1
    for index, character in enumerate(text):
        left -= _columns(character)
        if left < 0:
            return text[:index].rstrip() + ELLIPSIS
    return text


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Cuts or pads the text to exactly that many columns; ``right`` aligns it right."""
    text = fit(text, columns)
    blanks = " " * (columns - width(text))
    return blanks + text if right else text + blanks


_OPENING, _CLOSING = "（《「『【", "，。、：；！？）》」』】"
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff01-\uff60"
"""scripts without spaces between words: a line may break after each character, but not before a closing mark"""
_PLAIN = rf" *[{_OPENING}]*(?:[{_WIDE}]|[^ {_WIDE}]+)[{_CLOSING}]*"
_WORD = re.compile(_PLAIN)
_WORD_OR_COMMAND = re.compile(rf" *\(?(?:'[a-z][^']* [^']*'|`[^`]+`)[^ {_WIDE}]*[{_CLOSING}]*|{_PLAIN}")


def wrap(text: str, columns: int, hang: int = 0, *, quoted: bool = False) -> list[str]:
    """Wraps the text to lines of at most that many columns; continuation lines are indented by ``hang`` more.

    Breaks at spaces, and between the characters of a script without spaces. A word longer than a line is not
    broken, so that it can be copied; with ``quoted`` a command in quotes is such a word.
    """
    indent = len(text) - len(text.lstrip(" "))
    lines: list[str] = []
    line = ""
    for word in (_WORD_OR_COMMAND if quoted else _WORD).findall(text):
        if line and width(line) + width(word) > columns:
            lines.append(line)
            line = " " * (indent + hang) + word.lstrip(" ")
        else:
            line += word
    return [*lines, line]


def size(count: float) -> str:
    """Formats bytes, as in '12.4 MB'; the units are decimal, as Docker's are."""
    value, unit = float(count), "B"
    for larger in ("kB", "MB", "GB", "TB", "PB"):
        if round(value, 1) < 1000:  # noqa: PLR2004
            break
        value, unit = value / 1000, larger
    digits = 0 if unit == "B" or value >= 100 or round(value, 1) == round(value) else 1  # noqa: PLR2004
    return f"{value:.{digits}f} {unit}"


def rate(count: float) -> str:
    """Formats bytes per second, as in '8.1 MB/s'."""
    return translated("{size}/s").format(size=size(count))


_DURATIONS = (
    (86400, mark("{large} d"), mark("{large} d {small} h"), 3600),
    (3600, mark("{large} h"), mark("{large} h {small} min"), 60),
    (60, mark("{large} min"), mark("{large} min {small} s"), 1),
)
_SECONDS = mark("{seconds} s")


def duration(seconds: float) -> str:
    """Formats a duration, as in '9 s', '2 min 5 s', '1 h 4 min', '2 d 3 h'; tenths only below a second."""
    seconds = max(seconds, 0.0)
    if 0 < seconds < 0.95:  # noqa: PLR2004
        return _tenths(max(seconds, 0.1))
    whole = round(seconds)
    for limit, even, odd, step in _DURATIONS:
        if whole >= limit:
            rest = whole % limit // step
            return translated(odd if rest else even).format(large=whole // limit, small=rest)
    return translated(_SECONDS).format(seconds=whole)


def _tenths(seconds: float) -> str:
    return translated(_SECONDS).format(seconds=f"{seconds:.1f}")


def precise(seconds: float) -> str:
    """Formats a measured duration: with tenths below ten seconds, as in '1.8 s'."""
    return _tenths(seconds) if 0 <= seconds < 9.95 else duration(seconds)  # noqa: PLR2004


_LONGEST = 366 * 86400.0


def parse_duration(text: str) -> float:
    """Parses a typed duration to seconds: '90s', '10m', '1h', '1m30s', or plain seconds; raises `ValueError`."""
    try:
        seconds = durations.parse(text.lower().replace(" ", ""))
    except ValueError:
        said = translated("'{typed}' is not a duration; write 90s, 10m or 1h30m")
        raise ValueError(said.format(typed=clean(text, 40))) from None
    if seconds > _LONGEST:
        raise ValueError(translated("'{typed}' is longer than a year").format(typed=clean(text, 40)))
    return seconds


def parse_time(text: str) -> datetime | None:
    """Parses an RFC 3339 time, as UTC if it has no zone; None if it is invalid."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


_AGES = (
    (365 * 86400, mark_many("{count} year", "{count} years")),
    (30 * 86400, mark_many("{count} month", "{count} months")),
    (7 * 86400, mark_many("{count} week", "{count} weeks")),
    (86400, mark_many("{count} day", "{count} days")),
    (3600, mark_many("{count} hour", "{count} hours")),
    (60, mark_many("{count} minute", "{count} minutes")),
)


def age(rfc3339: str, now: str | datetime) -> str:
    """Formats the time since a moment, as in '3 weeks' or '1 day'; empty if unknown.

    Placeholder years of reproducibly built images (1970, 1980) count as unknown.
    """
    then = parse_time(rfc3339)
    present = parse_time(now) if isinstance(now, str) else now
    if then is None or present is None or then.year <= 1980:  # noqa: PLR2004
        return ""
    passed = (present - then).total_seconds()
    for unit, (one, many) in _AGES:
        if passed >= unit:
            count = int(passed // unit)
            return translated_many(one, many, count).format(count=count)
    return translated("seconds")


def clock(rfc3339: str) -> str:
    """Formats the local time of day, HH:MM:SS; '--:--:--' if unknown."""
    moment = parse_time(rfc3339)
    return moment.astimezone().strftime("%H:%M:%S") if moment else "--:--:--"


def date(rfc3339: str) -> str:
    """Formats the local date and time, as in '2026-08-14 09:30'; '-' if unknown."""
    moment = parse_time(rfc3339)
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else "-"


def short_digest(digest: str) -> str:
    """Returns the first twelve hexadecimal digits of a digest or an ID."""
    return clean(digest).rpartition(":")[2][:_DIGEST_DIGITS]


def short_reference(reference: str) -> str:
    """Shortens an image reference: without docker.io and library/, its digest cut."""
    name, at, digest = clean(reference).partition("@")
    name = re.sub(r"^((index\.)?docker\.io/)?(library/)?", "", name)
    return f"{name}@{short_digest(digest)}" if at else name


def listed(names: list[str] | tuple[str, ...], most: int = 6) -> str:
    """Joins names for a sentence: 'a', 'a and b', 'a, b and 4 more'; each is cleaned."""
    shown = [clean(name, 80) for name in names]
    if len(shown) > most:
        more = len(names) - most + 1
        shown = [*shown[: most - 1], translated_many("{count} more", "{count} more", more).format(count=more)]
    if len(shown) < 2:  # noqa: PLR2004
        return "".join(shown)
    return translated("{names} and {last}").format(names=joined(shown[:-1]), last=shown[-1])


def joined(parts: Iterable[str]) -> str:
    """Joins words with commas; empty ones are left out."""
    return translated(", ", "between words").join(part for part in parts if part)


def beside(parts: Iterable[str]) -> str:
    """Joins facts with commas; empty ones are left out."""
    return translated(", ", "between facts").join(part for part in parts if part)


def series(parts: Iterable[str]) -> str:
    """Joins clauses with semicolons; empty ones are left out."""
    return translated("; ", "between clauses").join(part for part in parts if part)


def paragraph(sentences: Iterable[str]) -> str:
    """Joins whole sentences; empty ones are left out."""
    told = translated(" ", "between sentences").join(sentence for sentence in sentences if sentence)
    return re.sub("(?<=[。！？]) ", "", told)  # a full-width mark includes its space
