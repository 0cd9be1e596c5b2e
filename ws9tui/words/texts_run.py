"""Words for the watch over recreated services, and for the rollback."""

from __future__ import annotations

from ws9tui.words.wording import Wording

WORDINGS: dict[str, Wording] = {
    "dies-with-login": Wording(
        "This machine ends a user's programs at logout, and a run would end with them.",
        "Stay logged in until it is done, or allow lingering: loginctl enable-linger.",
    ),
    "salvaged": Wording(
        "The records of {project} are lost; the engine still has the images of generation {numbers}.",
        "Their files are gone: today's files are used, with those images' references.",
    ),
    # --- services that are not well
    "crash-looping": Wording(
        "[{service} // It] dies and is restarted again and again[: {restarts:times}][, last exit status {exit_code}].",
        "",
        "restarts again and again",
    ),
    "exited": Wording(
        "[{service} // It] has ended[ with exit status {exit_code}].",
        "",
        "ended[ with exit status {exit_code}]",
    ),
    "not-started": Wording(
        "[{service} // It] could not be started[: {reason}].",
        "",
        "not started[: {reason}]",
    ),
    "unhealthy": Wording(
        "[{service} // It] is unhealthy[: {output}].",
        "",
        "unhealthy[: {output}]",
    ),
    "gate-timeout": Wording(
        "[{service} // It] was not well after {seconds:duration}.",
        "",
        "not well after {seconds:duration}",
    ),
    "probe-failed": Wording(
        "{url} does not answer as it should[: {reason}].",
        "",
        "probe failed[: {reason}]",
    ),
    # --- services that are well, or of which it is not known yet
    "healthy": Wording("Its health check passes.", "", "healthy"),
    "running": Wording(
        "It has kept running for {seconds:duration}; no health check proves more.",
        "",
        "running for {seconds:duration}",
    ),
    "one-shot-done": Wording("It has done its work and ended with status 0.", "", "done, as it should"),
    "waiting-start": Wording("It must start[ (now: {state})].", "", "must start"),
    "waiting-one-shot": Wording(
        "It must do its work and end with status 0[ within {seconds:duration}].", "", "must end with status 0"
    ),
    "waiting-healthy": Wording(
        "Its health check must pass[ within {seconds:duration}].",
        "",
        "waits for its health check",
    ),
    "waiting-window": Wording(
        "It must keep running[ for {seconds:duration} more].",
        "",
        "must keep running[ for {seconds:duration}]",
    ),
    # --- going back
    "rollback-images-differ": Wording(
        "After the rollback, [{services:list} // some services] do not run the images of the earlier generation.",
        "Use the commands below; what was recorded is still there.",
    ),
    "rollback-failed": Wording(
        "The rollback failed[: {reason}].",
        "Use the commands below; what was recorded is still there.",
    ),
    "keep-tag-missing": Wording(
        "The image {image:ref} of the earlier generation is not on this engine any more.",
        "Load or pull it, or go back to another generation ('ws9tui history' lists them).",
    ),
    "generation-unknown": Wording(
        "There is no generation {number}[; there are {known:list}].",
        "'ws9tui history' lists them.",
    ),
    "nothing-to-roll-back": Wording(
        "There is no earlier generation to go back to.",
        "ws9tui records one with each update that it makes.",
    ),
}
