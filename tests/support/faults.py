"""The switch of the fault proxy: rules of what goes wrong, set and cleared at any time, also during a transfer."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import timedelta

CHUNK = 16384
RATE_LIMIT = (
    "You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: "
    "https://www.docker.com/increase-rate-limit"
)
_EXTRA = {401: {"WWW-Authenticate": 'Basic realm="tests"'}, 429: {"Retry-After": "3600"}}

Action = Literal["throttle", "stall", "cut", "corrupt", "answer", "date"]


@dataclass(frozen=True)
class Only:
    """Which requests a rule is for: a repository, a kind, a method, a pattern of the path; all by default."""

    repo: str = ""
    kind: Literal["", "blobs", "manifests"] = ""
    method: str = ""
    path: str = ""

    def matches(self, method: str, path: str) -> bool:
        """Tell whether a request is meant."""
        return (
            (not self.repo or path.startswith(f"/v2/{self.repo}/"))
            and (not self.kind or f"/{self.kind}/" in path)
            and (not self.method or method == self.method)
            and re.search(self.path, path) is not None
        )


BLOBS = Only(kind="blobs")
MANIFESTS = Only(kind="manifests")
EVERYTHING = Only()


@dataclass(eq=False)
class Rule:
    """One thing that goes wrong; `used` counts how often it did."""

    only: Only
    action: Action
    amount: float = 0
    status: int = 0
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int | None = None
    used: int = 0
    free_at: float = 0


class Faults:
    """Nothing goes wrong until told otherwise; of several rules for a request the latest counts."""

    def __init__(self) -> None:
        self._lock = threading.Condition()
        self._rules: list[Rule] = []
        self._requests: list[tuple[str, str]] = []
        self._sent: Counter[str] = Counter()
        self._answering = 0
        self._changes = 0
        self._closing = False

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Method and path of every request so far."""
        with self._lock:
            return list(self._requests)

    @property
    def answering(self) -> int:
        """How many requests are being answered now."""
        with self._lock:
            return self._answering

    def count(self, only: Only = EVERYTHING) -> int:
        """Count the requests of a kind so far."""
        return sum(only.matches(method, path) for method, path in self.requests)

    def sent(self, only: Only = BLOBS) -> int:
        """Count the bytes of answers' bodies so far."""
        with self._lock:
            return sum(size for path, size in self._sent.items() if only.matches("GET", path))

    def throttle(self, bytes_per_second: float, only: Only = BLOBS) -> Rule:
        """Share so many bytes a second among all these transfers."""
        return self._add(Rule(only, "throttle", bytes_per_second))

    def stall(self, after_bytes: int = 0, only: Only = BLOBS) -> Rule:
        """Send so many bytes of each body, then nothing, with the connection open, until the rule is cleared."""
        return self._add(Rule(only, "stall", after_bytes))

    def cut(self, after_bytes: int = 0, only: Only = BLOBS, *, times: int | None = None) -> Rule:
        """Send so many bytes of each body, then close the connection."""
        return self._add(Rule(only, "cut", after_bytes, times=times))

    def corrupt(self, only: Only = BLOBS, *, times: int | None = None) -> Rule:
        """Change the last byte of each body, so that its digest is wrong."""
        return self._add(Rule(only, "corrupt", times=times))

    def answer(
        self,
        status: int,
        body: bytes | str = b"",
        headers: Mapping[str, str] | None = None,
        only: Only = EVERYTHING,
        *,
        times: int | None = None,
    ) -> Rule:
        """Answer with this instead, so many times or always."""
        raw = body.encode() if isinstance(body, str) else body
        return self._add(Rule(only, "answer", status=status, body=raw, headers=headers or {}, times=times))

    def error(self, status: int, code: str, message: str, only: Only = EVERYTHING, *, times: int | None = None) -> Rule:
        """Answer with an error as a registry words it."""
        body = json.dumps({"errors": [{"code": code, "message": message, "detail": None}]})
        headers = {"Content-Type": "application/json"} | _EXTRA.get(status, {})
        return self.answer(status, body, headers, only, times=times)

    def server_error(self, only: Only = EVERYTHING, *, times: int | None = None) -> Rule:
        """Answer with a 500."""
        return self.error(500, "UNKNOWN", "unknown error", only, times=times)

    def unauthorized(self, only: Only = EVERYTHING) -> Rule:
        """Ask for credentials, and accept none."""
        return self.error(401, "UNAUTHORIZED", "authentication required", only)

    def toomanyrequests(self, only: Only = MANIFESTS, *, times: int | None = None) -> Rule:
        """Answer as Docker Hub does to those who pull too much."""
        return self.error(429, "TOOMANYREQUESTS", RATE_LIMIT, only, times=times)

    def manifest_unknown(self, only: Only = MANIFESTS) -> Rule:
        """Know no manifest."""
        return self.error(404, "MANIFEST_UNKNOWN", "manifest unknown", only)

    def date(self, offset: timedelta) -> Rule:
        """Send a Date that is wrong by so much."""
        return self._add(Rule(EVERYTHING, "date", offset.total_seconds()))

    def clear(self, *rules: Rule) -> None:
        """Take these rules away, or all; what stalled goes on."""
        with self._lock:
            self._rules = [rule for rule in self._rules if rules and rule not in rules]
            self._changes += 1
            self._lock.notify_all()

    def _add(self, rule: Rule) -> Rule:
        with self._lock:
            self._rules.append(rule)
            self._changes += 1
            self._lock.notify_all()
        return rule

    def _find(self, method: str, path: str, *actions: Action) -> Rule | None:
        """Return the latest rule for a request that has one of these actions and is not used up."""
        with self._lock:
            for rule in reversed(self._rules):
                fresh = rule.times is None or rule.used < rule.times
                if rule.action in actions and fresh and rule.only.matches(method, path):
                    return rule
        return None

    def _take(self, method: str, path: str, action: Action) -> Rule | None:
        """Return the rule with this action for a request, and count the use."""
        with self._lock:
            rule = self._find(method, path, action)
            if rule:
                rule.used += 1
            return rule

    @contextlib.contextmanager
    def _noted(self, method: str, path: str) -> Iterator[None]:
        with self._lock:
            self._requests.append((method, path))
            self._answering += 1
        try:
            yield
        finally:
            with self._lock:
                self._answering -= 1

    def _record(self, path: str, size: int) -> None:
        with self._lock:
            self._sent[path] += size

    def _allow(self, path: str, done: int, left: int) -> int:
        """Wait until bytes of a body may be sent, and return how many; 0 when the connection is to be cut."""
        while not self._closing:
            rule = self._find("GET", path, "throttle", "stall", "cut")
            if rule is None:
                return min(left, CHUNK)
            if rule.action == "throttle":
                return self._turn(rule, left)
            if (quota := int(rule.amount) - done) > 0:
                return min(left, CHUNK, quota)
            if rule.action == "cut":
                self._take("GET", path, "cut")
                return 0
            self._hold(rule)
        return 0

    def _hold(self, rule: Rule) -> None:
        """Wait until a rule is cleared."""
        with self._lock:
            self._lock.wait_for(lambda: self._closing or rule not in self._rules)

    def _turn(self, rule: Rule, left: int) -> int:
        """Wait for a transfer's turn, so that all together keep the rate."""
        part = max(1, min(left, CHUNK, int(rule.amount / 20)))
        with self._lock:
            rule.free_at = max(rule.free_at, time.monotonic()) + part / rule.amount
            wait = rule.free_at - time.monotonic()
            before = self._changes
            self._lock.wait_for(lambda: self._closing or self._changes != before, wait)
        return part
