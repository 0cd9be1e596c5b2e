"""Lists of generations: how each differs from what runs, how it can be reached, and which one is preselected.

Two different images never have the same label in one list, and no two different texts are cut to the same one.
"""

from __future__ import annotations

import os.path
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from ws9tui.core.journal.events import GenerationFound
from ws9tui.core.model.terms import Reach
from ws9tui.problems.plan import ImageChanged, NotInGeneration
from ws9tui.problems.problem import Problem
from ws9tui.problems.run import ContainerMissing, IsRunning, IsStopped
from ws9tui.words.template import Message, say
from ws9tui.words.text import ELLIPSIS, clean, date, fit, joined, listed, series, short_reference, width

NUMBER, WHEN = Message("Gen.", "heading"), Message("When", "heading")
DIFFERS, WAY = Message("Differs from what runs", "heading"), Message("Images", "heading")
WAYS = {
    Reach.LOCAL: Message("here", "images of a generation"),
    Reach.CHECKING: Message("checking", "images of a generation"),
    Reach.ARCHIVE: Message("in archive", "images of a generation"),
    Reach.PULL: Message("to be pulled", "images of a generation"),
    Reach.UNKNOWN: Message("unknown", "images of a generation"),
    Reach.GONE: Message("gone", "images of a generation"),
    Reach.BROKEN: Message("broken files", "images of a generation"),
}
UNREACHABLE = (Reach.GONE, Reach.BROKEN)
PINNED = Message("pinned")
RUNS_NOW = Message("runs now", "a generation")
_MOST = 6
_LABEL = 80
_SAID: dict[type[Problem] | None, Message] = {
    ImageChanged: Message("{services:said}", "whose images differ"),
    ContainerMissing: Message("with {services:said}"),
    NotInGeneration: Message("without {services:said}"),
    IsRunning: Message("{services:said} stopped"),
    IsStopped: Message("{services:said} running"),
    None: Message("{services:said} defined differently"),
}
"""messages for the differences of services, in display order"""


def newest_first(entries: Iterable[GenerationFound]) -> list[GenerationFound]:
    """Returns the generations in display order."""
    return sorted(entries, key=lambda entry: entry.number, reverse=True)


def start(entries: Collection[GenerationFound]) -> int:
    """Returns the number of the generation that a list preselects: the rollback target; 0 if there is none.

    If that is unreachable, it is the newest earlier proven one, else the newest of all that are reachable.
    """
    usable = [entry for entry in newest_first(entries) if entry.reach not in UNREACHABLE and not entry.runs]
    runs = max((entry.number for entry in entries if entry.runs), default=0)
    ordered = (
        *(entry for entry in usable if entry.previous),
        *(entry for entry in usable if entry.number < runs and entry.proven),
        *usable,
    )
    return ordered[0].number if ordered else 0


def marks(entries: Collection[GenerationFound]) -> dict[int, dict[str, str]]:
    """Returns generation → service → image label: the version, with the image ID if that version is ambiguous."""
    called: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in entries:
        for service, label in entry.services.items():
            called[service, _label(label)].add(entry.image_ids.get(service, ""))
    return {
        entry.number: {
            service: _mark(label, entry.image_ids.get(service, ""), len(called[service, _label(label)]))
            for service, label in entry.services.items()
        }
        for entry in entries
    }


def _label(label: str) -> str:
    return clean(short_reference(label), _LABEL)


def _mark(label: str, image_id: str, images: int) -> str:
    return say("{label:said}[ ({image:digest})]", label=_label(label), image=image_id if images > 1 else "")


def differing(entries: Collection[GenerationFound], columns: int = 0) -> dict[int, str]:
    """Returns generation → its differences from what runs; with ``columns`` cut to that width, still distinct."""
    named = marks(entries)
    told = {entry.number: differs(entry, named.get(entry.number, {})) for entry in entries}
    return dict(zip(told, apart(list(told.values()), columns), strict=True)) if columns else told


def differs(entry: GenerationFound, named: Mapping[str, str]) -> str:
    """Returns the differences of one generation; ``named`` are the image labels of its services."""
    files = listed(_files([found.subject for found in entry.differences if found.file]), _MOST)
    if entry.runs:
        return series((RUNS_NOW(), files))
    by_kind: dict[type[Problem] | None, list[str]] = {}
    for found in (found for found in entry.differences if not found.file):
        kind = type(found.problem) if type(found.problem) in _SAID else None
        image = named.get(found.subject, "") if kind in (ImageChanged, ContainerMissing) else ""
        by_kind.setdefault(kind, []).append(f"{clean(found.subject, _LABEL)} {image}".rstrip())
    services = (said(services=listed(by_kind[kind], _MOST)) for kind, said in _SAID.items() if kind in by_kind)
    return series((*services, files)) or say("nothing")


def _files(paths: Sequence[str]) -> list[str]:
    """Returns the files' names; those with the same name keep their path."""
    counts = Counter(os.path.basename(path) for path in paths)  # noqa: PTH119 - text
    return [
        os.path.basename(path) if counts[os.path.basename(path)] == 1 else path  # noqa: PTH119 - text
        for path in paths
    ]


def notes(entry: GenerationFound) -> list[str]:
    """Returns further properties of a generation: pinned, not proven, made from kept images."""
    return [
        *([PINNED()] if entry.pinned else []),
        *([] if entry.proven else [say("not proven")]),
        *([say("from kept images")] if entry.salvaged else []),
    ]


def way(entry: GenerationFound) -> str:
    """Returns where a generation's images are, and whether data was saved with it."""
    return joined((WAYS[entry.reach](), say("with data") if entry.data else ""))


def rows(entries: Collection[GenerationFound]) -> list[tuple[str, str, str, str]]:
    """Returns number, time, differences and properties of each generation, newest first."""
    told = differing(entries)
    return [
        (str(entry.number), date(entry.created_at), told[entry.number], joined((way(entry), *notes(entry))))
        for entry in newest_first(entries)
    ]


def apart(texts: Sequence[str], columns: int) -> list[str]:
    """Cuts the texts to at most that many columns, so that different texts stay different.

    Texts that would be cut to the same are cut in the middle instead, so that the place where they differ is shown.
    """
    found = {text: fit(text, columns) for text in texts}
    for depth in range(columns):
        for group in _alike(found):
            place = _common(group) + depth
            found |= {text: _from(text, place, columns) for text in group}
    for group in _alike(found):
        for number, text in enumerate(group[1:], 2):
            found[text] = f"{fit(text, columns - len(str(number)) - 1)}#{number}"
    return [found[text] for text in texts]


def _alike(cut: Mapping[str, str]) -> list[list[str]]:
    """Returns the groups of texts that are cut to the same."""
    same = defaultdict(list)
    for text, shown in cut.items():
        same[shown].append(text)
    return [group for group in same.values() if len(group) > 1]


def _common(group: Sequence[str]) -> int:
    """Returns the length of the common prefix."""
    return next(
        (at for at, letters in enumerate(zip(*group, strict=False)) if len({*letters}) > 1), min(map(len, group))
    )


def _from(text: str, place: int, columns: int) -> str:
    """Cuts out the middle of the text, up to shortly before ``place``."""
    head = 0
    while head < len(text) and width(text[: head + 1]) <= columns // 3:
        head += 1
    room = columns - width(text[:head]) - 1
    kept = place
    while kept > 0 and width(text[kept - 1 :]) <= max(room, width(text[place:]) + room // 2):
        kept -= 1
    return fit(text[:head] + ELLIPSIS + text[kept:] if kept > head else text, columns)
