"""What the operator may set: the command line's options, with the defaults of the contract.

All durations are in seconds.
"""

from __future__ import annotations

import msgspec

PULL_TIMEOUT = 30 * 60.0
STALL_TIMEOUT = 2 * 60.0
MONITOR = 30.0
KEEP_GENERATIONS = 5


class Options(msgspec.Struct, frozen=True):
    """The arguments of one run, as they were given; None and empty mean 'not given'."""

    arguments: tuple[str, ...] = ()
    """PROJECT and SERVICE[=REF] as typed; only the worker can tell them apart"""
    ask_project: bool = False
    """which project is meant is asked, wherever one stands"""
    files: tuple[str, ...] = ()
    project_name: str = ""
    profiles: tuple[str, ...] = ()
    env_files: tuple[str, ...] = ()
    expect: dict[str, str] = {}
    accept: tuple[str, ...] = ()
    """checks that may stop a run and are not to, as SERVICE:CHECK"""
    plan_only: bool = False
    list_only: bool = False
    """update: only tell what may be had"""
    mirrors: tuple[str, ...] = ()
    """update, install: [REGISTRY=]HOST[/PATH] of mirrors that the images are pulled from"""
    trust_mirror: bool = False
    """update, install: a digest that only a mirror tells is agreed to"""
    minimum_age: float | None = None
    """update: seconds since a digest was first seen here before which it is held; None: as the project has it"""
    assume_yes: bool = False
    notify: tuple[str, ...] = ()
    """who is told of decisions, failures and ends: URLs and commands"""
    step_by_step: bool = False
    """update, install: each step waits, also where there is nothing to decide"""
    pull_timeout: float = PULL_TIMEOUT
    stall_timeout: float = STALL_TIMEOUT
    monitor: float | None = None
    """None: update_config.monitor of the service, else `MONITOR`"""
    on_failure: str | None = None
    """rollback or hold; None: update_config.failure_action, else rollback"""
    confirm_within: float | None = None
    keep_generations: int = KEEP_GENERATIONS
    to: int | None = None
    """rollback: the generation to go to"""
    archives: tuple[str, ...] = ()
    """files and folders with what `docker save` wrote, instead of any registry; absolute"""
    backup: tuple[str, ...] = ()
    """services whose data is to be saved"""
    no_backup: bool = False
    backup_dir: str = ""
    """where backups are kept; empty: below the state directory"""
    leave_data: tuple[str, ...] = ()
    """update: data that a service is to see no more, as SERVICE:PATH"""
    data: bool = False
    """rollback: the data goes back too"""
    no_data: bool = False
    """recover: the data stays as it is"""
    recover: str | None = None
    """back, forward or leave"""
    release: str = ""
    """update: the release to go to, a folder, a zip file or a URL"""
    old_release: str = ""
    """update: the release that is installed, where this program did not install it"""
    checksum: str = ""
    """SHA-256 of the release's zip"""
    compose_file: str = ""
    """update: what becomes of a Compose file that the operator has changed: merged, release, mine or override"""
    channel: str = ""
    """release, rc or dev; empty means release, and no candidate"""
    site: str = ""
    """where the product publishes its releases, instead of its own site; a mirror"""
    release_version: str = ""
    """install: the version that the release must have"""
    folder: str = ""
    """install: where to"""
    values: dict[str, str] = {}
    """install, and update to a release: values of the release's settings, by variable"""
    layout: str = ""
    """the layout of the product that the host must have; with another it is refused before the project is located"""
    output: str = ""
    """bundle, backup: the file to write; absolute"""
    overwrite: bool = False
    """bundle, backup: another file of that name may be replaced; restore: what is there already may be"""
    images: bool = False
    """backup: with the images"""
    images_only: bool = False
    """bundle: without the project's files"""
    remove_volumes: bool = False
    """install: where it fails, the volumes that it made go with their content"""

    @property
    def tells_only(self) -> bool:
        """Whether the run changes nothing, and needs no answers."""
        return self.plan_only or self.list_only
