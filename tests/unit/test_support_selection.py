"""Scenarios take turns, and nothing is left out of all of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from support import selection

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parents[1]


class Item:
    """What selection asks of a collected test."""

    def __init__(self, path: str, name: str, *marks: pytest.Mark) -> None:
        self.path, self.name, self.nodeid = HERE / path, name, f"{path}::{name}"
        self.originalname = name.partition("[")[0]
        self._marks = marks

    def iter_markers(self, name: str) -> Iterator[pytest.Mark]:
        return (mark for mark in self._marks if mark.name == name)

    def get_closest_marker(self, name: str) -> pytest.Mark | None:
        return next(self.iter_markers(name), None)


ENGINE = pytest.mark.engine.mark
SAMPLE = pytest.mark.sample(2, reason="they are alike").mark


def test_what_takes_minutes_is_what_workers_begin_with() -> None:
    names = ["a", "b", "long", "c", "d", "long", "e"]
    items = [Item("engine/test_a.py", name, *([pytest.mark.long.mark] if name == "long" else [])) for name in names]
    spread = selection.spread(cast("list[pytest.Item]", items))
    assert [item.name for item in spread] == ["long", "a", "b", "c", "long", "d", "e"]
    assert [item.name for item in selection.spread(cast("list[pytest.Item]", items[:2]))] == ["a", "b"]


def turns(path: str, name: str, *marks: pytest.Mark) -> list[int]:
    item = cast("pytest.Item", Item(path, name, *marks))
    return [turn for turn in range(selection.TURNS) if selection.has_turn(item, turn)]


@pytest.mark.parametrize("name", [f"test_scenario_{number}" for number in range(20)])
def test_each_scenario_has_one_turn_with_all_its_cases(name: str) -> None:
    assert len(turns("engine/test_x.py", name, ENGINE)) == 1
    assert turns("engine/test_x.py", name, ENGINE) == turns("engine/test_x.py", f"{name}[case]", ENGINE)


@pytest.mark.parametrize(
    ("path", "name", "marks"),
    [
        ("unit/test_x.py", "test_x", ()),
        ("engine/test_x.py", "test_of_no_engine", ()),
        ("contract/test_x.py", "test_x", (ENGINE,)),
        ("engine/test_x.py", "test_x", (ENGINE, pytest.mark.always(reason="it stands alone").mark)),
        ("engine/test_kill_sweep.py", "test_a_run_that_is_killed_anywhere", (ENGINE,)),
        ("engine/test_conflicts.py", "test_one_run_at_a_time[x]", (ENGINE,)),
    ],
)
def test_what_takes_no_turns(path: str, name: str, marks: tuple[pytest.Mark, ...]) -> None:
    assert turns(path, name, *marks) == list(range(selection.TURNS))


def test_samples_are_others_in_another_turn() -> None:
    items = [cast("pytest.Item", Item("engine/test_x.py", f"test_x[{case}]", SAMPLE)) for case in "abcdef"]
    left = [{item.name for item in selection.sampled(items, turn)} for turn in range(3)]
    assert [len(names) for names in left] == [2, 2, 2]
    assert set().union(*left) == {item.name for item in items}


def test_the_commit_decides() -> None:
    assert selection.by_commit() in range(selection.TURNS)
    assert selection.by_commit() == selection.by_commit()
