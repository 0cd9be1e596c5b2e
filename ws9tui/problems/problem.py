"""What all problems have in common: the code and the facts as which a journal and scripts get them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Self, dataclass_transform

KINDS: dict[str, type[Problem]] = {}
"""each problem, by its code"""
_NUMBERS = {"int": int, "int | None": int, "float": float, "float | None": float}
"""types of facts that are no text, and what reads them from one"""


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Problem:
    """What is wrong, or why something is done: a class each, whose fields are the facts of it.

    A fact is a text or a number, and has a default where it may be missing. The code is the class's name in lower case
    with hyphens, unless the class names another; a family of problems that have facts in common has none.
    """

    _code: ClassVar[str] = ""
    _types: ClassVar[dict[str, str]] = {}
    """the facts that it has, and what each is"""

    def __init_subclass__(cls, code: str = "", *, family: bool = False) -> None:
        cls._code = code or re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()
        cls._types = cls._types | inspect.get_annotations(cls)
        if not family and KINDS.setdefault(cls._code, cls) is not cls:
            raise TypeError(f"two problems have the code {cls._code}")

    def __init__(self, **facts: Any) -> None:  # noqa: ANN401 - each subclass has types of its own
        vars(self).update(facts)
        if facts.keys() - self._types or not all(hasattr(self, name) for name in self._types):
            raise TypeError(f"{type(self).__name__} has the facts {', '.join(self._types)}, and not {', '.join(facts)}")

    @property
    def code(self) -> str:
        """The name by which scripts know it."""
        return self._code

    @classmethod
    def has(cls, fact: str) -> bool:
        """Whether it has a fact of that name."""
        return fact in cls._types

    @classmethod
    def with_facts(cls, facts: Mapping[str, str]) -> Problem:
        """The one with these facts, given as texts; raises `KeyError` or `ValueError` for others.

        What is missing is not known: another version may not have written it.
        """
        missing = dict.fromkeys((name for name in cls._types if not hasattr(cls, name)), "")
        return cls(**{name: _fact(cls._types[name], text) for name, text in (missing | dict(facts)).items()})

    @property
    def facts(self) -> dict[str, str]:
        """What it was given, as texts; empty where it is not known."""
        return {name: "" if fact is None else str(fact) for name, fact in vars(self).items()}

    def replace(self, **facts: Any) -> Self:  # noqa: ANN401 - as in the constructor
        """The same with other facts."""
        return type(self)(**vars(self) | facts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and (self.code, self.facts) == (other.code, other.facts)

    def __hash__(self) -> int:
        return hash((self.code, *self.facts.items()))

    def __repr__(self) -> str:
        return f"{self.code} {self.facts}"


def _fact(kind: str, text: str) -> object:
    if kind not in _NUMBERS:
        return text
    return _NUMBERS[kind](text) if text else None


class Unrecognized(Problem, family=True):
    """One of another version's journal, of which the code or the facts are not those of today."""

    def __init__(self, code: str, facts: Mapping[str, str]) -> None:
        vars(self).update(_facts=dict(facts), _code=code)

    @property
    def facts(self) -> dict[str, str]:
        """What was written of it."""
        facts: dict[str, str] = vars(self)["_facts"]
        return facts

    def replace(self, **facts: Any) -> Self:  # noqa: ANN401 - as in the constructor
        """The same with other facts."""
        return type(self)(self.code, self.facts | facts)


def read(code: str, facts: Mapping[str, str]) -> Problem:
    """The problem that is written with this code and these facts."""
    try:
        return KINDS[code].with_facts(facts)
    except (KeyError, ValueError):
        return Unrecognized(code, facts)
