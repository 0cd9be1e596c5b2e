"""Every problem that the program can raise has words, and they hold whatever the facts are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ws9tui
from ws9tui import errors
from ws9tui.errors import Problem
from ws9tui.words import problems
from ws9tui.words.labels import STEPS
from ws9tui.words.problems import WORDINGS
from ws9tui.words.template import UNKNOWN, fill, gaps

PACKAGE = Path(ws9tui.__file__).parent
MAKERS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and name != "RegistryError"} | {
    "RegistryError",
    "_problem",
    "_failed",
    "_waiting",
    "_Kind",
    "finding",
    "_finding",
}
CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def codes() -> Iterator[tuple[str, str]]:
    """Every code that is given as a literal to something that makes a problem, and where."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and _name(node) in MAKERS):
                continue
            for value in [*node.args[:2], *(word.value for word in node.keywords if word.arg == "code")]:
                for part in (value.body, value.orelse) if isinstance(value, ast.IfExp) else (value,):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and CODE.fullmatch(part.value):
                        yield part.value, f"{path.relative_to(PACKAGE)}:{node.lineno}"


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def test_the_codes_are_found() -> None:
    assert len({code for code, _ in codes()}) > 40


def test_every_code_has_words() -> None:
    assert sorted({f"{code} ({where})" for code, where in codes() if code not in WORDINGS}) == []


NO_CODES = {
    "as-before",
    "config-hash",
    "docker-compose",
    "keep-tag",
    "no-folder",
    "not-empty",
    "not-writable",
    "oci-layout",
    "old-release",
    "on-failure",
    "too-long",
    "true-or-false",
    "utf-16-be",
    "utf-16-le",
    "utf-8",
    "unless-stopped",
    "x-ws9tui",
}
"""hyphenated words of the core that are neither codes nor kinds of steps"""


def test_codes_that_reach_a_problem_on_a_detour_have_words() -> None:
    """Some are picked from a table, or kept in a variable; so every hyphenated word of the core is looked at."""
    found = set()
    for path in (PACKAGE / "core").rglob("*.py"):
        if path.name in ("events.py", "fold.py", "run_state.py", "terms.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "-" in node.value:
                found |= {f"{node.value} ({path.name}:{node.lineno})"} if CODE.fullmatch(node.value) else set()
    assert sorted(word for word in found if word.split()[0] not in NO_CODES | WORDINGS.keys() | STEPS.keys()) == []


def all_facts(code: str) -> dict[str, str]:
    return {name: f"the-{name}" for part in WORDINGS[code] for name in gaps(part)}


@pytest.mark.parametrize("code", WORDINGS)
def test_words_are_whole_with_and_without_facts(code: str) -> None:
    """A sentence begins with a capital or a fact, ends with one full stop, and has no gap left."""
    full = Problem(code, all_facts(code))
    for problem in (full, Problem(code), Problem(code, dict.fromkeys(full.facts, ""))):
        for said in (problems.title(problem), problems.remedy(problem), problems.brief(problem)):
            assert not re.search(r"[{}\[\]]|\.\.|  | [.,:;](?!env)|\( ", said), said
            assert said == said.strip()
        for sentence in filter(None, (problems.title(problem), problems.remedy(problem))):
            assert sentence.endswith("."), sentence
        assert not problems.brief(problem).endswith(".")
    assert UNKNOWN not in problems.sentence(full) + problems.brief(full)


@settings(deadline=None)
@given(st.sampled_from(sorted(WORDINGS)), st.text(max_size=200))
def test_facts_are_shown_literally_and_harmlessly(code: str, fact: str) -> None:
    problem = Problem(code, dict.fromkeys(all_facts(code), fact))
    for said in (problems.sentence(problem), problems.brief(problem)):
        assert said.isprintable()


def test_a_fact_is_never_read_as_a_template() -> None:
    hostile = "[red]{host}[/red] // \x1b[31m{0}"
    assert problems.title(Problem("engine-unreachable", {"host": hostile})) == (
        "No Docker engine answers at [red]{host}[/red] // {0}."
    )


def test_an_unknown_code_tells_all_that_it_has() -> None:
    problem = Problem("flux-capacitor-low", {"gigawatts": "1.1", "where": "Hill\x1b[31m Valley", "none": ""})
    assert problems.title(problem) == "Flux capacitor low: gigawatts 1.1, where Hill Valley."
    assert problems.remedy(problem) == ""
    assert problems.brief(problem) == "Flux capacitor low: gigawatts 1.1, where Hill Valley"


def test_some_sentences_as_they_read() -> None:
    said = problems.sentence(
        Problem(
            "unauthorized",
            {"reference": "docker.io/library/nginx:1", "registry": "docker.io", "reason": "token expired."},
        )
    )
    assert said == (
        "Docker Hub refuses access to nginx:1: token expired."
        " Log in again with 'docker login': the login may have expired, or may not include this image."
    )
    said = problems.title(Problem("compose-file-invalid", {"file": "/a/b.yml", "line": "0", "reason": "tab"}))
    assert said == "/a/b.yml: the Compose file is not valid: tab."
    facts = {"old": "sha256:" + "a" * 64, "new": "sha256:" + "b" * 64, "old_version": "2.3", "new_version": "2.3"}
    assert problems.brief(Problem("image-changed", facts)) == "image 2.3, another build"
    assert problems.brief(Problem("image-changed", facts | {"new_version": "2.4"})) == "image 2.3 → 2.4"
    assert problems.brief(Problem("image-changed", {"old": facts["old"], "new": facts["new"]})) == (
        "image aaaaaaaaaaaa → bbbbbbbbbbbb"
    )


def test_templates_leave_out_what_is_missing() -> None:
    template = "{a}[ in {b}[, line {c}]][ ({x} // {y})]."
    assert fill(template, {"a": "1", "b": "2", "c": "3"}) == "1 in 2, line 3."
    assert fill(template, {"a": "1", "b": "2"}) == "1 in 2."
    assert fill(template, {"a": "1.", "c": "3"}) == "1."
    assert fill("[{x} // {y} // z]", {"y": "2"}) == "2"
    assert fill("[{x} // {y} // z]", {}) == "z"
    assert fill("[{x:given}yes // no]", {"x": "1"}) == "yes"
    assert fill("{a}", {}) == UNKNOWN


@pytest.mark.parametrize("code", ["compose-failed", "rollback-failed"])
def test_a_port_that_nobody_has_is_held_by_the_engine(code: str) -> None:
    said = "driver failed on endpoint shop-web-1 (1a2b): Bind for 127.0.0.1:8080 failed: port is already allocated"
    inner = {"reason": "compose-failed", "detail": said} if code == "rollback-failed" else {"reason": said}
    told = problems.remedy(Problem(code, inner))
    assert "'docker ps --filter publish=8080'" in told
    assert "restart the engine" in told
    assert "restart" not in problems.remedy(Problem(code, {"reason": "no such image"}))
