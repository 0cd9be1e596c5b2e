"""Websoft9 as files: its releases in all three forms, and installations of them."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from pathlib import Path

import pytest

from ws9tui.core.model.observed import Container
from ws9tui.core.model.reference import Reference

LEGACY_VERSIONS = {
    "2.2.8": ("0.2.6", "2.20.3", "1.21.9", "2.12.6"),
    "2.2.9": ("0.2.6", "2.33.3", "1.25.1", "2.12.7"),
    "2.2.17": ("0.2.8", "2.40.0", "1.25.5", "2.12.7"),
}
LEGACY_COMPOSE = """services:
  apphub:
    image: websoft9dev/apphub:$APPHUB_VERSION
    env_file:
      - .env
    depends_on: [deployment, git, proxy]
  deployment:
    image: websoft9dev/deployment:$DEPLOYMENT_VERSION
    volumes:
      - portainer:/data
      - /data/compose:/data/compose
  git:
    image: websoft9dev/git:$GIT_VERSION
    volumes:
      - gitea:/data
      - /etc/timezone:/etc/timezone:ro
  proxy:
    image: websoft9dev/proxy:$PROXY_VERSION
    env_file: .env
    ports:
      - "$APP_HTTP_GATEWAY:80"
      - "$CONSOLE_PORT:9000"
networks:
  default:
    name: websoft9
    external: true
volumes:
  portainer:
  gitea:
"""
MODERN_COMPOSE = """name: websoft9

services:
  product:
    image: ${IMAGE_REPO:-websoft9dev/websoft9}:${IMAGE_TAG:-latest}
    container_name: ${CONTAINER_NAME:-websoft9}
    environment:
      WEBSOFT9_MARKETPLACE_APP_SLUG: ${WEBSOFT9_MARKETPLACE_APP_SLUG:-}
    ports:
      - {target: 9000, published: "${CONSOLE_PORT:-9000}", protocol: tcp}
    volumes:
      - type: bind
        source: ${WEBSOFT9_DATA_ROOT:-/opt/websoft9/data}
        target: ${WEBSOFT9_DATA_ROOT:-/opt/websoft9/data}
networks:
  default: {name: websoft9, external: true}
"""
MODERN_ENV = """# Image settings (production)
IMAGE_REPO=websoft9dev/websoft9
IMAGE_TAG=latest
CONSOLE_PORT=9000
"""


def legacy_env(version: str) -> str:
    """Return the env file of a legacy release."""
    apphub, deployment, git, proxy = LEGACY_VERSIONS[version]
    return (
        f"APPHUB_VERSION={apphub}\nDEPLOYMENT_VERSION={deployment}\nGIT_VERSION={git}\nPROXY_VERSION={proxy}\n\n"
        "CONSOLE_PORT=9000\nAPP_HTTP_GATEWAY=80\nAPP_HTTPS_GATEWAY=443\nDOCKER0_IP=172.17.0.1\n"
    )


def put(folder: Path, files: dict[str, str]) -> Path:
    """Write files into a folder and return it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    return folder


def legacy(folder: Path, version: str = "2.2.9") -> Path:
    """Make a legacy bundle."""
    return put(
        folder,
        {
            "docker/docker-compose.yml": LEGACY_COMPOSE,
            "docker/.env": legacy_env(version),
            "docker/README.md": "not installed",
            "version.json": json.dumps({"version": version, "plugins": {}, "OS": {}}),
            "install/install.sh": "#!/bin/sh\n",
        },
    )


def modern(folder: Path, version: str = "2.3.4") -> Path:
    """Make a modern bundle, in the folder that its zip has."""
    return put(
        folder,
        {
            "websoft9/docker/docker-compose.yml": MODERN_COMPOSE,
            "websoft9/docker/.env": MODERN_ENV,
            "websoft9/version.json": json.dumps({"version": version, "channel": ""}),
            "websoft9/install/install.sh": "#!/bin/sh\n",
        },
    )


def manifest(version: str = "2.3.4", channel: str = "release") -> dict[str, object]:
    """Return a modern manifest as upstream writes it."""
    return {
        "schema_version": 1,
        "product": "websoft9",
        "channel": channel,
        "version": version,
        "version_core": version,
        "git_sha": "0" * 40,
        "install": {
            "compose_file": "docker-compose.yml",
            "checksum_file": "SHA256SUMS",
            "install_script": "install.sh",
        },
        "image": {
            "repository": "websoft9dev/websoft9",
            "default_tag": "latest",
            "version_tag": version,
            "candidate_tag": f"{version}-candidate",
            "alias_tags": ["latest"],
        },
    }


def flat(folder: Path, version: str = "2.3.4", channel: str = "release") -> Path:
    """Make a modern flat release with its manifest and checksums."""
    put(
        folder,
        {
            "docker-compose.yml": MODERN_COMPOSE,
            "version.json": json.dumps({"version": version, "channel": channel}),
            "install.sh": "#!/bin/sh\n",
            "manifest.json": json.dumps(manifest(version, channel)),
        },
    )
    return sums(folder)


def sums(folder: Path) -> Path:
    """Write the checksum file over all files of a folder."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "SHA256SUMS"
    ]
    return put(folder, {"SHA256SUMS": "".join(lines)})


def close(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a folder that this user may not enter, even if it is root."""
    before = os.stat

    def stat(path: str | Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if str(path).startswith(f"{folder}/"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return before(path, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "stat", stat)


LEGACY = dict(zip(("apphub", "deployment", "git", "proxy"), LEGACY_VERSIONS["2.2.9"], strict=True))


def container(service: str, image: str, project: str = "websoft9", folder: str = "", name: str = "") -> Container:
    return Container(
        f"id-{project}-{service}",
        name or f"{project}-{service}",
        f"image-{image}",
        Reference(image),
        project=project,
        service=service,
        working_dir=folder,
    )


def legacy_containers(folder: str = "") -> list[Container]:
    return [container(name, f"websoft9dev/{name}:{version}", folder=folder) for name, version in LEGACY.items()]
