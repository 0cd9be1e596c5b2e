"""Making an engine empty again."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from docker.errors import APIError, NotFound

from .wait import until

if TYPE_CHECKING:
    from .dockerd import Dockerd

_BUILT_IN = {"bridge", "host", "none"}


def empty(engine: Dockerd) -> None:
    """Remove all containers, images, volumes and networks; starts the engine if a test has left it ended."""
    if not engine.running:
        engine.power_off()
        engine.start()
    until(lambda: _emptied(engine.client().api), 60, "the engine is empty")


def _emptied(api: Any) -> bool:  # noqa: ANN401  # types-docker is not exact enough
    with contextlib.suppress(APIError):
        for container in api.containers(all=True):
            with contextlib.suppress(NotFound):
                api.remove_container(container["Id"], force=True, v=True)
        for network in api.networks():
            if network["Name"] not in _BUILT_IN:
                api.remove_network(network["Id"])
        for volume in api.volumes()["Volumes"] or []:
            api.remove_volume(volume["Name"], force=True)
        for image in api.images(all=False):
            with contextlib.suppress(NotFound):
                api.remove_image(image["Id"], force=True)
        return not (api.containers(all=True) or api.images(all=True) or api.volumes()["Volumes"])
    return False
