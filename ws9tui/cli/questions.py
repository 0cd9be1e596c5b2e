"""The dialogues of the line-by-line questions: what each shows, and how it interprets an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

from ws9tui.cli.answer import Answer, Dialogue, Reply, numbered
from ws9tui.cli.selection import SelectionDialogue
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Asked, Event
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.plan import choose
from ws9tui.core.model.terms import Choice, MergeConflict, Question
from ws9tui.core.releases import install
from ws9tui.words import blocks, labels, phrases, plan_data, problems, projects
from ws9tui.words import dialogues as words
from ws9tui.words import generations as lists
from ws9tui.words import help as help_words
from ws9tui.words import panes_install as install_words
from ws9tui.words.template import Message
from ws9tui.words.text import clean, joined, listed, pad, width


def dialogue(asked: Asked) -> Dialogue:
    """Returns the dialogue of a question."""
    return _DIALOGUES.get(asked.question, ChoiceDialogue)(asked)


class ChoiceDialogue:
    """A question with a few answers, each with a number and a word."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked

    def shown(self, state: RunState) -> list[str]:
        """Returns the choices with their consequences."""
        question, beside = self.asked.question, self.asked.choices
        installing = state.plan is not None and state.plan.before == 0
        recommended = state.interruption.run.recommended if state.interruption else None
        rows = [f"{number}  {choice.value}" for number, choice in enumerate(self.asked.choices, 1)]
        room = max(map(len, rows))
        return [
            labels.question(self.asked),
            *(
                f"  {row:{room}}  "
                + words.OFFER(
                    choice=labels.choice(question, choice, beside),
                    leads=labels.consequence(question, choice, beside, installing=installing),
                    recommended=question is Question.RECOVER and choice is recommended,
                )
                for row, choice in zip(rows, self.asked.choices, strict=True)
            ),
            words.CHOOSE(),
        ]

    def hear(self, text: str, state: RunState) -> Reply:
        """Accepts a choice's number or word."""
        _ = state
        choice = _choice(text, self.asked)
        if choice:
            return Answer(choice)
        known = joined(choice.value for choice in self.asked.choices)
        return [words.NO_CHOICE(count=len(self.asked.choices), words=known)]

    def _stops(self, word: str) -> Answer | None:
        """Returns the answer of a word that cancels or goes back; None for any other word."""
        if word in ("no", "n", "cancel"):
            return Answer(Choice.CANCEL)
        back = word in ("back", Choice.PREVIOUS) and Choice.PREVIOUS in self.asked.choices
        return Answer(Choice.PREVIOUS) if back else None

    def _way_back(self) -> list[str]:
        """Returns the line that explains how to go back a step, if that is offered."""
        return [words.PREVIOUS()] if Choice.PREVIOUS in self.asked.choices else []

    def noticed(self, event: Event, state: RunState) -> list[str]:
        """Returns no lines: the event is printed anyway."""
        _ = event, state
        return []


class ConfirmDialogue(ChoiceDialogue):
    """Confirmation of the plan, for which only 'yes' is a yes."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self._data: tuple[str, ...] | None = None
        """services whose data is backed up or restored; None until the operator chooses them"""

    def shown(self, state: RunState) -> list[str]:
        """Returns the question without the plan, which has just been printed."""
        return [labels.QUESTIONS[Question.CONFIRM](), *self._offered(state), words.CONFIRM(), *self._way_back()]

    def hear(self, text: str, state: RunState) -> Reply:
        """Accepts 'yes', or 'data' with the services whose data is backed up or restored."""
        word, *names = text.strip().split()[:20] or [""]
        word = word.lower()
        if word == "yes" and not names:
            return Answer(Choice.GO, {"backups": self._data})
        if not names and (answer := self._stops(word)):
            return answer
        possible = state.plan.candidates if state.plan else ()
        if word == "data" and possible:
            return self._choose([name for name in names if name != "none"], possible, state)
        return [words.ONLY_YES()]

    def _choose(self, names: Sequence[str], possible: tuple[str, ...], state: RunState) -> list[str]:
        unknown = [name for name in names if name not in possible]
        if unknown:
            return [words.NO_DATA(service=unknown[0], services=listed(possible, 12))]
        self._data = tuple(names)
        plan = choose(state.plan, names) if state.plan else None
        return [*(line.text for line in plan_data.data_lines(plan)), *self._offered(state)] if plan else []

    def _offered(self, state: RunState) -> list[str]:
        """Returns the line that explains how to choose data, if there is any."""
        if state.plan is None or not state.plan.candidates:
            return []
        said = words.DATA_BACK if state.plan.restores else words.DATA_SAVED
        return [said(services=listed(state.plan.candidates, 12))]


class ConsentDialogue(ChoiceDialogue):
    """A question for which only one particular word is a yes."""

    WORD: ClassVar[str]
    ONLY: ClassVar[Message]

    def hear(self, text: str, state: RunState) -> Reply:
        """Accepts the word, or one that cancels or goes back."""
        _ = state
        word = text.strip().lower()
        if word == self.WORD:
            return Answer(Choice.GO)
        return self._stops(word) or [self.ONLY()]


class LossDialogue(ConsentDialogue):
    """Consent to data being left behind."""

    WORD, ONLY = "leave", words.ONLY_LEAVE

    def shown(self, state: RunState) -> list[str]:
        """Returns the data that would be left behind, and the question."""
        losses = plan_data.left_lines(state.plan) if state.plan else []
        return [labels.QUESTIONS[Question.LOSS](), *losses, words.LEAVE(), *self._way_back()]


class AcceptDialogue(ConsentDialogue):
    """Acceptance of the checks that stop the run."""

    WORD, ONLY = "accept", words.ONLY_ACCEPT

    def shown(self, state: RunState) -> list[str]:
        """Returns the findings that stop the run, and the question."""
        stops = [f"  {phrases.finding(check.finding)}" for check in state.trust.values() if check.stops]
        return [labels.QUESTIONS[Question.ACCEPT](), *stops, words.ACCEPT(), *self._way_back()]


class ProjectDialogue(ChoiceDialogue):
    """Choice of the project."""

    def shown(self, state: RunState) -> list[str]:
        """Returns the projects with their numbers and status."""
        names = projects.rows(self.asked.options, state.projects, state.project_views, state.last_at)
        why = [problems.title(state.which)] if state.which else []
        return [*why, labels.QUESTIONS[Question.PROJECT](), *names, words.PROJECT()]

    def hear(self, text: str, state: RunState) -> Reply:
        """Accepts a project's number or name."""
        _ = state
        typed, options = text.strip(), self.asked.options
        if typed.lower() == "cancel":
            return Answer(Choice.CANCEL)
        if project := typed if typed in options else numbered(typed, options):
            return Answer(Choice.GO, {"project": project})
        return [words.NO_PROJECT(count=len(options))]


class GenerationDialogue(ChoiceDialogue):
    """Choice of the generation to run, by the differences from what runs; the one before is the default."""

    def shown(self, state: RunState) -> list[str]:
        """Returns the generations, one a line, the newest first."""
        found = self._found(state)
        usual = lists.start(found)
        rows = [(f"{'>' if row[0] == str(usual) else ' '} {row[0]}", *row[1:]) for row in lists.rows(found)]
        headings = (f"  {lists.NUMBER()}", *(str(title) for title in (lists.WHEN, lists.DIFFERS, lists.WAY)))
        return [
            labels.QUESTIONS[Question.GENERATION](),
            *blocks.plain([blocks.Table(headings, rows, widest=_WIDEST)]),
            words.GENERATION(usual=usual or ""),
        ]

    def hear(self, text: str, state: RunState) -> Reply:
        """Accepts a generation's number, or an empty line for the default."""
        typed = text.strip()
        if typed.lower() == "cancel":
            return Answer(Choice.CANCEL)
        usual = lists.start(self._found(state))
        if not typed and usual:
            return Answer(Choice.GO, {"generation": usual})
        if typed in self.asked.options:
            return Answer(Choice.GO, {"generation": int(typed)})
        return [words.NO_GENERATION(numbers=joined(self.asked.options))]

    def _found(self, state: RunState) -> list[e.GenerationFound]:
        return [state.generations[int(number)] for number in self.asked.options if int(number) in state.generations]


class MergeDialogue(ChoiceDialogue):
    """Choice of the version to keep where both the operator and the release have changed something."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self._answers: dict[str, str] = {}

    def shown(self, state: RunState) -> list[str]:
        """Returns the conflicts with their numbers and the chosen version of each."""
        found = state.merge.conflicts if state.merge else ()
        rows = [line for number, conflict in enumerate(found, 1) for line in self._row(number, conflict)]
        return [labels.QUESTIONS[Question.MERGE](), *rows, words.MERGE()]

    def hear(self, text: str, state: RunState) -> Reply:
        """Accepts `NUMBER=CHOICE`, or a word that confirms all choices."""
        found = state.merge.conflicts if state.merge else ()
        typed = text.strip()
        if typed.lower() in ("", "go", "next"):
            return Answer(Choice.GO, {"answers": self._answers})
        if typed.lower() == "cancel":
            return Answer(Choice.CANCEL)
        number, _, answer = (part.strip() for part in typed.partition("="))
        if (conflict := numbered(number, found)) is None:
            return [words.NO_CONFLICT(count=len(found))]
        if answer not in conflict.choices:
            return [words.POSSIBLE(number=number, choices=joined(conflict.choices))]
        self._answers[conflict.key] = answer
        return self._row(int(number), conflict)

    def _row(self, number: int, conflict: MergeConflict) -> list[str]:
        chosen = self._answers.get(conflict.key, conflict.default)
        return [
            f"  {number}  {words.CONFLICT(conflict=phrases.conflict(conflict), chosen=labels.MERGE_CHOICES[chosen]())}",
            *(f"       {clean(text, 160)}" for text in conflict.lines[:_SHOWN_LINES]),
            f"     {joined(conflict.choices)}",
        ]


class InstallDialogue(ChoiceDialogue):
    """The installation form, field by field: the source and how it is installed."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        self._waiting = False
        """whether the worker is checking a changed value"""

    def shown(self, state: RunState) -> list[str]:
        """Returns the fields with their numbers, and the findings."""
        return [labels.QUESTIONS[Question.INSTALL](), *self._form(state)]

    def again(self, asked: Asked, state: RunState) -> list[str]:
        """Returns the form again after the worker has checked it."""
        self.asked, self._waiting = asked, False
        return self._form(state)

    def hear(self, text: str, state: RunState) -> Reply:
        """Accepts `NUMBER=VALUE` for a field, or a word that confirms the form."""
        typed, form = text.strip(), state.form
        if self._waiting:
            return [words.LOOKING()]
        if typed.lower() == "cancel":
            return Answer(Choice.CANCEL)
        if typed.lower() in ("", "go", "next"):
            return self._go(form)
        number, equals, value = (part.strip() for part in typed.partition("="))
        fields = form.fields if form else ()
        if not equals or (field := numbered(number, fields)) is None:
            return [words.NO_FIELD(count=len(fields))]
        if field.name == "source":
            value = value or field.default
            if problem := install.source_problem(value):
                return [problems.sentence(problem)]  # it may hold a password, so it must not reach the journal
        return self._check({field.name: value})

    def _go(self, form: e.InstallChecked | None) -> Reply:
        if form is None or not form.known:
            return self._check({})
        if not install.ready(form):
            return [install_words.NOT_READY()]
        return Answer(Choice.GO)

    def _check(self, answers: dict[str, str]) -> Answer:
        self._waiting = True
        return Answer(Choice.CHECK, {"answers": answers})

    def _form(self, state: RunState) -> list[str]:
        form = state.form
        if form is None:
            return []
        names = max(width(install_words.name(field)) for field in form.fields)
        rows = []
        for number, field in enumerate(form.fields, 1):
            note = install_words.state(field)
            note = words.STOP(why=note) if field.problem else note
            note = f"  [{note}]" if note else ""
            value = install_words.shown(field.name, field.value)
            rows.append(f"  {number:>2}  {pad(install_words.name(field), names)}  {value}{note}")
        return [
            install_words.lead(form, pending=False),
            *rows,
            *(f"  {phrases.finding(found)}" for found in form.findings),
            words.FORM(),
        ]


_DIALOGUES: dict[Question, type[ChoiceDialogue | SelectionDialogue]] = {
    Question.SELECT: SelectionDialogue,
    Question.CONFIRM: ConfirmDialogue,
    Question.LOSS: LossDialogue,
    Question.ACCEPT: AcceptDialogue,
    Question.PROJECT: ProjectDialogue,
    Question.GENERATION: GenerationDialogue,
    Question.MERGE: MergeDialogue,
    Question.INSTALL: InstallDialogue,
}
_WIDEST = 400
"""maximum columns of a cell; lines are wrapped when they are written"""
_SHOWN_LINES = 24
"""maximum lines of a file's differences"""


def _choice(text: str, asked: Asked) -> Choice | None:
    word = re.sub(r"[\s_-]+", "", text.strip().lower())
    if choice := numbered(word, asked.choices):
        return choice
    for choice in asked.choices:
        called = labels.choice(asked.question, choice, asked.choices).lower()
        names = {choice.value.replace("-", ""), re.sub(r"\s+", "", called)}
        if word in names:
            return choice
    return None


def help_text(state: RunState) -> list[str]:
    """Returns the answer to 'help'."""
    return [*help_words.text(state.phase).splitlines(), "", words.ANY_TIME()]
