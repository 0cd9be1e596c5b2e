"""Words of the panes from the commit on, and of the recovery: recreate, outcome, recovery."""

from __future__ import annotations

from datetime import datetime

from ws9tui.core.journal.run_state import Interruption, RunState, StepRow, WatchRow
from ws9tui.core.model.terms import Choice, Question
from ws9tui.problems.data import RecoverDataStays, RecoverWithData, RestoreUnfinished
from ws9tui.words import labels, phrases, problems
from ws9tui.words.panes import seconds_since
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import clean, duration, listed, paragraph, precise

# --- recreate ---------------------------------------------------------------------------------------------------

NO_CHECK = Message("no check")
NOT_YET, NOT_JUDGED = Message("not yet touched"), Message("not watched to the end")
TAKEN_AWAY, STOPPED = Message("taken away"), Message("stopped, as it was before")
LAST_LINES = Message("Last log lines of {service:name}")
NO_LINES = Message("no log lines yet")


def recreate_lead(state: RunState, now: datetime) -> str:
    """What the Recreate pane is about, now."""
    if state.gate_passed:
        return judged(state)
    waiting = [row for row in state.watched.values() if row.verdict == "waiting"]
    if all(step.done for step in state.steps) and state.steps and waiting and _watching(state):
        left = max((row.remaining - seconds_since(row.since, now) for row in waiting), default=0.0)
        return _WATCHING(len(waiting), left=max(left, 0.0))
    total = len(state.plan.operations) if state.plan else len(state.steps)
    done = min(sum(max(len(step.services), 1) for step in state.steps if step.done), total)
    return _CARRYING_OUT(total, done=done)


_WATCHING = Plural(
    "Watching {count} service; judged in {left:duration} at most.",
    "Watching {count} services; judged in {left:duration} at most.",
)
_CARRYING_OUT = Plural(
    "Carrying out the plan: {done} of {count} step done.", "Carrying out the plan: {done} of {count} steps done."
)


def _watching(state: RunState) -> bool:
    return state.phase.value == "watching"


def verdict(row: WatchRow, now: datetime, *, ended: bool) -> str:
    """What is thought of a service, and until when it is watched."""
    if row.verdict == "waiting" and ended:
        return NOT_JUDGED()
    if not row.verdict:
        return TAKEN_AWAY() if row.state == "removed" else STOPPED()
    said = Message("{verdict:said}[: {why:said}]")
    if row.verdict != "waiting":
        why = problems.brief(row.problem) if row.problem else ""
        return said(verdict=labels.verdict(row.verdict), why=why)
    left = max(row.remaining - seconds_since(row.since, now), 0.0)
    until = say("{left:duration} left", left=left) if left >= 1 else labels.verdict("waiting")
    if row.problem is None:
        return until
    # how long it was from then is not how long it is from now
    return said(verdict=until, why=problems.brief(row.problem, without="seconds"))


def doing(row: WatchRow, begun: StepRow | None, now: datetime) -> str:
    """What is being done with a service's container."""
    container = clean(row.doing, 60).lower()
    if begun is None:
        return container
    kind = labels.step(begun.kind)
    return say(
        "{kind:said}, {took:said}[: {container:said}]",
        kind=kind,
        took=step_time(begun, now),
        container=container if container != kind else "",
    )


def step(row: StepRow) -> str:
    """A step of the plan."""
    return labels.step(row.kind, row.subject)


def step_time(row: StepRow, now: datetime) -> str:
    """How long a step took, or takes so far."""
    return precise(row.seconds) if row.done else duration(seconds_since(row.started_at, now))


def moving(state: RunState) -> list[str]:
    """How far copies of data are, one line for each that is under way."""
    return [phrases.moved(event) for event in state.moving.values()]


def away(seconds: float | None) -> str:
    """A measured downtime."""
    return "" if seconds is None else precise(seconds)


# --- outcome ----------------------------------------------------------------------------------------------------

NEXT = Message("Next")
ROLL_BACK_TITLE = Message("Roll back?")
ROLL_BACK_DATA_TITLE = Message("Roll back with the data?")
ROLL_BACK_YES, ROLL_BACK_NO = Message("Roll back now"), Message("Go on watching")


def judged(state: RunState) -> str:
    """What is said of all services once each has its verdict."""
    ill = [clean(name, 80) for name, row in state.watched.items() if row.verdict == "as-before"]
    if not ill:
        return say("All services are well.")
    others = say("All others are well.") if len(ill) < len(state.watched) else ""
    return paragraph((say("Not well, as before the update: {services:said}.", services=listed(ill)), others))


DIED = Message("The worker is gone")
DIED_BEFORE = Message("Nothing had been changed: what ran before runs now.")
DIED_AMID = Message(
    "It was in the middle of its changes. What was recorded is safe; recovery goes back, or finishes it."
)
LOGS_AT = Message("Logs of the containers are kept in {folder:said}")


def roll_back_body(state: RunState, *, data: bool) -> list[str]:
    """What going back means."""
    number = state.plan.before if state.plan else 0
    if not number:
        return [say("What this run made is taken away again; volumes that hold data stay.")]
    about: list[str] = []
    if state.data.saved:
        names = listed(tuple(state.data.saved), 8)
        about = [
            say("The data of {services:said} stays as it is now; an earlier version may refuse it.", services=names)
        ]
        if data:
            about = [
                say(
                    "The data of {services:said} becomes what was saved. What is there now is put aside first.",
                    services=names,
                ),
                *map(phrases.written, state.written.values()),
            ]
    again = say(
        "Generation {number} runs again, from images and files that are kept here; no network is needed.",
        number=number,
    )
    return [*about, again]


def going_back(state: RunState) -> str:
    """What the pane is about while it goes back."""
    to = (state.rollback.to if state.rollback else 0) or ""
    if state.verified:
        return say("Back at [generation {to} // what was there before]; looking whether it is well.", to=to)
    return say("Going back to [generation {to} // what was there before]; it goes on by itself.", to=to)


# --- recovery ---------------------------------------------------------------------------------------------------

RUNS_NOW = Message("What runs now")
WAS_DOING = Message("What that run did")
WAS_UNDER_WAY = Message("{step:said}  (was under way)")
NOT_BEGUN = Message("{step:said}  (not begun)")
RECOVER_TITLES = {
    Choice.BACK: Message("Go back to generation {before}?"),
    Choice.FORWARD: Message("Go on to generation {after}?"),
    Choice.LEAVE: Message("Leave everything as it is?"),
}
RECOVER_BODIES = {
    Choice.BACK: Message(
        "What ran before that run, runs again. Its files and images are kept here; no network is needed."
    ),
    Choice.FORWARD: Message("What that run began is finished, and then watched as after any update."),
    Choice.LEAVE: Message(
        "Everything stays as it is, and the interruption counts as dealt with: it is not offered again."
    ),
}
_RECOVER_DATA = {
    Choice.BACK: (RecoverWithData, RecoverDataStays),
    Choice.LEAVE: (RestoreUnfinished,),
}
RECOVER_YES, RECOVER_NO = Message("Yes"), Message("No, look again")


def recovery_lead(state: RunState, now: datetime) -> str:
    """Which run was interrupted."""
    if state.interruption is None:
        return ""
    run = state.interruption.run
    return say(
        "Run {run}[ of {user:short}], begun {ago:duration} ago, was interrupted while it changed the project.",
        run=run.run,
        user=run.actor.user,
        ago=seconds_since(run.started_at, now),
    )


def recover_body(choice: Choice, state: RunState) -> list[str]:
    """What a way out means, and what it means for data."""
    about = _RECOVER_DATA.get(choice, ())
    found = [finding.problem for finding in state.findings if isinstance(finding.problem, about)]
    return [RECOVER_BODIES[choice](), *map(problems.sentence, found)]


def recover_choice(choice: Choice, found: Interruption) -> str:
    """A way out, with the generation that it leads to."""
    goal = {Choice.BACK: found.run.before, Choice.FORWARD: found.run.after}.get(choice)
    told = {Choice.BACK: Message("Back to generation {goal}"), Choice.FORWARD: Message("Forward to generation {goal}")}
    return told[choice](goal=goal) if goal else labels.choice(Question.RECOVER, choice)


def recover_reason(found: Interruption) -> str:
    """Why the recommended way is recommended."""
    match found.run.recommended:
        case Choice.FORWARD:
            return say(
                "Forward is recommended: all its steps were done, only the last look at the services is missing."
            )
        case Choice.BACK:
            return say(
                "Back is recommended: it was in the middle of its steps, and what ran before is recorded in full."
            )
    return say("Leave is recommended: what runs now is already one of the two.")


def step_name(step: str) -> str:
    """A step of an interrupted run, given as 'kind subject'."""
    kind, _, subject = step.partition(" ")
    return labels.step(kind, subject)
