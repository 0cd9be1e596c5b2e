"""Parses what Compose prints: steps, warnings, and errors, which may quote values of variables."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Iterator

import msgspec

from ws9tui.adapters import read_only
from ws9tui.core.fs import files
from ws9tui.core.model.source import ProjectSource
from ws9tui.errors import ComposeError, StateError
from ws9tui.problems import reasons
from ws9tui.problems.engine import (
    ComposeFailed,
    ComposeFileInvalid,
    ComposeRefused,
    ComposeVariableRequired,
    EngineDiskReadOnly,
)
from ws9tui.problems.hanging import HookFailed
from ws9tui.problems.problem import Reason

_MOST_LINES = 4

_CONTAINER = "Container "
_PLAIN_STEP = re.compile(r"^ *Container (\S+) +(\S.*?) *$")
_LOG_LINE = re.compile(r'^time="[^"]*" level=(\w+) msg="((?:[^"\\]|\\.)*)"')
_UNDEFINED = re.compile(r'The \\?"([^"\\]+)\\?" variable is not set')
_REQUIRED = re.compile(r"required variable (\S+) is missing a value(?:: *(.*))?", re.DOTALL)
_ESCAPE = re.compile(r"invalid interpolation format for (\S+?)[.:]*(?:\s|$)")
_ENV_FILE_LINE = re.compile(r"failed to read (.+?): line (\d+): ([^\"]*)")
_FILE = (
    re.compile(r"(?:^|: )(?:validating|parsing|failed to parse) ([^:()\n\"]+): *(.*)", re.DOTALL | re.MULTILINE),
    re.compile(r"compose file \"([^\"]+)\" is invalid: *(.*)", re.DOTALL),
    re.compile(
        r"(?:[Cc]ouldn't find env file: |env file |open |stat )([^:\n]+?)(?: not found)?(?:: *(.*)|$)", re.DOTALL
    ),
)
_FORBIDDEN = re.compile(r"\b(?:open|l?stat|read|readlink) (/[^:\n]+): permission denied")
_PAGE = re.compile(r"<(?:!doctype|html|head|body)\b", re.IGNORECASE)
"""HTML: the answer of a proxy in front of the engine, never of the engine itself"""
_HOOK = re.compile(
    r"^(?P<service>\S+) hook exited with status (?P<status>-?\d+)(?:: *(?P<reason>.*))?$|"
    r'^service "(?P<of>[^"]+)" \w+\[\d+\] exited with code (?P<code>-?\d+)',
    re.MULTILINE,
)
_LINE = re.compile(r"\bat L(\d+)\.|.*\bline (\d+):", re.DOTALL)
_DEFINITION = re.compile(
    r"yaml|invalid compose project|undefined (?:service|volume|network|secret|config)|schema|"
    r"additional propert|env file|no configuration file|must be an? |empty compose file|compose file \"",
    re.IGNORECASE,
)
_ENGINE = re.compile(r"from daemon|^dependency failed", re.MULTILINE)
"""what is never about a file, whatever names it quotes"""


class ComposeStep(msgspec.Struct, frozen=True):
    """One progress step of one container."""

    container: str
    text: str


def step(line: str) -> ComposeStep | None:
    """Parses one line of progress, JSON or plain; None if it is not about a container."""
    said = _json(line)
    if said is None:
        found = _PLAIN_STEP.match(line)
        return ComposeStep(found[1], found[2]) if found else None
    name = str(said.get("id") or "")
    # Version 2 writes the text into the field in which later ones write the state.
    text = str(said.get("text") or said.get("status") or "")
    return ComposeStep(name.removeprefix(_CONTAINER), text) if name.startswith(_CONTAINER) and text else None


def undefined(errors: str) -> list[str]:
    """Returns the undefined variables that Compose warned of, each once."""
    return list(dict.fromkeys(_UNDEFINED.findall(errors)))


def hashes(output: str) -> dict[str, str]:
    """Parses the output of `config --hash`: service → hash."""
    pairs = (line.split() for line in output.splitlines())
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}  # noqa: PLR2004  # a pair


def error(verb: str, status: int, errors: str, source: ProjectSource) -> ComposeError | StateError:
    """Returns the error for a failed Compose call; a `StateError` for a file that may not be read."""
    said = "\n".join(_meaningful(errors))
    if found := _REQUIRED.search(said):
        return ComposeError(ComposeVariableRequired(variable=found[1], reason=(found[2] or "").strip()))
    if found := _ESCAPE.search(said):
        # Compose quotes the text next, often a password with a dollar in it.
        return _invalid(source, "", "", reasons.DollarLiteral(place=found[1]))
    if found := _ENV_FILE_LINE.search(said):
        return _invalid(source, found[1], found[2], found[3].strip())
    if found := _HOOK.search(said):
        reason = (found["reason"] or "").strip()
        service, status_of = found["of"] or found["service"], found["code"] or found["status"]
        return ComposeError(HookFailed(service=service, status=status_of, reason=reason))
    if verb == "config" or (_DEFINITION.search(said) and not _ENGINE.search(said)):
        return _definition_error(said, source)
    reason = " ".join(_last_lines(said))
    if _PAGE.search(reason):
        text = " ".join(re.sub(r"<[^>]*>", " ", reason).split())
        at = [done.container for line in errors.splitlines() if (done := step(line))]
        return ComposeError(ComposeRefused(command=verb, container=at[-1] if at else "", reason=text))
    if read_only.disk(reason):
        return ComposeError(EngineDiskReadOnly(reason=reason))
    return ComposeError(ComposeFailed(command=verb, status=status, reason=reason))


def _definition_error(said: str, source: ProjectSource) -> ComposeError | StateError:
    if found := _FORBIDDEN.search(said):
        return files.unreadable(found[1], PermissionError(errno.EACCES, said))
    file, reason = "", said
    for pattern in _FILE:
        if found := pattern.search(said):
            file, reason = found[1].strip(), (found[2] or said).strip()
            break
    line = _LINE.search(reason)
    return _invalid(source, file, (line[1] or line[2]) if line else "", " ".join(_last_lines(reason)))


def _invalid(source: ProjectSource, file: str, line: str, reason: Reason | str) -> ComposeError:
    if not file and len(source.files) == 1:
        file = source.files[0]
    return ComposeError(ComposeFileInvalid(file=file, line=int(line) if line else None, reason=reason))


def _last_lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()][-_MOST_LINES:]


def _meaningful(errors: str) -> Iterator[str]:
    """Yields the lines that are neither warnings nor progress; if any error is JSON, only its message."""
    lines = [line for line in errors.splitlines() if line.strip()]
    told = [str(said.get("message") or "") for line in lines if (said := _json(line)) and said.get("error")]
    if told:
        yield from told
        return
    for line in lines:
        log = _LOG_LINE.match(line)
        if log and log[1] not in ("error", "fatal"):
            continue
        if _json(line) is None and not _PLAIN_STEP.match(line) and not line.startswith(" "):
            yield log[2].replace('\\"', '"') if log else line


def _json(line: str) -> dict[str, object] | None:
    if not line.startswith("{"):
        return None
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None
