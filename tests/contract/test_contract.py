"""The contract of the engine: images and containers behave in the simulation as they do on a real one."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import contract_subjects
import pytest
from contract_subjects import CHECK, NOBODY, Subject

from support import images
from support.told import words
from ws9tui.core.model.definitions import NetworkDefinition, Pool, VolumeDefinition
from ws9tui.core.model.observed import KEEP_REPOSITORY
from ws9tui.core.model.reference import Reference
from ws9tui.errors import EngineError, Refused, RegistryError
from ws9tui.problems.problem import read

subject = contract_subjects.each_subject
pytestmark = pytest.mark.both_stores

KEEP = f"{KEEP_REPOSITORY}/contract:1"
ONE = "services: {app: {image: HOST/app:1.0, restart: %s}}\n"


async def test_a_tag_is_resolved_without_a_pull(subject: Subject) -> None:
    pinned = subject.publish("app:1.0", "1.0")
    found = await subject.engine.resolve(f"{subject.host}/app:1.0")
    assert f"{subject.host}/app@{found.digest}" == pinned
    assert found.platforms == (f"linux/{images.NATIVE}", f"linux/{images.FOREIGN}")
    assert await subject.engine.resolve(pinned) == found
    subject.publish("app:latest", "2.0")
    assert await subject.engine.resolve(f"{subject.host}/app") != found
    assert await subject.engine.images() == []


async def test_a_repository_s_tags_are_listed(subject: Subject) -> None:
    for tag in ("1.0", "1.1", "latest"):
        subject.publish(f"app:{tag}", tag)
    registries = subject.engine.registries
    found = await registries.tags(f"{subject.host}/app:1.0")
    assert set(found.names) >= {"1.0", "1.1", "latest"}
    assert (found.complete, found.mirror) == (True, "")
    assert await registries.tags(f"{subject.host}/app") == found
    with pytest.raises(RegistryError) as unknown:
        await registries.tags(f"{subject.host}/no-such-repository:1.0")
    assert (unknown.value.problem.code, unknown.value.transient) == ("repository-unknown", False)
    with pytest.raises(RegistryError) as away:
        await registries.tags(NOBODY)
    assert (away.value.problem.code, away.value.transient) == ("registry-unreachable", True)
    assert await registries.logins([subject.host]) == []
    told = parsedate_to_datetime(await registries.date(subject.host)).timestamp()
    assert abs(told - time.time()) < 60


async def test_an_image_is_described_without_a_pull(subject: Subject) -> None:
    pinned = subject.publish("app:1.0", "1.0")
    registries, reference = subject.engine.registries, Reference(f"{subject.host}/app:1.0")
    found = await registries.describe(reference, f"linux/{images.NATIVE}")
    assert Reference(pinned).digest == found.digest == (await registries.heading(reference)).digest
    assert found.image.labels[images.VERSION_LABEL] == "1.0"
    assert await subject.engine.images() == []
    await subject.pull(pinned)
    here = await subject.engine.image(pinned)
    assert here is not None
    names = {here.id, here.manifest, here.digest, *(entry.digest for entry in here.digests)}
    assert names & {found.digest, found.manifest, found.image.id}, (
        "it is that image by a name that the store has for it"
    )
    assert found.image.layers == here.layers
    assert found.image.entrypoint == here.entrypoint
    assert found.missing([here]) == 0 < found.size == found.missing([])
    with pytest.raises(RegistryError) as foreign:
        await registries.describe(reference, "linux/s390x")
    assert foreign.value.problem.code == "platform-missing"
    for ask in (registries.heading, lambda wanted: registries.describe(wanted, f"linux/{images.NATIVE}")):
        with pytest.raises(RegistryError) as unknown:
            await ask(Reference(f"{subject.host}/app:no-such-tag"))
        assert unknown.value.problem.code == "manifest-unknown"


async def test_the_images_of_an_index_are_told(subject: Subject) -> None:
    pinned = subject.publish("app:1.0", "1.0")
    found = await subject.engine.registries.members(pinned)
    assert {f"linux/{images.NATIVE}", f"linux/{images.FOREIGN}"} <= set(found.values())
    assert all(digest.startswith("sha256:") for digest in found)
    with pytest.raises(RegistryError) as unknown:
        await subject.engine.registries.members(pinned[:-4] + "0000")
    assert unknown.value.problem.code == "manifest-unknown"


async def test_a_url_that_answers_and_one_that_does_not(subject: Subject) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert words(await subject.engine.answers(f"http://127.0.0.1:{port}/", within=0.5)) == "no answer within 0.5 s"
    assert await subject.engine.answers(f"http://127.0.0.1:{port}/", within=5) == "Connection refused"


async def test_what_is_not_there_cannot_be_resolved_or_pulled(subject: Subject) -> None:
    pinned = subject.publish("app:1.0", "1.0")
    for reference in (f"{subject.host}/app:no-such-tag", pinned[:-4] + "0000"):
        with pytest.raises(RegistryError) as unresolved:
            await subject.engine.resolve(reference)
        with pytest.raises(RegistryError) as unpulled:
            await subject.pull(reference)
        for error in (unresolved.value, unpulled.value):
            assert (error.problem.code, error.transient) == ("manifest-unknown", False)
            assert error.problem.facts["reference"] == reference
            assert error.problem.facts["registry"] == subject.host


async def test_a_registry_that_is_away_may_come_back(subject: Subject) -> None:
    with pytest.raises(RegistryError) as away:
        await subject.engine.resolve(NOBODY)
    assert (away.value.problem.code, away.value.transient) == ("registry-unreachable", True)
    assert away.value.problem.facts["registry"] == NOBODY.partition("/")[0]


async def test_a_pull_by_digest_leaves_no_tag(subject: Subject) -> None:
    old = await subject.local("app:1.0")
    pinned = subject.publish("app:1.0", "1.1", size_kb=300)
    said = await subject.pull(pinned)
    new = await subject.engine.image(pinned)
    assert new
    assert (new.tags, new.digests) == ((), (pinned,))
    assert new.id != old.id
    assert (await subject.engine.image(f"{subject.host}/app:1.0")) == old
    statuses = [event.status for event in said]
    assert statuses[0] == "Pulling from app"
    known = set() if subject.today else {"Already exists"}
    assert known | {"Pulling fs layer", "Download complete", "Pull complete"} <= set(statuses)
    assert said[0].layer == pinned
    assert statuses[-2] == f"Digest: {pinned.partition('@')[2]}"
    assert statuses[-1] == f"Status: Downloaded newer image for {pinned}"
    downloads = [event for event in said if event.status == "Downloading" and event.total]
    assert all(0 < event.current <= event.total for event in downloads)
    assert (await subject.pull(pinned))[-1].status == f"Status: Image is up to date for {pinned}"


async def test_an_archive_is_loaded_under_the_tags_that_it_has(subject: Subject) -> None:
    before = subject.disk_usage()
    archive = subject.saved("app:1.0", "1.0")
    pieces = [archive[start : start + 5000] for start in range(0, len(archive), 5000)]
    for _ in range(2):
        said = [event async for event in subject.engine.load(pieces)]
        assert not any(event.error for event in said)
        [listed] = await subject.engine.images()
        assert listed.tags == (f"{subject.host}/app:1.0",)
    image = await subject.engine.image(listed.tags[0])
    assert image
    assert image.labels["org.opencontainers.image.version"] == "1.0"
    assert (image.os, image.architecture) == ("linux", images.NATIVE)
    await subject.engine.untag(listed.tags[0])
    assert await subject.engine.images() == []
    assert subject.disk_usage() == before


async def test_an_image_that_is_saved_by_its_id_comes_back_as_what_it_was(subject: Subject) -> None:
    [_ async for _ in subject.engine.load([subject.saved("app:1.0", "1.0")])]
    [listed] = await subject.engine.images()
    saved = [piece async for piece in subject.engine.save([listed.id])]
    await subject.engine.untag(listed.tags[0])
    assert await subject.engine.image(listed.id) is None
    [_ async for _ in subject.engine.load(saved)]
    image = await subject.engine.image(listed.id)
    assert image
    assert image.labels["org.opencontainers.image.version"] == "1.0"
    with pytest.raises(EngineError) as error:
        [_ async for _ in subject.engine.save(["sha256:" + "0" * 64])]
    assert error.value.problem.code == "engine-error"
    for name in (*image.tags, image.id):
        await subject.engine.untag(name)


async def test_of_an_archive_that_ends_early_nothing_is_kept(subject: Subject) -> None:
    before = subject.disk_usage()
    archive = subject.saved("app:1.0", "1.0")

    def damaged() -> Iterator[bytes]:
        yield archive[: len(archive) // 2]
        raise Refused(read("archive-damaged", {"path": "saved.tar"}))

    with pytest.raises(Refused):
        [event async for event in subject.engine.load(damaged())]
    for wrong in ([archive[:1000]], [b"x" * 2000]):
        with pytest.raises(EngineError) as error:
            [event async for event in subject.engine.load(wrong)]
        assert error.value.problem.code == "load-failed"
    assert await subject.engine.images() == []
    assert subject.disk_usage() == before


async def test_an_image_is_found_by_all_its_names(subject: Subject) -> None:
    image = await subject.local("app:1.0")
    for reference in (image.id, f"{subject.host}/app:1.0", image.digests[0]):
        assert await subject.engine.image(reference) == await subject.engine.image(image.id)
    assert await subject.engine.image(f"{subject.host}/app:2.0") is None
    assert image.labels["org.opencontainers.image.version"] == "1.0"
    assert (image.os, image.architecture) == ("linux", images.NATIVE)
    [listed] = await subject.engine.images()
    assert (listed.id, listed.tags, listed.digests) == (image.id, (f"{subject.host}/app:1.0",), image.digests)
    assert image.size > 0
    assert listed.size > image.size if subject.today else listed.size == image.size  # what it takes, or how long it is


async def test_images_of_a_repository_are_listed_alone(subject: Subject) -> None:
    image, other = await subject.local("app:1.0"), await subject.local("other:1.0")
    await subject.engine.tag(image.id, "ws9tui.load/shop:1-2")
    await subject.engine.tag(other.id, "ws9tui.load/shopping:1-2")
    (found,) = await subject.engine.images("ws9tui.load/shop")
    assert found.id == image.id
    assert "ws9tui.load/shop:1-2" in found.tags
    assert await subject.engine.images("ws9tui.load/sho") == []
    assert {one.id for one in await subject.engine.images()} == {image.id, other.id}


async def test_a_tag_moves(subject: Subject) -> None:
    old = await subject.local("app:1.0", "1.0")
    new = await subject.local("app:1.0", "1.1")
    after = await subject.engine.image(old.id)
    assert after
    assert after.tags == ()
    found = await subject.engine.image(f"{subject.host}/app:1.0")
    assert found
    assert found.id == new.id
    with pytest.raises(EngineError):
        await subject.engine.tag("sha256:" + "0" * 64, "keep:1")


async def test_the_last_reference_takes_the_image_along(subject: Subject) -> None:
    image = await subject.local("app:1.0")
    tag = f"{subject.host}/app:1.0"
    await subject.engine.tag(image.id, f"{subject.host}/app:also")
    await subject.engine.tag(image.id, KEEP)
    await subject.engine.untag(tag)
    await subject.engine.untag(tag)
    kept = await subject.engine.image(image.id)
    assert kept
    assert sorted(kept.tags) == sorted((KEEP, f"{subject.host}/app:also"))
    assert kept.digests == image.digests
    await subject.engine.untag(f"{subject.host}/app:also")
    kept = await subject.engine.image(image.id)
    assert kept
    assert (kept.tags, kept.digests) == ((KEEP,), ())
    await subject.engine.untag(KEEP)
    assert await subject.engine.images() == []


async def test_a_digest_is_a_reference_too(subject: Subject) -> None:
    image = await subject.local("app:1.0")
    await subject.engine.untag(image.digests[0])
    tagged = await subject.engine.image(image.id)
    assert tagged
    assert tagged.tags == (f"{subject.host}/app:1.0",)
    assert tagged.digests == (image.digests if subject.today else ())  # there a tag alone tells the digest
    pinned = subject.publish("other:1.0", "1.0")
    await subject.pull(pinned)
    await subject.engine.untag(pinned)
    assert await subject.engine.image(pinned) is None


async def test_an_image_in_use_keeps_its_last_reference(subject: Subject) -> None:
    image = await subject.local("app:1.0")
    await subject.compose.up(subject.project(ONE % "always"), ["app"])
    await subject.engine.tag(image.id, KEEP)
    await subject.engine.untag(f"{subject.host}/app:1.0")
    kept = await subject.engine.image(image.id)
    assert kept
    assert (kept.tags, kept.digests) == ((KEEP,), ())
    await subject.engine.untag(KEEP)
    assert await subject.engine.image(KEEP)


async def test_the_disk_is_as_it_was_after_a_pull_was_undone(subject: Subject) -> None:
    await subject.local("app:1.0")
    before = subject.disk_usage()
    pinned = subject.publish("app:2.0", "2.0", size_kb=300)
    await subject.pull(pinned)
    assert subject.disk_usage() > before
    await subject.engine.untag(pinned)
    await subject.engine.collect_partial()
    assert subject.disk_usage() == before
    free = await subject.engine.disk_free()
    assert free
    assert free[0] > 0
    assert free[1] > 0


async def test_a_container_tells_what_compose_made(subject: Subject) -> None:
    image = await subject.local("app:1.0", does="serves", volume="/cache")
    source = subject.project(
        "services: {app: {image: HOST/app:1.0, restart: 'on-failure:3', "
        "ports: [{target: 8080, published: '18431', protocol: tcp, host_ip: 127.0.0.1}], "
        "volumes: [{type: volume, source: data, target: /data}, {type: bind, source: FOLDER/here, target: /here, "
        "bind: {create_host_path: true}}]}}\nvolumes: {data: {name: contract_data}}\n"
    )
    await subject.compose.up(source, ["app"])
    [found] = await subject.engine.containers("contract")
    assert await subject.engine.container(found.id) == found
    assert await subject.engine.container("0" * 64) is None
    assert (found.name, found.project, found.service) == ("contract-app-1", "contract", "app")
    assert (found.number, found.oneoff, found.replaces) == (1, False, "")
    assert (found.image_id, found.image) == (image.id, f"{subject.host}/app:1.0")
    assert found.image_label == (image.manifest or image.id)
    assert found.manifest == image.manifest
    assert bool(image.manifest) == subject.today
    assert found.config_hash == (await subject.compose.hashes(source))["app"]
    assert found.compose_version == await subject.compose.version()
    assert (found.working_dir, found.config_files) == (source.folder, source.files)
    assert found.environment_files == ()
    assert (found.state, found.restart_policy, found.restart_count) == ("running", "on-failure", 0)
    assert found.network_mode == "contract_default"
    assert found.healthcheck == CHECK
    assert found.ports == ("127.0.0.1:18431/tcp",)
    assert found.created_at < found.started_at
    assert found.finished_at == ""
    mounts = {mount.target: (mount.type, mount.name, mount.anonymous) for mount in found.mounts}
    anonymous = mounts.pop("/cache")
    assert mounts == {
        "/data": ("volume", "contract_data", False),
        "/here": ("bind", f"{source.folder}/here", False),
    }
    assert (anonymous[0], anonymous[2], len(anonymous[1])) == ("volume", True, 64)
    assert sorted(await subject.engine.volumes()) == sorted(("contract_data", anonymous[1]))
    [network] = [one for one in await subject.engine.networks() if one.project]
    assert (network.name, network.project) == ("contract_default", "contract")


async def test_a_one_shot_ends_well(subject: Subject) -> None:
    await subject.local("app:1.0", does="finishes")
    await subject.compose.up(subject.project(ONE % "'no'"), ["app"])
    ended = await subject.until_state("app", lambda app: app.state == "exited")
    assert (ended.exit_code, ended.restart_count, ended.restart_policy) == (0, 0, "no")
    assert ended.finished_at  # an engine may put the end of a short life before its start
    assert (await subject.engine.logs(ended.id)).endswith(b"done\n")


async def test_a_crash_loop_is_seen_by_its_restarts(subject: Subject) -> None:
    await subject.local("app:1.0", does="crashes")
    await subject.compose.up(subject.project(ONE % "always"), ["app"])
    once = await subject.until_state("app", lambda app: app.restart_count > 0)
    twice = await subject.until_state("app", lambda app: app.restart_count > once.restart_count + 1)
    assert twice.started_at > once.started_at
    waiting = await subject.until_state("app", lambda app: app.state == "restarting")
    assert waiting.exit_code == 3
    assert waiting.running
    assert (await subject.engine.logs(waiting.id)).count(b"fatal: giving up\n") > 1
    assert await subject.engine.logs(waiting.id, tail=1) == b"fatal: giving up\n"
    await subject.engine.stop(waiting.id)
    stopped = await subject.until_state("app", lambda app: app.state == "exited")
    assert not stopped.running


@pytest.mark.parametrize(
    ("does", "states"),
    [
        ("serves", ["starting", "healthy"]),
        ("gets well", ["starting", "healthy"]),
        ("never well", ["starting", "unhealthy"]),
        ("falls ill", ["healthy", "unhealthy"]),
        ("idles", [""]),
    ],
)
async def test_health_changes_with_time(subject: Subject, does: str, states: list[str]) -> None:
    await subject.local("app:1.0", does=does)
    await subject.compose.up(subject.project(ONE % "always"), ["app"])
    for health in states:
        app = await subject.until_state("app", lambda app, health=health: app.health == health)  # type: ignore[misc]
        assert app.state == "running"
    if does == "never well":
        assert app.health_output == "still waiting for the moon\n"
    if does != "idles":
        await subject.engine.stop(app.id)
        stopped = await subject.engine.container(app.id)
        assert stopped
        assert (stopped.state, stopped.health) == ("exited", "unhealthy")


async def test_a_stop_that_was_accepted_is_seen_until_it_has_ended(subject: Subject) -> None:
    await subject.local("app:1.0", does="stops slowly")
    text = "services: {app: {image: HOST/app:1.0, restart: always, stop_grace_period: 2s}}\n"
    await subject.compose.up(subject.project(text), ["app"])
    app = (await subject.services())["app"]
    assert (app.grace, app.stop_signal, [*app.networks]) == (2.0, 15, ["contract_default"])
    assert app.id not in (await subject.engine.signals()).sent
    stopping = asyncio.create_task(subject.engine.stop(app.id))

    async def told() -> bool:
        return app.stop_signal in (await subject.engine.signals()).sent.get(app.id, ())

    await subject.until(told, "the stop is seen")
    stopping.cancel()
    await subject.until_state("app", lambda app: app.state == "exited")
    assert app.id not in (await subject.engine.signals()).sent


async def test_what_was_stopped_is_started_again_as_the_same(subject: Subject) -> None:
    await subject.local("app:1.0")
    await subject.compose.up(subject.project(ONE % "always"), ["app"])
    before = (await subject.services())["app"]
    await subject.engine.start(before.id)  # it runs
    await subject.engine.stop(before.id)
    await subject.engine.start(before.id)
    app = await subject.until_state("app", lambda container: container.running)
    assert (app.id, app.restart_count) == (before.id, 0)
    assert (await subject.engine.definitions.container(app.id))["Id"] == app.id
    assert await subject.engine.definitions.container("0" * 64) == {}
    with pytest.raises(EngineError):
        await subject.engine.start("0" * 64)


async def test_volumes_and_networks_are_made_as_they_are_defined(subject: Subject) -> None:
    definitions = subject.engine.definitions
    volume = VolumeDefinition("of-the-contract", labels={"com.docker.compose.project": "contract"})
    pool = Pool("10.77.3.0/24", "10.77.3.1")
    network = NetworkDefinition("of-the-contract", labels={"owner": "contract"}, internal=True, pools=(pool,))
    try:
        assert await definitions.volume(volume.name) is None
        assert await definitions.network(network.name) is None
        for _ in range(2):  # a volume that is there is no error
            await definitions.make_volume(volume)
        await definitions.make_network(network)
        assert await definitions.volume(volume.name) == volume
        assert await definitions.network(network.name) == network
        assert volume.name in await subject.engine.volumes()
        [made] = [one for one in await subject.engine.networks() if one.name == network.name]
        assert made.ours
    finally:
        await subject.engine.remove_volume(volume.name)
        await subject.engine.remove_network(network.name)


async def test_a_stopped_container_stays_stopped_and_can_be_removed(subject: Subject) -> None:
    await subject.local("app:1.0")
    await subject.compose.up(subject.project(ONE % "always"), ["app"])
    app = (await subject.services())["app"]
    with pytest.raises(EngineError):
        await subject.engine.remove_container(app.id)
    assert (await subject.engine.execute(app.id, ["version"], within=20)) == (0, "1.0\n")
    assert (await subject.engine.execute(app.id, ["no-such-command"], within=20))[0] not in (0, None)
    assert await subject.engine.execute(app.id, ["sleep", "1000"], within=0.3) == (None, "")
    status, printed = await subject.engine.execute(app.id, ["yes"], within=20)
    assert (status, printed[:4]) == (None, "y\ny\n")
    assert await subject.engine.execute(app.id, ["version"], within=20, to_the_end=True) == (0, "1.0\n")
    status, printed = await subject.engine.execute(app.id, ["yes"], within=0.5, to_the_end=True)
    assert (status, printed[-2:]) == (None, "y\n")
    await subject.engine.stop(app.id)
    await subject.engine.stop(app.id)
    stopped = (await subject.services())["app"]
    assert (stopped.state, stopped.exit_code, stopped.id) == ("exited", 0, app.id)
    assert stopped.finished_at > stopped.started_at
    with pytest.raises(EngineError):
        await subject.engine.execute(app.id, ["version"], within=20)
    assert isinstance(await subject.engine.changed_files(app.id), list)
    await subject.engine.remove_container(app.id)
    await subject.engine.remove_container(app.id)
    assert await subject.engine.containers() == []
    with pytest.raises(EngineError):
        await subject.engine.logs(app.id)
    [network] = [one for one in await subject.engine.networks() if one.project]
    await subject.engine.remove_network(network.id)
    await subject.engine.remove_network(network.id)
    assert [one for one in await subject.engine.networks() if one.project] == []
