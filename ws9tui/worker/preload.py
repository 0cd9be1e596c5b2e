"""Imports at the start all that a run may need, so that the worker survives the removal of the program's files.

They may vanish during a run: an upgrade of ws9tui replaces them, and the folder into which the single-file program was
unpacked may be deleted.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

_ROOMS = ("adapters", "core", "problems", "websoft9", "words", "worker")
_ELSEWHERE = ("encodings.cp437", "encodings.idna", "gzip", "netrc")
"""modules that the standard library and the engine's SDK import lazily"""


def everything() -> None:
    """Imports the modules of the worker's packages, and the lazy imports of the libraries that they use."""
    for room in _ROOMS:
        package = import_module(f"ws9tui.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith(".__main__"):
                import_module(found.name)
    for name in _ELSEWHERE:
        import_module(name)
