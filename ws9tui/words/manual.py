"""The texts that only the manual page contains."""

from __future__ import annotations

from ws9tui.words.template import Message

MANUAL = Message("Manual of ws9tui", "the manual page")
WHAT = Message("update a Docker Compose project, and roll back if it fails")
NAME, SYNOPSIS = Message("Name", "the manual page"), Message("Synopsis", "the manual page")
DESCRIPTION = Message("Description", "the manual page")
COMMON = Message("Flags of all commands", "the manual page")
EXITS, FILES = Message("Exit status", "the manual page"), Message("Files", "the manual page")
ENVIRONMENT = Message("Environment", "the manual page")
_FILES = {
    "/var/lib/ws9tui": Message("runs, generations and backups, when root runs it"),
    "~/.local/state/ws9tui": Message("the same for other users, or ws9tui in $XDG_STATE_HOME"),
}
_ENVIRONMENT = {
    "NO_COLOR": Message("set to anything: plain lines, without colour and tables"),
    "TERM": Message("'dumb': plain lines, and no panes"),
    "LC_ALL, LC_MESSAGES, LANG": Message("the language"),
    "DOCKER_HOST, DOCKER_CONTEXT, COMPOSE_FILE, …": Message("as for Docker and Compose"),
}


def files() -> list[tuple[str, str]]:
    """Returns the files and folders that the manual page names, with their contents."""
    return [(name, text()) for name, text in _FILES.items()]


def environment() -> list[tuple[str, str]]:
    """Returns the environment variables that the manual page names, with their meanings."""
    return [(name, text()) for name, text in _ENVIRONMENT.items()]
