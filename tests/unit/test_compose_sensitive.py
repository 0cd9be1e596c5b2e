"""What is known to be secret of a project: from its files as they are, and from what Compose makes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ws9tui.core.compose import sensitive
from ws9tui.core.model.masking import HIDDEN, Mask
from ws9tui.core.model.options import Options
from ws9tui.core.model.source import ProjectSource

COMPOSE = """\
include: [more/compose.yml]
services:
  app:
    image: example.org/app:${APP_VERSION}
    env_file:
      - app.env
      - path: other.env
    environment:
      - LISTED=in-the-list-1
      - SHELL_VALUE
    build: {args: {BUILD_SECRET: in-the-build}}
    x-ws9tui: {probe: "http://joe:in-the-probe@127.0.0.1/"}
  db:
    image: db
    env_file: db.env
    environment:
      MAPPED: in-the-mapping
      BLOCK: |
        first-line-of-it
        second-line-of-it
configs:
  one: {content: "password = in-the-content\\nlisten = everywhere\\n"}
"""
FILES = {
    ".env": """\
APP_VERSION=1.0
DB_PWD='in-the-dot-env'
ESCAPED="in \\"quotes\\" here"
LINES="one\\nin-a-line-of-it\\nthree"
OPEN="never-closed
""",
    "app.env": "LONG_VALUE=in-the-app-env\n",
    "other.env": "OTHER: in-the-other-env\n",
    "db.env": "DB=in-the-db-env\n",
    "more/compose.yml": "services: {more: {image: m, env_file: m.env, environment: {NAMED: in-the-include}}}\n",
    "more/m.env": "M=in-the-included-env\n",
    "more/.env": "MORE_PWD=in-the-env-beside-it\n",
}
SAID = (
    "in-the-list-1",
    "in-the-build",
    "in-the-probe",
    "in-the-mapping",
    "first-line-of-it",
    "second-line-of-it",
    "in-the-content",
    "in-the-dot-env",
    'in "quotes" here',
    "never-closed",
    "in-a-line-of-it",
    "in-the-app-env",
    "in-the-other-env",
    "in-the-db-env",
    "in-the-include",
    "in-the-included-env",
    "in-the-env-beside-it",
    "in-the-shell",
)


def source(folder: Path, text: str) -> ProjectSource:
    for name, content in {"compose.yaml": text, **FILES}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    return ProjectSource("web", str(folder), (str(folder / "compose.yaml"),))


@pytest.mark.parametrize("said", SAID)
def test_the_files_as_they_are(tmp_path: Path, said: str) -> None:
    mask = Mask()
    sensitive.read(mask, source(tmp_path, COMPOSE), {"SHELL_VALUE": "in-the-shell", "UNUSED": "not-used-here"})
    assert mask.hidden(f"it says {said}!") == f"it says {HIDDEN}!"
    for harmless in ("not-used-here", "everywhere", "app.env", "example.org", "APP_VERSION"):
        assert mask.hidden(harmless) == harmless


@pytest.mark.parametrize("said", ["in-the-list-1", "in-the-mapping", "in-the-build", "in-the-dot-env", "in-the-shell"])
def test_a_file_that_is_no_yaml(tmp_path: Path, said: str) -> None:
    mask = Mask()
    broken = f"{COMPOSE}]: [\n"
    sensitive.read(mask, source(tmp_path, broken), {"SHELL_VALUE": "in-the-shell"})
    assert mask.hidden(f"it says {said}!") == f"it says {HIDDEN}!"


def test_what_cannot_be_read_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    (tmp_path / "compose.yaml").write_bytes(b"\xff\xfe\x00")
    sensitive.read(Mask(), ProjectSource("web", str(tmp_path), (str(tmp_path / "compose.yaml"), "/none")), {})


def test_what_compose_makes_of_it(tmp_path: Path) -> None:
    mask = Mask()
    (tmp_path / "password.txt").write_text("in-a-secret\n")
    config = {
        "name": "web",
        "services": {
            "app": {
                "image": "example.org/app:stable-one",
                "environment": {"A": "pa$$word", "EMPTY": None, "CHANNEL": "stable-one", "DATA": "/srv/data"},
                "volumes": [{"type": "bind", "source": "/srv/data", "target": "/data"}],
                "ports": [{"published": "8080"}],
            }
        },
        "secrets": {"s": {"file": str(tmp_path / "password.txt")}},
        "configs": {"c": {"content": "token: in-the-content"}},
    }
    sensitive.resolved(mask, config)
    assert mask.hidden("pa$word in-the-content in-a-secret") == f"{HIDDEN} {HIDDEN} {HIDDEN}"
    for shown in ("app:stable-one", "/srv/data", "8080"):
        assert mask.hidden(shown) == shown


def test_a_call_and_its_shell() -> None:
    mask = Mask()
    options = Options(release="https://h.org/x.zip?token=in-the-token", values={"ADMIN": "in-a-value"})
    sensitive.call(
        mask, options, {"HTTPS_PROXY": "http://joe:in-the-proxy@p:1", "MY_TOKEN": "in-the-env", "LANG": "en"}
    )
    for said in ("in-the-token", "in-a-value", "in-the-proxy", "in-the-env"):
        assert mask.hidden(said) == HIDDEN
