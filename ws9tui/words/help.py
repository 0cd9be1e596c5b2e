"""Help for each phase: what happens, whether it is safe, and what the operator can do."""

from __future__ import annotations

from ws9tui.core.journal.run_state import Phase
from ws9tui.words.template import Message

HELP = {
    Phase.STARTING: Message("""
The worker is starting. It is a separate process: it continues even if this terminal closes.

Nothing has been changed.
"""),
    Phase.LOOKING: Message("""
ws9tui inspects the Docker engine, the project's files and its containers, and checks the registries for updates.

This only reads. It is safe to disconnect or cancel at any time.
"""),
    Phase.SELECTING: Message("""
Choose the services to update. Services with an update are selected. 'Could not be checked' does not mean 'up to
date': the registry gave no answer, and the reason is shown.

For another version, choose from the tags of its repository (T), or enter a tag or a full image name (E). It is checked
before you can select it. An update that is held is newer than the project's minimum age allows; if you select it, it is
installed anyway.

Re-check asks the registries again. The next step stops nothing: it only pulls images, and the running containers are
not touched.
"""),
    Phase.PULLING: Message("""
All images are pulled before any container is stopped. They are pulled by digest, so no local tag moves yet.

A failed pull is retried where that may help. If it still fails, nothing is changed.

With '--from', images are loaded from archives instead, under a ws9tui tag, and no registry is asked.

Where x-ws9tui requires a signature, cosign verifies it first. A failed verification ends the run. A verification that
could not be made also ends it, unless you accept that.

Back returns to the services and keeps the pulled images for this run. If you cancel, what was pulled or loaded is
removed, and nothing else.
"""),
    Phase.VERSIONS: Message("""
The pulled images are compared with what was expected: version, digest and platform.

'Not proven' means that the image does not state its version. This is neither a failure nor a proof.

The digest of an image from an archive is not known: its image ID is compared instead.

'Not checked' means that a program which the settings require could not run, or got no answer. This is never shown as
'verified'.

If an image is not the expected one, go back for another tag, leave the service out, or accept the version that was
found; the running container must then report that version, too.

Nothing has been changed yet.
"""),
    Phase.CHOOSING: Message("""
A generation is a recorded state of the project: its files and images. The list also has generations that are only
known from kept images. For each it shows whether its images are on this server, and how it differs from what runs now,
service by service and file by file. Values of env files are never shown.

'Unknown' means that a registry gave no answer. 'Gone' means that an image is neither on this server nor in its
registry.

Select a generation to see its plan. Nothing is changed before you confirm the plan.
"""),
    Phase.INSTALLING: Message("""
No project was found here, so you can install one. The source is 'websoft9' for the latest release, a release's
folder, zip file or URL, or a folder with a Compose file. It is checked when you press Enter.

Then all settings are shown with their defaults. Each value is checked as you type: whether a port or a container name
is already in use and by what, whether the folder is empty, whether there is enough disk space.

Release candidates come only from the channels rc and dev. Nothing is written before you confirm the plan.
"""),
    Phase.MERGING: Message("""
The files of the release are merged with yours. What you have set or added stays; what you did not change is updated
with the release. Where both changed the same thing, you decide: yours or the release's.

For a Compose file that you have changed, you can merge both changes, use the release's file, keep yours, or use the
release's file with your changes in an override file. Values that may be secret are not shown.

Nothing is written before you confirm the plan.
"""),
    Phase.CONFIRMING: Message("""
The plan lists everything that will happen, in order, each operation with its reason. Exactly this plan is applied: if
a file, an image or a container changes in the meantime, ws9tui stops and makes a new plan.

Nothing is changed before you confirm, and Back returns to the step before. After that it is still safe to disconnect:
the run continues in the background, and rolls back by itself if it fails.
"""),
    Phase.RECOVERING: Message("""
An earlier run was interrupted: by a crash, a reboot, or because its process was killed. What runs now was inspected
again.

Roll back returns to the state before that run. Forward finishes that run. Both can be repeated. Stay leaves everything
as it is now, and recovery is not offered again. Cancel only closes this view; recovery is offered again next time.

Nothing happens before you decide.
"""),
    Phase.COMMITTING: Message("""
Compose recreates the containers, in the order of their dependencies. The earlier images are kept on this server, so
a rollback needs no network.

Safe to disconnect: the run continues in the background. Return to it with <attach>.

It cannot be cancelled half-way, but it can be rolled back: by you at any time, once the current step is done, or
automatically if something fails.
"""),
    Phase.WATCHING: Message("""
All containers are recreated. Each service is watched until it is OK or has failed: by its health check if it has one,
otherwise by whether it keeps running.

Keep ends the run. Roll back restores the earlier images and files; data that the new version migrated stays migrated.

If nobody decides in time, the default is taken automatically. The time left is shown.
"""),
    Phase.ROLLING_BACK: Message("""
The earlier files and images are restored. Then the running images are compared with the recorded ones: only if they
match is the rollback a success.

Safe to disconnect: the rollback continues in the background.
"""),
    Phase.FINISHED: Message("""
The run has ended; the result is shown above. <history> shows all its steps, decisions and saved logs.
"""),
}


def text(phase: Phase) -> str:
    """Returns the help for a phase: paragraphs, each on one line, with a blank line between them."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in HELP[phase]().strip().split("\n\n"))
