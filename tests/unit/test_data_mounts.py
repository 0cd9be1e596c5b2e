"""What a new container would see no more of the data that the present one mounts."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ws9tui.core.data import mounts
from ws9tui.core.model.observed import Container, Mount
from ws9tui.core.model.options import Options
from ws9tui.core.model.plan import Loss, Plan
from ws9tui.core.model.project import Mounted, Service
from ws9tui.core.model.reference import Reference
from ws9tui.words import problems

SIZES = {"data": 7, "other": 7, "bare": 0, "dark": -1}
WEB = Service("web", Reference("web:1"), mounts=())


def left(old: Mount, *new: Mounted, local: bool = True) -> list[Loss]:
    container = Container("1", "web-1", "image", Reference("web"), mounts=(old,))
    twin = msgspec.structs.replace(container, name="0123456789ab_web-1")
    return mounts.left(msgspec.structs.replace(WEB, mounts=new), [container, twin], SIZES, local=local)


def volume(name: str, target: str = "/d", subpath: str = "") -> Mounted:
    return Mounted("volume", name, target, subpath)


DATA = Mount("volume", "data", "/d")
ANONYMOUS = Mount("volume", "a" * 64, "/d", anonymous=True)
CASES: dict[str, tuple[Mount, tuple[Mounted, ...], str]] = {
    "the same": (DATA, (volume("data"),), ""),
    "the same with a slash": (DATA, (volume("data", "/d/"),), ""),
    "another that is there": (DATA, (volume("other"),), "/d: data → other, which has different content."),
    "another that is not": (DATA, (volume("new"),), "/d: data → new, which is new and empty."),
    "another that is empty": (DATA, (volume("bare"),), "/d: data → bare, which is empty."),
    "another that is not known": (DATA, (volume("dark"),), "/d: data → dark."),
    "another part of it": (DATA, (volume("data", subpath="p"),), "/d: data → data (p)."),
    "nothing": (DATA, (), "/d: data is no longer mounted."),
    "at another path": (DATA, (volume("data", "/e"),), "/d: data is no longer mounted there, but at /e."),
    "memory": (DATA, (Mounted("tmpfs", "", "/d"),), "/d: data → a tmpfs, which is new and empty."),
    "an anonymous one": (DATA, (volume(""),), "/d: data → an anonymous volume, which is new and empty."),
    "an anonymous one that Compose hands on": (ANONYMOUS, (), ""),
    "an anonymous one that the files name": (ANONYMOUS, (volume(""),), ""),
    "a named one for an anonymous one": (
        ANONYMOUS,
        (volume("new"),),
        "/d: an anonymous volume → new, which is new and empty.",
    ),
    "one that may not be written": (Mount("volume", "data", "/d", read_only=True), (), ""),
    "memory that goes": (Mount("tmpfs", "", "/d"), (), ""),
    "the engine's socket": (Mount("bind", "/var/run/docker.sock", "/var/run/docker.sock"), (), ""),
}


@pytest.mark.parametrize("name", CASES)
def test_a_volume(name: str) -> None:
    old, new, said = CASES[name]
    losses = left(old, *new)
    assert [problems.title(loss.problem) for loss in losses] == ([said] if said else [])
    agreed = "different content" in said or "but at" in said
    assert [loss.consent for loss in losses] == ([] if not said else [""] if agreed else ["web:/d"])


def test_folders(tmp_path: Path) -> None:
    old, empty, full, link = (tmp_path / name for name in ("old", "empty", "full", "link"))
    for folder in (old, empty, full):
        folder.mkdir()
    (full / "file").touch()
    link.symlink_to(old)
    mount = Mount("bind", str(old), "/d")
    gone = Mounted("bind", str(tmp_path / "none"), "/d")
    assert left(mount, gone) == []  # it holds nothing
    (old / "file").touch()
    for path, how in ((tmp_path / "none", "is new and empty"), (empty, "is empty"), (full, "has different content")):
        (loss,) = left(mount, Mounted("bind", str(path), "/d"))
        assert problems.title(loss.problem) == f"/d: {old} → {path}, which {how}."
        assert bool(loss.consent) is (path != full)
    assert left(mount, Mounted("bind", str(link), "/d")) == []
    assert left(mount, Mounted("bind", f"{old}/", "/d")) == []
    (loss,) = left(mount, gone, local=False)
    assert problems.title(loss.problem) == f"/d: {old} → {tmp_path}/none."
    assert loss.consent


def test_older_records_tell_nothing() -> None:
    container = Container("1", "web-1", "image", Reference("web"), mounts=(DATA,))
    assert mounts.left(msgspec.structs.replace(WEB, mounts=None), [container], {}, local=True) == []
    assert mounts.left(msgspec.structs.replace(WEB, volumes_from=("db",)), [container], {}, local=True) == []


def test_what_was_not_agreed_to() -> None:
    losses = (*left(DATA), *left(Mount("volume", "other", "/my data")))
    plan = Plan(1, 2, losses=losses)
    assert plan.consents == ("web:/d", "web:/my data")
    problem = mounts.not_agreed(plan, Options(leave_data=("web:/d",)))
    assert problem is not None
    assert problem.facts == {"mounts": "web:/my data", "flags": "--leave-data 'web:/my data'"}
    assert mounts.not_agreed(plan, Options(leave_data=plan.consents)) is None


def test_the_engines_own_data_is_nobodys(tmp_path: Path) -> None:
    """Websoft9 2.3.0 mounts the volumes of all projects, and 2.3.1 does not."""
    (tmp_path / "volumes" / "some").mkdir(parents=True)
    mounted = Mount("bind", str(tmp_path / "volumes"), "/var/volumes")
    container = Container("1", "web-1", "image", Reference("web"), mounts=(mounted,))
    assert mounts.left(WEB, [container], SIZES, local=True, root=str(tmp_path)) == []
    assert mounts.left(WEB, [container], SIZES, local=True, root=f"{tmp_path}/volumes") == []
    assert mounts.left(WEB, [container], SIZES, local=True, root=str(tmp_path)[:-1]) != []
    assert mounts.left(WEB, [container], SIZES, local=True) != []
