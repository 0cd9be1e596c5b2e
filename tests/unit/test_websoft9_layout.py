"""Websoft9 as it is found on a machine."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from releases import LEGACY, MODERN_COMPOSE, close, container, legacy, legacy_containers, put
from ws9tui.core.model.observed import Container, Image
from ws9tui.core.model.reference import Reference
from ws9tui.websoft9 import layout
from ws9tui.websoft9.layout import Application


def test_legacy_by_what_runs_with_its_version_from_the_file_above(tmp_path: Path) -> None:
    folder = str(legacy(tmp_path) / "docker")
    images = {"image-websoft9dev/deployment:2.33.3": Image("x", labels={"version": "2.39.1"})}
    found = layout.recognise(legacy_containers(folder), images, [folder])
    assert (found.kind, found.reason.code) == ("legacy", "websoft9-legacy")
    (only,) = found.installations
    assert (only.project, only.folder, only.version) == ("websoft9", folder, "2.2.9")
    assert only.has_containers
    assert only.components == LEGACY | {"deployment": "2.39.1"}  # what the label says; it need not be true
    put(tmp_path, {"docker/version.json": json.dumps({"version": "2.2.17"}), "version.json": "no JSON"})
    assert layout.recognise(legacy_containers(folder), {}, []).installations[0].version == "2.2.17"


def test_a_half_removed_legacy_one_is_still_one() -> None:
    found = layout.recognise(legacy_containers()[2:3], {}, [])
    assert found.kind == "legacy"
    assert found.reason.facts["missing"] == "apphub, deployment, proxy"
    assert found.installations[0].version == ""


def test_modern_by_label_then_tag_with_a_registry_of_ones_own() -> None:
    image = "my.registry:5000/websoft9:latest"
    images = {f"image-{image}": Image("x", labels={"org.opencontainers.image.version": "2.3.4"})}
    (found,) = layout.recognise([container("product", image)], images, []).installations
    assert (found.kind, found.version) == ("modern", "2.3.4")
    (found,) = layout.recognise([container("product", image)], {}, []).installations
    assert found.version == "latest"
    (found,) = layout.recognise(
        [container("product", "websoft9dev/websoft9:2.3.3", "websoft9-dev")], {}, []
    ).installations
    assert (found.project, found.version) == ("websoft9-dev", "2.3.3")


def test_an_image_that_has_lost_its_name_is_known_by_its_other_ones() -> None:
    lost = Container("i", "n", "x", Reference("sha256:" + "a" * 64), project="w", service="product")
    images = {
        "x": Image("x", tags=(Reference("ws9tui.keep/websoft9:1-product"), Reference("websoft9dev/websoft9:2.3.4")))
    }
    assert layout.recognise([lost], images, []).kind == "modern"
    assert layout.recognise([lost], {}, []).kind == "unknown"


def test_by_files_at_the_usual_paths_or_elsewhere(tmp_path: Path) -> None:
    old = legacy(tmp_path / "old") / "docker"
    new = put(tmp_path / "new", {"docker-compose.yml": MODERN_COMPOSE, ".env": "IMAGE_TAG=2.3.4\n"})
    found = layout.recognise([], {}, [old])
    assert found.kind == "legacy"
    assert found.installations[0].version == "2.2.9"
    assert found.installations[0].components == LEGACY
    found = layout.recognise([], {}, [tmp_path / "none", new])
    assert (found.kind, found.installations[0].version, found.installations[0].project) == (
        "modern",
        "2.3.4",
        "websoft9",
    )
    assert layout.recognise([], {}, [old, new]).kind == "mixed"
    # What runs decides; the other's files are left over.
    found = layout.recognise([container("product", "websoft9dev/websoft9:2.3.4", folder=str(new))], {}, [old, new])
    assert found.kind == "modern"
    assert [one.has_containers for one in found.installations] == [True, False]


def test_containers_of_both_layouts_are_mixed() -> None:
    both = [*legacy_containers("/data/websoft9/source/docker"), container("product", "websoft9dev/websoft9:2.3.4")]
    found = layout.recognise(both, {}, [])
    assert (found.kind, [one.kind for one in found.installations]) == ("mixed", ["legacy", "modern"])


def test_what_is_called_websoft9_is_not_websoft9(tmp_path: Path) -> None:
    put(tmp_path, {"docker-compose.yml": "services: {git: {image: gitea/gitea:1}}\n"})
    foreign = [
        container("thing", "nginx:1", "my-websoft9-thing", name="my-websoft9-thing"),
        container("git", "forge/git:1", "forge"),
        container("proxy", "forge/proxy:1", "forge"),
        Container("i", "websoft9-apphub", "x", Reference("nginx:1")),  # no project at all
    ]
    found = layout.recognise(foreign, {}, [tmp_path])
    assert (found.kind, found.reason.code, found.installations) == ("unknown", "websoft9-unknown", ())
    assert layout.applications(foreign) == ()


def test_applications_are_known_by_folder_and_keys(tmp_path: Path) -> None:
    stack = put(
        tmp_path / "portainer/compose/12", {".env": "W9_VERSION='6.7'\nW9_REPO=wordpress\nW9_ID=wordpress_ab1cd\n"}
    )
    other = put(tmp_path / "portainer/compose/13/v2", {".env": "VERSION=1\n"})
    third = put(tmp_path / "portainer/compose/14", {"stack.env": "W9_REPO=bitnami/ghost\nW9_VERSION=$X\n"})
    custom = put(tmp_path / "portainer/compose/15", {".websoft9/compose-metadata.json": "{}"})
    elsewhere = put(tmp_path / "mine", {".env": "W9_VERSION=1\n"})
    found = layout.applications(
        [
            container("wordpress", "wordpress:6.7", "wordpress_ab1cd", str(stack)),
            container("db", "mariadb:11", "wordpress_ab1cd", str(stack)),
            container("a", "a", "a", str(other)),
            container("b", "b", "blog", str(third)),
            container("c", "c", "c", str(elsewhere)),
            container("d", "d", "d", "/data/compose/999999"),
            container("e", "e", "own_x1y2z", str(custom)),
        ]
    )
    assert found == (
        Application("blog", "ghost", ""),
        Application("own_x1y2z", "own", ""),
        Application("wordpress_ab1cd", "wordpress", "6.7"),
    )


def test_what_is_no_regular_file_or_very_large_is_not_read(tmp_path: Path) -> None:
    """Labels of a container name these paths: reading a pipe or a device would never end."""
    folder = put(
        tmp_path / "portainer/compose/12", {".env": "W9_REPO=wordpress\n", "big": f"W9_VERSION=1\n{'#' * 2**20}"}
    )
    for name in ("stack.env", "version.json"):
        os.mkfifo(folder / name)
    assert layout.stack(str(folder), "w", ("big", "/dev/zero")) == Application("w", "wordpress", "")
    assert list(layout.version_files(folder)) == []


def test_what_is_closed_to_this_user_is_as_if_it_were_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = legacy(tmp_path / "websoft9/source") / "docker"
    custom = put(tmp_path / "portainer/compose/15", {".websoft9/compose-metadata.json": "{}"})
    assert layout.around(folder)
    assert layout.stack(str(custom), "own")
    close(tmp_path, monkeypatch)
    assert layout.around(folder) == ()
    assert layout.stack(str(custom), "own") is None
