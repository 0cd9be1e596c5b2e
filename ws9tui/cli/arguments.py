"""The command line's grammar: turns the arguments into a `Command`, or raises a `UsageError` that says what is wrong.

The subcommand comes first and its flags follow in any order; without a subcommand the wizard runs.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

import msgspec

from ws9tui import __version__
from ws9tui.cli import flags, terminal, values
from ws9tui.cli import help as help_page
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import Verb
from ws9tui.core.releases import install
from ws9tui.errors import UsageError
from ws9tui.problems.engine import CommandUnknown, NotUnderstood
from ws9tui.problems.project import ReferenceInvalid
from ws9tui.websoft9.contract import COMMAND, CommandLine
from ws9tui.words import command_help as words
from ws9tui.words.text import clean

WIZARD = words.WIZARD
COMMANDS = tuple(flags.ARGUMENTS)
HELP = "help"
"""pseudo-command: 'help COMMAND' is 'COMMAND --help'"""
COMPLETED = ("bash", "zsh", "fish", "projects", "services")
"""arguments of 'completion': a shell whose script is printed, or the names that such a script asks for"""
_ALIKE = 0.7
"""similarity from which on a word is taken for a misspelling of another (the cutoff of `get_close_matches`)"""


class Command(msgspec.Struct, frozen=True):
    """A parsed command line."""

    name: str
    """the subcommand; `WIZARD` without one"""
    options: Options
    plain: bool = False
    mouse: bool = True
    json: bool = False
    state_dir: Path | None = None
    speed: float = 1.0
    """demo: speed-up factor of the simulation"""
    print_unit: bool = False
    """recover: print a systemd unit instead of recovering"""
    listing: bool = False
    """demo: list the scenarios"""
    answers: Path | None = None
    """install: file with the answers that the command line does not give"""
    write_answers: Path | None = None
    """install: file to which the answers of this installation are written"""
    report: str = ""
    """history: the file to which the report of a run is written; - is stdout"""
    differ: tuple[int, int] | None = None
    """history: the two generations to compare"""
    pin: int | None = None
    """history: the generation to pin"""
    unpin: int | None = None
    """history: the generation to unpin"""
    call: CommandLine | None = None
    """websoft9-upgrade: the options of upstream's script"""

    @property
    def verb(self) -> Verb:
        """The worker's verb; only valid for commands that start a run."""
        return Verb(self.name)


def parse(argv: Sequence[str]) -> Command:
    """Parses the arguments; raises `UsageError`, and `SystemExit` if help or the version is requested."""
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
        return Command(name, Options(), state_dir=found.state_dir, call=msgspec.convert(_given(found), CommandLine))
    _check(name, found)
    options = _options(found)
    sources = (*(options.arguments if name == "install" else ()), options.release, options.old_release, options.site)
    for source in filter(None, sources):
        if problem := install.source_problem(source):
            raise UsageError(problem)
    return msgspec.convert(_given(found) | {"name": name, "options": options}, Command)


def command_near(arguments: Sequence[str]) -> str:
    """Returns the command that the first argument resembles; empty if it is a command or an existing path."""
    word = arguments[0] if arguments else ""
    if word in COMMANDS or not word.isalpha() or os.path.exists(word):  # noqa: PTH110 - raises nothing
        return ""
    return next(iter(get_close_matches(word.lower(), COMMANDS, 1, _ALIKE)), "")


class _Parser(argparse.ArgumentParser):
    """An argument parser with this program's own error messages and help page."""

    def __init__(self, name: str) -> None:
        prog = "ws9tui" if name == WIZARD else f"ws9tui {name}"
        super().__init__(prog=prog, usage=argparse.SUPPRESS, add_help=False, allow_abbrev=False)
        self.command = name

    def format_help(self) -> str:
        """Returns the help as plain text."""
        return help_page.plain(help_page.page(self.command, self), help_page.columns())

    def print_help(self, file: object = None) -> None:
        """Writes the help to stdout; raises `BrokenPipeError` if stdout is a closed pipe."""
        _ = file
        if terminal.has_colours(sys.stdout):
            from ws9tui.cli import looks  # noqa: PLC0415 - Rich is slow to load

            looks.help_page(help_page.page(self.command, self), sys.stdout)
        else:
            sys.stdout.write(self.format_help())

    def help_by_name(self) -> None:
        """Sets the help of each flag that has none to the text for its name."""
        for action in self._actions:
            action.help = action.help or words.flag(action.option_strings[-1])

    def error(self, message: str) -> NoReturn:
        """Raises `UsageError` instead of printing a usage text and exiting; suggests a flag for a misspelled one."""
        wrong = next((word.partition("=")[0].rstrip(":") for word in message.split() if word.startswith("--")), "")
        known = [flag for action in self._actions for flag in action.option_strings if flag.startswith("--")]
        near = get_close_matches(wrong, known, 1, _ALIKE) if wrong and wrong not in known else []
        told = words.MEANT(problem=clean(message), near=near[0] if near else "", command=self.prog)
        raise UsageError(NotUnderstood(reason=told))


def parser_of(name: str) -> argparse.ArgumentParser:
    """Returns the parser of a command."""
    parser = _Parser(name)
    flags.ARGUMENTS["update" if name == WIZARD else name](parser)
    flags.output(parser, name)
    group = parser.add_argument_group(words.group("general"))
    if name in (*Verb, "attach", "demo"):
        group.add_argument("--no-mouse", dest="mouse", action="store_false")
    if name not in ("demo", "man"):
        group.add_argument("--state-dir", metavar="DIR", type=values.folder)
    group.add_argument("--lang", type=values.lang, metavar="LANG")
    group.add_argument("-h", "--help", action="help")
    if name != COMMAND:  # websoft9-upgrade has a --version of its own
        group.add_argument("--version", action="version", version=f"ws9tui {__version__}", help=None)
    parser.help_by_name()
    return parser


def _check(name: str, found: argparse.Namespace) -> None:
    """Raises `UsageError` for arguments that the parser accepts but the command does not."""
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
    if name == "bundle" and not (found.output or found.plan_only):
        raise UsageError(NotUnderstood(reason=words.OUTPUT_MISSING()))
    for argument in found.arguments or () if name in (WIZARD, "update", "bundle") else ():
        _, equals, reference = argument.partition("=")
        before, at, rest = reference.rpartition("@")
        if equals and at and not rest.startswith("sha256:"):
            # A password may precede the @, and all arguments go into the journal, so the reference is refused here.
            raise UsageError(ReferenceInvalid(reference=f"…@{rest}" if before else reference, reason="syntax"))


def _given(found: argparse.Namespace) -> dict[str, object]:
    """Returns the values that were typed or have a default, by field name."""
    return {name: value for name, value in vars(found).items() if value is not None}


def _options(found: argparse.Namespace) -> Options:
    typed = found.arguments or ()
    own = {
        "arguments": (typed,) if isinstance(typed, str) else typed,
        "expect": values.expected(getattr(found, "expect", ())),
        "accept": values.accepted(getattr(found, "accept", ())),
        "values": values.assignments(getattr(found, "values", ())),
    }
    return msgspec.convert(_given(found) | own, Options)
