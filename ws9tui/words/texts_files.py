"""Messages about a project's files: unreadable and unwritable ones, and what a replaced file loses."""

from __future__ import annotations

from ws9tui.problems import files
from ws9tui.words.wording import Wording, Wordings

WORDINGS: Wordings = {
    files.FileUnreadable: Wording(
        "{path} cannot be read[: {reason}].",
        "Check its owner and permissions.",
    ),
    files.FileForbidden: Wording(
        "{path} cannot be read[ by {user}][: no permission to {right} {part}[ (owner {owner}, mode {mode})]].",
        "Give [{user} // this user] that permission, or run ws9tui as a user who has it.",
        "no permission to read {path}",
    ),
    files.FileSpecial: Wording(
        "{path} is not a regular file, so it is not read.",
        "Replace it with a regular file, or remove it from the project's files.",
        "{path} is not a regular file",
    ),
    files.FileTooLarge: Wording(
        "{path} is too large to be recorded[: {size:size}, at most {most:size}].",
        "Mount such a large file as a volume instead.",
        "{path} is too large",
    ),
    files.FileUnwritable: Wording(
        "{path} cannot be written[: {reason}].",
        "Check its owner, its permissions and the disk.",
    ),
    # --- obstacles to replacing a file, each with its remedy
    files.FileLedElsewhere: Wording(
        "{path} now leads to {real}[ through {link}, a symbolic link of {owner}]; in the generation [it led to"
        " {recorded} // there was no link]. ws9tui does not write through a link that was not there.",
        "[If that link should not be there, remove it (<remove-link>), then try again // Point it to where it led"
        " before, then try again].",
        "{path} now leads to {real}",
    ),
    files.FileForeignLink: Wording(
        "{path} leads to {real}[, which belongs to {target},] through [{link}, ]a symbolic link of [{owner} //"
        " another user].",
        "ws9tui does not write through it. [Make root its owner (<own-link>) // Make root its owner], or use the"
        " real path.",
        "a symbolic link of {owner} leads to {real}",
    ),
    files.FileOwnerDiffers: Wording(
        "{path} now belongs to {now}; in the generation it belongs to {recorded}.",
        "Change the owner with <give-file>, then try again.",
        "{path} belongs to {now}, in the generation to {recorded}",
    ),
    files.FileReadOnly: Wording(
        "{path} cannot be written: the file system of {folder} is read-only.",
        "Remount it writable[: <mount-writable>].",
        "{path} is on a read-only file system",
    ),
    files.FileImmutable: Wording(
        "{path} cannot be written: {part} has the attribute 'immutable' or 'append only'.",
        "Remove the attribute: <make-mutable>.",
        "{part} is immutable",
    ),
    files.FileMounted: Wording(
        "{path} cannot be replaced: it is a mount point itself.",
        "Mount its folder instead, or run ws9tui where the file really is.",
        "{path} is a mount point",
    ),
    files.FileFolderClosed: Wording(
        "{path} cannot be written: [{user} // this user] has no write permission in {folder}[, which belongs to"
        " {owner}].",
        "Give [{user} // this user] that permission, or run ws9tui as a user who has it.",
        "{user} has no write permission in {folder}",
    ),
    files.FileOfAnother: Wording(
        "{path} cannot be written: it belongs to {owner}[, and {user} has no write permission].",
        "Give [{user} // this user] that permission, or run ws9tui as a user who has it.",
        "{path} belongs to {owner}",
    ),
    # --- what a replaced file loses
    files.FileHardLinks: Wording(
        "{path} has other hard links[ ({count})]. They keep the old content, because the file is replaced as a whole.",
        "If they should get the new content, link them again afterwards.",
    ),
    files.FileOwnerLost: Wording(
        "{path} belongs to {owner}[, group {group}]. After the update it belongs to [{user} // this user]: only root"
        " can change the owner of a file.",
        "To keep its owner, run ws9tui as root.",
    ),
    # --- files that ws9tui writes for itself
    files.ReportExists: Wording(
        "{path} already exists, and a report does not replace a file.",
        "Name another file, or remove that one.",
        "already exists",
    ),
    files.StateExposed: Wording(
        "{path} is not safe from other users: [{owner} // another user] can replace {part}.",
        "Choose a folder to whose parent folders only root or you can write.",
        "other users can replace {part}",
    ),
}
