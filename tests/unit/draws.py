"""What is drawn for the state machine: projects, updates of them, faults, and where a worker is killed."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import strategies as st

from ws9tui.core.model.observed import Healthcheck
from ws9tui.core.model.terms import Choice
from ws9tui.simulation.engine import Behaviour, Fault

NAME = "shop"


CHECK = Healthcheck(interval=1.0, timeout=1.0, retries=2)


GOOD = Behaviour(stop_seconds=0.3)


BEHAVIOURS = {
    "good": GOOD,
    "slow": Behaviour(healthy_after=3.0, stop_seconds=2.0),
    "crash": Behaviour(exits_after=0.4, exit_code=1),
    "never healthy": Behaviour(healthy_after=None),
    "exits late": Behaviour(exits_after=30.0, exit_code=3),
}


NEW = st.sampled_from(["good", "good", "good", "", *BEHAVIOURS])


class Service(NamedTuple):
    """One service of the project."""

    name: str
    moving: bool
    """its tag moves; else its version is in the env file"""
    checked: bool
    restart: bool
    one_shot: bool
    after: str
    """what it depends on"""
    inside: str
    """in whose network it lives"""
    restarts: bool
    """it is restarted with what it depends on"""

    @property
    def repository(self) -> str:
        return f"r.test/{self.name}"

    def text(self, others: dict[str, Service]) -> str:
        tag = "latest" if self.moving else f"${{{self.name.upper()}_VERSION}}"
        lines = [f"  {self.name}:", f"    image: {self.repository}:{tag}"]
        if self.restart and not self.one_shot:
            lines.append("    restart: always")
        if self.one_shot:
            lines.append("    x-ws9tui: {one_shot: true}")
        if self.inside:
            lines.append(f"    network_mode: service:{self.inside}")
        if self.after:
            other = others[self.after]
            condition = "completed_successfully" if other.one_shot else "healthy" if other.checked else "started"
            also = ", restart: true" if self.restarts else ""
            lines.append(f"    depends_on: {{{self.after}: {{condition: service_{condition}{also}}}}}")
        return "\n".join(lines)


@st.composite
def projects(draw: st.DrawFn) -> tuple[Service, ...]:
    made: list[Service] = []
    for name in ("a", "b", "c", "d")[: draw(st.integers(1, 4))]:
        hosts = [s.name for s in made if not s.one_shot and not s.inside]
        one_shot = draw(st.integers(0, 4)) == 0
        inside = draw(st.sampled_from(["", "", *hosts])) if not one_shot else ""
        after = draw(st.sampled_from(["", *(s.name for s in made)]))
        made.append(
            Service(
                name,
                draw(st.booleans()),
                draw(st.booleans()) and not one_shot,
                draw(st.booleans()),
                one_shot,
                after,
                inside,
                draw(st.booleans()),
            )
        )
    return tuple(made)


class Kill(NamedTuple):
    """When a run is killed: at a call or an event, counted from its beginning or its commit, or at an instant."""

    ticks: int = 0
    seconds: float = 0.0
    committed: int = 0


NO_KILL = Kill()


KILLS = st.one_of(
    st.just(NO_KILL),
    st.builds(Kill, ticks=st.integers(1, 500)),
    st.builds(Kill, seconds=st.floats(0.05, 12.0)),
    st.builds(Kill, committed=st.integers(1, 150)),
    st.builds(Kill, committed=st.integers(1, 150)),
)


PULL_FAULTS = st.builds(
    Fault,
    call=st.just("pull"),
    effect=st.sampled_from(["cut", "stall", "error"]),
    nth=st.integers(1, 3),
    times=st.integers(1, 5),
    at=st.sampled_from([0.0, 0.5]),
    code=st.sampled_from(["", "rate-limited"]),
)


UP_FAULTS = st.builds(
    Fault,
    call=st.sampled_from(["up", "start"]),
    nth=st.integers(1, 4),
    times=st.integers(1, 2),
    reason=st.just("Error response from daemon: no"),
)


AWAY = st.builds(
    Fault, call=st.sampled_from(["containers", "images"]), nth=st.integers(1, 12), times=st.integers(1, 40)
)


FAULTS = st.one_of(st.just(()), st.tuples(st.one_of(PULL_FAULTS, UP_FAULTS, AWAY)))


class Script(NamedTuple):
    """What the operator says, if there is one; to what is None nothing."""

    attended: bool = False
    pull_failed: Choice | None = Choice.CANCEL
    confirm: Choice | None = Choice.GO
    failed: Choice | None = None
    outcome: Choice | None = Choice.KEEP


SCRIPTS = st.one_of(
    st.just(Script()),
    st.builds(
        Script,
        attended=st.just(True),
        pull_failed=st.sampled_from([Choice.CANCEL, Choice.RETRY, None]),
        confirm=st.sampled_from([Choice.GO, Choice.GO, Choice.GO, Choice.CANCEL, None]),
        failed=st.sampled_from([Choice.ROLL_BACK, Choice.HOLD, None]),
        outcome=st.sampled_from([Choice.KEEP, Choice.ROLL_BACK, None]),
    ),
)
