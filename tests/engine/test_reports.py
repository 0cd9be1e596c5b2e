"""A run's report after an update, the comparison of two generations, a rollback, and a pin that survives rotation."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support import deployed, images, projects
from support.deployed import NEW, OLD, Deployed
from support.images import ImageSpec

if TYPE_CHECKING:
    from support.dockerd import Dockerd
    from support.registry import Registry

pytestmark = pytest.mark.engine
SECRET = "hush-hush-4711"


@pytest.fixture
def pair(clean_engine: Dockerd, registry: Registry, tmp_path: Path, state_dir: Path) -> Deployed:
    """Return version 1.0.0 of a pair of services, running, with a secret in its environment."""
    more = f'    environment: {{DB_PASSWORD: "{SECRET}"}}\n'
    (tmp_path / "pair").mkdir()
    return deployed.deploy(clean_engine, registry, tmp_path / "pair", state_dir, more=more)


def report(pair: Deployed, run: int, path: Path | str) -> str:
    said = pair.cli.run("history", pair.project.name, str(run), "--report", str(path))
    assert said.status == 0, said.err
    return said.out if path == "-" else Path(path).read_text()


def test_a_run_is_reported_and_taken_back(pair: Deployed, tmp_path: Path) -> None:
    pair.offer()
    pair.update().ended("kept", 0)
    page = report(pair, 1, tmp_path / "run.html")
    text = report(pair, 1, "-")
    assert (tmp_path / "run.html").stat().st_mode & 0o777 == 0o600
    for service in ("db", "app"):
        row = rf"\| {service} \| {pair.registry.host}/{service} \| {OLD} \| {NEW} \| {NEW} \| [0-9a-f]{{12}} \|"
        assert re.search(row, text), text
        assert re.search(rf"\| {service} \| [\d:]+ \| down for [\d.]+ s, checked for", text), text
    assert page.count('class="bar away"') >= 2
    told = pair.cli.run("history", "pair", "1", "--report", str(tmp_path / "run.html"))
    assert told.status == 2
    pair.cli.json("rollback", "pair", "--monitor", "1s").ended("kept", 0)
    again = report(pair, 2, "-")
    assert again.startswith("# Rollback of pair, run 2")
    assert re.search(rf"\| app \| {pair.registry.host}/app \| {NEW} \| {OLD} \| {OLD} \|", again), again
    for written in (page, text, again):
        assert SECRET not in written
    projects.assert_no_drift(pair.engine, pair.project)


def test_generations_are_compared_and_one_is_pinned(pair: Deployed) -> None:
    """A pinned generation stays with its images beyond all that are kept, and is gone back to without a network."""
    pair.offer()
    pair.update().ended("kept", 0)
    env = pair.project.env_file
    said = pair.history("--diff", "1", "2")
    assert f"version  {OLD} → {NEW}" in said
    assert f"-APP_VERSION={OLD}" in said.replace("      ", "")
    assert SECRET not in said
    found = json.loads(pair.history("--diff", "1", "2", "--json"))
    assert [one["path"] for one in found["files"]] == [str(env)]
    assert "is pinned" in pair.history("--pin", "1")
    compose = pair.project.file
    compose.write_text(compose.read_text() + "x-ws9tui: {keep_generations: 2}\n")
    for version in ("2.0.1", "2.0.2", "2.0.3"):
        images.push(pair.registry, "app", version, ImageSpec(version, labels={"service": "app"}))
        pair.cli.json("update", "pair", f"app={version}", "--monitor", "1s").ended("kept", 0)
    kept = pair.cli.generations()
    assert (kept[0], len(kept)) == (1, 3)
    listed = pair.history()
    assert re.search(rf"\n +1 .* app {OLD}.*; pinned", listed), listed
    told = pair.cli.run("recover", "pair", "--yes", "--plain")
    assert "Generation 1 " in told.out
    assert "pinned" in told.out
    client: Any = pair.engine.client()
    client.images.prune()
    with pair.registry.silent():
        pair.cli.json("rollback", "pair", "--to", "1", "--monitor", "1s").ended("kept", 0)
    assert f"APP_VERSION={OLD}" in env.read_text()
    assert "not pinned any more" in pair.history("--unpin", "1")
    assert pair.cli.run("history", "pair", "--pin", "99").status == 2
    assert pair.cli.run("history", "pair", "--diff", "1", "99").status == 2
