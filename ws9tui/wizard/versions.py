"""The Versions pane: what was expected, what came, and every finding with its reason."""

from __future__ import annotations

from textual.content import Content

from ws9tui.core.journal.events import VersionChecked
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Choice, Level
from ws9tui.wizard import actions, draw, result
from ws9tui.wizard.accept import AcceptingPane
from ws9tui.wizard.draw import BLANK, Cell, Column, Look, cell
from ws9tui.wizard.route import Step
from ws9tui.words import labels, panes
from ws9tui.words import panes_prepare as words
from ws9tui.words.text import short_digest

_COLUMNS = (
    Column(""),
    Column(panes.SERVICE, least=8, most=22),
    Column(panes.RUNNING, least=6, most=16),
    Column(panes.EXPECTED, least=6, most=24),
    Column(panes.FOUND, least=6, most=18),
    Column(panes.DIGEST, rank=1),
    Column(panes.PLATFORM, rank=2),
)
_WEIGHT = {Level.OK: 0, Level.WARNING: 1, Level.BLOCKING: 2}


class VersionsPane(AcceptingPane):
    """The services that get another image, one a line, and their findings."""

    STEP = Step.VERSIONS
    ACTIONS = (actions.ACCEPT, actions.GO, actions.CANCEL)
    BINDINGS = actions.bindings(*ACTIONS)

    def available(self, name: str) -> bool:
        """One goes on while that is asked."""
        if name == "accept":
            return self.accepting
        return name == "go" and self.asks(Choice.GO) and not self.accepting

    def action_go(self) -> None:
        """Goes on to the plan."""
        self.wizard.decide(Choice.GO)

    def draw(self, look: Look) -> list[Content]:
        """Lead, table, findings; the serious ones first."""
        checks = list(self.state.versions.values())
        told = [finding for check in checks for finding in check.findings]
        told += [check.finding for check in self.state.trust.values()]
        levels = [finding.level for finding in told]
        warnings, blocking = levels.count(Level.WARNING), levels.count(Level.BLOCKING)
        lead = words.versions_lead(warnings, blocking, done=self.state.asked is not None or self.wizard.ended)
        tone = draw.BAD if blocking else draw.STRONG
        header, table = draw.table(_COLUMNS, [_cells(check, self.state) for check in checks], look.width)
        found = [*(self.question(look) or draw.wrapped(lead, look.width, tone)), BLANK, header, *table]
        serious = sorted(told, key=lambda finding: -_WEIGHT[finding.level])
        if serious:
            found += [BLANK, *result.findings(serious, look.width)]
        return self.fitted(found, look)


def _cells(check: VersionChecked, state: RunState) -> list[Cell]:
    row = state.services.get(check.service)
    runs = row is None or bool(row.view.state)
    told = [*check.findings, *(trust.finding for trust in state.trust.values() if trust.service == check.service)]
    worst = max((finding.level for finding in told), key=_WEIGHT.__getitem__, default=Level.OK)
    sign, tone = result.LEVELS[worst]
    source = words.EXPECTED_FROM.get(check.expected_from, "")
    expected = f"{check.expected} ({source})" if check.expected and source else check.expected or words.NOT_EXPECTED()
    return [
        Cell(sign, tone),
        cell(check.service),
        cell(check.running or (words.NOT_FOUND() if runs else "-"), draw.PLAIN if check.running else draw.DIM),
        cell(expected, draw.PLAIN if check.expected else draw.DIM),
        cell(check.found or words.NOT_FOUND(), tone if worst is not Level.OK else draw.PLAIN),
        cell(_digest(check), draw.PLAIN),
        cell(check.platform),
    ]


def _digest(check: VersionChecked) -> str:
    """Whether the digest is what the registry announced, or where an image comes from that none was asked about."""
    if check.offline:
        return labels.origin(check.archive)
    return (f"{draw.DONE} " if check.digest_ok else f"{draw.FAILED} ") + short_digest(check.digest)
