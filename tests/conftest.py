"""Fixtures of all tests: a real engine and registry for those that are marked so, and folders of their own."""

from __future__ import annotations

import errno
import functools
import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from support import (
    cleaning,
    deployed,
    dockerd,
    failures,
    isolation,
    others,
    panes,
    proofs,
    selection,
    tools,
    unpacked,
    websoft9_failures,
)
from support.artifacts import Artifacts
from support.dockerd import SIMULATED, STORES, Dockerd, Store
from support.faultproxy import FaultProxy
from support.machine import Machine
from support.needs import need
from support.registry import Registry
from ws9tui.adapters.compose.compose import ComposeCommand
from ws9tui.cli.main import run
from ws9tui.core.model.commands import CommandScope
from ws9tui.core.store.store import Store as ProgramState
from ws9tui.words import commands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench import Shop
    from command_line import History
    from support.deployed import Deployed

# a machine may be busy with other tests
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
# a second attempt comes after 5 s; all five, as an engine has them by itself, take 50 s to fail
ONE_ATTEMPT = ("--max-download-attempts=1",)
_OLD_COMPOSE = str(unpacked.COMPOSE.folder / unpacked.COMPOSE.program)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer to choose the engine."""
    parser.addoption(
        "--store",
        choices=(*STORES, "both"),
        help="run every test on the engine with this image store, or on both; else they are shared out",
    )
    parser.addoption(
        "--full",
        action="store_true",
        help="run the sweeps in full, and what else a plain session has only samples of (it takes hours)",
    )
    parser.addoption(
        "--turn",
        type=int,
        choices=range(selection.TURNS),
        help="which share of the scenarios runs; else the commit decides, and of tests that are named all run",
    )
    parser.addoption("--fast", action="store_true", help="run only what needs no engine and is not marked slow")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make what uses an engine for both, and what has a `subject` for the simulated one as well."""
    if "store" in metafunc.fixturenames:
        stores = [pytest.param(store, marks=pytest.mark.engine) for store in STORES]
        if "subject" in metafunc.fixturenames:
            stores.insert(0, pytest.param(SIMULATED))
        metafunc.parametrize("store", stores, scope="session", indirect=True)


def pytest_configure(config: pytest.Config) -> None:
    """Decide on the turn, and let TERM and HUP end the session as ctrl+c does: with its finalizers."""
    named = config.option.full or config.option.file_or_dir or config.option.keyword
    if config.option.turn is None and not named:
        config.option.turn = selection.by_commit()

    def stop(number: int, _frame: object) -> None:
        pytest.exit(f"ended by signal {number}", returncode=128 + number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Leave each test on the engine or the engines that it shall run on, and of the fast ones only those."""
    full, turn = config.getoption("full"), config.getoption("turn")
    left = [item for item in items if selection.wanted(item, config.getoption("store"), full=full)]
    if not full:
        left = selection.sampled(left, turn or 0)
    if turn is not None:
        left = [item for item in left if selection.has_turn(item, turn)]
    if config.getoption("fast"):
        left = [item for item in left if not any(map(item.get_closest_marker, ("engine", "slow")))]
    config.hook.pytest_deselected(items=list(set(items) - set(left)))
    items[:] = left
    yield  # pytest puts together what shares an engine
    items[:] = selection.spread(items)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Move into a namespace of our own before the first test, if there are tests that want an engine."""
    wanted = any(item.get_closest_marker("engine") for item in session.items)
    if wanted and not session.config.option.collectonly and not tools.missing():
        isolation.problem()


def pytest_unconfigure() -> None:
    """Leave nothing behind."""
    isolation.leave()


@pytest.fixture(autouse=True)
def _plain_commands() -> None:
    """Let commands be told as from a plain call; what a test shows sets its own place."""
    commands.stand(CommandScope())


@pytest.fixture(scope="session")
def store(request: pytest.FixtureRequest) -> Store:
    """Return which engine the test runs on, by its image store; everything of the one runs before the other."""
    asked: Store = request.param
    return asked


@pytest.fixture(scope="session")
def registry(store: Store) -> Iterator[Registry]:
    """Return a registry for all tests of an engine."""
    need(tools.missing() or isolation.problem())
    with Registry(store=store) as started:
        yield started


@pytest.fixture(scope="session")
def engine(registry: Registry, store: Store) -> Iterator[Dockerd]:
    """Return a Docker engine for all its tests; they take it as `clean_engine`.

    It has the registry as its mirror: an image that is pushed there as `websoft9dev/git` is pulled under that name.
    """
    with Dockerd(store=store, flags=(*ONE_ATTEMPT, f"--registry-mirror={registry.url}")) as started:
        yield started


@pytest.fixture
def proxy(registry: Registry) -> Iterator[FaultProxy]:
    """Return a fault proxy in front of the registry, for one test."""
    with FaultProxy(registry) as started:
        yield started


@pytest.fixture
def clean_engine(engine: Dockerd) -> Iterator[Dockerd]:
    """Return the session's engine, running and empty; fail if the test leaves programs running."""
    with cleaning.nothing_left(engine):
        yield engine


@pytest.fixture
def own_registry(clean_engine: Dockerd) -> Iterator[Registry]:
    """Return a registry that a test may stop."""
    with Registry(store=clean_engine.store) as started:
        yield started


@pytest.fixture
def older(clean_engine: Dockerd) -> Iterator[Dockerd]:
    """Return the engine with the Compose of a few years ago."""
    present = clean_engine.compose_folder
    clean_engine.compose_folder = str((unpacked.COMPOSE.folder / unpacked.COMPOSE.program).parent)
    yield clean_engine
    clean_engine.compose_folder = present


@pytest.fixture
def real_compose(monkeypatch: pytest.MonkeyPatch) -> ComposeCommand:
    """Return the real Compose, which needs no engine to resolve a project."""
    need("" if tools.compose_folder() else "it needs the docker-compose command")
    monkeypatch.setenv("PATH", f"{tools.compose_folder()}:{os.environ['PATH']}")
    return ComposeCommand()


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """Return what closes a folder to this process: nothing below it can be looked at, not even by root."""
    shut: list[Path] = []
    stat, lstat, access = os.stat, os.lstat, os.access

    def below(path: Any) -> bool:  # noqa: ANN401 - as os has them
        return not isinstance(path, int) and any(part in shut for part in (Path.cwd() / path).parents)

    def looked(path: Any, call: Callable[..., os.stat_result] = stat, **more: Any) -> os.stat_result:  # noqa: ANN401
        if below(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return call(path, **more)

    def allowed(path: Any, mode: int, **more: Any) -> bool:  # noqa: ANN401
        return not below(path) and path not in shut and access(path, mode, **more)

    monkeypatch.setattr(os, "stat", looked)
    monkeypatch.setattr(os, "lstat", functools.partial(looked, call=lstat))
    monkeypatch.setattr(os, "access", allowed)
    return shut.append


@pytest.fixture
def machine(clean_engine: Dockerd, registry: Registry, tmp_path: Path, state_dir: Path) -> Iterator[Machine]:
    """Return a machine for Websoft9; fail if the test has touched what else is on it."""
    made = Machine(clean_engine, registry, tmp_path, state_dir)
    yield made
    made.assert_others_untouched()


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """Return an empty folder for a project."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def state_dir(tmp_path: Path) -> Path:
    """Return the folder for the program's state, not yet made."""
    return tmp_path / "state"


@pytest.fixture
def kept(state_dir: Path) -> ProgramState:
    """Return the program's state."""
    return ProgramState(state_dir).open()


@pytest.fixture
def history(
    state_dir: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> History:
    """Return a call of `ws9tui history`, from a folder where no project is."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        status = run(["history", *arguments, "--state-dir", str(state_dir)])
        written = capsys.readouterr()
        return status, written.out, written.err

    return call


@pytest.fixture
def public() -> Iterator[Path]:
    """Return a folder that other users get into; pytest's own are closed to them."""
    with others.public_folder() as folder:
        yield folder


@pytest.fixture
def pair(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Deployed:
    """Return a deployment of two services."""
    return deployed.deploy(clean_engine, registry, project_folder, state_dir)


@pytest.fixture
def held(
    clean_engine: Dockerd, registry: Registry, proxy: FaultProxy, project_folder: Path, state_dir: Path
) -> panes.Held:
    """Return a deployment whose pulls can be held up."""
    return panes.held(clean_engine, registry, proxy, project_folder, state_dir)


@pytest.fixture
def artifacts(tmp_path: Path) -> Iterator[Artifacts]:
    """Return a place of releases."""
    with Artifacts(tmp_path / "artifacts") as started:
        yield started


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no proxy between us and a server of the test."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no disk."""
    for call in ("os.fsync", "os.fdatasync"):
        monkeypatch.setattr(call, lambda _: None)


@pytest.fixture
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Shop:
    """Return a project on the simulated engine, where nothing waits for a disk."""
    from bench import Shop  # noqa: PLC0415 - of the unit tests

    request.getfixturevalue("quick")
    return Shop(tmp_path)


_OUTCOMES: dict[str, str] = {}
_TALLIES: dict[str, proofs.Tally] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note how each test ended, all parameters together, for the table of failures and the proofs' figures."""
    file, _, test = report.nodeid.rpartition("/")[2].partition("::")
    name = f"{file}::{test.partition('[')[0]}"
    if report.failed:
        _OUTCOMES[name] = "failed"
    elif report.when == "call" and report.passed:
        _OUTCOMES.setdefault(name, "passed")
    tally = _TALLIES.setdefault(file, proofs.Tally())
    tally.seconds += report.duration
    if report.failed or report.skipped or report.when == "call":
        tally.ended[report.outcome] += 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print each table of reported failures after a session that provoked most of them, and each proof's figures."""
    tables = {
        "reported failures of updaters": failures.ROWS,
        "what goes wrong in Websoft9's own script": websoft9_failures.ROWS,
    }
    for title, rows in tables.items():
        lines = failures.summary(_OUTCOMES, rows)
        if sum(line.endswith("passed") for line in lines) > len(lines) // 2:
            terminalreporter.section(title)
            for line in lines:
                terminalreporter.write_line(line)
    if proved := proofs.summary(_TALLIES):
        terminalreporter.section("proofs")
        for line in proved:
            terminalreporter.write_line(line)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Say whether tests on a real engine can run, on which, and which of them."""
    turn = config.getoption("turn")
    told = "all scenarios" if turn is None else f"scenarios of turn {turn} of 0 to {selection.TURNS - 1}"
    if lacking := tools.missing():
        return [f"engine: {lacking}"]
    engines = [f"{_version(dockerd.daemon(store), '--version')} ({store})" for store in STORES]
    composes = [_version(program, "version") for program in (f"{tools.compose_folder()}/docker-compose", _OLD_COMPOSE)]
    return [f"engines: {', '.join(engines)}; {told}", f"Compose: {', '.join(composes)}"]


def _version(*command: str) -> str:
    """Return what a program says of its version, without words."""
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return said.replace(",", " ").split("version")[-1].split()[0].removeprefix("v")
