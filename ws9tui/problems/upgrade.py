"""Problems of installing and upgrading a product."""

from __future__ import annotations

from ws9tui.problems.problem import Problem, Reason


class NoRelease(Problem):
    source: str


class ReleaseNoneOffered(Problem):
    channel: str
    site: str


class ReleaseCandidate(Problem):
    version: str


class ReleaseOtherProject(Problem):
    project: str
    product: str


class ReleaseOtherLayout(Problem):
    version: str
    coming: str
    running: str


class ReleaseVersionOther(Problem):
    version: str
    expected: str


class SourceMissing(Problem): ...


class SourceCredentials(Problem):
    file: str = ""


class ChannelUnknown(Problem):
    known: str


class ProjectNameInvalid(Problem):
    name: str


class AnswersInvalid(Problem):
    file: str
    line: int
    reason: Reason | str | None


class AnswersExist(Problem):
    file: str


class OldReleaseDiffers(Problem):
    version: str
    running: str


class ReleaseOlder(Problem):
    version: str
    running: str


class FileOfRelease(Problem, code="release-file"):
    file: str
    version: str


class ReleaseRedefines(Problem):
    service: str
    version: str


class NetworkMade(Problem):
    network: str


class VolumeLeft(Problem):
    volume: str
    size: int | None


class NetworkLeft(Problem):
    network: str
    reason: Reason | str = ""


class InstallFolder(Problem):
    folder: str
    reason: str


class SettingUnknown(Problem):
    name: str
    known: str


class SettingInvalid(Problem):
    name: str = ""
    value: str = ""
    reason: Reason | str = ""


class SettingShadowed(Problem):
    name: str


class ComposeEdited(Problem):
    file: str
    choices: str


class ComposeChoiceImpossible(Problem):
    file: str
    choice: str
    choices: str


class MergeAnswerUnknown(Problem):
    key: str
    answer: str
    choices: str
