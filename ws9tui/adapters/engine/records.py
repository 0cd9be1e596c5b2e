"""Converts the engine API's answers into the core's records; missing fields get defaults.

An answer of another shape raises `AttributeError`, `KeyError`, `TypeError` or `ValueError`; the fields of all records
have their declared types.
"""

from __future__ import annotations

import json
import platform
import re
import signal
from collections.abc import Iterable, Iterator
from functools import lru_cache
from math import inf
from typing import Any, TypeVar

import msgspec

from ws9tui.core.model.codec import decoded, encoded
from ws9tui.core.model.masking import Mask
from ws9tui.core.model.observed import (
    KEEP_REPOSITORY,
    Container,
    EngineInfo,
    Healthcheck,
    Image,
    Mount,
    Network,
    SentSignals,
)
from ws9tui.core.model.offered import Manifest
from ws9tui.core.model.reference import Reference

Answer = dict[str, Any]
R = TypeVar("R", bound=msgspec.Struct)

_STOP_TIMEOUT = 10
"""the engine's grace period in seconds for a container without its own"""
OURS = "ws9tui"
"""label of the networks that this program creates"""
_LABEL = "com.docker.compose."
_NANOSECONDS = 1e9
_ANONYMOUS = re.compile(r"[0-9a-f]{64}")
_SNAPSHOTTER = "io.containerd.snapshotter"
_IN_MEMORY = ("tmpfs", "ramfs")
_REMEMBERED = 256
"""events, of all kinds, that an engine keeps"""
_HEALTH_OUTPUT = 500
"""characters of a health check's output that are kept"""


def engine_info(info: Answer, version: Answer, host: str, inside: Container | None = None) -> EngineInfo:
    """Parses `/info` and `/version`; ``inside`` is the container in which this process runs."""
    local = host.startswith("unix://")
    drivers = [str(value) for pair in info.get("DriverStatus") or [] for value in pair]
    made = EngineInfo(
        id=info.get("ID") or "",
        name=info.get("Name") or "",
        version=version.get("Version") or info.get("ServerVersion") or "",
        api_version=version.get("ApiVersion") or "",
        os=version.get("Os") or info.get("OSType") or "linux",
        architecture=version.get("Arch") or info.get("Architecture") or "",
        root=info.get("DockerRootDir") or "",
        containerd_store=any(value.startswith(_SNAPSHOTTER) for value in drivers),
        local=local and inside is None,
        host=host,
        time=info.get("SystemTime") or "",
        # An engine reached by TCP may be this machine's, behind a proxy.
        elsewhere=not local and inside is None and (host.startswith("ssh:") or info.get("Name") != platform.node()),
        inside=inside,
    )
    return _checked(made)


def container(details: Answer) -> Container:
    """Parses a container's inspection."""
    config = details.get("Config") or {}
    settings = details.get("HostConfig") or {}
    state = details.get("State") or {}
    health = state.get("Health") or {}
    labels = config.get("Labels") or {}
    made = Container(
        id=details.get("Id") or "",
        name=(details.get("Name") or "").lstrip("/"),
        image_id=details.get("Image") or "",
        image=Reference(config.get("Image") or ""),
        project=labels.get(_LABEL + "project", ""),
        service=labels.get(_LABEL + "service", ""),
        number=_number(labels.get(_LABEL + "container-number"), 1),
        # A hook's container is no replica either.
        oneoff=labels.get(_LABEL + "oneoff", "").lower() == "true" or _LABEL + "hook" in labels,
        config_hash=labels.get(_LABEL + "config-hash", ""),
        compose_version=labels.get(_LABEL + "version", "").removeprefix("v"),
        image_label=labels.get(_LABEL + "image", ""),
        manifest=(details.get("ImageManifestDescriptor") or {}).get("digest") or "",
        replaces=labels.get(_LABEL + "replace", ""),
        working_dir=labels.get(_LABEL + "project.working_dir", ""),
        config_files=_listed(labels.get(_LABEL + "project.config_files")),
        environment_files=_listed(labels.get(_LABEL + "project.environment_file")),
        state=state.get("Status") or "created",
        health="" if health.get("Status") in (None, "none") else health["Status"],
        exit_code=state.get("ExitCode") or 0,
        error=state.get("Error") or "",
        restart_count=details.get("RestartCount") or 0,
        restart_policy=(settings.get("RestartPolicy") or {}).get("Name") or "no",
        restart_limit=(settings.get("RestartPolicy") or {}).get("MaximumRetryCount") or 0,
        oom_killed=bool(state.get("OOMKilled")),
        created_at=_time(details.get("Created")),
        started_at=_time(state.get("StartedAt")),
        finished_at=_time(state.get("FinishedAt")),
        healthcheck=_healthcheck(config.get("Healthcheck")),
        health_output=_health_output(health, config)[:_HEALTH_OUTPUT],
        grace=float(_STOP_TIMEOUT if config.get("StopTimeout") is None else config["StopTimeout"]),
        stop_signal=_signal_number(config.get("StopSignal") or ""),
        network_mode=settings.get("NetworkMode") or "",
        ipc_mode=settings.get("IpcMode") or "",
        pid_mode=settings.get("PidMode") or "",
        log_driver=(settings.get("LogConfig") or {}).get("Type") or "",
        networks={
            name: (entry or {}).get("NetworkID") or ""
            for name, entry in sorted(((details.get("NetworkSettings") or {}).get("Networks") or {}).items())
        },
        # The engine returns them in varying order.
        mounts=tuple(sorted(_mounts(details, settings), key=lambda mount: mount.target)),
        mounted_images=_digests_by_path(labels.get(_LABEL + "image-volume-digest", "")),
        ports=_ports(settings.get("PortBindings") or {}),
    )
    return _checked(made)


def _digests_by_path(label: str) -> dict[str, str]:
    """Parses Compose's label of mounted images: comma-separated PATH=DIGEST."""
    parts = (part.rpartition("=") for part in label.split(","))
    return {path: digest for path, _, digest in parts if path and digest}


def image(details: Answer) -> Image:
    """Parses an image's inspection."""
    config = details.get("Config") or {}
    made = Image(
        id=details.get("Id") or "",
        tags=_tags(details.get("RepoTags")),
        digests=_digests(details),
        digest=(details.get("Descriptor") or {}).get("digest") or "",
        labels=dict(config.get("Labels") or {}),
        os=details.get("Os") or "linux",
        architecture=details.get("Architecture") or "",
        variant=details.get("Variant") or "",
        size=details.get("Size") or 0,
        created_at=_time(details.get("Created")),
        user=config.get("User") or "",
        entrypoint=_words(config.get("Entrypoint")),
        command=_words(config.get("Cmd")),
        volumes=tuple(sorted(config.get("Volumes") or {})),
        exposed_ports=tuple(sorted(config.get("ExposedPorts") or {})),
        has_healthcheck=_healthcheck(config.get("Healthcheck")) is not None,
        manifest=_manifest(details),
        layers=tuple(str(layer) for layer in (details.get("RootFS") or {}).get("Layers") or ()),
    )
    return _checked(made)


def listed_image(entry: Answer) -> Image:
    """Parses one entry of the list of images."""
    made = Image(
        id=entry.get("Id") or "",
        tags=_tags(entry.get("RepoTags")),
        digests=_digests(entry),
        digest=(entry.get("Descriptor") or {}).get("digest") or "",
        labels=dict(entry.get("Labels") or {}),
        size=entry.get("Size") or 0,
    )
    return _checked(made)


def manifest(answer: Answer) -> Manifest:
    """Parses `/distribution`: what the registry has under a reference."""
    platforms = dict.fromkeys(_platform(platform) for platform in answer.get("Platforms") or [])
    made = Manifest(
        digest=(answer.get("Descriptor") or {}).get("digest") or "",
        platforms=tuple(name for name in platforms if name and not name.startswith("unknown/")),
    )
    return _checked(made)


def network(entry: Answer) -> Network:
    """Parses one entry of the list of networks."""
    labels = entry.get("Labels") or {}
    made = Network(
        id=entry.get("Id") or "",
        name=entry.get("Name") or "",
        project=labels.get(_LABEL + "project", ""),
        ours=OURS in labels,
        key=labels.get(_LABEL + "network", ""),
        hashed=bool(labels.get(_LABEL + "config-hash")),
        driver=entry.get("Driver") or "",
        internal=bool(entry.get("Internal")),
        attachable=bool(entry.get("Attachable")),
        ipv6=bool(entry.get("EnableIPv6")),
        options=entry.get("Options") or {},
        labels={key: value for key, value in labels.items() if not key.startswith(_LABEL)},
        subnets=tuple(pool["Subnet"] for pool in (entry.get("IPAM") or {}).get("Config") or () if pool.get("Subnet")),
    )
    return _checked(made)


def signals(lines: Iterable[str], now: float) -> SentSignals:
    """Parses past events, oldest first: the signals to each container since it last started or died."""
    events = [json.loads(line) for line in lines if line.strip()]
    sent: dict[str, frozenset[int]] = {}
    for event in (event for event in events if event.get("Type") == "container"):
        actor = event.get("Actor") or {}
        if event.get("Action") == "kill":
            number = _signal_number((actor.get("Attributes") or {}).get("signal") or "")
            sent[actor["ID"]] = sent.get(actor["ID"], frozenset()) | {number}
        elif event.get("Action") in ("start", "die"):
            sent.pop(actor["ID"], None)
    full = len(events) >= _REMEMBERED
    made = SentSignals(sent, now - events[0]["timeNano"] / _NANOSECONDS if full else inf)
    return _checked(made)


def _signal_number(said: str) -> int:
    """Returns a signal's number; given as a number, or a name with or without SIG. SIGTERM if unknown."""
    if said.isdecimal():
        return int(said)
    name = said if said.startswith("SIG") else f"SIG{said}"
    return signal.Signals[name].value if name in signal.Signals.__members__ else signal.SIGTERM.value


def volume_sizes(answer: Answer) -> dict[str, int]:
    """Parses the bytes of each volume from `/system/df`, whose shape changed with API 1.52; omits unknown sizes."""
    usage = answer.get("VolumeUsage") or answer.get("VolumesDiskUsage") or {}
    entries = answer.get("Volumes") or usage.get("Items") or []
    sizes = {str(entry.get("Name")): (entry.get("UsageData") or {}).get("Size", -1) for entry in entries}
    return {name: int(size) for name, size in sizes.items() if size is not None and size >= 0}


def no_data(answer: Answer) -> dict[str, str]:
    """Returns the volumes that hold no data by their mount options: volume → kind of memory, or `read-only`."""
    found = {}
    for entry in answer.get("Volumes") or []:
        options = entry.get("Options") or {}
        if entry.get("Driver") == "local" and options.get("type") in _IN_MEMORY:
            found[str(entry.get("Name"))] = str(options["type"])
        elif "ro" in str(options.get("o") or "").split(","):
            found[str(entry.get("Name"))] = "read-only"
    return found


def changed_files(changes: Iterable[Answer] | None) -> list[str]:
    """Returns the changed or added paths, without the parent folders of other entries."""
    kinds = {str(change.get("Path") or ""): change.get("Kind") for change in changes or ()}
    parents = {path.rpartition("/")[0] for path in kinds}
    deleted = 2
    return sorted(path for path, kind in kinds.items() if path and kind != deleted and path not in parents)


def _checked(record: R) -> R:
    """Returns a record after a check of its fields' types; raises `ValueError`."""
    return msgspec.convert(msgspec.to_builtins(record, enc_hook=encoded), type(record), dec_hook=decoded)


def _platform(platform: Answer) -> str:
    parts = (platform.get("os"), platform.get("architecture"), platform.get("variant"))
    return "/".join(part for part in parts if part)


def _healthcheck(config: Answer | None) -> Healthcheck | None:
    test = (config or {}).get("Test") or []
    if not config or not test or test[0] == "NONE":
        return None
    usual = Healthcheck()
    return Healthcheck(
        interval=(config.get("Interval") or 0) / _NANOSECONDS or usual.interval,
        timeout=(config.get("Timeout") or 0) / _NANOSECONDS or usual.timeout,
        retries=config.get("Retries") or usual.retries,
        start_period=(config.get("StartPeriod") or 0) / _NANOSECONDS,
    )


def _health_output(health: Answer, config: Answer) -> str:
    """Returns a health check's last output, with the values of the container's variables masked."""
    log = health.get("Log") or []
    output = str(log[-1].get("Output") or "") if log else ""
    return _masked(output, tuple(config.get("Env") or ()))


@lru_cache(maxsize=256)  # a check's output repeats
def _masked(output: str, environment: tuple[str, ...]) -> str:
    mask = Mask()
    mask.learn((name, value) for name, _, value in (entry.partition("=") for entry in environment))
    return mask.hidden(output)


def _mounts(details: Answer, settings: Answer) -> Iterator[Mount]:
    """Yields the mounts; a volume's subpath is only in the requested mounts of `HostConfig`."""
    asked = settings.get("Mounts") or []
    parts = {entry.get("Target"): (entry.get("VolumeOptions") or {}).get("Subpath") or "" for entry in asked}
    for mount in details.get("Mounts") or []:
        made = _mount(mount)
        yield msgspec.structs.replace(made, subpath=str(parts.get(made.target, "")))


def _mount(mount: Answer) -> Mount:
    kind = mount.get("Type") or ""
    name = mount.get("Name") or mount.get("Source") or ""
    # The engine names an anonymous volume by 32 random bytes; the label for it came with engine 23.
    anonymous = kind == "volume" and _ANONYMOUS.fullmatch(name) is not None
    target = mount.get("Destination") or ""
    return Mount(type=kind, name=name, target=target, anonymous=anonymous, read_only=mount.get("RW") is False)


def _ports(bindings: Answer) -> tuple[str, ...]:
    """Returns the fixed published ports; a port that the engine picks cannot be taken by another program."""
    found = []
    for inside, entries in sorted(bindings.items()):
        protocol = inside.partition("/")[2] or "tcp"
        for entry in entries or []:
            address = entry.get("HostIp") or "0.0.0.0"  # noqa: S104  # that is what an empty one means
            port = entry.get("HostPort") or "0"
            if port != "0":
                found.append(f"{f'[{address}]' if ':' in address else address}:{port}/{protocol}")
    return tuple(found)


def _tags(found: Any) -> tuple[Reference, ...]:  # noqa: ANN401 - from JSON
    """Parses tags, without the digest references that the containerd image store lists among them (28.5)."""
    return tuple(reference for reference in _references(found) if not reference.digest)


def _digests(entry: Answer) -> tuple[Reference, ...]:
    """Parses repository digests, without those of keep tags.

    The containerd image store (28.5) lists a digest for any tag, keep tags included, and of several repositories only
    the last one's. There the image's ID is its digest in all of them.
    """
    own = entry.get("Id") or ""
    found = _references(entry.get("RepoDigests"))
    if own and any(reference.digest == own for reference in found):
        found = tuple(dict.fromkeys((*found, *(tag.at(own) for tag in _tags(entry.get("RepoTags"))))))
    return tuple(reference for reference in found if not reference.startswith(f"{KEEP_REPOSITORY}/"))


def _manifest(details: Answer) -> str:
    """Returns the digest of the local manifest of the image's platform; empty if it is unclear."""
    here = [
        entry
        for entry in details.get("Manifests") or []
        if entry.get("Kind") == "image" and entry.get("Available") is True
    ]
    own = _platform({key.lower(): details.get(key) for key in ("Os", "Architecture", "Variant")})
    fitting = [entry for entry in here if _platform((entry.get("ImageData") or {}).get("Platform") or {}) == own]
    chosen = fitting or (here if len(here) == 1 else [])
    return str(chosen[0].get("ID") or "") if chosen else ""


def _references(values: Iterable[str] | None) -> tuple[Reference, ...]:
    """Returns the references, without the `<none>` that some engines list for none."""
    return tuple(Reference(value) for value in values or () if "<none>" not in value)


def _words(value: str | Iterable[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _listed(value: str | None) -> tuple[str, ...]:
    return tuple(part for part in (value or "").split(",") if part)


def _number(value: str | None, default: int) -> int:
    return int(value) if value and value.isdecimal() else default


def _time(value: str | None) -> str:
    return "" if not value or value.startswith("0001-01-01") else value
