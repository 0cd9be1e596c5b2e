"""Hooks of a project, on the simulated engine: when they are run, and what their failures do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bench import CRASH, GO, Shop, Told
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import Choice, Outcome, Verb
from ws9tui.errors import EngineError
from ws9tui.problems.problem import read
from ws9tui.simulation.world import SimCommand
from ws9tui.words import lines, plan, safety
from ws9tui.words import outcome as outcome_words
from ws9tui.words.text import clean

NAMES = ("before_commit", "dump", "after_keep", "after_rollback")
ALL = {name: name for name in NAMES}


def hooked(shop: Shop, service: str = "web", **hooks: object) -> None:
    """Give a service hooks: the names of the world's commands, or what stands in the file."""
    text = "".join(f"      {name}: {said}\n" for name, said in hooks.items())
    shop.file.write_text(shop.file.read_text().replace(f"  {service}:\n", f"  {service}:\n    x-ws9tui:\n{text}", 1))


def of_project(shop: Shop, **hooks: object) -> None:
    text = "".join(f"  {name}: {said}\n" for name, said in hooks.items())
    shop.file.write_text(f"x-ws9tui:\n{text}" + shop.file.read_text())


def commands(shop: Shop, **outcomes: SimCommand) -> None:
    shop.world.commands |= dict.fromkeys(NAMES, SimCommand()) | outcomes


async def ready(shop: Shop, **outcomes: SimCommand) -> None:
    """Have the project run, a new web in the registry, and commands."""
    await shop.offer()
    commands(shop, **outcomes)


def told_of(told: Told) -> list[tuple[str, int | None]]:
    return [(event.when.value, event.status) for event in told.all(e.HookFinished)]


def kinds(told: Told) -> list[str]:
    return [str(e.to_builtins(event)["type"]) for event in told.events]


@virtual
async def test_hooks_are_run_before_the_commit_and_after_it(shop: Shop) -> None:
    hooked(shop, **ALL)
    await ready(shop, before_commit=SimCommand(output="one\ntwo\n"))
    told = await shop.run()
    assert told.outcome is Outcome.KEPT
    assert shop.world.ran == ["shop-web-1: before_commit", "shop-web-1: after_keep"]
    assert told_of(told) == [("before_commit", 0), ("after_keep", 0)]
    assert told.all(e.HookFinished)[0].tail == ("one", "two")
    order = kinds(told)
    assert order.index("hook-finished") < order.index("commit-started") < order.index("gate-passed")
    assert len(order) - order[::-1].index("hook-finished") == len(order) - 1


@virtual
async def test_a_dump_is_run_where_its_data_is_saved_and_only_there(shop: Shop) -> None:
    hooked(shop, "db", dump="dump", backup="true")
    await ready(shop)
    shop.publish("r.test/db:16", "16.2")
    told = await shop.run("db", no_backup=True)
    assert (told.outcome, shop.world.ran) == (Outcome.KEPT, [])
    shop.publish("r.test/db:16", "16.3")
    told = await shop.run("db")
    assert (told.outcome, shop.world.ran) == (Outcome.KEPT, ["shop-db-1: dump"])
    order = kinds(told)
    assert order.index("hook-finished") < order.index("commit-started") < order.index("backup-made")


@virtual
@pytest.mark.parametrize(
    ("outcome", "code"),
    [(SimCommand(status=3, output="\nno room\n"), "hook-status"), (SimCommand(seconds=1e6), "hook-endless")],
)
async def test_a_failure_before_the_commit_changes_nothing(shop: Shop, outcome: SimCommand, code: str) -> None:
    hooked(shop, **ALL)
    await ready(shop, before_commit=outcome)
    before = shop.everything()
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.REFUSED, code)
    assert shop.everything() == before
    assert shop.generations == []
    # Whoever was told that it begins is told that all stays.
    assert shop.world.ran == ["shop-web-1: before_commit", "shop-web-1: after_rollback"]
    said = {"hook-status": "'no room'", "hook-endless": "continues in the container"}[code]
    assert said in outcome_words.message(told.finished, told.state)
    assert any("FAILED: Hook before_commit of web" in (lines.line(event) or "") for event in told.events)


@virtual
async def test_a_failure_that_only_warns_stops_nothing(shop: Shop) -> None:
    hooked(shop, before_commit="{run: before_commit, failure: warn, timeout: 5s}", after_keep="after_keep")
    await ready(shop, before_commit=SimCommand(status=1), after_keep=SimCommand(seconds=1e6))
    told = await shop.run()
    assert told.outcome is Outcome.KEPT
    assert told.found() == ["hook-status", "hook-endless"]
    assert told.all(e.HookStarted)[0].seconds == 5


@virtual
async def test_a_cancel_ends_a_hook_and_is_told(shop: Shop) -> None:
    hooked(shop, before_commit="before_commit", after_rollback="after_rollback")
    await ready(shop, before_commit=SimCommand(seconds=30))
    before = shop.everything()
    told = await shop.run(script=GO, cancel_after="hook-started")
    assert told.outcome is Outcome.CANCELLED
    assert shop.everything() == before
    assert [event.problem and event.problem.code for event in told.all(e.HookFinished)] == ["hook-cut-short", None]


@virtual
async def test_a_commit_that_cannot_be_recorded_undoes_what_its_hooks_did(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: object) -> None:
        raise EngineError(read("engine-error", {"call": "tag"}))

    hooked(shop, **ALL)
    await ready(shop)
    monkeypatch.setattr("ws9tui.core.commit.record.keep", failing)
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.UNCHANGED, "engine-error")
    assert shop.world.ran == ["shop-web-1: before_commit", "shop-web-1: after_rollback"]
    assert shop.versions()["web"] == "1.0"


@virtual
async def test_a_way_back_runs_the_hooks_of_its_end(shop: Shop) -> None:
    hooked(shop, **ALL)
    await ready(shop)
    shop.publish("r.test/web:latest", "1.2", behaviour=CRASH)
    told = await shop.run()
    assert told.outcome is Outcome.ROLLED_BACK
    assert shop.world.ran == ["shop-web-1: before_commit", "shop-web-1: after_rollback"]
    assert shop.versions()["web"] == "1.0"


@virtual
async def test_a_rollback_runs_those_of_the_generation_that_it_goes_to_and_none_stops_it(shop: Shop) -> None:
    hooked(shop, **ALL)
    await ready(shop)
    await shop.run()
    shop.world.ran.clear()
    commands(shop, before_commit=SimCommand(status=9))
    told = await shop.run(verb=Verb.ROLLBACK)
    assert told.outcome is Outcome.KEPT
    assert shop.world.ran == ["shop-web-1: before_commit", "shop-web-1: after_rollback"]
    assert told.found().count("hook-status") == 1


# --- on this machine ----------------------------------------------------------------------------------------------


@virtual
async def test_hooks_of_the_project_run_on_this_machine_whatever_is_updated(shop: Shop) -> None:
    of_project(shop, before_commit="{run: [before_commit], on: host}", after_keep="{run: [after_keep], on: host}")
    await ready(shop)
    told = await shop.run()
    assert told.outcome is Outcome.KEPT
    assert shop.world.ran == ["host: before_commit", "host: after_keep"]
    found = shop.programs.environments[0]
    assert (found["WS9TUI_HOOK"], found["WS9TUI_PROJECT"], found["WS9TUI_AFTER"]) == ("before_commit", "shop", "2")


@virtual
@pytest.mark.parametrize("spoiled", ["file", "folder", "env", "program"])
async def test_what_others_may_write_is_not_run_on_this_machine(shop: Shop, spoiled: str) -> None:
    program = shop.folder / "tell.sh"
    program.write_text("true\n")
    word = {"env": "$API", "program": "tell.sh"}.get(spoiled, "before_commit")
    of_project(shop, before_commit=f"{{run: [before_commit, {word}], on: host}}")
    await ready(shop)
    shop.world.commands |= {f"before_commit {word}": SimCommand() for word in ("1.0", "tell.sh", "before_commit")}
    {"file": shop.file, "folder": shop.folder, "env": shop.env, "program": program}[spoiled].chmod(0o777)
    told = await shop.run()
    assert (told.outcome, told.code) == (Outcome.REFUSED, "hook-not-entrusted")
    assert not told.all(e.PullStarted)
    assert shop.world.ran == []
    told = await shop.run(verb=Verb.DOCTOR)
    assert told.outcome is Outcome.REFUSED
    {"file": shop.file, "folder": shop.folder, "env": shop.env, "program": program}[spoiled].chmod(0o755)
    assert (await shop.run()).outcome is Outcome.KEPT
    assert len(shop.world.ran) == 1


@virtual
async def test_a_recorded_hook_that_others_could_write_is_told_and_not_run(shop: Shop) -> None:
    of_project(shop, after_rollback="{run: [after_rollback], on: host}")
    shop.file.chmod(0o666)
    await shop.install()
    commands(shop)
    assert (await shop.run(verb=Verb.ADOPT)).outcome is Outcome.ADOPTED
    shop.file.chmod(0o644)
    shop.publish("r.test/web:latest", "1.1")
    assert (await shop.run()).outcome is Outcome.KEPT
    told = await shop.run(verb=Verb.ROLLBACK, to=1)
    assert told.outcome is Outcome.KEPT
    assert shop.world.ran == []
    assert "hook-skipped" in told.found()


# --- a worker that is killed --------------------------------------------------------------------------------------


def begins(when: str) -> Callable[[Any], bool]:
    return lambda event: isinstance(event, e.HookStarted) and event.when == when


@virtual
async def test_killed_in_one_before_the_commit_nothing_is_to_be_recovered(shop: Shop) -> None:
    hooked(shop, **ALL)
    of_project(shop, before_commit="{run: [before_commit], on: host}")
    await ready(shop, before_commit=SimCommand(seconds=20))
    before = shop.everything()[0]
    folder = await shop.kill(Options(), begins("before_commit"))
    shop.stand(shop.world, shop.store, shop.source)
    assert shop.everything()[0] == before
    told = await shop.run(verb=Verb.RECOVER, recover="back")
    assert (told.outcome, told.code) == (Outcome.USAGE, "nothing-to-recover")
    assert "hook-uncertain" in told.found()
    assert shop.programs.ended == [f"{folder.name} before_commit"]
    shop.world.ran.clear()
    assert (await shop.run()).outcome is Outcome.KEPT
    assert shop.world.ran == ["host: before_commit", "shop-web-1: before_commit", "shop-web-1: after_keep"]


@virtual
@pytest.mark.parametrize("way", ["forward", "back"])
async def test_killed_in_one_after_the_commit_the_rest_is_run_by_the_recovery(shop: Shop, way: str) -> None:
    hooked(shop, **ALL)
    of_project(shop, after_keep="{run: [after_keep], on: host}", after_rollback="{run: [after_rollback], on: host}")
    await ready(shop, after_keep=SimCommand(seconds=20))

    def second(event: Any) -> bool:  # noqa: ANN401 - of any type
        return isinstance(event, e.HookStarted) and event.when == "after_keep" and event.service == "web"

    await shop.kill(Options(), second)
    shop.stand(shop.world, shop.store, shop.source)
    shop.world.ran.clear()
    told = await shop.run(verb=Verb.RECOVER, recover=way)
    [interrupted] = told.all(e.RunInterrupted)
    assert interrupted.recommended is Choice.FORWARD
    if way == "forward":
        assert (told.outcome, shop.world.ran) == (Outcome.KEPT, ["shop-web-1: after_keep"])
        assert shop.versions()["web"] == "1.1"
    else:
        assert told.outcome is Outcome.ROLLED_BACK
        assert shop.world.ran == ["host: after_rollback", "shop-web-1: after_rollback"]
        assert shop.versions()["web"] == "1.0"


@virtual
async def test_killed_in_one_after_a_rollback_it_is_run_again(shop: Shop) -> None:
    hooked(shop, **ALL)
    await ready(shop, after_rollback=SimCommand(seconds=20))
    shop.publish("r.test/web:latest", "1.2", behaviour=CRASH)
    await shop.kill(Options(), begins("after_rollback"))
    shop.stand(shop.world, shop.store, shop.source)
    shop.world.ran.clear()
    told = await shop.run(verb=Verb.RECOVER)
    assert (told.outcome, shop.world.ran) == (Outcome.ROLLED_BACK, ["shop-web-1: after_rollback"])
    assert shop.versions()["web"] == "1.0"


@virtual
async def test_one_that_the_end_of_its_worker_has_cut_short_is_run_again(shop: Shop) -> None:
    hooked(shop, **ALL)
    await ready(shop, after_keep=SimCommand(seconds=20))

    async def terminate() -> None:
        while shop.session is None or not shop.world.ran[1:]:  # noqa: ASYNC110 - the run tells nobody
            await asyncio.sleep(0.1)
        shop.session.terminate()

    ending = asyncio.create_task(terminate())
    told = await shop.run()
    await ending
    assert told.outcome is Outcome.NEEDS_RECOVERY
    assert told.all(e.HookFinished)[-1].problem.code == "hook-cut-short"
    commands(shop)
    shop.world.ran.clear()
    told = await shop.run(verb=Verb.RECOVER)
    assert (told.outcome, shop.world.ran) == (Outcome.KEPT, ["shop-web-1: after_keep"])


# --- what is shown ------------------------------------------------------------------------------------------------


@virtual
async def test_the_plan_and_the_safety_line_show_them_without_secrets(shop: Shop) -> None:
    shop.env.write_text(shop.env.read_text() + "DB_PASSWORD=correct-horse\n")
    hooked(shop, before_commit='["tell", "$DB_PASSWORD"]', after_keep="{run: after_keep, timeout: 2m}")
    await ready(shop)
    shop.world.commands["tell correct-horse"] = SimCommand(status=4, output="cannot use correct-horse\n")
    told = await shop.run(plan_only=True)
    assert told.state.plan is not None
    shown = "\n".join(line.text for line in plan.lines(told.state.plan))
    assert "before_commit of web, in its container: tell '$DB_PASSWORD'" in shown
    assert "at most 1 min; if it fails, nothing is changed" in shown
    assert "after_keep of web, in its container: after_keep" in shown
    assert "at most 2 min; if it fails, there is a warning" in shown
    assert shop.world.ran == []
    told = await shop.run()
    assert told.code == "hook-status"
    journal = (told.folder / "journal.jsonl").read_text()
    assert "correct-horse" not in journal
    assert "cannot use" in journal
    started = next(event for event in told.events if isinstance(event, e.HookStarted))
    state = told.state.__class__(hooks=told.state.hooks[:1])
    state = state.__class__(hooks=(state.hooks[0].__class__(started),))
    assert "Running hook before_commit of web." in safety.line(state)


@virtual
async def test_a_secret_that_stands_in_a_command_is_not_shown(shop: Shop) -> None:
    hooked(shop, before_commit="PGPASSWORD=horse-battery tell --token=staple-4711 --to me")
    await ready(shop)
    shop.world.commands["PGPASSWORD=horse-battery tell --token=staple-4711 --to me"] = SimCommand()
    for told in (await shop.run(plan_only=True), await shop.run(), await shop.run(verb=Verb.ROLLBACK)):
        journal = (told.folder / "journal.jsonl").read_text() if told.folder.exists() else repr(told.events)
        assert "horse-battery" not in journal
        assert "staple-4711" not in journal
        assert "PGPASSWORD=••• tell --token=••• --to me" in journal


@virtual
async def test_the_doctor_tells_them(shop: Shop) -> None:
    hooked(shop, before_commit="before_commit")
    await ready(shop)
    told = await shop.run(verb=Verb.DOCTOR)
    assert "hook-set" in told.found()
    said = [lines.line(event) or "" for event in told.all(e.Found)]
    assert any("Hook before_commit of web, in its container: before_commit" in clean(text) for text in said)


@virtual
@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("{run: x, on: host}", "hook-host"),
        ("{on: host}", "hook"),
        ("{run: [x], on: moon}", "hook-place"),
        ("{run: x, timeout: 0s}", "duration"),
        ("{run: x, failure: ignore}", "hook-failure"),
        ("[]", "text"),
    ],
)
async def test_what_is_wrong_is_told_with_its_line(shop: Shop, said: str, reason: str) -> None:
    hooked(shop, before_commit=said)
    await ready(shop)
    told = await shop.run()
    assert told.outcome is Outcome.USAGE
    assert told.finished.problem
    facts = told.finished.problem.facts
    assert (told.code, facts["reason"], facts["line"]) == ("settings-invalid", reason, "5")


@virtual
@pytest.mark.parametrize(
    ("name", "said", "reason"),
    [("after_keep", "{run: [x], on: host, failure: refuse}", "hook-after"), ("dump", "x", "hook-file")],
)
async def test_what_cannot_be_is_told(shop: Shop, name: str, said: str, reason: str) -> None:
    of_project(shop, **{name: said})
    await ready(shop)
    told = await shop.run()
    assert told.finished.problem
    assert told.finished.problem.facts["reason"] == reason
