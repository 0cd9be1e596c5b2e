"""Copies data out of and into volumes and bind mounts through the engine's archive interface.

All calls use a container that is created and never started, so no process and no path of this machine is needed.
Facts of the interface (Docker 20.10 to 28): a mount point itself cannot be replaced, so an archive with a regular
file of its name empties the folder and then fails with *device or resource busy*, which is how `empty` works.
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
"""label of a holder container; its value is the project's name"""
_NAME = "ws9tui-data-"
_SILENCE = 300.0
"""longest time in seconds in which the engine neither sends nor accepts data"""
_SIZES = 60.0
"""timeout in seconds for the sizes of volumes, for which the engine walks all of them"""
_LONGEST = 7 * 24 * 3600.0
_FOLDER_BIT = 1 << 31
"""the bit of a directory in Go's file modes"""
_LOOKS = 3
"""attempts to compare a folder, into which a program may be writing"""
_PERMISSIONS = 0o777
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COMPOSE_LABELS = ("project", "service", "oneoff")


class EngineData:
    """The data of a real engine, as `core.ports.DataAccess`."""

    def __init__(self, call: Calls) -> None:
        self._call = call

    async def volume_sizes(self) -> dict[str, int]:
        """Returns the bytes of each volume whose size the engine knows."""

        def ask(client: APIClient) -> dict[str, int]:
            answer = sent(client, "GET", "/system/df?type=volume", timeout=_SIZES).json()
            return records.volume_sizes(answer)

        return await self._call("volume_sizes", ask, within=_SIZES)

    async def no_data(self) -> dict[str, str]:
        """Returns the volumes that hold no data, by their mount options: volume → why."""
        return await self._call("no_data", lambda client: records.no_data(client.volumes()))

    async def is_folder(self, container_id: str, path: str) -> bool:
        """Whether a path in a container exists and is a folder, by its mode in a header."""

        def look(client: APIClient) -> bool:
            try:
                answer = sent(client, "HEAD", _archive(container_id, path))
            except NotFound:
                return False
            return bool(int(_stat(answer).get("mode") or 0) & _FOLDER_BIT)

        return await self._call("is_folder", look)

    async def hold(self, image_id: str, mounts: Sequence[Mount], owner: str) -> str:
        """Creates a holder container, harmless if somebody starts it and in no network; returns its ID."""
        # An image that Compose built has Compose's labels, which the container would inherit.
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
            return str(sent(client, "POST", path, json=wanted, timeout=_SILENCE).json()["Id"])

        return await self._call("hold", make, within=_SILENCE)

    async def held(self, owner: str) -> list[str]:
        """Returns the IDs of a project's holder containers, found by their label."""

        def look(client: APIClient) -> list[str]:
            return [str(one["Id"]) for one in client.containers(all=True, filters={"label": f"{HOLDER}={owner}"})]

        return await self._call("held", look)

    async def let_go(self, holder_id: str) -> None:
        """Removes a holder container and its anonymous volumes; the named volumes that it held stay."""
        await self._call("let_go", lambda client: remove(client, holder_id, wholly=True), within=_SILENCE)

    def read(self, container_id: str, path: str) -> AsyncGenerator[bytes, None]:
        """Streams the tar archive of a path."""
        return streamed(self._call, "read", _archive(container_id, path), _SILENCE)

    async def write(self, container_id: str, path: str, chunks: Iterable[bytes]) -> None:
        """Unpacks a tar archive below a path, streamed chunk by chunk."""

        def send(client: APIClient) -> None:
            sent(client, "PUT", _archive(container_id, path), data=iter(chunks), timeout=_SILENCE)

        await self._call("write", send, within=_LONGEST)

    async def empty(self, container_id: str, path: str) -> None:
        """Empties a mount: the engine removes the content before it fails to put a file in the mount's place."""
        folder, _, name = path.rpartition("/")
        content = io.BytesIO()
        with tarfile.open(fileobj=content, mode="w") as tar:
            tar.addfile(tarfile.TarInfo(name))

        def send(client: APIClient) -> None:
            try:
                # It says nothing while it deletes, however much that is.
                sent(client, "PUT", _archive(container_id, folder), data=content.getvalue(), timeout=_LONGEST)
            except APIError as error:
                if "resource busy" not in str(error.explanation):
                    raise

        await self._call("empty", send, within=_LONGEST)

    async def sees(self, container_id: str, path: str) -> bool:
        """Whether a mount's folder is accessible on this machine."""
        return await self._call("sees", lambda client: _seen(client, container_id, path) is not None)

    async def extras(self, container_id: str, path: str) -> tuple[Extras, ...] | None:
        """Returns the extended attributes and holes in a mount; None if its folder is not readable on this machine."""

        def look(client: APIClient) -> tuple[Extras, ...] | None:
            seen = _seen(client, container_id, path)
            try:
                return None if seen is None else file_extras.scan(*seen)
            except OSError:
                return None

        return await self._call("extras", look, within=_LONGEST)

    async def put_extras(self, container_id: str, path: str, extras: Sequence[Extras]) -> tuple[Extras, ...] | None:
        """Sets the extended attributes and holes in a mount and returns the result; None if it cannot."""

        def put(client: APIClient) -> tuple[Extras, ...] | None:
            seen = _seen(client, container_id, path)
            if seen is None:
                return None
            try:
                file_extras.apply(seen.folder, extras, seen.hidden)
                return file_extras.scan(*seen)
            except OSError as error:
                if error.errno == errno.ENOTSUP:  # the data has moved to another file system
                    return None
                raise EngineError(ExtrasFailed(path=seen.folder, reason=error.strerror)) from error

        return await self._call("put_extras", put, within=_LONGEST)


class _Seen(NamedTuple):
    """A folder of this machine that a holder container mounts."""

    folder: str
    hidden: tuple[str, ...]
    """paths below the folder that other mounts of the holder hide; they are neither read nor written"""


def _seen(client: APIClient, container_id: str, path: str) -> _Seen | None:
    """Returns the folder of this machine behind a mount; None if not root, or if the engine sees another folder.

    An engine behind a socket of this machine may still see other folders: one in a virtual machine, or in a mount
    namespace of its own. So mode, size and modification time, to the microsecond, must be equal on both sides.
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
    """Returns the header that describes a path: name, size, Go file mode, modification time."""
    said: dict[str, Any] = json.loads(base64.b64decode(answer.headers.get("X-Docker-Container-Path-Stat") or "e30="))
    return said


def _archive(container_id: str, path: str) -> str:
    return f"/containers/{quote(container_id)}/archive?{urlencode({'path': path})}"
