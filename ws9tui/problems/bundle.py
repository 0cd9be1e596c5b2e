"""Problems of bundles: of creating one, and of one that is given."""

from __future__ import annotations

from ws9tui.problems.problem import Problem, Reason


class BundleExists(Problem):
    path: str


class BundleOverInput(Problem):
    path: str


class BundleIsFolder(Problem):
    path: str


class BundleUnwritable(Problem):
    path: str
    reason: Reason | str | None


class BundleEmpty(Problem):
    project: str


class BundleLeftOut(Problem):
    service: str


class BundleAmbiguous(Problem):
    reference: str
    services: str


class BundlePinned(Problem):
    service: str
    reference: str


class BundleUnpinned(Problem):
    service: str
    reference: str


class BundleNotWhole(Problem):
    reference: str = ""
    reason: Reason | str = ""


class BundleFilesLarge(Problem):
    size: int
    most: int


class BundleSecrets(Problem):
    files: str


class BundleFilesOutside(Problem):
    files: str
    folder: str


class BundleMounts(Problem):
    files: str


class BundleMountsLacking(Problem):
    path: str
    files: str


class BundleVariables(Problem):
    variables: str


class BundleForeign(Problem):
    path: str


class BundleByName(Problem):
    path: str


class BundleNewer(Problem):
    path: str


class BundlePlatform(Problem):
    path: str
    platform: str
    engine: str


class BundleOtherProject(Problem):
    path: str
    name: str
    project: str


class BundleServicesUnknown(Problem):
    services: str
    project: str


class BundleWithoutFiles(Problem):
    path: str


class BundleFilesLacking(Problem):
    path: str
    files: str


class BundleFile(Problem):
    file: str


class BundleDigest(Problem):
    service: str = ""
    digest: str
    archive: str
