"""The contract of the engine's archives: data goes out of volumes and bind mounts and back in the simulation, too."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterable

import contract_subjects
import msgspec
import pytest
from contract_subjects import Subject

from ws9tui.core.fs.xattrs import Extras
from ws9tui.core.model.observed import Mount
from ws9tui.errors import EngineError

subject = contract_subjects.each_subject
pytestmark = pytest.mark.both_stores

TEXT = (
    "services: {app: {image: HOST/app:1.0, volumes: [{type: volume, source: data, target: /data}, "
    "{type: bind, source: FOLDER/here, target: /here, bind: {create_host_path: true}}], "
    "ports: [{target: 8080, published: '18431', protocol: tcp, host_ip: 127.0.0.1}]}}\n"
    "volumes: {data: {name: contract_data}}\n"
)


async def holder(subject: Subject) -> tuple[str, list[Mount]]:
    """A holder of a service's two mounts; its image has an unnamed volume of its own."""
    image = await subject.local("app:1.0", volume="/cache")
    source = subject.project(TEXT)
    await subject.compose.up(source, ["app"])
    app = (await subject.services())["app"]
    mounts = placed(mount for mount in app.mounts if mount.target in ("/data", "/here"))
    return await subject.engine.data.hold(image.id, mounts, "contract"), mounts


def placed(mounts: Iterable[Mount]) -> list[Mount]:
    return [msgspec.structs.replace(mount, target=f"/ws9tui/{number}") for number, mount in enumerate(mounts)]


async def read(subject: Subject, container: str, path: str) -> bytes:
    return b"".join([chunk async for chunk in subject.engine.data.read(container, path)])


def packed(name: str, **files: str) -> list[bytes]:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        top = tarfile.TarInfo(name)
        top.type, top.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(top)
        for file, text in files.items():
            entry = tarfile.TarInfo(f"{name}/{file}")
            entry.size, entry.mtime = len(text), 1_600_000_000
            tar.addfile(entry, io.BytesIO(text.encode()))
    data = content.getvalue()
    return [data[:700], data[700:]]


def names(archive: bytes) -> dict[str, tuple[int, float]]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {entry.name.rstrip("/"): (entry.size, entry.mtime) for entry in tar if not entry.isdir()}


async def test_data_goes_out_and_comes_back_the_same(subject: Subject) -> None:
    archives = subject.engine.data
    held, mounts = await holder(subject)
    for number, _ in enumerate(mounts):
        await archives.write(held, "/ws9tui", packed(str(number), one="1", two="two"))
        first = await read(subject, held, f"/ws9tui/{number}")
        assert names(first) == {f"{number}/one": (1, 1_600_000_000), f"{number}/two": (3, 1_600_000_000)}
        await archives.empty(held, f"/ws9tui/{number}")
        assert names(await read(subject, held, f"/ws9tui/{number}")) == {}
        await archives.write(held, "/ws9tui", [first[:100], first[100:]])
        again = await read(subject, held, f"/ws9tui/{number}")
        assert hashlib.sha256(again).digest() == hashlib.sha256(first).digest()
        assert await archives.sees(held, f"/ws9tui/{number}")
        assert await archives.extras(held, f"/ws9tui/{number}") == ()
        assert await archives.put_extras(held, f"/ws9tui/{number}", []) == ()
        marked = (Extras(b"one", {"trusted.mark": b"1"}),)
        assert await archives.put_extras(held, f"/ws9tui/{number}", marked) == marked
    app = (await subject.services())["app"]
    assert await archives.sees(app.id, "/data")
    assert sorted(names(await read(subject, app.id, "/data"))) == ["data/one", "data/two"]
    assert (await archives.volume_sizes())["contract_data"] >= 4
    assert await archives.is_folder(app.id, "/data")
    assert not await archives.is_folder(app.id, "/nowhere")


async def test_a_holder_is_found_and_leaves_nothing_behind(subject: Subject) -> None:
    archives = subject.engine.data
    held, mounts = await holder(subject)
    before = await subject.engine.volumes()
    assert await archives.held("contract") == [held]
    assert await archives.held("another") == []
    assert [c.service for c in await subject.engine.containers("contract")] == ["app"], "it is none of the project's"
    found = await subject.engine.container(held)
    assert found
    assert (found.state, [mount.name for mount in found.mounts if mount.target.startswith("/ws9tui")]) == (
        "created",
        [mount.name for mount in mounts],
    )
    await archives.let_go(held)
    await archives.let_go(held)
    assert await archives.held("contract") == []
    assert set(await subject.engine.volumes()) <= set(before)
    app = (await subject.services())["app"]
    assert {mount.name for mount in app.mounts if mount.type == "volume"} <= set(await subject.engine.volumes())


async def test_an_unnamed_volume_outlives_its_holder(subject: Subject) -> None:
    archives = subject.engine.data
    await subject.engine.data.let_go((await holder(subject))[0])
    app = (await subject.services())["app"]
    [cache] = [mount for mount in app.mounts if mount.anonymous]
    held = await archives.hold(app.image_id, placed([cache]), "contract")
    await archives.write(held, "/ws9tui", packed("0", kept="yes"))
    await archives.let_go(held)
    assert sorted(names(await read(subject, app.id, "/cache"))) == ["cache/kept"]


async def test_what_is_hidden_is_neither_read_nor_changed(subject: Subject) -> None:
    archives = subject.engine.data
    plain, mounts = await holder(subject)
    here = next(mount for mount in mounts if mount.type == "bind")
    await archives.write(plain, "/ws9tui", packed(here.target[-1], **{"own": "1", "app/7/live": "precious"}))
    image = (await subject.services())["app"].image_id
    hidden = [*placed([here]), Mount("volume", "", "/ws9tui/0/app/7", anonymous=True)]
    volumes = await subject.engine.volumes()
    held = await archives.hold(image, hidden, "contract")
    assert names(await read(subject, held, "/ws9tui/0")) == {"0/own": (1, 1_600_000_000)}
    await archives.empty(held, "/ws9tui/0")
    await archives.write(held, "/ws9tui", packed("0", two="two"))
    marked = (Extras(b"two", {"trusted.mark": b"1"}),)
    assert await archives.put_extras(held, "/ws9tui/0", marked) == marked
    await archives.let_go(held)
    left = names(await read(subject, plain, here.target))
    assert {name.partition("/")[2] for name in left} == {"two", "app/7/live"}
    await archives.let_go(plain)
    assert set(await subject.engine.volumes()) <= set(volumes)


async def test_what_is_not_there_is_an_error(subject: Subject) -> None:
    archives = subject.engine.data
    with pytest.raises(EngineError):
        await archives.hold("sha256:" + "0" * 64, [], "contract")
    with pytest.raises(EngineError):
        await read(subject, "0" * 64, "/data")
    held, _ = await holder(subject)
    with pytest.raises(EngineError):
        await read(subject, held, "/ws9tui/9")


async def test_ordinary_volumes_hold_data(subject: Subject) -> None:
    await holder(subject)
    assert await subject.engine.data.no_data() == {}
