"""Which project is updated, and how Compose is called for it: what a plain `docker compose` from there would take."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support import behaviours, images
from support.attended import attended
from support.cli import QUICK, Cli, Said
from support.images import ImageSpec
from support.registry import Registry
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb

if TYPE_CHECKING:
    from support.dockerd import Dockerd

pytestmark = pytest.mark.engine


@dataclass
class Bench:
    """An engine with an image in two versions, and a folder for projects."""

    engine: Dockerd
    registry: Registry
    base: Path
    state: Path

    def image(self, tag: str = "1.0") -> str:
        return f"{self.registry.host}/x/web:{tag}"

    def push(self) -> None:
        for tag in ("1.0", "1.1"):
            images.push(self.registry, "x/web", tag, ImageSpec(tag, behaviour=behaviours.idle()))

    def write(self, name: str, text: str, file: str = "compose.yml") -> Path:
        path = self.base / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("IMAGE", self.image()).replace("HOST", self.registry.host))
        return path.parent

    def compose(self, folder: Path, *arguments: str, **env: str) -> str:
        """Plain Compose in a folder, as a shell that has gone there calls it."""
        done = subprocess.run(
            ["docker-compose", *arguments],
            cwd=folder,
            env=self.engine.env() | {"PWD": str(folder)} | env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        )
        return done.stdout

    def update(self, folder: Path, *arguments: str, verb: str = "update", **env: str) -> Said:
        cli = Cli(self.engine, self.state, folder, {"PWD": str(folder), **env})
        return cli.json(verb, *arguments, *(QUICK if verb != "doctor" else ()))

    def containers(self) -> dict[str, Any]:
        client: Any = self.engine.client()
        return {container.name: container for container in client.containers.list(all=True)}

    def look(self, name: str) -> dict[str, Any]:
        client: Any = self.engine.client()
        found: dict[str, Any] = client.containers.get(name).attrs
        return found

    def source(self, name: str) -> str:
        """Where the only mount of a container comes from."""
        [mount] = self.look(name)["Mounts"]
        return str(mount["Source"])

    def assert_no_drift(self, folder: Path, *flags: str, **env: str) -> None:
        before = {name: container.id for name, container in self.containers().items()}
        self.compose(folder, *flags, "up", "-d", **env)
        assert {name: container.id for name, container in self.containers().items()} == before


@pytest.fixture
def bench(clean_engine: Dockerd, registry: Registry, tmp_path: Path, state_dir: Path) -> Bench:
    made = Bench(clean_engine, registry, tmp_path, state_dir)
    made.push()
    return made


WEB = "services: {web: {image: 'IMAGE', volumes: ['./data:/data']}}\n"


def test_a_project_in_a_folder_behind_a_link(bench: Bench) -> None:
    """Compose calls it by the link's name; a second one by the folder's name would work on the same data."""
    real = bench.write("real-dir", WEB)
    link = bench.base / "cur"
    link.symlink_to("real-dir")
    bench.compose(link, "up", "-d")
    bench.update(link, "web=1.1").ended("kept", 0)
    assert list(bench.containers()) == ["cur-web-1"]
    assert bench.look("cur-web-1")["Config"]["Image"] == bench.image("1.1")
    bench.assert_no_drift(link)
    said = bench.update(real, "web=1.1").ended("usage", 2)
    assert said.finished["problem"]["code"] == "project-other-name"
    assert "cur" in said.message
    assert list(bench.containers()) == ["cur-web-1"]


def test_two_projects_of_one_folder(bench: Bench) -> None:
    folder = bench.write("shop", WEB)
    before = (folder / "compose.yml").read_bytes()
    for name in ("prod", "stag"):
        bench.compose(folder, "-p", name, "up", "-d")
    said = bench.update(folder, "web=1.1").ended("usage", 2)
    assert said.finished["problem"]["facts"]["projects"] == "prod, stag"
    assert (folder / "compose.yml").read_bytes() == before
    assert set(bench.containers()) == {"prod-web-1", "stag-web-1"}
    bench.update(folder, "-p", "prod", "web=1.1").ended("kept", 0)
    images_now = {name: container.attrs["Config"]["Image"] for name, container in bench.containers().items()}
    assert images_now == {"prod-web-1": bench.image("1.1"), "stag-web-1": bench.image("1.0")}
    bench.update(folder, "stag").ended("kept", 0)


def test_a_file_in_a_folder_below_that_the_env_file_names(bench: Bench) -> None:
    """Relative paths are relative to that file, variables come from the `.env` where one stands."""
    text = "services: {web: {image: 'HOST/x/web:${TAG}', volumes: ['./data:/data'], environment: {A: '$A'}}}\n"
    deploy = bench.write("app", text, "deploy/compose.yml")
    root = deploy.parent
    (root / ".env").write_text("COMPOSE_FILE=deploy/compose.yml\nCOMPOSE_PROJECT_NAME=app\nTAG=1.0\nA=from the root\n")
    bench.compose(root, "up", "-d")
    (deploy / "data" / "kept").write_text("x")
    before = bench.look("app-web-1")

    def assert_as_it_was(tag: str) -> None:
        assert bench.source("app-web-1") == str(deploy / "data")
        assert bench.look("app-web-1")["Config"]["Env"] == before["Config"]["Env"]
        assert bench.look("app-web-1")["Config"]["Image"] == bench.image(tag)
        bench.assert_no_drift(root)

    bench.update(bench.base, str(root), "web=1.1").ended("kept", 0)
    assert "TAG=1.1" in (root / ".env").read_text()
    assert_as_it_was("1.1")
    bench.update(bench.base, "app", verb="rollback").ended("kept", 0)
    assert_as_it_was("1.0")
    bench.update(bench.base, "app", "web=1.1").ended("kept", 0)  # by its name, from elsewhere
    assert_as_it_was("1.1")


def test_variables_of_compose_in_the_shell(bench: Bench) -> None:
    bench.write("shop", WEB, "a.yml")
    folder = bench.write("shop", "services: {web: {profiles: [on], environment: {B: '1'}}}\n", "b.yml")
    env = {"COMPOSE_FILE": "a.yml|b.yml", "COMPOSE_PATH_SEPARATOR": "|", "COMPOSE_PROFILES": "on"}
    env["COMPOSE_PROJECT_NAME"] = "mine"
    bench.compose(folder, "up", "-d", **env)
    bench.update(folder, "web=1.1", **env).ended("kept", 0)
    assert bench.look("mine-web-1")["Config"]["Image"] == bench.image("1.1")
    bench.assert_no_drift(folder, **env)
    bench.update(bench.base, "mine", verb="rollback").ended("kept", 0)  # another shell, which has none of them
    assert bench.look("mine-web-1")["Config"]["Image"] == bench.image("1.0")
    bench.assert_no_drift(folder, **env)


def test_from_a_folder_below_the_project_s(bench: Bench) -> None:
    folder = bench.write("shop", WEB)
    below = folder / "some" / "where"
    below.mkdir(parents=True)
    bench.compose(below, "up", "-d")
    bench.update(below, "web=1.1").ended("kept", 0)
    assert bench.source("shop-web-1") == str(folder / "data")
    bench.assert_no_drift(folder)


def test_what_does_not_run_is_not_updated(bench: Bench) -> None:
    folder = bench.write("shop", WEB)
    said = bench.update(folder).ended("usage", 2)
    assert said.finished["problem"]["code"] == "project-not-running"
    assert f"install {folder} -p shop" in said.message
    bench.update(folder, "shop").ended("usage", 2)
    assert not bench.containers()
    bench.update(folder, ".", verb="install").ended("kept", 0)
    bench.compose(folder, "down")
    said = bench.update(folder).ended("usage", 2)
    assert said.finished["problem"]["code"] == "project-not-running"
    assert not bench.containers()


def test_one_that_runs_from_other_files_of_the_same_name(bench: Bench) -> None:
    """Two folders of one name are one project to Compose; which is meant is the operator's to say."""
    bench.compose(bench.write("one/shop", WEB), "up", "-d")
    other = bench.write("two/shop", WEB)
    before = bench.look("shop-web-1")["Id"]
    said = bench.update(other, "web=1.1").ended("refused", 3)
    assert said.finished["problem"]["code"] == "project-differs"
    assert str(bench.base / "one/shop/compose.yml") in said.message
    assert bench.look("shop-web-1")["Id"] == before
    assert "1.0" in (other / "compose.yml").read_text()
    bench.update(other, "shop", "web=1.1").ended("kept", 0)
    assert bench.source("shop-web-1") == str(bench.base / "one/shop/data")


TABS = "services:\n  web:\n    image: IMAGE\t# a tab before it\n    init: true\n"
JSON = '{\n\t"services": {\n\t\t"web": {"image": "IMAGE", "init": true}\n\t}\n}\n'
DOCUMENTS = "services:\n  web: {image: 'HOST/x/none:1'}\n---\nservices:\n  web: {image: 'IMAGE'}\n"


@pytest.mark.sample(1, reason="each case is another kind of file")
@pytest.mark.parametrize(
    ("text", "encoding"),
    [(TABS, "utf-8"), (JSON, "utf-8"), (DOCUMENTS, "utf-8"), ("services: {web: {image: 'IMAGE'}}\n", "utf-16")],
    ids=["tabs", "json", "documents", "utf-16"],
)
def test_files_of_every_kind_that_compose_reads(bench: Bench, text: str, encoding: str) -> None:
    folder = bench.write("shop", text)
    file = folder / "compose.yml"
    file.write_bytes(file.read_text().encode(encoding))
    before = file.read_bytes()
    bench.compose(folder, "up", "-d")
    bench.update(folder, "web=1.1").ended("kept", 0)
    assert bench.look("shop-web-1")["Config"]["Image"] == bench.image("1.1")
    assert file.read_bytes().decode(encoding) == before.decode(encoding).replace("x/web:1.0", "x/web:1.1")
    bench.assert_no_drift(folder)
    bench.update(folder, verb="rollback").ended("kept", 0)
    assert file.read_bytes() == before


def test_the_line_that_compose_takes_an_image_from(bench: Bench) -> None:
    """A service of the same name in a file that is only extended is another one."""
    folder = bench.write("shop", "services: {web: {extends: {file: base.yml, service: tmpl}}}\n")
    base = "services:\n  tmpl: {image: 'IMAGE'}\n  web: {image: 'IMAGE'}\n"
    bench.write("shop", base, "base.yml")
    bench.compose(folder, "up", "-d")
    bench.update(folder, "web=1.1").ended("kept", 0)
    lines = (folder / "base.yml").read_text().splitlines()
    assert lines[1:] == [f"  tmpl: {{image: '{bench.image('1.1')}'}}", f"  web: {{image: '{bench.image('1.0')}'}}"]
    bench.assert_no_drift(folder)


def test_an_image_that_comes_from_an_included_file(bench: Bench) -> None:
    folder = bench.write("shop", "include: [more/compose.yml]\nservices: {web: {image: 'IMAGE'}}\n")
    bench.write("shop", "services: {db: {image: 'IMAGE', volumes: ['./d:/d']}}\n", "more/compose.yml")
    bench.compose(folder, "up", "-d")
    bench.update(folder, "db=1.1").ended("kept", 0)
    assert (folder / "more/compose.yml").read_text().count("1.1") == 1
    assert bench.source("shop-db-1") == str(folder / "more/d")
    bench.assert_no_drift(folder)


def test_a_project_whose_definition_is_not_on_this_machine(bench: Bench) -> None:
    folder = bench.write("shop", WEB)
    subprocess.run(
        ["docker-compose", "-p", "piped", "-f", "-", "up", "-d"],
        cwd=folder,
        env=bench.engine.env(),
        input=(folder / "compose.yml").read_bytes(),
        check=True,
        capture_output=True,
        timeout=120,
    )
    said = bench.update(bench.base, "piped").ended("usage", 2)
    assert "-f" in said.message
    bench.compose(folder, "-p", "moved", "up", "-d")
    folder.rename(bench.base / "moved-away")
    said = bench.update(bench.base, "moved").ended("usage", 2)
    assert str(folder / "compose.yml") in said.message
    assert "-f" in said.message


def test_files_are_named_beside_a_folder(bench: Bench) -> None:
    folder = bench.write("shop", WEB, "a.yml")
    bench.update(bench.base, str(folder), "-f", "a.yml", verb="install").ended("kept", 0)
    assert list(bench.containers()) == ["shop-web-1"]
    bench.update(bench.base, "shop", "web=1.1", "-f", "shop/a.yml").ended("kept", 0)
    bench.assert_no_drift(folder, "-f", "a.yml")


@pytest.mark.sample(1, reason="each case is another word")
@pytest.mark.parametrize(("argument", "near"), [("wbe=1.1", "web"), ("wbe", "web"), ("updat", "update")])
def test_a_mistyped_word(bench: Bench, argument: str, near: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = bench.write("shop", WEB)
    monkeypatch.chdir(folder)
    bench.compose(folder, "up", "-d")
    bench.update(folder).ended("up-to-date", 0)
    before = bench.look("shop-web-1")["Id"]
    said = bench.update(folder, argument).ended("usage", 2)
    assert f"Did you mean {near}?" in said.message
    with attended(Cli(bench.engine, bench.state, folder), Verb.WIZARD, argument) as run:
        assert run.finished.outcome is Outcome.USAGE  # and no list of generations, because these are in order
    assert bench.look("shop-web-1")["Id"] == before


def test_an_operator_is_asked_which_project_is_meant(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = bench.write("shop", WEB)
    monkeypatch.chdir(folder)
    for name in ("prod", "stag"):
        bench.compose(folder, "-p", name, "up", "-d")
    with attended(Cli(bench.engine, bench.state, folder), Verb.UPDATE, "web=1.1") as run:
        asked = run.until(e.Asked, lambda event: event.question is Question.PROJECT)
        assert asked.options == ("prod", "stag")
        assert asked.default is Choice.CANCEL
        told = run.until(e.ProjectsFound)
        assert told.why is not None
        assert told.why.code == "project-other-name"
        view = told.views["prod"]
        assert (view.folder, view.running, view.containers, view.here) == (str(folder), 1, 1, True)
        assert view.versions == {"web": "1.0"}
        assert view.used_at == ""
        run.handle.decide(Choice.GO, asked.ask, project="stag")
        run.answer(Question.SELECT, Choice.CANCEL)
        assert run.until(e.ProjectFound).source.name == "stag"
    with attended(Cli(bench.engine, bench.state, folder), Verb.UPDATE, "web=1.1") as run:
        asked = run.until(e.Asked, lambda event: event.question is Question.PROJECT)
        assert asked.options == ("stag", "prod")  # which was chosen last is remembered
        run.handle.decide(Choice.CANCEL, asked.ask)
        assert run.finished.outcome is Outcome.CANCELLED
    other = bench.write("elsewhere/prod", WEB)
    monkeypatch.chdir(other)
    with attended(Cli(bench.engine, bench.state, other), Verb.UPDATE) as run:
        asked = run.until(e.Asked, lambda event: event.question is Question.PROJECT)
        found = run.until(e.ProjectsFound).projects["prod"]
        assert found is not None
        assert found.code == "project-differs"
        run.handle.decide(Choice.CANCEL, asked.ask)
        assert run.finished.outcome is Outcome.CANCELLED
