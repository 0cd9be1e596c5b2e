"""A private Docker engine, beside which no other engine notices anything."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, get_args

import docker

from . import isolation, processes, tools, unpacked
from .wait import until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docker import DockerClient

Store = Literal["overlay2", "containerd"]
"""Which engine: the machine's own, with the image store of then; or one of today, with containerd's"""
STORES: tuple[Store, ...] = get_args(Store)
SIMULATED = "simulated"
"""in the place of a store: no engine at all"""

_DROPPED = ("DOCKER_", "COMPOSE_", "XDG_")


class Dockerd:
    """An engine with data, socket, bridge, subnets and control groups of its own.

    `root` is a folder for its files; without one they live in memory. `storage_size_mb` puts the data on a file system
    of that size. `flags` are added to the command line.
    """

    def __init__(
        self,
        root: Path | None = None,
        *,
        store: Store = "overlay2",
        storage_size_mb: int | None = None,
        flags: Sequence[str] = (),
    ) -> None:
        number = _claim()
        self.store: Store = store
        short = isolation.folder() / f"e{number}"  # a socket's path has 108 bytes at most
        self.root = root or short
        self.run = short
        self.data_root = self.root / "data"
        self.content = self.data_root / "containerd/daemon/io.containerd.content.v1.content"
        """where one of today keeps what it has pulled"""
        self.socket = short / "sock"
        self.log = self.root / "dockerd.log"
        self.home = self.root / "home"
        self.cgroup = f"{isolation.folder().name}-{number}"
        self.bridge = f"ws9t{number}"
        self.storage_size_mb = storage_size_mb
        self.flags = tuple(flags)
        self.compose_folder = tools.compose_folder()
        """where its docker-compose is"""
        self._subnets = number
        self._process: subprocess.Popen[bytes] | None = None
        self._client: DockerClient | None = None

    @property
    def today(self) -> bool:
        """Whether it keeps images as engines of today do, and calls them by their manifest's digest."""
        return self.store == "containerd"

    @property
    def host(self) -> str:
        """The engine's address, as in DOCKER_HOST."""
        return f"unix://{self.socket}"

    @property
    def pid(self) -> int:
        """The engine's process."""
        if not self._process:
            raise AssertionError("the engine has not been started")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the daemon runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def on_disk(self) -> int:
        """The bytes of all its files, also of what it tells nobody of."""
        found = 0
        for folder, _, files in os.walk(self.data_root):
            for name in files:
                with contextlib.suppress(FileNotFoundError):  # gone meanwhile
                    found += Path(folder, name).lstat().st_size
        return found

    def client(self) -> DockerClient:
        """Return the one client of the tests for this engine."""
        if not self._client:
            self._client = docker.DockerClient(base_url=self.host, version="auto", timeout=120)
            self._client.api.trust_env = False  # it would go through all variables at each call
        return self._client

    def env(self) -> dict[str, str]:
        """Return the environment in which programs find this engine, a Compose, and no settings of the user."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_DROPPED) and not name.lower().endswith("_proxy")
        }
        path = f"{self.compose_folder}:{kept.get('PATH', '')}:/usr/sbin:/usr/bin:/sbin:/bin"
        return kept | {"DOCKER_HOST": self.host, "PATH": path, "HOME": str(self.home)}

    def start(self) -> None:
        """Start the engine, also on what an earlier `kill` or `terminate` left, and wait until it answers."""
        if self._process:
            raise AssertionError("the engine runs")
        for folder in (self.root, self.run, self.data_root, self.home):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            self._mount_storage()
            self._add_bridge()
            self._forget_containerd()
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    self._command(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=self.env() | {"PATH": f"{_programs(self.store)}{self.env()['PATH']}"},
                    start_new_session=True,
                )
            until(self._answers, 60, lambda: f"dockerd answers; its log ends:\n{self.log_tail()}")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the engine and everything in it, and remove its files."""
        self.power_off()
        if self._client:
            self._client.close()
            self._client = None
        _ip("link", "delete", self.bridge)
        processes.unmount_below(self.root)
        processes.unmount_below(self.run)
        for path in (self.data_root, self.home, self.run, self.root / "storage", self.log):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def kill(self) -> None:
        """Kill the daemon alone; containers run on until it starts again, when it stops them.

        An engine 20.10 then starts those with `restart: always` again, and takes `unless-stopped` ones for stopped.
        """
        self._end(graceful=False)

    def terminate(self) -> None:
        """End the daemon as the service manager does: it stops the containers first."""
        self._end(graceful=True)

    def power_off(self) -> None:
        """Kill the daemon, its containers and their helpers at once, as a power cut does."""
        self._end(graceful=False)
        processes.kill_all(lambda: processes.select(processes.mentions(f"{self.run}/exec/")), "the engine's helpers")
        processes.remove_cgroups(self.cgroup)
        if self.run.is_dir():
            processes.unmount_below(self.run / "exec")

    def pause(self) -> None:
        """Stop the daemon's process in its tracks: it accepts connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)
        until(lambda: processes.stopped(self.pid), 20, "the daemon stands still")  # on a busy machine it takes a while

    def resume(self) -> None:
        """Let a paused daemon go on."""
        os.kill(self.pid, signal.SIGCONT)

    def lock_disk(self) -> None:
        """Make its disk read-only as the kernel does after an error on it; for an engine with `storage_size_mb`.

        A plain remount is refused while the engine has files open, and this one cannot be undone by a remount either.
        """
        _run("mount", "--options", "remount,errors=remount-ro", str(self.data_root))
        _run("sync", "--file-system", str(self.data_root))
        device = self.data_root.stat().st_dev
        name = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve().name
        Path("/sys/fs/ext4", name, "trigger_fs_error").write_text("1")

    def repair_disk(self) -> None:
        """Start anew after `lock_disk`, as a machine does: it checks the disk first."""
        self.power_off()
        processes.unmount_below(self.data_root)
        checked = subprocess.run(
            [tools.program("e2fsck"), "-p", str(self.root / "storage")], check=False, capture_output=True, text=True
        )
        assert checked.returncode in (0, 1), checked.stdout + checked.stderr  # 1: it has repaired something
        self.start()

    def restart(self) -> None:
        """Restart the daemon as the service manager does."""
        self.terminate()
        self.start()

    def log_tail(self, lines: int = 30) -> str:
        """Return the end of the engine's log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _command(self) -> list[str]:
        settings = self.run / "daemon.json"
        settings.write_text(json.dumps({"features": {"containerd-snapshotter": True}} if self.today else {}))
        # Each start and each health check would work out the usual filter anew, longer than all else that it does.
        seccomp = self.run / "seccomp.json"
        seccomp.write_text(json.dumps({"defaultAction": "SCMP_ACT_ALLOW"}))
        return [
            daemon(self.store),
            f"--config-file={settings}",
            f"--data-root={self.data_root}",
            f"--exec-root={self.run / 'exec'}",
            f"--pidfile={self.run / 'pid'}",
            f"--host={self.host}",
            f"--bridge={self.bridge}",
            f"--default-address-pool=base=10.{100 + self._subnets % 100}.0.0/16,size=24",
            f"--cgroup-parent=/{self.cgroup}",
            "--exec-opt=native.cgroupdriver=cgroupfs",
            f"--seccomp-profile={seccomp}",
            # Nothing in the namespace is to be kept from anything, ports are served by docker-proxy, and each rule
            # would cost a process or two: nine tenths of what a network takes, half of a start of the engine.
            "--iptables=false",
            *self.flags,
        ]

    def _mount_storage(self) -> None:
        if not self.storage_size_mb or self.data_root.is_mount():
            return
        storage = self.root / "storage"
        if not storage.exists():
            with storage.open("wb") as file:
                file.truncate(self.storage_size_mb << 20)
            _run(tools.program("mkfs.ext4"), "-q", "-m", "0", "-O", "^has_journal", str(storage))
        _run("mount", "--options", "loop", str(storage), str(self.data_root))

    def _forget_containerd(self) -> None:
        """Remove the note of a dead containerd: while it is a zombie, the daemon would wait for it."""
        note = self.run / "exec/containerd/containerd.pid"
        if note.exists() and not processes.alive(int(note.read_text())):
            note.unlink()

    def _add_bridge(self) -> None:
        if not Path("/sys/class/net", self.bridge).exists() and _ip("link", "show", self.bridge).returncode:
            _run("ip", "link", "add", self.bridge, "type", "bridge")
            _run("ip", "address", "add", f"10.{200 + self._subnets % 50}.0.1/24", "dev", self.bridge)
            _run("ip", "link", "set", self.bridge, "up")

    def _answers(self) -> bool:
        if self._process and self._process.poll() is not None:
            raise AssertionError(f"dockerd ended; its log ends:\n{self.log_tail()}")
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(self.socket))  # the SDK would leave its socket open when this fails
            return bool(self.client().ping())
        return False

    def _end(self, *, graceful: bool) -> None:
        process, self._process = self._process, None
        if not process:
            return
        if graceful:
            process.terminate()
            try:
                process.wait(60)
            finally:
                process.kill()
        else:
            process.kill()
        process.wait()
        until(
            lambda: not processes.select(processes.mentions(f"{self.run}/exec/containerd/containerd.toml")),
            20,
            "the engine's containerd ended",
        )


def daemon(store: Store) -> str:
    """Return the full path of an engine's program."""
    return tools.program("dockerd", first=_programs(store))


def _programs(store: Store) -> str:
    return f"{unpacked.ENGINE.path}:" if store == "containerd" else ""


def _claim() -> int:
    """Return a number that no engine of this session has, by making its folder."""
    for number in count(1):
        with contextlib.suppress(FileExistsError):
            (isolation.folder() / f"e{number}").mkdir()
            return number
    raise AssertionError("unreachable")


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.stderr.strip()}")


def _ip(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["ip", *arguments], check=False, capture_output=True)
