"""Stand-ins for programs that ws9tui runs where they are installed: `cosign`, `trivy`, `grype`, `docker scout`.

They have the interface of the real ones as that is documented: flags, exit statuses, JSON. What a stand-in says stands
in a file, image by image; what it was called with is written to another.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import programs

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT = """\
#!{python}
import json, os, pathlib, sys, time
here = pathlib.Path({folder!r})
with (here / "{name}.calls").open("a") as file:
    file.write(json.dumps({{"pid": os.getpid(), "args": sys.argv[1:], "environment": dict(os.environ)}}) + "\\n")
answers = json.loads((here / "{name}.json").read_text())
answer = next((found for part, found in answers.items() if part in sys.argv[-1]), answers.get("", {{}}))
sys.stderr.write(answer.get("errors", ""))
sys.stderr.flush()
sys.stdout.write(answer.get("output", ""))
sys.stdout.flush()
while answer.get("endless"):
    sys.stdout.write("y" * 65536)
if answer.get("hangs"):
    (here / "{name}.hangs").write_text(str(os.getpid()))
    time.sleep(600)
sys.exit(answer.get("status", 0))
"""


@dataclass(frozen=True)
class StandIn:
    """A program in a folder that stands on the PATH."""

    folder: Path
    name: str

    def says(self, answers: dict[str, dict[str, Any]]) -> None:
        """Set what it says: a part of its last argument → output, errors, status; `hangs`, `endless`."""
        (self.folder / f"{self.name}.json").write_text(json.dumps(answers))

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The calls so far: `pid`, `args` and `environment` of each."""
        path = self.folder / f"{self.name}.calls"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def hangs(self) -> int:
        """The process that hangs; 0 where none does."""
        path = self.folder / f"{self.name}.hangs"
        return int(path.read_text() or 0) if path.exists() else 0


def install(folder: Path, name: str) -> StandIn:
    """Make one; it says nothing yet, and ends well."""
    programs.write(folder / name, _SCRIPT.format(python=sys.executable, folder=str(folder), name=name))
    made = StandIn(folder, name)
    made.says({})
    return made


def path_with(folder: Path) -> str:
    """Return a PATH on which they stand."""
    return f"{folder}:{os.environ['PATH']}"


def signed(digest: str) -> str:
    """Return what `cosign verify` prints of an image whose signature it has verified."""
    image = {"docker-manifest-digest": digest}
    identity = {"docker-reference": "registry.test/app"}
    return json.dumps(
        [{"critical": {"identity": identity, "image": image, "type": "cosign container image signature"}}]
    )
