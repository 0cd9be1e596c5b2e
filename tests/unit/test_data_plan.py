from __future__ import annotations

import asyncio
import os
import threading
from typing import TYPE_CHECKING

import msgspec
import pytest

from ws9tui.core.data import plan as data_plan
from ws9tui.core.data.plan import is_data
from ws9tui.core.model.observed import Mount
from ws9tui.core.model.plan import (
    BYTES_A_SECOND,
    DataTarget,
    Kind,
    Operation,
    Plan,
    PlannedBackup,
    PlannedRestore,
    choose,
    with_downtime,
)
from ws9tui.problems.problem import read

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = read("backup-possible", {})


@pytest.mark.parametrize(
    ("mount", "data"),
    [
        (Mount("volume", "v", "/data"), True),
        (Mount("volume", "v", "/var/log"), True),
        (Mount("volume", "v", "/data", read_only=True), False),
        (Mount("bind", "/srv/app", "/data"), True),
        (Mount("bind", "/srv/app", "/data", read_only=True), False),
        (Mount("bind", "/var/run/docker.sock", "/var/run/docker.sock"), False),
        (Mount("bind", "/run/user/1/docker.sock", "/docker.sock"), False),
        (Mount("bind", "/etc/localtime", "/etc/localtime"), False),
        (Mount("bind", "/", "/host"), False),
        (Mount("bind", "/dev", "/dev"), False),
        (Mount("tmpfs", "", "/tmp"), False),
    ],
)
def test_what_is_mounted_is_data_or_not(mount: Mount, data: bool) -> None:
    assert is_data(mount) is data


def test_services_of_a_wave_wait_for_the_last_one_whose_data_is_moved() -> None:
    second = int(BYTES_A_SECOND)
    backups = tuple(
        PlannedBackup(name, "sha256:1", (DataTarget("/data", "volume", name, size * second),), NOBODY, chosen=True)
        for name, size in (("a", 3), ("b", 5), ("c", 7))
    )
    operations = tuple(
        Operation(Kind.RECREATE, name, NOBODY, wave) for name, wave in (("a", 1), ("b", 1), ("web", 1), ("c", 2))
    )
    bare = Plan(1, 2, operations=operations, downtime={"a": 1.0, "b": 1.0, "c": 1.0, "web": 1.0})
    plan = with_downtime(msgspec.structs.replace(bare, backups=backups), bare)
    assert plan.downtime == pytest.approx({"a": 9.0, "b": 6.0, "c": 8.0, "web": 1.0})
    assert choose(plan, ["b"]).downtime == pytest.approx({"a": 1.0, "b": 6.0, "c": 1.0, "web": 1.0})
    assert choose(choose(plan, []), ["a", "b", "c"]).downtime == pytest.approx(plan.downtime)


def test_a_service_that_only_gets_its_data_back_is_away_for_that() -> None:
    restore = PlannedRestore("db", "/backup", "", int(BYTES_A_SECOND), (), "sha256:1")
    plan = Plan(
        2, 1, operations=(Operation(Kind.RECREATE, "web", NOBODY, 1),), downtime={"web": 1.0}, restores=(restore,)
    )
    chosen = choose(plan, ["db"])
    assert chosen.downtime == pytest.approx({"web": 1.0, "db": 4.0})
    assert choose(chosen, []).downtime == pytest.approx({"web": 1.0})


def test_the_size_of_a_folder_is_asked_for_until_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "file").write_bytes(b"12345")
    assert asyncio.run(data_plan.bytes_in(str(tmp_path))) == 5

    answered = threading.Event()
    real = os.scandir

    def as_a_server_that_is_gone(path: str) -> object:
        answered.wait(30)
        return real(path)

    monkeypatch.setattr(data_plan, "_WALK_SECONDS", 0.1)
    monkeypatch.setattr(os, "scandir", as_a_server_that_is_gone)
    try:
        assert asyncio.run(data_plan.bytes_in(str(tmp_path))) == -1
    finally:
        answered.set()
