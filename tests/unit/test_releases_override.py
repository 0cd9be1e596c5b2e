# ruff: noqa: E501 - a case a line
"""An operator's changes as an override file: exactly these, and Compose makes the operator's project of it again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.needs import compose, needs_compose
from ws9tui.core.releases import override
from ws9tui.errors import ComposeError, UsageError

OLD = """
name: websoft9
x-common: &common
  restart: always
services:
  web:
    <<: *common
    image: ${IMAGE:-nginx}:${TAG}
    environment: [A=1, B=$B]
    labels: {one: "1", two: "yes"}
    ports: ["$PORT:80", 22:22]
    volumes: [data:/data, ./conf:/conf:ro]
    command: [run, --fast]
    depends_on: [db]
    healthcheck: {test: [CMD, ok], interval: 3s}
    dns: [1.1.1.1, 1.0.0.1]
    env_file: a.env
    build: .
    mem_limit: 10m
  db:
    image: postgres:16
    networks: [back]
networks:
  back:
volumes:
  data:
"""


def made(*changes: tuple[str, str]) -> tuple[str, str]:
    ours = OLD
    for before, after in changes:
        assert before in ours
        ours = ours.replace(before, after)
    return override.make(override.parse(OLD), override.parse(ours)), ours


CASES: list[tuple[list[tuple[str, str]], str]] = [
    ([], ""),
    ([("A=1, B=$B", "B=$B, A=1")], ""),
    ([("[A=1, B=$B]", '{A: "1", B: $B}')], ""),
    ([("  back:\n", "  back: {}\n")], ""),
    ([("postgres:16", "postgres:17")], "services:\n  db:\n    image: postgres:17\n"),
    ([("B=$B]", 'B=$B, "C=a b"]')], 'services:\n  web:\n    environment:\n      C: "a b"\n'),
    ([("A=1", "A=2")], 'services:\n  web:\n    environment:\n      A: "2"\n'),
    ([("A=1, ", "")], "services:\n  web:\n    environment: !override\n    - B=$B\n"),
    ([("[A=1, B=$B]", "{A: 1, B: }")], "services:\n  web:\n    environment: !override\n      A: 1\n      B:\n"),
    ([(', two: "yes"', ', three: "no"')], 'services:\n  web:\n    labels: !override\n      one: "1"\n      three: "no"\n'),
    ([("22:22]", "22:22, 443:443]")], "services:\n  web:\n    ports:\n    - 443:443\n"),
    ([("$PORT:80", "9090:80")], 'services:\n  web:\n    ports: !override\n    - "9090:80"\n    - 22:22\n'),
    ([("data:/data, ", "more:/more, data:/data, "), ("  data:\n", "  data:\n  more:\n")], "services:\n  web:\n    volumes:\n    - more:/more\nvolumes:\n  more:\n"),
    ([(":/conf:ro", ":/conf")], "services:\n  web:\n    volumes: !override\n    - data:/data\n    - ./conf:/conf\n"),
    ([("[run, --fast]", "run")], "services:\n  web:\n    command: run\n"),
    ([("    command: [run, --fast]\n", "")], "services:\n  web:\n    command: !reset null\n"),
    ([("[CMD, ok]", "[CMD, other]")], "services:\n  web:\n    healthcheck:\n      test:\n      - CMD\n      - other\n"),
    ([(", interval: 3s", "")], "services:\n  web:\n    healthcheck:\n      interval: !reset null\n"),
    ([("[1.1.1.1, 1.0.0.1]", "[1.0.0.1, 1.1.1.1]")], "services:\n  web:\n    dns: !override\n    - 1.0.0.1\n    - 1.1.1.1\n"),
    ([("env_file: a.env", "env_file: [a.env, b.env]")], "services:\n  web:\n    env_file: !override\n    - a.env\n    - b.env\n"),
    ([("build: .", "build: {context: ., target: x}")], "services:\n  web:\n    build: !override\n      context: .\n      target: x\n"),
    ([("    build: .\n    mem_limit: 10m\n", "    mem_limit: 20m\n    init: true\n")], "services:\n  web:\n    mem_limit: 20m\n    init: true\n    build: !reset null\n"),
    ([("networks: [back]", "networks: {back: , other: {aliases: [x]}}"), ("  back:\n", "  back:\n  other:\n")], "services:\n  db:\n    networks: !override\n      back:\n      other:\n        aliases:\n        - x\nnetworks:\n  other:\n"),
    ([("networks: [back]", "networks: {back: {aliases: [x]}}")], "services:\n  db:\n    networks: !override\n      back:\n        aliases:\n        - x\n"),
    ([("networks:\n", "  cache: {image: 'redis:7', deploy: {replicas: 2}}\nnetworks:\n")], 'services:\n  cache:\n    image: "redis:7"\n    deploy:\n      replicas: 2\n'),
    ([("[db]", "{db: {condition: service_started}}")], "services:\n  web:\n    depends_on: !override\n      db:\n        condition: service_started\n"),
    ([("    depends_on: [db]\n", ""), ("  db:\n    image: postgres:16\n    networks: [back]\n", "")], "services:\n  web:\n    depends_on: !reset null\n  db: !reset null\n"),
    ([("name: websoft9", "name: other")], "name: other\n"),
    ([("  back:\n", "  back: {external: true}\n")], "networks:\n  back:\n    external: true\n"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "text"), CASES)
def test_it_holds_what_the_operator_changed_and_no_more(changes: list[tuple[str, str]], text: str) -> None:
    found, _ = made(*changes)
    assert found == text


@needs_compose
@pytest.mark.sample(20, reason="the merged text of every case is compared always")
@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize("changes", [changes for changes, _ in CASES])
def test_compose_makes_the_operators_project_of_it(changes: list[tuple[str, str]], back: bool, tmp_path: Path) -> None:
    """The way back, from the operator's file to the release's, is as good a case."""
    _, changed = made(*changes)
    old, ours = (changed, OLD) if back else (OLD, changed)
    found = override.make(override.parse(old), override.parse(ours))
    for name, text in {
        "old.yml": old,
        "ours.yml": ours,
        override.NAME: found or "{}\n",
        ".env": "TAG=1\nPORT=8080\nB=b\n",
        "a.env": "",
        "b.env": "C=1\n",
    }.items():
        (tmp_path / name).write_text(text)
    assert resolved(tmp_path, "old.yml", override.NAME) == resolved(tmp_path, "ours.yml")


def resolved(folder: Path, *files: str) -> dict[str, Any]:
    """What Compose makes of some files; the order of lists that have none, and unused `x-` fields, left aside."""
    flags = (part for file in files for part in ("-f", file))
    found: dict[str, Any] = json.loads(compose(folder, *flags, "config", "--format", "json"))
    for service in found["services"].values():
        for key in ("ports", "volumes"):
            if key in service:
                service[key].sort(key=json.dumps)
    return found


def test_what_cannot_be_expressed_is_refused() -> None:
    old = override.parse("services: {a: {image: x, extends: {service: b}}}")
    for text in ("services: {a: {image: x}}", "services: {a: {image: x, extends: {service: c}}}", "include: [x]"):
        with pytest.raises(UsageError, match="override-impossible"):
            override.make(old | {"include": ["y"]}, override.parse(text))


def test_extension_fields_are_taken_whole() -> None:
    old = override.parse("x-a: {b: 1, c: 2}\nservices: {a: {image: x, x-ws9tui: {monitor: 3s, expect: '1'}}}")
    ours = override.parse("x-a: {b: 1, c: 2}\nservices: {a: {image: x, x-ws9tui: {monitor: 9s, expect: '1'}}}")
    assert override.make(old, ours) == (
        'services:\n  a:\n    x-ws9tui: !override\n      monitor: 9s\n      expect: "1"\n'
    )


def test_scalars_keep_what_they_mean() -> None:
    ours = "services: {a: {mode: 0440, on: yes, port: 22:22, s: 'yes', n: '1', d: 2024-01-01, m: \"a\\nb: c\", e: '', z: ~}}"
    text = override.make({}, override.parse(ours))
    assert text == (
        "services:\n  a:\n    mode: 0440\n    on: yes\n    port: 22:22\n"
        '    s: "yes"\n    n: "1"\n    d: 2024-01-01\n    m: "a\\nb: c"\n    e: ""\n    z: ~\n'
    )
    assert override.parse(text) == override.parse(ours)


@pytest.mark.parametrize("text", ["", "a", "[a]", "a: b: c", "a: !reset null", "a: &a [*a, *b]", "\x00"])
def test_what_is_no_compose_file(text: str) -> None:
    with pytest.raises(ComposeError, match="compose-file-invalid"):
        override.parse(text)


def test_a_network_that_loses_its_settings_stays() -> None:
    old = override.parse("services: {a: {image: x, networks: {n: {aliases: [x]}}}}")
    ours = override.parse("services: {a: {image: x, networks: {n: }}}")
    found = override.make(old, ours)
    assert found == "services:\n  a:\n    networks:\n      n:\n        aliases: !reset null\n"
