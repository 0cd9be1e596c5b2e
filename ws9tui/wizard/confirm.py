"""The Confirm pane: the summary of the plan, its details in collapsible sections, and the confirmation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from string import ascii_lowercase, digits

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Collapsible

from ws9tui.core.model.plan import Kind, Plan, choose
from ws9tui.core.model.terms import Choice, Question
from ws9tui.wizard import actions, theme
from ws9tui.wizard.block import BLANK, Block, Line
from ws9tui.wizard.cells import WARNING, Cell, cell
from ws9tui.wizard.dialogs import Ask, Option
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.words import labels, plan_line
from ws9tui.words import panes_prepare as words
from ws9tui.words import plan as plan_words
from ws9tui.words import plan_summary as summary
from ws9tui.words.plan_line import LineKind
from ws9tui.words.text import listed

_TONES = {
    LineKind.HEADING: theme.STRONG,
    LineKind.DETAIL: theme.DIM,
    LineKind.ADDED: theme.GOOD,
    LineKind.TAKEN: theme.BAD,
    LineKind.LOSS: theme.WARN,
    LineKind.FOLLOWER: theme.WARN,
}


_DONE_KEY = "n"
_DATA_KEYS = digits[1:] + ascii_lowercase.replace(_DONE_KEY, "")
"""keys of the services whose data can be chosen; further ones are reached with the arrow keys"""


class ConfirmPane(Pane):
    """The plan's summary, visible without scrolling, and its details."""

    CSS_PATH = "confirm.tcss"
    STEP = Step.CONFIRM
    ACTIONS = (actions.APPLY, actions.DATA, actions.DETAILS, actions.PREVIOUS, actions.CANCEL)
    BINDINGS = actions.bindings(*ACTIONS)
    FOCUS = "#main"

    def __init__(self) -> None:
        super().__init__()
        self._data: tuple[str, ...] | None = None
        """services whose data is backed up or restored, if the operator has chosen them"""
        self._summary, self._files, self._containers, self._others = Block(), Block(), Block(), Block()
        self._review = Block()
        self._sections = [
            PlanSection(self._files, id="files"),
            PlanSection(self._containers, id="containers"),
            PlanSection(self._others, id="others"),
        ]

    @property
    def plan(self) -> Plan | None:
        """The plan with the operator's choice of data; None while there is no plan."""
        return choose(self.state.plan, self._data) if self.state.plan else None

    def parts(self) -> Iterator[Widget]:
        """Yields the summary and the collapsible sections."""
        yield self._summary
        yield from self._sections
        yield self._review

    def update(self) -> None:
        """Updates the headline, the summary and the details."""
        plan = self.plan
        self.set_class(plan is None, "-waiting")
        if plan is None:
            self.lead.show([Cell(words.CONFIRM_WAIT(), theme.STRONG)])
            return
        asked = Cell(f"{WARNING} {labels.QUESTIONS[Question.LOSS]()}", f"{theme.BAD} {theme.STRONG}")
        headline = cell(summary.headline(plan, self.state), theme.STRONG)
        self.lead.show([asked, headline] if self._losing else [headline])
        told: list[Line] = [_fact(fact) for fact in summary.facts(plan)]
        self._summary.show([*told, BLANK])
        self._review.show([BLANK, Cell(words.CONFIRM_LEAD(), theme.DIM)])
        parts = plan_words.parts(plan)
        files = _lines(parts.files)
        self._files.show(files)
        self.detail.show(files)
        self.area.set_class(not files, "-empty")
        self._containers.show(_lines(parts.containers))
        digests = ((cell(name), cell(digest, theme.DIM)) for name, digest in plan.binding.digests.items())
        self._others.show([*_lines(parts.others), *digests])
        written = [operation.subject for operation in plan.operations if operation.kind is Kind.WRITE]
        titles = (
            summary.FILES_TOLD(files=listed(written)) if written else "",
            summary.CONTAINERS() if parts.containers else "",
            summary.OTHERS() if parts.others or plan.binding.digests else "",
        )
        for section, title in zip(self._sections, titles, strict=True):
            section.entitle(title)

    def on_collapsible_toggled(self) -> None:
        """Returns the focus to the pane, so that Enter applies the plan."""
        self.main.focus()

    # --- actions ------------------------------------------------------------------------------------------------

    def available(self, name: str) -> bool:
        """Whether an action can run now: applying the plan and choosing data only while the question is open."""
        if name == "details":
            return self.state.plan is not None
        if name == "data" and not (self.state.plan and self.state.plan.candidates):
            return False
        return name in ("apply", "data") and self.asks(Choice.GO)

    def action_details(self) -> None:
        """Opens all sections, or closes them if all are open."""
        closed = any(section.collapsed for section in self._sections)
        for section in self._sections:
            section.collapsed = not closed

    def action_data(self) -> None:
        """Asks for which services data is backed up or restored; each answer toggles one, and asks again."""
        plan = self.plan
        if plan is None:
            return
        chosen = {*plan.saved, *plan.restored}

        def answered(name: str | None) -> None:
            if name in plan.candidates and self.asks(Choice.GO):
                self._data = tuple(one for one in plan.candidates if (one in chosen) is not (one == name))
                self.follow()
                self.action_data()

        options = [
            Option(name, key, words.data_option(name, chosen=name in chosen))
            for key, name in zip_longest(_DATA_KEYS, plan.candidates, fillvalue="")
            if name
        ]
        done = Option("", _DONE_KEY, words.DATA_DONE())
        title, body = words.data_question(plan)
        self.app.push_screen(Ask(title, [Cell(text) for text in body], (done, *options)), answered)

    def action_apply(self) -> None:
        """Asks for confirmation; names data that is lost or not backed up, and then makes 'no' the default."""
        plan = self.plan
        stake = summary.at_stake(plan) if plan else []
        body: list[Line | str] = [cell(text, theme.WARN) for text in stake]
        if self._losing:
            title, answers = labels.QUESTIONS[Question.LOSS](), (words.LOSS_NO(), words.LOSS_YES())
        else:
            title, answers = labels.QUESTIONS[Question.CONFIRM](), (words.CONFIRM_NO(), words.CONFIRM_YES())
            body = [*words.confirm_body(plan), *body]
        self.ask_sure(title, body, answers, Choice.GO, yes_first=not stake and not self._losing, backups=self._data)

    @property
    def _losing(self) -> bool:
        """Whether the open question is `Question.LOSS`, about data that would be left behind."""
        return self.state.asked is not None and self.state.asked.question is Question.LOSS


class PlanSection(Collapsible):
    """A collapsible section of the plan, whose title is plain text without markup."""

    def __init__(self, block: Block, *, id: str) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(block, title="", id=id, collapsed_symbol="▸", expanded_symbol="▾")
        self._titled = ""
        self.entitle("")

    def entitle(self, title: str) -> None:
        """Sets the title; a section without one is hidden."""
        self.set_class(not title, "-empty")
        if title and title != self._titled:
            self._titled = title
            self._title.label = Content(title)


def _fact(fact: summary.SummaryLine) -> Line:
    bad = fact.level is LineKind.LOSS
    tone = theme.WARN if fact.level in (LineKind.LOSS, LineKind.FOLLOWER) else theme.PLAIN
    return (Cell(fact.name, f"{theme.WARN} {theme.STRONG}" if bad else theme.DIM), cell(fact.text, tone))


def _lines(printed: Sequence[plan_line.PlanLine]) -> list[Line]:
    """Returns lines of the printed plan, with a blank line before each heading but the first."""
    found: list[Line] = []
    for level, text in printed:
        if level is LineKind.HEADING and found:
            found.append(BLANK)
        found.append(Cell(text, _TONES.get(level, theme.PLAIN)))
    return found
