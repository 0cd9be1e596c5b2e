"""What the core needs of the registries, past the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ws9tui.core.model.observed import Tags
from ws9tui.core.model.offered import Manifest, OfferedImage
from ws9tui.core.model.reference import Reference
from ws9tui.problems.problem import Problem


class Registries(Protocol):
    """The registries, as this program asks them itself: with the user's logins, in the ways that the engine has."""

    async def logins(self, registries: Sequence[str]) -> list[Problem]:
        """What is wrong with the user's logins: with all that are kept, and with what knows those at these registries.

        What is wrong is left out where a login is used, and harms no other.
        """

    async def tags(self, reference: str) -> Tags:
        """The tags of a reference's repository. Raises `RegistryError`, in bounded time, whatever the registry does."""

    async def heading(self, reference: Reference) -> Manifest:
        """What a reference names, without a pull; raises and is bounded as `tags` is."""

    async def describe(self, reference: Reference, platform: str) -> OfferedImage:
        """The image that a reference names for a platform; raises and is bounded as `tags` is.

        Where a registry counts pulls this is one, or two of an index.
        """

    async def members(self, reference: str) -> dict[str, str]:
        """The images of the index that a reference with a digest names: digest → os/architecture; none of a manifest.

        Raises `RegistryError`, as `tags` does.
        """

    async def date(self, registry: str) -> str:
        """The Date of a registry's answer, whatever else it says; empty where it has none. Bounded as `tags` is."""
