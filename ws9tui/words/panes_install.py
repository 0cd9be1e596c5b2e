"""Words of the Install pane, and of the same form line by line."""

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
    "source": Message("'websoft9' for the latest release; or a release's folder, zip or address; or a Compose folder."),
    "channel": Message("Where releases are looked for; rc and dev have candidates."),
    "version": Message("Empty: the latest of the channel."),
    "checksum": Message("Of the zip, where none lies beside it."),
    "folder": Message("Where the project's files are to be. It must be empty or new."),
    "project": Message("The name of the Compose project."),
}
KINDS = {
    "port": Message("A port of this machine that nobody else has."),
    "folder": Message("A folder of this machine."),
    "text": Message("A setting of the release."),
}
FIELD, VALUE, STATE = Message("Setting"), Message("Value"), ""
LATEST = Message("latest")
NONE = "-"
EDIT_KEYS = Message("Enter take it · Esc back")
CHECKING = Message("checking …")
FINE = Message("can be")
DEFAULT = Message("default {value:said}")
EMPTY_MEANS = Message("Empty: {value:said}.")
RELEASE_TITLE = Message("Go to a release")
_RELEASE_BODY = (
    Message(
        "'websoft9' for the latest release, 'websoft9@VERSION' for a certain one;"
        " or a release's folder, zip or address."
    ),
    Message("Its files and images come together. Your settings stay; nothing is written before you confirm the plan."),
)


def release_body() -> list[str]:
    """What a release is, and where one is taken from."""
    return [part() for part in _RELEASE_BODY]


ANSWERS_THERE = Message("This file is there already.")
ANSWERS_TITLE = Message("Write answers")


def answers_body() -> list[str]:
    """What a file of answers is for."""
    return [say("A file with which <install-answers> makes the same install. It holds no secret.")]


NOT_READY = Message("Something is still wrong; it stands beside its setting.")


def lead(form: InstallChecked | None, *, pending: bool) -> str:
    """What the pane is about, now."""
    if form is None or (not form.known and not form.looking and not _wrong(form)):
        return say("No project was found here. Something can be installed; Enter looks at the source.")
    if form.looking:
        source = next((field.value for field in form.fields if field.name == "source"), "")
        return say("Looking at {source:said} …", source=clean(source, 60))
    if pending:
        return say("Enter looks at the source again.")
    if not form.known:
        return say("The source cannot be used. Choose another, or try again.")
    return say(
        "[Release {version:short} // A Compose project]. [{wrong:given}Something is in the way"
        " // All of it can be installed so].",
        version=form.version,
        wrong=_wrong(form) > 0,
    )


def _wrong(form: InstallChecked) -> int:
    return sum(field.problem is not None for field in form.fields) + len(form.findings)


def name(field: InstallField) -> str:
    """What a field is called."""
    return NAMES[field.name]() if field.name in NAMES else clean(field.name, 60)


def about(field: InstallField) -> str:
    """What it means."""
    told = ABOUT.get(field.name) or KINDS.get(field.kind)
    return told() if told else ""


def shown(field: str, value: str) -> str:
    """The value of a field as it is shown."""
    return clean(value, 200) or (LATEST() if field == "version" else NONE)


def state(field: InstallField) -> str:
    """What is wrong with it, or how it differs from its default."""
    if field.problem:
        return problems.brief(field.problem)
    changed = field.default and field.value != field.default
    return DEFAULT(value=clean(field.default, 60)) if changed else ""
