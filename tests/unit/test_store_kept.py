"""What is kept of runs, by count and size, and what the doctor says of clocks and ports."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bench import Shop
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.journal.journal import Journal
from ws9tui.core.model.observed import Container
from ws9tui.core.model.options import Options
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Actor, Level, Outcome, Verb
from ws9tui.core.runs import preflight
from ws9tui.core.store import home, store
from ws9tui.core.store.reserve import RESERVE
from ws9tui.core.store.store import Store
from ws9tui.errors import RegistryError
from ws9tui.problems.problem import read
from ws9tui.simulation.life import SimContainer
from ws9tui.simulation.registries import SimulatedRegistries
from ws9tui.simulation.world import World

HOST = "unix:///s"
REQUEST = e.RunRequested(
    verb=Verb.UPDATE, options=Options(), actor=Actor("me"), version="1", folder="/", attended=False
)
END = e.Finished(outcome=Outcome.KEPT)


def run_of(kept: Store, number: int, *events: e.Event, log: int = 0, project: str = "shop") -> Path:
    folder = kept.new_run()
    source = ProjectSource(project, "/srv", ("/srv/compose.yml",))
    journal = Journal(folder)
    for event in (
        REQUEST,
        e.EngineFound(
            host=HOST, server="s", engine_version="1", api_version="1.41", compose_version="5", architecture="amd64"
        ),
        e.ProjectFound(source=source, verb=Verb.UPDATE, number=number, generation=0),
        *events,
    ):
        journal.append(event, sync=False)
    journal.close()
    if log:
        (folder / "logs").mkdir()
        (folder / "logs" / "web-old.log").write_bytes(bytes(log))
    return folder


def left(kept: Store, project: str = "shop") -> list[int]:
    return sorted(record.number for record in kept.runs_of(home.find(kept, project, "", HOST)))


def test_the_oldest_runs_go_by_their_count(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "RUNS_KEPT", 3)
    for number in range(1, 7):
        run_of(kept, number, END)
    run_of(kept, 1, END, project="other")
    kept.rotate(home.find(kept, "shop", "", HOST))
    assert left(kept) == [4, 5, 6]
    assert left(kept, "other") == [1]


@pytest.mark.parametrize(("room", "stay"), [(100_000, [4, 5, 6]), (10, [6])])
def test_the_oldest_runs_go_by_the_size_of_their_logs_and_the_last_one_stays(
    kept: Store, monkeypatch: pytest.MonkeyPatch, room: int, stay: list[int]
) -> None:
    monkeypatch.setattr(store, "RUNS_BYTES", room)
    for number in range(1, 7):
        run_of(kept, number, END, log=30_000)
    kept.rotate(home.find(kept, "shop", "", HOST))
    assert left(kept) == stay


def test_unfinished_business_stays(kept: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "RUNS_KEPT", 1)
    commit = e.CommitStarted(before=1, after=2)
    run_of(kept, 1, commit)  # killed
    run_of(kept, 2, commit, e.Finished(outcome=Outcome.NEEDS_RECOVERY))
    run_of(kept, 3, commit, e.Superseded(by=4))
    live = run_of(kept, 4)
    journal = Journal(live)
    assert journal.claim()
    for number in (5, 6):
        run_of(kept, number, END)
    kept.rotate(home.find(kept, "shop", "", HOST))
    assert left(kept) == [1, 2, 4, 6]
    journal.close()


def test_runs_that_died_before_they_had_found_a_project(kept: Store) -> None:
    """All but the newest, also those that never had a worker; one that may still get one is left alone."""
    folders = [kept.runs_folder / f"20260101-0000{second:02}-abcdef" for second in range(store.NAMELESS_KEPT + 3)]
    for number, folder in enumerate(folders):
        folder.mkdir()
        if number % 3:
            journal = Journal(folder)
            journal.append(REQUEST, sync=False)
            if number % 3 == 1:
                journal.append(e.WorkerStarted(pid=1), sync=False)
            journal.close()
        os.utime(folder, (0, 0))
    live = Journal(folders[0])
    assert live.claim()
    whole = run_of(kept, 1, END)
    starting = [kept.new_run() for _ in range(store.NAMELESS_KEPT + 1)]
    kept.rotate_nameless()
    assert [folder for folder in folders if folder.exists()] == [folders[0], *folders[3:]]
    assert all(folder.exists() for folder in (whole, *starting))
    live.close()


def test_the_room_of_killed_runs_is_given_back(kept: Store) -> None:
    dead, live = run_of(kept, 1), run_of(kept, 2)
    for folder in (dead, live):
        (folder / RESERVE).write_bytes(bytes(10))
    journal = Journal(live)
    assert journal.claim()
    assert kept.free_reserves()
    assert not (dead / RESERVE).exists()
    assert (live / RESERVE).exists()
    assert not kept.free_reserves()
    journal.close()


# --- the doctor -----------------------------------------------------------------------------------------------------


class Dated(SimulatedRegistries):
    """Registries whose clock is so many seconds ahead, or that say something else, or nothing."""

    def __init__(self, said: float | str | RegistryError) -> None:
        super().__init__(World())
        self.said = said

    async def date(self, registry: str) -> str:
        assert registry == "registry.test"
        if isinstance(self.said, RegistryError):
            raise self.said
        if isinstance(self.said, str):
            return self.said
        return format_datetime(datetime.now(UTC) + timedelta(seconds=self.said), usegmt=True)


CLOCKS: dict[str, tuple[float | str | RegistryError, Level, str]] = {
    "right": (1, Level.OK, "clock-ok"),
    "hours ahead": (-3 * 3600, Level.WARNING, "clock-differs"),
    "hours behind": (3 * 3600, Level.WARNING, "clock-differs"),
    "no date": ("", Level.WARNING, "clock-unknown"),
    "a date that is none": ("yesterday", Level.WARNING, "clock-unknown"),
    "no answer": (RegistryError(read("registry-unreachable", {"reason": "refused"})), Level.WARNING, "clock-unknown"),
}


@pytest.mark.parametrize("case", CLOCKS)
async def test_the_clock_against_a_registry_s(case: str) -> None:
    said, level, code = CLOCKS[case]
    found = await preflight._registry_clock(Dated(said), "registry.test")
    assert (found.level, found.problem.code) == (level, code)
    assert found.problem.facts["registry"] == "registry.test"
    if code == "clock-differs":
        assert abs(int(found.problem.facts["seconds"]) - 3 * 3600) < 100


PORTS = """\
name: shop
services:
  web:
    image: r.test/web:latest
    ports:
    - {target: 80, published: "8080", protocol: tcp, host_ip: 127.0.0.1}
    - {target: 90, published: "9090", protocol: tcp}
"""


@virtual
@pytest.mark.parametrize(
    ("held", "taken"),
    [
        ((), set()),
        (("127.0.0.1:8080/tcp",), {"8080/tcp"}),
        (("0.0.0.0:8080/tcp", "127.0.0.1:9090/tcp"), {"8080/tcp", "9090/tcp"}),
        (("10.0.0.1:8080/tcp", "0.0.0.0:8080/udp"), set()),
    ],
)
async def test_ports_that_a_stranger_holds(tmp_path: Path, held: tuple[str, ...], taken: set[str]) -> None:
    shop = Shop(tmp_path, PORTS)
    shop.bring("r.test/web:latest", "1.0")
    await shop.compose.up(shop.source, ["web"], start=not taken)
    image = next(iter(shop.world.images))
    stranger = Container("f" * 64, "stranger", image, Reference("any"), ports=held)
    shop.world.containers[stranger.id] = SimContainer(made=stranger, started=1.0)
    before = shop.everything()
    told = await shop.run(verb=Verb.DOCTOR)
    ports = [finding for finding in told.state.findings if finding.problem.code.startswith("port-")]
    blocked = {finding.problem.facts["port"] for finding in ports if finding.level is Level.BLOCKING}
    assert blocked == taken
    assert {finding.problem.facts["by"] for finding in ports if finding.level is Level.BLOCKING} <= {"stranger"}
    assert told.outcome is (Outcome.REFUSED if taken else Outcome.WELL)
    assert shop.everything() == before
