"""Examples and exit statuses of each command, for its help text and the manual page."""

from __future__ import annotations

from ws9tui.words.template import Message

_EXAMPLES: dict[str, dict[str, Message]] = {
    "wizard": {
        "ws9tui": Message("the project in this folder"),
        "ws9tui websoft9": Message("a project by name"),
        "ws9tui /data/websoft9/source/docker": Message("a project by folder"),
    },
    "update": {
        "ws9tui update": Message("all services with an update, after asking"),
        "ws9tui update websoft9 apphub git": Message("only these two services"),
        "ws9tui update websoft9 git=1.25.5": Message("another tag for one of them"),
        "ws9tui update websoft9 --plan": Message("only print the plan"),
        "ws9tui update shop --backup db": Message("back up the data of db first, to be able to restore it"),
        "ws9tui update websoft9 --from images/": Message("without a network, from what 'docker save' wrote"),
        "ws9tui update shop --from shop.tar": Message("without a network, from what 'ws9tui bundle' wrote"),
        "ws9tui update websoft9 --yes --confirm-within 10m": Message(
            "unattended; rolls back unless somebody attaches and keeps it"
        ),
    },
    "install": {
        "ws9tui install .": Message("the project in this folder"),
        "ws9tui install /opt/shop --plan": Message("only print the plan"),
        "ws9tui install websoft9 --set CONSOLE_PORT=9090 --write-answers answers.yml": Message(
            "Websoft9 on another port; the answers are written to a file"
        ),
        "ws9tui install --answers answers.yml --yes": Message("unattended, with an answer file"),
        "ws9tui install . --from web.tar db.tar.gz": Message("without a network, from what 'docker save' wrote"),
        "ws9tui install shop.tar --folder /srv/shop": Message("without a network, from what 'ws9tui bundle' wrote"),
    },
    "rollback": {
        "ws9tui rollback": Message("to the generation before the running one"),
        "ws9tui rollback websoft9 --to 3": Message("to a specific one; 'ws9tui history' lists them"),
        "ws9tui rollback websoft9 --yes": Message("without asking"),
        "ws9tui rollback shop --to 3 --data": Message(
            "with its data from the backup; the current data is backed up first"
        ),
    },
    "recover": {
        "ws9tui recover": Message("inspect first, then choose"),
        "ws9tui recover websoft9 --back": Message("to the state before the interrupted run"),
        "ws9tui recover websoft9 --to 3": Message("to a recorded generation, whatever runs now"),
        "ws9tui recover --print-unit": Message("print a systemd unit that recovers at boot"),
    },
    "attach": {
        "ws9tui attach": Message("the run in progress"),
        "ws9tui attach websoft9 --plain": Message("the run of a project, line by line"),
    },
    "cancel": {
        "ws9tui cancel": Message("the run of the project in this folder, or the only one in progress"),
        "ws9tui cancel websoft9": Message("the run of a project"),
    },
    "history": {
        "ws9tui history": Message("the project in this folder, or the only one"),
        "ws9tui history websoft9 12": Message("run 12 in full"),
        "ws9tui history websoft9 12 --json": Message("its events"),
        "ws9tui history websoft9 12 --report run-12.html": Message("a report of it, on one page"),
        "ws9tui history websoft9 --diff 3 4": Message("what differs between two generations"),
        "ws9tui history websoft9 --pin 3": Message("never remove generation 3"),
    },
    "doctor": {
        "ws9tui doctor": Message("the project in this folder, or the only one"),
        "ws9tui doctor websoft9 --json": Message("as JSON events"),
    },
    "adopt": {
        "ws9tui adopt": Message("the project in this folder, or the only one"),
        "ws9tui adopt websoft9": Message("a project by name"),
    },
    "bundle": {
        "ws9tui bundle shop --plan": Message("only list what it would contain"),
        "ws9tui bundle /srv/shop -o /media/stick/shop.tar": Message("a project by folder"),
        "ws9tui bundle shop web=2.4 -o shop-2.4.tar": Message("with another version of one service"),
        "ws9tui bundle shop web db --images-only -o update.tar": Message("only these two images, for an update"),
    },
    "backup": {
        "ws9tui backup websoft9 --plan": Message("only show what would be saved, and for how long it is stopped"),
        "ws9tui backup websoft9 -o /mnt/disk/websoft9.tar": Message("onto another disk, after asking"),
        "ws9tui backup shop --images --yes": Message("with its images, unattended"),
    },
    "restore": {
        "ws9tui restore /mnt/disk/websoft9.tar --plan": Message("verify it, and only show what would be done"),
        "ws9tui restore /mnt/disk/websoft9.tar": Message("make the project again, after asking"),
        "ws9tui restore shop.tar --from images.tar --yes --overwrite": Message(
            "unattended, without a network; what differs is put aside and replaced"
        ),
    },
    "demo": {
        "ws9tui demo": Message("a smooth update"),
        "ws9tui demo --list": Message("list the scenarios"),
        "ws9tui demo --speed 10": Message("ten times faster"),
    },
    "websoft9-upgrade": {
        "ws9tui websoft9-upgrade --dry-run": Message("only print the plan"),
        "ws9tui websoft9-upgrade --yes --version 2.3.4": Message("to this version, without asking"),
        "ws9tui websoft9-upgrade detect": Message("which layout is installed"),
    },
    "completion": {
        'eval "$(ws9tui completion bash)"': Message("in ~/.bashrc"),
        'eval "$(ws9tui completion zsh)"': Message("in ~/.zshrc, after compinit"),
        "ws9tui completion fish | source": Message("in ~/.config/fish/config.fish"),
    },
    "man": {
        "ws9tui man | man -l -": Message("read the manual page"),
        "ws9tui man >/usr/local/share/man/man1/ws9tui.1": Message("install it for 'man ws9tui'"),
    },
}
_EXITS = {
    0: Message("the new generation runs and is verified; or there was nothing to do"),
    1: Message("it failed; the earlier version runs"),
    2: Message("the command line, the project or its files are not valid"),
    3: Message("a check stopped it before any change"),
    4: Message("another run of this project is in progress"),
    5: Message("neither generation could be restored; the message gives the next commands"),
    129: Message("you left, the run continues in the background; 'ws9tui attach' returns to it"),
    130: Message("cancelled before anything was changed"),
}
_OWN_EXITS: dict[str, dict[int, Message]] = {
    "cancel": {
        0: Message("the run has ended, and the earlier version runs"),
        1: Message("it could not be stopped any more; the new version runs"),
        2: Message("no run of this project is in progress"),
        5: Message("it could not be rolled back; the message gives the next commands"),
        129: Message("you left before the run had ended"),
    },
    "history": {},
    "doctor": {
        0: Message("nothing stops an update"),
        2: Message("the project is not valid"),
        3: Message("something would stop an update"),
    },
    "adopt": {
        0: Message("recorded, now or before"),
        2: Message("the project is not valid, or nothing of it exists"),
        3: Message("an interrupted run must be recovered first"),
    },
    "bundle": {
        0: Message("the bundle is complete"),
        1: Message("it failed, and left nothing behind"),
        2: Message("the command line, the project or its files are not valid"),
        3: Message("a check stopped it"),
        4: Message("another run of this project is in progress"),
        130: Message("cancelled, and left nothing behind"),
    },
    "backup": {
        **_EXITS,
        0: Message("the backup is complete, and all services run again"),
        1: Message("it failed and left no file; all services run again"),
        3: Message("a check stopped it before anything was stopped"),
        5: Message("a service could not be started again; the message gives the next commands"),
        130: Message("cancelled; all services run as before"),
    },
    "restore": {
        0: Message("the project runs as it was saved"),
        2: Message("the command line is not valid"),
        3: Message("the file is damaged, or a check stopped it before any change"),
        4: Message("another run of this project is in progress"),
        5: Message("it failed on the way; the message gives the next commands"),
        129: Message("you left, the run continues in the background; 'ws9tui attach' returns to it"),
        130: Message("cancelled before anything was changed"),
    },
    "demo": {},
    "websoft9-upgrade": {
        0: Message("the new version runs and is verified; or there was nothing to do"),
        2: Message("the command line is not valid, or nobody can be asked and --yes is missing"),
        3: Message("a check stopped it, or you did; nothing was changed"),
        4: Message("another layout, another run, or nothing to upgrade; nothing was changed"),
        5: Message("it failed; the earlier version runs"),
        6: Message("the new version was not OK; the earlier version runs"),
        7: Message("it could not be rolled back; the message gives the next commands"),
        129: Message("you left, the upgrade continues in the background; 'ws9tui attach' returns to it"),
    },
    "completion": {},
    "man": {},
}
"""the exit statuses of commands that end otherwise than an update"""


def examples(command: str) -> list[tuple[str, str]]:
    """Returns the examples of a command: command line and meaning."""
    return [(typed, meaning()) for typed, meaning in _EXAMPLES[command].items()]


def exits(command: str) -> list[tuple[str, str]]:
    """Returns the exit statuses of a command and their meanings."""
    return [(str(status), meaning()) for status, meaning in _OWN_EXITS.get(command, _EXITS).items()]
