"""The Images pane: what runs, what the registries have, and which services are to be updated."""

from __future__ import annotations

from textual.content import Content

from ws9tui.core.journal.events import ReferenceResolved
from ws9tui.core.journal.run_state import Newest, ServiceRow
from ws9tui.core.model.terms import Availability, Choice, Level, Verb
from ws9tui.core.releases import install
from ws9tui.wizard import actions, draw, result, route
from ws9tui.wizard.dialogs import EditReference
from ws9tui.wizard.draw import BLANK, Cell, Column, Look, cell, line
from ws9tui.wizard.entry import Entry
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.wizard.tags import TagsDialog
from ws9tui.words import labels, panes, panes_install, phrases, problems
from ws9tui.words import offers as offer_words
from ws9tui.words import panes_prepare as words
from ws9tui.words.text import age, clean, listed, short_digest

_STATUS = {
    Availability.CHECKING: ("…", draw.DIM),
    Availability.UPDATE: ("↑", draw.ACCENT),
    Availability.CURRENT: (draw.DONE, draw.GOOD),
    Availability.UNKNOWN: ("?", draw.WARN),
    Availability.BUILT: ("-", draw.DIM),
    Availability.PROVIDED: ("-", draw.DIM),
    Availability.PINNED: ("-", draw.DIM),
    Availability.HELD: ("…", draw.WARN),
    Availability.CHANGED: ("↑", draw.ACCENT),
    Availability.NOT_RUNNING: ("-", draw.DIM),
}
_COLUMNS = (
    Column(""),
    Column(panes.SERVICE, least=8, most=24),
    Column(panes.RUNNING, least=6, most=18),
    Column("", rank=2),
    Column("", rank=3),
    Column(panes.REGISTRY, least=6, most=18),
    Column("", rank=1),
    Column(panes.STATUS),
)
_LABEL = 12
_NOTES = 3
"""findings that are shown, the latest ones"""


class ImagesPane(Pane):
    """The services, one a line, and the one under the cursor in full."""

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
        actions.CANCEL,
    )
    BINDINGS = actions.bindings(*ACTIONS)

    def __init__(self) -> None:
        super().__init__()
        self._chosen: dict[str, bool] = {}
        """what the operator set; the others are as the worker proposes"""
        self._checking: dict[str, tuple[int, ReferenceResolved | None]] = {}
        """services whose new reference is being looked up → the question then open, and the answer before it"""
        self._told: int | None = None
        """findings that were there when the pane was last brought up to date"""

    # --- what is selected ---------------------------------------------------------------------------------------

    def selected(self, row: ServiceRow) -> bool:
        """Whether a service is selected, by the operator or as proposed."""
        return row.view.selectable and self._chosen.get(row.view.name, row.selected and self._useful(row))

    def _useful(self, row: ServiceRow) -> bool:
        """Whether a proposed service has anything to get: nothing is updated that could not be checked."""
        if row.availability is Availability.NOT_RUNNING:
            return route.verb(self.state) is Verb.INSTALL
        return row.availability in (Availability.UPDATE, Availability.CHANGED)

    def selection(self) -> tuple[str, ...]:
        """The selected services, in the order of the project."""
        return tuple(name for name, row in self.state.services.items() if self.selected(row))

    def _idle(self) -> bool:
        """Whether nothing is selected and no service has anything to get: there is nothing to do."""
        rows = self.state.services.values()
        return not self.selection() and not any(row.view.selectable and self._useful(row) for row in rows)

    def _row(self) -> ServiceRow | None:
        rows = list(self.state.services.values())
        return rows[min(self.cursor, len(rows) - 1)] if rows else None

    # --- drawing ------------------------------------------------------------------------------------------------

    def rows(self) -> int:
        """One for each service."""
        return len(self.state.services)

    def draw(self, look: Look) -> list[Content]:
        """Lead, table, and the row under the cursor in full."""
        rows = list(self.state.services.values())
        self._forget_answered()
        lead = draw.wrapped(words.images_lead(self.state, len(self.selection())), look.width, draw.STRONG)
        notes = result.findings([f for f in self.state.findings if f.level is not Level.OK][-_NOTES:], look.width)
        if not rows:
            return self.fitted([*lead, BLANK, line((words.NO_SERVICES(), draw.DIM))], look)
        cells = [self._cells(row, look) for row in rows]
        header, table = draw.table(_COLUMNS, cells, look.width - 2)
        self.cursor = max(0, min(self.cursor, len(rows) - 1))
        detail = [*self._detail(rows[self.cursor], look), *([BLANK, *notes] if notes else [])]
        return self.split(lead, header, table, detail, look)

    def _cells(self, row: ServiceRow, look: Look) -> list[Cell]:
        view, answer = row.view, row.resolved
        box = "[x]" if self.selected(row) else "[ ]" if view.selectable else "   "
        running = view.version or (words.tag(view.running_reference) if view.running_reference else "-")
        made = age(view.created_at, look.now)
        checking = view.name in self._checking
        status = Availability.CHECKING if checking else row.availability
        sign, tone = _STATUS[status]
        if not checking and phrases.unchanged(row):
            sign, tone = "=", draw.ACCENT if row.newest is Newest.NO else draw.DIM
        has, digest = "", ""
        if answer and not checking:
            digest = short_digest(answer.digest) if answer.digest != view.digest else ""
            if answer.known or answer.version:
                behind = row.offer.version if row.offer else ""
                has = clean(behind, 40) or answer.version or words.tag(answer.reference)
            elif answer.problem:
                has = problems.brief(answer.problem)
        return [
            Cell(box, draw.STRONG if self.selected(row) else draw.PLAIN),
            cell(view.name),
            cell(running),
            cell(short_digest(view.digest or view.image_id), draw.DIM),
            cell(made, draw.DIM),
            cell(has),
            cell(digest, draw.DIM),
            cell(f"{sign} {words.CHECKING() if checking else words.availability(row)}", tone),
        ]

    def _detail(self, row: ServiceRow, look: Look) -> list[Content]:
        """What is known of a service: first what is wrong, then what the files say, what runs, what there is."""
        view, answer, room = row.view, row.resolved, look.width
        found: list[Content] = []
        if row.problem and not (row.availability is Availability.NOT_RUNNING and self._useful(row)):
            found += draw.titled(words.DETAIL_WHY(), problems.title(row.problem), room, draw.WARN, _LABEL)
            if remedy := problems.remedy(row.problem):
                found += draw.titled(words.DETAIL_REMEDY(), remedy, room, column=_LABEL)
        found += draw.titled(words.DETAIL_REFERENCE(), view.reference or words.NO_IMAGE(), room, column=_LABEL)
        if row.requested:
            found += draw.titled(words.DETAIL_ASKED(), row.requested, room, draw.STRONG, _LABEL)
        made = age(view.created_at, look.now)
        reference = view.running_reference if view.running_reference != view.reference else ""
        runs = [reference, words.container(row), words.MADE(age=made) if made else ""]
        found += draw.titled(words.DETAIL_RUNS(), " · ".join(part for part in runs if part), room, column=_LABEL)
        found += _digest("", view.digest or view.image_id, room)
        if answer and answer.offline and answer.known:
            found += draw.titled(words.DETAIL_OFFLINE(), labels.origin(answer.archive), room, column=_LABEL)
            found += _digest("", answer.image_id, room)
            found += draw.titled("", listed(answer.platforms), room, column=_LABEL)
        elif answer and answer.digest:
            found += _digest(words.DETAIL_HAS(), answer.digest, room)
            found += self._offered(row, look)
            found += draw.titled("", listed(answer.platforms), room, column=_LABEL)
        if phrases.unchanged(row) or phrases.newer_tags(row):
            found += draw.titled(words.DETAIL_TAG(), phrases.standing(row), room, draw.STRONG, _LABEL)
        return found

    def _offered(self, row: ServiceRow, look: Look) -> list[Content]:
        """What the registry tells of the image that a service may get."""
        offer = row.offer
        if offer is None:
            return []
        found = draw.titled("", offer_words.facts(offer, look.now), look.width, column=_LABEL)
        if said := offer_words.limit(offer):
            found += draw.titled("", said, look.width, column=_LABEL)
        for number, change in enumerate(offer_words.changes(offer)):
            name = "" if number else offer_words.CHANGES()
            found += draw.titled(name, change, look.width, draw.WARN, _LABEL)
        if attached := offer_words.attached(offer):
            said = offer_words.UNCHECKED(attached=attached)
            found += draw.titled(offer_words.ATTACHED(), said, look.width, column=_LABEL)
        for name, text in offer_words.links(offer):
            found += draw.titled(name, text, look.width, draw.link(text), _LABEL)
        return found

    def _forget_answered(self) -> None:
        """Ends the waiting of services whose lookup has been answered; what was found is selected."""
        asked = self.state.asked
        for name, (ask, before) in list(self._checking.items()):
            row = self.state.services.get(name)
            answered = row is None or row.resolved is not before
            if answered or asked is None or asked.ask != ask:
                del self._checking[name]
            if answered:
                self._chosen.pop(name, None)

    def follow(self) -> None:
        """Brings the pane up to date; why a choice was refused is said at once."""
        found, told = self.state.findings, self._told
        self._told = len(found)
        if told is not None and len(found) > told:
            self.wizard.say(problems.brief(found[-1].problem))
        super().follow()

    # --- actions ------------------------------------------------------------------------------------------------

    def available(self, name: str) -> bool:
        """Selecting works while it is asked what to select; going on too."""
        row = self._row()
        match name:
            case "mark":
                return row is not None and self.asks(Choice.GO)
            case "edit":
                return row is not None and bool(row.view.reference) and self.asks(Choice.CHECK)
            case "tags":
                return row is not None and row.view.selectable and self.asks(Choice.TAGS)
            case "all":
                return self.asks(Choice.GO)
            case "go":
                return self.asks(Choice.GO) and not self._idle()
            case "finish":
                return self.asks(Choice.GO) and self._idle()
            case "to_release":
                return self.asks(Choice.RELEASE)
            case "go_back":
                return self.asks(Choice.GO_BACK)
            case "record":
                return self.asks(Choice.ADOPT)
        return False

    def action_mark(self) -> None:
        """Selects the service under the cursor, or not."""
        row = self._row()
        if row is None:
            return
        if not row.view.selectable:
            self.wizard.say(words.NOT_SELECTABLE())
            return
        self._chosen[row.view.name] = not self.selected(row)
        self.follow()

    def action_all(self) -> None:
        """Selects all that can be selected, or none where all are."""
        rows = [row for row in self.state.services.values() if row.view.selectable]
        wanted = not all(self.selected(row) for row in rows)
        self._chosen.update({row.view.name: wanted for row in rows})
        self.follow()

    def action_edit(self) -> None:
        """Asks for another reference; the registry is asked about it at once."""
        row = self._row()
        if row is None:
            return
        name, own = row.view.name, row.view.reference
        self.app.push_screen(EditReference(name, row.requested or own), lambda text: self._look_up(name, text))

    def action_tags(self) -> None:
        """Lets one of the repository's tags be chosen; the registry is asked about it at once."""
        row = self._row()
        if row is None:
            return
        name = row.view.name
        if row.tags is None or not row.tags.tags:
            self.wizard.decide(Choice.TAGS, services=(name,))
        self.app.push_screen(TagsDialog(name, row, self.wizard.now), lambda tag: self._look_up(name, tag))

    def _look_up(self, name: str, reference: str | None) -> None:
        """Asks the registry for another reference of a service; empty: for what the files say."""
        row, asked = self.state.services.get(name), self.state.asked
        if reference is None or row is None or asked is None:
            return
        if self.wizard.decide(Choice.CHECK, references={name: clean(reference) or row.view.reference}):
            self._checking[name] = (asked.ask, row.resolved)
            self.follow()

    def action_go(self) -> None:
        """Goes on with the selected services, in the references that were asked for."""
        chosen = self.selection()
        if not chosen:
            self.wizard.say(words.NOTHING_SELECTED())
            return
        rows = self.state.services
        references: dict[str, str] = {name: rows[name].requested for name in chosen if rows[name].requested}
        self.wizard.decide(Choice.GO, services=chosen, references=references)

    def action_go_back(self) -> None:
        """Shows the generations that can be reached, instead of updating."""
        self.wizard.decide(Choice.GO_BACK)

    def action_to_release(self) -> None:
        """Asks for a release, and goes on with its files and images."""

        def entered(source: str | None) -> None:
            if source is None:
                return
            source = source or labels.PRODUCT
            if problem := install.source_problem(source):
                self.wizard.say(problems.brief(problem))  # it must not even be written down
            else:
                self._chosen = {}
                self.wizard.decide(Choice.RELEASE, answers={"source": source})

        title, body = panes_install.RELEASE_TITLE(), panes_install.release_body()
        self.app.push_screen(Entry(title, body, labels.PRODUCT), entered)

    def action_record(self) -> None:
        """Only records what runs."""
        self.wizard.decide(Choice.ADOPT)

    def action_finish(self) -> None:
        """Ends a run that has nothing to do."""
        self.wizard.decide(Choice.GO)


def _digest(name: str, digest: str, room: int) -> list[Content]:
    """A digest in full, on one line; its algorithm is left out where that makes it fit."""
    if not digest:
        return []
    text = clean(digest)
    return draw.titled(name, text if len(text) <= room - _LABEL else text.rpartition(":")[2], room, column=_LABEL)
