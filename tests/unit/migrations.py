"""A shop whose database an update migrates: its data, what is offered, and what is kept of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from bench import Script, Shop, Told
from virtual_time import now
from ws9tui.core.store import backup as backups
from ws9tui.simulation.world import SimFile

DATA = "shop_data"


async def opened(shop: Shop) -> None:
    """Have the project run, with a schema in its database."""
    await shop.install()
    shop.world.data[DATA] = {}
    await written(shop, "schema", "1")


async def written(shop: Shop, path: str, text: str) -> None:
    """Write a file into the database's volume, a while later than anything before."""
    await asyncio.sleep(100)
    shop.world.data[DATA][path] = SimFile(text, int(now()))
    await asyncio.sleep(100)


def content(shop: Shop) -> dict[str, str]:
    return {path: file.text for path, file in shop.world.data[DATA].items()}


def migrating(shop: Shop, **behaviour: Any) -> None:  # noqa: ANN401 - as Behaviour has them
    """Offer a version that writes into the data when it starts."""
    shop.behave("r.test/db:16", "16.2", writes={"/data/schema": "2"}, **behaviour)


def failing(shop: Shop) -> None:
    migrating(shop, exits_after=0.2, exit_code=3)


async def update(shop: Shop, script: Script | None = None, **options: Any) -> Told:  # noqa: ANN401 - fields of Options
    return await shop.run("db", script=script, **options)


def roles(shop: Shop) -> list[str]:
    return [backup.role for backup in backups.all_of(shop.state)]


def held(shop: Shop) -> list[str]:
    return [one.made.name for one in shop.world.containers.values() if one.holder_of]


def returning(value: Any) -> Callable[..., Awaitable[Any]]:  # noqa: ANN401 - whatever the method gives
    async def answer(*_: object) -> Any:  # noqa: ANN401
        return value

    return answer
