"""Texts of the panes from the commit on, and of the recovery: Recreate, Outcome, Recovery."""

from __future__ import annotations

from datetime import datetime

from ws9tui.core.journal.run_state import Interruption, Phase, RunState, StepRow, WatchRow
from ws9tui.core.model.terms import Choice, Question, Verb
from ws9tui.problems.data import RecoverDataStays, RecoverWithData, RestoreUnfinished
from ws9tui.words import labels, outcome, phrases, problems
from ws9tui.words.panes import seconds_since
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import clean, duration, listed, paragraph, precise

# --- recreate ---------------------------------------------------------------------------------------------------

NO_CHECK = Message("no check")
NOT_YET, NOT_JUDGED = Message("waiting"), Message("check not finished")
NOT_JUDGED_BACK = Message("rolled back; check not finished")
TAKEN_AWAY, STOPPED = Message("removed"), Message("stopped, as before")
LAST_LINES = Message("Last log lines of {service:name}")
NO_LINES = Message("no log lines yet")


def recreate_lead(state: RunState, now: datetime) -> str:
    """Returns the lead of the Recreate pane."""
    if state.gate_passed:
        return judged(state)
    waiting = [row for row in state.watched.values() if row.verdict == "waiting"]
    if state.phase is Phase.WATCHING and waiting and state.steps and all(step.done for step in state.steps):
        left = max((row.remaining - seconds_since(row.since, now) for row in waiting), default=0.0)
        return _WATCHING(len(waiting), left=max(left, 0.0))
    total = len(state.plan.operations) if state.plan else len(state.steps)
    done = min(sum(max(len(step.services), 1) for step in state.steps if step.done), total)
    verb = state.project.verb if state.project else Verb.UPDATE
    return _STEP.get(verb, _STEP[Verb.UPDATE])(step=min(done + 1, total), steps=total)


_WATCHING = Plural(
    "Watching {count} service; result within {left:duration}.",
    "Watching {count} services; results within {left:duration}.",
)
_STEP = {
    Verb.UPDATE: Message("Updating: step {step} of {steps}."),
    Verb.INSTALL: Message("Installing: step {step} of {steps}."),
    Verb.ROLLBACK: Message("Rolling back: step {step} of {steps}."),
    Verb.RECOVER: Message("Recovering: step {step} of {steps}."),
    Verb.BACKUP: Message("Backing up: step {step} of {steps}."),
    Verb.RESTORE: Message("Restoring: step {step} of {steps}."),
}


def verdict(row: WatchRow, now: datetime, *, ended: bool, back: bool = False) -> str:
    """Returns a service's verdict, or the time left until it; ``back``: after a verified rollback."""
    if row.verdict == "waiting" and ended:
        return NOT_JUDGED_BACK() if back else NOT_JUDGED()
    if not row.verdict:
        return TAKEN_AWAY() if row.state == "removed" else STOPPED()
    told, without = labels.verdict(row.verdict), ""
    if row.verdict == "waiting":
        without = "seconds"  # the duration in the reason counts from then, not from now
        left = max(row.remaining - seconds_since(row.since, now), 0.0)
        told = say("{left:duration} left", left=left) if left >= 1 else told
    why = problems.brief(row.problem, without) if row.problem else ""
    return say("{verdict:said}[: {why:said}]", verdict=told, why=why)


def doing(row: WatchRow, begun: StepRow | None, now: datetime) -> str:
    """Returns the operation in progress on a service's container."""
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


def step_time(row: StepRow, now: datetime) -> str:
    """Returns how long a step took, or has taken so far."""
    return precise(row.seconds) if row.done else duration(seconds_since(row.started_at, now))


def away(seconds: float | None) -> str:
    """Returns a measured downtime; empty if there is none."""
    return "" if seconds is None else precise(seconds)


# --- outcome ----------------------------------------------------------------------------------------------------

NEXT = Message("Next")
ROLL_BACK_TITLE = Message("Roll back?")
ROLL_BACK_DATA_TITLE = Message("Roll back with the data?")
ROLL_BACK_YES, ROLL_BACK_NO = Message("Roll back now"), Message("Keep watching")


def judged(state: RunState) -> str:
    """Returns the overall result of the health watch."""
    ill = outcome.as_before(state)
    if not ill:
        return say("All services are OK.")
    others = say("All others are OK.") if len(ill) < len(state.watched) else ""
    return paragraph((say("Not OK, as before the update: {services:said}.", services=listed(ill)), others))


DIED = Message("The worker process has died")
DIED_BEFORE = Message("Nothing was changed: the same containers run as before.")
DIED_AMID = Message(
    "It died while changing the project. Its records are safe: recovery can roll back or finish the run."
)
LOGS_AT = Message("Container logs are saved in {folder:said}")


def roll_back_body(state: RunState, *, data: bool) -> list[str]:
    """Returns the consequences of a rollback."""
    number = state.plan.before if state.plan else 0
    if not number:
        return [say("What this run created is removed; volumes that hold data stay.")]
    about: list[str] = []
    if state.data.saved:
        names = listed(tuple(state.data.saved), 8)
        about = [
            say(
                "The data of {services:said} stays as it is now; the earlier version may not accept it.", services=names
            )
        ]
        if data:
            about = [
                say(
                    "The data of {services:said} is restored from the backup. The current data is backed up first.",
                    services=names,
                ),
                *map(phrases.written, state.written.values()),
            ]
    again = say(
        "Generation {number} runs again. Its images and files are on this server; no network is needed.",
        number=number,
    )
    return [*about, again]


def going_back(state: RunState) -> str:
    """Returns the lead during a rollback."""
    to = (state.rollback.to if state.rollback else 0) or ""
    if state.verified:
        return say("Rolled back to [generation {to} // the earlier state]; checking health.", to=to)
    return say("Rolling back to [generation {to} // the earlier state]; it continues in the background.", to=to)


# --- recovery ---------------------------------------------------------------------------------------------------

RUNS_NOW = Message("Running now")
WAS_DOING = Message("Steps of the interrupted run")
WAS_UNDER_WAY = Message("{step:said}  (interrupted)")
NOT_BEGUN = Message("{step:said}  (not started)")
RECOVER_TITLES = {
    Choice.BACK: Message("Roll back to generation {before}?"),
    Choice.FORWARD: Message("Continue to generation {after}?"),
    Choice.LEAVE: Message("Leave everything as it is?"),
}
RECOVER_BODIES = {
    Choice.BACK: Message(
        "The state before that run is restored. Its files and images are on this server; no network is needed."
    ),
    Choice.FORWARD: Message("That run is finished, and its services are watched as after any update."),
    Choice.LEAVE: Message("Everything stays as it is now, and recovery of this run is not offered again."),
}
_RECOVER_DATA = {
    Choice.BACK: (RecoverWithData, RecoverDataStays),
    Choice.LEAVE: (RestoreUnfinished,),
}
RECOVER_YES, RECOVER_NO = Message("Yes"), Message("No, go back")


def recovery_lead(state: RunState, now: datetime) -> str:
    """Returns which run was interrupted."""
    if state.interruption is None:
        return ""
    run = state.interruption.run
    return say(
        "Run {run}[ by {user:short}], started {ago:duration} ago, was interrupted while it changed the project.",
        run=run.run,
        user=run.actor.user,
        ago=seconds_since(run.started_at, now),
    )


def recover_body(choice: Choice, state: RunState) -> list[str]:
    """Returns the consequences of a recovery choice, for data, too."""
    about = _RECOVER_DATA.get(choice, ())
    found = [finding.problem for finding in state.findings if isinstance(finding.problem, about)]
    resumes = choice is Choice.BACK and outcome.resumes(state)
    body = say("The same containers are started again, and watched. The backup has left no file.")
    return [body if resumes else RECOVER_BODIES[choice](), *map(problems.sentence, found)]


def recover_choice(choice: Choice, found: Interruption) -> str:
    """Returns the label of a recovery choice, with its target generation."""
    if choice is Choice.BACK and found.run.before:
        return say("Roll back to generation {goal}", goal=found.run.before)
    if choice is Choice.FORWARD and found.run.after:
        return say("Continue to generation {goal}", goal=found.run.after)
    return labels.choice(Question.RECOVER, choice)


def recover_title(choice: Choice, found: Interruption) -> str:
    """Returns the title of the confirmation of a recovery choice."""
    if choice is Choice.BACK and not found.run.after:
        return say("Start the stopped services again?")
    return RECOVER_TITLES[choice](before=found.run.before, after=found.run.after)


def recover_reason(found: Interruption) -> str:
    """Returns why the recommended recovery choice is recommended."""
    if not found.run.after:
        return say("Roll back is recommended: it starts the services that the backup had stopped.")
    match found.run.recommended:
        case Choice.FORWARD:
            return say("Forward is recommended: all steps are done, only the final health check is missing.")
        case Choice.BACK:
            return say("Roll back is recommended: not all steps are done, and the earlier state is recorded in full.")
    return say("Leave is recommended: what runs now is already one of the two generations.")


def step_name(step: str) -> str:
    """Returns a step of an interrupted run, given as 'kind subject'."""
    kind, _, subject = step.partition(" ")
    return labels.step(kind, subject)
