"""The real Compose command: the plugin of the docker command, or the standalone binary."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from ws9tui.adapters import child
from ws9tui.adapters.compose import arguments, output, places
from ws9tui.core.compose import sensitive
from ws9tui.core.model.masking import Mask
from ws9tui.core.model.source import ProjectSource
from ws9tui.errors import ComposeError
from ws9tui.problems import reasons
from ws9tui.problems.engine import ComposeFailed, ComposeMissing, ComposeV1
from ws9tui.problems.reach import SnapHidden

_READ = 180.0
"""timeout in seconds of read-only calls; must outlast a machine that stalls for a minute"""
_UP = 15 * 60.0
_VERSION = re.compile(r"^v?(\d+(?:\.\d+)*\S*)", re.MULTILINE)
_CANDIDATES: tuple[tuple[str, ...], ...] = (("docker", "compose"), ("docker-compose",))
"""each is asked for its version, then what `places.elsewhere` finds"""
_NO_COMMAND = 127
_UNSEEN = re.compile(r"no such file or directory|permission denied|no configuration file|not found", re.IGNORECASE)
"""errors about a file that a snap cannot see"""
_CONFIG = ("config", "--format", "json")
_UNREAD = "--no-env-resolution"
"""leaves the files that `env_file` names unread; unknown to 2.26"""


class InstalledCompose(msgspec.Struct, frozen=True):
    """A usable Compose command and its version, without a leading v."""

    command: tuple[str, ...]
    version: str


async def find() -> InstalledCompose:
    """Finds the plugin, else the binary; raises `ComposeError` if there is neither, or only version 1."""
    old, slow = "", None
    for command in (*_CANDIDATES, *places.elsewhere(os.environ)):
        try:
            version = await _version(command)
        except TimeoutError:
            slow = slow or _no_end("version", _READ)
            continue
        if version and not version.startswith("1."):
            return InstalledCompose(command, version)
        old = old or version
    if slow:
        raise slow
    if old:
        raise ComposeError(ComposeV1(version=old))
    raise ComposeError(ComposeMissing(found=places.of_another(os.environ)))


async def _version(command: Sequence[str]) -> str:
    """Returns a command's version; empty if it does not exist or is not Compose."""
    try:
        done = await child.run([*command, "version", "--short"], folder=None, environment=os.environ, timeout=_READ)
    except TimeoutError:  # is an OSError
        raise
    except OSError:
        return ""
    said = _VERSION.search(done.output)
    return said[1] if said and done.status == 0 else ""


async def _named(running: Awaitable[child.CommandResult], verb: str, seconds: float) -> child.CommandResult:
    """Returns the result of a Compose call; raises `ComposeError` if it timed out or could not start."""
    try:
        return await running
    except TimeoutError as error:
        raise _no_end(verb, seconds) from error
    except (OSError, ValueError) as error:
        reason = str(error) if isinstance(error, OSError) else child.why(error, seconds)
        raise ComposeError(ComposeFailed(command=verb, reason=reason, status=_NO_COMMAND)) from error


def _no_end(verb: str, seconds: float) -> ComposeError:
    return ComposeError(ComposeFailed(command=verb, reason=reasons.Unfinished(seconds=seconds)))


class ComposeCommand:
    """The Compose command, as `core.ports.Compose`; it is looked for at the first use.

    ``keep_open`` are descriptors that the calls on a project inherit, so that a lock on them lives as long as a Compose
    process that outlives this one.
    """

    def __init__(self, *, up_timeout: float = _UP) -> None:
        self.up_timeout = up_timeout
        self.keep_open: tuple[int, ...] = ()
        self.command = _CANDIDATES[0]
        self.mask = Mask()
        self._found: InstalledCompose | None = None
        self._help = ""
        self._leaves_unread = True
        """whether Compose is believed to know `_UNREAD`"""

    async def version(self) -> str:
        """Returns the version of the Compose command in use."""
        return (await self._compose()).version

    async def config(self, source: ProjectSource, *, resolve_env_files: bool = True) -> dict[str, Any]:
        """Returns the project as Compose resolves it; a Compose that cannot leave env files unread reads them."""
        if not resolve_env_files and self._leaves_unread:
            try:
                return await self._config(source, _UNREAD)
            except ComposeError as error:
                if _UNREAD not in error.problem.facts.get("reason", ""):
                    raise
                self._leaves_unread = False
        return await self._config(source)

    async def hashes(
        self, source: ProjectSource, instead: Mapping[str, Mapping[str, Any]] | None = None
    ) -> dict[str, str]:
        """Returns the config hash that Compose computes for each service."""
        text = json.dumps({"services": instead}) if instead else None
        options = arguments.project(source, extra=text is not None)
        done = await self._run(source, [*options, "config", "--hash", "*"], text=text)
        return output.hashes(done.output)

    async def interpolate(self, source: ProjectSource, texts: Sequence[str]) -> list[str]:
        """Returns texts with the variables that Compose fills in, through a file that holds nothing else."""
        if not texts:
            return []
        text = arguments.interpolation(texts, alone=not source.files)
        config = await self._config(source, text=text)
        # The output is a Compose file again, in which a dollar is escaped as two.
        return [str(text).replace("$$", "$") for text in config.get(arguments.TEXTS) or []]

    async def placed(self, source: ProjectSource) -> tuple[dict[str, Any], str]:
        """Returns the resolved project and its directory, which the mount of one additional service shows."""
        config = await self._config(source, text=arguments.probe())
        probe = (config.get("services") or {}).pop(arguments.PROBE, {})
        return config, str(next((volume.get("source") for volume in probe.get("volumes") or ()), ""))

    async def resolved(self, source: ProjectSource) -> tuple[dict[str, Any], list[str]]:
        """Returns the resolved project and the undefined variables that Compose warns of."""
        done = await self._run(source, [*arguments.project(source), *_CONFIG])
        return self._read(done), output.undefined(done.errors)

    async def up(
        self,
        source: ProjectSource,
        services: Sequence[str],
        *,
        start: bool = True,
        force: bool = False,
        keep: bool = False,
        alone: bool = True,
        scale: Mapping[str, int] | None = None,
        longer: float = 0.0,
        report: Callable[[str, str], None] | None = None,
    ) -> None:
        """Creates or recreates services; an empty list means none, which Compose would take for all."""
        if not services:
            return

        def read(line: str) -> None:
            step = output.step(line)
            if step and report:
                report(step.container, step.text)

        verb = arguments.up(services, start=start, force=force, keep=keep, alone=alone, scale=scale)
        options = [*await self._progress(), *arguments.project(source), *verb]
        await self._run(source, options, verb="up", timeout=self.up_timeout + longer, on_line=read)

    async def restart(self, source: ProjectSource, services: Sequence[str], *, longer: float = 0.0) -> None:
        """Restarts services and runs their hooks; an empty list means none."""
        if not services:
            return
        # With --project-name and no files Compose reads labels only, which lack hooks; so the name is a variable.
        environment = source.environment | {"COMPOSE_PROJECT_NAME": source.name}
        source = msgspec.structs.replace(source, name="", environment=environment)
        options = [*await self._progress(), *arguments.project(source), *arguments.restart(services)]
        await self._run(source, options, verb="restart", timeout=self.up_timeout + longer)

    async def _compose(self) -> InstalledCompose:
        if not self._found:
            self._found = await find()
            self.command = self._found.command
        return self._found

    async def _progress(self) -> list[str]:
        """Returns the flags for machine-readable progress; asks Compose for its help once."""
        if not self._help:
            found = await self._compose()
            running = child.run([*found.command, "--help"], folder=None, environment=os.environ, timeout=_READ)
            self._help = (await _named(running, "--help", _READ)).output
        if "--progress" not in self._help:
            return []
        return ["--progress", "json" if re.search(r"\bplain,\s+json\b", self._help) else "plain"]

    async def _config(self, source: ProjectSource, *flags: str, text: str | None = None) -> dict[str, Any]:
        options = arguments.project(source, extra=text is not None)
        return self._read(await self._run(source, [*options, *_CONFIG, *flags], text=text))

    def _read(self, done: child.CommandResult) -> dict[str, Any]:
        """Returns the parsed output of `config`, whose secrets the mask learns."""
        try:
            config = json.loads(done.output)
        except ValueError as error:
            raise ComposeError(ComposeFailed(command="config", reason=reasons.OutputNotJson())) from error
        sensitive.resolved(self.mask, config)
        return dict(config)

    async def _run(
        self,
        source: ProjectSource,
        options: Sequence[str],
        *,
        verb: str = "config",
        text: str | None = None,
        timeout: float = _READ,  # noqa: ASYNC109  # `child.run` says why
        on_line: Callable[[str], None] | None = None,
    ) -> child.CommandResult:
        """Runs Compose on a project; raises `ComposeError` or `StateError` for a failure."""
        found = await self._compose()
        sensitive.read(self.mask, source, os.environ)
        running = child.run(
            [*found.command, *options],
            folder=source.called_in,
            environment=arguments.environment(source, os.environ, extra=text is not None),
            text=text,
            timeout=timeout,
            keep_open=self.keep_open,
            on_line=on_line,
        )
        done = await _named(running, verb, timeout)
        if done.status != 0:
            if places.hidden_from_snap(found.command[0], source.called_in, os.environ) and _UNSEEN.search(done.errors):
                raise ComposeError(SnapHidden(folder=source.called_in))
            raise output.error(verb, done.status, done.errors or done.output, source)
        return done
