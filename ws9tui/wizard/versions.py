"""The Versions pane: the expected and the found versions, and every finding with its reason."""

from __future__ import annotations

from collections.abc import Iterator

from textual.widget import Widget

from ws9tui.core.journal.events import VersionChecked
from ws9tui.core.journal.run_state import RunState
from ws9tui.core.model.terms import Level
from ws9tui.wizard import cells, findings, theme
from ws9tui.wizard.accept import AcceptingPane
from ws9tui.wizard.cells import Cell, cell
from ws9tui.wizard.route import Step
from ws9tui.wizard.table import Column, Rows
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
    """The services that get another image, one per row, and their findings."""

    STEP = Step.VERSIONS

    def __init__(self) -> None:
        super().__init__()
        self._table = Rows(_COLUMNS)

    def parts(self) -> Iterator[Widget]:
        """Yields the answers about an image that is not as expected, and the table of services."""
        yield self.choices
        yield self._table

    def update(self) -> None:
        """Updates the lead, the table and the findings, the most severe ones first."""
        checks = list(self.state.versions.values())
        if self.state.asked:
            # with many of them, those in question could be below the last line
            checks.sort(key=lambda check: -_WEIGHT[_worst(check, self.state)])
        told = [finding for check in checks for finding in check.findings]
        told += [check.finding for check in self.state.trust.values()]
        levels = [finding.level for finding in told]
        warnings, blocking = levels.count(Level.WARNING), levels.count(Level.BLOCKING)
        said = words.versions_lead(warnings, blocking, done=self.state.asked is not None or self.wizard.followed.ended)
        self.begin(Cell(said, f"{theme.BAD} {theme.STRONG}" if blocking else theme.STRONG))
        self._table.show([_cells(check, self.state) for check in checks])
        self.detail.show(findings.lines(sorted(told, key=lambda finding: -_WEIGHT[finding.level])))


def _cells(check: VersionChecked, state: RunState) -> list[Cell]:
    row = state.services.get(check.service)
    runs = row is None or bool(row.view.state)
    worst = _worst(check, state)
    sign, tone = findings.LEVELS[worst]
    source = words.EXPECTED_FROM.get(check.expected_from, "")
    expected = f"{check.expected} ({source})" if check.expected and source else check.expected or words.NOT_EXPECTED()
    return [
        Cell(sign, tone),
        cell(check.service),
        cell(check.running or (words.NOT_FOUND() if runs else "-"), theme.PLAIN if check.running else theme.DIM),
        cell(expected, theme.PLAIN if check.expected else theme.DIM),
        cell(check.found or words.NOT_FOUND(), tone if worst is not Level.OK else theme.PLAIN),
        cell(_digest(check), theme.PLAIN),
        cell(check.platform),
    ]


def _worst(check: VersionChecked, state: RunState) -> Level:
    """Returns the most severe level among the findings about a service's image."""
    told = [*check.findings, *(trust.finding for trust in state.trust.values() if trust.service == check.service)]
    return max((finding.level for finding in told), key=_WEIGHT.__getitem__, default=Level.OK)


def _digest(check: VersionChecked) -> str:
    """Returns the digest, marked by whether the registry announced it; for an image from elsewhere, its origin."""
    if check.offline:
        return labels.origin(check.archive)
    return (f"{cells.DONE} " if check.digest_ok else f"{cells.FAILED} ") + short_digest(check.digest)
