"""Which project likely is meant: that of the folder one stands in, then what was used last."""

from __future__ import annotations

import io
import os
from pathlib import Path

import msgspec
import pytest

from recordings import recording
from ws9tui.cli.output import PlainOutput, Writer
from ws9tui.core.compose.locate import Known
from ws9tui.core.inspect.projects import views
from ws9tui.core.journal import events as e
from ws9tui.core.journal.fold import fold
from ws9tui.core.model.observed import Container, Image
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.store import home
from ws9tui.core.store.home import LOCK
from ws9tui.core.store.store import Store
from ws9tui.words import blocks, projects

AROUND = Known(
    {name: (ProjectSource(name, f"/srv/{name}", (f"/srv/{name}/compose.yml",)),) for name in ("blog", "shop", "wiki")},
    {},
    {},
)
USED = {"wiki": "2026-11-29T10:00:00Z", "shop": "2026-11-28T10:00:00Z"}


def container(
    project: str, service: str, state: str = "running", health: str = "", *, oneoff: bool = False
) -> Container:
    image = Reference(f"example.org/{service}:1.2")
    return Container(
        f"{project}-{service}", f"{project}-{service}-1", f"sha256:{service}", image,
        project=project, service=service, state=state, health=health, oneoff=oneoff,
    )  # fmt: skip


CONTAINERS = [
    container("shop", "web"),
    container("shop", "db", "exited"),
    container("shop", "job", oneoff=True),
    container("blog", "app", health="unhealthy"),
]
IMAGES = {f"sha256:{name}": Image(f"sha256:{name}") for name in ("web", "db")}


@pytest.mark.parametrize(
    ("cwd", "order"),
    [
        ("/", ["wiki", "shop", "blog"]),
        ("/srv", ["wiki", "shop", "blog"]),
        ("/srv/blog/data/old", ["blog", "wiki", "shop"]),
        ("/srv/blog-2", ["wiki", "shop", "blog"]),
        ("/srv/shop", ["shop", "wiki", "blog"]),
    ],
)
def test_the_likeliest_comes_first(cwd: str, order: list[str]) -> None:
    found = views(("shop", "blog", "wiki"), AROUND, CONTAINERS, IMAGES, Path(cwd), lambda name: USED.get(name, ""))
    assert list(found) == order
    assert found[order[0]].here is (cwd.startswith(f"/srv/{order[0]}"))


def test_the_inner_of_two_folders_is_where_one_stands() -> None:
    inner = Known({**AROUND.running, "sub": (ProjectSource("sub", "/srv/blog/sub", ()),)}, {}, {})
    found = views(("blog", "sub"), inner, [], {}, Path("/srv/blog/sub/x"), lambda _: "")
    assert list(found) == ["sub", "blog"]


def test_what_is_known_of_each() -> None:
    found = views(("shop", "blog", "gone"), AROUND, CONTAINERS, IMAGES, Path("/"), lambda name: USED.get(name, ""))
    shop = found["shop"]
    assert (shop.folder, shop.running, shop.containers, shop.ill) == ("/srv/shop", 1, 2, 0)
    assert shop.versions == {"web": "1.2", "db": "1.2"}
    assert found["blog"].ill == 1
    assert found["blog"].versions == {}  # its image is gone
    assert found["gone"].folder == ""
    told = blocks.plain([projects.table(dict.fromkeys(found), found, "2026-11-29T10:00:00Z")])
    assert told == [
        "  project  folder     state                          version",
        "  shop     /srv/shop  1 of 2 containers run          db 1.2 and web 1.2  used 1 day ago",
        "  blog     /srv/blog  1 container runs; 1 unhealthy",
        "  gone",
    ]


def test_when_a_project_was_used_is_remembered_by_its_lock(tmp_path: Path) -> None:
    store = Store(tmp_path / "state").open()
    found = home.find(store, "shop", "engine", "")
    assert home.used_at(found) == ""
    file = store.project(found.folder.name) / LOCK
    file.touch()
    os.utime(file, (1_764_000_000.5, 1_764_000_000.5))
    assert home.used_at(found) == "2025-11-24T16:00:00.500Z"


@pytest.mark.parametrize("attended", [False, True])
def test_without_anybody_to_ask_they_are_told_in_a_table(attended: bool) -> None:
    """Where somebody is asked, the question has them."""
    found = views(("shop", "blog"), AROUND, CONTAINERS, IMAGES, Path("/"), lambda name: USED.get(name, ""))
    request = next(event for event in recording("shop") if isinstance(event, e.RunRequested))
    events: list[e.Event] = [
        msgspec.structs.replace(request, attended=attended),
        e.ProjectsFound(at="2026-11-29T10:00:00Z", projects=dict.fromkeys(found), views=found),
    ]
    written = io.StringIO()
    output = PlainOutput(Writer(written))
    for number, event in enumerate(events, 1):
        output.event(event, fold(events[:number]))
    assert ("1 of 2 containers run" in written.getvalue()) is not attended
