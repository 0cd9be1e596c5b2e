"""The message templates of one problem."""

from __future__ import annotations

from typing import NamedTuple

from ws9tui.problems.problem import Problem


class Wording(NamedTuple):
    """Templates in the notation of :mod:`ws9tui.words.template`."""

    title: str
    """what is wrong or was found: a sentence"""
    remedy: str = ""
    """what to do: one or more sentences"""
    brief: str = ""
    """the title in a few words, without capital and full stop; empty: the title itself"""


Wordings = dict[type[Problem], Wording]
