"""Websoft9's acceptance checks as part of the health gate: 'healthy' while Gitea or Portainer is dead is not OK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support import gateway, websoft9
from support import websoft9_images as look_alikes
from support.machine import assert_went_back, update
from support.websoft9 import LEGACY

if TYPE_CHECKING:
    from support.cli import Said
    from support.gateway import Gateway
    from support.machine import Machine
    from support.websoft9 import Websoft9

MODERN = {
    "platform-healthcheck.sh --strict", "runtime-status.json", "/w9gateway/healthz", "/api/healthz", "/api/auth/status",
    "console", "Gitea", "Portainer", "Nginx Proxy Manager",
}  # fmt: skip
LEGACY_CHECKS = {"console", "AppHub", "/w9git/", "/w9deployment/", "/w9proxy/"}


def required(said: Said) -> set[str]:
    """Return the checks that the plan requires after the update."""
    return {check["name"] for check in said.of("planned")[-1]["plan"]["checks"] if check["required"]}


def told(said: Said, code: str) -> list[dict[str, Any]]:
    """Return the facts of all findings of a kind."""
    found = [event["finding"]["problem"] for event in said.of("found")]
    return [problem["facts"] for problem in found if problem["code"] == code]


def passing(said: Said) -> set[str]:
    """Return the checks that are told to pass."""
    return set(told(said, "checks-pass")[0]["checks"].split(", "))


def test_a_modern_one_that_is_healthy_while_gitea_is_dead_goes_back(machine: Machine) -> None:
    """What was dead before is told and rolls nothing back; what this version has no script for is skipped."""
    look_alikes.push_modern(machine.registry, "2.3.2", spec=look_alikes.product("2.3.2", dead=("gitea",), strict=False))
    look_alikes.push_modern(machine.registry, "2.3.3")
    look_alikes.push_modern(machine.registry, "2.3.4", spec=look_alikes.product("2.3.4", dead=("gitea",)))
    site = machine.modern("2.3.2")
    said = update(site, "product=2.3.3").ended("kept", 0)  # it mends what was dead
    assert required(said) == MODERN - {"Gitea", "platform-healthcheck.sh --strict", "runtime-status.json"}
    notes = {note["code"]: note["facts"] for note in said.of("planned")[-1]["plan"]["notes"]}
    assert notes["checks-failed-before"]["checks"] == "Gitea"
    assert notes["checks-skipped"]["checks"] == "platform-healthcheck.sh --strict, runtime-status.json"
    assert passing(said) == MODERN

    doctor = site.cli.run("doctor", site.project, "--json")
    assert passing(doctor) == MODERN
    before = site.now()
    said = update(site, "product=2.3.4")
    assert required(said) == MODERN
    assert_went_back(site, before, said, "check-failed", "product")
    assert said.finished["problem"]["facts"]["reason"] == "status=degraded degraded_services=gitea"


BY_TLS = ("/api/healthz", "/api/auth/status", "console")
"""the checks that the gateway answers by TLS alone, where that is on"""
ON = f": > {gateway.SWITCH}"
"""what switches HTTPS on for the gateway's next start, as the import of a migration does"""


def behind(machine: Machine, gateways: dict[str, Gateway]) -> Websoft9:
    """Have the first version run, the others in the registry, and HTTPS switched on for the next start."""
    for version, stands in gateways.items():
        look_alikes.push_modern(machine.registry, version, spec=look_alikes.product(version, gateway=stands))
    site = websoft9.modern(machine.engine, machine.root, machine.state, next(iter(gateways)))
    site.set_env(CONSOLE_PORT="9090")
    site.up()
    site.inside("product", ON)
    return site


def test_https_on_the_console(machine: Machine) -> None:
    """An update turns it on by itself and is kept, and so is each later one.

    Their own script asks for a session by plain HTTP, takes the redirect for a failure, and rolls back for ever. What
    the client of an image cannot ask is skipped and told, although it passed before.
    """
    gateways = {
        "2.3.2": gateway.nginx(),
        "2.3.3": gateway.nginx(),
        "2.3.4": gateway.nginx(refuses=True),
        "2.3.5": gateway.nginx(curl=False),
    }
    site = behind(machine, gateways)
    said = update(site, "product=2.3.3").ended("kept", 0)
    assert required(said) == MODERN
    assert passing(said) == MODERN
    session = "http://127.0.0.1:9000/api/integrations/npm/session"
    asked = site.inside("product", f"curl --noproxy '*' -sI -X POST {session}").split("\r\n")
    assert asked[0] == "HTTP/1.1 308 Permanent Redirect"
    assert f"Location: {session.replace('http:', 'https:')}" in asked
    doctor = site.cli.run("doctor", site.project, "--json")
    assert passing(doctor) == MODERN
    assert not told(doctor, "check-failed")

    assert passing(update(site, "product=2.3.4").ended("kept", 0)) == MODERN

    said = update(site, "product=2.3.5").ended("kept", 0)  # which has busybox's wget alone
    assert required(said) == MODERN
    [skipped] = told(said, "checks-skipped")
    assert (skipped["checks"], skipped["reason_code"]) == (", ".join(BY_TLS), "tls-unspoken")
    assert passing(said) == MODERN - {*BY_TLS}
    site.assert_no_drift()


@pytest.mark.full(reason="a check has a minute to pass; that a 502 by TLS is none, and what follows, is shown apart")
def test_what_is_dead_behind_tls_goes_back(machine: Machine) -> None:
    """The update turns HTTPS on, and the API behind it is out of reach; going back leaves the former one by TLS."""
    site = behind(machine, {"2.3.3": gateway.nginx(), "2.3.4": gateway.nginx(broken=True)})
    before = site.now()
    said = update(site, "product=2.3.4")
    assert required(said) == MODERN
    assert_went_back(site, before, said, "check-failed", "product")
    facts = said.finished["problem"]["facts"]
    assert (facts["check"], facts["reason"]) == ("/api/healthz", "HTTP status 502")
    assert passing(site.cli.run("doctor", site.project, "--json")) == MODERN


@pytest.mark.full(reason="a simulated engine has one always")
def test_a_legacy_one_whose_gitea_answers_nothing_goes_back(machine: Machine) -> None:
    """Four containers run, none has a health check; what answers behind the console tells."""
    silent = look_alikes.component("git", "1.25.5", then="true")
    site = machine.legacy("2.2.11", "2.2.13", git=silent)
    before = site.now()
    said = update(site, "git=1.25.5")
    assert required(said) == LEGACY_CHECKS
    assert_went_back(site, before, said, "check-failed", "git")
    assert said.finished["problem"]["facts"]["check"] == "/w9git/"
    assert site.versions() == LEGACY["2.2.11"]
