"""The table of reported failures names tests that exist, and leaves no row out."""

from __future__ import annotations

import ast
from pathlib import Path

from support import failures, websoft9_failures

TESTS = Path(__file__).parents[1]


def defined() -> set[str]:
    """Every test function, as `file::test`."""
    return {
        f"{file.name}::{node.name}"
        for file in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


def test_every_row_is_there_and_names_tests_that_exist() -> None:
    assert sorted(failures.ROWS) == list(range(1, 47))
    assert sorted(websoft9_failures.ROWS) == list(range(1, len(websoft9_failures.ROWS) + 1))
    known = defined()
    files = {name.partition("::")[0] for name in known}
    for row in (*failures.ROWS.values(), *websoft9_failures.ROWS.values()):
        for test in row.tests:
            file, _, name = test.partition("::")
            assert file in files if name == "*" else test in known, test


def test_a_row_fails_with_one_of_its_tests() -> None:
    row = failures.ROWS[46].tests
    assert len(row) > 1
    told = failures.summary(dict.fromkeys(row, "passed") | {row[0]: "failed"})
    assert next(line for line in told if line.startswith(" 46")).endswith("failed")
    assert next(line for line in told if line.startswith(" 18")).endswith("not run")
