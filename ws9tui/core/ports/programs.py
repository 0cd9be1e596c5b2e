"""The core's interface to other programs: cosign, scanners, and the project's hooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ws9tui.core.model.hooks import Ran
from ws9tui.core.model.trust import Scanned, Signature, Verified


class Programs(Protocol):
    """Installed programs other than Docker's, each bounded in time and in the output that is read."""

    async def there(self, program: str) -> bool:
        """Whether a program is installed."""

    async def verify(self, reference: str, signature: Signature) -> Verified:
        """Verifies the signature of `repository@digest` at its registry with cosign.

        `VERIFIED` only if cosign confirms the signature and names the digest, `NOT_CHECKED` if cosign could not check.
        """

    async def scan(self, scanner: str, image_id: str, host: str) -> Scanned:
        """Scans a local image of the engine at address ``host`` for vulnerabilities."""

    async def run(
        self, command: Sequence[str], *, folder: str, environment: Mapping[str, str], within: float, mark: str
    ) -> Ran:
        """Runs a command of the project on this machine, in a folder, without a shell, until it ends.

        The command gets a clean environment: these variables, the user's own, and those by which Docker's programs find
        the engine. At its time limit, or on cancellation, it is killed with all processes that it started; ``mark``
        identifies them.
        """

    async def end(self, mark: str) -> int:
        """Kills the processes with this mark that a killed worker left behind; returns their number."""
