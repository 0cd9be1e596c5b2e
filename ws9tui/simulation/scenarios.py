"""The scenarios of `ws9tui demo`, by name; `words.scenarios` describes them to the operator.

At speed 1 a pull takes about ten seconds and the health gate twenty.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from ws9tui.simulation.engine import Behaviour, Fault
from ws9tui.simulation.scenario import RATE, WELL, Published, Scenario

_WEB = Published(
    "registry.example.com/shop/web:latest",
    "1.8.2",
    "1.9.0",
    (30, 88, 34),
    checked=True,
    behaviour=Behaviour(
        healthy_after=5.0,
        stop_seconds=0.5,
        lines=("nginx/1.29.1", "web 1.9.0: configuration is valid", "web 1.9.0: accepting connections on :80"),
        heartbeat='10.0.3.1 - "GET /health HTTP/1.1" 200 2',
    ),
)
_API = Published(
    "registry.example.com/shop/api:2.3",
    "2.3.4",
    "2.3.5",
    (30, 70, 24),
    behaviour=Behaviour(
        stop_seconds=0.5, lines=("api 2.3.5: starting", "connected to db:5432", "api 2.3.5: listening on :3000")
    ),
)
_API_OF_MORE = msgspec.structs.replace(_API, other_tags=("2.3.6",))
"""with another tag to choose if that in the files fails"""
_WORKER = Published("mirror.example.net/shop/worker:5", "5.1.0", megabytes=(30, 41))
_DB = Published("postgres:16.4", "16.4", megabytes=(30, 104, 9), other_tags=("16.5", "16.6", "17.2", "18rc1"))
_SHOP = (_WEB, _API, _WORKER, _DB)
_NO_ANSWER = tuple(
    Fault(
        call=call,
        subject="mirror.example.net/*",
        code="registry-unreachable",
        seconds=2.5,
        reason='Get "https://mirror.example.net/v2/": dial tcp 203.0.113.9:443: i/o timeout',
    )
    for call in ("resolve", "pull", "tags", "describe")
)


_CONSOLE = tuple(f"http://127.0.0.1:9000/{path}" for path in ("", "api/", "w9git/", "w9deployment/", "w9proxy/"))
"""URLs that the legacy layout's proxy answers"""


def _websoft9(
    service: str, old: str, megabytes: int, *tags: str, outputs: Mapping[str, str] = MappingProxyType({})
) -> Published:
    return Published(
        f"websoft9dev/{service}:{old}",
        old,
        megabytes=(30, megabytes, 8),
        other_tags=tags,
        label_key="version",
        labels={"org.opencontainers.image.source": "https://github.com/Websoft9/websoft9"},
        behaviour=msgspec.structs.replace(WELL, outputs=dict(outputs)),
    )


_BASE = Scenario(name="update", images=_SHOP, project="shop", faults=_NO_ANSWER)


def _shop(
    name: str, *, web: Published = _WEB, api: Published = _API, faults: tuple[Fault, ...] = (), **changes: object
) -> Scenario:
    """Returns the shop scenario with other images and further faults."""
    images = (web, api, _WORKER, _DB)
    return msgspec.structs.replace(_BASE, name=name, **{"images": images, "faults": (*faults, *_NO_ANSWER), **changes})


_NEVER_HEALTHY = Behaviour(
    healthy_after=None,
    stop_seconds=0.5,
    lines=("nginx/1.29.1", "web 1.9.0: waiting for http://api:3000"),
    heartbeat="upstream timed out (110: Connection timed out) while connecting to upstream",
    health_output="wget: can't connect to remote host (127.0.0.1): Connection refused\n",
)
_CRASH = Behaviour(
    exits_after=2.5,
    exit_code=1,
    lines=("api 2.3.5: starting", "connected to db:5432", "migrating orders to version 14"),
    last_words='fatal: relation "orders_v2" does not exist',
)
_CUT = Fault(call="pull", subject="*/api@*", effect="cut", at=0.6, times=1, reason="unexpected EOF")
_LIMIT = Fault(
    call="pull",
    subject="*/api@*",
    nth=2,
    times=1,
    at=0.2,
    code="rate-limited",
    reason="toomanyrequests: You have reached your pull rate limit",
)
_STALL = Fault(call="pull", subject="*/web@*", effect="stall", at=0.45, times=1)
_PORT = Fault(
    call="start",
    subject="web",
    times=1,
    reason="Error response from daemon: driver failed programming external connectivity on endpoint shop-web-1: "
    "Bind for 0.0.0.0:8080 failed: port is already allocated",
)

_ALL = (
    _BASE,
    _shop("pull-fails", api=_API_OF_MORE, faults=(_CUT, _LIMIT)),
    _shop("version-mismatch", api=msgspec.structs.replace(_API_OF_MORE, label="2.2.9", only_new=True)),
    _shop("never-healthy", web=msgspec.structs.replace(_WEB, behaviour=_NEVER_HEALTHY)),
    _shop("crash-loop", api=msgspec.structs.replace(_API, behaviour=_CRASH)),
    _shop("stalled-pull", faults=(_STALL,), stall_timeout=8.0),
    _shop("port-taken", faults=(_PORT,)),
    msgspec.structs.replace(
        _BASE,
        name="interrupted",
        faults=(),  # the killed run has nobody to ask, and would stop at an unreachable registry
        kill_at="container-step",
        kill_delay=1.25,  # by then the old container is stopped, and its twin has its temporary name
    ),
    msgspec.structs.replace(_BASE, name="first-install", installed=False, faults=()),
    msgspec.structs.replace(
        _BASE, name="up-to-date", images=tuple(msgspec.structs.replace(image, new="") for image in _SHOP), faults=()
    ),
    _shop("slow-registry", rate=RATE / 10, latency=3.0),
    Scenario(
        name="websoft9",
        images=(
            _websoft9("apphub", "0.2.6", 62, "0.2.7", "0.2.8"),
            _websoft9("deployment", "2.33.3", 84, "2.39.1", "2.40.0"),
            _websoft9("git", "1.25.1", 48, "1.25.5"),
            _websoft9("proxy", "2.12.7", 71, outputs=dict.fromkeys(_CONSOLE, "HTTP/1.1 200 OK\n")),
        ),
        project="websoft9",
        folder="websoft9/source/docker",
        networks=("websoft9",),
    ),
)

SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _ALL}
