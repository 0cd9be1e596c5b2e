#!/usr/bin/env python3
"""Makes the recordings in tests/recordings/ and the pictures of them in screenshots/ anew: python3 tests/record.py.

With the name of a folder it makes the recordings only, there: so a test finds out which are stale.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
FOLDER = HERE / "recordings"
sys.path[:0] = [str(HERE / "unit"), str(HERE), str(HERE.parent)]

import screenshots  # noqa: E402 - a script finds its modules itself
import studio  # noqa: E402
import virtual_time  # noqa: E402
from takes import TAKES, Take  # noqa: E402


async def record(take: Take) -> bytes:
    """The journal of a run."""
    with tempfile.TemporaryDirectory() as folder, studio.on_virtual_time():
        return studio.said(await take(Path(folder)), Path(folder))


def main(folder: Path) -> None:
    """Makes all recordings, and removes what is none any more."""
    folder.mkdir(exist_ok=True)
    for name, take in TAKES.items():
        (folder / f"{name}.jsonl").write_bytes(virtual_time.run(record(take)))
    for file in folder.iterdir():
        if file.stem not in TAKES:
            file.unlink()


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # sets must have the same order each time
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        main(FOLDER)
        sys.exit(screenshots.main([]))
