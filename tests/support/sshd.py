"""A real SSH server on loopback, with a configuration, keys and a port of its own."""

from __future__ import annotations

import contextlib
import shlex
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Self

from . import isolation, processes, programs, tools
from .registry import free_port
from .terminal import Terminal
from .wait import until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ALIVE_SECONDS = 1
"""after which the server asks a silent client whether it is there; it takes two silences for a lost connection"""
_SETTINGS = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
PrintMotd no
PrintLastLog no
ClientAliveInterval {alive}
ClientAliveCountMax 2
"""


def missing() -> str:
    """Say what is missing; empty if nothing."""
    return tools.lacking({"sshd": "openssh-server", "ssh": "openssh-client", "ssh-keygen": "openssh-client"})


class Sshd:
    """A server that lets the one in whose key it has made, as the user that the tests run as.

    `env` are variables of all logins, `more` are lines of the server's settings.
    """

    def __init__(self, env: Mapping[str, str] | None = None, more: str = "") -> None:
        self._more = more
        self.port = free_port()
        self._env = dict(env or {})
        self.folder = isolation.folder() / f"sshd{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._scripts = 0

    def start(self) -> None:
        """Make keys, start the server, and wait until it answers."""
        self.folder.mkdir(mode=0o755)
        for name in ("host", "user"):
            subprocess.run(
                [tools.program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)],
                check=True,
            )
        settings = _SETTINGS.format(port=self.port, folder=self.folder, alive=ALIVE_SECONDS)
        given = " ".join(f'"{name}={value}"' for name, value in self._env.items())
        (self.folder / "sshd_config").write_text(f"{settings}{self._more}\n" + (f"SetEnv {given}\n" if given else ""))
        self.listen()

    def listen(self) -> None:
        """Start the server, also one that was stopped, and wait until it answers."""
        settings = self.folder / "sshd_config"
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [tools.program("sshd"), "-D", "-e", "-f", str(settings)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            until(self._answers, 20, lambda: f"sshd answers: {(self.folder / 'log').read_text()}")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server; connections end with their clients."""
        process, self._process = self._process, None
        if process:
            process.terminate()
            process.wait()

    def cut(self) -> None:
        """End the server and break every connection; clients learn of it at once."""
        assert self._process
        listener = self._process.pid
        sessions = processes.select(lambda entry: processes.parent(int(entry.name)) == listener)
        self.stop()
        processes.kill(sessions)

    def client(self, name: str = "client", **options: str) -> Path:
        """Return a folder with an `ssh` that knows this server as `far`, as a user's own settings may have it."""
        folder = self.folder / name
        folder.mkdir()
        known = folder / "known_hosts"
        known.write_text(f"[127.0.0.1]:{self.port} {(self.folder / 'host.pub').read_text()}")
        settings = {
            "HostName": "127.0.0.1",
            "Port": str(self.port),
            "User": "root",
            "IdentityFile": str(self.folder / "user"),
            "IdentitiesOnly": "yes",
            "UserKnownHostsFile": str(known),
            "GlobalKnownHostsFile": "none",
        }
        lines = [f"  {key} {value}" for key, value in (settings | options).items()]
        (folder / "config").write_text("\n".join(["Host far", *lines]) + "\n")
        programs.write(folder / "ssh", f'exec {tools.program("ssh")} -F {folder}/config "$@"')
        return folder

    def login(
        self, command: Sequence[str], env: Mapping[str, str], folder: Path, *, cols: int = 80, rows: int = 24
    ) -> Terminal:
        """Log in from a terminal and run a command in a folder, below a shell as people have it."""
        self._scripts += 1
        script = self.folder / f"script{self._scripts}"
        lines = [f"export {name}={shlex.quote(value)}" for name, value in (dict(env) | {"LC_ALL": "C.UTF-8"}).items()]
        lines += [f"cd {shlex.quote(str(folder))}", shlex.join(command), "status=$?", 'exit "$status"']
        script.write_text("\n".join(line for line in lines if "TERM=" not in line) + "\n")
        client = [
            tools.program("ssh"), "-F", "none", "-tt", "-q", "-p", str(self.port), "-i", str(self.folder / "user"),
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "IdentitiesOnly=yes",
            "root@127.0.0.1", f"sh {shlex.quote(str(script))}",
        ]  # fmt: skip
        return Terminal(client, env, cols, rows)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _answers(self) -> bool:
        if self._process and self._process.poll() is not None:
            raise AssertionError(f"sshd ended:\n{(self.folder / 'log').read_text()}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as probe:
            return probe.recv(4) == b"SSH-"
        return False


def session_of(pid: int) -> int:
    """Return the server's process that carries the connection in which a process runs."""
    while b"sshd" not in Path(f"/proc/{pid}/cmdline").read_bytes():
        pid = processes.parent(pid)
        if pid <= 1:
            raise AssertionError("it runs in no SSH session")
    return pid
