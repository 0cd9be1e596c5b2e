"""Problems of containers that share a namespace of another container, Compose's hooks, and mounted images."""

from __future__ import annotations

from ws9tui.problems.problem import Problem, Reason


class ForeignFollower(Problem):
    container: str
    project: str
    service: str
    command: str = ""
    name: str = ""


class ForeignFollowerLeft(Problem):
    container: str
    project: str
    command: str = ""
    name: str = ""


class ForeignFollowerUnattended(Problem):
    container: str
    project: str
    service: str
    of: str
    command: str = ""
    name: str = ""


class InsideReplaced(Problem):
    container: str
    project: str


class InsideMissing(Problem):
    service: str
    container: str


class InsideStopped(Problem):
    service: str
    container: str
    project: str


class InsideById(Problem):
    service: str
    container: str
    leader: str
    name: str


class HookFailed(Problem):
    service: str
    status: str
    reason: Reason | str


class BackHookFailed(Problem):
    service: str
    status: str
    reason: Reason | str


class MountedImageMoved(Problem):
    reference: str
    target: str


class Provided(Problem):
    service: str
