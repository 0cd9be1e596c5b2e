"""Problems of Websoft9's migration from the legacy to the modern layout, which Websoft9's own script performs."""

from __future__ import annotations

from ws9tui.problems.problem import Problem

# --- an unfinished migration


class MigrationPrepared(Problem):
    folder: str
    backup: str = ""


class MigrationStopped(Problem):
    stage: int
    containers: str
    units: str = ""
    backup: str = ""


class MigrationHalf(Problem):
    stage: str
    modern: str
    containers: str
    backup: str = ""


class MigrationBoth(Problem):
    modern: str
    containers: str
    backup: str = ""


class MigrationPurging(Problem):
    modern: str
    missing: str
    backup: str = ""


class MigrationLeft(Problem):
    volumes: str
    backup: str = ""


# --- the effects of a migration


class MigrationBridge(Problem):
    version: str
    newest: str


class MigrationVolume(Problem):
    volume: str
    role: str
    size: int | None = None


class MigrationWrongVolume(Problem):
    volume: str
    role: str
    taken: str


class MigrationRemoves(Problem):
    names: str


class MigrationRoom(Problem):
    path: str
    needed: int
    free: int


class MigrationNoRoom(Problem):
    path: str
    needed: int
    free: int


class MigrationRoomUnknown(Problem):
    volumes: str


class MigrationLost(Problem):
    volumes: str = ""


class MigrationBinds(Problem):
    projects: str


class MigrationHttps(Problem):
    port: str = ""


class MigrationSave(Problem):
    project: str


class UpstreamMixed(Problem):
    names: str
