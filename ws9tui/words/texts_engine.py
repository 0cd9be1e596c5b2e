"""Words for the engine, Compose, the state directory and the program itself."""

from __future__ import annotations

from ws9tui.problems import engine
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

_COMMANDS = "[ The commands below are for {distribution}; ws9tui runs none of them.]"
_INSTALL_COMPOSE = f"Install the Compose plugin, version 2 or later[, as {{docs}} tells].{_COMMANDS}"
HELD_PORT = (
    "<port-holder> tells which container has the port. If none has, the engine holds it for one that is gone, as it may"
    " after a power cut: restart the engine (<restart-engine>)."
)

WORDINGS: dict[type[Problem], Wording] = {
    # --- the engine
    engine.EngineUnreachable: Wording(
        "No Docker engine answers[ at {host}][: {reason}].",
        "Start it (<start-engine>), or let DOCKER_HOST name the right one.",
        "no Docker engine answers",
    ),
    engine.EngineMissing: Wording(
        "Docker is not installed on this machine.",
        "Install it with its Compose plugin[, as {docs} tells], or let DOCKER_HOST name an engine elsewhere."
        f"{_COMMANDS}",
        "Docker is not installed",
    ),
    engine.EnginePermission: Wording(
        "[User {user} // This user] may not use the Docker engine[ at {host}].",
        "Run ws9tui with sudo, or add the user to the group docker and log in again.",
        "no permission to use the engine",
    ),
    engine.EngineTimeout: Wording(
        "The Docker engine did not answer in time[ (call: {call})].",
        "It may be busy, or its disk slow. Look at <engine-status>, then try again.",
        "the engine did not answer in time",
    ),
    engine.EngineFailed: Wording(
        "The Docker engine answered with an error[ (call: {call})][: {reason}].",
        "The engine's own log tells more: <engine-log>.",
        "engine error[: {reason}]",
    ),
    engine.EngineDiskReadOnly: Wording(
        "The engine cannot write to its disk, which is read-only[: {reason}].",
        "The kernel locks a disk with faults like that: <kernel-log> tells more."
        " See to the disk, then start the engine or the machine anew.",
        "the engine's disk is read-only",
    ),
    # --- Compose
    engine.ComposeMissing: Wording("Docker Compose is not installed.", _INSTALL_COMPOSE, "Compose is not installed"),
    engine.ComposeV1: Wording(
        "Docker Compose[ {version}] is too old.",
        f"{_INSTALL_COMPOSE} The old one may stay.",
        "Compose is too old",
    ),
    engine.ComposeFailed: Wording(
        "Compose failed[ at '{command}'][ with {status:status}][: {reason}].",
        f"[{HELD_PORT}]",
        "Compose failed[: {reason}]",
    ),
    engine.ComposeFileInvalid: Wording(
        "[{file}[, line {line}]: the Compose file is not valid // The Compose file is not valid][: {reason}].",
        "Correct it; <check-files> checks it without changing anything.",
        "the Compose file is not valid",
    ),
    engine.ComposeVariableRequired: Wording(
        "The Compose file requires the variable {variable}, which is not set[: {reason}].",
        "Set it in the project's .env file, or in the shell.",
        "variable {variable} is not set",
    ),
    # --- the state directory
    engine.StateUnwritable: Wording(
        "The state directory cannot be written[: {path}][: {reason}].",
        "Without it there would be no way back, so nothing is done. Free some space or correct its owner,"
        " or name another one with --state-dir.",
    ),
    engine.StateForeign: Wording(
        "{path} belongs to another user[ (uid {owner})].",
        "Run ws9tui as that user, or name another folder with --state-dir.",
    ),
    engine.StateNotAFolder: Wording(
        "{path} should be a folder of ws9tui's state, and is something else.",
        "Move it away, or name another folder with --state-dir.",
    ),
    engine.JournalUnwritable: Wording(
        "The journal of this run cannot be written[: {path}][: {reason}].",
        "Free some space on that disk, then start ws9tui again: it goes on from what it finds.",
    ),
    engine.JournalUnreadable: Wording(
        "The journal of this run cannot be read[: {path}][: {reason}].",
        "Look at its owner and at the disk.",
    ),
    engine.JournalDamaged: Wording(
        "The journal of this run is damaged, or of a newer ws9tui, in [{lines} // some] of its lines.",
        "The others are used; what runs is looked at afresh in any case.",
    ),
    engine.GenerationDamaged: Wording(
        "A recorded generation is damaged[: {path}][: {reason}].",
        "It is not used. <history> lists the others.",
    ),
    engine.RunUnknown: Wording(
        "There is no run {number}[ of {project}].",
        "<history> lists the runs.",
    ),
    engine.NoHistory: Wording(
        "[{project}: nothing // Nothing] has been recorded here[; there is a history of {known:list}].",
        "Records are made by updates; --state-dir names another place of theirs.",
    ),
    engine.GenerationNewer: Wording(
        "A recorded generation[ ({path})] was made by a newer ws9tui.",
        "Use that version.",
    ),
    engine.ScenarioUnknown: Wording(
        "There is no scenario '{name}'[; there are {known:list}].",
        "<demo-list> tells what each shows.",
    ),
    engine.NoLiveRun: Wording(
        "No run[ of {project}] is live.",
        "<wizard> starts one, <history> shows the earlier ones.",
    ),
    # --- runs and the program
    engine.RunIsLive: Wording(
        "[{user}[ ({origin})] is changing this project[ since {since:date}][: run {number}[, process {pid}]]."
        " // Another run of this project is live.]",
        "<attach> watches it and takes its decisions.",
        "another run is live[ ({user})]",
    ),
    engine.BusyElsewhere: Wording(
        "[User {user} runs an update of this project[ since {since:date}][ (process {pid})], // Another run of this"
        " project is live,] and its records are in another state directory.",
        "It cannot be watched from here. Wait until it has ended[, or ask {user}]. <lock-holder> tells all processes"
        " that hold the project; one that is no run of ws9tui may be ended.",
        "another run is live[ ({user})]",
    ),
    engine.WorkerDied: Wording(
        "The worker of this run ended in the middle[ ({status:status})].",
        "Start <wizard> again: it looks at what runs, and offers both ways where something had been changed."
        "[ What the worker wrote last is in {log}.]",
        "the worker ended in the middle",
    ),
    engine.OperatorCancelled: Wording("Cancelled before anything was changed.", "", "cancelled"),
    engine.OperatorsGone: Wording(
        "The terminal was lost and nobody came back within {seconds:duration}, so the run was cancelled.",
        "",
        "nobody came back",
    ),
    engine.DecisionOverdue: Wording("Nobody decided in time, so the default was taken.", "", "nobody decided in time"),
    engine.CommandUnknown: Wording(
        "There is no command '{name}'[ (did you mean '{near}'?)], and nothing of that name here.",
    ),
    engine.NoTerminal: Wording(
        "There is no terminal to ask on.",
        "Add --yes to take every decision by its default, or --plan to print the plan and stop.",
    ),
    engine.DiesWithLogin: Wording(
        "This machine ends a user's programs at logout, and a run would end with them.",
        "Stay logged in until it is done, or allow lingering: <linger>.",
    ),
    engine.CallRefused: Wording(
        "What stands before the engine[ at {host}] refuses '{call}', which an update needs.",
        "Allow it there, or use the engine's own socket.",
        "'{call}' is refused",
    ),
    engine.ComposeRefused: Wording(
        "What stands before the engine refused Compose a call[ at '{command}'][ for {container}][: {reason}].",
        "Allow it there, where its log tells which, or use the engine's own socket.",
        "Compose was refused a call[: {reason}]",
    ),
    engine.WorkerTerminated: Wording(
        "The run was told to stop.", "Start <wizard> to see what runs and to go on.", "told to stop"
    ),
    engine.InterruptedBeforeCommit: Wording(
        "The run was interrupted before it changed anything; what it had pulled was removed.",
        "Start again.",
        "interrupted before any change",
    ),
    engine.NothingToRecover: Wording(
        "No run of [{project} // this project] was interrupted; there is nothing to recover.",
        "<history> lists the runs.[ To go to a generation all the same, name it ({known:list}): <recover-to>.]",
    ),
    engine.RunUnfinished: Wording("What stands in the way is not known.", "", "not known"),
    engine.InterruptedRun: Wording(
        "[Run {run} // An earlier run] was interrupted in the middle of its changes.",
        "<recover> shows what runs now and goes either way.",
        "an earlier run was interrupted",
    ),
    engine.NotUnderstood: Wording("{reason}."),
    engine.InternalError: Wording(
        "ws9tui itself has a fault[: {error}].",
        "Please report it[ together with {log}].",
        "a fault of ws9tui",
    ),
}
