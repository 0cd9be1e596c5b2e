"""Data in and out of volumes and bind mounts through the engine's archive interface.

Everything is done on a container that is made and never started, so that no process and no path of this machine is
needed. Facts of the interface (Docker 20.10 to 28): a mount point itself cannot be replaced, so an archive that has a
regular file of its name empties the folder and then fails with *device or resource busy*, which is how `empty` works.
"""

from __future__ import annotations

import base64
import errno
import io
import json
import os
import secrets
import tarfile
from collections.abc import AsyncGenerator, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from docker import APIClient
from docker.errors import APIError, NotFound
from requests import Response

from ws9tui.adapters.engine import file_extras, records
from ws9tui.adapters.engine.calls import Calls, remove, sent, streamed
from ws9tui.core.fs.xattrs import Extras
from ws9tui.core.model.observed import Mount
from ws9tui.errors import EngineError
from ws9tui.problems.data import ExtrasFailed

HOLDER = "ws9tui.holds"
"""label of a holder; its value is the project"""
_NAME = "ws9tui-data-"
_SILENCE = 300.0
"""seconds that the engine may send or take nothing"""
_SIZES = 60.0
"""seconds in which an engine has walked its volumes; sizes are not worth a longer wait"""
_LONGEST = 7 * 24 * 3600.0
_FOLDER_BIT = 1 << 31
"""of a file mode as Go writes it"""
_LOOKS = 3
"""at a folder, into which a program may just be writing"""
_PERMISSIONS = 0o777
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COMPOSE_LABELS = ("project", "service", "oneoff")


class EngineData:
    """The archives of a real engine, as `core.ports.DataAccess`."""

    def __init__(self, call: Calls) -> None:
        self._call = call

    async def volume_sizes(self) -> dict[str, int]:
        """Ask what the volumes take; an engine says -1 where it does not know."""

        def ask(client: APIClient) -> dict[str, int]:
            answer = sent(client, "GET", "/system/df?type=volume", timeout=_SIZES).json()
            return records.volume_sizes(answer)

        return await self._call("volume_sizes", ask, within=_SIZES)

    async def no_data(self) -> dict[str, str]:
        """Look at how the volumes are mounted."""
        return await self._call("no_data", lambda client: records.no_data(client.volumes()))

    async def is_folder(self, container_id: str, path: str) -> bool:
        """Look at the path's mode, which comes in a header."""

        def look(client: APIClient) -> bool:
            try:
                answer = sent(client, "HEAD", _archive(container_id, path))
            except NotFound:
                return False
            return bool(int(_stat(answer).get("mode") or 0) & _FOLDER_BIT)

        return await self._call("is_folder", look)

    async def hold(self, image_id: str, mounts: Sequence[Mount], owner: str) -> str:
        """Create a container that could do nothing if somebody started it, and is in no network."""
        # An image that Compose built has Compose's labels, which its containers would have as well.
        labels = {HOLDER: owner, **{f"com.docker.compose.{name}": "" for name in _COMPOSE_LABELS}}
        binds = [
            {
                "Type": mount.type,
                **({"Source": mount.name} if mount.name else {}),
                "Target": mount.target,
                **({"VolumeOptions": {"NoCopy": True}} if mount.type == "volume" else {}),
            }
            for mount in mounts
        ]
        wanted = {
            "Image": image_id,
            "Entrypoint": ["true"],
            "Cmd": [],
            "Labels": labels,
            "NetworkDisabled": True,
            "Healthcheck": {"Test": ["NONE"]},
            "HostConfig": {"Mounts": binds, "NetworkMode": "none"},
        }

        def make(client: APIClient) -> str:
            path = f"/containers/create?name={_NAME}{secrets.token_hex(4)}"
            return str(sent(client, "POST", path, json=wanted).json()["Id"])

        return await self._call("hold", make, within=_SILENCE)

    async def held(self, owner: str) -> list[str]:
        """Find them by their label."""

        def look(client: APIClient) -> list[str]:
            return [str(one["Id"]) for one in client.containers(all=True, filters={"label": f"{HOLDER}={owner}"})]

        return await self._call("held", look)

    async def let_go(self, holder_id: str) -> None:
        """Remove it with the unnamed volumes that its image declares; what it held is named, and stays."""
        await self._call("let_go", lambda client: remove(client, holder_id, wholly=True), within=_SILENCE)

    def read(self, container_id: str, path: str) -> AsyncGenerator[bytes, None]:
        """Stream it."""
        return streamed(self._call, "read", _archive(container_id, path), _SILENCE)

    async def write(self, container_id: str, path: str, chunks: Iterable[bytes]) -> None:
        """Stream it there, in pieces as they come."""

        def send(client: APIClient) -> None:
            sent(client, "PUT", _archive(container_id, path), data=iter(chunks), timeout=_SILENCE)

        await self._call("write", send, within=_LONGEST)

    async def empty(self, container_id: str, path: str) -> None:
        """Let the engine try to put a file in the mount's place."""
        folder, _, name = path.rpartition("/")
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w") as tar:
            tar.addfile(tarfile.TarInfo(name))

        def send(client: APIClient) -> None:
            try:
                sent(client, "PUT", _archive(container_id, folder), data=content.getvalue(), timeout=_SILENCE)
            except APIError as error:
                if "resource busy" not in str(error.explanation):
                    raise

        await self._call("empty", send, within=_LONGEST)

    async def sees(self, container_id: str, path: str) -> bool:
        """Compare the folder that the engine has there with the one that this machine has."""
        return await self._call("sees", lambda client: _seen(client, container_id, path) is not None)

    async def extras(self, container_id: str, path: str) -> tuple[Extras, ...] | None:
        """Walk the folder on this machine; what cannot be read cannot be seen."""

        def look(client: APIClient) -> tuple[Extras, ...] | None:
            seen = _seen(client, container_id, path)
            try:
                return None if seen is None else file_extras.scan(*seen)
            except OSError:
                return None

        return await self._call("extras", look, within=_LONGEST)

    async def put_extras(self, container_id: str, path: str, extras: Sequence[Extras]) -> tuple[Extras, ...] | None:
        """Walk the folder on this machine twice."""

        def put(client: APIClient) -> tuple[Extras, ...] | None:
            seen = _seen(client, container_id, path)
            if seen is None:
                return None
            try:
                file_extras.apply(seen.folder, extras, seen.hidden)
                return file_extras.scan(*seen)
            except OSError as error:
                if error.errno == errno.ENOTSUP:  # the data is on another file system by now
                    return None
                raise EngineError(ExtrasFailed(path=seen.folder, reason=error.strerror)) from error

        return await self._call("put_extras", put, within=_LONGEST)


class _Seen(NamedTuple):
    """A folder of this machine that a holder has mounted."""

    folder: str
    hidden: tuple[str, ...]
    """paths below it over which the holder has something else, so that nothing of them is read or written"""


def _seen(client: APIClient, container_id: str, path: str) -> _Seen | None:
    """The folder of this machine that is mounted there; None where we are not root, or the engine is elsewhere.

    An engine may be reached by a socket of this machine and still see other folders: one in a virtual machine, or in a
    mount namespace of its own. So what it says of the folder must be what we see of it, the time to the microsecond.
    """
    if os.geteuid() != 0 or not client.base_url.startswith("http+docker:"):
        return None
    mounts = client.inspect_container(container_id).get("Mounts") or ()
    folder = next((str(mount.get("Source") or "") for mount in mounts if mount.get("Destination") == path), "")
    targets = [str(mount.get("Destination") or "") for mount in mounts]
    hidden = tuple(target.removeprefix(f"{path}/") for target in targets if target.startswith(f"{path}/"))
    for _ in range(_LOOKS if folder else 0):
        said = _stat(sent(client, "HEAD", _archive(container_id, path)))
        try:
            status = Path(folder).stat()
        except OSError:
            return None
        changed = (datetime.fromisoformat(str(said["mtime"])) - _EPOCH) // timedelta(microseconds=1)
        found = (status.st_mode & _PERMISSIONS, status.st_size, status.st_mtime_ns // 1000)
        if found == (int(said["mode"]) & _PERMISSIONS, said["size"], changed):
            return _Seen(folder, hidden)
    return None


def _stat(answer: Response) -> dict[str, Any]:
    """What the engine says of a path, in a header: name, size, mode as Go writes it, time."""
    said: dict[str, Any] = json.loads(base64.b64decode(answer.headers.get("X-Docker-Container-Path-Stat") or "e30="))
    return said


def _archive(container_id: str, path: str) -> str:
    return f"/containers/{quote(container_id)}/archive?{urlencode({'path': path})}"
