"""The programs of the simulated world's machine, as `core.ports.Programs`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from ws9tui.core.model.hooks import Ran
from ws9tui.core.model.trust import Result, Scanned, Signature, Verified, each_once
from ws9tui.problems import reasons
from ws9tui.simulation.world import Signed, World


class SimulatedPrograms:
    """The programs that a simulated world has; ``calls`` lists the runs of cosign and of scanners."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls: list[tuple[str, str]] = []
        self.environments: list[dict[str, str]] = []
        """environments that were passed to `run`"""
        self.ended: list[str] = []
        """marks that were passed to `end`"""

    async def there(self, program: str) -> bool:
        """Whether the world has a program installed."""
        return program in self.world.programs

    async def verify(self, reference: str, signature: Signature) -> Verified:
        """Returns the result of verifying a signature against the world's signatures."""
        if not await self.there("cosign"):
            return Verified(Result.NOT_CHECKED, reasons.NotInstalled())
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
        """Returns the vulnerabilities that the world has for an image."""
        if not await self.there(scanner):
            return Scanned(reason=reasons.NotInstalled())
        self.calls.append((scanner, image_id))
        await asyncio.sleep(self.world.latency)
        return Scanned(each_once(self.world.vulnerabilities.get(image_id, ())))

    async def run(
        self,
        command: Sequence[str],
        *,
        folder: str,  # noqa: ARG002 - the port's
        environment: Mapping[str, str],
        within: float,
        mark: str,  # noqa: ARG002 - no process is left
    ) -> Ran:
        """Returns the result that the world has for a command; one that it lacks is not installed."""
        self.environments.append(dict(environment))
        ran = await self.world.run("host", command, within)
        return Ran(reason=reasons.NotInstalled()) if ran is None else Ran(*ran)

    async def end(self, mark: str) -> int:
        """Records the mark and returns 0: no process is left to end."""
        self.ended.append(mark)
        return 0
