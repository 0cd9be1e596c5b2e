"""Messages about the plan: causes of its operations, losses, notes, and what has changed since its confirmation.

A cause is mostly shown in its short form, at the end of an operation's line.
"""

from __future__ import annotations

from ws9tui.problems import plan
from ws9tui.words.wording import Wording, Wordings

_IMAGE = (
    "[{old_version} → {new_version} // {old_version} → new image of tag {moving_tag} // {same_version}, new build"
    " // {old:digest} → {new:digest} // changes]"
)

WORDINGS: Wordings = {
    # --- causes
    plan.ImageChanged: Wording(
        "Its image changes[: {old_version} → {new_version} // : {old_version} → new image of tag {moving_tag} // :"
        " new build of {same_version}][ ({old:digest} → {new:digest})].",
        brief=f"image {_IMAGE}",
    ),
    plan.NotThere: Wording("It has no container yet.", brief="has no container yet"),
    plan.FollowsNetwork: Wording(
        "It shares the network of {service}, and would lose it when {service} is recreated.",
        brief="shares the network of {service}",
    ),
    plan.FollowsRestart: Wording(
        "It must be restarted with {service} (depends_on: restart: true).",
        brief="restarts with {service}",
    ),
    plan.StopUnderWay: Wording(
        "The engine has already accepted a stop of {service} and would stop it later. It is stopped now and started"
        " again instead.",
        brief="a stop already requested must finish first",
    ),
    plan.SharesImage: Wording(
        "Its image has the same tag as {service}, and that tag moves: Compose would recreate it.",
        brief="same image tag as {service}",
    ),
    plan.EnvFileChanges: Wording(
        "The file with the tag of {service} is also its env_file: Compose would recreate it.",
        brief="its env_file changes with {service}",
    ),
    plan.VariableChanges: Wording(
        "Its definition uses the variable that changes with {service}: Compose would recreate it.",
        brief="its definition changes with {service}",
    ),
    plan.ComposeVersionChanged: Wording(
        "Its container was created by another version of Compose[ ({old}; now {new})], which describes it"
        " differently[{unsure:given}, unless the files were edited since].",
        "A plain <up> would recreate it too.",
        "created by Compose [{old} // of another version]",
    ),
    plan.Twin: Wording(
        "An interrupted recreate left a container behind[ ({container})].",
        brief="left over from an interrupted recreate[: {container}]",
    ),
    plan.NotThereBefore: Wording(
        "It did not exist before.",
        brief="did not exist before",
    ),
    plan.ReplicasDiffer: Wording(
        "The containers of {service} run different images.",
        "An update gives all of them the same image.",
        "its containers run different images",
    ),
    plan.ReplicasDiffered: Wording(
        "In generation {number} the containers of {service} ran different images. A rollback to it gives all of them"
        " {reference:ref}.",
    ),
    plan.TagMoves: Wording(
        "The tag {reference:ref} moves[ from {old:digest}][ to {new:digest}].",
        brief="[{old:digest} → // new image] {new:digest}",
    ),
    plan.ReferenceEdited: Wording(
        "[{file}[, line {line}]: ][{old} → {new} // the image reference changes].",
        brief="[line {line}: ][{old} → {new} // changes]",
    ),
    plan.WasRunning: Wording(
        "It is running in the generation.",
        brief="is running in the generation",
    ),
    plan.ImageLabelChanged: Wording(
        "Its container's label names another image than the one that it runs: Compose would recreate it.",
        brief="Compose would recreate it",
    ),
    plan.FileRestored: Wording(
        "{file} gets its content from that generation.",
        brief="as in that generation",
    ),
    plan.Drift: Wording(
        "[{service} // It] runs with a different definition than the files have now: a plain <up> would recreate it.",
        "To apply the files, update again.",
        "its definition has changed since",
    ),
    plan.WasStopped: Wording(
        "It was not running, so it is not started.",
        brief="was not running, stays stopped",
    ),
    plan.NotInGeneration: Wording(
        "It is not part of the generation.",
        brief="not part of the generation",
    ),
    # --- losses
    plan.OwnLayerFiles: Wording(
        "[{count:files} // Files] inside its container, outside any volume, will be LOST.",
        "Copy what you need with <copy-out> before you confirm.",
        "[{count:files} // files] inside the container",
    ),
    plan.AnonymousVolume: Wording(
        "The new container keeps the anonymous volume at {target}.",
        brief="anonymous volume at {target} is kept",
    ),
    plan.MountChanged: Wording(
        "{target}: {old} → {new}[{missing:given}, which is new and empty // {empty:given}, which is empty //"
        " {other:given}, which has different content].",
        "[The data in the old place stays there, but is not used: copy it first, or accept this{agree:given}"
        " (without a terminal: --leave-data {agree}).]",
        "{target} → {new}",
    ),
    plan.MountGone: Wording(
        "{target}: {old} is no longer mounted[ there, but at {elsewhere}].",
        "[Its data stays there, but is not used: copy what you need first, or accept this{agree:given} (without a"
        " terminal: --leave-data {agree}).]",
        "{target} is no longer mounted",
    ),
    plan.DataLeftBehind: Wording(
        "The services would no longer see this data: {mounts:list}.",
        "Copy it to where the files expect it, or accept this with {flags}.",
        "data would be left behind",
    ),
    # --- notes
    plan.Orphan: Wording(
        "The container {container} belongs to no service, so it is left alone.",
        "If it belongs to a profile, add --profile.",
        "orphan {container} is left alone",
    ),
    plan.DefinitionEdited: Wording(
        "The files were edited after these services were created: {services}.",
        "A rollback restores their images, but with the definition that is in the files now.",
    ),
    plan.ComposeVersionDiffers: Wording(
        "These services were created by another version of Compose[ ({old}; now {new})], which describes them"
        " differently[{unsure:given}, unless the files were edited since]: {services}.",
    ),
    plan.ContentChanged: Wording(
        "The content of a config or secret[ of {service}] has changed since its container was created.",
        brief="the content of a config or secret changed",
    ),
    plan.MaybeOneShot: Wording(
        "{service} has exited with status 0 and is not started again.",
        "To run it on every update (a migration, for example), set 'one_shot: true' in its x-ws9tui.",
        "{service} is not started again",
    ),
    plan.NoHealthcheck: Wording(
        "[{service} // It] has no health check, so it counts as OK when it keeps running.",
        "To have it checked, define a 'healthcheck' for it.",
        "running (no health check defined)",
    ),
    plan.ImageOnlyRollback: Wording(
        "A rollback restores images and files, not data: data that the new version has migrated stays migrated.",
        "Back up the volumes first.",
        "a rollback does not restore data",
    ),
    # --- what has changed since the confirmation
    plan.InputChanged: Wording(
        "[{what:what} // Something] has changed since the plan was confirmed[: {detail}].",
        "Start again to get a new plan.",
    ),
    plan.SomebodyElse: Wording(
        "Somebody else is changing this project[: {detail}].",
        "Wait until they have finished, then start again.",
    ),
}
