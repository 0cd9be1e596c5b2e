"""The command palette: all that can be done here and now, the projects that one may go on to, the colours."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.markup import escape

from ws9tui.core.model.terms import Choice, Question
from ws9tui.wizard import theme
from ws9tui.wizard.frame import Pane
from ws9tui.words import panes as words
from ws9tui.words.text import clean
from ws9tui.worker.next_run import ToProject

if TYPE_CHECKING:
    from ws9tui.wizard.app import Wizard


def show(wizard: Wizard) -> None:
    """Opens the palette, once."""
    if not isinstance(wizard.screen, CommandPalette):
        wizard.push_screen(CommandPalette((Commands,), placeholder=words.PALETTE(), id="--command-palette"))


def offered(wizard: Wizard, pane: Pane) -> Iterator[SystemCommand]:
    """What the keys of a pane do now, the other projects, the other colours."""
    for action in pane.now_possible():
        run = partial(_do, pane, action.name)
        yield SystemCommand(words.key_label(action.name), words.key_help(action.name), run)
    for name in _projects(wizard):
        yield SystemCommand(words.PROJECT(name=name), words.TO_PROJECT(), partial(_go_to, wizard, name))
    if wizard.ansi_color is None:
        for name, label in ((theme.DARK, words.DARK), (theme.LIGHT, words.LIGHT)):
            if name != wizard.theme:
                yield SystemCommand(label(), words.COLOURS(), partial(setattr, wizard, "theme", name))


def _do(pane: Pane, name: str) -> None:
    """Does what a key of the pane does, where the pane is still there and the key still does it."""
    if pane.app.screen is pane:
        pane.do(name)


def _projects(wizard: Wizard) -> tuple[str, ...]:
    """The projects of the engine but for that of the run; a demo has no other one."""
    state = wizard.state
    own = state.project.source.name if state.project else ""
    return () if wizard.demo else tuple(name for name in state.known if name != own)


def _go_to(wizard: Wizard, name: str) -> None:
    """Takes a project where it is asked for one, else leaves for it; a run that is live is left to go on."""
    asked = wizard.state.asked
    if wizard.followed.ended:
        wizard.leave_for(ToProject(name))
    elif asked is not None and asked.question is Question.PROJECT and name in asked.options:
        if wizard.followed.takes(Choice.GO):
            wizard.decide(Choice.GO, project=name)
    else:
        wizard.ask_detach(ToProject(name))


class Commands(Provider):
    """The wizard's commands, in their order; nothing in their words is markup."""

    async def discover(self) -> Hits:
        """All of them."""
        for title, about, run, _ in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(Content(clean(title)), run, text=title, help=escape(about))

    async def search(self, query: str) -> Hits:
        """Those that match what was typed."""
        matcher = self.matcher(query)
        found = False
        for title, about, run, _ in self.app.get_system_commands(self.screen):
            if (score := matcher.match(title)) > 0:
                found = True
                shown = matcher.highlight(title) if title == escape(title) else Content(title)
                yield Hit(score, shown, run, text=title, help=escape(about))
        if not found:
            yield Hit(0.0, Content(words.NO_MATCH()), lambda: None)
