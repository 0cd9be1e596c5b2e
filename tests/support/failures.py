"""The failures that updaters are known for, each with the tests that provoke it here; printed after a session.

Left what happens, as reported against Compose, moby, Watchtower, Portainer, Podman, Home Assistant, Kamal, Swarm and
others; then where it is provoked: on a real engine, on the simulated one, or in the pure core where one machine has no
way to provoke it.
"""

from __future__ import annotations

from dataclasses import dataclass

ENGINE, SIMULATED, PURE = "engine", "simulated", "pure"


@dataclass(frozen=True)
class Row:
    """One failure: what happens elsewhere, and which tests show what happens here."""

    happens: str
    tests: tuple[str, ...]
    """`file::test`, all of their parameters"""
    where: str = ENGINE


_PULLS = "test_pull_faults.py::test_a_pull_that_fails_changes_nothing"
ROWS: dict[int, Row] = {
    1: Row("a pull dies at 99 % and its layers are deleted", (_PULLS,)),
    2: Row(
        "a layer stalls silently",
        (
            _PULLS,
            "test_runs_before_commit.py::test_a_pull_is_tried_again",
            "test_paused_engine.py::test_a_pull_whose_engine_stays_paused_ends",
        ),
    ),
    3: Row("an error inside the pull's stream is ignored", (_PULLS, "test_engine_pull_adapter.py::test_a_full_disk")),
    4: Row("the disk fills up while extracting", ("test_pull_faults.py::test_a_disk_that_fills_up",)),
    5: Row("no disk left for the rollback", ("test_failures.py::test_a_way_back_needs_no_room_for_images",)),
    6: Row(
        "the old image is lost on pull (containerd store)",
        ("test_runs_after_commit.py::test_a_crash_loop_goes_back",),
        SIMULATED,
    ),
    7: Row(
        "a prune takes the rollback's image", ("test_failures.py::test_a_prune_takes_no_way_back", "test_reach.py::*")
    ),
    8: Row("a failed pull takes the stack down", (_PULLS, "test_pull_faults.py::test_a_registry_that_is_gone")),
    9: Row(
        "a rate limit, reported as HTTP 500",
        (_PULLS, "test_adapters_registry_errors.py::test_what_engines_say_is_recognised"),
    ),
    10: Row("a login has expired", (_PULLS, "test_engine_pull_adapter.py::test_a_wrong_login_is_told_and_not_shown")),
    11: Row("a manifest that is unknown", (_PULLS,)),
    12: Row("certificates fail by a wrong clock", ("test_failures.py::test_a_wrong_clock_is_told",)),
    13: Row("an image for another architecture", ("test_pull_faults.py::test_an_image_for_another_machine",)),
    14: Row(
        "the tag moves between pull and recreate",
        ("test_conflicts.py::test_what_was_confirmed_is_applied_though_the_tag_moves",),
    ),
    15: Row(
        "`up --dry-run` really swaps containers",
        ("test_adapters_compose_arguments.py::test_nothing_dangerous_is_ever_asked_for",),
        PURE,
    ),
    16: Row(
        "name conflicts, stacked hash prefixes",
        ("test_recovery.py::test_both_ways_are_open_after_a_kill", "test_kill_sweep.py::*"),
    ),
    17: Row(
        "a port taken by a stranger",
        ("test_gate.py::test_a_foreign_container_has_the_port", "test_gate.py::test_the_port_is_taken_after_the_look"),
    ),
    18: Row("a static address that is taken", ("test_failures.py::test_a_static_address_that_is_taken",)),
    19: Row(
        "a crash loop: running between two deaths", ("test_gate.py::test_a_crash_loop_takes_the_whole_update_back",)
    ),
    20: Row("it dies after the monitor has ended", ("test_gate.py::test_watching_goes_on_while_somebody_is_asked",)),
    21: Row(
        "no health check",
        (
            "test_update.py::test_a_stack_is_updated_and_rolled_back_and_forward_again",
            "test_inspect_gate.py::test_a_service",
        ),
    ),
    22: Row(
        "a one-shot that exits with 0 fails the wait",
        (
            "test_update.py::test_a_stack_is_updated_and_rolled_back_and_forward_again",
            "test_gate.py::test_a_one_shot_that_fails",
        ),
    ),
    23: Row("a passing 'unhealthy' fails the wait", ("test_inspect_gate.py::test_a_service",), PURE),
    24: Row(
        "an unhealthy dependency leaves dependents created",
        ("test_gate.py::test_a_dependency_that_gets_unhealthy_again",),
    ),
    25: Row(
        "followers by network are orphaned",
        (
            "test_update.py::test_one_service_takes_only_its_followers_along",
            "test_failures.py::test_a_container_of_another_project_in_the_network",
        ),
    ),
    26: Row("an anonymous volume is lost", ("test_failures.py::test_volumes_survive_a_recreate",)),
    27: Row("a named volume is dropped by cloning", ("test_failures.py::test_volumes_survive_a_recreate",)),
    28: Row(
        "a changed volume definition loses data", ("test_failures.py::test_a_changed_volume_definition_loses_no_data",)
    ),
    29: Row("another user cannot read the volume", ("test_failures.py::test_another_user_who_cannot_read_the_volume",)),
    30: Row("the new version has migrated the data", ("test_failures.py::test_volumes_survive_a_recreate",)),
    31: Row("the SSH connection drops", ("test_ssh_drop.py::*",)),
    32: Row("two operators at once", ("test_conflicts.py::test_one_run_at_a_time", "test_two_at_once.py::*")),
    33: Row("the daemon restarts in the middle", ("test_recovery.py::test_the_daemon_restarts_during_the_watch",)),
    34: Row(
        "the updater is killed in the middle",
        ("test_recovery.py::test_both_ways_are_open_after_a_kill", "test_kill_sweep.py::*"),
    ),
    35: Row("files change after the plan", ("test_conflicts.py::test_a_file_is_edited_after_the_plan",)),
    36: Row("a config's content changes unseen", ("test_failures.py::test_the_content_of_a_config_is_a_reason",)),
    37: Row("orphans are removed", ("test_failures.py::test_an_orphan_is_told_and_left",)),
    38: Row(
        "a socket proxy refuses one call half-way",
        ("test_failures.py::test_a_socket_proxy_that_refuses_what_an_update_needs",),
    ),
    39: Row("an external network is missing", ("test_failures.py::test_an_external_network_that_is_missing",)),
    40: Row(
        "stopped services get started", ("test_update.py::test_a_stopped_service_stays_stopped_with_the_new_image",)
    ),
    41: Row("the updater updates itself", ("test_inspect_within.py::test_what_it_runs_in_is_not_updated",), PURE),
    42: Row(
        "the rollback fails, or ends on the wrong image",
        (
            "test_recovery.py::test_a_kill_during_the_rollback",
            "test_read_only_disk.py::*",
            "test_runs_recovery.py::test_a_rollback_that_fails_goes_forward_again",
        ),
    ),
    43: Row(
        "'check failed' is shown as 'up to date'",
        (
            "test_pull_faults.py::test_a_registry_that_is_gone",
            "test_runs_before_commit.py::test_a_registry_that_does_not_answer_is_not_up_to_date",
        ),
    ),
    44: Row("the failed container's log is gone", ("test_gate.py::test_a_crash_loop_takes_the_whole_update_back",)),
    45: Row("one of many images fails, or is forgotten", ("test_pull_faults.py::test_of_several_images_one_fails",)),
    46: Row(
        "a step fails and the exit status is 0", ("test_gate.py::test_a_crash_loop_takes_the_whole_update_back", _PULLS)
    ),
}


def summary(outcomes: dict[str, str], rows: dict[int, Row] = ROWS) -> list[str]:
    """A table: row, what happens elsewhere, where it was provoked, and how the tests of this session ended.

    ``outcomes`` are by `file::test`; a row is failed if one of its tests failed, and not run if none of them ran.
    """
    lines = []
    width = max(len(row.happens) for row in rows.values())
    counts = dict.fromkeys(("passed", "failed", "not run"), 0)
    for number, row in rows.items():
        found = [outcome for name, outcome in outcomes.items() if any(means(test, name) for test in row.tests)]
        outcome = "not run" if not found else "failed" if "failed" in found else "passed"
        counts[outcome] += 1
        lines.append(f"{number:>3}  {row.happens:<{width}} {row.where:<10} {outcome}")
    told = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
    return [*lines, f"failures: {len(rows)} rows, {told}"]


def means(test: str, name: str) -> bool:
    """Tell whether a row's test is the one of this name, or has it among its module's."""
    return name == test or (test.endswith("::*") and name.startswith(test[:-1]))
