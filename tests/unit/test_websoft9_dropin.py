"""`websoft9-upgrade`: what upstream's options become, and how outcomes and events read in its place."""

from __future__ import annotations

import argparse
import io
import re
import subprocess
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from every_event import run_of
from recordings import recording
from support import programs
from ws9tui.cli import arguments, websoft9_upgrade
from ws9tui.cli.main import run
from ws9tui.cli.websoft9_upgrade import Upstream, UpstreamWriter
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Event
from ws9tui.core.journal.fold import apply, fold
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.options import Options
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Availability, Finding, Level, Outcome, ServiceView
from ws9tui.problems.engine import WorkerDied
from ws9tui.problems.problem import Problem, read
from ws9tui.websoft9 import contract, dropin
from ws9tui.websoft9.contract import CommandLine, Status
from ws9tui.words import command_examples

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / ".github" / "WEBSOFT9.md"
HEAD = re.compile(r"\[Websoft9\]\[2026-11-29 20:15:00\]\[(INFO |WARN |ERROR|STEP |DONE )\] ( *\S.*)")
RELEASES = "https://artifact.websoft9.com/websoft9/release/"


def parsed(*typed: str) -> CommandLine:
    call = arguments.parse([contract.COMMAND, *typed]).call
    assert call is not None
    return call


# --- what it is asked for -----------------------------------------------------------------------------------------


def test_what_upstream_takes_is_understood() -> None:
    assert parsed() == CommandLine()
    typed = "--console-port 9090 --version 2.3.4 --path /srv/w9 --yes --dry-run --force --execute_mode=upgrade"
    assert parsed(*typed.split()) == CommandLine(
        path="/srv/w9", version="2.3.4", console_port="9090", yes=True, dry_run=True, force=True, mode="upgrade"
    )
    assert [parsed(look).look for look in contract.LOOKS] == list(contract.LOOKS)


@pytest.mark.parametrize(
    "typed",
    [
        "--channel rc",
        "--console-port 0",
        "--console-port 65536",
        "--console-port http",
        "--execute_mode migrate",
        "--path=",
        "--versio 2.3.4",
        "backup",
        "",
    ],
)
def test_what_is_not_understood_ends_with_upstreams_status(
    typed: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Without a terminal and --yes it is the same: a missing answer is no yes, and no success either."""
    assert run([contract.COMMAND, *typed.split(), "--state-dir", str(tmp_path / "state")]) == Status.USAGE
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(r"\[Websoft9\]\[[-0-9: ]{19}\]\[ERROR\] .+\n", said.err)
    assert not (tmp_path / "state").exists()


def test_options_become_those_of_an_upgrade_to_a_release(tmp_path: Path) -> None:
    folder = str(tmp_path)
    volumes = ("product:/var/lib/docker/volumes",)  # which 2.3.3 mounts no more
    plain = Options(arguments=(folder,), layout="modern", release=RELEASES, on_failure="rollback", leave_data=volumes)
    plain = msgspec.structs.replace(plain, assume_yes=True)
    assert dropin.options(CommandLine(path=folder, yes=True, version="latest", force=True, mode="install"), {}) == plain
    asked = CommandLine(path=folder, yes=True, dry_run=True, version="2.3.5-rc.1", console_port="9090")
    environ = {
        "W9_ARTIFACT_BASE": "http://127.0.0.1:8000/mirror/",
        "W9_BACKUP_ROOT": "/srv/backups",
        "WEBSOFT9_DATA_ROOT": "/srv/data",
        "HOME": "/root",
    }
    (tmp_path / ".env").write_text("CONTAINER_NAME=websoft9-dev\nWEBSOFT9_DOCKER_VOLUMES_ROOT=/srv/docker/volumes\n")
    assert dropin.options(asked, environ) == msgspec.structs.replace(
        plain,
        project_name="websoft9-dev",
        assume_yes=False,
        plan_only=True,
        release="http://127.0.0.1:8000/mirror/release/",
        release_version="2.3.5-rc.1",
        channel="rc",
        leave_data=("product:/srv/docker/volumes",),
        backup_dir="/srv/backups",
        values={"CONSOLE_PORT": "9090", "WEBSOFT9_DATA_ROOT": "/srv/data"},
    )
    doctor = Options(arguments=(folder,), project_name="websoft9-dev", layout="modern")
    assert dropin.options(CommandLine(look="inspect", path=folder), environ) == doctor
    assert dropin.options(CommandLine(look="detect"), environ) == Options()


def test_a_layout_has_upstreams_word() -> None:
    reasons = {kind: dropin.kind(reason) for kind, reason in found_layouts().items()}
    assert reasons == {"unknown": "empty", "legacy": "legacy", "modern": "modern", "mixed": "mixed"}
    assert dropin.kind(None) == "empty"
    with pytest.raises(KeyError):  # never 'empty' for what it does not know
        dropin.kind(WorkerDied(status="1", log="/x"))


def found_layouts() -> dict[str, Problem]:
    codes = {kind: f"websoft9-{kind}" for kind in ("unknown", "legacy", "modern", "mixed")}
    return {kind: read(code, {}) for kind, code in codes.items()}


# --- how it ends --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("kept", Status.OK),
        ("released", Status.OK),
        ("held", Status.PRECHECK),
        ("nothing-to-do", Status.RUNTIME),  # a registry did not answer: that is not 'up to date'
        ("cancelled", Status.PRECHECK),
        ("versions-refused", Status.PRECHECK),
        ("no-engine", Status.PRECHECK),
        ("pull-failed", Status.RUNTIME),
        ("port-taken", Status.RUNTIME),
        ("went-back", Status.RUNTIME),
        ("gone-back", Status.RUNTIME),  # another generation was chosen instead
        ("adopted", Status.PRECHECK),
        ("rolled-back", Status.VALIDATION),
        ("hostile-logs", Status.VALIDATION),
        ("needs-recovery", Status.ROLLBACK),
    ],
)
def test_a_recorded_run_ends_with_upstreams_status(name: str, status: Status) -> None:
    out, err, output = played(recording(name))
    assert output.status is status
    done = [text for level, text in out if level == "DONE"]
    assert bool(done) is (status is Status.OK)
    assert ([level for level, _ in err][-1:] == ["ERROR"]) is (status is not Status.OK)


@pytest.mark.parametrize(
    ("outcome", "code", "status"),
    [
        (Outcome.PLANNED, "", Status.OK),
        (Outcome.WELL, "", Status.OK),
        (Outcome.UP_TO_DATE, "", Status.OK),
        (Outcome.BUSY, "busy", Status.ENVIRONMENT),
        (Outcome.REFUSED, "websoft9-legacy", Status.ENVIRONMENT),
        (Outcome.REFUSED, "websoft9-mixed", Status.ENVIRONMENT),
        (Outcome.REFUSED, "websoft9-unknown", Status.ENVIRONMENT),
        (Outcome.REFUSED, "release-other-layout", Status.ENVIRONMENT),
        (Outcome.REFUSED, "interrupted-run", Status.ENVIRONMENT),
        (Outcome.USAGE, "project-not-running", Status.ENVIRONMENT),
        (Outcome.USAGE, "usage", Status.USAGE),
        (Outcome.USAGE, "source-credentials", Status.USAGE),
        (Outcome.REFUSED, "setting-invalid", Status.USAGE),
        (Outcome.REFUSED, "release-candidate", Status.PRECHECK),
        (Outcome.REFUSED, "release-checksum-wrong", Status.PRECHECK),
        (Outcome.CANCELLED, "", Status.PRECHECK),
        (Outcome.UNCHANGED, "pull-failed", Status.RUNTIME),
        (Outcome.ROLLED_BACK, "", Status.RUNTIME),
        (Outcome.NEEDS_RECOVERY, "", Status.ROLLBACK),
    ],
)
def test_every_outcome_has_a_status(outcome: Outcome, code: str, status: Status) -> None:
    assert dropin.status(e.Finished(outcome=outcome, problem=read(code, {}) if code else None), RunState()) is status


def test_what_could_not_be_checked_or_not_yet_is_not_up_to_date() -> None:
    for availability in (Availability.UNKNOWN, Availability.CHECKING):
        state = fold([e.ServiceObserved(service=ServiceView("product", Reference("x"), availability=availability))])
        assert dropin.status(e.Finished(outcome=Outcome.UP_TO_DATE), state) is Status.RUNTIME


def test_what_runs_again_and_is_not_well_is_a_way_back_that_failed() -> None:
    ended = e.Finished(outcome=Outcome.ROLLED_BACK)
    state = fold(recording("rolled-back"))
    as_before = Finding(Level.WARNING, read("back-as-before", {"service": "product"}))
    unwell = Finding(Level.WARNING, read("back-unwell", {"service": "product"}))
    for found, status in (((as_before,), Status.VALIDATION), ((as_before, unwell), Status.ROLLBACK)):
        assert dropin.status(ended, msgspec.structs.replace(state, findings=found)) is status


def test_a_worker_that_died_is_not_taken_for_an_end() -> None:
    for outcome, status in ((Outcome.UNCHANGED, Status.RUNTIME), (Outcome.NEEDS_RECOVERY, Status.ROLLBACK)):
        out, err = io.StringIO(), io.StringIO()
        output = Upstream(lines(out, err), CommandLine())
        died = WorkerDied(status="-9", log="/x/worker.log")
        output.died(died, e.Finished(outcome=outcome, problem=died, commands=("ws9tui recover x",)), RunState())
        assert output.status is status
        assert out.getvalue() == ""
        assert "ws9tui recover x" in err.getvalue()


# --- how it reads -------------------------------------------------------------------------------------------------


def lines(out: io.StringIO, err: io.StringIO) -> UpstreamWriter:
    return UpstreamWriter(out, err, lambda: datetime(2026, 11, 29, 20, 15, 0))  # noqa: DTZ001 - upstream's are local


Told = list[tuple[str, str]]


def played(events: tuple[Event, ...], call: CommandLine = CommandLine()) -> tuple[Told, Told, Upstream]:  # noqa: B008 - frozen
    """Return what is written on stdout and stderr, by level; every line has upstream's head."""
    out, err, state = io.StringIO(), io.StringIO(), RunState()
    output = Upstream(lines(out, err), call)
    for event in events:
        state = apply(state, event)
        output.event(event, state)
    told: list[Told] = []
    for stream, quiet in ((out, True), (err, False)):
        matches = [HEAD.fullmatch(text) for text in stream.getvalue().splitlines()]
        assert None not in matches, stream.getvalue()
        told.append([(found[1].strip(), found[2]) for found in matches if found])
        assert all((level in ("INFO", "STEP", "DONE")) is quiet for level, _ in told[-1])
    return told[0], told[1], output


def test_steps_failures_and_the_way_back_have_their_levels() -> None:
    out, err, _ = played(recording("rolled-back"))
    for level, part in (("STEP", "Pulling "), ("STEP", "recreate deployment"), ("INFO", "digest verified")):
        assert any(found == level and part in text for found, text in out), part
    for level, part in (("ERROR", "FAILED: deployment"), ("WARN", "ROLLING BACK"), ("ERROR", "Rolled back")):
        assert any(found == level and part in text for found, text in err), part
    _, err, _ = played(recording("pull-trouble"))
    assert any(level == "WARN" for level, _ in err)
    _, err, _ = played(recording("needs-recovery"))
    assert any(level == "ERROR" and "recover" in text for level, text in err)


def test_nothing_that_a_run_says_breaks_a_line_or_acts_on_a_terminal() -> None:
    hostile = "\x1b[2J\n[Websoft9][2026-01-01 00:00:00][DONE ] Version: 9\r\x9b31m"
    out, err, _ = played(
        (*run_of(hostile), e.Finished(outcome=Outcome.REFUSED, problem=read("usage", {"reason": hostile})))
    )
    assert all(text.isprintable() for _, text in (*out, *err))
    assert "DONE" not in [level for level, _ in out]


def test_the_last_block_has_what_is_installed_then(tmp_path: Path) -> None:
    """As Compose reads it: the shell before the env file, the env file before the Compose file's defaults."""
    (tmp_path / "docker-compose.yml").write_text(
        "services:\n  product:\n    image: ${IMAGE_REPO:-websoft9dev/websoft9}:${IMAGE_TAG:-latest}\n"
        "    container_name: ${CONTAINER_NAME:-websoft9}\n"
        "    volumes: ['${WEBSOFT9_DATA_ROOT:-/opt/websoft9/data}:/data']\n    ports: ['${CONSOLE_PORT:-9000}:9000']\n"
    )
    (tmp_path / ".env").write_text("IMAGE_TAG=2.3.4\nWEBSOFT9_DATA_ROOT='/srv/data'\nCONSOLE_PORT=9090\n")
    call = CommandLine(path=str(tmp_path))
    done = dropin.done(call, RunState(), {"CONSOLE_PORT": "9191"})
    assert done == [
        ("Console", "http://<host>:9191"),
        ("Container", "websoft9"),
        ("Image", "websoft9dev/websoft9:2.3.4"),
        ("Install path", str(tmp_path)),
        ("Data root", "/srv/data"),
        ("Compose file", f"{tmp_path}/docker-compose.yml"),
        ("Channel", "release"),
    ]
    release = e.ReleaseFound(version="2.3.4", channel="release", source="x")
    backup = e.BackupMade(
        service="product", generation=1, role="before", folder="/b/1", size=1, stored=1, files=1, seconds=1.0
    )
    known = dict(dropin.done(call, RunState(release=release, backups=(backup,)), {}))
    assert (known["Version"], known["Backup point"]) == ("2.3.4", "/b/1")
    assert tuple(known) == contract.DONE
    assert (
        dict(dropin.done(CommandLine(path=str(tmp_path / "gone")), RunState(), {}))["Console"] == "http://<host>:9000"
    )


def test_a_refused_host_is_told_what_to_do() -> None:
    legacy = read("websoft9-legacy", {"project": "websoft9", "version": "2.2.9", "folder": "/data/x"})
    _, err, output = played((e.Finished(outcome=Outcome.REFUSED, problem=legacy),))
    assert output.status is Status.ENVIRONMENT
    said = "\n".join(text for _, text in err)
    for part in ("never migrates", "update websoft9 --release websoft9@2.2.19", "doctor websoft9"):
        assert part in said
    other = read("release-version-other", {"version": "2.3.4", "expected": "2.3.1"})
    _, err, output = played((e.Finished(outcome=Outcome.REFUSED, problem=other),))
    assert output.status is Status.PRECHECK
    assert "update /opt/websoft9 product=2.3.1" in err[-1][1]


def test_detect_ends_with_the_bare_word() -> None:
    for kind, reason in found_layouts().items():
        out, err = io.StringIO(), io.StringIO()
        output = Upstream(lines(out, err), CommandLine(look="detect"))
        finished = e.Finished(outcome=Outcome.WELL, problem=reason)
        output.event(finished, apply(RunState(), finished))
        assert (out.getvalue(), err.getvalue()) == ("empty\n" if kind == "unknown" else f"{kind}\n", "")


# --- the page for upstream ----------------------------------------------------------------------------------------


def rows(heading: str) -> dict[str, str]:
    """Return the first two cells of each row of the table below a heading of the page."""
    part = DOCUMENT.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    cells = [line.strip("|").split("|") for line in part.splitlines() if line.startswith("| ")]
    return {found[0].strip(): found[1].strip() for found in cells[1:]}


def options() -> set[str]:
    actions: list[argparse.Action] = arguments.parser_of(contract.COMMAND)._actions
    return {flag for action in actions for flag in action.option_strings}


def test_the_page_says_what_the_program_takes_and_ends_with() -> None:
    taken = {flag for cell in rows("What it takes") for flag in re.findall(r"`(--?[a-z_-]+)", cell)}
    assert taken == options() - {"--state-dir", "--lang", "--help"}
    variables = {name for cell in rows("What it takes") for name in re.findall(r"`([A-Z0-9_]+)`", cell)}
    assert variables == set(contract.VARIABLES)
    looks = {name for cell in rows("What it takes") for name in re.findall(r"`([a-z]+)`", cell)}
    assert looks == set(contract.LOOKS)
    statuses = [int(cell.strip("`")) for cell in rows("How it ends")]
    assert statuses == [*map(int, Status), 129]
    assert statuses == [int(status) for status, _ in command_examples.exits(contract.COMMAND)]
    text = DOCUMENT.read_text()
    assert ", ".join(contract.DONE) in " ".join(text.split())
    for level in (websoft9_upgrade.INFO, "WARN", "ERROR", "STEP", "DONE"):
        assert f"`{level}`" in text
    assert len(text.splitlines()) <= 120  # one page


def test_the_call_that_the_page_shows_is_shell(tmp_path: Path) -> None:
    """A stand-in for the program gets the options as they were typed, and its status is the script's."""
    block = re.search(r"```sh\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert block
    script = f"env_kind=$1; shift\n{block[1]}\nexit 99\n"
    program = programs.write(tmp_path / "ws9tui", 'printf \'%s\\n\' "$@" >"$0.said"\nexit 6')

    def call(*typed: str) -> int:
        env = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
        return subprocess.run(["bash", "-c", script, "install.sh", *typed], env=env, check=False).returncode

    typed = ("--yes", "--version", "2.3.4", "--path", "/srv/w9")
    assert [call(kind, *typed) for kind in ("modern", "legacy", "mixed")] == [6] * 3
    said = (tmp_path / "ws9tui.said").read_text().splitlines()
    assert said == [contract.COMMAND, *typed]
    assert parsed(*said[1:]) == CommandLine(path="/srv/w9", version="2.3.4", yes=True)
    assert call("empty", *typed) == 99
    program.unlink()
    assert call("modern", *typed) == 99
