"""A shop whose newer image is asked about, and what was checked of it."""

from __future__ import annotations

from pathlib import Path

from bench import COMPOSE, Shop, Told, always
from ws9tui.core.journal import events as e
from ws9tui.core.model.terms import Choice, Level, Outcome
from ws9tui.words import plan as plan_words

GO_ON = always(select=Choice.GO, accept=Choice.GO, versions=Choice.GO, confirm=Choice.GO, outcome=Choice.KEEP)


STOP = always(select=Choice.GO, accept=Choice.CANCEL)


async def opened(folder: Path, settings: str = "", everywhere: str = "") -> Shop:
    """A shop that runs, with settings of its service `web`, and a newer image of it in the registry."""
    compose = COMPOSE.replace("web:latest\n", f"web:latest\n    x-ws9tui: {settings or '{}'}\n")
    shop = Shop(folder, compose + (f"x-ws9tui: {everywhere}\n" if everywhere else ""))
    await shop.offer("2.0")
    return shop


def trust(told: Told) -> list[tuple[str, str, str, Level]]:
    """Return what was checked."""
    found: list[e.TrustChecked] = told.all(e.TrustChecked)
    return [(each.service, each.check, each.result, each.finding.level) for each in found]


async def refused(shop: Shop, told: Told, code: str) -> None:
    """Assert that a run was refused, and that nothing of it is left."""
    assert (told.outcome, told.code) == (Outcome.REFUSED, code)
    assert shop.versions()["web"] == "1.0"
    assert not told.all(e.CommitStarted)


def plan_of(told: Told) -> str:
    """Return the printed plan."""
    assert told.state.plan
    return "\n".join(text for _, text in plan_words.lines(told.state.plan))
