"""The release that tests/run.py builds before the tests, by .release/release.py, into dist."""

from __future__ import annotations

import hashlib
import json
import platform
from pathlib import Path
from typing import Any

from . import roots, tools
from .needs import need

_ROOT = Path(__file__).resolve().parents[2]
_DIST = _ROOT / "dist"
_HOW = "python3 .release/release.py builds it, and tests/run.py does that before all tests"


def one_file() -> Path:
    """Return the program in one file; fail if it was not made of the present sources."""
    found = list(_DIST.glob(f"ws9tui-*-linux-{platform.machine()}"))
    sources = [path for folder in ("ws9tui", ".release") for path in (_ROOT / folder).rglob("*") if path.is_file()]
    newest = max(path.stat().st_mtime for path in sources if "__pycache__" not in path.parts)
    if len(found) != 1 or found[0].stat().st_mtime < newest:
        need(f"no release of the present sources in dist: {_HOW}")
    need(tools.missing())
    return found[0]


def lacking_roots() -> str:
    """Say which clean systems are missing, and how to get them."""
    lacking = roots.lacking()
    return f"no root folders of {', '.join(lacking)}: tests/run.py makes them" if lacking else ""


def bill() -> dict[str, Any]:
    """Return the bill of materials."""
    (path,) = _DIST.glob("*.cdx.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def licences() -> str:
    """Return the licences of all that is inside."""
    (path,) = _DIST.glob("*-licences.txt")
    return path.read_text()


def sums() -> set[str]:
    """Return the names of the files whose checksums are right."""
    lines = [line.split("  ") for line in (_DIST / "SHA256SUMS").read_text().splitlines()]
    return {name for sum_, name in lines if hashlib.sha256((_DIST / name).read_bytes()).hexdigest() == sum_}
