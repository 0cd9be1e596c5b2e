"""Edits image references where they are written: in an env file, or in a scalar of a Compose file.

Edits apply to copies of the texts; nothing is written here. Every byte except the value stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from ws9tui.core.compose import envfile
from ws9tui.core.compose.definition import ScalarSpan, decoded
from ws9tui.core.fs import files
from ws9tui.errors import UsageError
from ws9tui.problems.files import FileUnreadable
from ws9tui.problems.project import ReferenceNotInFiles

VARIABLE = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<bare>[A-Za-z_][A-Za-z0-9_]*)|\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)"
    r"(?:(?P<operator>:?[-?+])(?P<word>[^{}]*))?\})"
)
_BARE = re.compile(r"\$[A-Za-z_][A-Za-z0-9_]*")
_PROPERTIES = re.compile(r"(?:[&!]\S*\s+)*")


class FileEdit(msgspec.Struct, frozen=True):
    """A file's new content, and the changed lines."""

    path: str
    lines: tuple[tuple[int, str, str], ...]
    """line number, the line before, the line after"""
    content: bytes
    before: str
    """SHA-256 of the content that was edited; empty if the file did not exist"""


class Edits:
    """The texts of a project's files, in which references are changed one after the other."""

    def __init__(
        self,
        env_files: tuple[str, ...],
        environment: Mapping[str, str],
        interpolated: Mapping[str, str],
        home: str = "",
    ) -> None:
        self._env_files = env_files
        self._home = home or env_files[0]
        """the env file that gets new variables"""
        self._environment = environment
        """the shell's variables, which take precedence over env files"""
        self._references = interpolated
        """service → its present reference"""
        self._texts: dict[str, str] = {}
        self._encodings: dict[str, str] = {}
        self._edits: dict[str, FileEdit] = {}
        self._scalars: dict[str, dict[int, tuple[str, int]]] = {}
        """file → start of a replaced scalar → its new reference, and the added length"""

    @property
    def files(self) -> tuple[FileEdit, ...]:
        """All edits, one per file."""
        return tuple(self._edits.values())

    def set_image(self, service: str, place: ScalarSpan, reference: str) -> None:
        """Sets a service's image reference; raises `UsageError` if its definition does not allow it."""
        present = self._references[service]
        if present == reference:
            return
        pieces = _pieces(place.value)
        variables = list(dict.fromkeys(name for name, _ in pieces or () if name))
        if pieces is not None and not variables:
            self._replace_scalar(service, place, reference)
            return
        values = _solve(pieces, variables, present, reference) if pieces is not None else None
        if values is None:
            written = _beside(place.value, present, reference)
            if written is None:
                reason = "syntax" if pieces is None else "shape"
                raise self._refusal(service, place, ", ".join(variables), reason)
            self._replace_scalar(service, place, written)
            return
        for name, new in values.items():
            if name in self._environment:
                raise self._refusal(service, place, name, "shell")
            self._replace_variable(service, place, name, new)

    def _replace_scalar(self, service: str, place: ScalarSpan, reference: str) -> None:
        replaced = self._scalars.setdefault(place.file, {})
        if place.start in replaced:  # an anchor that several services share
            if replaced[place.start][0] != reference:
                raise self._refusal(service, place, "", "syntax")
            return
        text = self._text(place.file)
        shift = sum(longer for start, (_, longer) in replaced.items() if start < place.start)
        start, end = place.start + shift, place.end + shift
        quote = place.style if place.style in ("'", '"') else ""
        raw = text[start:end]
        # The span begins with its anchor and tag; a plain scalar's end mark may be behind trailing white space.
        head = _PROPERTIES.match(raw)
        tail = raw[len(raw.rstrip()) :]
        written = f"{head[0] if head else ''}{quote}{reference}{quote}{tail}"
        replaced[place.start] = reference, len(written) - len(raw)
        self._put(place.file, place.line, place.value, reference, text[:start] + written + text[end:])

    def _replace_variable(self, service: str, place: ScalarSpan, name: str, new: str) -> None:
        for path in reversed(self._env_files):
            text = self._text(path)
            found = envfile.find(text, name)
            if found is None:
                continue
            if "$" in found.value:
                raise self._refusal(service, place, name, "indirect")
            self._put(path, found.line, f"{name}={found.value}", f"{name}={new}", envfile.replaced(text, name, new))
            return
        # The Compose file's default applied so far, so the variable is added.
        path = self._home
        text = envfile.replaced(self._text(path), name, new)
        self._put(path, text.count("\n"), "", f"{name}={new}", text)

    def _text(self, path: str) -> str:
        if path not in self._texts:
            try:
                self._texts[path], self._encodings[path] = decoded(files.read(path) or b"")
            except UnicodeDecodeError as error:
                raise UsageError(FileUnreadable(path=path, reason=str(error))) from error
        return self._texts[path]

    def _put(self, path: str, line: int, old: str, new: str, text: str) -> None:
        first = self._edits.get(path)
        before = first.before if first else files.sha256(path)
        lines = tuple(entry for entry in first.lines if entry[0] != line) if first else ()
        # A line that two services share is edited twice; keep its original text.
        old = next((entry[1] for entry in first.lines if entry[0] == line), old) if first else old
        self._texts[path] = text
        self._edits[path] = FileEdit(path, (*lines, (line, old, new)), text.encode(self._encodings[path]), before)

    @staticmethod
    def _refusal(service: str, place: ScalarSpan, variable: str, reason: str) -> UsageError:
        return UsageError(
            ReferenceNotInFiles(service=service, variable=variable, reason=reason, file=place.file, line=place.line)
        )


def _pieces(template: str) -> list[tuple[str, str]] | None:
    """Splits a template into (variable, '') and ('', literal) pieces; None if `${X:+…}` or nesting is in the way."""
    pieces: list[tuple[str, str]] = []
    at = 0
    for match in VARIABLE.finditer(template):
        if match.start() > at:
            pieces.append(("", template[at : match.start()]))
        if match["escaped"]:
            pieces.append(("", "$"))
        elif "+" in (match["operator"] or ""):
            return None
        else:
            pieces.append((match["bare"] or match["braced"], ""))
        at = match.end()
    if at < len(template):
        pieces.append(("", template[at:]))
    return None if any("$" in text and text != "$" for _, text in pieces) else pieces


def _solve(pieces: list[tuple[str, str]], variables: list[str], present: str, wanted: str) -> dict[str, str] | None:
    """Returns the new values of variables that turn one reference into the other; changes as few as possible."""
    old = _match(pieces, present, {})
    if old is None:
        return None
    for changing in (*([name] for name in reversed(variables)), variables):
        fixed = {name: value for name, value in old.items() if name not in changing}
        if (new := _match(pieces, wanted, fixed)) is not None:
            return {name: new[name] for name in variables if new[name] != old[name]}
    return None


def _beside(template: str, present: str, wanted: str) -> str | None:
    """Returns the template with another literal end if only text after its last variable changes; else None."""
    end = max(template.rfind("}") + 1, *(match.end() for match in _BARE.finditer(template)), 0)
    kept = present.removesuffix(template[end:])
    if "$$" in template or not present.endswith(template[end:]) or not wanted.startswith(kept):
        return None
    return template[:end] + wanted.removeprefix(kept)


def _match(pieces: list[tuple[str, str]], text: str, fixed: Mapping[str, str]) -> dict[str, str] | None:
    pattern = ""
    seen: set[str] = set()
    for name, literal in pieces:
        if not name:
            pattern += re.escape(literal)
        elif name in fixed:
            pattern += re.escape(fixed[name])
        elif name in seen:
            pattern += f"(?P={name})"
        else:
            # Greedy: the last colon of REPOSITORY:TAG separates them, so that a registry's port stays with its host.
            pattern += f"(?P<{name}>.*)"
            seen.add(name)
    match = re.fullmatch(pattern, text)
    return None if match is None else {**fixed, **match.groupdict()}
