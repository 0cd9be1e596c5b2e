"""What is said of a service before any registry has answered."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from ws9tui.core.images import resolve
from ws9tui.core.model.observed import Container
from ws9tui.core.model.reference import Reference

IDENTITY = "0123456789ab" * 5


@pytest.mark.parametrize(
    ("inside", "host", "itself"),
    [(True, IDENTITY[:12], True), (True, "server-3", False), (False, IDENTITY[:12], False), (True, "", False)],
)
def test_a_service_that_this_program_runs_in(
    monkeypatch: pytest.MonkeyPatch, inside: bool, host: str, itself: bool
) -> None:
    """Its recreation would kill the updater (failure 41)."""
    monkeypatch.setattr(platform, "node", lambda: host)
    monkeypatch.setattr(Path, "exists", lambda _self: inside)
    assert resolve._is_self(Container(IDENTITY, "web-1", "sha256:1", Reference("web:1"))) is itself
