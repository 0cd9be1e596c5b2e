"""Starts a run and follows it: in panes if the terminal supports them, else line by line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TextIO

import msgspec

from ws9tui.cli import caller, terminal
from ws9tui.cli.arguments import WIZARD, Command, command_near
from ws9tui.cli.follow import Follower, Input
from ws9tui.cli.output import JsonOutput, Output, PlainListOutput, PlainOutput, Writer
from ws9tui.core.journal.fold import fold
from ws9tui.core.journal.journal import Reader
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import EXIT_STATUS, Choice, Outcome
from ws9tui.core.store.store import Store, default_folder
from ws9tui.errors import StateError, UsageError
from ws9tui.problems.engine import (
    CommandUnknown,
    ComposeMissing,
    EngineMissing,
    EngineUnreachable,
    NoTerminal,
    RunIsLive,
)
from ws9tui.problems.upgrade import AnswersExist, SourceMissing
from ws9tui.wizard import attention
from ws9tui.words import labels
from ws9tui.worker.handle import RunHandle
from ws9tui.worker.next_run import Leaving, Next, ToProject, Wanted

_WITH_PANES = (WIZARD, "install", "rollback", "recover", "attach", "demo")
_ASK_NOTHING = ("doctor", "adopt", "bundle")
_WITHOUT_ENGINE = (EngineMissing, EngineUnreachable, ComposeMissing)


def start(command: Command) -> int:
    """Starts the run of a command and follows it; returns the exit status."""
    if command.answers:
        command = msgspec.structs.replace(command, options=_with_answers(command.options, command.answers))
    panes = wants_panes(command)
    attended = is_attended(command, panes=panes)
    if not attended and _asks(command) and not command.options.recover:
        if command.name == WIZARD and (near := command_near(command.options.arguments)):
            raise UsageError(CommandUnknown(name=command.options.arguments[0], near=near))
        raise UsageError(NoTerminal())
    if command.name == "install" and not attended and not (command.options.arguments or command.options.files):
        raise UsageError(SourceMissing())
    if command.write_answers and command.write_answers.exists():
        raise UsageError(AnswersExist(file=str(command.write_answers)))
    status, state, wanted = _one(command, panes=panes, attended=attended)
    if command.name == WIZARD and not command.json and attended and _without_engine(state):
        return _offer_demo(command, status)
    return go_on(command, status, state, wanted)


def go_on(command: Command, status: int, state: RunState, wanted: Wanted | None) -> int:
    """Runs what the operator wants after a run, until nothing more is wanted; returns the last exit status."""
    while wanted not in (None, Next.HISTORY):
        command = _after(command, state, wanted)
        panes = wants_panes(command)
        status, state, wanted = _one(command, panes=panes, attended=is_attended(command, panes=panes))
    return _history(command, state, status) if wanted is Next.HISTORY else status


def _one(command: Command, *, panes: bool, attended: bool) -> tuple[int, RunState, Wanted | None]:
    """Runs one run until it ends or is left; returns its status, its state and what the operator wants next."""
    called = caller.caller(command.state_dir)
    handle = RunHandle.start(open_store(command), command.verb, command.options, attended=attended, caller=called)
    status, state, wanted = shown(handle, command, panes=panes, ask=attended)
    if command.write_answers and state.settled and _done(state):
        from ws9tui.core.releases import answer_file  # noqa: PLC0415 - YAML is slow to load, and seldom needed

        answer_file.write(command.write_answers, state.settled)
        Writer(sys.stderr).line(labels.ANSWERS_WRITTEN(file=command.write_answers))
    return status, state, wanted


def shown(handle: RunHandle, command: Command, *, panes: bool, ask: bool) -> tuple[int, RunState, Wanted | None]:
    """Follows a run as `show` does; returns its status, its state and what the operator wants next."""
    journal = Reader(handle.folder)  # an open file survives the removal of a finished run's folder
    try:
        left = show(handle, command, panes=panes, ask=ask)
        state = fold(journal.read())
    finally:
        journal.close()
    return (left.status, left.state, left.wanted) if isinstance(left, Leaving) else (left, state, None)


def _after(command: Command, state: RunState, wanted: Wanted) -> Command:
    """Returns the wizard's command after a run: on the same project, as it was called, or on another one."""
    if wanted is not Next.AGAIN:
        named = isinstance(wanted, ToProject)
        options = Options(arguments=(wanted.name,)) if named else Options(ask_project=True)
        return Command(WIZARD, options, state_dir=command.state_dir, mouse=command.mouse)
    options = msgspec.structs.replace(
        command.options, to=None, release="", old_release="", checksum="", data=False, recover=None
    )
    if state.project is not None:
        from ws9tui.core.compose import locate  # noqa: PLC0415 - YAML is slow to load, and seldom needed

        options = msgspec.structs.replace(options, ask_project=False)
        if command.name == "install" or not (options.files or options.project_name):
            source = state.project.source
            options = msgspec.structs.replace(
                options,
                arguments=(locate.argument(source),),
                files=(),
                project_name="",
                archives=options.archives if command.name != "install" else (),
            )
    return Command(WIZARD, options, state_dir=command.state_dir, mouse=command.mouse)


def _history(command: Command, state: RunState, status: int) -> int:
    """Writes a run in full if it is in the history; returns the run's own status."""
    if state.project is not None:
        from ws9tui.cli import history  # noqa: PLC0415 - seldom needed here

        arguments = (state.project.source.name, str(state.project.number))
        try:
            history.history(Command("history", Options(arguments=arguments), state_dir=command.state_dir))
        except UsageError:
            Writer(sys.stderr).line(labels.NO_HISTORY())
    return status


def show(
    handle: RunHandle,
    command: Command,
    *,
    panes: bool,
    ask: bool,
    demo: tuple[str, ...] = (),
    leaving: Callable[[RunState], list[str]] | None = None,
) -> int | Leaving:
    """Follows a run until it ends or is left; returns the exit status, in panes with what the operator wants next.

    Raises `FrontEndFault` for an error in the front end, which does not end the run.
    """
    try:
        if panes:
            from ws9tui.wizard.app import run_wizard  # noqa: PLC0415 - half a second that no other command needs

            return run_wizard(handle, demo=demo, mouse=command.mouse)
        return follow(handle, command, ask=ask, leaving=leaving)
    except KeyboardInterrupt:  # before the front end catches SIGINT
        with closing(RunHandle(handle.folder, present=False)) as again:  # the front end may have closed its own
            again.decide(Choice.CANCEL)
        return EXIT_STATUS[Outcome.CANCELLED]
    except Exception as error:
        raise FrontEndFault from error


class FrontEndFault(Exception):
    """The front end failed; the run goes on."""


def open_store(command: Command) -> Store:
    """Returns the command's state directory, created if it is missing."""
    return Store(command.state_dir or default_folder()).open()


def read_store(command: Command) -> Store:
    """Returns the command's state directory for reading only: a missing one is not created."""
    store = Store(command.state_dir or default_folder())
    return store.open() if store.folder.exists() else store


def wants_panes(command: Command) -> bool:
    """Whether the wizard's panes show this command's run."""
    options = command.options
    if command.plain or command.json or options.assume_yes or options.tells_only or options.recover:
        return False
    return command.name in _WITH_PANES and terminal.can_show_panes()


def is_attended(command: Command, *, panes: bool) -> bool:
    """Whether the run may ask questions and an operator can answer them."""
    return _asks(command) and (panes or terminal.can_ask(json=command.json))


def _asks(command: Command) -> bool:
    """Whether the run may ask questions."""
    return not (command.options.assume_yes or command.options.tells_only or command.name in _ASK_NOTHING)


def follow(
    handle: RunHandle, command: Command, *, ask: bool, leaving: Callable[[RunState], list[str]] | None = None
) -> int:
    """Follows a run line by line, or the live run that blocks it (wizard, attach); returns the exit status."""
    out = writer(command, sys.stdout)
    asking = terminal.asking_stream(json=command.json) if ask else sys.stderr
    say = out if asking is out.stream else Writer(asking)
    typed = Input(sys.stdin.fileno()) if ask else None
    screen = sys.stdout if terminal.is_terminal(sys.stdout) else sys.stderr
    quiet = command.json or command.plain or command.options.tells_only
    try:
        with attention.on(None if quiet else screen) as tell:
            while True:
                output = output_of(command, out)
                follower = Follower(handle, output, say, typed, leaving=leaving, tell=tell)
                status = follower.follow()
                follows = command.name in (WIZARD, "attach")
                other = _in_the_way(follower.state, present=typed is not None) if follows else None
                if other is None:
                    return status
                handle.close()
                handle = other
                say.line(labels.WATCHING_OTHER())
    finally:
        out.close()
        handle.close()
        if typed:
            typed.close()


def writer(command: Command, stream: TextIO) -> Writer:
    """Returns a command's writer: with colours and tables if the terminal supports them and they are not disabled."""
    if command.plain or command.json or not terminal.has_colours(stream):
        return Writer(stream)
    from ws9tui.cli.screen import Screen  # noqa: PLC0415 - Rich is slow to load

    return Screen(stream)


def output_of(command: Command, out: Writer) -> Output:
    """Returns the output for a run's events."""
    if command.json:
        return JsonOutput(out)
    if not out.colours:
        return PlainListOutput(out) if command.options.list_only else PlainOutput(out)
    from ws9tui.cli import colour  # noqa: PLC0415 - as above

    return colour.output(out, doctor=command.name == "doctor", tags=command.options.list_only)


def _in_the_way(state: RunState, *, present: bool) -> RunHandle | None:
    """Returns the live run that blocked this one; ``present``: an operator is here to answer its questions."""
    busy = state.finished.problem if state.finished else None
    try:
        return RunHandle(Path(busy.run), present=present) if isinstance(busy, RunIsLive) and busy.run else None
    except StateError:
        return None


def _with_answers(options: Options, file: Path) -> Options:
    from ws9tui.core.releases import answer_file  # noqa: PLC0415 - YAML is slow to load, and seldom needed

    return answer_file.fill(options, answer_file.read(file))


def _done(state: RunState) -> bool:
    return state.finished is not None and state.finished.outcome in (Outcome.KEPT, Outcome.PLANNED)


def _without_engine(state: RunState) -> bool:
    problem = state.finished.problem if state.finished else None
    return state.engine is None and isinstance(problem, _WITHOUT_ENGINE)


def _offer_demo(command: Command, status: int) -> int:
    """Offers the simulated engine when there is no real one; returns the exit status."""
    from ws9tui.cli import demo  # noqa: PLC0415 - it brings the simulated engine along

    Writer(sys.stderr).line(labels.TRY_DEMO(answers="[y/N]"))
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        return status
    if answer.strip().lower() not in ("y", "yes"):
        return status
    return demo.run(Command("demo", Options(), plain=command.plain))
