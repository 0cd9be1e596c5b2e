"""The entry point of the command line: parses the arguments, runs the command and maps errors to exit statuses."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import pairwise

from ws9tui.cli import arguments, caller, terminal
from ws9tui.cli.arguments import Command
from ws9tui.cli.output import Writer, as_json, drop
from ws9tui.cli.runs import FrontEndFault
from ws9tui.core.journal import confidential
from ws9tui.core.journal.events import Finished
from ws9tui.core.journal.journal import now
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.commands import CommandScope
from ws9tui.core.model.masking import Mask
from ws9tui.core.model.terms import EXIT_STATUS, LEFT_STATUS, Outcome
from ws9tui.core.runs import ending
from ws9tui.errors import Ws9tuiError
from ws9tui.problems.engine import InternalError, OperatorCancelled
from ws9tui.problems.problem import Problem
from ws9tui.websoft9.contract import COMMAND
from ws9tui.words import commands, labels, language, problems
from ws9tui.words.text import paragraph


def run(argv: Sequence[str]) -> int:
    """Runs the command that the arguments name; returns the exit status."""
    terminal.protect_standard_streams()
    try:
        language.choose(os.environ, asked=_language(argv))
        command = arguments.parse(argv)
        commands.stand(CommandScope(caller.caller(command.state_dir)))
        return _does(command)(command)
    except Ws9tuiError as error:
        return _fail(error.problem, ending.outcome(error, begun=False), argv)
    except KeyboardInterrupt:
        return _fail(OperatorCancelled(), Outcome.CANCELLED, argv)
    except BrokenPipeError:
        drop(sys.stdout)
        return 0
    except FrontEndFault as fault:
        said = paragraph((problems.sentence(_internal(fault.__cause__)), labels.GOES_ON()))
        _say(said, argv)
        return LEFT_STATUS
    except Exception as error:  # noqa: BLE001 - whatever it is, the operator gets a sentence
        return _fail(_internal(error), Outcome.UNCHANGED, argv)


def _language(argv: Sequence[str]) -> str:
    """Returns the value of `--lang`, which must be known before the other arguments are parsed."""
    for word, value in pairwise((*argv, "")):
        flag, equals, said = word.partition("=")
        if flag == "--lang":
            return language.meant(said if equals else value)
    return ""


def _does(command: Command) -> Callable[[Command], int]:
    """Returns the function of a command, whose module is imported only now."""
    if command.print_unit:
        from ws9tui.cli import unit  # noqa: PLC0415 - rarely wanted

        return unit.show
    module, name = _DOES.get(command.name, ("runs", "start"))
    does: Callable[[Command], int] = getattr(import_module(f"ws9tui.cli.{module}"), name)
    return does


_DOES = {
    "attach": ("attach", "attach"),
    "cancel": ("cancel", "cancel"),
    "history": ("history", "history"),
    "demo": ("demo", "run"),
    "completion": ("completion", "show"),
    "man": ("manual", "show"),
    COMMAND: ("websoft9_upgrade", "start"),
}


def _fail(problem: Problem, outcome: Outcome, argv: Sequence[str]) -> int:
    """Reports why no run was started, with `--json` also as the only event; returns the exit status."""
    problem = confidential.masked(problem, Mask())  # it may quote an address from the command line
    if argv[:1] == [COMMAND]:
        from ws9tui.cli import websoft9_upgrade  # noqa: PLC0415 - seldom needed

        return websoft9_upgrade.fail(problem, outcome)
    if "--json" in argv:
        finished = Finished(at=now(), outcome=outcome, problem=problem)
        Writer(sys.stdout).line(as_json(finished, 1, RunState()))
    Writer(sys.stderr).line(f"ws9tui: {problems.sentence(problem)}")
    return EXIT_STATUS[outcome]


def _say(text: str, argv: Sequence[str]) -> None:
    """Writes an error in the command's own format."""
    if argv[:1] == [COMMAND]:
        from ws9tui.cli import websoft9_upgrade  # noqa: PLC0415 - seldom needed

        websoft9_upgrade.error(text)
    else:
        Writer(sys.stderr).line(f"ws9tui: {text}")


def _internal(error: BaseException | None) -> Problem:
    """Returns an error's type and place as a problem; its message is left out because it may contain secrets."""
    if os.environ.get("WS9TUI_TRACEBACK"):
        traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__) if error else []
    where = f" at {'/'.join(frames[-1].filename.split('/')[-3:])}:{frames[-1].lineno}" if frames else ""
    return InternalError(error=f"{type(error).__name__}{where}")
