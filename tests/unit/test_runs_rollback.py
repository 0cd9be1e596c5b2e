"""Manual recovery on the simulated engine, in virtual time: what can be reached, and getting there from any state."""

from __future__ import annotations

import shutil
import stat

import pytest

from bench import ENV, ME, OLD, Script, Shop
from updates import KILLS, killed, updated
from virtual_time import virtual
from ws9tui.core.images.archive import ArchivedImage, Archives
from ws9tui.core.inspect.survey import observe
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Image
from ws9tui.core.model.terms import Choice, Outcome, Question, Reach, Verb
from ws9tui.core.runs import reachable
from ws9tui.core.store import generation
from ws9tui.simulation.engine import Fault, make_image
from ws9tui.words import plan


def to(number: int) -> Script:
    """An operator who chooses a generation and confirms."""

    def answer(asked: e.Asked) -> e.Decision | Choice | None:
        match asked.question:
            case Question.GENERATION:
                return e.Decision(ask=asked.ask, choice=Choice.GO, actor=ME, generation=number)
            case Question.CONFIRM:
                return Choice.GO
            case Question.OUTCOME:
                return Choice.KEEP
            case Question.SELECT | Question.RECOVER:
                return Choice.GO_BACK
        return None

    return answer


def listed(told: object) -> dict[int, e.GenerationFound]:
    return {entry.number: entry for entry in told.state.generations.values()}  # type: ignore[attr-defined]


# --- adopt --------------------------------------------------------------------------------------------------------


@virtual
async def test_adopt_records_what_runs_and_changes_nothing(shop: Shop) -> None:
    await shop.install()
    before = shop.left()
    ids = shop.ids()
    told = await shop.run(verb=Verb.ADOPT)
    assert (told.outcome, told.code, told.found()) == (Outcome.ADOPTED, "", [])
    assert (shop.left(), shop.ids()) == (before, ids)
    assert shop.tags(kept=True) == {f"ws9tui.keep/shop:1-{name}": version for name, version in OLD.items()}
    assert generation.read(shop.state, 1).reached
    again = await shop.run(verb=Verb.ADOPT)
    assert again.outcome is Outcome.UP_TO_DATE
    assert shop.generations == [1]


@virtual
async def test_after_adopt_work_by_hand_can_be_taken_back(shop: Shop) -> None:
    await shop.install()
    await shop.run(verb=Verb.ADOPT)
    shop.bring("r.test/api:2.0", "2.0")
    shop.env.write_text("API=2.0\n")
    await shop.compose.up(shop.source, ["api"])
    told = await shop.run(verb=Verb.ROLLBACK)
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD
    assert shop.env.read_text() == ENV
    assert told.state.verified is not None


@virtual
async def test_adopt_without_anything(shop: Shop) -> None:
    told = await shop.run(verb=Verb.ADOPT)
    assert (told.outcome, told.code) == (Outcome.USAGE, "nothing-to-adopt")
    assert shop.generations == []


@virtual
async def test_adopt_says_what_it_cannot_record(shop: Shop) -> None:
    await shop.install()
    shop.file.write_text(shop.file.read_text().replace("restart: always", "restart: on-failure"))
    told = await shop.run(verb=Verb.ADOPT)
    assert told.outcome is Outcome.ADOPTED
    assert told.found() == ["adopted-definition"]


@virtual
async def test_adopt_is_offered_where_nothing_is_recorded(shop: Shop) -> None:
    await shop.offer()

    def record(asked: e.Asked) -> Choice | None:
        return Choice.ADOPT if asked.question is Question.SELECT else None

    told = await shop.run(script=record)
    assert told.outcome is Outcome.ADOPTED
    assert shop.versions() == OLD
    assert shop.generations == [1]


# --- what can be reached ------------------------------------------------------------------------------------------


@virtual
async def test_recover_without_an_interruption_lists_and_asks(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1", "1.2")
    told = await shop.run(verb=Verb.RECOVER)
    assert (told.outcome, told.code) == (Outcome.USAGE, "nothing-to-recover")
    found = listed(told)
    assert {number: entry.reach for number, entry in found.items()} == dict.fromkeys((1, 2, 3), Reach.LOCAL)
    assert [number for number, entry in found.items() if entry.runs] == [3]
    assert found[3].differences == ()
    assert [(d.subject, d.problem.code) for d in found[1].differences if not d.file] == [("api", "image-changed")]
    assert [(d.problem.code, d.keys) for d in found[1].differences if d.file] == [("file-changed", ("API",))]
    assert "1.0" not in repr([d for d in found[1].differences if d.file])
    told = await shop.run(verb=Verb.RECOVER, script=to(1))
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.versions() == OLD
    told = await shop.run(verb=Verb.RECOVER, to=3)
    assert told.outcome is Outcome.KEPT
    assert shop.versions()["api"] == "1.2"


@virtual
async def test_rollback_asks_and_can_be_cancelled(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1")
    before, generations = shop.everything(), shop.generations
    told = await shop.run(verb=Verb.ROLLBACK, script=lambda _: Choice.CANCEL)
    assert told.outcome is Outcome.CANCELLED
    assert (shop.everything(), shop.generations) == (before, generations)


@virtual
async def test_going_back_from_the_images(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1")
    told = await shop.run(script=to(1))
    assert (told.outcome, told.state.project.verb if told.state.project else "") == (Outcome.KEPT, Verb.ROLLBACK)
    assert shop.versions() == OLD


@virtual
async def test_images_to_be_pulled_unknown_and_gone(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1")
    old = make_image("r.test/api", "1.0").id
    del shop.world.images[old]
    assert listed(await shop.run(verb=Verb.RECOVER))[1].reach is Reach.PULL
    shop.world.faults.append(Fault(call="resolve", code="registry-unreachable"))
    entry = listed(await shop.run(verb=Verb.RECOVER))[1]
    assert entry.reach is Reach.UNKNOWN
    assert entry.problem
    assert entry.problem.code == "registry-unreachable"
    shop.world.faults.clear()
    shop.world.registry.clear()
    assert listed(await shop.run(verb=Verb.RECOVER))[1].reach is Reach.GONE


@virtual
async def test_a_plan_to_go_back_pulls_nothing(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1")
    del shop.world.images[make_image("r.test/api", "1.0").id]
    images = set(shop.world.images)
    told = await shop.run(verb=Verb.ROLLBACK, plan_only=True)
    assert (told.outcome, set(shop.world.images), told.all(e.PullStarted)) == (Outcome.PLANNED, images, [])
    assert told.state.plan is not None
    assert ("api" in told.state.plan.services, "generation-image-pulled" in told.found()) == (True, True)
    shop.world.registry.clear()
    told = await shop.run(verb=Verb.ROLLBACK, plan_only=True)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "generation-image-gone")


@virtual
async def test_images_in_an_archive(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1")
    old = make_image("r.test/api", "1.0").id
    del shop.world.images[old]
    target, present = (generation.read(shop.state, number) for number in (1, 2))
    observed = await observe(shop.engine, "shop")
    for ids, expected in (((old,), Reach.ARCHIVE), ((), Reach.GONE)):
        archives = Archives((ArchivedImage("a.tar", Image(old), ids, b"", ()),))
        entry = await reachable.describe(shop.engine, shop.state, target, present, observed, archives)
        assert entry.reach is expected


@virtual
async def test_an_interrupted_run_gives_way_to_another_generation(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "0.9")
    await interrupted(shop)
    told = await shop.run(verb=Verb.RECOVER, script=to(1))
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.versions() == OLD
    assert shop.env.read_text() == ENV
    assert (await shop.run(verb=Verb.RECOVER)).code == "nothing-to-recover"
    runs = shop.runs()
    assert any(run.state.superseded for run in runs)


@virtual
async def test_an_interrupted_run_is_offered_again_when_the_other_generation_fails(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "0.9")
    await interrupted(shop)
    shop.world.faults.append(Fault(call="start", subject="api", times=1, reason="port is already allocated"))
    told = await shop.run(verb=Verb.RECOVER, to=1)
    assert told.outcome is Outcome.ROLLED_BACK
    again = await shop.run(verb=Verb.RECOVER, recover="back")
    assert again.outcome is Outcome.ROLLED_BACK
    assert shop.versions() == OLD | {"api": "0.9"}


@virtual
async def test_an_interrupted_run_is_settled_when_the_other_generation_runs_already(shop: Shop) -> None:
    await shop.install()
    await killed(shop, *KILLS["before the first step"])
    planned = await shop.run(verb=Verb.RECOVER, to=1, plan_only=True)
    assert (planned.outcome, (await shop.run("web")).code) == (Outcome.UP_TO_DATE, "interrupted-run")
    told = await shop.run(verb=Verb.RECOVER, to=1)
    assert told.outcome is Outcome.UP_TO_DATE
    assert shop.session is not None
    assert shop.session.remembered
    assert (await shop.run("web")).outcome is Outcome.KEPT


async def interrupted(shop: Shop) -> None:
    """An update of web and api is killed while it is watched."""
    await killed(shop, lambda event: isinstance(event, e.WatchStarted))


# --- from any state -----------------------------------------------------------------------------------------------


@virtual
@pytest.mark.parametrize("ruin", ["env", "yaml", "file", "folder", "containers", "tag"])
async def test_from_a_ruin(shop: Shop, ruin: str) -> None:
    await shop.install()
    shop.folder.chmod(0o750)
    await updated(shop, "1.1")
    volumes = list(shop.world.volumes)
    match ruin:
        case "env":
            shop.env.write_text("API=\nOTHER=secret\n")
        case "yaml":
            shop.file.write_text("services: [broken\n")
        case "file":
            shop.file.unlink()
        case "folder":
            shutil.rmtree(shop.folder)
        case "containers":
            shop.world.containers.clear()
        case "tag":
            other = shop.bring("r.test/api:1.1", "9.9")
            assert other
    told = await shop.run("shop", verb=Verb.RECOVER, to=2)
    assert (told.outcome, told.code) == (Outcome.KEPT, ""), told.found()
    assert shop.versions() == OLD | {"api": "1.1"}
    assert shop.env.read_text() == ENV.replace("1.0", "1.1")
    assert stat.S_IMODE(shop.folder.stat().st_mode) == 0o750
    assert list(shop.world.volumes) == volumes
    assert not await shop.drift()
    told = await shop.run(verb=Verb.ROLLBACK, to=1)
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD
    shop.publish("r.test/api:1.5", "1.5")
    assert (await shop.run("api=1.5")).outcome is Outcome.KEPT


@virtual
async def test_the_wizard_leads_out_of_broken_files(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1")
    shop.file.write_text("services: [broken\n")
    told = await shop.run(verb=Verb.WIZARD, script=to(2))
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert told.state.generations[2].differences[0].problem.code == "file-changed"
    assert not await shop.drift()
    shop.file.write_text("services: [broken\n")
    assert (await shop.run()).code == "compose-file-invalid"


@virtual
async def test_no_way_back_to_broken_files(shop: Shop) -> None:
    """What was chosen stays in place when it is not well, and can be finished."""
    await shop.install()
    await updated(shop, "1.1")
    shop.file.write_text("services: [broken\n")
    shop.world.faults.append(Fault(call="start", subject="api", times=1, reason="port is already allocated"))
    told = await shop.run(verb=Verb.RECOVER, to=1)
    assert told.outcome is Outcome.NEEDS_RECOVERY
    assert not told.state.way_back
    assert told.state.plan
    printed = "\n".join(line.text for line in plan.lines(told.state.plan))
    assert "If the run fails, generation 1 stays in place as far as it got." in printed
    assert "ws9tui rollback --to" not in printed
    assert told.finished.commands[0] == "ws9tui recover shop --forward"
    assert (await shop.run(verb=Verb.RECOVER, recover="back")).code == "generation-broken"
    told = await shop.run(verb=Verb.RECOVER, recover="forward")
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD
    assert (await shop.run(verb=Verb.ROLLBACK, to=3)).code == "generation-broken"


@virtual
async def test_a_name_that_somebody_else_has(shop: Shop) -> None:
    await shop.install()
    await updated(shop, "1.1")
    shop.world.container("test", "shop-api-1").change(project="", service="")
    told = await shop.run("shop", verb=Verb.RECOVER, to=1)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "name-taken")
    assert "shop-api-1" in shop.ids()


@virtual
async def test_rollback_goes_to_what_ran_before_and_not_to_what_was_gone_back_from(shop: Shop) -> None:
    await shop.install()
    for version in ("1.1", "1.2"):
        shop.publish("r.test/web:latest", version)
        assert (await shop.run("web")).outcome is Outcome.KEPT
        assert (await shop.run(verb=Verb.ROLLBACK)).outcome is Outcome.KEPT
        assert shop.versions()["web"] == "1.0"


@virtual
async def test_a_variable_of_the_shell_is_remembered(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.install()
    shop.env.unlink()
    for version in ("1.0", "1.1"):
        monkeypatch.setenv("API", version)
        shop.publish(f"r.test/api:{version}", version)
        assert (await shop.run()).outcome is (Outcome.KEPT if version == "1.1" else Outcome.UP_TO_DATE)
    monkeypatch.delenv("API")
    assert (await shop.run(verb=Verb.ROLLBACK)).outcome is Outcome.KEPT
    assert shop.versions() == OLD
    assert [generation.read(shop.state, number).project.source.environment for number in (1, 2)] == [
        {"API": "1.0"},
        {"API": "1.1"},
    ]


@virtual
async def test_another_generation_is_chosen_after_its_plan_was_seen(shop: Shop) -> None:
    await shop.install()
    for version in ("1.1", "1.2"):
        await updated(shop, version)
    left = [3, 1]

    def operator(asked: e.Asked) -> e.Decision | Choice | None:
        if asked.question is Question.GENERATION:
            return to(left.pop(0))(asked)
        return Choice.PREVIOUS if asked.question is Question.CONFIRM and left else to(1)(asked)

    shop.publish("r.test/web:latest", "1.1")
    assert (await shop.run("web")).outcome is Outcome.KEPT
    told = await shop.run(verb=Verb.ROLLBACK, script=operator)
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert [decided[:2] for decided in told.asked()] == [
        *[("generation", "go"), ("confirm", "previous"), ("generation", "go"), ("confirm", "go"), ("outcome", "keep")]
    ]
    assert shop.versions() == OLD
    assert not await shop.drift()
