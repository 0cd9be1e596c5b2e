"""Selects the services to update and their references, from what registries offer and the operator wants."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

import msgspec

from ws9tui.core.images import offline
from ws9tui.core.images.archive import Archives
from ws9tui.core.images.listing import DESCRIBED, FEW, list_tags
from ws9tui.core.images.lookup import NewerTags
from ws9tui.core.images.offers import Offers
from ws9tui.core.images.resolve import resolve_all, wanted_reference
from ws9tui.core.inspect import staging
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal import events as e
from ws9tui.core.model import mirrors, newer
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.observed import EngineInfo
from ws9tui.core.model.offer import Offer
from ws9tui.core.model.policy import RULES
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.release import Release
from ws9tui.core.model.terms import Availability, Choice, Question, ServiceView
from ws9tui.core.releases import fetch, install, upgrade
from ws9tui.core.session import Session
from ws9tui.errors import Refused, UsageError, Ws9tuiError
from ws9tui.problems.engine import RunUnfinished
from ws9tui.problems.image import PinGivenUp, PinnedAnew, RuleOffline, TagIncomparable
from ws9tui.problems.problem import Problem
from ws9tui.problems.project import BuildFirst, HasBuild, PullFirst, ServiceUnknown
from ws9tui.problems.upgrade import NoRelease

NEWER_DEADLINE = 45.0
"""seconds that a run with nothing to do waits for the look-up of newer tags"""
NEWER_PATIENCE = 3.0
"""seconds that an unattended run with something to do waits for the same"""


class InsteadError(Exception):
    """The operator chose something other than an update: ``choice`` says what; for RELEASE with the ``release``."""

    def __init__(self, choice: Choice, release: Release | None = None) -> None:
        super().__init__(choice)
        self.choice = choice
        self.release = release


class Selection:
    """The selection of services in one run."""

    def __init__(
        self,
        session: Session,
        found: Survey,
        info: EngineInfo,
        archives: Archives | None,
        instead: tuple[Choice, ...],
        offered: Mapping[str, str],
        fallbacks: tuple[str, ...],
    ) -> None:
        self._session = session
        self._found = found
        self._info = info
        self._archives = archives
        self._offered = offered
        """service → reference from a bundle, where the files name another"""
        self._instead = instead
        """alternatives to an update that the selection offers"""
        self._offers = Offers(session, info, found.definition.mirrors, fallbacks)
        self._newer = NewerTags(self._offers, found, session.emit)
        self._lists: set[asyncio.Task[None]] = set()
        self._views: dict[str, ServiceView] = {}
        self._told: set[Problem] = set()
        """problems with logins that were reported already"""
        self._requested: dict[str, str] = {}
        """service → reference or rule that the operator asked for last"""
        self._answers: asyncio.Task[None]
        """the registry look-ups in progress"""
        self.resolved: dict[str, e.ReferenceResolved] = {}
        """answers of the registries or the archives, by service"""

    async def select(self, views: Sequence[ServiceView], asked: Mapping[str, str]) -> dict[str, ServiceImage] | None:
        """Returns the services to update with the image that each is to get; None if there is nothing to do."""
        self._views = {view.name: view for view in views}
        for view in views:
            if view.selectable:
                wanted_reference(view, "")  # an invalid reference in the files is reported before anything is asked
        references = {name: text for name, text in asked.items() if text}
        for name in references:
            self._known(name)
            if not self._found.project.services[name].reference:
                raise UsageError(HasBuild(service=name))
        self._requested = dict(references)
        references = await self._by_rule(references)
        if not self._session.attended:
            typed = {name: wanted_reference(self._views[name], text) for name, text in references.items()}
            staging.check(self._found, typed)
        async with self._asking(views, references):
            if self._session.options.list_only:
                await asyncio.gather(self._answers, *(self._list(view, FEW) for view in views if view.selectable))
                await self._newer.finish(NEWER_DEADLINE)
                return None
            if not self._session.attended:
                await self._answers
                self._refuse_unbuilt(asked)
                chosen = self._default_selection(asked, references)
                await self._newer.finish(NEWER_PATIENCE if chosen else NEWER_DEADLINE)
                return chosen
            chosen = await self._ask_selection()
        self._refuse_unbuilt(asked)
        return chosen

    async def again(self, services: tuple[str, ...]) -> dict[str, ServiceImage] | None:
        """Repeats the selection after the operator went back because of ``services``."""
        missing = [view for name, view in self._views.items() if name not in self.resolved]
        references: dict[str, str] = {}
        try:
            unanswered = {view.name for view in missing}
            wanted = {name: text for name, text in self._requested.items() if name in unanswered}
            references = await self._by_rule(wanted)
        except Ws9tuiError as error:
            self._session.warn(error.problem)
        async with self._asking(missing, references):
            return await self._ask_selection(services)

    @asynccontextmanager
    async def _asking(self, views: Sequence[ServiceView], references: Mapping[str, str]) -> AsyncIterator[None]:
        """Runs the registry look-ups in the background."""
        self._answers = asyncio.create_task(self._ask_registries(views, references))
        try:
            yield
        finally:
            await self._end_asking()

    async def _end_asking(self) -> None:
        self._answers.cancel()
        await asyncio.wait({self._answers})
        for task in self._lists:
            task.cancel()
        await self._newer.close()
        await self._offers.close()

    async def _recheck(self, mirror: str) -> None:
        """Drops all answers and starts new look-ups, from now on with this mirror, too; does not wait for them."""
        if mirror:
            self._offers.use(mirrors.mirror(mirror))
        self._offers.forget_tags()
        references = await self._by_rule(self._requested)
        await self._end_asking()
        self._offers.forget_all()
        self.resolved.clear()
        self._answers = asyncio.create_task(self._ask_registries(list(self._views.values()), references))

    def offered(self, chosen: Mapping[str, ServiceImage]) -> dict[str, Offer]:
        """Returns the registries' descriptions of the chosen images, by service."""
        told = self._offers.told
        return {name: told[name] for name, want in chosen.items() if name in told and told[name].digest == want.digest}

    async def _ask_registries(self, views: Sequence[ServiceView], references: Mapping[str, str]) -> None:
        engine, info, found = self._session.engine, self._info, self._found
        if self._archives is None:
            asked = {v.name: wanted_reference(v, references.get(v.name, "")) for v in views if v.selectable}
            self._newer.begin(asked)
            await asyncio.gather(
                self._tell_logins(asked.values()),
                resolve_all(self._offers, found, views, references, self._answered),
            )
        else:
            wanted = {**self._offered, **references}
            await offline.resolve_all(engine, self._archives, info, found, views, wanted, self._answered)

    async def _by_rule(self, references: Mapping[str, str]) -> dict[str, str]:
        """Returns the references with rules like `latest-minor` replaced by the chosen tags; raises `Ws9tuiError`."""
        found = dict(references)
        for name, rule in references.items():
            if rule not in RULES:
                continue
            if self._archives is not None:
                raise UsageError(RuleOffline(service=name, rule=rule))
            present = wanted_reference(self._views[name], "")
            if not newer.comparable(present.meant_tag):
                raise UsageError(TagIncomparable(reference=present))
            tags = await self._offers.tags(present.full_name)
            policy = self._offers.policy(self._found, name)
            found[name] = newer.chosen(present.meant_tag, tags.names, RULES[rule], policy)
        return found

    async def _list(self, view: ServiceView, most: int = DESCRIBED) -> None:
        await list_tags(self._offers, self._found, view.name, wanted_reference(view, ""), self._session.emit, most)

    async def _tell_logins(self, wanted: Iterable[Reference]) -> None:
        """Warns of each login that cannot be used, once."""
        for problem in await self._session.engine.registries.logins(sorted({each.registry for each in wanted})):
            if problem not in self._told:
                self._told.add(problem)
                self._session.warn(problem)

    def _answered(self, answer: e.ReferenceResolved) -> None:
        if answer.reference != self._views[answer.service].reference and answer.problem is None:
            try:
                staging.check(self._found, {answer.service: answer.reference})
            except UsageError as error:
                answer = msgspec.structs.replace(
                    answer, availability=Availability.UNKNOWN, problem=error.problem, digest="", image_id=""
                )
        self.resolved[answer.service] = answer
        self._session.emit(answer)
        self._tell_pin(answer)

    def _tell_pin(self, answer: e.ReferenceResolved) -> None:
        """Warns that a service pinned by digest is pinned to a new one, or no longer if no digest is known."""
        old = self._views[answer.service].reference
        new = answer.reference
        if not answer.known or not old.digest or not new.tag or new == old:
            return
        kind = PinnedAnew if new.digest else PinGivenUp
        self._session.warn(kind(service=answer.service, old=old, reference=new), answer.service)

    def _refuse_unbuilt(self, asked: Mapping[str, str]) -> None:
        """Raises `Refused` for a first install if the local image of a service is missing: it would be left out."""
        if not self._found.first:
            return
        built = [name for name, view in self._views.items() if self._availability(view) is Availability.BUILT]
        missing = [name for name in built if not asked or name in asked]
        if not missing:
            return
        services = self._found.project.services
        to_build = [name for name in missing if services[name].build or not services[name].reference]
        if not to_build:
            raise Refused(PullFirst(service=missing[0], reference=services[missing[0]].reference))
        raise Refused(BuildFirst(services=", ".join(to_build)))

    def _availability(self, view: ServiceView) -> Availability:
        answer = self.resolved.get(view.name)
        return answer.availability if answer else view.availability

    def _default_selection(
        self, asked: Mapping[str, str], references: Mapping[str, str]
    ) -> dict[str, ServiceImage] | None:
        wanted = asked or self._views
        answered = [name for name in wanted if name in self.resolved]
        if self._archives is not None:
            offline.refuse(self.resolved[name] for name in answered)
        for answer in (self.resolved[name] for name in answered):
            if not answer.known and (asked or answer.availability is not Availability.BUILT):
                raise Ws9tuiError(answer.problem or RunUnfinished())
        needed = wanted if self._found.first else references
        for answer in (self.resolved[name] for name in needed if name in self.resolved):
            if answer.availability is Availability.HELD and answer.problem is not None:
                raise Refused(answer.problem)
        chosen = {
            name: self.resolved[name].image
            for name in answered
            if name in references or self._is_proposed(name, named=name in asked)
        }
        return chosen or None

    def _is_proposed(self, name: str, *, named: bool) -> bool:
        view, answer = self._views[name], self.resolved[name]
        if answer.availability is Availability.NOT_RUNNING:
            return self._found.first or named
        return view.proposed and answer.availability in (Availability.UPDATE, Availability.CHANGED)

    async def _ask_selection(self, services: tuple[str, ...] = ()) -> dict[str, ServiceImage] | None:
        looks = () if self._archives else (Choice.RECHECK, Choice.TAGS)
        choices = (Choice.GO, Choice.CHECK, *looks, *self._instead, Choice.CANCEL)
        while True:
            decision = await self._session.ask(Question.SELECT, choices, Choice.CANCEL, options=services, cancels=True)
            if decision.choice is Choice.RELEASE:
                await self._go_to_release(decision)
                continue
            if decision.choice in self._instead:
                raise InsteadError(decision.choice)
            try:
                if decision.choice in (Choice.TAGS, Choice.RECHECK):
                    await self._look(decision)
                    continue
                self._requested |= decision.references
                references = await self._by_rule(decision.references)
                wanted = {
                    name: wanted_reference(self._known(name), references.get(name, ""))
                    for name in (*decision.services, *references)
                }
            except Ws9tuiError as error:
                self._session.warn(error.problem)
                continue
            if decision.choice is Choice.CHECK:  # asked again, too: a registry that failed before may answer now
                for reference in wanted.values():
                    self._offers.forget(reference)
                await self._ask_registries([self._views[name] for name in wanted], references)
                continue
            fresh = [
                self._views[name]
                for name, reference in wanted.items()
                if name not in self.resolved or self.resolved[name].reference != reference
            ]
            if fresh:
                await asyncio.wait({self._answers})
                await self._ask_registries(fresh, references)
            chosen = {name: self.resolved[name].image for name in decision.services}
            unknown = [name for name in chosen if not self.resolved[name].known]
            if not unknown:
                return chosen or None
            self._session.warn(self.resolved[unknown[0]].problem or RunUnfinished())

    async def _look(self, decision: e.Decision) -> None:
        """Starts the look-up that the operator asked for while the question stays open."""
        if decision.choice is Choice.RECHECK:
            await self._recheck(decision.answers.get("mirror", ""))
        for name in decision.services if decision.choice is Choice.TAGS else ():
            self._lists.add(asyncio.create_task(self._list(self._known(name))))

    async def _go_to_release(self, decision: e.Decision) -> None:
        """Fetches the wanted release, and raises `InsteadError` for it; a failure is only reported."""
        session, before = self._session, self._session.options
        source = decision.answers.get("source", "").strip() or (session.releases.product if session.releases else "")
        channel = decision.answers.get("channel", "") or before.channel
        session.options = msgspec.structs.replace(before, release=source, channel=channel)
        try:
            if problem := install.source_problem(source):
                raise UsageError(problem)
            found = await fetch.release(session, source, layout=self._found.layout)
            if found is None:
                raise UsageError(NoRelease(source=source))
            upgrade.refuse_other(found, self._found)
        except Ws9tuiError as error:
            session.options = before
            session.warn(error.problem)
            return
        raise InsteadError(Choice.RELEASE, found)

    def _known(self, name: str) -> ServiceView:
        if name not in self._views:
            raise UsageError(
                ServiceUnknown(service=name, project=self._found.source.name, known=", ".join(self._views))
            )
        view = self._views[name]
        if not view.selectable:
            raise UsageError(view.problem or RunUnfinished())
        return view
