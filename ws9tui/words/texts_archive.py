"""Words for archives of images, and for loading them."""

from __future__ import annotations

from ws9tui.words.wording import Wording

_SAVE = "Make it anew where the image is (<save>), and copy it whole."

WORDINGS: dict[str, Wording] = {
    "archive-missing": Wording(
        "There is no archive [{path} // there].", "Check the path after --from.", "no such archive"
    ),
    "archive-folder-empty": Wording(
        "The folder [{path} // after --from] has no archive.",
        "Archives are made with <save>; their names end in 'tar', 'tar.gz' or 'tgz'.",
        "no archive in the folder",
    ),
    "archive-unreadable": Wording(
        "The archive [{path} // after --from] cannot be read[: {reason}].",
        "Check its permissions and the disk that it lies on.",
        "the archive cannot be read",
    ),
    "archive-foreign": Wording("[{path} // The file] is no archive of images.", _SAVE, "no archive of images"),
    "archive-damaged": Wording("The archive [{path} // after --from] is damaged[: {reason}].", _SAVE, "damaged"),
    "archive-unsafe": Wording(
        "The archive [{path} // after --from] has a member that leaves it[: {member}].",
        "Docker writes no such thing: do not use it before its origin is known.",
        "has a member that leaves it",
    ),
    "archive-oversized": Wording(
        "The archive [{path} // after --from] is not what Docker writes[: {reason}]. It could fill the memory or the"
        " disk.",
        "Do not use it before its origin is known. If it is right, decompress it first.",
        "could fill the memory or the disk",
    ),
    "archive-compression": Wording(
        "The archive [{path} // after --from] is compressed with Zstandard, which this Python cannot read.",
        "Decompress it first with <decompress>, or compress it with gzip instead.",
        "Zstandard cannot be read here",
    ),
    "archive-lacks": Wording(
        "No archive has {references:list}, and it is not on this engine either.",
        "Save it where it is (<save-these>), and name that archive too; without --from the registry is asked.",
        "in no archive, and not on this engine",
    ),
    "archive-ambiguous": Wording(
        "The archives have different images for {reference:ref}[: {archives:list}].",
        "Name only the archive that is meant.",
        "the archives differ",
    ),
    "archive-image-differs": Wording(
        "What the engine loaded for {reference:ref} is not the image that the archive has[: {path}].",
        "Try again. If it happens again, do not use this archive.",
        "the loaded image differs",
    ),
    "digest-unknown": Wording(
        "[{service}: its // Its] digest could not be verified: it comes from"
        " [the archive {archive} // this engine], and no registry was asked.",
        "",
        "digest not verified, from [archive {archive} // this engine]",
    ),
    "load-failed": Wording(
        "The engine could not load [{reference:ref} // the image][ from {archive}][: {reason}].",
        "The engine's log may tell more: <engine-log>.",
        "not loaded[: {reason}]",
    ),
    "load-incomplete": Wording(
        "The load of {reference:ref} ended, and the image is not there.",
        "Try again; the engine's log may tell why: <engine-log>.",
        "the load ended without the image",
    ),
    "load-finishing": Wording(
        "The engine still unpacks what it was sent of {reference:ref}.",
        "It has to finish that before it can be taken back, which may take some minutes. Nothing in use changes.",
        "the engine finishes a load first",
    ),
    "load-left": Wording(
        "The load of {reference:ref} was cut off, and the engine may keep [up to {size:size} // a part] of it for 24"
        " hours.",
        "Nothing in use has changed, and no command of Docker frees it earlier. After that it goes with the next image"
        " that is removed, or with <collect>, which removes none.",
        "a part of the load may stay for 24 hours",
    ),
    "load-stalled": Wording(
        "The engine took no byte of {reference:ref} for {seconds:duration}.",
        "Look at the engine and its disk, or allow longer silence with --stall-timeout.",
        "no byte for {seconds:duration}",
    ),
}
