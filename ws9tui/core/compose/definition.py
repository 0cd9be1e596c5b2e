"""Reads from a project's YAML what Compose does not resolve: positions, `x-ws9tui`, and the files it names.

Only Compose interprets Compose files. This module finds where a service's image is written (for edits and messages),
reads the settings of the extension field with file and line, and lists the other files that the YAML refers to, which
belong to a generation: `include`, `extends`, and (by Compose's own resolved form) env files, configs and secrets.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import MappingProxyType

import msgspec
import yaml

from ws9tui.core.compose import settings
from ws9tui.core.compose.settings import FileSettings, ServiceSettings
from ws9tui.core.fs import files
from ws9tui.core.model.hooks import Hook
from ws9tui.core.model.notices import Receiver
from ws9tui.errors import ComposeError
from ws9tui.problems import reasons_files
from ws9tui.problems.engine import ComposeFileInvalid
from ws9tui.problems.problem import Reason


class ScalarSpan(msgspec.Struct, frozen=True):
    """A scalar in a file; ``start`` and ``end`` are offsets into its text, quotes included."""

    file: str
    line: int
    start: int
    end: int
    value: str
    style: str
    """the quote character, or empty"""


class ServiceEntry(msgspec.Struct, frozen=True):
    """One file's entry for a service."""

    image: ScalarSpan | None = None
    settings: ServiceSettings | None = None
    extends: tuple[str, str] | None = None
    """the file as written (empty for the same file), and the service that is extended"""


class Document(msgspec.Struct, frozen=True):
    """One parsed file, as far as this module reads it."""

    file: str
    services: dict[str, ServiceEntry] = {}
    everywhere: FileSettings = FileSettings()
    includes: tuple[str, ...] = ()
    """paths of included Compose files, as written"""
    include_env_files: tuple[str, ...] = ()
    includes_alone: tuple[str, ...] = ()
    """those of them for which neither env files nor a directory are named: Compose reads the `.env` beside them"""
    problem: ComposeFileInvalid | None = None
    """why this module could not read the file, though Compose may be able to"""

    @property
    def names(self) -> tuple[str, ...]:
        """All paths that the file names, as written; Compose must interpolate their variables."""
        extended = (entry.extends[0] for entry in self.services.values() if entry.extends and entry.extends[0])
        return tuple(dict.fromkeys((*self.includes, *self.include_env_files, *extended)))


class Definition(msgspec.Struct, frozen=True):
    """What the YAML of a project defines."""

    files: tuple[str, ...]
    """all files of the project: those given to Compose, then those that they include and extend"""
    images: dict[str, tuple[ScalarSpan, ...]]
    """service → the places where its image is written, the likeliest first; Compose tells which one counts"""
    settings: dict[str, ServiceSettings]
    keep_generations: int | None = None
    nested: tuple[tuple[str, str], ...] = ()
    """file and path of each `include` and `extends` as written"""
    unread: dict[str, ComposeFileInvalid] = {}
    """file → why this module could not read it"""
    mirrors: tuple[str, ...] = ()
    """registry mirrors: [REGISTRY=]HOST[/PATH]"""
    hooks: tuple[Hook, ...] = ()
    """hooks of the project and of its services"""
    notify: tuple[Receiver, ...] = ()
    """receivers of notices of decisions, failures and ends"""
    step_by_step: bool = False
    """each step of an update waits for the operator, even if there is nothing to decide"""
    include_env_files: tuple[str, ...] = ()
    """env files of the included files: the named ones, and the `.env` beside a file for which none is named"""


def decoded(raw: bytes) -> tuple[str, str]:
    """Returns a file's text and its encoding, by its byte order mark as in Compose; the mark stays in the text."""
    encoding = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(raw[:2], "utf-8")
    return raw.decode(encoding), encoding


def load(file: str) -> Document:
    """Parses a file; raises `ComposeError` if it does not exist, `UsageError` for invalid `x-ws9tui` settings.

    Of several documents in a file each overrides those before it, as in Compose.
    """
    raw = files.read(file)  # bytes: offsets must count every line end as it is
    if raw is None:
        raise ComposeError(ComposeFileInvalid(file=file, line=None, reason=os.strerror(errno.ENOENT)))
    try:
        documents = roots(decoded(raw)[0])
    except UnicodeDecodeError:
        return _unread(file, 0, reasons_files.NotUtf8())
    except yaml.MarkedYAMLError as error:
        return _unread(file, error.problem_mark.line + 1 if error.problem_mark else 0, error.problem or "syntax")
    except yaml.YAMLError as error:
        return _unread(file, 0, str(error).splitlines()[0])
    except RecursionError:
        return _unread(file, 0, reasons_files.NestedTooDeeply())
    found = Document(file)
    for root in documents:
        found = _with_root(found, root)
    return found


def roots(text: str) -> list[yaml.Node | None]:
    """Returns the root nodes of the documents in a text; raises `yaml.YAMLError`."""
    try:
        return list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError:
        if "\t" not in text:
            raise
        # Compose accepts tabs where PyYAML does not: before a comment, and between the parts of a flow mapping (JSON).
        return list(yaml.compose_all(text.replace("\t", " "), Loader=yaml.SafeLoader))


def _unread(file: str, line: int, reason: Reason | str) -> Document:
    return Document(file, problem=ComposeFileInvalid(file=file, line=line or None, reason=reason))


def read(files: tuple[str, ...], paths: Mapping[tuple[str, str], str] = MappingProxyType({})) -> Definition:
    """Returns the definition of a project's files; ``paths`` maps (file, path as written) → path of the named files.

    Raises `ComposeError` for a file that cannot be opened, and `UsageError` for invalid `x-ws9tui` settings.
    """
    documents = {file: load(file) for file in files}
    for path in paths.values():
        fresh = path.endswith((".yml", ".yaml", ".json")) and path not in documents
        if fresh and os.path.isfile(path):  # noqa: PTH113 - raises nothing in a folder that is closed to this user
            documents[path] = load(path)
    return assembled(files, documents, paths)


def assembled(
    files: tuple[str, ...], documents: Mapping[str, Document], paths: Mapping[tuple[str, str], str]
) -> Definition:
    """Merges documents into a definition; included files count as a whole, extended ones only by their services.

    Within a service a later file takes precedence over an earlier one, and that over what the service extends.
    """
    roots = list(files)
    for file in roots:  # grows during the iteration: included files may include more
        included = (paths.get((file, written), "") for written in documents[file].includes)
        roots += [path for path in included if path in documents and path not in roots]
    order = [*reversed(files), *roots[len(files) :]]
    everywhere = FileSettings()
    for file in roots:
        everywhere = documents[file].everywhere.over(everywhere)
    images: dict[str, tuple[ScalarSpan, ...]] = {}
    found: dict[str, ServiceSettings] = {}
    hooks = list(everywhere.hooks or ())
    for name in dict.fromkeys(name for file in roots for name in documents[file].services):
        entries = [entry for file in order for entry in _chain(documents, paths, file, name)]
        if places := tuple(dict.fromkeys(entry.image for entry in entries if entry.image)):
            images[name] = places
        said = next((entry.settings for entry in entries if entry.settings), None)
        if said is not None or everywhere.shared:
            found[name] = (said or ServiceSettings()).within(everywhere)
            hooks += [msgspec.structs.replace(hook, service=name) for hook in found[name].hooks]
    known = tuple(dict.fromkeys((*files, *(path for path in paths.values() if path))))
    env_files = [paths.get((file, written), "") for file in roots for written in documents[file].include_env_files]
    beside = [paths.get((file, written), "") for file in roots for written in documents[file].includes_alone]
    env_files += [str(Path(path).with_name(".env")) for path in beside if path]
    return Definition(
        known,
        images,
        found,
        everywhere.keep_generations,
        tuple((file, path) for file, document in documents.items() for path in document.names),
        {file: document.problem for file, document in documents.items() if document.problem},
        everywhere.mirrors or (),
        tuple(hooks),
        everywhere.notify or (),
        step_by_step=bool(everywhere.step_by_step),
        include_env_files=tuple(dict.fromkeys(filter(None, env_files))),
    )


def _chain(
    documents: Mapping[str, Document], paths: Mapping[tuple[str, str], str], file: str, service: str
) -> Iterator[ServiceEntry]:
    """Yields a file's entry for a service, then the entries of the services that it extends in turn."""
    known: set[tuple[str, str]] = set()
    while (file, service) not in known and file in documents and service in documents[file].services:
        known.add((file, service))
        entry = documents[file].services[service]
        yield entry
        if entry.extends is None:
            return
        written, service = entry.extends
        file = paths.get((file, written), "") if written else file


def _with_root(found: Document, root: yaml.Node | None) -> Document:
    services = dict(found.services)
    everywhere, includes, env_files = found.everywhere, list(found.includes), list(found.include_env_files)
    alone = list(found.includes_alone)
    for key, node in _items(root):
        if key == settings.EXTENSION:
            everywhere = settings.of_file(found.file, node).over(everywhere)
        elif key == "include":
            includes += _include_paths(node, "path")
            env_files += _include_paths(node, "env_file")
            alone += _includes_alone(node)
        elif key == "services":
            for name, service in _items(node):
                services[name] = _entry(found, service, services.get(name, ServiceEntry()))
    return msgspec.structs.replace(
        found,
        services=services,
        everywhere=everywhere,
        includes=tuple(includes),
        include_env_files=tuple(env_files),
        includes_alone=tuple(alone),
    )


def _entry(document: Document, node: yaml.Node | None, before: ServiceEntry) -> ServiceEntry:
    image, said, extends = before.image, before.settings, before.extends
    for key, value in _items(node):
        if key == "image" and isinstance(value, yaml.ScalarNode):
            start, end = value.start_mark, value.end_mark.index
            image = ScalarSpan(document.file, start.line + 1, start.index, end, value.value, value.style or "")
        elif key == settings.EXTENSION:
            said = settings.of_service(document.file, value)
        elif key == "extends":
            parts = {part: entry.value for part, entry in _items(value) if isinstance(entry, yaml.ScalarNode)}
            if isinstance(value, yaml.ScalarNode):
                parts = {"service": value.value}
            extends = (parts.get("file", ""), parts.get("service", ""))
    return ServiceEntry(image, said, extends)


def _include_paths(node: yaml.Node | None, wanted: str) -> Iterator[str]:
    for entry in node.value if isinstance(node, yaml.SequenceNode) else ():
        if isinstance(entry, yaml.ScalarNode) and wanted == "path":
            yield entry.value
        for key, value in _items(entry):
            if key == wanted:
                parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
                yield from (part.value for part in parts if isinstance(part, yaml.ScalarNode))


def _includes_alone(node: yaml.Node | None) -> Iterator[str]:
    """Yields the first path of each entry of `include` that names neither env files nor a project directory."""
    for entry in node.value if isinstance(node, yaml.SequenceNode) else ():
        if not {"env_file", "project_directory"}.intersection(key for key, _ in _items(entry)):
            yield from islice(_include_paths(yaml.SequenceNode("", [entry]), "path"), 1)


def _items(node: yaml.Node | None, within: tuple[yaml.Node, ...] = ()) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.MappingNode) and node not in within:  # a mapping may be merged into itself
        for key, value in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                # In a list the first mapping wins, and here the last one yielded wins.
                for part in reversed(value.value) if isinstance(value, yaml.SequenceNode) else [value]:
                    yield from _items(part, (*within, node))
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                yield key.value, value
