"""The Install pane: source and settings of a first install; a form that the worker checks."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from ws9tui.core.model.terms import Choice, InstallField
from ws9tui.core.releases import install
from ws9tui.wizard import actions, cells, findings, theme
from ws9tui.wizard.block import Line
from ws9tui.wizard.cells import Cell, cell
from ws9tui.wizard.entry import TextEntry
from ws9tui.wizard.frame import Pane
from ws9tui.wizard.route import Step
from ws9tui.wizard.table import Column, Rows
from ws9tui.words import panes_install as words
from ws9tui.words import problems

_COLUMNS = (Column(words.FIELD, least=8, most=30), Column(words.VALUE, least=12), Column(words.STATE, least=8))
_OF_SOURCE = ("source", "channel", "version", "checksum")
"""fields whose change requires that the source is checked again"""


class InstallPane(Pane):
    """The fields of the form, one per row, and the details of the one under the cursor."""

    STEP = Step.INSTALL
    ACTIONS = (actions.CHANGE, actions.LOOK_UP, actions.GO, actions.CANCEL)
    BINDINGS = actions.bindings(*ACTIONS)
    CLICK = actions.CHANGE

    def __init__(self) -> None:
        super().__init__()
        self._wanted: dict[str, str] = {}
        """values to send as soon as the worker asks again"""
        self._under_way: dict[str, str] = {}
        """values that were sent and are not checked yet"""
        self._toggled: dict[str, str] = {}
        """values that are sent when the operator presses Enter"""
        self._ask = 0
        """number of the question that was answered last"""
        self._table = Rows(_COLUMNS)

    # --- the form -------------------------------------------------------------------------------------------------

    def _fields(self) -> list[InstallField]:
        return list(self.state.form.fields) if self.state.form else []

    def _value(self, field: InstallField) -> str:
        for values in (self._toggled, self._wanted, self._under_way):
            if field.name in values:
                return values[field.name]
        return field.value

    def _checking(self, field: InstallField) -> bool:
        return field.name in self._wanted or field.name in self._under_way

    def _here(self) -> InstallField | None:
        fields = self._fields()
        return fields[min(self._table.at, len(fields) - 1)] if fields else None

    def follow(self) -> None:
        """Sends pending values once the worker asks again, and updates the pane."""
        if self.asks(Choice.CHECK) and self.state.asked and self.state.asked.ask != self._ask:
            self._under_way = {}
            if self._wanted:
                self._send(self._wanted)
        super().follow()

    def _send(self, answers: dict[str, str]) -> None:
        """Has the worker check these values, now or with its next question: each question is answered only once."""
        asked = self.state.asked
        if asked is None or asked.ask == self._ask:
            self._wanted = {**self._wanted, **answers}
            return
        self._ask, self._under_way, self._wanted = asked.ask, dict(answers), {}
        self.wizard.decide(Choice.CHECK, answers=answers)

    # --- drawing --------------------------------------------------------------------------------------------------

    def parts(self) -> Iterator[Widget]:
        """Yields the table of fields."""
        yield self._table

    def update(self) -> None:
        """Updates the lead, the fields, and the details of the field under the cursor."""
        form = self.state.form
        self.lead.show([Cell(words.lead(form, pending=bool(self._toggled)), theme.STRONG)])
        self._table.show([self._cells(field) for field in self._fields()])
        here = self._here()
        notes = findings.below(form.findings) if form else []
        self.detail.show([*(self._detail(here) if here else []), *notes])

    def _cells(self, field: InstallField) -> list[Cell]:
        value = words.shown(field.name, self._value(field))
        if self._checking(field):
            return [cell(words.name(field)), cell(value, theme.STRONG), Cell(words.CHECKING(), theme.DIM)]
        tone = theme.BAD if field.problem else theme.DIM
        sign = f"{cells.FAILED} " if field.problem else ""
        return [cell(words.name(field)), cell(value, theme.STRONG), cell(sign + words.state(field), tone)]

    def _detail(self, field: InstallField) -> list[Line]:
        found: list[Line] = [Cell(words.about(field))]
        if field.problem and not self._checking(field):
            found.append(cell(f"{cells.FAILED} {problems.title(field.problem)}", theme.BAD))
            if remedy := problems.remedy(field.problem):
                found.append(cell(remedy, theme.DIM))
        return found

    # --- actions --------------------------------------------------------------------------------------------------

    def available(self, name: str) -> bool:
        """Whether an action can run now: only while the question is open; Enter first checks the source."""
        form = self.state.form
        if form is None or form.looking or not self.asks(Choice.CHECK):
            return False
        look = not form.known or bool(self._toggled)
        return {"change": True, "look_up": look, "go": not look}.get(name, False)

    def action_change(self) -> None:
        """Takes the next of a field's choices, or asks for a value if it has none."""
        field = self._here()
        if field is None:
            return
        if field.choices:
            at = field.choices.index(now) if (now := self._value(field)) in field.choices else -1
            self._toggled[field.name] = field.choices[(at + 1) % len(field.choices)]
            self.follow()
            return
        name, before, live = field.name, self._value(field), field.name not in _OF_SOURCE

        def typed(value: str) -> None:
            if live and value != before:
                self._send({name: value})

        def entered(value: str | None) -> None:
            if name == "source" and value == "":
                value = field.default
            if value is None:
                if live:
                    self._send({name: before})
            elif problem := install.source_problem(value) if name == "source" else None:
                self.wizard.say(problems.brief(problem))  # it may hold a password, and must not get into the journal
            elif not live:
                self._send({**self._toggled, name: value})
                self._toggled = {}
            elif value != before:
                self._send({name: value})
            self.follow()

        body = [words.about(field), *([words.EMPTY_MEANS(value=field.default)] if field.default else [])]
        note = self._note if live else lambda _name: Cell("")
        self.app.push_screen(
            TextEntry(words.name(field), body, before, note=lambda _text: note(name), typed=typed), entered
        )

    def _note(self, name: str) -> Cell:
        """Returns the result of the check of a value while it is typed."""
        field = next((field for field in self._fields() if field.name == name), None)
        if field is None:
            return Cell("")
        if self._checking(field):
            return Cell(words.CHECKING(), theme.DIM)
        if field.problem:
            return cell(f"{cells.FAILED} {problems.brief(field.problem)}", theme.BAD)
        return Cell(f"{cells.DONE} {words.FINE()}", theme.GOOD)

    def action_look_up(self) -> None:
        """Has the worker check the source."""
        toggled, self._toggled = self._toggled, {}
        self._send(toggled)
        self.follow()

    def action_go(self) -> None:
        """Goes on to the images if every value is valid; otherwise says that the form is not ready."""
        form = self.state.form
        if form is None or self._wanted or self._under_way or not install.ready(form):
            self.wizard.say(words.NOT_READY())
            return
        self.wizard.decide(Choice.GO)
