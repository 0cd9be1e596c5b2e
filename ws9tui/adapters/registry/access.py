"""The registries, queried by this program itself, as `core.ports.Registries`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from ws9tui.adapters.registry import logins, manifests, tags
from ws9tui.adapters.registry.client import RegistryClient
from ws9tui.adapters.registry.exchange import Exchange
from ws9tui.adapters.registry.logins import Login, Logins
from ws9tui.adapters.registry.places import RegistryAddress, RegistryConfig
from ws9tui.core.blocking import in_thread_within
from ws9tui.core.model.observed import Tags
from ws9tui.core.model.offered import Manifest, OfferedImage
from ws9tui.core.model.reference import Reference, parse
from ws9tui.errors import RegistryError
from ws9tui.problems import reasons
from ws9tui.problems.image import RegistrySlow
from ws9tui.problems.problem import Problem

T = TypeVar("T")

LOOKUP = 20.0
"""timeout in seconds of one look-up, all pages, tokens and mirrors together"""


class RegistryAccess:
    """The registries that an engine uses, with the logins of this program's user.

    ``places`` asks the engine how it reaches registries; its answer is kept.
    """

    def __init__(
        self, known: Logins, places: Callable[[], Awaitable[RegistryConfig]], *, lookup: float = LOOKUP
    ) -> None:
        self._logins = known
        self._ask = places
        self._lookup = lookup
        self._places: RegistryConfig | None = None
        self._shown: dict[tuple[str, str], dict[str, str]] = {}
        """registry and repository → address → the Authorization header that it asked for"""

    async def logins(self, registries: Sequence[str]) -> list[Problem]:
        """Returns the problems of config.json, and of the credential helpers for these registries."""
        return await self._logins.problems(registries)

    async def tags(self, reference: str) -> Tags:
        """Returns the tags of a reference's repository."""
        return await self._of(parse(reference), tags.tags)

    async def heading(self, reference: Reference) -> Manifest:
        """Returns the digest of a reference, by HEAD if the registry answers that."""
        return await self._of(reference, lambda client, place: manifests.heading(client, place, reference))

    async def describe(self, reference: Reference, platform: str) -> OfferedImage:
        """Returns the image of a reference for a platform, from index, manifest and configuration."""
        return await self._of(reference, lambda client, place: manifests.describe(client, place, reference, platform))

    async def members(self, reference: str) -> dict[str, str]:
        """Returns the images of an index: digest → os/architecture."""
        wanted = parse(reference)
        return await self._of(wanted, lambda client, place: manifests.members(client, place, wanted.digest))

    async def date(self, registry: str) -> str:
        """Returns the Date header of a registry, asked without a login: a refusal has one, too."""
        registry = logins.registry_of_key(registry)
        return await self._asked(registry, "", Login(), registry, RegistryClient.date)

    async def _of(self, reference: Reference, ask: Callable[[RegistryClient, RegistryAddress], T]) -> T:
        """Asks about a reference's repository, with the user's login, at the first usable address."""

        def work(client: RegistryClient) -> T:
            return client.first(lambda place: ask(client, place))

        registry = logins.registry_of_key(reference.registry)
        login = await self._logins.find(registry)
        return await self._asked(registry, reference.full_name.partition("/")[2], login, reference, work)

    async def _asked(
        self, registry: str, repository: str, login: Login, reference: str, work: Callable[[RegistryClient], T]
    ) -> T:
        """Runs a look-up in a thread, whose connections are shut down at the timeout or on cancellation."""
        if self._places is None:
            self._places = await self._ask()
        exchange = Exchange(self._lookup, self._places.proxies)
        client = RegistryClient(exchange, self._places, registry, repository, login, reference)
        client.shown = self._shown.setdefault((registry, repository), client.shown)
        try:
            return await in_thread_within(self._lookup, lambda: work(client), exchange.end)
        except TimeoutError as error:
            raise RegistryError(
                RegistrySlow(reference=reference, registry=registry, reason=reasons.TimedOut())
            ) from error
        finally:
            exchange.end()
