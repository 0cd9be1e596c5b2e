"""What a run has made, folded from its events."""

from __future__ import annotations

from ws9tui.core.journal import events as e
from ws9tui.core.journal import ledger
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.ledger import MovedTag
from ws9tui.core.model.plan import Kind, Operation, Plan
from ws9tui.problems.problem import read

WEB, API = "r.test/web@sha256:1", "r.test/api@sha256:2"


def begun(reference: str, digest: str) -> e.PullStarted:
    return e.PullStarted(reference=reference, digest=digest, services=("web",))


def came(reference: str, *, new: bool) -> e.PullFinished:
    return e.PullFinished(reference=reference, image_id="sha256:i", size=1, seconds=1, new=new)


def planned(*moves: tuple[str, str, str]) -> e.Planned:
    tags = [Operation(Kind.TAG, tag, read("tag-moves", {"old": old}), detail=(new,)) for tag, old, new in moves]
    network = Operation(Kind.NETWORK, "edge", read("network-made", {"network": "edge"}))
    return e.Planned(plan=Plan(1, 2, (network, *tags)))


def test_what_was_pulled_is_known_from_the_moment_it_begins() -> None:
    assert ledger.fold([begun("web", WEB)]).images == {WEB: True}, "it may have come, and nobody was told"
    there: list[Event] = [begun("web", WEB), came("web", new=False), begun("api", API), came("api", new=True)]
    assert ledger.fold(there).images == {WEB: False, API: True}
    assert ledger.with_names(ledger.fold(there)).images == {API: True}
    assert ledger.fold([came("web", new=False)]).images == {}, "it was here, and nothing was pulled"


def test_what_a_way_back_pulls_stays() -> None:
    back: list[Event] = [
        begun("web", WEB),
        came("web", new=True),
        e.RollbackStarted(to=1),
        begun("api", API),
        came("api", new=True),
    ]
    assert ledger.fold(back).images == {WEB: True}


def test_who_had_a_tag_first_stays_known() -> None:
    first, again = (
        planned(("web:1", "sha256:a", "sha256:b")),
        planned(("web:1", "sha256:b", "sha256:b"), ("api:1", "", "sha256:c")),
    )
    found = ledger.fold([first, again])
    assert found.tags == {"web:1": MovedTag("sha256:a", "sha256:b"), "api:1": MovedTag("", "sha256:c")}
    assert found.networks == ("edge",)


def test_from_the_commit_on_more_than_cleaning_up_leads_back() -> None:
    before: list[Event] = [begun("web", WEB), planned()]
    assert not ledger.fold(before).committed
    assert ledger.fold([*before, e.CommitStarted(before=1, after=2)]).committed
    assert ledger.fold([*before, e.Superseded(by=3)]).committed


def test_data_is_in_it() -> None:
    folded = ledger.fold([e.RestoreStarted(service="db", folder="/b/1")])
    assert folded.data.loading == {"db": "/b/1"}
    folded = ledger.after(folded, e.RestoreFinished(service="db", folder="/b/1", size=1, seconds=1))
    assert (folded.data.loading, folded.data.loaded) == ({}, {"db": "/b/1"})
