"""Predicts what Websoft9's own script would do on a host, which it judges by names alone.

The prediction informs the operator; nothing here decides anything. The script's search for a legacy volume: one of a
role's names, else the first of all volumes, in the order of `docker volume ls`, that ends in an underscore and a name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ws9tui.core.model.observed import Container

_CONTAINERS = (
    "websoft9-apphub", "websoft9-deployment", "websoft9-git", "websoft9-proxy", "websoft9-appmanage",
    "websoft9-portainer", "websoft9-gitea", "websoft9-nginxproxymanager", "websoft9-redis",
)  # fmt: skip
ROLES: dict[str, tuple[str, ...]] = {
    "apphub_logs": ("apphub_logs",),
    "apphub_media": ("apphub_media",),
    "apphub_config": ("apphub_config",),
    "portainer": ("portainer", "portainer_data"),
    "gitea": ("gitea", "gitea_data"),
    "nginx_data": ("nginx_data",),
    "nginx_letsencrypt": ("nginx_letsencrypt",),
    "nginx_modsec": ("nginx_modsec",),
    "nginx_var": ("nginx_var",),
}
"""role of a legacy volume → the names by which the script searches for it"""


def taken_for(role: str, volumes: Iterable[str]) -> str:
    """Returns the volume that the script would use for a role; empty for none."""
    there = sorted(volumes)
    names = ROLES[role]
    exact = [name for name in names if name in there]
    return next(iter((*exact, *(one for one in there if one.endswith(tuple(f"_{name}" for name in names))))), "")


def removed(own: Collection[Container], containers: Collection[Container], volumes: Collection[str]) -> list[str]:
    """Returns others' containers and volumes that the script would remove by name at the end of a migration."""
    mine = {one.id for one in own}
    found = [one.name for one in containers if one.name in _CONTAINERS and one.id not in mine]
    mounted = {mount.name for one in own for mount in one.mounts}
    return [*found, *(name for name in ROLES if name in volumes and name not in mounted)]


def legacy_signs(containers: Collection[str], volumes: Collection[str]) -> tuple[str, ...]:
    """Returns the names of containers and volumes that the script would take for a legacy installation."""
    found = [name for name in _CONTAINERS if name in containers]
    found += [volume for role in ROLES if (volume := taken_for(role, volumes))]
    return tuple(dict.fromkeys(found))
