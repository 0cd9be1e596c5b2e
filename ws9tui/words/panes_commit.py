"""Words of the panes from the commit on, and of the recovery: recreate, outcome, recovery."""

from __future__ import annotations

from datetime import datetime

from ws9tui.core.journal.run_state import Interruption, RunState, StepRow, WatchRow
from ws9tui.core.model.terms import Choice, Question
from ws9tui.words import labels, lines, problems
from ws9tui.words.panes import seconds_since
from ws9tui.words.text import (
    clean,
    duration,
    listed,
    plural,
    precise,
    short_reference,
)

# --- recreate ---------------------------------------------------------------------------------------------------

NO_CHECK = "no check"
NOT_YET, NOT_JUDGED = "not yet touched", "not watched to the end"
TAKEN_AWAY, STOPPED = "taken away", "stopped, as it was before"
LAST_LINES = "Last log lines of {}"
NO_LINES = "no log lines yet"


def recreate_lead(state: RunState, now: datetime) -> str:
    """What the Recreate pane is about, now."""
    if state.gate_passed:
        return judged(state)
    waiting = [row for row in state.watched.values() if row.verdict == "waiting"]
    if all(step.done for step in state.steps) and state.steps and waiting and _watching(state):
        left = max((row.remaining - seconds_since(row.since, now) for row in waiting), default=0.0)
        return f"Watching {plural(len(waiting), 'service')}; judged in {duration(max(left, 0.0))} at most."
    total = len(state.plan.operations) if state.plan else len(state.steps)
    done = min(sum(max(len(step.services), 1) for step in state.steps if step.done), total)
    return f"Carrying out the plan: {done} of {plural(total, 'step')} done."


def _watching(state: RunState) -> bool:
    return state.phase.value == "watching"


def verdict(row: WatchRow, now: datetime, *, ended: bool) -> str:
    """What is thought of a service, and until when it is watched."""
    if row.verdict == "waiting" and ended:
        return NOT_JUDGED
    if not row.verdict:
        return TAKEN_AWAY if row.state == "removed" else STOPPED
    if row.verdict != "waiting":
        name = labels.VERDICTS.get(row.verdict, clean(row.verdict, 20))
        return f"{name}: {problems.brief(row.problem)}" if row.problem else name
    left = max(row.remaining - seconds_since(row.since, now), 0.0)
    until = f"{duration(left)} left" if left >= 1 else labels.VERDICTS["waiting"]
    if row.problem is None:
        return until
    # how long it was from then is not how long it is from now
    return f"{until}: {problems.brief(row.problem, without='seconds')}"


def doing(row: WatchRow, begun: StepRow | None, now: datetime) -> str:
    """What is being done with a service's container."""
    said = clean(row.doing, 60).lower()
    if begun is None:
        return said
    kind = labels.STEPS.get(begun.kind, clean(begun.kind, 30))
    parts = [f"{kind}, {step_time(begun, now)}", said if said and said != kind else ""]
    return ": ".join(part for part in parts if part)


def step(row: StepRow) -> str:
    """A step of the plan."""
    kind = labels.STEPS.get(row.kind, clean(row.kind, 30))
    subject = short_reference(row.subject) if row.kind == "tag" else clean(row.subject, 200)
    return f"{kind} {subject}"


def step_time(row: StepRow, now: datetime) -> str:
    """How long a step took, or takes so far."""
    return precise(row.seconds) if row.done else duration(seconds_since(row.started_at, now))


def moving(state: RunState) -> list[str]:
    """How far copies of data are, one line for each that is under way."""
    return [lines.moved(event) for event in state.moving.values()]


def away(seconds: float | None) -> str:
    """A measured downtime."""
    return "" if seconds is None else precise(seconds)


# --- outcome ----------------------------------------------------------------------------------------------------

NEXT = "Next"
ROLL_BACK_TITLE = "Roll back?"
ROLL_BACK_DATA_TITLE = "Roll back with the data?"
ROLL_BACK_YES, ROLL_BACK_NO = "Roll back now", "Go on watching"
KEEP_ANYWAY_TITLE = "Keep it though it is not well?"
KEEP_ANYWAY_BODY = "The new version stays as it is. The way back stays ready."


def judged(state: RunState) -> str:
    """What is said of all services once each has its verdict."""
    ill = [clean(name, 80) for name, row in state.watched.items() if row.verdict == "as-before"]
    if not ill:
        return "All services are well."
    return f"Not well, as before the update: {listed(ill)}." + (
        " All others are well." if len(ill) < len(state.watched) else ""
    )


KEEP_YES, KEEP_NO = "Keep it", "Look again"
DIED = "The worker is gone"
DIED_BEFORE = "Nothing had been changed: what ran before runs now."
DIED_AMID = "It was in the middle of its changes. What was recorded is safe; recovery goes back, or finishes it."
LOGS_AT = "Logs of the containers are kept in {}"


def roll_back_body(state: RunState, *, data: bool) -> list[str]:
    """What going back means."""
    number = state.plan.before if state.plan else 0
    if not number:
        return ["What this run made is taken away again; volumes that hold data stay."]
    about: list[str] = []
    if state.data.saved:
        names = listed(tuple(state.data.saved), 8)
        about = [f"The data of {names} stays as it is now; an earlier version may refuse it."]
        if data:
            about = [
                f"The data of {names} becomes what was saved. What is there now is put aside first.",
                *map(lines.written, state.written.values()),
            ]
    return [*about, f"Generation {number} runs again, from images and files that are kept here; no network is needed."]


def going_back(state: RunState) -> str:
    """What the pane is about while it goes back."""
    to = state.rollback.to if state.rollback else 0
    goal = f"generation {to}" if to else "what was there before"
    if state.verified:
        return f"Back at {goal}; looking whether it is well."
    return f"Going back to {goal}; it goes on by itself."


# --- recovery ---------------------------------------------------------------------------------------------------

RUNS_NOW = "What runs now"
WAS_DOING = "What that run did"
WAS_UNDER_WAY, NOT_BEGUN = "was under way", "not begun"
RECOVER_TITLES = {
    Choice.BACK: "Go back to generation {before}?",
    Choice.FORWARD: "Go on to generation {after}?",
    Choice.LEAVE: "Leave everything as it is?",
}
RECOVER_BODIES = {
    Choice.BACK: "What ran before that run, runs again. Its files and images are kept here; no network is needed.",
    Choice.FORWARD: "What that run began is finished, and then watched as after any update.",
    Choice.LEAVE: "Everything stays as it is, and the interruption counts as dealt with: it is not offered again.",
}
_RECOVER_DATA = {
    Choice.BACK: ("recover-with-data", "recover-data-stays"),
    Choice.LEAVE: ("restore-unfinished",),
}
RECOVER_YES, RECOVER_NO = "Yes", "No, look again"
STATE_WORDS = labels.INTERRUPTED_STATES


def recovery_lead(state: RunState, now: datetime) -> str:
    """Which run was interrupted."""
    if state.interruption is None:
        return ""
    run = state.interruption.run
    ago = duration(seconds_since(run.started_at, now))
    user = clean(run.actor.user, 40)
    by = f" of {user}" if user else ""
    return f"Run {run.run}{by}, begun {ago} ago, was interrupted while it changed the project."


def recover_body(choice: Choice, state: RunState) -> list[str]:
    """What a way out means, and what it means for data."""
    about = _RECOVER_DATA.get(choice, ())
    found = [finding.problem for finding in state.findings if finding.problem.code in about]
    return [RECOVER_BODIES[choice], *(f"{problems.title(one)} {problems.remedy(one)}" for one in found)]


def recover_choice(choice: Choice, found: Interruption) -> str:
    """A way out, with the generation that it leads to."""
    name = labels.choice(Question.RECOVER, choice)
    goal = {Choice.BACK: found.run.before, Choice.FORWARD: found.run.after}.get(choice)
    return f"{name} to generation {goal}" if goal else name


def recover_reason(found: Interruption) -> str:
    """Why the recommended way is recommended."""
    match found.run.recommended:
        case Choice.FORWARD:
            return "Forward is recommended: all its steps were done, only the last look at the services is missing."
        case Choice.BACK:
            return "Back is recommended: it was in the middle of its steps, and what ran before is recorded in full."
    return "Leave is recommended: what runs now is already one of the two."


def step_name(step: str) -> str:
    """A step of an interrupted run, given as 'kind subject'."""
    kind, _, subject = step.partition(" ")
    name = short_reference(subject) if kind == "tag" else clean(subject, 200)
    return f"{labels.STEPS.get(kind, clean(kind, 30))} {name}"
