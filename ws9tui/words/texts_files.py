"""Words for the files of a project: what may not be read, what cannot be put in place, and what a new one loses."""

from __future__ import annotations

from ws9tui.problems import files
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

WORDINGS: dict[type[Problem], Wording] = {
    files.FileUnreadable: Wording("{path} cannot be read[: {reason}].", "Check its owner and mode."),
    files.FileForbidden: Wording(
        "{path} may not be read[ by {user}][: the right to {right} {part} is missing[ (of {owner}, mode {mode})]].",
        "Give [{user} // this user] that right, or run ws9tui as a user who has it.",
        "{path} may not be read",
    ),
    files.FileSpecial: Wording(
        "{path} is no plain file, so it is not read.",
        "Put a file there, or take it out of the project's files.",
        "{path} is no plain file",
    ),
    files.FileTooLarge: Wording(
        "{path} is too large to be kept[: {size:size}, {most:size} at most].",
        "Mount what is so large as a volume instead.",
        "{path} is too large",
    ),
    files.FileUnwritable: Wording("{path} cannot be written[: {reason}].", "Check its owner, its mode and the disk."),
    # --- what stands in the way of a file, each with the way on
    files.FileLedElsewhere: Wording(
        "{path} leads to {real} now[ by {link}, a link of {owner}'s]; in the generation [it led to {recorded} //"
        " there was no link]. Nothing is written through a link that was not there.",
        "[Where that link is not to stay, remove it: <remove-link>, then try again"
        " // Have it lead where it did, then try again].",
        "{path} leads to {real} now",
    ),
    files.FileForeignLink: Wording(
        "{path} leads to {real}[, which belongs to {target},] by [{link}, ]a link of [{owner}'s // another user's].",
        "Nothing is written through it. [<own-link> makes it root's; // Make it root's;] or name the real path.",
        "a link of {owner}'s leads to {real}",
    ),
    files.FileOwnerDiffers: Wording(
        "{path} belongs to {now} now, and to {recorded} in the generation.",
        "<give-file> gives it back; then try again.",
        "{path} belongs to {now}, not to {recorded} as recorded",
    ),
    files.FileReadOnly: Wording(
        "{path} cannot be written: the file system of {folder} is read-only.",
        "Mount it writable[: <mount-writable>].",
        "{path} is on a read-only file system",
    ),
    files.FileImmutable: Wording(
        "{path} cannot be written: {part} has the attribute 'immutable' or 'append only'.",
        "<make-mutable> takes it away.",
        "{part} is immutable",
    ),
    files.FileMounted: Wording(
        "{path} cannot be replaced: it is mounted by itself.",
        "Mount the folder that it lies in instead, or run ws9tui where the file really is.",
        "{path} is mounted by itself",
    ),
    files.FileFolderClosed: Wording(
        "{path} cannot be written: [{user} // this user] may not write in {folder}[, which belongs to {owner}].",
        "Give [{user} // this user] that right, or run ws9tui as a user who has it.",
        "{user} may not write in {folder}",
    ),
    files.FileOfAnother: Wording(
        "{path} cannot be written: it belongs to {owner}[, and {user} may not write it].",
        "Give [{user} // this user] that right, or run ws9tui as a user who has it.",
        "{path} belongs to {owner}",
    ),
    # --- what it loses
    files.FileHardLinks: Wording(
        "{path} has further hard links[ ({count})]: they keep the old content, for the file is replaced as a whole.",
        "Where they are to follow, link them anew afterwards.",
    ),
    files.FileOwnerLost: Wording(
        "{path} belongs to {owner}[, group {group}]; once it is written anew, to [{user} // this user]: only root can"
        " give it away.",
        "To keep its owner, run ws9tui as root.",
    ),
    # --- what ws9tui itself writes
    files.ReportExists: Wording(
        "{path} is there already, and no report replaces a file.",
        "Name another file, or remove that one.",
        "it is there already",
    ),
    files.StateExposed: Wording(
        "{path} is not safe from other users: [{owner} // somebody else] can put another folder in the place of"
        " {part}.",
        "Name a folder that lies in folders of root's or your own which nobody else may write to.",
        "others can exchange {part}",
    ),
}
