"""Applications as Websoft9 deploys them: projects of their own in its network, with the traps of its templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import behaviours, images
from .cli import Cli
from .images import ImageSpec
from .websoft9 import Websoft9

if TYPE_CHECKING:
    from pathlib import Path

    from .dockerd import Dockerd
    from .registry import Registry

_DATA = {"mariadb": "/var/lib/mysql", "postgres": "/var/lib/postgresql/data"}
# `!` and `#` in quotes, a value that is another's, and a dollar that is none
PASSWORD = 'Pa!s#1 w"rd'
_WORDPRESS_ENV = """\
W9_REPO=wordpress
W9_VERSION=6.5
W9_DB_VERSION=11.4
W9_ID=wordpress_ab12c
W9_HTTP_PORT=80
W9_HTTP_PORT_SET=9001
W9_NETWORK=websoft9
W9_POWER_PASSWORD='Pa!s#1 w"rd'
W9_LOGIN_PASSWORD=$W9_POWER_PASSWORD
W9_RCODE=a$$b   # one dollar
"""
_WORDPRESS = """\
version: '3.8'   # obsolete, and in most of the templates
services:
  wordpress:
    image: ${W9_REPO}:$W9_VERSION
    container_name: $W9_ID
    restart: unless-stopped
    env_file: .env
    ports:
      - "$W9_HTTP_PORT_SET:8080"
    volumes:
      - wordpress:/var/www/html
      - ./src/php_exra.ini:/usr/local/etc/php/conf.d/php_exra.ini
    depends_on:
      init:
        condition: service_completed_successfully
      mariadb:
        condition: service_healthy
  init:
    image: ${W9_REPO}:$W9_VERSION-cli
    container_name: ${W9_ID}-init
    depends_on:
      mariadb:
        condition: service_healthy
  mariadb:
    image: mariadb:${W9_DB_VERSION}
    container_name: $W9_ID-mariadb
    restart: unless-stopped
    environment:
      - MYSQL_ROOT_PASSWORD=$W9_POWER_PASSWORD
      - "MYSQL_DATABASE=wordpress"
    volumes:
      - mysql_data:/var/lib/mysql
volumes:
  wordpress:
  mysql_data:
networks:
  default:
    name: ${W9_NETWORK}
    external: true
"""
_NEXTCLOUD_ENV = """\
W9_REPO=nextcloud
W9_VERSION=29.0
W9_DB_VERSION=16.4
W9_ID=nextcloud_cd34e
W9_HTTP_PORT_SET=9002
W9_NETWORK=websoft9
W9_POWER_PASSWORD="it's # one"
W9_LOGIN_PASSWORD=$W9_POWER_PASSWORD
"""
_NEXTCLOUD = """\
services:
  nextcloud:
    image: $W9_REPO:$W9_VERSION
    container_name: $W9_ID
    restart: unless-stopped
    ports:
      - ${W9_HTTP_PORT_SET}:8080
    volumes:
      - nextcloud:/data
    environment:
      POSTGRES_PASSWORD: $W9_POWER_PASSWORD
    depends_on:
      postgres:
        condition: service_healthy
        restart: true
      redis:
        condition: service_started
  cron:
    image: $W9_REPO:$W9_VERSION
    container_name: $W9_ID-cron
    restart: unless-stopped
    volumes:
      - nextcloud:/data
    depends_on:
      nextcloud:
        condition: service_healthy
        restart: true
  postgres:
    image: postgres:$W9_DB_VERSION
    container_name: $W9_ID-postgres
    restart: unless-stopped
    environment:
      POSTGRES_PASSWORD: $W9_POWER_PASSWORD
    volumes:
      - postgres:/var/lib/postgresql/data
  redis:
    image: redis:7
    container_name: $W9_ID-redis
    restart: unless-stopped
  init:
    image: docker:latest
    container_name: $W9_ID-init
    restart: on-failure
volumes:
  nextcloud:
  postgres:
networks:
  default:
    name: $W9_NETWORK
    external: true
"""


def push_wordpress(registry: Registry, version: str, database: str) -> None:
    """Push a version of WordPress, of its one-shot, and of a database that migrates its data."""
    images.push(registry, "library/wordpress", version, ImageSpec(version, healthcheck={}))
    once = ImageSpec(f"{version}-cli", behaviour=behaviours.exit0())
    images.push(registry, "library/wordpress", f"{version}-cli", once)
    push_database(registry, "mariadb", database)


def push_nextcloud(registry: Registry, version: str, database: str) -> None:
    """Push a version of Nextcloud, which has a healthcheck, of its database and of its cache."""
    images.push(registry, "library/nextcloud", version, ImageSpec(version))
    images.push(registry, "library/docker", "latest", ImageSpec("27.3", behaviour=behaviours.exit0()))
    images.push(registry, "library/redis", "7", ImageSpec("7", behaviour=behaviours.idle()))
    push_database(registry, "postgres", database)


def push_database(registry: Registry, name: str, version: str) -> None:
    """Push a database whose schema is the version's first number: it refuses the data of a later one."""
    schema = int(version.split(".", maxsplit=1)[0])
    spec = ImageSpec(version, behaviour=behaviours.migrate(schema, _DATA[name]))
    images.push(registry, f"library/{name}", version, spec)


def wordpress(engine: Dockerd, root: Path, state: Path) -> Websoft9:
    """Write WordPress where the Websoft9 of old has it."""
    app = _application(engine, root / "data" / "compose" / "1", root, state, _WORDPRESS, _WORDPRESS_ENV)
    (app.folder / "src").mkdir()
    (app.folder / "src" / "php_exra.ini").write_text("upload_max_filesize = 512M\n")
    (app.folder / "docker-compose.external-mysql.yml").write_text("services: {wordpress: {image: no/such:1}}\n")
    (app.folder / ".env.external-mysql").write_text("W9_VERSION=0.1\nW9_ID=another\n")
    return app


def nextcloud(engine: Dockerd, root: Path, state: Path) -> Websoft9:
    """Write Nextcloud where the Websoft9 of today has it."""
    folder = root / "opt" / "websoft9" / "data" / "portainer" / "compose" / "2"
    return _application(engine, folder, root, state, _NEXTCLOUD, _NEXTCLOUD_ENV)


def _application(engine: Dockerd, folder: Path, root: Path, state: Path, text: str, env: str) -> Websoft9:
    folder.mkdir(parents=True)
    (folder / "docker-compose.yml").write_text(text)
    (folder / ".env").write_text(env)
    project = next(line.partition("=")[2] for line in env.splitlines() if line.startswith("W9_ID="))
    return Websoft9(engine, folder, Cli(engine, state, root), project)
