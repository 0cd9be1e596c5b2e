"""The safety line and the last message, phase by phase."""

from __future__ import annotations

import msgspec
import pytest

from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.fold import fold
from ws9tui.core.model.options import Options
from ws9tui.core.model.plan import Kind, Operation, Plan
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Actor, Availability, Choice, Outcome, Question, ServiceView, Verb
from ws9tui.problems.problem import Problem, read
from ws9tui.words import commands, outcome, safety
from ws9tui.words.safety import SafetyTone

REQUEST = e.RunRequested(
    verb=Verb.UPDATE, options=Options(), actor=Actor("alice"), version="0.1.0", folder="/", attended=True
)
PROJECT = e.ProjectFound(
    source=ProjectSource("websoft9", "/data", ("/data/docker-compose.yml",)),
    verb=Verb.UPDATE,
    number=12,
    generation=3,
    version="2.2.9",
)
UP: list[Event] = [
    REQUEST,
    e.WorkerStarted(pid=1),
    PROJECT,
    *(
        e.ServiceObserved(
            service=ServiceView(name, Reference(f"w/{name}:1"), state="running", availability=Availability.PINNED)
        )
        for name in ("apphub", "deployment", "git", "proxy")
    ),
]
PULLED: list[Event] = [*UP, e.PullFinished(reference="w/git:2", image_id="i", size=1, seconds=1, new=True)]
PLAN = Plan(3, 4, (Operation(Kind.RECREATE, "git", read("image-changed", {}), 1, ("websoft9-git",)),))
COMMITTING: list[Event] = [
    *PULLED,
    e.VersionChecked(service="git", reference=Reference("w/git:2"), found="1.25.5", running="1.25.1"),
    e.Planned(plan=PLAN),
    e.GenerationSaved(generation=3, role="before"),
    e.CommitStarted(before=3, after=4),
    e.StepStarted(step=1, kind="recreate", subject="git", wave=1),
]


def watched(verdict: str, *, at: str = "", problem: Problem | None = None) -> e.ServiceWatched:
    return e.ServiceWatched(
        at=at, service="git", container="c", image_id="i", state="running", health="", restarts=0, verdict=verdict,
        problem=problem,
    )  # fmt: skip


STEP_DONE = e.StepFinished(step=1, kind="recreate", subject="git", seconds=2)
WATCHING: list[Event] = [*COMMITTING, STEP_DONE, e.WatchStarted(services=("git",), seconds=30), watched("waiting")]
WELL: list[Event] = [*WATCHING, watched("passed"), e.GatePassed(seconds=30)]
KEPT: list[Event] = [*WELL, e.Finished(outcome=Outcome.KEPT)]
ILL = read("unhealthy", {"service": "git"})
FAILED: list[Event] = [*WATCHING, watched("failed", at="2026-08-01T10:00:00Z", problem=ILL)]
BACK: list[Event] = [*FAILED, e.RollbackStarted(at="2026-08-01T10:00:01Z", to=3, problem=ILL)]
VERIFIED: list[Event] = [*BACK, e.RollbackVerified(to=3, services=("git",))]
ROLLED_BACK: list[Event] = [*VERIFIED, e.Finished(outcome=Outcome.ROLLED_BACK, problem=ILL)]


GOES_ON = "Safe to disconnect: the update continues in the background."
BACK_GOES_ON = "Safe to disconnect: the rollback continues in the background."
READY = f"Rollback is ready. {GOES_ON}"
UNCHANGED = "Nothing was changed; the project runs as before."


CHECKING = e.ServiceObserved(service=ServiceView("git", Reference("w/git:1"), state="running"))


def unwell(*extra: Event) -> list[Event]:
    return [*UP, e.ServiceObserved(service=ServiceView("git", Reference("w/git:1"), state="restarting")), *extra]


@pytest.mark.parametrize(
    ("happened", "line", "tone"),
    [
        (UP, "Running: 2.2.9, all 4 services OK. Nothing has been changed. Safe to disconnect.", SafetyTone.SAFE),
        (
            [*UP, e.ServiceObserved(service=ServiceView("git", Reference("w/git:1"), state="exited"))],
            "Running: 2.2.9, 3 of 4 services; stopped: git. Nothing has been changed. Safe to disconnect.",
            SafetyTone.SAFE,
        ),
        (
            unwell(),
            "Running: 2.2.9, 3 of 4 services; not OK: git. Nothing has been changed. Safe to disconnect.",
            SafetyTone.WARNING,
        ),
        (
            [
                *UP,
                e.ServiceObserved(service=ServiceView("git", Reference("w/git:1"), state="running", health="starting")),
            ],
            "Running: 2.2.9, all 4 services. Nothing has been changed. Safe to disconnect.",
            SafetyTone.SAFE,
        ),
        (
            PULLED,
            "Running: 2.2.9, all 4 services OK. Images were pulled; nothing else has been changed. Safe to disconnect.",
            SafetyTone.SAFE,
        ),
        (
            COMMITTING,
            f"Running: all 4 services. Changing the project. {READY}",
            SafetyTone.BUSY,
        ),
        (
            WATCHING,
            f"Running: all 4 services. Changing: 1 step done. {READY}",
            SafetyTone.BUSY,
        ),
        (
            WELL,
            f"Running: all 4 services OK. All changes are done. {READY}",
            SafetyTone.SAFE,
        ),
        (
            KEPT,
            "Running: all 4 services OK. All changes are done. Rollback is ready.",
            SafetyTone.SAFE,
        ),
        (
            BACK,
            f"Running: all 4 services; not OK: git. Rolling back to generation 3. {BACK_GOES_ON}",
            SafetyTone.WARNING,
        ),
        (
            ROLLED_BACK,
            "Running: 2.2.9, all 4 services. Rolled back and verified. This run has ended.",
            SafetyTone.SAFE,
        ),
    ],
)
def test_the_safety_line(happened: list[Event], line: str, tone: SafetyTone) -> None:
    state = fold(happened)
    assert safety.line(state) == line
    assert safety.tone(state) is tone


def test_a_worker_that_is_gone_is_told() -> None:
    assert safety.line(fold(UP), died=True).endswith(
        "Nothing has been changed. The worker process has died: start ws9tui again."
    )
    assert safety.line(fold(WATCHING), died=True).endswith("The worker process has died: recovery is needed.")
    assert safety.tone(fold(WATCHING), died=True) is SafetyTone.WARNING


def test_what_was_ill_before_a_rollback_need_not_be_watched_in_it() -> None:
    ill = e.ServiceObserved(service=ServiceView("proxy", Reference("w/proxy:1"), state="restarting"))
    back = e.RollbackStarted(at="2026-08-01T10:00:01Z", to=3, problem=ILL)
    state = fold([*COMMITTING, ill, back, e.RollbackVerified(to=3, services=("git",))])
    assert state.safety.ill == ("proxy",)
    assert not state.watched
    assert safety.line(state).endswith(f"Rolled back and verified. Rollback is ready. {GOES_ON}")


@pytest.mark.parametrize(("verb", "doubtful"), [(Verb.UPDATE, True), (Verb.ROLLBACK, False), (Verb.ADOPT, False)])
def test_only_what_asks_registries_has_services_that_were_not_checked(verb: Verb, doubtful: bool) -> None:
    finished = e.Finished(outcome=Outcome.UP_TO_DATE)
    state = fold([*UP, msgspec.structs.replace(PROJECT, verb=verb), CHECKING, finished])
    assert outcome.doubtful(finished, state) is doubtful


def test_nothing_is_called_ok_that_is_still_watched() -> None:
    assert "OK" not in safety.line(fold(WATCHING))


@pytest.mark.parametrize(
    ("happened", "message"),
    [
        (KEPT, "Generation 4 runs: git 1.25.5. To roll back: 'ws9tui rollback websoft9'."),
        (ROLLED_BACK, "git is unhealthy. Rolled back: generation 3 runs again, verified by image ID."),
        ([*UP, e.Finished(outcome=Outcome.UP_TO_DATE)], "Everything is up to date; nothing was changed."),
        (
            [*UP, CHECKING, e.Finished(outcome=Outcome.UP_TO_DATE)],
            "Nothing was changed. No update was found, but git could not be checked.",
        ),
        (
            [
                *UP,
                e.ReferenceResolved(
                    service="git",
                    reference=Reference("w/git:1"),
                    availability=Availability.UNKNOWN,
                    problem=read("registry-unreachable", {}),
                ),
                e.Finished(outcome=Outcome.UP_TO_DATE),
            ],
            "Nothing was changed. No update was found, but git could not be checked (the registry cannot be reached).",
        ),
        (
            [*PULLED, e.Finished(outcome=Outcome.CANCELLED, problem=read("cancelled", {}))],
            "Cancelled; nothing was changed.",
        ),
        (
            [*UP, e.Finished(outcome=Outcome.REFUSED, problem=read("network-missing", {"network": "websoft9"}))],
            (
                f"The external network websoft9 does not exist. {UNCHANGED} Create it with 'docker network"
                " create websoft9'."
            ),
        ),
        (
            [*PULLED, e.Planned(plan=PLAN), e.Finished(outcome=Outcome.PLANNED)],
            "1 service to recreate. This is only the plan; nothing was changed.",
        ),
        (
            [
                *FAILED,
                e.Decided(ask=4, question=Question.FAILED, choice=Choice.HOLD, by="operator"),
                e.Finished(outcome=Outcome.NEEDS_RECOVERY, problem=ILL, commands=("ws9tui recover websoft9",)),
            ],
            (
                "git is unhealthy. The new version was left in place; you can still finish the update or roll"
                " back. Next: ws9tui recover websoft9."
            ),
        ),
        (
            [
                *FAILED,
                e.RollbackStarted(to=1, problem=ILL),
                e.InterruptedService(service="git", state="stopped", detail="created"),
                e.InterruptedService(service="proxy", state="old"),
                e.Finished(
                    outcome=Outcome.NEEDS_RECOVERY,
                    problem=read("rollback-failed", {"reason": "engine-disk-read-only", "detail": "mkdir /x"}),
                    commands=("ws9tui recover websoft9 --back",),
                ),
            ],
            (
                "The rollback failed: the engine's disk is read-only. Now git is stopped and proxy runs the old image."
                " The kernel does this when a disk has errors: check 'dmesg'. Repair the disk, then restart the"
                " engine or the server. Run the commands below. All records are kept."
                " Next: ws9tui recover websoft9 --back."
            ),
        ),
        (
            [*UP, e.Finished(outcome=Outcome.BUSY, problem=read("busy", {"user": "bob", "since": ""}))],
            "bob is changing this project. To watch it and answer its questions: 'ws9tui attach websoft9'.",
        ),
    ],
)
def test_the_last_message(happened: list[Event], message: str) -> None:
    state = fold(happened)
    assert state.finished is not None
    commands.stand_at(state)
    assert outcome.message(state.finished, state) == message


def test_every_outcome_has_a_headline_and_a_message() -> None:
    for ending in Outcome:
        finished = e.Finished(outcome=ending)
        for state in (fold([finished]), fold([*VERIFIED, finished])):
            assert outcome.headline(finished, state)
            assert outcome.message(finished, state) or ending in (Outcome.USAGE, Outcome.BUSY)
