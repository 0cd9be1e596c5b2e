"""`ws9tui history`: lists a project's runs and generations, or shows one run in full."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from ws9tui.cli import generations as generations_command
from ws9tui.cli import report, runs
from ws9tui.cli.arguments import Command
from ws9tui.cli.attach import names
from ws9tui.cli.output import Writer, as_json, fields
from ws9tui.core.journal.fold import apply
from ws9tui.core.journal.journal import Reader, now
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.project_view import ProjectView
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.store import generation as generations
from ws9tui.core.store import home as homes
from ws9tui.core.store.backup import Backup
from ws9tui.core.store.backup import all_of as all_backups
from ws9tui.core.store.differences import left_running
from ws9tui.core.store.generation import Generation
from ws9tui.core.store.store import RunRecord, Store
from ws9tui.errors import StateError, UsageError
from ws9tui.problems.engine import NoHistory, NotUnderstood, RunUnknown
from ws9tui.problems.problem import Problem
from ws9tui.problems.project import ProjectAmbiguous
from ws9tui.words import command_help as help_words
from ws9tui.words import commands, history_run, problems, projects
from ws9tui.words import history as words


def history(command: Command) -> int:
    """Writes a project's runs, generations and backups, or one of its runs; returns the exit status."""
    store = runs.read_store(command)
    known = _known(store)
    arguments = list(command.options.arguments)
    number = arguments.pop() if arguments and arguments[-1].isdigit() and arguments[-1] not in known else ""
    name = _choose(store, known, arguments, Path.cwd(), runs.writer(command, sys.stderr))
    found = [record for record in store.runs() if record.project == name]
    commands.stand(msgspec.structs.replace(commands.here(), project=name))
    out = runs.writer(command, sys.stdout)
    if command.differ or command.pin is not None or command.unpin is not None:
        return _of_generations(command, out, store, name, number)
    if command.report and not number:
        raise UsageError(NotUnderstood(reason=help_words.RUN_MISSING()))
    if number:
        return _one(out, found, name, int(number), command)
    own = [(folder, generation) for folder, generation in _generations(store) if generation.source.name == name]
    recorded = [generation for _, generation in own]
    folders = dict.fromkeys(folder for folder, _ in own)
    backups = [backup for folder in folders for backup in all_backups(folder)]
    if command.json:
        told = (*map(_run_as_json, found), *map(_generation_as_json, recorded))
        for line in (*told, *(_backup_as_json(name, backup) for backup in backups)):
            out.line(line)
        return 0
    # Generations of several engines may have the same numbers.
    running = left_running(record.state for record in found) if len(folders) == 1 else 0
    out.blocks(words.overview(name, [(record.state, record.live) for record in found], recorded, backups, running))
    for problem in _problems(store, name):
        out.line(problems.sentence(problem))
    return 0


def _of_generations(command: Command, out: Writer, store: Store, name: str, number: str) -> int:
    if number:
        raise UsageError(NotUnderstood(reason=help_words.NO_RUN_HERE()))
    if command.differ:
        return generations_command.differ(out, store, name, command.differ, as_json=command.json)
    wanted = command.unpin is None
    chosen = command.pin if wanted else command.unpin
    return generations_command.pin(out, store, name, chosen or 0, wanted=wanted, as_json=command.json)


def _known(store: Store) -> dict[str, ProjectSource]:
    """Returns all recorded projects by name."""
    known: dict[str, ProjectSource] = {}
    for record in store.runs():
        if record.state.project:
            known.setdefault(record.project, record.state.project.source)
    for _, generation in _generations(store):
        known.setdefault(generation.source.name, generation.source)
    return known


def _generations(store: Store) -> list[tuple[Path, Generation]]:
    if not store.projects_folder.is_dir():
        return []
    folders = sorted(store.projects_folder.iterdir())
    return [(folder, generation) for folder in folders for generation in generations.read_all(folder)]


def _problems(store: Store, name: str) -> Iterator[Problem]:
    """Yields other users' generations as problems, and why generations cannot be read; these are kept nevertheless."""
    known = homes.all_of(store, name)
    yield from (problem for home in known for problem in homes.of_others(home))
    for home in known:
        for number in generations.numbers(home.folder):
            try:
                generations.read(home.folder, number)
            except StateError as error:
                yield error.problem


def _choose(store: Store, known: dict[str, ProjectSource], arguments: Sequence[str], cwd: Path, err: Writer) -> str:
    """Returns the project that is meant; if it is unclear, writes the candidates to ``err`` and raises `UsageError`."""
    if arguments:
        found = [name for name, source in known.items() if names(source, arguments[0], cwd)]
        if not found:
            raise UsageError(NoHistory(project=arguments[0], known=", ".join(sorted(known))))
    else:
        found = [name for name, source in known.items() if names(source, ".", cwd)] or list(known)
    if not found:
        raise UsageError(NoHistory())
    if len(found) > 1 and (not arguments or arguments[0] not in found):
        views = {name: _view(store, name, known[name]) for name in found}
        ordered = sorted(sorted(views), key=lambda name: views[name].used_at, reverse=True)
        err.blocks([projects.table(dict.fromkeys(ordered), views, now())])
        raise UsageError(ProjectAmbiguous(projects=", ".join(ordered)))
    return arguments[0] if arguments and arguments[0] in found else found[0]


def _view(store: Store, name: str, source: ProjectSource) -> ProjectView:
    """Returns what the state directory records of a project, without asking the engine."""
    recorded = [generation for _, generation in _generations(store) if generation.source.name == name]
    latest = max(recorded, key=lambda one: one.created_at, default=None)
    services = latest.services.values() if latest else ()
    return ProjectView(
        folder=source.folder,
        versions={service.name: service.version for service in services if service.version},
        used_at=max((homes.used_at(home) for home in homes.all_of(store, name)), default=""),
    )


def _one(out: Writer, found: Sequence[RunRecord], name: str, number: int, command: Command) -> int:
    record = next((record for record in found if record.number == number), None)
    if record is None:
        raise UsageError(RunUnknown(number=number, project=name))
    reader = Reader(record.folder)
    try:
        events = reader.read()
    finally:
        reader.close()
    if command.report:
        commands.stand_at(record.state)
        return report.write(out, record, events, command.report)
    if command.json:
        state = RunState()
        for event in events:
            state = apply(state, event)
            commands.stand_at(state)
            out.line(as_json(event, state.count, state))
        return 0
    commands.stand_at(record.state)
    out.blocks(history_run.blocks(record, events))
    return 0


def _run_as_json(record: RunRecord) -> str:
    state = record.state
    request, finished = state.request, state.finished
    return json.dumps(
        {
            "type": "run",
            "project": record.project,
            "number": record.number,
            "verb": state.project.verb if state.project else None,
            "started_at": state.started_at,
            "last_at": state.last_at,
            "user": request.actor.user if request else None,
            "origin": request.actor.origin if request else None,
            "live": record.live,
            "outcome": finished.outcome if finished else None,
            "problem": problems.for_scripts(finished.problem) if finished and finished.problem else None,
            "folder": str(record.folder),
        }
    )


def _generation_as_json(generation: Generation) -> str:
    return json.dumps(
        {
            "type": "generation",
            "project": generation.source.name,
            **fields(generation, "number", "created_at", "run", "version", "reached", "pinned"),
            "services": {
                name: fields(service, "reference", "image_id", "digest", "archive", "version", "state")
                for name, service in generation.services.items()
            },
        }
    )


def _backup_as_json(name: str, backup: Backup) -> str:
    told = fields(backup, "generation", "service", "role", "made_at", "folder", "size", "stored")
    return json.dumps({"type": "backup", "project": name, **told})
