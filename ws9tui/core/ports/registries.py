"""The core's interface to registries, asked without the engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ws9tui.core.model.observed import Tags
from ws9tui.core.model.offered import Manifest, OfferedImage
from ws9tui.core.model.reference import Reference
from ws9tui.problems.problem import Problem


class Registries(Protocol):
    """Registries that this program queries itself, with the user's logins and along the same routes as the engine."""

    async def logins(self, registries: Sequence[str]) -> list[Problem]:
        """Returns the problems of all the user's stored logins, and of the credential helpers for these registries.

        An unusable login is treated as absent when it is used, and does not affect others.
        """

    async def tags(self, reference: str) -> Tags:
        """Returns the tags of a reference's repository. Raises `RegistryError`; bounded in time in any case."""

    async def heading(self, reference: Reference) -> Manifest:
        """Returns the manifest that a reference names; raises and is bounded as `tags` is.

        By a HEAD request, which is no counted pull, unless the registry allows none or omits the digest.
        """

    async def describe(self, reference: Reference, platform: str) -> OfferedImage:
        """Returns the image that a reference names for a platform; raises and is bounded as `tags` is.

        At a registry that counts pulls it counts as one, or as two for an index.
        """

    async def members(self, reference: str) -> dict[str, str]:
        """Returns the images of the index that a reference with a digest names: digest → os/architecture.

        Empty for a manifest. Raises `RegistryError`, as `tags` does.
        """

    async def date(self, registry: str) -> str:
        """Returns the Date of a registry's answer, whatever its status; empty if it has none. Bounded as `tags` is."""
