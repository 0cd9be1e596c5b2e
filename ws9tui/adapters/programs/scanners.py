"""The arguments of `trivy`, `grype` and `docker scout`, and the vulnerabilities in their reports."""

from __future__ import annotations

import msgspec

from ws9tui.adapters.child import CommandResult
from ws9tui.adapters.programs.cosign import reason
from ws9tui.core.model.trust import Scanned, Severity, Vulnerability, each_once
from ws9tui.problems import reasons

SCOUT = "scout"
_FOUND_SOME = 2
"""exit status of grype if its user made it fail on what it finds"""


class _TrivyEntry(msgspec.Struct):
    VulnerabilityID: str
    Severity: str = ""
    PkgName: str = ""
    InstalledVersion: str = ""
    FixedVersion: str = ""


class _TrivyResult(msgspec.Struct):
    Vulnerabilities: list[_TrivyEntry] | None = None


class _Trivy(msgspec.Struct):
    SchemaVersion: int
    Results: list[_TrivyResult] | None = None


class _GrypeFix(msgspec.Struct):
    versions: list[str] | None = None


class _GrypeVulnerability(msgspec.Struct):
    id: str
    severity: str = ""
    fix: _GrypeFix = msgspec.field(default_factory=_GrypeFix)


class _Package(msgspec.Struct):
    name: str = ""
    version: str = ""


class _GrypeMatch(msgspec.Struct):
    vulnerability: _GrypeVulnerability
    artifact: _Package = msgspec.field(default_factory=_Package)


class _Grype(msgspec.Struct):
    matches: list[_GrypeMatch]


class _Identifier(msgspec.Struct):
    type: str = ""
    value: str = ""


class _Dependency(msgspec.Struct):
    package: _Package = msgspec.field(default_factory=_Package)
    version: str = ""


class _Location(msgspec.Struct):
    dependency: _Dependency = msgspec.field(default_factory=_Dependency)


class _ScoutEntry(msgspec.Struct):
    identifiers: list[_Identifier]
    severity: str = ""
    location: _Location = msgspec.field(default_factory=_Location)


class _Scout(msgspec.Struct):
    """A report in GitLab's container scanning format."""

    vulnerabilities: list[_ScoutEntry]


def command(scanner: str, image_id: str, seconds: float) -> list[str]:
    """Returns the command that reports on a local image; trivy's exit status does not depend on what it finds."""
    match scanner:
        case "trivy":
            flags = ["--scanners=vuln", "--image-src=docker", "--exit-code=0", f"--timeout={seconds:g}s"]
            return ["trivy", "image", "--quiet", "--format=json", *flags, image_id]
        case "grype":
            return ["grype", "--quiet", "--output=json", f"docker:{image_id}"]
    return ["docker", "scout", "cves", "--format=gitlab", f"local://{image_id}"]


def environment(host: str) -> dict[str, str]:
    """Returns additional variables: the engine to read from, and no hints or update checks."""
    return {
        "DOCKER_HOST": host,
        "DOCKER_CLI_HINTS": "false",
        "GRYPE_CHECK_FOR_APP_UPDATE": "false",
        "TRIVY_SKIP_VERSION_CHECK": "true",
    }


def read(scanner: str, done: CommandResult) -> Scanned:
    """Returns the vulnerabilities in a report, or the reason if the report is missing or incomplete."""
    if done.status != 0 and not (scanner == "grype" and done.status == _FOUND_SOME):
        return Scanned(reason=reason(done))
    if not done.complete:
        return Scanned(reason=reasons.ReportTooLong())
    try:
        return Scanned(each_once(_READERS[scanner](done.output.encode())))
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return Scanned(reason=reasons.NoReport())


def _trivy(report: bytes) -> list[Vulnerability]:
    results = msgspec.json.decode(report, type=_Trivy).Results or []
    return [
        Vulnerability(
            entry.VulnerabilityID, _severity(entry.Severity), entry.PkgName, entry.InstalledVersion, entry.FixedVersion
        )
        for result in results
        for entry in result.Vulnerabilities or []
    ]


def _grype(report: bytes) -> list[Vulnerability]:
    return [
        Vulnerability(
            match.vulnerability.id,
            _severity(match.vulnerability.severity),
            match.artifact.name,
            match.artifact.version,
            ", ".join(match.vulnerability.fix.versions or []),
        )
        for match in msgspec.json.decode(report, type=_Grype).matches
    ]


def _scout(report: bytes) -> list[Vulnerability]:
    found = []
    for entry in msgspec.json.decode(report, type=_Scout).vulnerabilities:
        named = sorted(entry.identifiers, key=lambda one: one.type.lower() != "cve")
        where = entry.location.dependency
        if named:
            found.append(Vulnerability(named[0].value, _severity(entry.severity), where.package.name, where.version))
    return found


_READERS = {"trivy": _trivy, "grype": _grype, SCOUT: _scout}


def _severity(text: str) -> Severity:
    """Returns the severity that a scanner's word means; GitLab's reports say info for negligible."""
    word = text.lower().replace("info", "negligible")
    return Severity(word) if word in set(Severity) else Severity.UNKNOWN
