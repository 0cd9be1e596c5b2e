"""Who may import whom, and what a process loads."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "ws9tui"
KNOW_DOCKER = {
    f"ws9tui.adapters.engine.{name}" for name in ("calls", "client", "data", "engine", "execute", "refused", "ssh")
}


def modules() -> dict[str, Path]:
    """Return all modules of the package."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


def imported(path: Path) -> set[str]:
    """Return the top-level packages that a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def loaded(statement: str) -> set[str]:
    """Return the top-level packages that a new process has after a statement."""
    said = subprocess.run(
        [sys.executable, "-c", f"{statement}; import sys; print(*sys.modules)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return {name.partition(".")[0] for name in said.split()}


def test_a_public_class_has_its_name_alone() -> None:
    """What a name means must not hang on the module in which it is read."""
    where: dict[str, list[str]] = {}
    for module, path in modules().items():
        for node in ast.parse(path.read_bytes()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                where.setdefault(node.name, []).append(module)
    assert len(where) > 1000
    assert {name: found for name, found in where.items() if len(found) > 1} == {}


def test_the_contracts_hold() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 broken" in done.stdout


def test_a_package_names_its_parts() -> None:
    """So that whoever opens one finds a module by what it is for; `texts_*` are those of the problems."""
    unnamed = []
    for package in PACKAGE.rglob("__init__.py"):
        parts = [path for path in package.parent.iterdir() if path.suffix == ".py" or (path / package.name).exists()]
        names = {path.stem for path in parts if not path.stem.startswith(("__", "texts_"))}
        said = set(re.findall(r"\w+", package.read_text()))
        unnamed += [f"{package.parent.relative_to(ROOT)}: {name}" for name in sorted(names - said)]
    assert unnamed == []


def test_the_engine_s_modules_know_the_sdk() -> None:
    assert {name for name, path in modules().items() if "docker" in imported(path)} == KNOW_DOCKER


def test_the_contract_on_the_sdk_names_every_other_package() -> None:
    """One that is new is held to it too."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    (contract,) = (entry for entry in settings["contracts"] if entry.get("forbidden_modules") == ["docker"])
    packages = {".".join(name.split(".")[: 3 if ".adapters" in name else 2]) for name in modules()}
    assert {*contract["source_modules"]} == packages - {"ws9tui", "ws9tui.adapters", "ws9tui.adapters.engine"}


@pytest.mark.parametrize(
    ("statement", "there", "away"),
    [
        ("import ws9tui.wizard.app", "textual", {"docker", "yaml", "requests"}),
        ("import ws9tui.__main__", "ws9tui", {"docker", "textual", "rich", "requests"}),
        ("import ws9tui.cli.main", "msgspec", {"docker", "textual", "rich", "requests"}),
        ("import ws9tui.core.runs.run", "yaml", {"docker", "textual", "rich", "requests"}),
        ("import ws9tui.worker.work", "yaml", {"docker", "textual", "rich", "requests"}),
    ],
)
def test_what_a_process_loads(statement: str, there: str, away: set[str]) -> None:
    found = loaded(statement)
    assert there in found
    assert found.isdisjoint(away)
