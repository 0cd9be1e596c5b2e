"""The programs of the simulated world's machine, as `core.ports.Programs`."""

from __future__ import annotations

import asyncio

from ws9tui.core.model.trust import Result, Scanned, Signature, Verified, each_once
from ws9tui.simulation.world import Signed, World


class SimulatedPrograms:
    """The programs that a simulated world has; ``calls`` lists what was run."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls: list[tuple[str, str]] = []

    async def there(self, program: str) -> bool:
        """By the world's list."""
        return program in self.world.programs

    async def verify(self, reference: str, signature: Signature) -> Verified:
        """By what the world has of signatures."""
        if not await self.there("cosign"):
            return Verified(Result.NOT_CHECKED, "it is not installed")
        self.calls.append(("cosign", reference))
        await asyncio.sleep(self.world.latency)
        signed = self.world.signatures.get(reference, Signed())
        if signed.unreachable:
            return Verified(Result.NOT_CHECKED, signed.unreachable)
        if not signed.by:
            return Verified(Result.FAILED, "no signatures found")
        if signed.by not in (signature.key, signature.identity):
            return Verified(Result.FAILED, "no matching signatures")
        return Verified(Result.VERIFIED)

    async def scan(self, scanner: str, image_id: str, host: str) -> Scanned:  # noqa: ARG002 - the port's
        """By what the world has of vulnerabilities."""
        if not await self.there(scanner):
            return Scanned(reason="it is not installed")
        self.calls.append((scanner, image_id))
        await asyncio.sleep(self.world.latency)
        return Scanned(each_once(self.world.vulnerabilities.get(image_id, ())))
