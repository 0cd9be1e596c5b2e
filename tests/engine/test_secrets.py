"""Secrets stay where the operator has put them: no journal, log, screen, error or argument of a process has one."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from base64 import b64encode
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import behaviours, images, panes, projects, proofs
from support.cli import Cli
from support.faults import MANIFESTS
from support.images import ImageSpec
from support.panes import NEW, OLD, PANES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.dockerd import Dockerd
    from support.faultproxy import FaultProxy
    from support.registry import Registry

pytestmark = pytest.mark.engine

# what each is, so that a failure tells where it came from
SECRETS = {
    name: f"hush-{name}-7f3a"
    for name in ("envfile", "dotenv", "inline", "shell", "login", "url", "token", "health", "config")
}
_PROJECT = """\
name: safe
services:
  app:
    image: HOST/app:${APP_VERSION}
    env_file: app.env
    environment:
      INLINE_PASSWORD: INLINE
      FROM_SHELL: ${SHELL_PASSWORD}
      FROM_FILE: ${DOT_PASSWORD}
    configs: [settings]
configs:
  settings:
    content: "password = CONFIG"
"""


class Arguments:
    """Looks at the arguments of all processes again and again."""

    def __init__(self) -> None:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="arguments")
        self.seen: set[bytes] = set()

    def _watch(self) -> None:
        own = str(Path("/proc/self").readlink())
        while not self._done.wait(0.005):
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit() and entry.name != own:
                    with suppress(OSError):
                        self.seen.add((entry / "cmdline").read_bytes())

    @contextmanager
    def watched(self) -> Iterator[Arguments]:
        self._thread.start()
        try:
            yield self
        finally:
            self._done.set()
            self._thread.join()


def found_in(text: bytes) -> list[str]:
    """Name the secrets that a text has, plain or as a login stores them."""
    return [
        name
        for name, secret in SECRETS.items()
        if secret.encode() in text or b64encode(f"tester:{secret}".encode())[:-4] in text
    ]


def leaks(state: Path, **said: bytes) -> dict[str, list[str]]:
    """Name the places that have a secret which they must not have.

    A generation's own copies of the project's files, and its record of the shell's variables, are what brings them
    back: they are there, for their owner alone. The logs that a run saves are what the containers print.
    """
    texts = dict(said)
    for path in state.rglob("*"):
        own = "generations" in path.parts
        assert path.stat().st_mode & 0o077 == 0, path
        if path.is_file() and not own and path.parent.name != "logs":
            texts[str(path)] = path.read_bytes()
    proofs.count("secrets", "files, screens and outputs searched", len(texts))
    return {name: found for name, text in texts.items() if (found := found_in(text))}


@pytest.fixture
def safe(clean_engine: Dockerd, registry: Registry, proxy: FaultProxy, project_folder: Path, state_dir: Path) -> Cli:
    images.push(registry, "app", OLD)
    text = _PROJECT.replace("HOST", proxy.host).replace("INLINE\n", SECRETS["inline"] + "\n")
    project = projects.write(project_folder, text.replace("CONFIG", SECRETS["config"]), name="safe", services=("app",))
    project.set_env(APP_VERSION=OLD, DOT_PASSWORD=SECRETS["dotenv"])
    (project_folder / "app.env").write_text(f"FILE_PASSWORD={SECRETS['envfile']}\n")
    login = clean_engine.home / ".docker" / "config.json"
    login.parent.mkdir(exist_ok=True)
    key = b64encode(f"tester:{SECRETS['login']}".encode()).decode()
    login.write_text(json.dumps({"auths": {proxy.host: {"auth": key}}}))
    cli = Cli(clean_engine, state_dir, project_folder, {"SHELL_PASSWORD": SECRETS["shell"]})
    subprocess.run(
        ["docker-compose", "up", "-d"], cwd=project_folder, env=clean_engine.env() | dict(cli.env),
        check=True, capture_output=True,
    )  # fmt: skip
    projects.wait_well(clean_engine, project)
    return cli


@pytest.fixture(autouse=True)
def no_login(clean_engine: Dockerd) -> Iterator[None]:
    yield
    (clean_engine.home / ".docker" / "config.json").unlink(missing_ok=True)


def update(cli: Cli, *arguments: str) -> dict[str, bytes]:
    """Update on a terminal and line by line in JSON, and return all that was said."""
    said = cli.json("update", f"app={NEW}", "--monitor", "1s", *arguments)
    plain = cli.run("history", "safe")
    one = cli.run("history", "safe", "1")
    return {
        name: text.encode()
        for name, text in (("out", said.out), ("err", said.err), ("list", plain.out), ("run", one.out))
    }


def test_a_good_run_in_the_wizard_and_the_way_back(safe: Cli, registry: Registry) -> None:
    images.push(registry, "app", NEW, ImageSpec(NEW))
    with Arguments().watched() as arguments, panes.wizard(safe, f"app={NEW}", "--monitor", "1s") as terminal:
        terminal.wait_for("1 update found")
        terminal.send("enter")
        terminal.wait_for(PANES["Versions"])
        terminal.send("enter")
        terminal.wait_for(PANES["Confirm"])
        terminal.send("end", "enter")
        terminal.wait_for("Yes, change it now")
        terminal.send("y")
        terminal.wait_for(PANES["Outcome"])
        terminal.send("l")
        terminal.wait_for("Esc Close")
        terminal.send("home", "escape")
        terminal.wait_gone("Esc Close")
        terminal.send("k")
        terminal.wait_for("Generation 2 runs")
        terminal.send("enter")
        assert terminal.wait_exit() == 0
        back = safe.json("rollback", "--monitor", "1s").ended("kept", 0)
    assert leaks(safe.state, screen=terminal.raw, out=back.out.encode(), err=back.err.encode()) == {}
    assert {name for word in arguments.seen for name in found_in(word)} == set()
    assert any(b"ws9tui.worker" in word for word in arguments.seen)
    assert any(b"docker-compose" in word for word in arguments.seen)


def test_a_run_that_is_rolled_back_for_a_health_check_that_tells_secrets(safe: Cli, registry: Registry) -> None:
    told = f"echo 'password {SECRETS['health']} is wrong'; echo $FILE_PASSWORD $INLINE_PASSWORD $FROM_SHELL; exit 1"
    ill = behaviours.crash(1)
    images.push(registry, "app", NEW, ImageSpec(NEW, behaviour=ill, healthcheck=behaviours.health(told)))
    with Arguments().watched() as arguments:
        said = update(safe)
    assert b"rolled-back" in said["out"]
    assert leaks(safe.state, **said) == {}
    # the engine's own helpers run the check, whose text is the image's
    own = [word for word in arguments.seen if b"ws9tui" in word or b"docker-compose" in word]
    assert {name for word in own for name in found_in(word)} == set()


def test_registry_errors_that_tell_secrets(safe: Cli, proxy: FaultProxy) -> None:
    place = f"https://tester:{SECRETS['url']}@cdn.example/v2/?token={SECRETS['token']}&x=1"
    for status, code in ((500, "UNKNOWN"), (401, "UNAUTHORIZED"), (404, "MANIFEST_UNKNOWN")):
        proxy.error(status, code, f"cannot read {place} now", MANIFESTS)
        said = update(safe)
        assert b'"outcome": "kept"' not in said["out"]
        assert leaks(safe.state, **said) == {}
        proxy.clear()


def test_a_reference_with_a_password_is_refused_without_it(safe: Cli) -> None:
    for reference in (f"tester:{SECRETS['url']}@example.org/app:1", f"https://tester:{SECRETS['url']}@example.org/app"):
        said = safe.json("update", f"app={reference}")
        assert said.status == 2
        assert (
            leaks(safe.state, out=re.sub(r'"arguments": \[[^]]*\]', "", said.out).encode(), err=said.err.encode()) == {}
        )
