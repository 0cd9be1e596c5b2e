"""What registries have before a pull: described, listed, chosen by a rule, held while it is too young."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bench import COMPOSE, GO, ME, Shop, Told
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.journal.journal import Journal
from ws9tui.core.model import newer
from ws9tui.core.model.offered import Manifest, PullLimit
from ws9tui.core.model.policy import RULES, Policy, VersionStep
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Availability, Choice, Outcome, Question, Verb
from ws9tui.simulation.engine import Fault
from ws9tui.words import offers as words

if TYPE_CHECKING:
    from ws9tui.core.model.offer import Offer


NOW = datetime(2026, 11, 1, tzinfo=UTC)


class Calendar:
    """The day on which digests are seen."""

    def __init__(self) -> None:
        self.days = 0.0

    def __call__(self) -> str:
        return (NOW + timedelta(days=self.days)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.fixture(autouse=True)
def calendar(monkeypatch: pytest.MonkeyPatch) -> Calendar:
    made = Calendar()
    monkeypatch.setattr(Shop, "journal", lambda _, folder: Journal(folder, made))
    return made


def setting(shop: Shop, text: str, service: str = "api") -> None:
    """Give a service settings."""
    at = f"  {service}:\n"
    shop.file.write_text(COMPOSE.replace(at, f"{at}    x-ws9tui: {{{text}}}\n"))


def pulls_left(shop: Shop, monkeypatch: pytest.MonkeyPatch, left: list[int]) -> None:
    """Have a registry that tells how many pulls are left."""
    registries = type(shop.engine.registries)
    heading = registries.heading

    async def counted(self: object, reference: Reference) -> Manifest:
        found = await heading(self, reference)  # type: ignore[arg-type]
        return Manifest(found.digest, limit=PullLimit(left[0], 100, 21600))

    monkeypatch.setattr(registries, "heading", counted)


def offers(told: Told) -> dict[str, Offer]:
    return {event.offer.reference: event.offer for event in told.all(e.Described)}


# --- described ----------------------------------------------------------------------------------------------------


@virtual
async def test_an_update_is_described_before_it_is_pulled(shop: Shop) -> None:
    await shop.install()
    shop.publish(
        "r.test/web:latest",
        "2.0",
        sizes=(1000, 70, 5),
        user="app",
        labels={
            "org.opencontainers.image.source": "https://example.com/web",
            "org.opencontainers.image.version": "2.0",
        },
    )
    told = await shop.run(plan_only=True)
    offer = offers(told)[Reference("r.test/web:latest")]
    assert (offer.size, offer.missing, offer.version) == (1075, 75, "2.0")
    assert [problem.code for problem in offer.changes] == ["user-changed"]
    assert offer.links == {"source": "https://example.com/web"}
    assert told.state.services["web"].offer == offer
    assert "75 B of 1.1 kB to download" in words.facts(offer, offer.seen_at)
    assert list(offers(told)) == ["r.test/web:latest"]  # what runs already is not asked for: that would be a pull


@virtual
async def test_a_registry_that_says_nothing_to_us_is_asked_by_the_engine(shop: Shop) -> None:
    await shop.offer("2.0")
    shop.world.faults = [Fault(call="describe", code="registry-nonsense")]
    told = await shop.run()
    assert told.outcome is Outcome.KEPT
    offer = offers(told)[Reference("r.test/web:latest")]
    assert offer.problem is not None
    assert (offer.size, offer.problem.code) == (0, "registry-nonsense")
    assert "unknown" in words.facts(offer, offer.seen_at)


@virtual
async def test_the_last_pulls_are_left_to_the_update(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.offer("2.0")
    pulls_left(shop, monkeypatch, [7])
    told = await shop.run()
    offer = offers(told)[Reference("r.test/web:latest")]
    assert told.outcome is Outcome.KEPT
    assert offer.problem is not None
    assert offer.problem.code == "pulls-spared"
    assert words.limit(offer) == "7 of 100 pulls left"


@virtual
async def test_a_tag_that_moves_is_known_by_the_version_that_is_the_same(shop: Shop) -> None:
    spec = await shop.offer("2.0", labels={})
    shop.publish("r.test/web:1.9", "1.9")
    shop.world.publish("r.test/web:2.0", spec)
    told = await shop.run(plan_only=True)
    assert offers(told)[Reference("r.test/web:latest")].version == "2.0"


# --- listed -------------------------------------------------------------------------------------------------------


@virtual
async def test_what_may_be_had_is_listed_and_nothing_is_changed(shop: Shop) -> None:
    await shop.install()
    for tag in ("0.9", "1.0.1", "1.1", "2.0", "2.1-rc1", "edge"):
        shop.publish(f"r.test/api:{tag}", tag)
    before = shop.everything()
    told = await shop.run(verb=Verb.UPDATE, list_only=True)
    assert told.outcome is Outcome.LISTED
    assert shop.everything() == before
    [listed] = [event for event in told.all(e.TagsListed) if event.service == "api"]
    assert [(one.tag, one.step) for one in listed.tags][:5] == [
        ("1.1", VersionStep.MINOR),
        ("2.0", VersionStep.MAJOR),
        ("2.1-rc1", VersionStep.CANDIDATE),
        ("1.0", VersionStep.SAME),
        ("0.9", VersionStep.OLDER),
    ]
    table = "\n".join(words.table(told.state))
    assert "major" in table
    assert "up to date" not in table.partition("db:")[0]
    assert {"r.test/api:1.1", "r.test/api:2.0"} <= offers(told).keys()


@virtual
async def test_tags_that_are_not_known_are_not_told_as_none(shop: Shop) -> None:
    await shop.install()
    shop.world.faults = [Fault(call="tags", subject="*/api*", code="registry-server-error")]
    told = await shop.run(verb=Verb.UPDATE, list_only=True)
    [listed] = [event for event in told.all(e.TagsListed) if event.service == "api"]
    assert listed.problem is not None
    assert "tags unknown" in "\n".join(words.table(told.state))


@virtual
async def test_the_operator_lists_tags_and_takes_one(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.1", "1.1")
    asked: list[Choice] = []

    def script(question: e.Asked) -> Choice | e.Decision | None:
        if question.question is not Question.SELECT:
            return {Question.OUTCOME: Choice.KEEP}.get(question.question, Choice.GO)
        steps = [Choice.TAGS, Choice.CHECK, Choice.GO]
        choice = steps[len(asked)]
        asked.append(choice)
        references = {"api": "1.1"} if choice is not Choice.TAGS else {}
        return e.Decision(ask=question.ask, choice=choice, actor=ME, services=("api",), references=references)

    told = await shop.run(script=script)
    assert told.outcome is Outcome.KEPT
    assert [event.service for event in told.all(e.TagsListed)] == ["api"]
    assert shop.versions()["api"] == "1.1"


# --- chosen by a rule ---------------------------------------------------------------------------------------------

TAGS = ("1.0", "1.0-alpine", "1.1", "1.2-rc1", "2.0", "3.0-beta")


@pytest.mark.parametrize(("rule", "version"), [("latest-minor", "1.1"), ("newest", "2.0"), ("latest-patch", "1.0")])
@virtual
async def test_a_rule_chooses_a_tag(shop: Shop, rule: str, version: str) -> None:
    await shop.install()
    for tag in TAGS:
        if tag != "1.0":
            shop.publish(f"r.test/api:{tag}", tag)
    told = await shop.run(f"api={rule}")
    assert told.outcome is (Outcome.UP_TO_DATE if version == "1.0" else Outcome.KEPT)
    assert shop.versions()["api"] == version


@virtual
async def test_a_rule_needs_versions(shop: Shop) -> None:
    await shop.install()
    told = await shop.run("web=newest")
    assert (told.outcome, told.code) == (Outcome.USAGE, "tag-incomparable")
    shop.world.faults = [Fault(call="tags", code="unauthorized")]
    told = await shop.run("api=newest")
    assert (told.outcome, told.code) == (Outcome.REFUSED, "unauthorized")


@virtual
async def test_settings_bound_what_is_told_and_chosen(shop: Shop) -> None:
    await shop.install()
    for tag in TAGS:
        if tag != "1.0":
            shop.publish(f"r.test/api:{tag}", tag)
    for text, told_tags in (
        ("track: minor", ("1.1",)),
        ("track: patch", ()),
        ("exclude: ['1.*']", ("2.0",)),
        ("include: '1.*'", ("1.1",)),
        ("ignore: '1.1'", ("2.0",)),
        ("ignore: '2.0'", ()),
    ):
        setting(shop, text)
        told = await shop.run()
        assert {event.service: event.tags for event in told.all(e.NewerFound)}["api"] == told_tags, text
    setting(shop, "track: minor")
    assert (await shop.run("api=newest")).outcome is Outcome.KEPT
    assert shop.versions()["api"] == "1.1"


@pytest.mark.parametrize("text", ["track: sideways", "minimum_age: soon", "include: []", "track: [minor]"])
@virtual
async def test_a_setting_that_is_none(shop: Shop, text: str) -> None:
    setting(shop, text)
    await shop.install()
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.USAGE, "settings-invalid")


def test_rules_are_pure() -> None:
    tags = [f"{major}.{minor}.{patch}" for major in (1, 2) for minor in range(3) for patch in range(3)]
    chosen = {rule: newer.chosen("1.0.0", tags, most) for rule, most in RULES.items()}
    assert chosen == {"latest-patch": "1.0.2", "latest-minor": "1.2.2", "newest": "2.2.2"}
    assert newer.chosen("latest", tags, VersionStep.MAJOR) == "latest"
    assert newer.chosen("1.0.0", tags, VersionStep.MAJOR, Policy(exclude=("2.*",))) == "1.2.2"


# --- held while it is too young -----------------------------------------------------------------------------------


@virtual
async def test_what_is_too_young_is_held_and_named(shop: Shop, calendar: Calendar) -> None:
    setting(shop, "minimum_age: 72h", "web")
    await shop.offer("2.0")
    told = await shop.run()
    assert told.state.services["web"].availability is Availability.HELD
    assert shop.versions()["web"] == "1.0"
    asked = await shop.run("web=latest")
    assert (asked.outcome, asked.code) == (Outcome.REFUSED, "too-young")
    calendar.days = 2.9
    assert (await shop.run()).state.services["web"].availability is Availability.HELD
    calendar.days = 3.1
    assert (await shop.run()).outcome is Outcome.KEPT
    assert shop.versions()["web"] == "2.0"


@virtual
async def test_the_operator_may_pass_the_age_by_for_one_run(shop: Shop) -> None:
    setting(shop, "minimum_age: 72h", "web")
    await shop.offer("2.0")
    assert (await shop.run(minimum_age=0.0)).outcome is Outcome.KEPT
    assert shop.versions()["web"] == "2.0"


@virtual
async def test_of_a_tag_that_moves_on_the_one_before_is_offered(shop: Shop, calendar: Calendar) -> None:
    await shop.install()
    await shop.run(minimum_age=259200.0)
    calendar.days = 1
    shop.publish("r.test/web:latest", "2.0")
    await shop.run(minimum_age=259200.0)
    calendar.days = 5
    shop.publish("r.test/web:latest", "3.0")
    told = await shop.run(minimum_age=259200.0)
    assert told.outcome is Outcome.KEPT
    assert shop.versions()["web"] == "2.0"
    problem = told.state.services["web"].problem
    assert problem is not None
    assert problem.code == "older-taken"
    again = await shop.run(minimum_age=259200.0)  # nothing goes back to what ran before
    assert again.state.services["web"].availability is Availability.HELD
    assert shop.versions()["web"] == "2.0"


@virtual
async def test_what_ran_before_is_not_offered_where_what_runs_was_never_seen(shop: Shop, calendar: Calendar) -> None:
    await shop.install()
    await shop.run(minimum_age=259200.0)  # the first one was seen
    shop.publish("r.test/web:latest", "2.0")
    shop.world.fetch("r.test/web:latest")  # somebody pulls and starts the second one by hand
    await shop.compose.up(shop.source, ["web"])
    calendar.days = 5
    shop.publish("r.test/web:latest", "3.0")
    told = await shop.run(minimum_age=259200.0)
    assert told.state.services["web"].availability is Availability.HELD
    assert shop.versions()["web"] == "2.0"


# --- room and pulls -----------------------------------------------------------------------------------------------


@virtual
async def test_a_download_that_does_not_fit_is_refused(shop: Shop) -> None:
    await shop.offer("2.0", sizes=(1000, 3 << 30))
    shop.world.disk_free = (2 << 30, 1_000_000)
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.REFUSED, "disk-low")
    assert not told.all(e.PullStarted)
    shop.world.disk_free = (4 << 30, 1_000_000)
    assert "disk-low" in (await shop.run(plan_only=True)).found()  # it may not fit unpacked: told, and no more


@virtual
async def test_more_images_than_pulls_are_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.offer("2.0")
    pulls_left(shop, monkeypatch, left := [0])
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.REFUSED, "pulls-too-few")
    left[0] = 1
    assert (await shop.run()).outcome is Outcome.KEPT
    doctor = await shop.run(verb=Verb.DOCTOR)
    assert "pulls-left" in doctor.found()


@virtual
async def test_selecting_what_is_held_agrees_to_it(shop: Shop) -> None:
    setting(shop, "minimum_age: 72h", "web")
    await shop.offer("2.0")
    told = await shop.run(script=GO, selection=("web",))
    assert told.outcome is Outcome.KEPT
    assert shop.versions()["web"] == "2.0"
