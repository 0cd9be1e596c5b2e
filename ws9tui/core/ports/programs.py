"""What the core needs of programs besides Docker's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ws9tui.core.model.hooks import Ran
from ws9tui.core.model.trust import Scanned, Signature, Verified


class Programs(Protocol):
    """Programs besides Docker's own that an operator may have, each bounded in time and in what is read of it."""

    async def there(self, program: str) -> bool:
        """Whether one is installed."""

    async def verify(self, reference: str, signature: Signature) -> Verified:
        """Lets cosign verify the signature of `repository@digest` at its registry.

        Verified is what cosign says so of, and names; what it could not ask about is not checked.
        """

    async def scan(self, scanner: str, image_id: str, host: str) -> Scanned:
        """Lets a scanner look for vulnerabilities in a local image of the engine at that address."""

    async def run(
        self, command: Sequence[str], *, folder: str, environment: Mapping[str, str], within: float, mark: str
    ) -> Ran:
        """Runs a command of the project's on this machine, in a folder, without a shell, to its end.

        It gets a clean environment: these variables, the user's, and those by which Docker's own programs find the
        engine. At its limit, or where this is cancelled, it is ended with all that it has started; ``mark`` tells it
        from other processes.
        """

    async def end(self, mark: str) -> int:
        """Ends what a worker that was killed has left of a command with this mark; gives the number of processes."""
