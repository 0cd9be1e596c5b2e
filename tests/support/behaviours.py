"""What test images do: shell scripts that run as their first process and end at once on TERM."""

from __future__ import annotations

from dataclasses import dataclass, replace

_SECOND = 1_000_000_000
_TRAP = "trap 'exit 0' TERM INT"
_PROLOGUE = f"#!/bin/sh\n{_TRAP}\n"
_SERVE = "httpd -f -p 8080 -h /www &\n"
_REST = "while :; do sleep 2147483647 & wait; done\n"


@dataclass(frozen=True)
class Behaviour:
    """The script that the container runs, and the healthcheck that suits it (a shell command, empty for none).

    One that is `settled` stays well as long as it runs once it is well.
    """

    script: str
    healthcheck: str = ""
    one_shot: bool = False
    settled: bool = False

    @property
    def health(self) -> dict[str, object]:
        """The healthcheck as an image's configuration has it.

        A check costs the engine more than all else that it does for a container meanwhile. What is settled is looked
        at again and again only until it is well; then each check takes its time. Where it notes that is empty at each
        start, and no part of the container's layer.
        """
        if not self.healthcheck:
            return {}
        if not self.settled:
            return health(self.healthcheck)
        command = f"test -e /dev/well && exec sleep 8; {self.healthcheck} && {{ touch /dev/well 2>/dev/null; true; }}"
        return health(command, interval=0.5, retries=5, timeout=9)


def serve() -> Behaviour:
    """Serve the version at http://…:8080/version, and be healthy as soon as that answers."""
    return Behaviour(_PROLOGUE + _SERVE + _REST, "wget -q -O /dev/null http://127.0.0.1:8080/version", settled=True)


def idle() -> Behaviour:
    """Do nothing, without a healthcheck."""
    return Behaviour(_PROLOGUE + _REST)


def crash(after: float = 0, status: int = 1) -> Behaviour:
    """Serve for some seconds, then end with an error."""
    nap = f"sleep {after:g} & wait $!\n" if after else ""
    serving = _SERVE if after else ""
    return Behaviour(f"{_PROLOGUE}{serving}{nap}echo 'fatal: giving up' >&2\nexit {status}\n")


def exit0(after: float = 0) -> Behaviour:
    """Do a job and end well: a one-shot."""
    nap = f"sleep {after:g} & wait $!\n" if after else ""
    return Behaviour(f"{_PROLOGUE}{nap}echo done\nexit 0\n", one_shot=True)


def healthy_after(seconds: float) -> Behaviour:
    """Serve, and become healthy after some seconds."""
    return Behaviour(f"{_PROLOGUE}{_SERVE}(sleep {seconds:g}; touch /tmp/healthy) &\n{_REST}", "test -e /tmp/healthy")


def never_healthy() -> Behaviour:
    """Serve, and never be healthy."""
    return Behaviour(_PROLOGUE + _SERVE + _REST, "echo 'still waiting for the moon' >&2; exit 1")


def unhealthy_after(seconds: float) -> Behaviour:
    """Serve and be healthy, until some seconds have passed."""
    return Behaviour(
        f"{_PROLOGUE}{_SERVE}touch /tmp/healthy\n(sleep {seconds:g}; rm /tmp/healthy) &\n{_REST}",
        "test -e /tmp/healthy",
    )


def ignore_term() -> Behaviour:
    """Serve, and take no notice of TERM, so that only KILL ends it."""
    return Behaviour(deaf(serve()).script)


def deaf(behaviour: Behaviour) -> Behaviour:
    """Do the same, and take no notice of TERM."""
    return replace(behaviour, script=behaviour.script.replace(_TRAP, "trap '' TERM"))


def migrate(schema: int, folder: str = "/data", then: str = "") -> Behaviour:
    """Migrate the data in a folder forward to a schema, refuse data of a later one, then serve or do something else."""
    return Behaviour(
        f"{_PROLOGUE}found=$(cat {folder}/schema 2>/dev/null || echo 0)\n"
        f'if [ "$found" -gt {schema} ]; then echo "fatal: schema $found is newer than {schema}" >&2; exit 1; fi\n'
        f'[ "$found" -eq {schema} ] || echo {schema} > {folder}/schema || exit 1\n{then or _SERVE}\n{_REST}',
        "wget -q -O /dev/null http://127.0.0.1:8080/version",
        settled=True,
    )


def shell(commands: str, healthcheck: str = "") -> Behaviour:
    """Run shell commands, then idle."""
    return Behaviour(f"{_PROLOGUE}{commands}\n{_REST}", healthcheck)


def health(
    command: str, *, interval: float = 1.0, retries: int = 2, start_period: float = 0, timeout: float = 2
) -> dict[str, object]:
    """Return a healthcheck as an image's configuration has it, with short times."""
    return {
        "Test": ["CMD-SHELL", command],
        "Interval": int(interval * _SECOND),
        "Timeout": int(timeout * _SECOND),
        "StartPeriod": int(start_period * _SECOND),
        "Retries": retries,
    }
