"""Parses an engine's progress lines of a pull or a load, and the texts of its errors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ws9tui.core.model.observed import PullEvent


def pull_event(line: bytes) -> PullEvent:
    """Parses one progress line; an empty event if it is no JSON object."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return PullEvent()
    if not isinstance(said, dict):
        return PullEvent()
    progress, detail = _part(said, "progressDetail"), _part(said, "errorDetail")
    return PullEvent(
        status=str(said.get("status") or ""),
        layer=str(said.get("id") or ""),
        current=_count(progress.get("current")),
        total=_count(progress.get("total")),
        error=str(said.get("error") or detail.get("message") or ""),
    )


def _part(said: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    part = said.get(key)
    return part if isinstance(part, dict) else {}


def _count(said: object) -> int:
    return max(said, 0) if isinstance(said, int) else 0


def message(body: str) -> str:
    """Returns the text of an error's body, which is JSON if the engine itself wrote it."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return body.strip()
    return str(said.get("message") or body) if isinstance(said, dict) else body
