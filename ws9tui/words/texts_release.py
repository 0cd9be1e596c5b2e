"""Words for releases: getting one, checking it, and putting it together with what is installed."""

from __future__ import annotations

from ws9tui.problems import release
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

_AGAIN = "Get the release again; if it stays so, do not use it and tell those who publish it."

WORDINGS: dict[type[Problem], Wording] = {
    # --- what is installed
    release.Websoft9Legacy: Wording(
        "Websoft9[ {version}] in its legacy layout: four containers[ of the project {project}][ in {folder}]"
        "[; missing: {missing:list}].",
        "",
        "Websoft9[ {version}], legacy layout",
    ),
    release.Websoft9Modern: Wording(
        "Websoft9[ {version}] in its modern layout: one container[ of the project {project}][ in {folder}].",
        "",
        "Websoft9[ {version}], modern layout",
    ),
    release.Websoft9Mixed: Wording(
        "Websoft9 is here in both its layouts[: {places:list}]. A migration may have stopped half-way.",
        "Settle first which one is to stay; nothing is done to either before.",
        "Websoft9 in both layouts",
    ),
    release.Websoft9Unknown: Wording(
        "No Websoft9 was found[; looked at: {folders:list}].",
        "Name the folder of its Compose file if it is elsewhere.",
        "no Websoft9 found",
    ),
    release.Websoft9Component: Wording("{service} is {version}.", "", "{version}"),
    release.ProjectWebsoft9: Wording("Websoft9[ {version}] ({layout}).", "", "Websoft9[ {version}] ({layout})"),
    release.ProjectApplication: Wording(
        "{name}[ {version}], which Websoft9 has deployed.", "", "{name}[ {version}], deployed by Websoft9"
    ),
    # --- a release
    release.ReleaseManifestInvalid: Wording(
        "[{file} // The manifest] of the release is not valid[: {reason}].", _AGAIN, "the manifest is not valid"
    ),
    release.ReleaseSchemaUnknown: Wording(
        "The release's manifest has a form[ ({version})] that this ws9tui does not know[; it knows {known}].",
        "A newer ws9tui may.",
        "the manifest's form is not known",
    ),
    release.ReleaseNotWebsoft9: Wording(
        "[{file} // The Compose file] of the release has none of the layouts of Websoft9 that are known.",
        "A newer ws9tui may know it.",
        "the release's layout is not known",
    ),
    release.ReleaseVersionsDiffer: Wording(
        "The release calls itself both {one} and {other}.",
        _AGAIN,
        "the release names two versions",
    ),
    release.ReleaseFileMissing: Wording("The release lacks {file}.", _AGAIN, "{file} is missing"),
    release.ReleaseFileUnlisted: Wording(
        "{file} belongs to the release, but is not in its checksum file[ {list}].",
        _AGAIN,
        "{file} has no checksum",
    ),
    release.ReleaseChecksumWrong: Wording(
        "{file} is not what the release's checksum says.", _AGAIN, "{file} has a wrong checksum"
    ),
    release.ReleaseChecksumsInvalid: Wording(
        "[{file}[, line {line}]: the // The] checksum file is not understood.", _AGAIN, "the checksum file is not valid"
    ),
    release.ReleasePathOutside: Wording(
        "The release has a path that leads out of it: {path}.",
        "Do not use it.",
        "the release has a path that leads out of it",
    ),
    release.ReleaseTooLarge: Wording(
        "[{file} // The release] is larger than is believable[: more than {limit:size}].",
        "Do not use it before the cause is known.",
        "[{file} // the release] is too large",
    ),
    # --- getting one
    release.ReleaseSourceUnknown: Wording(
        "'{source}' is no folder, no zip and no address.",
        "Name a release's folder, its zip, or its address with http:// or https://.",
        "no such release",
    ),
    release.Sha256Invalid: Wording("'{value}' is no SHA-256.", "It has 64 digits, as <checksum> prints it."),
    release.ReleaseNoChecksum: Wording(
        "There is no checksum beside {url}, so what came from there could not be trusted.",
        "Give the SHA-256 that you know it by; or get it yourself and name the file.",
        "no checksum beside it",
    ),
    release.DownloadMissing: Wording("The server does not have {url}, or hides it.", "Check the address.", "not there"),
    release.DownloadStatus: Wording(
        "[{url} // The server] answers with status {status}.", "Try again later.", "the server answers with {status}"
    ),
    release.DownloadFailed: Wording(
        "{url} cannot be fetched[: {reason}].",
        "Check the network, the name service and the variables HTTPS_PROXY and NO_PROXY, then try again.",
        "cannot be fetched",
    ),
    release.DownloadStalled: Wording(
        "Nothing came from {url}[ for {seconds:duration}].", "Check the network, then try again.", "nothing came"
    ),
    release.DownloadTooSlow: Wording(
        "{url} was not fetched[ within {seconds:duration}].",
        "Get it in another way and name the file.",
        "too slow",
    ),
    release.DownloadCut: Wording(
        "{url} ended too early[: {came:size} of {total:size} came].", "Try again.", "ended too early"
    ),
    release.DownloadRedirects: Wording("{url} leads from one address to another without end.", "Check the address."),
    release.DownloadRedirectUnsafe: Wording(
        "{url} leads[ to {target},] away from an encrypted connection; this is not followed.",
        "Get it in another way and name the file.",
        "leads away from an encrypted connection",
    ),
    # --- unpacking it
    release.ReleaseDamaged: Wording(
        "[{file} // The zip] is damaged[: {reason}].", "Get it again: it may have been cut.", "the zip is damaged"
    ),
    release.ArchiveNotUnpacked: Wording(
        "[{file} // The zip] could not be unpacked[: {reason}].", "Free some space, then try again.", "not unpacked"
    ),
    release.ArchivePathOutside: Wording(
        "The zip has an entry that would be written elsewhere: {entry}.",
        "Do not use it.",
        "has an entry that leaves it",
    ),
    release.ArchiveNotAFile: Wording(
        "The zip has an entry that is neither a file nor a folder: {entry}.", "Do not use it.", "has a link or device"
    ),
    release.ArchiveDuplicate: Wording(
        "The zip has two entries for one file: {entry}.", "Do not use it.", "has two entries for one file"
    ),
    release.ArchiveEncrypted: Wording(
        "The zip is encrypted: {entry}.", "Unpack it yourself and name the folder.", "is encrypted"
    ),
    release.ArchiveBomb: Wording(
        "The zip would grow beyond all measure when it is unpacked.",
        "Do not use it before the cause is known.",
        "grows beyond all measure",
    ),
    release.OverrideImpossible: Wording(
        "An override file cannot hold the change of {key}.",
        "Keep your Compose file as it is, or take the release's.",
        "no override can hold the change of {key}",
    ),
    # --- data that moves with a version
    release.MigratesData: Wording(
        "[{service} // It] is {what}, which may change its data so that the former version cannot read it any more.",
        "Back up its data, and it can go back with the image.",
        "{what} migrates its data",
    ),
    release.MigratesDataPerhaps: Wording(
        "[{service} // It] keeps its data where {what} does, which may change it so that the former version cannot"
        " read it any more.",
        "Back up its data, and it can go back with the image.",
        "its data looks like that of {what}",
    ),
    # --- putting it together
    release.EnvUnmergeable: Wording(
        "The env files cannot be put together[: {key} would not have its value afterwards].",
        "A quote that is never closed is a likely cause. Correct it in the project's env file.",
        "the env files cannot be put together",
    ),
    release.EnvConflictOpen: Wording(
        "{key} was changed both here and by the release, and nothing says which value is to count.",
        "Choose one.",
        "{key} is not decided",
    ),
    release.EnvConflictUnknown: Wording(
        "There is nothing to decide on {key}[; to decide on are {known:list}].",
        "Check the name.",
        "nothing to decide on {key}",
    ),
}
