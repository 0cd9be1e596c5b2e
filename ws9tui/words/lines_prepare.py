"""The lines of events before the commit: services, registries, pulls and checks."""

from __future__ import annotations

from ws9tui.core.journal import events as e
from ws9tui.core.model import newer
from ws9tui.core.model.terms import Availability, Level, Reach
from ws9tui.problems.bundle import BundleDigest
from ws9tui.words import bundles, labels, offers, phrases, problems
from ws9tui.words.of_events import Told, event_said
from ws9tui.words.template import Message, say
from ws9tui.words.text import beside, clean, joined, listed, series, short_digest, short_reference


def _observed(event: e.ServiceObserved) -> str:
    view = event.service
    checked = view.availability is not Availability.CHECKING
    return say(
        "{service:name}: {facts:said}",
        service=view.name,
        facts=beside(
            (
                short_reference(view.reference) or labels.NO_IMAGE(),
                clean(view.version, 40),
                phrases.container(view.state, view.health),
                phrases.availability(view.availability, view.problem) if checked else "",
            )
        ),
    )


def _newer(event: e.NewerFound) -> str:
    facts = {
        "tags": phrases.tags(event) if event.tags else "",
        "candidates": listed(event.candidates, 3),
        "why": problems.brief(event.problem) if event.problem else "",
    }
    if event.tags:
        return event_said(
            "{service:name}: newer than {reference:ref}: {tags:said}[; candidates: {candidates:said}][ ({why:said})]",
            event,
            **facts,
        )
    if event.problem:
        return event_said(
            "{service:name}: could not check for tags newer than {reference:ref} ({why:said})",
            event,
            **facts,
        )
    return event_said(
        "{service:name}: no tag is newer than {reference:ref}[; candidates: {candidates:said}]", event, **facts
    )


def _resolved(event: e.ReferenceResolved) -> str:
    said = phrases.availability(event.availability, event.problem)
    if event.availability is Availability.CURRENT and not (event.offline or newer.moves(event.reference.meant_tag)):
        said = labels.TAG_UNCHANGED()
    found = short_digest(event.digest)
    if event.offline and event.known:
        found = beside((short_digest(event.image_id), labels.origin(event.archive)))
    if event.availability is Availability.UPDATE and event.problem is None:
        return event_said("{service:name}: update to {reference:ref}[ ({found:said})]", event, found=found)
    return event_said("{service:name}: {said:said}; {reference:ref}[ ({found:said})]", event, said=said, found=found)


def _generation_found(event: e.GenerationFound) -> str | None:
    return None if event.reach is Reach.CHECKING else phrases.generation(event)


def _pull_started(event: e.PullStarted) -> str:
    facts = {"services": listed(event.services), "attempt": event.attempt if event.attempt > 1 else ""}
    if event.archive:
        return event_said(
            "Loading {reference:ref} for {services:said} from archive {archive:name}[, attempt {attempt}]",
            event,
            **facts,
        )
    return event_said("Pulling {reference:ref} for {services:said}[, attempt {attempt}]", event, **facts)


def _pull_stalled(event: e.PullStalled) -> str:
    return event_said("{reference:ref}: {why:said}", event, why=phrases.stalled(event.seconds, away=event.away))


def _pull_retried(event: e.PullRetried) -> str:
    why = problems.brief(event.problem)
    return event_said("{reference:ref}: {why:said}; attempt {attempt} in {wait:duration}", event, why=why)


def _pull_finished(event: e.PullFinished) -> str:
    if not event.new or event.again:
        return event_said("{reference:ref} is already on this server", event)
    return event_said("Pulled {reference:ref}: {size:size} in {seconds:precise}", event)


def _pull_failed(event: e.PullFailed) -> str:
    return say("FAILED: {why:said}", why=problems.sentence(event.problem))


def _version(event: e.VersionChecked) -> str:
    wrong = [found for found in event.findings if found.level is not Level.OK]
    stops = any(found.level is Level.BLOCKING for found in wrong)
    return event_said(
        "{service:name}: version [{version:said} // unknown][{digest:given}, digest verified"
        " // , {origin:said}[, {proved:said}]][ {mark:said} {wrong:said}]",
        event,
        version=phrases.versions(event.running, event.found),
        digest=event.digest_ok,
        origin=labels.origin(event.archive) if event.offline else "",
        proved=series(problems.brief(f.problem) for f in event.findings if isinstance(f.problem, BundleDigest)),
        mark=phrases.level_mark(Level.BLOCKING if stops else Level.WARNING) if wrong else "",
        wrong=series(problems.brief(found.problem) for found in wrong),
    )


def _settled(event: e.InstallSettled) -> str:
    return event_said(
        "Installing {source}[ {version:short}][, to {folder}], project {project:name}[, with {settings:said}]",
        event,
        settings=joined(f"{clean(name, 60)}={clean(value, 80)}" for name, value in event.settings.items()),
    )


TOLD: dict[type, Told] = {
    e.ServiceObserved: _observed,
    e.ReferenceResolved: _resolved,
    e.NewerFound: _newer,
    e.Described: offers.line,
    e.TagsListed: offers.heard,
    e.GenerationFound: _generation_found,
    e.PullStarted: _pull_started,
    e.PullStalled: _pull_stalled,
    e.PullRetried: _pull_retried,
    e.PullFinished: _pull_finished,
    e.PullFailed: _pull_failed,
    e.VersionChecked: _version,
    e.CheckStarted: Message("{service:name}: running {program} …"),
    e.TrustChecked: lambda event: phrases.finding(event.finding),
    e.ReleaseFound: Message(
        "Release [{running:short} → ]{version:short} from {source}"
        " ([{verified:given}checksums verified // no checksums][{candidate:given}, release candidate])"
    ),
    e.MergeProposed: phrases.merged,
    e.BundleListed: bundles.listing,
    e.BundleProgressed: Message("Writing the bundle: {done:size}"),
    e.BundleWritten: Message("Bundle written and verified: {path} ({size:size})"),
    e.InstallSettled: _settled,
}
