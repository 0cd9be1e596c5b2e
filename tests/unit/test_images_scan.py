"""Images that are scanned for vulnerabilities, in whole runs: only what is new counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import COMPOSE, Shop
from trusts import GO_ON, STOP, opened, plan_of, refused, trust
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Level, Outcome, Verb
from ws9tui.core.model.trust import Severity, Vulnerability
from ws9tui.words import problems

pytestmark = pytest.mark.usefixtures("quick")


OLD = Vulnerability("CVE-1", Severity.CRITICAL, "libssl3")


MOVED = Vulnerability("CVE-1", Severity.CRITICAL, "libssl3t64")


GONE = Vulnerability("CVE-2", Severity.HIGH, "zlib1g")


LOW = Vulnerability("CVE-3", Severity.LOW, "bash")


NEW = Vulnerability("CVE-4", Severity.CRITICAL, "curl")


SCAN = "{scan: trivy, scan_fail_on: high}"


async def scanned(folder: Path, *coming: Vulnerability, settings: str = SCAN, program: str = "trivy") -> Shop:
    """A shop whose `web` runs an image with two vulnerabilities, and these in the one to come."""
    shop = await opened(folder, settings)
    runs = (await shop.by_service())["web"].image_id
    shop.world.programs = [program]
    shop.world.vulnerabilities = {runs: (OLD, GONE), shop.world.lookup("r.test/web:latest").id: coming}
    return shop


@virtual
async def test_an_old_vulnerability_does_not_stop_the_fix_of_another(tmp_path: Path) -> None:
    shop = await scanned(tmp_path, MOVED, LOW)
    told = await shop.run()
    assert told.outcome is Outcome.KEPT
    assert trust(told) == [("web", "scan", "compared", Level.WARNING)]
    [checked] = told.all(e.TrustChecked)
    assert (checked.program, checked.new, checked.fixed) == ("trivy", (LOW,), (GONE,))
    said = "compared r.test/web:latest with the running image: new vulnerabilities: 1 low; fixed: 1 high; in both: 1."
    assert said in plan_of(told)


@virtual
async def test_nothing_new_is_no_warning(tmp_path: Path) -> None:
    shop = await scanned(tmp_path, OLD)
    told = await shop.run()
    assert trust(told) == [("web", "scan", "compared", Level.OK)]
    assert "with the running image: no new vulnerabilities; fixed: 1 high; in both: 1." in plan_of(told)
    shop.publish("r.test/web:latest", "3.0")
    assert "no new vulnerabilities; fixed: 1 critical." in plan_of(await shop.run())


@virtual
async def test_a_new_vulnerability_of_that_severity_stops_the_run_and_the_image_is_taken_away(tmp_path: Path) -> None:
    shop = await scanned(tmp_path, OLD, NEW, LOW)
    before = shop.everything()
    told = await shop.run()
    await refused(shop, told, "scan-worse")
    assert told.all(e.PullFinished)
    assert shop.everything() == before
    assert told.finished.problem
    said = problems.sentence(told.finished.problem)
    assert "new vulnerabilities of severity 'high' or higher: 1 critical (CVE-4); fixed: 1 high." in said
    assert "--accept web:scan" in said
    told = await shop.run(script=STOP, verb=Verb.WIZARD)
    assert (told.outcome, told.asked()[-1]) == (Outcome.CANCELLED, ("accept", "cancel", "operator"))
    assert shop.everything() == before
    assert "web" in told.state.versions  # it is asked beside what else is known of it
    told = await shop.run(script=GO_ON, verb=Verb.WIZARD)
    assert told.outcome is Outcome.KEPT
    assert "(CVE-4); fixed: 1 high; this was accepted." in plan_of(told)


@virtual
async def test_a_new_vulnerability_can_be_accepted_on_the_command_line(tmp_path: Path) -> None:
    shop = await scanned(tmp_path, NEW)
    assert (await shop.run(accept=("web:signature",))).code == "scan-worse"
    assert (await shop.run(accept=("web:scan",))).outcome is Outcome.KEPT


@virtual
async def test_without_a_severity_nothing_stops(tmp_path: Path) -> None:
    shop = await scanned(tmp_path, NEW, settings="{scan: trivy}")
    told = await shop.run()
    assert (told.outcome, trust(told)) == (Outcome.KEPT, [("web", "scan", "compared", Level.WARNING)])


@virtual
async def test_a_scanner_that_is_missing_is_told_and_stops_nothing(tmp_path: Path) -> None:
    shop = await scanned(tmp_path, NEW, program="grype")
    doctor = await shop.run(verb=Verb.DOCTOR)
    assert (doctor.outcome, "program-missing" in doctor.found()) == (Outcome.WELL, True)
    told = await shop.run()
    assert (told.outcome, trust(told)) == (Outcome.KEPT, [("web", "scan", "not-checked", Level.WARNING)])
    assert "was not compared with the running image for vulnerabilities: trivy: it is not installed." in plan_of(told)


@virtual
async def test_where_nothing_runs_nothing_is_compared(tmp_path: Path) -> None:
    shop = Shop(tmp_path, COMPOSE + "x-ws9tui: {scan: grype, scan_fail_on: low}\n")
    for reference in ("r.test/web:latest", "r.test/api:1.0", "r.test/db:16"):
        shop.publish(reference, "1.0")
    shop.world.programs = ["grype"]
    shop.world.vulnerabilities[shop.world.lookup("r.test/web:latest").id] = (NEW, LOW)
    told = await shop.run(verb=Verb.INSTALL)
    assert told.outcome is Outcome.KEPT
    levels = {service: level for service, _, _, level in trust(told)}
    assert levels == {"web": Level.WARNING, "api": Level.OK, "db": Level.OK}
    assert "web: grype found 1 critical, 1 low in r.test/web:latest. Nothing is running to compare it with." in plan_of(
        told
    )


@virtual
async def test_a_changed_definition_of_the_same_image_is_not_scanned(tmp_path: Path) -> None:
    shop = await scanned(tmp_path, NEW)
    assert (await shop.run(accept=("web:scan",))).outcome is Outcome.KEPT
    shop.programs.calls.clear()
    shop.file.write_text(shop.file.read_text().replace("restart: always", "restart: unless-stopped", 1))
    told = await shop.run()
    assert (told.outcome, trust(told), shop.programs.calls) == (Outcome.KEPT, [], [])
