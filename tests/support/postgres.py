"""A real PostgreSQL in a test image: the one that is installed here, with the libraries that it needs.

Version 1 of the service keeps orders with a total as text; version 2 makes it a number under another name, and says so
in the table `schema`. Like many a product, each refuses a schema that is newer than its own.
"""

from __future__ import annotations

from pathlib import Path

from .behaviours import Behaviour
from .binaries import with_libraries
from .images import ImageSpec

PACKAGE = "postgresql"
_PROGRAMS = ("postgres", "initdb", "psql")
_SQL = "psql -h /tmp -U app -d postgres -v ON_ERROR_STOP=1 -qtA"
_SCRIPT = """\
#!/bin/sh
mkdir -p /data/pg && chown -R app /data && chmod 700 /data/pg
if [ ! -s /data/pg/PG_VERSION ]; then
    su app -c 'FOLDER/initdb -D /data/pg -U app -A trust -E UTF8 --locale=C -k -N' || exit 1
fi
su app -c "exec FOLDER/postgres -D /data/pg -k /tmp -c listen_addresses= -c timezone=GMT -c log_timezone=GMT" &
server=$!
trap 'kill -INT $server; wait $server; exit 0' TERM INT
sql() { SQL -c "$1"; }
until sql 'select 1' >/dev/null 2>&1; do
    kill -0 $server 2>/dev/null || exit 1
    sleep 0.1
done
sql 'create table if not exists schema (version int)' || exit 1
found=$(sql 'select version from schema')
if [ "${found:-0}" -gt WANTED ]; then
    echo "fatal: schema $found is newer than WANTED" >&2
    kill -INT $server; wait $server
    exit 1
fi
MIGRATION
touch /tmp/ready
wait $server
"""
_FIRST = """\
[ -n "$found" ] || sql 'create table orders (id int primary key, total text); insert into schema values (1)' || exit 1
"""
_SECOND = """\
if [ "$found" = 1 ]; then
    sql 'begin; alter table orders rename total to amount; alter table orders alter amount type numeric
        using amount::numeric; update schema set version = 2; commit' || exit 1
fi
"""
_HEALTH = f"test -e /tmp/ready && {_SQL} -c 'select 1 from orders limit 1'"


def folder() -> Path | None:
    """Return where a PostgreSQL server is installed; None where none is."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else None


def image(schema: int, programs: Path) -> ImageSpec:
    """Return the service's image with a schema of its own, around the server that is in a folder."""
    script = (
        _SCRIPT.replace("MIGRATION", _FIRST if schema == 1 else _SECOND)
        .replace("FOLDER", str(programs))
        .replace("SQL", _SQL.replace("psql", f"{programs}/psql"))
        .replace("WANTED", str(schema))
    )
    health = _HEALTH.replace("psql", f"{programs}/psql")
    return ImageSpec(f"{schema}.0.0", behaviour=Behaviour(script, health), volumes=("/data",), copies=_files(programs))


def query(text: str, programs: Path) -> list[str]:
    """Return the command that asks the database of a container."""
    return [*_SQL.replace("psql", f"{programs}/psql").split(), "-c", text]


def _files(programs: Path) -> tuple[str, ...]:
    """The server, what it loads, and what it reads; as paths that are the same in the image."""
    version = programs.parent.name
    binaries = [programs / name for name in _PROGRAMS]
    loaded = [
        path for path in (programs.parent / "lib").glob("*.so") if "llvm" not in path.name and "perl" not in path.name
    ]
    names = with_libraries(*binaries, *loaded)
    shared = [path for path in Path("/usr/share/postgresql", version).rglob("*") if path.is_file()]
    zones = [Path("/usr/share/zoneinfo", zone) for zone in ("GMT", "UTC")]
    return tuple(sorted({*names, *map(str, (*shared, *filter(Path.is_file, zones)))}))
