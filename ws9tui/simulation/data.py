"""Volumes and bind mounts of the simulated world, read and written as tar archives as on a real engine."""

from __future__ import annotations

import asyncio
import io
import tarfile
from collections.abc import AsyncGenerator, Iterable, Sequence

from ws9tui.core.fs.xattrs import Extras
from ws9tui.core.model.observed import Container, Mount
from ws9tui.core.model.reference import Reference
from ws9tui.errors import EngineError
from ws9tui.problems.engine import EngineFailed
from ws9tui.simulation.life import Clock, SimContainer
from ws9tui.simulation.world import SimFile, World

_CHUNK = 1 << 16


class SimulatedData:
    """The data of a simulated world's volumes and bind mounts, as `core.ports.DataAccess`."""

    def __init__(self, world: World, clock: Clock) -> None:
        self.world = world
        self.clock = clock

    async def volume_sizes(self) -> dict[str, int]:
        """Returns the bytes of each volume's files."""
        await self.world.meet("volume_sizes", "")
        files = {name: self.world.data.get(name, {}).values() for name in self.world.volumes}
        return {name: sum(len(file.text.encode()) for file in found) for name, found in files.items()}

    async def no_data(self) -> dict[str, str]:
        """Returns the volumes whose content is no data, each with the reason."""
        await self.world.meet("no_data", "")
        return dict(self.world.no_data)

    async def is_folder(self, container_id: str, path: str) -> bool:
        """Whether a mount of the container has this path as its target."""
        await self.world.meet("is_folder", path)
        return any(mount.target == path for mount in self.world.container("archive", container_id).made.mounts)

    async def hold(self, image_id: str, mounts: Sequence[Mount], owner: str) -> str:
        """Creates a holder of these mounts and returns its ID; raises `EngineError` if the image is absent."""
        await self.world.meet("hold", owner)
        image = self.world.find(image_id)
        if image is None:
            raise EngineError(EngineFailed(call="hold", reason=f"No such image: {image_id}"))
        made = self.world.new_id()
        container = Container(
            made, f"holder_{made[:12]}", image.spec.id, Reference(image_id), network_mode="none", mounts=tuple(mounts)
        )
        self.world.containers[made] = SimContainer(made=container, created=self.clock(), holder_of=owner)
        self.world.save()
        return made

    async def held(self, owner: str) -> list[str]:
        """Returns the IDs of a project's holders."""
        await self.world.meet("held", owner)
        return [key for key, one in self.world.containers.items() if one.holder_of == owner]

    async def let_go(self, holder_id: str) -> None:
        """Removes a holder; an absent one is no error."""
        await self.world.meet("let_go", holder_id)
        self.world.containers.pop(holder_id, None)
        self.world.save()

    async def read(self, container_id: str, path: str) -> AsyncGenerator[bytes, None]:
        """Yields the tar archive of the mount at a path, without the files that another mount hides."""
        mount = self._mount(container_id, path)
        await self.world.meet("read", mount.name)
        content = io.BytesIO()
        name = path.rpartition("/")[2]
        with tarfile.open(fileobj=content, mode="w") as tar:
            top = tarfile.TarInfo(name)
            top.type, top.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(top)
            for below, file in sorted(self.world.data.get(mount.name, {}).items()):
                if self._hidden(container_id, path, below):
                    continue
                entry = tarfile.TarInfo(f"{name}/{below}")
                entry.size, entry.mtime = len(file.text.encode()), file.changed
                tar.addfile(entry, io.BytesIO(file.text.encode()))
        packed = content.getvalue()
        for start in range(0, len(packed), _CHUNK):
            await asyncio.sleep(self.world.step)
            yield packed[start : start + _CHUNK]

    async def write(self, container_id: str, path: str, chunks: Iterable[bytes]) -> None:
        """Unpacks an archive into the mounts below a path, except the files that another mount hides."""
        await self.world.meet("write", path)
        with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
            for entry in tar:
                top, _, below = entry.name.partition("/")
                content = tar.extractfile(entry)
                if content is not None:
                    mount = self._mount(container_id, f"{path}/{top}")
                    if self._hidden(container_id, mount.target, below):
                        continue  # hidden by a mount that is removed with the holder
                    file = SimFile(content.read().decode(), int(entry.mtime))
                    self.world.data.setdefault(mount.name, {})[below] = file
        self.world.save()

    async def empty(self, container_id: str, path: str) -> None:
        """Removes the files of the mount at a path, except those that another mount hides."""
        mount = self._mount(container_id, path)
        await self.world.meet("empty", mount.name)
        there = self.world.data.get(mount.name, {})
        self.world.data[mount.name] = {
            below: file for below, file in there.items() if self._hidden(container_id, path, below)
        }
        self.world.save()

    async def sees(self, container_id: str, path: str) -> bool:
        """Whether the mount at a path can be read on this machine: always true."""
        await self.world.meet("sees", self._mount(container_id, path).name)
        return True

    async def extras(self, container_id: str, path: str) -> tuple[Extras, ...] | None:
        """Returns no extras: simulated files have none."""
        await self.world.meet("extras", self._mount(container_id, path).name)
        return ()

    async def put_extras(self, container_id: str, path: str, extras: Sequence[Extras]) -> tuple[Extras, ...] | None:
        """Returns the extras as if they had been applied."""
        await self.world.meet("put_extras", self._mount(container_id, path).name)
        return tuple(extras)

    def _hidden(self, container_id: str, path: str, below: str) -> bool:
        """Whether another mount of the container covers a file."""
        targets = [mount.target for mount in self.world.container("archive", container_id).made.mounts]
        return any(target.startswith(f"{path}/") and f"{path}/{below}".startswith(f"{target}/") for target in targets)

    def _mount(self, container_id: str, path: str) -> Mount:
        for mount in self.world.container("archive", container_id).made.mounts:
            if mount.target == path:
                return mount
        raise EngineError(EngineFailed(call="archive", reason=f"Could not find the file {path}"))


def write_data(world: World, container: SimContainer, writes: dict[str, str], now: float) -> None:
    """Writes the files that a container's behaviour writes at each start into its mounts."""
    for path, text in writes.items():
        for mount in container.made.mounts:
            if path.startswith(f"{mount.target}/"):
                below = path.removeprefix(f"{mount.target}/")
                world.data.setdefault(mount.name, {})[below] = SimFile(text, int(now))
