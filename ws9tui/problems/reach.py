"""Problems of reaching the engine, and of running beside it: over SSH, rootless, in a container, from a snap."""

from __future__ import annotations

from ws9tui.problems.engine import EngineUnreachable
from ws9tui.problems.problem import Problem


class SshFailed(EngineUnreachable): ...


class SshMissing(EngineUnreachable): ...


class SshKeyUnknown(EngineUnreachable): ...


class SshKeyChanged(EngineUnreachable): ...


class SshDenied(EngineUnreachable):
    agent: str = ""


class SshDockerMissing(EngineUnreachable): ...


class SshDockerOld(EngineUnreachable): ...


class SshEngineDenied(EngineUnreachable): ...


class EngineElsewhere(Problem):
    host: str


class AgentNeeded(Problem):
    host: str
    agent: str


class EngineRootless(Problem):
    host: str
    found: str
    user: str = ""


class RootlessSilent(EngineUnreachable): ...


class EngineStopped(EngineUnreachable): ...


class AddressSilent(EngineUnreachable): ...


class ProbeElsewhere(Problem):
    service: str
    url: str


class InsideContainer(Problem):
    container: str


class FolderInside(Problem):
    path: str
    service: str = ""
    there: str = ""
    folder: str = ""


class StateInside(Problem):
    path: str


class LogUnreadable(Problem):
    service: str
    driver: str = ""


class SnapHidden(Problem):
    folder: str
