"""`ws9tui websoft9-upgrade` in the place of upstream's script: its lines, its last block, its exit statuses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from support import websoft9
from support import websoft9_images as look_alikes
from support.artifacts import Artifacts
from support.machine import Machine
from support.releases import release_modern
from support.snapshot import FRESH, assert_same
from support.websoft9 import Places

if TYPE_CHECKING:
    from pathlib import Path

    from support.cli import Said
    from support.websoft9 import Websoft9

HEAD = re.compile(r"\[Websoft9\]\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\]\[(INFO |WARN |ERROR|STEP |DONE )\] ( *\S.*)")
QUIET = ("INFO ", "STEP ", "DONE ")
MONITOR = "    restart: always\n    deploy: {update_config: {monitor: 1s}}\n"


@pytest.fixture(autouse=True)
def plain_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no variable in the shell that the Compose file uses: Compose would take it."""
    for name in ("CONTAINER_NAME", "CONSOLE_PORT", "IMAGE_REPO", "IMAGE_TAG", "WEBSOFT9_DATA_ROOT"):
        monkeypatch.delenv(name, raising=False)


class Script:
    """Calls it as upstream's script would, on a host whose releases are at `artifacts`."""

    def __init__(self, site: Websoft9, artifacts: Artifacts, backups: Path) -> None:
        self.site = site
        self.env = {"W9_ARTIFACT_BASE": f"{artifacts.url}/websoft9", "W9_BACKUP_ROOT": str(backups)}

    def run(self, *arguments: str, status: int = 0) -> list[tuple[str, str]]:
        """Run it to its end; every line has upstream's head, and is on upstream's stream."""
        path = ("--path", str(self.site.folder))
        said = self.site.cli.run("websoft9-upgrade", *arguments, *path, env=self.env)
        assert said.status == status, f"{said.status}\n{said.out}\n{said.err}"
        return told(said, bare=1 if arguments[:1] == ("detect",) else 0)


def told(said: Said, bare: int = 0) -> list[tuple[str, str]]:
    """Return level and text of each line; the last ones on stdout may be bare."""
    found: list[tuple[str, str]] = []
    lines = said.out.splitlines()
    for text, loud in [*((one, False) for one in lines), *((one, True) for one in said.err.splitlines())]:
        match = HEAD.fullmatch(text)
        if match is None and bare and text == lines[-1]:
            found.append(("", text))
            continue
        assert match, text
        assert (match[1] in QUIET) is not loud, text
        found.append((match[1].strip(), match[2]))
    return found


def texts(lines: list[tuple[str, str]], *levels: str) -> list[str]:
    return [text for level, text in lines if level in levels]


def tree(machine: Machine) -> set[tuple[str, bytes]]:
    """Return the files of the host, by name and content, without the product's own data."""
    data = machine.root / "opt" / "websoft9" / "data"
    paths = [path for path in machine.root.rglob("*") if path.is_file() and not path.is_relative_to(data)]
    return {(path.name, path.read_bytes()) for path in paths}


def publish(machine: Machine, artifacts: Artifacts, version: str, *, then: str = "") -> None:
    """Publish a release and its image, which `then` may make fail, under its version and as `latest`."""
    spec = look_alikes.product(version) if not then else look_alikes.component("deployment", version, then=then)
    look_alikes.push_modern(machine.registry, version, "latest", spec=spec)
    release = release_modern(
        machine.root.parent / f"release-{version}", version, Places(machine.engine.socket, machine.root)
    )
    release.compose_file.write_text(release.compose_file.read_text().replace("    restart: always\n", MONITOR))
    release.sum_up()
    artifacts.publish(release)


def test_in_the_place_of_upstream_s_script(machine: Machine, artifacts: Artifacts, tmp_path: Path) -> None:
    """Looked at, refused, planned, upgraded, found up to date, and rolled back; each as the script says it."""
    look_alikes.push_modern(machine.registry, "2.3.3", "latest")
    site = websoft9.modern(machine.engine, machine.root, machine.state, "latest")
    site.compose_file.write_text(site.compose_file.read_text().replace("    restart: always\n", MONITOR))
    site.up()
    site.inside("product", f"echo before > {look_alikes.DATA}/said")
    publish(machine, artifacts, "2.3.4")
    script = Script(site, artifacts, tmp_path / "backups")
    before, env = site.now(), site.env_file.read_text()

    assert script.run("detect")[-1] == ("", "modern")
    assert "Nothing prevents an update" in texts(script.run("doctor"), "INFO")[-1]
    (refused,) = script.run(status=2)
    assert refused[0] == "ERROR"
    assert "--yes" in refused[1]
    planned = texts(script.run("--dry-run", "--console-port", "9090"), "INFO")
    assert any("recreate" in text and "2.3.3 → 2.3.4" in text for text in planned)
    assert any("+CONSOLE_PORT=9090" in text for text in planned)
    assert script.run("--yes", "--version", "2.3.1", status=3)[-1][0] == "ERROR"
    assert_same(before, site.now())
    assert not (tmp_path / "backups").exists()

    there = tree(machine)
    lines = script.run("--yes", "--force", "--execute_mode", "upgrade", "--console-port", "9090")
    assert any("2.3.4" in text and "latest" in text for text in texts(lines, "INFO"))
    assert len(texts(lines, "WARN")) >= 2
    (backup,) = [text for text in texts(lines, "DONE") if text.startswith("Backup point: ")]
    assert backup.startswith(f"Backup point: {tmp_path / 'backups'}/")
    expected = [
        "=" * 60,
        "Websoft9 upgrade completed successfully",
        "Console: http://<host>:9090",
        "Container: websoft9",
        "Image: websoft9dev/websoft9:2.3.4",
        "Version: 2.3.4",
        f"Install path: {site.folder}",
        f"Data root: {site.folder}/data",
        f"Compose file: {site.compose_file}",
        backup,
        "Channel: release",
        "=" * 60,
    ]
    assert texts(lines, "DONE") == expected
    assert {path for path, _ in there ^ tree(machine)} == {".env", "version.json"}
    assert site.versions() == {"product": "2.3.4"}
    assert site.env_file.read_text() == env.replace("=latest", "=2.3.4").replace("=9000", "=9090")
    site.assert_no_drift()

    ids = site.ids()
    again = texts(script.run("--yes"), "DONE")
    assert again == ["=" * 60, "Websoft9 is up to date", *(text for text in expected[2:] if text != backup)]
    assert site.ids() == ids

    publish(machine, artifacts, "2.3.5", then="exit 1")
    before = site.now()
    failed = script.run("--yes", "--console-port", "9000", status=6)
    assert any("2.3.4" in text or "ROLLING BACK" in text for text in texts(failed, "WARN"))
    assert texts(failed, "DONE") == []
    site.wait_well()
    assert_same(before.without(FRESH), site.now().without(FRESH))
    assert site.inside("product", f"cat {look_alikes.DATA}/said") == "before"
    site.assert_no_drift()
    machine.assert_others_untouched()


def test_a_host_of_the_other_layout_is_left_alone(machine: Machine, artifacts: Artifacts, tmp_path: Path) -> None:
    """No migration, and no removal of what is there of the old layout: upstream's script does both unasked."""
    site = machine.legacy("2.2.9")
    publish(machine, artifacts, "2.3.4")
    script = Script(site, artifacts, tmp_path / "backups")
    before = site.now()
    assert script.run("detect")[-1] == ("", "legacy")
    refused = texts(script.run("--yes", status=4), "ERROR")
    assert any(" update websoft9 --release websoft9@2.2.19" in text for text in refused)
    assert_same(before, site.now())
    machine.assert_others_untouched()
