"""Images that a service uses besides its own: hooks run in them, or it mounts them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support import behaviours, execs, images, projects
from support.bench import OneProject
from support.cli import QUICK, Said
from support.images import ImageSpec, Pushed
from support.registry import Registry

if TYPE_CHECKING:
    from support.dockerd import Dockerd

pytestmark = pytest.mark.engine

HOOK = """\
name: p
services:
  web:
    image: HOST/web:1.0
    pre_start: [{image: "HOST/hook:latest"}]
"""
MOUNTS = """\
name: p
services:
  web:
    image: HOST/web:${VERSION}
    volumes:
      - {type: image, source: "HOST/files:latest", target: /f}
      - {type: image, source: "HOST/more:${VERSION}", target: /g}
  other:
    image: HOST/web:1.0
    volumes: [{type: image, source: "HOST/files:latest", target: /f, image: {subpath: data}}]
"""


class Besides(OneProject):
    """A project p that uses more images than its services'."""

    def push(self, repo: str, tag: str, word: str) -> Pushed:
        spec = ImageSpec(tag, files={"/data/word": word}, seed=word, behaviour=behaviours.exit0())
        return images.push(self.registry, repo, tag, spec)

    def write(self, text: str) -> projects.Project:
        return projects.write(self.folder, text.replace("HOST", self.registry.host), name="p", services=())

    def local(self, reference: str) -> str:
        return str(self.engine.client().images.get(reference).id)

    def read(self, name: str, path: str) -> str:
        return execs.run(self.engine, name, f"cat {path}")

    def assert_no_drift(self) -> None:
        before = projects.ids(self.engine, "p")
        said = self.compose("up", "-d")
        assert projects.ids(self.engine, "p") == before, said


@pytest.fixture
def besides(clean_engine: Dockerd, registry: Registry, project_folder: Path, state_dir: Path) -> Besides:
    for tag in ("1.0", "1.1"):
        images.push(registry, "web", tag, ImageSpec(tag, behaviour=behaviours.idle()))
    images.push(registry, "web", "1.2", ImageSpec("1.2", behaviour=behaviours.crash()))
    return Besides(clean_engine, registry, project_folder, state_dir)


def causes(said: Said) -> dict[str, str]:
    return {op["subject"]: op["cause"]["code"] for op in said.of("planned")[-1]["plan"]["operations"]}


def test_the_image_of_a_hook_comes_and_goes_with_its_service(besides: Besides) -> None:
    old = besides.push("hook", "latest", "old")
    besides.write(HOOK)
    besides.compose("up", "-d")
    new = besides.push("hook", "latest", "new")
    besides.cli.json("update", *QUICK).ended("up-to-date", 0)
    assert besides.local(old.reference) == old.image_id, "Compose makes no container anew for it"

    said = besides.cli.json("update", "web=1.2", *QUICK).ended("rolled-back", 1)
    assert besides.local(old.reference) == old.image_id
    said = besides.cli.json("update", "web=1.1", *QUICK).ended("kept", 0)
    assert old.reference in {event["reference"] for event in said.of("pull-finished")}
    assert besides.local(new.reference) == new.image_id
    besides.assert_no_drift()
    besides.cli.json("rollback", *QUICK).ended("kept", 0)
    assert besides.local(old.reference) == old.image_id
    besides.assert_no_drift()


def test_one_that_is_not_here_is_brought_before_anything_is_made_anew(besides: Besides) -> None:
    hook = besides.push("hook", "latest", "old")
    project = besides.write(HOOK)
    besides.compose("up", "-d")
    besides.engine.client().images.remove(hook.reference)
    besides.cli.json("update", "web=1.1", *QUICK).ended("kept", 0)
    assert besides.local(hook.reference) == hook.image_id
    before = projects.ids(besides.engine, "p")
    project.file.write_text(project.file.read_text().replace("hook:latest", "hook:none"))
    said = besides.cli.json("update", *QUICK).ended("unchanged", 1)
    assert "'none' does not exist" in said.message
    assert projects.ids(besides.engine, "p") == before


@pytest.mark.only_store("containerd", reason="an engine mounts images from version 28 on")
def test_a_mounted_image_moves_as_plain_compose_moves_it(besides: Besides) -> None:
    old = besides.push("files", "latest", "old")
    for tag in ("1.0", "1.1"):
        besides.push("more", tag, tag)
    besides.write(MOUNTS).set_env(VERSION="1.0")
    besides.compose("up", "-d")
    new = besides.push("files", "latest", "new")
    besides.cli.json("update", "web=1.1", *QUICK).ended("kept", 0)
    assert (besides.read("p-web-1", "/f/data/word"), besides.read("p-web-1", "/g/data/word")) == ("old", "1.1")
    besides.assert_no_drift()

    besides.engine.client().images.pull(new.reference)
    said = besides.cli.json("update", *QUICK).ended("kept", 0)
    assert causes(said) == {"web": "mounted-image-moved", "other": "mounted-image-moved"}
    assert (besides.read("p-web-1", "/f/data/word"), besides.read("p-other-1", "/f/word")) == ("new", "new")
    besides.assert_no_drift()
    besides.cli.json("rollback", *QUICK).ended("kept", 0)
    assert (besides.read("p-web-1", "/f/data/word"), besides.read("p-other-1", "/f/word")) == ("old", "old")
    assert besides.local(old.reference) == old.image_id
    besides.assert_no_drift()
    besides.cli.json("rollback", "--to", "1", *QUICK).ended("kept", 0)
    assert (besides.read("p-web-1", "/f/data/word"), besides.read("p-web-1", "/g/data/word")) == ("old", "1.0")
    besides.assert_no_drift()
