"""The settings of the extension field `x-ws9tui`, of a service and of the file, read with file and line."""

from __future__ import annotations

from collections.abc import Sequence
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
from ws9tui.core.model.trust import LEVELS, SCANNERS, Severity, Signature, is_digest
from ws9tui.errors import UsageError
from ws9tui.problems.project import SettingsInvalid

__all__ = ["EXTENSION", "FileSettings", "ServiceSettings", "of_file", "of_service"]

SERVICE_KEYS = (
    "expect",
    "version_command",
    "probe",
    "one_shot",
    "monitor",
    "backup",
    "signature",
    "from",
    "scan",
    "scan_fail_on",
    "track",
    "include",
    "exclude",
    "ignore",
    "minimum_age",
    *HOOK_KEYS,
)
FILE_KEYS = (
    "keep_generations",
    "step_by_step",
    "signature",
    "scan",
    "scan_fail_on",
    "minimum_age",
    "mirrors",
    "notify",
    *HOOK_KEYS,
)
_OF_SIGNATURE = ("key", "identity", "identity_regexp", "issuer", "tlog")


class ServiceSettings(msgspec.Struct, frozen=True):
    """`x-ws9tui` of a service."""

    expect: str = ""
    """the version that the image must prove, or the digest that it must have"""
    version_command: tuple[str, ...] = ()
    """run inside the new container; its first line must name the expected version"""
    probe: str = ""
    """a URL that must answer with a status below 400 once the service runs"""
    probe_as_written: str = ""
    """with its variables: what is shown of it, since their values may be secret"""
    one_shot: bool | None = None
    monitor: float | None = None
    """seconds that the service must stay well"""
    backup: bool | None = None
    """whether its data is saved before it is recreated; None: nothing is said"""
    backup_paths: tuple[str, ...] = ()
    """the paths in the container that are saved; empty: all volumes and bind mounts of data"""
    backup_at: tuple[str, int] = ("", 0)
    """file and line where that is written"""
    signature: Signature | None = None
    """by whom its image must be signed; None: nothing is said"""
    comes_from: str = ""
    """the range of running versions from which its image may come"""
    scan: str | None = None
    """the scanner that looks for vulnerabilities in its image, empty for none; None: nothing is said"""
    scan_fail_on: Severity | None = None
    """new vulnerabilities from this severity on stop an update; None: nothing is said"""
    policy: Policy = Policy()
    """what it may be updated to"""
    hooks: tuple[Hook, ...] = ()
    """as they are written; a `Definition` has all of a project, with their variables filled in"""

    @property
    def texts(self) -> tuple[str, ...]:
        """What may have variables in it."""
        signed = self.signature or Signature()
        who = (signed.key, signed.identity, signed.identity_regexp, signed.issuer)
        return (self.expect, self.probe, self.comes_from, *self.version_command, *who)

    def filled(self, texts: Sequence[str]) -> ServiceSettings:
        """The same with these texts instead."""
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
        """The same, with what the file says of all services where nothing is said of this one."""
        shared = {name: getattr(everywhere, name) for name in ("signature", "scan", "scan_fail_on")}
        policy = self.policy
        if policy.minimum_age is None:
            policy = msgspec.structs.replace(policy, minimum_age=everywhere.minimum_age)
        return msgspec.structs.replace(
            self, policy=policy, **{name: said for name, said in shared.items() if getattr(self, name) is None}
        )


class FileSettings(msgspec.Struct, frozen=True):
    """`x-ws9tui` of a file."""

    keep_generations: int | None = None
    step_by_step: bool | None = None
    """whether each step of an update waits, also where there is nothing to decide"""
    signature: Signature | None = None
    """by whom the images of all services must be signed that say nothing else"""
    scan: str | None = None
    scan_fail_on: Severity | None = None
    minimum_age: float | None = None
    """seconds"""
    mirrors: tuple[str, ...] | None = None
    """[REGISTRY=]HOST[/PATH] of mirrors that the images are pulled from"""
    notify: tuple[Receiver, ...] | None = None
    """who is told of decisions, failures and ends"""
    hooks: tuple[Hook, ...] | None = None

    def over(self, before: FileSettings) -> FileSettings:
        """What counts of this and of what an earlier file says."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        said = {name: value for name, value in fields.items() if value is not None}
        if self.hooks is not None:
            mine = {hook.when for hook in self.hooks}
            said["hooks"] = (*self.hooks, *(hook for hook in before.hooks or () if hook.when not in mine))
        return msgspec.structs.replace(before, **said)

    @property
    def shared(self) -> bool:
        """Whether anything is said that counts for services."""
        return any(part is not None for part in (self.signature, self.scan, self.scan_fail_on, self.minimum_age))


def of_file(file: str, node: yaml.Node | None) -> FileSettings:
    """What is set for the whole project; raises `UsageError`."""
    values: dict[str, Any] = {}
    for key, value in nodes.checked(file, node, FILE_KEYS):
        match key:
            case "keep_generations":
                values[key] = nodes.number(file, key, value)
            case "step_by_step":
                values[key] = nodes.yes(file, key, value)
            case "signature":
                values[key] = _signature(file, value)
            case "minimum_age":
                values[key] = nodes.duration(file, key, value)
            case "mirrors":
                values[key] = _mirrors(file, key, value)
            case "notify":
                values[key] = hook_settings.receivers(file, value)
            case _ if key in HOOK_KEYS:
                values["hooks"] = (*values.get("hooks", ()), hook_settings.hook(file, key, value, of_service=False))
            case _:
                values[key] = _of_scan(file, key, value)
    return FileSettings(**values)


def of_service(file: str, node: yaml.Node | None) -> ServiceSettings:
    """What is set for a service; raises `UsageError`."""
    values: dict[str, Any] = {}
    policy: dict[str, Any] = {}
    for key, value in nodes.checked(file, node, SERVICE_KEYS):
        match key:
            case "track" | "include" | "exclude" | "ignore" | "minimum_age":
                policy[key] = _policy(file, key, value)
            case "version_command":
                values[key] = nodes.command(file, key, value)
            case "one_shot":
                values[key] = nodes.yes(file, key, value)
            case "signature":
                values[key] = _signature(file, value)
            case "from":
                values["comes_from"] = nodes.scalar(file, key, value)
                if "$" not in values["comes_from"] and not upgrade_path.parse(values["comes_from"]):
                    raise nodes.invalid(file, key, value, "range")
            case "scan" | "scan_fail_on":
                values[key] = _of_scan(file, key, value)
            case "monitor":
                values[key] = nodes.duration(file, key, value)
            case "backup":
                values |= _backup(file, value)
            case "probe":
                values[key] = nodes.scalar(file, key, value)
                if not values[key].startswith(("http://", "https://", "$")):
                    raise nodes.invalid(file, key, value, "url")
            case _ if key in HOOK_KEYS:
                values["hooks"] = (*values.get("hooks", ()), hook_settings.hook(file, key, value, of_service=True))
            case _:
                values[key] = _expected(file, key, value)
    return ServiceSettings(**values, policy=Policy(**policy))


def _expected(file: str, key: str, node: yaml.Node) -> str:
    """A version, or a digest."""
    text = nodes.scalar(file, key, node)
    if text.startswith("sha256:") and not is_digest(text):
        raise nodes.invalid(file, key, node, "digest")
    return text


def _of_scan(file: str, key: str, node: yaml.Node) -> str | Severity:
    """A scanner, `false` for none; or a severity."""
    text = nodes.scalar(file, key, node)
    if key == "scan_fail_on":
        if text not in LEVELS:
            raise nodes.invalid(file, key, node, "severity")
        return Severity(text)
    if text not in (*SCANNERS, "false"):
        raise nodes.invalid(file, key, node, "scanner")
    return "" if text == "false" else text


def _signature(file: str, node: yaml.Node) -> Signature:
    """A key, or identity and issuer; `false` where a service needs none though the file asks for one."""
    if isinstance(node, yaml.ScalarNode) and node.value == "false":
        return Signature()
    if not isinstance(node, yaml.MappingNode):
        raise nodes.invalid(file, "signature", node, "signature")
    values: dict[str, Any] = {}
    for key, value in nodes.checked(file, node, _OF_SIGNATURE):
        values[key] = nodes.yes(file, key, value) if key == "tlog" else nodes.scalar(file, key, value)
    found = Signature(**values)
    named = sum(map(bool, (found.key, found.identity, found.identity_regexp)))
    if named != 1 or bool(found.issuer) is bool(found.key):
        raise nodes.invalid(file, "signature", node, "signature")
    return msgspec.structs.replace(found, by=found.key or found.identity or found.identity_regexp)


def _policy(file: str, key: str, node: yaml.Node) -> object:
    """How far and how old what a service is updated to may be."""
    match key:
        case "track":
            said = nodes.scalar(file, key, node)
            if said not in TRACKS:
                raise nodes.invalid(file, key, node, "track")
            return VersionStep(said)
        case "minimum_age":
            return nodes.duration(file, key, node)
        case "ignore":
            return nodes.scalar(file, key, node)
    return nodes.texts(file, key, node)


def _mirrors(file: str, key: str, node: yaml.Node) -> tuple[str, ...]:
    try:
        return tuple(mirrors.mirror(text) for text in nodes.texts(file, key, node))
    except UsageError as error:
        if isinstance(error.problem, SettingsInvalid):
            raise
        raise nodes.invalid(file, key, node, "mirror") from None


def _backup(file: str, node: yaml.Node | None) -> dict[str, Any]:
    """`true` or `false`, or a list of absolute paths in the container."""
    at = (file, node.start_mark.line + 1 if node else 0)
    if isinstance(node, yaml.SequenceNode) and node.value:
        paths = tuple(nodes.scalar(file, "backup", part) for part in node.value)
        if not all(path.startswith("/") for path in paths):
            raise nodes.invalid(file, "backup", node, "paths")
        return {"backup": True, "backup_paths": paths, "backup_at": at}
    if not isinstance(node, yaml.ScalarNode) or node.value not in ("true", "false"):
        raise nodes.invalid(file, "backup", node, "paths")
    return {"backup": node.value == "true", "backup_at": at}
