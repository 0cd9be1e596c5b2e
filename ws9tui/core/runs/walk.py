"""Walks from the selection to the confirmed plan; before the commit the operator may go back.

Pulled images are kept for the run and not pulled again; those that are not needed in the end are removed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from ws9tui.core.commit import record
from ws9tui.core.commit.goal import Goal
from ws9tui.core.commit.record import Present
from ws9tui.core.inspect.opened import Opened
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.inspect.trial import Draft
from ws9tui.core.journal import events as e
from ws9tui.core.journal import ledger
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.terms import Outcome, ServiceView
from ws9tui.core.runs import confirm, preflight
from ws9tui.core.runs.prepare import Preparation
from ws9tui.core.session import Session, WentBack
from ws9tui.core.store import generation


class Walk:
    """The steps of one update or first install."""

    def __init__(
        self, session: Session, opened: Opened, preparation: Preparation, installed: Survey, draft: Draft | None
    ) -> None:
        self._session = session
        self._opened = opened
        self._preparation = preparation
        self._installed = installed
        self._draft = draft
        self._found = draft.survey if draft else installed
        self._here: Present | None = None
        """the generation that runs now"""
        self._recorded = False

    async def go(self, entries: Sequence[ServiceView]) -> e.Finished | Goal:
        """Returns the goal, with images fetched and verified and the plan confirmed; or how a run without one ends."""
        selection = self._preparation.selection
        chosen = await selection.select(entries, self._opened.asked)
        if self._session.options.list_only:
            return e.Finished(outcome=Outcome.LISTED)
        while True:
            try:
                return await self._session.walkable(self._on(chosen))
            except WentBack as back:
                if back.without:
                    chosen = {name: want for name, want in (chosen or {}).items() if name not in back.services}
                else:
                    chosen = await selection.again(back.services)

    async def _on(self, chosen: Mapping[str, ServiceImage] | None) -> e.Finished | Goal:
        """Continues with the chosen services and their images; raises `WentBack`."""
        session, opened, preparation = self._session, self._opened, self._preparation
        if chosen is None and preparation.writes:  # only files change, and no container uses them
            chosen = {}
        if chosen is None:
            return self._up_to_date()
        offered = preparation.selection.offered(chosen)
        staged = await preparation.stage(chosen)
        self._here = here = self._here or await record.present(session, opened, self._installed, self._draft)
        if session.options.plan_only:
            await preparation.trust.before_pull(chosen)
            known = await preparation.images.without_pull(chosen)
            known = await preparation.besides(staged, known, pull=False)
            planned = (await preparation.plan(staged, known, here)).plan
            refusal = await preflight.refusal(session, opened, self._found, offered, tuple(chosen), planned)
            refusal = refusal or preparation.trust.refusal()
            return e.Finished(outcome=Outcome.REFUSED if refusal else Outcome.PLANNED, problem=refusal)
        session.remember()
        written = [edit.path for edit in staged.edits]
        await preflight.before_pull(session, opened, self._found, offered, tuple(chosen), written)
        await preparation.trust.before_pull(chosen)
        await preparation.trust.settle()
        if not self._recorded:
            await record.save(session, opened, self._found, here)
            self._recorded = True
        wanted = await preparation.images.pull(chosen)
        wanted = await preparation.besides(staged, wanted)
        await preparation.trust.after_pull(wanted)
        await preparation.verify(wanted)
        await preparation.trust.settle()
        goal = await preparation.plan(staged, wanted, here)
        if not goal.plan.operations:
            return self._up_to_date()
        if self._draft is not None and self._draft.modes:
            goal = msgspec.structs.replace(goal, after=generation.with_modes(goal.after, self._draft.modes))
        preflight.before_commit(opened, self._found, goal.plan)
        local = opened.info.local
        plan = await confirm.plan_of_update(session, opened.state, goal.plan, wait=self._waits, local=local)
        return msgspec.structs.replace(goal, plan=plan)

    @property
    def _waits(self) -> bool:
        """Whether the operator is asked about the versions."""
        wanted = self._session.options.step_by_step or self._found.definition.step_by_step
        return wanted or self._preparation.undecided

    def _up_to_date(self) -> e.Finished:
        self._session.ledger = ledger.with_names(self._session.ledger)
        self._session.remembered = False
        return e.Finished(outcome=Outcome.UP_TO_DATE)
