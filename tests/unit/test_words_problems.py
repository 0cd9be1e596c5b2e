"""Every problem that the program can raise has words, and they hold whatever the facts are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import ws9tui
from ws9tui.core.model import codec
from ws9tui.problems import reasons, reasons_files
from ws9tui.problems.archive import ArchiveDamaged
from ws9tui.problems.engine import ComposeFailed, StateUnwritable
from ws9tui.problems.image import Unauthorized
from ws9tui.problems.problem import KINDS, Problem, Reason, Unrecognized, read
from ws9tui.problems.run import RollbackFailed
from ws9tui.words import problems
from ws9tui.words.problems import WORDINGS
from ws9tui.words.template import UNKNOWN, fill, gaps


def test_no_problem_is_made_from_a_dictionary() -> None:
    """What is in one is not known to the type checker."""
    names = {kind.__name__ for kind in KINDS.values()}
    found = [
        f"{path.name}:{node.lineno}"
        for path in Path(ws9tui.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in names
        and any(word.arg is None for word in node.keywords)
    ]
    assert found == []


def test_facts_in_words_are_those_that_a_problem_has() -> None:
    derived = {"held_port", "login", "moving_tag", "repository", "same_version", "tag", "todo"}
    for kind, wording in WORDINGS.items():
        wanted = set().union(*map(gaps, wording)) - derived
        assert {fact for fact in wanted if not kind.has(fact)} <= ({"reason"} if kind is RollbackFailed else set()), (
            kind
        )


def all_facts(code: str) -> dict[str, str]:
    return {name: f"the-{name}" for part in WORDINGS[KINDS[code]] for name in gaps(part)}


@pytest.mark.parametrize("code", KINDS)
def test_words_are_whole_with_and_without_facts(code: str) -> None:
    """A sentence begins with a capital or a fact, ends with one full stop; a reason is none. No gap is left."""
    full = read(code, all_facts(code))
    for problem in (full, read(code, {}), read(code, dict.fromkeys(full.facts, ""))):
        for said in (problems.title(problem), problems.remedy(problem), problems.brief(problem)):
            assert not re.search(r"[{}\[\]]|\.\.|  | [.,:;](?!env)|\( ", said), said
            assert said == said.strip()
        for sentence in filter(None, (problems.title(problem), problems.remedy(problem))):
            assert sentence.endswith(".") is not issubclass(KINDS[code], Reason), sentence
        assert not problems.brief(problem).endswith(".")
    assert UNKNOWN not in problems.sentence(full) + problems.brief(full)


def test_a_fact_is_never_read_as_a_template() -> None:
    hostile = "[red]{host}[/red] // \x1b[31m{0}"
    assert problems.title(read("engine-unreachable", {"host": hostile})) == (
        "Cannot connect to the Docker engine at [red]{host}[/red] // {0}."
    )


def test_an_unknown_code_tells_all_that_it_has() -> None:
    problem = read("flux-capacitor-low", {"gigawatts": "1.1", "where": "Hill\x1b[31m Valley", "none": ""})
    assert problems.title(problem) == "Flux capacitor low: gigawatts 1.1, where Hill Valley."
    assert problems.remedy(problem) == ""
    assert problems.brief(problem) == "Flux capacitor low: gigawatts 1.1, where Hill Valley"


def test_some_sentences_as_they_read() -> None:
    said = problems.sentence(
        read(
            "unauthorized",
            {"reference": "docker.io/library/nginx:1", "registry": "docker.io", "reason": "token expired."},
        )
    )
    assert said == (
        "Docker Hub denies access to nginx:1: token expired."
        " Log in again with 'docker login': your login may have expired, or may not include this image."
    )
    said = problems.title(read("compose-file-invalid", {"file": "/a/b.yml", "line": "0", "reason": "tab"}))
    assert said == "/a/b.yml: the Compose file is not valid: tab."
    facts = {"old": "sha256:" + "a" * 64, "new": "sha256:" + "b" * 64, "old_version": "2.3", "new_version": "2.3"}
    assert problems.brief(read("image-changed", facts)) == "image 2.3, new build"
    assert problems.brief(read("image-changed", facts | {"new_version": "2.4"})) == "image 2.3 → 2.4"
    assert problems.brief(read("image-changed", {"old": facts["old"], "new": facts["new"]})) == (
        "image aaaaaaaaaaaa → bbbbbbbbbbbb"
    )


def test_a_tag_that_moves_is_no_version_to_change_to() -> None:
    ids = {"old_id": "sha256:" + "a" * 64, "new_id": "sha256:" + "b" * 64}
    facts = {"old": "shop/git:1", "new": "shop/git:1", "old_version": "1.25.1", "new_version": "1", **ids}
    assert problems.brief(read("image-changed", facts)) == "image 1.25.1 → new image of tag 1"
    told = problems.title(read("image-changed", facts | {"old_version": "", "new_version": ""}))
    assert told == "Its image changes (aaaaaaaaaaaa → bbbbbbbbbbbb)."
    assert problems.brief(read("image-changed", facts | {"new_version": "1.26"})) == "image 1.25.1 → 1.26"


def test_codes_and_references_are_told_in_words() -> None:
    missing = read("manifest-unknown", {"reference": "127.0.0.1:5000/ux/web:nope", "registry": "127.0.0.1:5000"})
    assert problems.title(missing) == "Tag 'nope' does not exist in 127.0.0.1:5000/ux/web."
    unsaved = read("after-copy-missing", {"service": "db", "reason": "backup-no-room"})
    assert problems.title(unsaved) == (
        "The current data of db could not be backed up before the restore: not enough space for the backup."
    )


def test_a_name_in_a_list_may_have_spaces_and_commas() -> None:
    read_only = {"files": "/srv/my shop/compose.yaml, /srv/a,b.yaml"}
    assert fill("{files:list}", read_only) == "/srv/my shop/compose.yaml and /srv/a,b.yaml"


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
    told = problems.remedy(read(code, inner))
    assert "'docker ps --filter publish=8080'" in told
    assert "restart the engine" in told
    assert "restart" not in problems.remedy(read(code, {"reason": "no such image"}))


# --- reasons ----------------------------------------------------------------------------------------------------------

LISTED = reasons_files.LayersOther(member="index.json", layers=3, listed=2)
REFUSED = reasons.RefusedWithLogin(said="denied", login=reasons.HelperSilent(helper="pass"))
GIVEN = [
    ArchiveDamaged(path="/a.tar", reason=LISTED),
    ArchiveDamaged(path="/a.tar", reason="unknown compression"),
    Unauthorized(reference="r.test/a:1", registry="r.test", reason=REFUSED),
    RollbackFailed(cause=ComposeFailed(command="up", reason=reasons.Unfinished(seconds=2.5))),
    RollbackFailed(cause=ComposeFailed(command="up", reason="no such image", status=1)),
]


@pytest.mark.parametrize("problem", GIVEN, ids=range(len(GIVEN)))
def test_a_reason_is_read_again_from_its_code_and_its_facts(problem: Problem) -> None:
    written = codec.encoded(problem)
    assert isinstance(written, dict)
    found = codec.decoded(Problem, written)
    assert found == problem
    assert isinstance(found, Problem)
    assert problems.sentence(found) == problems.sentence(problem)
    inner = found.cause if isinstance(found, RollbackFailed) else found
    outer = problem.cause if isinstance(problem, RollbackFailed) else problem
    assert type(getattr(inner, "reason")) is type(getattr(outer, "reason"))  # noqa: B009 - of each of several


def test_scripts_get_a_reason_in_english_and_by_its_code() -> None:
    damaged = problems.for_scripts(ArchiveDamaged(path="/a.tar", reason=LISTED))
    assert damaged == {
        "code": "archive-damaged",
        "facts": {
            "reason": "index.json has 3 layers, but 2 are listed",
            "path": "/a.tar",
            "reason_code": "layers-other",
            "reason_member": "index.json",
            "reason_layers": "3",
            "reason_listed": "2",
        },
    }
    failed = problems.spoken(RollbackFailed(cause=ComposeFailed(command="up", reason=reasons.Unfinished(seconds=2.5))))
    assert failed == {
        "reason": "compose-failed",
        "command": "up",
        "detail": "did not finish within 2.5 s",
        "detail_code": "unfinished",
        "detail_seconds": "2.5",
    }


def test_what_an_older_journal_gives_as_a_reason_is_shown_as_it_is() -> None:
    problem = read("archive-damaged", {"path": "/a.tar", "reason": "it is cut short"})
    assert problem == ArchiveDamaged(path="/a.tar", reason="it is cut short")
    assert problems.title(problem) == "The archive /a.tar is damaged: it is cut short."
    unwritable = read("state-unwritable", {"path": "/x", "reason": ""})
    assert problems.title(unwritable) == problems.title(StateUnwritable(path="/x", reason=None))


def test_a_reason_of_a_newer_journal_is_told_by_its_code() -> None:
    problem = read("archive-damaged", {"path": "/a.tar", "reason_code": "bent-out-of-shape", "reason_degrees": "7"})
    assert problem.reasons == {"reason": Unrecognized("bent-out-of-shape", {"degrees": "7"})}
    assert problems.title(problem) == "The archive /a.tar is damaged: Bent out of shape: degrees 7."
