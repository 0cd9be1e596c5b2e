"""All commands that texts name, by their names: a text says `<history>`, and what is typed for it is put in.

No command stands in a text itself: from there it could not know how ws9tui was called, nor which project it is about.
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
"""characters of a command that are shown"""
_LONGEST = 1000
_GAP = re.compile(r"\{(\w+)([?*]?)\}")


class Ours(NamedTuple):
    """A command of ws9tui. Words are as those of `Theirs`."""

    verb: str
    words: tuple[str, ...] = ()
    project: bool = True
    """it is about the project that is meant"""


class Theirs(NamedTuple):
    """A command of another program.

    ``{fact}`` in a word is filled with a fact; a word with ``{fact?}`` is left out without it; ``{fact*}`` are several
    words. What stands in capitals is the operator's to fill in.
    """

    words: tuple[str, ...]
    engine: bool = True
    """it talks to the engine, or for it"""
    root: bool = True
    """it needs the rights that ws9tui was given"""


class OfCompose(NamedTuple):
    """A command of Compose on the project that is meant; ``otherwise``: another one where its files are not known."""

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
        ("tar", "--extract", "--gzip", "--preserve-permissions", "--strip-components=1", "--file", "{path}/ARCHIVE"),
        engine=False,
    ),
}


class _Here:
    """From where commands are told: the front end that shows something sets it, as the run that it shows goes on."""

    def __init__(self) -> None:
        self.place = CommandScope()


_HERE = _Here()


def stand(place: CommandScope) -> None:
    """From here on commands are for this place."""
    _HERE.place = place


def stand_at(state: RunState) -> None:
    """From here on commands are for the project of a run, and for how that was asked for, as far as that is known."""
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
    """The place that commands are for."""
    return _HERE.place


def _asked(request: RunRequested) -> ProjectSource | None:
    """How Compose is called where the operator stands; None where the project was named by what only we know."""
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
    """A command as it is typed."""
    return written(name, {key: str(fact) for key, fact in facts.items()})[0]


def in_quotes(command: str) -> str:
    """A command as it stands in a sentence, its end plain to see."""
    return f"`{command}`" if "'" in command else f"'{command}'"


def gaps(name: str) -> set[str]:
    """The names of the facts that a command takes."""
    known = COMMANDS[name]
    words = (*known.words, *(known.otherwise if isinstance(known, OfCompose) else ()))
    return {found[1] for word in words for found in _GAP.finditer(word.replace("*-f", "*"))}


def written(name: str, facts: Mapping[str, str]) -> tuple[str, bool]:
    """A command as it is typed, and whether no fact was missing; what is missing stands there in capitals."""
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
    """Whether a fact can stand in a command as it is, and be read as what it is."""
    return commands.writable(fact) and len(fact) <= _LONGEST and clean(fact, _LONGEST) == fact
