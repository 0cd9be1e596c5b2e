"""Telling of a run over real sockets and with real processes: bounded, whatever is at the other end."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import processes, programs, webhook
from support.told import words
from support.wait import until
from support.webhook import TOKEN
from ws9tui.adapters import child, notices
from ws9tui.adapters.programs.programs import InstalledPrograms
from ws9tui.adapters.registry.exchange import context
from ws9tui.core.model import notices as model
from ws9tui.core.model.masking import Mask

if TYPE_CHECKING:
    from collections.abc import Iterator

BODY = b'{"event":"end"}'


pytestmark = pytest.mark.usefixtures("no_proxy")


async def tell(receiver: str, within: float = 10, folder: str = "/") -> str:
    return words(
        await notices.tell(receiver, BODY, within=within, folder=folder, environment={"A": "1"}, mark="test notice")
    )


async def test_a_url_gets_json_by_post_with_its_login(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")  # this machine is asked without
    with webhook.serving() as server:
        assert await tell(server.url) == ""
    assert server.got == [{"event": "end"}]
    assert server.paths == [f"/hooks/{TOKEN}?token={TOKEN}"]
    login = b64encode(f"anna:{TOKEN}".encode()).decode()
    found = server.headers[0]
    assert (found["Content-Type"], found["Authorization"]) == ("application/json", f"Basic {login}")


@pytest.mark.parametrize(
    ("status", "location", "why", "posts"),
    [
        (500, "", "HTTP status 500", 1),
        (404, "", "HTTP status 404", 1),
        (302, "/there", "HTTP status 302", 1),
        (307, "/there", "", 2),
        (308, "/there", "", 2),
        (307, "https://127.0.0.1/there", "it redirects to another scheme", 1),
        (307, "file:///etc/passwd", "it redirects to another scheme", 1),
        (307, "/hooks", "it redirects without end", 4),
    ],
)
async def test_what_it_answers(status: int, location: str, why: str, posts: int) -> None:
    with webhook.serving(webhook.redirects(status, location)) as server:
        assert await tell(f"{server.scheme}://{server.host}/hooks") == why
    assert len(server.got) == posts
    assert not any(path.startswith("GET") for path in server.paths)


async def test_one_that_hangs_or_is_not_there_is_given_up() -> None:
    began = time.monotonic()
    with webhook.serving(webhook.hangs) as server:
        assert await tell(server.url, within=0.5) == "no answer within 0.5 s"
        host = server.host
    assert await tell(f"http://{host}/") == "Connection refused"
    assert time.monotonic() - began < 9


async def test_an_endless_answer_is_not_read() -> None:
    def endless(handler: webhook.Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not handler.server.over.is_set():
            handler.wfile.write(b"x" * 65536)

    with webhook.serving(endless) as server:
        assert await tell(server.url) == ""


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Make a certificate of this machine's address that nobody has signed, with its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl")
    pem, signed = tmp_path / "server.pem", tmp_path / "ca.pem"
    words = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=t", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(["openssl", "req", "-x509", *words, "-keyout", pem, "-out", signed], check=True, capture_output=True)
    pem.write_text(pem.read_text() + signed.read_text())
    return pem


async def test_tls_is_verified_by_what_the_user_trusts(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with webhook.serving(certificate=certificate) as server:
        assert await tell(server.url) == "self-signed certificate"
        assert server.got == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_name("ca.pem")))
        context.cache_clear()  # a worker has one environment for all its life
        assert await tell(server.url) == ""


async def test_a_command_gets_the_same_on_its_input_and_a_clean_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "geheim")
    monkeypatch.setenv("DOCKER_HOST", "unix:///there")
    programs.write(tmp_path / "tell.sh", "cat >got.json\nenv >env.txt\npwd >pwd.txt")
    assert await tell("./tell.sh 'two words'", folder=str(tmp_path)) == ""
    assert json.loads((tmp_path / "got.json").read_text()) == {"event": "end"}
    found = dict(line.split("=", 1) for line in (tmp_path / "env.txt").read_text().splitlines())
    assert (found["A"], found["DOCKER_HOST"]) == ("1", "unix:///there")
    assert "DB_PASSWORD" not in found
    assert (tmp_path / "pwd.txt").read_text().strip() == str(tmp_path)


@pytest.mark.parametrize(
    ("command", "why"), [("false", "it exited with status 1"), ("no-such-program", "it is not installed")]
)
async def test_a_command_that_fails(command: str, why: str) -> None:
    assert await tell(command) == why


# --- what may be shown of them ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://hooks.example.com/services/T000/B000/XXXX", "https://hooks.example.com/•••"),
        ("https://anna:geheim@example.com:8443", "https://example.com:8443"),
        ("https://example.com/?token=x", "https://example.com/•••"),
        ("/usr/local/bin/tell --key geheim", "tell •••"),
        ("tell", "tell"),
        ("http://[bad", "•••"),
    ],
)
def test_what_is_shown_has_no_secret_and_stays_so(text: str, shown: str) -> None:
    assert model.shown(text) == shown
    assert model.shown(shown) == shown


def test_what_libraries_say_is_masked() -> None:
    mask = Mask()
    model.learn(mask, f"https://anna:horse-battery@example.com/hooks/{TOKEN}?key=staple-4711")
    said = mask.hidden(f"HTTPError /hooks/{TOKEN} horse-battery staple-4711 example.com")
    assert said == "HTTPError /hooks/••• ••• ••• example.com"


@pytest.mark.parametrize("text", ["", "http://", "https:///x", "http://a b/", "'open", "http://[bad"])
def test_what_nobody_can_be_told_by(text: str) -> None:
    assert not model.valid(text)


# --- hooks on this machine ----------------------------------------------------------------------------------------


async def run(command: list[str], folder: Path, within: float = 20, mark: str = "") -> tuple[int | None, str, str]:
    ran = await InstalledPrograms().run(
        command, folder=str(folder), environment={"A": "1"}, within=within, mark=mark or f"test {folder}"
    )
    return ran.status, ran.output, words(ran.reason)


async def test_a_hook_is_run_without_a_shell_and_the_end_of_its_output_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "geheim")
    assert await run(["printf", "%s;$HOME\n", "a b"], tmp_path) == (0, "a b;$HOME", "")
    status, output, _ = await run(["sh", "-c", "seq 1 100000; echo last >&2; exit 3"], tmp_path)
    assert (status, len(output.splitlines())) == (3, 100)
    assert {"100000", "last"} <= set(output.splitlines())
    _, output, _ = await run(["env"], tmp_path)
    assert "DB_PASSWORD" not in output
    assert (await run(["pwd"], tmp_path))[1] == str(tmp_path)
    assert await run(["no-such-program"], tmp_path) == (None, "", "it is not installed")


ESCAPES = "setsid -f sleep 600; setsid sleep 600 & (sleep 600 &) ; sleep 600"
"""children in sessions of their own, one of them nobody's child any more"""


def sleeping(mark: str) -> list[int]:
    return [pid for pid in child.marked(mark) if processes.alive(pid)]


async def test_at_its_limit_a_hook_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    mark = f"limit {tmp_path}"
    status, _, reason = await run(["sh", "-c", f"trap '' TERM; echo begun; {ESCAPES}"], tmp_path, 0.5, mark)
    assert (status, reason, sleeping(mark)) == (None, "", [])


@pytest.fixture
def left(tmp_path: Path) -> Iterator[str]:
    """Have a hook go on whose worker is gone; gives its mark."""
    mark = f"left {tmp_path}"
    environment = {"PATH": os.environ["PATH"], child.MARK: mark}
    hook = subprocess.Popen(["sh", "-c", ESCAPES], env=environment, start_new_session=True)
    until(lambda: len(sleeping(mark)) == 5, 20, lambda: str(sleeping(mark)))
    yield mark
    processes.kill(sleeping(mark))
    hook.wait()


async def test_what_a_killed_worker_has_left_is_ended_by_its_mark(left: str) -> None:
    assert await InstalledPrograms().end("another") == 0
    assert len(sleeping(left)) == 5
    assert await InstalledPrograms().end(left) == 5
    assert sleeping(left) == []
