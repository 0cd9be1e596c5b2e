"""How this process was called, so that a printed command also works in another shell and another folder."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from ws9tui.core.model.commands import Caller
from ws9tui.core.store.store import default_folder, usual_folder

_ENGINE = ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY")
_PATHS = ("DOCKER_CONFIG", "DOCKER_CERT_PATH")
_PASSWORD = re.compile(r"//[^/@]*:[^/@]*@")
_PACKAGE = Path(__file__).parents[1]


def caller(state_dir: Path | None = None, environ: Mapping[str, str] = os.environ, argv0: str | None = None) -> Caller:
    """Returns what a printed command must repeat of this call."""
    folder = state_dir or default_folder()
    return Caller(
        program=_program(sys.argv[0] if argv0 is None else argv0, environ),
        state_dir="" if folder == usual_folder() else str(folder),
        environment={
            name: os.path.abspath(value) if name in _PATHS else value  # noqa: PTH100 - links stay as they are
            for name in _ENGINE
            if (value := environ.get(name)) and value.isprintable() and not _PASSWORD.search(value)
        },
        sudo=os.geteuid() == 0 and environ.get("SUDO_USER", "root") != "root",
    )


def _program(argv0: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Returns the words that start this program again, from any folder."""
    path = Path(argv0)
    name = path.name if one_file() else _PACKAGE.name
    if path.name == "__main__.py" and path.parent.name == _PACKAGE.name:
        # -P: a folder named ws9tui in the current folder must not be imported instead of the program.
        return (*search_path(environ), sys.executable, "-P", "-m", _PACKAGE.name)
    if path.name != name or not path.exists():
        return (name,)
    found = shutil.which(name, path=environ.get("PATH"))
    on_path = found is not None and os.path.isabs(found) and Path(found).samefile(path)  # noqa: PTH117 - text
    return (name,) if on_path else (os.path.abspath(path),)  # noqa: PTH100 - links stay as they are


def one_file() -> bool:
    """Whether this is the single-file program, which may have any name (.release/start.sh)."""
    return bool(getattr(sys, "frozen", False))


def search_path(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Returns the `env` command that sets PYTHONPATH for a program that is not installed; empty if it is not needed."""
    root = str(_PACKAGE.parent)
    given = [os.path.abspath(part) for part in environ.get("PYTHONPATH", "").split(os.pathsep) if part]  # noqa: PTH100
    if root in given:
        return ("env", f"PYTHONPATH={root}")
    if root != os.getcwd() or root in sys.path[1:]:  # noqa: PTH109 - compared as text
        return ()
    from importlib.metadata import Distribution  # noqa: PLC0415 - slow to load, and seldom needed

    installed = any(True for _ in Distribution.discover(name=_PACKAGE.name, path=sys.path[1:]))
    return () if installed else ("env", f"PYTHONPATH={root}")
