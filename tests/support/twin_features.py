"""What the Compose specification lets a service have, drawn for samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import isolation
from .twin_draft import Draft, Service

Feature = Callable[[Draft, str, Service], None]

_TRICKY = ("plain", "with space", "", "a=b", "x#y", "it''s", "$$HOME", "ünï", "{}", "yes", "0123")


def environment(draft: Draft, name: str, service: Service) -> None:
    values: dict[str, str | None] = {
        "ONE": draft.pick(_TRICKY),
        "FROM": draft.variable(f"E_{_word(name)}", draft.pick(("red", "1", "true"))),
    }
    if draft.yes(3):
        values["UNSET_HERE"] = None
        if draft.yes():
            draft.environ["UNSET_HERE"] = "from the shell"
    _merge(service, "environment", values)


def env_file_short(draft: Draft, name: str, service: Service) -> None:
    path = draft.home(
        name, f"{_word(name)}.env", f"# c\nFILE_VALUE={draft.pick(_TRICKY) or 'x'}\nQ='a b'\nREF=${{Q}}\n"
    )
    service["env_file"] = path if draft.yes() else [path]


def env_file_long(draft: Draft, name: str, service: Service) -> None:
    entries: list[object] = [{"path": draft.home(name, f"{_word(name)}-1.env", 'A="1"\nB=$A\n'), "required": True}]
    if draft.yes():
        entries.append({"path": "./not-there.env", "required": False})
    if draft.yes():
        entries.append(
            {"path": draft.home(name, f"{_word(name)}-raw.env", "RAW='q $A'\nB=2 # no comment\n"), "format": "raw"}
        )
    service["env_file"] = entries


def labels(draft: Draft, name: str, service: Service) -> None:
    values = {f"test.{_word(name).lower()}": draft.pick(_TRICKY), "traefik.http.routers.x.rule": "Host(`a.b`)"}
    service["labels"] = values if draft.yes() else [f"{key}={value}" for key, value in values.items()]


def label_file(draft: Draft, name: str, service: Service) -> None:
    path = draft.home(name, f"{_word(name)}.labels", "from.file=1\nother.one=a b\n")
    service["label_file"] = path if draft.yes() else [path]


def named_volume(draft: Draft, _name: str, service: Service) -> None:
    volume = draft.pick(("data", "Shared_1"))
    draft.top.setdefault("volumes", {}).setdefault(volume, draft.pick((None, {}, {"labels": {"a": "b"}})))
    entry: object = f"{volume}:/v/{volume}"
    if draft.yes():
        entry = {"type": "volume", "source": volume, "target": f"/v/{volume}", "volume": {"nocopy": True}}
    _append(service, "volumes", entry)


def renamed_volume(draft: Draft, _name: str, service: Service) -> None:
    draft.top.setdefault("volumes", {})["odd"] = {"name": draft.variable("VOLUME_NAME", "a-volume.of_mine")}
    _append(service, "volumes", "odd:/odd:ro")


def bind_short(draft: Draft, name: str, service: Service) -> None:
    path = draft.home(name, draft.pick(("conf/app.conf", "ä ö.conf", "plain.conf")), "colour = blue\n")
    _append(service, "volumes", f"{path}:/etc/app.conf{draft.pick(('', ':ro'))}")


def bind_folder(draft: Draft, _name: str, service: Service) -> None:
    _append(service, "volumes", f"{draft.pick(('./data', './not/yet', '../beside'))}:/srv/data")


def bind_long(draft: Draft, name: str, service: Service) -> None:
    path = draft.home(name, "long.conf", "x\n")
    bind = draft.pick(({"create_host_path": False}, {"propagation": "rprivate"}, {}))
    _append(
        service, "volumes", {"type": "bind", "source": path, "target": "/etc/long", "read_only": True, "bind": bind}
    )


def anonymous_volume(draft: Draft, _name: str, service: Service) -> None:
    _append(service, "volumes", draft.pick(("/anon", {"type": "volume", "target": "/anon"})))


def tmpfs(draft: Draft, _name: str, service: Service) -> None:
    if draft.yes():
        service["tmpfs"] = draft.pick(("/run/x", ["/run/x:size=64k", "/run/y"]))
    else:
        _append(service, "volumes", {"type": "tmpfs", "target": "/run/z", "tmpfs": {"size": 65536}})


def config(draft: Draft, name: str, service: Service) -> None:
    _granted(draft, name, service, "configs")


def secret(draft: Draft, name: str, service: Service) -> None:
    _granted(draft, name, service, "secrets")


def _granted(draft: Draft, name: str, service: Service, kind: str) -> None:
    way = draft.pick(("file", "environment", "content") if kind == "configs" else ("file", "environment"))
    key = f"{kind[0]}_{_word(name)}_{way}".lower()
    if draft.homes[name]:
        if kind == "configs":  # of an included file's, Compose takes the value for a second source where it reads twice
            return
        way, key = "environment", f"{key}-env"
    value: dict[str, object] = {"file": f"./{key}.txt"}
    if way == "file":
        draft.files[f"{key}.txt"] = f"content of {key}\n"
    elif way == "environment":
        draft.set(f"G_{_word(name)}", "granted value")
        value = {"environment": f"G_{_word(name)}"}
    else:
        value = {"content": f"inline {draft.variable(f'I_{_word(name)}', 'value')} $$1\n"}
    draft.top.setdefault(kind, {})[key] = value
    long = {"source": key, "target": f"/granted/{key}" if kind == "configs" else key, "mode": 0o440}
    _append(service, kind, draft.pick((key, long)))


def extra_network(draft: Draft, name: str, service: Service) -> None:
    if "network_mode" in service:
        return
    network = draft.pick(("front", "Back_1"))
    draft.top.setdefault("networks", {}).setdefault(
        network, draft.pick((None, {"internal": True}, {"labels": ["n=1"]}))
    )
    entry: dict[str, object] = {network: None}
    if draft.yes():
        entry = {network: {"aliases": [f"{_word(name).lower()}.internal", "shared-alias"]}}
    if draft.yes():
        entry["default"] = draft.pick((None, {"priority": 100}))
    service["networks"] = [*entry] if all(value is None for value in entry.values()) and draft.yes() else entry


def fixed_address(draft: Draft, name: str, service: Service) -> None:
    if "network_mode" in service or "networks" in service or "scale" in service or "deploy" in service:
        return
    draft.top.setdefault("networks", {})["fixed"] = {"ipam": {"config": [{"subnet": "172.30.5.0/24"}]}}
    number = 10 + list(draft.services).index(name)
    service["networks"] = {"fixed": {"ipv4_address": f"172.30.5.{number}", "aliases": ["at-home"]}}


def network_details(draft: Draft, name: str, service: Service) -> None:
    """Have a hardware address, an address of IPv6, or options of the network's driver."""
    if {"network_mode", "networks", "scale", "deploy"} & service.keys():
        return
    number = 10 + list(draft.services).index(name)
    draft.top.setdefault("networks", {})["six"] = {
        "enable_ipv6": True,
        "driver_opts": {"com.docker.network.driver.mtu": "1400"},
        "ipam": {"driver": "default", "config": [{"subnet": "172.30.6.0/24"}, {"subnet": "fd30:6::/64"}]},
    }
    chosen = draft.pick(
        ({"ipv6_address": f"fd30:6::{number}"}, {"mac_address": f"02:42:ac:1e:06:{number:02x}"}, {"priority": 5})
    )
    service["networks"] = {"six": chosen}


def external_links(draft: Draft, _name: str, service: Service) -> None:
    if not {"networks", "network_mode"} & service.keys():
        draft.neighbour = True
        draft.top.setdefault("networks", {})["theirs"] = {"external": True, "name": "neighbour_default"}
        service["networks"] = ["theirs"]
        service["external_links"] = ["nb-app:outside"]


def volume_of_driver(draft: Draft, _name: str, service: Service) -> None:
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m"}
    draft.top.setdefault("volumes", {})["made"] = {"driver": "local", "driver_opts": options}
    _append(service, "volumes", "made:/made")


def subpath(draft: Draft, _name: str, service: Service) -> None:
    """Mount a folder of a neighbour's volume: it is there before."""
    if draft.engine != "20.10":
        draft.neighbour = True
        draft.top.setdefault("volumes", {})["theirs"] = {"external": True, "name": "neighbour_things"}
        entry = {"type": "volume", "source": "theirs", "target": "/part", "volume": {"subpath": "."}}
        _append(service, "volumes", entry)


def api_socket(_draft: Draft, _name: str, service: Service) -> None:
    service["use_api_socket"] = True


def renamed_default_network(draft: Draft, _name: str, _service: Service) -> None:
    draft.top.setdefault("networks", {})["default"] = draft.pick(
        (
            {"name": "my_own.net"},
            {"driver_opts": {"com.docker.network.bridge.enable_icc": "true"}},
            {"attachable": True},
        )
    )


def network_of(draft: Draft, name: str, service: Service) -> None:
    if (
        draft.others(name)
        and not {"networks", "ports", "hostname", "expose", "links", "extra_hosts", "dns"} & service.keys()
    ):
        service["network_mode"] = f"service:{draft.pick(_single(draft, name))}" if _single(draft, name) else "none"


def network_none(draft: Draft, _name: str, service: Service) -> None:
    if not {"networks", "ports", "links"} & service.keys():
        service["network_mode"] = draft.pick(("none", "bridge"))


def network_of_container(draft: Draft, name: str, service: Service) -> None:
    """Live in the network of a container that is named: one of this project, or one of a neighbour."""
    if {"networks", "ports", "hostname", "expose", "links", "extra_hosts", "dns", "sysctls"} & service.keys():
        return
    candidates = _single(draft, name)
    if candidates and draft.yes():
        other = draft.pick(candidates)
        draft.services[other].setdefault("container_name", f"named-{_word(other).lower()}")
        service["network_mode"] = f"container:{draft.services[other]['container_name']}"
        if not isinstance(service.get("depends_on", {}), dict):
            service.pop("depends_on")
        service.setdefault("depends_on", {}).setdefault(other, {"condition": "service_started"})
    else:
        draft.neighbour = True
        service["network_mode"] = "container:nb-app"


def beside(draft: Draft, _name: str, service: Service) -> None:
    """Use a network or a volume that a neighbour has made."""
    draft.neighbour = True
    if draft.yes() and not {"networks", "network_mode"} & service.keys():
        draft.top.setdefault("networks", {})["theirs"] = {"external": True, "name": "neighbour_default"}
        service["networks"] = {"default": None, "theirs": {"aliases": ["from-outside"]}}
    else:
        draft.top.setdefault("volumes", {})["theirs"] = {"external": True, "name": "neighbour_things"}
        _append(service, "volumes", "theirs:/theirs")


def provider(draft: Draft, name: str, service: Service) -> None:
    """Depend on a service that a program provides, and get variables from it."""
    draft.programs["fakecloud"] = PROVIDER
    draft.providers["cloud"] = {"provider": {"type": "fakecloud", "options": {"size": draft.pick(("small", "big"))}}}
    draft.features.append(f"{name} provided")
    entries = service.setdefault("depends_on", {})
    if isinstance(entries, dict):
        entries["cloud"] = {"condition": "service_started"}
    else:
        entries.append("cloud")


def image_mount(draft: Draft, _name: str, service: Service) -> None:
    if draft.engine != "20.10":
        source = f"HOST/idle4:{draft.pick(('1.0.0', 'latest'))}"
        _append(service, "volumes", {"type": "image", "source": source, "target": "/from/image"})


def ipc_of(draft: Draft, name: str, service: Service) -> None:
    if candidates := _single(draft, name):
        other = draft.pick(candidates)
        draft.services[other].setdefault("ipc", "shareable")
        if draft.services[other]["ipc"] == "shareable":
            service["ipc"] = f"service:{other}"


def pid_of(draft: Draft, name: str, service: Service) -> None:
    if candidates := _single(draft, name):
        service["pid"] = f"service:{draft.pick(candidates)}"


def volumes_of(draft: Draft, name: str, service: Service) -> None:
    # of one with a tmpfs among its volumes Compose cannot take them
    if candidates := [other for other in _single(draft, name) if "tmpfs" not in str(draft.services[other])]:
        service["volumes_from"] = [f"{draft.pick(candidates)}{draft.pick(('', ':ro'))}"]


def depends(draft: Draft, name: str, service: Service) -> None:
    entries: dict[str, dict[str, object]] = {}
    for other in draft.some(draft.others(name), most=2) if draft.others(name) else []:
        kind = draft.repos[other]
        condition = "service_started"
        if kind.startswith("job"):
            condition = "service_completed_successfully"
        elif kind.startswith("web") and draft.yes() and "healthcheck" not in draft.services[other]:
            condition = "service_healthy"
        entries[other] = {"condition": condition}
        if draft.yes(3) and not kind.startswith("job"):
            entries[other]["restart"] = True
        if draft.yes(4):
            entries[other]["required"] = False
    simple = all(entry == {"condition": "service_started"} for entry in entries.values())
    if entries:
        service["depends_on"] = list(entries) if simple and draft.yes() else entries


def replicas(draft: Draft, _name: str, service: Service) -> None:
    if {"container_name", "networks", "ports"} & service.keys():
        return
    if draft.yes():
        service["scale"] = 2
    else:
        service.setdefault("deploy", {})["replicas"] = 2


def deploy(draft: Draft, _name: str, service: Service) -> None:
    service.setdefault("deploy", {}).update(
        draft.pick(
            (
                {"resources": {"limits": {"memory": "64M", "pids": 100}}},
                {"restart_policy": {"condition": "on-failure", "max_attempts": 2}},
                {"labels": {"deploy.label": "x"}},
                {"mode": "replicated"},
            )
        )
    )


def healthcheck(draft: Draft, name: str, service: Service) -> None:
    if draft.repos[name].startswith("job"):
        return
    service["healthcheck"] = draft.pick(
        (
            {"test": "true", "interval": "500ms", "start_period": "1s"},
            {"test": ["CMD", "version"], "interval": "1s", "retries": 2, "timeout": "2s"},
            {"disable": True},
            {"test": ["NONE"]},
            *([{"test": "true", "start_interval": "1s", "start_period": "9s"}] if draft.engine != "20.10" else []),
        )
    )


def restart(draft: Draft, name: str, service: Service) -> None:
    if not draft.repos[name].startswith("job"):
        service["restart"] = draft.pick(("always", "unless-stopped", "on-failure:3", "no"))


def command(draft: Draft, name: str, service: Service) -> None:
    service["command"] = draft.pick(("a 'b c' $$d", ["x", "y z"], [], ""))
    if draft.yes(3) and not draft.repos[name].startswith("job"):
        service["entrypoint"] = draft.pick(("/init", ["/init", "-v"]))


def identity(draft: Draft, _name: str, service: Service) -> None:
    if "network_mode" not in service:
        service["hostname"] = draft.pick(("host-1", "a.b.example"))
    service["user"] = draft.pick(("1000", "root", "1000:1000"))
    service["working_dir"] = "/tmp"


def hosts(draft: Draft, _name: str, service: Service) -> None:
    if "network_mode" not in service:
        service["extra_hosts"] = draft.pick((["a.example:10.1.2.3", "gw:host-gateway"], {"b.example": "10.1.2.4"}))
        service["dns"] = draft.pick(("10.9.8.7", ["10.9.8.7", "10.9.8.6"]))
        service |= draft.pick(({}, {"dns_search": "a.example"}, {"dns_opt": ["ndots:2"]}, {"domainname": "b.example"}))


def powers(draft: Draft, _name: str, service: Service) -> None:
    chosen: Service = draft.pick(
        (
            {"cap_add": ["NET_ADMIN"], "cap_drop": ["MKNOD"]},
            {"security_opt": ["no-new-privileges:true"]},
            {"privileged": isolation.all_powers()},  # a container gets no more than the machine has
            {"read_only": True, "tmpfs": ["/tmp"]},
            {"devices": ["/dev/null:/dev/nix"]},
            {"group_add": ["1000", 20]},
            {"userns_mode": "host"},
            {"cgroup": "private"},
            {"cgroup": "host"},
            {"uts": "host"},
            {"init": True},
            {"runtime": "runc"},
            {"device_cgroup_rules": ["c 1:3 rwm"]},
        )
    )
    service |= chosen


def limits(draft: Draft, _name: str, service: Service) -> None:
    service.update(
        draft.pick(
            (
                {"ulimits": {"nofile": {"soft": 1024, "hard": 2048}, "nproc": 200}},
                {"shm_size": "1mb"},
                {"mem_limit": "64m", "mem_reservation": "32m"},
                {"oom_score_adj": 100},
                {"logging": {"driver": "json-file", "options": {"max-size": "1m"}}},
                {"logging": {"driver": "none"}},
                {"tty": True, "stdin_open": True},
                {"stop_signal": "SIGINT", "stop_grace_period": "3s"},
                {"platform": "linux/amd64"},
                {"pull_policy": "missing"},
                {"pull_policy": "always"},
                {"pull_policy": "if_not_present"},
                {"attach": False},
                {"cpus": 0.5, "cpu_shares": 512, "pids_limit": 50},
                {"stop_grace_period": "1s", "storage_opt": {}},
            )
        )
    )


def sysctls(draft: Draft, _name: str, service: Service) -> None:
    if "network_mode" not in service:
        service["sysctls"] = draft.pick(({"net.ipv4.ip_unprivileged_port_start": 80}, ["net.core.somaxconn=512"]))


def ports(draft: Draft, name: str, service: Service) -> None:
    if "network_mode" in service or "scale" in service or "deploy" in service:
        return
    number = 18000 + list(draft.services).index(name)
    service["ports"] = draft.pick(
        (
            ["8080"],
            [f"127.0.0.1:{number}:8080", "9090/udp"],
            [{"target": 8080, "published": str(number), "host_ip": "127.0.0.1", "mode": "host"}],
            [f"127.0.0.1:{draft.variable(f'P_{_word(name)}', str(number))}:8080"],
        )
    )
    if draft.yes():
        service["expose"] = ["7070", 7071]


def container_name(draft: Draft, name: str, service: Service) -> None:
    if "scale" not in service and "deploy" not in service:
        service["container_name"] = draft.pick((f"own.{_word(name)}", f"{_word(name).lower()}-1", f"My_{_word(name)}"))


def hooks(draft: Draft, name: str, service: Service) -> None:
    if draft.repos[name].startswith("job"):
        return
    service["post_start"] = [{"command": ["sh", "-c", "echo started >> /tmp/hook"], "user": "root"}]
    if draft.yes():
        service["pre_stop"] = [{"command": "true", "environment": {"A": "b"}}]


def annotated(draft: Draft, _name: str, service: Service) -> None:
    if draft.engine != "20.10":
        service["annotations"] = {"com.example.a": "b"}


def links(draft: Draft, name: str, service: Service) -> None:
    candidates = [other for other in _single(draft, name) if "network_mode" not in draft.services[other]]
    candidates = [other for other in candidates if not {"networks"} & draft.services[other].keys()]
    if candidates and not {"network_mode", "networks"} & service.keys():
        service["links"] = [f"{draft.pick(candidates)}:linked"]


def build(draft: Draft, name: str, service: Service) -> None:
    service["build"] = draft.pick((draft.home(name, "src", None), {"context": draft.home(name, "src", None)}))
    draft.home(name, "src/Dockerfile", "FROM scratch\n")


def extension(draft: Draft, _name: str, service: Service) -> None:
    service["x-note"] = {"any": ["thing", draft.pick((1, "two"))]}


def develop(draft: Draft, _name: str, service: Service) -> None:
    service["develop"] = {"watch": [{"path": draft.pick(("./src", ".")), "action": "sync", "target": "/app"}]}


PROVIDER = """\
#!/bin/sh
case "$*" in *metadata*) exit 1;; *" up "*) ;; *) exit 0;; esac
echo '{"type":"info","message":"making it"}'
echo '{"type":"setenv","message":"URL=https://cloud.example/1"}'
"""
"""speaks Compose's protocol for providers"""

ALL: tuple[Feature, ...] = (
    environment, env_file_short, env_file_long, labels, label_file, named_volume, renamed_volume, bind_short,
    bind_folder, bind_long, anonymous_volume, tmpfs, config, secret, extra_network, fixed_address,
    renamed_default_network, network_of, network_none, ipc_of, pid_of, volumes_of, depends, depends, replicas, deploy,
    healthcheck, restart, command, identity, hosts, powers, limits, sysctls, ports, container_name, hooks, annotated,
    links, build, extension, develop, network_of_container, beside, provider, image_mount,
    network_details, external_links, volume_of_driver, subpath, api_socket,
)  # fmt: skip


def _word(name: str) -> str:
    return "".join(char if char.isalnum() and char.isascii() else "_" for char in name).upper()


def _merge(service: Service, key: str, values: Mapping[str, object]) -> None:
    service[key] = {**service.get(key, {}), **values}


def _append(service: Service, key: str, value: object) -> None:
    targets = [_target(entry) for entry in service.get(key, [])]
    if _target(value) not in targets:
        service.setdefault(key, []).append(value)


def _target(entry: object) -> str:
    if isinstance(entry, dict):
        return str(entry.get("target"))
    parts = str(entry).split(":")
    return parts[1] if len(parts) > 1 else parts[0]


def _single(draft: Draft, name: str) -> list[str]:
    """Name the services before this one of which there is one container that goes on running."""
    return [
        other
        for other in draft.others(name)
        if "scale" not in draft.services[other]
        and "replicas" not in draft.services[other].get("deploy", {})
        and not draft.repos[other].startswith("job")
    ]
