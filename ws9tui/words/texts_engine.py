"""Messages about the engine, Compose, the state directory and the program itself."""

from __future__ import annotations

from ws9tui.problems import engine
from ws9tui.words.wording import Wording, Wordings

_COMMANDS = "[ The commands below are for {distribution}; ws9tui does not run them.]"
_INSTALL_COMPOSE = f"Install the Compose plugin, version 2 or later[ (see {{docs}})].{_COMMANDS}"
HELD_PORT = (
    "<port-holder> shows which container uses the port. If none does, the engine still holds it for a container that is"
    " gone, as can happen after a power failure: restart the engine (<restart-engine>)."
)

WORDINGS: Wordings = {
    # --- the engine
    engine.EngineUnreachable: Wording(
        "Cannot connect to the Docker engine[ at {host}][: {reason}].",
        "Start it (<start-engine>), or set DOCKER_HOST to the right engine.",
        "cannot connect to the Docker engine",
    ),
    engine.EngineMissing: Wording(
        "Docker is not installed on this server.",
        f"Install it with its Compose plugin[ (see {{docs}})], or set DOCKER_HOST to an engine elsewhere.{_COMMANDS}",
        "Docker is not installed",
    ),
    engine.EnginePermission: Wording(
        "[User {user} // This user] has no permission to use the Docker engine[ at {host}].",
        "Run ws9tui with sudo, or add the user to the group docker and log in again.",
        "no permission to use the engine",
    ),
    engine.EngineTimeout: Wording(
        "The Docker engine did not answer in time[ (call: {call})].",
        "It may be busy, or its disk may be slow. Check <engine-status>, then try again.",
        "the engine did not answer in time",
    ),
    engine.EngineFailed: Wording(
        "The Docker engine returned an error[ (call: {call})][: {reason}].",
        "Check the engine's log: <engine-log>.",
        "engine error[: {reason}]",
    ),
    engine.EngineDiskReadOnly: Wording(
        "The engine's disk is read-only[: {reason}].",
        "The kernel does this when a disk has errors: check <kernel-log>. Repair the disk, then restart the engine"
        " or the server.",
        "the engine's disk is read-only",
    ),
    # --- Compose
    engine.ComposeMissing: Wording(
        "Docker Compose is not installed[ for this user; another one has it: {found}].",
        _INSTALL_COMPOSE,
        "Compose is not installed",
    ),
    engine.ComposeV1: Wording(
        "Docker Compose[ {version}] is too old.",
        f"{_INSTALL_COMPOSE} The old version can stay installed.",
        "Compose is too old",
    ),
    engine.ComposeFailed: Wording(
        "Compose failed[ at '{command}'][ with {status:status}][: {reason}].",
        f"[{HELD_PORT}]",
        "Compose failed[: {reason}]",
    ),
    engine.ComposeFileInvalid: Wording(
        "[{file}[, line {line}]: the Compose file is not valid // The Compose file is not valid][: {reason}].",
        "Correct it, then check it with <check-files>, which changes nothing.",
        "the Compose file is not valid",
    ),
    engine.ComposeVariableRequired: Wording(
        "The Compose file requires the variable {variable}, which is not set[: {reason}].",
        "Set it in the project's .env file or in the shell.",
        "variable {variable} is not set",
    ),
    # --- the state directory
    engine.StateUnwritable: Wording(
        "The state directory cannot be written[: {path}][: {reason}].",
        "Without it no rollback is possible. Free some space or correct its owner, or choose another one with"
        " --state-dir.",
    ),
    engine.StateForeign: Wording(
        "{path} belongs to another user[ (uid {owner})].",
        "Run ws9tui as that user, or choose another folder with --state-dir.",
    ),
    engine.StateNotAFolder: Wording(
        "{path} should be a folder for ws9tui's state, but it is not a folder.",
        "Move it away, or choose another folder with --state-dir.",
    ),
    engine.JournalUnwritable: Wording(
        "The journal of this run cannot be written[: {path}][: {reason}].",
        "Free some space on that disk, then start ws9tui again: it continues from the state that it finds.",
    ),
    engine.JournalUnreadable: Wording(
        "The journal of this run cannot be read[: {path}][: {reason}].",
        "Check its owner and the disk.",
    ),
    engine.JournalDamaged: Wording(
        "The journal of this run is damaged, or written by a newer ws9tui[ (lines affected: {lines})].",
        "The other lines are used. What is running is checked again in any case.",
    ),
    engine.GenerationDamaged: Wording(
        "A recorded generation is damaged[: {path}][: {reason}].",
        "It is not used. To list the others: <history>.",
    ),
    engine.RunUnknown: Wording(
        "There is no run {number}[ of {project}].",
        "To list the runs: <history>.",
    ),
    engine.NoHistory: Wording(
        "[{project}: no // No] history is recorded here[; there is one of {known:list}].",
        "Each update records its history. If it is stored elsewhere, give that folder with --state-dir.",
    ),
    engine.GenerationNewer: Wording(
        "A recorded generation[ ({path})] was made by a newer ws9tui.",
        "Use that version of ws9tui.",
    ),
    engine.ScenarioUnknown: Wording(
        "There is no scenario '{name}'[; known: {known:list}].",
        "To see what each one shows: <demo-list>.",
    ),
    engine.NoLiveRun: Wording(
        "No run[ of {project}] is in progress.",
        "To start one: <wizard>. To list earlier runs: <history>.",
    ),
    # --- runs and the program
    engine.RunIsLive: Wording(
        "[{user}[ ({origin})] is changing this project[: run {number}[, process {pid}]][, started {since:date}]. //"
        " Another run of this project is in progress.]",
        "To watch it and answer its questions: <attach>.",
        "another run is in progress[ ({user})]",
    ),
    engine.BusyElsewhere: Wording(
        "[User {user} is updating this project[ (process {pid})][, started {since:date}]; // Another run of this"
        " project is in progress;] its records are in another state directory.",
        "You cannot watch it from here. Wait until it ends[, or ask {user}]. <lock-holder> lists all processes that"
        " hold this project's lock; a process that is not a ws9tui run can be ended.",
        "another run is in progress[ ({user})]",
    ),
    engine.WorkerDied: Wording(
        "The worker process of this run has died[ ({status:status})].",
        "Start <wizard>: it checks what is running and, if something was changed, offers to roll back or to finish.["
        " The worker's last output is in {log}.]",
        "the worker process has died",
    ),
    engine.OperatorCancelled: Wording("Cancelled before anything was changed.", brief="cancelled"),
    engine.OperatorsGone: Wording(
        "The terminal was lost and nobody came back within {seconds:duration}, so the run was cancelled.",
        brief="nobody came back",
    ),
    engine.DecisionOverdue: Wording(
        "Nobody answered in time, so the default was taken.",
        brief="nobody answered in time",
    ),
    engine.CommandUnknown: Wording(
        "There is no command '{name}'[ (did you mean '{near}'?)], and no project or service of that name here.",
    ),
    engine.NoTerminal: Wording(
        "There is no terminal for questions.",
        "Add --yes to accept every default, or --plan to print the plan and stop.",
    ),
    engine.DiesWithLogin: Wording(
        "This server ends a user's processes at logout, and that would end the run too.",
        "Stay logged in until the run has ended, or enable lingering: <linger>.",
    ),
    engine.CallRefused: Wording(
        "A proxy or plugin in front of the engine[ at {host}] refuses '{call}', which an update needs["
        " {purpose:purpose}].",
        "Allow it there[ (docker-socket-proxy: {setting})], or use the engine's own socket.",
        "'{call}' is refused",
    ),
    engine.ComposeRefused: Wording(
        "A proxy or plugin in front of the engine refused a call of Compose[ at '{command}'][ for {container}][:"
        " {reason}].",
        "Allow it there (its log shows which call), or use the engine's own socket.",
        "a call of Compose was refused[: {reason}]",
    ),
    engine.WorkerTerminated: Wording(
        "The run received a signal to stop.",
        "Start <wizard> to see what is running and to continue.",
        "stopped by a signal",
    ),
    engine.InterruptedBeforeCommit: Wording(
        "The run was interrupted before it changed anything; the images that it had pulled were removed.",
        "Start the run again.",
        "interrupted before any change",
    ),
    engine.NothingToRecover: Wording(
        "No run of [{project} // this project] was interrupted; there is nothing to recover.",
        "To list the runs: <history>.[ To go to a generation anyway, choose one ({known:list}): <recover-to>.]",
    ),
    engine.RunUnfinished: Wording(
        "The cause is not known.",
        brief="cause not known",
    ),
    engine.InterruptedRun: Wording(
        "[Run {run} // An earlier run] was interrupted while it was making changes.",
        "To see what is running now, and to roll back or finish: <recover>.",
        "an earlier run was interrupted",
    ),
    engine.NotUnderstood: Wording("{reason}."),
    engine.InternalError: Wording(
        "ws9tui has an internal error[: {error}].",
        "Please report it[, with {log}].",
        "internal error of ws9tui",
    ),
}
