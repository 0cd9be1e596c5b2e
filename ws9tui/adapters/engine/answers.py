"""Whether a URL answers: asked from this machine, or through SSH for loopback URLs of a remote engine's machine."""

from __future__ import annotations

import asyncio
import socket

from ws9tui.adapters import probe
from ws9tui.adapters.engine.ssh import Address, Tunnel
from ws9tui.core.inspect.reach import on_loopback
from ws9tui.problems.problem import Reason
from ws9tui.problems.reasons import ForwardingForbidden

_FORBIDDEN = "administratively prohibited"


async def ask(ssh: Address | None, url: str, within: float) -> Reason | str:
    """Returns why a URL does not answer, empty if it does; as `core.ports.Engine.answers`."""
    if ssh is None or not on_loopback(url):
        return await probe.ask(url, within)
    made: list[Tunnel] = []

    def dial(host: str, port: int, timeout: float) -> socket.socket:
        made.append(Tunnel(ssh.forwarding(host, port), timeout))
        return made[-1].socket

    reason = await probe.ask(url, within, dial)
    for tunnel in made if reason else ():
        failure = await asyncio.to_thread(tunnel.failure, ConnectionError())
        if isinstance(failure.said, str) and _FORBIDDEN in failure.said:
            return ForwardingForbidden()
    return reason
