"""Words for archives of images, and for loading them."""

from __future__ import annotations

from ws9tui.problems import archive
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

_SAVE = "Make it anew where the image is (<save>), and copy it whole."

WORDINGS: dict[type[Problem], Wording] = {
    archive.ArchiveMissing: Wording(
        "There is no archive [{path} // there].", "Check the path after --from.", "no such archive"
    ),
    archive.ArchiveFolderEmpty: Wording(
        "The folder [{path} // after --from] has no archive.",
        "Archives are made with <save>; their names end in 'tar', 'tar.gz' or 'tgz'.",
        "no archive in the folder",
    ),
    archive.ArchiveUnreadable: Wording(
        "The archive [{path} // after --from] cannot be read[: {reason}].",
        "Check its permissions and the disk that it lies on.",
        "the archive cannot be read",
    ),
    archive.ArchiveForeign: Wording("[{path} // The file] is no archive of images.", _SAVE, "no archive of images"),
    archive.ArchiveDamaged: Wording("The archive [{path} // after --from] is damaged[: {reason}].", _SAVE, "damaged"),
    archive.ArchiveUnsafe: Wording(
        "The archive [{path} // after --from] has a member that leaves it[: {member}].",
        "Docker writes no such thing: do not use it before its origin is known.",
        "has a member that leaves it",
    ),
    archive.ArchiveOversized: Wording(
        "The archive [{path} // after --from] is not what Docker writes[: {reason}]. It could fill the memory or the"
        " disk.",
        "Do not use it before its origin is known. If it is right, decompress it first.",
        "could fill the memory or the disk",
    ),
    archive.ArchiveCompression: Wording(
        "The archive [{path} // after --from] is compressed with Zstandard, which this Python cannot read.",
        "Decompress it first with <decompress>, or compress it with gzip instead.",
        "Zstandard cannot be read here",
    ),
    archive.ArchiveLacks: Wording(
        "No archive has {references:list}, and it is not on this engine either.",
        "Save it where it is (<save-these>), and name that archive too; without --from the registry is asked.",
        "in no archive, and not on this engine",
    ),
    archive.ArchiveAmbiguous: Wording(
        "The archives have different images for {reference:ref}[: {archives:list}].",
        "Name only the archive that is meant.",
        "the archives differ",
    ),
    archive.ArchiveImageDiffers: Wording(
        "What the engine loaded for {reference:ref} is not the image that the archive has[: {path}].",
        "Try again. If it happens again, do not use this archive.",
        "the loaded image differs",
    ),
    archive.DigestUnknown: Wording(
        "[{service}: its // Its] digest could not be verified: it comes from"
        " [the archive {archive} // this engine], and no registry was asked.",
        "",
        "digest not verified, from [archive {archive} // this engine]",
    ),
    archive.LoadFailed: Wording(
        "The engine could not load [{reference:ref} // the image][ from {archive}][: {reason}].",
        "The engine's log may tell more: <engine-log>.",
        "not loaded[: {reason}]",
    ),
    archive.LoadIncomplete: Wording(
        "The load of {reference:ref} ended, and the image is not there.",
        "Try again; the engine's log may tell why: <engine-log>.",
        "the load ended without the image",
    ),
    archive.LoadFinishing: Wording(
        "The engine still unpacks what it was sent of {reference:ref}.",
        "It has to finish that before it can be taken back, which may take some minutes. Nothing in use changes.",
        "the engine finishes a load first",
    ),
    archive.LoadLeft: Wording(
        "The load of {reference:ref} was cut off, and the engine may keep [up to {size:size} // a part] of it for 24"
        " hours.",
        "Nothing in use has changed, and no command of Docker frees it earlier. After that it goes with the next image"
        " that is removed, or with <collect>, which removes none.",
        "a part of the load may stay for 24 hours",
    ),
    archive.LoadStalled: Wording(
        "The engine took no byte of {reference:ref} for {seconds:duration}.",
        "Look at the engine and its disk, or allow longer silence with --stall-timeout.",
        "no byte for {seconds:duration}",
    ),
}
