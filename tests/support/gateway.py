"""The gateway at port 9000 of Websoft9's image of today for real: an nginx that speaks TLS where HTTPS is on.

It has the settings that the image's own script writes: that script looks for the switch when the container starts, so
what was switched on meanwhile holds from the next version on. Plain HTTP is redirected to the literal port 9000,
whatever CONSOLE_PORT says, but for the path by which its health is asked; or it is refused, as nginx does by itself.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from . import tools
from .binaries import with_libraries
from .needs import need

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAMS = ("nginx", "curl", "openssl")
SWITCH = "/opt/websoft9/data/https"
"""file that switches HTTPS on"""
HEALTHZ = '{"status":"ok","service":"platform-gateway"}'
_FOLDER = "etc/gateway"
_NGINX = """\
user root;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
events {}
http {
  access_log off;
  client_body_temp_path /tmp/body; proxy_temp_path /tmp/proxy; fastcgi_temp_path /tmp/fastcgi;
  uwsgi_temp_path /tmp/uwsgi; scgi_temp_path /tmp/scgi;
  server {
LISTEN
    server_name _;
    location = /w9gateway/healthz { default_type application/json; return 200 'HEALTHZ'; }
    location ^~ /auth/ { return 200 "a page\\n"; }
    location ^~ /api/ { proxy_pass http://127.0.0.1:API; }
    location / { return 302 /auth/login; }
  }
}
"""
_PLAIN = """\
    listen 9000 default_server;
    listen [::]:9000 default_server;"""
_TLS = """\
    listen 9000 ssl MORE default_server;
    listen [::]:9000 ssl MORE default_server;
    ssl_certificate /etc/gateway/cert.pem;
    ssl_certificate_key /etc/gateway/key.pem;
"""
_REDIRECTS = """\
    error_page 497 = @plain;
    location @plain {
      add_header Access-Control-Allow-Origin * always;
      default_type application/json;
      if ($request_uri = /w9gateway/healthz) { return 200 'HEALTHZ'; }
      return 308 https://$host:9000$request_uri;
    }
"""
_API = {"www/api/healthz": '{"status":"ok"}\n', "www/api/auth/status": '{"initialization_required":false}\n'}


@dataclass(frozen=True)
class Gateway:
    """What an image has of a gateway, and how it is started."""

    files: Mapping[str, str]
    copies: tuple[str, ...]
    start: str
    env: Mapping[str, str] = field(default_factory=dict)


def nginx(*, refuses: bool = False, broken: bool = False, curl: bool = True) -> Gateway:
    """Return a gateway that redirects plain HTTP, or `refuses` it, and then speaks HTTP/2.

    With a `broken` one the API is out of reach. Without `curl` the image has the wget of busybox alone; with it, the
    container shall reach the world by a proxy, which is not there.
    """
    need(tools.lacking({name: name for name in PROGRAMS}))
    tls = _TLS.replace("MORE", "http2") if refuses else _TLS.replace("MORE ", "") + _REDIRECTS
    certificate, key = _certificate()
    files = {
        f"{_FOLDER}/{name}.conf": _NGINX.replace("LISTEN", listen)
        .replace("HEALTHZ", HEALTHZ)
        .replace("API", "8088" if broken else "8080")
        for name, listen in (("plain", _PLAIN), ("tls", tls))
    }
    files |= {f"{_FOLDER}/cert.pem": certificate, f"{_FOLDER}/key.pem": key, **_API}
    programs = [Path(tools.program(name)) for name in ("nginx", *(["curl"] if curl else []))]
    start = f"{programs[0]} -c /{_FOLDER}/$(test -e {SWITCH} && echo tls || echo plain).conf -g 'daemon off;' &"
    env = {"PATH": "/bin:/usr/bin", "ALL_PROXY": "http://127.0.0.1:1"} if curl else {}
    return Gateway(files, tuple(sorted(with_libraries(*programs))), start, env)


@lru_cache
def _certificate() -> tuple[str, str]:
    """Make a certificate that nobody has signed but itself, and its key, as the image's script does."""
    with TemporaryDirectory() as folder:
        key, certificate = Path(folder, "key"), Path(folder, "certificate")
        made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=Websoft9 Platform Gateway"]
        names = ["-days", "3650", "-addext", "subjectAltName=DNS:*,IP:0.0.0.0"]
        command = [tools.program("openssl"), *made, *names, "-keyout", str(key), "-out", str(certificate)]
        subprocess.run(command, check=True, capture_output=True)
        return certificate.read_text(), key.read_text()
