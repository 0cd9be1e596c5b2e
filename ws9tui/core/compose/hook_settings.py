"""Reads the hooks and the receivers of notices from `x-ws9tui`, with file and line."""

from __future__ import annotations

import shlex
from typing import Any

import yaml

from ws9tui.core.compose import nodes
from ws9tui.core.model import notices
from ws9tui.core.model.hooks import BEFORE, LIMIT, LIMITS, Hook, When
from ws9tui.core.model.notices import Receiver

HOOK_KEYS = tuple(When)
_OF_HOOK = ("run", "on", "timeout", "failure")
_PLACES = ("container", "host")
_EFFECTS = ("refuse", "warn")


def hook(file: str, key: str, node: yaml.Node, *, of_service: bool) -> Hook:
    """Reads a hook: a text runs in a shell in the container, a list is a program there; a mapping sets more options.

    On the host a shell must be named explicitly, and a hook of the file has no container. Raises `UsageError`.
    """
    when = When(key)
    said: dict[str, Any] = {"when": when, "seconds": LIMITS.get(when, LIMIT), "file": file}
    said["line"] = node.start_mark.line + 1
    run = node
    if isinstance(node, yaml.MappingNode):
        entries = dict(nodes.checked(file, node, _OF_HOOK))
        if "run" not in entries:
            raise nodes.invalid(file, key, node, "hook")
        run = entries["run"]
        if "on" in entries:
            said["host"] = _one_of(file, "on", entries["on"], _PLACES, "hook-place") == "host"
        if "timeout" in entries:
            said["seconds"] = nodes.duration(file, "timeout", entries["timeout"])
            if said["seconds"] <= 0:
                raise nodes.invalid(file, "timeout", entries["timeout"], "duration")
        if "failure" in entries:
            said["warns"] = _one_of(file, "failure", entries["failure"], _EFFECTS, "hook-failure") == "warn"
            if when not in BEFORE and not said["warns"]:
                raise nodes.invalid(file, "failure", entries["failure"], "hook-after")
    if not of_service and not said.get("host"):
        raise nodes.invalid(file, key, node, "hook-file")
    if said.get("host") and not isinstance(run, yaml.SequenceNode):
        raise nodes.invalid(file, "run", run, "hook-host")
    said["command"] = nodes.command(file, "run", run)
    said["written"] = shlex.join(said["command"]) if isinstance(run, yaml.SequenceNode) else run.value
    return Hook(**said)


def _one_of(file: str, key: str, node: yaml.Node, known: tuple[str, ...], reason: str) -> str:
    if not isinstance(node, yaml.ScalarNode) or node.value not in known:
        raise nodes.invalid(file, key, node, reason)
    return str(node.value)


def receivers(file: str, key: str, node: yaml.Node) -> tuple[Receiver, ...]:
    """Reads a URL or a command, or a list of them; raises `UsageError`."""
    found = []
    for part in node.value if isinstance(node, yaml.SequenceNode) and node.value else [node]:
        text = nodes.scalar(file, key, part)
        if "$" not in text and not notices.valid(text):
            raise nodes.invalid(file, key, part, "notify")
        found.append(Receiver(text, file, part.start_mark.line + 1, text))
    return tuple(found)
