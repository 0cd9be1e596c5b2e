"""Look-alikes of Websoft9's images: their real names and labels, and data that is migrated forward and never back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from . import behaviours, images
from .images import ImageSpec
from .websoft9 import LEGACY

if TYPE_CHECKING:
    from .images import Pushed
    from .registry import Registry

OWNER = "websoft9dev"
PRODUCT = f"{OWNER}/websoft9"
MIGRATING = ("deployment", "git")
DATA = "/opt/websoft9/data"
_GATEWAY = "for port in 80 443 9000; do httpd -f -p $port -h /www & done"


def component(
    name: str, version: str, *, schema: int | None = None, label: str | None = None, then: str = ""
) -> ImageSpec:
    """One of the four images of old: `LABEL version`, no other label of a version, no healthcheck.

    Portainer and Gitea bring their data to a schema, by default that of the version's second number, and refuse data of
    a later one; `then` is what they do instead of serving.
    """
    if name in MIGRATING:
        behaviour = behaviours.migrate(int(version.split(".")[1]) if schema is None else schema, then=then)
    elif name == "proxy":
        behaviour = behaviours.shell(_GATEWAY)
    else:
        behaviour = behaviours.serve()
    labels = {"version": version if label is None else label, "maintainer": "Websoft9<help@websoft9.com>"}
    return ImageSpec(version, version_label="", behaviour=behaviour, labels=labels, healthcheck={})


def push_legacy(
    registry: Registry, version: str, *, schema: int | None = None, **specs: ImageSpec
) -> dict[str, Pushed]:
    """Push the four images of a release; `specs` replace single ones, one `schema` for all makes nothing migrate."""
    return {
        name: images.push(registry, f"{OWNER}/{name}", tag, specs.get(name) or component(name, tag, schema=schema))
        for name, tag in LEGACY[version].items()
    }


def product(version: str, *, schema: int = 1) -> ImageSpec:
    """The one image of today: the OCI label, a healthcheck, and the version inside; its times are shorter here."""
    inside = {"version": version, "channel": "release"}
    script = behaviours.migrate(schema, DATA, _GATEWAY).script
    behaviour = behaviours.Behaviour(script, "wget -q -O /dev/null http://127.0.0.1:9000/version")
    return ImageSpec(version, behaviour=behaviour, files={"websoft9/version.json": json.dumps(inside) + "\n"})


def push_modern(
    registry: Registry, version: str, *tags: str, repo: str = PRODUCT, spec: ImageSpec | None = None
) -> Pushed:
    """Push the image of a release under its version and other tags, such as `latest`."""
    made = spec or product(version)
    for tag in tags:
        images.push(registry, repo, tag, made)
    return images.push(registry, repo, version, made)
