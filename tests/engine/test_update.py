from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support import behaviours, images, projects
from support.behaviours import Behaviour
from support.bench import OneProject
from support.cli import QUICK, Cli, Said
from support.images import ImageSpec
from support.projects import Project
from support.registry import Registry
from support.snapshot import Snapshot, assert_same, snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.dockerd import Dockerd

pytestmark = [pytest.mark.engine, pytest.mark.both_stores]
of_files = pytest.mark.any_store(reason="which files are read and edited is decided before an engine is asked")
of_compose = pytest.mark.any_store(reason="which services are made is for Compose to say, as of whichever images")

ALL_NEW = tuple(f"{name}=1.1.0" for name in projects.STACK)
SECRET = "word-of-db"


class Bench(OneProject):
    """An engine, a registry, a folder for a project, and the command line in it."""

    def push(self, repo: str, *versions: str, behaviour: Behaviour | None = None) -> list[images.Pushed]:
        made = behaviour or behaviours.serve()
        return [images.push(self.registry, repo, tag, ImageSpec(tag, behaviour=made)) for tag in versions]

    def containers(self, name: str) -> dict[str, dict[str, Any]]:
        return projects.containers(self.engine, name)

    def ids(self, name: str) -> dict[str, str]:
        return projects.ids(self.engine, name)

    def images(self, name: str) -> dict[str, str]:
        return {container: details["Image"] for container, details in self.containers(name).items()}

    def snapshot(self) -> Snapshot:
        return snapshot(self.engine, self.folder)

    def assert_no_drift(self, name: str, *flags: str, up: tuple[str, ...] = ()) -> None:
        before = self.ids(name)
        said = self.compose(*flags, "up", "-d", *up)
        assert self.ids(name) == before, f"a plain up changed containers:\n{said}"


@pytest.fixture
def bench(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Bench:
    return Bench(clean_engine, registry, project_folder, state_dir)


def image_ids(pushed: Mapping[str, images.Pushed], name: str = "stack") -> dict[str, str]:
    return {f"{name}-{service}-1": image.image_id for service, image in pushed.items()}


def assert_all_anew(before: Mapping[str, str], after: Mapping[str, str]) -> None:
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())


def followers(said: Said) -> dict[str, str]:
    return dict(said.of("planned")[-1]["plan"]["followers"])


# --- there, back and forth ---------------------------------------------------------------------------------------


def test_a_stack_is_updated_and_rolled_back_and_forward_again(bench: Bench) -> None:
    old, new = projects.push_stack(bench.registry), projects.push_stack(bench.registry, "1.1.0")
    project = projects.stack(bench.folder, bench.registry.host, needs_init=True)
    project.env_file.write_bytes(b"# caf\xc3\xa9\r\n" + project.env_file.read_bytes() + b"  # no newline at the end")
    project.env_file.chmod(0o640)
    os.chown(project.env_file, 1234, 2345)
    text = project.env_file.read_bytes()
    first = projects.up(bench.engine, project)

    said = bench.cli.json("update", *ALL_NEW, *QUICK).ended("kept", 0)
    edited = project.env_file.stat()
    assert project.env_file.read_bytes() == text.replace(b"_VERSION=1.0.0", b"_VERSION=1.1.0")
    assert (stat.S_IMODE(edited.st_mode), edited.st_uid, edited.st_gid) == (0o640, 1234, 2345)
    second = bench.ids("stack")
    assert_all_anew(first, second)
    assert bench.images("stack") == image_ids(new)
    assert all(projects.well(details) for details in bench.containers("stack").values())
    assert_events(said)
    bench.assert_no_drift("stack")

    back = bench.cli.json("rollback", *QUICK).ended("kept", 0)
    assert project.env_file.read_bytes() == text
    assert_all_anew(second, bench.ids("stack"))
    assert bench.images("stack") == image_ids(old)
    assert "1" in back.message
    measured = {event["service"]: event["downtime"] for event in said.of("service-watched") if event.get("downtime")}
    planned = back.of("planned")[-1]["plan"]["downtime"]
    assert planned
    assert planned.items() <= measured.items(), "a rollback is expected to take as long as the update did"
    bench.assert_no_drift("stack")

    bench.cli.json("rollback", "stack", "--to", "2", *QUICK).ended("kept", 0)
    assert bench.images("stack") == image_ids(new)
    assert project.env_file.read_bytes() == text.replace(b"_VERSION=1.0.0", b"_VERSION=1.1.0")
    bench.assert_no_drift("stack")
    assert_no_secret(bench, said.out + said.err + back.out + back.err)


def assert_events(said: Said) -> None:
    assert [event["seq"] for event in said.events] == list(range(1, len(said.events) + 1))
    assert all(isinstance(event["type"], str) and list(event)[:3] == ["seq", "at", "type"] for event in said.events)
    times = [event["at"] for event in said.events]
    assert all(one <= other for one, other in pairwise(times)), times
    assert {"outcome", "message"} <= said.finished.keys()
    assert [event["type"] for event in said.events].count("finished") == 1


def assert_no_secret(bench: Bench, output: str) -> None:
    assert SECRET not in output
    for path in bench.state.rglob("*"):
        mode = stat.S_IMODE(path.lstat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), f"{path}: {mode:o}"
        if path.is_file() and "generations" not in path.parts:
            assert SECRET.encode() not in path.read_bytes(), path


@of_files
def test_an_env_file_that_the_operator_has_edited_already(bench: Bench) -> None:
    old, new = projects.push_stack(bench.registry), projects.push_stack(bench.registry, "1.1.0")
    project = projects.stack(bench.folder, bench.registry.host)
    projects.up(bench.engine, project)
    project.set_env(**{f"{name.upper()}_VERSION": "1.1.0" for name in projects.STACK})
    text = project.env_file.read_bytes()
    bench.cli.json("update", *QUICK).ended("kept", 0)
    assert project.env_file.read_bytes() == text
    assert bench.images("stack") == image_ids(new)
    bench.assert_no_drift("stack")
    bench.cli.json("rollback", *QUICK).ended("kept", 0)
    assert bench.images("stack") == image_ids(old)
    bench.assert_no_drift("stack")


@of_files
def test_an_update_to_edited_files_that_fails_goes_back(bench: Bench) -> None:
    old = projects.push_stack(bench.registry)
    broken = ImageSpec(version="1.1.0", behaviour=behaviours.crash())
    projects.push_stack(bench.registry, "1.1.0", server=broken)
    project = projects.stack(bench.folder, bench.registry.host, needs_init=True)
    projects.up(bench.engine, project)
    project.set_env(**{f"{name.upper()}_VERSION": "1.1.0" for name in projects.STACK})
    bench.cli.json("update", *QUICK).ended("rolled-back", 1)
    assert bench.images("stack") == image_ids(old)
    projects.wait_well(bench.engine, project)
    bench.assert_no_drift("stack")


@of_compose
def test_one_service_takes_only_its_followers_along(bench: Bench) -> None:
    old, new = projects.push_stack(bench.registry), projects.push_stack(bench.registry, "1.1.0")
    project = projects.stack(bench.folder, bench.registry.host)
    before = projects.up(bench.engine, project)
    said = bench.cli.json("update", "server=1.1.0", *QUICK).ended("kept", 0)
    after = bench.ids("stack")
    assert {name for name in before if before[name] != after[name]} == {"stack-server-1", "stack-side-1"}
    assert followers(said) == {"side": "server"}
    assert bench.images("stack") == image_ids(old) | {"stack-server-1": new["server"].image_id}
    bench.assert_no_drift("stack")


@pytest.mark.sample(1, reason="a tag that has moved goes back in Websoft9's deployment too")
def test_a_tag_that_has_moved_is_rolled_back_without_a_network(bench: Bench) -> None:
    with Registry(store=bench.engine.store) as gone:
        old = images.push(gone, "app", "latest", ImageSpec(seed="old", size_kb=1))
        project = projects.single(bench.folder, old.reference)
        projects.up(bench.engine, project)
        new = images.push(gone, "app", "latest", ImageSpec(seed="new", size_kb=1))
        text = project.file.read_bytes()
        bench.cli.json("update", *QUICK).ended("kept", 0)
        assert bench.images("single") == {"single-app-1": new.image_id}
        bench.assert_no_drift("single")
    bench.cli.json("rollback", *QUICK).ended("kept", 0)
    assert bench.images("single") == {"single-app-1": old.image_id}
    bench.assert_no_drift("single")
    assert project.file.read_bytes() == text


QUOTED = """\
# the shop — do not remove this comment
name: p
services:
  app:   # the application
    image:   'HOST/app:1.0.0'   # pinned by hand: 'HOST/app:1.0.0'
    restart: unless-stopped
  web:
    image: "HOST/web:1.0.0"
  cron: {image: HOST/cron:1.0.0, restart: always}   # flow style\t
x-note: >
  HOST/app:1.0.0 is what ran before
"""


@of_files
def test_tags_in_the_yaml_are_edited_and_no_other_byte(bench: Bench) -> None:
    names = ("app", "web", "cron")
    pushed = {name: bench.push(name, "1.0.0", "1.1.0") for name in names}
    project = bench.project(QUOTED.replace("\n", "\r\n"), *names)
    project.file.write_bytes(project.file.read_bytes() + b"# no newline at the end")
    text = project.file.read_bytes()
    projects.up(bench.engine, project)
    bench.cli.json("update", *(f"{name}=1.1.0" for name in names), *QUICK).ended("kept", 0)
    expected = text
    for name, before, after in (("app", b"  '", b"'   #"), ("web", b' "', b'"\r\n'), ("cron", b" ", b", restart")):
        reference = f"{bench.registry.host}/{name}".encode()
        whole = before + reference + b":1.0.0" + after
        assert expected.count(whole) == 1
        expected = expected.replace(whole, whole.replace(b"1.0.0", b"1.1.0"))
    assert project.file.read_bytes() == expected
    assert bench.images("p") == {f"p-{name}-1": new.image_id for name, (_, new) in pushed.items()}
    bench.assert_no_drift("p")
    bench.cli.json("rollback", *QUICK).ended("kept", 0)
    assert project.file.read_bytes() == text
    bench.assert_no_drift("p")


# --- what did not run before -------------------------------------------------------------------------------------

TWO = """\
name: p
services:
  app: {image: "HOST/app:${VERSION}"}
  other: {image: "HOST/other:${VERSION}"}
"""


def two(bench: Bench) -> Project:
    bench.push("app", "1.0.0", "1.1.0")
    bench.push("other", "1.0.0", "1.1.0")
    project = bench.project(TWO, "app", "other")
    project.set_env(VERSION="1.0.0")
    return project


def states(bench: Bench, name: str = "p") -> dict[str, tuple[str, str]]:
    """Return each container's state and the tag of its image."""
    return {
        container: (details["State"]["Status"], details["Config"]["Image"].rpartition(":")[2])
        for container, details in bench.containers(name).items()
    }


@of_compose
def test_a_stopped_service_stays_stopped_with_the_new_image(bench: Bench) -> None:
    project = two(bench)
    projects.up(bench.engine, project)
    bench.compose("stop", "other")
    project.set_env(VERSION="1.1.0")
    bench.cli.json("update", *QUICK).ended("kept", 0)
    assert states(bench) == {"p-app-1": ("running", "1.1.0"), "p-other-1": ("created", "1.1.0")}
    bench.assert_no_drift("p")


@of_compose
def test_a_service_that_was_never_made_is_made_only_when_named(bench: Bench) -> None:
    project = two(bench)
    projects.up(bench.engine, project, "app")
    project.set_env(VERSION="1.1.0")
    bench.cli.json("update", *QUICK).ended("kept", 0)
    assert states(bench) == {"p-app-1": ("running", "1.1.0")}
    before = bench.ids("p")
    bench.cli.json("update", "other", *QUICK).ended("kept", 0)
    assert states(bench) == {"p-app-1": ("running", "1.1.0"), "p-other-1": ("running", "1.1.0")}
    assert bench.ids("p")["p-app-1"] == before["p-app-1"]
    bench.assert_no_drift("p")
    bench.cli.json("rollback", *QUICK).ended("kept", 0)
    assert bench.ids("p") == before


@of_compose
def test_a_scaled_service_keeps_its_count(bench: Bench) -> None:
    project = two(bench)
    bench.compose("up", "-d", "--scale", "app=3")
    projects.wait_well(bench.engine, project)
    project.set_env(VERSION="1.1.0")
    bench.cli.json("update", *QUICK).ended("kept", 0)
    found = states(bench)
    assert found == {f"p-app-{n}": ("running", "1.1.0") for n in (1, 2, 3)} | {"p-other-1": ("running", "1.1.0")}
    bench.assert_no_drift("p", up=("--scale", "app=3"))


@of_compose
def test_after_a_down_the_way_back_is_to_what_ran_and_not_to_nothing(bench: Bench) -> None:
    project = two(bench)
    projects.up(bench.engine, project)
    bench.cli.json("update", "app=1.1.0", "other=1.1.0", *QUICK).ended("kept", 0)
    bench.compose("down")
    bench.cli.json("update", *QUICK).ended("usage", 2)  # nothing of it runs, and an update installs nothing
    bench.cli.json("install", ".", *QUICK).ended("kept", 0)
    bench.cli.json("rollback", *QUICK).ended("kept", 0)
    assert states(bench) == {"p-app-1": ("running", "1.0.0"), "p-other-1": ("running", "1.0.0")}
    bench.assert_no_drift("p")


# --- what hangs together -----------------------------------------------------------------------------------------


@of_compose
def test_a_tag_that_two_services_share_is_not_changed_for_one(bench: Bench) -> None:
    project = two(bench)
    projects.up(bench.engine, project)
    before = bench.snapshot()
    said = bench.cli.json("update", "app=1.1.0", *QUICK).ended("usage", 2)
    assert "Select other too" in said.message
    assert_same(before, bench.snapshot())
    bench.cli.json("update", "app=1.1.0", "other=1.1.0", *QUICK).ended("kept", 0)
    assert states(bench) == {"p-app-1": ("running", "1.1.0"), "p-other-1": ("running", "1.1.0")}
    bench.assert_no_drift("p")


DEFINED = """\
name: p
services:
  app: {image: "HOST/app:${VERSION}"}
  other:
    image: HOST/other:1.0.0
    environment: {APP_VERSION: "${VERSION}"}
  third: {image: HOST/other:1.0.0}
"""


@of_compose
def test_a_service_whose_definition_has_the_variable_follows(bench: Bench) -> None:
    bench.push("app", "1.0.0", "1.1.0")
    bench.push("other", "1.0.0")
    project = bench.project(DEFINED, "app", "other", "third")
    project.set_env(VERSION="1.0.0")
    before = projects.up(bench.engine, project)
    said = bench.cli.json("update", "app=1.1.0", *QUICK).ended("kept", 0)
    assert followers(said) == {"other": "app"}
    after = bench.ids("p")
    assert {name for name in before if before[name] != after[name]} == {"p-app-1", "p-other-1"}
    bench.assert_no_drift("p")
    bench.cli.json("rollback", *QUICK).ended("kept", 0)
    bench.assert_no_drift("p")
    assert bench.ids("p")["p-third-1"] == before["p-third-1"]


ENV_FILE = """\
name: p
services:
  app: {image: "HOST/app:${APP_VERSION}", env_file: .env}
  git: {image: "HOST/git:${GIT_VERSION}", env_file: [.env]}
  third: {image: HOST/git:1.0.0}
"""


@of_compose
def test_services_that_read_the_edited_env_file_are_recreated(bench: Bench) -> None:
    bench.push("app", "1.0.0", "1.1.0")
    bench.push("git", "1.0.0")
    project = bench.project(ENV_FILE, "app", "git", "third")
    project.set_env(APP_VERSION="1.0.0", GIT_VERSION="1.0.0", POWER="on")
    before = projects.up(bench.engine, project)
    said = bench.cli.json("update", "app=1.1.0", *QUICK).ended("kept", 0)
    assert followers(said) == {"git": "app"}
    after = bench.ids("p")
    assert {name for name in before if before[name] != after[name]} == {"p-app-1", "p-git-1"}
    assert states(bench)["p-app-1"] == ("running", "1.1.0")
    bench.assert_no_drift("p")
    bench.cli.json("rollback", *QUICK).ended("kept", 0)
    assert states(bench)["p-app-1"] == ("running", "1.0.0")
    bench.assert_no_drift("p")


RESTART = """\
name: p
services:
  app: {image: "HOST/app:1.0.0"}
  web:
    image: HOST/web:1.0.0
    depends_on:
      app: {condition: service_healthy, restart: true}
  far:
    image: HOST/web:1.0.0
    depends_on: [app]
"""


@of_compose
def test_a_dependant_is_restarted_where_the_project_says_so(bench: Bench) -> None:
    bench.push("app", "1.0.0", "1.1.0")
    bench.push("web", "1.0.0")
    project = bench.project(RESTART, "app", "web", "far")
    before = projects.up(bench.engine, project)
    started = {name: found["State"]["StartedAt"] for name, found in bench.containers("p").items()}
    said = bench.cli.json("update", "app=1.1.0", *QUICK).ended("kept", 0)
    assert followers(said) == {"web": "app"}
    after = bench.containers("p")
    assert {name for name in before if before[name] != after[name]["Id"]} == {"p-app-1"}
    assert {name for name in started if started[name] != after[name]["State"]["StartedAt"]} == {"p-app-1", "p-web-1"}
    bench.assert_no_drift("p")


# --- every way to name files -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layout:
    """How a project is laid out, and the flags that it needs."""

    files: Mapping[str, str]
    flags: tuple[str, ...] = ()


PLAIN = 'services:\n  app:\n    image: "HOST/app:1.0.0"\n'
BESIDE = "services:\n  app:\n    stop_grace_period: 5s\n"
LAYOUTS = {
    "several files": Layout(
        {"base.yaml": "name: p\n" + PLAIN, "more.yaml": BESIDE}, ("-f", "base.yaml", "-f", "more.yaml")
    ),
    "override file": Layout(
        {
            "compose.yaml": "name: p\nservices: {app: {image: 'HOST/app:0.9.0', init: true}}\n",
            "compose.override.yaml": PLAIN,
        }
    ),
    "COMPOSE_FILE": Layout(
        {".env": "COMPOSE_FILE=one.yaml:two.yaml\nCOMPOSE_PROJECT_NAME=p\n", "one.yaml": PLAIN, "two.yaml": BESIDE}
    ),
    "profile": Layout(
        {"compose.yaml": "name: p\n" + PLAIN + "    profiles: [extra]\n  other: {image: 'HOST/app:1.0.0'}\n"},
        ("--profile", "extra"),
    ),
    "env file": Layout(
        {
            "compose.yaml": "name: p\nservices: {app: {image: 'HOST/app:${VERSION:-0.9.0}'}}\n",
            "versions.env": "export VERSION='1.0.0' # now\n",
            ".env": "VERSION=0.8.0\n",
        },
        ("--env-file", "versions.env"),
    ),
    "include": Layout({"compose.yaml": "name: p\ninclude: [part/app.yaml]\n", "part/app.yaml": PLAIN}),
    "include of an include": Layout(
        {
            "compose.yaml": "name: p\ninclude: [part/app.yaml]\n",
            "part/app.yaml": "include: [deeper/x.yaml]\nservices: {}\n",
            "part/deeper/x.yaml": PLAIN,
        }
    ),
    "extends": Layout(
        {
            "compose.yaml": "name: p\nservices: {app: {extends: {file: base.yaml, service: base}}}\n",
            "base.yaml": "services: {base: {image: 'HOST/app:1.0.0'}}\n",
        },
    ),
}


@pytest.mark.sample(2, reason="unit tests find and edit the files of each layout")
@of_files
@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_is_updated_and_rolled_back(bench: Bench, name: str) -> None:
    layout = LAYOUTS[name]
    old, new = bench.push("app", "1.0.0", "1.1.0")
    for path, text in layout.files.items():
        file = bench.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("HOST", bench.registry.host))
    before = {path: (bench.folder / path).read_text() for path in layout.files}
    bench.compose(*layout.flags, "up", "-d")
    bench.cli.json("update", *layout.flags, "app=1.1.0", *QUICK).ended("kept", 0)
    assert bench.images("p")["p-app-1"] == new.image_id
    changed = [path for path in before if (bench.folder / path).read_text() != before[path]]
    assert len(changed) == 1
    text = (bench.folder / changed[0]).read_text()
    assert text == before[changed[0]].replace("1.0.0", "1.1.0", 1)
    bench.assert_no_drift("p", *layout.flags)
    elsewhere = Cli(bench.engine, bench.state, bench.folder.parent)
    elsewhere.json("rollback", "p", *QUICK).ended("kept", 0)
    assert bench.images("p")["p-app-1"] == old.image_id
    bench.assert_no_drift("p", *layout.flags)


@of_files
def test_a_variable_of_the_shell_is_remembered(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = bench.push("app", "1.0.0", "1.1.0")
    bench.project("name: p\nservices: {app: {image: 'HOST/app:${APP_TAG:?}', environment: [APP_MOOD]}}\n", "app")
    monkeypatch.setenv("APP_TAG", "1.0.0")
    monkeypatch.setenv("APP_MOOD", SECRET)
    bench.compose("up", "-d")
    monkeypatch.setenv("APP_TAG", "1.1.0")
    said = bench.cli.json("update", *QUICK).ended("kept", 0)
    assert bench.images("p") == {"p-app-1": new.image_id}
    bench.assert_no_drift("p")
    monkeypatch.delenv("APP_TAG")
    monkeypatch.setenv("APP_MOOD", "another")
    back = bench.cli.json("rollback", "p", *QUICK).ended("kept", 0)
    assert bench.images("p") == {"p-app-1": old.image_id}
    assert f"APP_MOOD={SECRET}" in bench.containers("p")["p-app-1"]["Config"]["Env"]
    monkeypatch.setenv("APP_TAG", "1.0.0")
    monkeypatch.setenv("APP_MOOD", SECRET)
    bench.assert_no_drift("p")
    assert_no_secret(bench, said.out + said.err + back.out + back.err)


# --- what changes nothing ----------------------------------------------------------------------------------------


@pytest.mark.sample(1, reason="the same stack is updated on both")
def test_a_plan_changes_nothing_and_leaves_nothing(bench: Bench) -> None:
    projects.push_stack(bench.registry)
    projects.push_stack(bench.registry, "1.1.0")
    project = projects.stack(bench.folder, bench.registry.host, needs_init=True)
    projects.up(bench.engine, project)
    before = bench.snapshot()
    said = bench.cli.run("update", *ALL_NEW, "--plan", "--json").ended("planned", 0)
    assert_events(said)
    (planned,) = said.of("planned")
    operations = [(entry["kind"], entry["subject"]) for entry in planned["plan"]["operations"]]
    assert [entry for entry in operations if entry[0] == "recreate"] == [
        ("recreate", name) for name in ("db", "init", "server", "side")
    ]
    assert ("write", str(project.env_file)) in operations
    plain = bench.cli.run("update", *ALL_NEW, "--plan")
    assert plain.status == 0
    assert "1.0.0 → 1.1.0" in plain.out
    assert "nothing was changed" in plain.out
    assert_same(before, bench.snapshot())
    assert_no_secret(bench, said.out + plain.out)
    assert (bench.cli.runs(), bench.cli.generations()) == ([], [])


@pytest.mark.sample(1, reason="the same stack is updated on both")
def test_what_is_up_to_date_is_left_alone(bench: Bench) -> None:
    """Tags that are newer than those of the files are told, and are no update."""
    projects.push_stack(bench.registry)
    projects.push_stack(bench.registry, "1.1.0")
    project = projects.stack(bench.folder, bench.registry.host, needs_init=True)
    projects.up(bench.engine, project)
    before = bench.snapshot()
    bench.cli.json("update", *QUICK).ended("up-to-date", 0)
    bench.cli.json("update", "server=1.0.0", *QUICK).ended("up-to-date", 0)
    plain = bench.cli.run("update", "--yes", "--plain")
    assert (plain.status, plain.err) == (0, "")
    assert "No tag has moved; nothing was changed. Newer tags: " in plain.out
    assert_same(before, bench.snapshot())
    assert (bench.cli.runs(), bench.cli.generations()) == ([], [])


# --- first install -----------------------------------------------------------------------------------------------


@pytest.mark.always(reason="the verb that has none of the known failures")
@pytest.mark.sample(1, reason="one engine or the other")
def test_a_first_install(bench: Bench) -> None:
    new = projects.push_stack(bench.registry)
    project = projects.stack(bench.folder, bench.registry.host, needs_init=True)
    elsewhere = Cli(bench.engine, bench.state, bench.folder.parent)
    said = elsewhere.json("install", str(bench.folder), *QUICK).ended("kept", 0)
    assert bench.images("stack") == image_ids(new)
    projects.wait_well(bench.engine, project)
    bench.assert_no_drift("stack")
    assert_no_secret(bench, said.out + said.err)
    before = bench.snapshot()
    elsewhere.json("install", str(bench.folder), *QUICK).ended("usage", 2)
    assert_same(before, bench.snapshot())


FIRST = """\
name: p
services:
  app:
    image: "HOST/app:1.0.0"
    volumes: [data:/data]
    networks: [inner]
  broken:
    image: "HOST/broken:1.0.0"
    restart: always
    depends_on: [app]
    volumes: [more:/more]
volumes: {data: {}, more: {}}
networks: {inner: {}}
"""


@pytest.mark.sample(1, reason="one engine or the other")
def test_a_first_install_that_fails_leaves_only_volumes_with_data(bench: Bench) -> None:
    bench.push("app", "1.0.0", behaviour=behaviours.migrate(1))
    bench.push("broken", "1.0.0", behaviour=behaviours.crash())
    project = bench.project(FIRST, "app", "broken")
    before = bench.snapshot()
    said = bench.cli.json("install", str(project.folder), *QUICK).ended("rolled-back", 1)
    assert said.finished["problem"]["facts"]["service"] == "broken"
    after = bench.snapshot()
    assert_same(before, after.without("^volume "))
    assert set(after.only("^volume ").facts) == {"volume p_data"}
    assert bench.cli.generations() == []
