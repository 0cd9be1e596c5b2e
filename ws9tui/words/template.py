"""Sentences with gaps: a template, the facts that fill it, and the parts that are left out where a fact is missing.

    {name}            the fact, cleaned
    {name:form}       the same in one of the forms below: {seconds:duration}, {reference:ref}
    [ in {file}]      left out unless all its facts are there; may be nested
    [{a} // {b} // c] the first of these that is complete
    {name:given}      nothing, but it counts as a gap: [{name:given} only if the fact is there]
    <name>            a command of :mod:`ws9tui.words.commands`, in quotes; it takes facts by itself

Facts are put in after the template was read, so nothing in a fact can be taken for a part of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from ws9tui.words import commands, text

UNKNOWN = "(unknown)"
"""stands for a fact that a sentence cannot do without and that is missing"""
FACT_LIMIT = 300
_GIVEN = "given"


class _Gap:
    """A place that one fact fills."""

    def __init__(self, name: str, form: str) -> None:
        self.name = name
        self.form = form


class _Command:
    """A place where a command stands."""

    def __init__(self, name: str) -> None:
        self.name = name


class _Optional:
    """Alternatives of which the first complete one is taken, or none."""

    def __init__(self, alternatives: list[list[_Part]]) -> None:
        self.alternatives = alternatives


_Part = str | _Gap | _Command | _Optional


def _number(form: Callable[[float], str]) -> Callable[[str], str]:
    def written(fact: str) -> str:
        try:
            return form(float(fact))
        except (ValueError, OverflowError):
            return text.clean(fact, FACT_LIMIT)

    return written


def _status(fact: str) -> str:
    """An exit status as Python tells it: negative when a signal killed the process."""
    signal = fact.removeprefix("-")
    return f"killed by signal {text.clean(signal, 9)}" if signal != fact else f"exit status {text.clean(fact, 9)}"


def _names(fact: str) -> str:
    return text.listed([name for name in re.split(r"[,\s]+", fact) if name], most=10)


_WHY = {
    "uppercase": "a repository's name has no capitals",
    "syntax": "it is not written as one",
    "too-long": "it is too long",
    "true-or-false": "true or false is expected",
    "paths": "true, false, or a list of absolute paths in the container is expected",
    "duration": "a duration as in 30s or 2m is expected",
    "url": "an address with http:// or https:// is expected",
    "mapping": "names and values are expected",
    "text": "a text is expected",
    "number": "a number from 1 on is expected",
}

_PLACE = {
    "place": "its image is not written in the project's own files",
    "unread": "ws9tui cannot read the file, though Compose can",
    "syntax": "it is put together in a way that is not understood",
    "shape": "no value of its variables gives what was asked for",
    "shell": "the value comes from the shell",
    "indirect": "the value is made of other variables",
}

_LOGIN = {
    "empty": "it has no login in it",
    "not-base64": "its auth is not written in Base64",
    "no-colon": "its auth is not made of a user and a password",
    "not-json": "it is not written in JSON",
    "shape": "it is not made as such a file is",
    "helper-missing": "is not installed",
    "helper-failed": "failed",
    "helper-nonsense": "gave no login",
    "helper-hangs": "did not answer in time",
}

_SOURCE = {"tag": "by its tag", "expect": "by --expect", "settings": "by x-ws9tui", "release": "by the release"}
_FOLDER = {
    "not-empty": "it is not empty",
    "no-folder": "it is a file, or below one",
    "not-writable": "nothing may be written there",
}
_WHAT = {
    "file": "A file",
    "container": "A container",
    "image": "An image",
    "definition": "The definition of a service",
}


def _why(fact: str) -> str:
    """A reason that the core gives as a word."""
    return _WHY.get(fact) or text.clean(fact, FACT_LIMIT)


_FORMS: dict[str, Callable[[str], str]] = {
    "": lambda fact: text.clean(fact, FACT_LIMIT),
    "date": text.date,
    "digest": text.short_digest,
    "duration": _number(text.duration),
    "why": _why,
    "place": lambda fact: _PLACE.get(fact) or text.clean(fact, FACT_LIMIT),
    "login": lambda fact: _LOGIN.get(fact) or text.clean(fact, FACT_LIMIT),
    "source": lambda fact: _SOURCE.get(fact) or text.clean(fact, FACT_LIMIT),
    "folder": lambda fact: _FOLDER.get(fact) or text.clean(fact, FACT_LIMIT),
    "what": lambda fact: _WHAT.get(fact) or text.clean(fact, FACT_LIMIT),
    "wait": _number(lambda seconds: text.duration(seconds) if seconds > 0 else ""),
    "list": _names,
    "ref": text.short_reference,
    "size": _number(text.size),
    "status": _status,
    "times": _number(lambda count: text.plural(int(count), "time")),
    "files": _number(lambda count: text.plural(int(count), "file")),
    "inodes": _number(lambda count: f"{int(count):,}".replace(",", " ")),
}

_TOKEN = re.compile(r"\{(\w+)(?::(\w+))?\}|<([a-z-]+)>|([\[\]])| (//) |([^\[\]{< ]+|.)")


@lru_cache(maxsize=512)
def _parsed(template: str) -> list[_Part]:
    """The parts of a template."""
    stack: list[list[list[_Part]]] = [[[]]]
    for name, form, command, bracket, slash, plain in _TOKEN.findall(template):
        parts = stack[-1][-1]
        if name:
            parts.append(_Gap(name, form))
        elif command:
            parts.append(_Command(command))
        elif bracket == "[":
            stack.append([[]])
        elif bracket == "]":
            alternatives = stack.pop()
            stack[-1][-1].append(_Optional(alternatives))
        elif slash:
            stack[-1].append([])
        else:
            parts.append(plain)
    if len(stack) != 1 or len(stack[0]) != 1:
        raise ValueError(f"brackets do not match: {template}")
    return stack[0][0]


def fill(template: str, facts: Mapping[str, str]) -> str:
    """The sentence with its gaps filled; a fact that is missing outside brackets is called unknown."""
    return _filled(_parsed(template), facts)[0]


def gaps(template: str) -> set[str]:
    """The names of the facts that a template can take, forms checked; raises `KeyError` for an unknown form."""
    for form in re.findall(r"\{\w+:(\w+)\}", template):
        _ = form == _GIVEN or _FORMS[form]
    return set(re.findall(r"\{(\w+)", template)).union(*map(commands.gaps, commands_in(template)))


def commands_in(template: str) -> list[str]:
    """The names of the commands in a template."""
    return re.findall(r"<([a-z-]+)>", template)


def _filled(parts: list[_Part], facts: Mapping[str, str]) -> tuple[str, bool]:
    """The text of some parts, and whether no fact was missing."""
    written = ""
    complete = True
    after_fact = False
    for part in parts:
        if isinstance(part, str):
            if after_fact and part.startswith("."):
                written = written.rstrip(".:;, ")  # a fact may bring a full stop of its own
            written += part
            after_fact = False
            continue
        if isinstance(part, _Optional):
            tried = (_filled(alternative, facts) for alternative in part.alternatives)
            value = next((value for value, whole in tried if whole), "")
        elif isinstance(part, _Command):
            command, whole = commands.written(part.name, facts)
            value, complete = commands.in_quotes(command), complete and whole
        else:
            value, there = _gap(part, facts.get(part.name, ""))
            complete = complete and there
        written += value
        after_fact = after_fact or bool(value)
    return written, complete


def _gap(gap: _Gap, fact: str) -> tuple[str, bool]:
    """What stands in a gap, and whether there was something to put in."""
    if gap.form == _GIVEN:
        return "", bool(fact)
    value = _FORMS[gap.form](fact) if fact else ""
    return value or UNKNOWN, bool(value)
