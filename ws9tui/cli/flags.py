"""The arguments and flags of each command."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ws9tui.cli import values
from ws9tui.core.model.options import PULL_TIMEOUT, STALL_TIMEOUT
from ws9tui.words import command_help as words


def _project_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(words.group("project"))
    add = group.add_argument
    add("-f", "--file", dest="files", action="append", default=[], metavar="FILE", help=words.flag("--file"))
    add("-p", "--project-name", default="", metavar="NAME", help=words.flag("--project-name"))
    add("--profile", dest="profiles", action="append", default=[], metavar="NAME", help=words.flag("--profile"))
    add("--env-file", dest="env_files", action="append", default=[], metavar="FILE", help=words.flag("--env-file"))


def _decision_flags(parser: argparse.ArgumentParser, *, steps: bool = False) -> None:
    group = parser.add_argument_group(words.group("decisions"))
    if steps:
        group.add_argument("--step-by-step", action="store_true", help=words.flag("--step-by-step"))
    only = group.add_mutually_exclusive_group()
    only.add_argument("--plan", action="store_true", help=words.flag("--plan"))
    only.add_argument("--yes", action="store_true", help=words.flag("--yes"))
    group.add_argument(
        "--on-failure",
        choices=("rollback", "hold"),
        help=words.flag("--on-failure"),
    )
    group.add_argument(
        "--confirm-within",
        type=values.duration,
        metavar="TIME",
        help=words.flag("--confirm-within"),
    )


def _data_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(words.group("data"))
    which = group.add_mutually_exclusive_group()
    which.add_argument(
        "--backup",
        action="append",
        default=[],
        metavar="SERVICE",
        help=words.flag("--backup"),
    )
    group.add_argument(
        "--leave-data",
        action="append",
        default=[],
        metavar="SERVICE:PATH",
        help=words.flag("--leave-data"),
    )
    which.add_argument("--no-backup", action="store_true", help=words.flag("--no-backup"))
    _backup_dir(group)


def _backup_dir(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--backup-dir",
        type=values.folder,
        metavar="DIR",
        help=words.flag("--backup-dir"),
    )


def _watch_flags(parser: argparse.ArgumentParser, *, pull: bool = True) -> None:
    group = parser.add_argument_group(words.group("proof"))
    if pull:
        _pull_flags(group)
    group.add_argument(
        "--monitor",
        type=values.duration,
        metavar="TIME",
        help=words.flag("--monitor"),
    )


def _pull_flags(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--expect",
        action="append",
        default=[],
        metavar="SERVICE=VERSION|DIGEST",
        help=words.flag("--expect"),
    )
    group.add_argument(
        "--accept",
        action="append",
        default=[],
        metavar="SERVICE:CHECK",
        help=words.flag("--accept"),
    )
    group.add_argument(
        "--pull-timeout",
        type=values.positive_duration,
        default=PULL_TIMEOUT,
        metavar="TIME",
        help=words.flag("--pull-timeout"),
    )
    group.add_argument(
        "--stall-timeout",
        type=values.positive_duration,
        default=STALL_TIMEOUT,
        metavar="TIME",
        help=words.flag("--stall-timeout"),
    )


def _archive_flag(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(words.group("offline"))
    group.add_argument(
        "--from",
        dest="archives",
        action="extend",
        nargs="+",
        default=[],
        type=values.archive,
        metavar="ARCHIVE",
        help=words.flag("--from"),
    )


def _update(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", metavar="[PROJECT] SERVICE[=REF]", help=words.flag("PROJECT"))
    group = parser.add_argument_group(words.group("choice"))
    group.add_argument("--list", action="store_true", dest="list_only", help=words.flag("update --list"))
    group.add_argument("--minimum-age", type=values.duration, metavar="TIME", help=words.flag("--minimum-age"))
    _mirror_flags(group)
    group = parser.add_argument_group(words.group("release"))
    group.add_argument(
        "--release",
        default="",
        metavar="SOURCE",
        help=words.flag("--release"),
    )
    group.add_argument(
        "--old-release",
        default="",
        metavar="SOURCE",
        help=words.flag("--old-release"),
    )
    group.add_argument(
        "--compose-file",
        choices=("merged", "release", "mine", "override"),
        default="",
        help=words.flag("--compose-file"),
    )
    _release_flags(group)
    _project_flags(parser)
    _decision_flags(parser, steps=True)
    _data_flags(parser)
    _watch_flags(parser)
    _archive_flag(parser)


def _mirror_flags(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--mirror",
        dest="mirrors",
        action="append",
        default=[],
        type=values.mirror,
        metavar="[REGISTRY=]HOST",
        help=words.flag("--mirror"),
    )
    group.add_argument("--trust-mirror", action="store_true", help=words.flag("--trust-mirror"))


def _release_flags(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--checksum", type=values.checksum, metavar="SHA256", help=words.flag("--checksum"))
    group.add_argument(
        "--channel",
        choices=("release", "rc", "dev"),
        default="",
        help=words.flag("--channel"),
    )
    group.add_argument("--site", default="", metavar="URL", help=words.flag("--site"))


def _install(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "arguments",
        nargs="?",
        metavar="SOURCE",
        help=words.flag("install arguments"),
    )
    group = parser.add_argument_group(words.group("answers"))
    group.add_argument(
        "--answers",
        type=values.folder,
        metavar="FILE",
        help=words.flag("--answers"),
    )
    group.add_argument("--write-answers", type=values.folder, metavar="FILE", help=words.flag("--write-answers"))
    group = parser.add_argument_group(words.group("release"))
    group.add_argument("--folder", default="", metavar="DIR", help=words.flag("--folder"))
    group.add_argument(
        "--set",
        dest="values",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=words.flag("--set"),
    )
    group.add_argument(
        "--remove-volumes",
        action="store_true",
        help=words.flag("--remove-volumes"),
    )
    _release_flags(group)
    _mirror_flags(parser.add_argument_group(words.group("choice")))
    _project_flags(parser)
    _decision_flags(parser, steps=True)
    _watch_flags(parser)
    _archive_flag(parser)


def _rollback(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="PROJECT", help=words.flag("PROJECT"))
    parser.add_argument(
        "--to",
        type=values.number,
        metavar="N",
        help=words.flag("--to"),
    )
    _project_flags(parser)
    _decision_flags(parser)
    _restore_flags(parser)
    _watch_flags(parser, pull=False)
    _archive_flag(parser)


def _restore_flags(parser: argparse.ArgumentParser, *, recovers: bool = False) -> None:
    group = parser.add_argument_group(words.group("data"))
    which = group.add_mutually_exclusive_group()
    which.add_argument(
        "--data",
        action="store_true",
        help=words.flag("--data"),
    )
    if recovers:
        which.add_argument("--no-data", action="store_true", help=words.flag("--no-data"))
    _backup_dir(group)


def _recover(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="PROJECT", help=words.flag("PROJECT"))
    way = parser.add_argument_group(words.group("way")).add_mutually_exclusive_group()
    for name in ("back", "forward", "leave"):
        way.add_argument(f"--{name}", dest="recover", action="store_const", const=name, help=words.flag(f"--{name}"))
    way.add_argument("--to", type=values.number, metavar="N", help=words.flag("recover --to"))
    parser.add_argument("--print-unit", action="store_true", help=words.flag("--print-unit"))
    _project_flags(parser)
    _decision_flags(parser)
    _restore_flags(parser, recovers=True)
    _watch_flags(parser, pull=False)
    _archive_flag(parser)


def _attach(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="PROJECT", help=words.flag("PROJECT"))


def _history(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", metavar="[PROJECT] RUN", help=words.flag("history arguments"))


def _of_project(parser: argparse.ArgumentParser) -> None:
    _attach(parser)
    _project_flags(parser)


def _bundle(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", metavar="[PROJECT] SERVICE[=REF]", help=words.flag("PROJECT"))
    group = parser.add_argument_group(words.group("bundle"))
    group.add_argument("-o", "--output", type=values.archive, metavar="FILE", help=words.flag("--output"))
    group.add_argument("--overwrite", action="store_true", help=words.flag("--overwrite"))
    group.add_argument("--images-only", action="store_true", help=words.flag("--images-only"))
    group.add_argument("--plan", action="store_true", help=words.flag("bundle --plan"))
    _project_flags(parser)
    group = parser.add_argument_group(words.group("proof"))
    _pull_flags(group)


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="SCENARIO", help=words.flag("demo arguments"))
    parser.add_argument("--list", action="store_true", help=words.flag("--list"))
    parser.add_argument("--speed", type=values.speed, default=1.0, metavar="N", help=words.flag("--speed"))


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
    "demo": _demo,
}
