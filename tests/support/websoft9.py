"""Websoft9 as it is in the field, installed on a real engine: the four containers of old, and the one of today.

Images have their real names, which the engine's mirror resolves; files have their real names, keys and traps.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import execs, projects
from .cli import Cli
from .snapshot import Snapshot, snapshot
from .wait import until

if TYPE_CHECKING:
    from pathlib import Path

    from .dockerd import Dockerd

COMPONENTS = ("apphub", "deployment", "git", "proxy")
# product version → the versions of its images; those of 2.1.30 are of that time, not the real ones
LEGACY: dict[str, dict[str, str]] = {
    version: dict(zip(COMPONENTS, parts, strict=True))
    for version, parts in {
        "2.1.30": ("0.1.8", "2.19.4", "1.20.4", "2.11.3"),
        "2.2.8": ("0.2.6", "2.20.3", "1.21.9", "2.12.6"),
        "2.2.9": ("0.2.6", "2.33.3", "1.25.1", "2.12.7"),
        "2.2.11": ("0.2.6", "2.33.3", "1.25.1", "2.12.7"),
        "2.2.13": ("0.2.6", "2.33.3", "1.25.5", "2.12.7"),
        "2.2.14": ("0.2.6", "2.39.1", "1.25.5", "2.12.7"),
        "2.2.15": ("0.2.7", "2.39.1", "1.25.5", "2.12.7"),
        "2.2.17": ("0.2.8", "2.40.0", "1.25.5", "2.12.7"),
        "2.2.19": ("0.2.8", "2.40.0", "1.25.5", "2.12.7"),
    }.items()
}
PLUGINS = {"portainer": "0.1.0", "nginx": "0.0.8", "gitea": "0.0.6", "myapps": "0.2.3", "appstore": "0.2.2"}
SYSTEMS = {"Debian": ["11", "12"], "Ubuntu": ["20.04", "22.04", "24.04"]}
OLDEST = "2.1.30"
NETWORK = "websoft9"

_LEGACY_ENV = """\
# the images of this release
APPHUB_VERSION={apphub}
DEPLOYMENT_VERSION={deployment}
GIT_VERSION={git}
PROXY_VERSION={proxy}

# ports
CONSOLE_PORT=9000
APP_HTTP_GATEWAY=80
APP_HTTPS_GATEWAY=443

{more}"""
_LEGACY_MORE = {OLDEST: "DOCKER0_IP=172.17.0.1\nPROXY_TIMEOUT=60\n"}
_LEGACY_COMPOSE = """\
services:
  apphub:
    image: websoft9dev/apphub:$APPHUB_VERSION
    container_name: websoft9-apphub
    restart: always
    env_file: .env
    volumes:
      - apphub_logs:/var/log/supervisor
      - apphub_config:/websoft9/apphub/src/config
      - SOCKET:/var/run/docker.sock
    depends_on:
      - deployment
      - git
      - proxy
    labels:
      - "owner=websoft9"
      - "com.docker.compose.w9_http.port=8080"

  deployment:
    image: websoft9dev/deployment:$DEPLOYMENT_VERSION
    container_name: websoft9-deployment
    restart: always
    command: ["--hide-label", "owner=websoft9"]
    volumes:
      - portainer:/data
      - COMPOSE:/data/compose
      - SOCKET:/var/run/docker.sock
    labels:
      - "owner=websoft9"
      - "com.docker.compose.w9_http.port=9000"

  git:
    image: websoft9dev/git:${GIT_VERSION}
    container_name: websoft9-git
    restart: always
    volumes:
      - gitea:/data
      - ETC/timezone:/etc/timezone:ro
      - ETC/localtime:/etc/localtime:ro
    environment:
      - INSTALL_LOCK=true
      - DISABLE_REGISTRATION=true
      - REQUIRE_SIGNIN_VIEW=false
      - HTTP_PORT=3000
      - ROOT_URL=http://localhost/w9git/
      - DISABLE_SSH=true
      - RUN_MODE=prod
      - DOMAIN=localhost
    labels:
      - "owner=websoft9"
      - "com.docker.compose.w9_http.port=3000"

  proxy:
    image: websoft9dev/proxy:$PROXY_VERSION
    container_name: websoft9-proxy
    restart: always
    env_file: .env
TIMEOUT    ports:
      - "$APP_HTTP_GATEWAY:80"
      - "$APP_HTTPS_GATEWAY:443"
      - "${CONSOLE_PORT}:9000"
    volumes:
      - nginx_data:/data
      - nginx_letsencrypt:/etc/letsencrypt
NEWER    labels:
      - "owner=websoft9"
      - "com.docker.compose.w9_http.port=81"

networks:
  default:
    name: websoft9
    external: true

volumes:
  apphub_logs:
  apphub_config:
  portainer:
  gitea:
  nginx_data:
  nginx_letsencrypt:
VOLUMES"""
_TIMEOUT = "    environment:\n      - TIMEOUT=$PROXY_TIMEOUT\n"
_NEWER = "      - nginx_modsec:/etc/nginx/modsec\n      - nginx_var:/var/log/nginx\n"
_VOLUMES = "  nginx_modsec:\n  nginx_var:\n"

_MODERN_ENV = """\
IMAGE_REPO={repo}
IMAGE_TAG={tag}
CONSOLE_PORT={port}
CONTAINER_NAME={name}
WEBSOFT9_DATA_ROOT={data}
"""
_MODERN_COMPOSE = """\
name: websoft9
services:
  product:
    image: ${IMAGE_REPO:-websoft9dev/websoft9}:${IMAGE_TAG:-latest}
    container_name: ${CONTAINER_NAME:-websoft9}
    restart: always
SLUG    ports:
      - "${CONSOLE_PORT:-9000}:9000"
      - "80:80"
      - "443:443"
    volumes:
      - ${WEBSOFT9_DATA_ROOT:-DATA}:/opt/websoft9/data
      - SOCKET:/var/run/docker.sock
      - ETC/timezone:/etc/timezone:ro
      - ETC/localtime:/etc/localtime:ro
ROOT    labels:
      - "owner=websoft9"
      - "com.docker.compose.w9_http.port=9000"

networks:
  default:
    name: websoft9
    external: true
"""
_SLUG = "    environment:\n      WEBSOFT9_MARKETPLACE_APP_SLUG: ${WEBSOFT9_MARKETPLACE_APP_SLUG:-}\n"
_ROOT_KEY = "WEBSOFT9_DOCKER_VOLUMES_ROOT"
_ROOT = f"      - ${{{_ROOT_KEY}:-/var/lib/docker/volumes}}:${{{_ROOT_KEY}:-/var/lib/docker/volumes}}\n"


@dataclass(frozen=True)
class Places:
    """Where a Compose file finds what it mounts: the engine's socket, and folders in place of the machine's own."""

    socket: Path
    root: Path

    def fill(self, text: str) -> str:
        """Put the paths into a Compose file."""
        etc = self.root / "etc"
        etc.mkdir(parents=True, exist_ok=True)
        (etc / "timezone").write_text("Etc/UTC\n")
        (etc / "localtime").write_bytes(b"TZif2")
        return (
            text.replace("SOCKET", str(self.socket))
            .replace("COMPOSE", str(self.root / "compose"))
            .replace("ETC", str(etc))
            .replace(":-DATA", f":-{self.root / 'opt' / 'websoft9' / 'data'}")
        )


@dataclass(frozen=True)
class Websoft9:
    """An installation: where it is, how it is called, and the command line in its folder."""

    engine: Dockerd
    folder: Path
    cli: Cli
    project: str = "websoft9"

    @property
    def env_file(self) -> Path:
        """The file with versions and ports."""
        return self.folder / ".env"

    @property
    def compose_file(self) -> Path:
        """The Compose file."""
        return self.folder / "docker-compose.yml"

    @property
    def env(self) -> dict[str, str]:
        """The keys and values of the env file."""
        lines = [line.partition("=") for line in self.env_file.read_text().splitlines()]
        return {name: value for name, sign, value in lines if sign and not name.startswith("#")}

    def compose(self, *arguments: str) -> str:
        """Run Compose as Websoft9's own script does, and return what it says."""
        return projects.compose(self.engine, self.folder, "-p", self.project, *arguments).stderr

    def up(self) -> dict[str, str]:
        """Make the network, start everything, wait until all is well, and return the container IDs by service."""
        make_network(self.engine)
        self.compose("up", "-d")
        self.wait_well()
        return self.ids()

    def containers(self) -> dict[str, dict[str, Any]]:
        """Return what the engine says of each container, by service."""
        found = projects.containers(self.engine, self.project)
        return {str(details["Config"]["Labels"]["com.docker.compose.service"]): details for details in found.values()}

    def ids(self) -> dict[str, str]:
        """Return the container IDs by service."""
        return {service: str(details["Id"]) for service, details in self.containers().items()}

    def images(self) -> dict[str, str]:
        """Return the image IDs by service."""
        return {service: str(details["Image"]) for service, details in self.containers().items()}

    def versions(self) -> dict[str, str]:
        """Return by service what the program in the container prints as its version."""
        return {service: self.version(service) for service in self.containers()}

    def version(self, service: str) -> str:
        """Return what the program in a service's container prints as its version."""
        return self.inside(service, "version")

    def inside(self, service: str, command: str) -> str:
        """Run a shell command in a service's container and return its output; it must succeed."""
        return execs.run(self.engine, self.ids()[service], command)

    def wait_well(self) -> None:
        """Wait until all containers are well."""

        def all_well() -> bool:
            found = self.containers()
            return bool(found) and all(projects.well(details) for details in found.values())

        until(all_well, 60, lambda: f"{self.project} is well: {self.state()}")

    def state(self) -> dict[str, str]:
        """Return each container's state."""
        return {service: str(details["State"]["Status"]) for service, details in self.containers().items()}

    def now(self) -> Snapshot:
        """Return what there is on the engine and in the folder."""
        return snapshot(self.engine, self.folder)

    def assert_no_drift(self) -> None:
        """Assert that a plain `up -d` recreates nothing."""
        before = self.ids()
        said = self.compose("up", "-d")
        assert self.ids() == before, f"a plain up changed containers:\n{said}"

    def set_env(self, **values: str) -> None:
        """Give keys of the env file other values, as an editor does: in their places, unknown ones at the end."""
        lines = self.env_file.read_text().splitlines()
        for name, value in values.items():
            places = [number for number, line in enumerate(lines) if line.partition("=")[0] == name]
            if places:
                lines[places[0]] = f"{name}={value}"
            else:
                lines.append(f"{name}={value}")
        self.env_file.write_text("\n".join(lines) + "\n")


def make_network(engine: Dockerd) -> None:
    """Make the external network, as the installer does, if it is not there."""
    client: Any = engine.client()
    if not client.networks.list(names=[f"^{NETWORK}$"]):
        client.networks.create(NETWORK, driver="bridge")


def legacy_compose(version: str, places: Places) -> str:
    """Return the Compose file of a legacy release; up to 2.1.30 it has a variable more and two volumes less."""
    old = version == OLDEST
    text = _LEGACY_COMPOSE.replace("TIMEOUT    ports", f"{_TIMEOUT if old else ''}    ports")
    text = text.replace("NEWER", "" if old else _NEWER).replace("VOLUMES", "" if old else _VOLUMES)
    return places.fill(text)


def legacy_env(version: str) -> str:
    """Return the env file of a legacy release."""
    return _LEGACY_ENV.format(**LEGACY[version], more=_LEGACY_MORE.get(version, "DOCKER0_IP=172.17.0.1\n"))


def legacy_version_json(version: str) -> str:
    """Return the version file of a legacy release; 2.2.18 and 2.2.19 have changed nothing but plugins of Cockpit."""
    plugins = PLUGINS | ({"myapps": "0.2.4", "appstore": "0.2.3"} if version == "2.2.19" else {})
    return json.dumps({"version": version, "plugins": plugins, "OS": SYSTEMS}, indent=2) + "\n"


def modern_compose(places: Places, version: str = "2.3.4") -> str:
    """Return a modern release's Compose file: 2.3.0 mounts the engine's volumes, 2.3.3 brings a variable."""
    text = _MODERN_COMPOSE.replace("SLUG    ports", f"{_SLUG if version >= '2.3.3' else ''}    ports")
    return places.fill(text.replace("ROOT    labels", f"{_ROOT if version == '2.3.0' else ''}    labels"))


def modern_env(
    tag: str, *, data: str, repo: str = "websoft9dev/websoft9", port: int = 9000, name: str = "websoft9"
) -> str:
    """Return the env file as the modern installer writes it."""
    return _MODERN_ENV.format(repo=repo, tag=tag, port=port, name=name, data=data)


def legacy(engine: Dockerd, root: Path, state: Path, version: str) -> Websoft9:
    """Write a legacy installation below a folder that stands for the machine's own root."""
    source = root / "data" / "websoft9" / "source"
    folder = source / "docker"
    folder.mkdir(parents=True)
    (folder / "docker-compose.yml").write_text(legacy_compose(version, Places(engine.socket, root)))
    (folder / ".env").write_text(legacy_env(version))
    (source / "version.json").write_text(legacy_version_json(version))
    return Websoft9(engine, folder, Cli(engine, state, root))


def modern(
    engine: Dockerd,
    root: Path,
    state: Path,
    tag: str = "latest",
    *,
    repo: str = "websoft9dev/websoft9",
    files: str = "",
) -> Websoft9:
    """Write a modern installation below a folder that stands for the machine's own root; `files` is their version."""
    folder = root / "opt" / "websoft9"
    folder.mkdir(parents=True)
    version = files or (tag if tag != "latest" else "2.3.4")
    (folder / "docker-compose.yml").write_text(modern_compose(Places(engine.socket, root), version))
    env = modern_env(tag, data=str(folder / "data"), repo=repo)
    env += f"{_ROOT_KEY}={engine.data_root}/volumes\n" if version == "2.3.0" else ""
    (folder / ".env").write_text(env)
    return Websoft9(engine, folder, Cli(engine, state, root))
