"""Which outcome, and with it which exit status, each problem has that ends a run."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import ws9tui
from ws9tui import errors
from ws9tui.adapters.registry.errors import registry_error
from ws9tui.core.model.terms import EXIT_STATUS, Outcome
from ws9tui.core.runs import ending
from ws9tui.errors import ComposeError, Ws9tuiError
from ws9tui.problems.engine import ComposeFileInvalid, ComposeVariableRequired
from ws9tui.problems.problem import read
from ws9tui.words.problems import WORDINGS

PACKAGE = Path(ws9tui.__file__).parent
CODES = {kind.__name__: kind._code for kind in WORDINGS}
KINDS: dict[str, type[Ws9tuiError]] = {
    name: kind for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Ws9tuiError)
}

EXITS = {
    2: """
    already-installed answers-exist answers-invalid archive-folder-empty archive-missing backup-path-unknown
    bundle-ambiguous bundle-by-name bundle-empty bundle-exists bundle-is-folder bundle-over-input bundle-pinned
    command-unknown compose-file-invalid compose-variable-required
    env-unmergeable generation-broken generation-of-other has-build install-folder merge-answer-unknown no-backup
    restore-no-way-back saved-inside saved-nothing
    no-history
    no-live-run no-release no-terminal nothing-to-adopt nothing-to-recover nothing-to-roll-back project-files-elsewhere
    project-from-stdin project-none
    override-impossible project-ambiguous project-file-missing project-file-nowhere project-files-unclear
    project-no-file project-no-folder project-not-running project-unknown reference-invalid reference-not-in-files
    reference-shared release-checksum-of-many
    release-source-unknown report-exists run-unknown scenario-unknown service-unknown setting-invalid
    setting-unknown settings-invalid settings-unknown-key sha256-invalid source-missing usage rule-offline
    tag-incomparable
    """,
    3: """
    archive-bomb archive-compression archive-damaged archive-duplicate archive-encrypted archive-foreign
    archive-image-differs archive-lacks archive-not-a-file archive-not-unpacked archive-oversized archive-path-outside
    archive-unreadable archive-unsafe backup-damaged backup-disturbed backup-failed backup-missing
    backup-no-room load-differs restore-blocked restore-disk-room restore-foreign-user restore-image-missing
    restore-inside restore-overwrites saved-damaged
    saved-foreign saved-missing saved-newer saved-not-whole saved-unsafe saved-unwritable
    backup-volume-gone bundle-files-lacking bundle-files-large bundle-foreign bundle-mounts-lacking
    bundle-newer bundle-not-whole
    bundle-platform bundle-without-files build-first call-refused compose-choice-impossible compose-edited
    compose-failed
    compose-missing compose-refused compose-v1 digest-differs disk-full
    disk-low download-cut download-failed download-missing download-redirect-unsafe download-redirects
    download-stalled download-status download-too-slow engine-disk-read-only engine-error engine-permission
    engine-timeout
    engine-unreachable extras-failed file-special file-too-large file-unwritable
    generation-damaged generation-image-gone generation-newer hook-failed release-damaged
    input-changed interrupted-run journal-unreadable journal-unwritable keep-tag-missing load-failed
    load-incomplete load-stalled platform-missing pull-first
    pull-incomplete pull-stalled pull-timeout release-candidate
    release-checksum-wrong release-checksums-invalid release-file-missing release-file-unlisted
    release-manifest-invalid release-no-checksum release-none-offered release-not-websoft9 release-other-layout
    release-other-project release-path-outside release-schema-unknown release-too-large release-version-other
    release-versions-differ restore-differs restore-no-room state-foreign state-not-a-folder
    registry-slow snap-hidden ssh-failed state-unwritable
    """,
    4: "busy busy-elsewhere",
    5: "rollback-failed terminated",
    130: "cancelled deadline",
}
"""the exit status of each code where nothing was begun yet"""
EITHER = {"bundle-unwritable": {2, 3}, "file-unreadable": {2, 3}, "generation-unknown": {2, 3}}
"""what was named cannot be understood, or what is recorded cannot be read"""


def raised() -> dict[str, set[str]]:
    """Return every code that an error is made with, and the names of the errors' classes."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""
            if isinstance(node, ast.Call) and name in KINDS and node.args:
                first = node.args[0]
                for part in (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,):
                    made = getattr(part.func, "id", "") if isinstance(part, ast.Call) else ""
                    if made in CODES:
                        found.setdefault(CODES[made], set()).add(name)
    return found


def status(kind: type[Ws9tuiError], code: str, *, begun: bool) -> int:
    return EXIT_STATUS[ending.outcome(kind(read(code, {})), begun=begun)]


def test_every_code_has_its_exit_status() -> None:
    told = {code: {exit_status} for exit_status, codes in EXITS.items() for code in codes.split()} | EITHER
    found = {code: {status(KINDS[kind], code, begun=False) for kind in kinds} for code, kinds in raised().items()}
    assert found == told


def test_one_is_only_for_what_had_begun() -> None:
    for code, kinds in raised().items():
        for kind in kinds:
            before, after = (status(KINDS[kind], code, begun=begun) for begun in (False, True))
            assert before != EXIT_STATUS[Outcome.UNCHANGED], code
            stays = KINDS[kind] in (
                errors.UsageError,
                errors.Refused,
                errors.Busy,
                errors.NeedsRecovery,
                errors.Cancelled,
            )
            assert after == (before if stays else EXIT_STATUS[Outcome.UNCHANGED]), code


@pytest.mark.parametrize(
    "said",
    [
        "toomanyrequests: slow down", "unauthorized: log in", "manifest unknown", "name unknown", "no such host",
        "x509: certificate has expired", "503 service unavailable", "what is this",
    ],
)  # fmt: skip
def test_what_registries_say_stops_a_run_or_lets_it_fail(said: str) -> None:
    error = registry_error(said, "r.test/web:1")
    assert ending.outcome(error, begun=False) is Outcome.REFUSED
    assert ending.outcome(error, begun=True) is Outcome.UNCHANGED


def test_files_that_changed_in_the_middle_have_not_been_misunderstood() -> None:
    for problem in (
        ComposeFileInvalid(file="a", line=1, reason="b"),
        ComposeVariableRequired(variable="A", reason="b"),
    ):
        assert ending.outcome(ComposeError(problem), begun=False) is Outcome.USAGE
        assert ending.outcome(ComposeError(problem), begun=True) is Outcome.UNCHANGED
