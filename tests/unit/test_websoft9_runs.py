"""Runs on Websoft9 on a simulated engine: what its profile makes of an update, a release and a look by doctor."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

import takes
from bench import Told
from releases import MODERN_COMPOSE, put
from support.told import facts
from virtual_time import now, virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.plan import Plan
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Level, Outcome, Verb
from ws9tui.websoft9 import layout, migration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from studio import Studio
    from ws9tui.problems.problem import Problem

CONSOLE = "http://127.0.0.1:9000/"
CHECKS = "console, AppHub, /w9git/, /w9deployment/, /w9proxy/"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    for kind in ("legacy", "modern"):
        monkeypatch.setitem(layout.USUAL_FOLDERS, kind, str(tmp_path / "usual" / kind))
    monkeypatch.setattr(migration, "BACKUPS", str(tmp_path / "usual" / "backups"))
    monkeypatch.setattr(migration, "_UNITS", str(tmp_path / "usual" / "units"))
    return takes.websoft9(tmp_path)


def found(told: Told, *levels: Level) -> dict[str, Problem]:
    return {
        one.finding.problem.code: one.finding.problem
        for one in told.all(e.Found)
        if one.finding.level in (levels or tuple(Level))
    }


def plan(told: Told) -> Plan:
    made: Plan = told.all(e.Planned)[-1].plan
    return made


async def run(site: Studio, *arguments: str, **options: Any) -> Told:  # noqa: ANN401 - as `Shop.run` has them
    """Do a run, and let a while pass, for runs are named by the second."""
    told = await site.run(*arguments, **options)
    await asyncio.sleep(5)
    return told


def broken(site: Studio, path: str, *, by_update: bool = True) -> None:
    """Have the console answer an error there, from an update on or as long as it is."""
    execute = site.engine.execute

    async def answer(container: str, command: Sequence[str], **more: Any) -> tuple[int | None, str]:  # noqa: ANN401
        updated = any(name == "up" for name, *_ in site.compose.calls)
        if command[-1] == CONSOLE + path and (updated or not by_update):
            return 0, "HTTP/1.1 502 Bad Gateway\n"
        return await execute(container, command, **more)

    site.engine.execute = answer  # type: ignore[method-assign, assignment]


def release(folder: Path, site: Studio, version: str, plugins: dict[str, str]) -> Path:
    """Make a release with the images that are installed."""
    made = takes.bundle(folder, version, site.env.read_text(), site.file.read_text())
    return put(made, {"version.json": json.dumps({"version": version, "plugins": plugins, "OS": {}})})


# --- the gate -----------------------------------------------------------------------------------------------------


@virtual
async def test_what_answers_before_must_answer_after(site: Studio) -> None:
    told = await run(site, "git=1.25.5")
    assert told.outcome is Outcome.KEPT
    owners = dict(zip(CHECKS.split(", "), ("proxy", "apphub", "git", "apphub", "proxy"), strict=True))
    assert {check.name: check.service for check in plan(told).checks} == owners  # Portainer's container is not touched
    assert found(told)["checks-required"].facts == {"checks": CHECKS}
    passed = [one.finding.problem for one in told.all(e.Found) if one.finding.problem.code == "checks-pass"]
    assert {name for one in passed for name in one.facts["checks"].split(", ")} == {*CHECKS.split(", ")}


@virtual
async def test_a_gitea_that_answers_no_more_takes_the_update_back(site: Studio) -> None:
    """All four run on; the proxy says that what is behind it does not."""
    versions = site.versions()
    broken(site, "w9git/")
    began = now()
    told = await run(site, "git=1.25.5")
    assert (told.outcome, told.code) == (Outcome.ROLLED_BACK, "check-failed")
    assert told.finished.problem is not None
    assert facts(told.finished.problem) == {"service": "git", "check": "/w9git/", "reason": "HTTP status 502"}
    assert site.versions() == versions
    assert now() - began > 8 * 20  # the windows of a service


@virtual
async def test_what_did_not_answer_before_rolls_nothing_back(site: Studio) -> None:
    broken(site, "w9git/", by_update=False)
    told = await run(site, "git=1.25.5")
    assert told.outcome is Outcome.KEPT
    notes = {note.code: facts(note) for note in plan(told).notes}
    assert notes["checks-failed-before"] == {"checks": "/w9git/", "reason": "HTTP status 502"}
    assert found(told, Level.WARNING)["check-fails-still"].facts["check"] == "/w9git/"


# --- releases -----------------------------------------------------------------------------------------------------


@virtual
async def test_a_release_that_changes_no_image(site: Studio, tmp_path: Path) -> None:
    """2.2.17 to 2.2.19 changes plugins of Cockpit alone: nothing is recreated, and the version moves all the same."""
    put(
        site.folder.parent,
        {"version.json": json.dumps({"version": "2.2.17", "plugins": {"nginx": "0.0.8", "gitea": "1"}})},
    )
    source = release(tmp_path / "new", site, "2.2.19", {"nginx": "0.0.9", "gitea": "1", "myapps": "0.3"})
    ids = site.ids()
    told = await run(site, release=str(source))
    assert told.outcome is Outcome.KEPT
    notes = {note.code: facts(note) for note in plan(told).notes}
    assert notes["release-no-image"] == {"version": "2.2.19"}
    assert notes["cockpit-plugins"] == {"plugins": "nginx 0.0.8 → 0.0.9, myapps ? → 0.3"}
    assert site.ids() == ids
    assert json.loads((site.folder.parent / "version.json").read_text())["version"] == "2.2.19"
    assert (await run(site, verb=Verb.DOCTOR)).all(e.ProjectFound)[0].version == "2.2.19"
    told = await run(site, verb=Verb.ROLLBACK)
    assert told.outcome is Outcome.KEPT
    assert json.loads((site.folder.parent / "version.json").read_text())["version"] == "2.2.17"
    assert site.ids() == ids


# --- migrations ---------------------------------------------------------------------------------------------------


async def half_migrated(site: Studio, tmp_path: Path) -> None:
    """The modern container beside those of old, in a project of the same name, as upstream has it."""
    site.publish("websoft9dev/websoft9:2.3.4", "2.3.4")
    site.world.fetch("websoft9dev/websoft9:2.3.4")
    folder = put(tmp_path / "usual" / "modern", {"docker-compose.yml": MODERN_COMPOSE, ".env": "IMAGE_TAG=2.3.4\n"})
    source = ProjectSource("websoft9", str(folder), (str(folder / "docker-compose.yml"),))
    await site.compose.up(source, ["product"], start=False)


@virtual
async def test_a_half_migrated_one_is_not_changed(site: Studio, tmp_path: Path) -> None:
    await half_migrated(site, tmp_path)
    ids = site.ids()
    told = await run(site, "websoft9", verb=Verb.DOCTOR)
    assert told.outcome is Outcome.REFUSED
    assert "websoft9-mixed" in found(told, Level.BLOCKING)
    assert found(told)["migration-both"].facts["modern"] == "websoft9"
    assert "checks-pass" not in found(told)
    told = await run(site, "websoft9", "git=1.25.5")
    assert (told.outcome, told.code) == (Outcome.REFUSED, "websoft9-mixed")
    assert site.ids() == ids


@virtual
async def test_doctor_assesses_a_migration(site: Studio) -> None:
    site.world.volumes.append("gitea_ab1cd_gitea")
    told = await run(site, verb=Verb.DOCTOR)
    assert told.outcome is Outcome.WELL
    codes = found(told)
    assert codes["checks-pass"].facts == {"checks": CHECKS}
    assert codes["migration-bridge"].facts == {"version": "2.2.9", "newest": "2.2.19"}
    assert codes["migration-wrong-volume"].facts == {
        "role": "gitea",
        "volume": "websoft9_gitea",
        "taken": "gitea_ab1cd_gitea",
    }
    assert {"migration-lost", "migration-https", "migration-save"} <= codes.keys()
