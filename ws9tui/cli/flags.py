"""The arguments and flags of each command, in the groups that its help shows.

A flag that sets an option of the run has that option's name as its dest; without a help text of its own, a flag has the
text for its name.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ws9tui.cli import values
from ws9tui.core.model.options import PULL_TIMEOUT, STALL_TIMEOUT
from ws9tui.websoft9 import contract
from ws9tui.words import command_help as words


def _group(parser: argparse.ArgumentParser, name: str) -> argparse._ArgumentGroup:
    return parser.add_argument_group(words.group(name))


def _named(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="PROJECT", help=words.flag("PROJECT"))


def _project(parser: argparse.ArgumentParser) -> None:
    add = _group(parser, "project").add_argument
    add("-f", "--file", dest="files", action="append", default=[], metavar="FILE")
    add("-p", "--project-name", metavar="NAME")
    add("--profile", dest="profiles", action="append", default=[], metavar="NAME")
    add("--env-file", dest="env_files", action="append", default=[], metavar="FILE")


def _versions(parser: argparse.ArgumentParser, *, offers: bool = False) -> None:
    add = _group(parser, "versions").add_argument
    if offers:
        add("--list", action="store_true", dest="list_only", help=words.flag("update --list"))
        add("--minimum-age", type=values.duration, metavar="TIME")
    add("--expect", action="append", default=[], metavar="SERVICE=VERSION|DIGEST")


def _pull(
    parser: argparse.ArgumentParser, *, archives: bool = True, mirrors: bool = True, timeouts: bool = True
) -> None:
    add = _group(parser, "pull").add_argument
    if archives:
        add("--from", dest="archives", action="extend", nargs="+", default=[], type=values.archive, metavar="ARCHIVE")
    if mirrors:
        add("--mirror", dest="mirrors", action="append", default=[], type=values.mirror, metavar="[REGISTRY=]HOST")
    if timeouts:
        add("--pull-timeout", type=values.positive_duration, default=PULL_TIMEOUT, metavar="TIME")
        add("--stall-timeout", type=values.positive_duration, default=STALL_TIMEOUT, metavar="TIME")


def _trust(parser: argparse.ArgumentParser, *, mirrors: bool = True) -> None:
    add = _group(parser, "trust").add_argument
    add("--accept", action="append", default=[], metavar="SERVICE:CHECK")
    if mirrors:
        add("--trust-mirror", action="store_true")


def _decisions(parser: argparse.ArgumentParser, *, steps: bool = False) -> None:
    group = _group(parser, "decisions")
    only = group.add_mutually_exclusive_group()
    only.add_argument("--plan", dest="plan_only", action="store_true")
    only.add_argument("--yes", dest="assume_yes", action="store_true")
    if steps:
        group.add_argument("--step-by-step", action="store_true")


def _watch(parser: argparse.ArgumentParser, *, ways: bool = True) -> None:
    add = _group(parser, "watch").add_argument
    add("--monitor", type=values.duration, metavar="TIME")
    if ways:
        add("--on-failure", choices=("rollback", "hold"))
    add("--notify", action="append", default=[], type=values.receiver, metavar="URL|COMMAND")
    if ways:
        add("--confirm-within", type=values.positive_duration, metavar="TIME")


def _data(parser: argparse.ArgumentParser) -> None:
    group = _group(parser, "data")
    which = group.add_mutually_exclusive_group()
    which.add_argument("--backup", action="append", default=[], metavar="SERVICE")
    group.add_argument("--leave-data", action="append", default=[], metavar="SERVICE:PATH")
    which.add_argument("--no-backup", action="store_true")
    group.add_argument("--backup-dir", type=values.archive, metavar="DIR")


def _restore(parser: argparse.ArgumentParser, *, recovers: bool = False) -> None:
    group = _group(parser, "data")
    which = group.add_mutually_exclusive_group()
    which.add_argument("--data", action="store_true")
    if recovers:
        which.add_argument("--no-data", action="store_true")
    group.add_argument("--backup-dir", type=values.archive, metavar="DIR")


def _release(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--checksum", type=values.checksum, metavar="SHA256")
    add("--channel", choices=("release", "rc", "dev"))
    add("--site", metavar="URL")


def _update(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", metavar="[PROJECT] SERVICE[=REF]", help=words.flag("PROJECT"))
    _project(parser)
    _versions(parser, offers=True)
    _pull(parser)
    _trust(parser)
    _decisions(parser, steps=True)
    _data(parser)
    _watch(parser)
    group = _group(parser, "release")
    add = group.add_argument
    add("--release", metavar="SOURCE")
    add("--old-release", metavar="SOURCE")
    add("--compose-file", choices=("merged", "release", "mine", "override"))
    _release(group)


def _install(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="SOURCE", help=words.flag("install arguments"))
    add = _group(parser, "answers").add_argument
    add("--answers", type=values.folder, metavar="FILE")
    add("--write-answers", type=values.folder, metavar="FILE")
    group = _group(parser, "release")
    add = group.add_argument
    add("--folder", metavar="DIR")
    add("--set", dest="values", action="append", default=[], metavar="NAME=VALUE")
    add("--remove-volumes", action="store_true")
    _release(group)
    _project(parser)
    _versions(parser)
    _pull(parser)
    _trust(parser)
    _decisions(parser, steps=True)
    _watch(parser)


def _rollback(parser: argparse.ArgumentParser) -> None:
    _named(parser)
    _group(parser, "way").add_argument("--to", type=values.number, metavar="N", help=words.flag("--to"))
    _back(parser)


def _recover(parser: argparse.ArgumentParser) -> None:
    _named(parser)
    group = _group(parser, "way")
    way = group.add_mutually_exclusive_group()
    for name in ("back", "forward", "leave"):
        way.add_argument(f"--{name}", dest="recover", action="store_const", const=name)
    way.add_argument("--to", type=values.number, metavar="N", help=words.flag("recover --to"))
    group.add_argument("--print-unit", action="store_true")
    _back(parser, recovers=True)


def _back(parser: argparse.ArgumentParser, *, recovers: bool = False) -> None:
    _project(parser)
    _pull(parser, mirrors=False, timeouts=False)
    _decisions(parser)
    _restore(parser, recovers=recovers)
    _watch(parser)


def _history(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", metavar="[PROJECT] RUN", help=words.flag("history arguments"))
    add = _group(parser, "history").add_mutually_exclusive_group().add_argument
    add("--report", type=values.report, metavar="FILE")
    add("--diff", dest="differ", nargs=2, type=values.number, metavar=("N", "M"))
    add("--pin", type=values.number, metavar="N")
    add("--unpin", type=values.number, metavar="N")


def _of_project(parser: argparse.ArgumentParser) -> None:
    _named(parser)
    _project(parser)


def _bundle(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", metavar="[PROJECT] SERVICE[=REF]", help=words.flag("PROJECT"))
    add = _group(parser, "bundle").add_argument
    add("-o", "--output", type=values.archive, metavar="FILE")
    add("--overwrite", action="store_true")
    add("--images-only", action="store_true")
    add("--plan", dest="plan_only", action="store_true", help=words.flag("bundle --plan"))
    _project(parser)
    _versions(parser)
    _pull(parser, archives=False, mirrors=False)
    _trust(parser, mirrors=False)


def _backup(parser: argparse.ArgumentParser) -> None:
    _named(parser)
    add = _group(parser, "backup").add_argument
    add("-o", "--output", type=values.archive, metavar="FILE", help=words.flag("backup --output"))
    add("--overwrite", action="store_true")
    add("--images", action="store_true")
    _project(parser)
    _decisions(parser)
    _watch(parser, ways=False)


def _of_backup(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", type=values.archive, metavar="FILE", help=words.flag("restore arguments"))
    add = _group(parser, "backup").add_argument
    add("--overwrite", action="store_true", help=words.flag("restore --overwrite"))
    _pull(parser, mirrors=False, timeouts=False)
    _decisions(parser)
    _watch(parser, ways=False)


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="SCENARIO", help=words.flag("demo arguments"))
    add = _group(parser, "options").add_argument
    add("--list", dest="listing", action="store_true")
    add("--speed", type=values.speed, default=1.0, metavar="N")


def _websoft9_upgrade(parser: argparse.ArgumentParser) -> None:
    look = words.flag("websoft9-upgrade arguments")
    parser.add_argument("look", nargs="?", choices=contract.LOOKS, help=look)
    add = _group(parser, "upstream").add_argument
    add("--console-port", type=values.port, metavar="PORT")
    add("--version", metavar="X.Y.Z", help=words.flag("websoft9-upgrade --version"))
    add(
        "--path",
        type=values.archive,
        default=contract.INSTALL_PATH,
        metavar="DIR",
        help=words.flag("websoft9-upgrade --path"),
    )
    add("--yes", action="store_true", help=words.flag("websoft9-upgrade --yes"))
    add("--dry-run", action="store_true")
    add("--force", action="store_true")
    add("--execute_mode", dest="mode", choices=contract.MODES)


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="+", metavar="SHELL", help=words.flag("SHELL"))


def _man(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(arguments=())


def output(parser: argparse.ArgumentParser, name: str) -> None:
    """Adds the flags for the output format, to commands that have a choice."""
    if name in ("completion", "man", contract.COMMAND):
        return
    how = _group(parser, "output").add_mutually_exclusive_group()
    history = name == "history"
    how.add_argument("--plain", action="store_true", help=words.flag("parser --plain" if history else "--plain"))
    how.add_argument("--json", action="store_true", help=words.flag("parser --json" if history else "--json"))


ARGUMENTS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "update": _update,
    "install": _install,
    "rollback": _rollback,
    "recover": _recover,
    "attach": _named,
    "cancel": _named,
    "history": _history,
    "doctor": _of_project,
    "adopt": _of_project,
    "bundle": _bundle,
    "backup": _backup,
    "restore": _of_backup,
    "demo": _demo,
    contract.COMMAND: _websoft9_upgrade,
    "completion": _completion,
    "man": _man,
}
