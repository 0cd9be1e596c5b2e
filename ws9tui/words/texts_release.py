"""Messages about releases: fetching, verifying, and merging one with what is installed."""

from __future__ import annotations

from ws9tui.problems import release
from ws9tui.words.wording import Wording, Wordings

_AGAIN = "Download the release again. If it happens again, do not use it, and tell its publisher."

WORDINGS: Wordings = {
    # --- what is installed
    release.Websoft9Legacy: Wording(
        "Websoft9[ {version}], legacy layout: four containers[ of the project {project}][ in {folder}][; missing:"
        " {missing:list}].",
        brief="Websoft9[ {version}], legacy layout",
    ),
    release.Websoft9Modern: Wording(
        "Websoft9[ {version}], modern layout: one container[ of the project {project}][ in {folder}].",
        brief="Websoft9[ {version}], modern layout",
    ),
    release.Websoft9Mixed: Wording(
        "Websoft9 is installed in both layouts[: {places:list}]. A migration may have stopped half-way.",
        "Decide first which one to keep. Until then ws9tui changes neither.",
        "Websoft9 in both layouts",
    ),
    release.Websoft9Unknown: Wording(
        "No Websoft9 found[; searched: {folders:list}].",
        "If it is elsewhere, give the folder of its Compose file.",
        "no Websoft9 found",
    ),
    release.Websoft9Component: Wording("{service} is {version}.", brief="{version}"),
    release.ProjectWebsoft9: Wording("Websoft9[ {version}] ({layout}).", brief="Websoft9[ {version}] ({layout})"),
    release.ProjectApplication: Wording(
        "{name}[ {version}], deployed by Websoft9.",
        brief="{name}[ {version}], deployed by Websoft9",
    ),
    release.CockpitPlugins: Wording(
        "The release also brings plugins of Cockpit, which ws9tui does not update: {plugins}.",
        brief="plugins of Cockpit are not updated",
    ),
    release.StackFromRepository: Wording(
        "Websoft9 deploys [{name} // this project] from a Git repository: the next redeploy overwrites what is changed"
        " in {folder}.",
        "To make a change last, make it in the repository too.",
        "deployed from a Git repository",
    ),
    release.ReleaseNoImage: Wording(
        "Release {version} changes no image: no container is recreated.",
        brief="no image changes",
    ),
    # --- a release
    release.ReleaseManifestInvalid: Wording(
        "[{file} // The manifest] of the release is not valid[: {reason}].", _AGAIN, "the manifest is not valid"
    ),
    release.ReleaseSchemaUnknown: Wording(
        "The release's manifest has a format[ ({version})] that this ws9tui does not know[; it knows {known}].",
        "Try a newer ws9tui.",
        "the manifest's format is not known",
    ),
    release.ReleaseNotWebsoft9: Wording(
        "[{file} // The Compose file] of the release has none of the known Websoft9 layouts.",
        "Try a newer ws9tui.",
        "the release's layout is not known",
    ),
    release.ReleaseVersionsDiffer: Wording(
        "The release names two different versions, {one} and {other}.",
        _AGAIN,
        "the release names two versions",
    ),
    release.ReleaseFileMissing: Wording(
        "The release does not contain {file}.",
        _AGAIN,
        "{file} is missing",
    ),
    release.ReleaseFileUnlisted: Wording(
        "{file} is part of the release, but not in its checksum file[ {list}].",
        _AGAIN,
        "{file} has no checksum",
    ),
    release.ReleaseChecksumWrong: Wording(
        "{file} does not match the release's checksum.",
        _AGAIN,
        "{file} has a wrong checksum",
    ),
    release.ReleaseChecksumOfMany: Wording(
        "The SHA-256 is that of one file, but {source} has several files.",
        "Leave it out. The checksums of the files are in the release's own SHA256SUMS.",
        "a SHA-256 goes with one file",
    ),
    release.ReleaseChecksumsInvalid: Wording(
        "[{file}[, line {line}]: the // The] checksum file is not valid.",
        _AGAIN,
        "the checksum file is not valid",
    ),
    release.ReleasePathOutside: Wording(
        "The release contains a path that points outside it: {path}.",
        "Do not use it.",
        "the release contains a path that points outside it",
    ),
    release.ReleaseTooLarge: Wording(
        "[{file} // The release] is too large[: more than {limit:size}].",
        "Do not use it until you know why.",
        "[{file} // the release] is too large",
    ),
    # --- fetching
    release.ReleaseSourceUnknown: Wording(
        "'{source}' is not a folder, a zip file or a URL.",
        "Give a release's folder, its zip file, or its URL with http:// or https://.",
        "no such release",
    ),
    release.Sha256Invalid: Wording(
        "'{value}' is not a SHA-256 checksum.",
        "It has 64 hexadecimal digits, as <checksum> prints them.",
    ),
    release.ReleaseNoChecksum: Wording(
        "There is no checksum file beside {url}, so the download could not be verified.",
        "Give the SHA-256 that you know; or download the file yourself, and give its path.",
        "no checksum file beside it",
    ),
    release.DownloadMissing: Wording(
        "The server does not have {url}, or does not show it.",
        "Check the URL.",
        "not found",
    ),
    release.DownloadStatus: Wording(
        "[{url} // The server] answers with HTTP status {status}.",
        "Try again later.",
        "HTTP status {status}",
    ),
    release.DownloadFailed: Wording(
        "{url} cannot be downloaded[: {reason}].",
        "Check the network, DNS and the variables HTTPS_PROXY and NO_PROXY, then try again.",
        "download failed",
    ),
    release.DownloadStalled: Wording(
        "No data received from {url}[ for {seconds:duration}].",
        "Check the network, then try again.",
        "no data received",
    ),
    release.DownloadTooSlow: Wording(
        "The download of {url} did not finish[ within {seconds:duration}].",
        "Download it in another way, and give the file's path.",
        "too slow",
    ),
    release.DownloadCut: Wording(
        "The download of {url} ended too early[: {came:size} of {total:size}].",
        "Try again.",
        "ended too early",
    ),
    release.DownloadRedirects: Wording(
        "{url} redirects without end.",
        "Check the URL.",
    ),
    release.DownloadRedirectUnsafe: Wording(
        "{url} redirects[ to {target},] from an encrypted connection to an unencrypted one. ws9tui does not follow it.",
        "Download it in another way, and give the file's path.",
        "redirects to an unencrypted connection",
    ),
    # --- unpacking
    release.ReleaseDamaged: Wording(
        "[{file} // The zip file] is damaged[: {reason}].",
        "Download it again: it may be incomplete.",
        "the zip file is damaged",
    ),
    release.ArchiveNotUnpacked: Wording(
        "[{file} // The zip file] could not be unpacked[: {reason}].",
        "Free some space, then try again.",
        "not unpacked",
    ),
    release.ArchivePathOutside: Wording(
        "The zip file contains an entry that points outside it: {entry}.",
        "Do not use it.",
        "contains an entry that points outside it",
    ),
    release.ArchiveNotAFile: Wording(
        "The zip file contains an entry that is neither a file nor a folder: {entry}.",
        "Do not use it.",
        "contains a link or a device",
    ),
    release.ArchiveDuplicate: Wording(
        "The zip file contains two entries for one file: {entry}.",
        "Do not use it.",
        "contains two entries for one file",
    ),
    release.ArchiveEncrypted: Wording(
        "The zip file is encrypted: {entry}.",
        "Unpack it yourself, and give the folder.",
        "is encrypted",
    ),
    release.ArchiveBomb: Wording(
        "The zip file becomes far too large when it is unpacked.",
        "Do not use it until you know why.",
        "becomes far too large when unpacked",
    ),
    release.OverrideImpossible: Wording(
        "An override file cannot express the change of {key}.",
        "Keep your Compose file, or take the release's.",
        "an override file cannot express the change of {key}",
    ),
    # --- data migrated by a version
    release.MigratesData: Wording(
        "[{service} // It] is {what}, which may migrate its data so that the earlier version can no longer read it.",
        "Back up its data, so that it can be rolled back together with the image.",
        "{what} migrates its data",
    ),
    release.MigratesDataPerhaps: Wording(
        "[{service} // It] keeps its data where {what} does, which may migrate it so that the earlier version can no"
        " longer read it.",
        "Back up its data, so that it can be rolled back together with the image.",
        "its data looks like that of {what}",
    ),
    # --- merging
    release.EnvUnmergeable: Wording(
        "The env files cannot be merged[: {key} would not keep its value].",
        "Often a quote is not closed. Correct it in the project's env file.",
        "the env files cannot be merged",
    ),
}
