"""The command line's grammar: what was typed becomes a `Command`, or a `UsageError` that says what is wrong.

The subcommand comes first and its flags follow in any order; without one it is the wizard.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

import msgspec

from ws9tui import __version__
from ws9tui.cli import flags, terminal, values
from ws9tui.cli import help as help_page
from ws9tui.core.model.options import PULL_TIMEOUT, STALL_TIMEOUT, Options
from ws9tui.core.model.terms import Verb
from ws9tui.core.releases import install
from ws9tui.errors import UsageError
from ws9tui.problems.engine import CommandUnknown, NotUnderstood
from ws9tui.problems.project import ReferenceInvalid
from ws9tui.websoft9.contract import COMMAND, CommandLine
from ws9tui.words import command_help as words
from ws9tui.words.text import clean

WIZARD = words.WIZARD
_VERBS = {
    WIZARD: Verb.WIZARD,
    "update": Verb.UPDATE,
    "install": Verb.INSTALL,
    "rollback": Verb.ROLLBACK,
    "recover": Verb.RECOVER,
    "doctor": Verb.DOCTOR,
    "adopt": Verb.ADOPT,
    "bundle": Verb.BUNDLE,
    "backup": Verb.BACKUP,
    "restore": Verb.RESTORE,
}
COMMANDS = tuple(flags.ARGUMENTS)
HELP = "help"
"""a command that is none: 'help COMMAND' is 'COMMAND --help'"""
COMPLETED = ("bash", "zsh", "fish", "projects", "services")
"""what 'completion' prints: the script of a shell, or the names that such a script asks for"""
_ALIKE = 0.7
"""how much two words resemble each other of which one is a slip of the other"""


class Command(msgspec.Struct, frozen=True):
    """What was typed, understood."""

    name: str
    """of the subcommand; `WIZARD` without one"""
    options: Options
    plain: bool = False
    mouse: bool = True
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
    report: str = ""
    """history: the file that the report of a run is written to; - is stdout"""
    differ: tuple[int, int] | None = None
    """history: the generations that are compared"""
    pin: int | None = None
    """history: the generation that is pinned"""
    unpin: int | None = None
    """history: the generation whose pin is taken away"""
    call: CommandLine | None = None
    """websoft9-upgrade: what upstream's script would be asked for"""

    @property
    def verb(self) -> Verb:
        """What the worker is asked for; only of the commands that start a run."""
        return _VERBS[self.name]


def parse(argv: Sequence[str]) -> Command:
    """The command of these arguments; raises `UsageError`, and exits where help or the version is asked for."""
    if argv[:1] == [HELP]:
        argv = [*argv[1:2], "--help"]
    name = argv[0] if argv and argv[0] in COMMANDS else WIZARD
    parser = parser_of(name)
    try:
        found = parser.parse_intermixed_args(argv[1:] if name != WIZARD else argv)
    except UsageError:
        if name == WIZARD and (near := command_near(argv[:1])):
            raise UsageError(CommandUnknown(name=argv[0], near=near)) from None
        raise
    if name == WIZARD and found.arguments and found.arguments[0] in COMMANDS:
        raise UsageError(NotUnderstood(reason=words.FLAGS_AFTER(command=found.arguments[0], flags="[FLAG]…")))
    if name == COMMAND:
        return Command(name, Options(), state_dir=found.state_dir, call=_call(found))
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
            raise UsageError(problem)
    return Command(
        name,
        options,
        plain=getattr(found, "plain", False),
        mouse=not getattr(found, "no_mouse", False),
        json=getattr(found, "json", False),
        state_dir=getattr(found, "state_dir", None),
        speed=getattr(found, "speed", 1.0),
        print_unit=getattr(found, "print_unit", False),
        listing=getattr(found, "list", False),
        answers=getattr(found, "answers", None),
        write_answers=getattr(found, "write_answers", None),
        report=getattr(found, "report", None) or "",
        differ=tuple(found.differ) if getattr(found, "differ", None) else None,
        pin=getattr(found, "pin", None),
        unpin=getattr(found, "unpin", None),
    )


def command_near(arguments: Sequence[str]) -> str:
    """The command that the first argument was likely meant to be; empty where it is one, or something that is there."""
    word = arguments[0] if arguments else ""
    if word in COMMANDS or not word.isalpha() or Path(word).exists():
        return ""
    return next(iter(get_close_matches(word.lower(), COMMANDS, 1, _ALIKE)), "")


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors and whose help are ours."""

    def __init__(self, name: str) -> None:
        prog = "ws9tui" if name == WIZARD else f"ws9tui {name}"
        super().__init__(prog=prog, usage=argparse.SUPPRESS, add_help=False, allow_abbrev=False)
        self.command = name

    def format_help(self) -> str:
        """The help as plain text."""
        return help_page.plain(help_page.page(self.command, self), help_page.columns())

    def error(self, message: str) -> NoReturn:
        """Raises instead of writing a usage text and exiting; names the flag that an unknown one resembles."""
        wrong = next((word.partition("=")[0].rstrip(":") for word in message.split() if word.startswith("--")), "")
        known = [flag for action in self._actions for flag in action.option_strings if flag.startswith("--")]
        near = get_close_matches(wrong, known, 1, _ALIKE) if wrong and wrong not in known else []
        told = words.MEANT(problem=clean(message), near=near[0] if near else "", command=self.prog)
        raise UsageError(NotUnderstood(reason=told))


def parser_of(name: str) -> argparse.ArgumentParser:
    """The parser of a command."""
    parser = _Parser(name)
    flags.ARGUMENTS["update" if name == WIZARD else name](parser)
    flags.output(parser, name)
    group = parser.add_argument_group(words.group("general"))
    if name in _VERBS or name in ("attach", "demo"):
        group.add_argument("--no-mouse", action="store_true", help=words.flag("--no-mouse"))
    if name not in ("demo", "man"):
        group.add_argument("--state-dir", metavar="DIR", type=values.folder, help=words.flag("--state-dir"))
    group.add_argument("--lang", type=values.lang, metavar="LANG", help=words.flag("--lang"))
    group.add_argument("-h", "--help", action=_Help, help=words.flag("--help"))
    if name != COMMAND:  # which has one of its own
        group.add_argument("--version", action="version", version=f"ws9tui {__version__}", help=words.flag("--version"))
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
        assert isinstance(parser, _Parser)  # noqa: S101 - there is no other
        if terminal.has_colours(sys.stdout):
            from ws9tui.cli import looks  # noqa: PLC0415 - Rich is slow to load

            looks.help_page(help_page.page(parser.command, parser), sys.stdout)
        else:
            sys.stdout.write(parser.format_help())
        raise SystemExit(0)


def _check(name: str, found: argparse.Namespace) -> None:
    """Refuses what the grammar lets through."""
    if name == "history" and len(found.arguments) > 2:  # noqa: PLR2004
        raise UsageError(NotUnderstood(reason=words.HISTORY_TAKES()))
    if name == "history" and found.json and found.report:
        raise UsageError(NotUnderstood(reason=words.REPORT_OR_JSON()))
    if name == "completion" and found.arguments[0] not in COMPLETED:
        raise UsageError(NotUnderstood(reason=words.COMPLETION_TAKES()))
    if name == "install" and found.write_answers and (found.files or found.profiles or found.env_files):
        raise UsageError(NotUnderstood(reason=words.ANSWERS_CANNOT()))
    if name == "recover" and found.data and found.to is None:
        raise UsageError(NotUnderstood(reason=words.DATA_WITH_TO()))
    if name == "recover" and found.no_data and found.recover != "back" and found.to is None:
        raise UsageError(NotUnderstood(reason=words.NO_DATA_WITH()))
    if name == "bundle" and not (found.output or found.plan):
        raise UsageError(NotUnderstood(reason=words.OUTPUT_MISSING()))
    for argument in found.arguments or () if name in (WIZARD, "update", "bundle") else ():
        _, equals, reference = argument.partition("=")
        before, at, rest = reference.rpartition("@")
        if equals and at and not rest.startswith("sha256:"):
            # A password may stand before the @; what is typed goes into the journal, so it is refused right here.
            raise UsageError(ReferenceInvalid(reference=f"…@{rest}" if before else reference, reason="syntax"))


def _call(found: argparse.Namespace) -> CommandLine:
    return CommandLine(
        look=found.arguments or "",
        path=str(found.path),
        version=found.target,
        console_port=found.console_port or "",
        yes=found.yes,
        dry_run=found.dry_run,
        force=found.force,
        mode=found.execute_mode,
    )


def _options(found: argparse.Namespace) -> Options:
    arguments = found.arguments or ()
    return Options(
        arguments=(arguments,) if isinstance(arguments, str) else tuple(arguments),
        files=tuple(getattr(found, "files", ())),
        project_name=getattr(found, "project_name", ""),
        profiles=tuple(getattr(found, "profiles", ())),
        env_files=tuple(getattr(found, "env_files", ())),
        expect=values.expected(getattr(found, "expect", ())),
        accept=values.accepted(getattr(found, "accept", ())),
        plan_only=getattr(found, "plan", False),
        list_only=getattr(found, "list_only", False),
        mirrors=tuple(getattr(found, "mirrors", ())),
        trust_mirror=getattr(found, "trust_mirror", False),
        minimum_age=getattr(found, "minimum_age", None),
        notify=tuple(getattr(found, "notify", ())),
        assume_yes=getattr(found, "yes", False),
        step_by_step=getattr(found, "step_by_step", False),
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
        leave_data=tuple(getattr(found, "leave_data", ())),
        data=getattr(found, "data", False),
        no_data=getattr(found, "no_data", False),
        recover=getattr(found, "recover", None),
        release=getattr(found, "release", ""),
        old_release=getattr(found, "old_release", ""),
        checksum=getattr(found, "checksum", None) or "",
        compose_file=getattr(found, "compose_file", ""),
        channel=getattr(found, "channel", ""),
        site=getattr(found, "site", ""),
        folder=getattr(found, "folder", ""),
        values=values.assignments(getattr(found, "values", ())),
        remove_volumes=getattr(found, "remove_volumes", False),
        output=getattr(found, "output", None) or "",
        overwrite=getattr(found, "overwrite", False),
        images=getattr(found, "images", False),
        images_only=getattr(found, "images_only", False),
    )
