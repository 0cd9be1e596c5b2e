"""Message templates: gaps that facts fill, and optional parts that are left out if a fact is missing.

    {name}            the fact, cleaned
    {name:form}       the fact in a form of :mod:`ws9tui.words.forms`: {seconds:duration}, {reference:ref}
    [ in {file}]      left out unless all its facts are given; may be nested
    [{a} // {b} // c] the first of these that is complete
    {name:given}      nothing, but it counts as a gap: [{name:given} only if the fact is given]
    <name>            a command of :mod:`ws9tui.words.commands`, in quotes; it takes its facts by itself

A message is translated as a whole before it is filled, so another language has its own order and its own optional
parts. Facts are inserted after the template is parsed, so nothing in a fact is interpreted as template.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from ws9tui.words import commands
from ws9tui.words.forms import FORMS
from ws9tui.words.language import mark, translated, translated_many

UNKNOWN = mark("(unknown)")
"""replaces a missing fact outside optional parts"""
_GIVEN = "given"


class Message(NamedTuple):
    """A whole sentence or label, translated when it is called with its facts, so tables can hold it.

    A context tells apart what is one word in English and two in another language.
    """

    text: str
    context: str = ""

    def __call__(self, /, **facts: object) -> str:
        """Returns the translated message, filled with these facts."""
        return _filled(_parsed(translated(self.text, self.context)), facts)[0]

    def __str__(self) -> str:
        return self()


class Plural(NamedTuple):
    """A message with a plural form, which has the number as `{count}`."""

    one: str
    many: str

    def __call__(self, count: int, /, **facts: object) -> str:
        """Returns the translated message for this number, filled with these facts."""
        return _filled(_parsed(translated_many(self.one, self.many, count)), {"count": count, **facts})[0]


def say(message: str, /, **facts: object) -> str:
    """Translates and fills a message that is written at the call, where the catalogue extractor finds it."""
    return fill(message, facts)


def fill(template: str, facts: Mapping[str, object]) -> str:
    """Translates and fills a message; a fact that is missing outside brackets becomes '(unknown)'."""
    return _filled(_parsed(translated(template)), facts)[0]


class _Gap(NamedTuple):
    """A gap that one fact fills."""

    name: str
    form: str


class _Command(NamedTuple):
    """A gap that a command fills."""

    name: str


class _Optional(NamedTuple):
    """Alternatives of which the first complete one is used, or none."""

    alternatives: list[list[_Part]]


_Part = str | _Gap | _Command | _Optional


_TOKEN = re.compile(r"\{(\w+)(?::(\w+))?\}|<([a-z-]+)>|([\[\]])| (//) |([^\[\]{< ]+|.)")


@lru_cache(maxsize=4096)
def _parsed(template: str) -> list[_Part]:
    """Parses a template; raises `ValueError` for unbalanced brackets."""
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


def gaps(template: str) -> set[str]:
    """Returns the names of the facts that a template can take; raises `KeyError` for an unknown form."""
    for form in re.findall(r"\{\w+:(\w+)\}", template):
        _ = form == _GIVEN or FORMS[form]
    return set(re.findall(r"\{(\w+)", template)).union(*map(commands.gaps, commands_in(template)))


def commands_in(template: str) -> list[str]:
    """Returns the names of the commands in a template."""
    return re.findall(r"<([a-z-]+)>", template)


def _filled(parts: list[_Part], facts: Mapping[str, object]) -> tuple[str, bool]:
    """Returns the text of some parts, and whether no fact was missing."""
    written = ""
    complete = True
    after_fact = False
    for part in parts:
        if isinstance(part, str):
            if after_fact and part.startswith((".", "。")):
                written = written.rstrip(".:;, 。：；，")  # a fact may end in a full stop of its own
            written += part
            after_fact = False
            continue
        if isinstance(part, _Optional):
            tried = (_filled(alternative, facts) for alternative in part.alternatives)
            value = next((value for value, whole in tried if whole), "")
        elif isinstance(part, _Command):
            command, whole = commands.written(part.name, {name: str(fact) for name, fact in facts.items()})
            value, complete = commands.in_quotes(command), complete and whole
        else:
            value, there = _gap(part, facts.get(part.name))
            complete = complete and there
        written += value
        after_fact = after_fact or bool(value)
    return written, complete


def _gap(gap: _Gap, fact: object) -> tuple[str, bool]:
    """Returns the text for a gap, and whether its fact is given."""
    there = bool(fact) or (isinstance(fact, int | float) and fact is not False)
    if gap.form == _GIVEN:
        return "", there
    value = FORMS[gap.form](fact) if there else ""
    return value or translated(UNKNOWN), bool(value)
