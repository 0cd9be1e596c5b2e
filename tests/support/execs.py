"""Commands that tests run inside of containers.

An engine under load may end an exec before the output is passed on, so what a command prints goes into a file of the
container, and that is read.
"""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING, Any

from .wait import until

if TYPE_CHECKING:
    from .dockerd import Dockerd

_SAID = "/.said"


def run(engine: Dockerd, container: str, command: str) -> str:
    """Run a shell command and return what it printed, without the last line break; it must succeed."""
    status, said = attempt(engine, container, command)
    assert status == 0, (container, command, status, said)
    return said


def attempt(engine: Dockerd, container: str, command: str) -> tuple[int, str]:
    """Run a shell command and return its exit status and what it printed, errors included."""
    api: Any = engine.client().api
    status = _wait(api, container, f"({command}\n) >{_SAID} 2>&1")
    archive, _ = api.get_archive(container, _SAID)
    with tarfile.open(fileobj=io.BytesIO(b"".join(archive))) as packed:
        file = packed.extractfile(_SAID.strip("/"))
        assert file
        said = file.read().decode().rstrip("\n")
    _wait(api, container, f"rm {_SAID}")  # what is left in a container's own layer is told as lost
    return status, said


def _wait(api: Any, container: str, command: str) -> int:  # noqa: ANN401 - the SDK's client, which has no types
    """Run a shell command to its end and return its exit status."""
    made = api.exec_create(container, ["/bin/sh", "-c", command])["Id"]
    api.exec_start(made, detach=True)
    return int(
        until(lambda: [code] if (code := api.exec_inspect(made)["ExitCode"]) is not None else [], 60, command)[0]
    )
