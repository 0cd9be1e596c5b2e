"""Projects that are updated by plain Compose and by ws9tui become the same: a few of those of proofs/twin.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support import proofs, twin_projects, twin_real
from support.twins import Lane, Shelf

if TYPE_CHECKING:
    from pathlib import Path

    from support.dockerd import Dockerd, Store
    from support.registry import Registry

pytestmark = pytest.mark.engine

SEED = 7
REAL = {sample.name: sample for sample in twin_real.SAMPLES}
OFTEN = 9
"""of the generated ones, in every session"""
RARELY = pytest.mark.full(reason="the other generated ones and the real ones take turns")
NAMES = (
    *REAL,
    *(f"{SEED}-{number}" for number in range(OFTEN)),
    *(pytest.param(f"{SEED}-{number}", marks=RARELY) for number in range(OFTEN, 25 - len(REAL))),
)


@pytest.fixture(scope="session")
def shelf(registry: Registry) -> Shelf:
    return Shelf(registry)


@pytest.mark.sample(2, reason="each project is a case of the same proof")
@pytest.mark.parametrize("name", NAMES)
def test_both_twins_become_the_same(
    clean_engine: Dockerd, shelf: Shelf, tmp_path: Path, store: Store, name: str
) -> None:
    number = int(name.rpartition("-")[2]) if name not in REAL else 0
    sample = REAL.get(name) or twin_projects.sample(number, SEED, "28" if store == "containerd" else "20.10")
    result = Lane(clean_engine, shelf, tmp_path / "lane").run(sample)
    assert not result.lines, "\n".join(result.lines)
    proofs.count("twins", "projects")
    proofs.count("twins", "services", sample.services)
