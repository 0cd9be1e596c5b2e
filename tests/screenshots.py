#!/usr/bin/env python3
"""Takes the pictures in screenshots/ from the recordings: python3 tests/screenshots.py [NAME]…

Each picture is an SVG and the same as text. The text is what a test compares, since it does not depend on how a
version of the libraries draws.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).resolve().parents[1] / "screenshots"
sys.path[:0] = [str(Path(__file__).resolve().parent / "unit"), str(FOLDER.parent)]

from wizards import LARGE, SMALL, wizard  # noqa: E402 - a script finds its modules itself
from ws9tui.problems.problem import read  # noqa: E402 - as above
from ws9tui.words import language  # noqa: E402 - as above

WIDE = (110, 30)


class Shot(NamedTuple):
    """A picture: of which moment of a recorded run, how large, after which keys."""

    moment: str
    size: tuple[int, int] = SMALL
    keys: tuple[str, ...] = ()
    died: bool = False
    language: str = ""
    """empty: the one that is chosen, which is English"""


SHOTS = {
    "01-looking": Shot("starting"),
    "02-project": Shot("project"),
    "03-no-engine": Shot("no-engine"),
    "04-images": Shot("images"),
    "05-images-wide": Shot("images-mixed", WIDE, ("down",) * 3),
    "06-images-twelve": Shot("images-twelve", SMALL, ("down",) * 6),
    "07-reference": Shot("images", SMALL, ("down", "e")),
    "08-pull": Shot("pull"),
    "09-pull-trouble": Shot("pull-trouble", WIDE),
    "10-pull-failed": Shot("pull-failed"),
    "11-pull-twelve": Shot("pull-twelve"),
    "12-versions": Shot("versions-warned"),
    "13-versions-refused": Shot("versions-refused"),
    "14-confirm": Shot("confirm", WIDE),
    "15-confirm-yes": Shot("confirm", SMALL, ("enter",)),
    "16-recreate": Shot("committing"),
    "17-watch": Shot("watching", WIDE),
    "18-keep": Shot("keep"),
    "19-failed": Shot("failed", WIDE),
    "20-going-back": Shot("rolling-back"),
    "21-rolled-back": Shot("rolled-back"),
    "22-needs-recovery": Shot("needs-recovery"),
    "23-kept": Shot("kept"),
    "24-recovery": Shot("recovery", WIDE),
    "25-worker-gone": Shot("committing", died=True),
    "26-log": Shot("failed", WIDE, ("l",)),
    "27-help": Shot("failed", SMALL, ("question_mark",)),
    "28-leave": Shot("watching", SMALL, ("q",)),
    "29-large": Shot("keep", LARGE),
    "30-install": Shot("install"),
    "31-nothing-to-do": Shot("nothing-to-do"),
    "32-port-taken": Shot("port-taken"),
    "33-generations": Shot("generations", WIDE, ("down",)),
    "34-generation-gone": Shot("generations", SMALL, ("down", "down", "down")),
    "35-release": Shot("merging", SMALL, ("down",)),
    "36-no-project": Shot("no-project"),
    "37-install-form": Shot("install-taken", SMALL, ("down",) * 6),
    "38-install-port": Shot("install-taken", SMALL, (*("down",) * 6, "e")),
    "39-to-release": Shot("images-releases", WIDE, ("u",)),
    "40-write-answers": Shot("installed", SMALL, ("w",)),
    "41-install-form-large": Shot("install-form", LARGE),
    "42-newer-tags": Shot("images-mixed", WIDE, ("down",) * 4),
    "43-tags": Shot("tags", SMALL, ("down", "t", "down")),
    "44-held": Shot("held", SMALL, ("down", "down")),
    "45-checks": Shot("versions-checked"),
    "60-images-chinese": Shot("images", language="zh_CN"),
    "61-confirm-chinese": Shot("confirm", WIDE, language="zh_CN"),
    "62-keep-chinese": Shot("keep", language="zh_CN"),
    "63-help-chinese": Shot("failed", SMALL, ("question_mark",), language="zh_CN"),
}


async def take(shot: Shot) -> tuple[str, str]:
    """A picture as text and as SVG."""
    if shot.language:
        language.choose({}, asked=shot.language)
        try:
            return await take(shot._replace(language=""))
        finally:
            language.choose({})
    with tempfile.TemporaryDirectory() as folder:
        async with wizard(shot.moment, Path(folder), size=shot.size) as driven:
            if shot.died:
                followed = driven.app.followed
                followed.died = read("worker-died", {"status": "-9", "log": f"{followed.handle.folder}/worker.log"})
                await driven.settle()
            for key in shot.keys:
                await driven.press(key)
            await driven.settle()
            return driven.text() + "\n", driven.app.export_screenshot(title="ws9tui", simplify=True)


def utc() -> None:
    """Sets the local time to UTC: the log shows local times."""
    os.environ["TZ"] = "UTC"
    time.tzset()


def main(names: list[str]) -> int:
    """Takes the named pictures, or all and removes what is no picture any more."""
    utc()
    FOLDER.mkdir(exist_ok=True)
    for name in names or SHOTS:
        text, svg = asyncio.run(take(SHOTS[name]))
        (FOLDER / f"{name}.txt").write_text(text, encoding="utf-8")
        (FOLDER / f"{name}.svg").write_text(svg, encoding="utf-8")
    for file in FOLDER.iterdir() if not names else ():
        if file.stem not in SHOTS:
            file.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
