"""How a run ended, in words: the last message of every front end."""

from __future__ import annotations

from ws9tui.core.journal.events import Finished
from ws9tui.core.journal.run_state import Newest, RunState, ServiceRow
from ws9tui.core.model.plan import Kind
from ws9tui.core.model.terms import Availability, Choice, Level, Outcome, Verb
from ws9tui.problems.problem import Problem
from ws9tui.words import commands, labels, lines, problems
from ws9tui.words.commands import LONGEST
from ws9tui.words.plan import summary
from ws9tui.words.text import clean, listed, plural

_HEADLINES = {
    Outcome.KEPT: "Updated",
    Outcome.UP_TO_DATE: "Up to date",
    Outcome.ADOPTED: "Recorded",
    Outcome.PLANNED: "The plan",
    Outcome.LEFT: "Left as it is",
    Outcome.WELL: "Ready for an update",
    Outcome.UNCHANGED: "Failed; nothing was changed",
    Outcome.ROLLED_BACK: "Rolled back",
    Outcome.USAGE: "Not possible",
    Outcome.REFUSED: "Stopped before any change",
    Outcome.BUSY: "Another run is live",
    Outcome.NEEDS_RECOVERY: "Recovery is needed",
    Outcome.CANCELLED: "Cancelled",
}
_NAMED = 6
"""services whose newer tags are named at the end"""
_KEPT = {Verb.INSTALL: "Installed", Verb.ROLLBACK: "Rolled back", Verb.RECOVER: "Recovered"}


def headline(finished: Finished, state: RunState) -> str:
    """The end in two or three words."""
    if finished.outcome is Outcome.KEPT and any(row.verdict == "as-before" for row in state.watched.values()):
        return f"{_KEPT.get(_verb(state), _HEADLINES[Outcome.KEPT])}, not all well"
    if finished.outcome is Outcome.KEPT:
        return _KEPT.get(_verb(state), _HEADLINES[Outcome.KEPT])
    if doubtful(finished, state):
        return "Not all could be checked"
    if finished.outcome is Outcome.UP_TO_DATE and _tags_unchanged(state):
        return "Tags unchanged"
    if finished.outcome is Outcome.NEEDS_RECOVERY and _held(state):
        return "Left in place, not well"
    if finished.outcome is Outcome.ROLLED_BACK and (unwell(state) or _found(state, "back-hook-failed")):
        return "Rolled back, not well"
    return _HEADLINES[finished.outcome]


def message(finished: Finished, state: RunState, *, commands: bool = True) -> str:
    """What happened, what runs now, and what to do next, in one paragraph; ``commands``: with what to type next."""
    parts = [_reason(finished, state), _result(finished, state), *_besides(finished, state), _remedy(finished, state)]
    if commands and finished.commands:
        parts.append("Next: " + "; ".join(clean(command, LONGEST) for command in finished.commands) + ".")
    return " ".join(part for part in parts if part)


def doubtful(finished: Finished, state: RunState) -> bool:
    """Whether nothing was found to do, and not everything could be checked."""
    return finished.outcome is Outcome.UP_TO_DATE and bool(_unknown(state))


def unwell(state: RunState) -> tuple[str, ...]:
    """The services that are not well after a way back."""
    codes = ("back-unwell", "back-as-before")
    return tuple(finding.service for finding in state.findings if finding.problem.code in codes)


def _besides(finished: Finished, state: RunState) -> list[str]:
    """What is to be done besides, once what runs is another container: hooks that failed, containers of others."""
    if finished.outcome not in (Outcome.KEPT, Outcome.ROLLED_BACK):
        return []
    return [problems.sentence(problem) for problem in _found(state, "back-hook-failed", "foreign-follower-left")]


def _found(state: RunState, *codes: str) -> list[Problem]:
    return [finding.problem for finding in state.findings if finding.problem.code in codes]


def _verb(state: RunState) -> Verb:
    if state.project:
        return state.project.verb
    return state.request.verb if state.request else Verb.UPDATE


def _reason(finished: Finished, state: RunState) -> str:
    problem = finished.problem
    if problem is None and finished.outcome in (Outcome.UNCHANGED, Outcome.ROLLED_BACK, Outcome.NEEDS_RECOVERY):
        problem = state.failure
    if problem is None or problem.code == "cancelled":
        return ""
    return problems.title(problem)


def _remedy(finished: Finished, state: RunState) -> str:
    problem = finished.problem or (state.failure if finished.outcome is Outcome.UNCHANGED else None)
    return problems.remedy(problem) if problem and problem.code != "cancelled" else ""


def _result(finished: Finished, state: RunState) -> str:
    match finished.outcome:
        case Outcome.UNCHANGED | Outcome.REFUSED:
            return _unchanged(finished, state)
        case Outcome.CANCELLED:
            return "Cancelled; nothing was changed."
        case Outcome.LEFT:
            return _left(state)
        case Outcome.NEEDS_RECOVERY if _held(state):
            return "The new version was left in place; both ways are open."
        case Outcome.NEEDS_RECOVERY if state.standing:
            return _standing(state)
        case Outcome.NEEDS_RECOVERY if finished.problem is None:
            return "Neither the old nor the new generation could be reached."
        case Outcome.NEEDS_RECOVERY if state.rollback and _code(finished) == "rollback-failed":
            return "What runs now is not known."
    told = _RESULTS.get(finished.outcome)
    return told(state) if told else ""


def _unchanged(finished: Finished, state: RunState) -> str:
    """What runs is said only where it was seen, and where it is what ran before."""
    if finished.outcome is Outcome.REFUSED and state.plan and state.request and state.request.options.plan_only:
        return "So this plan would be refused; nothing was changed."
    interrupted = finished.problem is not None and finished.problem.code == "interrupted-run"
    if not state.services or interrupted or _verb(state) is Verb.DOCTOR:
        return "Nothing was changed."
    return "Nothing was changed; what ran before runs now."


def _left(state: RunState) -> str:
    said = "Everything was left as it is; recovery is not offered again."
    half = next((finding.problem for finding in state.findings if finding.problem.code == "restore-unfinished"), None)
    if half is None or state.interruption is None or state.project is None:
        return said
    back = commands.quoted("rollback-data", number=state.interruption.run.before)
    return f"{said} {problems.title(half)} Before anything uses it, bring it back: {back}."


def _code(finished: Finished) -> str:
    return finished.problem.code if finished.problem else ""


def _standing(state: RunState) -> str:
    """What runs after a way back that failed; services that are where they were are named where there is one."""
    old = [found for found in state.standing.values() if found.state == "old"]
    named = [found for found in state.standing.values() if len(old) == 1 or found.state != "old"]
    if not named:
        return "Now all services that were touched run the old image."
    said = listed([f"{clean(found.service, 50)} {labels.standing(found)}" for found in named], 12)
    return f"Now {said}{'' if len(named) == len(state.standing) else '; the others run the old image'}."


def _held(state: RunState) -> bool:
    return any(decided.choice is Choice.HOLD for decided in state.decisions)


def _kept(state: RunState) -> str:
    match _verb(state):
        case Verb.ROLLBACK:
            return f"{_generation(state, 'The earlier generation')} runs again{_verified(state)}.{_as_before(state)}"
        case Verb.RECOVER:
            said = f"Recovered: {_generation(state, 'the chosen generation')} runs{_verified(state)}."
            return f"{said}{_as_before(state)}"
    ready = state.way_back and state.plan and state.plan.before
    back = f" The way back is ready: {commands.quoted('rollback')}." if ready else ""
    what = _services(state)
    unproven = "" if state.gate_passed or not state.watched else " It was kept although not every service is well."
    address = f" It answers at {clean(state.finished.address)}." if state.finished and state.finished.address else ""
    return f"{_generation(state, 'The new generation')} {what}.{address}{unproven}{back}"


def _as_before(state: RunState) -> str:
    ill = [clean(name, 80) for name, row in state.watched.items() if row.verdict == "as-before"]
    return f" Not well, as before: {listed(ill)}." if ill else ""


def _services(state: RunState) -> str:
    """What runs of a new generation, by version, and what does not: nothing is said to run that does not."""
    checks = {name: check.found or check.reference.version for name, check in state.versions.items()}
    checks = {name: found for name, found in checks.items() if found}
    versions = {name: f"{clean(name, 80)} {clean(found, 40)}" for name, found in checks.items()}
    operations = state.plan.operations if state.plan else ()
    still = [op.subject for op in operations if op.kind in (Kind.PREPARE, Kind.STOP)]
    ill = [name for name, row in state.watched.items() if row.verdict == "as-before"]
    runs = [said for name, said in versions.items() if name not in still and name not in ill]
    said = [f"{'is in place' if still or ill else 'runs'}{f': {listed(runs)}' if runs else ''}"]
    for names, how in ((still, "Made and not started, as before"), (ill, "Not well, as before the update")):
        if names:
            said.append(f"{how}: {listed([versions.get(name, clean(name, 80)) for name in names])}")
    return ". ".join(said)


def _generation(state: RunState, otherwise: str) -> str:
    number = state.verified.to if state.verified else state.plan.after if state.plan else 0
    return f"Generation {number}" if number else otherwise


def _verified(state: RunState) -> str:
    return ", verified by its image IDs" if state.verified else ""


def _rolled_back(state: RunState) -> str:
    to = state.verified.to if state.verified else state.rollback.to if state.rollback else 0
    chosen = state.rollback is not None and state.rollback.problem is None and state.failure is None
    how = "Rolled back as decided" if chosen else "Rolled back"
    if not to and state.plan and state.plan.before == 0:
        return f"{how}: what this run had made was taken away again."
    done = f"{how}: {f'generation {to}' if to else 'the earlier generation'} runs again{_verified(state)}."
    if not (ill := unwell(state)):
        return done
    said = {problems.remedy(f.problem) for f in state.findings if f.problem.code == "back-unwell"}
    before = {f.service for f in state.findings if f.problem.code == "back-as-before"}
    as_before = "" if set(ill) - before else ", as before the update"
    return " ".join(
        [f"{done} But {listed(ill)} {'is' if len(ill) == 1 else 'are'} not well{as_before}.", *sorted(said)]
    )


def _unknown(state: RunState) -> list[str]:
    return [name for name, row in state.services.items() if row.availability is Availability.UNKNOWN]


def _planned(state: RunState) -> str:
    planned = f"{summary(state.plan)} " if state.plan else ""
    return f"{planned}This is only the plan; nothing was changed."


def _adopted(state: RunState) -> str:
    back = f"{commands.quoted('rollback-to', number=state.saved)} comes back to it"
    return f"What runs is recorded as generation {state.saved}; nothing was changed. From now on {back}."


def _up_to_date(state: RunState) -> str:
    if _verb(state) is Verb.ADOPT:
        return f"What runs is recorded already, as generation {state.saved}; nothing was changed."
    if _verb(state) is Verb.ROLLBACK:
        return "That generation is what runs; nothing was changed."
    unknown = _unknown(state)
    if not unknown and not _tags_unchanged(state):
        return "Everything is up to date; nothing was changed."
    said = "Every tag names what runs; nothing was changed."
    if unknown:
        problem = state.services[unknown[0]].problem
        why = f" ({problems.brief(problem)})" if problem else ""
        said = f"Nothing was changed. No update is known, but {listed(unknown)} could not be checked{why}."
    return " ".join(part for part in (said, _newer_tags(state), _newer_unknown(state)) if part)


def _tags_unchanged(state: RunState) -> list[ServiceRow]:
    """Services whose tag is what runs, where there are newer tags or may be."""
    return [row for row in state.services.values() if lines.unchanged(row)]


def _newer_tags(state: RunState) -> str:
    found = [(row.view.name, row.newer_tags) for row in _tags_unchanged(state)]
    named = [(clean(name, 80), newer) for name, newer in found if newer and newer.tags]
    if not named:
        return ""
    told = [f"{name} {lines.tags(newer)}" for name, newer in named[:_NAMED]]
    more = f"; {len(named) - _NAMED} more services" if len(named) > _NAMED else ""
    name, newer = named[0]
    return f"Newer tags: {'; '.join(told)}{more}. To go to one, name it: {name}={clean(newer.tags[0], 60)}."


def _newer_unknown(state: RunState) -> str:
    rows = [row for row in _tags_unchanged(state) if row.newest is not Newest.NO]
    if not rows:
        return ""
    reasons = (row.newer_tags.problem for row in rows if row.newer_tags)
    why = next((f" ({problems.brief(problem)})" for problem in reasons if problem), "")
    names = listed([row.view.name for row in rows])
    return f"Whether there are newer tags of {names} is not known{why}."


def _well(state: RunState) -> str:
    warnings = sum(finding.level is Level.WARNING for finding in state.findings)
    if warnings:
        return f"Nothing stops an update; there {'is' if warnings == 1 else 'are'} {plural(warnings, 'warning')}."
    return "Nothing stops an update."


_RESULTS = {
    Outcome.KEPT: _kept,
    Outcome.UP_TO_DATE: _up_to_date,
    Outcome.ADOPTED: _adopted,
    Outcome.PLANNED: _planned,
    Outcome.WELL: _well,
    Outcome.ROLLED_BACK: _rolled_back,
}
