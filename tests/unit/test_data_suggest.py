"""Which services' data is proposed for a backup."""

from __future__ import annotations

import pytest

from ws9tui.core.data.suggest import backup_proposals
from ws9tui.core.model.observed import Container, Image, Mount
from ws9tui.core.model.reference import Reference


def container(image: str, *targets: str, service: str = "s", kind: str = "volume") -> Container:
    mounts = tuple(Mount(kind, f"v{number}", target) for number, target in enumerate(targets))
    return Container("id", "name", "image", Reference(image), project="p", service=service, mounts=mounts)


@pytest.mark.parametrize(
    ("image", "targets", "proposed", "what"),
    [
        ("postgres:16", ["/var/lib/postgresql/data"], ["/var/lib/postgresql/data"], "PostgreSQL"),
        ("docker.io/library/postgres:18", ["/var/lib/postgresql"], ["/var/lib/postgresql"], "PostgreSQL"),
        ("bitnami/mariadb:11", ["/bitnami/mariadb", "/tmp"], ["/bitnami/mariadb"], "MariaDB"),
        ("mariadb@sha256:" + "a" * 64, ["/var/lib/mysql"], ["/var/lib/mysql"], "MariaDB"),
        ("my.registry:5000/db/mysql", ["/var/lib/mysql"], ["/var/lib/mysql"], "MySQL"),
        ("mongo:7", ["/data/db", "/data/configdb"], ["/data/db", "/data/configdb"], "MongoDB"),
        ("redis:7", ["/data"], ["/data"], "Redis"),
        ("postgres:16", ["/srv/pg"], ["/srv/pg"], "PostgreSQL"),  # PGDATA elsewhere
        ("websoft9dev/git:1.25.5", ["/data", "/etc/timezone"], ["/data"], "Gitea"),
        ("nginx:1", ["/var/lib/mysql"], ["/var/lib/mysql"], "MySQL"),
    ],
)
def test_known_ones(image: str, targets: list[str], proposed: list[str], what: str) -> None:
    (found,) = backup_proposals([container(image, *targets)], {}).values()
    assert list(found.targets) == proposed
    assert found.reason.facts["what"] == what


def test_a_legacy_deployment_without_its_applications_files() -> None:
    deployment = container(
        "websoft9dev/deployment:2.33.3",
        "/data",
        "/data/compose",
        "/var/run/docker.sock",
        service="deployment",
        kind="bind",
    )
    found = backup_proposals([deployment], {})
    assert found["deployment"].targets == ("/data",)
    assert found["deployment"].reason.code == "migrates-data"


def test_the_modern_product_wherever_its_data_is() -> None:
    product = container(
        "my.registry/websoft9:2.3.2",
        "/srv/w9",
        "/var/lib/docker/volumes",
        "/var/run/docker.sock",
        "/etc/timezone",
        service="product",
        kind="bind",
    )
    assert backup_proposals([product], {})["product"].targets == ("/srv/w9",)


def test_by_label_and_only_where_there_is_data() -> None:
    titled = {"image": Image("image", labels={"org.opencontainers.image.title": "Gitea"})}
    assert backup_proposals([container("mine/forge", "/data")], titled)["s"].targets == ("/data",)
    assert backup_proposals([container("mine/forge", "/data")], {}) == {}
    assert backup_proposals([container("postgres:16")], {}) == {}
    assert backup_proposals([container("redis:7", "/data", kind="tmpfs")], {}) == {}
    assert backup_proposals([container("nginx:1", "/usr/share/nginx/html")], {}) == {}
