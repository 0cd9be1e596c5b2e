"""Messages about dependencies beyond one service: shared namespaces, providers, hooks."""

from __future__ import annotations

from ws9tui.problems import hanging
from ws9tui.words.wording import Wording, Wordings

_MEND = (
    "[Afterwards run '{command}'. // It was created without Compose: afterwards remove it and create it again with the"
    " same settings; <inspect> shows them. // Recreate it afterwards.]"
)

WORDINGS: Wordings = {
    # --- foreign containers in the namespace of a recreated container
    hanging.ForeignFollower: Wording(
        "The container {container}[ of project {project}] uses the network of {service}'s container and will lose"
        " it. A rollback does not restore it.",
        _MEND,
        "{container} loses the network of {service}",
    ),
    hanging.ForeignFollowerLeft: Wording(
        "The container {container}[ of project {project}] has lost its network: the container whose network it used"
        " is gone.",
        "[Run '{command}' now. // It was created without Compose: remove it and create it again with the same"
        " settings; <inspect> shows them. // Recreate it.]",
        "{container} has lost its network",
    ),
    hanging.ForeignFollowerUnattended: Wording(
        "The container {container}[ of project {project}] uses the network of {service}'s container and would lose"
        " it. A rollback would not restore it.",
        "If you accept that, name the service to update: <update-service>.[ Afterwards run '{command}'.]",
        "{container} would lose the network of {service}",
    ),
    # --- services in the namespace of a foreign container
    hanging.InsideReplaced: Wording(
        "It uses the network of the container {container}[ of project {project}], which was replaced: that network"
        " is gone.",
        brief="{container} was replaced",
    ),
    hanging.InsideMissing: Wording(
        "{service} shares a namespace (network, IPC or PID) with the container {container}, which does not exist.",
        "Start the project or program that creates it, then try again.",
        "container {container} does not exist",
    ),
    hanging.InsideStopped: Wording(
        "{service} shares a namespace (network, IPC or PID) with the container {container}[ of project {project}],"
        " which is not running.",
        "Start it, then try again: <start-container>.",
        "{container} is not running",
    ),
    hanging.InsideById: Wording(
        "{service} refers to the container of {leader} by its ID ({container}). That ID is gone after {leader} is"
        " recreated, so {service} could not be created again.",
        "In the Compose file, refer to the service ('service:{leader}') or to the container's name"
        " ('container:{name}') instead.",
        "refers to {leader} by its container's ID",
    ),
    # --- hooks
    hanging.HookFailed: Wording(
        "A hook of {service} failed[: {status:status}][, {reason}].",
        "Check what the hook does, and the service's log.",
        "a hook failed",
    ),
    hanging.BackHookFailed: Wording(
        "During the rollback a hook of {service} failed[: {status:status}][, {reason}]. Its container is running,"
        " but the hook's work is not done.",
        "Do that work by hand, or fix the cause and run <recreate-service>.",
        "a hook failed during the rollback",
    ),
    # --- images besides a service's own
    hanging.MountedImageMoved: Wording(
        "The image {reference:ref} that it mounts[ at {target}] has changed.",
        brief="mounts {reference:ref}, which has changed",
    ),
    # --- providers
    hanging.Provided: Wording(
        "[{service} // It] comes from a provider: it has no image and no container. The provider is called whenever"
        " a service that depends on it is created.",
        brief="from a provider",
    ),
}
