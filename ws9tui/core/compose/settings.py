"""Reads the settings of the extension field `x-ws9tui`, of a service and of the file, with file and line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import yaml

from ws9tui.core.compose import hook_settings, nodes
from ws9tui.core.compose.hook_settings import HOOK_KEYS
from ws9tui.core.compose.nodes import EXTENSION
from ws9tui.core.model import mirrors, upgrade_path
from ws9tui.core.model.hooks import Hook
from ws9tui.core.model.notices import Receiver
from ws9tui.core.model.policy import TRACKS, Policy, VersionStep
from ws9tui.core.model.reference import is_digest
from ws9tui.core.model.trust import LEVELS, SCANNERS, Severity, Signature
from ws9tui.errors import UsageError

__all__ = ["EXTENSION", "FileSettings", "ServiceSettings", "of_file", "of_service"]

_OF_SIGNATURE = ("key", "identity", "identity_regexp", "issuer", "tlog")


class ServiceSettings(msgspec.Struct, frozen=True):
    """The `x-ws9tui` settings of a service."""

    expect: str = ""
    """the version that the image must prove, or the digest that it must have"""
    version_command: tuple[str, ...] = ()
    """run inside the new container; its first line must name the expected version"""
    probe: str = ""
    """a URL that must answer with a status below 400 once the service runs"""
    probe_as_written: str = ""
    """the probe with its variables, which is shown instead, since their values may be secret"""
    one_shot: bool | None = None
    monitor: float | None = None
    """seconds that the service must stay healthy"""
    backup: bool | None = None
    """whether its data is saved before it is recreated; None: not set"""
    backup_paths: tuple[str, ...] = ()
    """the paths in the container that are saved; empty: all volumes and bind mounts of data"""
    backup_at: tuple[str, int] = ("", 0)
    """file and line of that setting"""
    signature: Signature | None = None
    """the required signer of its image; None: not set"""
    comes_from: str = ""
    """the range of running versions from which an update to its image is allowed"""
    scan: str | None = None
    """the vulnerability scanner for its image, empty for none; None: not set"""
    scan_fail_on: Severity | None = None
    """new vulnerabilities from this severity on block an update; None: not set"""
    policy: Policy = Policy()
    """the versions that it may be updated to"""
    hooks: tuple[Hook, ...] = ()
    """its hooks as written; a `Definition` has all of a project, with their variables interpolated"""

    @property
    def texts(self) -> tuple[str, ...]:
        """The settings that may contain variables."""
        signed = self.signature or Signature()
        who = (signed.key, signed.identity, signed.identity_regexp, signed.issuer)
        return (self.expect, self.probe, self.comes_from, *self.version_command, *who)

    def filled(self, texts: Sequence[str]) -> ServiceSettings:
        """Returns the settings with these interpolated texts, in the order of `texts`."""
        (expect, probe, comes_from), command, who = texts[:3], texts[3:-4], texts[-4:]
        signed = self.signature
        if signed is not None:
            parts = dict(zip(_OF_SIGNATURE, who, strict=False))
            signed = msgspec.structs.replace(signed, **parts)
        return msgspec.structs.replace(
            self,
            expect=expect,
            probe=probe,
            probe_as_written=self.probe,
            comes_from=comes_from,
            version_command=tuple(command),
            signature=signed,
        )

    def within(self, everywhere: FileSettings) -> ServiceSettings:
        """Returns the settings, with the file's settings for all services where this service sets none."""
        shared = {name: getattr(everywhere, name) for name in ("signature", "scan", "scan_fail_on")}
        policy = self.policy
        if policy.minimum_age is None:
            policy = msgspec.structs.replace(policy, minimum_age=everywhere.minimum_age)
        return msgspec.structs.replace(
            self, policy=policy, **{name: said for name, said in shared.items() if getattr(self, name) is None}
        )


class FileSettings(msgspec.Struct, frozen=True):
    """The `x-ws9tui` settings of a file."""

    keep_generations: int | None = None
    step_by_step: bool | None = None
    """whether each step of an update waits for the operator, even if there is nothing to decide"""
    signature: Signature | None = None
    """the required signer of the images of all services without a setting of their own"""
    scan: str | None = None
    scan_fail_on: Severity | None = None
    minimum_age: float | None = None
    """seconds"""
    mirrors: tuple[str, ...] | None = None
    """registry mirrors: [REGISTRY=]HOST[/PATH]"""
    notify: tuple[Receiver, ...] | None = None
    """receivers of notices of decisions, failures and ends"""
    hooks: tuple[Hook, ...] | None = None

    def over(self, before: FileSettings) -> FileSettings:
        """Merges these settings over those of an earlier file."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        said = {name: value for name, value in fields.items() if value is not None}
        if self.hooks is not None:
            mine = {hook.when for hook in self.hooks}
            said["hooks"] = (*self.hooks, *(hook for hook in before.hooks or () if hook.when not in mine))
        return msgspec.structs.replace(before, **said)

    @property
    def shared(self) -> bool:
        """Whether any setting applies to all services."""
        return any(part is not None for part in (self.signature, self.scan, self.scan_fail_on, self.minimum_age))


def of_file(file: str, node: yaml.Node | None) -> FileSettings:
    """Reads the settings of the whole project; raises `UsageError`."""
    values: dict[str, Any] = {}
    for key, value in nodes.checked(file, node, FILE_KEYS):
        if key in HOOK_KEYS:
            values["hooks"] = (*values.get("hooks", ()), hook_settings.hook(file, key, value, of_service=False))
        else:
            values[key] = _OF_FILE[key](file, key, value)
    return FileSettings(**values)


def of_service(file: str, node: yaml.Node | None) -> ServiceSettings:
    """Reads the settings of a service; raises `UsageError`."""
    values: dict[str, Any] = {}
    policy: dict[str, Any] = {}
    for key, value in nodes.checked(file, node, SERVICE_KEYS):
        if key in HOOK_KEYS:
            values["hooks"] = (*values.get("hooks", ()), hook_settings.hook(file, key, value, of_service=True))
        elif key in _OF_POLICY:
            policy[key] = _OF_POLICY[key](file, key, value)
        elif key == "backup":
            values |= _backup(file, key, value)
        else:
            values[_FIELDS.get(key, key)] = _OF_SERVICE[key](file, key, value)
    return ServiceSettings(**values, policy=Policy(**policy))


def _expected(file: str, key: str, node: yaml.Node) -> str:
    """Reads a version or a digest."""
    text = nodes.scalar(file, key, node)
    if text.startswith("sha256:") and not is_digest(text):
        raise nodes.invalid(file, key, node, "digest")
    return text


def _probe(file: str, key: str, node: yaml.Node) -> str:
    text = nodes.scalar(file, key, node)
    if not text.startswith(("http://", "https://", "$")):
        raise nodes.invalid(file, key, node, "url")
    return text


def _range(file: str, key: str, node: yaml.Node) -> str:
    text = nodes.scalar(file, key, node)
    if "$" not in text and not upgrade_path.parse(text):
        raise nodes.invalid(file, key, node, "range")
    return text


def _severity(file: str, key: str, node: yaml.Node) -> Severity:
    text = nodes.scalar(file, key, node)
    if text not in LEVELS:
        raise nodes.invalid(file, key, node, "severity")
    return Severity(text)


def _scanner(file: str, key: str, node: yaml.Node) -> str:
    """Reads a scanner's name; `false` for none."""
    text = nodes.scalar(file, key, node)
    if text not in (*SCANNERS, "false"):
        raise nodes.invalid(file, key, node, "scanner")
    return "" if text == "false" else text


def _signature(file: str, key: str, node: yaml.Node) -> Signature:
    """Reads a key, or identity and issuer; `false` exempts a service from the file's setting."""
    if isinstance(node, yaml.ScalarNode) and node.value == "false":
        return Signature()
    if not isinstance(node, yaml.MappingNode):
        raise nodes.invalid(file, key, node, "signature")
    values: dict[str, Any] = {}
    for part, value in nodes.checked(file, node, _OF_SIGNATURE):
        values[part] = nodes.yes(file, part, value) if part == "tlog" else nodes.scalar(file, part, value)
    found = Signature(**values)
    named = sum(map(bool, (found.key, found.identity, found.identity_regexp)))
    if named != 1 or bool(found.issuer) is bool(found.key):
        raise nodes.invalid(file, key, node, "signature")
    return msgspec.structs.replace(found, by=found.key or found.identity or found.identity_regexp)


def _track(file: str, key: str, node: yaml.Node) -> VersionStep:
    said = nodes.scalar(file, key, node)
    if said not in TRACKS:
        raise nodes.invalid(file, key, node, "track")
    return VersionStep(said)


def _mirrors(file: str, key: str, node: yaml.Node) -> tuple[str, ...]:
    said = nodes.texts(file, key, node)
    try:
        return tuple(map(mirrors.mirror, said))
    except UsageError:
        raise nodes.invalid(file, key, node, "mirror") from None


def _backup(file: str, key: str, node: yaml.Node) -> dict[str, Any]:
    """Reads `true` or `false`, or a list of absolute paths in the container."""
    at = (file, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode) and node.value:
        paths = nodes.texts(file, key, node)
        if not all(path.startswith("/") for path in paths):
            raise nodes.invalid(file, key, node, "paths")
        return {"backup": True, "backup_paths": paths, "backup_at": at}
    if not isinstance(node, yaml.ScalarNode) or node.value not in ("true", "false"):
        raise nodes.invalid(file, key, node, "paths")
    return {"backup": node.value == "true", "backup_at": at}


_OF_FILE: dict[str, Callable[[str, str, yaml.Node], object]] = {
    "keep_generations": nodes.number,
    "step_by_step": nodes.yes,
    "signature": _signature,
    "scan": _scanner,
    "scan_fail_on": _severity,
    "minimum_age": nodes.duration,
    "mirrors": _mirrors,
    "notify": hook_settings.receivers,
}
"""the reader of each setting of a file"""
_OF_SERVICE: dict[str, Callable[[str, str, yaml.Node], object]] = {
    "expect": _expected,
    "version_command": nodes.command,
    "probe": _probe,
    "one_shot": nodes.yes,
    "monitor": nodes.duration,
    "backup": _backup,
    "signature": _signature,
    "from": _range,
    "scan": _scanner,
    "scan_fail_on": _severity,
}
_OF_POLICY: dict[str, Callable[[str, str, yaml.Node], object]] = {
    "track": _track,
    "include": nodes.texts,
    "exclude": nodes.texts,
    "ignore": nodes.scalar,
    "minimum_age": nodes.duration,
}
_FIELDS = {"from": "comes_from"}
FILE_KEYS = (*_OF_FILE, *HOOK_KEYS)
SERVICE_KEYS = (*_OF_SERVICE, *_OF_POLICY, *HOOK_KEYS)
