"""The texts of the history: a project's runs, generations and backups."""

from __future__ import annotations

from collections.abc import Sequence

from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Outcome
from ws9tui.core.store import differences
from ws9tui.core.store.backup import Backup
from ws9tui.core.store.generation import Generation
from ws9tui.problems.engine import OperatorCancelled
from ws9tui.words import generations, labels, phrases, problems
from ws9tui.words.blocks import Block, Heading, Note, Table, Tone, titles
from ws9tui.words.template import Message, say
from ws9tui.words.text import clean, date, listed, series, size

BACKUP_ROLES = {"before": Message("the generation's data"), "after": Message("saved before a restore")}


def overview(
    name: str,
    found: Sequence[tuple[RunState, bool]],
    recorded: Sequence[Generation],
    backups: Sequence[Backup] = (),
    running: int = 0,
) -> list[Block]:
    """Returns a project's runs (newest first, each with whether it is live), its generations and data backups.

    ``running`` is the generation that the last run left running; 0 if unknown.
    """
    folder = next((state.project.source.folder for state, _ in found if state.project), "")
    told: list[Block] = [
        Heading(say("{project:name}[ in {folder:said}]", project=name, folder=clean(folder))),
        _GAP,
        Heading(say("Runs")) if found else Note(say("No runs.")),
        Table(
            titles("run", "when", "who", "what", "outcome", ""),
            [
                (
                    str(state.project.number if state.project else ""),
                    date(state.started_at),
                    clean(state.request.actor.user, 20) if state.request else "",
                    labels.VERBS[state.project.verb]() if state.project else "",
                    ended(state, live=live),
                    gist(state),
                )
                for state, live in found
            ],
            tuple(tone(state, live=live) for state, live in found),
            toned=4,
        ),
        _GAP,
        *_generations(recorded, running),
        *_backups(backups),
    ]
    return [*told, _GAP, Note(say("<history-run> shows one run in full."))] if found else told


_GAP = Note("")
GOOD = (
    Outcome.KEPT,
    Outcome.UP_TO_DATE,
    Outcome.ADOPTED,
    Outcome.BUNDLED,
    Outcome.BACKED_UP,
    Outcome.RESTORED,
    Outcome.WELL,
)
"""outcomes of runs that have done what was requested"""
_BAD = (Outcome.NEEDS_RECOVERY,)
_QUIET = (Outcome.CANCELLED, Outcome.LEFT, Outcome.PLANNED, Outcome.LISTED)


def tone(state: RunState, *, live: bool) -> Tone:
    """Returns the tone of a run's result."""
    if state.finished is None:
        return Tone.PLAIN if live else Tone.BAD
    return outcome_tone(state.finished.outcome)


def outcome_tone(outcome: Outcome) -> Tone:
    """Returns the tone of an outcome."""
    if outcome in GOOD:
        return Tone.GOOD
    return Tone.BAD if outcome in _BAD else Tone.QUIET if outcome in _QUIET else Tone.WARNING


def pinned(project: str, number: int, *, wanted: bool) -> str:
    """Returns that a generation was pinned or unpinned."""
    if wanted:
        return say(
            "Generation {number} of {project:name} is pinned: it, its images and its newest saved data are kept until"
            " <unpin>.",
            project=project,
            number=number,
        )
    return say("Generation {number} of {project:name} is not pinned any more.", project=project, number=number)


def _generations(recorded: Sequence[Generation], running: int) -> list[Block]:
    """Returns the generations, newest first: what the running one contains, and how the others differ from it."""
    if not recorded:
        return [Note(say("No generations."))]
    now = next((generation for generation in recorded if generation.number == running), None)
    told: dict[int, str] = {}
    heads = titles("gen.", "when", "run", "services")
    if now is not None:
        told = generations.differing(
            [differences.entry(one, differences.differences(one, now), runs=one is now) for one in recorded]
        )
        told[running] = say("runs: {services:said}", services=_generation(now))
        heads = (*heads[:-1], _DIFFERS(number=running))
    return [
        Heading(say("Generations")),
        Table(
            heads,
            [
                (
                    str(one.number),
                    date(one.created_at),
                    str(one.run),
                    series((told.get(one.number) or _generation(one), *_notes(one))),
                )
                for one in sorted(recorded, key=lambda one: one.number, reverse=True)
            ],
        ),
    ]


_DIFFERS = Message("differs from generation {number}", "heading")


def _notes(generation: Generation) -> tuple[str, str]:
    doubt = "" if generation.reached else say("not verified to run")
    if generation.broken:
        doubt = say("Compose cannot read its files")
    return doubt, generations.PINNED() if generation.pinned else ""


def _generation(generation: Generation) -> str:
    """Returns the services of a generation with their versions, and with their state unless running."""
    return listed(
        [
            f"{service.name} {service.version}".rstrip() + ("" if service.state == "running" else f" ({service.state})")
            for service in generation.services.values()
        ],
        most=8,
    )


def _backups(backups: Sequence[Backup]) -> list[Block]:
    if not backups:
        return []
    total = size(sum(backup.stored for backup in backups))
    return [
        _GAP,
        Heading(say("Backups of data, {total:said} in total; <rollback-data> restores one", total=total)),
        Table(
            titles("gen.", "when", "service", "what", "size", "on disk", "folder"),
            [
                (
                    str(backup.generation),
                    date(backup.made_at),
                    clean(backup.service, 40),
                    BACKUP_ROLES[backup.role]() if backup.role in BACKUP_ROLES else clean(backup.role, 20),
                    size(backup.size),
                    size(backup.stored),
                    clean(backup.folder),
                )
                for backup in sorted(backups, key=lambda one: (one.generation, one.made_at), reverse=True)
            ],
        ),
    ]


def ended(state: RunState, *, live: bool) -> str:
    """Returns the outcome of a run, or that it is in progress or interrupted."""
    if state.finished:
        return labels.OUTCOMES[state.finished.outcome]()
    return say("in progress") if live else say("INTERRUPTED")


def gist(state: RunState) -> str:
    """Returns a run in a few words: why it failed, or which versions it changed."""
    problem = state.finished.problem if state.finished and state.finished.problem else state.failure
    if problem and not isinstance(problem, OperatorCancelled):
        return problems.brief(problem)
    moved = [
        f"{clean(name, 40)} {phrases.versions(check.running or '?', check.found or '?')}"
        for name, check in state.versions.items()
        if check.running != check.found
    ]
    if moved:
        return listed(moved, 4)
    if state.plan and state.plan.services:
        return listed(list(dict.fromkeys(state.plan.services)), 4)
    return ""
