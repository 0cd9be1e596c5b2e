"""Texts of the Install pane, and of the same form line by line."""

from __future__ import annotations

from ws9tui.core.journal.events import InstallChecked
from ws9tui.core.model.terms import InstallField
from ws9tui.words import problems
from ws9tui.words.template import Message, say
from ws9tui.words.text import clean

NAMES = {
    "source": Message("Source", "setting of an install"),
    "channel": Message("Channel", "setting of an install"),
    "version": Message("Version", "setting of an install"),
    "checksum": Message("SHA-256", "setting of an install"),
    "folder": Message("Folder", "setting of an install"),
    "project": Message("Project", "setting of an install"),
}
ABOUT = {
    "source": Message("'websoft9' for the latest release; or a release's folder, zip or URL; or a Compose folder."),
    "channel": Message("Where to look for releases; rc and dev have release candidates."),
    "version": Message("Leave empty for the latest in the channel."),
    "checksum": Message("Of the zip, if there is no checksum file beside it."),
    "folder": Message("Where to put the project's files. It must be empty or new."),
    "project": Message("The name of the Compose project."),
}
KINDS = {
    "port": Message("A free port on this server."),
    "folder": Message("A folder on this server."),
    "text": Message("A setting of the release."),
}
FIELD, VALUE, STATE = Message("Setting"), Message("Value"), ""
LATEST = Message("latest")
NONE = "-"
CHECKING = Message("checking …")
FINE = Message("OK")
DEFAULT = Message("default {value:said}")
EMPTY_MEANS = Message("Empty: {value:said}.")
RELEASE_TITLE = Message("Update to a release")
RELEASE_BODY = (
    Message(
        "'websoft9' for the latest release, 'websoft9@VERSION' for a specific one; or a release's folder, zip or URL."
    ),
    Message(
        "It updates files and images together. Your settings stay; nothing is written before you confirm the plan."
    ),
)
ANSWERS_THERE = Message("This file already exists.")
ANSWERS_TITLE = Message("Write answer file")
ANSWERS_BODY = Message("<install-answers> repeats this install from the file. It contains no secrets.")
NOT_READY = Message("Some settings are wrong; the reason is beside each.")


def lead(form: InstallChecked | None, *, pending: bool) -> str:
    """Returns the pane's lead: what to do next; ``pending``: a choice was changed and not checked yet."""
    if form is None or (not form.known and not form.looking and not _wrong(form)):
        return say("No project was found here. To install one, press Enter to check the source.")
    if form.looking:
        source = next((field.value for field in form.fields if field.name == "source"), "")
        return say("Checking {source:said} …", source=clean(source, 60))
    if pending:
        return say("Press Enter to check the source again.")
    if not form.known:
        return say("The source cannot be used. Choose another, or try again.")
    return say(
        "[Release {version:short} // Compose project]: [{wrong:given}fix the problems below first"
        " // ready to install].",
        version=form.version,
        wrong=_wrong(form) > 0,
    )


def _wrong(form: InstallChecked) -> int:
    return sum(field.problem is not None for field in form.fields) + len(form.findings)


def name(field: InstallField) -> str:
    """Returns the label of a field."""
    return NAMES[field.name]() if field.name in NAMES else clean(field.name, 60)


def about(field: InstallField) -> str:
    """Returns the meaning of a field."""
    told = ABOUT.get(field.name) or KINDS.get(field.kind)
    return told() if told else ""


def shown(field: str, value: str) -> str:
    """Returns a field's value for display; an empty version is the latest."""
    return clean(value, 200) or (LATEST() if field == "version" else NONE)


def state(field: InstallField) -> str:
    """Returns what is wrong with a field, or its default if the value differs."""
    if field.problem:
        return problems.brief(field.problem)
    changed = field.default and field.value != field.default
    return DEFAULT(value=clean(field.default, 60)) if changed else ""
