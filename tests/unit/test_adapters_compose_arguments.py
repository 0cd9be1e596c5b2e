from __future__ import annotations

import json

import msgspec
import yaml

from ws9tui.adapters.compose import arguments
from ws9tui.core.model.source import FoundBy, ProjectSource

SOURCE = ProjectSource(
    name="web",
    folder="/srv/web",
    files=("/srv/web/a.yml", "/srv/web/b.yml"),
    env_files=("/srv/web/.env", "/srv/x.env"),
    profiles=("debug", "extra"),
    environment={"TAG": "1", "COMPOSE_PROFILES": "debug"},
    absent=("OLD", "DOCKER_GONE"),
)


def test_a_project_is_named_in_full() -> None:
    options = "--project-name web --project-directory /srv/web --file /srv/web/a.yml --file /srv/web/b.yml"
    options += " --env-file /srv/web/.env --env-file /srv/x.env --profile debug --profile extra"
    assert arguments.project(SOURCE) == options.split()


def test_one_more_file_comes_after_the_project_s() -> None:
    options = arguments.project(SOURCE, extra=True)
    assert [options[at + 1] for at, option in enumerate(options) if option == "--file"] == [*SOURCE.files, "-"]
    assert "--env-file" in options
    assert "COMPOSE_FILE" not in arguments.environment(SOURCE, {}, extra=True)


def test_what_compose_finds_by_itself_is_left_to_it() -> None:
    """Files that are passed with -f would change which `.env` it reads."""
    found = ProjectSource(
        "web",
        "/srv/web/deploy",
        ("/srv/web/deploy/a.yml", "/srv/web/b:c.yml"),
        environment={"COMPOSE_FILE": "deploy/a.yml:b.yml", "COMPOSE_PATH_SEPARATOR": ":"},
        cwd="/srv/web",
        found_by=FoundBy.COMPOSE,
        directory=False,
    )
    assert arguments.project(found) == arguments.project(found, extra=True) == ["--project-name", "web"]
    called = arguments.environment(found, {"PWD": "/", "COMPOSE_PROFILES": "all"})
    assert (called["PWD"], called["COMPOSE_FILE"]) == ("/srv/web", "deploy/a.yml:b.yml")
    assert "COMPOSE_PROFILES" not in called
    one_more = arguments.environment(found, {}, extra=True)
    assert one_more["COMPOSE_FILE"] == ";".join((*found.files, "-"))
    assert one_more["COMPOSE_PATH_SEPARATOR"] == ";"
    others = msgspec.structs.replace(found, files=("/tmp/a.yml",), found_by=FoundBy.VARIABLE)
    assert arguments.environment(others, {})["COMPOSE_FILE"] == "/tmp/a.yml"


def test_a_call_that_names_nothing() -> None:
    call = ProjectSource("", "/srv/web", (), cwd="/srv/web", found_by=FoundBy.COMPOSE, directory=False)
    assert arguments.project(call) == []
    assert arguments.project(call, extra=True) == ["--file", "-"]


def test_up_takes_what_is_local_and_only_what_is_named() -> None:
    expected = "up --detach --no-build --pull never --no-deps --remove-orphans=false app db"
    assert arguments.up(["app", "db"]) == expected.split()


def test_up_can_make_without_a_start_and_set_numbers() -> None:
    expected = (
        "up --no-start --no-build --pull never --no-deps --remove-orphans=false --scale app=2 --scale db=0 app db"
    )
    assert arguments.up(["app", "db"], start=False, scale={"app": 2, "db": 0}) == expected.split()


def test_up_makes_all_anew_or_nothing() -> None:
    assert "--force-recreate" in arguments.up(["app"], force=True)
    assert "--no-recreate" in arguments.up(["app"], keep=True)


def test_restart_takes_only_what_is_named() -> None:
    assert "--no-deps" not in arguments.up(["app"], alone=False)
    assert arguments.restart(["app"]) == ["restart", "--no-deps", "app"]


def test_nothing_dangerous_is_ever_asked_for() -> None:
    asked = arguments.up(["app"], scale={"app": 1}) + arguments.up(["app"], start=False) + arguments.restart(["app"])
    assert not {"-V", "--renew-anon-volumes", "-y", "--yes", "--remove-orphans", "--force-recreate", "down"} & set(
        asked
    )


def test_the_environment_is_the_generations_and_not_the_shells() -> None:
    inherited = {
        "PATH": "/bin",
        "PWD": "/elsewhere",
        "OLD": "x",
        "TAG": "9",
        "COMPOSE_FILE": "other.yml",
        "COMPOSE_REMOVE_ORPHANS": "1",
        "COMPOSE_PROFILES": "all",
        "DOCKER_HOST": "unix:///s",
        "DOCKER_GONE": "x",
    }
    assert arguments.environment(SOURCE, inherited) == {
        "PATH": "/bin",
        "PWD": "/srv/web",
        "TAG": "1",
        "DOCKER_HOST": "unix:///s",
        "COMPOSE_PROFILES": "debug",
        "COMPOSE_ANSI": "never",
        "COMPOSE_MENU": "false",
        "COMPOSE_STATUS_STDOUT": "false",
    }
    assert inherited["PWD"] == "/elsewhere"


def test_texts_travel_as_a_compose_file() -> None:
    texts = ["${A:-x}/y", 'quote " and \\ and\nline', "é: {[#"]
    document = arguments.interpolation(texts, alone=False)
    assert yaml.safe_load(document) == json.loads(document)
    assert json.loads(document) == {arguments.TEXTS: texts}
    assert "services" in json.loads(arguments.interpolation(texts, alone=True))
