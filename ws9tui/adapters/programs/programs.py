"""The programs as they are installed, as `core.ports.Programs`.

They are run as they are found on the PATH, without a shell, in the environment of this program's user: with his logins
at registries, and with what he has set for them.
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
"""seconds for one signature"""
SCAN = 600.0
"""seconds for one image: a scanner may have to get its database first"""
_PLUGIN = 20.0
_LINES = 100
"""of what a hook prints that are kept"""
_NOTHING: Mapping[str, str] = MappingProxyType({})


class InstalledPrograms:
    """What there is on this machine."""

    def __init__(self, *, verify: float = VERIFY, scan: float = SCAN) -> None:
        self._verify = verify
        self._scan = scan

    async def there(self, program: str) -> bool:
        """Look on the PATH; a plugin of the docker command is asked for its version."""
        if program != scanners.SCOUT:
            return shutil.which(program) is not None
        done = await self._run(["docker", "scout", "version"], _PLUGIN)
        return isinstance(done, child.CommandResult) and done.status == 0

    async def verify(self, reference: str, signature: Signature) -> Verified:
        """Let cosign verify an image's signature at its registry."""
        words = cosign.command(reference, signature, self._verify)
        done = await self._run(words, self._verify)
        if isinstance(done, child.CommandResult):
            return cosign.read(done, reference.partition("@")[2])
        return Verified(Result.NOT_CHECKED, done)

    async def scan(self, scanner: str, image_id: str, host: str) -> Scanned:
        """Let a scanner read the image from its engine."""
        done = await self._run(scanners.command(scanner, image_id, self._scan), self._scan, scanners.environment(host))
        return scanners.read(scanner, done) if isinstance(done, child.CommandResult) else Scanned(reason=done)

    async def run(
        self, command: Sequence[str], *, folder: str, environment: Mapping[str, str], within: float, mark: str
    ) -> Ran:
        """Run a hook; what it prints is read together, in the order in which it comes."""
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
        """Kill what is left of a hook."""
        return await child.end(mark)

    @staticmethod
    async def _run(
        words: Sequence[str], seconds: float, more: Mapping[str, str] = _NOTHING
    ) -> child.CommandResult | Reason | str:
        """Run a command to its end, or say why there is no end."""
        try:
            return await child.run(words, folder=None, environment={**os.environ, **more}, timeout=seconds)
        except (OSError, ValueError) as error:
            return child.why(error, seconds)
