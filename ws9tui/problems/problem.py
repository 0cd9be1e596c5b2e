"""The base class of all problems, and their form in journals and for scripts: a code, and facts as texts."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Self, dataclass_transform

KINDS: dict[str, type[Problem]] = {}
"""code → class of the problem"""
_NUMBERS = {"int": int, "int | None": int, "float": float, "float | None": float}
"""annotations of numeric facts → the function that parses them"""
_CODE = "_code"
"""suffix of the name of the fact that holds a reason's code"""


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Problem:
    """A problem, a finding or the cause of an operation: one subclass each, whose annotated fields are its facts.

    A fact is a text, a number or a reason, and has a default if it may be missing. The code is the class's name in
    lower case with hyphens, unless the class sets another; a `family`, a base class with common facts, is not listed.
    """

    _code: ClassVar[str] = ""
    _types: ClassVar[dict[str, str]] = {}
    """fact → its annotation"""

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
        """The stable name of the problem's class, for journals and scripts."""
        return self._code

    @classmethod
    def has(cls, fact: str) -> bool:
        """Whether the class has a fact of that name."""
        return fact in cls._types

    @classmethod
    def with_facts(cls, facts: Mapping[str, str]) -> Problem:
        """Returns the problem with these facts, given as texts; raises `KeyError` or `ValueError` for invalid ones.

        A missing fact is empty or None: another version may not have written it.
        """
        found: dict[str, Any] = {}
        plain = dict.fromkeys((name for name in cls._types if not hasattr(cls, name)), "") | dict(facts)
        for name in [name for name, kind in cls._types.items() if "Reason" in kind and f"{name}{_CODE}" in facts]:
            found[name] = nested(facts, name)
            plain = {key: text for key, text in plain.items() if key != name and not key.startswith(f"{name}_")}
        return cls(**found, **{name: _fact(cls._types[name], text) for name, text in plain.items()})

    @property
    def facts(self) -> dict[str, str]:
        """The given facts, as texts; empty for None. A reason becomes its code and its facts, with prefixed names."""
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
        """The facts that are problems themselves, by name."""
        return {name: fact for name, fact in vars(self).items() if isinstance(fact, Problem)}

    def replace(self, **facts: Any) -> Self:  # noqa: ANN401 - as in the constructor
        """Returns a copy with these facts replaced."""
        return type(self)(**vars(self) | facts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Problem) and (self.code, self.facts) == (other.code, other.facts)

    def __hash__(self) -> int:
        return hash((self.code, *self.facts.items()))

    def __repr__(self) -> str:
        return f"{self.code} {self.facts}"


class Reason(Problem, family=True):
    """The reason of a problem, which has it as a fact; its wording is a part of the problem's sentence.

    If a fact is a text instead, it is quoted from an engine, a registry, another program or the kernel.
    """


def reason_of(problem: Problem) -> Reason | str:
    """Returns a problem's reason; empty if it has none."""
    found: Reason | str | None = getattr(problem, "reason", None)
    return found or ""


def told_by(error: BaseException) -> Reason | str:
    """Returns the reason that an exception carries, else its text."""
    found = error.args[0] if error.args else None
    return found if isinstance(found, Reason) else str(error)


def nested(facts: Mapping[str, str], name: str) -> Problem:
    """Returns the reason under this name among a problem's facts; raises `KeyError` if there is none."""
    own = {key.removeprefix(f"{name}_"): text for key, text in facts.items() if key.startswith(f"{name}_")}
    return read(own.pop(_CODE[1:]), own)


def _fact(kind: str, text: str) -> object:
    if kind not in _NUMBERS:
        return text
    return _NUMBERS[kind](text) if text else None


class Unrecognized(Problem, family=True):
    """A problem from another version's journal, whose code or facts this version does not know."""

    def __init__(self, code: str, facts: Mapping[str, str]) -> None:
        vars(self).update(_facts=dict(facts), _code=code)

    @property
    def facts(self) -> dict[str, str]:
        """The facts as they were written."""
        facts: dict[str, str] = vars(self)["_facts"]
        return facts

    def replace(self, **facts: Any) -> Self:  # noqa: ANN401 - as in the constructor
        """Returns a copy with these facts replaced."""
        return type(self)(self.code, self.facts | facts)


def read(code: str, facts: Mapping[str, str]) -> Problem:
    """Returns the problem with this code and these facts; an `Unrecognized` if this version does not know them."""
    try:
        return KINDS[code].with_facts(facts)
    except (KeyError, ValueError):
        return Unrecognized(code, facts)
