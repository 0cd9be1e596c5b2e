"""Messages about how the engine is reached, and where ws9tui runs in relation to it."""

from __future__ import annotations

from ws9tui.problems import reach
from ws9tui.words.wording import Wording, Wordings

WORDINGS: Wordings = {
    # --- over SSH
    reach.SshFailed: Wording(
        "Cannot reach the Docker engine at {host} over SSH[: {reason}].",
        "Check the server and its engine: <ssh-docker> must succeed.",
        "cannot reach the engine over SSH",
    ),
    reach.SshMissing: Wording(
        "The engine[ at {host}] is reached over SSH, but ssh cannot be started here[: {reason}].",
        "Install the OpenSSH client, or set DOCKER_HOST to an engine that needs no SSH.",
        "ssh cannot be started",
    ),
    reach.SshKeyUnknown: Wording(
        "The host key of {host} is not known to this user.",
        "Log in once by hand and compare the key that is shown: <ssh>. ws9tui never accepts a key by itself.",
        "the server's host key is not known",
    ),
    reach.SshKeyChanged: Wording(
        "The host key of {host} is not the one that this user knows: the server was set up anew, or another one"
        " answers in its place.",
        "Ask who runs the server. If the new key is right, remove the old one with ssh-keygen -R, then log in once:"
        " <ssh>.",
        "the server's host key has changed",
    ),
    reach.SshDenied: Wording(
        "{host} refuses the login over SSH[: {reason}].",
        "ws9tui has no terminal for a password or a passphrase. Use a key that this user's ssh can use without asking:"
        " a key without a passphrase, or one in a running ssh-agent.[ {agent:agent}] <ssh-check> must succeed.",
        "the login over SSH is refused",
    ),
    reach.SshDockerMissing: Wording(
        "There is no docker command on {host}[: {reason}].",
        "Install it there, in a folder that is in the PATH of a login without a terminal. <ssh-docker> must succeed.",
        "no docker command on the server",
    ),
    reach.SshDockerOld: Wording(
        "The docker command on {host} is too old to be used over SSH[: {reason}].",
        "Install Docker 18.09 or later there.",
        "the server's docker command is too old",
    ),
    reach.SshEngineDenied: Wording(
        "The login over SSH has no permission to use the engine on {host}[: {reason}].",
        "Add that user to the group docker there, or name another user: ssh://USER@HOST.",
        "no permission to use the engine",
    ),
    reach.AgentNeeded: Wording(
        "The login over SSH at {host} needs the ssh-agent at {agent}. If that ends, as a forwarded agent does at"
        " logout, the run loses its engine.",
        "Stay logged in until the run has ended, or give this user a key that needs no agent.",
        "SSH needs an agent that may end",
    ),
    # --- an engine elsewhere
    reach.EngineElsewhere: Wording(
        "The engine is on another machine[: {host}]. The run works from here: the project's files are here, and hooks"
        " of the host run here; volumes, bind mounts and published ports are there. Keep this machine running until"
        " the run has ended. A ws9tui on the other machine does not see this run.",
        brief="the engine is on another machine",
    ),
    reach.ProbeElsewhere: Wording(
        "The probe of {service}, {url}, asks the machine that ws9tui runs on, but the ports are published on the"
        " engine's.",
        "Use an address in x-ws9tui.probe that reaches the service from here, or remove the probe.",
        "its probe would ask the wrong machine",
    ),
    reach.EngineRootless: Wording(
        "No engine answers[ at {host}], but a rootless one[ of {user}] has its socket at {found}.",
        "Set DOCKER_HOST={found}[, and run ws9tui as {user}].",
        "there is a rootless engine",
    ),
    reach.RootlessSilent: Wording(
        "Cannot connect to the rootless Docker engine at {host}[: {reason}].",
        "Start it as its user: <start-rootless>.",
        "cannot connect to the rootless engine",
    ),
    reach.EngineStopped: Wording(
        "Cannot connect to the Docker engine at {host}[: {reason}].",
        "Start it with the command below, which ws9tui does not run, or set DOCKER_HOST to the right engine.",
        "cannot connect to the Docker engine",
    ),
    reach.AddressSilent: Wording(
        "Cannot connect to the Docker engine at {host}[: {reason}].",
        "Check the address in DOCKER_HOST or the context, and that the engine, or the proxy in front of it, runs"
        " there.",
        "cannot connect to the Docker engine",
    ),
    # --- in a container
    reach.InsideContainer: Wording(
        "ws9tui runs in a container of this engine[: {container}].", brief="ws9tui runs in a container"
    ),
    reach.FolderInside: Wording(
        "[{service} mounts {path} // The project is in {path}], a path inside the container that ws9tui runs in. To the"
        " engine that is a folder of its own machine[; there the right one is {there}].",
        "Mount the project into ws9tui's container at the path that it has on the server, and run ws9tui there[: -v"
        " {folder}:{folder}].",
        "{path} is inside ws9tui's container",
    ),
    reach.StateInside: Wording(
        "The state directory {path} is inside ws9tui's container. When that is removed, the history and every rollback"
        " are lost.",
        "Mount it from the server: -v {path}:{path}.",
        "the state directory is inside the container",
    ),
    # --- logs and snaps
    reach.LogUnreadable: Wording(
        "The log of {service} cannot be read[: its logging driver is {driver}]. It is neither shown nor saved.",
        brief="its log cannot be read",
    ),
    reach.SnapHidden: Wording(
        "The docker command is a snap, which cannot read {folder}.",
        "Move the project below a home folder, in no hidden folder, or install Docker from a package.",
        "the docker snap cannot read the folder",
    ),
}
