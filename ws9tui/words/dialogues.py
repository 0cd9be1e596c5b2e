"""What the questions say line by line: how they are answered, and what is not understood."""

from __future__ import annotations

from ws9tui.words.template import Message

ANY_TIME = Message(
    "At any time: 'cancel' (before changes), 'back' (while images are pulled), 'rollback' (while services change"
    " and are watched), 'detach', 'help'."
)
NOTHING_ASKED = Message("Nothing is asked at the moment. 'detach' leaves, 'help' tells more.")
GOING_BACK = Message("Going back to the services; what was pulled stays for this run.")
ROLLING_BACK = Message("Rolling back; what is being done to a container is done first.")
CANCELLING = Message("Cancelling; what was pulled is removed. Ctrl-C again leaves without waiting for it.")

STOPPING = Message("Stopping run [{number}][ of {project:name}][, started by {who:said}].")
GOES_BACK_ALREADY = Message("It is rolling back already.")
NO_WAY_BACK = Message("It cannot be stopped: what was there before cannot be made again. <attach> watches it.")

# --- a few answers
OFFER = Message("{choice:said}: {leads:said}[{recommended:given} (recommended)]")
CHOOSE = Message("Type a number or its word.")
NO_CHOICE = Message("Not understood. Type a number from 1 to {count}, or one of: {words:said}.")

# --- the plan
PREVIOUS = Message("'back' goes to the step before; what was pulled stays for this run.")
CONFIRM = Message("Type 'yes' to carry it out, or 'cancel'. Nothing has been changed yet.")
ONLY_YES = Message("Only the word 'yes' carries it out; 'cancel' ends the run with nothing changed.")
NO_DATA = Message("{service:short} has no data here; there are: {services:said}.")
DATA_SAVED = Message("'data SERVICE…' sets whose data is saved first ({services:said}), 'data none' that nobody's is.")
DATA_BACK = Message("'data SERVICE…' sets whose data goes back ({services:said}), 'data none' that nobody's is.")
LEAVE = Message("Type 'leave' to go on without it, or 'cancel'.")
ONLY_LEAVE = Message("Only the word 'leave' leaves it behind; 'cancel' ends the run with nothing changed.")

# --- a check that stops the run
ACCEPT = Message("Type 'accept' to go on all the same, or 'cancel'. Nothing has been changed yet.")
ONLY_ACCEPT = Message("Only the word 'accept' goes on; 'cancel' ends the run with nothing changed.")

# --- a project, a generation
PROJECT = Message("Type a number or a name, or 'cancel'.")
NO_PROJECT = Message("Not understood. Type a number from 1 to {count}.")
GENERATION = Message("Type a generation's number, or 'cancel'.")
NO_GENERATION = Message("Not understood. Type one of: {numbers:said}; or 'cancel'.")

# --- a release that is put together with what is installed
MERGE = Message("Type 1=release or 2=mine to choose, Enter to go on, 'cancel' to stop. Nothing is written yet.")
NO_CONFLICT = Message("Not understood. Type a number from 1 to {count} with its choice, as in 1=mine.")
POSSIBLE = Message("Possible for number {number}: {choices:said}.")
CONFLICT = Message("{conflict:said}: {chosen:said}")

# --- what is to be installed
FORM = Message("Type 1=VALUE to change number 1, Enter to go on, 'cancel' to stop. Nothing is written yet.")
LOOKING = Message("It is still being looked at.")
NO_FIELD = Message("Not understood. Type a number from 1 to {count} with its value, as in 1=websoft9.")
STOP = Message("STOP: {why:said}")

# --- services
SELECT = (
    Message(
        "Type numbers to select (1 3), 'all' or 'none'; 2=TAG asks for another tag of number 2, 'tags 2' lists them."
    ),
    Message("Enter goes on, 'cancel' stops. The next step only pulls images; nothing is stopped."),
)
BACK = Message("'generations' chooses an earlier generation instead.")
RECHECK = Message("'recheck' asks the registries again, 'recheck HOST' also a mirror.")
ABOUT = Message("It is about: {services:said}.")
RELEASE = Message("'release' goes to the latest release, 'release SOURCE' to another one, files and images.")
RECORD = Message("'record' only records what runs, so that one can come back to it.")
ASKING = Message("The registry is still being asked about {service:name}.")
NOTHING_SELECTED = Message("Nothing is selected. Type numbers, or 'cancel' to stop here.")
NO_SERVICE = Message("There is no service {typed:short}. Type a number from 1 to {count}.")
NO_SERVICES = Message("There is no service {typed:short}. Type numbers from 1 to {count}.")
SELECTED = Message("Selected: [{services:said}. Enter goes on. // none.]")
UPDATE_TO = Message("update to {version:said}[; {newer:said}]")
OFFERED = Message("{running:said}, {offered:said}")
NOT_SELECTABLE = Message("{service:name} cannot be selected. [{why:said} // It cannot be updated.]")
