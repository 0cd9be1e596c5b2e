"""The result of a run: the last message of every front end."""

from __future__ import annotations

from ws9tui.core.journal.events import Finished
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.plan import Kind
from ws9tui.core.model.terms import Choice, Level, Outcome, Verb
from ws9tui.problems.data import RestoreUnfinished
from ws9tui.problems.engine import InterruptedRun, OperatorCancelled
from ws9tui.problems.hanging import BackHookFailed, ForeignFollowerLeft
from ws9tui.problems.hooks import HookEndless, HookFailedToStart, HookNotEntrusted, HookStatus, HookWithoutContainer
from ws9tui.problems.run import BackAsBefore, BackUnwell, RollbackFailed
from ws9tui.words import labels, problems, up_to_date
from ws9tui.words.commands import LONGEST
from ws9tui.words.plan import summary
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import clean, listed, paragraph, series

_HEADLINES = {
    Outcome.KEPT: Message("Updated"),
    Outcome.UP_TO_DATE: Message("Up to date"),
    Outcome.ADOPTED: Message("Recorded"),
    Outcome.PLANNED: Message("Plan only"),
    Outcome.LISTED: Message("Available versions"),
    Outcome.BUNDLED: Message("Bundle written"),
    Outcome.BACKED_UP: Message("Backup written"),
    Outcome.RESTORED: Message("Restored"),
    Outcome.LEFT: Message("Left as it is"),
    Outcome.WELL: Message("Ready for an update"),
    Outcome.UNCHANGED: Message("Failed; nothing was changed"),
    Outcome.ROLLED_BACK: Message("Rolled back"),
    Outcome.USAGE: Message("Not possible"),
    Outcome.REFUSED: Message("Stopped before any change"),
    Outcome.BUSY: Message("Another run is in progress"),
    Outcome.NEEDS_RECOVERY: Message("Recovery is needed"),
    Outcome.CANCELLED: Message("Cancelled"),
}
_HOOKS = HookStatus | HookEndless | HookFailedToStart | HookWithoutContainer | HookNotEntrusted
_KEPT_AS_BEFORE = {
    Verb.INSTALL: Message("Installed, not all OK"),
    Verb.ROLLBACK: Message("Rolled back, not all OK"),
    Verb.RECOVER: Message("Recovered, not all OK"),
}
_KEPT = {Verb.INSTALL: Message("Installed"), Verb.ROLLBACK: Message("Rolled back"), Verb.RECOVER: Message("Recovered")}


def headline(finished: Finished, state: RunState) -> str:
    """Returns the result in two or three words."""
    if finished.outcome is Outcome.KEPT and as_before(state):
        return _KEPT_AS_BEFORE.get(_verb(state), Message("Updated, not all OK"))()
    if finished.outcome is Outcome.KEPT:
        return _KEPT.get(_verb(state), _HEADLINES[Outcome.KEPT])()
    if doubtful(finished, state):
        return say("Not everything could be checked")
    if finished.outcome is Outcome.UP_TO_DATE and up_to_date.held_back(state):
        return say("Update held")
    if finished.outcome is Outcome.UP_TO_DATE and up_to_date.tags_unchanged(state):
        return say("Tags unchanged")
    if finished.outcome is Outcome.NEEDS_RECOVERY and _held(state):
        return say("Left in place, not OK")
    hooked = any(isinstance(finding.problem, BackHookFailed) for finding in state.findings)
    if finished.outcome is Outcome.ROLLED_BACK and (unwell(state) or hooked):
        return say("Rolled back, not OK")
    return _HEADLINES[finished.outcome]()


def ended(finished: Finished, state: RunState) -> str:
    """Returns the result's headline as a sentence."""
    return say("{headline:said}.", headline=headline(finished, state))


def message(finished: Finished, state: RunState, *, commands: bool = True) -> str:
    """Returns what happened, what runs now and the remedy, in one paragraph; ``commands`` adds the next commands."""
    parts = [_reason(finished, state), _result(finished, state), *_besides(finished, state), _remedy(finished, state)]
    if commands and finished.commands:
        parts.append(say("Next: {todo:said}.", todo=series(clean(one, LONGEST) for one in finished.commands)))
    return paragraph(parts)


def farewell(finished: Finished, state: RunState) -> str:
    """Returns the result for the terminal after the wizard has closed: headline and message, without next commands."""
    told = message(finished, state, commands=False)
    return told if told.startswith(headline(finished, state)) else paragraph((ended(finished, state), told))


def resumes(state: RunState) -> bool:
    """Whether the interrupted run was a backup, which leads to no other generation."""
    run = state.interruption.run if state.interruption else None
    return run is not None and not run.after


def doubtful(finished: Finished, state: RunState) -> bool:
    """Whether nothing was found to do, and not everything could be checked."""
    looked = _verb(state) not in (Verb.ADOPT, Verb.ROLLBACK)  # these ask no registry
    return finished.outcome is Outcome.UP_TO_DATE and looked and bool(up_to_date.unknown(state))


def unwell(state: RunState) -> tuple[str, ...]:
    """Returns the services that are not healthy after a rollback."""
    return tuple(f.service for f in state.findings if isinstance(f.problem, BackUnwell | BackAsBefore))


def as_before(state: RunState) -> list[str]:
    """Returns the services that are not healthy, and were not before the run."""
    return [name for name, row in state.watched.items() if row.verdict == "as-before"]


def _besides(finished: Finished, state: RunState) -> list[str]:
    """Returns further actions after containers were recreated: for failed hooks and foreign containers."""
    if finished.outcome not in (Outcome.KEPT, Outcome.ROLLED_BACK):
        return []
    found = (finding.problem for finding in state.findings)
    return [
        problems.sentence(problem)
        for problem in found
        if isinstance(problem, BackHookFailed | ForeignFollowerLeft | _HOOKS)
    ]


def _verb(state: RunState) -> Verb:
    if state.project:
        return state.project.verb
    return state.request.verb if state.request else Verb.UPDATE


def _reason(finished: Finished, state: RunState) -> str:
    problem = finished.problem
    if problem is None and finished.outcome in (Outcome.UNCHANGED, Outcome.ROLLED_BACK, Outcome.NEEDS_RECOVERY):
        problem = state.failure
    if problem is None or isinstance(problem, OperatorCancelled):
        return ""
    return problems.title(problem)


def _remedy(finished: Finished, state: RunState) -> str:
    problem = finished.problem or (state.failure if finished.outcome is Outcome.UNCHANGED else None)
    return problems.remedy(problem) if problem and not isinstance(problem, OperatorCancelled) else ""


def _result(finished: Finished, state: RunState) -> str:
    match finished.outcome:
        case Outcome.UNCHANGED | Outcome.CANCELLED if state.resumed and state.pause and state.pause.waves:
            away = say(
                "The services were stopped for {away:duration} and run again; no backup was written.",
                away=state.resumed.seconds,
            )
            return paragraph((say("Cancelled.") if finished.outcome is Outcome.CANCELLED else "", away))
        case Outcome.UNCHANGED | Outcome.REFUSED:
            return _unchanged(finished, state)
        case Outcome.CANCELLED:
            return say("Cancelled; nothing was changed.")
        case Outcome.LEFT:
            return _left(state)
        case Outcome.NEEDS_RECOVERY if _held(state):
            return say("The new version was left in place; you can still finish the update or roll back.")
        case Outcome.NEEDS_RECOVERY if state.standing:
            return _standing(state)
        case Outcome.NEEDS_RECOVERY if finished.problem is None:
            return say("Neither the old nor the new generation could be completed.")
        case Outcome.NEEDS_RECOVERY if state.rollback and isinstance(finished.problem, RollbackFailed):
            return say("It is not known what is running now.")
    told = _RESULTS.get(finished.outcome)
    return told(state) if told else ""


def _unchanged(finished: Finished, state: RunState) -> str:
    """Returns that nothing changed; names what runs only if it was observed and is what ran before."""
    if finished.outcome is Outcome.REFUSED and state.plan and state.request and state.request.options.plan_only:
        return say("This plan would be refused; nothing was changed.")
    interrupted = isinstance(finished.problem, InterruptedRun)
    if not state.safety.running or interrupted or _verb(state) is Verb.DOCTOR:
        return say("Nothing was changed.")
    return say("Nothing was changed; the project runs as before.")


def _left(state: RunState) -> str:
    said = say("Everything was left as it is; recovery is not offered again.")
    half = next((f.problem for f in state.findings if isinstance(f.problem, RestoreUnfinished)), None)
    if half is None or state.interruption is None or state.project is None:
        return said
    todo = say("Restore it before anything uses it: <rollback-data>.", number=state.interruption.run.before)
    return paragraph((said, problems.title(half), todo))


def _standing(state: RunState) -> str:
    """Returns what runs after a failed rollback; unchanged services are named if there is only one."""
    old = [found for found in state.standing.values() if found.state == "old"]
    named = [found for found in state.standing.values() if len(old) == 1 or found.state != "old"]
    if not named:
        return say("All services that were changed now run the old image again.")
    return say(
        "Now {services:said}[{others:given}; the others run the old image].",
        services=listed([labels.standing(found) for found in named], 12),
        others=len(named) != len(state.standing),
    )


def _held(state: RunState) -> bool:
    return any(decided.choice is Choice.HOLD for decided in state.decisions)


def _kept(state: RunState) -> str:
    facts = {"number": _number(state), "verified": state.verified is not None}
    match _verb(state):
        case Verb.ROLLBACK:
            said = say(
                "[Generation {number} // The earlier generation] runs again[{verified:given}, verified by image ID].",
                **facts,
            )
            return paragraph((said, _as_before(state)))
        case Verb.RECOVER if resumes(state):
            said = say("The services that the interrupted backup had stopped run again; it has left no file.")
            return paragraph((said, _as_before(state)))
        case Verb.RECOVER:
            said = say(
                "Recovered: [generation {number} // the chosen generation] runs"
                "[{verified:given}, verified by image ID].",
                **facts,
            )
            return paragraph((said, _as_before(state)))
    ready = state.way_back and state.plan and state.plan.before
    address = state.finished.address if state.finished else ""
    return paragraph(
        (
            *_services(state),
            say("It answers at {address}.", address=address) if address else "",
            "" if state.gate_passed or not state.watched else say("It was kept although not all services are OK."),
            say("To roll back: <rollback>.") if ready else "",
        )
    )


def _as_before(state: RunState) -> str:
    ill = as_before(state)
    return say("Not OK, as before: {services:said}.", services=listed(ill)) if ill else ""


def _services(state: RunState) -> list[str]:
    """Returns what runs of a new generation, by version, and what does not run."""
    checks = {name: check.found or check.reference.version for name, check in state.versions.items()}
    versions = {name: f"{clean(name, 80)} {clean(found, 40)}" for name, found in checks.items() if found}
    operations = state.plan.operations if state.plan else ()
    still = [op.subject for op in operations if op.kind in (Kind.PREPARE, Kind.STOP)]
    ill = as_before(state)
    runs = listed([said for name, said in versions.items() if name not in still and name not in ill])
    lead = _IN_PLACE if still or ill else _RUNS
    said = [lead(number=_number(state), services=runs)]
    for names, told in ((still, _NOT_STARTED), (ill, _ILL)):
        if names:
            said.append(told(services=listed([versions.get(name, clean(name, 80)) for name in names])))
    return said


_RUNS = Message("[Generation {number} // The new generation] runs[: {services:said}].")
_IN_PLACE = Message("[Generation {number} // The new generation] is in place[: {services:said}].")
_NOT_STARTED = Message("Created but not started, as before: {services:said}.")
_ILL = Message("Not OK, as before the update: {services:said}.")


def _number(state: RunState) -> int | None:
    """Returns the number of the target generation; None if there is none."""
    return (state.verified.to if state.verified else state.plan.after if state.plan else 0) or None


def _rolled_back(state: RunState) -> str:
    to = state.verified.to if state.verified else state.rollback.to if state.rollback else 0
    chosen = state.rollback is not None and state.rollback.problem is None and state.failure is None
    if not to and state.plan and state.plan.before == 0:
        return say(
            "Rolled back[{chosen:given} as decided]: what this run created was removed.",
            chosen=chosen,
        )
    done = say(
        "Rolled back[{chosen:given} as decided]: [generation {to} // the earlier generation] runs again"
        "[{verified:given}, verified by image ID].",
        chosen=chosen,
        to=to or "",
        verified=state.verified is not None,
    )
    if not (ill := unwell(state)):
        return done
    remedies = {problems.remedy(f.problem) for f in state.findings if isinstance(f.problem, BackUnwell)}
    before = {f.service for f in state.findings if isinstance(f.problem, BackAsBefore)}
    told = _BACK_ILL if set(ill) - before else _BACK_ILL_BEFORE
    return paragraph((done, told(len(ill), services=listed(ill)), *sorted(remedies)))


_BACK_ILL = Plural("But {services:said} is not OK.", "But {services:said} are not OK.")
_BACK_ILL_BEFORE = Plural(
    "But {services:said} is not OK, as before the update.", "But {services:said} are not OK, as before the update."
)


def _planned(state: RunState) -> str:
    planned = summary(state.plan) if state.plan else ""
    return paragraph((planned, say("This is only the plan; nothing was changed.")))


def _told(state: RunState) -> str:
    newer = [name for name, row in state.services.items() if row.newer_tags and row.newer_tags.tags]
    return say(
        "Nothing was changed.[ To update to a tag, give it: {service}=TAG.]",
        service=clean(newer[0], 80) if newer else "",
    )


def _bundled(state: RunState) -> str:
    contents, written = state.listed, state.bundle
    parts = [say("The project was not changed, and the images pulled for the bundle were removed again.")]
    if contents and written:
        made = say(
            "{path}: {size:size}, for {platform}.", path=written.path, size=written.size, platform=contents.platform
        )
        there = say(
            "On the server: <there-update>[{install:given}, or <there-install> if it is not installed there yet].",
            project=state.project.source.name if state.project else "",
            file=written.path.rpartition("/")[2],
            install=bool(contents.files and not contents.absent),
        )
        parts = [made, *parts, there, say("SHA-256: {digest}.", digest=written.sha256)]
    return paragraph(parts)


def _backed_up(state: RunState) -> str:
    written = state.written_to
    if written is None:
        return say("All services run again.")
    away = state.resumed.seconds if state.resumed else None
    there = say("To make the project again from it, here or on another server: <restore>.", path=written.path)
    return paragraph(
        (
            say(
                "{path}: {size:size}, with {data:size} of data; verified.",
                path=written.path,
                size=written.size,
                data=written.data,
            ),
            say("All services run again; they were stopped for {away:duration}.", away=away) if away else "",
            there,
            say("It contains secrets; only you can read it. SHA-256: {digest}.", digest=written.sha256),
        )
    )


def _restored(state: RunState) -> str:
    read = state.read_from
    return paragraph(
        (
            say(
                "The project runs as it was saved[ on {host} at {made:date}].",
                host=read.host if read else "",
                made=read.made_at if read else "",
            ),
            *_services(state),
        )
    )


def _adopted(state: RunState) -> str:
    return say(
        "The current state is recorded as generation {number}; nothing was changed."
        " To return to it later: <rollback-to>.",
        number=state.saved,
    )


def _up_to_date(state: RunState) -> str:
    if _verb(state) is Verb.ADOPT:
        return say(
            "The current state is already recorded, as generation {number}; nothing was changed.", number=state.saved
        )
    if _verb(state) is Verb.ROLLBACK:
        return say("That generation is already running; nothing was changed.")
    return up_to_date.message(state)


def _well(state: RunState) -> str:
    warnings = sum(finding.level is Level.WARNING for finding in state.findings)
    return _WARNED(warnings) if warnings else say("Nothing prevents an update.")


_WARNED = Plural(
    "Nothing prevents an update; there is {count} warning.", "Nothing prevents an update; there are {count} warnings."
)


_RESULTS = {
    Outcome.KEPT: _kept,
    Outcome.UP_TO_DATE: _up_to_date,
    Outcome.ADOPTED: _adopted,
    Outcome.PLANNED: _planned,
    Outcome.LISTED: _told,
    Outcome.BUNDLED: _bundled,
    Outcome.BACKED_UP: _backed_up,
    Outcome.RESTORED: _restored,
    Outcome.WELL: _well,
    Outcome.ROLLED_BACK: _rolled_back,
}
