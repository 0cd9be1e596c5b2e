"""Commands that people are told to type: where they stand, what they hold, and that they are understood."""

from __future__ import annotations

import ast
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import catalogue
import ws9tui
from support import programs
from ws9tui.cli import arguments
from ws9tui.cli.caller import caller
from ws9tui.core.model import commands as core
from ws9tui.core.model.commands import Caller, CommandScope
from ws9tui.core.model.source import ProjectSource
from ws9tui.problems.problem import KINDS, read
from ws9tui.words import commands, problems
from ws9tui.words.commands import COMMANDS, Ours
from ws9tui.words.problems import WORDINGS
from ws9tui.words.template import commands_in, fill
from ws9tui.words.text import wrap

PACKAGE = Path(ws9tui.__file__).parent
SHOP = ProjectSource("shop", "/srv/my shop", ("/srv/my shop/compose.yml",))
ODD = Caller(
    ("/opt/an env/bin/ws9tui",), "/var/state of it", {"DOCKER_HOST": "unix:///run/a b.sock", "DOCKER_TLS_VERIFY": "1"}
)
PLACES = {
    "plain": CommandScope(source=SHOP),
    "odd": CommandScope(ODD, source=SHOP),
    "unknown": CommandScope(ODD, source=SHOP, known=False),
    "nowhere": CommandScope(ODD),
    "sudo": CommandScope(msgspec.structs.replace(ODD, sudo=True), source=SHOP, compose=("docker-compose",)),
}
FACTS = {
    "file": "/a b/c.yml", "files": "/a b/c.yml, /d.yml", "login": "r.test:5000", "held_port": "80", "network": "it's",
    "volume": "v", "container": "shop-web-1", "references": "r.test/web:1, r.test/db:2", "service": "web", "name": "X",
    "path": "/a/b.tar.zst", "number": "3", "project": "shop", "reference": "r.test/web:1", "lock": "@ws9tui/0123",
}  # fmt: skip
PROGRAMS = (
    r"(?:ws9tui|docker|docker-compose|systemctl|journalctl|timedatectl|loginctl|dmesg|sudo|unzstd|sha256sum|tar(?= ))"
)
BY_HAND = re.compile(
    rf"['`]{PROGRAMS}(?: [^'`]*)?['`]"
    r"|\bws9tui (?:update|install|rollback|recover|attach|history|doctor|adopt|demo)\b"
    r"|\bdocker (?:compose|login|save|cp|rename|ps|system|network|volume|stack) [a-z{-]"
)


def test_no_text_has_a_command_of_its_own() -> None:
    """Only a command that is made knows how ws9tui was called, and on which project."""
    found = {}
    for path in (*PACKAGE.glob("words/*.py"), *PACKAGE.glob("wizard/*.py"), *PACKAGE.glob("cli/*.py")):
        if path.name in ("command_help.py", "command_examples.py", "commands.py"):  # help has no project, and no run
            continue
        tree = ast.parse(path.read_text())
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and id(node) not in docstrings else None
            if isinstance(text, str) and (told := BY_HAND.search(text)):
                found[f"{path.name}:{node.lineno}"] = told[0]  # type: ignore[attr-defined]
    assert found == {}


def named() -> Iterator[str]:
    """Return the names of the commands in all texts."""
    for message in catalogue.messages():
        yield from commands_in(message.text)
    for path in PACKAGE.rglob("*.py"):
        yield from re.findall(r"commands\.told\(\s*[\"']([a-z-]+)[\"']", path.read_text())


def test_each_command_is_known_and_used() -> None:
    assert set(named()) == set(COMMANDS)


def test_each_text_with_a_command_is_whole() -> None:
    for code, kind in KINDS.items():
        wording = WORDINGS[kind]
        if any(commands_in(part) for part in wording):
            assert "<" not in problems.sentence(read(code, FACTS)), code


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_what_a_shell_and_we_understand(name: str, place: str) -> None:
    commands.stand(PLACES[place])
    told = commands.told(name, **FACTS)
    done = subprocess.run(["sh", "-n", "-c", told], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{told}: {done.stderr}"
    words = shlex.split(told.removeprefix("(").removesuffix(")"))
    known = COMMANDS[name]
    if not isinstance(known, Ours):
        return
    if words[:2] == ["sudo", "env"]:
        words = words[2:]
    while "=" in words[0]:
        assert words.pop(0).partition("=")[0] in ODD.environment
    assert words.pop(0).endswith("ws9tui")
    typed = [word if word not in ("N", "RUN") else "7" for word in words]
    if "--help" in typed:
        with pytest.raises(SystemExit):
            arguments.parse(typed)
        return
    understood = arguments.parse(typed)
    if place != "plain":
        assert understood.state_dir == Path("/var/state of it") or understood.name == "demo"
    about = {*understood.options.arguments[:1], understood.options.project_name}
    if place != "nowhere":
        assert ("shop" in about) is (known.project or name in ("adopt-files", "install-here"))


def test_a_project_that_nothing_is_known_of_is_named_by_its_files() -> None:
    told = core.ours(PLACES["unknown"], "recover", ["--back"])
    assert "recover -p shop -f '/srv/my shop/compose.yml' --back" in told
    assert " history shop " in core.ours(PLACES["unknown"], "history")


@settings(deadline=None)
@given(st.sampled_from(sorted(COMMANDS)), st.text(max_size=60))
def test_a_fact_is_one_word_or_is_left_out(name: str, fact: str) -> None:
    """Whatever is in it: a shell reads nothing else in it, and a terminal obeys nothing."""
    commands.stand(PLACES["odd"])
    told = commands.told(name, **dict.fromkeys(commands.gaps(name), fact))
    assert told.isprintable()
    words = shlex.split(told.removeprefix("(").removesuffix(")"))
    assert not [word for word in words if word.startswith("-") and word == fact]


def test_what_is_missing_is_left_out_where_a_sentence_can_do_without() -> None:
    assert fill("Free some[, with <remove-volume>].", {}) == "Free some."
    assert fill("Free some[, with <remove-volume>].", {"volume": "a b"}) == "Free some, with `docker volume rm 'a b'`."
    assert fill("<make-network>", {}) == "'docker network create NETWORK'"


def test_a_command_is_not_broken_where_it_can_be_copied() -> None:
    text = "It is so: 'ws9tui rollback shop --to 3 --data' leads back; the registry's answer isn't there."
    assert "'ws9tui rollback shop --to 3 --data'" in wrap(text, 20, 2, quoted=True)[1]
    assert " ".join(line.strip() for line in wrap(text, 20, 2, quoted=True)) == text


# --- how this program was called ------------------------------------------------------------------------------------


def test_the_program_in_one_file_is_named_by_its_path_or_as_it_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    file = tmp_path / "ws9tui-1.0"
    file.touch(0o755)
    assert caller(None, {"PATH": "/usr/bin"}, str(file)).program == (str(file),)
    assert caller(None, {"PATH": str(tmp_path)}, str(file)).program == ("ws9tui-1.0",)


def test_the_program_is_named_as_it_was_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = programs.write(tmp_path / "bin" / "ws9tui", "")
    monkeypatch.chdir(tmp_path)
    assert caller(None, {"PATH": str(script.parent)}, str(script)).program == ("ws9tui",)
    assert caller(None, {"PATH": "/usr/bin"}, str(script)).program == (str(script),)
    assert caller(None, {"PATH": "/usr/bin"}, "bin/ws9tui").program == (str(script),)
    module = str(PACKAGE / "__main__.py")
    assert caller(None, {}, module).program == (sys.executable, "-P", "-m", "ws9tui")
    root = str(PACKAGE.parent)
    found = caller(None, {"PYTHONPATH": f"/x:{root}"}, module).program
    assert found == ("env", f"PYTHONPATH={root}", sys.executable, "-P", "-m", "ws9tui")
    assert caller(None, {}, "/usr/bin/pytest").program == ("ws9tui",)


def test_the_engine_and_the_state_are_repeated_where_they_are_not_the_usual_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert caller(None, {}, "x") == Caller()
    assert caller(Path("/var/lib/ws9tui"), {}, "x") == Caller()
    assert caller(tmp_path, {}, "x").state_dir == str(tmp_path)
    env = {"DOCKER_HOST": "tcp://h:1", "DOCKER_CONFIG": "cfg", "DOCKER_CONTEXT": "", "PATH": "/bin"}
    assert caller(None, env, "x").environment == {"DOCKER_HOST": "tcp://h:1", "DOCKER_CONFIG": str(tmp_path / "cfg")}
    assert caller(None, {"DOCKER_HOST": "tcp://me:secret@h:1"}, "x").environment == {}
    assert caller(None, {"SUDO_USER": "ann"}, "x").sudo
    assert not caller(None, {"SUDO_USER": "root"}, "x").sudo
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert caller(None, {}, "x").state_dir == str(tmp_path / "state" / "ws9tui")
