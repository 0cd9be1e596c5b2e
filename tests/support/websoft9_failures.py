"""What goes wrong in Websoft9's own scripts and in its issues, each with the tests that show what happens here."""

from __future__ import annotations

from .failures import Row

_UPDATE = "test_websoft9_update.py::test_"
_RELEASE = "test_websoft9_upgrade.py::test_"
_PULL = f"{_UPDATE}an_image_whose_pull_fails_leaves_everything_running"
_MIRROR = f"{_UPDATE}a_mirror_that_answers_500"
_CUSTOMISED = f"{_UPDATE}a_customised_one_keeps_every_byte"
_LATEST = f"{_UPDATE}latest_moves_and_the_way_back_is_the_image_and_not_the_tag"
_PORT = f"{_UPDATE}a_port_that_somebody_else_has"
_LIE = f"{_UPDATE}a_label_that_lies"
_MIGRATED = f"{_UPDATE}data_that_was_migrated_refuses_the_image_of_before"
_DATA = f"{_UPDATE}data_goes_back_with_the_images"
_LOOP = f"{_UPDATE}a_restart_loop_goes_back"
_UPGRADE = f"{_RELEASE}an_upgrade_and_back_and_forward_again"
_MODERN = f"{_RELEASE}a_modern_upgrade"
_GATE = "test_websoft9_gate.py::test_a_modern_one_that_is_healthy_while_gitea_is_dead_goes_back"
_HALF = "test_websoft9_half_migrated.py::test_half_migrated_and_back_and_migrated"
_MIGRATION = "test_websoft9_migration.py::test_"
_FULL = "test_pull_faults.py::test_a_disk_that_fills_up"

ROWS: dict[int, Row] = {
    1: Row("2.2.9: a failed pull ends only a pipe; down, up, 'success'", (_PULL,)),
    2: Row("2.2.9: every container named like it is removed", (f"{_UPDATE}a_path_forward_back_and_forward_again",)),
    3: Row("2.2.9: .env is overwritten, four keys are put back", (_UPGRADE,)),
    4: Row("2.2.9, 428, 503: daemon.json rewritten, Docker restarted", (_PULL,)),
    5: Row("2.2.9: ports are checked by stopping the proxy", (_PORT,)),
    6: Row("2.3.4: files are rewritten before the pull", (_MIRROR,)),
    7: Row("2.3.4: a failed pull leads to down and a wipe of the data", (_MIRROR,)),
    8: Row(
        "2.3.4: the rollback brings back a tag, or nothing",
        (_LATEST, f"{_RELEASE}a_bundle_that_stands_on_latest_is_pinned"),
    ),
    9: Row("2.3.4: own keys, registry and port are lost", (_CUSTOMISED, _MODERN)),
    10: Row("2.3.4: no lock", ("test_conflicts.py::test_one_run_at_a_time", "test_two_at_once.py::*")),
    11: Row("2.3.4: no timeout", (_MIRROR, "test_pull_faults.py::test_a_pull_that_fails_changes_nothing")),
    12: Row("2.3.4, 617: no look at the disk, which fills up", (_FULL,)),
    13: Row("2.3.4: no check of what was pulled", (_LIE, f"{_RELEASE}a_version_that_its_images_do_not_have")),
    14: Row("2.3.4: no log of what happened", (_MIGRATED,)),
    15: Row(
        "2.3.4: no cleanup after a failure", (_PULL, _MIRROR, f"{_RELEASE}a_first_install_that_fails_leaves_nothing")
    ),
    16: Row("2.3.4: SHA256SUMS is never checked", (f"{_RELEASE}a_modern_release_is_held_against_its_checksums",)),
    17: Row("554: the deployment container restarts in a loop", (_LOOP,)),
    18: Row("555: every stage failed, success was printed", (_PULL, _LOOP)),
    19: Row("618, 457, 556: the console's port is reset", (_CUSTOMISED, _UPGRADE, _MODERN)),
    20: Row("481: docker-compose.yml and .env are overwritten", (_CUSTOMISED, _UPGRADE)),
    21: Row("597, 580: a mirror answers 500, another is wanted", (_MIRROR,)),
    22: Row("Portainer and Gitea migrate and do not go back", (_MIGRATED, _DATA)),
    23: Row("the deployment image's label lies", (_LIE,)),
    24: Row(
        "versions are compared as strings", (f"{_RELEASE}a_candidate_in_release_is_never_offered_unasked", _UPGRADE)
    ),
    25: Row("a candidate is published into release", (f"{_RELEASE}a_candidate_in_release_is_never_offered_unasked",)),
    26: Row(
        "'healthy' while Portainer or Gitea is dead",
        (_GATE, "test_websoft9_runs.py::test_a_gitea_that_answers_no_more_takes_the_update_back"),
    ),
    27: Row(
        "2.3.4: a plain host with a volume portainer_data is 'legacy'",
        (_HALF, f"{_MIGRATION}a_plain_host_is_no_legacy_one_and_a_modern_one_is_not_mixed"),
    ),
    28: Row(
        "2.3.4: an application's volume is taken for Gitea's",
        (_HALF, f"{_MIGRATION}volumes_are_known_by_the_containers_mounts"),
    ),
    29: Row("2.3.4: a migrated host is 'mixed', and upgraded unasked", (_HALF,)),
    30: Row(
        "2.3.4: where a migration stopped, nothing is started again",
        (_HALF, f"{_MIGRATION}each_stage_is_recognised"),
    ),
    31: Row(
        "2.3.4: with HTTPS on, each later upgrade is rolled back",
        (
            "test_websoft9_gate.py::test_https_on_the_console",
            "test_websoft9_gate.py::test_what_is_dead_behind_tls_goes_back",
            "test_inspect_acceptance.py::test_a_server_that_speaks_tls_is_asked_so",
        ),
    ),
    32: Row(
        "the command that legacy users know starts the migration",
        (f"{_RELEASE}a_release_that_changes_no_image_moves_the_version_alone",),
    ),
}
