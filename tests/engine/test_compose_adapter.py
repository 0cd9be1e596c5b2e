from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import behaviours, images, processes, projects, tools
from support.dockerd import Dockerd
from support.images import ImageSpec
from support.projects import Project
from support.registry import Registry
from support.snapshot import assert_same, snapshot
from support.wait import until
from ws9tui.adapters.compose.compose import ComposeCommand, find
from ws9tui.core.model.source import ProjectSource
from ws9tui.errors import ComposeError

pytestmark = [pytest.mark.engine, pytest.mark.both_stores, pytest.mark.always(reason="a contract with the world")]
of_files = pytest.mark.any_store(reason="what Compose makes of files it asks no engine")
of_compose = pytest.mark.any_store(reason="which containers are made, and for how long, is for Compose to say")

COUNTED = "com.docker.compose.container-number"


@pytest.fixture(autouse=True)
def environment(clean_engine: Dockerd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process see what a user's shell would: the engine and a Compose."""
    for name in set(os.environ) - set(clean_engine.env()):
        monkeypatch.delenv(name)
    for name, value in clean_engine.env().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def command() -> ComposeCommand:
    return ComposeCommand()


@pytest.fixture
def stack(project_folder: Path, registry: Registry, clean_engine: Dockerd) -> Project:
    """Return a running stack whose images of version 2.0.0 are there too."""
    for version in ("1.0.0", "2.0.0"):
        for pushed in projects.push_stack(registry, version).values():
            clean_engine.client().images.pull(pushed.reference)
    project = projects.stack(project_folder, registry.host)
    projects.up(clean_engine, project)
    return project


def source(project: Project, **parts: object) -> ProjectSource:
    facts = {"name": project.name, "folder": str(project.folder), "files": (str(project.file),)}
    return ProjectSource(**(facts | parts))  # type: ignore[arg-type]


def write(folder: Path, text: str) -> ProjectSource:
    return source(projects.write(folder, text, name="web", services=("app",)))


async def refusal(asked: object) -> ComposeError:
    with pytest.raises(ComposeError) as caught:
        await asked  # type: ignore[misc]
    return caught.value


@of_files
async def test_the_version_is_that_of_the_binary(command: ComposeCommand) -> None:
    assert int((await command.version()).split(".")[0]) >= 2
    assert (await find()).command == ("docker-compose",)


@of_files
async def test_a_project_is_resolved(command: ComposeCommand, project_folder: Path) -> None:
    text = (
        "services:\n  app:\n    image: app:${TAG:-1}\n    env_file: [app.env]\n  extra:\n    image: extra:1\n"
        "    profiles: [debug]\n"
    )
    (project_folder / "app.env").write_text("SECRET=from the file\n")
    web = write(project_folder, text)
    config = await command.config(web)
    assert set(config["services"]) == {"app"}
    assert config["name"] == "web"
    assert config["services"]["app"]["image"] == "app:1"
    assert config["services"]["app"]["environment"] == {"SECRET": "from the file"}
    unread = (await command.config(web, resolve_env_files=False))["services"]["app"]
    assert "environment" not in unread
    assert unread["env_file"][0]["path"] == str(project_folder / "app.env")
    debug = ProjectSource(web.name, web.folder, web.files, profiles=("debug",), environment={"TAG": "7"})
    config = await command.config(debug)
    assert set(config["services"]) == {"app", "extra"}
    assert config["services"]["app"]["image"] == "app:7"
    assert set(await command.hashes(debug)) == {"app", "extra"}
    assert set(await command.hashes(web)) == {"app"}


@of_files
async def test_env_files_and_files_stack_up_in_order(command: ComposeCommand, project_folder: Path) -> None:
    web = write(project_folder, "services: {app: {image: 'app:${A}-${B}'}}\n")
    for name, text in {".env": "A=0\nB=0\n", "one.env": "A=1\nB=1\n", "two.env": "B=2\n"}.items():
        (project_folder / name).write_text(text)
    (project_folder / "more.yaml").write_text("services: {app: {labels: {x: y}}}\n")
    assert (await command.config(web))["services"]["app"]["image"] == "app:0-0"
    more = ProjectSource(
        web.name,
        web.folder,
        (*web.files, str(project_folder / "more.yaml")),
        env_files=tuple(str(project_folder / name) for name in ("one.env", "two.env")),
    )
    app = (await command.config(more))["services"]["app"]
    assert (app["image"], app["labels"]) == ("app:1-2", {"x": "y"})


@of_files
async def test_variables_come_from_the_source_and_not_from_the_shell(
    command: ComposeCommand, project_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    web = write(project_folder, "services: {app: {image: 'app:${A-none}-${B-none}-${PWD}'}}\n")
    monkeypatch.setenv("A", "shell")
    monkeypatch.setenv("B", "shell")
    monkeypatch.setenv("COMPOSE_PROJECT_NAME", "shell")
    fixed = ProjectSource(web.name, web.folder, web.files, environment={"A": "kept"}, absent=("B",))
    config = await command.config(fixed)
    assert config["name"] == "web"
    assert config["services"]["app"]["image"] == f"app:kept-none-{project_folder}"


async def test_hashes_are_those_on_the_containers(
    command: ComposeCommand, clean_engine: Dockerd, stack: Project
) -> None:
    found = projects.containers(clean_engine, stack.name).values()
    labels = [details["Config"]["Labels"] for details in found]
    expected = {label["com.docker.compose.service"]: label["com.docker.compose.config-hash"] for label in labels}
    found_hashes = await command.hashes(source(stack))
    # Compose hashes what shares a namespace together with the ID of the container whose namespace it is
    assert {name for name in expected if found_hashes[name] != expected[name]} == {"side"}


@of_files
async def test_texts_are_filled_in(command: ComposeCommand, project_folder: Path) -> None:
    web = write(project_folder, "services: {app: {image: app}}\n")
    (project_folder / ".env").write_text("TAG=1.2\nDOLLAR='a$b'\nSPACED=a: {b\n")
    texts = ["app:${TAG}", "${NONE:-x}/${TAG:+set}", "plain $$ text", "$DOLLAR", "${SPACED}", "", "é\n\"'\\"]
    assert await command.interpolate(web, texts) == [
        "app:1.2",
        "x/set",
        "plain $ text",
        "a$b",
        "a: {b",
        "",
        "é\n\"'\\",
    ]
    assert await command.interpolate(web, []) == []
    error = await refusal(command.interpolate(web, ["${GONE:?say it}"]))
    assert error.problem.facts == {"variable": "GONE", "reason": "say it"}


@of_files
async def test_undefined_variables_are_named(command: ComposeCommand, project_folder: Path) -> None:
    text = "services: {app: {image: 'a:${TAG}', environment: {A: $PW, B: $PW, C: '${D:-x}', E: '${EMPTY}'}}}\n"
    web = write(project_folder, text)
    config, undefined = await command.resolved(web)
    assert config == await command.config(web)
    assert set(undefined) == {"TAG", "PW", "EMPTY"}
    known = ProjectSource(web.name, web.folder, web.files, environment={"TAG": "1", "PW": "2", "EMPTY": ""})
    assert (await command.resolved(known))[1] == []


BROKEN = {
    "services:\n  app:\n    image: a\n  bad: [\n": ("compose-file-invalid", "5"),
    "services:\n  app:\n    imagee: a\n": ("compose-file-invalid", ""),
    "services:\n  app:\n    image: a\n    image: b\n": ("compose-file-invalid", "4"),
    "services: 12\n": ("compose-file-invalid", ""),
    "services: {app: {image: a, depends_on: [gone]}}\n": ("compose-file-invalid", ""),
    "services: {app: {image: 'a:${'}}\n": ("compose-file-invalid", ""),
    "services: {app: {image: '${TAG:?}'}}\n": ("compose-variable-required", ""),
}


@of_files
@pytest.mark.parametrize("text", BROKEN)
async def test_a_broken_file_is_named_by_every_call(command: ComposeCommand, project_folder: Path, text: str) -> None:
    web = write(project_folder, text)
    for asked in (command.config(web), command.hashes(web), command.resolved(web), command.up(web, ["app"])):
        problem = (await refusal(asked)).problem
        code, line = BROKEN[text]
        assert problem.code == code
        if code == "compose-file-invalid":
            assert (problem.facts["file"], problem.facts["line"]) == (web.files[0], line)
        assert problem.facts.get("variable", "TAG") == "TAG"


@of_files
async def test_files_that_are_not_there_are_named(command: ComposeCommand, project_folder: Path) -> None:
    web = write(project_folder, "services: {app: {image: a, env_file: [gone.env]}}\n")
    assert (await refusal(command.config(web))).problem.facts["file"] == str(project_folder / "gone.env")
    gone = ProjectSource(web.name, web.folder, (f"{web.folder}/gone.yaml",))
    assert (await refusal(command.config(gone))).problem.facts["file"] == f"{web.folder}/gone.yaml"
    lost = ProjectSource(web.name, web.folder, web.files, env_files=(f"{web.folder}/lost.env",))
    assert (await refusal(command.config(lost))).problem.facts["file"] == f"{web.folder}/lost.env"


@of_files
async def test_secrets_of_broken_files_stay_in_them(command: ComposeCommand, project_folder: Path) -> None:
    web = write(project_folder, "services: {app: {image: a, environment: {PW: 'se${cr{et'}}}\n")
    assert "cr{et" not in str(await refusal(command.config(web)))
    web = write(project_folder, "services: {app: {image: a}}\n")
    (project_folder / ".env").write_text('A=1\nPW="open-secret\n')
    error = await refusal(command.config(web))
    assert "open-secret" not in str(error)
    assert error.problem.facts["file"] == str(project_folder / ".env")


async def test_only_what_is_named_is_recreated(command: ComposeCommand, clean_engine: Dockerd, stack: Project) -> None:
    before = projects.ids(clean_engine, stack.name)
    stack.set_env(SERVER_VERSION="2.0.0", DB_VERSION="2.0.0")
    steps: list[tuple[str, str]] = []
    await command.up(source(stack), ["server"], report=lambda name, text: steps.append((name, text)))
    after = projects.ids(clean_engine, stack.name)
    assert {name for name in before if before[name] != after[name]} == {"stack-server-1"}
    assert {name for name, _ in steps} == {"stack-server-1"}
    assert steps[0][1].startswith("Recreate")
    assert steps[-1][1] == "Started"
    image = projects.containers(clean_engine, stack.name)["stack-server-1"]["Config"]["Image"]
    assert image.endswith("/server:2.0.0")


@of_compose
async def test_containers_can_be_made_without_a_start(
    command: ComposeCommand, clean_engine: Dockerd, stack: Project
) -> None:
    stack.set_env(SERVER_VERSION="2.0.0")
    clean_engine.client().containers.get("stack-server-1").stop()
    await command.up(source(stack), ["server"], start=False)
    details = projects.containers(clean_engine, stack.name)["stack-server-1"]
    assert (details["State"]["Status"], details["Config"]["Image"].rpartition(":")[2]) == ("created", "2.0.0")


@of_compose
async def test_the_number_of_containers_can_be_set(
    command: ComposeCommand, clean_engine: Dockerd, project_folder: Path, registry: Registry
) -> None:
    pushed = images.push(registry, "app", "1", ImageSpec(behaviour=behaviours.idle()))
    clean_engine.client().images.pull(pushed.reference)
    web = write(project_folder, f"services: {{app: {{image: '{pushed.reference}'}}}}\n")
    await command.up(web, ["app"], scale={"app": 3})
    found = projects.containers(clean_engine, "web")
    assert sorted(details["Config"]["Labels"][COUNTED] for details in found.values()) == ["1", "2", "3"]


@of_compose
async def test_a_restart_keeps_the_container(command: ComposeCommand, clean_engine: Dockerd, stack: Project) -> None:
    before = projects.containers(clean_engine, stack.name)
    await command.restart(source(stack), ["side"])
    after = projects.containers(clean_engine, stack.name)
    assert {name: details["Id"] for name, details in before.items()} == projects.ids(clean_engine, stack.name)
    moved = {name for name in before if before[name]["State"]["StartedAt"] != after[name]["State"]["StartedAt"]}
    assert moved == {"stack-side-1"}


async def test_an_image_that_is_not_there_is_not_pulled(
    command: ComposeCommand, clean_engine: Dockerd, registry: Registry, project_folder: Path
) -> None:
    pushed = images.push(registry, "app", "1")
    web = write(project_folder, f"services: {{app: {{image: '{pushed.reference}', pull_policy: always}}}}\n")
    problem = (await refusal(command.up(web, ["app"]))).problem
    assert (problem.code, problem.facts["command"], problem.facts["status"]) == ("compose-failed", "up", "1")
    assert f"No such image: {pushed.reference}" in problem.facts["reason"]
    assert clean_engine.client().images.list() == []


async def test_a_port_that_is_taken_is_the_reason(
    command: ComposeCommand, clean_engine: Dockerd, stack: Project, tmp_path: Path
) -> None:
    image = projects.containers(clean_engine, stack.name)["stack-server-1"]["Config"]["Image"]
    ports = f"['127.0.0.1:{stack.port}:8080']"
    web = write(tmp_path / "other", f"services: {{app: {{image: '{image}', ports: {ports}}}}}\n")
    problem = (await refusal(command.up(web, ["app"]))).problem
    assert "port is already allocated" in problem.facts["reason"]


@of_compose
async def test_an_env_file_cannot_make_it_remove_orphans(
    command: ComposeCommand, clean_engine: Dockerd, stack: Project
) -> None:
    stack.set_env(COMPOSE_REMOVE_ORPHANS="1")
    orphans = source(projects.write(stack.folder, "services: {db: {image: x}}\n", name=stack.name, services=("db",)))
    before = projects.ids(clean_engine, stack.name)
    image = projects.containers(clean_engine, stack.name)["stack-db-1"]["Config"]["Image"]
    Path(orphans.files[0]).write_text(f"services: {{db: {{image: '{image}'}}}}\n")
    await command.up(orphans, ["db"])
    after = projects.ids(clean_engine, stack.name)
    assert set(before) == set(after)
    assert {name for name in before if before[name] != after[name]} == {"stack-db-1"}


async def test_reading_changes_nothing(command: ComposeCommand, clean_engine: Dockerd, stack: Project) -> None:
    stack.set_env(SERVER_VERSION="2.0.0")
    before = snapshot(clean_engine, stack.folder)
    await command.config(source(stack))
    await command.hashes(source(stack))
    await command.resolved(source(stack))
    await command.interpolate(source(stack), ["${SERVER_VERSION}"])
    assert_same(before, snapshot(clean_engine, stack.folder))


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ComposeCommand]:
    """Return the Compose of the docker command."""
    configuration = tmp_path / "docker"
    (configuration / "cli-plugins").mkdir(parents=True)
    (configuration / "cli-plugins" / "docker-compose").symlink_to(Path(tools.compose_folder(), "docker-compose"))
    monkeypatch.setenv("DOCKER_CONFIG", str(configuration))
    monkeypatch.setenv("PATH", str(Path(tools.program("docker")).parent))
    yield ComposeCommand()
    shutil.rmtree(configuration)


@of_compose
async def test_the_plugin_works_like_the_binary(plugin: ComposeCommand, clean_engine: Dockerd, stack: Project) -> None:
    assert (await find()).command == ("docker", "compose")
    stack.set_env(SIDE_VERSION="2.0.0")
    steps: list[tuple[str, str]] = []
    await plugin.up(source(stack), ["side"], report=lambda name, text: steps.append((name, text)))
    assert steps[-1] == ("stack-side-1", "Started")
    await plugin.restart(source(stack), ["side"])
    assert set(await plugin.hashes(source(stack))) == set(stack.services)
    assert await plugin.interpolate(source(stack), ["${SIDE_VERSION}"]) == ["2.0.0"]
    assert "port is already" not in str(await refusal(plugin.up(source(stack), ["gone"])))
    projects.assert_no_drift(clean_engine, stack)


@pytest.fixture
def slow(clean_engine: Dockerd, registry: Registry, project_folder: Path) -> ProjectSource:
    """Return a project whose recreation takes the eight seconds of a container that does not listen."""
    for tag in ("1", "2"):
        pushed = images.push(registry, "deaf", tag, ImageSpec(version=tag, behaviour=behaviours.ignore_term()))
        clean_engine.client().images.pull(pushed.reference)
    text = f"services: {{app: {{image: '{registry.host}/deaf:${{TAG-1}}', stop_grace_period: 8s}}}}\n"
    project = projects.write(project_folder, text, name="slow", services=("app",))
    projects.compose(clean_engine, project_folder, "-p", "slow", "up", "-d")
    return ProjectSource("slow", str(project.folder), (str(project.file),), environment={"TAG": "2"})


@pytest.mark.sample(1, reason="each case is another way to give it up")
@of_compose
@pytest.mark.parametrize("way", ["binary", "plugin", "timeout"])
async def test_an_up_that_is_given_up_leaves_no_compose(
    request: pytest.FixtureRequest, command: ComposeCommand, clean_engine: Dockerd, slow: ProjectSource, way: str
) -> None:
    used: ComposeCommand = request.getfixturevalue("plugin") if way == "plugin" else command
    if way == "timeout":
        used.up_timeout = 4
    task = asyncio.create_task(used.up(slow, ["app"]))
    # given up earlier, the engine may make the successor while we look for what it left
    await asyncio.to_thread(until, lambda: len(projects.containers(clean_engine, "slow")) == 2)
    began = time.monotonic()
    if way != "timeout":
        task.cancel()
    with pytest.raises(ComposeError if way == "timeout" else asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 9
    assert processes.select(processes.mentions(slow.folder)) == []
    # the successor would keep its makeshift name
    (name,) = projects.containers(clean_engine, "slow").keys() - {"slow-app-1"}
    assert projects.containers(clean_engine, "slow")[name]["State"]["Status"] == "created"
    clean_engine.client().containers.get(name).remove()
    await ComposeCommand().up(slow, ["app"])
    (found,) = projects.containers(clean_engine, "slow").values()
    assert found["Name"] == "/slow-app-1"
    assert found["Config"]["Image"].endswith("/deaf:2")


@of_compose
async def test_a_lock_lives_as_long_as_a_compose_that_outlives_its_worker(
    command: ComposeCommand, slow: ProjectSource, tmp_path: Path
) -> None:
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    command.keep_open = (lock,)
    name = os.fstat(lock)
    stopping = asyncio.Event()
    task = asyncio.create_task(command.up(slow, ["app"], report=lambda *_: stopping.set()))
    await asyncio.wait_for(stopping.wait(), 10)
    running = processes.select(processes.mentions(slow.folder))
    assert running
    for pid in running:
        held = [path.stat().st_ino for path in Path(f"/proc/{pid}/fd").iterdir() if path.exists()]
        assert name.st_ino in held
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    os.close(lock)
