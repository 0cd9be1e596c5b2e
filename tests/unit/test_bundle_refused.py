"""Bundles that came from somewhere: whatever is not as it must be installs nothing."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench import Shop
from bundles import bundled, shop_with
from support import archives
from virtual_time import virtual
from ws9tui.core.images import bundle_file
from ws9tui.core.model.bundle import FILES, LIST
from ws9tui.core.model.terms import Outcome, Verb
from ws9tui.errors import Refused

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("quick")]


Members = dict[str, bytes | str]
"""a text is the target of a symbolic link"""


Change = Callable[[dict[str, Any], Members], object]


def rewritten(path: Path, change: Change) -> None:
    """Write a bundle anew with another list or other members."""
    with tarfile.open(path) as tar:
        members: Members = {entry.name: file.read() for entry in tar if (file := tar.extractfile(entry))}
    found = json.loads(members.pop(LIST))
    change(found, members)
    path.write_bytes(archives.packed({**members, LIST: json.dumps(found).encode()}))


def named(name: str) -> Change:
    def change(found: dict[str, Any], members: Members) -> None:
        members[f"{FILES}{name}"] = members[f"{FILES}.env"]
        found["files"][1]["path"] = name

    return change


BAD: dict[str, tuple[Change, str]] = {
    "up": (named("../evil.env"), "archive-unsafe"),
    "absolute": (named("/etc/cron.d/evil"), "archive-unsafe"),
    "through": (named("a/../../evil"), "archive-unsafe"),
    "folder": (named("."), "archive-unsafe"),
    "invisible": (named("a\nb"), "archive-unsafe"),
    "nowhere": (lambda found, _: found.update(compose_files=["other.yml"]), "archive-unsafe"),
    "newer": (lambda found, _: found.update(format=2, more=1), "bundle-newer"),
    "no list": (lambda found, _: found.update(images="none"), "archive-damaged"),
    "no reference": (lambda found, _: found["images"][0].update(reference="-x"), "archive-damaged"),
    "lacking": (lambda found, _: found["images"][0].update(image_id="sha256:" + "1" * 64), "archive-damaged"),
    "size": (lambda found, _: found["files"][0].update(size=1 << 40), "archive-damaged"),
    "project": (lambda found, _: found.update(project="../../evil"), "archive-damaged"),
    "profile": (lambda found, _: found.update(profiles=["--all"]), "archive-damaged"),
    "negative": (lambda found, _: found["files"][0].update(size=-1), "archive-damaged"),
    "content": (lambda _, members: members.update({f"{FILES}.env": b"# versions\nAPI=6.6\n"}), "archive-damaged"),
    "gone": (lambda _, members: members.pop(f"{FILES}.env"), "archive-damaged"),
}


@pytest.mark.parametrize("bad", BAD)
@virtual
async def test_a_bundle_that_is_not_as_it_must_be_installs_nothing(tmp_path: Path, bad: str) -> None:
    path = tmp_path / "shop.tar"
    await bundled(shop_with(tmp_path / "here"), path)
    change, code = BAD[bad]
    rewritten(path, change)
    there = Shop(tmp_path)
    told = await there.run(str(path), verb=Verb.INSTALL, folder=str(tmp_path / "srv"))
    assert (told.outcome, told.code) == (Outcome.REFUSED, code)
    assert not (tmp_path / "srv").exists()
    assert there.world.images == {}


@pytest.mark.parametrize(("target", "code"), [("/etc/passwd", "archive-unsafe"), ("compose.yml", "archive-damaged")])
@virtual
async def test_a_link_in_the_place_of_a_file_is_not_followed(tmp_path: Path, target: str, code: str) -> None:
    path = tmp_path / "shop.tar"
    await bundled(shop_with(tmp_path / "here"), path)
    rewritten(path, lambda _, members: members.update({f"{FILES}.env": target}))
    told = await Shop(tmp_path).run(str(path), verb=Verb.INSTALL, folder=str(tmp_path / "srv"))
    assert (told.outcome, told.code) == (Outcome.REFUSED, code)


@virtual
async def test_what_is_no_bundle_is_called_that(tmp_path: Path) -> None:
    path = tmp_path / "web.tar"
    path.write_bytes(archives.packed(archives.legacy("r.test/web", architecture="amd64")))
    told = await Shop(tmp_path).run(str(path), verb=Verb.INSTALL)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "bundle-foreign")


@virtual
async def test_a_bundle_for_another_platform_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "shop.tar"
    await bundled(shop_with(tmp_path / "here"), path)
    rewritten(path, lambda found, _: found.update(platform="linux/arm64"))
    there = shop_with(tmp_path / "there")
    await there.install()
    before = there.everything()
    told = await there.run(archives=(str(path),))
    assert (told.outcome, told.code) == (Outcome.REFUSED, "bundle-platform")
    assert there.everything() == before


@virtual
async def test_a_bundle_of_another_project_is_told(tmp_path: Path) -> None:
    path = tmp_path / "shop.tar"
    await bundled(shop_with(tmp_path / "here"), path)
    rewritten(
        path, lambda found, _: found.update(project="other", images=[{**found["images"][0], "services": ["www"]}])
    )
    there = shop_with(tmp_path / "there")
    await there.install()
    told = await there.run(archives=(str(path),), plan_only=True)
    assert {"bundle-other-project", "bundle-services-unknown"} <= set(told.found())


def test_a_digest_that_an_archive_proves_is_told_from_one_that_it_says(tmp_path: Path) -> None:
    members = archives.oci("r.test/web", indexed=True)
    path = tmp_path / "web.tar"
    path.write_bytes(archives.packed(members))
    [plain] = bundle_file.read(str(path), lambda: None)
    top = plain.descriptor["digest"]
    assert (plain.digest, plain.proved, plain.bundle) == ("", "", None)
    for digest, proved in ((top, top), ("sha256:" + "1" * 64, "")):
        entry = {"reference": "r.test/web:2", "image_id": plain.ids[0], "digest": digest, "services": ["web"]}
        listing = {"format": 1, "project": "shop", "platform": "linux/amd64", "images": [entry]}
        path.write_bytes(archives.packed({**members, LIST: json.dumps(listing).encode()}))
        [found] = bundle_file.read(str(path), lambda: None)
        assert (found.digest, found.proved, found.local.tags) == (digest, proved, ("r.test/web:2",))


def test_only_an_archive_looks_like_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for body, like in ((b"services: {}\n", False), (b"PK\x03\x04", False), (b"\x1f\x8b\x08", True), (b"", False)):
        path.write_bytes(body)
        assert bundle_file.looks_like(str(path)) is like
    path.write_bytes(archives.packed({"a": b"b"}))
    assert bundle_file.looks_like(str(path))
    assert not bundle_file.looks_like(str(tmp_path))
    assert not bundle_file.looks_like(str(tmp_path / "none"))


def test_an_empty_archive_is_no_bundle(tmp_path: Path) -> None:
    path = tmp_path / "none.tar"
    path.write_bytes(archives.packed({"manifest.json": b"[]", LIST: b"{}"}))
    with pytest.raises(Refused) as refused:
        bundle_file.read_list(str(path), lambda: None)
    assert refused.value.problem.code == "bundle-foreign"
