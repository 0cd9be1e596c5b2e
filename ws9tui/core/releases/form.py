"""The form of a first install: the settings, their defaults, and their problems.

The front end only shows the fields and sends values; all validation is here. The source is first fetched when the
operator asks for it, never before.
"""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from ws9tui.core.compose.locate import Request
from ws9tui.core.fs import places
from ws9tui.core.images import bundle_file
from ws9tui.core.inspect.host import RESERVE_BYTES, surroundings
from ws9tui.core.inspect.survey import Survey, survey
from ws9tui.core.inspect.trial import tried
from ws9tui.core.journal import events as e
from ws9tui.core.model.masking import HIDDEN
from ws9tui.core.model.observed import EngineInfo
from ws9tui.core.model.options import Options
from ws9tui.core.model.release import Release
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Choice, Finding, InstallField, Level, Question
from ws9tui.core.releases import fetch, install
from ws9tui.core.session import DECISION_DEADLINE, Session
from ws9tui.errors import UsageError, Ws9tuiError
from ws9tui.problems.bundle import BundleByName
from ws9tui.problems.problem import Problem
from ws9tui.problems.project import AlreadyInstalled, DiskLow, PortTaken
from ws9tui.problems.release import ReleaseSourceUnknown
from ws9tui.problems.run import NameTaken
from ws9tui.problems.upgrade import ChannelUnknown, InstallFolder, ProjectNameInvalid, SettingInvalid, SettingShadowed

SOURCE, CHANNEL, VERSION, CHECKSUM, FOLDER, PROJECT = "source", "channel", "version", "checksum", "folder", "project"
_OF_SOURCE = (SOURCE, CHANNEL, VERSION, CHECKSUM)
"""the fields that determine what is installed"""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


class Filled(msgspec.Struct, frozen=True):
    """What is to be installed: a release, or an existing project in its place."""

    options: Options
    release: Release | None = None
    request: Request | None = None


async def ask(session: Session, info: EngineInfo, located: Callable[[Options], Awaitable[Request]]) -> Filled:
    """Asks what is to be installed until it is complete and valid; raises `Cancelled`.

    ``located`` finds the project of a Compose folder or file.
    """
    form = _Form(session, info, located)
    checked = await form.checked()
    while True:
        session.emit(checked)
        decision = await session.ask(
            Question.INSTALL,
            (Choice.GO, Choice.CHECK, Choice.CANCEL),
            Choice.CANCEL,
            seconds=DECISION_DEADLINE,
            cancels=True,
        )
        form.take(decision.answers)
        if not form.looked_at:
            session.emit(form.event(looking=True))
            await form.look()
        checked = await form.checked()
        if decision.choice is Choice.GO and install.ready(checked):
            session.emit(checked)
            return form.filled()


class _Form:
    """The form: the values that were set, and what is known of their source."""

    def __init__(self, session: Session, info: EngineInfo, located: Callable[[Options], Awaitable[Request]]) -> None:
        self._session = session
        self._info = info
        self._located = located
        self._given = given = session.options
        self._product = session.releases.product if session.releases else ""
        self._values = {
            SOURCE: given.arguments[0] if given.arguments else self._product,
            CHANNEL: given.channel,
            VERSION: given.release_version,
            CHECKSUM: given.checksum,
            FOLDER: given.folder,
            PROJECT: given.project_name,
            **given.values,
        }
        self._release: Release | None = None
        self._request: Request | None = None
        self._wrong: Problem | None = None
        """the problem of the source"""
        self._looked: tuple[str, ...] = ()

    def take(self, answers: Mapping[str, str]) -> None:
        """Sets values; ignores those without a field, and keeps the current value of one that was only shown masked."""
        self._values |= {name: value.strip() for name, value in answers.items() if HIDDEN not in value}

    # --- the source -------------------------------------------------------------------------------------------

    @property
    def looked_at(self) -> bool:
        """Whether the source that the fields name was looked up successfully."""
        return self._looked == self._source() and (self._release is not None or self._request is not None)

    def _source(self) -> tuple[str, ...]:
        return tuple(self._values[name] for name in _OF_SOURCE)

    @property
    def _published(self) -> bool:
        """Whether the source is the product's name, which is looked up at a site."""
        return fetch.published(self._session, self._values[SOURCE])

    def _options(self) -> Options:
        """Returns the run's options with the filled-in values."""
        named = self._published
        other = self._values[SOURCE] != "".join(self._given.arguments[:1])  # a given version is not for another source
        return msgspec.structs.replace(
            self._given,
            arguments=(self._values[SOURCE],),
            channel=self._values[CHANNEL] if named else self._given.channel,
            release_version=self._values[VERSION] if named else "" if other else self._given.release_version,
            checksum=self._values[CHECKSUM],
        )

    async def look(self) -> None:
        """Fetches the source; the form shows any problem with it."""
        session = self._session
        self._looked, self._release, self._request, self._wrong = self._source(), None, None, None
        source = self._values[SOURCE]
        try:
            if problem := install.source_problem(source):
                raise UsageError(problem)
            if bundle_file.looks_like(fetch.place(session, source)):
                raise UsageError(BundleByName(path=fetch.place(session, source)))
            session.options = self._options()
            self._release = await fetch.release(session, source)
            if self._release is None:
                path = Path(fetch.place(session, source))
                if not path.exists():
                    raise UsageError(ReleaseSourceUnknown(source=source))
                found = await self._located(msgspec.structs.replace(session.options, arguments=(str(path),)))
                self._request = Request(found.source)
        except Ws9tuiError as error:
            self._release = self._request = None
            self._wrong = error.problem

    # --- the fields -------------------------------------------------------------------------------------------

    def _fields(self) -> list[InstallField]:
        values, product = self._values, self._product
        channels = self._session.releases.channels if self._session.releases else ()
        fields = [InstallField(SOURCE, values[SOURCE], product, "source", problem=self._wrong)]
        if self._published:
            chosen = values[CHANNEL] or channels[0]
            wrong = None if chosen in channels else ChannelUnknown(known=", ".join(channels))
            fields.append(InstallField(CHANNEL, chosen, channels[0], "choice", channels, problem=wrong))
            fields.append(InstallField(VERSION, values[VERSION]))
        elif "://" in values[SOURCE] or values[CHECKSUM]:
            fields.append(InstallField(CHECKSUM, values[CHECKSUM], problem=install.checksum_problem(values[CHECKSUM])))
        if self._release is not None:
            fields += self._of_release(self._release)
        elif self._request is not None:
            name = self._request.source.name
            fields.append(InstallField(PROJECT, values[PROJECT] or name, name, problem=self._name_problem(name)))
        return fields

    def _of_release(self, release: Release) -> list[InstallField]:
        values = self._values
        folder, project = values[FOLDER] or release.folder, release.project
        problem = install.folder_problem(Path(self._session.request.folder, places.expanded(folder)))
        wrong: Problem | None = InstallFolder(folder=folder, reason=problem) if problem else None
        fields = [
            InstallField(FOLDER, folder, release.folder, "folder", problem=wrong),
            InstallField(PROJECT, values[PROJECT] or project, project, problem=self._name_problem(project)),
        ]
        for setting in release.settings:
            value = values.get(setting.name, "") or setting.default
            reason = install.value_problem(setting, value)
            wrong = SettingInvalid(name=setting.name, value=value, reason=reason) if reason else None
            if os.environ.get(setting.name, value) != value:  # the shell's variables take precedence over the env file
                wrong = SettingShadowed(name=setting.name)
            fields.append(InstallField(setting.name, value, setting.default, setting.kind, problem=wrong))
        return fields

    def _name_problem(self, default: str) -> Problem | None:
        name = self._values[PROJECT] or default
        return None if _NAME.fullmatch(name) else ProjectNameInvalid(name=name)

    def event(
        self, fields: Sequence[InstallField] = (), findings: Sequence[Finding] = (), *, looking: bool = False
    ) -> e.InstallChecked:
        """Returns the form as the front ends receive it."""
        return e.InstallChecked(
            fields=tuple(fields or self._fields()),
            findings=tuple(findings),
            known=self._release is not None or self._request is not None,
            looking=looking,
            version=self._release.version if self._release else "",
        )

    # --- obstacles --------------------------------------------------------------------------------------------

    async def checked(self) -> e.InstallChecked:
        """Returns the form with all its problems."""
        fields = self._fields()
        if not (self._release or self._request) or any(field.problem for field in fields):
            return self.event(fields)
        findings: list[Finding] = []
        try:
            found = await self._as_it_would_be()
            chosen = tuple(found.project.services)
            if any(found.containers.get(name) for name in chosen):
                problem = AlreadyInstalled(project=found.source.name)
                findings.append(Finding(Level.BLOCKING, problem))
            else:
                looked = surroundings(self._session, found, chosen, local=self._info.local)
                findings += [finding async for finding in looked if finding.level is not Level.OK]
            findings += await self._room()
        except Ws9tuiError as error:
            findings.append(Finding(Level.BLOCKING, error.problem))
        blamed = [(finding, _to_blame(finding.problem, fields)) for finding in findings]
        fields = [
            msgspec.structs.replace(field, problem=next((f.problem for f, name in blamed if name == field.name), None))
            for field in fields
        ]
        return self.event(fields, [finding for finding, name in blamed if not name])

    async def _as_it_would_be(self) -> Survey:
        session = self._session
        if self._release is None:
            return await survey(session.engine, session.compose, self._compose_source(), os.environ)
        options = self._filled_options()
        source = install.source(self._release, options, Path(session.request.folder))
        contents = install.contents(self._release, source.folder, options.values)
        return (await tried(session.engine, session.compose, source, contents, session.folder)).survey

    def _compose_source(self) -> ProjectSource:
        assert self._request is not None  # noqa: S101 - asked only where there is one
        source = self._request.source
        return msgspec.structs.replace(source, name=self._values[PROJECT] or source.name)

    async def _room(self) -> list[Finding]:
        room = await self._session.engine.disk_free()
        if room is None or room[0] >= RESERVE_BYTES:
            return []
        return [Finding(Level.BLOCKING, DiskLow(needed=RESERVE_BYTES, free=room[0], root=self._info.root))]

    # --- the result -------------------------------------------------------------------------------------------

    def _filled_options(self) -> Options:
        options = self._options()
        if self._release is None:
            return options
        values = {
            setting.name: self._values[setting.name]
            for setting in self._release.settings
            if self._values.get(setting.name, "") not in ("", setting.default)
        }
        known = {setting.name for setting in self._release.settings}
        unknown = {name: value for name, value in self._given.values.items() if name not in known}
        return msgspec.structs.replace(
            options, folder=self._values[FOLDER], project_name=self._values[PROJECT], values={**unknown, **values}
        )

    def filled(self) -> Filled:
        """Returns the form's result."""
        if self._release is not None:
            return Filled(self._filled_options(), self._release)
        return Filled(self._filled_options(), request=Request(self._compose_source()))


def _to_blame(problem: Problem, fields: Sequence[InstallField]) -> str:
    """Returns the name of the field whose value causes a problem; empty if none does."""
    match problem:
        case PortTaken(port=port):
            number = port.partition("/")[0]
            return next((field.name for field in fields if field.kind == "port" and field.value == number), "")
        case NameTaken(container=name):
            settings = [field for field in fields if field.kind == "text" and field.name not in (*_OF_SOURCE, PROJECT)]
            return next((field.name for field in settings if field.value == name), "")
        case AlreadyInstalled():
            return PROJECT
        case SettingInvalid(name=name):
            return next((field.name for field in fields if field.name == name), "")
    return ""
