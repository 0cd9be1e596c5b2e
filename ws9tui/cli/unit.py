"""`ws9tui recover --print-unit`: a systemd unit that ends interrupted runs at boot. It is printed, never installed."""

from __future__ import annotations

import sys

from ws9tui.cli.arguments import Command
from ws9tui.cli.output import Writer
from ws9tui.core.store import default_folder
from ws9tui.words import labels


def show(command: Command) -> int:
    """Prints the unit for a project, or a template unit where none is named."""
    project = next(iter(command.options.arguments), "")
    words = ["-P", "-m", "ws9tui", "recover", project or "%i", "--yes", "--plain"]
    if command.options.recover:
        words.append(f"--{command.options.recover}")
    words += ["--state-dir", str((command.state_dir or default_folder()).absolute())]
    start = " ".join([_quoted(sys.executable), *map(_quoted, words)])
    name = f"ws9tui-recover-{project}.service" if project else "ws9tui-recover@.service"
    enable = name if project else "ws9tui-recover@PROJECT.service"
    Writer(sys.stdout).line(labels.UNIT.format(name=name, enable=enable, project=project or "%i", start=start))
    return 0


def _quoted(word: str) -> str:
    """A word as systemd.service(5) reads it; %i is the instance's name, every other % stands for itself."""
    text = word if word == "%i" else word.replace("%", "%%")
    return text if all(c.isalnum() or c in "%/._-@+:" for c in text) else '"' + text.replace('"', '\\"') + '"'
