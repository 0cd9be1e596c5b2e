"""The words of the history: a project's runs and generations."""

from __future__ import annotations

from collections.abc import Sequence

from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Outcome
from ws9tui.core.store.backup import Backup
from ws9tui.core.store.generation import Generation
from ws9tui.problems.engine import OperatorCancelled
from ws9tui.words import labels, problems
from ws9tui.words.blocks import Block, Heading, Note, Table, Tone
from ws9tui.words.template import Message, say
from ws9tui.words.text import clean, date, listed, series, size

BACKUP_ROLES = {"before": Message("the generation's data"), "after": Message("put aside when going back")}


def overview(
    name: str,
    found: Sequence[tuple[RunState, bool]],
    recorded: Sequence[Generation],
    backups: Sequence[Backup] = (),
) -> list[Block]:
    """A project's runs, the newest first, each with whether it is live, its generations and its backups of data."""
    folder = next((state.project.source.folder for state, _ in found if state.project), "")
    told: list[Block] = [
        Heading(say("{project:name}[ in {folder:said}]", project=name, folder=clean(folder))),
        _GAP,
        Heading(say("Runs")) if found else Note(say("No runs.")),
        Table(
            (*titles(_RUN, _WHEN, _WHO, _WHAT, _OUTCOME), ""),
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
        Heading(say("Generations")) if recorded else Note(say("No generations.")),
        Table(
            titles(_GENERATION, _WHEN, _RUN, _IMAGES, _SERVICES),
            [
                (
                    str(generation.number),
                    date(generation.created_at),
                    str(generation.run),
                    str(len({service.image_id for service in generation.services.values() if service.image_id})),
                    series((_generation(generation), _doubt(generation))),
                )
                for generation in sorted(recorded, key=lambda one: one.number, reverse=True)
            ],
        ),
        *_backups(backups),
    ]
    return [*told, _GAP, Note(say("<history-run> tells one run in full."))] if found else told


_GAP = Note("")
_GOOD = (Outcome.KEPT, Outcome.UP_TO_DATE, Outcome.ADOPTED, Outcome.BUNDLED, Outcome.WELL)
_BAD = (Outcome.NEEDS_RECOVERY,)
_QUIET = (Outcome.CANCELLED, Outcome.LEFT, Outcome.PLANNED, Outcome.LISTED)


def tone(state: RunState, *, live: bool) -> Tone:
    """How good or bad the end of a run is."""
    if state.finished is None:
        return Tone.PLAIN if live else Tone.BAD
    return outcome_tone(state.finished.outcome)


def outcome_tone(outcome: Outcome) -> Tone:
    """How good or bad an outcome is."""
    if outcome in _GOOD:
        return Tone.GOOD
    return Tone.BAD if outcome in _BAD else Tone.QUIET if outcome in _QUIET else Tone.WARNING


_RUN, _GENERATION = Message("run", "heading"), Message("gen.", "heading")
_WHEN, _WHO, _WHAT = Message("when", "heading"), Message("who", "heading"), Message("what", "heading")
_OUTCOME, _IMAGES = Message("outcome", "heading"), Message("images", "heading")
_SERVICE, _SERVICES = Message("service", "heading"), Message("services", "heading")
_SIZE, _STORED, _FOLDER = Message("size", "heading"), Message("on disk", "heading"), Message("folder", "heading")


def titles(*messages: Message) -> tuple[str, ...]:
    """The headings of a table."""
    return tuple(message() for message in messages)


def _generation(generation: Generation) -> str:
    """The services of a generation with their versions, and with their state where they do not run."""
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
        Heading(say("Backups of data, {total:said} in all; <rollback-data> brings one back", total=total)),
        Table(
            titles(_GENERATION, _WHEN, _SERVICE, _WHAT, _SIZE, _STORED, _FOLDER),
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


def _doubt(generation: Generation) -> str:
    if generation.broken:
        return say("its files were not understood")
    return "" if generation.reached else say("not proven to run")


def ended(state: RunState, *, live: bool) -> str:
    """How a run ended, or that it has not."""
    if state.finished:
        return labels.OUTCOMES[state.finished.outcome]()
    return say("live") if live else say("INTERRUPTED")


def gist(state: RunState) -> str:
    """What a run was about, in a few words: why it failed, or which versions came."""
    problem = state.finished.problem if state.finished and state.finished.problem else state.failure
    if problem and not isinstance(problem, OperatorCancelled):
        return problems.brief(problem)
    moved = [
        f"{clean(name, 40)} {clean(check.running, 30) or '?'} → {clean(check.found, 30) or '?'}"
        for name, check in state.versions.items()
        if check.running != check.found
    ]
    if moved:
        return listed(moved, 4)
    if state.plan and state.plan.services:
        return listed(list(dict.fromkeys(state.plan.services)), 4)
    return ""
