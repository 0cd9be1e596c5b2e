"""Words for the choice of a project: what it is, where it is, how it stands, which versions run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ws9tui.core.model.project_view import ProjectView
from ws9tui.problems.problem import Problem
from ws9tui.words import problems
from ws9tui.words.blocks import Table, Tone, titles
from ws9tui.words.template import Message, Plural, say
from ws9tui.words.text import age, clean, listed, pad, series, width

_RUNNING = Plural("{running} of {count} container runs", "{running} of {count} containers run")
_ALL_RUNNING = Plural("{count} container runs", "{count} containers run")
_ILL = Plural("{count} unhealthy", "{count} unhealthy")
HERE = Message("you are here")
_VERSIONS = 3
"""versions of services that are named"""
_WIDEST = 40
_STANDS = 2
"""the place of a project's state among the columns"""


def state(view: ProjectView) -> str:
    """How many of a project's containers run, and how many of them are ill; empty where nobody has looked."""
    if not view.containers:
        return ""
    all_run = view.running == view.containers
    running = _ALL_RUNNING(view.running) if all_run else _RUNNING(view.containers, running=str(view.running))
    return series((running, _ILL(view.ill) if view.ill else ""))


def version(view: ProjectView) -> str:
    """Which versions run: of each service, the first few of them."""
    return listed([f"{clean(name, 40)} {clean(value, 40)}" for name, value in view.versions.items()], _VERSIONS)


def used(view: ProjectView, now: str | datetime) -> str:
    """Where one stands, or how long ago a run of ours had it last."""
    if view.here:
        return HERE()
    passed = age(view.used_at, now)
    return say("used {passed:said} ago", passed=passed) if passed else ""


def tone(view: ProjectView) -> Tone:
    """How good or bad it is how a project stands."""
    if view.ill:
        return Tone.BAD
    return Tone.GOOD if view.running == view.containers else Tone.WARNING


def table(projects: Mapping[str, Problem | None], views: Mapping[str, ProjectView], now: str | datetime) -> Table:
    """All projects to choose from, with what is known of them."""
    found = [(name, what, views.get(name, ProjectView())) for name, what in projects.items()]
    rows = [
        (
            clean(name, 80),
            clean(view.folder),
            state(view),
            problems.brief(what) if what else "",
            version(view),
            used(view, now),
        )
        for name, what, view in found
    ]
    heads = titles("project", "folder", "state", "what it is", "version", "")
    known = [place for place in range(len(heads)) if place == 0 or any(row[place] for row in rows)]
    return Table(
        tuple(heads[place] for place in known),
        [tuple(row[place] for place in known) for row in rows],
        tuple(tone(view) for _, _, view in found),
        toned=known.index(_STANDS) if _STANDS in known else -1,
    )


def rows(
    names: Sequence[str],
    projects: Mapping[str, Problem | None],
    views: Mapping[str, ProjectView],
    now: str | datetime,
) -> list[str]:
    """The projects with their numbers, a line each, the columns below each other."""
    told = table({name: projects.get(name) for name in names}, views, now).rows
    if not told:
        return []
    widths = [min(max(map(width, column)), _WIDEST) for column in zip(*told, strict=True)]
    digits = len(str(len(told)))
    return [
        f"  {number:>{digits}}  {'  '.join(map(pad, facts, widths))}".rstrip() for number, facts in enumerate(told, 1)
    ]
