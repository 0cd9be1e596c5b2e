"""What goes wrong in Websoft9's own scripts and in its issues, each with the tests that show what happens here."""

from __future__ import annotations

from .failures import PURE, Row

_UPDATE = "test_websoft9_update.py::test_"
_PULL = f"{_UPDATE}an_image_whose_pull_fails_leaves_everything_running"
_MIRROR = f"{_UPDATE}a_mirror_that_answers_500"
_CUSTOMISED = f"{_UPDATE}a_customised_one_keeps_every_byte"
_LATEST = f"{_UPDATE}latest_moves_and_the_way_back_is_the_image_and_not_the_tag"
_PORT = f"{_UPDATE}a_port_that_somebody_else_has"
_LIE = f"{_UPDATE}a_label_that_lies"
_MIGRATED = f"{_UPDATE}data_that_was_migrated_refuses_the_image_of_before"
_FULL = "test_pull_faults.py::test_a_disk_that_fills_up"

ROWS: dict[int, Row] = {
    1: Row("2.2.9: a failed pull ends only a pipe; down, up, 'success'", (_PULL,)),
    2: Row("2.2.9: every container named like it is removed", (f"{_UPDATE}a_path_forward_back_and_forward_again",)),
    3: Row("2.2.9, 428, 503: daemon.json rewritten, Docker restarted", (_PULL,)),
    4: Row("2.2.9: ports are checked by stopping the proxy", (_PORT,)),
    5: Row("2.3.4: files are rewritten before the pull", (_MIRROR,)),
    6: Row("2.3.4: a failed pull leads to down and a wipe of the data", (_MIRROR,)),
    7: Row("2.3.4: the rollback brings back a tag, or nothing", (_LATEST,)),
    8: Row("2.3.4: own keys, registry and port are lost", (_CUSTOMISED,)),
    9: Row("2.3.4: no lock", ("test_conflicts.py::test_one_run_at_a_time", "test_two_at_once.py::*")),
    10: Row("2.3.4: no timeout", (_MIRROR, "test_pull_faults.py::test_a_pull_that_fails_changes_nothing")),
    11: Row("2.3.4, 617: no look at the disk, which fills up", (_FULL,)),
    12: Row("2.3.4: no check of what was pulled", (_LIE,)),
    13: Row("2.3.4: no log of what happened", (_MIGRATED,)),
    14: Row("2.3.4: no cleanup after a failure", (_PULL, _MIRROR)),
    15: Row("554: the deployment container restarts in a loop", (f"{_UPDATE}a_restart_loop_goes_back",)),
    16: Row("555: every stage failed, success was printed", (_PULL, f"{_UPDATE}a_restart_loop_goes_back")),
    17: Row("618, 457, 556: the console's port is reset", (_CUSTOMISED,)),
    18: Row("481: docker-compose.yml and .env are overwritten", (_CUSTOMISED,)),
    19: Row("597, 580: a mirror answers 500, another is wanted", (_MIRROR,)),
    20: Row("Portainer and Gitea migrate and do not go back", (_MIGRATED,)),
    21: Row("the deployment image's label lies", (_LIE,)),
    22: Row("versions are compared as strings", ("test_core_version.py::*",), PURE),
}
