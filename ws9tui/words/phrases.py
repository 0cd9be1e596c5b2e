"""Phrases shared by several screens and lines: services, images, pulls, generations, merges, people."""

from __future__ import annotations

import re

from ws9tui.core.journal import events as e
from ws9tui.core.journal.run_state import Newest, PullRow, PullState, RunState, ServiceRow
from ws9tui.core.model import newer
from ws9tui.core.model.terms import Actor, Availability, Difference, Finding, Level, MergeConflict, Reach
from ws9tui.problems.plan import ImageChanged
from ws9tui.problems.problem import Problem
from ws9tui.words import forms, labels, problems
from ws9tui.words.of_events import own_facts
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import beside, clean, joined, listed, rate, series

_ENGINE = Message(
    "Docker {engine_version:short} on {server:name} ({architecture:short}), Compose {compose_version:short}"
)
_ENGINE_AT = Message(
    "Docker {engine_version:short} on {server:name} ({architecture:short}) at {host}, Compose {compose_version:short}"
)
IMAGES = Plural("{count} image", "{count} images")
MARKS = {Level.OK: Message("ok"), Level.WARNING: Message("warning"), Level.BLOCKING: Message("STOP")}


def engine(found: e.EngineFound) -> str:
    """Returns the engine in one line; with its address unless it is reached by a local socket."""
    by_socket = found.host.startswith("unix:")
    return (_ENGINE if by_socket else _ENGINE_AT)(**own_facts(found))


def level_mark(level: Level) -> str:
    """Returns the severity mark before a finding's line, in brackets."""
    return f"[{MARKS[level]()}]"


def finding(found: Finding) -> str:
    """Returns a finding with its mark and service, and with its remedy unless its level is OK."""
    said = problems.title(found.problem) if found.level is Level.OK else problems.sentence(found.problem)
    return say(
        "{mark:said} [{service:said}: ]{said:said}", mark=level_mark(found.level), service=about(found), said=said
    )


def found(one: Finding) -> str:
    """Returns a finding's title, after the service's name unless the title contains it."""
    return say("[{services:said}: ]{why:said}", services=about(one), why=problems.title(one.problem))


def about(found: Finding) -> str:
    """Returns the service of a finding; empty if its title names the service, not merely an image of that name."""
    service = clean(found.service, 60)
    word = rf"(?<![\w./:@-]){re.escape(service)}(?![\w/@-]|[.:]\w)"
    return "" if re.search(word, problems.title(found.problem)) else service


def actor(who: Actor) -> str:
    """Returns a user and where they work from."""
    return say(
        "[{user:name} // somebody][ ({origin:name})]", user=clean(who.user, 60), origin=problems.in_words(who.place)
    )


def project_named(name: str, what: Problem | None) -> str:
    """Returns a project's name and its description."""
    return say("{name:name}[: {what:said}]", name=name, what=problems.brief(what) if what else "")


def versions(running: str, found: str) -> str:
    """Returns 'old → new' version; a moving tag (`latest`, `1`) is not shown as a version."""
    before, after = clean(running, 40), clean(found, 40)
    if not before or not after or before == after:
        return after
    if problems.tells_no_version(after, before):
        return say("{before:said} → new image of tag {after:said}", before=before, after=after)
    return f"{before} → {after}"


# --- services -------------------------------------------------------------------------------------------------


def container(state: str, health: str) -> str:
    """Returns a container's state and health."""
    known = forms.state(state) or labels.NO_CONTAINER()
    return say("{state:said}[ {health:said}]", state=known, health=forms.state(health))


def availability(value: Availability, problem: Problem | None) -> str:
    """Returns the update status of a service, or the reason for it."""
    if problem is None:
        return labels.AVAILABILITY[value]()
    why = problems.brief(problem)
    return say("could not be checked ({why:said})", why=why) if value is Availability.UNKNOWN else why


def standing(row: ServiceRow) -> str:
    """Returns the update status of a service, with the newer tags in its registry."""
    said = labels.TAG_UNCHANGED() if unchanged(row) else availability(row.availability, row.problem)
    return series((said, newer_tags(row)))


def unchanged(row: ServiceRow) -> bool:
    """Whether a service's tag is up to date, but newer tags exist or may exist."""
    return row.availability is Availability.CURRENT and row.newest is not Newest.YES


def coming(state: RunState, service: str) -> str | None:
    """Returns the version that a service gets, by the image check or the plan; None if it keeps its own."""
    if service in state.versions:
        return state.versions[service].found
    operations = state.plan.of_containers if state.plan else ()
    causes = (operation.cause for operation in operations if operation.subject == service)
    return next((cause.new_version for cause in causes if isinstance(cause, ImageChanged)), None)


def newer_tags(row: ServiceRow) -> str:
    """Returns the newer tags of a service, or why they are unknown if that matters; else empty."""
    found = row.newer_tags
    if found is None or row.availability in (Availability.UNKNOWN, Availability.BUILT):
        return ""
    why = problems.brief(found.problem) if found.problem else ""
    if found.tags:
        return say("newer: {tags:said}[ ({why:said})]", tags=tags(found), why=why)
    return say("newer tags unknown ({why:said})", why=why) if why and unchanged(row) else ""


def tags(found: e.NewerFound) -> str:
    """Returns the most telling newer tags and the number of the others."""
    told = named_tags(found)
    more = found.count - len(told)
    return say("{tags:said}[ and {more} more]", tags=joined(told), more=more if more > 0 else "")


def named_tags(found: e.NewerFound) -> list[str]:
    """Returns the newer tags that are named if there is room for a few."""
    return [clean(tag, 60) for tag in newer.telling(found.reference.meant_tag, found.tags)]


def written(event: e.DataWritten) -> str:
    """Returns how many files of a service's data have changed since its backup."""
    if event.files < 0:
        return say("{service:name}: changes since its backup are unknown", service=event.service)
    if event.files == 0:
        return say("{service:name}: no file has changed since its backup", service=event.service)
    return _WRITTEN(event.files, service=event.service, newest=event.newest)


_WRITTEN = Plural(
    "{service:name}: {count} file has changed since its backup[, the newest at {newest:date}]",
    "{service:name}: {count} files have changed since its backup[, the newest at {newest:date}]",
)
_MOVED = {
    "backup": Message("{service:name}: backing up[ {target}], {done:size}[ of about {total:size}]"),
    "restore": Message("{service:name}: restoring[ {target}], {done:size}[ of about {total:size}]"),
    "check": Message("{service:name}: verifying[ {target}], {done:size}[ of about {total:size}]"),
    "read": Message("{service:name}: reading and verifying the backup, {done:size} of {total:size}"),
}


def moved(event: e.DataMoved) -> str:
    """Returns the progress of a data transfer."""
    told = _MOVED.get(
        event.doing, Message("{service:name}: {doing:short} {target}, {done:size}[ of about {total:size}]")
    )
    total = event.total if event.total >= 0 else ""
    return told(service=event.service, doing=event.doing, target=event.target, done=event.done, total=total)


# --- pulls ----------------------------------------------------------------------------------------------------


def stalled(seconds: float, *, away: bool) -> str:
    """Returns that no data arrives, and whether the engine does not answer."""
    return say("no data for {seconds:duration}[{away:given}: the engine does not answer]", seconds=seconds, away=away)


def progress(row: PullRow) -> str:
    """Returns the progress of a pull in one line."""
    if row.state is PullState.STALLED:
        said = stalled(row.wait, away=row.away)
    elif row.state is not PullState.RUNNING:
        said = labels.PULL_STATES[row.state]()
    else:
        ends = row.phase in ("verifying", "extracting")
        said = beside(
            (
                f"{row.fraction:.0%}",
                say("{done:size} of {total:size}", done=row.done, total=row.total) if row.total else "",
                labels.pull_phase(row.phase) if ends else rate(row.rate) if row.rate else "",
            )
        )
    return say("{reference:ref}: {said:said}", reference=row.reference, said=said)


# --- generations ----------------------------------------------------------------------------------------------


def generation(event: e.GenerationFound) -> str:
    """Returns a generation that can be rolled back to in one line, without its differences."""
    return say(
        "Generation {number}[ {version:short}] from {made:date}: {notes:said}",
        number=event.number,
        version=event.version,
        made=event.created_at,
        notes=beside(
            (
                say("running now") if event.runs else "",
                "" if event.proven else say("not verified to run"),
                say("from kept images, with the current files") if event.salvaged else "",
                reach(event),
                say("data of {services:said} was saved", services=listed(event.data, 4)) if event.data else "",
                say("pinned") if event.pinned else "",
            )
        ),
    )


def reach(event: e.GenerationFound) -> str:
    """Returns how a generation can be reached."""
    if event.problem and event.reach is Reach.UNKNOWN:
        return say("could not check whether it can be pulled ({why:said})", why=problems.brief(event.problem))
    if event.problem and event.reach is Reach.GONE:
        return say("gone: {why:said}", why=_gone(event.problem))
    return labels.REACHES[event.reach]()


def _gone(problem: Problem) -> str:
    image = problem.facts.get("image") or problem.facts.get("reference", "")
    return (
        say("{image:ref} is neither on this server nor in its registry", image=image)
        if image
        else problems.brief(problem)
    )


_DIFFERENCE = Message("{subject}: {what:said}[ ({image:digest})][: {keys:said}]")


def difference(found: Difference, told: Message = _DIFFERENCE) -> str:
    """Returns one difference of a generation; with the image ID, as versions may be alike."""
    image = found.problem.new_id if isinstance(found.problem, ImageChanged) else ""
    what, keys = problems.brief(found.problem), listed(found.keys, 12)
    return told(subject=found.subject, what=what, image=image, keys=keys)


# --- a release and what is installed --------------------------------------------------------------------------


def conflict(found: MergeConflict) -> str:
    """Returns a merge conflict: the variable with its values, or the file."""
    if found.key == found.file:
        return clean(found.file, 120)
    if found.secret:
        return say("{key:name} (its values are not shown)", key=found.key)
    mine, theirs, before = (clean(value, 60) or say("empty") for value in (found.mine, found.release, found.before))
    return say(
        "{key:name} (yours {mine:said}, release {theirs:said}, original {before:said})",
        key=found.key,
        mine=mine,
        theirs=theirs,
        before=before,
    )


def merged(event: e.MergeProposed) -> str:
    """Returns the merged env file's variables by kind of change."""
    kinds = {kind: [key.key for key in event.keys if key.kind == kind] for kind in labels.MERGE_KINDS}
    parts = [
        say("{kind:said}: {keys:said}", kind=labels.MERGE_KINDS[kind](), keys=listed(keys, 6))
        for kind, keys in kinds.items()
        if keys
    ]
    return say("Settings: [{parts:said} // no changes]", parts=series(parts))
