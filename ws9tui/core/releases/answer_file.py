"""Answer files (YAML) for unattended first installs.

    source: websoft9
    version: 2.2.17
    channel: release
    site: https://mirror.example/
    checksum: SHA-256 of a zip that comes without its own
    folder: /data/websoft9/source/docker
    project: websoft9
    settings: {CONSOLE_PORT: 9000}
    from: [images.tar]

All keys are optional. Relative paths are resolved against the file's own folder. The file holds no secret.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import yaml

from ws9tui.core.fs import files, places
from ws9tui.core.journal.events import InstallSettled
from ws9tui.core.model.options import Options
from ws9tui.core.releases import install
from ws9tui.errors import StateError, UsageError
from ws9tui.problems import reasons_files
from ws9tui.problems.files import FileUnwritable
from ws9tui.problems.problem import Reason
from ws9tui.problems.upgrade import AnswersExist, AnswersInvalid

CHANNELS = ("release", "rc", "dev")
_TEXTS = ("source", "version", "channel", "site", "checksum", "folder", "project")
_KEYS = (*_TEXTS, "settings", "from")
_LARGEST = 1 << 20
_HEAD = "# Answers for ws9tui's install, by its flag --answers\n"


def read(path: Path) -> InstallSettled:
    """Reads the answers of a file, with relative paths made absolute; raises `UsageError` with file and line."""
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(AnswersInvalid(file=str(path), line=0, reason=error.strerror)) from error
    if len(text) > _LARGEST:
        raise UsageError(AnswersInvalid(file=str(path), line=0, reason=reasons_files.TooLarge()))
    try:
        root = yaml.compose(text.decode("utf-8"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as error:
        raise UsageError(AnswersInvalid(file=str(path), line=0, reason=reasons_files.NotUtf8Text())) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise UsageError(AnswersInvalid(file=str(path), line=line, reason=error.problem or "syntax")) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise UsageError(AnswersInvalid(file=str(path), line=0, reason="syntax")) from error
    return _File(path).answers(root)


def write(path: Path, answers: InstallSettled) -> None:
    """Writes the answers of an install, readable by its owner only; raises `StateError`.

    Raises `UsageError` if the file exists.
    """
    found: dict[str, object] = {name: value for name in _TEXTS if (value := getattr(answers, name))}
    if answers.settings:
        found["settings"] = dict(answers.settings)
    if answers.archives:
        found["from"] = list(answers.archives)
    text = yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=1000)
    try:
        files.create(path, (_HEAD + text).encode("utf-8", "surrogateescape"))
    except FileExistsError:
        raise UsageError(AnswersExist(file=str(path))) from None
    except OSError as error:
        raise StateError(FileUnwritable(path=str(path), reason=error.strerror)) from error


def fill(options: Options, answers: InstallSettled) -> Options:
    """Returns the options, completed with the answers where they are not set."""
    source = options.arguments or ((answers.source,) if answers.source else ())
    own = bool(options.arguments)  # another source has its own version and checksum
    return msgspec.structs.replace(
        options,
        arguments=source,
        release_version=options.release_version or ("" if own else answers.version),
        channel=options.channel or answers.channel,
        site=options.site or answers.site,
        checksum=options.checksum or ("" if own else answers.checksum),
        folder=options.folder or answers.folder,
        project_name=options.project_name or answers.project,
        values={**answers.settings, **options.values},
        archives=options.archives or answers.archives,
    )


class _File:
    """An answer file being read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = Path(os.path.abspath(path)).parent  # noqa: PTH100 - links stay, as in Compose

    def answers(self, root: yaml.Node | None) -> InstallSettled:
        found: dict[str, str] = {}
        settings: dict[str, str] = {}
        archives: tuple[str, ...] = ()
        for key, node in self._entries(root, reasons_files.AnswersExpected()):
            if key not in _KEYS:
                raise self._wrong(node, reasons_files.KeyUnknown(key=key, known=", ".join(_KEYS)))
            if key in found or (key == "settings" and settings) or (key == "from" and archives):
                raise self._wrong(node, reasons_files.KeyTwice(key=key))
            if key == "settings":
                settings = self._settings(node)
            elif key == "from":
                archives = tuple(self._below(self._text(key, part)) for part in self._items(node))
            else:
                found[key] = self._text(key, node)
                self._check(key, found[key], node)
        if source := found.get("source", ""):
            found["source"] = self._below(source) if self._is_path(source) else source
        if folder := found.get("folder", ""):
            found["folder"] = self._below(folder)
        return InstallSettled(source=found.pop("source", ""), settings=settings, archives=archives, **found)

    def _check(self, key: str, value: str, node: yaml.Node) -> None:
        if key == "channel" and value not in CHANNELS:
            raise self._wrong(node, reasons_files.NoChannel(name=value, known=", ".join(CHANNELS)))
        if key == "checksum" and install.checksum_problem(value):
            raise self._wrong(node, reasons_files.Sha256Expected())
        if key in ("source", "site") and (problem := install.source_problem(value)):
            raise UsageError(problem.replace(file=str(self._path)))

    def _settings(self, node: yaml.Node) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in self._entries(node, reasons_files.ValueExpected()):
            if name in found:
                raise self._wrong(value, reasons_files.KeyTwice(key=name))
            found[name] = self._text(name, value)
        return found

    def _entries(self, node: yaml.Node | None, otherwise: Reason) -> Iterator[tuple[str, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            raise self._wrong(node, otherwise)
        for key, value in node.value:
            yield self._text("", key), value

    def _items(self, node: yaml.Node) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            raise self._wrong(node, reasons_files.ArchivesExpected())
        return list(node.value)

    def _text(self, key: str, node: yaml.Node) -> str:
        """Returns a text or a number as written: a key's value or, without ``key``, a key itself."""
        if not isinstance(node, yaml.ScalarNode) or node.tag.rpartition(":")[2] not in ("str", "int", "float"):
            raise self._wrong(node, reasons_files.TextExpected(key=key) if key else reasons_files.KeyNotText())
        value: str = node.value
        if not value or not value.isprintable():
            raise self._wrong(node, reasons_files.LineExpected(key=key) if key else reasons_files.KeyNotLine())
        return value

    def _is_path(self, source: str) -> bool:
        return "://" not in source and ("/" in source or source.startswith(".") or (self._folder / source).exists())

    def _below(self, path: str) -> str:
        return os.path.abspath(self._folder / places.expanded(path))  # noqa: PTH100 - links stay, as in Compose

    def _wrong(self, node: yaml.Node | None, reason: Reason) -> UsageError:
        line = node.start_mark.line + 1 if node is not None else 1
        return UsageError(AnswersInvalid(file=str(self._path), line=line, reason=reason))
