"""Newer tags of what runs: offered and never chosen, and 'up to date' is said only where there are none."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import OLD, Shop, Told, always
from virtual_time import now, virtual
from ws9tui.core.journal import events as e
from ws9tui.core.journal.run_state import Newest
from ws9tui.core.model.terms import Availability, Choice, Outcome
from ws9tui.simulation.engine import Fault
from ws9tui.words import outcome, phrases


def message(told: Told) -> str:
    return f"{outcome.headline(told.finished, told.state)}: {outcome.message(told.finished, told.state)}"


def newer(told: Told) -> dict[str, tuple[str, ...]]:
    return {event.service: event.tags for event in told.all(e.NewerFound)}


@virtual
async def test_newer_tags_are_told_and_not_chosen(shop: Shop) -> None:
    await shop.install()
    for tag in ("0.9", "1.1", "2.0", "2.1-rc1", "latest", "1.1-alpine"):
        shop.publish(f"r.test/api:{tag}", tag)
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.UP_TO_DATE, "")
    assert newer(told) == {"api": ("1.1", "2.0"), "db": ()}
    [api] = [event for event in told.all(e.NewerFound) if event.service == "api"]
    assert (api.count, api.candidates, api.problem, api.reference) == (2, ("2.1-rc1",), None, "r.test/api:1.0")
    assert phrases.standing(told.state.services["api"]) == "tag unchanged; newer: 1.1, 2.0"
    assert phrases.standing(told.state.services["web"]) == "up to date"
    assert message(told) == (
        "Tags unchanged: No tag has moved; nothing was changed."
        " Newer tags: api 1.1, 2.0. To update to one, give it: api=1.1."
    )
    assert shop.versions() == OLD
    assert (await shop.run(*message(told).removesuffix(".").split()[-1:])).outcome is Outcome.KEPT
    assert shop.versions() == OLD | {"api": "1.1"}


@virtual
async def test_nothing_newer_is_up_to_date(shop: Shop) -> None:
    await shop.install()
    told = await shop.run()
    assert newer(told) == {"api": (), "db": ()}
    assert message(told) == "Up to date: Everything is up to date; nothing was changed."
    assert {row.newest for row in told.state.services.values()} == {Newest.YES}


@virtual
async def test_what_could_not_be_looked_up_is_not_up_to_date(shop: Shop) -> None:
    await shop.install()
    shop.world.faults = [Fault(call="tags", subject="r.test/api", code="registry-unreachable")]
    told = await shop.run()
    assert told.outcome is Outcome.UP_TO_DATE
    assert phrases.standing(told.state.services["api"]) == (
        "tag unchanged; newer tags unknown (the registry cannot be reached)"
    )
    assert message(told) == (
        "Tags unchanged: No tag has moved; nothing was changed."
        " Could not check for newer tags of api (the registry cannot be reached)."
    )


@virtual
async def test_a_registry_that_says_nothing_holds_up_nothing(shop: Shop) -> None:
    await shop.install()
    shop.world.faults = [Fault(call="tags", effect="stall")]
    began = now()
    told = await shop.run()
    assert (told.outcome, now() - began < 60) == (Outcome.UP_TO_DATE, True)
    assert message(told).endswith("Could not check for newer tags of api and db.")
    shop.publish("r.test/web:latest", "1.1")
    asked = await shop.run(script=always(select=Choice.CANCEL))
    assert asked.outcome is Outcome.CANCELLED
    assert (await shop.run()).outcome is Outcome.KEPT
    assert shop.versions() == OLD | {"web": "1.1"}


@pytest.mark.usefixtures("quick")
@virtual
async def test_each_repository_is_asked_once(tmp_path: Path) -> None:
    text = "name: shop\nservices:\n" + "".join(f"  s{n}: {{image: 'r.test/app:1.{n}'}}\n" for n in range(4))
    shop = Shop(tmp_path, text)
    for number in range(5):
        shop.bring(f"r.test/app:1.{number}", f"1.{number}")
    await shop.compose.up(shop.source, [f"s{n}" for n in range(4)])
    shop.world.faults = [fault := Fault(call="tags", effect="delay")]
    told = await shop.run()
    assert fault.seen == 1
    assert newer(told) == {f"s{n}": tuple(f"1.{m}" for m in range(n + 1, 5)) for n in range(4)}


@virtual
async def test_another_reference_is_looked_up_where_it_is_asked_for(shop: Shop) -> None:
    await shop.install()
    for tag in ("1.1", "2.0"):
        shop.publish(f"r.test/api:{tag}", tag)
    answers = [Choice.CHECK, Choice.CANCEL]
    told = await shop.run(
        script=lambda asked: answers.pop(0) if asked.question.value == "select" else None,
        selection=(),
        references={"api": "1.1"},
    )
    assert told.outcome is Outcome.CANCELLED
    row = told.state.services["api"]
    assert (row.requested, row.availability) == ("r.test/api:1.1", Availability.UPDATE)
    assert row.newer_tags is None or row.newer_tags.tags == ("2.0",)


@pytest.mark.usefixtures("quick")
@virtual
async def test_a_commit_s_tag_tells_nothing_of_newer_ones(tmp_path: Path) -> None:
    shop = Shop(tmp_path, "name: shop\nservices: {app: {image: 'r.test/app:sha-1a2b3c4'}}\n")
    shop.bring("r.test/app:sha-1a2b3c4", "1.0")
    await shop.compose.up(shop.source, ["app"])
    told = await shop.run()
    assert (
        phrases.standing(told.state.services["app"]) == "tag unchanged; newer tags unknown (the tag is not a version)"
    )
