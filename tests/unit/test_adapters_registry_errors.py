from __future__ import annotations

import pytest

from support.told import facts
from ws9tui.adapters.registry.errors import registry_error, without_credentials
from ws9tui.problems.reasons import HelperMissing

REFERENCE = "reg.example/team/app:1.2"
LIMIT = (
    "You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: "
    "https://www.docker.com/increase-rate-limit"
)
LOOKUP = 'Get "https://reg.example/v2/": dial tcp: lookup reg.example on 127.0.0.53:53:'
TOKEN = 'failed to fetch anonymous token: Get "https://auth.example/token?scope=repository:team/app:pull"'
HEAD = 'failed to do request: Head "https://reg.example/v2/team/app/manifests/1.2"'

# what engines from 20.10 to 29 say, with and without the containerd image store
SAID = {
    f"toomanyrequests: {LIMIT}": "rate-limited",
    f"error pulling image configuration: download failed after attempts=1: toomanyrequests: {LIMIT}": "rate-limited",
    f"unexpected status from HEAD request to https://reg.example/v2/x/manifests/1: 429 Too Many Requests\n{LIMIT}": (
        "rate-limited"
    ),
    "unauthorized: authentication required": "unauthorized",
    "denied": "unauthorized",
    "open /var/lib/docker/tmp/GetImageBlob12: permission denied": "pull-failed",
    "unauthorized: incorrect username or password": "unauthorized",
    "Head https://reg.example/v2/team/app/manifests/1.2: no basic auth credentials": "unauthorized",
    "errors:\ndenied: requested access to the resource is denied\nunauthorized: authentication required": (
        "unauthorized"
    ),
    "pull access denied for team/app, repository does not exist or may require 'docker login': denied: requested "
    "access to the resource is denied": "unauthorized",
    "failed to resolve reference: pull access denied, repository does not exist or may require authorization: server "
    "message: insufficient_scope: authorization failed": "unauthorized",
    "Head https://ecr.example/v2/x/manifests/1: denied: Your authorization token has expired. Reauthenticate.": (
        "unauthorized"
    ),
    "unexpected status from HEAD request to https://reg.example/v2/x/manifests/1: 401 Unauthorized": "unauthorized",
    "unexpected status from HEAD request to https://reg.example/v2/x/manifests/1: 403 Forbidden": "unauthorized",
    "manifest unknown: manifest unknown": "manifest-unknown",
    f"manifest for {REFERENCE} not found: manifest unknown: manifest unknown": "manifest-unknown",
    f'failed to resolve reference "{REFERENCE}": {REFERENCE}: not found': "manifest-unknown",
    f"{REFERENCE}: not found": "manifest-unknown",
    "repository reg.example/team/app not found: name unknown: repository name not known to registry": (
        "repository-unknown"
    ),
    "name unknown: repository name not known to registry": "repository-unknown",
    f"{LOOKUP} no such host": "registry-unreachable",
    f"{LOOKUP} server misbehaving": "registry-unreachable",
    f"{LOOKUP} read udp 127.0.0.1:3456->127.0.0.53:53: i/o timeout": "registry-unreachable",
    'Get "http://127.0.0.1:5/v2/": dial tcp 127.0.0.1:5: connect: connection refused': "registry-unreachable",
    'Get "https://reg.example/v2/": net/http: TLS handshake timeout': "registry-unreachable",
    'Get "https://reg.example/v2/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)': (
        "registry-unreachable"
    ),
    'Get "https://reg.example/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded '
    "while awaiting headers)": "registry-unreachable",
    'Get "https://reg.example/v2/": EOF': "registry-unreachable",
    "unexpected EOF": "registry-unreachable",
    "read tcp 10.0.0.2:54-\u003e10.0.0.3:443: read: connection reset by peer": "registry-unreachable",
    f"failed to authorize: {TOKEN}: dial tcp 10.0.0.3:443: connect: no route to host": "registry-unreachable",
    f"{HEAD}: dial tcp: lookup reg.example: Temporary failure in name resolution": "registry-unreachable",
    "received unexpected HTTP status: 500 Internal Server Error": "registry-server-error",
    "error parsing HTTP 502 response body: invalid character '<' looking for beginning of value": (
        "registry-server-error"
    ),
    "unexpected status from HEAD request to https://reg.example/v2/x/manifests/1: 503 Service Unavailable": (
        "registry-server-error"
    ),
    "failed to copy: httpReadSeeker: failed open: unexpected status code https://reg.example/v2/x/blobs/y: 504 "
    "Gateway Timeout": "registry-server-error",
    "unknown: unknown error": "registry-server-error",
    "error from registry: unknown\nunknown": "registry-server-error",
    'Get "https://reg.example/v2/": x509: certificate signed by unknown authority': "tls-error",
    f"{HEAD}: tls: failed to verify certificate: x509: certificate is valid for a.example, not reg.example": (
        "tls-error"
    ),
    'Get "https://reg.example/v2/": http: server gave HTTP response to HTTPS client': "tls-error",
    "write /var/lib/docker/tmp/GetImageBlob12: no space left on device": "disk-full",
    "failed to register layer: Error processing tar file(exit status 1): write /blob: no space left on device": (
        "disk-full"
    ),
    "filesystem layer verification failed for digest sha256:11": "digest-mismatch",
    "image verification failed for digest sha256:11": "digest-mismatch",
    "failed to commit: unexpected commit digest sha256:11, expected sha256:22: failed precondition": "digest-mismatch",
    "failed commit on ref: failed size validation: 5 != 6: failed precondition": "digest-mismatch",
    "no matching manifest for linux/amd64 in the manifest list entries": "platform-missing",
    "no matching manifest for linux/arm64/v8 in the manifest list entries: no match for platform in manifest: not "
    "found": "platform-missing",
    'image operating system "windows" cannot be used on this platform: operating system is not supported': (
        "platform-missing"
    ),
    "mediaType in manifest should be 'application/x' not 'application/y'": "pull-failed",
    "": "pull-failed",
}
TRANSIENT = {"registry-unreachable", "registry-server-error"}


@pytest.mark.parametrize("said", SAID, ids=lambda said: said[:60])
def test_what_engines_say_is_recognised(said: str) -> None:
    error = registry_error(said, REFERENCE, 500)
    assert error.problem.code == SAID[said]
    assert error.transient == (SAID[said] in TRANSIENT)
    assert error.problem.facts["reference"] == REFERENCE
    assert error.problem.facts["registry"] == "reg.example"


def test_the_status_429_is_enough() -> None:
    assert registry_error("slow down", REFERENCE, 429).problem.code == "rate-limited"


@pytest.mark.parametrize(
    ("said", "seconds", "transient"),
    [
        ("toomanyrequests: retry-after: 218.093µs, allowed: 44000/minute", 218.093e-6, True),
        ("toomanyrequests: retry-after: 1.5s", 1.5, True),
        ("too many requests, Retry-After: 90", 90, False),
        ("toomanyrequests: retry-after: 1h2m3s", 3723, False),
        ("toomanyrequests", 0, False),
    ],
)
def test_a_rate_limit_tells_how_long_to_wait(said: str, seconds: float, transient: bool) -> None:
    error = registry_error(said, REFERENCE)
    assert error.retry_after == pytest.approx(seconds)
    assert error.transient == transient


@pytest.mark.parametrize(
    ("said", "clock"),
    [
        ("x509: certificate has expired or is not yet valid: current time 2001-01-01T00:00:00Z is before 2024", "yes"),
        ("x509: certificate signed by unknown authority", ""),
    ],
)
def test_a_wrong_clock_is_hinted_at(said: str, clock: str) -> None:
    assert registry_error(said, REFERENCE).problem.facts.get("clock", "") == clock


def test_names_in_a_reference_are_no_reasons() -> None:
    reference = "reg.example/rate-limit/no-such-host-unauthorized:x509"
    said = f'failed to resolve reference "{reference}": {reference}: not found'
    assert registry_error(said, reference).problem.code == "manifest-unknown"
    said = 'Head "https://reg.example/v2/rate-limit/no-such-host-unauthorized/manifests/x509": manifest unknown'
    assert registry_error(said, reference).problem.code == "manifest-unknown"


def test_a_login_that_could_not_be_read_is_told_where_it_matters() -> None:
    helper = HelperMissing(helper="pass")
    refused = registry_error("unauthorized: authentication required", REFERENCE, login=helper)
    assert facts(refused.problem)["reason"] == (
        "unauthorized: authentication required (docker-credential-pass is not installed)"
    )
    absent = registry_error("manifest unknown", REFERENCE, login=helper)
    assert absent.problem.facts["reason"] == "manifest unknown"


def test_no_credentials_get_out() -> None:
    said = (
        'Get "https://joe:s3cret@reg.example/v2/": proxyconnect tcp: dial tcp: connection refused, then '
        "https://blobs.example/x?X-Amz-Signature=abcdef&X-Amz-Credential=AKIA: 403 Forbidden"
    )
    reason = registry_error(said, REFERENCE).problem.facts["reason"]
    assert "s3cret" not in reason
    assert "joe" not in reason
    assert "abcdef" not in reason
    assert "AKIA" not in reason
    assert "https://reg.example/v2/" in reason
    assert without_credentials("is it here? a=b") == "is it here? a=b"
