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
_CODE = "_code"
"""ends the name of the fact that is a reason's code"""


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Problem:
    """What is wrong, or why something is done: a class each, whose fields are the facts of it.

    A fact is a text, a number or a reason, and has a default where it may be missing. The code is the class's name in
    lower case with hyphens, unless the class names another; a family of problems that have facts in common has none.
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
        found: dict[str, Any] = {}
        plain = dict.fromkeys((name for name in cls._types if not hasattr(cls, name)), "") | dict(facts)
        for name in [name for name, kind in cls._types.items() if "Reason" in kind and f"{name}{_CODE}" in facts]:
            found[name] = nested(facts, name)
            plain = {key: text for key, text in plain.items() if key != name and not key.startswith(f"{name}_")}
        return cls(**found, **{name: _fact(cls._types[name], text) for name, text in plain.items()})

    @property
    def facts(self) -> dict[str, str]:
        """What it was given, as texts; empty where it is not known. Of a reason its code and its facts."""
        found: dict[str, str] = {}
        for name, fact in vars(self).items():
            if isinstance(fact, Problem):
                found[f"{name}{_CODE}"] = fact.code
                found |= {f"{name}_{key}": text for key, text in fact.facts.items()}
            else:
                found[name] = "" if fact is None else str(fact)
        return found

    @property
    def reasons(self) -> dict[str, Problem]:
        """Those of its facts that have words of their own."""
        return {name: fact for name, fact in vars(self).items() if isinstance(fact, Problem)}

    def replace(self, **facts: Any) -> Self:  # noqa: ANN401 - as in the constructor
        """The same with other facts."""
        return type(self)(**vars(self) | facts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and (self.code, self.facts) == (other.code, other.facts)

    def __hash__(self) -> int:
        return hash((self.code, *self.facts.items()))

    def __repr__(self) -> str:
        return f"{self.code} {self.facts}"


class Reason(Problem, family=True):
    """Why something is as a problem says, which has it as a fact; its words are a part of that one's sentence.

    Where a fact may be a text instead, that is what an engine, a registry, another program or the kernel said itself.
    """


def reason_of(problem: Problem) -> Reason | str:
    """The reason that a problem gives; empty where it gives none."""
    found: Reason | str | None = getattr(problem, "reason", None)
    return found or ""


def told_by(error: BaseException) -> Reason | str:
    """Why an error was raised: the reason that it has, else its text."""
    found = error.args[0] if error.args else None
    return found if isinstance(found, Reason) else str(error)


def nested(facts: Mapping[str, str], name: str) -> Problem:
    """The reason that stands among a problem's facts under this name; raises `KeyError` where there is none."""
    own = {key.removeprefix(f"{name}_"): text for key, text in facts.items() if key.startswith(f"{name}_")}
    return read(own.pop(_CODE[1:]), own)


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
