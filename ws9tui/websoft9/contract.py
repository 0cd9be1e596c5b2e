"""The command of upstream's own upgrade: its options, its variables, its exit statuses, its last block."""

from __future__ import annotations

from enum import IntEnum

import msgspec

COMMAND = "websoft9-upgrade"
DETECT = "detect"
LOOKS = (DETECT, "doctor", "inspect")
"""what only looks; `inspect` is upstream's other name for `doctor`"""
MODES = ("install", "upgrade")
INSTALL_PATH = "/opt/websoft9"
ARTIFACT_BASE = "https://artifact.websoft9.com/websoft9"
BASE, BACKUPS, DATA_ROOT = VARIABLES = ("W9_ARTIFACT_BASE", "W9_BACKUP_ROOT", "WEBSOFT9_DATA_ROOT")
DONE = (
    "Console",
    "Container",
    "Image",
    "Version",
    "Install path",
    "Data root",
    "Compose file",
    "Backup point",
    "Channel",
)
"""the keys of the last block, in their order; scripts read them"""


class Status(IntEnum):
    """The exit statuses."""

    OK = 0
    USAGE = 2
    PRECHECK = 3
    ENVIRONMENT = 4
    RUNTIME = 5
    VALIDATION = 6
    ROLLBACK = 7


class CommandLine(msgspec.Struct, frozen=True):
    """What was typed."""

    look: str = ""
    """one of `LOOKS`; empty for an upgrade"""
    path: str = INSTALL_PATH
    version: str = ""
    console_port: str = ""
    yes: bool = False
    dry_run: bool = False
    force: bool = False
    mode: str = ""
