"""The Images pane: what runs, what the registries have, and which services are to be updated."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from ws9tui.core.journal import choice_state
from ws9tui.core.journal.events import ReferenceResolved
from ws9tui.core.journal.run_state import Newest, ServiceRow
from ws9tui.core.model.terms import Availability, Choice
from ws9tui.core.releases import install
from ws9tui.wizard import actions, cells, findings, theme
from ws9tui.wizard.block import Line
from ws9tui.wizard.cells import Cell, cell
from ws9tui.wizard.entry import TextEntry
from ws9tui.wizard.frame import Pane, decides
from ws9tui.wizard.route import Step
from ws9tui.wizard.table import Column, Rows
from ws9tui.wizard.tags import TagsDialog
from ws9tui.wizard.validators import IsMirror, IsReference
from ws9tui.words import labels, panes, panes_install, phrases, problems
from ws9tui.words import offers as offer_words
from ws9tui.words import panes_prepare as words
from ws9tui.words.text import age, clean, listed, short_digest, size

_STATUS = {
    Availability.CHECKING: ("…", theme.DIM),
    Availability.UPDATE: ("↑", theme.ACCENT),
    Availability.CURRENT: (cells.DONE, theme.GOOD),
    Availability.UNKNOWN: ("?", theme.WARN),
    Availability.BUILT: ("-", theme.DIM),
    Availability.PROVIDED: ("-", theme.DIM),
    Availability.PINNED: ("-", theme.DIM),
    Availability.HELD: ("…", theme.WARN),
    Availability.CHANGED: ("↑", theme.ACCENT),
    Availability.NOT_RUNNING: ("-", theme.DIM),
}
_OFFERED = (Availability.UPDATE, Availability.HELD, Availability.NOT_RUNNING)
"""statuses for which an image's age and size are shown"""
_COLUMNS = (
    Column(""),
    Column(panes.SERVICE, least=8, most=24),
    Column(panes.RUNNING, least=6, most=18),
    Column(panes.REGISTRY, least=6, most=18),
    Column(panes.AGE, right=True, rank=2),
    Column(panes.SIZE, right=True, rank=1),
    Column(panes.STATUS),
)
_CHOICES = {
    "all": Choice.GO,
    "to_release": Choice.RELEASE,
    "go_back": Choice.GO_BACK,
    "record": Choice.ADOPT,
    "recheck": Choice.RECHECK,
    "mirror": Choice.RECHECK,
}
"""action → the choice that the open question must take for it"""


class ImagesPane(Pane):
    """The services, one per row, and the details of the one under the cursor."""

    STEP = Step.IMAGES
    ACTIONS = (
        actions.TOGGLE,
        actions.ALL,
        actions.TAGS,
        actions.EDIT,
        actions.GO,
        actions.FINISH,
        actions.TO_RELEASE,
        actions.GO_BACK,
        actions.RECORD,
        actions.RECHECK,
        actions.MIRROR,
        actions.CANCEL,
    )
    BINDINGS = actions.bindings(*ACTIONS)
    CLICK = actions.TOGGLE

    def __init__(self) -> None:
        super().__init__()
        self._chosen: dict[str, bool] = {}
        """service → whether the operator has selected it; the others are as the worker proposes"""
        self._checking: dict[str, tuple[int, ReferenceResolved | None]] = {}
        """service whose new reference is being looked up → the question open then, and the answer before it"""
        self._table = Rows(_COLUMNS)
        self._pointed_for = 0
        """number of the question for which the cursor was put on a service"""
        self._told: int | None = None
        """number of findings at the last update of the pane"""

    # --- the selection ------------------------------------------------------------------------------------------

    def selected(self, row: ServiceRow) -> bool:
        """Whether a service is selected, by the operator or as proposed."""
        return row.view.selectable and self._chosen.get(row.view.name, choice_state.proposed(self.state, row))

    def selection(self) -> tuple[str, ...]:
        """Returns the selected services, in the order of the project."""
        return tuple(name for name, row in self.state.services.items() if self.selected(row))

    def _idle(self) -> bool:
        """Whether there is nothing to do: nothing is selected or being checked, and no service would be changed."""
        return not (self.selection() or self._checking) and choice_state.nothing_to_do(self.state)

    def _row(self) -> ServiceRow | None:
        rows = list(self.state.services.values())
        return rows[min(self._table.at, len(rows) - 1)] if rows else None

    # --- drawing ------------------------------------------------------------------------------------------------

    def parts(self) -> Iterator[Widget]:
        """Yields the table of services."""
        yield self._table

    def update(self) -> None:
        """Updates the lead, the table, and the details of the service under the cursor."""
        rows = list(self.state.services.values())
        self._forget_answered()
        self.lead.show([Cell(words.images_lead(self.state, len(self.selection())), theme.STRONG)])
        self._table.show([self._cells(row) for row in rows])
        self._point()
        under = self._row()
        detail = self._detail(under) if under else [Cell(words.NO_SERVICES(), theme.DIM)] if self._asked else []
        self.detail.show([*detail, *findings.latest(self.state)])

    def _point(self) -> None:
        """Puts the cursor once on the service that a question names after the operator has gone back to it."""
        asked = self.state.asked
        if asked is None or asked.ask == self._pointed_for:
            return
        self._pointed_for = asked.ask
        names = list(self.state.services)
        if about := [names.index(name) for name in asked.options if name in names]:
            self._table.point(about[0])

    @property
    def _asked(self) -> bool:
        return self.asks(Choice.GO)

    def _cells(self, row: ServiceRow) -> list[Cell]:
        view, answer = row.view, row.resolved
        box = "[x]" if self.selected(row) else "[ ]" if view.selectable else "   "
        running = view.version or (words.tag(view.running_reference) if view.running_reference else "-")
        checking = view.name in self._checking
        status = Availability.CHECKING if checking else row.availability
        sign, tone = _STATUS[status]
        if not checking and phrases.unchanged(row):
            sign, tone = "=", theme.ACCENT if row.newest is Newest.NO else theme.DIM
        has, offer = "", row.offer if not checking and row.availability in _OFFERED else None
        if answer and not checking:
            if answer.known or answer.version:
                behind = row.offer.version if row.offer else ""
                has = clean(behind, 40) or answer.version or words.tag(answer.reference)
            elif answer.problem:
                has = problems.brief(answer.problem)
        return [
            Cell(box, theme.STRONG if self.selected(row) else theme.PLAIN),
            cell(view.name, theme.STRONG),
            cell(running),
            cell(has),
            Cell(age(offer.created_at, self.wizard.now()) if offer else "", theme.DIM),
            Cell(size(offer.missing) if offer and offer.size else "", theme.DIM),
            cell(f"{sign} {words.CHECKING() if checking else words.availability(row)}", tone),
        ]

    def _detail(self, row: ServiceRow) -> list[Line]:
        """Returns a service's details: the problem, the reference in the files, what runs, what the registry has."""
        view, answer = row.view, row.resolved
        found: list[tuple[str, str, str]] = []
        if row.problem and not (row.availability is Availability.NOT_RUNNING and choice_state.useful(self.state, row)):
            found.append((words.DETAIL_WHY(), problems.title(row.problem), theme.WARN))
            found.append((words.DETAIL_REMEDY(), problems.remedy(row.problem), theme.PLAIN))
        found.append((words.DETAIL_REFERENCE(), view.reference or words.NO_IMAGE(), theme.PLAIN))
        found.append((words.DETAIL_ASKED(), row.requested, theme.STRONG))
        made = age(view.created_at, self.wizard.now())
        reference = view.running_reference if view.running_reference != view.reference else ""
        runs = [reference, words.container(row), words.MADE(age=made) if made else ""]
        found.append((words.DETAIL_RUNS(), " · ".join(part for part in runs if part), theme.PLAIN))
        found.append(("", short_digest(view.digest or view.image_id), theme.DIM))
        if answer and answer.offline and answer.known:
            found.append((words.DETAIL_OFFLINE(), labels.origin(answer.archive), theme.PLAIN))
            found.append(("", short_digest(answer.image_id), theme.DIM))
            found.append(("", listed(answer.platforms), theme.PLAIN))
        elif answer and answer.digest:
            found.append((words.DETAIL_HAS(), short_digest(answer.digest), theme.DIM))
            found += self._offered(row)
            found.append(("", listed(answer.platforms), theme.PLAIN))
        if phrases.unchanged(row) or phrases.newer_tags(row):
            found.append((words.DETAIL_TAG(), phrases.standing(row), theme.STRONG))
        return [(Cell(name, theme.DIM), cell(text, tone)) for name, text, tone in found if text]

    def _offered(self, row: ServiceRow) -> list[tuple[str, str, str]]:
        """Returns what the registry describes of the image that a service may get."""
        offer = row.offer
        if offer is None:
            return []
        found = [("", offer_words.facts(offer, self.wizard.now()), theme.PLAIN)]
        found.append(("", offer_words.limit(offer), theme.PLAIN))
        for number, change in enumerate(offer_words.changes(offer)):
            found.append(("" if number else offer_words.CHANGES(), change, theme.WARN))
        if attached := offer_words.attached(offer):
            found.append((offer_words.ATTACHED(), offer_words.UNCHECKED(attached=attached), theme.PLAIN))
        return [*found, *((name, text, theme.PLAIN) for name, text in offer_words.links(offer))]

    def _forget_answered(self) -> None:
        """Ends the waiting of services whose lookup is answered, and resets their selection to what is proposed."""
        asked = self.state.asked
        for name, (ask, before) in list(self._checking.items()):
            row = self.state.services.get(name)
            answered = row is None or row.resolved is not before
            if answered or asked is None or asked.ask != ask:
                del self._checking[name]
            if answered:
                self._chosen.pop(name, None)

    def follow(self) -> None:
        """Updates the pane, and shows a new finding as a hint, such as why a choice was refused."""
        found, told = self.state.findings, self._told
        self._told = len(found)
        if told is not None and len(found) > told:
            self.wizard.say(problems.brief(found[-1].problem))
        super().follow()

    # --- actions ------------------------------------------------------------------------------------------------

    def available(self, name: str) -> bool:
        """Whether an action can run now, by the choices of the open question and the service under the cursor."""
        row = self._row()
        match name:
            case "mark":
                return row is not None and self.asks(Choice.GO)
            case "edit":
                return row is not None and bool(row.view.reference) and self.asks(Choice.CHECK)
            case "tags":
                return row is not None and row.view.selectable and self.asks(Choice.TAGS)
            case "go":
                return self.asks(Choice.GO) and not self._idle()
            case "finish":
                return self.asks(Choice.GO) and self._idle()
        return name in _CHOICES and self.asks(_CHOICES[name])

    def action_mark(self) -> None:
        """Selects or deselects the service under the cursor."""
        row = self._row()
        if row is None:
            return
        if not row.view.selectable:
            self.wizard.say(words.NOT_SELECTABLE())
            return
        self._chosen[row.view.name] = not self.selected(row)
        self.follow()

    def action_all(self) -> None:
        """Selects all services that can be selected, or none if all are."""
        rows = [row for row in self.state.services.values() if row.view.selectable]
        wanted = not all(self.selected(row) for row in rows)
        self._chosen.update({row.view.name: wanted for row in rows})
        self.follow()

    def action_edit(self) -> None:
        """Asks for another image reference, and has the registry asked about it at once."""
        row = self._row()
        if row is None:
            return
        name, own = row.view.name, row.view.reference
        title = panes.EDIT_TITLE(service=clean(name))
        known = IsReference(own)
        entry = TextEntry(title, [panes.EDIT_HELP()], row.requested or own, validator=known, keys=panes.EDIT_KEYS())
        self.app.push_screen(entry, lambda text: self._look_up(name, text))

    def action_tags(self) -> None:
        """Lets the operator choose one of the repository's tags, and has the registry asked about it at once."""
        row = self._row()
        if row is None:
            return
        name = row.view.name
        if row.tags is None or not row.tags.tags:
            self.wizard.decide(Choice.TAGS, services=(name,))
        self.app.push_screen(TagsDialog(name, row, self.wizard.now), lambda tag: self._look_up(name, tag))

    def _look_up(self, name: str, reference: str | None) -> None:
        """Has the registry asked about a service's new reference; an empty one means that in the files."""
        row, asked = self.state.services.get(name), self.state.asked
        if reference is None or row is None or asked is None:
            return
        if self.wizard.decide(Choice.CHECK, references={name: clean(reference) or row.view.reference}):
            self._checking[name] = (asked.ask, row.resolved)
            self.follow()

    def action_go(self) -> None:
        """Goes on with the selected services and their requested references."""
        chosen = self.selection()
        if not chosen:
            self.wizard.say(words.NOTHING_SELECTED())
            return
        rows = self.state.services
        references: dict[str, str] = {name: rows[name].requested for name in chosen if rows[name].requested}
        self.wizard.decide(Choice.GO, services=chosen, references=references)

    action_go_back = decides(Choice.GO_BACK)

    def action_to_release(self) -> None:
        """Asks for a release, and goes on with its files and images."""

        def entered(source: str | None) -> None:
            if source is None:
                return
            source = source or labels.PRODUCT
            if problem := install.source_problem(source):
                self.wizard.say(problems.brief(problem))  # it may hold a password, and must not get into the journal
            else:
                self._chosen = {}
                self.wizard.decide(Choice.RELEASE, answers={"source": source})

        title, body = panes_install.RELEASE_TITLE(), [part() for part in panes_install.RELEASE_BODY]
        self.app.push_screen(TextEntry(title, body, labels.PRODUCT), entered)

    def action_recheck(self) -> None:
        """Resets the selection and has the registries asked again."""
        self._chosen = {}
        self.wizard.decide(Choice.RECHECK)

    def action_mirror(self) -> None:
        """Asks for a mirror, and has the registries asked again with it."""

        def entered(mirror: str | None) -> None:
            if mirror:
                self._chosen = {}
                self.wizard.decide(Choice.RECHECK, answers={"mirror": mirror})

        entry = TextEntry(panes.MIRROR_TITLE(), [panes.MIRROR_HELP()], "", validator=IsMirror(), keys=panes.EDIT_KEYS())
        self.app.push_screen(entry, entered)

    action_record = decides(Choice.ADOPT)
    action_finish = decides(Choice.GO)
