"""Whole updates on the simulated engine, in virtual time: what is the outcome, and what is there afterwards."""

from __future__ import annotations

import asyncio

import pytest

from bench import CHECK, GO, OLD, Answer, Shop, always, go
from virtual_time import now, virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Container
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb
from ws9tui.core.runs import preflight
from ws9tui.simulation.engine import Behaviour, Fault, make_image
from ws9tui.simulation.life import SimContainer

CRASH = Behaviour(exits_after=2.0, exit_code=3, last_words="fatal: no database")


# --- all goes well ------------------------------------------------------------------------------------------------


@virtual
async def test_a_good_update(shop: Shop) -> None:
    await shop.install()
    before = shop.ids()
    shop.publish("r.test/web:latest", "1.1")
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.versions() == OLD | {"web": "1.1"}
    after = shop.ids()
    assert {name for name in after if after[name] != before[name]} == {"shop-web-1"}
    assert shop.generations == [1, 2]
    assert shop.tags(kept=True) == {
        **{f"ws9tui.keep/shop:1-{name}": version for name, version in OLD.items()},
        **{f"ws9tui.keep/shop:2-{name}": version for name, version in (OLD | {"web": "1.1"}).items()},
    }
    assert shop.tags()["r.test/web:latest"] == "1.1"
    assert not await shop.drift()
    assert told.asked() == [("confirm", "go", "default")]


@virtual
async def test_an_operator_decides_each_step(shop: Shop) -> None:
    await shop.offer()
    told = await shop.run(script=GO)
    assert told.outcome is Outcome.KEPT
    assert told.asked() == [
        ("select", "go", "operator"),
        ("confirm", "go", "operator"),
        ("outcome", "keep", "operator"),
    ]


@virtual
async def test_another_tag_is_written_into_the_files(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.1", "1.1")
    told = await shop.run("api=1.1")
    assert told.outcome is Outcome.KEPT
    assert shop.env.read_text() == "# versions\nAPI=1.1\n"
    assert shop.versions() == OLD | {"api": "1.1"}
    assert not await shop.drift()


@virtual
async def test_an_operator_asks_for_another_tag_in_the_pane(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.1", "1.1")
    told = await shop.run(script=GO, selection=("api",), references={"api": "1.1"})
    assert told.outcome is Outcome.KEPT
    assert shop.versions() == OLD | {"api": "1.1"}


@virtual
async def test_a_digest_is_asked_for(shop: Shop) -> None:
    await shop.install()
    digest = shop.publish("r.test/api:1.1", "1.1").digest
    told = await shop.run(f"api={digest}")
    assert (told.outcome, told.code) == (Outcome.USAGE, "reference-not-in-files")
    shop.file.write_text(shop.file.read_text().replace("r.test/api:${API}", "r.test/api:1.0"))
    told = await shop.run(f"api={digest}")
    assert told.outcome is Outcome.KEPT
    assert f"image: r.test/api@{digest}\n" in shop.file.read_text()
    assert shop.versions()["api"] == "1.1"
    assert not await shop.drift()


@virtual
async def test_up_to_date(shop: Shop) -> None:
    await shop.install()
    before = shop.everything()
    told = await shop.run()
    assert told.outcome is Outcome.UP_TO_DATE
    assert shop.everything() == before
    assert shop.generations == []


@virtual
async def test_a_changed_definition_is_applied(shop: Shop) -> None:
    await shop.install()
    before = shop.ids()
    shop.file.write_text(shop.file.read_text().replace("r.test/db:16\n", "r.test/db:16\n    user: me\n"))
    told = await shop.run()
    assert told.outcome is Outcome.KEPT
    assert {name for name, made in shop.ids().items() if before[name] != made} == {"shop-db-1"}
    assert not await shop.drift()


@virtual
async def test_only_a_plan(shop: Shop) -> None:
    await shop.offer()
    before = shop.everything()
    told = await shop.run(plan_only=True)
    assert told.outcome is Outcome.PLANNED
    assert told.state.plan is not None
    assert told.state.plan.services == ("web",)
    assert shop.everything() == before
    assert shop.generations == []
    assert not told.all(e.PullStarted)


@virtual
async def test_a_first_install(shop: Shop) -> None:
    shop.publish_all()
    told = await shop.run(verb=Verb.INSTALL)
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.versions() == OLD
    assert shop.generations[-1] == 1
    assert not await shop.drift()


@virtual
async def test_a_container_is_known_by_the_name_that_its_file_gives_it(shop: Shop) -> None:
    text = shop.file.read_text()
    for name, tag, version in (("web", "latest", "1.0"), ("api", "1.0", "1.0"), ("db", "16", "16.1")):
        shop.publish(f"r.test/{name}:{tag}", version)
        text = text.replace(f"  {name}:\n", f"  {name}:\n    container_name: my-{name}\n")
    shop.file.write_text(text)
    told = await shop.run(verb=Verb.INSTALL)
    assert told.outcome is Outcome.KEPT
    steps = {(event.service, event.container) for event in told.all(e.ContainerStep)}
    assert steps == {(name, f"my-{name}") for name in ("web", "api", "db")}
    assert set(told.state.watched) == {"web", "api", "db"}


@virtual
async def test_a_first_install_that_fails_leaves_nothing(shop: Shop) -> None:
    for reference in ("r.test/web:latest", "r.test/db:16"):
        shop.publish(reference, "16.1" if "db" in reference else "1.0")
    shop.publish("r.test/api:1.0", "1.0", behaviour=CRASH)
    before = shop.everything()
    told = await shop.run(verb=Verb.INSTALL)
    assert told.outcome is Outcome.ROLLED_BACK
    assert shop.versions() == {}
    assert shop.everything()[:4] == before[:4]
    assert shop.world.volumes == []  # it held no data


@pytest.mark.slow
@virtual
async def test_what_does_not_run_is_not_updated(shop: Shop) -> None:
    """Nor after a `down`; once it is installed again, the way back is to what ran before, and not to nothing."""
    shop.publish_all()
    before = shop.everything()
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.USAGE, "project-not-running")
    assert shop.everything() == before
    assert (await shop.run(verb=Verb.INSTALL)).outcome is Outcome.KEPT
    shop.publish("r.test/web:latest", "1.1")
    assert (await shop.run()).outcome is Outcome.KEPT
    shop.world.containers.clear()
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.USAGE, "project-not-running")
    assert shop.versions() == {}
    assert (await shop.run(verb=Verb.INSTALL)).outcome is Outcome.KEPT
    assert (await shop.run(verb=Verb.ROLLBACK)).outcome is Outcome.KEPT
    assert shop.versions() == OLD


@virtual
async def test_a_stopped_service_is_not_started(shop: Shop) -> None:
    await shop.install()
    await shop.engine.stop((await shop.by_service())["web"].id)
    shop.publish("r.test/web:latest", "1.1")
    told = await shop.run()
    assert told.outcome is Outcome.KEPT
    web = (await shop.by_service())["web"]
    assert (web.running, web.image_id) == (False, make_image("r.test/web", "1.1").id)


# --- nothing is committed -----------------------------------------------------------------------------------------


@virtual
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault(call="pull", code="manifest-unknown"), "manifest-unknown"),
        (Fault(call="pull", code="rate-limited"), "rate-limited"),
        (Fault(call="pull", effect="cut", at=0.5), "registry-unreachable"),
        (Fault(call="pull", effect="stall", at=0.5), "pull-stalled"),
    ],
)
async def test_a_pull_that_fails_changes_nothing(shop: Shop, fault: Fault, code: str) -> None:
    await shop.offer()
    shop.publish("r.test/db:16", "16.2")
    before, usage = shop.everything(), shop.world.disk_usage()
    fault.subject = "*/web@*"
    shop.world.faults.append(fault)
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.UNCHANGED, code)
    assert shop.everything() == before
    assert shop.world.disk_usage() == usage
    assert shop.generations == []
    assert shop.tags(kept=True) == {}
    assert [event.reference for event in told.all(e.PullFailed)] == ["r.test/web:latest"]
    assert [event.reference for event in told.all(e.PullFinished)] == ["r.test/db:16"]
    assert not [call for call in shop.compose.calls if call[0] in ("up", "restart")]


@virtual
@pytest.mark.parametrize("effect", ["cut", "stall"])
async def test_a_pull_is_tried_again(shop: Shop, effect: str) -> None:
    await shop.offer()
    fault = Fault(call="pull", subject="*/web@*", at=0.5, times=2)
    fault.effect = "cut" if effect == "cut" else "stall"
    shop.world.faults.append(fault)
    begun = now()
    told = await shop.run(stall_timeout=60.0)
    assert told.outcome is Outcome.KEPT
    assert [event.attempt for event in told.all(e.PullStarted)] == [1, 2, 3]
    assert [event.wait for event in told.all(e.PullRetried)] == [2.0, 5.0]
    assert bool(told.all(e.PullStalled)) is (effect == "stall")
    assert (now() - begun > 120) is (effect == "stall")


@virtual
async def test_an_operator_retries_a_failed_pull(shop: Shop) -> None:
    await shop.offer()
    shop.world.faults.append(Fault(call="pull", subject="*/web@*", code="rate-limited", times=1))
    told = await shop.run(
        script=always(
            select=Choice.GO, pull_failed=Choice.RETRY, versions=Choice.GO, confirm=Choice.GO, outcome=Choice.KEEP
        )
    )
    assert told.outcome is Outcome.KEPT
    assert ("pull-failed", "retry", "operator") in told.asked()
    assert told.state.failure is None, "what was done once more is no reason of what comes later"


@virtual
async def test_the_whole_pull_is_bounded(shop: Shop) -> None:
    await shop.offer(sizes=(1000, 500_000))
    shop.world.rate = 1000.0
    before = shop.everything()
    begun = now()
    told = await shop.run(pull_timeout=100.0)
    assert (told.outcome, told.code) == (Outcome.UNCHANGED, "pull-timeout")
    assert 100 <= now() - begun < 110
    assert shop.everything() == before


@virtual
async def test_a_version_that_does_not_fit(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.0", "0.9")
    before = shop.everything()
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.REFUSED, "version-mismatch")
    assert shop.everything() == before
    assert shop.generations == []


@virtual
async def test_an_expected_version_that_does_not_come(shop: Shop) -> None:
    await shop.offer()
    before = shop.everything()
    told = await shop.run(expect={"web": "1.2"})
    assert (told.outcome, told.code) == (Outcome.REFUSED, "version-mismatch")
    assert shop.everything() == before
    assert (await shop.run(expect={"web": "1.1"})).outcome is Outcome.KEPT


@virtual
async def test_a_registry_that_does_not_answer_is_not_up_to_date(shop: Shop) -> None:
    await shop.offer()
    shop.world.faults.append(Fault(call="resolve", subject="*/db:*", code="registry-unreachable"))
    before = shop.everything()
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.REFUSED, "registry-unreachable")
    assert shop.everything() == before
    assert (await shop.run("web")).outcome is Outcome.KEPT


@virtual
async def test_what_is_built_here_needs_no_registry(shop: Shop) -> None:
    shop.file.write_text(shop.file.read_text().replace("r.test/db:16\n", "r.test/db:16\n    build: {context: .}\n"))
    await shop.offer()
    shop.world.faults.append(Fault(call="resolve", subject="*/db:*", code="registry-unreachable"))
    assert (await shop.run()).outcome is Outcome.KEPT
    assert shop.versions() == OLD | {"web": "1.1"}


QUESTIONS = ("select", "versions", "confirm")


@virtual
@pytest.mark.parametrize("question", QUESTIONS)
async def test_cancel_at_a_question(shop: Shop, question: str) -> None:
    await shop.offer()
    before = shop.everything()
    answers = dict.fromkeys(QUESTIONS, Choice.GO) | {question: Choice.CANCEL}
    told = await shop.run(script=always(**answers), step_by_step=True)
    assert (told.outcome, told.code) == (Outcome.CANCELLED, "cancelled")
    assert told.asked()[-1] == (question, "cancel", "operator")
    assert shop.everything() == before
    assert shop.tags(kept=True) == {}
    assert shop.generations == []


@virtual
async def test_cancel_when_a_pull_has_failed(shop: Shop) -> None:
    await shop.offer()
    shop.world.faults.append(Fault(call="pull", code="rate-limited"))
    before = shop.everything()
    told = await shop.run(script=always(select=Choice.GO, pull_failed=Choice.CANCEL))
    assert (told.outcome, told.code) == (Outcome.UNCHANGED, "rate-limited")
    assert shop.everything() == before


@virtual
@pytest.mark.parametrize("event", ["engine-found", "project-found", "pull-started", "pull-finished", "planned"])
async def test_cancel_when_nothing_is_asked(shop: Shop, event: str) -> None:
    await shop.offer(sizes=(1000, 5000))
    shop.world.rate = 1000.0
    shop.world.latency = 2.0
    before = shop.everything()
    told = await shop.run(script=always(select=Choice.GO), cancel_after=event)
    assert (told.outcome, told.code) == (Outcome.CANCELLED, "cancelled")
    assert shop.everything() == before
    assert shop.generations == []


@virtual
@pytest.mark.parametrize("question", QUESTIONS)
async def test_a_question_that_nobody_answers_has_a_deadline(shop: Shop, question: str) -> None:
    await shop.offer()
    before = shop.everything()
    answers = dict.fromkeys(QUESTIONS[: QUESTIONS.index(question)], Choice.GO)
    begun = now()
    told = await shop.run(script=always(**answers), step_by_step=True)
    assert (told.outcome, told.code) == (Outcome.CANCELLED, "deadline")
    assert told.asked()[-1] == (question, "cancel", "deadline")
    assert 3600 <= now() - begun < 3660
    assert shop.everything() == before


@virtual
@pytest.mark.parametrize("what", ["file", "env", "container"])
async def test_what_changes_after_the_plan_is_found(shop: Shop, what: str) -> None:
    await shop.offer()

    def meddle(asked: e.Asked) -> Choice:
        if asked.question is Question.CONFIRM:
            if what == "container":
                del shop.world.containers[shop.ids()["shop-web-1"]]
            else:
                file = shop.file if what == "file" else shop.env
                file.write_text(file.read_text() + "# later\n")
        return Choice.GO

    told = await shop.run(script=meddle)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "input-changed")
    assert not [call for call in shop.compose.calls if call[0] == "up"]
    assert shop.generations == []


@virtual
async def test_what_others_would_lose_must_be_meant_by_somebody(shop: Shop) -> None:
    """Another project's container lives in the network of one that would be made anew; no way back mends it."""
    await shop.offer()
    found = await shop.by_service()
    mode = f"container:{found['web'].id}"
    made = Container("f" * 64, "dl", found["api"].image_id, Reference("dl"), "media", "dl", network_mode=mode)
    shop.world.containers[made.id] = SimContainer(made=made, started=now())
    before = shop.everything()
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.REFUSED, "foreign-follower-unattended")
    assert shop.everything() == before
    told = await shop.run("web")
    assert told.outcome is Outcome.KEPT
    assert "foreign-follower-left" in told.found()
    assert made.id in shop.world.containers


# --- after the commit ---------------------------------------------------------------------------------------------


@virtual
async def test_what_a_container_says_of_secrets_reaches_no_journal(shop: Shop) -> None:
    shop.env.write_text(shop.env.read_text() + "DB_PWD=correct-horse\n")
    await shop.install()
    words = "fatal: no login with correct-horse, Basic cm9vdDpjb3JyZWN0LWhvcnNl"
    shop.publish("r.test/web:latest", "1.1", behaviour=Behaviour(exits_after=2.0, exit_code=3, last_words=words))
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "crash-looping")
    assert "fatal: no login with •••, Basic •••" in [line.line for line in told.all(e.LogLine)]
    (saved,) = (log for log in told.all(e.LogsSaved) if log.role == "failed" and log.service == "web")
    assert words in (told.folder / saved.name).read_text()
    assert b"horse" not in (told.folder / "journal.jsonl").read_bytes()


@virtual
async def test_a_crash_loop_goes_back(shop: Shop) -> None:
    await shop.offer(behaviour=CRASH)
    shop.publish("r.test/api:1.0", "1.0.1")
    before = shop.left()
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "crash-looping")
    assert shop.versions() == OLD
    assert shop.left() == before
    assert shop.generations == [1]
    assert shop.tags(kept=True) == {f"ws9tui.keep/shop:1-{name}": version for name, version in OLD.items()}
    assert not await shop.drift()
    saved = [(log.role, (told.folder / log.name).read_text()) for log in told.all(e.LogsSaved) if log.service == "web"]
    assert [role for role, _ in saved] == ["old", "failed"]
    assert [log.tail[-1:] for log in told.all(e.LogsSaved) if log.service == "web"] == [(), ("fatal: no database",)]
    assert "1.0: ready" in saved[0][1]
    assert "fatal: no database" in saved[1][1]


@virtual
async def test_it_goes_back_without_a_registry(shop: Shop) -> None:
    await shop.install()
    shop.publish("r.test/api:1.1", "1.1", behaviour=CRASH)
    before = shop.left()

    def cut_off(asked: e.Asked) -> Choice:
        if asked.question is Question.CONFIRM:
            shop.world.registry.clear()
        return {Question.FAILED: Choice.ROLL_BACK}.get(asked.question, Choice.GO)

    told = await shop.run(script=cut_off, selection=("api",), references={"api": "1.1"})
    assert told.outcome is Outcome.ROLLED_BACK
    assert shop.versions() == OLD
    assert shop.left() == before


@virtual
@pytest.mark.parametrize("health", [None, 30.0])
async def test_a_health_check_that_does_not_pass(shop: Shop, health: float | None) -> None:
    await shop.install()
    behaviour = Behaviour(healthy_after=health)
    shop.publish("r.test/web:latest", "1.1", behaviour=behaviour, healthcheck=CHECK)
    told = await shop.run()
    if health is None:
        assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "unhealthy")
        assert shop.versions() == OLD
    else:
        assert told.outcome is Outcome.KEPT
        assert shop.versions()["web"] == "1.1"


@virtual
async def test_a_start_that_the_engine_refuses(shop: Shop) -> None:
    await shop.offer()
    shop.world.faults.append(Fault(call="start", subject="web", times=1, reason="port is already allocated"))
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "compose-failed")
    assert shop.versions() == OLD
    assert not await shop.drift()


@virtual
@pytest.mark.parametrize("unattended", [True, False])
async def test_a_failure_is_held(shop: Shop, *, unattended: bool) -> None:
    await shop.offer(behaviour=CRASH)
    if unattended:
        told = await shop.run(on_failure="hold")
    else:
        told = await shop.run(script=go(failed=Choice.HOLD))
    assert (told.outcome, told.code) == (Outcome.NEEDS_RECOVERY, "crash-looping")
    assert "ws9tui recover shop --back" in told.finished.commands
    web = (await shop.by_service())["web"]
    assert web.image_id == make_image("r.test/web", "1.1").id
    back = await shop.run(verb=Verb.RECOVER, recover="back")
    assert back.outcome is Outcome.ROLLED_BACK
    assert shop.versions() == OLD
    assert not await shop.drift()


@virtual
async def test_a_failure_that_nobody_answers_goes_back_after_a_minute(shop: Shop) -> None:
    await shop.offer(behaviour=CRASH)
    told = await shop.run(script=go())
    assert told.outcome is Outcome.ROLLED_BACK
    assert told.asked()[-1] == ("failed", "rollback", "deadline")


@virtual
async def test_hold_by_the_project_s_own_settings(shop: Shop) -> None:
    await shop.install()
    text = shop.file.read_text().replace(
        "    depends_on:", "    deploy: {update_config: {failure_action: pause}}\n    depends_on:"
    )
    shop.file.write_text(text)
    shop.publish("r.test/web:latest", "1.1", behaviour=CRASH)
    assert (await shop.run("web")).outcome is Outcome.NEEDS_RECOVERY


@virtual
async def test_an_operator_goes_back_though_all_is_well(shop: Shop) -> None:
    await shop.offer()
    before = shop.left()
    told = await shop.run(script=go(outcome=Choice.ROLL_BACK))
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "")
    assert shop.versions() == OLD
    assert shop.left() == before


@virtual
async def test_the_way_back_leaves_another_project_its_image(shop: Shop) -> None:
    """The run pulled the image that the other project has begun to use."""
    new = await shop.offer()

    def used_meanwhile(asked: e.Asked) -> Answer:
        if asked.question is not Question.OUTCOME:
            return GO(asked)
        made = Container("f" * 64, "wiki-wiki-1", new.id, Reference("r.test/web:latest"), "wiki", "wiki")
        shop.world.containers[made.id] = SimContainer(made=made, started=now())
        return Choice.ROLL_BACK

    told = await shop.run(script=used_meanwhile)
    assert told.outcome is Outcome.ROLLED_BACK
    assert shop.versions() == OLD | {"wiki": "1.1"}
    assert new.id in shop.world.images
    assert shop.tags()["r.test/web:latest"] == "1.0"


@virtual
async def test_nobody_answers_whether_to_keep(shop: Shop) -> None:
    await shop.offer()
    begun = now()
    told = await shop.run(script=go())
    assert told.outcome is Outcome.KEPT
    assert told.asked()[-1] == ("outcome", "keep", "deadline")
    assert 3600 <= now() - begun < 3700


@virtual
@pytest.mark.parametrize("confirmed", [True, False])
async def test_confirm_within(shop: Shop, *, confirmed: bool) -> None:
    await shop.offer()
    script = GO if confirmed else go()
    begun = now()
    told = await shop.run(script=script, confirm_within=600.0)
    assert told.outcome is (Outcome.KEPT if confirmed else Outcome.ROLLED_BACK)
    assert shop.versions()["web"] == ("1.1" if confirmed else "1.0")
    assert (now() - begun > 600) is not confirmed


@virtual
async def test_confirm_within_without_anybody(shop: Shop) -> None:
    await shop.offer()
    told = await shop.run(confirm_within=600.0)
    assert told.outcome is Outcome.ROLLED_BACK
    assert told.asked()[-1] == ("outcome", "rollback", "deadline")


@virtual
async def test_it_dies_while_it_is_asked_whether_to_keep(shop: Shop) -> None:
    await shop.offer(behaviour=Behaviour(exits_after=120.0, exit_code=1))
    told = await shop.run(script=go())
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "crash-looping")
    assert told.all(e.GatePassed)
    assert shop.versions() == OLD


@virtual
async def test_the_daemon_is_away_during_the_watch(shop: Shop) -> None:
    await shop.offer()

    async def restart_daemon() -> None:
        await shop.until_web("1.1")
        await asyncio.sleep(5)
        away = Fault(call="containers", code="engine-unreachable")
        shop.world.faults.append(away)
        await asyncio.sleep(120)
        shop.world.faults.remove(away)

    daemon = asyncio.create_task(restart_daemon())
    told = await shop.run()
    await daemon
    assert told.outcome is Outcome.KEPT
    assert told.found().count("engine-unreachable") == 1
    assert shop.versions()["web"] == "1.1"


@virtual
async def test_a_daemon_that_stays_away_needs_recovery(shop: Shop) -> None:
    await shop.offer()

    async def lose_daemon() -> None:
        await shop.until_web("1.1")
        for call in ("containers", "images", "image", "networks"):
            shop.world.faults.append(Fault(call=call, code="engine-unreachable"))

    daemon = asyncio.create_task(lose_daemon())
    told = await shop.run()
    await daemon
    assert told.outcome is Outcome.NEEDS_RECOVERY
    assert "ws9tui recover shop --back" in told.finished.commands
    shop.world.faults.clear()
    back = await shop.run(verb=Verb.RECOVER, recover="back")
    assert back.outcome is Outcome.ROLLED_BACK
    assert shop.versions() == OLD


@virtual
async def test_a_plan_that_would_be_refused_says_so(shop: Shop) -> None:
    await shop.offer()
    shop.world.disk_free = (1000, 1_000_000)
    before = shop.everything()
    told = await shop.run(verb=Verb.UPDATE, plan_only=True)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "disk-low")
    assert "disk-low" in told.found()
    assert told.state.plan is not None, "the plan is there all the same"
    assert shop.everything() == before
    refused = await shop.run()
    assert (refused.outcome, refused.code) == (Outcome.REFUSED, "disk-low")


@virtual
async def test_a_state_directory_without_room_is_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    await shop.offer()
    before = shop.everything()
    monkeypatch.setattr(preflight, "STATE_BYTES", 1 << 80)
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.REFUSED, "state-disk-low")
    assert not told.all(e.PullStarted)
    assert shop.everything() == before
