#!/usr/bin/env python3
"""Installs the wheel and the source distribution in dist as people do, with pip, pipx and uv, and uses each."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

DIST = Path(__file__).resolve().parents[1] / "dist"


def main() -> int:
    """Do it all in a folder that is removed; return 0 if each installed program works."""
    (wheel,) = DIST.glob("ws9tui-*.whl")
    (sources,) = DIST.glob("ws9tui-*.tar.gz")
    with tempfile.TemporaryDirectory(prefix="ws9tui-installs-") as name:
        folder = Path(name)
        os.environ |= {
            "HOME": name,
            "PIPX_HOME": f"{name}/pipx",
            "PIPX_BIN_DIR": f"{name}/pipx-bin",
            "UV_TOOL_DIR": f"{name}/uv",
            "UV_TOOL_BIN_DIR": f"{name}/uv-bin",
            "UV_CACHE_DIR": f"{name}/uv-cache",
            "UV_PYTHON_DOWNLOADS": "never",
        }
        venv, tools = folder / "venv", folder / "tools"
        run(sys.executable, "-m", "venv", str(venv))
        run(sys.executable, "-m", "venv", str(tools))
        run(str(venv / "bin/pip"), "install", "--quiet", str(wheel))
        run(str(tools / "bin/pip"), "install", "--quiet", "pipx", "uv")
        run(str(tools / "bin/pipx"), "install", str(sources))
        run(str(tools / "bin/uv"), "tool", "install", "--python", sys.executable, str(wheel))
        for program in ("venv/bin/ws9tui", "pipx-bin/ws9tui", "uv-bin/ws9tui"):
            said = run(str(folder / program), "demo", "up-to-date", "--lang", "zh_CN")
            if "标签" not in said:
                raise SystemExit(f"{program} does not speak Chinese: {said}")
            alone = subprocess.run([folder / program], check=False, stdin=subprocess.DEVNULL, capture_output=True)
            if b"There is no terminal for questions." not in alone.stderr:
                raise SystemExit(f"{program} without arguments: {alone.stderr.decode()}")
            sys.stdout.write(f"{program}: {run(str(folder / program), '--version')}")
    return 0


def run(*command: str) -> str:
    """Run a command that must succeed; return what it wrote."""
    done = subprocess.run(command, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"status {done.returncode} from {' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
