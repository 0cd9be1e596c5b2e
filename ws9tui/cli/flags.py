"""The arguments and flags of each command."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ws9tui.cli import usage, values
from ws9tui.core.model.options import MONITOR, PULL_TIMEOUT, STALL_TIMEOUT
from ws9tui.words.text import duration


def _project_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the project, as in Compose")
    add = group.add_argument
    add("-f", "--file", dest="files", action="append", default=[], metavar="FILE", help="a Compose file; repeatable")
    add("-p", "--project-name", default="", metavar="NAME", help="the project's name")
    add("--profile", dest="profiles", action="append", default=[], metavar="NAME", help="a profile; repeatable")
    add("--env-file", dest="env_files", action="append", default=[], metavar="FILE", help="an env file; repeatable")


def _decision_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("decisions")
    only = group.add_mutually_exclusive_group()
    only.add_argument("--plan", action="store_true", help="print the plan and stop; nothing changes")
    only.add_argument(
        "--yes", action="store_true", help="take every decision by its default; needed where there is no terminal"
    )
    group.add_argument(
        "--on-failure",
        choices=("rollback", "hold"),
        help="what an unattended failure does; default: rollback, or the project's update_config.failure_action",
    )
    group.add_argument(
        "--confirm-within",
        type=values.duration,
        metavar="TIME",
        help="roll back unless somebody confirms 'keep' in time; default: keep when all services are well",
    )


def _data_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("data")
    which = group.add_mutually_exclusive_group()
    which.add_argument(
        "--backup",
        action="append",
        default=[],
        metavar="SERVICE",
        help="save this service's volumes and bind mounts while it is stopped, so that they can go back with the image;"
        " repeatable. Databases and the like are proposed unasked",
    )
    group.add_argument(
        "--leave-data",
        action="append",
        default=[],
        metavar="SERVICE:PATH",
        help="agree that the service sees the data that it has at this path no more, for the files mount something else"
        " there; repeatable",
    )
    which.add_argument("--no-backup", action="store_true", help="save no data, not even what is set")
    _backup_dir(group)


def _backup_dir(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--backup-dir",
        type=values.folder,
        metavar="DIR",
        help="where saved data is kept; default: below the state directory",
    )


def _watch_flags(parser: argparse.ArgumentParser, *, pull: bool = True) -> None:
    group = parser.add_argument_group("time and proof")
    if pull:
        group.add_argument(
            "--expect",
            action="append",
            default=[],
            metavar="SERVICE=VERSION",
            help="the version that the pulled image must prove; repeatable",
        )
        group.add_argument(
            "--pull-timeout",
            type=values.positive_duration,
            default=PULL_TIMEOUT,
            metavar="TIME",
            help=f"for the whole pull; default: {duration(PULL_TIMEOUT)}",
        )
        group.add_argument(
            "--stall-timeout",
            type=values.positive_duration,
            default=STALL_TIMEOUT,
            metavar="TIME",
            help=f"without a byte of progress; default: {duration(STALL_TIMEOUT)}",
        )
    group.add_argument(
        "--monitor",
        type=values.duration,
        metavar="TIME",
        help="how long a recreated service must stay well; default: the project's update_config.monitor,"
        f" else {duration(MONITOR)}",
    )


def _archive_flag(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("without a network")
    group.add_argument(
        "--from",
        dest="archives",
        action="extend",
        nargs="+",
        default=[],
        type=values.archive,
        metavar="ARCHIVE",
        help="archives that 'docker save' wrote, or folders of them; no registry is asked then",
    )


def _update(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="*", metavar="[PROJECT] SERVICE[=REF]", help=usage.PROJECT_HELP)
    group = parser.add_argument_group("a release")
    group.add_argument(
        "--release",
        default="",
        metavar="SOURCE",
        help="go to a release of Websoft9, files and images together: its folder, its zip file or URL, 'websoft9' for"
        " the latest, 'websoft9@VERSION' for a certain one",
    )
    group.add_argument(
        "--old-release",
        default="",
        metavar="SOURCE",
        help="the release that is installed, by which your own changes are told from its makers'; needed where ws9tui"
        " did not install it",
    )
    group.add_argument(
        "--compose-file",
        choices=("merged", "release", "mine", "override"),
        default="",
        help="what becomes of a Compose file that you have changed, where nobody is asked",
    )
    _release_flags(group)
    _project_flags(parser)
    _decision_flags(parser)
    _data_flags(parser)
    _watch_flags(parser)
    _archive_flag(parser)


def _release_flags(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--checksum", type=values.checksum, metavar="SHA256", help="of a zip file that comes without its own"
    )
    group.add_argument(
        "--channel",
        choices=("release", "rc", "dev"),
        default="",
        help="where releases are looked for; candidates are taken only with rc or dev; default: release",
    )
    group.add_argument("--site", default="", metavar="URL", help="a mirror of the site where releases are published")


def _install(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "arguments",
        nargs="?",
        metavar="SOURCE",
        help="a folder with a Compose file, or such a file; or a Websoft9 release: its folder, its zip file or URL,"
        " 'websoft9' for the latest, 'websoft9@VERSION' for a certain one; left out: a form asks for it",
    )
    group = parser.add_argument_group("answers")
    group.add_argument(
        "--answers",
        type=values.folder,
        metavar="FILE",
        help="take what is not said here from this file (YAML): source, version, channel, site, checksum, folder,"
        " project, settings, from",
    )
    group.add_argument(
        "--write-answers", type=values.folder, metavar="FILE", help="at the end write such a file, for the next install"
    )
    group = parser.add_argument_group("a release")
    group.add_argument("--folder", default="", metavar="DIR", help="where to; default: where Websoft9 expects itself")
    group.add_argument(
        "--set",
        dest="values",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the release, such as CONSOLE_PORT=9090; repeatable",
    )
    group.add_argument(
        "--remove-volumes",
        action="store_true",
        help="if it fails, remove the volumes that it made though they hold data",
    )
    _release_flags(group)
    _project_flags(parser)
    _decision_flags(parser)
    _watch_flags(parser)
    _archive_flag(parser)


def _rollback(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="PROJECT", help=usage.PROJECT_HELP)
    parser.add_argument(
        "--to",
        type=values.number,
        metavar="N",
        help="the generation to go to; default: asks on a terminal, else the one before",
    )
    _project_flags(parser)
    _decision_flags(parser)
    _restore_flags(parser)
    _watch_flags(parser, pull=False)
    _archive_flag(parser)


def _restore_flags(parser: argparse.ArgumentParser, *, recovers: bool = False) -> None:
    group = parser.add_argument_group("data")
    which = group.add_mutually_exclusive_group()
    which.add_argument(
        "--data",
        action="store_true",
        help="the data saved of that generation goes back too; default: images only",
    )
    if recovers:
        which.add_argument("--no-data", action="store_true", help="with --back: images only, the data stays as it is")
    _backup_dir(group)


def _recover(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="PROJECT", help=usage.PROJECT_HELP)
    way = parser.add_argument_group("the way; asked for where none is given").add_mutually_exclusive_group()
    for name, meaning in (
        ("back", "to what ran before the interrupted run"),
        ("forward", "finish what the interrupted run began"),
        ("leave", "leave everything as it is, and stop offering recovery"),
    ):
        way.add_argument(f"--{name}", dest="recover", action="store_const", const=name, help=meaning)
    way.add_argument("--to", type=values.number, metavar="N", help="to a recorded generation, whatever runs now")
    parser.add_argument("--print-unit", action="store_true", help="only print a systemd unit for the boot")
    _project_flags(parser)
    _decision_flags(parser)
    _restore_flags(parser, recovers=True)
    _watch_flags(parser, pull=False)
    _archive_flag(parser)


def _attach(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="PROJECT", help=usage.PROJECT_HELP)


def _history(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "arguments", nargs="*", metavar="[PROJECT] RUN", help="the project; the number of one of its runs"
    )


def _doctor(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="PROJECT", help=usage.PROJECT_HELP)
    _project_flags(parser)


def _adopt(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="PROJECT", help=usage.PROJECT_HELP)
    _project_flags(parser)


def _demo(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("arguments", nargs="?", metavar="SCENARIO", help="what happens; default: a smooth update")
    parser.add_argument("--list", action="store_true", help="name the scenarios")
    parser.add_argument("--speed", type=values.speed, default=1.0, metavar="N", help="so many times faster than life")


ARGUMENTS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "update": _update,
    "install": _install,
    "rollback": _rollback,
    "recover": _recover,
    "attach": _attach,
    "history": _history,
    "doctor": _doctor,
    "adopt": _adopt,
    "demo": _demo,
}
