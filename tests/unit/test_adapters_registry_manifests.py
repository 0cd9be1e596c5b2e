"""Images described over real sockets, by what registries do: digests, indexes, limits, and all kinds of mischief."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from registries import BASIC, SECRET, Access, Handler, Server, access, login_at, serving, tokens
from support.archives import digest
from support.told import facts
from ws9tui.core.model.observed import Image
from ws9tui.core.model.offered import PullLimit
from ws9tui.core.model.reference import Reference
from ws9tui.errors import RegistryError
from ws9tui.words import problems

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ws9tui.core.model.offered import Manifest, OfferedImage

__all__ = ["access"]
LINUX = "linux/amd64"


def packed(value: object) -> bytes:
    return json.dumps(value).encode()


CONFIG = packed(
    {
        "architecture": "amd64",
        "os": "linux",
        "created": "2026-08-03T09:12:00.123456789Z",
        "config": {
            "User": "app",
            "Entrypoint": ["/app"],
            "Cmd": ["serve"],
            "Volumes": {"/data": {}},
            "ExposedPorts": {"80/tcp": {}},
            "Labels": {"org.opencontainers.image.source": "https://example.com/app"},
            "Healthcheck": {"Test": ["CMD", "true"]},
        },
        "rootfs": {"type": "layers", "diff_ids": ["sha256:base", "sha256:own"]},
    }
)
MANIFEST = packed(
    {
        "schemaVersion": 2,
        "config": {"digest": digest(CONFIG), "size": len(CONFIG)},
        "layers": [{"digest": "sha256:" + "a" * 64, "size": 3000}, {"digest": "sha256:" + "b" * 64, "size": 700}],
    }
)


def entry(body: bytes, os: str, architecture: str, **more: object) -> dict[str, object]:
    return {"digest": digest(body), "size": 5, "platform": {"os": os, "architecture": architecture, **more}}


INDEX = packed(
    {
        "schemaVersion": 2,
        "manifests": [
            entry(b"attestation", "unknown", "unknown"),
            entry(b"arm", "linux", "arm64", variant="v8"),
            entry(MANIFEST, "linux", "amd64"),
        ],
    }
)


class Repository:
    """What a registry holds, and how it says so."""

    def __init__(self, tagged: bytes = INDEX, **headers: str) -> None:
        self.held = {digest(body): body for body in (INDEX, MANIFEST, CONFIG, tagged)}
        self.held["1.0"] = tagged
        self.headers = headers
        self.tells_digest = True

    def __call__(self, ask: Handler) -> None:
        body = self.held.get(ask.path.rpartition("/")[2])
        if body is None:
            ask.say(404, {"errors": [{"code": "MANIFEST_UNKNOWN"}]} if ask.command == "GET" else b"")
            return
        told = {"Docker_Content_Digest": digest(body)} if self.tells_digest else {}
        ask.say(200, body, **told, **self.headers)


def reference(server: Server, name: str = "1.0") -> Reference:
    return Reference(f"{server.host}/app{'@' if name.startswith('sha256') else ':'}{name}")


async def described(access: Access, does: Callable[[Handler], None], platform: str = LINUX) -> OfferedImage:
    with serving(does) as server:
        return await access().describe(reference(server), platform)


async def headed(access: Access, does: Callable[[Handler], None]) -> tuple[Manifest, list[str]]:
    with serving(does) as server:
        return await access().heading(reference(server)), [command for command, _, _ in server.asked]


async def refused(access: Access, does: Callable[[Handler], None], *, lookup: float = 5.0) -> tuple[str, str]:
    with serving(does) as server, pytest.raises(RegistryError) as caught:
        await access(lookup=lookup).describe(reference(server), LINUX)
    problem = caught.value.problem
    assert problems.sentence(problem).isprintable()
    return problem.code, facts(problem)["reason"]


# --- what registries do -------------------------------------------------------------------------------------------


async def test_an_image_is_described_by_its_own_configuration(access: Access) -> None:
    found = await described(access, Repository())
    assert (found.digest, found.manifest, found.size) == (digest(INDEX), digest(MANIFEST), 3700)
    assert found.platforms == ("linux/arm64/v8", LINUX)
    image = found.image
    assert (image.user, image.entrypoint, image.command) == ("app", ("/app",), ("serve",))
    assert (image.volumes, image.exposed_ports, image.has_healthcheck) == (("/data",), ("80/tcp",), True)
    assert image.created_at.startswith("2026-08-03T09:12")
    assert found.missing([]) == 3700
    assert found.missing([Image("x", layers=("sha256:base",)), Image("y", layers=("sha256:other",))]) == 700
    assert found.missing([Image("x", layers=image.layers)]) == 0
    assert found.missing([Image("x", layers=("sha256:own",))]) == 3700


async def test_statements_about_an_image_are_named(access: Access) -> None:
    held = Repository()
    types = (
        "application/vnd.dev.cosign.artifact.sig.v1+json",
        "application/spdx+json",
        "odd",
        "application/vnd.in-toto",
    )
    listed = {"manifests": [{"digest": "sha256:x", "artifactType": kind} for kind in types]}

    def does(ask: Handler) -> None:
        if "/referrers/" in ask.path:
            ask.say(200, listed)
        else:
            held(ask)

    assert (await described(access, does)).attached == ("sbom", "signature")
    for answer in (b"<html>", {"manifests": 5}, b"[" * 99999):
        listed = answer  # type: ignore[assignment]
        assert (await described(access, does)).attached == ()


async def test_one_manifest_without_an_index(access: Access) -> None:
    found = await described(access, Repository(MANIFEST))
    assert (found.digest, found.manifest, found.platforms) == (digest(MANIFEST), digest(MANIFEST), (LINUX,))


async def test_a_head_is_no_pull(access: Access) -> None:
    found, commands = await headed(access, Repository(RateLimit_Limit="100;w=21600", RateLimit_Remaining="76;w=21600"))
    assert (found.digest, found.limit, commands) == (digest(INDEX), PullLimit(76, 100, 21600), ["HEAD"])


async def test_a_registry_that_tells_no_digest(access: Access) -> None:
    silent = Repository()
    silent.tells_digest = False
    found, commands = await headed(access, silent)
    assert (found.digest, commands) == (digest(INDEX), ["HEAD", "GET"])


async def test_a_registry_that_knows_no_head(access: Access) -> None:
    held = Repository()
    found, commands = await headed(access, lambda ask: ask.say(405) if ask.command == "HEAD" else held(ask))
    assert (found.digest, commands) == (digest(INDEX), ["HEAD", "GET"])


@pytest.mark.parametrize("told", ["100", "x;w=5", "", "9" * 40, "100;w=x"])
async def test_a_limit_that_is_none(access: Access, told: str) -> None:
    found, _ = await headed(access, Repository(RateLimit_Limit=told, RateLimit_Remaining=told))
    assert found.limit in {None, PullLimit(100, 100, 0)}


async def test_a_platform_that_is_not_there(access: Access) -> None:
    with serving(Repository()) as server, pytest.raises(RegistryError) as caught:
        await access().describe(reference(server), "linux/s390x")
    assert caught.value.problem.code == "platform-missing"
    with serving(Repository(MANIFEST)) as server, pytest.raises(RegistryError) as caught:
        await access().describe(reference(server), "linux/arm64")
    assert caught.value.problem.code == "platform-missing"


async def test_what_is_not_there(access: Access) -> None:
    with serving(Repository()) as server:
        for name in ("2.0", "sha256:" + "0" * 64):
            for ask in (access().heading, lambda wanted: access().describe(wanted, LINUX)):
                with pytest.raises(RegistryError) as caught:
                    await ask(reference(server, name))
                assert (caught.value.problem.code, caught.value.transient) == ("manifest-unknown", False)


async def test_a_token_is_got_once_for_all_requests(access: Access, tmp_path: Path) -> None:
    held = Repository()

    def does(ask: Handler) -> None:
        if ask.headers.get("Authorization") == "Bearer for-anna" and not ask.path.startswith("/token"):
            held(ask)
        else:
            tokens(ask)

    with serving(does) as server:
        server.wants = "anna"  # type: ignore[attr-defined]
        login_at(tmp_path, server.host)
        registry = access()
        await registry.heading(reference(server))
        await registry.describe(reference(server), LINUX)
        await registry.heading(reference(server))
    assert sum(path.startswith("/token") for _, path, _ in server.asked) == 1
    assert SECRET not in repr(server.asked)


async def test_a_blob_that_lies_elsewhere_gets_no_login(access: Access, tmp_path: Path) -> None:
    held = Repository()

    def does(ask: Handler) -> None:
        if ask.headers.get("Authorization") != BASIC:
            ask.say(401, WWW_Authenticate='Basic realm="tests"')
        elif "/blobs/" in ask.path:
            ask.say(307, Location=f"{store.url}/bucket/{ask.path.rpartition('/')[2]}?signed=1")
        else:
            held(ask)

    def bucket(ask: Handler) -> None:
        ask.say(200, CONFIG)

    with serving(does) as server, serving(bucket) as store:
        login_at(tmp_path, server.host)
        assert (await access().describe(reference(server), LINUX)).image.user == "app"
    assert [authorization for _, _, authorization in store.asked] == [""]


# --- mischief -----------------------------------------------------------------------------------------------------


def instead(name: str, body: bytes) -> Callable[[Handler], None]:
    """A repository that sends something else under one digest."""
    held = Repository()
    held.held[name] = body
    return held


@pytest.mark.parametrize("name", [digest(MANIFEST), digest(CONFIG)])
async def test_what_is_sent_is_not_what_was_announced(access: Access, name: str) -> None:
    assert (await refused(access, instead(name, b"{}")))[0] == "digest-mismatch"


DOCUMENTS: Mapping[str, bytes] = {
    "html": b"<html>log in</html>",
    "no object": b"[]",
    "schema 1": packed({"schemaVersion": 1, "fsLayers": [{"blobSum": "sha256:x"}]}),
    "an artefact": packed({"schemaVersion": 2, "config": {"digest": "sha256:x"}, "layers": []}),
    "no digest": packed({"schemaVersion": 2, "config": {"digest": "../../etc/passwd"}, "layers": []}),
    "layers that are none": packed({"config": {"digest": digest(CONFIG)}, "layers": "all"}),
    "nested": b"[" * 99999,
    "torn": MANIFEST[:-9],
}


@pytest.mark.parametrize("body", DOCUMENTS.values(), ids=DOCUMENTS)
async def test_a_manifest_that_is_none(access: Access, body: bytes) -> None:
    assert (await refused(access, Repository(body)))[0] == "registry-nonsense"


async def test_an_index_of_nothing(access: Access) -> None:
    assert (await refused(access, Repository(packed({"manifests": []}))))[0] == "platform-missing"


ANSWERS: Mapping[str, tuple[int, str]] = {
    "unauthorized": (403, "unauthorized"),
    "too many": (429, "rate-limited"),
    "out of order": (503, "registry-server-error"),
    "teapot": (418, "registry-nonsense"),
}


@pytest.mark.parametrize(("status", "code"), ANSWERS.values(), ids=ANSWERS)
async def test_answers_that_refuse(access: Access, status: int, code: str) -> None:
    assert (await refused(access, lambda ask: ask.say(status, b"no")))[0] == code


async def test_a_manifest_without_end(access: Access) -> None:
    assert (await refused(access, Repository(b" " * (5 << 20))))[0] == "registry-nonsense"


async def test_a_configuration_of_odd_types(access: Access) -> None:
    odd: list[Any] = [{"config": {"Labels": ["a"]}}, {"rootfs": 7}, {"config": {"User": {}}}, 5]
    for value in odd:
        config = packed(value)
        manifest = packed({"config": {"digest": digest(config)}, "layers": []})
        held = Repository(manifest)
        held.held[digest(config)] = config
        assert (await refused(access, held))[0] == "registry-nonsense"


async def test_of_ten_repositories_three_fail_each_in_its_own_way(access: Access) -> None:
    held = Repository()

    def does(ask: Handler) -> None:
        number = ask.path.split("/")[2]
        if number == "app3":
            ask.say(503, b"out of order")
        elif number == "app5":
            ask.say(200, b"<html>" if ask.command == "GET" else b"", Docker_Content_Digest="sha256:" + "0" * 64)
        elif number == "app7":
            ask.say(401, WWW_Authenticate='Basic realm="x"')
        else:
            held(ask)

    with serving(does) as server:
        registry = access()
        wanted = [Reference(f"{server.host}/app{number}:1.0") for number in range(10)]
        found = await asyncio.gather(*(registry.describe(each, LINUX) for each in wanted), return_exceptions=True)
    codes = [answer.problem.code if isinstance(answer, RegistryError) else "" for answer in found]
    assert [codes[number] for number in (3, 5, 7)] == ["registry-server-error", "registry-nonsense", "unauthorized"]
    assert [code for number, code in enumerate(codes) if number not in (3, 5, 7)] == [""] * 7
