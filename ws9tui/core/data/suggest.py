"""Suggests backups for services whose newer version may make their data unreadable for the older one.

They are recognized by their image's name, by its label `org.opencontainers.image.title`, and by their data's mount
targets. Proposals are mount targets; there is none for a service without data outside its container.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from ws9tui.core.model.observed import Container, Image
from ws9tui.problems.problem import Problem
from ws9tui.problems.release import MigratesData, MigratesDataPerhaps

_TITLE = "org.opencontainers.image.title"


class _Known(msgspec.Struct, frozen=True):
    """Software that migrates its data; images by the last part of their repository, or by owner and last part."""

    what: str
    images: frozenset[str]
    paths: frozenset[str]
    telling: frozenset[str] = frozenset()
    """the paths that only this software uses, so that a mount there identifies an unknown image"""


def _known(what: str, images: str, telling: str, paths: str = "") -> _Known:
    own = frozenset(telling.split())
    return _Known(what, frozenset(images.split()), own | frozenset(paths.split()), own)


_ALL = (
    _known(
        "PostgreSQL",
        "postgres postgresql postgis timescaledb timescaledb-ha pgvector pgautoupgrade",
        "/var/lib/postgresql /var/lib/postgresql/data /bitnami/postgresql /home/postgres/pgdata",
    ),
    _known("MariaDB", "mariadb mariadb-galera", "/bitnami/mariadb", "/var/lib/mysql /config"),
    _known("MySQL", "mysql mysql-server percona percona-server", "/bitnami/mysql /var/lib/mysql"),
    _known(
        "MongoDB",
        "mongo mongodb mongodb-community-server percona-server-mongodb",
        "/data/db /data/configdb /bitnami/mongodb",
    ),
    _known("Redis", "redis redis-stack redis-stack-server valkey keydb", "/bitnami/redis/data", "/data /bitnami/redis"),
    _known("Elasticsearch", "elasticsearch", "/usr/share/elasticsearch/data", "/bitnami/elasticsearch/data"),
    _known("OpenSearch", "opensearch", "/usr/share/opensearch/data"),
    _known("InfluxDB", "influxdb", "/var/lib/influxdb /var/lib/influxdb2", "/etc/influxdb2"),
    _known("ClickHouse", "clickhouse clickhouse-server", "/var/lib/clickhouse"),
    _known("CouchDB", "couchdb", "/opt/couchdb/data"),
    _known("SQL Server", "mssql/server", "/var/opt/mssql /var/opt/mssql/data"),
    _known("Neo4j", "neo4j", "", "/data"),
    _known("Portainer", "portainer portainer-ce portainer-ee websoft9dev/deployment", "", "/data"),
    _known("Gitea", "gitea websoft9dev/git", "/var/lib/gitea", "/data /etc/gitea"),
    _known("Forgejo", "forgejo", "", "/data /var/lib/gitea /etc/gitea"),
    _known("Nginx Proxy Manager", "nginx-proxy-manager websoft9dev/proxy", "", "/data"),
    _known("Websoft9", "websoft9dev/websoft9", "/opt/websoft9/data"),
)
_NOT_DATA = ("/etc/", "/var/run/", "/run/", "/proc/", "/sys/", "/dev/")
_PRODUCT = "Websoft9"
_ENGINES = "/docker/volumes"
"""end of the engine's own folder of volumes, which some releases of the product mount: others' data"""


class Proposal(msgspec.Struct, frozen=True):
    """What to back up of a service, and why."""

    targets: tuple[str, ...]
    """mount targets in the container"""
    reason: Problem


def backup_proposals(containers: Iterable[Container], images: Mapping[str, Image]) -> dict[str, Proposal]:
    """Returns the proposals for a project's services, by its containers and their images (by ID)."""
    found: dict[str, Proposal] = {}
    for container in containers:
        if container.oneoff or container.twin or container.service in found:
            continue
        known = _by_image(container, images.get(container.image_id))
        kind: type[MigratesData | MigratesDataPerhaps] = MigratesData
        mounted = _targets(container)
        if known is None:
            known = next((entry for entry in _ALL if entry.telling & set(mounted)), None)
            kind = MigratesDataPerhaps
        if known is None:
            continue
        targets = [target for target in mounted if target in known.paths]
        if not targets and kind is MigratesData:  # its data may be mounted elsewhere
            targets = [mount.target for mount in container.mounts if mount.type == "volume"]
        if known.what == _PRODUCT and not targets:  # WEBSOFT9_DATA_ROOT, a path of the machine
            targets = [target for target in mounted if not target.endswith(_ENGINES)]
        if targets:
            reason = kind(service=container.service, what=known.what)
            found[container.service] = Proposal(tuple(dict.fromkeys(targets)), reason)
    return found


def _by_image(container: Container, image: Image | None) -> _Known | None:
    names = {container.image, *(image.tags if image else ()), *(image.digests if image else ())}
    parts: set[str] = set()
    for name in names:
        head, _, last = name.name.rpartition("/")
        parts |= {last, f"{head.rpartition('/')[2]}/{last}"}
    title = image.labels.get(_TITLE, "").strip().lower() if image else ""
    for known in _ALL:
        if known.images & parts or title in ({known.what.lower()} | known.images):
            return known
    # The product from a private registry keeps its last name part, and runs as the service `product`.
    return next((known for known in _ALL if known.what == _PRODUCT and {"websoft9"} & parts), None)


def _targets(container: Container) -> list[str]:
    """Returns mount targets that may hold data: neither sockets nor files of the machine."""
    return [
        mount.target.rstrip("/")
        for mount in container.mounts
        if mount.type in ("volume", "bind") and not mount.target.endswith(".sock") and not _is_system(mount.target)
    ]


def _is_system(target: str) -> bool:
    return target.startswith(_NOT_DATA) and not any(target.rstrip("/") in known.paths for known in _ALL)
