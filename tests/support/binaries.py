"""Programs of this machine for test images: what has to be copied for them to run there."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def with_libraries(*binaries: Path) -> set[str]:
    """Return the paths of programs and modules and of all libraries that they load."""
    names = {str(path) for path in binaries}
    for path in binaries:
        said = subprocess.run(["ldd", path], capture_output=True, text=True, check=False).stdout
        names |= set(re.findall(r"(/\S+) \(0x", said))
    return names
