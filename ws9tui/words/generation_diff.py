"""The comparison of two generations, in lines: services, files, settings, shell variables, saved data."""

from __future__ import annotations

from collections.abc import Sequence

from ws9tui.core.store.comparison import Comparison, FileChange, ServiceChange, SettingChange
from ws9tui.core.store.generation import Generation, GenerationService, StoredFile
from ws9tui.words import blocks, problems
from ws9tui.words.generations import PINNED
from ws9tui.words.template import Message, say
from ws9tui.words.text import beside, clean, date, joined, listed, short_digest, short_reference, size

_LINE = 2000
"""largest number of characters shown of a file's line"""
_WIDEST = 120
_THINGS = {
    (False, True): Message("{name:said} (new)"),
    (True, False): Message("{name:said} (no longer there)"),
    (True, True): Message("{name:said}"),
}
_KEYS = {
    "version": Message("version of the product"),
    "folder": Message("folder"),
    "files": Message("Compose files"),
    "env_files": Message("env files"),
    "profiles": Message("profiles"),
    "compose": Message("Docker Compose"),
    "engine": Message("Docker"),
}
"""settings of a project; those of a service are named as in x-ws9tui"""
_STATES = {
    "running": Message("running", "a service"),
    "stopped": Message("stopped", "a service"),
    "failed": Message("failed", "a service"),
    "completed": Message("completed", "a service"),
    "absent": Message("absent", "a service"),
}


def lines(name: str, found: Comparison) -> list[str]:
    """Returns the comparison of two generations."""
    before, after = found.before, found.after
    head = say(
        "{project:name}: generation {before} → generation {after}",
        project=name,
        before=before.number,
        after=after.number,
    )
    told = [head, *(f"  {_about(one)}" for one in (before, after))]
    if found.same:
        told += ["", say("They do not differ.")]
    sections = (
        (say("Services"), [text for change in found.services for text in _service(change)]),
        (say("Files"), [text for change in found.files for text in _file(change)]),
        (say("Settings"), _settings(found.settings)),
        (say("Variables of the shell that have other values (which are not shown)"), _variables(found.variables)),
        (say("Saved data"), _data(found)),
    )
    for title, section in sections:
        if section:
            told += ["", title, *section]
    return told


def _about(recorded: Generation) -> str:
    return say(
        "{number}  {made:date}, run {run}[, {notes:said}]",
        number=recorded.number,
        made=recorded.created_at,
        run=recorded.run or "",
        notes=joined((PINNED() if recorded.pinned else "", "" if recorded.reached else say("not verified to run"))),
    )


def _service(change: ServiceChange) -> list[str]:
    one, other = change.before, change.after
    name = clean(change.name, 80)
    if one is None or other is None:
        there = other or one
        assert there is not None  # noqa: S101 - one of them is there
        said = (_THINGS[False, True] if one is None else _THINGS[True, False])(name=name)
        return [f"  {said}", *(f"      {text}" for text in _facts(there))]
    told = [f"  {name}", *(f"      {title}  {_changed(a, b)}" for title, a, b in _pairs(one, other) if a != b)]
    if change.redefined:
        told.append(f"      {say('defined differently in the files')}")
    return told


def _changed(before: str, after: str) -> str:
    return say("[{before:said} // nothing] → [{after:said} // nothing]", before=before, after=after)


def _facts(service: GenerationService) -> list[str]:
    return [f"{title}  {value}" for title, value, _ in _pairs(service, service) if value]


def _pairs(one: GenerationService, other: GenerationService) -> list[tuple[str, str, str]]:
    """Returns title and both values of each property of a service."""
    titles = (
        say("image"),
        say("version"),
        say("digest"),
        say("image ID"),
        say("from archive"),
        say("state"),
        say("containers"),
        say("further images"),
    )
    return list(zip(titles, _values(one), _values(other), strict=True))


def _values(service: GenerationService) -> tuple[str, ...]:
    state = _STATES.get(service.state)
    besides = [f"{short_reference(ref)} {short_digest(image)}" for ref, image in service.besides]
    return (
        short_reference(service.reference),
        clean(service.version, 80),
        clean(service.digest),
        short_digest(service.image_id),
        clean(service.archive, 200),
        state() if state else clean(service.state, 40),
        str(service.replicas),
        listed([*besides, *map(short_digest, service.others)], 12),
    )


def _file(change: FileChange) -> list[str]:
    title = _THINGS[change.before is not None, change.after is not None](name=clean(change.path))
    told = [f"  {title}"]
    if change.before and change.after and (said := _attributes(change.before, change.after)):
        told.append(f"      {said}")
    if change.hidden:
        told.append(f"      {say('its content is not shown: it may be a secret')}")
    elif change.large:
        told.append(f"      {say('it is too large to be compared line by line')}")
    elif change.binary:
        told.append(f"      {say('it is not a text file')}")
    elif change.problem:
        told.append(f"      {problems.sentence(change.problem)}")
    return told + [f"      {clean(line, _LINE)}" for line in change.lines]


def _attributes(one: StoredFile, other: StoredFile) -> str:
    modes = [f"{file.mode:04o}" for file in (one, other)]
    owners = [f"{file.uid}:{file.gid}" for file in (one, other)]
    return beside(
        (
            say("mode {before} → {after}", before=modes[0], after=modes[1]) if modes[0] != modes[1] else "",
            say("owner {before} → {after}", before=owners[0], after=owners[1]) if owners[0] != owners[1] else "",
        )
    )


def _settings(changes: Sequence[SettingChange]) -> list[str]:
    return _table(
        [
            (
                clean(change.subject, 80) or say("project"),
                _KEYS[change.key]() if not change.subject else clean(change.key, 80),
                _changed(clean(change.before), clean(change.after)),
            )
            for change in changes
        ]
    )


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """Returns rows as a table without headings."""
    return blocks.plain([blocks.Table(("",) * len(rows[0]), rows, widest=_WIDEST)])[1:] if rows else []


def _variables(names: Sequence[str]) -> list[str]:
    return [f"  {listed(list(names), 40)}"] if names else []


def _data(found: Comparison) -> list[str]:
    if not any(found.data.values()):
        return []
    rows = [
        (str(number), clean(saved.service, 80), date(saved.made_at), size(saved.size), clean(saved.folder))
        for number, backups in found.data.items()
        for saved in backups
    ]
    none = [(str(number), say("none"), "", "", "") for number, backups in found.data.items() if not backups]
    return _table(sorted([*rows, *none]))
