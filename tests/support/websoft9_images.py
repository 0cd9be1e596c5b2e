"""Look-alikes of Websoft9's images: their real names and labels, and data that is migrated forward and never back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from . import behaviours, images
from .images import ImageSpec
from .websoft9 import LEGACY

if TYPE_CHECKING:
    from .gateway import Gateway
    from .images import Pushed
    from .registry import Registry

OWNER = "websoft9dev"
PRODUCT = f"{OWNER}/websoft9"
MIGRATING = ("deployment", "git")
DATA = "/opt/websoft9/data"
HEALTH = "websoft9/script/platform-healthcheck.sh"
# where the programs of an image answer: the port, and the path below /www that is served there
LEGACY_PORTS = {"apphub": (8080, ""), "deployment": (9000, ""), "git": (3000, ""), "proxy": (81, "")}
MODERN_PORTS = {"apphub": (8080, ""), "gitea": (3001, ""), "portainer": (9004, ""), "nginx-proxy-manager": (81, "")}
_PAGES = {"www/index.html": "a page\n", "www/api/index.html": "an API\n", "www/api/system/status": "{}\n"}
_GATEWAY = """\
#!/bin/sh
read -r _ path _
end=$(printf '\r')
while read -r line && [ "$line" != "$end" ]; do :; done
say() { printf 'HTTP/1.1 %s\r\nConnection: close\r\n\r\n%s\n' "$1" "$2"; exit; }
to() { answer=$(wget -q -O - "http://$1") || say '502 Bad Gateway' "$1"; say '200 OK' "$answer"; }
case $path in
ROUTES
*) say '200 OK' console ;;
esac
"""
_LEGACY_ROUTES = """\
/w9git/*) to websoft9-git:3000/ ;;
/w9deployment/*) to websoft9-deployment:9000/ ;;
/w9proxy/*) to 127.0.0.1:81/ ;;
/api/*) to websoft9-apphub:8080/version ;;"""
_MODERN_ROUTES = """\
/w9gateway/healthz) say '200 OK' '{"status":"ok","service":"platform-gateway"}' ;;
/api/auth/status) wget -q -O /dev/null http://127.0.0.1:8080/ && say '200 OK' '{"initialization_required":false}' ;;
/api/*) to 127.0.0.1:8080/version ;;"""
_STRICT = """\
#!/bin/sh
dead=
for one in gitea:3001/ portainer:9004/api/system/status nginx-proxy-manager:81/; do
    wget -q -O /dev/null "http://127.0.0.1:${one#*:}" || dead="$dead ${one%%:*}"
done
[ -z "$dead" ] && echo status=ready && exit
echo "status=degraded degraded_services=${dead# }"
exit 1
"""
_STARTED = """mkdir -p /run/websoft9; echo '{"state": "ready"}' > /run/websoft9/runtime-status.json"""


def _serving(port: int, path: str = "") -> str:
    """Serve pages at a port."""
    return f"httpd -f -p {port} -h /www/{path} &"


def _gateway() -> str:
    """Pass requests at port 9000 on to who answers them."""
    return "nc -ll -p 9000 -e /bin/gateway &"


def component(
    name: str, version: str, *, schema: int | None = None, label: str | None = None, then: str = ""
) -> ImageSpec:
    """One of the four images of old: `LABEL version`, no other label of a version, no healthcheck.

    Portainer and Gitea bring their data to a schema, by default that of the version's second number, and refuse data of
    a later one; `then` is what a component does instead of serving.
    """
    port, _ = LEGACY_PORTS[name]
    serving = then or _serving(port)
    files = dict(_PAGES)
    if name in MIGRATING:
        reached = int(version.split(".")[1]) if schema is None else schema
        behaviour = behaviours.migrate(reached, then=serving)
    elif name == "proxy":
        files["bin/gateway"] = _GATEWAY.replace("ROUTES", _LEGACY_ROUTES)
        behaviour = behaviours.shell(f"{_gateway()}\n{serving}")
    else:
        behaviour = behaviours.shell(serving)
    labels = {"version": version if label is None else label, "maintainer": "Websoft9<help@websoft9.com>"}
    return ImageSpec(version, version_label="", behaviour=behaviour, labels=labels, healthcheck={}, files=files)


def push_legacy(
    registry: Registry, version: str, *, schema: int | None = None, **specs: ImageSpec
) -> dict[str, Pushed]:
    """Push the four images of a release; `specs` replace single ones, one `schema` for all makes nothing migrate."""
    return {
        name: images.push(registry, f"{OWNER}/{name}", tag, specs.get(name) or component(name, tag, schema=schema))
        for name, tag in LEGACY[version].items()
    }


def product(
    version: str,
    *,
    schema: int = 1,
    dead: tuple[str, ...] = (),
    strict: bool = True,
    gateway: Gateway | None = None,
) -> ImageSpec:
    """The one image of today: the OCI label, a healthcheck, and the version inside; its times are shorter here.

    The healthcheck sees AppHub alone, whatever of Gitea, Portainer and the proxy is `dead`. What is not `strict` has no
    script that looks at them. A `gateway` is what stands at port 9000 in place of a shell script.
    """
    inside = {"version": version, "channel": "release"}
    files = {"websoft9/version.json": json.dumps(inside) + "\n", **_PAGES}
    files |= gateway.files if gateway else {"bin/gateway": _GATEWAY.replace("ROUTES", _MODERN_ROUTES)}
    programs = [_serving(*where) for name, where in MODERN_PORTS.items() if name not in dead]
    if strict:
        files[HEALTH] = _STRICT
        programs.append(_STARTED)
    script = behaviours.migrate(schema, DATA, "\n".join((gateway.start if gateway else _gateway(), *programs))).script
    behaviour = behaviours.Behaviour(script, "wget -q -O /dev/null http://127.0.0.1:8080/version")
    made = ImageSpec(version, behaviour=behaviour, files=files)
    return replace(made, copies=gateway.copies, env=gateway.env) if gateway else made


def push_modern(
    registry: Registry, version: str, *tags: str, repo: str = PRODUCT, spec: ImageSpec | None = None
) -> Pushed:
    """Push the image of a release under its version and other tags, such as `latest`."""
    made = spec or product(version)
    for tag in tags:
        images.push(registry, repo, tag, made)
    return images.push(registry, repo, version, made)
