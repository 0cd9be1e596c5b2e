"""What is said of services before, during and after an update: each replica counts, and nothing is claimed."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from support import behaviours, execs, images, projects
from support.attended import attended
from support.bench import OneProject
from support.cli import QUICK, Said
from support.images import ImageSpec
from support.wait import until
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb

if TYPE_CHECKING:
    from pathlib import Path

    from support.behaviours import Behaviour
    from support.dockerd import Dockerd
    from support.registry import Registry

pytestmark = pytest.mark.engine


class Bench(OneProject):
    """An engine, a registry, a folder for a project `p`, and the command line in it."""

    def push(self, repo: str, *versions: str, behaviour: Behaviour | None = None, tag: str = "") -> list[images.Pushed]:
        made = behaviour or behaviours.idle()
        return [images.push(self.registry, repo, tag or v, ImageSpec(v, behaviour=made)) for v in versions]

    def containers(self) -> dict[str, dict[str, Any]]:
        return projects.containers(self.engine, "p")

    def runs(self) -> dict[str, tuple[str, str]]:
        """Return each container's state and image ID."""
        return {name: (found["State"]["Status"], found["Image"]) for name, found in self.containers().items()}

    def assert_no_drift(self) -> None:
        before = projects.ids(self.engine, "p")
        said = self.compose("create", "--no-build")
        assert projects.ids(self.engine, "p") == before, said


@pytest.fixture
def bench(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Bench:
    return Bench(clean_engine, registry, project_folder, state_dir)


def codes(said: Said) -> set[str]:
    """Return the codes of all findings, of a run and of the plan's notes."""
    found = {event["finding"]["problem"]["code"] for event in said.of("found")}
    return found | {note["code"] for event in said.of("planned") for note in event["plan"]["notes"]}


# --- each replica counts ------------------------------------------------------------------------------------------

REPLICAS = """\
name: p
services:
  app: {image: "HOST/app:latest", restart: always}
"""


TWO = """\
name: p
services:
  app: {image: "HOST/app:latest", restart: always, volumes: [shared:/d], deploy: {replicas: 2}}
volumes: {shared: {}}
"""
ONE_FAILS = 'mkdir /d/one && hostname >/d/one/who; sleep 0.2; [ "$(cat /d/one/who)" != "$(hostname)" ] || exit 3'


def mixed(bench: Bench, *, ratio: tuple[int, int] = (1, 1)) -> tuple[images.Pushed, images.Pushed]:
    """Have replicas of which the first run an old image, and the others the one that the tag has got since."""
    (old,) = bench.push("app", "1.0.0", tag="latest")
    bench.project(REPLICAS, "app")
    bench.compose("up", "-d", "--scale", f"app={ratio[0]}")
    (new,) = bench.push("app", "1.1.0", tag="latest")
    bench.compose("pull")
    bench.compose("up", "-d", "--no-recreate", "--scale", f"app={sum(ratio)}")
    found = [image for _, image in bench.runs().values()]
    assert found == [old.image_id] * ratio[0] + [new.image_id] * ratio[1]
    return old, new


def test_a_replica_that_runs_an_older_image_is_an_update(bench: Bench) -> None:
    _, new = mixed(bench)
    doctor = bench.cli.run("doctor", "--json")
    assert (doctor.status, "replicas-differ" in codes(doctor)) == (0, True), doctor.tail()
    said = bench.cli.json("update", *QUICK).ended("kept", 0)
    assert bench.runs() == {f"p-app-{n}": ("running", new.image_id) for n in (1, 2)}
    assert "replicas-differed" in codes(said)
    before, after = (event["service"] for event in (said.of("service-observed")[0], said.of("service-observed")[0]))
    assert before["version"] == after["version"] == "1.0.0 + 1.1.0"
    bench.cli.json("update", *QUICK).ended("up-to-date", 0)


def test_a_way_back_to_replicas_that_differed_says_what_it_brings(bench: Bench) -> None:
    old, _ = mixed(bench, ratio=(2, 1))
    adopted = bench.cli.run("adopt", "--json").ended("adopted", 0)
    assert "replicas-differed" in codes(adopted)
    (newest,) = bench.push("app", "1.2.0", tag="latest")
    bench.cli.json("update", *QUICK).ended("kept", 0)
    assert set(bench.runs().values()) == {("running", newest.image_id)}
    said = bench.cli.json("rollback", *QUICK).ended("kept", 0)
    assert {image for _, image in bench.runs().values()} == {old.image_id}
    assert len(bench.runs()) == 3
    assert "replicas-differed" in codes(said)


def test_one_replica_that_is_not_well_fails_the_update(bench: Bench) -> None:
    (old,) = bench.push("app", "1.0.0", tag="latest")
    bench.project(TWO, "app")
    bench.compose("up", "-d")
    bench.push("app", "1.1.0", tag="latest", behaviour=behaviours.shell(ONE_FAILS))
    said = bench.cli.json("update", *QUICK).ended("rolled-back", 1)
    assert said.finished["problem"]["code"] == "crash-looping"
    assert bench.runs() == {f"p-app-{n}": ("running", old.image_id) for n in (1, 2)}


# --- what was unwell before ---------------------------------------------------------------------------------------

BESIDE = """\
name: p
services:
  web: {image: "HOST/web:${VERSION}", restart: always, depends_on: {db: {condition: service_healthy}}}
  db: {image: "HOST/db:${VERSION}", restart: RESTART, volumes: [data:/data]}
volumes: {data: {}}
"""
SICK = behaviours.shell("", "test ! -e /data/sick")


def sick(bench: Bench) -> None:
    """Have a db that was healthy, and is not any more; web was started when it was."""
    bench.push("web", "1.0.0", "2.0.0")
    bench.push("db", "1.0.0", "2.0.0", behaviour=SICK)
    project = bench.project(BESIDE.replace("RESTART", "always"), "web", "db")
    project.set_env(VERSION="1.0.0")
    bench.compose("up", "-d")
    execs.run(bench.engine, "p-db-1", "touch /data/sick")
    until(lambda: bench.containers()["p-db-1"]["State"]["Health"]["Status"] == "unhealthy", 30, lambda: "db is ill")
    project.set_env(VERSION="2.0.0")


def test_what_was_unhealthy_before_is_told_and_takes_nothing_back(bench: Bench) -> None:
    sick(bench)
    assert "was-unhealthy" in codes(bench.cli.run("doctor", "--json"))
    plan = bench.cli.run("update", "--plan", "--plain")
    assert "db is already unhealthy" in plan.out
    said = bench.cli.json("update", *QUICK, timeout=200).ended("kept", 0)
    assert "Not OK, as before the update: db 2.0.0" in said.message
    assert "web 2.0.0" in said.message
    assert {details["Config"]["Image"][-5:] for details in bench.containers().values()} == {"2.0.0"}
    bench.assert_no_drift()


def test_another_service_that_fails_goes_back_to_what_was_unhealthy_before(bench: Bench) -> None:
    sick(bench)
    bench.push("web", "2.0.0", behaviour=behaviours.crash())
    said = bench.cli.json("update", *QUICK, timeout=200).ended("rolled-back", 1)
    assert {details["Config"]["Image"][-5:] for details in bench.containers().values()} == {"1.0.0"}
    assert "back-as-before" in codes(said)
    assert "changed its data" not in said.message


def exhausted(bench: Bench, *, new: Behaviour) -> None:
    """Have a db that has failed until its restarts were used up."""
    bench.push("web", "1.0.0")
    bench.push("db", "1.0.0", behaviour=behaviours.crash(status=3))
    text = "name: p\nservices:\n  db: {image: 'HOST/db:${VERSION}', restart: 'on-failure:3'}\n"
    bench.project(text, "db").set_env(VERSION="1.0.0")
    bench.compose("up", "-d")

    def ended() -> bool:
        found = bench.containers()["p-db-1"]
        return (found["State"]["Status"], found["RestartCount"]) == ("exited", 3)

    until(ended, 30, lambda: f"db has failed: {bench.containers()['p-db-1']['State']}")
    bench.push("db", "2.0.0", behaviour=new)


def test_a_service_that_failed_is_started_with_its_update(bench: Bench) -> None:
    exhausted(bench, new=behaviours.idle())
    assert "was-failed" in codes(bench.cli.run("doctor", "--json"))
    said = bench.cli.json("update", "db=2.0.0", *QUICK).ended("kept", 0)
    assert bench.containers()["p-db-1"]["State"]["Status"] == "running"
    assert "runs: db 2.0.0" in said.message
    bench.assert_no_drift()


def test_a_service_that_fails_again_is_not_said_to_run(bench: Bench) -> None:
    exhausted(bench, new=behaviours.crash(status=4))
    said = bench.cli.json("update", "db=2.0.0", *QUICK).ended("kept", 0)
    assert "Not OK, as before the update: db 2.0.0" in said.message
    assert "runs: db" not in said.message


@pytest.mark.sample(1, reason="it was stopped, killed or paused")
@pytest.mark.parametrize("how", ["stop", "kill", "pause"])
def test_a_service_that_was_stopped_on_purpose(bench: Bench, how: str) -> None:
    bench.push("db", "1.0.0", "2.0.0")
    text = "name: p\nservices:\n  db: {image: 'HOST/db:${VERSION}', restart: 'on-failure:3'}\n"
    bench.project(text, "db").set_env(VERSION="1.0.0")
    bench.compose("up", "-d")
    bench.compose(how, "db")
    said = bench.cli.json("update", "db=2.0.0", *QUICK).ended("kept", 0)
    state = bench.containers()["p-db-1"]["State"]["Status"]
    if how == "pause":
        assert state == "running"
        assert "was-paused" in codes(said)
    else:
        assert state == "created"
        assert "Created but not started, as before: db 2.0.0" in said.message


# --- what is built here -------------------------------------------------------------------------------------------

BUILT = """\
name: p
services:
  web: {image: "HOST/web:latest"}
  mine: {image: "HOST/mine:1", build: .}
  nameless: {build: .}
  kept: {image: "local/kept:1", build: ., pull_policy: build}
"""


def build(bench: Bench, version: str, *tags: str) -> str:
    """Build an image here under some names, and return its ID."""
    base = f"{bench.registry.host}/web:latest"
    bench.engine.client().images.pull(base)
    (bench.folder / "Dockerfile").write_text(f"FROM {base}\nLABEL org.opencontainers.image.version={version}\n")
    image, _ = bench.engine.client().images.build(path=str(bench.folder), tag=tags[0])
    for tag in tags[1:]:
        assert image.tag(tag)
    return str(image.id)


NAMES = ("p-nameless", "local/kept:1")


def built(bench: Bench, version: str = "1") -> str:
    """Have a project of which most is built here."""
    bench.push("web", "1.0.0", tag="latest")
    bench.project(BUILT, "web", "mine", "nameless", "kept")
    image = build(bench, version, f"{bench.registry.host}/mine:1", *NAMES)
    bench.compose("up", "-d", "--no-build")
    return image


def test_what_is_built_here_stops_nobody(bench: Bench) -> None:
    old = built(bench)
    before = projects.ids(bench.engine, "p")
    bench.cli.json("update", *QUICK).ended("up-to-date", 0)
    assert bench.cli.run("doctor", "--json").status == 0
    (new,) = bench.push("web", "1.1.0", tag="latest")
    bench.cli.json("update", *QUICK).ended("kept", 0)
    after = projects.ids(bench.engine, "p")
    assert {name for name in after if after[name] != before[name]} == {"p-web-1"}
    assert bench.runs()["p-web-1"] == ("running", new.image_id)
    assert bench.runs()["p-mine-1"] == ("running", old)
    bench.assert_no_drift()


def test_what_was_built_anew_is_an_update_without_a_pull(bench: Bench) -> None:
    old = built(bench)
    new = build(bench, "2", f"{bench.registry.host}/mine:1", *NAMES)
    said = bench.cli.json("update", *QUICK).ended("kept", 0)
    runs = bench.runs()
    assert {runs[f"p-{name}-1"] for name in ("mine", "nameless", "kept")} == {("running", new)}
    assert not said.of("pull-started")
    bench.assert_no_drift()
    bench.cli.json("rollback", *QUICK).ended("kept", 0)
    runs = bench.runs()
    assert {runs[f"p-{name}-1"] for name in ("mine", "nameless", "kept")} == {("running", old)}
    bench.assert_no_drift()


def test_a_service_whose_registry_is_gone_stops_only_those_that_are_pulled(bench: Bench) -> None:
    bench.push("web", "1.0.0", tag="latest")
    gone = "127.0.0.1:9/mine:1"
    bench.project(
        f"name: p\nservices:\n  web: {{image: HOST/web:latest}}\n  mine: {{image: '{gone}', build: .}}\n", "web"
    )
    build(bench, "1", gone)
    bench.compose("up", "-d", "--no-build")
    (new,) = bench.push("web", "1.1.0", tag="latest")
    bench.cli.json("update", *QUICK).ended("kept", 0)
    assert bench.runs()["p-web-1"] == ("running", new.image_id)


def test_an_install_of_what_is_to_be_built_is_refused_with_the_command(bench: Bench) -> None:
    bench.push("web", "1.0.0", tag="latest")
    bench.project(BUILT, "web", "mine", "nameless", "kept")
    said = bench.cli.json("install", ".").ended("refused", 3)
    assert said.finished["problem"]["facts"]["services"] == "kept, mine, nameless"
    command = re.search(r"[`'](\(cd .* build kept mine nameless\))[`']", said.message)
    assert command
    assert not bench.runs()
    (bench.folder / "Dockerfile").write_text(f"FROM {bench.registry.host}/web:latest\n")
    dry = command[1].replace(" build ", " --dry-run build ")
    subprocess.run(["sh", "-c", dry], cwd="/", env=bench.engine.env(), check=True, capture_output=True)
    image = build(bench, "1", f"{bench.registry.host}/mine:1", *NAMES)
    bench.cli.json("install", ".", *QUICK).ended("kept", 0)
    runs = bench.runs()
    assert {runs[f"p-{name}-1"] for name in ("mine", "nameless", "kept")} == {("running", image)}
    assert runs["p-web-1"][0] == "running"


def test_an_install_of_nothing_but_what_is_to_be_built(bench: Bench) -> None:
    bench.project("name: p\nservices:\n  app: {build: .}\n", "app")
    bench.cli.json("install", ".").ended("refused", 3)
    assert bench.cli.generations() == []


# --- inherited labels ---------------------------------------------------------------------------------------------

UBUNTU = {"org.opencontainers.image.ref.name": "ubuntu", "org.opencontainers.image.version": "24.04"}


def test_an_inherited_label_refuses_nothing_and_is_shown_nowhere(bench: Bench) -> None:
    for tag in ("4.1-management", "4.2-management"):
        images.push(
            bench.registry, "mq", tag, ImageSpec(tag, version_label="", labels=UBUNTU, behaviour=behaviours.idle())
        )
    project = bench.project("name: p\nservices:\n  mq: {image: 'HOST/mq:${VERSION}'}\n", "mq")
    project.set_env(VERSION="4.1-management")
    installed = bench.cli.json("install", ".", *QUICK).ended("kept", 0)
    updated = bench.cli.json("update", "mq=4.2-management", *QUICK).ended("kept", 0)
    assert "mq 4.2-management" in updated.message
    for said in (installed, updated, bench.cli.run("history", "p"), bench.cli.run("update", "--plan", "--plain")):
        shown = re.sub(r"T[0-9:.]+Z", "", said.out.replace('"label": "24.04"', ""))  # a time may have it too
        assert "24.04" not in shown, [line for line in shown.splitlines() if "24.04" in line]
    for wrong in ("24.04", "4.2"):
        said = bench.cli.json("update", "mq=4.1-management", "--expect", f"mq={wrong}", *QUICK).ended("kept", 0)
        (checked,) = said.of("version-checked")
        assert "version-unproven" in {entry["problem"]["code"] for entry in checked["findings"]}
        bench.cli.json("rollback", *QUICK).ended("kept", 0)


# --- what a service mounts ----------------------------------------------------------------------------------------

MOUNTED = """\
name: p
services:
  app: {image: "HOST/app:${VERSION}", volumes: [MOUNT]}
volumes: {data: {}, other: {NAME}}
"""


def mounting(bench: Bench, mount: str, then: str, name: str = "") -> None:
    """Have an app with data at /d, and files that mount something else there since."""
    bench.push("app", "1.0.0", "2.0.0")
    text = MOUNTED.replace("NAME", "")
    project = bench.project(text.replace("MOUNT", mount), "app")
    project.set_env(VERSION="1.0.0")
    bench.compose("up", "-d")
    execs.run(bench.engine, "p-app-1", "echo precious >/d/file")
    assert bench.cli.run("adopt").status == 0  # so that a way back has the files as they are
    text = MOUNTED.replace("NAME", name)
    bench.project(text.replace("volumes: [MOUNT]", f"volumes: [{then}]" if then else "init: true"), "app")
    project.set_env(VERSION="2.0.0")


def seen(bench: Bench) -> str:
    status, said = execs.attempt(bench.engine, "p-app-1", "cat /d/file")
    return "" if status else said


LEFT = {
    "another folder": ("./data:/d", "./storage:/d"),
    "a folder for a volume": ("data:/d", "./storage:/d"),
    "a volume for a folder": ("./data:/d", "data:/d"),
    "another volume": ("data:/d", "other:/d"),
    "nothing": ("./data:/d", ""),
    "another path": ("data:/d", "other:/d, data:/else"),
}


@pytest.mark.sample(1, reason="each case is another mount that is lost")
@pytest.mark.parametrize("name", LEFT)
def test_data_that_would_not_be_seen_any_more_is_agreed_to_by_name(bench: Bench, name: str) -> None:
    mounting(bench, *LEFT[name])
    before = bench.runs()
    refused = bench.cli.json("update", *QUICK).ended("refused", 3)
    assert refused.finished["problem"]["code"] == "data-left-behind"
    assert "--leave-data app:/d" in refused.message
    assert bench.runs() == before
    assert seen(bench) == "precious"
    bench.cli.json("update", *QUICK, "--leave-data", "app:/d").ended("kept", 0)
    assert seen(bench) == ""
    bench.cli.json("rollback", *QUICK).ended("kept", 0)
    assert seen(bench) == "precious"


def test_the_plan_names_the_data_that_would_not_be_seen(bench: Bench) -> None:
    mounting(bench, "./data:/d", "./storage:/d")
    said = bench.cli.run("update", "--plan", "--plain")
    assert said.status == 3
    assert f"/d: {bench.folder}/data → {bench.folder}/storage, which is new and empty" in " ".join(said.out.split())


SEEN = {
    "read-only": ("./data:/d", "./data:/d:ro"),
    "the same by another path": ("./data:/d", "./link/data:/d"),
    "its long form": ("data:/d", "{type: volume, source: data, target: /d/}"),
}


@pytest.mark.sample(1, reason="each case is another mount that is kept")
@pytest.mark.parametrize("name", SEEN)
def test_data_that_is_seen_all_the_same_is_no_loss(bench: Bench, name: str) -> None:
    (bench.folder / "link").symlink_to(bench.folder)
    mounting(bench, *SEEN[name])
    bench.cli.json("update", *QUICK).ended("kept", 0)
    assert seen(bench) == "precious"


def test_a_volume_whose_name_changes_is_another_one(bench: Bench) -> None:
    mounting(bench, "other:/d", "other:/d", name="name: renamed")
    bench.cli.json("update", *QUICK).ended("refused", 3)
    assert seen(bench) == "precious"


def test_data_that_was_moved_along_is_no_loss(bench: Bench) -> None:
    mounting(bench, "./data:/d", "./storage:/d")
    (bench.folder / "storage").mkdir()
    (bench.folder / "data" / "file").rename(bench.folder / "storage" / "file")
    bench.cli.json("update", *QUICK).ended("kept", 0)
    assert seen(bench) == "precious"


def test_an_operator_is_asked_about_data_that_would_not_be_seen(bench: Bench) -> None:
    mounting(bench, "./data:/d", "./storage:/d")
    with attended(bench.cli, Verb.UPDATE, monitor=1.0) as run:
        run.answer(Question.SELECT, Choice.GO, ("app",))
        run.go(Question.VERSIONS, Question.CONFIRM)
        asked = run.until(e.Asked, lambda event: event.question is Question.LOSS)
        assert asked.default is Choice.CANCEL
        run.answer(Question.LOSS, Choice.CANCEL)
        assert run.finished.outcome is Outcome.CANCELLED
    assert seen(bench) == "precious"
