"""`ws9tui history --diff`, `--pin` and `--unpin`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import msgspec
import pytest

import sample_run as sample
from command_line import History
from ws9tui.core.compose.settings import ServiceSettings
from ws9tui.core.model.project import Project, Service
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Actor
from ws9tui.core.store import backup, comparison, generation
from ws9tui.core.store.backup import Backup
from ws9tui.core.store.generation import Generation, GenerationService, StoredFile
from ws9tui.core.store.lock import Lock, holder
from ws9tui.core.store.store import Store

COMPOSE = "/srv/shop/compose.yml"
ENV = "/srv/shop/.env"
SECRET = "/srv/shop/token.txt"
CONFIG = "/srv/shop/nginx.conf"


def record(kept: Store, number: int, version: str, files: dict[str, bytes], **more: object) -> Path:
    """Record a generation of the service app, and of db where the first one has it."""
    service = GenerationService(
        "app", Reference(f"r.test/app:{version}"), f"sha256:{version * 4}", f"sha256:{'d' * number}", version
    )
    services = {"app": service} | (
        {"db": GenerationService("db", Reference("r.test/db:1"), "sha256:db")} if number == 1 else {}
    )
    source = ProjectSource("shop", "/srv/shop", (COMPOSE,), profiles=("a",) if number == 1 else ())
    models = {name: Service(name, one.reference) for name, one in services.items()}
    project = Project(source, models, referenced=tuple(path for path in (SECRET, CONFIG) if path in files))
    stored = tuple(
        StoredFile(path, hashlib.sha256(content).hexdigest(), copy=str(place))
        for place, (path, content) in enumerate(files.items())
    )
    made = Generation(number, sample.AT, number, project, services, stored, reached=True)
    folder = kept.project("shop")
    generation.write(
        folder, msgspec.structs.replace(made, **more), {str(n): content for n, content in enumerate(files.values())}
    )
    return folder


def pair(kept: Store) -> Path:
    text = "services:\n  app:\n    image: r.test/app:${APP}\n"
    text += "configs: {web: {file: ./nginx.conf}}\nsecrets: {t: {file: ./token.txt}}\n"
    record(
        kept,
        1,
        "1.0",
        {
            COMPOSE: text.encode(),
            ENV: b"APP=1.0\nDB_PASSWORD=abc\nSITE_TITLE=Our Good Shop\nPORT=80\n",
            SECRET: b"very-secret-token\n",
            CONFIG: b"listen 80;\n",
        },
        settings={"app": ServiceSettings(expect="1.0")},
    )
    return record(
        kept,
        2,
        "2.0",
        {
            COMPOSE: (text + "# very-secret-token-2\n").encode(),
            ENV: b"APP=2.0\nDB_PASSWORD=xyz\nSITE_TITLE=Our Better Shop\nPORT=80\n",
            SECRET: b"very-secret-token-2\n",
            CONFIG: b"listen 8080;\n",
        },
        settings={"app": ServiceSettings(expect="2.0")},
    )


def test_two_generations_are_compared(kept: Store, history: History) -> None:
    folder = pair(kept)
    begun = backup.begin(folder, Backup(1, "db", "before", "r1", "", sample.AT, ""), "")
    backup.finish(folder, begun)
    status, written, _ = history("shop", "--diff", "1", "2")
    assert status == 0
    lines = [line.strip() for line in written.splitlines()]
    for line in (
        "shop: generation 1 → generation 2",
        "image  r.test/app:1.0 → r.test/app:2.0",
        "version  1.0 → 2.0",
        "digest  sha256:d → sha256:dd",
        "db (no longer there)",
        "-APP=1.0",
        "+APP=2.0",
        "PORT=80",
        "-listen 80;",
        "+listen 8080;",
        "its content is not shown: it may be a secret",
    ):
        assert line in lines, written
    assert [line.split() for line in lines if line.startswith(("app ", "project"))] == [
        ["project", "profiles", "a", "→", "nothing"],
        ["app", "expect", "1.0", "→", "2.0"],
    ]
    assert any(line.split()[:2] == ["1", "db"] for line in lines)


def test_no_secret_is_in_a_comparison(kept: Store, history: History) -> None:
    pair(kept)
    for arguments in ((), ("--json",)):
        written = history("--diff", "1", "2", *arguments)[1]
        for secret in ("abc", "xyz", "very-secret", "Better Shop"):
            assert secret not in written, secret
    assert "-DB_PASSWORD=•••" in history("--diff", "1", "2")[1]


def test_a_comparison_as_json(kept: Store, history: History) -> None:
    pair(kept)
    status, written, _ = history("--diff", "1", "2", "--json")
    found = json.loads(written)
    assert (status, found["type"], found["from"], found["to"], found["same"]) == (0, "difference", 1, 2, False)
    assert found["services"]["app"]["after"]["version"] == "2.0"
    assert found["services"]["db"]["after"] is None
    files = {one["path"]: one for one in found["files"]}
    assert "+APP=2.0" in files[ENV]["diff"]
    assert (files[SECRET]["shown"], files[SECRET]["diff"]) == (False, [])
    assert {"service": "app", "key": "expect", "before": "1.0", "after": "2.0"} in found["settings"]
    same = json.loads(history("--diff", "1", "1", "--json")[1])
    assert same["same"] is True


def test_what_cannot_be_compared_is_said(kept: Store, history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "LARGEST", 100)
    record(kept, 1, "1.0", {COMPOSE: b"a", "/srv/shop/b": b"\xff\xfa", "/srv/shop/c": b"c" * 200, "/srv/shop/d": b"d"})
    folder = record(
        kept, 2, "1.0", {COMPOSE: b"a", "/srv/shop/b": b"\xff\xfb", "/srv/shop/c": b"d" * 200, "/srv/shop/d": b"e"}
    )
    (folder / "generations" / "2" / "files" / "3").write_text("damaged")
    status, written, _ = history("--diff", "1", "2")
    assert status == 0
    assert "it is not a text file" in written
    assert "it is too large to be compared line by line" in written
    assert "its content differs from what was recorded" in written


def test_hostile_content_is_shown_literally(kept: Store, history: History) -> None:
    record(kept, 1, "1.0", {COMPOSE: b"services: {}\n"})
    record(kept, 2, "1.0", {COMPOSE: b"services: {} # \x1b[2J\xe2\x80\xae[red]\n"})
    written = history("--diff", "1", "2")[1]
    assert "+services: {} # [red]" in written
    assert all(line.isprintable() for line in written.splitlines())


@pytest.mark.parametrize("arguments", [("--diff", "1", "9"), ("--diff", "9", "1"), ("--pin", "9"), ("--unpin", "9")])
def test_an_unknown_generation(kept: Store, history: History, arguments: tuple[str, ...]) -> None:
    record(kept, 1, "1.0", {})
    status, written, told = history(*arguments)
    assert (status, written) == (2, "")
    assert "There is no generation 9; known: 1." in told


@pytest.mark.parametrize(
    "arguments",
    [
        ("--diff", "1"),
        ("--pin", "1", "--unpin", "1"),
        ("--pin", "x"),
        ("shop", "1", "--pin", "1"),
        ("--diff", "1", "2", "--pin", "1"),
    ],
)
def test_what_is_not_understood(kept: Store, history: History, arguments: tuple[str, ...]) -> None:
    record(kept, 1, "1.0", {})
    assert history(*arguments)[0] == 2


def test_a_pin_is_on_the_disk_and_can_be_taken_away(kept: Store, history: History) -> None:
    folder = record(kept, 1, "1.0", {})
    status, written, _ = history("--pin", "1")
    assert status == 0
    command = f"ws9tui history shop --unpin 1 --state-dir {kept.folder}"
    told = "Generation 1 of shop is pinned: it, its images and its newest saved data are kept until"
    assert written == f"{told} '{command}'.\n"
    assert generation.read(folder, 1).pinned
    assert not list((folder / "generations" / "1").glob(".*"))
    assert (folder / "generations" / "1" / "generation.json").stat().st_mode & 0o777 == 0o600
    assert json.loads(history("--unpin", "1", "--json")[1])["pinned"] is False
    assert not generation.read(folder, 1).pinned


def test_no_pin_while_a_run_is_live(kept: Store, history: History, tmp_path: Path) -> None:
    folder = record(kept, 1, "1.0", {})
    lock = Lock(folder / "lock", "shop", "engine")
    lock.acquire(holder(tmp_path, 7, Actor("alice")))
    status, _, told = history("--pin", "1")
    assert status == 4
    assert "alice is changing this project" in told
    lock.release()
    assert history("--pin", "1")[0] == 0
