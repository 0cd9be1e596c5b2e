"""The programs as they are installed, as `core.ports.Programs`.

They are run as they are found on the PATH, without a shell, in the environment of this program's user: with his logins
at registries, and with what he has set for them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

from ws9tui.adapters import child
from ws9tui.adapters.programs import cosign
from ws9tui.core.model.trust import Result, Signature, Verified

VERIFY = 60.0
"""seconds for one signature"""
MISSING = "it is not installed"


class InstalledPrograms:
    """What there is on this machine."""

    def __init__(self, *, verify: float = VERIFY) -> None:
        self._verify = verify

    async def there(self, program: str) -> bool:
        """Look on the PATH."""
        return shutil.which(program) is not None

    async def verify(self, reference: str, signature: Signature) -> Verified:
        """Let cosign verify an image's signature at its registry."""
        words = cosign.command(reference, signature, self._verify)
        done = await self._run(words, self._verify)
        if isinstance(done, str):
            return Verified(Result.NOT_CHECKED, done)
        return cosign.read(done, reference.partition("@")[2])

    @staticmethod
    async def _run(words: Sequence[str], seconds: float) -> child.Finished | str:
        """Run a command to its end, or say why there is no end."""
        try:
            return await child.run(words, folder=None, environment=os.environ, timeout=seconds)
        except TimeoutError:  # is an OSError
            return f"no end after {seconds:g} s"
        except FileNotFoundError:
            return MISSING
        except OSError as error:
            return error.strerror or str(error)
