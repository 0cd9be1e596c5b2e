"""`ws9tui history --diff`, `--pin` and `--unpin`: operations on recorded generations that need no engine."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ws9tui.cli.output import Writer, fields
from ws9tui.core.store import comparison, generation, home, pins
from ws9tui.core.store.comparison import Comparison
from ws9tui.core.store.generation import StoredFile
from ws9tui.core.store.store import Home, Store
from ws9tui.errors import UsageError
from ws9tui.problems.run import GenerationUnknown
from ws9tui.words import generation_diff, history, problems
from ws9tui.worker.handle import actor


def differ(out: Writer, store: Store, name: str, numbers: tuple[int, int], *, as_json: bool) -> int:
    """Writes the differences of two generations; raises `UsageError` if one does not exist."""
    where = _home(store, name, *numbers)
    before, after = (generation.read(where.folder, number) for number in numbers)
    found = comparison.compare(where.folder, before, after)
    if as_json:
        out.line(json.dumps(_as_json(name, found)))
        return 0
    for text in generation_diff.lines(name, found):
        out.whole(text)  # lines of files must not be wrapped
    return 0


def pin(out: Writer, store: Store, name: str, number: int, *, wanted: bool, as_json: bool) -> int:
    """Pins or unpins a generation; raises `UsageError` if it does not exist, `Busy` during a run."""
    recorded = pins.pin(_home(store, name, number), number, actor(), wanted=wanted)
    if as_json:
        told = {"type": "pin", "project": name, "generation": number, "pinned": recorded.pinned}
        out.line(json.dumps(told))
        return 0
    out.line(history.pinned(name, number, wanted=wanted))
    return 0


def _home(store: Store, name: str, *numbers: int) -> Home:
    """Returns the home with all these generations; of several engines' homes, that with the latest generation."""
    homes = home.all_of(store, name)
    known = {found.folder: generation.numbers(found.folder) for found in homes}
    having = [found for found in homes if set(numbers) <= set(known[found.folder])]
    if not having:
        every = sorted({number for found in known.values() for number in found})
        missing = next((number for number in numbers if number not in every), numbers[0])
        raise UsageError(GenerationUnknown(number=missing, known=", ".join(map(str, every))))
    return max(having, key=home.latest)


# --- as JSON ----------------------------------------------------------------------------------------------------

_OF_SERVICE = ("reference", "image_id", "digest", "version", "archive", "state", "replicas")
_OF_BACKUP = ("service", "made_at", "folder", "size", "stored")


def _as_json(name: str, found: Comparison) -> dict[str, object]:
    return {
        "type": "difference",
        "project": name,
        "from": found.before.number,
        "to": found.after.number,
        "same": found.same,
        "services": {
            change.name: {
                "before": fields(change.before, *_OF_SERVICE) if change.before else None,
                "after": fields(change.after, *_OF_SERVICE) if change.after else None,
                "redefined": change.redefined,
            }
            for change in found.services
        },
        "files": [
            {
                "path": change.path,
                "before": _file(change.before),
                "after": _file(change.after),
                "diff": list(change.lines),
                "shown": not (change.hidden or change.large or change.binary or change.problem),
                "problem": problems.for_scripts(change.problem) if change.problem else None,
            }
            for change in found.files
        ],
        "settings": [
            {"service": change.subject or None, "key": change.key, "before": change.before, "after": change.after}
            for change in found.settings
        ],
        "variables": list(found.variables),
        "data": {str(number): [fields(one, *_OF_BACKUP) for one in saved] for number, saved in found.data.items()},
    }


def _file(stored: StoredFile | None) -> Mapping[str, object] | None:
    if stored is None:
        return None
    return {"sha256": stored.sha256, "mode": f"{stored.mode:04o}", "uid": stored.uid, "gid": stored.gid}
