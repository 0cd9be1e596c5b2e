"""Lists the tags of a service's repository, and describes the most relevant ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ws9tui.core.images.lookup import doubt
from ws9tui.core.images.offers import Offers
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal.events import Event, TagsListed
from ws9tui.core.model import newer
from ws9tui.core.model.newer import Listed
from ws9tui.core.model.policy import VersionStep
from ws9tui.core.model.reference import Reference
from ws9tui.errors import RegistryError

MOST = 1000
"""tags that are listed; any other one can be typed"""
DESCRIBED = 8
"""tags that are described unasked: each description may count as a pull"""
FEW = 3
"""tags that are described if nobody looks at the list: the newest of each step"""
_NEW = (VersionStep.PATCH, VersionStep.MINOR, VersionStep.MAJOR, VersionStep.CANDIDATE)


async def list_tags(
    offers: Offers,
    found: Survey,
    service: str,
    reference: Reference,
    tell: Callable[[Event], None],
    most: int = DESCRIBED,
) -> None:
    """Emits the tags of a reference's repository, then describes the first of them; raises nothing."""
    try:
        known = await offers.tags(reference.full_name)
    except RegistryError as error:
        tell(TagsListed(service=service, reference=reference, problem=error.problem))
        return
    policy = offers.policy(found, service)
    listed = newer.listed(reference.meant_tag, [name for name in known.names if policy.allows(name)])
    shown, problem = tuple(listed[:MOST]), doubt(reference, known)
    tell(TagsListed(service=service, reference=reference, tags=shown, count=len(listed), problem=problem))
    wanted = [Reference(f"{reference.name}:{tag}") for tag in telling(listed, most)]
    await asyncio.gather(*(offers.tell(found, service, each) for each in wanted))


def telling(listed: list[Listed], most: int) -> list[str]:
    """Returns the tags worth describing: the newest of each step, the current one, then the others in list order."""
    first = {one.step: one.tag for one in reversed(listed) if one.step in _NEW}
    same = [one.tag for one in listed if one.step is VersionStep.SAME]
    new = [one.tag for one in listed if one.step in _NEW]
    return list(dict.fromkeys((*(first[step] for step in _NEW if step in first), *same[:1], *new)))[:most]
