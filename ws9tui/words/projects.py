"""Messages for the choice of a project: description, folder, state, running versions."""

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
"""services whose versions are named"""
_WIDEST = 40
_STANDS = 2
"""the index of the state column"""


def state(view: ProjectView) -> str:
    """Returns how many of a project's containers run and are unhealthy; empty if it has none."""
    if not view.containers:
        return ""
    all_run = view.running == view.containers
    running = _ALL_RUNNING(view.running) if all_run else _RUNNING(view.containers, running=str(view.running))
    return series((running, _ILL(view.ill) if view.ill else ""))


def version(view: ProjectView) -> str:
    """Returns the running versions of the first few services."""
    return listed([f"{clean(name, 40)} {clean(value, 40)}" for name, value in view.versions.items()], _VERSIONS)


def used(view: ProjectView, now: str | datetime) -> str:
    """Returns that the operator is in the project's folder, or how long ago ws9tui last used it."""
    if view.here:
        return HERE()
    passed = age(view.used_at, now)
    return say("used {passed:said} ago", passed=passed) if passed else ""


def tone(view: ProjectView) -> Tone:
    """Returns the tone of a project's state."""
    if view.ill:
        return Tone.BAD
    return Tone.GOOD if view.running == view.containers else Tone.WARNING


def table(projects: Mapping[str, Problem | None], views: Mapping[str, ProjectView], now: str | datetime) -> Table:
    """Returns the table of all projects; columns without values are left out."""
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
    """Returns the projects with their numbers, one line each, in aligned columns."""
    told = table({name: projects.get(name) for name in names}, views, now).rows
    if not told:
        return []
    widths = [min(max(map(width, column)), _WIDEST) for column in zip(*told, strict=True)]
    digits = len(str(len(told)))
    return [
        f"  {number:>{digits}}  {'  '.join(map(pad, facts, widths))}".rstrip() for number, facts in enumerate(told, 1)
    ]
