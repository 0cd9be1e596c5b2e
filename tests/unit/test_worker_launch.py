"""How a worker is started: so that it outlives the login, also where logind ends a user's processes."""

from __future__ import annotations

import json
import os
import stat
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import pytest

from support import programs
from support.wait import until
from ws9tui.core.journal import events as e
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import Outcome, Verb
from ws9tui.core.store.store import Store
from ws9tui.worker import launch as launching
from ws9tui.worker.handle import RunHandle
from ws9tui.worker.launch import WORKER_LOG, Launched, launch

NOBODY = 65534
SECRET = "correct-horse-battery"
_BUSCTL = """\
#!/bin/sh
case "$*" in
*KillUserProcesses) echo 'b {kills}';;
*KillExcludeUsers) echo 'as {excluded}';;
esac
"""
# notes what it got; starts the command as a service manager does: with the variables that it was told, and no others
_SYSTEMD_RUN = """\
#!{python}
import json, os, subprocess, sys
if sys.argv[1:] == ["--version"]:
    print("systemd {version} ({version}.1)\\n+PAM")
    sys.exit()
told = dict(word.removeprefix("--setenv=").split("=", 1) for word in sys.argv if word.startswith("--setenv="))
command = sys.argv[next(n for n, word in enumerate(sys.argv) if n and not word.startswith("--")):]
with open({noted!r}, "w") as file:
    json.dump({{"argv": sys.argv, "command": command, "environment": told}}, file)
if {status} == 0 and {runs}:
    subprocess.Popen(command, env=told, stdin=-3, stdout=-3, stderr=-3, start_new_session=True)
sys.exit({status})
"""


@dataclass
class Machine:
    """A machine with systemd, as far as the launch asks; `root` stands for its file system."""

    root: Path
    bin: Path

    @property
    def noted(self) -> Path:
        """What systemd-run was called with."""
        return self.root / "noted"

    def program(self, name: str, text: str) -> None:
        """Put a program on the path."""
        programs.write(self.bin / name, text)

    def logind(self, *, kills: bool = True, excluded: str = "0") -> None:
        """Let logind end what a logout leaves, but for those who are excluded."""
        self.program("busctl", _BUSCTL.format(kills="true" if kills else "false", excluded=excluded))

    def systemd_run(self, *, version: int = 252, status: int = 0, runs: bool = False) -> None:
        """Have a systemd-run of a version, that succeeds or not, and starts the command or not."""
        text = _SYSTEMD_RUN.format(
            python=sys.executable, version=version, noted=str(self.noted), status=status, runs=runs
        )
        self.program("systemd-run", text)

    def linger(self, answer: str) -> None:
        """Let loginctl say whether the user lingers."""
        self.program("loginctl", f"#!/bin/sh\necho Linger={answer}\n")

    @property
    def asked(self) -> list[str]:
        """The command line that systemd-run got."""
        found: list[str] = json.loads(self.noted.read_text())["argv"]
        return found


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Return a machine with systemd, in a login session whose processes logind ends."""
    found = Machine(tmp_path / "machine", tmp_path / "bin")
    (found.root / "run/systemd/system").mkdir(parents=True)
    (found.root / "proc/self").mkdir(parents=True)
    (found.root / "proc/self/cgroup").write_text("0::/user.slice/user-0.slice/session-3.scope\n")
    found.bin.mkdir()
    found.logind()
    found.systemd_run()
    monkeypatch.setenv("PATH", f"{found.bin}:/usr/bin:/bin")
    monkeypatch.setattr(launching, "Path", lambda path: found.root / path.lstrip("/"))
    return found


@pytest.fixture
def run(state_dir: Path) -> Path:
    """Return the folder of a run."""
    return Store(state_dir).open().new_run()


def started(run: Path) -> Launched:
    """Launch a worker; one that this process is the parent of finds no request and ends."""
    launched = launch(run.parents[1], run, ())
    if launched.process:
        launched.process.wait(60)
    return launched


def assert_of_its_own(run: Path, launched: Launched) -> None:
    assert launched.process
    log = run / WORKER_LOG
    assert "StopIteration" in log.read_text()  # it was started, and what it says goes to its log
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_without_systemd_it_is_a_process_of_its_own_session(machine: Machine, run: Path) -> None:
    (machine.root / "run/systemd/system").rmdir()
    launched = started(run)
    assert launched.survives_logout
    assert_of_its_own(run, launched)
    assert not machine.noted.exists()


def test_a_process_of_its_own_has_a_session_of_its_own_and_no_terminal(
    machine: Machine, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.logind(kills=False)
    said = "import os, sys; print(os.getsid(0) == os.getpid(), os.getcwd(), os.fstat(0).st_rdev, sys.argv)"
    machine.program("python", f'#!/bin/sh\nexec {sys.executable} -c "{said}" "$@"\n')
    monkeypatch.setattr(sys, "executable", str(machine.bin / "python"))
    started(run)
    null = Path("/dev/null").stat().st_rdev
    arguments = ["-c", "-P", "-m", "ws9tui.worker", str(run.parents[1]), run.name]
    assert (run / WORKER_LOG).read_text() == f"True / {null} {arguments}\n"


@pytest.mark.parametrize("excluded", ['1 "root"', '2 "alice" "root"'])
def test_users_whom_logind_spares_need_nothing_more(machine: Machine, run: Path, excluded: str) -> None:
    machine.logind(excluded=excluded)
    assert started(run).survives_logout
    assert not machine.noted.exists()


@pytest.mark.parametrize("cgroup", ["0::/system.slice/cron.service\n", None])
def test_what_is_no_login_is_not_ended_by_a_logout(machine: Machine, run: Path, cgroup: str | None) -> None:
    path = machine.root / "proc/self/cgroup"
    path.write_text(cgroup) if cgroup else path.unlink()
    assert started(run).survives_logout
    assert not machine.noted.exists()


def test_root_gets_a_transient_unit(machine: Machine, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("DB_PASSWORD", SECRET)
    monkeypatch.setenv("BASH_FUNC_module%%", "() { :; }")  # no name that systemd takes
    assert started(run) == Launched(None, survives_logout=True)
    words = machine.asked
    assert f"--unit=ws9tui-{run.name}" in words
    assert "--user" not in words
    assert "--collect" in words
    assert f"--property=StandardOutput=append:{run / WORKER_LOG}" in words
    assert words[-7:-1] == [sys.executable, "-P", "-m", "ws9tui.worker", str(run.parents[1]), run.name]
    assert f"--setenv=PATH={os.environ['PATH']}" in words
    # all users can read what a service manager is told
    assert not any("DB_PASSWORD" in word or SECRET in word or "BASH_FUNC" in word for word in words)
    handed = Path(words[-1].removeprefix("--environment="))
    assert handed.parent == run
    assert stat.S_IMODE(handed.stat().st_mode) == 0o600
    assert json.loads(handed.read_text())["DB_PASSWORD"] == SECRET
    assert stat.S_IMODE((run / WORKER_LOG).stat().st_mode) == 0o600  # a service manager would make it readable


def test_others_get_a_unit_of_their_own_manager_where_they_linger(
    machine: Machine, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    machine.logind(excluded='1 "root"')
    machine.linger("yes")
    assert started(run) == Launched(None, survives_logout=True)
    assert "--user" in machine.asked


@pytest.mark.parametrize("linger", ["no", None])
def test_others_who_do_not_linger_are_warned(
    machine: Machine, run: Path, monkeypatch: pytest.MonkeyPatch, linger: str | None
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
    if linger:
        machine.linger(linger)
    else:
        machine.program("loginctl", "#!/bin/sh\nexit 1\n")
    launched = started(run)
    assert not launched.survives_logout
    assert_of_its_own(run, launched)


@pytest.mark.parametrize("lacking", ["old", "fails", "missing"])
def test_without_a_systemd_run_that_does_it_root_is_warned_too(
    machine: Machine, run: Path, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    machine.systemd_run(version=239 if lacking == "old" else 252, status=int(lacking == "fails"))
    if lacking == "missing":
        monkeypatch.setattr("ws9tui.worker.launch.which", lambda name: None if name == "systemd-run" else which(name))
    launched = started(run)
    assert not launched.survives_logout
    assert_of_its_own(run, launched)
    assert not list(run.glob("private-*"))


def test_a_bus_that_does_not_answer_holds_nothing_up(
    machine: Machine, run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.program("busctl", "#!/bin/sh\nexec sleep 600\n")
    monkeypatch.setattr(launching, "_ASK_TIMEOUT", 0.2)
    assert_of_its_own(run, started(run))


def test_the_warning_stands_in_the_journal(machine: Machine, state_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.systemd_run(status=1)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{state_dir}/no-engine")
    handle = RunHandle.start(Store(state_dir).open(), Verb.DOCTOR, Options(), attended=False)
    with closing(handle):
        events = to_the_end(handle)
    assert [event.finding.problem.code for event in events if isinstance(event, e.Found)] == ["dies-with-login"]
    assert handle._worker
    handle._worker.wait(30)


def test_a_worker_in_a_unit_works_with_the_variables_of_its_shell(
    machine: Machine, state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.systemd_run(runs=True)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{state_dir}/no-engine")
    handle = RunHandle.start(Store(state_dir).open(), Verb.DOCTOR, Options(), attended=False)
    with closing(handle):
        assert handle.died() is None  # though nobody has the run yet
        events = to_the_end(handle)
        finished = events[-1]
        assert isinstance(finished, e.Finished)
        assert finished.outcome is Outcome.REFUSED
        assert finished.problem
        assert finished.problem.facts["host"] == f"unix://{state_dir}/no-engine"
        assert not any(isinstance(event, e.Found) for event in events)
        until(lambda: handle.died() is not None, 30, "the worker has let go")
    assert not list((state_dir / "runs").rglob("private-*"))


def to_the_end(handle: RunHandle) -> list[e.Event]:
    """Read a run to its end."""
    found: list[e.Event] = []

    def ended() -> bool:
        found.extend(handle.read())
        return any(isinstance(event, e.Finished) for event in found)

    until(ended, 60, lambda: f"the run has ended: {found}")
    return found
