"""A rootless engine: the machine's own, as Docker's script starts it, of a user who has nothing but subordinate IDs."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import isolation, tools
from .cli import Said
from .others import NOBODY, python_of_all
from .wait import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .registry import Registry

_SCRIPT = Path("/usr/share/docker.io/contrib/dockerd-rootless.sh")
_HOST = "10.0.2.2"
"""by which the network of such an engine knows this machine's loopback"""
_AS_NOBODY: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def missing() -> str:
    """Say what is missing; empty if nothing."""
    lacking = tools.lacking({"rootlesskit": "rootlesskit", "slirp4netns": "slirp4netns", "newuidmap": "uidmap"})
    return lacking or ("" if _SCRIPT.exists() else f"there is no {_SCRIPT}")


class Rootless:
    """The engine, and its user: a home that is a folder for all, and the programs that he runs."""

    def __init__(self, home: Path, python: str, env: dict[str, str]) -> None:
        self.home = home
        self.runtime = Path(f"/run/user/{NOBODY}")
        self.host = f"unix://{self.runtime}/docker.sock"
        self._python = python
        path = f"{tools.compose_folder()}:/usr/sbin:/usr/bin:/sbin:/bin"
        self.env = env | {"HOME": str(home), "USER": "nobody", "PATH": path, "XDG_RUNTIME_DIR": str(self.runtime)}

    def ws9tui(self, *arguments: str, folder: Path, **env: str) -> Said:
        """Run a command of ours, to its end."""
        return self._run([self._python, "-m", "ws9tui", *arguments], folder, env)

    def compose(self, *arguments: str, folder: Path) -> Said:
        """Run Compose on this engine."""
        return self._run([f"{tools.compose_folder()}/docker-compose", *arguments], folder, {"DOCKER_HOST": self.host})

    def _run(self, command: list[str], folder: Path, env: dict[str, str]) -> Said:
        options: dict[str, Any] = {"cwd": folder, "env": self.env | env, "timeout": 120} | _AS_NOBODY
        done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
        return Said(done.returncode, done.stdout, done.stderr)

    def answers(self) -> bool:
        """Whether the engine does."""
        with suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
            probe.connect(self.host.removeprefix("unix://"))
            probe.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return b"OK" in probe.recv(4096)
        return False


def reference(registry: Registry, image: str) -> str:
    """The name of an image in a registry, as a rootless engine reaches that."""
    return f"{_HOST}:{registry.port}/{image}"


@contextmanager
def rootless(folder: Path, registry: Registry) -> Iterator[Rootless]:
    """Start one for nobody, in a folder that he gets into."""
    isolation.enter()
    home, own = folder / "home", isolation.folder() / "rootless"
    for made in (home, own, Path(f"/run/user/{NOBODY}")):
        made.mkdir(parents=True, mode=0o755)
        os.chown(made, NOBODY, NOBODY)
    os.mknod(own / "tun", 0o020666, os.makedev(10, 200))
    (own / "tun").chmod(0o666)
    (own / "ids").write_text("nobody:100000:65536\n")
    (own / "dockerd").write_text(_SCRIPT.read_text().replace("--disable-host-loopback", ""))
    (own / "dockerd").chmod(0o755)
    places = {"tun": "/dev/net/tun", "ids": "/etc/subuid"}
    Path("/dev/net").mkdir(exist_ok=True)
    Path("/dev/net/tun").touch(exist_ok=True)
    mounts = [*places.items(), ("ids", "/etc/subgid")]
    for name, place in mounts:
        subprocess.run(["mount", "--bind", str(own / name), place], check=True)
    try:
        with python_of_all(folder) as (python, env), (own / "log").open("wb") as log:
            made_of = Rootless(home, python, env)
            flags = ["--data-root", str(home / "data"), "--storage-driver=vfs", "--iptables=false", "--ip6tables=false"]
            engine = subprocess.Popen(
                [own / "dockerd", *flags, "--insecure-registry", f"{_HOST}:{registry.port}"],
                env=made_of.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **_AS_NOBODY,
            )  # fmt: skip
            try:
                until(made_of.answers, 60, lambda: f"it answers:\n{(own / 'log').read_text(errors='replace')[-3000:]}")
                yield made_of
            finally:
                os.killpg(engine.pid, signal.SIGTERM)
                engine.wait(60)
    finally:
        for _, place in mounts:
            subprocess.run(["umount", "--lazy", place], check=True)
