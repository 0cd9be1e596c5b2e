#!/usr/bin/env python3
"""Passes every check of the project from a fresh clone: tests/run.py [OPTIONS] [ARGUMENTS OF PYTEST].

The commands that look at the sources run beside the tests. Scenarios on engines take turns, which the commit decides on
(`support.selection`). With --full all run, and the sweeps are whole; with --fast only tests run that need no engine and
take no second; with --coverage it says how much of the package the tests have run, workers included.

Needs Python 3.11 or later with venv and pip. As root it installs the Debian packages that the tests on real Docker
engines need and that are missing; without root it says which those are, and those tests are skipped. An engine and a
Compose of later releases are unpacked into ~/.cache/ws9tui-tests, and installed nowhere.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from support import roots, tools, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
# Debian package that single tests need → a program or a file of it
PACKAGES = {
    "curl": "curl",
    "debootstrap": "debootstrap",
    "fish": "fish",
    "fonts-dejavu-core": "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "mandoc": "mandoc",
    "nginx": "nginx",
    "openssh-client": "ssh",
    "openssh-server": "sshd",
    "openssl": "openssl",
    "postgresql": "pg_ctlcluster",
    "rootlesskit": "rootlesskit",
    "slirp4netns": "slirp4netns",
    "tmux": "tmux",
    "uidmap": "newuidmap",
    "zsh": "zsh",
}
# mostly they wait for containers; each has an engine, a registry and a network of its own
SIDE_BY_SIDE = ("-n", "6", "--dist", "worksteal")
FULL = "--full"
FAST = "--fast"
COVERAGE = "--coverage"
# while this script says so, packages are installed without starting their services
POLICY = Path("/usr/sbin/policy-rc.d")


class StoppedError(Exception):
    """A step of the preparation failed, or somebody ended the run."""


def main(arguments: list[str]) -> int:
    """Install what is missing, pass all checks, and return 0 if all of them passed."""
    if {"-h", "--help"} & set(arguments):
        say(__doc__.strip())
        return 0
    os.chdir(ROOT)
    # A shell that starts us in the background has it ignored, and so would all that the tests start and interrupt.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ["PATH"] = f"{VENV / 'bin'}:{os.environ.get('PATH', '')}:{tools.SYSTEM_PATH}"
    # The last would have each of the thousands of processes that are started compile all modules anew.
    for name in ("PYTHONHOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"):
        os.environ.pop(name, None)
    measured = COVERAGE in arguments
    arguments = [word for word in arguments if word != COVERAGE]
    if FAST in arguments:
        arguments = ["tests/unit", "-n", "2", *arguments]
    elif not [word for word in arguments if word != FULL]:
        arguments = [*arguments, *SIDE_BY_SIDE]
    try:
        install_debian_packages()
        unpack_later_releases()
        install_python_packages()
        released = engine_tests(arguments) and build_release()
        run(PYTHON, "-m", "compileall", "-q", "ws9tui", "tests")
        with beside(released=released) as looking:
            heading("pytest")
            tested = passes(arguments, measured=measured)
            failed = [check.name for check in looking if not check.passed()]
    except StoppedError as problem:
        say(f"\n{problem}")
        return 2
    if failed:
        say(f"\nFAILED: {', '.join(failed)}{'' if tested else ', pytest'}")
    return 0 if tested and not failed else 1


def passes(arguments: list[str], *, measured: bool) -> bool:
    """Tell whether pytest passes; where it is measured, say how many of the package's lines were run."""
    if not measured:
        return run(PYTHON, "-m", "pytest", *arguments) == 0
    coverage = (PYTHON, "-m", "coverage")
    need(*coverage, "erase")
    passed = run(*coverage, "run", "-m", "pytest", *arguments) == 0
    need(*coverage, "combine", "--quiet")
    total = subprocess.run([*coverage, "report", "--format=total"], check=True, capture_output=True, text=True).stdout
    say(f"\nCoverage: {total.strip()} % of the package's lines")
    return passed


def engine_tests(arguments: list[str]) -> bool:
    """Tell whether tests on real engines are among those that are asked for."""
    paths = [word for word in arguments if word.startswith("tests")]
    return not paths or any(not word.startswith("tests/unit") for word in paths)


def build_release() -> bool:
    """Build the files of a release for the tests of them, and tell whether that was possible."""
    make_clean_systems()
    heading("release, into dist")
    if run(PYTHON, ".release/release.py", "dist") == 0:
        return True
    say("Tests of the release are skipped (with CI set, they fail).")
    return False


def make_clean_systems() -> None:
    """Make root folders of Debian releases, in which the program in one file is tried; root only."""
    if not (lacking := roots.lacking()) or os.geteuid() != 0:
        return
    heading(f"Clean systems, into {unpacked.cache()}: {' '.join(lacking)}")
    try:
        roots.fetch(lacking)
    except (unpacked.CannotUnpackError, FileNotFoundError) as problem:
        say(f"{problem}\nTests in clean systems are skipped (with CI set, they fail).")


def checks(*, released: bool) -> dict[str, tuple[str, ...]]:
    """Return the commands that look at the sources, and at the release where one was made."""
    commands = {
        "ruff check": ("ruff", "check"),
        "ruff format": ("ruff", "format", "--check"),
        "mypy": ("mypy",),
    }
    settings = tomllib.loads(Path("pyproject.toml").read_text())
    if Path(".importlinter").exists() or "importlinter" in settings.get("tool", {}):
        commands["lint-imports"] = ("lint-imports",)
    found = {name: (str(VENV / "bin" / command[0]), *command[1:]) for name, command in commands.items()}
    return found | ({"installs": (PYTHON, "tests/installs.py")} if released else {})


def install_debian_packages() -> None:
    """Install the missing packages as root; else tell what is missing."""
    packages = [name for name, proof in PACKAGES.items() if not Path(shutil.which(proof) or proof).exists()]
    packages = sorted(packages + tools.missing_packages())
    if not packages:
        return
    heading(f"Debian packages: {' '.join(packages)}")
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say(
            "They are missing, and only root on Debian can install them here; tests that need them are skipped"
            f" (with CI set, they fail).\nTo have them:\n"
            f"  sudo apt-get install --no-install-recommends {' '.join(packages)}"
        )
        return
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    with services_stay_down():
        need("apt-get", "update", "--quiet=2")
        need("apt-get", "install", "--yes", "--quiet=2", "--no-install-recommends", *packages)


def unpack_later_releases() -> None:
    """Fetch the programs of later Debian releases; without them the tests on real engines are skipped."""
    if not (lacking := unpacked.lacking()) or not unpacked.possible():
        return
    heading(f"Of later Debian releases, into {unpacked.cache()}: {' '.join(each.name for each in lacking)}")
    try:
        unpacked.fetch(lacking)
    except unpacked.CannotUnpackError as problem:
        say(f"{problem}\nTests on real engines are skipped (with CI set, they fail).")


@contextmanager
def services_stay_down() -> Iterator[None]:
    """Keep packages from starting their services while they are installed."""
    if POLICY.exists():
        say(f"{POLICY} exists already, and decides whether services start")
        yield
        return
    try:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def install_python_packages() -> None:
    """Make the virtual environment, unless it is there and fits pyproject.toml."""
    wanted = hashlib.sha256(Path("pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()
    stamp = VENV / "installed"
    if stamp.exists() and stamp.read_text() == wanted and run(PYTHON, "-c", "import ws9tui") == 0:
        return
    heading("Python packages, into .venv")
    need(sys.executable, "-m", "venv", "--clear", str(VENV))
    need(PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", ".[test]")
    stamp.write_text(wanted)


class Check:
    """A command that looks at the sources while the tests run; what it says is kept until it is asked for."""

    def __init__(self, name: str, command: tuple[str, ...]) -> None:
        self.name = name
        self._said = TemporaryFile()  # noqa: SIM115  # `end` closes it
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self._said, stderr=subprocess.STDOUT)

    def passed(self) -> bool:
        """Wait for its end, and tell under its heading what it said and how it went."""
        heading(self.name)
        status = self._process.wait()
        self._said.seek(0)
        said = self._said.read().decode(errors="replace").rstrip()
        say(f"{said}\n-- {self.name}: {'passed' if status == 0 else f'FAILED with status {status}'}")
        return status == 0

    def end(self) -> None:
        """End it, if it has not ended."""
        self._process.kill()
        self._process.wait()
        self._said.close()


@contextmanager
def beside(*, released: bool) -> Iterator[list[Check]]:
    """Have all checks of the sources run meanwhile."""
    looking: list[Check] = []
    try:
        looking += (Check(name, command) for name, command in checks(released=released).items())
        yield looking
    finally:
        for check in looking:
            check.end()


def need(*command: str) -> None:
    """Run a command that must succeed."""
    if status := run(*command):
        raise StoppedError(f"status {status} from: {' '.join(command)}")


def run(*command: str) -> int:
    """Run a command to its end, also when we are told to end: it cleans up, then we stop."""
    stopped: list[int] = []
    process = subprocess.Popen(command)

    def forward(number: int, _frame: object) -> None:
        stopped.append(number)
        if number != signal.SIGINT:  # which the terminal sends to all
            process.send_signal(number)

    former = {number: signal.signal(number, forward) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        status = process.wait()
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
    if stopped:
        raise StoppedError(f"ended by signal {stopped[0]}")
    return status


def heading(text: str) -> None:
    """Print a heading."""
    say(f"\n== {text}")


def say(text: str) -> None:
    """Print a line at once, so that it stands before what the next command prints."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
