"""The command line's grammar: what was typed becomes a `Command`, or a `UsageError` that says what is wrong.

The subcommand comes first and its flags follow in any order; without one it is the wizard.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

from ws9tui import __version__
from ws9tui.cli import usage
from ws9tui.core import install
from ws9tui.core.settings import MONITOR, PULL_TIMEOUT, STALL_TIMEOUT, Options
from ws9tui.core.terms import Verb
from ws9tui.errors import UsageError
from ws9tui.words.text import clean, duration, parse_duration

WIZARD = "wizard"
_VERBS = {
    WIZARD: Verb.WIZARD,
    "update": Verb.UPDATE,
    "install": Verb.INSTALL,
    "rollback": Verb.ROLLBACK,
    "recover": Verb.RECOVER,
    "doctor": Verb.DOCTOR,
    "adopt": Verb.ADOPT,
}
COMMANDS = ("update", "install", "adopt", "rollback", "recover", "attach", "history", "doctor", "demo")


class Command(msgspec.Struct, frozen=True):
    """What was typed, understood."""

    name: str
    """of the subcommand; `WIZARD` without one"""
    options: Options
    plain: bool = False
    json: bool = False
    state_dir: Path | None = None
    speed: float = 1.0
    """demo: how many times faster than life"""
    print_unit: bool = False
    """recover: only print a systemd unit"""
    listing: bool = False
    """demo: only name the scenarios"""
    answers: Path | None = None
    """install: what is not said on the command line"""
    write_answers: Path | None = None
    """install: where to write what it was made with"""

    @property
    def verb(self) -> Verb:
        """What the worker is asked for; only of the commands that start a run."""
        return _VERBS[self.name]


def parse(argv: Sequence[str]) -> Command:
    """The command of these arguments; raises `UsageError`, and exits where help or the version is asked for."""
    name = argv[0] if argv and argv[0] in COMMANDS else WIZARD
    parser = _parser(name)
    found = parser.parse_intermixed_args(argv[1:] if name != WIZARD else argv)
    if name == WIZARD and found.arguments and found.arguments[0] in COMMANDS:
        raise UsageError("usage", reason=f"flags stand after the subcommand: ws9tui {found.arguments[0]} [FLAG]…")
    _check(name, found)
    options = _options(found)
    for source in (
        *(options.arguments if name == "install" else ()),
        options.release,
        options.old_release,
        options.site,
    ):
        problem = install.source_problem(source) if source else None
        if problem:
            raise UsageError(problem.code, **problem.facts)
    return Command(
        name,
        options,
        plain=getattr(found, "plain", False),
        json=getattr(found, "json", False),
        state_dir=getattr(found, "state_dir", None),
        speed=getattr(found, "speed", 1.0),
        print_unit=getattr(found, "print_unit", False),
        listing=getattr(found, "list", False),
        answers=getattr(found, "answers", None),
        write_answers=getattr(found, "write_answers", None),
    )


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are ours."""

    def error(self, message: str) -> NoReturn:
        """Raises instead of writing a usage text and exiting."""
        raise UsageError("usage", reason=f"{clean(message)}; see '{self.prog} --help'")


def _parser(name: str) -> argparse.ArgumentParser:
    prog = "ws9tui" if name == WIZARD else f"ws9tui {name}"
    parser = _Parser(
        prog=prog,
        usage=usage.USAGE[name],
        description=usage.ABOUT[name],
        epilog=usage.END[name],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
        allow_abbrev=False,
    )
    _ARGUMENTS[name](parser)
    group = parser.add_argument_group("in general")
    if name in _VERBS or name in ("attach", "demo"):
        how = group.add_mutually_exclusive_group()
        how.add_argument("--plain", action="store_true", help="line by line, without panes")
        how.add_argument("--json", action="store_true", help="one JSON event a line on stdout, all else on stderr")
    if name == "history":
        group.add_argument("--json", action="store_true", help="one JSON object a line")
    if name != "demo":
        group.add_argument(
            "--state-dir",
            metavar="DIR",
            type=_folder,
            help="where runs and generations are kept; default: /var/lib/ws9tui for root, else the XDG state directory",
        )
    group.add_argument("-h", "--help", action=_Help, help="show this help")
    group.add_argument("--version", action="version", version=f"ws9tui {__version__}", help="show the version")
    return parser


class _Help(argparse.Action):
    """Writes the help to stdout and exits, also where that is a closed pipe."""

    def __init__(self, option_strings: Sequence[str], dest: str, help: str | None = None) -> None:  # noqa: A002
        super().__init__(option_strings, dest, nargs=0, help=help)

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        _namespace: argparse.Namespace,
        _values: object,
        _option_string: str | None = None,
    ) -> NoReturn:
        """Writes the help."""
        sys.stdout.write(parser.format_help())
        raise SystemExit(0)


# --- the arguments of each command ----------------------------------------------------------------------------


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
        type=_duration,
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
    which.add_argument("--no-backup", action="store_true", help="save no data, not even what is set")
    _backup_dir(group)


def _backup_dir(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--backup-dir", type=_folder, metavar="DIR", help="where saved data is kept; default: below the state directory"
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
            type=_positive_duration,
            default=PULL_TIMEOUT,
            metavar="TIME",
            help=f"for the whole pull; default: {duration(PULL_TIMEOUT)}",
        )
        group.add_argument(
            "--stall-timeout",
            type=_positive_duration,
            default=STALL_TIMEOUT,
            metavar="TIME",
            help=f"without a byte of progress; default: {duration(STALL_TIMEOUT)}",
        )
    group.add_argument(
        "--monitor",
        type=_duration,
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
        type=_archive,
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
    group.add_argument("--checksum", type=_checksum, metavar="SHA256", help="of a zip file that comes without its own")
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
        type=_folder,
        metavar="FILE",
        help="take what is not said here from this file (YAML): source, version, channel, site, checksum, folder,"
        " project, settings, from",
    )
    group.add_argument(
        "--write-answers", type=_folder, metavar="FILE", help="at the end write such a file, for the next install"
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
        type=_number,
        metavar="N",
        help="the generation to go to; default: asks on a terminal, else the one before",
    )
    _project_flags(parser)
    _decision_flags(parser)
    _restore_flags(parser)
    _watch_flags(parser, pull=False)
    _archive_flag(parser)


def _restore_flags(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("data")
    group.add_argument(
        "--data",
        action="store_true",
        help="the data saved of that generation goes back too; default: images only",
    )
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
    way.add_argument("--to", type=_number, metavar="N", help="to a recorded generation, whatever runs now")
    parser.add_argument("--print-unit", action="store_true", help="only print a systemd unit for the boot")
    _project_flags(parser)
    _decision_flags(parser)
    _restore_flags(parser)
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
    parser.add_argument("--speed", type=_speed, default=1.0, metavar="N", help="so many times faster than life")


_ARGUMENTS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    WIZARD: _update,
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


# --- from what was typed to options ---------------------------------------------------------------------------


def _check(name: str, found: argparse.Namespace) -> None:
    """Refuses what the grammar lets through."""
    if name == "history" and len(found.arguments) > 2:  # noqa: PLR2004
        raise UsageError("usage", reason="history takes a project and the number of a run")
    if name == "install" and found.write_answers and (found.files or found.profiles or found.env_files):
        raise UsageError("usage", reason="--write-answers cannot tell -f, --profile and --env-file")
    if name == "recover" and found.data and found.to is None:
        raise UsageError("usage", reason="--data goes with --to N")
    for argument in found.arguments or () if name in (WIZARD, "update") else ():
        _, equals, reference = argument.partition("=")
        before, at, rest = reference.rpartition("@")
        if equals and at and not rest.startswith("sha256:"):
            # A password may stand before the @; what is typed goes into the journal, so it is refused right here.
            raise UsageError("reference-invalid", reference=f"…@{rest}" if before else reference, reason="syntax")


def _options(found: argparse.Namespace) -> Options:
    arguments = found.arguments or ()
    return Options(
        arguments=(arguments,) if isinstance(arguments, str) else tuple(arguments),
        files=tuple(getattr(found, "files", ())),
        project_name=getattr(found, "project_name", ""),
        profiles=tuple(getattr(found, "profiles", ())),
        env_files=tuple(getattr(found, "env_files", ())),
        expect=_expected(getattr(found, "expect", ())),
        plan_only=getattr(found, "plan", False),
        assume_yes=getattr(found, "yes", False),
        pull_timeout=getattr(found, "pull_timeout", PULL_TIMEOUT),
        stall_timeout=getattr(found, "stall_timeout", STALL_TIMEOUT),
        monitor=getattr(found, "monitor", None),
        on_failure=getattr(found, "on_failure", None),
        confirm_within=getattr(found, "confirm_within", None),
        to=getattr(found, "to", None),
        archives=tuple(getattr(found, "archives", ())),
        backup=tuple(getattr(found, "backup", ())),
        no_backup=getattr(found, "no_backup", False),
        backup_dir=str(getattr(found, "backup_dir", None) or ""),
        data=getattr(found, "data", False),
        recover=getattr(found, "recover", None),
        release=getattr(found, "release", ""),
        old_release=getattr(found, "old_release", ""),
        checksum=getattr(found, "checksum", None) or "",
        compose_file=getattr(found, "compose_file", ""),
        channel=getattr(found, "channel", ""),
        site=getattr(found, "site", ""),
        folder=getattr(found, "folder", ""),
        values=_values(getattr(found, "values", ())),
        remove_volumes=getattr(found, "remove_volumes", False),
    )


def _expected(pairs: Sequence[str]) -> dict[str, str]:
    expected: dict[str, str] = {}
    for pair in pairs:
        service, equals, version = pair.partition("=")
        if not (service and equals and version):
            raise UsageError("usage", reason=f"--expect {clean(pair, 80)}: SERVICE=VERSION is expected")
        if expected.setdefault(service, version) != version:
            raise UsageError("usage", reason=f"--expect names {clean(service, 80)} twice, with different versions")
    return expected


def _values(pairs: Sequence[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals):
            raise UsageError("usage", reason=f"--set {clean(pair, 80)}: NAME=VALUE is expected")
        if values.setdefault(name, value) != value:
            raise UsageError("usage", reason=f"--set names {clean(name, 80)} twice, with different values")
    return values


def _checksum(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise argparse.ArgumentTypeError("64 hexadecimal digits are expected")
    return text.lower()


def _duration(text: str) -> float:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _positive_duration(text: str) -> float:
    seconds = _duration(text)
    if seconds <= 0:
        raise argparse.ArgumentTypeError("it must be longer than nothing")
    return seconds


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise argparse.ArgumentTypeError(f"'{clean(text, 40)}' is no generation's number; 'ws9tui history' lists them")
    return int(text)


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.1 <= speed <= 1000:  # noqa: PLR2004
        raise argparse.ArgumentTypeError("a number from 0.1 to 1000 is expected")
    return speed


def _archive(text: str) -> str:
    return str(_folder(text))


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return Path(text).expanduser().absolute()
