"""Lists the projects that the operator may choose from, the likeliest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from ws9tui.core.compose.locate import Known
from ws9tui.core.model.evidence import shown_version
from ws9tui.core.model.observed import Container, Image
from ws9tui.core.model.project_view import ProjectView
from ws9tui.core.model.source import ProjectSource


def views(
    names: Iterable[str],
    around: Known,
    containers: Sequence[Container],
    images: Mapping[str, Image],
    cwd: Path,
    used_at: Callable[[str], str],
) -> dict[str, ProjectView]:
    """Returns views of these projects: those whose folder contains ``cwd`` first, then the most recently used."""
    found = {
        name: _view(
            _source(name, around), [one for one in containers if one.project == name], images, cwd, used_at(name)
        )
        for name in sorted(names)
    }
    return dict(sorted(found.items(), key=lambda item: (_nearness(item[1]), item[1].used_at), reverse=True))


def _nearness(found: ProjectView) -> int:
    """Returns how deep a project's folder is if the working directory is in it, else 0."""
    return len(Path(found.folder).parts) if found.here else 0


def _source(name: str, around: Known) -> ProjectSource | None:
    running = around.running.get(name, ())
    return running[0] if running else around.recorded.get(name)


def _view(
    source: ProjectSource | None,
    containers: Sequence[Container],
    images: Mapping[str, Image],
    cwd: Path,
    used_at: str,
) -> ProjectView:
    own = [one for one in containers if not one.oneoff]
    versions = {
        one.service: version
        for one in sorted(own, key=lambda one: (one.service, one.number), reverse=True)
        if one.image_id in images and (version := shown_version(images[one.image_id], one.image, images.values()))
    }
    return ProjectView(
        folder=source.folder if source else "",
        running=sum(one.running for one in own),
        containers=len(own),
        ill=sum(one.health == "unhealthy" or one.state in ("restarting", "dead") for one in own),
        versions=dict(sorted(versions.items())),
        here=source is not None and bool(source.folder) and cwd.is_relative_to(source.folder),
        used_at=used_at,
    )
