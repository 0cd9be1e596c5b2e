"""Events without secrets: what is masked of them, what stays, and how a worker gets what it needs all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from every_event import every_event
from ws9tui.core.journal import confidential
from ws9tui.core.journal import events as e
from ws9tui.core.model.masking import HIDDEN, Mask
from ws9tui.core.model.options import Options
from ws9tui.core.model.plan import Kind, Operation, Plan
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Actor, Choice, Finding, Level, Outcome, Verb
from ws9tui.errors import StateError
from ws9tui.problems.problem import read

URL = "https://h.org/w.zip?token=hush-7f3a"


def request(**options: object) -> e.RunRequested:
    return e.RunRequested(
        verb=Verb.UPDATE,
        options=Options(**options),  # type: ignore[arg-type]
        actor=Actor("root"),
        version="1",
        folder="/srv",
        attended=False,
    )


def test_no_text_of_any_event_keeps_the_credentials_of_an_address() -> None:
    for event in every_event("joe:hush-7f3a@h.org/app:1 https://joe:hush-7f3a@h.org/x?token=hush-7f3a"):
        masked = e.to_builtins(confidential.masked(event, Mask()))
        assert "hush-7f3a" not in str(list(_texts(masked))), masked


def test_what_may_come_from_outside_is_masked_and_names_are_not() -> None:
    mask = Mask()
    mask.learn([("TOKEN", "hush-7f3a")])
    events = (
        e.LogLine(service="app", line="hush-7f3a"),
        e.VersionChecked(service="app", reference=Reference("app:1"), found="hush-7f3a"),
        e.InterruptedService(service="app", state="old", detail="hush-7f3a"),
        e.ContainerStep(service="app", container="app-1", text="hush-7f3a"),
        e.LogsSaved(service="app", container="app-1", name="logs/x", size=1, role="failed", tail=("hush-7f3a",)),
        e.Found(finding=Finding(Level.WARNING, read("x", {"reason": "hush-7f3a", "file": "hush-7f3a"}))),
        e.Finished(outcome=Outcome.UNCHANGED, problem=read("internal", {"error": "ValueError('hush-7f3a')"})),
    )
    for event in events:
        assert "hush-7f3a" not in str(confidential.masked(event, mask))
    mask.learn([("MODE", "recreate")])
    operation = Operation(Kind.RECREATE, "recreate", read("x", {"service": "recreate"}), detail=("-A=hush-7f3a",))
    masked = confidential.masked(e.Planned(plan=Plan(1, 2, (operation,))), mask).plan.operations[0]
    assert (masked.kind, masked.subject, masked.cause.facts["service"]) == (Kind.RECREATE, "recreate", "recreate")
    assert masked.detail == (f"-A={HIDDEN}",)


def test_an_event_without_secrets_is_the_same() -> None:
    for event in every_event("text"):
        assert confidential.masked(event, Mask()) == event


def test_the_worker_gets_what_the_journal_does_not(tmp_path: Path) -> None:
    asked = request(release=URL, values={"ADMIN_PASSWORD": "x", "PORT": "80"})
    told = confidential.handed(tmp_path, asked)
    assert told.options.release == f"https://h.org/w.zip?{HIDDEN}"
    assert told.options.values == {"ADMIN_PASSWORD": HIDDEN, "PORT": "80"}
    (beside,) = tmp_path.iterdir()
    assert beside.stat().st_mode & 0o777 == 0o600
    assert confidential.taken(tmp_path, told) == asked
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StateError) as gone:  # it is there once, and what is masked is no value
        confidential.taken(tmp_path, told)
    assert gone.value.problem.code == "journal-unreadable"


def test_a_decision_with_a_secret(tmp_path: Path) -> None:
    plain = e.Decision(ask=1, choice=Choice.GO, actor=Actor("root"), answers={"ADMIN_PASSWORD": "mine"})
    assert confidential.handed(tmp_path, plain) == plain
    decision = e.Decision(ask=1, choice=Choice.CHECK, actor=Actor("root"), answers={"source": URL})
    told = confidential.handed(tmp_path, decision)
    assert "hush" not in str(told)
    assert confidential.taken(tmp_path, told) == decision
    confidential.handed(tmp_path, decision)
    confidential.forget(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_lies_beside_a_journal_may_be_anything(tmp_path: Path) -> None:
    asked = request(release=URL)
    for private in ("none", "../x", "broken", "other"):
        (tmp_path / "broken").write_bytes(b"{")
        (tmp_path / "other").write_bytes(e.encode(e.WorkerStarted(pid=1)))
        told = e.RunRequested(**{**{f: getattr(asked, f) for f in asked.__struct_fields__}, "private": private})
        with pytest.raises(StateError):
            confidential.taken(tmp_path, told)


def _texts(value: object) -> list[str]:
    """All texts but the keys."""
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list | tuple):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []
