"""Texts of the line-by-line front end: prompts, accepted answers, and errors."""

from __future__ import annotations

from ws9tui.words.template import Message

ANY_TIME = Message(
    "At any time: 'cancel' (before changes), 'back' (while images are pulled), 'rollback' (while containers are"
    " recreated and watched), 'detach', 'help'."
)
NOTHING_ASKED = Message("No question is open. Type 'detach' to leave, 'help' for help.")
GOING_BACK = Message("Going back to the services; pulled images are kept for this run.")
ROLLING_BACK = Message("Rolling back once the current step is done.")
CANCELLING = Message("Cancelling; what was pulled is removed. Press Ctrl-C again to leave without waiting.")

STOPPING = Message("Stopping run [{number}][ of {project:name}][, started by {who:said}].")
GOES_BACK_ALREADY = Message("It is rolling back already.")
NO_WAY_BACK = Message("It cannot be stopped: what was there before cannot be made again. <attach> watches it.")

# --- choices
OFFER = Message("{choice:said}: {leads:said}[{recommended:given} (recommended)]")
CHOOSE = Message("Type a number or a word.")
NO_CHOICE = Message("Not understood. Type a number from 1 to {count}, or one of: {words:said}.")

# --- the plan
PREVIOUS = Message("Type 'back' for the step before; pulled images are kept for this run.")
CONFIRM = Message("Type 'yes' to apply the plan, or 'cancel'. Nothing has been changed yet.")
ONLY_YES = Message("Only 'yes' applies the plan; 'cancel' ends the run and changes nothing.")
NO_DATA = Message("{service:short} has no data in this plan. Services with data: {services:said}.")
DATA_SAVED = Message("Type 'data SERVICE…' to choose whose data is backed up first ({services:said}), or 'data none'.")
DATA_BACK = Message("Type 'data SERVICE…' to choose whose data is restored ({services:said}), or 'data none'.")
LEAVE = Message("Type 'leave' to continue without this data, or 'cancel'.")
ONLY_LEAVE = Message("Only 'leave' continues without this data; 'cancel' ends the run and changes nothing.")

# --- a check that stops the run
ACCEPT = Message("Type 'accept' to continue anyway, or 'cancel'. Nothing has been changed yet.")
ONLY_ACCEPT = Message("Only 'accept' continues; 'cancel' ends the run and changes nothing.")

# --- a project, a generation
PROJECT = Message("Type a number or a name, or 'cancel'.")
NO_PROJECT = Message("Not understood. Type a number from 1 to {count}.")
GENERATION = Message("Type a generation's number[, press Enter for {usual}], or 'cancel'.")
NO_GENERATION = Message("Not understood. Type one of: {numbers:said}; or 'cancel'.")

# --- a release that is merged with what is installed
MERGE = Message("Type 1=release or 2=mine to choose, Enter to continue, 'cancel' to stop. Nothing is written yet.")
NO_CONFLICT = Message("Not understood. Type a number from 1 to {count} with its choice, as in 1=mine.")
POSSIBLE = Message("Choices for number {number}: {choices:said}.")
CONFLICT = Message("{conflict:said}: {chosen:said}")

# --- the install form
FORM = Message("Type 1=VALUE to change number 1, Enter to continue, 'cancel' to stop. Nothing is written yet.")
LOOKING = Message("The source is still being checked.")
NO_FIELD = Message("Not understood. Type a number from 1 to {count} with its value, as in 1=websoft9.")
STOP = Message("STOP: {why:said}")

# --- services
SELECT = (
    Message(
        "Type numbers to select (1 3), 'all' or 'none'; 2=TAG for another tag of number 2, 'tags 2' to list its tags."
    ),
    Message("Press Enter to continue, or type 'cancel'. The next step only pulls images; nothing is stopped."),
)
BACK = Message("Type 'generations' to roll back to an earlier generation instead.")
RECHECK = Message("Type 'recheck' to ask the registries again, 'recheck HOST' to also ask a mirror.")
ABOUT = Message("It is about: {services:said}.")
RELEASE = Message("Type 'release' to update files and images to the latest release, 'release SOURCE' for another one.")
RECORD = Message("Type 'record' to only record what runs now, so that you can roll back to it later.")
ASKING = Message("The registry is still being checked for {service:name}.")
NOTHING_SELECTED = Message("Nothing is selected. Type numbers, or 'cancel' to stop.")
NO_SERVICE = Message("There is no service {typed:short}. Type a number from 1 to {count}.")
NO_SERVICES = Message("There is no service {typed:short}. Type numbers from 1 to {count}.")
SELECTED = Message("Selected: [{services:said}. Press Enter to continue. // none.]")
UPDATE_TO = Message("update to {version:said}[; {newer:said}]")
OFFERED = Message("{running:said}, {offered:said}")
NOT_SELECTABLE = Message("{service:name} cannot be selected. [{why:said} // It cannot be updated.]")
