"""Streams what `docker save` writes of local images."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from docker import APIClient

from ws9tui.adapters.engine.calls import Calls, sent
from ws9tui.adapters.engine.data import gathered

if TYPE_CHECKING:
    from requests import Response

_CHUNK = 1 << 20
_SILENCE = 3600.0
"""seconds without a byte: an engine 20.10 writes all layers into a folder of its own before it sends the first one"""


async def save(call: Calls, images: Sequence[str]) -> AsyncGenerator[bytes, None]:
    """Streams the archive; closing the generator ends the connection, and with it the engine's work."""

    def begin(client: APIClient) -> Response:
        query = urlencode([("names", image) for image in images])
        return sent(client, "GET", f"/images/get?{query}", stream=True, timeout=_SILENCE)

    response = await call("save", begin, within=_SILENCE)
    chunks: Iterator[bytes] = response.iter_content(_CHUNK)
    try:
        while chunk := await call("save", lambda _: gathered(chunks), within=_SILENCE):
            yield chunk
    finally:
        response.close()
