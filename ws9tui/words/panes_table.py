"""Headings of the wizard's tables that no other module has, and what stands beside them."""

from __future__ import annotations

from ws9tui.words.template import Message

IMAGE, SIZE, AGE = Message("Image"), Message("Size"), Message("Age")
DONE_SHARE = Message("{percent} %")
WAS, IS_NOW = Message("Was"), Message("Is now")
VERSIONS, FOLDER = Message("Versions", "a column"), Message("Folder", "a column")
DIFFERS = Message("Differs from what runs")


def percent(share: float) -> str:
    """A share as it is shown; 100 only when all is done."""
    return DONE_SHARE(percent=str(min(int(share * 100), 100)))
