"""All commands that messages name: a message has `<history>`, and the full command line is inserted.

No message contains a command itself: it could not know how ws9tui was called, nor which project is meant.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ws9tui.core.journal.events import RunRequested
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model import commands
from ws9tui.core.model.commands import CommandScope
from ws9tui.core.model.source import FoundBy, ProjectSource
from ws9tui.words.text import clean

LONGEST = 4000
"""largest number of a command's characters that is shown"""
_LONGEST = 1000
_GAP = re.compile(r"\{(\w+)([?*]?)\}")


class Ours(NamedTuple):
    """A command of ws9tui. Its words are as those of `Theirs`."""

    verb: str
    words: tuple[str, ...] = ()
    project: bool = True
    """whether it takes the current project"""


class Theirs(NamedTuple):
    """A command of another program.

    ``{fact}`` in a word is filled with a fact; a word with ``{fact?}`` is left out without it; ``{fact*}`` gives
    several words. Words in capitals are for the operator to fill in.
    """

    words: tuple[str, ...]
    engine: bool = True
    """whether it talks to the engine, or on its behalf"""
    root: bool = True
    """whether it needs the privileges of ws9tui"""


class OfCompose(NamedTuple):
    """A Compose command on the current project; ``otherwise`` replaces it if the project's files are unknown."""

    words: tuple[str, ...]
    otherwise: tuple[str, ...] = ()


Known = Ours | Theirs | OfCompose

COMMANDS: dict[str, Known] = {
    # --- ws9tui
    "wizard": Ours(""),
    "update": Ours("update"),
    "update-service": Ours("update", ("{service}", "--yes")),
    "update-release": Ours("update", ("--release", "SOURCE")),
    "update-product": Ours("update", ("product={wanted}",)),
    "update-legacy": Ours("update", ("--release", "websoft9@2.2.19")),
    "update-latest": Ours("update", ("--release", "websoft9")),
    "install": Ours("install", ("SOURCE",), project=False),
    "install-bundle": Ours("install", ("{path}",), project=False),
    "install-folder": Ours("install", ("FOLDER",), project=False),
    "install-here": Ours("install", ("{folder}", "-p", "{project}"), project=False),
    "install-help": Ours("install", ("--help",), project=False),
    "install-answers": Ours("install", ("--answers", "{file}"), project=False),
    "backup": Ours("backup"),
    "restore": Ours("restore", ("{path}",), project=False),
    "adopt-files": Ours("adopt", ("-p", "{project}", "{files*-f}"), project=False),
    "rollback": Ours("rollback"),
    "rollback-to": Ours("rollback", ("--to", "{number}")),
    "rollback-data": Ours("rollback", ("--to", "{number}", "--data")),
    "recover": Ours("recover"),
    "recover-back": Ours("recover", ("--back",)),
    "recover-to": Ours("recover", ("--to", "N")),
    "attach": Ours("attach"),
    "history": Ours("history"),
    "history-run": Ours("history", ("RUN",)),
    "unpin": Ours("history", ("--unpin", "{number}")),
    "doctor": Ours("doctor"),
    "demo-list": Ours("demo", ("--list",), project=False),
    # --- on another machine
    "there-update": Theirs(("ws9tui", "update", "{project}", "--from", "{file}"), engine=False, root=False),
    "there-install": Theirs(("ws9tui", "install", "{file}"), engine=False, root=False),
    # --- docker
    "list-projects": Theirs(("docker", "compose", "ls", "--all")),
    "login": Theirs(("docker", "login", "{login?}")),
    "logout": Theirs(("docker", "logout", "{login?}")),
    "disk-use": Theirs(("docker", "system", "df")),
    "port-holder": Theirs(("docker", "ps", "--filter", "publish={held_port}")),
    "make-network": Theirs(("docker", "network", "create", "{network}")),
    "remove-networks": Theirs(("docker", "network", "rm", "{spare*}")),
    "inspect-networks": Theirs(("docker", "network", "inspect", "{ids*}")),
    "make-volume": Theirs(("docker", "volume", "create", "{volume}")),
    "remove-network": Theirs(("docker", "network", "rm", "{network}")),
    "leave-network": Theirs(("docker", "network", "disconnect", "{network}", "{stranger}")),
    "remove-volume": Theirs(("docker", "volume", "rm", "{volume}")),
    "inspect": Theirs(("docker", "inspect", "{name}")),
    "start-containers": Theirs(("docker", "start", "{containers*}")),
    "stop-modern": Theirs(("docker", "stop", "{modern}")),
    "never-restart": Theirs(("docker", "update", "--restart", "no", "{modern}")),
    "remove-volumes": Theirs(("docker", "volume", "rm", "{volumes*}")),
    "start-container": Theirs(("docker", "start", "{container}")),
    "pull": Theirs(("docker", "pull", "{reference}")),
    "rename": Theirs(("docker", "rename", "{container}", "{container}-old")),
    "copy-out": Theirs(("docker", "cp", "{container}:PATH", "FOLDER")),
    "save": Theirs(("docker", "save", "--output", "ARCHIVE", "IMAGE")),
    "save-these": Theirs(("docker", "save", "--output", "images.tar", "{references*}")),
    "collect": Theirs(("docker", "image", "prune", "--force", "--filter", "label=ws9tui.none")),
    # --- Compose
    "check-files": OfCompose(("config", "--quiet"), ("--file", "{file}", "config", "--quiet")),
    "build": OfCompose(("build", "{service?}")),
    "build-these": OfCompose(("build", "{services*}")),
    "recreate-service": OfCompose(("up", "-d", "--force-recreate", "--no-deps", "{service}")),
    "pause-service": OfCompose(("pause", "{service}")),
    "start-service": OfCompose(("start", "{service}")),
    "make-volumes": OfCompose(("up", "--no-start")),
    "up": OfCompose(("up", "-d")),
    "up-local": OfCompose(("up", "-d", "--no-build", "--pull", "never")),
    # --- the machine
    "start-engine": Theirs(("systemctl", "start", "docker"), engine=False),
    "start-rootless": Theirs(("systemctl", "--user", "start", "docker"), engine=False, root=False),
    "restart-engine": Theirs(("systemctl", "restart", "docker"), engine=False),
    "engine-status": Theirs(("systemctl", "status", "docker"), engine=False),
    "engine-log": Theirs(("journalctl", "-u", "docker"), engine=False),
    "kernel-log": Theirs(("dmesg",), engine=False),
    "lock-holder": Theirs(("ss", "--unix", "--all", "--processes", "src", "{lock}"), engine=False),
    "ssh": Theirs(("ssh", "{host}"), engine=False),
    "ssh-check": Theirs(("ssh", "-o", "BatchMode=yes", "{host}", "true"), engine=False),
    "ssh-docker": Theirs(("ssh", "{host}", "docker", "version"), engine=False),
    "set-clock": Theirs(("timedatectl", "set-ntp", "true"), engine=False),
    "linger": Theirs(("loginctl", "enable-linger"), engine=False, root=False),
    "unset": Theirs(("unset", "{name}"), engine=False, root=False),
    "checksum": Theirs(("sha256sum", "FILE"), engine=False, root=False),
    "remove-link": Theirs(("rm", "{link}"), engine=False),
    "own-link": Theirs(("chown", "--no-dereference", "root", "{link}"), engine=False),
    "give-file": Theirs(("chown", "{recorded}", "{path}"), engine=False),
    "unpack-bundle": Theirs(("tar", "-xf", "{path}", "project"), engine=False, root=False),
    "mount-writable": Theirs(("mount", "-o", "remount,rw", "{folder}"), engine=False),
    "make-mutable": Theirs(("chattr", "-ia", "{part}"), engine=False),
    "decompress": Theirs(("unzstd", "{path}"), engine=False),
    "unpack": Theirs(
        ("tar", "--extract", "--gzip", "--preserve-permissions", "--strip-components=1", "--file", "{path}"),
        engine=False,
    ),
}


class _Here:
    """The scope of the commands: the front end that shows a run updates it as the run proceeds."""

    def __init__(self) -> None:
        self.place = CommandScope()


_HERE = _Here()


def stand(place: CommandScope) -> None:
    """Sets the scope of the commands."""
    _HERE.place = place


def stand_at(state: RunState) -> None:
    """Sets the scope to the project of a run and how the run was requested, as far as known."""
    before = _HERE.place
    source = state.project.source if state.project else None
    recorded = bool(state.project and state.project.generation) or bool(state.saved) or state.way_back
    _HERE.place = CommandScope(
        caller=state.request.caller if state.request else before.caller,
        source=source,
        asked=_asked(state.request) if state.request else None,
        known=recorded or any(row.view.state for row in state.services.values()),
        compose=state.engine.compose if state.engine else before.compose,
    )


def here() -> CommandScope:
    """Returns the scope of the commands."""
    return _HERE.place


def _asked(request: RunRequested) -> ProjectSource | None:
    """Returns the Compose arguments of a request; None if it names the project in a way that only ws9tui resolves."""
    options = request.options
    folder, files = request.folder, tuple(posixpath.join(request.folder, file) for file in options.files)
    first = next(iter(options.arguments), "")
    if "/" in first or first in (".", ".."):
        path = posixpath.normpath(posixpath.join(folder, first))
        is_file = path.endswith((".yml", ".yaml", ".json"))
        folder, files = (posixpath.dirname(path), (path,)) if is_file else (path, files)
    elif first and "=" not in first and not files:
        return None
    env_files = tuple(posixpath.join(request.folder, file) for file in options.env_files)
    found_by = FoundBy.FLAG if files else FoundBy.COMPOSE
    return ProjectSource(
        options.project_name, folder, files, env_files, options.profiles, found_by=found_by, directory=False
    )


def told(name: str, /, **facts: object) -> str:
    """Returns a command line, ready to type."""
    return written(name, {key: str(fact) for key, fact in facts.items()})[0]


def in_quotes(command: str) -> str:
    """Returns a command in quotes, for use in a sentence."""
    return f"`{command}`" if "'" in command else f"'{command}'"


def gaps(name: str) -> set[str]:
    """Returns the names of the facts that a command takes."""
    known = COMMANDS[name]
    words = (*known.words, *(known.otherwise if isinstance(known, OfCompose) else ()))
    return {found[1] for word in words for found in _GAP.finditer(word.replace("*-f", "*"))}


def written(name: str, facts: Mapping[str, str]) -> tuple[str, bool]:
    """Returns a command line, and whether no fact was missing; a missing fact appears as its name in capitals."""
    known, at = COMMANDS[name], _HERE.place
    words, whole = _filled(known.words, facts)
    if isinstance(known, Ours):
        if not at.source and not at.project and commands.writable(facts.get("project", "")):
            at = CommandScope(at.caller, facts["project"], compose=at.compose)
        return commands.ours(at, known.verb, words, project=known.project), whole
    if isinstance(known, Theirs):
        return commands.theirs(at, words, engine=known.engine, root=known.root), whole
    if told := commands.of_compose(at, words):
        return told, whole
    words, whole = _filled(known.otherwise or known.words, facts)
    return commands.theirs(at, [*at.compose, *words]), whole


def _filled(words: Sequence[str], facts: Mapping[str, str]) -> tuple[list[str], bool]:
    found: list[str] = []
    whole = True
    for word in words:
        flag = ["-f"] if word.endswith("*-f}") else []
        gap = _GAP.search(word.replace("*-f", "*"))
        if gap is None:
            found.append(word)
            continue
        fact = facts.get(gap[1], "")
        if gap[2] == "*":
            several = [part for part in fact.split(", ") if _fits(part)]
            whole = whole and bool(several)
            found += [part for one in several or [gap[1].upper()] for part in (*flag, one)]
        elif _fits(fact):
            found.append(word.replace(gap[0], fact))
        elif gap[2] != "?":
            whole = False
            found.append(word.replace(gap[0], gap[1].upper()))
    return found, whole


def _fits(fact: str) -> bool:
    """Whether a fact can stand in a command unchanged, without being misread."""
    return commands.writable(fact) and len(fact) <= _LONGEST and clean(fact, _LONGEST) == fact
