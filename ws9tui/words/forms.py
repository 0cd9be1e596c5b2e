"""The forms of facts in messages: `{seconds:duration}` is a duration, `{reason:why}` the text of a reason code."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ws9tui.words import text
from ws9tui.words.language import mark, mark_many, translated, translated_many

LIMIT = 300
"""largest number of a fact's characters that is shown"""
_NAME = 80
_SHORT = 40


def _clean(fact: object, limit: int = LIMIT) -> str:
    return text.clean(str(fact), limit)


def _number(form: Callable[[float], str]) -> Callable[[Any], str]:
    def written(fact: Any) -> str:  # noqa: ANN401 - a number, or a text that is one, or not
        try:
            return form(float(fact))
        except (ValueError, OverflowError):
            return _clean(fact)

    return written


def _counted(one: str, many: str) -> Callable[[Any], str]:
    """Returns a form for a number with its noun."""
    return _number(lambda count: translated_many(one, many, int(count)).format(count=int(count)))


def _coded(words: Mapping[str, str]) -> Callable[[Any], str]:
    """Returns a form for codes of the core; an unknown code is shown as it is."""
    return lambda fact: translated(words[fact]) if fact in words else _clean(fact)


def _status(fact: object) -> str:
    """Formats an exit status as Python reports it: negative if a signal killed the process."""
    number = _clean(fact, 9)
    if number.startswith("-"):
        return translated("killed by signal {number}").format(number=number[1:])
    return translated("exit status {number}").format(number=number)


def _severities(fact: object) -> str:
    """Formats counts by severity, given as the core writes them: `2 critical, 1 high`."""

    def said(part: str) -> str:
        known = re.fullmatch(r"([0-9]{1,9}) (\w+)", part)
        if known is None or known[2] not in _SEVERITIES:
            return _clean(part, _SHORT)
        return translated_many(*_SEVERITIES[known[2]], int(known[1])).format(count=int(known[1]))

    return text.joined(map(said, str(fact).split(", ")))


def _names(fact: str | Sequence[str]) -> str:
    """Lists names, given as a sequence or as a text, in which `, ` separates them."""
    names = [name for name in fact.split(", ") if name] if isinstance(fact, str) else list(fact)
    return text.listed(names, most=10 if isinstance(fact, str) else 6)


_WHY = {
    "uppercase": mark("a repository name has no capital letters"),
    "syntax": mark("its format is not valid"),
    "too-long": mark("it is too long"),
    "true-or-false": mark("it must be true or false"),
    "paths": mark("it must be true, false, or a list of absolute paths in the container"),
    "mirror": mark("it must be a mirror, such as mirror.example.com or ghcr.io=mirror.example.com/ghcr"),
    "track": mark("it must be patch, minor or major"),
    "duration": mark("it must be a duration, such as 30s or 2m"),
    "url": mark("it must be a URL with http:// or https://"),
    "mapping": mark("it must be a mapping of names to values"),
    "text": mark("it must be a text"),
    "number": mark("it must be a number, 1 or greater"),
    "digest": mark("it must be sha256: with 64 hexadecimal digits"),
    "range": mark("it must be a range of versions, such as '>=2.2 <3'"),
    "scanner": mark("it must be false, trivy, grype or scout"),
    "severity": mark("it must be critical, high, medium or low"),
    "notify": mark("it must be a URL with http:// or https://, or a command"),
    "hook": mark("it must have 'run' with a command"),
    "hook-place": mark("it must be container or host"),
    "hook-failure": mark("it must be refuse or warn"),
    "hook-after": mark("what runs afterwards can only warn"),
    "hook-file": mark("a hook of the whole project runs on the host: write {run: […], on: host}"),
    "hook-host": mark("on the host it must be a list; for a shell, write [sh, -c, …]"),
    "signature": mark("it must be false, a key, or an identity with its issuer"),
}

_PLACE = {
    "place": mark("its image is not set in the project's own files"),
    "unread": mark("ws9tui cannot read the file, though Compose can"),
    "syntax": mark("it is written in a way that ws9tui does not understand"),
    "shape": mark("no value of its variables gives the requested image"),
    "shell": mark("the value comes from the shell"),
    "indirect": mark("the value is composed of other variables"),
}

_LOGIN = {
    "empty": mark("it contains no login"),
    "not-base64": mark("its auth is not valid Base64"),
    "no-colon": mark("its auth is not a user and a password"),
    "not-json": mark("it is not valid JSON"),
    "shape": mark("it does not have the structure of such a file"),
    "helper-missing": mark("is not installed"),
    "helper-failed": mark("failed"),
    "helper-nonsense": mark("returned no login"),
    "helper-hangs": mark("did not answer in time"),
}

_SOURCE = {
    "tag": mark("by its tag"),
    "expect": mark("by --expect"),
    "settings": mark("by x-ws9tui"),
    "release": mark("by the release"),
}
_SEVERITIES = {
    "critical": mark_many("{count} critical", "{count} critical"),
    "high": mark_many("{count} high", "{count} high"),
    "medium": mark_many("{count} medium", "{count} medium"),
    "low": mark_many("{count} low", "{count} low"),
    "negligible": mark_many("{count} negligible", "{count} negligible"),
    "unknown": mark_many("{count} of unknown severity", "{count} of unknown severity"),
}
_AGENT = {
    "none": mark("No agent is named here: SSH_AUTH_SOCK is not set."),
    "gone": mark("The agent that SSH_AUTH_SOCK names is gone."),
}
_PURPOSE = {
    "look": mark("to see what is there"),
    "resolve": mark("to ask registries for digests"),
    "pull": mark("to pull images"),
    "tag": mark("to tag images"),
    "remove-image": mark("to remove images"),
    "recreate": mark("to recreate containers"),
    "exec": mark("to run commands in containers"),
    "load": mark("to load images from archives"),
    "data": mark("to back up and restore data"),
    "make": mark("to create networks and volumes"),
}
_FOLDER = {
    "not-empty": mark("it is not empty"),
    "no-folder": mark("it is a file, or inside one"),
    "not-writable": mark("there is no write permission"),
}
_WHAT = {
    "file": mark("A file"),
    "container": mark("A container"),
    "image": mark("An image"),
    "definition": mark("The definition of a service"),
}


_STATE = {
    "created": mark("created"),
    "running": mark("running"),
    "paused": mark("paused"),
    "restarting": mark("restarting"),
    "removing": mark("removing"),
    "exited": mark("exited"),
    "completed": mark("completed"),
    "dead": mark("dead"),
    "starting": mark("starting"),
    "healthy": mark("healthy"),
    "unhealthy": mark("unhealthy"),
}
"""the engine's words for a container's state and its health"""


def state(word: str) -> str:
    """Returns a container's state or health in words; an unknown word is shown as it is."""
    return translated(_STATE[word]) if word in _STATE else _clean(word, _SHORT)


FORMS: dict[str, Callable[[Any], str]] = {
    "": _clean,
    "name": lambda fact: _clean(fact, _NAME),
    "short": lambda fact: _clean(fact, _SHORT),
    "said": str,  # already in words
    "list": _names,
    "ref": text.short_reference,
    "digest": text.short_digest,
    # --- codes of the core
    "why": _coded(_WHY),
    "place": _coded(_PLACE),
    "login": _coded(_LOGIN),
    "source": _coded(_SOURCE),
    "folder": _coded(_FOLDER),
    "agent": _coded(_AGENT),
    "purpose": _coded(_PURPOSE),
    "what": _coded(_WHAT),
    "severities": _severities,
    "state": lambda fact: state(str(fact)),
    # --- times
    "date": text.date,
    "duration": _number(text.duration),
    "precise": _number(text.precise),
    "plain": _number(lambda number: f"{number:g}"),
    "wait": _number(lambda seconds: text.duration(seconds) if seconds > 0 else ""),
    # --- numbers
    "size": _number(text.size),
    "status": _status,
    "restarts": _counted(*mark_many("{count} restart", "{count} restarts")),
    "times": _counted(*mark_many("{count} time", "{count} times")),
    "files": _counted(*mark_many("{count} file", "{count} files")),
    "inodes": _number(lambda count: f"{int(count):,}".replace(",", " ")),
}
