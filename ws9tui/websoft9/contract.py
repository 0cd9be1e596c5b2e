"""The command line of upstream's own upgrade command: its options, variables, exit statuses and final block."""

from __future__ import annotations

from enum import IntEnum

import msgspec

COMMAND = "websoft9-upgrade"
DETECT = "detect"
LOOKS = (DETECT, "doctor", "inspect")
"""the read-only commands; `inspect` is upstream's other name for `doctor`"""
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
"""the keys of the final block, in order; scripts parse them"""


class Status(IntEnum):
    """The exit statuses of upstream's command."""

    OK = 0
    USAGE = 2
    PRECHECK = 3
    ENVIRONMENT = 4
    RUNTIME = 5
    VALIDATION = 6
    ROLLBACK = 7


class CommandLine(msgspec.Struct, frozen=True):
    """The parsed command line."""

    look: str = ""
    """one of `LOOKS`; empty for an upgrade"""
    path: str = INSTALL_PATH
    version: str = ""
    console_port: str = ""
    yes: bool = False
    dry_run: bool = False
    force: bool = False
    mode: str = ""
