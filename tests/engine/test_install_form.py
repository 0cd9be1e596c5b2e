"""The form of a first install against a real engine, and its answers used again unattended."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from support import websoft9_images as look_alikes
from support.attended import Attended, attended
from support.cli import QUICK, Cli
from support.releases import release_modern
from support.snapshot import assert_same, snapshot
from support.websoft9 import Places, Websoft9
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb
from ws9tui.core.releases import answer_file

if TYPE_CHECKING:
    from pathlib import Path

    from support.dockerd import Dockerd
    from support.registry import Registry

pytestmark = pytest.mark.engine


class Form:
    """The form of a run, filled in step by step."""

    def __init__(self, run: Attended) -> None:
        self.run = run
        self.asks = 0

    def fill(self, choice: Choice = Choice.CHECK, **values: str) -> dict[str, str]:
        """Send values, and give the codes of what is wrong once the worker has looked, by field."""
        self.asks += 1
        number = self.asks
        asked = self.run.until(e.Asked, lambda event: event.question is Question.INSTALL and event.ask >= number)
        self.run.handle.decide(choice, asked.ask, answers=values)
        self.run.until(e.Asked, lambda event: event.ask > number)
        checked = [event for event in self.run.events if isinstance(event, e.InstallChecked)][-1]
        assert checked.known
        assert not checked.findings
        return {field.name: field.problem.code for field in checked.fields if field.problem}


def test_a_form_is_filled_in_and_its_answers_install_again(
    clean_engine: Dockerd, registry: Registry, tmp_path: Path, state_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A port that is taken is told while nothing has changed; the file of answers makes the same install again."""
    monkeypatch.delenv("CONTAINER_NAME", raising=False)  # Compose takes the shell's before the env file's
    look_alikes.push_modern(registry, "2.3.4")
    root = tmp_path / "root"
    release = release_modern(tmp_path / "release", "2.3.4", Places(clean_engine.socket, root))
    folder, file = root / "srv", tmp_path / "answers.yml"
    cli = Cli(clean_engine, state_dir, tmp_path)
    before = snapshot(clean_engine, root)
    with attended(cli, Verb.INSTALL, monitor=1.0) as run:
        form = Form(run)
        with socket.create_server(("0.0.0.0", 9099)):
            wrong = form.fill(
                source=str(release.folder), folder=str(folder), CONTAINER_NAME="mine", CONSOLE_PORT="9099"
            )
            assert wrong == {"CONSOLE_PORT": "port-taken"}
        assert form.fill(CONSOLE_PORT="9098") == {}
        assert_same(before, snapshot(clean_engine, root))
        assert form.fill(Choice.GO) == {}
        run.answer(Question.SELECT, Choice.GO, ("product",))
        run.go(Question.VERSIONS, Question.CONFIRM)
        run.answer(Question.OUTCOME, Choice.KEEP)
        assert run.finished.outcome is Outcome.KEPT
        answer_file.write(file, run.until(e.InstallSettled))
    site = Websoft9(clean_engine, folder, cli)
    assert site.versions() == {"product": "2.3.4"}
    assert site.env["CONSOLE_PORT"] == "9098"
    site.assert_no_drift()
    clean_engine.client().containers.get("mine").remove(force=True)  # it has the ports of the gateway
    text = file.read_text().replace("'9098'", "9097").replace(": mine", ": second")
    file.write_text(text.replace(str(folder), str(root / "second")).replace("project: websoft9", "project: two"))
    cli.json("install", "--answers", str(file), *QUICK).ended("kept", 0)
    assert "CONSOLE_PORT=9097" in (root / "second" / ".env").read_text()
