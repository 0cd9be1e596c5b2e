"""Examples of each command, and what its exit status says."""

from __future__ import annotations

from ws9tui.words.template import Message

_EXAMPLES: dict[str, dict[str, Message]] = {
    "wizard": {
        "ws9tui": Message("the project of this folder"),
        "ws9tui websoft9": Message("a project by its name"),
        "ws9tui /data/websoft9/source/docker": Message("a project by its folder"),
    },
    "update": {
        "ws9tui update": Message("what has an update, after asking"),
        "ws9tui update websoft9 apphub git": Message("only these two services"),
        "ws9tui update websoft9 git=1.25.5": Message("another tag for one of them"),
        "ws9tui update websoft9 --plan": Message("only print the plan"),
        "ws9tui update shop --backup db": Message("save the data of db first, so that it can go back with the image"),
        "ws9tui update websoft9 --from images/": Message("without a network, from what 'docker save' wrote"),
        "ws9tui update shop --from shop.tar": Message("without a network, from what 'ws9tui bundle' wrote"),
        "ws9tui update websoft9 --yes --confirm-within 10m": Message(
            "unattended; back again unless somebody attaches and keeps it"
        ),
    },
    "install": {
        "ws9tui install .": Message("the project of this folder"),
        "ws9tui install /opt/shop --plan": Message("only print the plan"),
        "ws9tui install websoft9 --set CONSOLE_PORT=9090 --write-answers answers.yml": Message(
            "Websoft9 on another port; the answers are written to a file"
        ),
        "ws9tui install --answers answers.yml --yes": Message("unattended, by a file of answers"),
        "ws9tui install . --from web.tar db.tar.gz": Message("without a network, from what 'docker save' wrote"),
        "ws9tui install shop.tar --folder /srv/shop": Message("without a network, from what 'ws9tui bundle' wrote"),
    },
    "rollback": {
        "ws9tui rollback": Message("to the generation before the one that runs"),
        "ws9tui rollback websoft9 --to 3": Message("to a certain one; 'ws9tui history' lists them"),
        "ws9tui rollback websoft9 --yes": Message("without asking"),
        "ws9tui rollback shop --to 3 --data": Message(
            "with the data that was saved of it; what is there now is saved first"
        ),
    },
    "recover": {
        "ws9tui recover": Message("look first, then choose"),
        "ws9tui recover websoft9 --back": Message("to what ran before"),
        "ws9tui recover websoft9 --to 3": Message("to a recorded generation, whatever there is now"),
        "ws9tui recover --print-unit": Message("a systemd unit that does it at boot"),
    },
    "attach": {
        "ws9tui attach": Message("the run that is live"),
        "ws9tui attach websoft9 --plain": Message("that of a project, line by line"),
    },
    "history": {
        "ws9tui history": Message("the project of this folder, or the only one"),
        "ws9tui history websoft9 12": Message("run 12 in full"),
        "ws9tui history websoft9 12 --json": Message("its events"),
    },
    "doctor": {
        "ws9tui doctor": Message("the project of this folder, or the only one"),
        "ws9tui doctor websoft9 --json": Message("as JSON events"),
    },
    "adopt": {
        "ws9tui adopt": Message("the project of this folder, or the only one"),
        "ws9tui adopt websoft9": Message("a project by its name"),
    },
    "bundle": {
        "ws9tui bundle shop --plan": Message("what would be in it"),
        "ws9tui bundle /srv/shop -o /media/stick/shop.tar": Message("a project by its folder"),
        "ws9tui bundle shop web=2.4 -o shop-2.4.tar": Message("with another version of one service"),
        "ws9tui bundle shop web db --images-only -o update.tar": Message("only these two images, for an update"),
    },
    "demo": {
        "ws9tui demo": Message("a smooth update"),
        "ws9tui demo --list": Message("the names of all scenarios"),
        "ws9tui demo --speed 10": Message("ten times faster than life"),
    },
    "completion": {
        'eval "$(ws9tui completion bash)"': Message("in ~/.bashrc"),
        'eval "$(ws9tui completion zsh)"': Message("in ~/.zshrc, after compinit"),
        "ws9tui completion fish | source": Message("in ~/.config/fish/config.fish"),
    },
    "man": {
        "ws9tui man | man -l -": Message("read it"),
        "ws9tui man >/usr/local/share/man/man1/ws9tui.1": Message("have 'man ws9tui' find it"),
    },
}
_EXITS = {
    0: Message("the new generation runs, verified; or there was nothing to do"),
    1: Message("it failed, and what ran before runs now"),
    2: Message("the command line, the project or its files were not understood"),
    3: Message("a check stopped it before any change"),
    4: Message("another run of this project is live"),
    5: Message("neither generation could be reached; the message gives the next commands"),
    129: Message("left while the run goes on; 'ws9tui attach' comes back"),
    130: Message("cancelled before anything was changed"),
}
_OWN_EXITS: dict[str, dict[int, Message]] = {
    "history": {},
    "doctor": {
        0: Message("nothing stops an update"),
        2: Message("the project was not understood"),
        3: Message("something would stop it"),
    },
    "adopt": {
        0: Message("recorded, or it was already"),
        2: Message("the project was not understood, or nothing of it is there"),
        3: Message("an interrupted run must be dealt with first"),
    },
    "bundle": {
        0: Message("the bundle is there, whole"),
        1: Message("it failed, and nothing is left of it"),
        2: Message("the command line, the project or its files were not understood"),
        3: Message("a check stopped it"),
        4: Message("another run of this project is live"),
        130: Message("cancelled, and nothing is left of it"),
    },
    "demo": {},
    "completion": {},
    "man": {},
}
"""of the commands that end otherwise than an update"""


def examples(command: str) -> list[tuple[str, str]]:
    """What is typed, and what it does."""
    return [(typed, meaning()) for typed, meaning in _EXAMPLES[command].items()]


def exits(command: str) -> list[tuple[str, str]]:
    """The exit statuses of a command, and what they say."""
    return [(str(status), meaning()) for status, meaning in _OWN_EXITS.get(command, _EXITS).items()]
