"""What is asked about images besides their version, on a real engine; the programs that are asked are stand-ins."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from support import behaviours, images, processes, projects, standins
from support.bench import OneService
from support.cli import QUICK, Cli, Said
from support.images import ImageSpec
from support.wait import until

if TYPE_CHECKING:
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.images import Pushed
    from support.registry import Registry
    from support.standins import StandIn

pytestmark = pytest.mark.engine

TEXT = """\
name: p
services:
  app:
    image: "HOST/app:1.0.0"
    restart: always
    x-ws9tui: SETTINGS
"""


@dataclass
class Bench(OneService):
    """A project with one service that runs 1.0.0, in a registry that has 2.0.0, and programs on the PATH."""

    programs: Path
    new: Pushed

    @property
    def cli(self) -> Cli:
        return Cli(self.engine, self.state, self.folder, {"PATH": f"{self.programs}:{self.engine.env()['PATH']}"})

    def program(self, name: str) -> StandIn:
        return standins.install(self.programs, name)

    def update(self, *more: str, settings: str = "{}", tag: str = "2.0.0") -> Said:
        self.write(settings)
        return self.cli.json("update", f"app={tag}", *QUICK, *more)

    def write(self, settings: str) -> None:
        text = TEXT.replace("HOST", self.registry.host).replace("SETTINGS", settings)
        projects.write(self.folder, text, name="p", services=("app",))

    def local(self) -> list[str]:
        """Return the IDs of all local images."""
        return sorted(str(image["Id"]) for image in self.engine.client().api.images())

    def container(self) -> list[str]:
        return list(projects.ids(self.engine, "p").values())


@pytest.fixture
def bench(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path, tmp_path: Path) -> Bench:
    pushed = [
        images.push(registry, "app", version, ImageSpec(version, behaviour=behaviours.idle()))
        for version in ("1.0.0", "1.5.0", "2.0.0")
    ]
    made = Bench(clean_engine, registry, project_folder, state_dir, tmp_path / "programs", pushed[-1])
    made.programs.mkdir()
    text = TEXT.replace("HOST", registry.host).replace("SETTINGS", "{}")
    project = projects.write(project_folder, text, name="p", services=("app",))
    projects.up(clean_engine, project)
    return made


def checks(said: Said) -> list[tuple[str, str, str]]:
    """Return what was checked of the images, with what it came to."""
    return [(event["check"], event["result"], event["finding"]["level"]) for event in said.of("trust-checked")]


def left(bench: Bench, before: tuple[list[str], list[str]]) -> None:
    """Assert that nothing was recreated, and that no image is left."""
    assert (bench.container(), bench.local()) == before
    assert bench.runs() == "1.0.0"


# --- the expected digest ------------------------------------------------------------------------------------------


@pytest.mark.sample(1, reason="digests are compared before an engine pulls")
@pytest.mark.both_stores
def test_the_digest_of_the_index_and_that_of_its_manifest_are_expected_and_no_other(bench: Bench) -> None:
    before = bench.container(), bench.local()
    other = images.push(bench.registry, "app", "2.0.1", ImageSpec("2.0.1", behaviour=behaviours.idle()))
    said = bench.update("--expect", f"app={other.digest}").ended("refused", 3)
    assert (checks(said), said.of("pull-started")) == ([("digest", "failed", "blocking")], [])
    left(bench, before)
    said = bench.update("--expect", f"app={bench.new.manifest}").ended("kept", 0)
    assert checks(said) == [("digest", "verified", "ok")]
    assert bench.runs() == "2.0.0"
    said = bench.update(settings=f"{{expect: {other.digest}}}", tag="2.0.1").ended("kept", 0)
    assert checks(said) == [("digest", "verified", "ok")]


@pytest.mark.sample(1, reason="digests are compared before an engine pulls")
@pytest.mark.both_stores
def test_a_bundle_is_made_of_what_is_expected_and_signed(bench: Bench, tmp_path: Path) -> None:
    before = bench.container(), bench.local()
    made = tmp_path / "p.tar"

    def bundle(*more: str, settings: str = "{}") -> Said:
        bench.write(settings)
        return bench.cli.run("bundle", "app=2.0.0", "-o", str(made), "--json", *more)

    other = "sha256:" + "0" * 64
    for refused in (("--expect", f"app={other}"), ("--expect", f"app={other}", "--plan")):
        said = bundle(*refused).ended("refused", 3)
        assert (checks(said), said.finished["problem"]["code"]) == ([("digest", "failed", "blocking")],
                                                                    "digest-unexpected")  # fmt: skip
    cosign = bench.program("cosign")
    cosign.says({"": {"status": 10, "errors": "Error: no signatures found\n"}})
    assert bundle(settings=KEY).ended("refused", 3).finished["problem"]["code"] == "signature-wrong"
    assert bundle(settings=f"{{expect: {other}}}").ended("refused", 3).of("pull-started") == []
    assert not made.exists()
    cosign.says({bench.new.digest: {"output": standins.signed(bench.new.digest)}})
    said = bundle("--expect", f"app={bench.new.digest}", settings=KEY).ended("bundled", 0)
    assert checks(said) == [("digest", "verified", "ok"), ("signature", "verified", "ok")]
    assert made.exists()
    left(bench, before)


# --- signatures ---------------------------------------------------------------------------------------------------

KEY = "{signature: {key: cosign.pub}}"


def test_a_signature_is_verified_before_the_pull_by_digest_with_the_user_s_logins(bench: Bench) -> None:
    cosign = bench.program("cosign")
    cosign.says({bench.new.digest: {"output": standins.signed(bench.new.digest)}})
    said = bench.update(settings=KEY).ended("kept", 0)
    assert checks(said) == [("signature", "verified", "ok")]
    kinds = [event["type"] for event in said.events]
    assert kinds.index("trust-checked") < kinds.index("pull-started")
    [call] = cosign.calls
    assert call["args"][-1] == f"{bench.registry.host}/app@{bench.new.digest}"
    assert f"--key={bench.folder}/cosign.pub" in call["args"]
    assert call["environment"]["HOME"] == str(bench.engine.home)
    assert bench.runs() == "2.0.0"


def test_what_is_not_signed_is_refused_and_cannot_be_accepted(bench: Bench) -> None:
    before = bench.container(), bench.local()
    bench.program("cosign").says({"": {"status": 10, "errors": "Error: no signatures found\n"}})
    said = bench.update("--accept", "app:signature", settings=KEY).ended("refused", 3)
    assert (checks(said), said.of("pull-started")) == ([("signature", "failed", "blocking")], [])
    assert said.finished["problem"]["code"] == "signature-wrong"
    left(bench, before)


def test_what_cosign_cannot_tell_is_not_checked_and_can_be_accepted(bench: Bench) -> None:
    before = bench.container(), bench.local()
    said = bench.update(settings=KEY).ended("refused", 3)
    assert "it is not installed" in said.message
    cosign = bench.program("cosign")
    away = {"status": 12, "errors": "Error: no matching signatures: Post rekor: dial tcp: no such host\n"}
    for answer in (away, {"output": "nonsense"}, {"output": standins.signed("sha256:" + "0" * 64)}):
        cosign.says({"": answer})
        said = bench.update(settings=KEY).ended("refused", 3)
        assert checks(said) == [("signature", "not-checked", "blocking")]
        assert "--accept app:signature" in said.message
        left(bench, before)
    said = bench.update("--accept", "app:signature", settings=KEY).ended("kept", 0)
    assert checks(said) == [("signature", "not-checked", "warning")]
    assert bench.runs() == "2.0.0"


@pytest.mark.sample(1, reason="one is silent and one prints")
@pytest.mark.parametrize("how", ["hangs", "endless"])
def test_a_cosign_without_end_dies_with_its_run(bench: Bench, how: str) -> None:
    before = bench.container(), bench.local()
    cosign = bench.program("cosign")
    cosign.says({"": {how: True}})
    bench.write(KEY)
    run = bench.cli.start("update", "app=2.0.0", *QUICK, "--yes", "--json")
    until(lambda: bool(cosign.calls), 60, "cosign runs")
    pid = int(cosign.calls[0]["pid"])
    assert processes.alive(pid)
    os.kill(run.worker(), signal.SIGTERM)
    said = run.wait(60)
    until(lambda: not processes.alive(pid), 30, "cosign has ended")
    assert said.events[-1]["outcome"] == "cancelled"
    left(bench, before)


# --- vulnerabilities ----------------------------------------------------------------------------------------------


def trivy(*found: tuple[str, str]) -> dict[str, Any]:
    """What trivy prints of an image in which it has found these."""
    listed = [{"VulnerabilityID": name, "Severity": severity, "PkgName": "lib"} for name, severity in found]
    return {"output": json.dumps({"SchemaVersion": 2, "Results": [{"Target": "app", "Vulnerabilities": listed}]})}


SCAN = "{scan: trivy, scan_fail_on: high}"


@pytest.mark.sample(1, reason="a scanner is given the image's ID on either engine")
@pytest.mark.both_stores
def test_new_vulnerabilities_stop_an_update_and_old_ones_do_not(bench: Bench) -> None:
    before = bench.container(), bench.local()
    [running] = projects.containers(bench.engine, "p").values()
    scanner = bench.program("trivy")
    old = trivy(("CVE-1", "CRITICAL"), ("CVE-2", "HIGH"))
    scanner.says({running["Image"]: old, bench.new.image_id: trivy(("CVE-1", "CRITICAL"), ("CVE-3", "HIGH"))})
    said = bench.update(settings=SCAN).ended("refused", 3)
    assert (checks(said), said.finished["problem"]["code"]) == ([("scan", "compared", "blocking")], "scan-worse")
    assert said.of("pull-finished")
    left(bench, before)
    assert [call["args"][-1] for call in scanner.calls] == [bench.new.image_id, running["Image"]]
    assert scanner.calls[0]["environment"]["DOCKER_HOST"] == bench.engine.host
    scanner.says({running["Image"]: old, bench.new.image_id: trivy(("CVE-1", "CRITICAL"), ("CVE-3", "LOW"))})
    said = bench.update(settings=SCAN).ended("kept", 0)
    [event] = said.of("trust-checked")
    assert [one["id"] for one in event["new"]] == ["CVE-3"]
    assert [one["id"] for one in event["fixed"]] == ["CVE-2"]


@pytest.mark.sample(1, reason="each case is another answer")
@pytest.mark.parametrize("answer", [{"output": "nonsense"}, {"status": 1, "errors": "FATAL no database\n"}])
def test_a_scanner_that_fails_stops_nothing(bench: Bench, answer: dict[str, Any]) -> None:
    bench.program("grype").says({"": answer})
    said = bench.update(settings="{scan: grype, scan_fail_on: low}").ended("kept", 0)
    assert checks(said) == [("scan", "not-checked", "warning")]


# --- the way from what runs ---------------------------------------------------------------------------------------


def test_a_skipped_step_is_refused_and_can_be_taken(bench: Bench) -> None:
    before = bench.container(), bench.local()
    settings = "{from: '>=1.4 <2'}"
    said = bench.update(settings=settings).ended("refused", 3)
    assert said.of("pull-started") == []
    assert "Update to 1.5.0 first" in said.message
    left(bench, before)
    bench.update(settings=settings, tag="1.5.0").ended("kept", 0)
    assert bench.runs() == "1.5.0"
    said = bench.cli.json("update", "app=2.0.0", *QUICK).ended("kept", 0)
    assert checks(said) == [("path", "verified", "ok")]
    assert bench.runs() == "2.0.0"


def test_doctor_names_the_programs_that_are_missing(bench: Bench) -> None:
    bench.write("{signature: {key: cosign.pub}, scan: trivy}")
    said = bench.cli.run("doctor", "--json")
    found = {event["finding"]["problem"]["facts"]["program"]: event["finding"]["level"] for event in said.of("found")
             if event["finding"]["problem"]["code"] == "program-missing"}  # fmt: skip
    assert (said.status, found) == (3, {"cosign": "blocking", "trivy": "warning"})
