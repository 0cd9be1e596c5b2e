"""A second user of the machine, who may use the engine and is not root, and further ways to the engine."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import sysconfig
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from . import tools
from .cli import Cli
from .socketproxy import pump

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .dockerd import Dockerd

NOBODY = 65534
GROUP = 4711
"""of those who may use the engine's socket"""


@contextmanager
def public_folder() -> Iterator[Path]:
    """Make a folder that every user gets into."""
    with tempfile.TemporaryDirectory(prefix="ws9-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def other_user(engine: Dockerd, folder: Path) -> Iterator[Cli]:
    """Let nobody use the engine, with a home and a state directory of his own below the folder."""
    home = folder / "nobody"
    home.mkdir()
    os.chown(home, NOBODY, GROUP)
    before = engine.socket.stat()
    os.chown(engine.socket, 0, GROUP)
    engine.socket.chmod(0o660)
    try:
        with python_of_all(folder) as (program, env):
            env |= {"HOME": str(home), "USER": "nobody"}
            yield Cli(engine, home / "state", folder, env, (NOBODY, GROUP), program)
    finally:
        os.chown(engine.socket, before.st_uid, before.st_gid)
        engine.socket.chmod(before.st_mode & 0o777)


@contextmanager
def python_of_all(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Let everybody use the Python of the tests, which may lie where only their user gets to: it, and its variables."""
    python = folder / "python"
    python.mkdir()
    subprocess.run(["mount", "--bind", sys.base_prefix, str(python)], check=True)
    env = {
        "PYTHONPATH": f"{Path(__file__).parents[2]}:{sysconfig.get_path('purelib')}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "LD_LIBRARY_PATH": str(python / "lib"),
    }
    try:
        yield str(python / Path(sys.executable).resolve().relative_to(sys.base_prefix)), env
    finally:
        subprocess.run(["umount", "--lazy", str(python)], check=True)


def give(folder: Path) -> None:
    """Let nobody write to a folder and what is in it."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, GROUP)


@contextmanager
def by_tcp(engine: Dockerd) -> Iterator[str]:
    """Give the engine an address on the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server, engine, None), daemon=True).start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


@contextmanager
def by_tls(engine: Dockerd, folder: Path) -> Iterator[tuple[str, Path]]:
    """Give the engine an address where both sides prove who they are, and return the client's certificates."""
    folder.mkdir()
    new = [tools.program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    for name, more in (
        ("ca", ["-subj", "/CN=ca"]),
        ("server", ["-subj", "/CN=server", "-addext", "subjectAltName=IP:127.0.0.1"]),
        ("cert", ["-subj", "/CN=client"]),
    ):
        key = "key" if name == "cert" else f"{name}-key"
        signed = [] if name == "ca" else ["-CA", f"{folder}/ca.pem", "-CAkey", f"{folder}/ca-key.pem"]
        own = [] if name == "ca" else ["-addext", "basicConstraints=critical,CA:FALSE"]
        files = ["-out", f"{folder}/{name}.pem", "-keyout", f"{folder}/{key}.pem"]
        subprocess.run([*new, *more, *own, *signed, *files], check=True, capture_output=True)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(folder / "ca.pem"))
    tls.load_cert_chain(folder / "server.pem", folder / "server-key.pem")
    tls.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server, engine, tls), daemon=True).start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}", folder
        server.shutdown(socket.SHUT_RDWR)


def _serve(server: socket.socket, engine: Dockerd, tls: ssl.SSLContext | None) -> None:
    with contextlib.suppress(OSError):
        while True:
            client, _ = server.accept()
            threading.Thread(target=_relay, args=(client, engine, tls), daemon=True).start()


def _relay(client: socket.socket, engine: Dockerd, tls: ssl.SSLContext | None) -> None:
    """Pass on what comes; two threads do, for an SSL socket may have more to read than its descriptor tells."""
    with client, contextlib.suppress(OSError):
        if tls:
            client.settimeout(120)
        with (
            tls.wrap_socket(client, server_side=True) if tls else client as inner,
            socket.socket(socket.AF_UNIX) as behind,
        ):
            behind.connect(str(engine.socket))
            back = threading.Thread(target=pump, args=(behind, inner), daemon=True)
            back.start()
            pump(inner, behind)
            back.join()
