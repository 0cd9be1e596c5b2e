"""Takes the values of variables out of what other programs say, before it gets any further."""

from __future__ import annotations

import re
from collections.abc import Mapping

HIDDEN = "•••"
_SECRET_LENGTH = 6
_HARMLESS = re.compile(r"(?:^|_)(?:VERSION|TAG|IMAGE|PORT|HOME|PWD|USER|PATH)$")
"""names of variables whose values stand in images and paths, which are shown anyway"""


def hidden(text: str, variables: Mapping[str, str]) -> str:
    """Replace the variables' values in a text, longest first, for one may contain another."""
    values = {value for name, value in variables.items() if len(value) >= _SECRET_LENGTH and not _HARMLESS.search(name)}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return text
