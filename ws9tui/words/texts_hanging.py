"""Words for what hangs together beyond one service: containers that live in others, providers, hooks."""

from __future__ import annotations

from ws9tui.problems import hanging
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

_MEND = (
    "[Afterwards run '{command}'. // Made without Compose, it has to be removed afterwards, and made again as it"
    " was made before; <inspect> shows what it has. // Recreate it afterwards.]"
)

WORDINGS: dict[type[Problem], Wording] = {
    # --- containers that are not the project's, in one that is replaced
    hanging.ForeignFollower: Wording(
        "The container {container}[ of project {project}] lives in the container of {service} and will lose its"
        " network for good: a rollback does not bring it back.",
        _MEND,
        "{container} loses the network of {service}",
    ),
    hanging.ForeignFollowerLeft: Wording(
        "The container {container}[ of project {project}] has lost its network: the container that it lived in"
        " is gone.",
        "[Now run '{command}'. // Made without Compose, it has to be removed, and made again as it was made before;"
        " <inspect> shows what it has. // Recreate it.]",
        "{container} has lost its network",
    ),
    hanging.ForeignFollowerUnattended: Wording(
        "The container {container}[ of project {project}] lives in the container of {service} and would lose its"
        " network for good: a rollback does not bring it back.",
        "Where that is meant, name what is updated: <update-service>.[ Afterwards run '{command}'.]",
        "{container} would lose the network of {service}",
    ),
    # --- services of the project, in a container that somebody else looks after
    hanging.InsideReplaced: Wording(
        "It lives in the container {container}[ of project {project}], which was replaced since: its network is gone.",
        "",
        "{container} was replaced",
    ),
    hanging.InsideMissing: Wording(
        "{service} lives in the container {container}, and there is none of that name.",
        "Start what makes it, then try again.",
        "there is no container {container}",
    ),
    hanging.InsideStopped: Wording(
        "{service} lives in the container {container}[ of project {project}], which does not run.",
        "Start it, then try again: <start-container>.",
        "{container} does not run",
    ),
    hanging.InsideById: Wording(
        "{service} names the container of {leader} by its ID ({container}), and that ID is gone once {leader} is"
        " recreated: nothing could make {service} again.",
        "In the Compose file name the service ('service:{leader}') or the container ('container:{name}') instead.",
        "names {leader} by its container's ID",
    ),
    # --- hooks
    hanging.HookFailed: Wording(
        "A hook of {service} failed[: {status:status}][, {reason}].",
        "Look at what the hook does; the service's log may tell more.",
        "a hook failed",
    ),
    hanging.BackHookFailed: Wording(
        "On the way back a hook of {service} failed[: {status:status}][, {reason}]. Its container runs, but what the"
        " hook does is not done.",
        "Do that by hand, or once its cause is gone: <recreate-service>.",
        "a hook failed on the way back",
    ),
    # --- images besides a service's own
    hanging.MountedImageMoved: Wording(
        "The image {reference:ref} that it mounts[ at {target}] is another one by now.",
        "",
        "mounts {reference:ref}, which moved",
    ),
    # --- providers
    hanging.Provided: Wording(
        "A provider stands for [{service} // it]: there is no image and no container; it is asked whenever a service"
        " that depends on it is made.",
        "",
        "from a provider",
    ),
}
