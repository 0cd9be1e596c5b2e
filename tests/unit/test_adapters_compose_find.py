from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from support.told import facts
from ws9tui.adapters.compose import places
from ws9tui.adapters.compose.compose import ComposeCommand, find
from ws9tui.core.model.source import ProjectSource
from ws9tui.errors import ComposeError

FULL_HELP = "--progress string  Set type of progress output (auto, tty, plain, json, quiet)"
OLD_HELP = "--progress string  Set type of progress output (auto, tty, plain, quiet)"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only folder in which programs are found."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!{shutil.which('sh', path='/bin:/usr/bin')}\n{script}\n")
    (folder / name).chmod(0o755)


def compose(folder: Path, *, help_text: str, unknown: str = "", answer: str = "") -> Path:
    """Stand in for a Compose of another version, and return the file in which it notes what it was asked."""
    log = folder / "asked"
    program(
        folder,
        "docker-compose",
        f"""case "$*" in
        "version --short") echo v2.20.3 ;;
        --help) echo '{help_text}' ;;
        *"{unknown or " "}") echo 'unknown flag: {unknown}' >&2; exit 16 ;;
        *) echo "$*" >> {log}; echo '{answer}' ;;
        esac""",
    )
    return log


@pytest.fixture
def source(tmp_path: Path) -> ProjectSource:
    return ProjectSource(name="web", folder=str(tmp_path), files=(str(tmp_path / "compose.yaml"),))


async def test_the_plugin_is_first(programs: Path) -> None:
    program(programs, "docker", '[ "$*" = "compose version --short" ] && echo 2.26.1-ds1')
    program(programs, "docker-compose", "echo 2.20.0")
    found = await find()
    assert (found.command, found.version) == (("docker", "compose"), "2.26.1-ds1")


@pytest.mark.parametrize(
    "script",
    [
        "echo \"docker: 'compose' is not a docker command.\" >&2; exit 1",
        "echo 'unknown flag: --short' >&2; exit 125",
        "echo 'Usage:  docker [OPTIONS] COMMAND'",
        "echo 1.2.3; exit 1",
    ],
)
async def test_without_the_plugin_the_binary_is_taken(programs: Path, script: str) -> None:
    program(programs, "docker", script)
    program(programs, "docker-compose", "echo v5.6.1")
    found = await find()
    assert (found.command, found.version) == (("docker-compose",), "5.6.1")


async def test_version_1_is_refused(programs: Path) -> None:
    program(programs, "docker-compose", "echo 1.29.2")
    with pytest.raises(ComposeError) as caught:
        await ComposeCommand().version()
    assert caught.value.problem.code == "compose-v1"
    assert caught.value.problem.facts == {"version": "1.29.2"}


async def test_version_1_beside_the_plugin_does_not_matter(programs: Path) -> None:
    program(programs, "docker", "echo v2.30.0")
    program(programs, "docker-compose", "echo 1.29.2")
    assert await ComposeCommand().version() == "2.30.0"


@pytest.mark.parametrize("name", ["", "docker"])
async def test_there_is_none(programs: Path, source: ProjectSource, name: str) -> None:
    if name:
        program(programs, name, "exit 1")
    with pytest.raises(ComposeError, match="compose-missing"):
        await ComposeCommand().config(source)


async def test_a_compose_that_is_not_executable_is_none(programs: Path) -> None:
    (programs / "docker-compose").write_text("")
    with pytest.raises(ComposeError, match="compose-missing"):
        await find()


@pytest.mark.parametrize(
    ("help_text", "progress"), [(FULL_HELP, "--progress json "), (OLD_HELP, "--progress plain "), ("nothing", "")]
)
async def test_progress_is_asked_for_as_far_as_it_is_known(
    programs: Path, source: ProjectSource, help_text: str, progress: str
) -> None:
    log = compose(programs, help_text=help_text, answer=" Container web-app-1  Started")
    command = ComposeCommand()
    steps: list[tuple[str, str]] = []
    await command.up(source, ["app"], report=lambda name, text: steps.append((name, text)))
    await command.restart(source, ["app"])
    project = f"--project-name web --project-directory {source.folder} --file {source.files[0]}"
    flags = "--no-build --pull never --no-deps --remove-orphans=false"
    assert log.read_text().splitlines() == [
        f"{progress}{project} up --detach {flags} app",
        f"{progress}{project.removeprefix('--project-name web ')} restart --no-deps app",
    ]
    assert steps == [("web-app-1", "Started")]


@pytest.mark.parametrize("hangs", ["'version --short'", "--help", "--progress*"])
async def test_a_compose_that_gives_no_answer_is_named_so(
    programs: Path, source: ProjectSource, monkeypatch: pytest.MonkeyPatch, hangs: str
) -> None:
    monkeypatch.setattr("ws9tui.adapters.compose.compose._READ", 1.0)
    program(
        programs,
        "docker-compose",
        f"""case "$*" in
        {hangs}) exec /bin/sleep 1000 ;;
        version*) echo v2.20.3 ;;
        *) echo '{OLD_HELP}' ;;
        esac""",
    )
    with pytest.raises(ComposeError, match=r"compose-failed.*unfinished"):
        await ComposeCommand(up_timeout=1.0).up(source, ["app"])


@pytest.mark.parametrize("known", [True, False])
async def test_env_files_stay_unread_where_that_is_known(programs: Path, source: ProjectSource, known: bool) -> None:
    flag = "--no-env-resolution"
    log = compose(programs, help_text="", unknown="" if known else flag, answer=json.dumps({"services": {}}))
    command = ComposeCommand()
    for _ in range(2):
        assert await command.config(source, resolve_env_files=False) == {"services": {}}
    await command.config(source)
    *unread, read = log.read_text().splitlines()
    assert len(unread) == 2
    assert all(line.endswith(f"config --format json{f' {flag}' if known else ''}") for line in unread)
    assert read.endswith("config --format json")


async def test_files_that_are_wrong_are_told_where_env_files_stay_unread(programs: Path, source: ProjectSource) -> None:
    program(
        programs, "docker-compose", "[ $1 = version ] && echo v2.20.3 || { echo 'yaml: no such thing' >&2; exit 15; }"
    )
    with pytest.raises(ComposeError, match="no such thing"):
        await ComposeCommand().config(source, resolve_env_files=False)


async def test_nothing_named_is_nothing_done(programs: Path, source: ProjectSource) -> None:
    """Compose would take it for all services."""
    log = compose(programs, help_text=FULL_HELP)
    await ComposeCommand().up(source, [])
    await ComposeCommand().restart(source, [])
    assert not log.exists()


async def test_output_that_is_no_json_is_a_failure(programs: Path, source: ProjectSource) -> None:
    compose(programs, help_text="", answer="hello")
    with pytest.raises(ComposeError) as caught:
        await ComposeCommand().config(source)
    assert facts(caught.value.problem) == {"command": "config", "reason": "its output is not JSON"}


async def test_a_compose_that_does_not_end_is_ended(programs: Path, source: ProjectSource) -> None:
    program(
        programs, "docker-compose", 'case "$1" in version) echo 2.20.3 ;; --help) ;; *) while :; do :; done ;; esac'
    )
    with pytest.raises(ComposeError) as caught:
        await ComposeCommand(up_timeout=0.3).up(source, ["app"])
    assert facts(caught.value.problem) == {"command": "up", "reason": "did not finish within 0.3 s"}


async def test_a_folder_that_is_gone_is_told(programs: Path, source: ProjectSource) -> None:
    compose(programs, help_text="")
    gone = ProjectSource(name="web", folder=f"{source.folder}/gone", files=source.files)
    with pytest.raises(ComposeError, match="No such file or directory"):
        await ComposeCommand().hashes(gone)


async def test_a_plugin_is_used_without_the_docker_command(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where only the plugin is installed: it is a program that stands alone."""
    folder = tmp_path / "cli-plugins"
    folder.mkdir()
    program(folder, "docker-compose", "echo 2.3.3")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    found = await find()
    assert (found.command, found.version) == ((f"{folder}/docker-compose",), "2.3.3")
    program(programs, "docker", '[ "$*" = "compose version --short" ] && echo 2.26.1')
    assert (await find()).command == ("docker", "compose")


async def test_a_folder_that_a_snap_cannot_see_is_named(
    programs: Path, source: ProjectSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(
        programs, "docker", '[ "$2" = version ] && echo 2.26.1 || { echo "open x: permission denied" >&2; exit 1; }'
    )
    with pytest.raises(ComposeError, match="compose-f"):
        await ComposeCommand().config(source)
    monkeypatch.setattr(places, "hidden_from_snap", lambda *_: True)
    with pytest.raises(ComposeError) as caught:
        await ComposeCommand().config(source)
    assert caught.value.problem.facts == {"folder": source.folder}
