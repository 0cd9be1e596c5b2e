"""A ws9tui in a container that has the engine's socket: a program of this machine, with this machine's folders."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import images
from .cli import Said
from .images import ImageSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .dockerd import Dockerd
    from .registry import Registry

_MACHINE = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ssl")


def image(engine: Dockerd, registry: Registry) -> str:
    """Let the engine have an image for it, and return its reference."""
    pushed = images.push(registry, "updater", "1", ImageSpec("1"))
    client: Any = engine.client()
    client.images.pull(pushed.by_digest)
    return pushed.by_digest


def run(
    engine: Dockerd,
    reference: str,
    arguments: Sequence[str],
    *,
    mounts: Mapping[Path, str],
    folder: str,
) -> Said:
    """Run a command in a folder of the container, with these folders at these places in it, to its end."""
    client: Any = engine.client()
    ours = dict.fromkeys(
        (*_MACHINE, sys.base_prefix, sys.prefix, str(Path(__file__).parents[2]), engine.compose_folder)
    )
    binds = [f"{path}:{path}:ro" for path in ours if Path(path).exists() and path != "/"]
    binds += [f"{path}:{place}" for path, place in mounts.items()]
    binds += [f"{engine.socket}:/var/run/docker.sock"]
    env = {"PATH": f"{engine.compose_folder}:/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "HOME": "/"}
    container = client.containers.create(
        reference,
        entrypoint=[sys.executable, "-m", "ws9tui", *arguments],
        command=[],
        volumes=binds,
        working_dir=folder,
        environment=env | {"PYTHONPATH": str(Path(__file__).parents[2]), "LD_LIBRARY_PATH": f"{sys.base_prefix}/lib"},
        network_mode="none",
        name="updater",
        user=str(os.geteuid()),
    )
    try:
        container.start()
        status = container.wait(timeout=120)["StatusCode"]
        out, err = (container.logs(stdout=part == "out", stderr=part == "err").decode() for part in ("out", "err"))
    finally:
        container.remove(force=True, v=True)
    return Said(status, out, err)
