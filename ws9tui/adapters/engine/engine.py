"""The real engine behind the core's port: one method for each call, through the Docker SDK."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncGenerator, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from urllib.parse import quote, urlencode

from docker import APIClient
from docker.errors import APIError, NotFound

from ws9tui.adapters import child
from ws9tui.adapters.engine import answers, endpoint, messages, records, refused
from ws9tui.adapters.engine import execute as engine_exec
from ws9tui.adapters.engine import load as engine_load
from ws9tui.adapters.engine.calls import Calls, found, remove, sent, streamed
from ws9tui.adapters.engine.data import EngineData
from ws9tui.adapters.engine.definitions import EngineDefinitions
from ws9tui.adapters.engine.endpoint import Endpoint
from ws9tui.adapters.engine.problems import REFUSALS, is_page, refusal
from ws9tui.adapters.engine.pull_stream import AnsweredError, BrokenError, PullStream
from ws9tui.adapters.engine.ssh import SSH_FAILED
from ws9tui.adapters.registry import logins, places
from ws9tui.adapters.registry.access import RegistryAccess
from ws9tui.adapters.registry.errors import registry_error, unanswered
from ws9tui.adapters.registry.logins import Login, Logins
from ws9tui.adapters.registry.places import RegistryConfig
from ws9tui.core.inspect import within
from ws9tui.core.model.durations import unix_time
from ws9tui.core.model.observed import Container, EngineInfo, Image, Network, PullEvent, SentSignals
from ws9tui.core.model.offered import Manifest
from ws9tui.core.model.reference import Reference
from ws9tui.core.ports import Needs
from ws9tui.errors import EngineError
from ws9tui.problems import reasons
from ws9tui.problems.engine import CallRefused, EngineFailed, EngineTimeout
from ws9tui.problems.problem import Problem, Reason
from ws9tui.problems.reach import AgentNeeded

_ORDINARY = 30.0
_SLOW = 120.0
_SAVE_SILENCE = 3600.0
"""read timeout in seconds: engine 20.10 writes all layers into a temporary folder before it sends the first byte"""
_PING = 3.0
_LOG_LINES = 20_000
_MANY_INODES = 1 << 40
_CONFLICT = 409
_NOTHING = json.dumps({"dangling": ["true"], "label": ["ws9tui.none.5e0b1b4f6a"]})
"""a filter that matches no image"""


def connect() -> DockerEngine:
    """Finds the engine as the docker command does; sends nothing, because the first call connects.

    Binds this process and its children to this engine, even if the current Docker context changes.
    """
    where = endpoint.find(os.environ)
    os.environ.update(where.pinned)
    return DockerEngine(where)


class DockerEngine:
    """A real engine, as `core.ports.Engine`; works again after an engine outage."""

    def __init__(self, where: Endpoint, *, timeout: float = _ORDINARY) -> None:
        self.host = where.shown
        self._local = where.local
        """whether it shares paths and loopback with this process; a guess by its address until `info`"""
        self._call = Calls(where, timeout)
        self._logins = Logins()
        self.registries = RegistryAccess(self._logins, self._places)
        self.data = EngineData(self._call)
        self.definitions = EngineDefinitions(self._call)

    async def info(self) -> EngineInfo:
        """Returns the engine's ID, version and capabilities, and whether it is local."""

        def ask(client: APIClient) -> EngineInfo:
            version = client.version(api_version=False) | {"ApiVersion": client.api_version}
            return records.engine_info(client.info(), version, self.host, _ours(client))

        info = await self._call("info", ask)
        self._local = info.local
        return info

    async def refused(self, more: Collection[Needs] = ()) -> list[Problem]:
        """Returns the calls that a proxy refuses; each is tried with parameters that cannot succeed."""
        return await self._call("refused", lambda client: refused.calls(client, self.host, self._call.timeout, more))

    async def doubts(self) -> list[Problem]:
        """Returns `AgentNeeded` if SSH fails without the login's agent, which may end before the run does."""
        agent = os.environ.get("SSH_AUTH_SOCK", "")
        if self._call.ssh is None or not agent:
            return []
        environment = {name: value for name, value in os.environ.items() if name != "SSH_AUTH_SOCK"}
        try:
            done = await child.run(self._call.ssh.trial, folder=None, environment=environment, timeout=_ORDINARY)
        except (TimeoutError, OSError):
            return []
        return [AgentNeeded(host=self.host, agent=agent)] if done.status == SSH_FAILED else []

    async def containers(self, project: str | None = None) -> list[Container]:
        """Lists the containers, then inspects each; one that vanishes in between is left out."""
        filters = _of_project(project)

        def look(client: APIClient) -> Iterator[Container]:
            for entry in client.containers(all=True, filters=filters):
                with suppress(NotFound):
                    yield records.container(client.inspect_container(entry["Id"]))

        return await self._call("containers", lambda client: list(look(client)), within=_SLOW)

    async def container(self, container_id: str) -> Container | None:
        """Returns a container; None if it does not exist."""
        return await self._call(
            "container", lambda client: found(lambda: records.container(client.inspect_container(container_id)))
        )

    async def image(self, reference: str) -> Image | None:
        """Returns an image, with its platform's manifest if the engine lists manifests; None if it does not exist."""
        return await self._call(
            "image",
            lambda client: found(
                lambda: records.image(
                    sent(client, "GET", f"/images/{quote(reference, safe='/:@')}/json?manifests=1").json()
                )
            ),
        )

    async def images(self, repository: str = "") -> list[Image]:
        """Lists the local images, or those of a repository."""
        return await self._call(
            "images",
            lambda client: [records.listed_image(entry) for entry in client.images(name=repository or None)],
        )

    async def resolve(self, reference: str) -> Manifest:
        """Returns what the registry has under a reference, asked by the engine with the user's login."""
        login, headers = await self._login(reference)

        def ask(client: APIClient) -> Manifest:
            answer = sent(client, "GET", f"/distribution/{quote(reference, safe='/:@')}/json", headers=headers)
            return records.manifest(answer.json())

        try:
            return await self._call("resolve", ask)
        except EngineError as error:
            await self._blame_registry(error, reference, login)
            raise

    async def _blame_registry(self, error: EngineError, reference: str, login: Login) -> None:
        """Raises `RegistryError` if the registry, not the engine, failed; after a timeout a ping decides."""
        cause = error.__cause__
        if isinstance(error.problem, EngineTimeout):
            await self._call("ping", lambda client: client.ping(), within=_PING)
            raise unanswered(reference) from cause
        if (
            isinstance(cause, APIError)
            and not isinstance(error.problem, CallRefused)
            and not is_page(str(cause.explanation))
        ):
            status = cause.status_code or 0
            raise registry_error(str(cause.explanation), reference, status, login=login.doubt) from cause

    async def pull(self, reference: str) -> AsyncGenerator[PullEvent, None]:
        """Pulls one image; closing the generator stops the download."""
        login, headers = await self._login(reference)
        version = await self._call("pull", lambda client: client.api_version)
        wanted = Reference(reference)
        query = urlencode({"fromImage": wanted.name, "tag": wanted.digest or wanted.meant_tag})
        try:
            path = f"/v{version}/images/create?{query}"
            async with PullStream(self._call.url, self._call.where, path, headers) as lines:
                async for line in lines:
                    event = messages.pull_event(line)
                    if event.error:
                        raise registry_error(event.error, reference, login=login.doubt)
                    yield event
        except AnsweredError as error:
            if error.status in REFUSALS and is_page(error.said):
                raise refusal("POST", "/images/create", self.host) from error
            if is_page(error.said):
                raise EngineError(EngineFailed(call="pull", reason=reasons.HttpStatus(status=error.status))) from error
            raise registry_error(error.said, reference, error.status, login=login.doubt) from error
        except BrokenError as error:
            raise self._call.error("pull", error) from error

    def load(self, archive: Iterable[bytes]) -> AsyncGenerator[PullEvent, None]:
        """Loads an archive; closing the generator cuts it and waits for the engine's answer."""
        return engine_load.load(self._call, archive)

    def save(self, images: Sequence[str]) -> AsyncGenerator[bytes, None]:
        """Streams local images as an archive; closing the generator closes the connection."""
        query = urlencode([("names", image) for image in images])
        return streamed(self._call, "save", f"/images/get?{query}", _SAVE_SILENCE)

    async def tag(self, image_id: str, reference: str) -> None:
        """Tags an image."""
        named = Reference(reference)
        await self._call("tag", lambda client: client.tag(image_id, named.name, named.meant_tag))

    async def untag(self, reference: str) -> None:
        """Removes one reference, unless it is in use.

        With the containerd image store, removing a digest removes the repository's tags of it; so it stays if there are
        any.
        """

        def remove(client: APIClient) -> None:
            with suppress(NotFound), _conflict_ignored():
                if "@" in reference:
                    found = records.image(client.inspect_image(reference))  # type: ignore[no-untyped-call]
                    if found.digest and any(tag.same_repository(Reference(reference)) for tag in found.tags):
                        return
                client.remove_image(reference, force=False, noprune=False)

        await self._call("untag", remove, within=_SLOW)

    async def collect_partial(self) -> None:
        """Triggers the engine's garbage collection, by a prune whose filter matches no image."""

        def prune(client: APIClient) -> None:
            with _conflict_ignored():  # a concurrent prune collects as well
                sent(client, "POST", f"/images/prune?{urlencode({'filters': _NOTHING})}", timeout=_SLOW)

        await self._call("collect_partial", prune, within=_SLOW)

    async def disk_free(self) -> tuple[int, int] | None:
        """Returns free bytes and inodes of the engine's root; None if it is not on this machine or unreadable."""
        if not self._local:
            return None

        def look(client: APIClient) -> tuple[int, int] | None:
            try:
                status = os.statvfs(client.info().get("DockerRootDir") or "")
            except OSError:
                return None
            # Some file systems create inodes on demand and report none.
            return status.f_bavail * status.f_frsize, status.f_favail if status.f_files else _MANY_INODES

        return await self._call("disk_free", look)

    async def logs(self, container_id: str, *, tail: int | None = None) -> bytes:
        """Returns the last lines of a container's log, by default 20,000."""
        lines = _LOG_LINES if tail is None else tail

        def read(client: APIClient) -> bytes:
            return client.logs(container_id, stdout=True, stderr=True, stream=False, tail=lines)

        return await self._call("logs", read)

    async def changed_files(self, container_id: str) -> list[str]:
        """Returns the paths that were changed or added in the container's own layer."""
        return await self._call(
            "changed_files", lambda client: records.changed_files(client.diff(container_id)), within=_SLOW
        )

    async def networks(self) -> list[Network]:
        """Lists the networks."""
        return await self._call("networks", lambda client: [records.network(entry) for entry in client.networks()])

    async def volumes(self, project: str | None = None) -> list[str]:
        """Lists the names of the volumes, or of those with a project's label."""
        filters = _of_project(project)
        return await self._call(
            "volumes", lambda client: [entry["Name"] for entry in client.volumes(filters).get("Volumes") or []]
        )

    async def remove_volume(self, name: str) -> None:
        """Removes a volume; absent is no error."""

        def remove(client: APIClient) -> None:
            with suppress(NotFound):
                client.remove_volume(name)

        await self._call("remove_volume", remove)

    async def execute(
        self, container_id: str, command: Sequence[str], *, within: float, to_the_end: bool = False
    ) -> tuple[int | None, str]:
        """Runs a command in a container, without a TTY."""
        return await engine_exec.execute(self._call, container_id, command, within=within, to_the_end=to_the_end)

    async def answers(self, url: str, *, within: float) -> Reason | str:
        """Returns why a URL does not answer; asked from here, or through SSH for a remote engine's loopback."""
        return await answers.ask(self._call.ssh, url, within)

    async def signals(self) -> SentSignals:
        """Returns the signals in past events; up to now by the engine's clock, else it would wait for new events."""

        def ask(client: APIClient) -> SentSignals:
            now = unix_time(client.info()["SystemTime"])
            query = urlencode({"since": 0, "until": f"{now:.9f}"})
            url = f"{client.base_url}/v{client.api_version}/events?{query}"
            response = client.request("GET", url, timeout=self._call.timeout)
            if response.status_code in REFUSALS:  # a proxy forbids the call
                return SentSignals({}, 0.0)
            response.raise_for_status()
            return records.signals(response.content.decode(errors="replace").splitlines(), now)

        return await self._call("signals", ask)

    async def start(self, container_id: str) -> None:
        """Starts a container."""
        await self._call("start", lambda client: client.start(container_id), within=_SLOW)

    async def stop(self, container_id: str) -> None:
        """Stops a container, with its own grace period as the timeout; absent is no error."""

        def look(client: APIClient) -> Container | None:
            return found(lambda: records.container(client.inspect_container(container_id)))

        def stop(client: APIClient) -> None:
            with suppress(NotFound):
                client.stop(container_id, timeout=seconds)

        if there := await self._call("stop", look):
            seconds = int(there.grace)
            await self._call("stop", stop, within=self._call.timeout + seconds)

    async def remove_container(self, container_id: str) -> None:
        """Removes a stopped container; no error if it is absent or already being removed."""
        await self._call("remove_container", lambda client: remove(client, container_id), within=_SLOW)

    async def rename(self, container_id: str, name: str) -> None:
        """Renames a container."""
        await self._call("rename", lambda client: client.rename(container_id, name))

    async def remove_network(self, network_id: str) -> None:
        """Removes a network; absent is no error."""

        def remove(client: APIClient) -> None:
            with suppress(NotFound):
                client.remove_network(network_id)

        await self._call("remove_network", remove)

    async def close(self) -> None:
        """Closes idle connections; threads that still wait end by their timeout."""
        self._call.close()

    async def _places(self) -> RegistryConfig:
        """Returns the engine's registry configuration."""
        return await self._call("info", lambda client: places.places(client.info(), local=self._local))

    async def _login(self, reference: str) -> tuple[Login, dict[str, str]]:
        """Returns the user's login for an image, and the header that passes it to the engine."""
        registry = logins.registry_of_key(Reference(reference).registry)
        login = await self._logins.find(registry)
        return login, login.headers(registry)


def _of_project(project: str | None) -> dict[str, str] | None:
    return None if project is None else {"label": f"com.docker.compose.project={project}"}


def _ours(client: APIClient) -> Container | None:
    """Returns the container of this engine in which this process runs; None outside any."""
    for name in within.ids():
        with suppress(NotFound):
            return records.container(client.inspect_container(name))
    return None


@contextmanager
def _conflict_ignored() -> Iterator[None]:
    try:
        yield
    except APIError as error:
        if error.status_code != _CONFLICT:
            raise
