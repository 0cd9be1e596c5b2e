"""Imports all that a run may need before it begins, so that the worker outlives the program's own files.

They may go while it works: an upgrade of ws9tui replaces them, and somebody may delete the folder that the program in
one file was unpacked into.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module

_ROOMS = ("adapters", "core", "problems", "websoft9", "words", "worker")
_ELSEWHERE = ("encodings.cp437", "encodings.idna", "gzip", "netrc")
"""what the standard library and the engine's SDK import only where they need it"""


def everything() -> None:
    """Imports the modules of the worker's packages, and what those and their libraries import late."""
    for room in _ROOMS:
        package = import_module(f"ws9tui.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith(".__main__"):
                import_module(found.name)
    for name in _ELSEWHERE:
        import_module(name)
