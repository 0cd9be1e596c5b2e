"""Messages about image archives, and about loading them."""

from __future__ import annotations

from ws9tui.problems import archive
from ws9tui.words.wording import Wording, Wordings

_SAVE = "Create it again on a machine that has the image (<save>), then copy it completely."

WORDINGS: Wordings = {
    archive.ArchiveMissing: Wording(
        "There is no archive [{path} // there].",
        "Check the path given with --from.",
        "archive not found",
    ),
    archive.ArchiveFolderEmpty: Wording(
        "The folder [{path} // given with --from] contains no image archive.",
        "Create archives with <save>. Their names must end in 'tar', 'tar.gz' or 'tgz'.",
        "no archive in the folder",
    ),
    archive.ArchiveUnreadable: Wording(
        "The archive [{path} // given with --from] cannot be read[: {reason}].",
        "Check its permissions and its disk.",
        "the archive cannot be read",
    ),
    archive.ArchiveForeign: Wording(
        "[{path} // The file] is not an image archive.",
        _SAVE,
        "not an image archive",
    ),
    archive.ArchiveDamaged: Wording(
        "The archive [{path} // given with --from] is damaged[: {reason}].",
        _SAVE,
        "damaged",
    ),
    archive.ArchiveUnsafe: Wording(
        "The archive [{path} // given with --from] contains an entry that points outside it[: {member}].",
        "Docker does not write such archives. Do not use it until you know where it comes from.",
        "contains an entry that points outside it",
    ),
    archive.ArchiveOversized: Wording(
        "The archive [{path} // given with --from] could fill the memory or the disk[: {reason}]. Docker does not"
        " write such archives.",
        "Do not use it until you know where it comes from. If you trust it, decompress it first.",
        "could fill the memory or the disk",
    ),
    archive.ArchiveCompression: Wording(
        "The archive [{path} // given with --from] is compressed with Zstandard, which this Python cannot read.",
        "Decompress it with <decompress>, or compress it with gzip instead.",
        "Zstandard is not supported here",
    ),
    archive.ArchiveLacks: Wording(
        "Not in any archive and not on this server: {references:list}.",
        "Save it on a machine that has it (<save-these>), and give that archive with --from too. Without --from,"
        " images are pulled from the registry.",
        "in no archive and not on this server",
    ),
    archive.ArchiveAmbiguous: Wording(
        "The archives contain different images for {reference:ref}[: {archives:list}].",
        "Give only the archive that you want.",
        "the archives differ",
    ),
    archive.ArchiveImageDiffers: Wording(
        "The image that the engine loaded for {reference:ref} differs from the one in the archive[: {path}].",
        "Try again. If it happens again, do not use this archive.",
        "the loaded image differs",
    ),
    archive.DigestUnknown: Wording(
        "[{service}: its // Its] digest is not verified: the image comes from [the archive {archive} // this"
        " server], and no registry was asked.",
        brief="digest not verified, from [archive {archive} // this server]",
    ),
    archive.LoadFailed: Wording(
        "The engine could not load [{reference:ref} // the image][ from {archive}][: {reason}].",
        "Check the engine's log: <engine-log>.",
        "load failed[: {reason}]",
    ),
    archive.LoadIncomplete: Wording(
        "The engine finished loading {reference:ref}, but the image is missing.",
        "Try again. If it happens again, check the engine's log: <engine-log>.",
        "image missing after the load",
    ),
    archive.LoadFinishing: Wording(
        "The engine is still unpacking {reference:ref}.",
        "It must finish before the image can be removed; this can take a few minutes. Nothing in use changes.",
        "the engine is finishing a load",
    ),
    archive.LoadLeft: Wording(
        "Loading {reference:ref} was interrupted. The engine may keep [up to {size:size} // a part] of it on disk"
        " for 24 hours.",
        "Nothing in use has changed. Docker has no command to free this space earlier. After 24 hours it is freed"
        " when the next image is removed, or with <collect> (which removes no image).",
        "part of the load may stay on disk for 24 hours",
    ),
    archive.LoadStalled: Wording(
        "The engine accepted no data of {reference:ref} for {seconds:duration}.",
        "Check the engine and its disk, or allow a longer wait with --stall-timeout.",
        "no data for {seconds:duration}",
    ),
}
