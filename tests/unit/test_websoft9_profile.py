"""What the core is told of Websoft9: its releases, what is installed of it, and what a machine has of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from releases import LEGACY, MODERN_COMPOSE, close, container, flat, legacy, legacy_containers, modern, put
from ws9tui.core.model.observed import Container, Host
from ws9tui.core.model.options import Options
from ws9tui.core.model.release import Release
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Level
from ws9tui.errors import Refused, UsageError
from ws9tui.problems.problem import read
from ws9tui.websoft9 import channels, templates
from ws9tui.websoft9.profile import Websoft9
from ws9tui.words import problems

PROFILE = Websoft9()


def host(*containers: Container, **more: object) -> Host:
    return Host(containers, {}, local=False, **more)  # type: ignore[arg-type]


def fetched(source: object, into: Path, **options: object) -> Release | None:
    return PROFILE.fetch(str(source), Options(**options), into / "into", lambda: None)  # type: ignore[arg-type]


def test_a_legacy_release(tmp_path: Path) -> None:
    found = fetched(legacy(tmp_path / "bundle"), tmp_path)
    assert found is not None
    assert (found.layout, found.version, found.folder) == ("legacy", "2.2.9", "/data/websoft9/source/docker")
    assert found.services == LEGACY
    assert {setting.name: setting.kind for setting in found.settings} == {
        "CONSOLE_PORT": "port",
        "APP_HTTP_GATEWAY": "port",
        "APP_HTTPS_GATEWAY": "port",
    }
    assert set(found.paths("/srv/docker")) == {
        "/srv/docker/docker-compose.yml",
        "/srv/docker/.env",
        "/srv/version.json",
    }


def test_a_modern_release_is_pinned(tmp_path: Path) -> None:
    for made in (modern(tmp_path / "bundle"), flat(tmp_path / "flat")):
        found = fetched(made, tmp_path)
        assert found is not None
        assert (found.layout, found.version, found.folder) == ("modern", "2.3.4", "/opt/websoft9")
        assert b"IMAGE_TAG=2.3.4\n" in found.env
        assert found.verified is (made.name == "flat")


def test_the_layout_of_a_host() -> None:
    for there, kind in ((legacy_containers(), "legacy"), ([], "unknown")):
        found, reason = PROFILE.host_layout(there, {}, local=False)
        assert (found, reason.code) == (kind, f"websoft9-{kind}")


def test_a_compose_file_as_it_was_published(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more byte, and it is its operator's."""
    monkeypatch.setitem(templates.PUBLISHED, hashlib.sha256(MODERN_COMPOSE.encode()).hexdigest(), "2.3.4")
    assert PROFILE.shipped(MODERN_COMPOSE.encode())
    assert not PROFILE.shipped(MODERN_COMPOSE.encode() + b"\n")
    assert len({len(known) for known in templates.PUBLISHED}) == 1


def test_what_is_no_release(tmp_path: Path) -> None:
    plain = put(tmp_path / "plain", {"compose.yml": "services: {web: {image: 'x:1'}}\n"})
    assert fetched(plain, tmp_path) is None
    assert fetched(plain / "compose.yml", tmp_path) is None
    assert fetched("shop", tmp_path) is None
    assert fetched(tmp_path / "none" / "websoft9", tmp_path) is None  # a path is no product's name
    with pytest.raises(UsageError, match="release-source-unknown"):
        fetched(tmp_path / "none.zip", tmp_path)
    installed = put(tmp_path / "installed", {"docker-compose.yml": MODERN_COMPOSE, ".env": "IMAGE_TAG=2.3.4\n"})
    assert fetched(installed, tmp_path) is None


def test_a_source_that_may_not_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = legacy(tmp_path / "made")
    plain = put(tmp_path / "plain", {"compose.yml": "services: {web: {image: 'x:1'}}\n", "docker/x": ""})
    installed = put(tmp_path / "installed", {"docker-compose.yml": MODERN_COMPOSE})
    for folder in (made / "docker", plain / "docker", installed):
        close(folder, monkeypatch)
    for source in (made, installed, installed / "w.zip"):
        with pytest.raises(Refused, match="file-unreadable") as caught:
            fetched(source, tmp_path)
        assert caught.value.problem.facts["reason"] == "Permission denied"
    assert fetched(plain, tmp_path, release="plain") is None  # not Websoft9's, whatever is in the closed folder
    assert fetched("x" * 300, tmp_path) is None
    with pytest.raises(UsageError, match="release-source-unknown"):
        fetched(f"{'x' * 300}.zip", tmp_path)


def test_a_checksum_for_a_folder_is_not_ignored(tmp_path: Path) -> None:
    plain = put(tmp_path / "plain", {"compose.yml": "services: {web: {image: 'x:1'}}\n"})
    for source in (plain, legacy(tmp_path / "made")):
        with pytest.raises(UsageError, match="release-checksum-of-many"):
            fetched(source, tmp_path, checksum="0" * 64)


def test_by_the_products_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str, str, str]] = []

    def url_of(number: str, channel: str, *, site: str, layout: str) -> str:
        asked.append((number, channel, site, layout))
        raise Refused(read("release-none-offered", {"channel": channel, "site": site}))

    monkeypatch.setattr(channels, "url_of", url_of)
    for source, options in (("websoft9", {}), ("websoft9@2.2.17", {"channel": "rc", "site": "https://w.test/"})):
        with pytest.raises(Refused):
            fetched(source, tmp_path, **options)
    assert asked == [("", "release", channels.SITE, ""), ("2.2.17", "rc", "https://w.test/", "")]


def test_what_is_installed(tmp_path: Path) -> None:
    folder = legacy(tmp_path) / "docker"
    source = ProjectSource("websoft9", str(folder), (str(folder / "docker-compose.yml"),))
    assert PROFILE.installed(source, legacy_containers(str(folder)), {}) == ("legacy", "2.2.9")
    assert PROFILE.installed(source, [], {}) == ("legacy", "2.2.9")
    other = ProjectSource("shop", str(tmp_path), ())
    assert PROFILE.installed(other, legacy_containers(), {}) == ("", "")
    new = container("product", "websoft9dev/websoft9:2.3.4")
    assert PROFILE.installed(source, [*legacy_containers(), new], {}) == ("mixed", "")


# --- what a machine has -------------------------------------------------------------------------------------------


def test_projects_are_described_by_labels_and_files(tmp_path: Path) -> None:
    stack = put(
        tmp_path / "portainer" / "compose" / "7",
        {"stack.env": "W9_REPO=wordpress\nW9_VERSION=6.8\nW9_POWER_PASSWORD=hunter2\n"},
    )
    containers = [
        *legacy_containers(str(legacy(tmp_path / "w") / "docker")),
        container("wordpress", "wordpress:6.8", "wordpress_ab12c", str(stack)),
        container("web", "nginx:1", "shop", str(tmp_path), name="my-websoft9-thing"),
    ]
    found = {name: problems.brief(what) for name, what in PROFILE.describe(containers, {}).items()}
    assert found == {"websoft9": "Websoft9 2.2.9 (legacy)", "wordpress_ab12c": "wordpress 6.8, deployed by Websoft9"}
    assert "hunter2" not in str(PROFILE.describe(containers, {}))


def test_findings_name_the_layout_and_each_component(tmp_path: Path) -> None:
    first, *parts = PROFILE.findings(host(*legacy_containers(str(legacy(tmp_path) / "docker"))))
    assert (first.level, first.problem.code) == (Level.OK, "websoft9-legacy")
    assert "2.2.9" in problems.title(first.problem)
    assert {part.service: part.problem.facts["version"] for part in parts} == LEGACY


def test_both_layouts_are_a_warning_with_what_to_do(tmp_path: Path) -> None:
    new = container("product", "websoft9dev/websoft9:2.3.4", "websoft9-new", str(tmp_path))
    first, *_ = PROFILE.findings(host(*legacy_containers(), new))
    assert (first.level, first.problem.code) == (Level.WARNING, "websoft9-mixed")
    assert problems.remedy(first.problem)


def test_none_at_all() -> None:
    assert PROFILE.findings(host(container("web", "nginx:1", "shop"))) == ()
    (only,) = PROFILE.findings(host())
    assert (only.level, only.problem.code) == (Level.OK, "websoft9-unknown")
    assert json.dumps(only.problem.facts)


def test_what_is_edited_in_a_stack_does_not_last(tmp_path: Path) -> None:
    """Its truth is a repository; of a plain project, or of Websoft9 itself, nothing is said."""
    stack = put(tmp_path / "portainer" / "compose" / "7", {".env": "W9_ID=ghost_ab1cd\n"})
    (found,) = PROFILE.notes(ProjectSource("ghost_ab1cd", str(stack), ()), None)
    assert problems.title(found).startswith("Websoft9 deploys ghost from a Git repository")
    assert PROFILE.notes(ProjectSource("shop", str(tmp_path), ()), None) == ()


def test_plugins_of_cockpit_are_nobodys_to_update(tmp_path: Path) -> None:
    folder = legacy(tmp_path / "installed") / "docker"
    put(folder.parent, {"version.json": json.dumps({"version": "2.2.17", "plugins": {"nginx": "0.0.8"}})})
    source = ProjectSource("websoft9", str(folder), ())
    new = legacy(tmp_path / "new")
    for plugins, told in (({"nginx": "0.0.9"}, "nginx 0.0.8 → 0.0.9"), ({"nginx": "0.0.8"}, ""), ("no plugins", "")):
        put(new, {"version.json": json.dumps({"version": "2.2.19", "plugins": plugins})})
        found = PROFILE.notes(source, fetched(new, tmp_path))
        assert [one.facts["plugins"] for one in found] == ([told] if told else [])
