from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import aclosing, contextmanager

import pytest

from support.servers import LoopbackServer, QuietHandler, served
from support.told import facts
from ws9tui.adapters.engine import pull_stream
from ws9tui.adapters.engine.endpoint import Endpoint
from ws9tui.adapters.engine.engine import DockerEngine
from ws9tui.errors import EngineError, RegistryError, Ws9tuiError

REFERENCE = "reg.example/app@sha256:" + "1" * 64
VERSION = json.dumps({"ApiVersion": "1.41", "Version": "20.10"}).encode()
PAGE = b"<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>"

Answer = tuple[int, bytes]


class Handler(QuietHandler):
    answers: Callable[[str], Answer]

    def answer(self) -> None:
        status, body = (200, VERSION) if self.path.endswith("/version") else type(self).answers(self.path)
        self.reply(status, body)


@contextmanager
def engine_that_says(answers: Callable[[str], Answer]) -> Iterator[DockerEngine]:
    """Stand in for engines, and for what people put in front of them, that we cannot run."""
    handler = type("Answers", (Handler,), {"answers": staticmethod(answers)})
    with served(LoopbackServer(handler)) as server:
        yield DockerEngine(Endpoint(f"tcp://{server.host}"), timeout=5)


def said(status: int, message: str) -> Callable[[str], Answer]:
    return lambda _: (status, json.dumps({"message": message}).encode())


async def pulled(engine: DockerEngine) -> list[str]:
    return [event.status async for event in engine.pull(REFERENCE)]


async def failure(asked: Awaitable[object]) -> Ws9tuiError:
    with pytest.raises(Ws9tuiError) as caught:
        await asked
    return caught.value


async def test_a_proxy_that_refuses_a_call_is_no_registry() -> None:
    with engine_that_says(lambda _: (403, PAGE)) as engine:
        for asked in (engine.resolve(REFERENCE), pulled(engine), engine.images()):
            error = await failure(asked)
            assert isinstance(error, EngineError)
            assert error.problem.code == "call-refused"
            assert "<" not in str(error.problem.facts)
        await engine.close()


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (500, "toomanyrequests: slow down", "rate-limited"),
        (429, "slow down", "rate-limited"),
        (404, "manifest unknown", "manifest-unknown"),
        (401, "unauthorized: authentication required", "unauthorized"),
        (500, "no space left on device", "disk-full"),
    ],
)
async def test_a_registrys_no_comes_through_the_engine(status: int, message: str, code: str) -> None:
    with engine_that_says(said(status, message)) as engine:
        for asked in (engine.resolve(REFERENCE), pulled(engine)):
            error = await failure(asked)
            assert isinstance(error, RegistryError)
            assert error.problem.code == code
        await engine.close()


async def test_an_error_inside_the_stream_is_raised() -> None:
    lines = (
        b'{"status":"Pulling from app"}\r\n{"errorDetail":{"message":"unexpected EOF"},"error":"unexpected EOF"}\r\n'
    )
    with engine_that_says(lambda _: (200, lines)) as engine:
        stream = engine.pull(REFERENCE)
        assert (await anext(stream)).status == "Pulling from app"
        with pytest.raises(RegistryError) as caught:
            await anext(stream)
        assert caught.value.problem.code == "registry-unreachable"
        assert caught.value.transient
        await engine.close()


async def test_an_answer_that_is_no_json_is_an_error_of_the_engine() -> None:
    with engine_that_says(lambda _: (200, b"what?")) as engine:
        error = await failure(engine.networks())
        assert error.problem.code == "engine-error"
        await engine.close()


LIES = [b"null", b"[]", b"{}", b"[{}]", b"[null]", b'["x"]', b'{"Id":7}', b"7", b'"text"', b"[[]]", b'[{"Id":["x"]}]']
LIES += [
    b'{"State":"running","Config":[]}',
    b'{"RestartCount":"many","State":{"ExitCode":"none"}}',
    b"\xff",
    b"{" * 5000,
]


@pytest.mark.parametrize("body", LIES)
async def test_an_answer_that_makes_no_sense_is_an_error_of_the_engine(body: bytes) -> None:
    """Or it is as good as an empty one; nothing else comes of it."""
    with engine_that_says(lambda _: (200, body)) as engine:
        asked: list[Awaitable[object]] = [
            engine.info(),
            engine.containers(),
            engine.container("x"),
            engine.image("x"),
            engine.images(),
            engine.networks(),
            engine.volumes(),
            engine.changed_files("x"),
            engine.resolve(REFERENCE),
        ]
        for one in asked:
            try:
                await one
            except EngineError as error:
                assert error.problem.code == "engine-error"  # noqa: PT017 - it may as well not be raised
        await engine.close()


async def test_a_container_whose_inspection_lies_is_told_with_the_call() -> None:
    def answer(path: str) -> Answer:
        return 200, b'[{"Id":"c1"}]' if path.endswith("json?limit=-1&all=1&size=0&trunc_cmd=0") else b'{"State":"up"}'

    with engine_that_says(answer) as engine:
        error = await failure(engine.container("c1"))
        assert error.problem.facts["call"] == "container"
        assert "not that of a Docker engine" in facts(error.problem)["reason"]
        await engine.close()


async def test_an_error_without_a_message_is_told_all_the_same() -> None:
    with engine_that_says(lambda _: (500, b"")) as engine:
        error = await failure(engine.networks())
        assert error.problem.code == "engine-error"
        assert "500" in facts(error.problem)["reason"]
        await engine.close()


async def test_a_silent_registry_is_told_from_a_silent_engine() -> None:
    silent = threading.Event()

    def answer(path: str) -> Answer:
        if "distribution" in path:
            silent.wait(20)
        return 200, b"OK"

    with engine_that_says(answer) as engine:
        engine._call.timeout = 0.2
        error = await failure(engine.resolve(REFERENCE))
        silent.set()
        assert error.problem.code == "registry-unreachable"
        await engine.close()


async def test_a_call_that_may_take_longer_waits_for_the_engine() -> None:
    def answer(path: str) -> Answer:
        if "changes" in path:
            time.sleep(1.3)  # more than the client's own timeout, which is in whole seconds
        return 200, b"[]"

    with engine_that_says(answer) as engine:
        engine._call.timeout = 0.2
        assert await engine.changed_files("web") == []
        await engine.close()


async def test_a_pull_ends_at_once_while_the_registry_is_silent() -> None:
    """The engine answers a pull only after it has the manifest."""
    asked, silent = threading.Event(), threading.Event()

    def answer(path: str) -> Answer:
        if "images/create" in path:
            asked.set()
            silent.wait(20)
        return 200, b"{}"

    with engine_that_says(answer) as engine:
        task = asyncio.create_task(pulled(engine))
        assert await asyncio.to_thread(asked.wait, 10)
        task.cancel()
        async with asyncio.timeout(1):
            with pytest.raises(asyncio.CancelledError):
                await task
        assert not [thread for thread in threading.enumerate() if thread.name == "pull"]
        silent.set()
        await engine.close()


async def test_settings_for_the_web_are_not_for_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with engine_that_says(lambda _: (200, b"[]")) as engine:
        assert await engine.images() == []
        await engine.close()


async def test_there_is_no_engine() -> None:
    engine = DockerEngine(Endpoint("unix:///nonexistent/docker.sock"))
    for asked in (engine.info(), pulled(engine), engine.resolve(REFERENCE)):
        error = await failure(asked)
        assert error.problem.code == "engine-unreachable"
        assert error.problem.facts == {
            "host": "unix:///nonexistent/docker.sock",
            "reason": "No such file or directory",
        }
    await engine.close()


async def test_a_load_that_is_never_answered_is_left_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull_stream, "_CUT_TIMEOUT", 0.2)
    asked, over = threading.Event(), threading.Event()

    def silent(_: str) -> Answer:
        asked.set()
        over.wait(30)
        return 200, b""

    async def load(engine: DockerEngine) -> None:
        async with aclosing(engine.load(itertools.repeat(bytes(1 << 16)))) as events:
            async for _ in events:
                pass

    with engine_that_says(silent) as engine:
        task = asyncio.create_task(load(engine))
        await asyncio.to_thread(asked.wait, 30)
        task.cancel()
        with pytest.raises(EngineError) as error:
            await task
        over.set()
        await engine.close()
    assert error.value.away
