"""Messages about installing from a release and upgrading to one: target, settings, conflicting changes."""

from __future__ import annotations

from ws9tui.problems import upgrade
from ws9tui.words.wording import Wording, Wordings

_CHOICES = "Decide with --compose-file what to do with it[: {choices:list}]."

WORDINGS: Wordings = {
    upgrade.NoRelease: Wording(
        "{source} is not a known release.",
        "Give a release as its publisher provides it: a folder, a zip file or a URL. To install a plain Compose"
        " folder: <install-folder>.",
        "not a known release",
    ),
    upgrade.ReleaseNoneOffered: Wording(
        "{site} offers no release in the channel {channel}.",
        "Check the URL, or give a folder, a zip file or another URL.",
        "no release is offered",
    ),
    upgrade.ReleaseCandidate: Wording(
        "{version} is a release candidate.",
        "To use it, add '--channel rc'.",
        "a release candidate",
    ),
    upgrade.ReleaseOtherProject: Wording(
        "{project} is not an installation of {product}.",
        "Name the project that is, as in <update-release>.",
        "not an installation of {product}",
    ),
    upgrade.ReleaseOtherLayout: Wording(
        "The release {version} has the {coming} layout, but the {running} layout is installed.",
        "There is no upgrade between layouts: their data is in different places. Use a release with the same layout."
        " To see what is installed: <doctor>.",
        "different layout",
    ),
    upgrade.ReleaseVersionOther: Wording(
        "The release is {version}, but {expected} was requested.",
        "Give its source.",
        "it is {version}",
    ),
    upgrade.SourceMissing: Wording(
        "No source to install from was given.",
        "Give one: <install>, or an answer file.",
        "no source given",
    ),
    upgrade.SourceCredentials: Wording(
        "[{file}: the // The] URL contains a user name or a password, which would be written to the journal.",
        "Download it in another way, and give the file's path.",
        "must not contain a user name or password",
    ),
    upgrade.ChannelUnknown: Wording(
        "There is no such channel[; known: {known:list}].",
        brief="[one of {known:list}]",
    ),
    upgrade.ProjectNameInvalid: Wording(
        "'{name}' is not a valid project name.",
        "Use lower-case letters, digits, - and _, and begin with a letter or a digit.",
        "use lower-case letters, digits, - and _",
    ),
    upgrade.AnswersInvalid: Wording(
        "{file}[, line {line}]: not a valid answer file[: {reason}].",
        "To see what it can contain: <install-help>.",
        "not a valid answer file",
    ),
    upgrade.AnswersExist: Wording(
        "{file} already exists.",
        "Name another file, or remove it.",
        "already exists",
    ),
    upgrade.OldReleaseDiffers: Wording(
        "The release {version} was given as the installed one, but {running} is running.",
        "ws9tui compares with it to find your changes: give the right one, or check every decision carefully.",
        "not the installed release",
    ),
    upgrade.ReleaseOlder: Wording(
        "The release {version} is older than {running}, which is running.",
        "To return to an earlier version with its settings: <rollback>.",
        "older than the running version",
    ),
    upgrade.FileOfRelease: Wording(
        "[{file}: the // The] release {version} has different content.",
        brief="as in release {version}",
    ),
    upgrade.ReleaseRedefines: Wording(
        "The release[ {version}] defines {service} differently from what is running.",
        brief="redefined by the release",
    ),
    upgrade.NetworkMade: Wording(
        "The external network {network} does not exist and will be created.",
        brief="does not exist, will be created",
    ),
    upgrade.VolumeLeft: Wording(
        "The volume {volume} was created by this run and contains data[ ({size:size})], so it is kept.",
        "If you do not need the data, remove it with <remove-volume>.",
        "volume {volume} is kept",
    ),
    upgrade.NetworkLeft: Wording(
        "The network {network} was created by this run and cannot be removed[: {reason}].",
        "Remove it with <remove-network> when nothing uses it any more.",
        "network {network} is not removed",
    ),
    upgrade.InstallFolder: Wording(
        "Cannot install to {folder}[: {reason:folder}].",
        "Choose another folder with --folder.",
        "[{reason:folder} // cannot install there]",
    ),
    upgrade.SettingUnknown: Wording(
        "The release has no setting {name}[; it has {known:list}].", "Check the name.", "no such setting"
    ),
    upgrade.SettingInvalid: Wording(
        "{name}={value} is not valid[: {reason}].",
        "Choose another value.",
        "[{reason}]",
    ),
    upgrade.SettingShadowed: Wording(
        "{name} is set in the shell, and Compose would use that value instead of this one.",
        "Run <unset> and start again, or enter the same value.",
        "set differently in the shell",
    ),
    upgrade.ComposeEdited: Wording(
        "{file} differs from the release that it came from, and there is nobody to decide what to do with it.",
        _CHOICES,
        "the Compose file was changed here",
    ),
    upgrade.ComposeChoiceImpossible: Wording(
        "'{choice}' is not possible for {file}.",
        _CHOICES,
        "'{choice}' is not possible",
    ),
    upgrade.MergeAnswerUnknown: Wording(
        "'{answer}' is not a valid answer for {key}[; valid: {choices:list}].",
        "Choose one of these.",
        "not a valid answer",
    ),
}
