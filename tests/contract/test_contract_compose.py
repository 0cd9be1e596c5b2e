"""The contract of Compose: what the simulated one reads from files and does to containers, the real one does."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import contract_subjects
import msgspec
import pytest
from contract_subjects import Subject

from ws9tui.core.model.source import ProjectSource
from ws9tui.errors import ComposeError

subject = contract_subjects.each_subject
pytestmark = pytest.mark.both_stores
of_files = pytest.mark.any_store(reason="what Compose makes of files it asks no engine")

RICH = """
services:
  app:
    image: HOST/app:${VERSION:-0.9}
    command: serve --loud "a b"
    environment: [A=1, "B=$WORD", SHELL, "C=$$5"]
    env_file: .extra
    ports: ["8000-8001:90-91/udp", "127.0.0.1:${PORT}:80", {target: 5, published: 6}, 7]
    volumes: [data:/data, ./here:/here:ro, /cache]
    depends_on: [db]
    labels: [one=1]
    stop_grace_period: 90s
    deploy: {replicas: 2, update_config: {monitor: 90s, delay: 5s, failure_action: rollback, parallelism: 1}}
    pull_policy: always
    restart: on-failure:3
  side:
    image: HOST/side:1.0
    network_mode: service:app
    depends_on: {app: {condition: service_healthy, restart: true}}
    profiles: [more]
  db:
    image: HOST/db@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    healthcheck: {test: pg_isready, interval: 90s, timeout: 500ms, retries: 4, start_period: 1h}
    environment: {I: 5, F: 1.5, T: true, N: null, O: off, S: "x"}
    container_name: the-db
    networks: [back]
    configs: [small]
  built: {build: ./here}
volumes: {data: {}, unused: {}}
networks: {back: {external: true}, unused: {}}
configs: {small: {file: ./small.conf}}
x-ws9tui: {keep_generations: 3}
"""
RESOLVED = """
services:
  app:
    image: HOST/app:${VERSION:-0.9}
    command: [serve, --loud, a b]
    environment: {A: "1", B: "$WORD", SHELL: "$SHELL", C: "$$5"}
    env_file: [{path: .extra}]
    ports:
    - {mode: ingress, target: 90, published: "8000", protocol: udp}
    - {mode: ingress, target: 91, published: "8001", protocol: udp}
    - {mode: ingress, target: 80, published: "${PORT}", protocol: tcp, host_ip: 127.0.0.1}
    - {mode: ingress, target: 5, published: "6", protocol: tcp}
    - {mode: ingress, target: 7, protocol: tcp}
    volumes:
    - {type: volume, source: data, target: /data, volume: {}}
    - {type: bind, source: FOLDER/here, target: /here, read_only: true, bind: {}}
    - {type: volume, target: /cache, volume: {}}
    depends_on: {db: {condition: service_started, required: true}}
    labels: {one: "1"}
    stop_grace_period: 1m30s
    deploy:
      replicas: 2
      update_config: {monitor: 1m30s, delay: 5s, failure_action: rollback, parallelism: 1}
      resources: {}
      placement: {}
    pull_policy: always
    restart: on-failure:3
  db:
    image: HOST/db@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    healthcheck:
      {test: [CMD-SHELL, pg_isready], interval: 1m30s, timeout: 500ms, retries: 4, start_period: 1h0m0s}
    environment: {I: "5", F: "1.5", T: "true", N: null, O: "off", S: "x"}
    container_name: the-db
    networks: {back: null}
    configs: [{source: small}]
  built: {build: {context: FOLDER/here, dockerfile: Dockerfile}}
SIDEvolumes: {data: {name: contract_data}}
networks: {back: {name: back, ipam: {}, external: true}}
configs: {small: {name: contract_small, file: FOLDER/small.conf}}
x-ws9tui: {keep_generations: 3}
"""
"""the same as Compose writes it, with variables left in; SIDE is what a profile adds"""
SIDE = """\
  side:
    image: HOST/side:1.0
    network_mode: service:app
    depends_on: {app: {condition: service_healthy, required: true, restart: true}}
    profiles: [more]
"""
ENV = "VERSION=1.0\nWORD='pa$$word'\nPORT=81 # a comment\n"
STACK = """
services:
  app:
    image: HOST/app:1.0
    environment: {COLOUR: blue}
  side: {image: HOST/app:1.0, network_mode: "service:app"}
  other: {image: HOST/other:1.0, container_name: contract_other}
"""
ALL = ("app", "side", "other")


def replace(source: ProjectSource, old: str, new: str) -> None:
    """Edit the project's file as an operator does."""
    file = Path(source.files[0])
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


async def stack(subject: Subject) -> ProjectSource:
    """Deploy the stack."""
    await subject.local("app:1.0")
    await subject.local("other:1.0")
    source = subject.project(STACK)
    await subject.compose.up(source, ALL)
    return source


@of_files
async def test_config_has_the_shape_that_compose_prints(subject: Subject) -> None:
    resolved = RESOLVED.replace("SIDE", SIDE)
    source = subject.project(RICH, resolved, env=ENV, extra="E=$WORD\nSHELL_TOO\n")
    source = msgspec.structs.replace(source, profiles=("more",), environment={"SHELL": "sh", "WORD": "w"})
    config = await subject.compose.config(source)
    subject.project(resolved)
    assert await subject.compose.config(source) == config
    app, side, db = (config["services"][name] for name in ("app", "side", "db"))
    assert set(config) == {"name", "services", "volumes", "networks", "configs", "x-ws9tui"}
    assert config["name"] == "contract"
    assert app["image"] == f"{subject.host}/app:1.0"
    assert app["command"] == ["serve", "--loud", "a b"]
    assert app["environment"] == {"A": "1", "B": "w", "SHELL": "sh", "C": "$$5", "E": "w"}
    assert "env_file" not in app
    usual = {"mode": "ingress", "protocol": "tcp"}
    assert app["ports"] == [
        {"mode": "ingress", "target": 90, "published": "8000", "protocol": "udp"},
        {"mode": "ingress", "target": 91, "published": "8001", "protocol": "udp"},
        {**usual, "target": 80, "published": "81", "host_ip": "127.0.0.1"},
        {**usual, "target": 5, "published": "6"},
        {**usual, "target": 7},
    ]
    assert app["volumes"] == [
        {"type": "volume", "source": "data", "target": "/data", "volume": {}},
        {"type": "bind", "source": f"{source.folder}/here", "target": "/here", "read_only": True, "bind": {}},
        {"type": "volume", "target": "/cache", "volume": {}},
    ]
    assert app["depends_on"] == {"db": {"condition": "service_started", "required": True}}
    assert side["depends_on"] == {"app": {"condition": "service_healthy", "required": True, "restart": True}}
    assert (side["network_mode"], side["profiles"], "networks" in side) == ("service:app", ["more"], False)
    assert app["stop_grace_period"] == "1m30s"
    assert app["deploy"]["replicas"] == 2
    update = {"monitor": "1m30s", "delay": "5s", "failure_action": "rollback", "parallelism": 1}
    assert app["deploy"]["update_config"] == update
    assert (app["pull_policy"], app["restart"], app["labels"]) == ("always", "on-failure:3", {"one": "1"})
    assert db["healthcheck"] == {
        "test": ["CMD-SHELL", "pg_isready"],
        "interval": "1m30s",
        "timeout": "500ms",
        "retries": 4,
        "start_period": "1h0m0s",
    }
    assert db["environment"] == {"I": "5", "F": "1.5", "T": "true", "N": None, "O": "off", "S": "x"}
    assert db["networks"] == {"back": None}
    assert config["services"]["built"]["build"]["context"] == f"{source.folder}/here"
    assert config["networks"] == {
        "back": {"name": "back", "ipam": {}, "external": True},
        "default": {"name": "contract_default", "ipam": {}},
    }
    assert config["volumes"] == {"data": {"name": "contract_data"}}
    assert config["configs"]["small"]["file"] == f"{source.folder}/small.conf"
    assert config["x-ws9tui"] == {"keep_generations": 3}


@of_files
@pytest.mark.parametrize(("text", "name"), [("name: $NAME\n", "fromenv"), ("", "my_project-1")])
async def test_a_project_that_is_not_named_names_itself(subject: Subject, text: str, name: str) -> None:
    source = subject.project(text + "services: {app: {image: HOST/app:1.0}}", name="My_Project-1", env="NAME=fromenv\n")
    source = msgspec.structs.replace(source, name="")
    assert (await subject.compose.config(source))["name"] == name
    await subject.local("app:1.0")
    await subject.compose.up(source, ["app"])
    await subject.compose.restart(source, ["app"])
    assert [one.name for one in await subject.engine.containers(name)] == [f"{name}-app-1"]


@of_files
async def test_env_files_are_named_where_they_are_not_resolved(subject: Subject) -> None:
    source = subject.project(RICH, RESOLVED.replace("SIDE", ""), env=ENV, extra="E=1\n")
    config = await subject.compose.config(source, resolve_env_files=False)
    assert set(config["services"]) == {"app", "db", "built"}
    assert config["services"]["app"]["env_file"] == [{"path": f"{source.folder}/.extra"}]
    assert "E" not in config["services"]["app"]["environment"]


@of_files
async def test_variables_are_filled_as_the_project_would_have_them(subject: Subject) -> None:
    source = subject.project("services: {app: {image: a}}", env="A=1\nB=\"$A-$C\"\nQ='$A'\nE=\n")
    source = msgspec.structs.replace(source, environment={"C": "3"})
    texts = ["$A ${B} $Q", "${E:-x}${E-y}${NO-z}${A:+set}", "$$A ${NO:-${A}}", "plain"]
    assert await subject.compose.interpolate(source, texts) == ["1 1-3 $A", "xzset", "$A 1", "plain"]
    (Path(source.folder) / "other.env").write_text("A=2\n")
    source = msgspec.structs.replace(source, env_files=(f"{source.folder}/other.env",))
    assert await subject.compose.interpolate(source, ["$A${E:-x}"]) == ["2x"]


@of_files
async def test_variables_that_nothing_sets_are_named(subject: Subject) -> None:
    text = "services: {app: {image: 'a:$TAG', command: '$$NO ${ONE:-1} ${TWO} ${SET}', environment: {SHELL: null}}}"
    source = subject.project(text, env="SET=\n")
    config, undefined = await subject.compose.resolved(source)
    assert config == await subject.compose.config(source)
    assert sorted(undefined) == ["TAG", "TWO"]


@of_files
@pytest.mark.parametrize(
    "text",
    [
        "services: [",
        "services: {app: {restart: always}}",
        "services: {app: {image: a, depends_on: {nobody: {condition: service_started}}}}",
        "services: {app: {image: a, env_file: [{path: .nothing}]}}",
    ],
)
async def test_files_that_make_no_project_are_refused(subject: Subject, text: str) -> None:
    source = subject.project(text)
    with pytest.raises(ComposeError) as refused:
        await subject.compose.config(source)
    assert refused.value.problem.code == "compose-file-invalid"


@of_files
async def test_a_required_variable_is_named(subject: Subject) -> None:
    with pytest.raises(ComposeError) as refused:
        await subject.compose.config(subject.project("services: {app: {image: 'a:${V:?say which}'}}"))
    assert refused.value.problem.code == "compose-variable-required"
    assert refused.value.problem.facts == {"variable": "V", "reason": "say which"}


async def test_a_hash_changes_with_what_makes_a_container(subject: Subject) -> None:
    source = subject.project(
        "services: {app: {image: 'a:1', environment: {A: '1'}, depends_on: {b: {condition: service_started}}}, "
        "b: {image: b}}"
    )
    first = await subject.compose.hashes(source)
    assert {len(one) for one in first.values()} == {64}
    for old, new, changed in (
        ("a:1", "a:2", True),
        ("A: '1'", "A: '2'", True),
        ("image: b", "image: b, x-note: x", False),
        ("image: b", "image: b, deploy: {replicas: 1}", True),
        ("replicas: 1", "replicas: 3", False),
        ("image: b", "image: b, pull_policy: always", False),
    ):
        before = await subject.compose.hashes(source)
        replace(source, old, new)
        assert ((await subject.compose.hashes(source)) != before) == changed, new


async def test_up_recreates_only_what_has_changed(subject: Subject) -> None:
    source = await stack(subject)
    before = await subject.services()
    await subject.compose.up(source, ALL)
    assert {name: one.id for name, one in (await subject.services()).items()} == {
        name: one.id for name, one in before.items()
    }
    new = await subject.local("other:1.0", "1.1")
    said: list[tuple[str, str]] = []
    await subject.compose.up(source, ["other", "app"], report=lambda *what: said.append(what))
    after = await subject.services()
    assert len(await subject.engine.containers("contract")) == len(ALL)
    assert after["other"].name == "contract_other"
    assert after["other"].image_id == new.id
    assert after["other"].image_label == (new.manifest or new.id)
    assert after["other"].replaces == "contract_other"  # the label stays on what was once the twin
    assert (after["app"].id, after["side"].id) == (before["app"].id, before["side"].id)
    own = [text for name, text in said if name in ("contract_other", "contract-other-1")]
    assert own == ["Recreate", "Recreated", "Starting", "Started"]
    assert ("contract-app-1", "Running") in said


async def test_up_can_keep_what_there_is_and_only_start_it(subject: Subject) -> None:
    source = await stack(subject)
    before = await subject.services()
    await subject.engine.stop(before["app"].id)
    replace(source, "blue", "red")
    await subject.compose.up(source, ["app"], keep=True)
    after = await subject.services()
    assert after["app"].id == before["app"].id
    assert after["app"].running


async def test_a_follower_is_recreated_with_its_leader(subject: Subject) -> None:
    source = await stack(subject)
    before = await subject.services()
    replace(source, "blue", "red")
    await subject.compose.up(source, ["app"])
    assert (await subject.services())["side"].id == before["side"].id
    await subject.compose.up(source, ["app", "side"])
    after = await subject.services()
    assert after["app"].replaces == "app-1"
    assert after["side"].id != before["side"].id
    assert after["side"].network_mode == f"container:{after['app'].id}"
    hashes = await subject.compose.hashes(source)
    assert after["app"].config_hash == hashes["app"]
    # Compose hashes a follower with its leader's ID, so its label never equals what `config --hash` says.
    assert after["side"].config_hash != hashes["side"]


async def test_a_stopped_service_can_be_updated_and_stay_stopped(subject: Subject) -> None:
    source = await stack(subject)
    before = await subject.services()
    await subject.engine.stop(before["other"].id)
    await subject.compose.up(source, ["other"], start=False)
    same = (await subject.services())["other"]
    assert (same.id, same.state) == (before["other"].id, "exited")
    await subject.local("other:1.0", "1.1")
    await subject.compose.up(source, ["other"], start=False)
    made = (await subject.services())["other"]
    assert (made.state, made.started_at) == ("created", "")
    assert made.id != before["other"].id
    await subject.compose.up(source, ["other"])
    started = (await subject.services())["other"]
    assert (started.id, started.state) == (made.id, "running")


@pytest.mark.parametrize("way", ["back", "forward"])
async def test_compose_gets_on_with_what_a_kill_has_left(subject: Subject, way: str) -> None:
    await subject.local("app:1.0", does="stops slowly")
    source = subject.project(STACK.replace("{COLOUR: blue}", "{COLOUR: blue}\n    stop_grace_period: 2s"))
    await subject.compose.up(source, ["app"])
    [old] = await subject.engine.containers("contract")
    replace(source, "blue", "red")
    killed = asyncio.create_task(subject.compose.up(source, ["app"]))

    async def has_twin() -> bool:
        return len(await subject.engine.containers("contract")) > 1

    await subject.until(has_twin, "a twin is made")
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    twin, left = sorted(await subject.engine.containers("contract"), key=lambda one: one.id == old.id)
    assert (twin.name, twin.replaces, twin.state) == (f"{old.id[:12]}_contract-app-1", "app-1", "created")
    assert left.id == old.id
    if way == "back":
        replace(source, "red", "blue")
    await subject.compose.up(source, ["app"])
    [app] = await subject.engine.containers("contract")
    # On the way forward Compose takes the twin for up to date, and leaves its half-made name as it is.
    kept = left if way == "back" else twin
    assert (app.id, app.name, app.state) == (kept.id, kept.name, "running")


async def test_a_restart_keeps_the_container(subject: Subject) -> None:
    source = await stack(subject)
    before = (await subject.services())["other"]
    await subject.compose.restart(source, ["other"])
    after = (await subject.services())["other"]
    assert (after.id, after.state, after.restart_count) == (before.id, "running", 0)
    assert after.started_at > before.started_at


async def test_nothing_named_is_nothing_done(subject: Subject) -> None:
    source = subject.project(STACK)
    await subject.compose.up(source, [])
    await subject.compose.restart(source, [])
    assert await subject.engine.containers() == []


async def test_scaling_makes_and_removes_containers(subject: Subject) -> None:
    await subject.local("app:1.0")
    source = subject.project("services: {app: {image: HOST/app:1.0}}")
    for count in (1, 3, 2):
        await subject.compose.up(source, ["app"], scale={"app": count})
        found = await subject.engine.containers("contract")
        assert sorted(one.name for one in found) == [f"contract-app-{n}" for n in range(1, count + 1)]


async def test_an_anonymous_volume_survives_a_recreate(subject: Subject) -> None:
    await subject.local("app:1.0", volume="/cache")
    source = subject.project(STACK.replace("HOST/other", "HOST/app"))
    await subject.compose.up(source, ["app"])
    before = (await subject.services())["app"]
    replace(source, "blue", "red")
    await subject.compose.up(source, ["app"])
    after = (await subject.services())["app"]
    assert after.id != before.id
    assert after.mounts == before.mounts


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        ("lost", "No such image: HOST/lost:1.0"),
        ("nobody", "no such service: nobody"),
        ("outside", "network outside declared as external, but could not be found"),
        ("twice", "is already in use by container"),
    ],
)
async def test_what_cannot_be_made_fails_with_its_reason(subject: Subject, service: str, reason: str) -> None:
    await subject.local("app:1.0")
    source = subject.project(
        "services: {lost: {image: HOST/lost:1.0}, outside: {image: HOST/app:1.0, networks: {outside: null}}, "
        "twice: {image: HOST/app:1.0, container_name: one-name}}\n"
        "networks: {outside: {name: outside, external: true}}\n"
    )
    other = subject.project("services: {app: {image: HOST/app:1.0, container_name: one-name}}", name="other")
    await subject.compose.up(other, ["app"])
    with pytest.raises(ComposeError) as failed:
        await subject.compose.up(source, [service])
    assert (failed.value.problem.code, failed.value.problem.facts["command"]) == ("compose-failed", "up")
    assert reason.replace("HOST", subject.host) in failed.value.problem.facts["reason"]
    assert await subject.engine.containers("contract") == []


async def test_a_taken_port_leaves_the_container_created(subject: Subject) -> None:
    await subject.local("app:1.0")
    text = "services: {app: {image: HOST/app:1.0, ports: [{target: 80, published: '18432', protocol: tcp}]}}"
    await subject.compose.up(subject.project(text, name="other"), ["app"])
    source = subject.project(text)
    with pytest.raises(ComposeError) as taken:
        await subject.compose.up(source, ["app"])
    assert taken.value.problem.code == "compose-failed"
    # It is published for both address families, and an engine of today may refuse either first.
    refused = r"Bind for (0\.0\.0\.0|::):18432 failed: port is already allocated$"
    assert re.search(refused, taken.value.problem.facts["reason"])
    app = (await subject.services())["app"]
    assert (app.state, app.exit_code, app.started_at) == ("created", 128, "")
    assert "port is already allocated" in app.error
    await subject.engine.stop((await subject.services("other"))["app"].id)
    await subject.compose.up(source, ["app"])
    again = (await subject.services())["app"]
    assert (again.id, again.state, again.error) == (app.id, "running", "")


async def test_dependencies_among_the_services_are_waited_for(subject: Subject) -> None:
    await subject.local("app:1.0")
    await subject.local("db:1.0", does="gets well")
    await subject.local("job:1.0", does="finishes")
    source = subject.project(
        "services: {app: {image: HOST/app:1.0, depends_on: {db: {condition: service_healthy}, "
        "job: {condition: service_completed_successfully}}}, db: {image: HOST/db:1.0}, job: {image: HOST/job:1.0}}"
    )
    await subject.compose.up(source, ["app", "db", "job"])
    found = await subject.services()
    assert (found["db"].health, found["job"].state, found["app"].state) == ("healthy", "exited", "running")
    assert found["app"].started_at > found["job"].finished_at


@pytest.mark.parametrize(
    ("does", "condition", "reason"),
    [
        ("never well", "service_healthy", "dependency failed to start: container contract-db-1 is unhealthy"),
        (
            "idles",
            "service_healthy",
            "dependency failed to start: container contract-db-1 has no healthcheck configured",
        ),
        ("crashes", "service_completed_successfully", 'service "db" didn\'t complete successfully: exit 3'),
    ],
)
async def test_a_failed_dependency_leaves_dependents_created(
    subject: Subject, does: str, condition: str, reason: str
) -> None:
    await subject.local("app:1.0")
    await subject.local("db:1.0", does=does)
    waits = f"depends_on: {{db: {{condition: {condition}}}}}"
    source = subject.project(f"services: {{app: {{image: HOST/app:1.0, {waits}}}, db: {{image: HOST/db:1.0}}}}")
    with pytest.raises(ComposeError) as failed:
        await subject.compose.up(source, ["app", "db"])
    assert reason in failed.value.problem.facts["reason"]
    assert (await subject.services())["app"].state == "created"
    if does != "crashes":
        await subject.compose.up(source, ["app"])
        assert (await subject.services())["app"].state == "running"


async def test_a_dependent_that_asks_for_it_is_restarted(subject: Subject) -> None:
    await subject.local("app:1.0")
    source = subject.project(
        "services: {app: {image: HOST/app:1.0, environment: {COLOUR: blue}}, "
        "dep: {image: HOST/app:1.0, depends_on: {app: {condition: service_started, restart: true}}}}"
    )
    await subject.compose.up(source, ["app", "dep"])
    before = await subject.services()
    replace(source, "blue", "red")
    await subject.compose.up(source, ["app", "dep"])
    after = await subject.services()
    assert after["app"].id != before["app"].id
    assert after["dep"].id == before["dep"].id
    assert after["dep"].started_at > before["dep"].started_at
