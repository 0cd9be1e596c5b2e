"""Words of the Install pane, and of the same form line by line."""

from __future__ import annotations

from ws9tui.core.journal.events import InstallChecked
from ws9tui.core.model.terms import InstallField
from ws9tui.words import commands, problems
from ws9tui.words.text import clean

NAMES = {
    "source": "Source",
    "channel": "Channel",
    "version": "Version",
    "checksum": "SHA-256",
    "folder": "Folder",
    "project": "Project",
}
ABOUT = {
    "source": "'websoft9' for the latest release; or a release's folder, zip or address; or a Compose folder.",
    "channel": "Where releases are looked for; rc and dev have candidates.",
    "version": "Empty: the latest of the channel.",
    "checksum": "Of the zip, where none lies beside it.",
    "folder": "Where the project's files are to be. It must be empty or new.",
    "project": "The name of the Compose project.",
}
KINDS = {
    "port": "A port of this machine that nobody else has.",
    "folder": "A folder of this machine.",
    "text": "A setting of the release.",
}
FIELD, VALUE, STATE = "Setting", "Value", ""
LATEST = "latest"
NONE = "-"
EDIT_KEYS = "Enter take it · Esc back"
CHECKING = "checking …"
FINE = "can be"
DEFAULT = "default {}"
EMPTY_MEANS = "Empty: {}."
RELEASE_TITLE = "Go to a release"
RELEASE_BODY = (
    "'websoft9' for the latest release, 'websoft9@VERSION' for a certain one; or a release's folder, zip or address.",
    "Its files and images come together. Your settings stay; nothing is written before you confirm the plan.",
)
ANSWERS_THERE = "This file is there already."
ANSWERS_TITLE = "Write answers"


def answers_body() -> list[str]:
    """What a file of answers is for."""
    command = commands.quoted("install-answers")
    return [f"A file with which {command} makes the same install. It holds no secret."]


NOT_READY = "Something is still wrong; it stands beside its setting."


def lead(form: InstallChecked | None, *, pending: bool) -> str:
    """What the pane is about, now."""
    if form is None or (not form.known and not form.looking and not _wrong(form)):
        return "No project was found here. Something can be installed; Enter looks at the source."
    if form.looking:
        source = next((field.value for field in form.fields if field.name == "source"), "")
        return f"Looking at {clean(source, 60)} …"
    if pending:
        return "Enter looks at the source again."
    if not form.known:
        return "The source cannot be used. Choose another, or try again."
    what = f"Release {clean(form.version, 40)}" if form.version else "A Compose project"
    count = _wrong(form)
    return f"{what}. {'Something is in the way' if count else 'All of it can be installed so'}."


def _wrong(form: InstallChecked) -> int:
    return sum(field.problem is not None for field in form.fields) + len(form.findings)


def name(field: InstallField) -> str:
    """What a field is called."""
    return NAMES.get(field.name) or clean(field.name, 60)


def about(field: InstallField) -> str:
    """What it means."""
    return ABOUT.get(field.name) or KINDS.get(field.kind, "")


def shown(field: str, value: str) -> str:
    """The value of a field as it is shown."""
    return clean(value, 200) or (LATEST if field == "version" else NONE)


def state(field: InstallField) -> str:
    """What is wrong with it, or how it differs from its default."""
    if field.problem:
        return problems.brief(field.problem)
    changed = field.default and field.value != field.default
    return DEFAULT.format(clean(field.default, 60)) if changed else ""
