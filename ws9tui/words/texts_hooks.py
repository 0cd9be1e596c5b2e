"""Words for hooks, and for telling of a run elsewhere."""

from __future__ import annotations

from ws9tui.problems import hooks
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

_HOOK = "The {when} hook[ of {service}]"
_WHY = "[ ({path} belongs to {owner}, or others may write there) // ({path})]"

WORDINGS: dict[type[Problem], Wording] = {
    # --- what a hook came to
    hooks.HookStatus: Wording(
        _HOOK + " failed: it ended with {status:status}[, '{said}'].",
        "Look at what it does; the history of this run has its last lines.",
        "{status:status}[, '{said}']",
    ),
    hooks.HookEndless: Wording(
        _HOOK + " did not end within {seconds:duration}"
        "[{inside:given}. It goes on in the container, for the engine cannot end it: it ends with the container //"
        " , and was ended with all that it had started].",
        "Give it more time with 'timeout', or look at what it waits for.",
        "no end within {seconds:duration}",
    ),
    hooks.HookFailedToStart: Wording(
        _HOOK + " could not be run: {reason}.",
        "Check its command.",
        "{reason}",
    ),
    hooks.HookWithoutContainer: Wording(
        _HOOK + " is not run: no container of the service runs.",
        "",
        "the {when} hook has no container to run in",
    ),
    hooks.HookCutShort: Wording(
        _HOOK + " was cut short[{inside:given}; what it began goes on in the container].",
        "",
        "cut short",
    ),
    # --- whose it is
    hooks.HookNotEntrusted: Wording(
        "{file}[, line {line}]: the {when} hook[ of {service}] is not run on this machine, for others can change"
        " what it does" + _WHY + ".",
        "Give these files and their folders to the user who runs ws9tui, writable by nobody else; or run the hook in a"
        " container.",
        "others can change the {when} hook",
    ),
    hooks.HookSkipped: Wording(
        _HOOK + " is not run: it runs on this machine, and others could change what it does" + _WHY + ".",
        "",
        "the {when} hook is not run",
    ),
    hooks.HookWithoutBackup: Wording(
        _HOOK + " is not run: no data of it is saved in this run.",
        "",
        "the {when} hook is not run",
    ),
    hooks.HookUncertain: Wording(
        "Run {run} was killed before it changed anything, and its {when} hook[ of {service}] had begun. Whether"
        " it came to its end is not known; it may still run.",
        "Where it left something behind, undo that by hand.",
        "a {when} hook was begun",
    ),
    # --- what is set
    hooks.HookSet: Wording(
        "Hook {when}[ of {service}], [{inside:given}in its container // on this machine]: {written}"
        " (at most {seconds:duration}[{warns:given}; a failure is only told]).",
    ),
    hooks.NotifySet: Wording("Decisions, failures and ends are told to {receiver}."),
    # --- telling
    hooks.NotifyFailed: Wording(
        "{receiver} could not be told: {reason}.",
        "The run itself is not affected.",
        "{receiver} could not be told",
    ),
    hooks.NotifyNotEntrusted: Wording(
        "{file}[, line {line}]: {receiver} is not told, for others can change who that is" + _WHY + ".",
        "Give these files and their folders to the user who runs ws9tui, writable by nobody else; or use --notify.",
        "others can change who is told",
    ),
}
