"""The health gate: what is said of a service, observation by observation."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ws9tui.core.inspect.gate import Judge, Judgement, Verdict, dependency_met, longest_wait
from ws9tui.core.model.observed import Container, Healthcheck
from ws9tui.core.model.reference import Reference

RUNNING = Container("1", "web-1", "image", Reference("web"), started_at="t0", restart_policy="always")
CHECK = Healthcheck(interval=5, timeout=5, retries=3, start_period=10)
LONG_CHECK = Healthcheck(interval=60, timeout=30, retries=3, start_period=10)
W, P, F = Verdict.WAITING, Verdict.PASSED, Verdict.FAILED

Sight = tuple[float, dict[str, Any] | None, Verdict, str]


def judged(*sights: Sight, one_shot: bool = False, monitor: float = 30.0, fresh: bool = True) -> Judgement:
    """Shows a judge what a container was at some seconds, and compares what it says of each."""
    judge = Judge("web", one_shot=one_shot, monitor=monitor, since=1000.0, fresh=fresh)
    judgement = None
    for at, changes, verdict, code in sights:
        container = None if changes is None else msgspec.structs.replace(RUNNING, **changes)
        judgement = judge.see(container, 1000.0 + at)
        assert (judgement.verdict, judgement.problem.code) == (verdict, code), f"after {at} s"
        assert verdict is P or judgement.problem.facts["service"] == "web"
        assert judgement.remaining >= 0
        assert judgement.remaining == 0 or verdict is W
    assert judgement is not None
    return judgement


UNWELL: dict[str, Any] = {"healthcheck": CHECK, "health": "unhealthy", "health_output": "refused"}
WELL: dict[str, Any] = {"healthcheck": CHECK, "health": "healthy"}
STARTING: dict[str, Any] = {"healthcheck": CHECK, "health": "starting"}
EXITED: dict[str, Any] = {"state": "exited", "exit_code": 1, "restart_policy": "no"}
TABLE: dict[str, list[Sight]] = {
    "it runs for a whole window": [
        (0, {}, W, "waiting-window"),
        (29.9, {}, W, "waiting-window"),
        (30, {}, P, "no-healthcheck"),
        (300, {}, P, "no-healthcheck"),
    ],
    "a new start begins the window anew": [
        (0, {}, W, "waiting-window"),
        (20, {"started_at": "t1", "restart_count": 1}, W, "waiting-window"),
        (45, {"started_at": "t1", "restart_count": 1}, W, "waiting-window"),
        (50, {"started_at": "t1", "restart_count": 1}, P, "no-healthcheck"),
        (60, {"started_at": "t1", "restart_count": 1}, P, "no-healthcheck"),
        (70, {"started_at": "t2", "restart_count": 2}, F, "crash-looping"),
    ],
    "a crash loop": [
        (0, {}, W, "waiting-window"),
        (1, {"state": "restarting", "restart_count": 1}, W, "waiting-start"),
        (2, {"restart_count": 2, "started_at": "t1"}, W, "waiting-window"),
        (3, {"restart_count": 3, "state": "restarting", "exit_code": 7}, F, "crash-looping"),
    ],
    "a crash loop that had begun before the first look": [
        (0, {"restart_count": 2, "state": "restarting"}, W, "waiting-start"),
        (9, {"restart_count": 3, "state": "restarting"}, F, "crash-looping"),
    ],
    "a slow crash loop never gets its window": [
        (0, {}, W, "waiting-window"),
        (28, {"started_at": "t1", "restart_count": 1}, W, "waiting-window"),
        (56, {"started_at": "t2", "restart_count": 2}, W, "waiting-window"),
        (84, {"started_at": "t2", "restart_count": 2}, W, "waiting-window"),
        (90, {"state": "restarting", "started_at": "t2", "restart_count": 2}, F, "gate-timeout"),
    ],
    "one restart after it had passed": [
        (0, {}, W, "waiting-window"),
        (30, {}, P, "no-healthcheck"),
        (40, {"restart_count": 1, "started_at": "t1"}, F, "crash-looping"),
    ],
    "the operator restarts it after it had passed": [
        (0, {"restart_count": 1}, W, "waiting-window"),
        (30, {"restart_count": 1}, P, "no-healthcheck"),
        (40, {"restart_count": 0, "started_at": "t1"}, W, "waiting-window"),
        (70, {"restart_count": 0, "started_at": "t1"}, P, "no-healthcheck"),
        (80, {"restart_count": 1, "started_at": "t2"}, F, "crash-looping"),
    ],
    "healthy late": [
        (0, STARTING, W, "waiting-healthy"),
        (49, STARTING, W, "waiting-healthy"),
        (50, WELL, P, "healthy"),
        (500, WELL, P, "healthy"),
    ],
    "unhealthy, then healthy": [
        (0, STARTING, W, "waiting-healthy"),
        (25, UNWELL, W, "waiting-healthy"),
        (40, WELL, P, "healthy"),
    ],
    "healthy, then unhealthy": [
        (0, STARTING, W, "waiting-healthy"),
        (10, WELL, W, "waiting-window"),
        (30, WELL, P, "healthy"),
        (40, UNWELL, F, "unhealthy"),
    ],
    "never healthy": [
        (0, STARTING, W, "waiting-healthy"),
        (59.9, UNWELL, W, "waiting-healthy"),
        (60, UNWELL, F, "unhealthy"),
    ],
    "for ever starting": [
        (0, STARTING, W, "waiting-healthy"),
        (60, STARTING, F, "gate-timeout"),
    ],
    "a health check that takes long has the time for it": [
        (0, {**STARTING, "healthcheck": LONG_CHECK}, W, "waiting-healthy"),
        (369, {**STARTING, "healthcheck": LONG_CHECK}, W, "waiting-healthy"),
        (370, {**STARTING, "healthcheck": LONG_CHECK}, F, "gate-timeout"),
    ],
    "it ends": [(0, {}, W, "waiting-window"), (5, EXITED, F, "exited")],
    "it ends with success, and is no one-shot": [(0, {**EXITED, "exit_code": 0}, F, "exited")],
    "it ends, and its restart policy is about to revive it": [
        (0, {"state": "exited", "exit_code": 1}, W, "waiting-start"),
        (5, {"state": "exited", "exit_code": 1, "restart_policy": "unless-stopped"}, W, "waiting-start"),
        (6, {"state": "exited", "exit_code": 1, "restart_policy": "on-failure"}, W, "waiting-start"),
        (7, {"state": "exited", "exit_code": 0, "restart_policy": "on-failure"}, F, "exited"),
    ],
    "a revival that does not come": [
        (0, {"state": "exited", "exit_code": 1}, W, "waiting-start"),
        (90, {"state": "exited", "exit_code": 1}, F, "exited"),
    ],
    "it ends after it had passed": [
        (0, {}, W, "waiting-window"),
        (30, {}, P, "no-healthcheck"),
        (31, EXITED, F, "exited"),
    ],
    "dead": [(0, {"state": "dead", "exit_code": 137}, F, "exited")],
    "created, not started yet": [
        (0, {"state": "created", "started_at": ""}, W, "waiting-start"),
        (1, {}, W, "waiting-window"),
        (31, {}, P, "no-healthcheck"),
    ],
    "created, and the engine could not start it": [
        (0, {"state": "created", "error": "port is taken"}, F, "not-started")
    ],
    "no container": [(0, None, F, "not-started")],
    "its container is taken away": [(0, {}, W, "waiting-window"), (5, None, F, "not-started")],
    "paused": [
        (0, {}, W, "waiting-window"),
        (30, {"state": "paused"}, W, "waiting-start"),
        (89, {"state": "paused"}, W, "waiting-start"),
        (90, {"state": "paused"}, F, "gate-timeout"),
    ],
}
ONE_SHOTS: dict[str, list[Sight]] = {
    "it ends well": [
        (0, {}, W, "waiting-one-shot"),
        (300, {}, W, "waiting-one-shot"),
        (310, {**EXITED, "exit_code": 0}, P, "one-shot-done"),
        (900, {**EXITED, "exit_code": 0}, P, "one-shot-done"),
    ],
    "it fails": [(0, {}, W, "waiting-one-shot"), (5, EXITED, F, "exited")],
    "it fails, and is tried again": [
        (0, {}, W, "waiting-one-shot"),
        (5, {"state": "restarting", "restart_count": 1, "restart_policy": "on-failure"}, W, "waiting-start"),
        (9, {**EXITED, "exit_code": 0, "restart_count": 1, "restart_policy": "on-failure"}, P, "one-shot-done"),
    ],
    "it does not end": [(0, {}, W, "waiting-one-shot"), (600, {}, F, "gate-timeout")],
}


@pytest.mark.parametrize("case", TABLE)
def test_a_service(case: str) -> None:
    judged(*TABLE[case])


@pytest.mark.parametrize("case", ONE_SHOTS)
def test_a_one_shot(case: str) -> None:
    judged(*ONE_SHOTS[case], one_shot=True)


def test_restarts_of_a_container_that_was_there_before_do_not_count() -> None:
    judged(
        (0, {"restart_count": 9}, W, "waiting-window"),
        (5, {"restart_count": 11, "started_at": "t1"}, W, "waiting-window"),
        (9, {"restart_count": 12, "started_at": "t2"}, F, "crash-looping"),
        fresh=False,
    )


def test_the_exit_code_of_a_crash_is_remembered_while_it_runs() -> None:
    last = judged(
        (0, {"restart_count": 2, "state": "restarting", "exit_code": 7}, W, "waiting-start"),
        (1, {"restart_count": 3, "started_at": "t1"}, F, "crash-looping"),
    )
    assert last.problem.facts["exit_code"] == "7"


def test_the_facts_of_a_failure() -> None:
    crash = judged((0, {}, W, "waiting-window"), (1, {"restart_count": 3, "exit_code": 7}, F, "crash-looping"))
    assert crash.problem.facts == {"service": "web", "restarts": "3", "exit_code": "7"}
    late = judged((0, UNWELL, W, "waiting-healthy"), (60, UNWELL, F, "unhealthy"))
    assert late.problem.facts["output"] == "refused"
    ended = judged((0, EXITED, F, "exited"))
    assert ended.problem.facts["exit_code"] == "1"


def test_the_seconds_that_remain() -> None:
    assert judged((0, {}, W, "waiting-window")).remaining == 30
    assert judged((0, {}, W, "waiting-window"), (12, {}, W, "waiting-window")).remaining == 18
    assert judged((10, STARTING, W, "waiting-healthy")).remaining == 50


def test_a_window_of_nothing() -> None:
    judged((0, {}, P, "no-healthcheck"), monitor=0)


def test_the_longest_wait_for_a_health_check() -> None:
    assert longest_wait(CHECK) == 10 + 10 * 4


@pytest.mark.parametrize(
    ("condition", "changes", "met"),
    [
        ("service_started", {}, True),
        ("service_started", {"state": "created"}, False),
        ("service_started", {"state": "restarting"}, False),
        ("service_started", {"state": "exited", "exit_code": 0}, True),
        ("service_started", {"state": "exited", "exit_code": 1}, False),
        ("service_healthy", WELL, True),
        ("service_healthy", STARTING, False),
        ("service_healthy", {}, True),
        ("service_completed_successfully", {"state": "exited", "exit_code": 0}, True),
        ("service_completed_successfully", {"state": "exited", "exit_code": 1}, False),
        ("service_completed_successfully", {}, False),
    ],
)
def test_conditions_of_dependencies(condition: str, changes: dict[str, Any], *, met: bool) -> None:
    assert dependency_met(condition, msgspec.structs.replace(RUNNING, **changes)) is met
    assert not dependency_met(condition, None)


def test_a_time_in_which_nothing_was_seen_does_not_count() -> None:
    judge = Judge("web", one_shot=False, monitor=30.0, since=0.0, fresh=True)
    assert judge.see(RUNNING, 10.0).remaining == 30
    judge.excuse(120.0)
    assert judge.see(RUNNING, 135.0).remaining == 25
    assert judge.see(RUNNING, 160.0).verdict is P
