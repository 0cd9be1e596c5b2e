"""Problems of releases, their downloads and archives, and of Websoft9's layouts."""

from __future__ import annotations

from ws9tui.problems.problem import Problem, Reason


class Websoft9Legacy(Problem):
    folder: str
    project: str
    version: str
    missing: str


class Websoft9Modern(Problem):
    folder: str
    project: str
    version: str


class Websoft9Mixed(Problem):
    places: str


class Websoft9Unknown(Problem):
    folders: str


class Websoft9Component(Problem):
    service: str
    version: str


class ProjectWebsoft9(Problem):
    layout: str = ""
    version: str = ""


class ProjectApplication(Problem):
    name: str
    version: str


class CockpitPlugins(Problem):
    plugins: str


class StackFromRepository(Problem):
    project: str
    folder: str
    name: str = ""


class ReleaseNoImage(Problem):
    version: str


class ReleaseManifestInvalid(Problem):
    file: str
    reason: Reason | str


class ReleaseSchemaUnknown(Problem):
    version: str | None
    known: int


class ReleaseNotWebsoft9(Problem):
    file: str


class ReleaseVersionsDiffer(Problem):
    one: str
    other: str


class ReleaseFileMissing(Problem):
    file: str


class ReleaseFileUnlisted(Problem):
    file: str
    list: str


class ReleaseChecksumWrong(Problem):
    file: str


class ReleaseChecksumOfMany(Problem):
    source: str


class ReleaseChecksumsInvalid(Problem):
    file: str
    line: int


class ReleasePathOutside(Problem):
    path: str


class ReleaseTooLarge(Problem):
    file: str
    limit: int | None = None


class ReleaseSourceUnknown(Problem):
    source: str


class Sha256Invalid(Problem):
    value: str


class ReleaseNoChecksum(Problem):
    url: str


class DownloadMissing(Problem):
    url: str


class DownloadStatus(Problem):
    url: str
    status: int


class DownloadFailed(Problem):
    url: str
    reason: Reason | str


class DownloadStalled(Problem):
    url: str
    seconds: float


class DownloadTooSlow(Problem):
    url: str
    seconds: float


class DownloadCut(Problem):
    url: str
    came: int
    total: int


class DownloadRedirects(Problem):
    url: str


class DownloadRedirectUnsafe(Problem):
    url: str
    target: str


class ReleaseDamaged(Problem):
    file: str = ""
    reason: Reason | str


class ArchiveNotUnpacked(Problem):
    file: str
    reason: Reason | str


class ArchivePathOutside(Problem):
    entry: str


class ArchiveNotAFile(Problem):
    entry: str


class ArchiveDuplicate(Problem):
    entry: str


class ArchiveEncrypted(Problem):
    entry: str


class ArchiveBomb(Problem):
    limit: int | None = None


class OverrideImpossible(Problem):
    key: str


class MigratesData(Problem):
    service: str = ""
    what: str = ""


class MigratesDataPerhaps(Problem):
    service: str = ""
    what: str = ""


class EnvUnmergeable(Problem):
    key: str
