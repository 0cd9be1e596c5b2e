"""Words for the plan: causes of its operations, what would be lost, notes, and what differs at commit.

A cause is mostly read in its short form, at the end of an operation's line.
"""

from __future__ import annotations

from ws9tui.problems import plan
from ws9tui.problems.problem import Problem
from ws9tui.words.wording import Wording

_IMAGE = "[{old_version} → {new_version} // {same_version}, another build // {old:digest} → {new:digest} // changes]"

WORDINGS: dict[type[Problem], Wording] = {
    # --- causes
    plan.ImageChanged: Wording(
        "The image changes[: {old_version} → {new_version} // : another build of {same_version}]"
        "[ ({old:digest} → {new:digest})].",
        "",
        f"image {_IMAGE}",
    ),
    plan.NotThere: Wording("It has no container yet.", "", "has no container yet"),
    plan.FollowsNetwork: Wording(
        "It uses the network of {service}, and loses it when that is recreated.",
        "",
        "uses the network of {service}",
    ),
    plan.FollowsRestart: Wording(
        "It is to be restarted with {service} (depends_on: restart: true).",
        "",
        "restarts with {service}",
    ),
    plan.StopUnderWay: Wording(
        "The engine has accepted a stop of {service}, and would end it later; it is stopped and started again instead.",
        "",
        "a stop that was begun has to end first",
    ),
    plan.SharesImage: Wording(
        "Its image has the tag that moves with {service}, so Compose would recreate it.",
        "",
        "has the same image as {service}",
    ),
    plan.EnvFileChanges: Wording(
        "The file with the tag of {service} is its env_file too, so Compose would recreate it.",
        "",
        "its env_file changes with {service}",
    ),
    plan.VariableChanges: Wording(
        "Its definition has the variable that changes with {service}, so Compose would recreate it.",
        "",
        "its definition changes with {service}",
    ),
    plan.ComposeVersionChanged: Wording(
        "Another version of Compose made its container[ ({old}; now {new})], and the two describe it differently"
        "[{unsure:given}, unless the files were edited since].",
        "A plain <up> recreates it too.",
        "made by Compose [{old} // of another version]",
    ),
    plan.Twin: Wording(
        "A half-made container[ ({container})] is left over from a recreate that was interrupted.",
        "",
        "half-made container left over[: {container}]",
    ),
    plan.NotThereBefore: Wording("It was not there before.", "", "was not there before"),
    plan.ReplicasDiffer: Wording(
        "The containers of {service} run different images.",
        "An update brings the same one to all.",
        "its containers run different images",
    ),
    plan.ReplicasDiffered: Wording(
        "In generation {number} the containers of {service} ran different images; a way back to it brings"
        " {reference:ref} to all of them.",
    ),
    plan.TagMoves: Wording(
        "The tag {reference:ref} moves[ from {old:digest}][ to {new:digest}].",
        "",
        "from [{old:digest} // nothing] to {new:digest}",
    ),
    plan.ReferenceEdited: Wording(
        "[{file}[, line {line}]: ][{old} → {new} // the reference changes].",
        "",
        "[line {line}: ][{old} → {new} // changes]",
    ),
    plan.WasRunning: Wording("The generation has it running.", "", "is to run"),
    plan.ImageLabelChanged: Wording(
        "Its container names another image than the one that it runs, so Compose would recreate it.",
        "",
        "Compose would recreate it",
    ),
    plan.FileRestored: Wording("{file} becomes what it was in that generation.", "", "as in that generation"),
    plan.Drift: Wording(
        "[{service} // It] runs with another definition than the files have now: a plain <up> would recreate it.",
        "Update again to bring both together.",
        "its definition changed meanwhile",
    ),
    plan.WasStopped: Wording("It was not running, so it is not started.", "", "was not running, is not started"),
    plan.NotInGeneration: Wording("The generation does not have it.", "", "not in the generation"),
    # --- losses
    plan.OwnLayerFiles: Wording(
        "[{count:files} // Files] inside its container, outside any volume, will be gone.",
        "Copy what you need with <copy-out> before you confirm.",
        "[{count:files} // files] inside the container",
    ),
    plan.AnonymousVolume: Wording(
        "The anonymous volume at {target} is taken over by the new container.",
        "",
        "anonymous volume at {target} is kept",
    ),
    plan.MountChanged: Wording(
        "{target}: {old} → {new}[{missing:given}, which is new and empty // {empty:given}, which is empty"
        " // {other:given}, which has other content].",
        "[What is at the old place stays there, and is not used: copy it first, or agree{agree:given}"
        " (without a terminal: --leave-data {agree}).]",
        "{target} → {new}",
    ),
    plan.MountGone: Wording(
        "{target}: {old} is mounted no longer[ there, but at {elsewhere}].",
        "[What is in it stays there, and is not used: see to it first, or agree{agree:given}"
        " (without a terminal: --leave-data {agree}).]",
        "{target} is mounted no longer",
    ),
    plan.DataLeftBehind: Wording(
        "Data would be left behind that services see now: {mounts:list}.",
        "Copy it to where the files look for it, or agree to it by name: {flags}.",
        "data would be left behind",
    ),
    # --- notes
    plan.Orphan: Wording(
        "The container {container} is of none of the services, and left alone.",
        "One of a profile needs --profile.",
        "orphan {container} is left alone",
    ),
    plan.DefinitionEdited: Wording(
        "The files were edited since these were made: {services}.",
        "A rollback brings their images back, with the definition that the files have now.",
    ),
    plan.ComposeVersionDiffers: Wording(
        "These were made by another version of Compose[ ({old}; now {new})], which describes them differently"
        "[{unsure:given}, unless the files were edited since]: {services}.",
    ),
    plan.ContentChanged: Wording(
        "The content of a config or secret[ of {service}] has changed since its container was made.",
        "",
        "the content of a config or secret changed",
    ),
    plan.MaybeOneShot: Wording(
        "{service} has ended with status 0 and is not started again.",
        "If it has to run with each update (a migration, say), set one_shot: true in its x-ws9tui.",
        "{service} is not started again",
    ),
    plan.NoHealthcheck: Wording(
        "[{service} // It] has no health check: it is well when it keeps running, which proves less.",
        "",
        "keeps running",
    ),
    plan.ImageOnlyRollback: Wording(
        "A rollback brings back images and files, not data: what the new version has migrated stays migrated.",
        "Have a backup of the volumes.",
        "a rollback does not bring back data",
    ),
    # --- the commit finds something else than was confirmed
    plan.InputChanged: Wording(
        "[{what:what} // Something] has changed since the plan was confirmed[: {detail}].",
        "Start again to see a new plan.",
    ),
    plan.SomebodyElse: Wording(
        "Somebody else is changing this project[: {detail}].",
        "Start again when they have finished.",
    ),
}
