"""The commands that install Docker and Compose on this distribution; they are shown, never run.

The distribution is read from /etc/os-release; the commands are those of Docker's documentation, or of the
distribution's own packages. None are given for an unknown distribution.
"""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ws9tui.problems.engine import ComposeMissing, ComposeV1, EngineMissing, EnginePermission, EngineUnreachable
from ws9tui.problems.problem import Problem
from ws9tui.problems.reach import AddressSilent, EngineRootless, EngineStopped, RootlessSilent

ENGINE_DOCS = "https://docs.docker.com/engine/install/"
COMPOSE_DOCS = "https://docs.docker.com/compose/install/"

_SOCKETS = ("unix:///var/run/docker.sock", "unix:///run/docker.sock")
_RUNTIME = "unix:///run/user/"
_BY_NETWORK = ("tcp:", "http:", "https:")
_SITE = "https://download.docker.com/linux"
_PLUGINS = "/usr/local/lib/docker/cli-plugins"
_PACKAGES = "docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin"
_ENTERPRISE = {"rhel": "rhel", "centos": "centos", "rocky": "centos", "almalinux": "centos", "ol": "centos"}
"""distribution → the distribution whose Docker packages it uses"""
_DNF5 = 41
"""first Fedora release with dnf 5, which adds a repository by another command"""
_OLDEST_ENTERPRISE = 8
_SNAP = "snap/bin/docker"
_FOLDERS = ("usr/bin", "usr/sbin", "usr/local/bin", "usr/local/sbin", "snap/bin")
_START = "systemctl enable --now docker"


def explained(problem: Problem, root: Path = Path("/")) -> tuple[Problem, tuple[str, ...]]:
    """Returns the problem in its most specific form, and the commands that solve it; none for other kinds of problem.

    An engine that does not answer at a default address, and that is not installed, is reported as missing.
    """
    if isinstance(problem, EngineUnreachable | EnginePermission) and problem.host in _SOCKETS:
        found, user = rootless(os.environ, root)
        if found:
            return EngineRootless(host=problem.host, found=found, user=user), ()
    if type(problem) is EngineUnreachable and problem.host.startswith(_RUNTIME):
        return RootlessSilent(host=problem.host, reason=problem.reason), ()
    if type(problem) is EngineUnreachable and problem.host.startswith(_BY_NETWORK):
        return AddressSilent(host=problem.host, reason=problem.reason), ()
    release = os_release(_read(root / "etc/os-release") or _read(root / "usr/lib/os-release"))
    name = release.get("PRETTY_NAME") or release.get("NAME", "")
    if isinstance(problem, EngineUnreachable) and problem.host in _SOCKETS and not _has_engine(root):
        commands = engine_commands(release)
        return EngineMissing().replace(**_facts(ENGINE_DOCS, name, commands)), _as_root(commands, release)
    if type(problem) is EngineUnreachable and problem.host in _SOCKETS and (start := _start(root, release)):
        return EngineStopped(host=problem.host, reason=problem.reason), _as_root((start,), release)
    if isinstance(problem, ComposeMissing | ComposeV1):
        commands = compose_commands(release, dockers_own=_dockers_own(root))
        return problem.replace(**_facts(COMPOSE_DOCS, name, commands)), _as_root(commands, release)
    return problem, ()


def _start(root: Path, release: Mapping[str, str]) -> str:
    """Returns the command that starts an engine without a systemd unit named docker; empty if systemd starts it."""
    if (root / _SNAP).exists() and not any((root / folder / "dockerd").exists() for folder in _FOLDERS):
        return "snap start docker"
    if (root / "run/systemd/system").is_dir():
        return ""
    return "rc-service docker start" if release.get("ID") == "alpine" else "service docker start"


def rootless(environment: Mapping[str, str], root: Path = Path("/")) -> tuple[str, str]:
    """Returns the address of a rootless engine of this user, or of the caller of sudo, and that caller's name."""
    uid = environment.get("SUDO_UID", "") if os.geteuid() == 0 else ""
    own = environment.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}"
    callers = [(f"/run/user/{uid}", environment.get("SUDO_USER", ""))] if uid else []
    for folder, user in ((own, ""), *callers):
        path = Path(folder) / "docker.sock"
        with suppress(OSError):  # another user's folder, in a shell that kept its variables
            if root.joinpath(*path.parts[1:]).is_socket():
                return f"unix://{path}", user
    return "", ""


def os_release(text: str) -> dict[str, str]:
    """Returns the variables of an os-release file."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, sign, value = line.strip().partition("=")
        if not sign or name.startswith("#"):
            continue
        try:
            found[name] = "".join(shlex.split(value))
        except ValueError:
            continue
    return found


def engine_commands(release: Mapping[str, str]) -> tuple[str, ...]:
    """Returns the commands that install and start Docker with its Compose plugin, as root; empty if unknown."""
    kind = release.get("ID", "")
    number = release.get("VERSION_ID", "").partition(".")[0]
    major = int(number) if number.isascii() and number.isdigit() else 0
    if (apt := _apt(release)) is not None:
        return apt
    if kind == "fedora":
        add = "addrepo --from-repofile=" if major >= _DNF5 else "--add-repo "
        return _dnf(f"{add}{_SITE}/fedora/docker-ce.repo")
    if kind in _ENTERPRISE and major >= _OLDEST_ENTERPRISE:
        return _dnf(f"--add-repo {_SITE}/{_ENTERPRISE[kind]}/docker-ce.repo")
    if kind == "alpine":
        return ("apk add docker docker-cli-compose", "rc-update add docker default", "rc-service docker start")
    if kind == "arch":
        return ("pacman -Syu docker docker-compose", _START)
    if kind.startswith("opensuse"):
        return ("zypper install docker docker-compose", _START)
    return ()


def compose_commands(release: Mapping[str, str], *, dockers_own: bool) -> tuple[str, ...]:
    """Returns the commands that install the Compose plugin for the installed engine, as root.

    ``dockers_own``: packages come from Docker itself. If there is no package, the plugin's file is downloaded.
    """
    kind = release.get("ID", "")
    tool = "apt" if _apt(release) is not None else "dnf" if kind == "fedora" or kind in _ENTERPRISE else ""
    if dockers_own and tool:
        return (*(("apt update",) if tool == "apt" else ()), f"{tool} install -y docker-compose-plugin")
    if kind == "ubuntu":
        return ("apt update", "apt install -y docker-compose-v2")
    if kind == "alpine":
        return ("apk add docker-cli-compose",)
    if kind == "arch":
        return ("pacman -Syu docker-compose",)
    if kind.startswith("opensuse"):
        return ("zypper install docker-compose",)
    if not kind:
        return ()
    file = f"{_PLUGINS}/docker-compose"
    source = "https://github.com/docker/compose/releases/latest/download/docker-compose-linux-$(uname -m)"
    return (f"mkdir -p {_PLUGINS}", f"curl -fSL {source} -o {file}", f"chmod +x {file}")


def _apt(release: Mapping[str, str]) -> tuple[str, ...] | None:
    """Returns the commands for Debian, Ubuntu and their derivatives; None for any other distribution."""
    kind, like = release.get("ID", ""), release.get("ID_LIKE", "")
    if kind == "ubuntu" or "UBUNTU_CODENAME" in release:
        kind, codename = "ubuntu", release.get("UBUNTU_CODENAME") or release.get("VERSION_CODENAME", "")
    elif kind in ("debian", "raspbian"):
        codename = release.get("VERSION_CODENAME", "")
    elif "debian" in like and "DEBIAN_CODENAME" in release:
        kind, codename = "debian", release["DEBIAN_CODENAME"]
    else:
        return None
    if not codename.isalnum():
        return None
    key = "/etc/apt/keyrings/docker.asc"
    line = f"deb [arch=$(dpkg --print-architecture) signed-by={key}] {_SITE}/{kind} {codename} stable"
    return (
        "apt update",
        "apt install -y ca-certificates curl",
        "install -m 0755 -d /etc/apt/keyrings",
        f"curl -fsSL {_SITE}/{kind}/gpg -o {key}",
        f"chmod a+r {key}",
        f"sh -c \"echo '{line}' > /etc/apt/sources.list.d/docker.list\"",
        "apt update",
        f"apt install -y {_PACKAGES}",
    )


def _dnf(repository: str) -> tuple[str, ...]:
    return (
        "dnf install -y dnf-plugins-core",
        f"dnf config-manager {repository}",
        f"dnf install -y {_PACKAGES}",
        _START,
    )


def _as_root(commands: tuple[str, ...], release: Mapping[str, str]) -> tuple[str, ...]:
    if os.geteuid() == 0:
        return commands
    prefix = "doas" if release.get("ID") == "alpine" else "sudo"
    return tuple(f"{prefix} {command}" for command in commands)


def _facts(docs: str, distribution: str, commands: tuple[str, ...]) -> dict[str, str]:
    return {"docs": docs, "distribution": distribution if commands else ""}


def _has_engine(root: Path) -> bool:
    """Whether an engine's program exists, or its socket, on which it may be started by activation."""
    programs = [root / folder / name for folder in _FOLDERS for name in ("dockerd", "podman")] + [root / _SNAP]
    socket = any((root / folder / "docker.sock").exists() for folder in ("var/run", "run"))
    return socket or any(path.exists() for path in programs) or (root == Path("/") and bool(shutil.which("dockerd")))


def _dockers_own(root: Path) -> bool:
    places = ((root / "etc/apt/sources.list.d", "docker*"), (root / "etc/yum.repos.d", "docker-ce*"))
    return any(any(folder.glob(pattern)) for folder, pattern in places if folder.is_dir())


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""
