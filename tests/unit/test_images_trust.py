"""Digests, signatures and the way from what runs, in whole runs: what goes on, what stops, and what is left then."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import COMPOSE, Shop
from support.told import facts
from trusts import GO_ON, STOP, opened, plan_of, refused, trust
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Level, Outcome, Verb
from ws9tui.simulation.engine import Fault
from ws9tui.simulation.images import manifest_of
from ws9tui.simulation.world import Signed
from ws9tui.words import problems

pytestmark = pytest.mark.usefixtures("quick")


WRONG = "sha256:" + "0" * 64


# --- the expected digest ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["index", "manifest"])
@pytest.mark.parametrize("way", ["flag", "settings"])
@virtual
async def test_an_image_of_the_expected_digest_comes(tmp_path: Path, kind: str, way: str) -> None:
    shop = await opened(tmp_path)
    spec = shop.world.lookup("r.test/web:latest")
    digest = spec.digest if kind == "index" else manifest_of(spec, "linux/amd64")
    if way == "settings":
        shop.file.write_text(shop.file.read_text().replace("x-ws9tui: {}", f"x-ws9tui: {{expect: {digest}}}"))
    told = await shop.run("web", expect={"web": digest} if way == "flag" else {})
    assert told.outcome is Outcome.KEPT
    assert trust(told) == [("web", "digest", "verified", Level.OK)]
    assert told.state.versions["web"].expected == ""


@virtual
async def test_a_digest_is_no_version_that_a_container_could_tell(tmp_path: Path) -> None:
    shop = await opened(tmp_path, "{version_command: [web, --version]}")
    told = await shop.run("web", expect={"web": shop.world.lookup("r.test/web:latest").digest})
    assert told.outcome is Outcome.KEPT


@pytest.mark.parametrize("plan_only", [True, False])
@virtual
async def test_an_image_of_another_digest_is_refused_before_any_byte_is_pulled(tmp_path: Path, plan_only: bool) -> None:
    shop = await opened(tmp_path)
    before = shop.everything()
    told = await shop.run("web", expect={"web": WRONG}, plan_only=plan_only)
    await refused(shop, told, "digest-unexpected")
    assert not told.all(e.PullStarted)
    assert shop.everything() == before
    foreign = manifest_of(shop.world.lookup("r.test/web:latest"), "linux/arm64")
    await refused(shop, await shop.run("web", expect={"web": foreign}), "digest-unexpected")


@virtual
async def test_a_digest_of_which_the_registry_tells_nothing_is_not_taken_for_the_expected_one(tmp_path: Path) -> None:
    shop = await opened(tmp_path)
    shop.world.faults.append(Fault(call="members", code="registry-unreachable", reason="nobody there"))
    told = await shop.run("web", expect={"web": WRONG})
    await refused(shop, told, "expected-digest-unproven")
    assert trust(told) == [("web", "digest", "not-checked", Level.BLOCKING)]


@virtual
async def test_a_digest_and_a_version_can_both_be_expected(tmp_path: Path) -> None:
    shop = await opened(tmp_path, "{expect: '2.0'}")
    digest = shop.world.lookup("r.test/web:latest").digest
    told = await shop.run("web", expect={"web": digest})
    assert told.outcome is Outcome.KEPT
    assert told.state.versions["web"].expected == "2.0"


# --- signatures -----------------------------------------------------------------------------------------------

BY_KEY = "{signature: {key: cosign.pub}}"


UNSIGNED = Signed()


AWAY = Signed(unreachable="dial tcp: no such host")


async def signed(
    folder: Path, said: Signed | None, settings: str = BY_KEY, everywhere: str = "", *, cosign: bool = True
) -> Shop:
    """A shop whose new image is signed so; with no word of it by the key in its folder."""
    shop = await opened(folder, settings, everywhere)
    spec = shop.world.lookup("r.test/web:latest")
    shop.world.programs = ["cosign"] if cosign else []
    shop.world.signatures[f"r.test/web@{spec.digest}"] = said or Signed(by=str(shop.folder / "cosign.pub"))
    return shop


@virtual
async def test_a_signed_image_comes_and_the_plan_says_so(tmp_path: Path) -> None:
    shop = await signed(tmp_path, None)
    told = await shop.run()
    assert told.outcome is Outcome.KEPT
    assert trust(told) == [("web", "signature", "verified", Level.OK)]
    assert "web: cosign has verified the signature of r.test/web:latest by cosign.pub." in plan_of(told)
    [asked] = shop.programs.calls
    assert asked == ("cosign", f"r.test/web@{shop.world.lookup('r.test/web:latest').digest}")
    kinds = [type(event) for event in told.events]
    assert kinds.index(e.CheckStarted) < kinds.index(e.TrustChecked) < kinds.index(e.PullStarted)


@virtual
@pytest.mark.parametrize("attended", [True, False])
async def test_an_image_that_is_not_signed_is_refused_and_nobody_can_accept_it(tmp_path: Path, attended: bool) -> None:
    shop = await signed(tmp_path, UNSIGNED)
    before = shop.everything()
    script = GO_ON if attended else None
    told = await shop.run(script=script, verb=Verb.WIZARD if attended else Verb.UPDATE, accept=("web:signature",))
    await refused(shop, told, "signature-wrong")
    assert trust(told) == [("web", "signature", "failed", Level.BLOCKING)]
    assert shop.everything() == before
    assert not told.all(e.PullStarted)


@virtual
@pytest.mark.parametrize("cosign", [True, False])
async def test_a_signature_that_could_not_be_checked_is_refused_unless_it_is_accepted(
    tmp_path: Path, cosign: bool
) -> None:
    shop = await signed(tmp_path, AWAY, cosign=cosign)
    before = shop.everything()
    told = await shop.run()
    await refused(shop, told, "signature-unchecked")
    assert told.finished.problem
    assert "--accept web:signature" in problems.sentence(told.finished.problem)
    assert shop.everything() == before
    planned = await shop.run(plan_only=True)
    assert (planned.outcome, planned.code) == (Outcome.REFUSED, "signature-unchecked")
    told = await shop.run(accept=("web:signature",))
    assert told.outcome is Outcome.KEPT
    [checked] = told.all(e.TrustChecked)
    assert (checked.result, checked.accepted, checked.finding.level) == ("not-checked", True, Level.WARNING)
    assert "cosign could not check the signature of " in plan_of(told)
    assert "; this was accepted." in plan_of(told)
    assert "--accept" not in plan_of(told)
    assert "verified the signature" not in plan_of(told)


@virtual
async def test_the_operator_accepts_or_cancels_before_any_byte_is_pulled(tmp_path: Path) -> None:
    shop = await signed(tmp_path, AWAY)
    before = shop.everything()
    told = await shop.run(script=STOP, verb=Verb.WIZARD)
    assert (told.outcome, told.asked()[-1]) == (Outcome.CANCELLED, ("accept", "cancel", "operator"))
    assert shop.everything() == before
    assert not told.all(e.PullStarted)
    told = await shop.run(script=GO_ON, verb=Verb.WIZARD)
    assert told.outcome is Outcome.KEPT
    assert ("accept", "go", "operator") in told.asked()
    [asked] = [event for event in told.all(e.Asked) if event.question == "accept"]
    assert asked.options == ("web:signature",)
    assert [each.accepted for each in told.all(e.TrustChecked)] == [False, True]


@virtual
async def test_the_file_asks_for_all_services_and_one_may_do_without(tmp_path: Path) -> None:
    everywhere = "{signature: {identity: me@example.org, issuer: https://example.org}}"
    shop = await signed(tmp_path, Signed(by="me@example.org"), "{monitor: 1s}", everywhere)
    told = await shop.run()
    assert told.outcome is Outcome.KEPT
    assert trust(told) == [("web", "signature", "verified", Level.OK)]
    assert "the signature of r.test/web:latest by me@example.org." in plan_of(told)
    shop.file.write_text(shop.file.read_text().replace("{monitor: 1s}", "{signature: false}"))
    shop.publish("r.test/web:latest", "3.0")
    told = await shop.run()
    assert told.outcome is Outcome.KEPT
    assert trust(told) == []


@virtual
async def test_an_image_without_a_digest_is_not_checked(tmp_path: Path) -> None:
    shop = await signed(tmp_path, None)
    shop.file.write_text(shop.file.read_text().replace("restart: always", "restart: always\n    pull_policy: never", 1))
    spec = shop.world.lookup("r.test/web:latest")
    shop.world.keep("r.test/web:latest", spec)
    told = await shop.run("web")
    await refused(shop, told, "signature-unchecked")
    assert told.finished.problem
    assert facts(told.finished.problem)["reason"] == "its digest is not known"


@virtual
async def test_doctor_tells_of_a_program_that_is_missing(tmp_path: Path) -> None:
    shop = await signed(tmp_path, None, cosign=False)
    told = await shop.run(verb=Verb.DOCTOR)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "program-missing")
    shop.world.programs = ["cosign"]
    assert "program-missing" not in (await shop.run(verb=Verb.DOCTOR)).found()


# --- the way from what runs -----------------------------------------------------------------------------------

FROM = "{from: '>=1.5 <2'}"


async def pinned(folder: Path, runs: str, settings: str = FROM, **labels: str) -> Shop:
    """A shop whose `web` runs a version by its tag, with newer ones in the registry."""
    compose = COMPOSE.replace("web:latest\n", f"web:{runs}\n    x-ws9tui: {settings}\n")
    shop = Shop(folder, compose)
    for tag in ("1.0", "1.4.9", "1.5", "1.9.3", "1.10-rc1", "2.0", "2.1", "latest", runs):
        shop.publish(f"r.test/web:{tag}", tag, labels=labels or None)
    shop.world.fetch(f"r.test/web:{runs}")
    for reference in ("r.test/api:1.0", "r.test/db:16"):
        shop.bring(reference, "1.0")
    await shop.compose.up(shop.source, ["web", "api", "db"])
    return shop


@virtual
async def test_a_version_that_may_come_from_what_runs_comes(tmp_path: Path) -> None:
    shop = await pinned(tmp_path, "1.5")
    told = await shop.run("web=2.0")
    assert told.outcome is Outcome.KEPT
    assert trust(told) == [("web", "path", "verified", Level.OK)]
    assert "web: r.test/web:2.0 can follow the running version 1.5 (>=1.5 <2)." in plan_of(told)


@virtual
@pytest.mark.parametrize("plan_only", [True, False])
async def test_a_skipped_step_is_refused_with_the_step_that_must_come_between(tmp_path: Path, plan_only: bool) -> None:
    shop = await pinned(tmp_path, "1.0")
    before = shop.everything()
    told = await shop.run("web=2.0", plan_only=plan_only, accept=("web:path",))
    await refused(shop, told, "path-skips")
    assert told.finished.problem
    assert told.finished.problem.facts["step"] == "1.9.3"
    assert "Update to 1.9.3 first (web=1.9.3), then to this one." in problems.sentence(told.finished.problem)
    assert shop.everything() == before
    assert not told.all(e.PullStarted)


@virtual
async def test_the_step_itself_can_be_taken_and_then_the_next_one(tmp_path: Path) -> None:
    shop = await pinned(tmp_path, "1.0")
    told = await shop.run("web=1.9.3")
    assert (told.outcome, trust(told)) == (Outcome.KEPT, [])
    told = await shop.run("web=2.0")
    assert (told.outcome, trust(told)) == (Outcome.KEPT, [("web", "path", "verified", Level.OK)])


@virtual
async def test_who_has_the_step_behind_him_skips_none(tmp_path: Path) -> None:
    shop = await pinned(tmp_path, "2.0")
    told = await shop.run("web=2.1")
    assert (told.outcome, trust(told)) == (Outcome.KEPT, [("web", "path", "verified", Level.OK)])
    assert "the running version 2.0 is newer than those that r.test/web:2.1 can follow" in plan_of(told)
    older = await shop.run("web=2.0")
    assert (older.outcome, older.code) == (Outcome.REFUSED, "path-skips")


@virtual
async def test_a_range_without_an_end_has_its_step_in_its_own_line(tmp_path: Path) -> None:
    shop = await pinned(tmp_path, "1.0", "{from: '>=1.5'}")
    told = await shop.run("web=2.0")
    await refused(shop, told, "path-skips")
    assert told.finished.problem
    assert told.finished.problem.facts["step"] == "1.9.3"
    assert (await shop.run("web=1.9.3")).outcome is Outcome.KEPT
    assert (await shop.run("web=2.0")).outcome is Outcome.KEPT


@virtual
async def test_where_the_registry_tells_no_tags_the_range_is_named(tmp_path: Path) -> None:
    shop = await pinned(tmp_path, "1.0")
    shop.world.faults.append(Fault(call="tags", code="registry-unreachable"))
    told = await shop.run("web=2.0")
    await refused(shop, told, "path-skips")
    assert told.finished.problem
    assert "Update to a version within >=1.5 <2 first" in problems.sentence(told.finished.problem)


@virtual
async def test_the_same_image_again_skips_nothing(tmp_path: Path) -> None:
    shop = await pinned(tmp_path, "2.1")
    shop.file.write_text(shop.file.read_text().replace("restart: always", "restart: unless-stopped", 1))
    told = await shop.run()
    assert told.outcome is Outcome.KEPT
    assert trust(told) == []


@virtual
async def test_a_version_that_is_not_known_can_be_accepted(tmp_path: Path) -> None:
    shop = await pinned(tmp_path, "latest", nothing="here")
    told = await shop.run("web=2.0")
    assert (told.outcome, told.code) == (Outcome.REFUSED, "path-unknown")
    told = await shop.run("web=2.0", script=STOP, verb=Verb.WIZARD, selection=("web",), references={"web": "2.0"})
    assert (told.outcome, told.asked()[-1]) == (Outcome.CANCELLED, ("accept", "cancel", "operator"))
    told = await shop.run("web=2.0", accept=("web:path",))
    assert told.outcome is Outcome.KEPT
    assert "the running version is not known; this was accepted" in plan_of(told)
