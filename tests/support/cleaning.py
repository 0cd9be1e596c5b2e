"""Making an engine empty again."""

from __future__ import annotations

import contextlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docker.errors import APIError, NotFound

from . import isolation, processes
from .snapshot import BUILT_IN
from .wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .dockerd import Dockerd


@contextmanager
def nothing_left(engine: Dockerd, grace: float = 5) -> Iterator[None]:
    """End what a test leaves running, empty the engine after it, and fail if programs were left."""
    before = isolation.members()
    try:
        yield
    finally:
        left = _strangers(engine, before, grace)
        said = [_command(pid) for pid in left]
        processes.kill_all(lambda: _strangers(engine, before, 0), "what the test left")
        empty(engine)
    assert not left, f"the test left programs running: {said}"


def empty(engine: Dockerd) -> None:
    """Remove all containers, images, volumes and networks; starts the engine if a test has left it ended."""
    if engine.running:
        engine.resume()
    else:
        engine.power_off()
        engine.start()
    until(lambda: _emptied(engine.client().api), 60, "the engine is empty")
    with contextlib.suppress(AssertionError):  # what a load that was cut had stays longer (measured: 28.5)
        until(lambda: _collected(engine), 3)


def _emptied(api: Any) -> bool:  # noqa: ANN401  # types-docker is not exact enough
    with contextlib.suppress(APIError):
        for container in api.containers(all=True):
            with contextlib.suppress(NotFound):
                api.remove_container(container["Id"], force=True, v=True)
        for network in api.networks():
            if network["Name"] not in BUILT_IN:
                api.remove_network(network["Id"])
        for volume in api.volumes()["Volumes"] or []:
            api.remove_volume(volume["Name"], force=True)
        for image in api.images(all=False):
            with contextlib.suppress(NotFound):
                api.remove_image(image["Id"], force=True)
        return not (api.containers(all=True) or api.images(all=True) or api.volumes()["Volumes"])
    return False


def _collected(engine: Dockerd) -> bool:
    """Whether an engine of today keeps nothing of pulls that failed, which the next pull would find and not ask for."""
    if not (engine.today and any(any(engine.content.glob(kind)) for kind in ("blobs/*/*", "ingest/*"))):
        return True
    engine.client().images.prune()
    return False


def _strangers(engine: Dockerd, before: set[int], grace: float) -> set[int]:
    """List what runs, after a grace, and neither ran before nor belongs to the engine."""

    def found() -> set[int]:
        started = isolation.members() - before
        return {pid for pid in started if not _of(engine, pid)}

    last: set[int] = set()

    def none() -> bool:
        nonlocal last
        last = found()
        return not last

    with contextlib.suppress(AssertionError):
        until(none, grace)
    return last  # not another look: a helper of the engine may live for an instant without its parent


def _of(engine: Dockerd, pid: int) -> bool:
    """Tell whether a process is the engine, a helper of it that says so, or a child of one of them."""
    while pid > 1:
        if str(engine.run) in _command(pid):
            return True
        try:
            pid = processes.parent(pid)
        except OSError:
            return True  # gone by now
    return False


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
    except OSError:
        return ""
