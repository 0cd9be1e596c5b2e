"""The target folder of a project from a bundle, and how Compose is called for it there."""

from __future__ import annotations

import os
from pathlib import Path

from ws9tui.core.fs import places
from ws9tui.core.model.bundle import Bundle
from ws9tui.core.model.release import path_in
from ws9tui.core.model.source import FoundBy, ProjectSource
from ws9tui.core.releases.install import folder_problem
from ws9tui.core.session import Session
from ws9tui.errors import Refused, UsageError
from ws9tui.problems.bundle import BundleFilesLacking, BundleMountsLacking, BundleWithoutFiles
from ws9tui.problems.upgrade import InstallFolder


def source(session: Session, bundle: Bundle) -> ProjectSource:
    """Returns the project's source in a folder of its own name, or in the requested one, which must be empty.

    Raises `UsageError` if the folder cannot be installed to, and `Refused` for a bundle that lacks some of its files.
    """
    options, path = session.options, session.options.archives[0]
    if not bundle.compose_files:
        raise Refused(BundleWithoutFiles(path=path))
    if bundle.absent:
        raise Refused(BundleFilesLacking(path=path, files=", ".join(bundle.absent)))
    if bundle.mounted:
        raise Refused(BundleMountsLacking(path=path, files=", ".join(bundle.mounted)))
    wanted = Path(session.request.folder, places.expanded(options.folder or bundle.project))
    folder = os.path.abspath(wanted)  # noqa: PTH100 - links stay, as in Compose
    if problem := folder_problem(Path(folder)):
        raise UsageError(InstallFolder(folder=folder, reason=problem))
    return ProjectSource(
        options.project_name or bundle.project,
        folder,
        tuple(path_in(folder, name) for name in bundle.compose_files),
        env_files=tuple(path_in(folder, name) for name in bundle.env_files),
        profiles=options.profiles or bundle.profiles,
        cwd=folder,
        found_by=FoundBy.COMPOSE if bundle.found else FoundBy.FLAG,
        directory=False,
    )
