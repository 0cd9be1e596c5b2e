"""Variables as the simulated Compose fills them: the shell's and the env files', in `${NAME:-default}`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from ws9tui.core.compose import envfile, inputs
from ws9tui.core.model.source import ProjectSource
from ws9tui.errors import ComposeError

_VARIABLE = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<plain>[A-Za-z_]\w*)"
    r"|\{(?P<name>[A-Za-z_]\w*)(?:(?P<sign>:?[-?+])(?P<rest>(?:[^{}]|\{[^{}]*\})*))?\})"
)


def invalid(reason: str, file: str = "", line: int | str = "") -> ComposeError:
    """The error of files that Compose cannot use."""
    return ComposeError("compose-file-invalid", file=file, line=line, reason=reason)


class Variables(dict[str, str]):
    """The values of variables; which ones were used without a value or a default is noted."""

    def __init__(self, values: Mapping[str, str]) -> None:
        super().__init__(values)
        self.missing: dict[str, None] = {}

    def __missing__(self, name: str) -> str:
        self.missing[name] = None
        return ""


def variables(source: ProjectSource) -> Variables:
    """Values of the variables: the shell's before those of the env files."""
    shell = {name: value for name, value in source.environment.items() if name not in source.absent}
    found: dict[str, str] = {}
    for file in source.env_files or [file for file in inputs.env_files(source) if Path(file).is_file()]:
        found |= read_env_file(file, {**found, **shell})
    return Variables({**found, **shell})


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
        found[entry.name] = value if entry.quote == "'" else fill(value, Variables({**found, **known}))
    return found


def fill(text: str, values: Variables) -> str:
    """A text with its variables filled in."""
    return _VARIABLE.sub(lambda found: _value(found, values), text)


def _value(found: re.Match[str], values: Variables) -> str:
    if found["escaped"]:
        return "$"
    name, sign, rest = found["plain"] or found["name"], found["sign"] or "", found["rest"] or ""
    if not sign:
        return values[name]
    value = values.get(name)
    missing = value is None or (sign.startswith(":") and not value)
    if sign.endswith("+"):
        return "" if missing else fill(rest, values)
    if missing and sign.endswith("?"):
        raise ComposeError("compose-variable-required", variable=name, reason=fill(rest, values))
    return fill(rest, values) if missing else value or ""
