"""The real engine, as the core sees it: what each call asks of the Docker SDK."""

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
"""seconds without a byte: an engine 20.10 writes all layers into a folder of its own before it sends the first one"""
_PING = 3.0
_LOG_LINES = 20_000
_MANY_INODES = 1 << 40
_CONFLICT = 409
_NOTHING = json.dumps({"dangling": ["true"], "label": ["ws9tui.none.5e0b1b4f6a"]})
"""a filter for images that none passes"""


def connect() -> DockerEngine:
    """Find the engine as the docker command does; nothing is sent yet, for the first call connects.

    From then on this process and all that it starts mean this engine, whichever context becomes the current one.
    """
    where = endpoint.find(os.environ)
    os.environ.update(where.pinned)
    return DockerEngine(where)


class DockerEngine:
    """An engine behind a socket, as `core.ports.Engine`; works again after the engine was away."""

    def __init__(self, where: Endpoint, *, timeout: float = _ORDINARY) -> None:
        self.host = where.shown
        self._local = where.local
        """whether its paths and its loopback are ours, as far as is known"""
        self._call = Calls(where, timeout)
        self._logins = Logins()
        self.registries = RegistryAccess(self._logins, self._places)
        self.data = EngineData(self._call)
        self.definitions = EngineDefinitions(self._call)

    async def info(self) -> EngineInfo:
        """Ask who it is."""

        def ask(client: APIClient) -> EngineInfo:
            version = client.version(api_version=False) | {"ApiVersion": client.api_version}
            return records.engine_info(client.info(), version, self.host, _ours(client))

        info = await self._call("info", ask)
        self._local = info.local
        return info

    async def refused(self, more: Collection[Needs] = ()) -> list[Problem]:
        """Make each call with what cannot be done."""
        return await self._call("refused", lambda client: refused.calls(client, self.host, self._call.timeout, more))

    async def doubts(self) -> list[Problem]:
        """Try whether SSH lets us in without the agent of the present login, which may end before a run does."""
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
        """List the containers, then look at each; one that vanishes in between is left out."""
        filters = _of_project(project)

        def look(client: APIClient) -> Iterator[Container]:
            for entry in client.containers(all=True, filters=filters):
                with suppress(NotFound):
                    yield records.container(client.inspect_container(entry["Id"]))

        return await self._call("containers", lambda client: list(look(client)), within=_SLOW)

    async def container(self, container_id: str) -> Container | None:
        """Look at one container."""
        return await self._call(
            "container", lambda client: found(lambda: records.container(client.inspect_container(container_id)))
        )

    async def image(self, reference: str) -> Image | None:
        """Look at one image."""
        return await self._call(
            "image",
            lambda client: found(
                lambda: records.image(
                    sent(client, "GET", f"/images/{quote(reference, safe='/:@')}/json?manifests=1").json()
                )
            ),
        )

    async def images(self, repository: str = "") -> list[Image]:
        """List the images."""
        return await self._call(
            "images",
            lambda client: [records.listed_image(entry) for entry in client.images(name=repository or None)],
        )

    async def resolve(self, reference: str) -> Manifest:
        """Let the engine ask the registry, with the user's own login."""
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
        """Raise the registry's error where it is the registry that failed the engine."""
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
        """Pull one image; to close the generator is to stop the download."""
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
        """Send an archive; to close the generator is to hang up."""
        return engine_load.load(self._call, archive)

    def save(self, images: Sequence[str]) -> AsyncGenerator[bytes, None]:
        """Read them as an archive; to close the generator is to hang up."""
        query = urlencode([("names", image) for image in images])
        return streamed(self._call, "save", f"/images/get?{query}", _SAVE_SILENCE)

    async def tag(self, image_id: str, reference: str) -> None:
        """Give an image a tag."""
        named = Reference(reference)
        await self._call("tag", lambda client: client.tag(image_id, named.name, named.meant_tag))

    async def untag(self, reference: str) -> None:
        """Remove one reference; what is in use stays.

        An engine with the containerd image store takes a repository's tags along with the digest that they have there.
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
        """Prune what a label selects that nothing has: it is the garbage collection after it that is wanted."""

        def prune(client: APIClient) -> None:
            with _conflict_ignored():  # somebody else's prune collects as well
                sent(client, "POST", f"/images/prune?{urlencode({'filters': _NOTHING})}", timeout=_SLOW)

        await self._call("collect_partial", prune, within=_SLOW)

    async def disk_free(self) -> tuple[int, int] | None:
        """Look at the file system of the engine's root, if that is one of this machine's."""
        if not self._local:
            return None

        def look(client: APIClient) -> tuple[int, int] | None:
            try:
                status = os.statvfs(client.info().get("DockerRootDir") or "")
            except OSError:
                return None
            # Some file systems make inodes as they need them, and report none.
            return status.f_bavail * status.f_frsize, status.f_favail if status.f_files else _MANY_INODES

        return await self._call("disk_free", look)

    async def logs(self, container_id: str, *, tail: int | None = None) -> bytes:
        """Read the end of a container's log; without a number, as much of it as is bearable."""
        lines = _LOG_LINES if tail is None else tail

        def read(client: APIClient) -> bytes:
            return client.logs(container_id, stdout=True, stderr=True, stream=False, tail=lines)

        return await self._call("logs", read)

    async def changed_files(self, container_id: str) -> list[str]:
        """Compare the container's layer with its image."""
        return await self._call(
            "changed_files", lambda client: records.changed_files(client.diff(container_id)), within=_SLOW
        )

    async def networks(self) -> list[Network]:
        """List the networks."""
        return await self._call("networks", lambda client: [records.network(entry) for entry in client.networks()])

    async def volumes(self, project: str | None = None) -> list[str]:
        """List the volumes."""
        filters = _of_project(project)
        return await self._call(
            "volumes", lambda client: [entry["Name"] for entry in client.volumes(filters).get("Volumes") or []]
        )

    async def remove_volume(self, name: str) -> None:
        """Remove a volume."""

        def remove(client: APIClient) -> None:
            with suppress(NotFound):
                client.remove_volume(name)

        await self._call("remove_volume", remove)

    async def execute(
        self, container_id: str, command: Sequence[str], *, within: float, to_the_end: bool = False
    ) -> tuple[int | None, str]:
        """Run a command in a container, without a terminal."""
        return await engine_exec.execute(self._call, container_id, command, within=within, to_the_end=to_the_end)

    async def answers(self, url: str, *, within: float) -> Reason | str:
        """Ask from here, for its ports are published on this machine; else over SSH, where this machine is meant."""
        return await answers.ask(self._call.ssh, url, within)

    async def signals(self) -> SentSignals:
        """Read the events of the past, up to now by the engine's clock: else it would wait for those to come."""

        def ask(client: APIClient) -> SentSignals:
            now = unix_time(client.info()["SystemTime"])
            query = urlencode({"since": 0, "until": f"{now:.9f}"})
            url = f"{client.base_url}/v{client.api_version}/events?{query}"
            response = client.request("GET", url, timeout=self._call.timeout)
            if response.status_code in REFUSALS:  # something before the engine lets nobody see them
                return SentSignals({}, 0.0)
            response.raise_for_status()
            return records.signals(response.content.decode(errors="replace").splitlines(), now)

        return await self._call("signals", ask)

    async def start(self, container_id: str) -> None:
        """Start a container."""
        await self._call("start", lambda client: client.start(container_id), within=_SLOW)

    async def stop(self, container_id: str) -> None:
        """Stop a container, and wait as long as its own grace period."""

        def look(client: APIClient) -> Container | None:
            return found(lambda: records.container(client.inspect_container(container_id)))

        def stop(client: APIClient) -> None:
            with suppress(NotFound):
                client.stop(container_id, timeout=seconds)

        if there := await self._call("stop", look):
            seconds = int(there.grace)
            await self._call("stop", stop, within=self._call.timeout + seconds)

    async def remove_container(self, container_id: str) -> None:
        """Remove a stopped container; one that is being removed will be gone too."""
        await self._call("remove_container", lambda client: remove(client, container_id), within=_SLOW)

    async def rename(self, container_id: str, name: str) -> None:
        """Rename a container."""
        await self._call("rename", lambda client: client.rename(container_id, name))

    async def remove_network(self, network_id: str) -> None:
        """Remove a network."""

        def remove(client: APIClient) -> None:
            with suppress(NotFound):
                client.remove_network(network_id)

        await self._call("remove_network", remove)

    async def close(self) -> None:
        """Close idle connections; threads that still wait end by their timeout."""
        self._call.close()

    async def _places(self) -> RegistryConfig:
        """Ask how the engine reaches registries."""
        return await self._call("info", lambda client: places.places(client.info(), local=self._local))

    async def _login(self, reference: str) -> tuple[Login, dict[str, str]]:
        """Look up the user's login for an image, and the header by which the engine takes it."""
        registry = logins.registry_of_key(Reference(reference).registry)
        login = await self._logins.find(registry)
        return login, login.headers(registry)


def _of_project(project: str | None) -> dict[str, str] | None:
    return None if project is None else {"label": f"com.docker.compose.project={project}"}


def _ours(client: APIClient) -> Container | None:
    """The container of this engine that we run in."""
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
