from __future__ import annotations

import asyncio
import json
import threading
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from support import cleaning, images, programs
from support.dockerd import Dockerd
from support.faultproxy import FaultProxy
from support.faults import BLOBS, MANIFESTS
from support.images import ImageSpec, Pushed
from support.registry import PASSWORD, USER, Registry
from support.snapshot import assert_same, snapshot
from support.told import facts
from support.wait import until
from ws9tui.adapters.engine.endpoint import Endpoint
from ws9tui.adapters.engine.engine import DockerEngine
from ws9tui.core.model.observed import PullEvent
from ws9tui.errors import EngineError, RegistryError

pytestmark = [pytest.mark.engine, pytest.mark.both_stores, pytest.mark.always(reason="a contract with the world")]

BIG = ImageSpec(size_kb=4096, layers=2)
BOTH = (f"linux/{images.NATIVE}", f"linux/{images.FOREIGN}")


@pytest.fixture(scope="module")
def hasty(engine: Dockerd) -> Iterator[Dockerd]:
    """Return an engine that does not spend a minute on trying again by itself."""
    with Dockerd(store=engine.store, flags=["--max-download-attempts=1"]) as started:
        yield started


@pytest.fixture
async def adapter(hasty: Dockerd) -> AsyncIterator[DockerEngine]:
    made = DockerEngine(Endpoint(hasty.host))
    yield made
    await made.close()
    cleaning.empty(hasty)


async def pull(engine: DockerEngine, reference: str) -> list[PullEvent]:
    async with aclosing(engine.pull(reference)) as stream:
        return [event async for event in stream]


async def refusal(engine: DockerEngine, reference: str) -> RegistryError:
    with pytest.raises(RegistryError) as caught:
        await pull(engine, reference)
    return caught.value


def pull_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "pull"]


async def test_a_pull_by_digest_moves_no_tag(adapter: DockerEngine, hasty: Dockerd, registry: Registry) -> None:
    old, new = (images.push(registry, "app", "latest", ImageSpec(version=version)) for version in ("1", "2"))
    images.push(registry, "app", "latest", ImageSpec(version="1"))
    hasty.client().images.pull(old.reference)
    events = await pull(adapter, new.by_digest)
    tagged, pulled = await adapter.image(old.reference), await adapter.image(new.by_digest)
    assert tagged
    assert pulled
    assert (tagged.id, pulled.id, pulled.tags) == (old.image_id, new.image_id, ())
    assert events[0].status == "Pulling from app"
    assert events[-1].status == f"Status: Downloaded newer image for {new.by_digest}"
    layers = {event.layer for event in events if event.status == "Pull complete"}
    assert len(layers) == 1
    assert not any(event.error for event in events)


async def test_progress_is_told_in_bytes(adapter: DockerEngine, registry: Registry, proxy: FaultProxy) -> None:
    pushed = images.push(registry, "big", "1", BIG, host=proxy.host)
    proxy.throttle(8_000_000)
    loading = [event for event in await pull(adapter, pushed.by_digest) if event.status == "Downloading"]
    assert {event.total for event in loading} >= {layer for layer in (event.total for event in loading) if layer}
    assert any(0 < event.current < event.total for event in loading)
    assert sum({event.layer: event.total for event in loading}.values()) <= pushed.size


async def test_a_tag_is_resolved_without_a_pull(
    adapter: DockerEngine, hasty: Dockerd, registry: Registry, proxy: FaultProxy
) -> None:
    pushed = images.push(registry, "app", "1.0.0", host=proxy.host)
    before = snapshot(hasty)
    for reference in (pushed.reference, pushed.by_digest):
        found = await adapter.resolve(reference)
        assert (found.digest, found.platforms) == (pushed.digest, BOTH)
    assert_same(before, snapshot(hasty))


async def test_all_platforms_of_a_list_are_told(adapter: DockerEngine, registry: Registry) -> None:
    specs = [ImageSpec(architecture=images.FOREIGN), ImageSpec(architecture=images.NATIVE)]
    pushed, _ = images.push_list(registry, "many", "1", specs)
    found = await adapter.resolve(pushed.reference)
    assert found.digest == pushed.digest
    assert found.platforms == BOTH[::-1]


async def test_an_image_for_other_machines(adapter: DockerEngine, registry: Registry) -> None:
    pushed, _ = images.push_list(registry, "foreign", "1", [ImageSpec(architecture=images.FOREIGN)])
    error = await refusal(adapter, pushed.by_digest)
    assert (error.problem.code, error.transient) == ("platform-missing", False)


@pytest.mark.parametrize("way", ["cancel", "close"])
@pytest.mark.parametrize("fault", ["throttle", "stall"])
async def test_a_pull_that_is_cancelled_stops_at_once(
    adapter: DockerEngine, hasty: Dockerd, registry: Registry, proxy: FaultProxy, way: str, fault: str
) -> None:
    pushed = images.push(registry, "big", "1", BIG, host=proxy.host)
    before = snapshot(hasty)
    _ = proxy.throttle(400_000) if fault == "throttle" else proxy.stall(after_bytes=300_000)
    stream = adapter.pull(pushed.by_digest)
    if not hasty.today:  # one of today tells nothing of a blob that stands still from the beginning
        async for event in stream:
            if event.current:
                break
    waiting = asyncio.ensure_future(read_on(stream))
    await asyncio.to_thread(until, lambda: proxy.sent() > (250_000 if hasty.today else 500_000))
    began = time.monotonic()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    if way == "close":
        await stream.aclose()
    assert time.monotonic() - began < 1
    assert pull_threads() == []
    if fault == "stall":
        proxy.clear()  # only who writes notices that the engine has hung up
    await asyncio.to_thread(until, lambda: not proxy.answering)
    assert fault == "stall" or proxy.sent() < pushed.size
    if hasty.today:  # what has come stays until it is collected
        await adapter.collect_partial()
    await asyncio.to_thread(until, lambda: snapshot(hasty) == before)


async def read_on(stream: AsyncIterator[PullEvent]) -> None:
    async for _ in stream:
        pass


async def test_a_pull_is_cancelled_before_the_registry_has_answered(
    adapter: DockerEngine, registry: Registry, proxy: FaultProxy
) -> None:
    pushed = images.push(registry, "app", "1.0.0", host=proxy.host)
    proxy.stall(only=MANIFESTS)
    task = asyncio.create_task(pull(adapter, pushed.by_digest))
    await asyncio.to_thread(until, lambda: proxy.count(MANIFESTS) and proxy.answering)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < 1
    assert pull_threads() == []


async def test_many_pulls_at_once(adapter: DockerEngine, registry: Registry) -> None:
    pushed = [images.push(registry, f"app{number}", "1", ImageSpec(version=str(number))) for number in range(6)]
    await asyncio.gather(*(pull(adapter, each.by_digest) for each in pushed))
    assert {image.id for image in await adapter.images()} == {each.image_id for each in pushed}


async def test_the_engine_dies_in_the_middle(hasty: Dockerd, registry: Registry, proxy: FaultProxy) -> None:
    pushed = images.push(registry, "big", "1", BIG, host=proxy.host)
    adapter = DockerEngine(Endpoint(hasty.host))
    proxy.throttle(400_000)
    task = asyncio.create_task(pull(adapter, pushed.by_digest))
    await asyncio.to_thread(until, lambda: proxy.sent() > 200_000)
    hasty.kill()
    with pytest.raises(EngineError, match="engine-unreachable"):
        await task
    with pytest.raises(EngineError, match="engine-unreachable"):
        await pull(adapter, pushed.by_digest)
    proxy.clear()
    hasty.start()
    await pull(adapter, pushed.by_digest)
    assert await adapter.image(pushed.by_digest)
    await adapter.close()
    cleaning.empty(hasty)


def unknown_repository(proxy: FaultProxy) -> None:
    proxy.error(404, "NAME_UNKNOWN", "repository name not known to registry", MANIFESTS)


def denied(proxy: FaultProxy) -> None:
    proxy.error(403, "DENIED", "requested access to the resource is denied", MANIFESTS)


def bad_gateway(proxy: FaultProxy) -> None:
    proxy.answer(502, "<html>bad gateway</html>", {"Content-Type": "text/html"}, MANIFESTS)


# what goes wrong, the code that it must get, and whether another try may help
FAULTS: dict[str, tuple[Callable[[FaultProxy], object], str, bool]] = {
    "rate limit": (FaultProxy.toomanyrequests, "rate-limited", False),
    "rate limit on blobs": (lambda proxy: proxy.toomanyrequests(BLOBS), "rate-limited", False),
    "unauthorized": (lambda proxy: proxy.unauthorized(MANIFESTS), "unauthorized", False),
    "unauthorized at once": (FaultProxy.unauthorized, "unauthorized", False),
    "no manifest": (FaultProxy.manifest_unknown, "manifest-unknown", False),
    "no repository": (unknown_repository, "repository-unknown", False),
    "denied": (denied, "unauthorized", False),
    "server error": (lambda proxy: proxy.server_error(MANIFESTS), "registry-server-error", True),
    "server error on blobs": (lambda proxy: proxy.server_error(BLOBS), "registry-server-error", True),
    "bad gateway": (bad_gateway, "registry-server-error", True),
    "cut": (lambda proxy: proxy.cut(), "registry-unreachable", True),
    "cut manifest": (lambda proxy: proxy.cut(after_bytes=10, only=MANIFESTS), "registry-unreachable", True),
    "corrupt": (FaultProxy.corrupt, "digest-mismatch", False),
    "gone": (FaultProxy.stop, "registry-unreachable", True),
}
# An engine of today asks with HEAD, whose answer has no text, and for a blob of that digest then.
NOT_FOUND = {"unauthorized", "no repository"}
AT_RESOLVE = [name for name in FAULTS if "blobs" not in name and name not in {"cut", "corrupt"}]


@pytest.mark.parametrize("name", FAULTS)
async def test_what_fails_a_pull_is_named(
    adapter: DockerEngine, hasty: Dockerd, registry: Registry, proxy: FaultProxy, name: str
) -> None:
    pushed = images.push(registry, "app", "1.0.0", ImageSpec(size_kb=64), host=proxy.host)
    before = snapshot(hasty)
    go_wrong, code, transient = FAULTS[name]
    go_wrong(proxy)
    code = "manifest-unknown" if hasty.today and name in NOT_FOUND else code
    error = await refusal(adapter, pushed.by_digest)
    assert (error.problem.code, error.transient) == (code, transient)
    assert error.problem.facts["reference"] == pushed.by_digest
    assert error.problem.facts["registry"] == proxy.host
    assert facts(error.problem)["reason"]
    assert_same(before, snapshot(hasty))


@pytest.mark.parametrize("name", AT_RESOLVE)
async def test_what_fails_a_look_at_the_registry_is_named(
    adapter: DockerEngine, registry: Registry, proxy: FaultProxy, name: str
) -> None:
    pushed = images.push(registry, "app", "1.0.0", host=proxy.host)
    go_wrong, code, transient = FAULTS[name]
    go_wrong(proxy)
    with pytest.raises(RegistryError) as caught:
        await adapter.resolve(pushed.reference)
    assert (caught.value.problem.code, caught.value.transient) == (code, transient)


async def test_a_registry_that_says_nothing(hasty: Dockerd, registry: Registry, proxy: FaultProxy) -> None:
    pushed = images.push(registry, "app", "1.0.0", host=proxy.host)
    impatient = DockerEngine(Endpoint(hasty.host), timeout=1)
    proxy.stall(only=MANIFESTS)
    with pytest.raises(RegistryError) as caught:
        await impatient.resolve(pushed.reference)
    assert (caught.value.problem.code, caught.value.transient) == ("registry-unreachable", True)
    await impatient.close()


async def test_a_full_disk(registry: Registry) -> None:
    pushed = images.push(registry, "huge", "1", ImageSpec(size_kb=40 << 10))
    with Dockerd(store=registry.store, storage_size_mb=32, flags=["--max-download-attempts=1"]) as small:
        adapter = DockerEngine(Endpoint(small.host))
        error = await refusal(adapter, pushed.by_digest)
        assert (error.problem.code, error.transient) == ("disk-full", False)
        assert await adapter.images() == []
        await adapter.close()


@pytest.fixture
def private(hasty: Dockerd) -> Iterator[Pushed]:
    """Return an image in a registry that wants a login."""
    with Registry(auth=True, store=hasty.store) as registry:
        yield images.push(registry, "app", "1.0.0")


@pytest.fixture
def logins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file that holds the user's logins."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path / "config.json"


async def test_a_login_is_used_as_soon_as_it_is_there(adapter: DockerEngine, private: Pushed, logins: Path) -> None:
    with pytest.raises(RegistryError, match="unauthorized"):
        await adapter.resolve(private.reference)
    assert (await refusal(adapter, private.by_digest)).problem.code == "unauthorized"
    auth = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    logins.write_text(json.dumps({"auths": {private.reference.partition("/")[0]: {"auth": auth}}}))
    assert (await adapter.resolve(private.reference)).digest == private.digest
    await pull(adapter, private.by_digest)
    assert await adapter.image(private.by_digest)


async def test_a_wrong_login_is_told_and_not_shown(adapter: DockerEngine, private: Pushed, logins: Path) -> None:
    auth = b64encode(f"{USER}:wrong-pass".encode()).decode()
    logins.write_text(json.dumps({"auths": {private.reference.partition("/")[0]: {"auth": auth}}}))
    error = await refusal(adapter, private.by_digest)
    assert error.problem.code == "unauthorized"
    assert "wrong-pass" not in str(error)


async def test_a_credential_helper_is_asked(
    adapter: DockerEngine, private: Pushed, logins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f'echo \'{{"ServerURL": "x", "Username": "{USER}", "Secret": "{PASSWORD}"}}\''
    programs.write(logins.parent / "docker-credential-test", script)
    monkeypatch.setenv("PATH", str(logins.parent), prepend=":")
    logins.write_text(json.dumps({"credHelpers": {private.reference.partition("/")[0]: "test"}}))
    assert (await adapter.resolve(private.reference)).digest == private.digest


async def test_a_missing_credential_helper_hinders_no_public_image(
    adapter: DockerEngine, private: Pushed, logins: Path, registry: Registry
) -> None:
    logins.write_text(json.dumps({"credsStore": "nowhere"}))
    public = images.push(registry, "app", "1.0.0")
    assert (await adapter.resolve(public.reference)).digest == public.digest
    with pytest.raises(RegistryError) as caught:
        await adapter.resolve(private.reference)
    assert caught.value.problem.code == "unauthorized"
    assert "docker-credential-nowhere" in facts(caught.value.problem)["reason"]
