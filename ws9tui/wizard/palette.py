"""The command palette: the actions that can run now, the other projects, the themes."""

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
    """Opens the palette, unless it is open."""
    if not isinstance(wizard.screen, CommandPalette):
        wizard.push_screen(CommandPalette((Commands,), placeholder=words.PALETTE(), id="--command-palette"))


def offered(wizard: Wizard, pane: Pane) -> Iterator[SystemCommand]:
    """Yields commands for the actions of a pane that can run now, the other projects, and the other themes."""
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
    """Runs an action of the pane, if the pane is still shown and the action can still run."""
    if pane.app.screen is pane:
        pane.do(name)


def _projects(wizard: Wizard) -> tuple[str, ...]:
    """Returns the projects of the engine except for that of the run; none in a demo."""
    state = wizard.state
    own = state.project.source.name if state.project else ""
    return () if wizard.demo else tuple(name for name in state.known if name != own)


def _go_to(wizard: Wizard, name: str) -> None:
    """Chooses a project if the run asks for one, else leaves the wizard for that project; a live run goes on."""
    asked = wizard.state.asked
    if wizard.followed.ended:
        wizard.leave_for(ToProject(name))
    elif asked is not None and asked.question is Question.PROJECT and name in asked.options:
        if wizard.followed.takes(Choice.GO):
            wizard.decide(Choice.GO, project=name)
    else:
        wizard.ask_detach(ToProject(name))


class Commands(Provider):
    """The wizard's commands in their order; their texts are not parsed as markup."""

    async def discover(self) -> Hits:
        """Yields all commands."""
        for title, about, run, _ in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(Content(clean(title)), run, text=title, help=escape(about))

    async def search(self, query: str) -> Hits:
        """Yields the commands that match what was typed, or a note that none does."""
        matcher = self.matcher(query)
        found = False
        for title, about, run, _ in self.app.get_system_commands(self.screen):
            if (score := matcher.match(title)) > 0:
                found = True
                shown = matcher.highlight(title) if title == escape(title) else Content(title)
                yield Hit(score, shown, run, text=title, help=escape(about))
        if not found:
            yield Hit(0.0, Content(words.NO_MATCH()), lambda: None)
