"""The arguments and flags of each command, in the groups that its help shows."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ws9tui.cli import values
from ws9tui.core.model.options import PULL_TIMEOUT, STALL_TIMEOUT
from ws9tui.websoft9 import contract
from ws9tui.words import command_help as words


def _group(parser: argparse.ArgumentParser, name: str) -> argparse._ArgumentGroup:
    return parser.add_argument_group(words.group(name))


def _project(parser: argparse.ArgumentParser) -> None:
    add = _group(parser, "project").add_argument
    add("-f", "--file", dest="files", action="append", default=[], metavar="FILE", help=words.flag("--file"))
    add("-p", "--project-name", default="", metavar="NAME", help=words.flag("--project-name"))
    add("--profile", dest="profiles", action="append", default=[], metavar="NAME", help=words.flag("--profile"))
    add("--env-file", dest="env_files", action="append", default=[], metavar="FILE", help=words.flag("--env-file"))


def _versions(parser: argparse.ArgumentParser, *, offers: bool = False) -> None:
    add = _group(parser, "versions").add_argument
    if offers:
        add("--list", action="store_true", dest="list_only", help=words.flag("update --list"))
        add("--minimum-age", type=values.duration, metavar="TIME", help=words.flag("--minimum-age"))
    add("--expect", action="append", default=[], metavar="SERVICE=VERSION|DIGEST", help=words.flag("--expect"))


def _pull(
    parser: argparse.ArgumentParser, *, archives: bool = True, mirrors: bool = True, timeouts: bool = True
) -> None:
    add = _group(parser, "pull").add_argument
    if archives:
        add(
            "--from",
            dest="archives",
            action="extend",
            nargs="+",
            default=[],
            type=values.archive,
            metavar="ARCHIVE",
            help=words.flag("--from"),
        )
    if mirrors:
        add(
            "--mirror",
            dest="mirrors",
            action="append",
            default=[],
            type=values.mirror,
            metavar="[REGISTRY=]HOST",
            help=words.flag("--mirror"),
        )
    if timeouts:
        add(
            "--pull-timeout",
            type=values.positive_duration,
            default=PULL_TIMEOUT,
            metavar="TIME",
            help=words.flag("--pull-timeout"),
        )
        add(
            "--stall-timeout",
            type=values.positive_duration,
            default=STALL_TIMEOUT,
            metavar="TIME",
            help=words.flag("--stall-timeout"),
        )


def _trust(parser: argparse.ArgumentParser, *, mirrors: bool = True) -> None:
    add = _group(parser, "trust").add_argument
    add("--accept", action="append", default=[], metavar="SERVICE:CHECK", help=words.flag("--accept"))
    if mirrors:
        add("--trust-mirror", action="store_true", help=words.flag("--trust-mirror"))


def _decisions(parser: argparse.ArgumentParser, *, steps: bool = False) -> None:
    group = _group(parser, "decisions")
    only = group.add_mutually_exclusive_group()
    only.add_argument("--plan", action="store_true", help=words.flag("--plan"))
    only.add_argument("--yes", action="store_true", help=words.flag("--yes"))
    if steps:
        group.add_argument("--step-by-step", action="store_true", help=words.flag("--step-by-step"))


def _watch(parser: argparse.ArgumentParser, *, ways: bool = True) -> None:
    add = _group(parser, "watch").add_argument
    add("--monitor", type=values.duration, metavar="TIME", help=words.flag("--monitor"))
    if ways:
        add("--on-failure", choices=("rollback", "hold"), help=words.flag("--on-failure"))
    add(
        "--notify",
        action="append",
        default=[],
        type=values.receiver,
        metavar="URL|COMMAND",
        help=words.flag("--notify"),
    )
    if ways:
        add("--confirm-within", type=values.duration, metavar="TIME", help=words.flag("--confirm-within"))


def _data(parser: argparse.ArgumentParser) -> None:
    group = _group(parser, "data")
    which = group.add_mutually_exclusive_group()
    which.add_argument("--backup", action="append", default=[], metavar="SERVICE", help=words.flag("--backup"))
    group.add_argument(
        "--leave-data", action="append", default=[], metavar="SERVICE:PATH", help=words.flag("--leave-data")
    )
    which.add_argument("--no-backup", action="store_true", help=words.flag("--no-backup"))
    _backup_dir(group)


def _restore(parser: argparse.ArgumentParser, *, recovers: bool = False) -> None:
    group = _group(parser, "data")
    which = group.add_mutually_exclusive_group()
    which.add_argument("--data", action="store_true", help=words.flag("--data"))
    if recovers:
        which.add_argument("--no-data", action="store_true", help=words.flag("--no-data"))
    _backup_dir(group)


def _backup_dir(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--backup-dir", type=values.folder, metavar="DIR", help=words.flag("--backup-dir"))


def _release(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--checksum", type=values.checksum, metavar="SHA256", help=words.flag("--checksum"))
    add("--channel", choices=("release", "rc", "dev"), default="", help=words.flag("--channel"))
    add("--site", default="", metavar="URL", help=words.flag("--site"))


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
    add("--release", default="", metavar="SOURCE", help=words.flag("--release"))
    add("--old-release", default="", metavar="SOURCE", help=words.flag("--old-release"))
    add(
        "--compose-file",
        choices=("merged", "release", "mine", "override"),
        default="",
        help=words.flag("--compose-file"),
    )
    _release(group)


def _install(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="SOURCE", help=words.flag("install arguments"))
    add = _group(parser, "answers").add_argument
    add("--answers", type=values.folder, metavar="FILE", help=words.flag("--answers"))
    add("--write-answers", type=values.folder, metavar="FILE", help=words.flag("--write-answers"))
    group = _group(parser, "release")
    add = group.add_argument
    add("--folder", default="", metavar="DIR", help=words.flag("--folder"))
    add("--set", dest="values", action="append", default=[], metavar="NAME=VALUE", help=words.flag("--set"))
    add("--remove-volumes", action="store_true", help=words.flag("--remove-volumes"))
    _release(group)
    _project(parser)
    _versions(parser)
    _pull(parser)
    _trust(parser)
    _decisions(parser, steps=True)
    _watch(parser)


def _rollback(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="PROJECT", help=words.flag("PROJECT"))
    _group(parser, "way").add_argument("--to", type=values.number, metavar="N", help=words.flag("--to"))
    _back(parser)


def _recover(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="PROJECT", help=words.flag("PROJECT"))
    group = _group(parser, "way")
    way = group.add_mutually_exclusive_group()
    for name in ("back", "forward", "leave"):
        way.add_argument(f"--{name}", dest="recover", action="store_const", const=name, help=words.flag(f"--{name}"))
    way.add_argument("--to", type=values.number, metavar="N", help=words.flag("recover --to"))
    group.add_argument("--print-unit", action="store_true", help=words.flag("--print-unit"))
    _back(parser, recovers=True)


def _back(parser: argparse.ArgumentParser, *, recovers: bool = False) -> None:
    _project(parser)
    _pull(parser, mirrors=False, timeouts=False)
    _decisions(parser)
    _restore(parser, recovers=recovers)
    _watch(parser)


def _attach(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="PROJECT", help=words.flag("PROJECT"))


def _history(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", metavar="[PROJECT] RUN", help=words.flag("history arguments"))
    add = _group(parser, "history").add_mutually_exclusive_group().add_argument
    add("--report", type=values.report, metavar="FILE", help=words.flag("--report"))
    add("--diff", dest="differ", nargs=2, type=values.number, metavar=("N", "M"), help=words.flag("--diff"))
    add("--pin", type=values.number, metavar="N", help=words.flag("--pin"))
    add("--unpin", type=values.number, metavar="N", help=words.flag("--unpin"))


def _of_project(parser: argparse.ArgumentParser) -> None:
    _attach(parser)
    _project(parser)


def _bundle(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", metavar="[PROJECT] SERVICE[=REF]", help=words.flag("PROJECT"))
    add = _group(parser, "bundle").add_argument
    add("-o", "--output", type=values.archive, metavar="FILE", help=words.flag("--output"))
    add("--overwrite", action="store_true", help=words.flag("--overwrite"))
    add("--images-only", action="store_true", help=words.flag("--images-only"))
    add("--plan", action="store_true", help=words.flag("bundle --plan"))
    _project(parser)
    _versions(parser)
    _pull(parser, archives=False, mirrors=False)
    _trust(parser, mirrors=False)


def _backup(parser: argparse.ArgumentParser) -> None:
    _attach(parser)
    add = _group(parser, "backup").add_argument
    add("-o", "--output", type=values.archive, metavar="FILE", help=words.flag("backup --output"))
    add("--overwrite", action="store_true", help=words.flag("--overwrite"))
    add("--images", action="store_true", help=words.flag("--images"))
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
    add("--list", action="store_true", help=words.flag("--list"))
    add("--speed", type=values.speed, default=1.0, metavar="N", help=words.flag("--speed"))


def _websoft9_upgrade(parser: argparse.ArgumentParser) -> None:
    looks = contract.LOOKS
    parser.add_argument("arguments", nargs="?", choices=looks, help=words.flag("websoft9-upgrade arguments"))
    add = _group(parser, "upstream").add_argument
    add("--console-port", type=values.port, metavar="PORT", help=words.flag("--console-port"))
    add("--version", dest="target", default="", metavar="X.Y.Z", help=words.flag("websoft9-upgrade --version"))
    add(
        "--path",
        type=values.folder,
        default=contract.INSTALL_PATH,
        metavar="DIR",
        help=words.flag("websoft9-upgrade --path"),
    )
    add("--yes", action="store_true", help=words.flag("websoft9-upgrade --yes"))
    add("--dry-run", action="store_true", help=words.flag("--dry-run"))
    add("--force", action="store_true", help=words.flag("--force"))
    add("--execute_mode", choices=contract.MODES, default="", help=words.flag("--execute_mode"))


def _completion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="+", metavar="SHELL", help=words.flag("SHELL"))


def _man(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(arguments=())


def output(parser: argparse.ArgumentParser, name: str) -> None:
    """What a command writes, and in which form."""
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
    "attach": _attach,
    "cancel": _attach,
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
