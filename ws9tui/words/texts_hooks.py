"""Messages about hooks and notifications."""

from __future__ import annotations

from ws9tui.problems import hooks
from ws9tui.words.wording import Wording, Wordings

_HOOK = "The {when} hook[ of {service}]"
_WHY = "[ ({path} belongs to {owner}, or others can write there) //  ({path})]"

WORDINGS: Wordings = {
    # --- results of a hook
    hooks.HookStatus: Wording(
        _HOOK + " failed: it ended with {status:status}[, '{said}'].",
        "Check what it does; the history of this run has its last lines.",
        "{status:status}[, '{said}']",
    ),
    hooks.HookEndless: Wording(
        _HOOK + " did not end within {seconds:duration}"
        "[{inside:given}. It continues in the container, because the engine cannot end it: it ends with the container"
        " // , and was ended with everything that it had started].",
        "Give it more time with 'timeout', or check what it waits for.",
        "no end within {seconds:duration}",
    ),
    hooks.HookFailedToStart: Wording(
        _HOOK + " could not be run: {reason}.",
        "Check its command.",
        "{reason}",
    ),
    hooks.HookWithoutContainer: Wording(
        _HOOK + " is not run: no container of the service is running.",
        brief="the {when} hook has no container to run in",
    ),
    hooks.HookCutShort: Wording(
        _HOOK + " was interrupted[{inside:given}; what it started continues in the container].",
        brief="interrupted",
    ),
    # --- hooks that are not run, or not trusted
    hooks.HookNotEntrusted: Wording(
        "{file}[, line {line}]: the {when} hook[ of {service}] is not run on this server, because others can"
        " change what it does" + _WHY + ".",
        "These files and their folders must belong to the user who runs ws9tui, and nobody else may write to them. Or"
        " run the hook in a container.",
        "others can change the {when} hook",
    ),
    hooks.HookSkipped: Wording(
        _HOOK + " is not run: it would run on this server, and others could change what it does" + _WHY + ".",
        brief="the {when} hook is not run",
    ),
    hooks.HookWithoutBackup: Wording(
        _HOOK + " is not run: none of its data is backed up in this run.",
        brief="the {when} hook is not run",
    ),
    hooks.HookUncertain: Wording(
        "Run {run} was killed before it changed anything, and its {when} hook[ of {service}] had started. It"
        " is not known whether it finished; it may still be running.",
        "If it left something behind, undo that by hand.",
        "a {when} hook had started",
    ),
    # --- what is configured
    hooks.HookSet: Wording(
        "Hook {when}[ of {service}], [{inside:given}in its container // on this server]: {written}"
        " (at most {seconds:duration}[{warns:given}; a failure is only reported]).",
    ),
    hooks.NotifySet: Wording("{receiver} is notified of decisions, failures and ends."),
    # --- notifications
    hooks.NotifyFailed: Wording(
        "{receiver} could not be notified: {reason}.",
        "The run itself is not affected.",
        "{receiver} could not be notified",
    ),
    hooks.NotifyNotEntrusted: Wording(
        "{file}[, line {line}]: {receiver} is not notified, because others can change who that is" + _WHY + ".",
        "These files and their folders must belong to the user who runs ws9tui, and nobody else may write to them. Or"
        " use --notify.",
        "others can change who is notified",
    ),
}
