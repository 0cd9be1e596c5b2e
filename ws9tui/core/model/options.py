"""The command line's options and their defaults. All durations are in seconds."""

from __future__ import annotations

import msgspec

PULL_TIMEOUT = 30 * 60.0
STALL_TIMEOUT = 2 * 60.0
MONITOR = 30.0
KEEP_GENERATIONS = 5


class Options(msgspec.Struct, frozen=True):
    """The arguments of one run as given; None and empty mean 'not given'."""

    arguments: tuple[str, ...] = ()
    """PROJECT and SERVICE[=REF] as typed; only the worker can tell them apart"""
    ask_project: bool = False
    """whether to ask for the project even if the working directory determines it"""
    files: tuple[str, ...] = ()
    project_name: str = ""
    profiles: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    expect: dict[str, str] = {}
    accept: tuple[str, ...] = ()
    """checks whose failure is accepted, as SERVICE:CHECK"""
    plan_only: bool = False
    list_only: bool = False
    """update: only list the available updates"""
    mirrors: tuple[str, ...] = ()
    """update, install: mirrors to pull from, as [REGISTRY=]HOST[/PATH]"""
    trust_mirror: bool = False
    """update, install: accept digests that only a mirror vouches for"""
    minimum_age: float | None = None
    """update: hold digests first seen on this machine less than this time ago; None: the project's setting"""
    assume_yes: bool = False
    notify: tuple[str, ...] = ()
    """receivers of notifications of decisions, failures and ends: URLs and commands"""
    step_by_step: bool = False
    """update, install: wait for the operator at each step, even if there is nothing to decide"""
    pull_timeout: float = PULL_TIMEOUT
    stall_timeout: float = STALL_TIMEOUT
    monitor: float | None = None
    """None: update_config.monitor of the service, else `MONITOR`"""
    on_failure: str | None = None
    """rollback or hold; None: update_config.failure_action, else rollback"""
    confirm_within: float | None = None
    keep_generations: int = KEEP_GENERATIONS
    to: int | None = None
    """rollback: the target generation"""
    archives: tuple[str, ...] = ()
    """files and folders with archives of `docker save`, used instead of registries; absolute"""
    backup: tuple[str, ...] = ()
    """services whose data is to be backed up"""
    no_backup: bool = False
    backup_dir: str = ""
    """folder for backups; empty: below the state directory"""
    leave_data: tuple[str, ...] = ()
    """update: data that a service may lose access to, as SERVICE:PATH"""
    data: bool = False
    """rollback: restore the data too"""
    no_data: bool = False
    """recover: leave the data as it is"""
    recover: str | None = None
    """back, forward or leave"""
    release: str = ""
    """update: the target release, a folder, a zip file or a URL"""
    old_release: str = ""
    """update: the installed release, if this program did not install it"""
    checksum: str = ""
    """SHA-256 of the release's zip"""
    compose_file: str = ""
    """update: how to merge a Compose file that the operator changed: merged, release, mine or override"""
    channel: str = ""
    """release, rc or dev; empty means release, without pre-releases"""
    site: str = ""
    """a mirror of the product's release site"""
    release_version: str = ""
    """install: the version that the release must have"""
    folder: str = ""
    """install: the target folder"""
    values: dict[str, str] = {}
    """install, and update to a release: values of the release's settings, by variable"""
    layout: str = ""
    """the product layout that the host must have; else the run is refused before the project is located"""
    output: str = ""
    """bundle, backup: the file to write; absolute"""
    overwrite: bool = False
    """bundle, backup: replace an existing file; restore: replace what exists already"""
    images: bool = False
    """backup: include the images"""
    images_only: bool = False
    """bundle: leave out the project's files"""
    remove_volumes: bool = False
    """install: if it fails, remove the volumes that it created, with their content"""

    @property
    def tells_only(self) -> bool:
        """Whether the run only reports: it changes nothing and needs no answers."""
        return self.plan_only or self.list_only
