"""Secrets stay where the operator has put them: no journal, log, screen, error or argument of a process has one."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import threading
from base64 import b64encode
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support import behaviours, images, panes, processes, projects, proofs
from support.cli import Cli
from support.faults import MANIFESTS
from support.images import ImageSpec
from support.panes import NEW, OLD, PANES
from support.wait import until
from ws9tui.core.model.masking import HIDDEN
from ws9tui.core.model.terms import EXIT_STATUS, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.dockerd import Dockerd
    from support.faultproxy import FaultProxy
    from support.registry import Registry
    from support.terminal import Terminal

pytestmark = pytest.mark.engine

# what each is, so that a failure tells where it came from
SECRETS = {
    name: f"hush-{name}-7f3a"
    for name in (
        *("envfile", "dotenv", "inline", "shell", "login", "url", "token", "health", "config", "pwd", "user", "lines"),
        *("proxy", "reference", "probe", "size"),
    )
}
USERS = ("joe", "tester")
_PROJECT = """\
name: safe
services:
  app:
    image: HOST/app:${APP_VERSION}
    env_file: app.env
    user: ${RUN_AS}
    environment:
      DB_PWD: ${DB_PWD}
      INLINE_PASSWORD: INLINE
      FROM_SHELL: ${SHELL_PASSWORD}
      FROM_FILE: ${DOT_PASSWORD}
    configs: [settings]
    # more
configs:
  settings:
    content: "password = CONFIG"
"""


# what a container writes of its secrets: plain, for a login, and line by line
_TELL = """\
env
for value in "$DB_PWD" "$FILE_PASSWORD" "$FROM_SHELL"; do echo -n "joe:$value" | base64; done
echo "$ALL_LINES"
"""


class Arguments:
    """Looks again and again at the arguments of all processes that know an engine: other tests run beside this one."""

    def __init__(self, engine: Dockerd) -> None:
        self._engine = engine.host.encode()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="arguments")
        self.seen: set[bytes] = set()

    def _watch(self) -> None:
        own = str(Path("/proc/self").readlink())
        while not self._done.wait(0.005):
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit() and entry.name != own:
                    with suppress(OSError):
                        if self._engine in (entry / "environ").read_bytes():
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
        if secret.encode() in text or any(b64encode(f"{user}:{secret}".encode())[:-4] in text for user in USERS)
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
    images.push(registry, "app", OLD, told(OLD))
    text = _PROJECT.replace("HOST", proxy.host).replace("INLINE\n", SECRETS["inline"] + "\n")
    project = projects.write(project_folder, text.replace("CONFIG", SECRETS["config"]), name="safe", services=("app",))
    project.set_env(
        APP_VERSION=OLD, DOT_PASSWORD=SECRETS["dotenv"], DB_PWD=SECRETS["pwd"], RUN_AS=SECRETS["user"],
        LINES=f'"one\\n{SECRETS["lines"]}\\nthree"',
    )  # fmt: skip
    (project_folder / "app.env").write_text(f"FILE_PASSWORD={SECRETS['envfile']}\nALL_LINES=$LINES\n")
    login = clean_engine.home / ".docker" / "config.json"
    login.parent.mkdir(exist_ok=True)
    key = b64encode(f"tester:{SECRETS['login']}".encode()).decode()
    login.write_text(json.dumps({"auths": {proxy.host: {"auth": key}}}))
    env = {"SHELL_PASSWORD": SECRETS["shell"], "HTTPS_PROXY": f"http://joe:{SECRETS['proxy']}@127.0.0.1:9"}
    cli = Cli(clean_engine, state_dir, project_folder, env)
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


def told(version: str, behaviour: behaviours.Behaviour | None = None, **more: Any) -> ImageSpec:  # noqa: ANN401
    """Return an image that has the project's user, and writes into its log all secrets that it is given."""
    users = f"root:x:0:0::/:/bin/sh\n{SECRETS['user']}:x:0:0::/:/bin/sh\n"
    behaviour = behaviour or behaviours.serve()
    telling = replace(behaviour, script=f"#!/bin/sh\n{_TELL}\n{behaviour.script}")
    return ImageSpec(version, behaviour=telling, files={"etc/passwd": users}, **more)


def update(cli: Cli, *arguments: str) -> dict[str, bytes]:
    """Update line by line in JSON, look at it in every way, and return all that was said."""
    said = cli.json("update", f"app={NEW}", "--monitor", "1s", *arguments)
    return {"out": said.out.encode(), "err": said.err.encode(), **looked_at(cli)}


def looked_at(cli: Cli) -> dict[str, bytes]:
    """Ask for all that can be asked without changing anything, and return what was said."""
    calls = (("history",), ("history", "1"), ("doctor",), ("attach",), ("update", "--plan"), ("doctor", "--json"))
    said = {" ".join(call): cli.run(call[0], "safe", *call[1:]) for call in calls}
    return {name: (one.out + one.err).encode() for name, one in said.items()}


def interrupt(terminal: Terminal) -> None:
    """Press Ctrl-C until the wizard has ended."""

    def ended() -> bool:
        with suppress(OSError):  # it has just ended
            terminal.send("ctrl+c")
        with suppress(AssertionError):
            terminal.wait_exit(1)
            return True
        return False

    until(ended, 60, "the wizard has ended")


def edit(cli: Cli, old: str, new: str) -> None:
    """Change a text in the project's Compose file."""
    file = cli.folder / "compose.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_a_good_run_in_the_wizard_and_the_way_back(safe: Cli, registry: Registry) -> None:
    images.push(registry, "app", NEW, told(NEW))
    command = (f"app={NEW}", "--monitor", "1s", "--step-by-step")
    with Arguments(safe.engine).watched() as arguments, panes.wizard(safe, *command) as terminal:
        terminal.wait_for("1 update found")
        terminal.send("enter")
        terminal.wait_for(PANES["Versions"])
        terminal.send("enter")
        terminal.wait_for(PANES["Confirm"])
        terminal.send("end", "enter")
        terminal.wait_for("Yes, apply it now")
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
    check = f"echo 'password {SECRETS['health']} is wrong'; echo $FILE_PASSWORD $INLINE_PASSWORD $FROM_SHELL; exit 1"
    ill = behaviours.crash(1)
    images.push(registry, "app", NEW, told(NEW, ill, healthcheck=behaviours.health(check)))
    with Arguments(safe.engine).watched() as arguments:
        said = update(safe)
    assert b"rolled-back" in said["out"]
    assert leaks(safe.state, **said) == {}
    # the engine's own helpers run the check, whose text is the image's
    own = [word for word in arguments.seen if b"ws9tui" in word or b"docker-compose" in word]
    assert own
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


@pytest.mark.sample(1, reason="each case is another place of the same secret")
@pytest.mark.parametrize("what", ["start", "version", "probe", "crash"])
def test_a_run_that_is_rolled_back_for_what_tells_secrets(safe: Cli, registry: Registry, what: str) -> None:
    spec = told(NEW, behaviours.crash(0) if what == "crash" else None)
    if what == "start":  # the engine names the user that it does not find, and Compose passes that on
        spec = replace(spec, files={})
    elif what == "version":
        edit(safe, "# more", "x-ws9tui: {expect: 2.0.0, version_command: 'echo no $DB_PWD, ${DB_PWD}'}")
    elif what == "probe":
        edit(safe, "# more", f"x-ws9tui: {{probe: 'http://joe:{SECRETS['probe']}@127.0.0.1:9/?key=${{DB_PWD}}'}}")
    images.push(registry, "app", NEW, spec)
    with Arguments(safe.engine).watched() as arguments:
        said = update(safe)
        back = safe.json("rollback", "--monitor", "1s")
    assert b"rolled-back" in said["out"], said["out"][-2000:]
    assert json.dumps(HIDDEN)[1:-1].encode() in said["out"]
    assert leaks(safe.state, **said, back=back.out.encode(), back_err=back.err.encode()) == {}
    own = [word for word in arguments.seen if b"ws9tui" in word or b"docker-compose" in word]
    assert own
    assert {name for word in own for name in found_in(word)} == set()


@pytest.mark.sample(1, reason="each case is another mistake in the same file")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# more", "mem_limit: ${MEM}"),
        ("# more", "ports: ['${MEM}:80']"),
        ("# more", "environment: [${MEM}"),
        ("image: ", "image: ${R}"),
        ("# more", "healthcheck: {interval: '${MEM}'}"),
        ("# more", "volumes: ['${MEM}:/data:x:y']"),
    ],
)
def test_files_that_compose_refuses(safe: Cli, old: str, new: str) -> None:
    """Compose's own errors quote the values that it does not understand."""
    with (safe.folder / ".env").open("a") as file:
        file.write(f"MEM={SECRETS['size']}\nR=joe:{SECRETS['reference']}@example.org/\n")
    edit(safe, old, new)
    said = update(safe)
    assert b'"outcome": "kept"' not in said["out"]
    with panes.wizard(safe) as terminal:
        interrupt(terminal)
    assert leaks(safe.state, **said, screen=terminal.raw) == {}


def test_a_release_with_a_token_in_its_url(safe: Cli) -> None:
    """The operator's own command has it; neither our worker's nor a file, also where the worker never gets to it."""
    url = f"http://127.0.0.1:9/w.zip?token={SECRETS['token']}"
    with Arguments(safe.engine).watched() as arguments:
        said = safe.json("update", "--release", url)
        installed = safe.json("install", url)
    assert "download-failed" in said.out, said.out
    assert leaks(safe.state, out=said.out.encode(), err=said.err.encode(), more=installed.out.encode()) == {}
    workers = [word for word in arguments.seen if b"ws9tui.worker" in word]
    assert workers
    assert {name for word in workers for name in found_in(word)} == set()


def test_a_killed_worker_and_an_interrupt(safe: Cli, registry: Registry) -> None:
    images.push(registry, "app", NEW, told(NEW))
    running = safe.start("update", f"app={NEW}", "--monitor", "60s", "--yes", "--json")
    running.until("log-line")
    processes.kill([running.worker()])
    killed = running.wait()
    seen = looked_at(safe)
    assert leaks(safe.state, out=killed.out.encode(), err=killed.err.encode(), **seen) == {}
    back = safe.json("recover", "--back", "--monitor", "1s")
    assert leaks(safe.state, out=back.out.encode(), err=back.err.encode(), **looked_at(safe)) == {}
    running = safe.start("update", f"app={NEW}", "--yes", "--json")
    running.until("worker-started")
    running.signal(signal.SIGINT)
    cancelled = running.wait()
    assert cancelled.status == EXIT_STATUS[Outcome.CANCELLED]
    assert leaks(safe.state, out=cancelled.out.encode(), err=cancelled.err.encode(), **looked_at(safe)) == {}
