"""Releases of Websoft9 in all their forms: what they install, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from releases import MODERN_COMPOSE, flat, legacy, legacy_env, manifest, modern, put, sums
from ws9tui.core.model.release import Release
from ws9tui.errors import Refused
from ws9tui.problems.problem import KINDS
from ws9tui.websoft9 import release
from ws9tui.websoft9.manifest import read_mirrors


def loaded(folder: Path) -> Release:
    found = release.load(folder)
    assert found is not None
    return found


def refusal(folder: Path) -> dict[str, str]:
    with pytest.raises(Refused) as caught:
        release.load(folder)
    return {"code": caught.value.problem.code, **caught.value.problem.facts}


def test_a_legacy_bundle(tmp_path: Path) -> None:
    found = loaded(legacy(tmp_path))
    assert (found.layout, found.version, found.channel, found.candidate) == ("legacy", "2.2.9", "release", False)
    assert (found.compose_file, set(found.others)) == ("docker-compose.yml", {"../version.json"})
    assert found.env.decode() == legacy_env("2.2.9")
    assert found.services == {"apphub": "0.2.6", "deployment": "2.33.3", "git": "1.25.1", "proxy": "2.12.7"}
    assert not found.verified
    assert json.loads(found.others["../version.json"])["version"] == "2.2.9"
    assert loaded(tmp_path / "docker") == found  # the installed folder's form


@pytest.mark.parametrize(
    ("content", "hosts"),
    [
        ('{"mirrors": ["m.test", "https://n.test/", "a b", ""]}', ("m.test", "n.test")),
        ('{"mirrors": 5}', ()),
        ("{", ()),
        ("[" * 99999, ()),
    ],
)
def test_mirrors_that_a_release_names(tmp_path: Path, content: str, hosts: tuple[str, ...]) -> None:
    (tmp_path / "mirrors.json").write_text(content)
    assert read_mirrors(tmp_path) == hosts


def test_a_modern_bundle_has_its_own_tag_and_never_one_that_moves(tmp_path: Path) -> None:
    found = loaded(modern(tmp_path))
    assert (found.layout, found.version, found.channel, found.candidate) == ("modern", "2.3.4", "release", False)
    assert found.env.decode() == (
        "# Image settings (production)\nIMAGE_REPO=websoft9dev/websoft9\nIMAGE_TAG=2.3.4\nCONSOLE_PORT=9000\n"
    )
    assert found.services == {"product": "2.3.4"}


def test_a_flat_release_with_manifest_and_checksums(tmp_path: Path) -> None:
    found = loaded(flat(tmp_path))
    assert found.verified
    assert found.env.decode() == (
        "IMAGE_REPO=websoft9dev/websoft9\nIMAGE_TAG=2.3.4\nCONTAINER_NAME=websoft9\nCONSOLE_PORT=9000\n"
        "WEBSOFT9_DATA_ROOT=/opt/websoft9/data\n"
    )
    assert found.compose.decode() == MODERN_COMPOSE
    assert found.services == {"product": "2.3.4"}


@pytest.mark.parametrize(
    ("version", "channel", "candidate"),
    [("2.3.4-rc.1", "release", True), ("2.3.4", "rc", True), ("2.3.4", "dev", True), ("2.3.4", "release", False)],
)
def test_a_candidate_is_known_wherever_it_is_published(
    tmp_path: Path, version: str, channel: str, candidate: bool
) -> None:
    found = loaded(flat(tmp_path, version, channel))
    assert (found.version, found.channel, found.candidate) == (version, channel, candidate)


def test_a_plain_compose_folder_is_no_release(tmp_path: Path) -> None:
    put(tmp_path, {"docker-compose.yml": "services: {git: {image: my/git:1}}\n", "version.json": '{"version": "1.0"}'})
    assert release.load(tmp_path) is None
    put(tmp_path, {"docker-compose.yml": "a: b: c", "manifest.json": "no JSON"})
    assert release.load(tmp_path) is None
    assert release.load(put(tmp_path / "empty", {"x": ""})) is None
    assert release.load(put(tmp_path / "modern", {"compose.yml": MODERN_COMPOSE})) is None  # nothing names a version


def test_what_the_checksums_do_not_confirm_is_refused(tmp_path: Path) -> None:
    flat(tmp_path)
    put(tmp_path, {"install.sh": "rm -rf /\n"})
    assert refusal(tmp_path) == {"code": "release-checksum-wrong", "file": "install.sh"}
    (tmp_path / "install.sh").unlink()
    assert refusal(tmp_path) == {"code": "release-file-missing", "file": "install.sh"}
    sums(tmp_path)
    put(tmp_path, {".env": "IMAGE_TAG=2.3.4\n"})
    assert refusal(tmp_path) == {"code": "release-file-unlisted", "file": ".env", "list": "SHA256SUMS"}
    (tmp_path / "SHA256SUMS").unlink()
    assert refusal(tmp_path) == {"code": "release-file-missing", "file": "SHA256SUMS"}


@pytest.mark.parametrize("line", ["no checksum", "0" * 64 + "  /etc/passwd", "0" * 64 + "  ../x", "0" * 63 + "  x"])
def test_checksum_files_that_are_none(tmp_path: Path, line: str) -> None:
    put(flat(tmp_path), {"SHA256SUMS": f"\n{line}\n"})
    assert refusal(tmp_path) == {"code": "release-checksums-invalid", "file": "SHA256SUMS", "line": "2"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"schema_version": 2}, "release-schema-unknown"),
        ({"product": "other"}, "release-manifest-invalid"),
        ({"version": "latest"}, "release-manifest-invalid"),
        ({"version": 2}, "release-manifest-invalid"),
        ({"version": "2.3.5"}, "release-versions-differ"),
        ({"image": {"repository": "w/w", "version_tag": "2.3.4", "default_tag": "2.3.3"}}, "release-versions-differ"),
        ({"image": {"repository": "x"}}, "release-manifest-invalid"),
        ({"install": {"compose_file": "../docker-compose.yml"}}, "release-manifest-invalid"),
        ({"install": {"compose_file": "other.yml", "checksum_file": "SHA256SUMS"}}, "release-file-missing"),
        ({"channel": "\x1b[31m"}, "release-manifest-invalid"),
    ],
)
def test_manifests_that_cannot_be_believed(tmp_path: Path, change: dict[str, object], code: str) -> None:
    put(flat(tmp_path), {"manifest.json": json.dumps(manifest() | change)})
    sums(tmp_path)
    assert refusal(tmp_path)["code"] == code


def test_a_manifest_that_is_no_json_or_alone(tmp_path: Path) -> None:
    put(flat(tmp_path), {"manifest.json": "{"})
    assert refusal(tmp_path)["code"] == "release-manifest-invalid"
    put(tmp_path / "alone", {"manifest.json": json.dumps(manifest())})
    assert refusal(tmp_path / "alone") == {"code": "release-file-missing", "file": "docker-compose.yml"}


def test_files_that_the_compose_file_needs_come_along_or_it_is_refused(tmp_path: Path) -> None:
    root = modern(tmp_path) / "websoft9"
    compose = MODERN_COMPOSE.replace(
        "    volumes:\n", "    env_file: [more.env]\n    volumes:\n      - ./conf:/conf:ro\n"
    )
    put(root, {"docker/docker-compose.yml": compose})
    assert refusal(tmp_path) == {"code": "release-file-missing", "file": "more.env"}
    put(root, {"docker/more.env": "A=1\n", "docker/conf/a/b": "b"})
    found = loaded(tmp_path)
    assert found.others.keys() - {"version.json"} == {"more.env", "conf/a/b"}
    (root / "docker/conf/link").symlink_to("/etc/passwd")
    assert refusal(tmp_path) == {"code": "release-path-outside", "path": "./conf"}
    (root / "docker/conf/link").unlink()
    put(root, {"docker/docker-compose.yml": compose.replace("more.env", "../../../x")})
    assert refusal(tmp_path) == {"code": "release-path-outside", "path": "../../../x"}


def test_an_env_file_of_another_version_is_refused(tmp_path: Path) -> None:
    put(modern(tmp_path), {"websoft9/docker/.env": "IMAGE_TAG=2.3.3\n"})
    assert refusal(tmp_path) == {"code": "release-versions-differ", "one": "2.3.4", "other": "2.3.3"}
    put(tmp_path, {"websoft9/docker/.env": "IMAGE_TAG=v2.3.4\n"})
    assert loaded(tmp_path).env == b"IMAGE_TAG=v2.3.4\n"


def test_a_candidate_is_known_by_its_version() -> None:
    assert release.is_candidate("2.3.4-rc.1")
    assert release.is_candidate("latest")
    assert not release.is_candidate("2.3.4")


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.sampled_from(("./x", "../x", "a.env", ".env")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("path", "file", "source", "type", "required", "a")), inner, max_size=3)
    ),
    max_leaves=6,
)
KEYS = st.sampled_from(("env_file", "volumes", "extends", "image", "x"))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(KEYS, ANYTHING, max_size=3),
    st.dictionaries(st.sampled_from(("include", "configs", "secrets", "services")), ANYTHING, max_size=2),
)
def test_whatever_the_compose_file_holds_it_is_a_release_or_refused_or_none(
    tmp_path: Path, service: dict[str, object], top: dict[str, object]
) -> None:
    model = {"services": {"product": {"image": "websoft9dev/websoft9:2.3.4"} | service}} | top
    put(modern(tmp_path), {"websoft9/docker/docker-compose.yml": json.dumps(model)})
    try:
        found = release.load(tmp_path)
    except Refused as error:
        found = None
        code = error.problem.code
        assert code in KINDS
    assert found is None or found.version == "2.3.4"
