"""What is asked about an image besides its version, in whole runs: what goes on, what stops, and what is left then."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import COMPOSE, Shop, Told
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Level, Outcome
from ws9tui.simulation.engine import Fault
from ws9tui.simulation.images import manifest_of

WRONG = "sha256:" + "0" * 64


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fdatasync", lambda _: None)
    monkeypatch.setattr("os.fsync", lambda _: None)


async def opened(folder: Path, settings: str = "", everywhere: str = "") -> Shop:
    """A shop that runs, with settings of its service `web`, and a newer image of it in the registry."""
    compose = COMPOSE.replace("web:latest\n", f"web:latest\n    x-ws9tui: {settings or '{}'}\n")
    shop = Shop(folder, compose + (f"x-ws9tui: {everywhere}\n" if everywhere else ""))
    await shop.install()
    shop.publish("r.test/web:latest", "2.0")
    return shop


def trust(told: Told) -> list[tuple[str, str, str, Level]]:
    """Return what was checked."""
    found: list[e.TrustChecked] = told.all(e.TrustChecked)
    return [(each.service, each.check, each.result, each.finding.level) for each in found]


async def refused(shop: Shop, told: Told, code: str) -> None:
    """Assert that a run was refused, and that nothing of it is left."""
    assert (told.outcome, told.code) == (Outcome.REFUSED, code)
    assert shop.versions()["web"] == "1.0"
    assert not told.all(e.CommitStarted)


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
