"""`ws9tui demo`: the wizard on a simulated engine, with a temporary project and state directory."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

import msgspec

from ws9tui.cli import runs
from ws9tui.cli.arguments import Command
from ws9tui.cli.follow import Follower
from ws9tui.cli.output import JsonOutput, Writer
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import Verb
from ws9tui.core.store.store import Store
from ws9tui.errors import UsageError
from ws9tui.problems.engine import ScenarioUnknown
from ws9tui.simulation.scenario import Prepared
from ws9tui.simulation.scenarios import SCENARIOS
from ws9tui.words import labels, scenarios
from ws9tui.words.text import pad
from ws9tui.worker.handle import RunHandle
from ws9tui.worker.next_run import Leaving


def run(command: Command) -> int:
    """Runs a scenario, or lists all; returns the exit status."""
    if command.listing:
        return _list()
    name = command.options.arguments[0] if command.options.arguments else next(iter(SCENARIOS))
    if name not in SCENARIOS:
        raise UsageError(ScenarioUnknown(name=name, known=", ".join(SCENARIOS)))
    with tempfile.TemporaryDirectory(prefix="ws9tui-demo-") as folder:
        prepared = SCENARIOS[name].prepare(Path(folder), command.speed)
        return _show(command, prepared, Store(Path(folder, "state")).open())


def names() -> list[str]:
    """Returns the names of the scenarios."""
    return list(SCENARIOS)


def _list() -> int:
    out = Writer(sys.stdout)
    room = max(map(len, SCENARIOS))
    for name in SCENARIOS:
        out.line(f"{pad(name, room)}  {scenarios.SUMMARIES[name]()}", room + 2)
    return 0


def _show(command: Command, prepared: Prepared, store: Store) -> int:
    options = Options(arguments=(prepared.source.folder,))
    if prepared.stall_timeout is not None:
        options = msgspec.structs.replace(options, stall_timeout=prepared.stall_timeout)
    if prepared.kill_at:
        _interrupt(prepared, store, options)
    panes = runs.wants_panes(command)
    attended = runs.is_attended(command, panes=panes)
    engine = worker_arguments(prepared)
    handle = RunHandle.start(store, Verb.WIZARD, options, attended=attended, demo=engine)
    try:
        left = runs.show(
            handle,
            command,
            panes=panes,
            ask=attended,
            demo=engine,
            leaving=lambda _state: [labels.DEMO_LEFT()],
        )
        return left.status if isinstance(left, Leaving) else left
    finally:
        handle.end()


def _interrupt(prepared: Prepared, store: Store, options: Options) -> None:
    """Starts a run whose worker is killed in the middle of its commit, so that there is a run to recover."""
    Writer(sys.stderr).line(labels.DEMO_INTERRUPTS())
    options = msgspec.structs.replace(options, assume_yes=True)
    demo = worker_arguments(prepared, kill=True)
    handle = RunHandle.start(store, Verb.UPDATE, options, attended=False, demo=demo)
    try:
        silent = JsonOutput(Writer(io.StringIO()))  # this run only prepares the scenario
        Follower(handle, silent, Writer(sys.stderr), None).follow()
    finally:
        handle.end()
        handle.close()


def worker_arguments(prepared: Prepared, *, kill: bool = False) -> tuple[str, ...]:
    """Returns the worker's arguments that select the simulated engine."""
    world = ("--world", str(prepared.world))
    return (*world, "--kill-at", prepared.kill_at, "--kill-delay", str(prepared.kill_delay)) if kill else world
