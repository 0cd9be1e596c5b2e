"""What is known before a pull, on real engines and registries: sizes, changes, tags, ages, mirrors."""

from __future__ import annotations

import asyncio
import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from support import deployed, images, projects, tools
from support.cli import Cli
from support.deployed import NEW, OLD
from support.dockerd import Dockerd
from support.faults import Only
from support.images import ImageSpec
from support.registry import Registry
from ws9tui.adapters.registry.access import RegistryAccess
from ws9tui.adapters.registry.logins import Logins
from ws9tui.adapters.registry.places import RegistryConfig
from ws9tui.core.model.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.cli import Said
    from support.deployed import Deployed
    from support.faultproxy import FaultProxy

pytestmark = pytest.mark.engine


def described(said: Said) -> dict[str, dict[str, Any]]:
    return {event["service"]: event["offer"] for event in said.of("described")}


def test_what_is_told_before_the_pull_is_what_came(pair: Deployed) -> None:
    spec = ImageSpec(
        NEW,
        labels={"org.opencontainers.image.source": "https://example.com/app"},
        user="app",
        volumes=("/var/cache",),
        size_kb=300,
    )
    pushed = pair.offer(app=spec)
    said = pair.cli.start("update", *pair.wanted, "--plan", "--json").wait().ended("planned", 0)
    pair.assert_untouched()
    app = described(said)["app"]
    assert (app["digest"], app["manifest"], app["size"]) == (
        pushed["app"].digest,
        pushed["app"].manifest,
        pushed["app"].size,
    )
    assert 300 << 10 <= app["missing"] < app["size"]  # the base is here
    assert app["links"] == {"source": "https://example.com/app"}
    before = {problem["code"] for problem in app["changes"]}
    assert before >= {"user-changed", "volumes-changed"}
    done = pair.update().ended("kept", 0)
    pair.assert_new(pushed)
    after = {f["problem"]["code"] for event in done.of("version-checked") for f in event["findings"]}
    assert before <= after


async def test_a_description_is_what_another_program_reads(registry: Registry, tmp_path: Path) -> None:
    """skopeo reads the same from the same registry; nothing of it is ours."""
    images.push(registry, "app", "1.0", ImageSpec("1.0", labels={"a": "b"}, size_kb=40))

    async def asked() -> RegistryConfig:
        return RegistryConfig()

    found = await RegistryAccess(Logins({"DOCKER_CONFIG": str(tmp_path)}), asked).describe(
        Reference(f"{registry.host}/app:1.0"), f"linux/{images.NATIVE}"
    )
    command = [tools.program("skopeo"), "inspect", "--tls-verify=false", f"docker://{registry.host}/app:1.0"]
    said = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=True)
    told = json.loads(said.stdout)
    assert (told["Digest"], told["Labels"], told["Architecture"]) == (
        found.digest,
        found.image.labels,
        found.image.architecture,
    )
    assert told["Layers"] == [layer.digest for layer in found.layers]
    assert told["Created"] == found.image.created_at


def test_what_may_be_had_is_listed_for_people_and_for_scripts(pair: Deployed) -> None:
    for tag in ("1.0.1", "1.1.0", "2.0.0", "3.0.0-rc1", "latest"):
        images.push(pair.registry, "app", tag, ImageSpec(tag))
    said = pair.cli.json("update", "pair", "--list").ended("listed", 0)
    [app] = [event for event in said.of("tags-listed") if event["service"] == "app"]
    assert [one["tag"] for one in app["tags"]][:5] == ["1.1.0", "1.0.1", "2.0.0", "3.0.0-rc1", OLD]
    plain = pair.cli.run("update", "pair", "--list")
    assert plain.status == 0
    assert "major" in plain.out
    assert "to download" in plain.out
    assert "up to date" not in plain.out.partition("db:")[0]
    pair.assert_untouched()


def test_a_rule_goes_to_the_newest_tag_that_it_means(
    clean_engine: Dockerd, project_folder: Path, state_dir: Path
) -> None:
    with Registry(store=clean_engine.store) as own:  # no other test has pushed a tag there
        pair = deployed.deploy(clean_engine, own, project_folder, state_dir)
        for tag in ("1.0.1", "1.1.0", "2.0.0"):
            images.push(own, "app", tag, ImageSpec(tag))
        pair.cli.json("update", "pair", "app=latest-minor", "--monitor", "1s", "--yes").ended("kept", 0)
        assert "APP_VERSION=1.1.0" in pair.project.env_file.read_text()


def test_what_is_too_young_waits_and_is_named(pair: Deployed) -> None:
    pushed = pair.offer()
    said = pair.update("--minimum-age", "3d")
    assert said.status == 3
    assert "held" in said.message
    pair.assert_untouched()
    pair.update("--minimum-age", "0").ended("kept", 0)
    pair.assert_new(pushed)


@pytest.fixture
def mirror(clean_engine: Dockerd) -> Iterator[Registry]:
    with Registry(store=clean_engine.store) as other:
        yield other


@pytest.mark.sample(1, reason="one engine or the other has the mirror")
@pytest.mark.both_stores
def test_bytes_come_from_a_mirror_and_the_digest_from_the_registry(pair: Deployed, mirror: Registry) -> None:
    pushed = pair.offer()
    for name in ("db", "app"):
        copy = images.push(mirror, name, NEW, ImageSpec(NEW, labels={"service": name}))
        assert copy.digest == pushed[name].digest
    said = pair.update("--mirror", f"{pair.registry.host}={mirror.host}").ended("kept", 0)
    assert {event["mirror"] for event in said.of("reference-resolved")} == {mirror.host}
    assert all(mirror.host in event["digest"] for event in said.of("pull-started"))
    pair.assert_new(pushed)


def test_a_digest_that_a_mirror_alone_tells_must_be_agreed_to(
    clean_engine: Dockerd, mirror: Registry, project_folder: Path, state_dir: Path
) -> None:
    with Registry(store=clean_engine.store) as origin:
        pair = deployed.deploy(clean_engine, origin, project_folder, state_dir)
        pushed = pair.offer()
    for name in ("db", "app"):
        images.push(mirror, name, NEW, ImageSpec(NEW, labels={"service": name}))
    flags = ("--mirror", f"{origin.host}={mirror.host}")
    said = pair.update(*flags)
    assert said.status == 3
    assert "mirror" in said.message
    pair.assert_untouched()
    pair.update(*flags, "--trust-mirror").ended("kept", 0)
    pair.assert_new(pushed)


def test_a_registry_that_fails_harms_no_other(pair: Deployed, proxy: FaultProxy) -> None:
    pair.offer()
    text = pair.project.file.read_text()
    pair.project.file.write_text(text.replace(f"{pair.registry.host}/db:", f"{proxy.host}/db:"))
    proxy.error(503, "UNAVAILABLE", "out of order", only=Only(path="/db/"))
    said = pair.cli.json("update", "pair", "--list").ended("listed", 0)
    told = {event["service"]: event for event in said.of("tags-listed")}
    assert told["db"]["problem"]["code"] == "registry-server-error"
    assert told["app"]["problem"] is None
    assert NEW in {one["tag"] for one in told["app"]["tags"]}


def test_a_download_that_does_not_fit_is_refused_before_it_begins(
    registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    with Dockerd(store=registry.store, storage_size_mb=560) as small:
        pair = deployed.deploy(small, registry, project_folder, state_dir)
        pair.offer(app=ImageSpec(NEW, labels={"service": "app"}, size_kb=40 << 10))
        said = pair.update().ended("refused", 3)
        assert not said.of("pull-started")
        pair.assert_untouched()
        told = pair.cli.run("update", "pair", f"app={NEW}", "--plan")
        assert "needs about" in told.out + told.err


def test_pulls_that_a_registry_does_not_allow_any_more_are_not_begun(
    clean_engine: Dockerd, registry: Registry, proxy: FaultProxy, project_folder: Path, state_dir: Path
) -> None:
    pair = deployed.deploy(clean_engine, registry, project_folder, state_dir)
    text = pair.project.file.read_text()
    pair.project.file.write_text(text.replace(f"{registry.host}/app:", f"{proxy.host}/app:"))
    pushed = pair.offer()["app"]

    def left(pulls: int) -> None:
        proxy.clear()
        told = {
            "Docker-Content-Digest": pushed.digest,
            "RateLimit-Limit": "100;w=21600",
            "RateLimit-Remaining": f"{pulls};w=21600",
        }
        proxy.answer(200, b"", told, Only(method="HEAD", path=f"/app/manifests/{NEW}"))

    left(0)
    arguments = ("update", "pair", f"app={NEW}", "--monitor", "1s")
    said = pair.cli.json(*arguments).ended("refused", 3)
    assert said.finished["problem"]["code"] == "pulls-too-few"
    assert not said.of("pull-started")
    left(1)
    said = pair.cli.json(*arguments).ended("kept", 0)
    assert described(said)["app"]["limit"] == {"remaining": 1, "limit": 100, "seconds": 21600}
    assert described(said)["app"]["problem"]["code"] == "pulls-spared"


def test_of_a_tag_that_has_moved_twice_the_one_before_is_taken_once_it_is_old_enough(
    clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path
) -> None:
    first = images.push(registry, "app", "latest", ImageSpec("1.0"))
    project = projects.single(project_folder, first.reference)
    projects.up(clean_engine, project)
    cli = Cli(clean_engine, state_dir, project_folder)
    cli.json("update", "--list").ended("listed", 0)  # what runs was seen
    second = images.push(registry, "app", "latest", ImageSpec("2.0"))
    cli.json("update", "--list").ended("listed", 0)
    [book] = (state_dir / "seen").iterdir()
    noted = json.loads(book.read_text())
    for sighting in noted["sightings"]:  # all that was on those two days
        sighting["at"] = f"2026-01-0{1 if sighting['digest'] == first.digest else 2}T00:00:00.000Z"
    book.write_text(json.dumps(noted))
    images.push(registry, "app", "latest", ImageSpec("3.0"))
    said = cli.json("update", "--minimum-age", "3d", "--monitor", "1s").ended("kept", 0)
    [resolved] = said.of("reference-resolved")
    assert resolved["problem"]["code"] == "older-taken"
    [runs] = projects.containers(clean_engine, project.name).values()
    assert runs["Image"] == second.image_id
