"""Words for installs from a release and for upgrades to one: where to, which settings, whose changes count."""

from __future__ import annotations

from ws9tui.problems import upgrade
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

_CHOICES = "Say what becomes of it with --compose-file[: {choices:list}]."

WORDINGS: dict[type[Problem], Wording] = {
    upgrade.NoRelease: Wording(
        "{source} is no release that is known here.",
        "A release is a folder, a zip file or a URL as its makers publish it; a plain Compose folder is installed with"
        " <install-folder>.",
        "no release",
    ),
    upgrade.ReleaseNoneOffered: Wording(
        "{site} offers no release in the channel {channel}.",
        "Look whether the address is right, or name a folder, a zip file or a URL.",
        "no release is offered",
    ),
    upgrade.ReleaseCandidate: Wording(
        "{version} is a release candidate.",
        "It is taken only when it is asked for: add '--channel rc'.",
        "a release candidate",
    ),
    upgrade.ReleaseOtherProject: Wording(
        "{project} is no installation of {product}.",
        "Name the project that is, as in <update-release>.",
        "no installation of {product}",
    ),
    upgrade.ReleaseOtherLayout: Wording(
        "The release {version} has the {coming} layout, and what is installed is {running}.",
        "No upgrade leads from one layout to the other: their data lies in different places. Take a release of the same"
        " one; <doctor> tells what is installed.",
        "of another layout",
    ),
    upgrade.ReleaseVersionOther: Wording(
        "The release is {version}, and {expected} was asked for.", "Name its source.", "it is {version}"
    ),
    upgrade.SourceMissing: Wording(
        "It is not said what to install.",
        "Name the source: <install>, or a file of answers.",
        "the source is missing",
    ),
    upgrade.SourceCredentials: Wording(
        "[{file}: the // The] address holds a user name or a password, which would be written into the journal.",
        "Get it in another way and name the file.",
        "a user name or password must not be in it",
    ),
    upgrade.ChannelUnknown: Wording("There is no such channel[; there are {known:list}].", "", "[one of {known:list}]"),
    upgrade.ProjectNameInvalid: Wording(
        "'{name}' cannot be a project's name.",
        "Lower-case letters, digits, - and _ are possible; a letter or digit comes first.",
        "small letters, digits, - and _ are possible",
    ),
    upgrade.AnswersInvalid: Wording(
        "{file}[, line {line}]: these are no answers for an install[: {reason}].",
        "<install-help> tells what can stand in the file.",
        "no answers for an install",
    ),
    upgrade.AnswersExist: Wording(
        "{file} is there already.", "Name another file, or remove it.", "it is there already"
    ),
    upgrade.OldReleaseDiffers: Wording(
        "The release {version} was named as the installed one, but {running} is what runs.",
        "What was changed here is told by it: name the right one, or look closely at what is decided.",
        "not the installed release",
    ),
    upgrade.ReleaseOlder: Wording(
        "The release {version} is older than {running}, which runs.",
        "To go back to an earlier version with its settings, <rollback> is the way.",
        "older than what runs",
    ),
    upgrade.FileOfRelease: Wording(
        "[{file}: ]the release {version} has another content.", "", "as release {version} has it"
    ),
    upgrade.ReleaseRedefines: Wording(
        "The release[ {version}] defines {service} otherwise than it runs.", "", "defined anew by the release"
    ),
    upgrade.NetworkMade: Wording(
        "The external network {network} does not exist and is made.", "", "does not exist and is made"
    ),
    upgrade.VolumeLeft: Wording(
        "The volume {volume} was made by this run and holds data[ ({size:size})], so it stays.",
        "Remove it with <remove-volume> if nothing of it is wanted.",
        "volume {volume} stays",
    ),
    upgrade.NetworkLeft: Wording(
        "The network {network} was made by this run and cannot be removed[: {reason}].",
        "Remove it with <remove-network> when nothing uses it any more.",
        "network {network} stays",
    ),
    upgrade.InstallFolder: Wording(
        "{folder} cannot be installed to[: {reason:folder}].",
        "Choose another with --folder.",
        "[{reason:folder} // it cannot be installed to]",
    ),
    upgrade.SettingUnknown: Wording(
        "The release has no setting {name}[; it has {known:list}].", "Check the name.", "no such setting"
    ),
    upgrade.SettingInvalid: Wording("{name}={value} cannot be[: {reason}].", "Choose another value.", "[{reason}]"),
    upgrade.SettingShadowed: Wording(
        "{name} is set in the shell, and Compose would take that value instead of this one.",
        "Type <unset> and start again, or enter the same value.",
        "set otherwise in the shell",
    ),
    upgrade.ComposeEdited: Wording(
        "{file} is not as its release had it, and nobody is here to decide what becomes of it.",
        _CHOICES,
        "the Compose file was changed here",
    ),
    upgrade.ComposeChoiceImpossible: Wording(
        "{file} cannot become '{choice}'.", _CHOICES, "'{choice}' is not possible"
    ),
    upgrade.MergeAnswerUnknown: Wording(
        "'{answer}' is no answer for {key}[; possible are {choices:list}].", "Choose one of these.", "no such answer"
    ),
}
