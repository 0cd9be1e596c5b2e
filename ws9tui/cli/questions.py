"""Questions line by line: what is shown for each, and what an answer means."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from ws9tui.core import events as e
from ws9tui.core import install
from ws9tui.core.events import AnyEvent, Asked, Availability, Choice, Level, Question, Verb
from ws9tui.core.fold import RunState, ServiceRow
from ws9tui.core.plan import choose
from ws9tui.words import help as help_words
from ws9tui.words import labels, lines, problems
from ws9tui.words import panes_install as install_words
from ws9tui.words import plan as plan_words
from ws9tui.words.text import clean, listed, pad, short_reference, width


class Answer(NamedTuple):
    """A decision to send."""

    choice: Choice
    services: tuple[str, ...] = ()
    references: dict[str, str] | None = None
    project: str = ""
    generation: int = 0
    backups: tuple[str, ...] | None = None
    answers: dict[str, str] | None = None


Reply = Answer | list[str]
"""a decision, or lines that say why there is none yet"""


class Dialogue(Protocol):
    """One open question."""

    def shown(self, state: RunState) -> list[str]:
        """The question with all that is needed to answer it."""

    def hear(self, text: str, state: RunState) -> Reply:
        """What an answer means."""

    def noticed(self, event: AnyEvent, state: RunState) -> list[str]:
        """What to say when something happens while it is open."""


def dialogue(asked: Asked) -> Dialogue:
    """The dialogue for a question."""
    match asked.question:
        case Question.SELECT:
            return Selection(asked)
        case Question.CONFIRM:
            return Confirmation(asked)
        case Question.PROJECT:
            return Projects(asked)
        case Question.GENERATION:
            return Generations(asked)
        case Question.MERGE:
            return Merge(asked)
        case Question.INSTALL:
            return Install(asked)
    return Choices(asked)


def answered_by_itself(asked: Asked, state: RunState) -> Answer | None:
    """The answer to a question that needs none: versions without a warning."""
    if asked.question is not Question.VERSIONS or Choice.GO not in asked.choices:
        return None
    found = [finding for check in state.versions.values() for finding in check.findings]
    return Answer(Choice.GO) if all(finding.level is Level.OK for finding in found) else None


class Choices:
    """A question with a few answers, each with a number and a word."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked

    def shown(self, state: RunState) -> list[str]:
        """The choices with what they lead to."""
        question, beside = self.asked.question, self.asked.choices
        recommended = state.interruption.run.recommended if state.interruption else None
        rows = [f"{number}  {choice.value}" for number, choice in enumerate(self.asked.choices, 1)]
        room = max(map(len, rows))
        return [
            labels.QUESTIONS[question],
            *(
                f"  {row:{room}}  {labels.choice(question, choice, beside)}:"
                f" {labels.consequence(question, choice, beside)}"
                + (" (recommended)" if question is Question.RECOVER and choice is recommended else "")
                for row, choice in zip(rows, self.asked.choices, strict=True)
            ),
            "Type a number or its word.",
        ]

    def hear(self, text: str, state: RunState) -> Reply:
        """A number or a word."""
        _ = state
        choice = _choice(text, self.asked)
        if choice:
            return Answer(choice)
        words = ", ".join(choice.value for choice in self.asked.choices)
        return [f"Not understood. Type a number from 1 to {len(self.asked.choices)}, or one of: {words}."]

    def noticed(self, event: AnyEvent, state: RunState) -> list[str]:
        """Nothing: what happens is printed as it is."""
        _ = event, state
        return []


class Confirmation(Choices):
    """The plan, for which only 'yes' is a yes."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self._data: tuple[str, ...] | None = None
        """the services whose data is saved, or goes back, where the operator set that"""

    def shown(self, state: RunState) -> list[str]:
        """The question; the plan has just been printed."""
        return [
            labels.QUESTIONS[Question.CONFIRM],
            *self._offered(state),
            "Type 'yes' to carry it out, or 'cancel'. Nothing has been changed yet.",
        ]

    def hear(self, text: str, state: RunState) -> Reply:
        """The word, or whose data is to be saved or to go back."""
        word, *names = text.strip().split()[:20] or [""]
        word = word.lower()
        if word == "yes" and not names:
            return Answer(Choice.GO, backups=self._data)
        if word in ("no", "n", "cancel") and not names:
            return Answer(Choice.CANCEL)
        possible = state.plan.candidates if state.plan else ()
        if word == "data" and possible:
            return self._choose([name for name in names if name != "none"], possible, state)
        return ["Only the word 'yes' carries it out; 'cancel' ends the run with nothing changed."]

    def _choose(self, names: Sequence[str], possible: tuple[str, ...], state: RunState) -> list[str]:
        unknown = [name for name in names if name not in possible]
        if unknown:
            return [f"{clean(unknown[0], 40)} has no data here; there are: {listed(possible, 12)}."]
        self._data = tuple(names)
        plan = choose(state.plan, names) if state.plan else None
        return [*(line.text for line in plan_words.data_lines(plan)), *self._offered(state)] if plan else []

    def _offered(self, state: RunState) -> list[str]:
        """How data is chosen, where there is any."""
        if state.plan is None or not state.plan.candidates:
            return []
        what = "goes back" if state.plan.restores else "is saved first"
        names = listed(state.plan.candidates, 12)
        return [f"'data SERVICE…' sets whose data {what} ({names}), 'data none' that nobody's is."]


class Projects(Choices):
    """Which project is meant."""

    def shown(self, state: RunState) -> list[str]:
        """The names with their numbers."""
        options = enumerate(self.asked.options, 1)
        names = [f"  {number}  {lines.project_named(name, state.projects.get(name))}" for number, name in options]
        return [labels.QUESTIONS[Question.PROJECT], *names, "Type a number or a name, or 'cancel'."]

    def hear(self, text: str, state: RunState) -> Reply:
        """A number or a name."""
        _ = state
        typed = text.strip()
        if typed.lower() == "cancel":
            return Answer(Choice.CANCEL)
        options = self.asked.options
        if typed in options:
            return Answer(Choice.GO, project=typed)
        if typed.isdecimal() and 1 <= int(typed) <= len(options):
            return Answer(Choice.GO, project=options[int(typed) - 1])
        return [f"Not understood. Type a number from 1 to {len(options)}."]


class Generations(Choices):
    """Which generation is to run; they have just been printed."""

    def shown(self, state: RunState) -> list[str]:
        """The generations in a line each, the newest first."""
        found = [state.generations[int(number)] for number in self.asked.options if int(number) in state.generations]
        rows = [f"  {lines.generation(entry)}" for entry in sorted(found, key=lambda one: one.number, reverse=True)]
        return [labels.QUESTIONS[Question.GENERATION], *rows, "Type a generation's number, or 'cancel'."]

    def hear(self, text: str, state: RunState) -> Reply:
        """A number."""
        _ = state
        typed = text.strip()
        if typed.lower() == "cancel":
            return Answer(Choice.CANCEL)
        if typed in self.asked.options:
            return Answer(Choice.GO, generation=int(typed))
        return [f"Not understood. Type one of: {', '.join(self.asked.options)}; or 'cancel'."]


class Merge(Choices):
    """What counts where both the operator and the release have changed something."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self._answers: dict[str, str] = {}

    def shown(self, state: RunState) -> list[str]:
        """The conflicts with their numbers and what is chosen for each."""
        found = state.merge.conflicts if state.merge else ()
        rows = [line for number, conflict in enumerate(found, 1) for line in self._row(number, conflict)]
        return [
            labels.QUESTIONS[Question.MERGE],
            *rows,
            "Type 1=release or 2=mine to choose, Enter to go on, 'cancel' to stop. Nothing is written yet.",
        ]

    def hear(self, text: str, state: RunState) -> Reply:
        """A choice for a conflict, or on."""
        found = state.merge.conflicts if state.merge else ()
        typed = text.strip()
        if typed.lower() in ("", "go", "next"):
            return Answer(Choice.GO, answers=self._answers)
        if typed.lower() == "cancel":
            return Answer(Choice.CANCEL)
        number, _, answer = (part.strip() for part in typed.partition("="))
        if not number.isdecimal() or not 1 <= int(number) <= len(found):
            return [f"Not understood. Type a number from 1 to {len(found)} with its choice, as in 1=mine."]
        conflict = found[int(number) - 1]
        if answer not in conflict.choices:
            return [f"Possible for number {number}: {', '.join(conflict.choices)}."]
        self._answers[conflict.key] = answer
        return self._row(int(number), conflict)

    def _row(self, number: int, conflict: e.MergeConflict) -> list[str]:
        chosen = self._answers.get(conflict.key, conflict.default)
        return [
            f"  {number}  {lines.conflict(conflict)}: {labels.MERGE_CHOICES[chosen]}",
            *(f"       {clean(text, 160)}" for text in conflict.lines[:_SHOWN_LINES]),
            f"     {', '.join(conflict.choices)}",
        ]


class Install(Choices):
    """What is to be installed, and how: a form, field by field."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self._waiting = False
        """whether the worker is looking at something"""

    def shown(self, state: RunState) -> list[str]:
        """The fields with their numbers, and what is wrong."""
        return [labels.QUESTIONS[Question.INSTALL], *self._form(state)]

    def again(self, asked: Asked, state: RunState) -> list[str]:
        """The same once more, after it was looked at."""
        self.asked, self._waiting = asked, False
        return self._form(state)

    def hear(self, text: str, state: RunState) -> Reply:
        """Another value for a field, or on."""
        typed, form = text.strip(), state.form
        if self._waiting:
            return ["It is still being looked at."]
        if typed.lower() == "cancel":
            return Answer(Choice.CANCEL)
        if typed.lower() in ("", "go", "next"):
            return self._go(form)
        number, equals, value = (part.strip() for part in typed.partition("="))
        fields = form.fields if form else ()
        if not equals or not number.isdecimal() or not 1 <= int(number) <= len(fields):
            return [f"Not understood. Type a number from 1 to {len(fields)} with its value, as in 1=websoft9."]
        field = fields[int(number) - 1]
        if field.name == "source":
            value = value or field.default
            if problem := install.source_problem(value):
                return [problems.sentence(problem)]  # it must not even be written down
        return self._check({field.name: value})

    def _go(self, form: e.InstallChecked | None) -> Reply:
        if form is None or not form.known:
            return self._check({})
        if not install.ready(form):
            return [install_words.NOT_READY]
        return Answer(Choice.GO)

    def _check(self, answers: dict[str, str]) -> Answer:
        self._waiting = True
        return Answer(Choice.CHECK, answers=answers)

    def _form(self, state: RunState) -> list[str]:
        form = state.form
        if form is None:
            return []
        names = max(len(install_words.name(field)) for field in form.fields)
        rows = []
        for number, field in enumerate(form.fields, 1):
            note = install_words.state(field)
            note = f"  [{'STOP: ' if field.problem else ''}{note}]" if note else ""
            value = install_words.shown(field.name, field.value)
            rows.append(f"  {number:>2}  {install_words.name(field):{names}}  {value}{note}")
        return [
            install_words.lead(form, pending=False),
            *rows,
            *(f"  {lines.finding(found)}" for found in form.findings),
            "Type 1=VALUE to change number 1, Enter to go on, 'cancel' to stop. Nothing is written yet.",
        ]


_SHOWN_LINES = 24
"""of a file's differences"""
_SELECT_HELP = (
    "Type numbers to select (1 3), 'all' or 'none'; 2=TAG asks for another tag of number 2.",
    "Enter goes on, 'cancel' stops. The next step only pulls images; nothing is stopped.",
)

_SELECT_OTHERS = (
    (Choice.GO_BACK, "'back' chooses an earlier generation instead."),
    (Choice.RELEASE, "'release' goes to the latest release, 'release SOURCE' to another one, files and images."),
    (Choice.ADOPT, "'record' only records what runs, so that one can come back to it."),
)


class Selection:
    """Which services are to be updated, and to which tags."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self._chosen: dict[str, bool] = {}
        """what the operator set; the others are as the worker proposes"""
        self._waiting = ""
        """the service whose other tag the registry is being asked for"""

    def shown(self, state: RunState) -> list[str]:
        """All services with their numbers."""
        title = labels.SELECT_INSTALL if _installs(state) else labels.QUESTIONS[Question.SELECT]
        others = [text for choice, text in _SELECT_OTHERS if choice in self.asked.choices]
        return [title, *self._table(state), *_SELECT_HELP, *others, self._summary(state)]

    def again(self, asked: Asked, state: RunState) -> list[str]:
        """The same question once more, after another tag was looked up or could not be taken."""
        self.asked, self._waiting = asked, ""
        return [*self._table(state), self._summary(state)]

    def hear(self, text: str, state: RunState) -> Reply:
        """Numbers, names, another tag, or on to the next step."""
        typed = text.strip()
        if self._waiting:
            return [f"The registry is still being asked about {clean(self._waiting, 80)}."]
        other = {"back": Choice.GO_BACK, "record": Choice.ADOPT}.get(typed.lower())
        word, _, source = typed.partition(" ")
        if word.lower() == "release" and Choice.RELEASE in self.asked.choices and word not in state.services:
            return _to_release(source.strip())
        if other is not None and other in self.asked.choices and typed.lower() not in state.services:
            return Answer(other)
        if typed.lower() in ("cancel", "none", "all", "list"):
            return self._word(typed.lower(), state)
        if not typed or typed.lower() in ("go", "next"):
            return self._go(state)
        if "=" in typed:
            return self._check(typed, state)
        return self._select(typed, state)

    def noticed(self, event: AnyEvent, state: RunState) -> list[str]:
        """A late answer of a registry may change what is proposed."""
        if not isinstance(event, e.ReferenceResolved) or event.service not in state.services:
            return []
        if event.service == self._waiting:
            self._chosen.pop(event.service, None)  # what was asked for is selected if it is there
            return []  # the worker asks again
        return [self._summary(state)]

    def _is_selected(self, row: ServiceRow, state: RunState) -> bool:
        return row.view.selectable and self._chosen.get(row.view.name, row.selected and _useful(row, state))

    def _selection(self, state: RunState) -> tuple[str, ...]:
        return tuple(name for name, row in state.services.items() if self._is_selected(row, state))

    def _word(self, word: str, state: RunState) -> Reply:
        match word:
            case "cancel":
                return Answer(Choice.CANCEL)
            case "none" | "all":
                self._chosen = dict.fromkeys(state.services, word == "all")
            case _:
                return self.shown(state)
        return [self._summary(state)]

    def _go(self, state: RunState) -> Reply:
        services = self._selection(state)
        if not services:
            return ["Nothing is selected. Type numbers, or 'cancel' to stop here."]
        requested = {name: state.services[name].requested for name in services}
        return Answer(Choice.GO, services, {name: reference for name, reference in requested.items() if reference})

    def _check(self, typed: str, state: RunState) -> Reply:
        token, _, reference = (part.strip() for part in typed.partition("="))
        name = _named(token, list(state.services))
        if name is None:
            return [f"There is no service {clean(token, 40)}. Type a number from 1 to {len(state.services)}."]
        row = state.services[name]
        if not row.view.selectable:
            return [_why_not(row)]
        self._waiting = name
        return Answer(Choice.CHECK, references={name: reference or row.view.reference})

    def _select(self, typed: str, state: RunState) -> Reply:
        names: list[str] = []
        for token in re.split(r"[\s,]+", typed):
            found = _range(token, list(state.services))
            if not found:
                return [f"There is no service {clean(token, 40)}. Type numbers from 1 to {len(state.services)}."]
            names += found
        refused = [_why_not(state.services[name]) for name in names if not state.services[name].view.selectable]
        if refused:
            return refused
        self._chosen = {name: name in names for name in state.services}
        return [self._summary(state)]

    def _summary(self, state: RunState) -> str:
        services = self._selection(state)
        return f"Selected: {listed(services, 12)}. Enter goes on." if services else "Selected: none."

    def _table(self, state: RunState) -> list[str]:
        rows = list(state.services.values())
        names = min(max((width(clean(row.view.name, 80)) for row in rows), default=0), 30)
        digits = len(str(len(rows)))
        return [
            f"  {number:>{digits}} {self._mark(row, state)} {pad(clean(row.view.name, 80), names)}  {_offer(row)}"
            for number, row in enumerate(rows, 1)
        ]

    def _mark(self, row: ServiceRow, state: RunState) -> str:
        if not row.view.selectable:
            return "[-]"
        return "[x]" if self._is_selected(row, state) else "[ ]"


def _to_release(source: str) -> Reply:
    source = source or labels.PRODUCT
    problem = install.source_problem(source)
    return [problems.sentence(problem)] if problem else Answer(Choice.RELEASE, answers={"source": source})


def _useful(row: ServiceRow, state: RunState) -> bool:
    """Whether a proposed service has anything to get: nothing is updated that could not be checked."""
    if row.availability is Availability.NOT_RUNNING:
        return _installs(state)
    return row.availability in (Availability.UPDATE, Availability.CHANGED)


def _installs(state: RunState) -> bool:
    return state.project is not None and state.project.verb is Verb.INSTALL


def _offer(row: ServiceRow) -> str:
    """What runs and what may be had."""
    running = row.view.version or short_reference(row.view.running_reference or row.view.reference)
    offered = lines.availability(row.availability, row.problem)
    if row.availability is Availability.UPDATE:
        reference = row.resolved.reference if row.resolved else row.view.reference
        version = clean(row.resolved.version, 40) if row.resolved else ""
        offered = f"update to {version or short_reference(reference)}"
    return f"{clean(running, 60) or 'no image'}, {offered}"


def _why_not(row: ServiceRow) -> str:
    problem = row.view.problem or row.problem
    why = problems.sentence(problem) if problem else "It cannot be updated."
    return f"{clean(row.view.name, 80)} cannot be selected. {why}"


def _range(token: str, names: list[str]) -> list[str]:
    """The services that a number, a range of numbers or a name means; none where it means nothing."""
    match = re.fullmatch(r"([0-9]{1,4})-([0-9]{1,4})", token)
    if match and token not in names:
        first, last = int(match[1]), int(match[2])
        return names[first - 1 : last] if 1 <= first <= last <= len(names) else []
    name = _named(token, names)
    return [name] if name else []


def _named(token: str, names: Sequence[str]) -> str | None:
    if token in names:
        return token
    if re.fullmatch(r"[0-9]{1,4}", token) and 1 <= int(token) <= len(names):
        return names[int(token) - 1]
    return None


def _choice(text: str, asked: Asked) -> Choice | None:
    word = re.sub(r"[\s_-]+", "", text.strip().lower())
    if re.fullmatch(r"[0-9]", word) and 1 <= int(word) <= len(asked.choices):
        return asked.choices[int(word) - 1]
    for choice in asked.choices:
        called = labels.choice(asked.question, choice, asked.choices).lower()
        names = {choice.value.replace("-", ""), re.sub(r"\s+", "", called)}
        if word in names:
            return choice
    return None


def help_text(state: RunState) -> list[str]:
    """What 'help' answers."""
    return [*help_words.text(state.phase).splitlines(), "", "At any time: 'cancel' (before changes), 'detach', 'help'."]
