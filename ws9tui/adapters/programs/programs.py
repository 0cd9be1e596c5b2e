"""The installed programs, as `core.ports.Programs`.

cosign and the scanners are run from the PATH, without a shell, in this process's environment: with the user's registry
logins, and with the user's settings for them. Hooks get a clean environment instead.
"""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ws9tui.adapters import child
from ws9tui.adapters.programs import cosign, scanners
from ws9tui.adapters.programs.environment import clean
from ws9tui.core.model.hooks import Ran
from ws9tui.core.model.trust import Result, Scanned, Signature, Verified
from ws9tui.problems.problem import Reason

VERIFY = 60.0
"""timeout in seconds for one signature"""
SCAN = 600.0
"""timeout in seconds for one image: a scanner may have to download its database first"""
_PLUGIN = 20.0
_LINES = 100
"""last lines of a hook's output that are kept"""
_NOTHING: Mapping[str, str] = MappingProxyType({})


class InstalledPrograms:
    """The programs that are installed on this machine."""

    def __init__(self, *, verify: float = VERIFY, scan: float = SCAN) -> None:
        self._verify = verify
        self._scan = scan

    async def there(self, program: str) -> bool:
        """Whether a program is on the PATH; for Docker Scout, whether the plugin tells its version."""
        if program != scanners.SCOUT:
            return shutil.which(program) is not None
        done = await self._run(["docker", "scout", "version"], _PLUGIN)
        return isinstance(done, child.CommandResult) and done.status == 0

    async def verify(self, reference: str, signature: Signature) -> Verified:
        """Runs cosign to verify an image's signature at its registry."""
        words = cosign.command(reference, signature, self._verify)
        done = await self._run(words, self._verify)
        if isinstance(done, child.CommandResult):
            return cosign.read(done, reference.partition("@")[2])
        return Verified(Result.NOT_CHECKED, done)

    async def scan(self, scanner: str, image_id: str, host: str) -> Scanned:
        """Runs a scanner on an image of the engine at ``host``."""
        done = await self._run(scanners.command(scanner, image_id, self._scan), self._scan, scanners.environment(host))
        return scanners.read(scanner, done) if isinstance(done, child.CommandResult) else Scanned(reason=done)

    async def run(
        self, command: Sequence[str], *, folder: str, environment: Mapping[str, str], within: float, mark: str
    ) -> Ran:
        """Runs a hook; its stdout and stderr are kept together, in the order of their arrival."""
        printed: deque[str] = deque(maxlen=_LINES)
        try:
            done = await child.run(
                command,
                folder=folder,
                environment=clean() | dict(environment),
                timeout=within,
                on_line=printed.append,
                mark=mark,
            )
        except TimeoutError:
            return Ran(output="\n".join(printed))
        except (OSError, ValueError) as error:
            return Ran(reason=child.why(error, within))
        rest = [text.rpartition("\n")[2] for text in (done.output, done.errors)]
        return Ran(done.status, "\n".join((*printed, *(text for text in rest if text))))

    async def end(self, mark: str) -> int:
        """Kills the remaining processes of a hook and returns their number."""
        return await child.end(mark)

    @staticmethod
    async def _run(
        words: Sequence[str], seconds: float, more: Mapping[str, str] = _NOTHING
    ) -> child.CommandResult | Reason | str:
        """Runs a command to its end; returns the reason if it could not start or timed out."""
        try:
            return await child.run(words, folder=None, environment={**os.environ, **more}, timeout=seconds)
        except (OSError, ValueError) as error:
            return child.why(error, seconds)
