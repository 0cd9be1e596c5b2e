"""A project among several to choose from."""

from __future__ import annotations

import msgspec


class ProjectView(msgspec.Struct, frozen=True):
    """What is known of a project that may be the one that is meant."""

    folder: str = ""
    running: int = 0
    """containers that run"""
    containers: int = 0
    """all of them; none where it is only recorded"""
    ill: int = 0
    """those that are unhealthy, or that the engine restarts again and again"""
    versions: dict[str, str] = {}
    """service → the version that it runs, where that is known"""
    here: bool = False
    """the operator stands in its folder, or below"""
    used_at: str = ""
    """when a run of ours last had it, whether that changed anything or not; empty: none did"""
