"""Backups of the shop on the simulated engine, and what is made from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench import Shop, Told
from ws9tui.core.model.terms import Verb
from ws9tui.simulation.world import SimFile

DATA = {"base/1": SimFile("precious\n", 1_700_000_000), "wal": SimFile("log\n", 1_700_000_100)}


async def installed(shop: Shop) -> Shop:
    """Have the project run, with data."""
    await shop.install()
    shop.world.data["shop_data"] = dict(DATA)
    return shop


async def saved(shop: Shop, path: Path, **options: Any) -> Told:  # noqa: ANN401 - fields of Options
    return await shop.run(verb=Verb.BACKUP, output=str(path), monitor=1.0, **options)


async def restored(shop: Shop, path: Path, **options: Any) -> Told:  # noqa: ANN401 - as above
    return await shop.run(str(path), verb=Verb.RESTORE, monitor=1.0, **options)


def calls(shop: Shop, *names: str) -> list[tuple[str, str]]:
    """What was asked of the engine, a container by its service."""
    known = {key: one.made.service for key, one in shop.world.containers.items()}
    return [(call, known.get(subject, subject)) for call, subject in shop.engine.calls if call in names]


def purge(shop: Shop) -> None:
    """Take away all of the project, and its images."""
    shop.world.containers.clear()
    shop.world.volumes.clear()
    shop.world.data.clear()
    shop.world.images.clear()
    shop.world.networks[:] = [network for network in shop.world.networks if network.project != "shop"]
    for path in list(shop.folder.iterdir()):
        path.unlink()
    shop.folder.rmdir()
