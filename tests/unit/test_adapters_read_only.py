"""An engine whose disk is locked is known by its words, whoever passes them on."""

from __future__ import annotations

import pytest

from ws9tui.adapters.compose import output
from ws9tui.adapters.engine import load, problems
from ws9tui.adapters.registry import errors as registry_errors
from ws9tui.core.model.source import ProjectSource
from ws9tui.problems.engine import EngineDiskReadOnly

OURS = "mkdir /var/lib/docker/overlay2/5cc939e4-init: read-only file system"
OTHERS = (
    'OCI runtime create failed: error mounting "/srv/x" to rootfs at "/x": mkdir /x: read-only file system: unknown',
    "error while creating mount source path '/srv/x': mkdir /srv/x: read-only file system",
    "failed to mount local volume: mount /dev/sdb:/x: read-only file system",
    "no space left on device",
)


@pytest.mark.parametrize("said", [OURS, *OTHERS])
def test_its_own_disk_is_told_from_what_containers_mount(said: str) -> None:
    source = ProjectSource("shop", "/srv/shop", ("/srv/shop/compose.yaml",))
    errors = (
        problems.engine_error("tag", "unix:///run/docker.sock", OSError(), answer=said),
        output.error("up", 1, f"Error response from daemon: {said}", source),
        load.load_error(said),
    )
    assert {isinstance(error.problem, EngineDiskReadOnly) for error in errors} == {said == OURS}
    assert all(
        said in error.problem.facts["reason"] for error in errors if isinstance(error.problem, EngineDiskReadOnly)
    )


def test_a_pull_onto_it() -> None:
    error = registry_errors.registry_error(f"failed to register layer: {OURS}", "r.test/web:1")
    assert (type(error.problem), error.transient) == (EngineDiskReadOnly, False)
