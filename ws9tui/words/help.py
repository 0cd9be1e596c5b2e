"""Help for each phase: what is happening, whether it is safe, and what one can do."""

from __future__ import annotations

from ws9tui.core.journal.run_state import Phase
from ws9tui.words.template import Message

HELP = {
    Phase.STARTING: Message(
        """
The worker starts. It is a process of its own: whatever happens to this terminal, it goes on.

Nothing has been changed.
"""
    ),
    Phase.LOOKING: Message(
        """
ws9tui looks at the engine, the project's files and its containers, and asks the registries what they have.

This only reads. You may leave or cancel at any time.
"""
    ),
    Phase.SELECTING: Message(
        """
Choose the services to update. Those with an update are proposed. 'Could not be checked' does not mean 'up to
date': the registry gave no answer, and the reason stands beside it.

For another version, choose among the tags of its repository (T), or enter a tag or a whole reference (E). It is
looked up before it can be chosen. An update that is held is younger than the project wants it; selecting it takes it
all the same.

Re-check asks the registries again. Nothing is stopped by the next step: images are only pulled, and the running
containers do not notice.
"""
    ),
    Phase.PULLING: Message(
        """
Every image is pulled before anything is stopped. They are pulled by digest, so that no tag moves yet.

A failed pull is tried again where that may help. If it fails for good, nothing is changed.

With '--from' they are loaded from archives instead, under a tag of ours, and no registry is asked.

Where x-ws9tui asks for a signature, cosign verifies it first. What failed ends the run; what could not be checked does,
too, unless you accept it.

Back leads to the services, and keeps what was pulled for this run. A cancel removes it, and nothing else.
"""
    ),
    Phase.VERSIONS: Message(
        """
What came is compared with what was expected: version, digest, and the machine that it is made for.

'Not proven' means that the image does not tell its version. It is not a failure, and no proof either.

The digest of what came from an archive is not known: the image ID is what was compared.

'Not checked' means that a program which the settings ask for could not be run, or could not ask. That is never
'verified'.

Where an image is not the one that is expected: back for another tag, go on without the service, or accept the version
that was found; then the running container must tell that version, too.

Nothing has been changed yet.
"""
    ),
    Phase.CHOOSING: Message(
        """
These are the generations that are recorded, or that the kept images still tell of. Of each: whether its images are
here, and in what it differs from what runs, service by service and file by file. Values of env files are never shown.

'Unknown' means that a registry gave no answer. 'Gone' means that an image is neither here nor in its registry.

Choosing one leads to its plan. Nothing is changed before you confirm that.
"""
    ),
    Phase.INSTALLING: Message(
        """
Nothing of a project is here, so one can be installed. The source is 'websoft9' for the latest release, a release's
folder, zip file or address, or a folder with a Compose file. It is looked at when you say so, not before.

Then everything that may be set is shown with its default. A value is checked while it is typed: whether a port or a
container's name is taken and by whom, whether the folder is empty, whether there is room on the disk.

Release candidates come only from the channels rc and dev. Nothing is written before you confirm the plan.
"""
    ),
    Phase.MERGING: Message(
        """
The files of the release are put together with yours. What you have set or added stays; what you left as it was moves
with the release. Where both have changed the same thing, you decide: yours or the release's.

A Compose file that you have changed can be put together, taken from the release, kept, or taken from the release with
your changes moved to an override file. Values that may be secret are not shown.

Nothing is written before you confirm the plan.
"""
    ),
    Phase.CONFIRMING: Message(
        """
This is all that will happen, in order, each operation with its cause. What is confirmed is what is carried out:
if a file, an image or a container changes meanwhile, ws9tui stops and makes a new plan.

Until you confirm, nothing is changed, and Back leads to the step before. After that, you may still leave: the work
goes on, and a failure leads
back by itself.
"""
    ),
    Phase.RECOVERING: Message(
        """
An earlier run was interrupted in the middle: by a crash, a reboot, or because its process was killed. What runs
now was looked at afresh.

Back leads to what ran before that run. Forward finishes it. Both may be repeated. Stay leaves everything as it is
now, for good: recovery is not offered again. Cancel only ends this look; recovery is offered the next time.

Nothing happens before you decide.
"""
    ),
    Phase.COMMITTING: Message(
        """
Compose recreates the containers, in the order of their dependencies. The earlier images are kept here, so the
way back needs no network.

You may leave: the work goes on by itself. <attach> comes back to it.

It cannot be cancelled half-way; it can be rolled back: by you at any time, once what is being done to a container is
done, or by itself when something fails.
"""
    ),
    Phase.WATCHING: Message(
        """
Everything is recreated. The services are watched until each is judged: by its health check where it has one,
else by whether it keeps running.

Keep ends the run. Roll back brings the earlier images and files back; data that was migrated stays migrated.

If nobody decides, the default beside the time is taken.
"""
    ),
    Phase.ROLLING_BACK: Message(
        """
The earlier files and images are put back, and then the running images are compared with the recorded ones: only
that counts as success.

You may leave: it goes on by itself.
"""
    ),
    Phase.FINISHED: Message(
        """
The run has ended; how, stands above. <history> shows every step, decision and saved log of it.
"""
    ),
}


def text(phase: Phase) -> str:
    """The help for a phase: paragraphs, each on one line, with a blank line between them."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in HELP[phase]().strip().split("\n\n"))
