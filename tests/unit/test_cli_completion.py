"""Completions in the shells themselves: what each offers is what the parsers take."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sample_run as sample
import ws9tui
from support.terminal import Terminal
from ws9tui.cli import arguments, completion
from ws9tui.cli.arguments import COMMANDS, WIZARD
from ws9tui.cli.main import run
from ws9tui.core.model.project import Project
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.store import generation
from ws9tui.core.store.generation import Generation, GenerationService
from ws9tui.core.store.store import Store

pytestmark = pytest.mark.slow

SHELLS = ("bash", "zsh", "fish")


def needs(shell: str) -> None:
    """Skip where a shell is not there; the continuous integration has them all."""
    if not shutil.which(shell):
        if os.environ.get("CI"):
            pytest.fail(f"{shell} is not installed; tests/run.py installs it")
        pytest.skip(f"{shell} is not installed")


def flags_of(name: str) -> set[str]:
    """Return the flags that a command's parser has."""
    return {flag for action in arguments.parser_of(name)._actions for flag in action.option_strings}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return a home folder in which two projects have been recorded, with files beside."""
    store = Store(tmp_path / ".local/state/ws9tui").open()
    for name, services in (("shop", ("web", "db")), ("wiki", ("app",))):
        found = {one: GenerationService(one, Reference(f"example.org/{one}:1"), sample.NEW) for one in services}
        source = ProjectSource(name, f"/srv/{name}", (f"/srv/{name}/compose.yml",))
        recorded = Generation(1, sample.AT, 1, Project(source, {}), found, ())
        generation.write(store.project(name), recorded, {})
    (tmp_path / "a file.tar").touch()
    (tmp_path / "archives").mkdir()
    return tmp_path


def env(home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / ".local/state"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(ws9tui.__file__).parents[1]),
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm",
    }


def script(shell: str, home: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Write a shell's completions, ours for a state directory of the test."""
    assert run(["completion", shell]) == 0
    written = capsys.readouterr().out.replace(
        "ws9tui completion", f"ws9tui completion --state-dir {home}/.local/state/ws9tui"
    )
    path = home / f"completions.{shell}"
    path.write_text(written)
    return path


class Shell:
    """A shell that has sourced our script."""

    def __init__(self, script: Path, home: Path) -> None:
        self._script, self._home = script, home

    def offers(self, line: str) -> set[str]:
        """Return what is offered for the last word of a line."""
        raise NotImplementedError


class Bash(Shell):
    """Bash, asked for what its function gives."""

    def offers(self, line: str) -> set[str]:
        """Return what is offered for the last word; words are parted as readline does, also at '='."""
        words = [part for part in re.split(r"( |=)", line) if part not in ("", " ")] + ([""] if line[-1] == " " else [])
        asked = (
            f"source {self._script}; COMP_WORDS=({' '.join(repr(word) for word in words)});"
            f' COMP_CWORD={len(words) - 1}; _ws9tui; printf "%s\\n" "${{COMPREPLY[@]}}"'
        )
        return lines_of(["bash", "--norc", "-c", asked], self._home)


class Fish(Shell):
    """Fish, asked for its completions of a line."""

    def offers(self, line: str) -> set[str]:
        asked = f'source {self._script}; complete --do-complete "{line}"'
        return {text.split("\t")[0] for text in lines_of(["fish", "--no-config", "-c", asked], self._home)}


class Zsh(Shell):
    """Zsh at a terminal, whose list of choices is read; it has no other way to be asked."""

    def offers(self, line: str) -> set[str]:
        """Return the words that are on the screen after a tab, and what has been put into the line."""
        with Terminal(["zsh", "-f", "-i"], env(self._home), cols=150, rows=120, cwd=self._home) as terminal:
            terminal.write(
                "PS1='READY> '; autoload -Uz compinit; compinit -u -D; setopt no_beep; zstyle ':completion:*' menu no;"
                " zstyle ':completion:*' verbose no; LISTMAX=1000; unsetopt auto_menu list_ambiguous;"
                f" source {self._script}; clear\n"
            )
            terminal.wait_for(re.compile(r"\A\s*READY>\s*\Z"))
            terminal.write(f"{line}\t")
            terminal.write("\x05#")  # to the end of the line, and a mark there: it comes after what the tab has done
            shown = terminal.wait_for(re.compile(r"READY> .*#\s*$", re.MULTILINE))
            return set(shown.replace("#", " ").split())


def lines_of(command: list[str], home: Path) -> set[str]:
    done = subprocess.run(command, env=env(home), cwd=home, capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr == ""
    return set(filter(None, done.stdout.splitlines()))


ASKED: dict[str, type[Shell]] = {"bash": Bash, "zsh": Zsh, "fish": Fish}


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_offers_what_the_parsers_take(shell: str, shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    needs(shell)
    asked = ASKED[shell](script(shell, shop, capsys), shop)
    exact = shell != "zsh"  # on whose screen other words stand, too
    for name in (WIZARD, *COMMANDS) if exact else (WIZARD, "update", "history", "completion"):
        wanted = {flag for flag in flags_of(name) if flag.startswith("--")}
        offered = asked.offers(f"ws9tui {'' if name == WIZARD else name + ' '}--")
        assert wanted <= offered, name
        assert {word for word in offered if word.startswith("--")} - {"--"} == wanted, name
    assert asked.offers("ws9tui ") >= {*COMMANDS, "help", "shop", "wiki"}
    for line, there, away in (
        ("ws9tui update --on-failure ", {"rollback", "hold"}, {"shop"}),
        ("ws9tui update ", {"shop", "wiki"}, {"update"}),
        ("ws9tui rollback ", {"shop", "wiki"}, {"web"}),
        ("ws9tui update shop ", {"web", "db"}, {"app"}),
        ("ws9tui update wiki --backup ", {"app"}, {"web", "shop"}),
        ("ws9tui doctor -p ", {"shop", "wiki"}, {"archives/"}),
        ("ws9tui completion ", {"bash", "zsh", "fish"}, {"shop"}),
        ("ws9tui demo ", {"crash-loop", "websoft9"}, {"shop"}),
        ("ws9tui help ", {"update", "bundle"}, {"shop"}),
    ):
        offered = asked.offers(line)
        assert there <= offered, line
        assert not away & (offered - set(line.split())), line
    files = asked.offers("ws9tui update -f ")
    assert any(word.startswith("archives") for word in files)
    folders = asked.offers("ws9tui update --backup-dir ")
    assert any(word.startswith("archives") for word in folders)
    assert not any("file.tar" in word for word in folders)


def test_bash_completes_after_an_equals_sign(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = Bash(script("bash", shop, capsys), shop)
    assert asked.offers("ws9tui update --on-failure=") == {"rollback", "hold"}
    assert asked.offers("ws9tui update --on-failure=ho") == {"hold"}


def test_bash_completes_on_a_terminal(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = script("bash", shop, capsys)
    with Terminal(["bash", "--norc", "-i"], env(shop), cols=100, rows=40, cwd=shop) as terminal:
        terminal.write(f"PS1='READY> '; source {file}; clear\n")
        terminal.wait_for(re.compile(r"\A\s*READY>\s*\Z"))
        terminal.write("ws9tui upd\t--on-f\tro\t-f a\\ f\t")
        terminal.wait_for("ws9tui update --on-failure rollback -f a\\ file.tar")


def test_no_project_is_known_where_nothing_is_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", "projects", "--state-dir", str(tmp_path / "none")]) == 0
    assert run(["completion", "services", "--state-dir", str(tmp_path / "none")]) == 0
    assert capsys.readouterr() == ("", "")
    assert not (tmp_path / "none").exists()


def test_services_are_those_of_the_project_where_one_stands(shop: Path) -> None:
    known = completion.recorded(Store(shop / ".local/state/ws9tui"))
    assert completion.services(known, [], Path("/srv/shop")) == ["web", "db"]
    assert completion.services(known, ["--plan", "web", "./../wiki"], Path("/srv/shop")) == ["app"]
    assert completion.services(known, [], shop) == []
    assert completion.services(known[:1], ["", "x=1"], shop) == ["web", "db"]


def test_a_damaged_record_is_passed_over(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = shop / ".local/state/ws9tui"
    next(state.glob("projects/shop/generations/*/generation.json")).write_text("{")
    assert run(["completion", "projects", "--state-dir", str(state)]) == 0
    assert capsys.readouterr().out == "wiki\n"


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", "tcsh"]) == 2
    assert "completion needs bash, zsh or fish" in capsys.readouterr().err
