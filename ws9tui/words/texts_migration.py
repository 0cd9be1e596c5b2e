"""Messages about Websoft9's migration to the modern layout: an assessment, and where a migration has stopped."""

from __future__ import annotations

from ws9tui.problems import migration
from ws9tui.words.wording import Wording, Wordings

_BACKUP = "[ The script's own backup is in {backup}.]"
_NOT_AGAIN = (
    " Do not run Websoft9's script here: it takes this host for 'mixed', removes the legacy containers and upgrades"
    " without asking."
)

WORDINGS: Wordings = {
    # --- a migration that has stopped half-way
    migration.MigrationPrepared: Wording(
        "A migration to the modern layout was begun[: its files are in {folder}]. It stopped before anything else was"
        " changed (stage 2 to 4): the legacy installation runs.",
        "Nothing has to be repaired; ws9tui ignores those files." + _BACKUP,
        "a migration stopped at stage 2 to 4",
    ),
    migration.MigrationStopped: Wording(
        "A migration to the modern layout looks as if it stopped at stage {stage}: the legacy containers are stopped,"
        " and there is no modern one. Their volumes are unchanged.[ After a reboot they start again: {units}.]",
        "To go back, run <start-containers>." + _NOT_AGAIN + _BACKUP,
        "a migration stopped at stage {stage}",
    ),
    migration.MigrationHalf: Wording(
        "A migration to the modern layout looks as if it stopped at stage {stage}: {modern} is there, the legacy"
        " containers are stopped. Their volumes are unchanged.",
        "To go back, run <never-restart>, <stop-modern> and then <start-containers>. To go on with the modern layout,"
        " first see that it works, and save the legacy volumes." + _NOT_AGAIN + _BACKUP,
        "a migration stopped at stage {stage}",
    ),
    migration.MigrationBoth: Wording(
        "The modern container {modern} and legacy containers run side by side: after a migration that stopped half-way"
        " (stage 7 to 10) a reboot has started the legacy ones again.",
        "Decide which one is to run. To go back to the legacy layout, run <never-restart>, <stop-modern> and then"
        " <start-containers>." + _NOT_AGAIN + _BACKUP,
        "legacy and modern containers run side by side",
    ),
    migration.MigrationPurging: Wording(
        "A migration to the modern layout looks as if it stopped at stage 11, while it removed the legacy installation:"
        " {missing:list} no longer exists.",
        "There is no way back to the legacy layout but from a backup." + _BACKUP,
        "a migration stopped at stage 11",
    ),
    migration.MigrationLeft: Wording(
        "Volumes of the legacy layout are still there, and no container uses them: {volumes:list}.",
        "They are the legacy data as it was before the migration: keep them until you are sure, then remove them with"
        " <remove-volumes>. As long as they are there, Websoft9's script takes this host for 'mixed' and upgrades"
        " without asking." + _BACKUP,
        "legacy volumes are still there",
    ),
    # --- what a migration would do
    migration.MigrationBridge: Wording(
        "Websoft9 {version} has other versions of Portainer, Gitea or the proxy than the modern layout: a migration"
        " from here would also migrate their databases.",
        "First update to {newest}, which can be rolled back: <update-latest>.",
        "update to {newest} before a migration",
    ),
    migration.MigrationVolume: Wording(
        "Migration to the modern layout: {role} is in the volume {volume}[ ({size:size})].",
        brief="{role}: {volume}[ ({size:size})]",
    ),
    migration.MigrationWrongVolume: Wording(
        "Websoft9's script searches volumes by name: for {role} it would take {taken} instead of {volume}.",
        "Do not run the script on this host while {taken} is there.",
        "the script would take {taken} for {role}",
    ),
    migration.MigrationRemoves: Wording(
        "At the end of a migration Websoft9's script would remove containers and volumes that are not Websoft9's,"
        " because of their names: {names:list}.",
        "Do not run the script on this host while they are there.",
        "the script would remove {names:list}",
    ),
    migration.MigrationRoom: Wording(
        "A migration needs about {needed:size} in {path:list} ({free:size} free).",
        brief="{needed:size} needed in {path:list}",
    ),
    migration.MigrationNoRoom: Wording(
        "A migration needs about {needed:size} in {path:list}, and only {free:size} are free. Websoft9's script does"
        " not check it: on a full disk it goes on with incomplete copies.",
        "Free some space before you run it.",
        "too little space in {path:list} for a migration",
    ),
    migration.MigrationRoomUnknown: Wording(
        "How much space a migration needs is not known[: the size of {volumes:list} is not known].",
        brief="space for a migration not known",
    ),
    migration.MigrationLost: Wording(
        "A migration loses: the console's accounts (whoever opens the console first creates the new one), Gitea's own"
        " settings, JWT and SSH keys and custom files, all settings of AppHub but passwords, API key, domains and"
        " mirror[, and the content of {volumes:list}].",
        "Save what you need of it first.",
        "accounts, keys and settings are lost in a migration",
    ),
    migration.MigrationBinds: Wording(
        "These applications mount folders beside their Compose file: {projects:list}. After a migration they keep using"
        " /data/compose, while Portainer shows a copy of it: changes in one do not reach the other.",
        "Redeploy each of them after a migration, and compare both folders before.",
        "applications with folders beside their Compose file",
    ),
    migration.MigrationHttps: Wording(
        "After a migration the console speaks HTTPS with a self-signed certificate and redirects HTTP to port 9000"
        "[, which this host does not publish: its console is at port {port}].",
        brief="the console changes to HTTPS in a migration",
    ),
    migration.MigrationSave: Wording(
        "ws9tui migrates nothing. From stage 11 on Websoft9's script removes the legacy installation, before any"
        " application was tried in the new one; from stage 5 to 7 all sites behind the proxy are down.",
        "Before you run it, save the whole project: <backup>.",
        "save the project before a migration",
    ),
    migration.UpstreamMixed: Wording(
        "Websoft9's own script would take this host for 'mixed', because of these names: {names:list}. It would then"
        " upgrade without asking, and remove containers of these names.",
        "Update with ws9tui, which goes by labels and mounts.",
        "the script would take this host for 'mixed'",
    ),
}
