"""Merges the files of a new release into an installation, three ways; asks about conflicts."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from ws9tui.core.compose import envfile, inputs
from ws9tui.core.fs import files
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.journal import events as e
from ws9tui.core.model import masking, version
from ws9tui.core.model.release import Release, decoded, encoded, path_in, texts
from ws9tui.core.model.terms import Choice, MergeConflict, Question
from ws9tui.core.releases import install, merge_env, merge_text, override
from ws9tui.core.session import DECISION_DEADLINE, Session
from ws9tui.errors import Refused, UsageError
from ws9tui.problems.problem import Problem
from ws9tui.problems.upgrade import (
    ComposeChoiceImpossible,
    ComposeEdited,
    MergeAnswerUnknown,
    OldReleaseDiffers,
    ReleaseOlder,
    ReleaseOtherLayout,
    ReleaseOtherProject,
    SettingInvalid,
    SettingShadowed,
    SettingUnknown,
)

MINE, RELEASE, MERGED, OVERRIDE = "mine", "release", "merged", "override"
_SHOWN_LINES = 200
_CREDENTIALS = re.compile(r"://[^/\s@]+@")


class Upgraded(msgspec.Struct, frozen=True):
    """The files that an upgrade writes, and the changed lines that the plan shows."""

    contents: dict[str, bytes]
    lines: dict[str, tuple[tuple[int, str, str], ...]]


async def merge(session: Session, found: Survey, release: Release, old: tuple[str, str] | None) -> Upgraded:
    """Returns the upgraded files of an installation; ``old`` are the installed release's Compose and env text, if any.

    Raises `Cancelled`, and `Refused` if an unattended run needs a decision.
    """
    for name, value in session.options.values.items():
        if (problem := _unsettable(release, name, value)) is not None:
            raise Refused(problem)
    merger = _Merger(session, found, release, old)
    conflicts = merger.conflicts()
    session.emit(e.MergeProposed(version=release.version, keys=merger.env.changes, conflicts=conflicts))
    if not (conflicts and session.attended):
        return merger.upgraded({conflict.key: merger.unattended(conflict) for conflict in conflicts})
    while True:
        decision = await session.ask(
            Question.MERGE, (Choice.GO, Choice.CANCEL), Choice.CANCEL, seconds=DECISION_DEADLINE, cancels=True
        )
        defaults = {conflict.key: conflict.default for conflict in conflicts}
        try:
            return merger.upgraded(defaults | {k: v for k, v in decision.answers.items() if k in defaults})
        except UsageError as error:
            session.warn(error.problem)


def announce(session: Session, coming: Release, found: Survey, old: Release | None) -> None:
    """Reports the new release, and warnings about it; raises `Refused` if it does not belong to the project.

    ``old`` is the release that the operator has named as the installed one.
    """
    refuse_other(coming, found)
    session.emit(release_found(coming, session.options.release, found.version))
    if (order := version.compare(coming.version, found.version)) is not None and order < 0:
        session.warn(ReleaseOlder(version=coming.version, running=found.version))
    if old is not None and found.version not in ("", old.version):
        session.warn(OldReleaseDiffers(version=old.version, running=found.version))


def release_found(coming: Release, source: str, running: str) -> e.ReleaseFound:
    """Returns the event that reports a release; ``running`` is the version that runs."""
    return e.ReleaseFound(
        version=coming.version,
        channel=coming.channel,
        source=source,
        candidate=coming.candidate,
        verified=coming.verified,
        running=running,
        services=coming.services,
    )


def refuse_other(release: Release, found: Survey) -> None:
    """Raises `Refused` if a project is not an installation of the release's product, or has another layout."""
    if not release.layout or found.layout == release.layout:
        return
    if not found.layout:
        raise Refused(ReleaseOtherProject(project=found.source.name, product=release.project))
    raise Refused(ReleaseOtherLayout(version=release.version, coming=release.layout, running=found.layout))


class _Merger:
    """One merge."""

    def __init__(self, session: Session, found: Survey, release: Release, old: tuple[str, str] | None) -> None:
        self._options = session.options
        source = found.source
        self._compose_path = source.files[0]
        self._new_compose, new_env = texts(release)
        self._env_path = _env_file(inputs.env_files(source), new_env)
        self._mine = _read(self._compose_path)
        shipped = session.releases is not None and session.releases.shipped(encoded(self._mine))
        self._old_compose = old[0] if old else self._mine if shipped else None
        self._old_env = old[1] if old else None
        self._text = merge_text.merge(self._old_compose, self._new_compose, self._mine)
        keys = merge_env.version_keys(new_env)
        self.env = merge_env.merge(self._old_env, new_env, _read(self._env_path), keys)
        names = [str(Path(source.folder, name)) for name in inputs.DEFAULT_OVERRIDES]
        has_override = len(source.files) > 1 or any(Path(name).exists() for name in names)
        self._override_path = "" if has_override or not inputs.overrides(source) else _override_of(self._compose_path)
        self._others = {path_in(source.folder, name): content for name, content in release.others.items()}

    def conflicts(self) -> tuple[MergeConflict, ...]:
        """Returns the conflicts to be decided."""
        found = [self._of_compose()] if self._edited else []
        return (*found, *(_of_variable(self._env_path, conflict) for conflict in self.env.conflicts))

    @property
    def _edited(self) -> bool:
        """Whether the Compose file was edited, so that the release's cannot replace it without a decision."""
        return not self._text.unchanged and not merge_text.same(self._mine, self._new_compose)

    def _of_compose(self) -> MergeConflict:
        choices = [RELEASE, MINE]
        if self._old_compose is not None and self._override_path:
            choices.append(OVERRIDE)
        if self._old_compose is not None and self._text.text is not None:
            choices.insert(0, MERGED)
        changed = difflib.unified_diff(self._mine.splitlines(), self._new_compose.splitlines(), "mine", "release", n=1)
        return MergeConflict(
            self._compose_path,
            self._compose_path,
            1,
            tuple(choices),
            choices[0] if choices[0] == MERGED else MINE,
            lines=tuple(masked(line) for line in list(changed)[2:][:_SHOWN_LINES]),
        )

    def unattended(self, conflict: MergeConflict) -> str:
        """Returns the choice for an unattended run; raises `Refused` if there is no safe one."""
        if conflict.key != self._compose_path:
            return conflict.default
        wanted = self._options.compose_file
        if wanted and wanted not in conflict.choices:
            raise Refused(
                ComposeChoiceImpossible(file=conflict.file, choice=wanted, choices=", ".join(conflict.choices))
            )
        if not wanted and conflict.default != MERGED:
            raise Refused(ComposeEdited(file=conflict.file, choices=", ".join(conflict.choices)))
        return wanted or conflict.default

    def upgraded(self, answers: Mapping[str, str]) -> Upgraded:
        """Returns the files for these answers; raises `UsageError` for an invalid answer."""
        compose, beside = self._new_compose, ""
        if self._edited:
            compose, beside = self._compose(answers[self._compose_path])
        sides = {conflict.key: answers[conflict.key] for conflict in self.env.conflicts}
        for key, answer in sides.items():
            if answer not in (MINE, RELEASE):
                raise UsageError(MergeAnswerUnknown(key=key, answer=answer, choices=f"{MINE}, {RELEASE}"))
        env = merge_env.resolved(self.env, [key for key, answer in sides.items() if answer == RELEASE])
        for name, value in self._options.values.items():
            env = envfile.replaced(env, name, value)
        contents = {**self._others, self._env_path: encoded(env), self._compose_path: encoded(compose)}
        if beside:
            contents[self._override_path] = encoded(beside)
        lines = {
            self._env_path: _env_lines(_read(self._env_path), env),
            self._compose_path: _text_lines(self._mine, compose),
        }
        return Upgraded(contents, lines)

    def _compose(self, answer: str) -> tuple[str, str]:
        """Returns the texts of the Compose file and of the override file for an answer."""
        if answer == MINE:
            return self._mine, ""
        if answer == RELEASE:
            return self._new_compose, ""
        if answer == MERGED and self._text.text is not None:
            return self._text.text, ""
        if answer == OVERRIDE and self._old_compose is not None and self._override_path:
            return self._new_compose, override.make(override.parse(self._old_compose), override.parse(self._mine))
        raise UsageError(
            MergeAnswerUnknown(key=self._compose_path, answer=answer, choices=", ".join(self._of_compose().choices))
        )


def _unsettable(release: Release, name: str, value: str) -> Problem | None:
    """Returns why a setting cannot be set; the shell's variables take precedence over the env file's."""
    if os.environ.get(name, value) != value:
        return SettingShadowed(name=name)
    known = {setting.name: setting for setting in release.settings}
    if name not in known:
        return SettingUnknown(name=name, known=", ".join(known))
    reason = install.value_problem(known[name], value)
    return SettingInvalid(name=name, value=value, reason=reason) if reason else None


def _of_variable(path: str, conflict: merge_env.Conflict) -> MergeConflict:
    hidden = masking.is_secret(conflict.key, conflict.old, conflict.ours, conflict.new)
    values = ("", "", "") if hidden else (conflict.ours, conflict.new, conflict.old)
    mine, new, old = map(_showable, values)
    return MergeConflict(conflict.key, path, conflict.line, (MINE, RELEASE), MINE, mine, new, old, secret=hidden)


def _env_file(paths: Sequence[str], new_env: str) -> str:
    """Returns the release's own env file among a project's: the one with most of the new release's variables."""
    known = {entry.name for entry in envfile.assignments(new_env)}
    return max(paths, key=lambda path: len(known & {entry.name for entry in envfile.assignments(_read(path))}))


def masked(line: str) -> str:
    """Returns a line of a file as it may be shown, with values of secret names and passwords in URLs masked."""
    for word in re.finditer(r"[\w.-]+", line):
        value = line[word.end() :].lstrip(" \t\"'=:,")
        if masking.is_secret(word[0]) and value and not value.startswith("$"):
            return f"{masked(line[: word.start()])}{word[0]} …"
    return _showable(_CREDENTIALS.sub("://…@", line))


def _showable(text: str) -> str:
    """Returns a text from `decoded` as an event can hold it: bytes that are no UTF-8 are replaced."""
    return encoded(text).decode("utf-8", "replace")


def _env_lines(old: str, new: str) -> tuple[tuple[int, str, str], ...]:
    """Returns the variables that change, with values that may be secret masked."""
    before = {entry.name: entry for entry in envfile.assignments(old)}
    after = {entry.name: entry for entry in envfile.assignments(new)}

    def shown(entry: envfile.Assignment | None) -> str:
        if entry is None:
            return ""
        return f"{entry.name}={'…' if masking.is_secret(entry.name, entry.value) else _showable(entry.value)}"

    return tuple(
        ((after.get(name) or before[name]).line, shown(before.get(name)), shown(after.get(name)))
        for name in dict.fromkeys((*before, *after))
        if (before[name].value if name in before else None) != (after[name].value if name in after else None)
    )


def _text_lines(old: str, new: str) -> tuple[tuple[int, str, str], ...]:
    found = []
    matcher = difflib.SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False)
    for tag, start, end, first, last in matcher.get_opcodes():
        if tag != "equal":
            found += [(number + 1, masked(old.splitlines()[number]), "") for number in range(start, end)]
            found += [(number + 1, "", masked(new.splitlines()[number])) for number in range(first, last)]
    return tuple(found[:_SHOWN_LINES])


def _override_of(path: str) -> str:
    name = Path(path).name
    stem = "docker-compose" if name.startswith("docker-compose") else "compose"
    return str(Path(path).with_name(f"{stem}.override{Path(path).suffix}"))


def _read(path: str) -> str:
    return decoded(files.read(path) or b"")
