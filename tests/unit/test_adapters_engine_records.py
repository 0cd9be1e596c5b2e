from __future__ import annotations

import json
import math
from typing import Any

import pytest

from ws9tui.adapters.engine import messages, records
from ws9tui.core.model.observed import Container, Healthcheck, Image, Mount, Network, PullEvent, SentSignals
from ws9tui.core.model.offered import Manifest
from ws9tui.core.model.reference import Reference

SECOND = 1_000_000_000
NEVER = "0001-01-01T00:00:00Z"
RANDOM_NAME = "0f" * 32


def container(**parts: object) -> Container:
    return records.container({"Id": "c1", "Name": "/web-app-1", "Image": "sha256:1", **parts})


def test_an_engine_that_leaves_everything_out_crashes_nothing() -> None:
    assert records.container({}).state == "created"
    assert records.image({}) == Image(id="")
    assert records.listed_image({}) == Image(id="")
    assert records.network({}) == Network(id="", name="")
    assert records.manifest({}) == Manifest(digest="")
    assert records.engine_info({}, {}, "unix:///s").local
    assert records.changed_files(None) == []


@pytest.mark.parametrize("nothing", [None, {}, {"State": None, "Config": None, "HostConfig": None, "Mounts": None}])
def test_null_is_as_good_as_absent(nothing: dict[str, Any] | None) -> None:
    assert container(**(nothing or {})).restart_policy == "no"


def test_compose_labels_are_read() -> None:
    labels = {
        "com.docker.compose.project": "web",
        "com.docker.compose.service": "app",
        "com.docker.compose.container-number": "2",
        "com.docker.compose.oneoff": "True",
        "com.docker.compose.config-hash": "abc",
        "com.docker.compose.version": "v2.26.1",
        "com.docker.compose.image": "sha256:1",
        "com.docker.compose.replace": "web-app-1",
        "com.docker.compose.project.working_dir": "/srv/web",
        "com.docker.compose.project.config_files": "/srv/web/a.yml,/srv/web/b.yml",
        "com.docker.compose.project.environment_file": "/srv/web/.env",
    }
    found = container(Config={"Labels": labels, "Image": "app:1"})
    assert (found.project, found.service, found.number, found.oneoff) == ("web", "app", 2, True)
    assert (found.config_hash, found.compose_version, found.image_label) == ("abc", "2.26.1", "sha256:1")
    assert (found.replaces, found.working_dir) == ("web-app-1", "/srv/web")
    assert found.config_files == ("/srv/web/a.yml", "/srv/web/b.yml")
    assert found.environment_files == ("/srv/web/.env",)
    assert (found.name, found.image) == ("web-app-1", "app:1")


def event(action: str, container_id: str, at: float, **attributes: str) -> str:
    actor = {"ID": container_id, "Attributes": attributes}
    return json.dumps({"Type": "container", "Action": action, "Actor": actor, "timeNano": int(at * SECOND)})


def test_what_is_stopped_was_sent_a_signal_that_it_has_not_ended_by() -> None:
    lines = [
        event("kill", "ended", 1, signal="15"),
        event("kill", "again", 1, signal="15"),
        event("kill", "going", 1, signal="1"),
        event("die", "ended", 2),
        event("start", "again", 3),
        event("kill", "going", 4, signal="SIGQUIT"),
        json.dumps({"Type": "image", "Action": "tag"}),
    ]
    assert records.signals(lines, 9.0) == SentSignals({"going": frozenset({1, 3})})
    assert records.signals([], 9.0) == SentSignals({})


def test_an_engine_remembers_only_so_many_events() -> None:
    lines = [event("exec_start", "c1", at) for at in range(100, 356)]
    assert records.signals(lines, 400.0).seconds == 300.0
    assert records.signals(lines[1:], 400.0).seconds == math.inf


@pytest.mark.parametrize(
    ("written", "number"), [(None, 15), ("", 15), ("SIGQUIT", 3), ("QUIT", 3), ("37", 37), ("RTMIN+3", 15)]
)
def test_the_stop_signal(written: str | None, number: int) -> None:
    assert container(Config={"StopSignal": written}).stop_signal == number


@pytest.mark.parametrize(("written", "seconds"), [(None, 10.0), (0, 0.0), (1020, 1020.0)])
def test_the_grace_period(written: int | None, seconds: float) -> None:
    assert container(Config={"StopTimeout": written}).grace == seconds


def test_a_number_that_is_none_is_one() -> None:
    assert container(Config={"Labels": {"com.docker.compose.container-number": "x"}}).number == 1


def test_state_and_health() -> None:
    state = {
        "Status": "exited",
        "ExitCode": 137,
        "Error": "no such file",
        "StartedAt": "2024-01-02T00:00:00.5Z",
        "FinishedAt": NEVER,
        "Health": {"Status": "unhealthy", "Log": [{"Output": "first"}, {"Output": "last"}]},
    }
    found = container(State=state, RestartCount=3, Created="2024-01-01T00:00:00Z")
    assert (found.state, found.exit_code, found.error, found.restart_count) == ("exited", 137, "no such file", 3)
    assert (found.created_at, found.started_at, found.finished_at) == (
        "2024-01-01T00:00:00Z",
        "2024-01-02T00:00:00.5Z",
        "",
    )
    assert (found.health, found.health_output) == ("unhealthy", "last")
    assert container(State={"Health": {"Status": "none"}}).health == ""
    assert container(State={"Health": {"Status": "starting", "Log": None}}).health_output == ""


def test_what_a_health_check_says_is_short_and_tells_no_variable() -> None:
    env = ["DB_PASSWORD=correct-horse", "TOKEN=correct-horse-battery", "PORT=8080808", "SHORT=abc", "NOTHING"]
    output = "no login at db:8080808 with correct-horse-battery, nor correct-horse; abc\n" + "x" * 5000
    state = {"Status": "running", "Health": {"Status": "unhealthy", "Log": [{"Output": output}]}}
    found = container(State=state, Config={"Env": env}).health_output
    assert found.startswith("no login at db:8080808 with •••, nor •••; abc\n")
    assert len(found) == 500
    assert container(State=state, Config={"Env": None}).health_output.startswith("no login")


def test_a_healthcheck_has_the_engines_defaults() -> None:
    check = {"Test": ["CMD", "true"], "Interval": 2 * SECOND, "Timeout": SECOND // 2, "Retries": 5, "StartPeriod": 0}
    assert container(Config={"Healthcheck": check}).healthcheck == Healthcheck(2, 0.5, 5, 0)
    assert container(Config={"Healthcheck": {"Test": ["CMD", "true"]}}).healthcheck == Healthcheck()
    assert container(Config={"Healthcheck": {"Test": ["NONE"]}}).healthcheck is None
    assert container(Config={"Healthcheck": {"Test": []}}).healthcheck is None


def test_mounts_tell_volumes_that_nobody_named() -> None:
    mounts = [
        {"Type": "volume", "Name": "data", "Source": "/var/lib/docker/volumes/data/_data", "Destination": "/data"},
        {"Type": "volume", "Name": RANDOM_NAME, "Destination": "/cache"},
        {"Type": "bind", "Source": "/srv/conf", "Destination": "/conf"},
        {"Type": "tmpfs", "Destination": "/tmp"},
    ]
    assert container(Mounts=mounts).mounts == (
        Mount("volume", RANDOM_NAME, "/cache", anonymous=True),
        Mount("bind", "/srv/conf", "/conf"),
        Mount("volume", "data", "/data"),
        Mount("tmpfs", "", "/tmp"),
    )


def test_ports_are_those_that_can_be_taken() -> None:
    bindings = {
        "80/tcp": [{"HostIp": "", "HostPort": "8080"}, {"HostIp": "::1", "HostPort": "8080"}],
        "53/udp": [{"HostIp": "127.0.0.1", "HostPort": "5353"}],
        "81/tcp": [{"HostIp": "", "HostPort": ""}, {"HostPort": "0"}],
        "82/tcp": None,
    }
    found = container(HostConfig={"PortBindings": bindings}).ports
    assert found == ("127.0.0.1:5353/udp", "0.0.0.0:8080/tcp", "[::1]:8080/tcp")


def test_an_image_is_read() -> None:
    config = {
        "Labels": {"a": "b"},
        "User": "app",
        "Entrypoint": "/init",
        "Cmd": ["serve"],
        "Volumes": {"/b": {}, "/a": {}},
        "ExposedPorts": {"80/tcp": {}},
        "Healthcheck": {"Test": ["CMD", "true"]},
    }
    details = {
        "Id": "sha256:1",
        "RepoTags": ["app:1", "<none>:<none>"],
        "RepoDigests": ["<none>@<none>", "app@sha256:2"],
        "Architecture": "arm",
        "Variant": "v7",
        "Size": 7,
        "Created": NEVER,
        "Config": config,
    }
    assert records.image(details) == Image(
        id="sha256:1",
        tags=(Reference("app:1"),),
        digests=(Reference("app@sha256:2"),),
        labels={"a": "b"},
        architecture="arm",
        variant="v7",
        size=7,
        user="app",
        entrypoint=("/init",),
        command=("serve",),
        volumes=("/a", "/b"),
        exposed_ports=("80/tcp",),
        has_healthcheck=True,
    )


def test_platforms_are_named_once_and_attestations_are_none() -> None:
    platforms = [
        {"os": "linux", "architecture": "amd64"},
        {"os": "linux", "architecture": "arm", "variant": "v7"},
        {"os": "unknown", "architecture": "unknown"},
        {"os": "linux", "architecture": "amd64"},
    ]
    answer = {"Descriptor": {"digest": "sha256:1"}, "Platforms": platforms}
    assert records.manifest(answer) == Manifest("sha256:1", ("linux/amd64", "linux/arm/v7"))


@pytest.mark.parametrize(
    ("status", "containerd"),
    [
        ([["Backing Filesystem", "extfs"], ["Supports d_type", "true"]], False),
        ([["driver-type", "io.containerd.snapshotter.v1"]], True),
    ],
)
def test_the_image_store_is_recognised(status: list[list[str]], containerd: bool) -> None:
    info = records.engine_info({"DriverStatus": status, "Architecture": "x86_64"}, {"Arch": "amd64"}, "tcp://h:1")
    assert info.containerd_store is containerd
    assert info.architecture == "amd64"
    assert not info.local


def test_changed_files_are_files() -> None:
    changes = [
        {"Path": "/etc", "Kind": 0},
        {"Path": "/etc/passwd", "Kind": 0},
        {"Path": "/data", "Kind": 1},
        {"Path": "/data/new", "Kind": 1},
        {"Path": "/var", "Kind": 0},
        {"Path": "/var/gone", "Kind": 2},
        {"Path": "/empty", "Kind": 1},
    ]
    assert records.changed_files(changes) == ["/data/new", "/empty", "/etc/passwd"]


@pytest.mark.parametrize(
    ("line", "event"),
    [
        (
            b'{"status":"Downloading","progressDetail":{"current":1,"total":2},"id":"a1"}\r\n',
            PullEvent("Downloading", "a1", 1, 2),
        ),
        (b'{"status":"Pull complete","progressDetail":{},"id":"a1"}', PullEvent("Pull complete", "a1")),
        (b'{"status":"Extracting","progressDetail":null,"id":"a1"}', PullEvent("Extracting", "a1")),
        (b'{"errorDetail":{"message":"no"},"error":"no"}', PullEvent(error="no")),
        (b'{"errorDetail":{"message":"new"}}', PullEvent(error="new")),
        (b"\r\n", PullEvent()),
        (b"[1]", PullEvent()),
        (b"\xff{", PullEvent()),
    ],
)
def test_lines_of_a_pull(line: bytes, event: PullEvent) -> None:
    assert messages.pull_event(line) == event


@pytest.mark.parametrize(
    ("body", "said"),
    [('{"message":"no"}', "no"), ("plain\n", "plain"), ("{}", "{}"), ("[]", "[]"), ("", "")],
)
def test_the_message_of_an_error(body: str, said: str) -> None:
    assert messages.message(body) == said


def test_the_containerd_store_names_one_repository_of_several() -> None:
    """As Docker 28.5 answers: what was pulled by its digest is a tag too, and a keep tag hides the repository."""
    own = "sha256:" + "1" * 64
    for read in (records.image, records.listed_image):
        found = read(
            {
                "Id": own,
                "RepoTags": ["r.test:5000/app:1.0", f"r.test:5000/app@{own}", "ws9tui.keep/p:1-app"],
                "RepoDigests": [f"ws9tui.keep/p@{own}"],
            }
        )
        assert found.tags == ("r.test:5000/app:1.0", "ws9tui.keep/p:1-app")
        assert found.digests == (f"r.test:5000/app@{own}",)
    classic = records.image({"Id": "sha256:2", "RepoTags": ["app:1.0"], "RepoDigests": [f"app@{own}"]})
    assert classic.digests == (f"app@{own}",), "where the ID is another, a digest is known only as it is told"


INDEX, MANIFEST, OTHER = ("sha256:" + letter * 64 for letter in "abc")


def test_an_index_and_what_runs_of_it() -> None:
    """As Docker 28.5 answers with the containerd store, for an image that was attested and built for two platforms."""
    platforms = {MANIFEST: ("amd64", True), OTHER: ("arm64", False)}
    details = {
        "Id": INDEX,
        "RepoTags": [],
        "RepoDigests": [],
        "Os": "linux",
        "Architecture": "amd64",
        "Descriptor": {"digest": INDEX},
        "Manifests": [
            {
                "ID": digest,
                "Kind": "image",
                "Available": there,
                "ImageData": {"Platform": {"os": "linux", "architecture": architecture}},
            }
            for digest, (architecture, there) in platforms.items()
        ]
        + [{"ID": "sha256:9", "Kind": "attestation", "Available": True}],
    }
    found = records.image(details)
    assert (found.digest, found.manifest, found.digests) == (INDEX, MANIFEST, ())
    made = {"Image": INDEX, "ImageManifestDescriptor": {"digest": MANIFEST}}
    assert records.container(made).manifest == MANIFEST
    assert records.container(made).runs(Image(OTHER, manifest=MANIFEST))
    assert records.listed_image({"Id": INDEX, "Descriptor": {"digest": INDEX}}).digest == INDEX
    lone = {**details, "Architecture": "riscv64"}
    assert records.image(lone).manifest == MANIFEST, "the only one that is here, for whichever platform"
    classic = records.container({"Image": "sha256:1"})
    assert classic.runs(Image("sha256:1"))
    assert not classic.runs(Image("sha256:2"))
