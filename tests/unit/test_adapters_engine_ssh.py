"""An engine over SSH: what is run, what its ends mean, and that nothing waits for ever or is left behind."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from support.programs import write
from support.told import facts, words
from ws9tui.adapters.engine import ssh, ssh_problems
from ws9tui.adapters.engine.endpoint import Endpoint
from ws9tui.adapters.engine.engine import DockerEngine
from ws9tui.errors import EngineError
from ws9tui.words import problems

FAR = "ssh://joe@far"
CHANGED = """\
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
Host key verification failed."""
NO_SOCKET = (
    "ERROR: permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: "
    "dial unix /var/run/docker.sock: connect: permission denied"
)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where an `ssh` is looked for first."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return tmp_path / "ssh"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ssh://far", "-- far docker system dial-stdio"),
        ("ssh://joe@far:2222/", "-l joe -p 2222 -- far docker system dial-stdio"),
        ("ssh://[fe80::1]", "-- fe80::1 docker system dial-stdio"),
        ("ssh://far/run/docker.sock", "-- far docker --host unix:///run/docker.sock system dial-stdio"),
    ],
)  # fmt: skip
def test_what_is_run_is_what_the_docker_command_runs(url: str, words: str) -> None:
    command = ssh.address(url).command
    assert " ".join(command).endswith(words)
    assert {"BatchMode=yes", "ConnectTimeout=20"} <= {*command}


@pytest.mark.parametrize(
    "url", ["ssh://", "ssh://-oX", "ssh://joe:secret@far", "ssh://-l@far", "ssh://far/a;b", "ssh://far?x", "ssh://a b"]
)
def test_what_is_no_address_starts_nothing(url: str) -> None:
    with pytest.raises(ValueError, match="ssh-address-expected"):
        ssh.address(url)


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ("Host key verification failed.", 255, "ssh-key-unknown"),
        (CHANGED, 255, "ssh-key-changed"),
        ("joe@far: Permission denied (publickey,password).", 255, "ssh-denied"),
        ("Received disconnect from 10.0.0.1: Too many authentication failures", 255, "ssh-denied"),
        ("bash: line 1: docker: command not found", 127, "ssh-docker-missing"),
        ("sh: 1: docker: not found", 127, "ssh-docker-missing"),
        ("docker: 'dial-stdio' is not a docker command.", 1, "ssh-docker-old"),
        (NO_SOCKET, 1, "ssh-engine-denied"),
        ("ssh: Could not resolve hostname far: Name or service not known", 255, "ssh-failed"),
        ("ERROR: Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?", 1, "ssh-failed"),
        ("[Errno 2] No such file or directory: 'ssh'", None, "ssh-missing"),
    ],
)
def test_what_an_end_means(said: str, status: int | None, code: str) -> None:
    found = ssh_problems.problem(FAR, f"Warning: Permanently added 'far' to the list\n{said}", status, {})
    assert found.code == code
    assert "systemctl" not in problems.remedy(found)
    assert "Permanently" not in found.facts["reason"]


def test_an_agent_that_is_gone_is_named(tmp_path: Path) -> None:
    gone = {"SSH_AUTH_SOCK": str(tmp_path / "agent")}
    denied = ssh_problems.problem(FAR, "Permission denied (publickey).", 255, gone)
    assert "is gone" in problems.remedy(denied)
    assert "not set" in problems.remedy(ssh_problems.problem(FAR, "Permission denied (publickey).", 255, {}))


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("echo 'Host key verification failed.' >&2; exit 255", "ssh-key-unknown"),
        ("echo 'Welcome to far!'; cat > /dev/null", "ssh-failed"),
        ("yes x | head -c 100000 >&2; exit 255", "ssh-failed"),
    ],
)
async def test_why_no_engine_answers(program: Path, script: str, code: str) -> None:
    write(program, script)
    engine = DockerEngine(Endpoint(FAR), timeout=5)
    with pytest.raises(EngineError) as caught:
        await engine.info()
    await engine.close()
    assert caught.value.problem.code == code
    assert caught.value.away
    assert len(facts(caught.value.problem)["reason"]) <= 300


async def test_a_server_that_says_nothing_is_left_in_time(program: Path, tmp_path: Path) -> None:
    write(program, f"echo $$ > {tmp_path}/pid; exec sleep 600")
    engine = DockerEngine(Endpoint(FAR), timeout=1)
    began = time.monotonic()
    with pytest.raises(EngineError, match="engine-timeout"):
        await engine.info()
    assert time.monotonic() - began < 10
    await engine.close()
    pid = (tmp_path / "pid").read_text().strip()
    async with asyncio.timeout(20):  # it is ended at once
        while Path("/proc", pid).exists():  # noqa: ASYNC110 - nobody tells of it
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n'; cat > /dev/null", ""),
        ("printf 'HTTP/1.1 503 No\\r\\nContent-Length: 0\\r\\n\\r\\n'; cat > /dev/null", "HTTP status 503"),
        (
            "echo 'channel 0: open failed: administratively prohibited: open failed' >&2; exit 255",
            "the server forbids to forward connections over SSH",
        ),
    ],
)
async def test_a_probe_of_the_far_loopback_goes_there(program: Path, script: str, reason: str) -> None:
    write(program, f'case "$*" in *"-W 127.0.0.1:1 "*) ;; *) exit 3 ;; esac; {script}')
    engine = DockerEngine(Endpoint(FAR))
    assert words(await engine.answers("http://127.0.0.1:1/health", within=5)) == reason
    await engine.close()


async def test_an_agent_that_the_login_needs_is_told(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = DockerEngine(Endpoint(FAR))
    write(program, '[ -n "$SSH_AUTH_SOCK" ] || exit 255')
    assert await engine.doubts() == []
    monkeypatch.setenv("SSH_AUTH_SOCK", "/tmp/agent")
    (doubt,) = await engine.doubts()
    assert doubt.facts == {"host": FAR, "agent": "/tmp/agent"}
    write(program, "exit 0")
    assert await engine.doubts() == []
    await engine.close()
