"""The view of a project in a list to choose from."""

from __future__ import annotations

import msgspec


class ProjectView(msgspec.Struct, frozen=True):
    """The state of one project in a list to choose from."""

    folder: str = ""
    running: int = 0
    """number of running containers"""
    containers: int = 0
    """number of all containers; 0 if the project is only known from records"""
    ill: int = 0
    """number of unhealthy or repeatedly restarting containers"""
    versions: dict[str, str] = {}
    """service → its running version, if known"""
    here: bool = False
    """whether the operator's working directory is its folder, or below"""
    used_at: str = ""
    """when the last run of this program held its lock, whether it changed anything or not; empty if none did"""
