"""A real PostgreSQL whose schema changes between two versions goes back with its data, and forward again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support import images, postgres, projects
from support.cli import QUICK, Cli
from support.needs import need

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.registry import Registry

pytestmark = pytest.mark.engine

TEXT = """\
name: shop
services:
  db:
    image: HOST/postgres:1.0.0
    restart: unless-stopped
    stop_grace_period: 30s
    volumes: [db-data:/data]
volumes: {db-data: }
"""
SUM = "select count(*), sum({}::numeric), md5(string_agg(id || ':' || {}, ',' order by id)) from orders"


@pytest.fixture
def programs(registry: Registry) -> Path:
    _ = registry  # which tells first what else is missing
    found = postgres.folder()
    need("" if found else f"PostgreSQL is not installed: apt-get install --no-install-recommends {postgres.PACKAGE}")
    assert found
    return found


@pytest.fixture
def ask(clean_engine: Dockerd, programs: Path) -> Callable[[str], str]:
    """What the database answers."""

    def asked(text: str) -> str:
        api: Any = clean_engine.client().api
        made = api.exec_create("shop-db-1", postgres.query(text, programs))
        said: bytes = api.exec_start(made["Id"])
        assert api.exec_inspect(made["Id"])["ExitCode"] == 0, said
        return said.decode().strip()

    return asked


def test_a_database_that_has_migrated_goes_back_with_its_data(
    clean_engine: Dockerd,
    registry: Registry,
    project_folder: Path,
    state_dir: Path,
    programs: Path,
    ask: Callable[[str], str],
) -> None:
    for schema in (1, 2):
        images.push(registry, "postgres", f"{schema}.0.0", postgres.image(schema, programs))
    project = projects.write(project_folder, TEXT.replace("HOST", registry.host), name="shop", services=("db",))
    projects.up(clean_engine, project)
    cli = Cli(clean_engine, state_dir, project_folder)
    ask("insert into orders select n, (n * 1.25)::text from generate_series(1, 50000) n")
    first = ask(SUM.format("total", "total"))

    said = cli.json("update", "db=2.0.0", *QUICK).ended("kept", 0)
    [planned] = said.of("planned")[-1]["plan"]["backups"]
    assert planned["chosen"], "it is proposed unasked: a PostgreSQL"
    assert planned["cause"]["code"] == "migrates-data"
    ask("insert into orders values (50001, 99.5)")
    second = ask(SUM.format("amount", "amount"))
    assert second.startswith("50001|")

    only = cli.json("rollback", "--to", "1", *QUICK).ended("rolled-back", 1)
    assert only.of("rollback-started")
    assert ask(SUM.format("amount", "amount")) == second, "the earlier version refuses it, so the later one runs again"

    cli.json("rollback", "--to", "1", "--data", *QUICK).ended("kept", 0)
    assert ask("select version from schema") == "1"
    assert ask(SUM.format("total", "total")) == first
    assert ask("select count(*) from pg_catalog.pg_class where relname = 'orders'") == "1"

    newest = max(cli.generations())
    cli.json("rollback", "--to", str(newest), "--data", *QUICK).ended("kept", 0)
    assert ask(SUM.format("amount", "amount")) == second
    projects.assert_no_drift(clean_engine, project)
