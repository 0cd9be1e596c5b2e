"""The line-by-line dialogue for selecting services and their tags."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ws9tui.cli.answer import Answer, Reply, numbered
from ws9tui.core.journal import choice_state
from ws9tui.core.journal import events as e
from ws9tui.core.journal.events import Asked, Event
from ws9tui.core.journal.run_state import RunState, ServiceRow
from ws9tui.core.model.terms import Availability, Choice, Question
from ws9tui.core.releases import install
from ws9tui.words import dialogues as words
from ws9tui.words import labels, offers, phrases, problems
from ws9tui.words.text import clean, listed, pad, short_reference, width

_SELECT_OTHERS = (
    (Choice.RECHECK, words.RECHECK),
    (Choice.GO_BACK, words.BACK),
    (Choice.RELEASE, words.RELEASE),
    (Choice.ADOPT, words.RECORD),
)


class SelectionDialogue:
    """Choice of the services to update, and of their tags."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self._chosen: dict[str, bool] = {}
        """service → whether the operator selected it; the others follow the worker's proposal"""
        self._waiting = ""
        """the service whose requested tag is being looked up at its registry"""

    def shown(self, state: RunState) -> list[str]:
        """Returns all services with their numbers."""
        title = labels.SELECT_INSTALL() if choice_state.installs(state) else labels.QUESTIONS[Question.SELECT]()
        others = [text() for choice, text in _SELECT_OTHERS if choice in self.asked.choices]
        about = [words.ABOUT(services=listed(self.asked.options, 12))] if self.asked.options else []
        return [title, *self._table(state), *(text() for text in words.SELECT), *others, *about, self._summary(state)]

    def again(self, asked: Asked, state: RunState) -> list[str]:
        """Returns the services again, after another tag was looked up or rejected."""
        self.asked, self._waiting = asked, ""
        return [*self._table(state), self._summary(state)]

    def hear(self, text: str, state: RunState) -> Reply:
        """Accepts numbers, names, another tag, a command word, or an empty line to go on."""
        typed = text.strip()
        if self._waiting:
            return [words.ASKING(service=self._waiting)]
        other = {"generations": Choice.GO_BACK, "back": Choice.GO_BACK, "record": Choice.ADOPT}.get(typed.lower())
        word, _, source = typed.partition(" ")
        if word.lower() == "recheck" and Choice.RECHECK in self.asked.choices and word not in state.services:
            return Answer(Choice.RECHECK, {"answers": {"mirror": source.strip()}})
        if word.lower() == "release" and Choice.RELEASE in self.asked.choices and word not in state.services:
            return _to_release(source.strip())
        if word.lower() == "tags" and Choice.TAGS in self.asked.choices and word not in state.services:
            return self._tags(source.strip(), state)
        if other is not None and other in self.asked.choices and typed.lower() not in state.services:
            return Answer(other)
        if typed.lower() in ("cancel", "none", "all", "list"):
            return self._word(typed.lower(), state)
        if not typed or typed.lower() in ("go", "next"):
            return self._go(state)
        if "=" in typed:
            return self._check(typed, state)
        return self._select(typed, state)

    def noticed(self, event: Event, state: RunState) -> list[str]:
        """Returns a service's tags when they arrive, and the summary when a registry's answer may have changed it."""
        if isinstance(event, e.TagsListed) and event.service in state.services:
            return offers.of_service(state.services[event.service], state.last_at)
        if not isinstance(event, e.ReferenceResolved) or event.service not in state.services:
            return []
        if event.service == self._waiting:
            self._chosen.pop(event.service, None)  # the requested tag is selected if it exists
            return []  # the worker asks again
        return [self._summary(state)]

    def _is_selected(self, row: ServiceRow, state: RunState) -> bool:
        return row.view.selectable and self._chosen.get(row.view.name, choice_state.proposed(state, row))

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
        if not services and not choice_state.nothing_to_do(state):
            return [words.NOTHING_SELECTED()]
        requested: dict[str, str] = {
            name: reference for name in services if (reference := state.services[name].requested)
        }
        return Answer(Choice.GO, {"services": services, "references": requested})

    def _check(self, typed: str, state: RunState) -> Reply:
        token, _, reference = (part.strip() for part in typed.partition("="))
        name = _named(token, list(state.services))
        if name is None:
            return [words.NO_SERVICE(typed=token, count=len(state.services))]
        row = state.services[name]
        if not row.view.selectable:
            return [_why_not(row)]
        self._waiting = name
        return Answer(Choice.CHECK, {"references": {name: reference or row.view.reference}})

    def _tags(self, token: str, state: RunState) -> Reply:
        """Requests the tags of a service, given by number or name."""
        name = _named(token, list(state.services))
        if name is None:
            return [words.NO_SERVICE(typed=token or "tags", count=len(state.services))]
        row = state.services[name]
        return Answer(Choice.TAGS, {"services": (name,)}) if row.view.selectable else [_why_not(row)]

    def _select(self, typed: str, state: RunState) -> Reply:
        names: list[str] = []
        for token in re.split(r"[\s,]+", typed):
            found = _range(token, list(state.services))
            if not found:
                return [words.NO_SERVICES(typed=token, count=len(state.services))]
            names += found
        refused = [_why_not(state.services[name]) for name in names if not state.services[name].view.selectable]
        if refused:
            return refused
        self._chosen = {name: name in names for name in state.services}
        return [self._summary(state)]

    def _summary(self, state: RunState) -> str:
        return words.SELECTED(services=listed(self._selection(state), 12))

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
    return [problems.sentence(problem)] if problem else Answer(Choice.RELEASE, {"answers": {"source": source}})


def _offer(row: ServiceRow) -> str:
    """Returns the running version and the available one."""
    running = row.view.version or short_reference(row.view.running_reference or row.view.reference)
    offered = phrases.standing(row)
    if row.availability is Availability.UPDATE:
        reference = row.resolved.reference if row.resolved else row.view.reference
        described = row.offer.version if row.offer else ""
        version = clean(described or (row.resolved.version if row.resolved else ""), 40)
        more = phrases.newer_tags(row)
        offered = words.UPDATE_TO(version=version or short_reference(reference), newer=more)
    return words.OFFERED(running=clean(running, 60) or labels.NO_IMAGE(), offered=offered)


def _why_not(row: ServiceRow) -> str:
    problem = row.view.problem or row.problem
    return words.NOT_SELECTABLE(service=row.view.name, why=problems.sentence(problem) if problem else "")


def _range(token: str, names: list[str]) -> list[str]:
    """Returns the services of a number, a range of numbers or a name; empty if it names none."""
    match = re.fullmatch(r"([0-9]{1,4})-([0-9]{1,4})", token)
    if match and token not in names:
        first, last = int(match[1]), int(match[2])
        return names[first - 1 : last] if 1 <= first <= last <= len(names) else []
    name = _named(token, names)
    return [name] if name else []


def _named(token: str, names: Sequence[str]) -> str | None:
    return token if token in names else numbered(token, names)
