"""How problems and their reasons read, for comparisons in tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ws9tui.problems.problem import Reason
from ws9tui.words import problems

if TYPE_CHECKING:
    from ws9tui.problems.problem import Problem


def words(reason: Reason | str | None) -> str:
    """Give a reason in words."""
    return problems.brief(reason) if isinstance(reason, Reason) else reason or ""


def facts(problem: Problem) -> dict[str, str]:
    """Give a problem's facts, of reasons the words alone."""
    hidden = tuple(f"{name}_" for name in problem.reasons)
    return {name: fact for name, fact in problems.spoken(problem).items() if not (hidden and name.startswith(hidden))}
