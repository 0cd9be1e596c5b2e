"""The programs that are run where they are installed, with stand-ins: what they are called with, and what they mean."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from support import processes, standins
from support.standins import StandIn
from support.wait import until
from ws9tui.adapters import child
from ws9tui.adapters.programs import cosign
from ws9tui.adapters.programs.programs import InstalledPrograms
from ws9tui.core.model.trust import (
    Result,
    Scanned,
    Severity,
    Signature,
    Verified,
    Vulnerability,
    beside,
    counted,
    each_once,
)
from ws9tui.problems import reasons

DIGEST = "sha256:" + "d" * 64
IMAGE = f"registry.test/app@{DIGEST}"
KEY = Signature(key="/keys/cosign.pub")
KEYLESS = Signature(identity="https://example.org/release.yml@refs/tags/v1", issuer="https://issuer.example.org")


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    made = standins.install(tmp_path / "bin", "cosign")
    monkeypatch.setenv("PATH", standins.path_with(made.folder))
    monkeypatch.setenv("DOCKER_CONFIG", "/somewhere/docker")
    return made


async def verified(stand_in: StandIn, answer: dict[str, Any], signature: Signature = KEY, **limits: float) -> Verified:
    stand_in.says({"": answer})
    return await InstalledPrograms(**limits).verify(IMAGE, signature)


async def test_a_signature_is_verified_by_its_key_or_its_identity(stand_in: StandIn) -> None:
    good = {"output": standins.signed(DIGEST)}
    for signature in (KEY, KEYLESS, Signature(key="k8s://a/b", tlog=False)):
        assert await verified(stand_in, good, signature) == Verified(Result.VERIFIED)
    first, second, third = (call["args"] for call in stand_in.calls)
    common = ["verify", "--output=json", "--timeout=60s"]
    assert first == [*common, "--key=/keys/cosign.pub", IMAGE]
    assert second == [
        *common,
        "--certificate-identity=https://example.org/release.yml@refs/tags/v1",
        "--certificate-oidc-issuer=https://issuer.example.org",
        IMAGE,
    ]
    assert third == [*common, "--key=k8s://a/b", "--insecure-ignore-tlog=true", IMAGE]
    assert stand_in.calls[0]["environment"]["DOCKER_CONFIG"] == "/somewhere/docker"


@pytest.mark.parametrize("status", cosign.NOT_SIGNED)
async def test_a_signature_that_is_none_or_somebody_else_s_has_failed(stand_in: StandIn, status: int) -> None:
    errors = "WARNING: a\nError: no matching signatures: invalid signature when validating ASN.1 encoded signature\n"
    errors += "main.go:74: error during command execution: no matching signatures: …\n"
    found = await verified(stand_in, {"status": status, "errors": errors})
    said = "no matching signatures: invalid signature when validating ASN.1 encoded signature"
    assert found == Verified(Result.FAILED, said)


@pytest.mark.parametrize(
    "said",
    ["no matching signatures:\ncrypto/rsa: verification error", "no matching attestations: x", "no signatures found"],
)
async def test_the_same_of_versions_without_such_statuses(stand_in: StandIn, said: str) -> None:
    found = await verified(stand_in, {"status": 1, "errors": f"Error: {said}\n"})
    assert found.result is Result.FAILED


UNREACHABLE = (
    (12, "no matching signatures: searching log query: Post rekor: dial tcp: lookup rekor: no such host"),
    (12, "no matching signatures:\nsearching log query: [POST /api/v1/log/entries/retrieve][502] unexpected"),
    (10, "no signatures found: context deadline exceeded"),
    (11, "image tag not found: GET https://registry.test/v2/app/manifests: MANIFEST_UNKNOWN"),
    (1, "GET https://registry.test/v2/: UNAUTHORIZED: authentication required"),
    (1, "loading verifier from key opts: reading key: open /keys/cosign.pub: no such file or directory"),
    (1, "setting trusted material: updating local metadata: failed to download"),
    (1, "no matching attestations: read tcp 10.0.0.1:4: connection reset by peer"),
    (7, "something new"),
)


@pytest.mark.parametrize(("status", "said"), UNREACHABLE)
async def test_what_could_not_be_asked_is_not_checked(stand_in: StandIn, status: int, said: str) -> None:
    found = await verified(stand_in, {"status": status, "errors": f"Error: {said}\n"})
    assert found == Verified(Result.NOT_CHECKED, said.splitlines()[0])


async def test_a_transparency_log_that_has_no_such_entry_has_answered(stand_in: StandIn) -> None:
    said = "no matching signatures:\nsearching log query: [POST /api/v1/log/entries/retrieve][404] searchLogQuery"
    assert (await verified(stand_in, {"status": 12, "errors": f"Error: {said}\n"})).result is Result.FAILED


@pytest.mark.parametrize(
    "output",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        "[1]",
        "null",
        '[{"critical": null}]',
        "[" * 100_000,
        standins.signed("sha256:" + "e" * 64),
    ],
    ids=range(9),
)
async def test_success_that_names_no_image_or_another_one_proves_nothing(stand_in: StandIn, output: str) -> None:
    found = await verified(stand_in, {"output": output})
    assert found == Verified(Result.NOT_CHECKED, reasons.ImageNotNamed())


async def test_one_that_says_nothing_is_told_by_its_status(stand_in: StandIn) -> None:
    assert await verified(stand_in, {"status": 3}) == Verified(Result.NOT_CHECKED, reasons.ExitedWithStatus(status=3))


async def test_one_that_hangs_is_killed_at_its_limit(stand_in: StandIn) -> None:
    found = await verified(stand_in, {"hangs": True, "output": standins.signed(DIGEST)}, verify=1.0)
    assert found == Verified(Result.NOT_CHECKED, reasons.Unfinished(seconds=1.0))
    assert not processes.alive(stand_in.hangs)


async def test_one_that_prints_without_end_is_killed_at_its_limit(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "OUTPUT_LIMIT", 1 << 20)
    found = await verified(stand_in, {"endless": True, "output": standins.signed(DIGEST)}, verify=1.0)
    assert found == Verified(Result.NOT_CHECKED, reasons.Unfinished(seconds=1.0))
    assert not processes.alive(stand_in.calls[0]["pid"])


async def test_output_that_was_cut_proves_nothing(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    good = standins.signed(DIGEST)
    monkeypatch.setattr(child, "OUTPUT_LIMIT", len(good))
    found = await verified(stand_in, {"output": good + " " * 100})
    assert found.result is Result.NOT_CHECKED


async def test_one_whose_run_is_cancelled_is_killed(stand_in: StandIn) -> None:
    stand_in.says({"": {"hangs": True}})
    asking = asyncio.create_task(InstalledPrograms().verify(IMAGE, KEY))
    while not stand_in.hangs:  # noqa: ASYNC110 - a file tells
        await asyncio.sleep(0.05)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    until(lambda: not processes.alive(stand_in.hangs), 10, "it has ended")


async def test_one_that_is_not_there_or_cannot_be_run(
    stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await InstalledPrograms().there("cosign")
    (stand_in.folder / "cosign").write_bytes(b"\x7fELF no program")
    found = await InstalledPrograms().verify(IMAGE, KEY)
    assert found == Verified(Result.NOT_CHECKED, "Exec format error")
    found = await InstalledPrograms().verify(IMAGE, Signature(key="a\0b"))
    assert found == Verified(Result.NOT_CHECKED, reasons.SettingsUnusable())
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not await InstalledPrograms().there("cosign")
    assert await InstalledPrograms().verify(IMAGE, KEY) == Verified(Result.NOT_CHECKED, reasons.NotInstalled())


# --- scanners -------------------------------------------------------------------------------------------------

IMAGE_ID = "sha256:" + "a" * 64
TRIVY = {
    "SchemaVersion": 2,
    "ArtifactName": IMAGE_ID,
    "Results": [
        {
            "Target": "app (debian 12.5)",
            "Class": "os-pkgs",
            "Vulnerabilities": [
                {
                    "VulnerabilityID": "CVE-2026-1",
                    "PkgName": "libssl3",
                    "InstalledVersion": "3.0.11-1",
                    "FixedVersion": "3.0.13-1",
                    "Severity": "HIGH",
                    "Title": "…",
                },
                {
                    "VulnerabilityID": "CVE-2026-1",
                    "PkgName": "openssl",
                    "InstalledVersion": "3",
                    "Severity": "CRITICAL",
                },
                {"VulnerabilityID": "CVE-2026-2", "PkgName": "zlib1g", "InstalledVersion": "1", "Severity": "ODD"},
            ],
        },
        {"Target": "app/go.mod", "Class": "lang-pkgs"},
    ],
}
GRYPE = {
    "matches": [
        {
            "vulnerability": {
                "id": "CVE-2026-1",
                "severity": "Critical",
                "fix": {"versions": ["3.0.13-1"], "state": "fixed"},
            },
            "artifact": {"name": "openssl", "version": "3", "type": "deb"},
        },
        {"vulnerability": {"id": "GHSA-1", "severity": "Negligible", "fix": {"versions": None}}, "artifact": {}},
    ],
    "source": {},
    "descriptor": {"name": "grype"},
}
SCOUT = {
    "version": "15.0.7",
    "vulnerabilities": [
        {
            "id": "x",
            "severity": "High",
            "identifiers": [
                {"type": "ghsa", "name": "GHSA-1", "value": "GHSA-1"},
                {"type": "cve", "name": "CVE-2026-1", "value": "CVE-2026-1"},
            ],
            "location": {"dependency": {"package": {"name": "openssl"}, "version": "3"}},
        },
        {"severity": "Info", "identifiers": [{"type": "cve", "value": "CVE-2026-3"}]},
        {"severity": "Info", "identifiers": []},
    ],
}


def scanner(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> StandIn:
    """A stand-in for a scanner; that of scout is the docker command."""
    made = standins.install(folder / "bin", "docker" if name == "scout" else name)
    monkeypatch.setenv("PATH", standins.path_with(made.folder))
    return made


async def scanned(stand_in: StandIn, name: str, answer: dict[str, Any], **limits: float) -> Scanned:
    stand_in.says({"": answer})
    return await InstalledPrograms(**limits).scan(name, IMAGE_ID, "unix:///run/engine.sock")


@pytest.mark.parametrize(
    ("name", "report", "found"),
    [
        (
            "trivy",
            TRIVY,
            (
                Vulnerability("CVE-2026-1", Severity.CRITICAL, "openssl", "3"),
                Vulnerability("CVE-2026-2", Severity.UNKNOWN, "zlib1g", "1"),
            ),
        ),
        ("trivy", {"SchemaVersion": 2}, ()),
        (
            "grype",
            GRYPE,
            (
                Vulnerability("CVE-2026-1", Severity.CRITICAL, "openssl", "3", "3.0.13-1"),
                Vulnerability("GHSA-1", Severity.NEGLIGIBLE),
            ),
        ),
        (
            "scout",
            SCOUT,
            (
                Vulnerability("CVE-2026-1", Severity.HIGH, "openssl", "3"),
                Vulnerability("CVE-2026-3", Severity.NEGLIGIBLE),
            ),
        ),
    ],
)
async def test_reports_are_read(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    report: dict[str, Any],
    found: tuple[Vulnerability, ...],
) -> None:
    stand_in = scanner(tmp_path, monkeypatch, name)
    assert await scanned(stand_in, name, {"output": json.dumps(report)}) == Scanned(found)
    [call] = stand_in.calls
    assert call["environment"]["DOCKER_HOST"] == "unix:///run/engine.sock"
    assert (
        call["args"]
        == {
            "trivy": [
                "image",
                "--quiet",
                "--format=json",
                "--scanners=vuln",
                "--image-src=docker",
                "--exit-code=0",
                "--timeout=600s",
                IMAGE_ID,
            ],
            "grype": ["--quiet", "--output=json", f"docker:{IMAGE_ID}"],
            "scout": ["scout", "cves", "--format=gitlab", f"local://{IMAGE_ID}"],
        }[name]
    )


@pytest.mark.parametrize("name", ["trivy", "grype", "scout"])
async def test_what_is_no_report_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    stand_in = scanner(tmp_path, monkeypatch, name)
    nonsense = ("", "nonsense", "[]", "{}", "null", '{"matches": [{}]}', "[" * 100_000, '{"vulnerabilities": 1}')
    for output in nonsense:
        assert await scanned(stand_in, name, {"output": output}) == Scanned(reason=reasons.NoReport()), output
    fatal = {"status": 1, "errors": "INFO a\nFATAL Fatal error failed to download vulnerability DB\n\t* Get\n"}
    found = await scanned(stand_in, name, fatal)
    assert found == Scanned(reason="FATAL Fatal error failed to download vulnerability DB")
    found = await scanned(stand_in, name, {"hangs": True}, scan=1.0)
    assert found == Scanned(reason=reasons.Unfinished(seconds=1.0))
    assert not processes.alive(stand_in.hangs)
    monkeypatch.setattr(child, "OUTPUT_LIMIT", 10)
    report = json.dumps({"trivy": TRIVY, "grype": GRYPE, "scout": SCOUT}[name])
    assert await scanned(stand_in, name, {"output": report}) == Scanned(reason=reasons.ReportTooLong())


async def test_a_grype_that_its_user_has_fail_on_findings_has_found_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = scanner(tmp_path, monkeypatch, "grype")
    found = await scanned(stand_in, "grype", {"output": json.dumps(GRYPE), "status": 2})
    assert len(found.found) == 2


async def test_a_plugin_is_there_where_the_docker_command_knows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = scanner(tmp_path, monkeypatch, "scout")
    assert await InstalledPrograms().there("scout")
    assert stand_in.calls[0]["args"] == ["scout", "version"]
    stand_in.says({"": {"status": 1, "errors": "docker: unknown command: docker scout"}})
    assert not await InstalledPrograms().there("scout")
    assert not await InstalledPrograms().there("no-such-program")


def test_vulnerabilities_are_counted_and_compared_by_their_names() -> None:
    low, bad = Vulnerability("A", Severity.LOW, "x"), Vulnerability("A", Severity.CRITICAL, "y")
    other = Vulnerability("B", Severity.HIGH, "x")
    assert each_once([low, other, bad]) == (bad, other)
    assert beside((bad, other), (low,)) == (other,)
    assert counted([low, bad, other, low]) == "1 critical, 1 high, 2 low"
    assert counted([]) == ""
    assert Severity.CRITICAL.reaches(Severity.HIGH)
    assert not Severity.MEDIUM.reaches(Severity.HIGH)
