"""Variables as the simulated Compose reads and fills them: the shell's, the env files', `${NAME:-default}`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ws9tui.core.compose import envfile, inputs
from ws9tui.core.model.source import ProjectSource
from ws9tui.errors import ComposeError
from ws9tui.problems.engine import ComposeFileInvalid, ComposeVariableRequired

_VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|(?P<plain>[A-Za-z_]\w*)|(?P<braced>\{))")
_BRACED = re.compile(r"(?P<name>[A-Za-z_]\w*)(?:(?P<sign>:?[-?+])(?P<rest>.*))?", re.DOTALL)


def invalid(reason: str, file: str = "", line: int | None = None) -> ComposeError:
    """The error of files that Compose cannot use."""
    return ComposeError(ComposeFileInvalid(file=file, line=line, reason=reason))


def variables(source: ProjectSource) -> dict[str, str]:
    """Values of the variables: the shell's before those of the env files."""
    shell = {name: value for name, value in source.environment.items() if name not in source.absent}
    found: dict[str, str] = {}
    for file in source.env_files or [file for file in inputs.env_files(source) if Path(file).is_file()]:
        found |= read_env_file(file, {**found, **shell})
    return {**found, **shell}


def placed(source: ProjectSource) -> ProjectSource:
    """A source with the files that its call leads to, and the directory that those make the project's."""
    files = source.files
    if not files:
        place = Path(source.called_in)
        listed = variables(source).get("COMPOSE_FILE", "").split(os.pathsep)
        files = tuple(str(place / file) for file in listed if file) or inputs.discovered(place)
    if not files:
        raise invalid("no configuration file provided: not found")
    folder = source.folder if source.directory else str(Path(files[0]).parent)
    return msgspec.structs.replace(source, files=files, folder=folder)


def read_env_file(file: str, known: Mapping[str, str]) -> dict[str, str]:
    """The variables of an env file; one may use those before it."""
    try:
        text = Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise invalid("no such file or directory", file) from error
    found: dict[str, str] = {}
    for entry in envfile.assignments(text):
        value = entry.value
        if not entry.quote and text[: entry.start].rstrip(" \t")[-1] not in "=:":
            # A name alone passes the shell's value on.
            found |= {entry.name: known[entry.name]} if entry.name in known else {}
            continue
        if entry.quote == '"':
            value = value.replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")
        found[entry.name] = value if entry.quote == "'" else fill(value, {**found, **known})
    return found


def fill(text: str, values: Mapping[str, str]) -> str:
    """A text with its variables filled in."""
    parts: list[str] = []
    at = 0
    while (match := _VARIABLE.search(text, at)) is not None:
        parts.append(text[at : match.start()])
        at = match.end()
        if match["escaped"]:
            parts.append("$")
        elif match["plain"]:
            parts.append(values.get(match["plain"], ""))
        else:
            end = _closing(text, at)
            parts.append(_braced(text[at:end], values))
            at = end + 1
    return "".join((*parts, text[at:]))


def _closing(text: str, at: int) -> int:
    depth = 1
    for place in range(at, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return place
    raise invalid(f'invalid interpolation format: "{text}"')


def _braced(inside: str, values: Mapping[str, str]) -> str:
    match = _BRACED.fullmatch(inside)
    if match is None:
        raise invalid(f'invalid interpolation format: "${{{inside}}}"')
    name, sign = match["name"], match["sign"] or ""
    value = values[name] if name in values else None if sign else values.get(name)
    missing = value is None or (sign.startswith(":") and not value)
    if sign.endswith("?") and missing:
        reason = fill(match["rest"], values)
        raise ComposeError(ComposeVariableRequired(variable=match["name"], reason=reason))
    if sign.endswith("+"):
        return "" if missing else fill(match["rest"], values)
    if sign.endswith("-") and missing:
        return fill(match["rest"], values)
    return value or ""


class Asked(dict[str, str]):
    """Values that remember what was asked of them in vain."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.missing: dict[str, None] = {}

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as the one of dict
        """The value; a name without one is noted."""
        if name not in self:
            self.missing[name] = None
        return super().get(name, default)
