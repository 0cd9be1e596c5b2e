from __future__ import annotations

from ws9tui.core.model.plan import Kind, Loss, Operation, Plan
from ws9tui.problems.problem import Problem, read
from ws9tui.words import plan

OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def problem(code: str, **facts: str) -> Problem:
    return read(code, facts)


def image(old: str, new: str) -> Problem:
    return problem("image-changed", old=OLD, new=NEW, old_version=old, new_version=new)


PLAN = Plan(
    before=3,
    after=4,
    operations=(
        Operation(
            Kind.WRITE,
            "/srv/shop/.env",
            problem("reference-edited", file="/srv/shop/.env", line="1", old="1.25.1", new="1.25.5"),
            detail=("-GIT_VERSION=1.25.1", "+GIT_VERSION=1.25.5"),
        ),
        Operation(
            Kind.TAG,
            "docker.io/shop/git:1.25.5",
            problem("tag-moves", reference="shop/git:1.25.5", old="", new=NEW),
            detail=(NEW,),
        ),
        Operation(Kind.RECREATE, "git", image("1.25.1", "1.25.5"), 1, ("shop-git-1",)),
        Operation(Kind.RECREATE, "vpn", image("2", "2"), 1, ("vpn",)),
        Operation(Kind.RECREATE, "app", problem("follows-network", service="vpn"), 2, ("shop-app-1",)),
        Operation(Kind.PREPARE, "batch", problem("was-stopped"), 2),
    ),
    followers={"app": "vpn"},
    losses=(
        Loss("git", problem("own-layer-files", count="3"), ("/tmp/a", "/etc/x\x1b[31m")),
        Loss("vpn", problem("anonymous-volume", target="/data")),
    ),
    notes=(problem("orphan", container="shop-old-1"),),
    downtime={"git": 4.0, "vpn": 11.0, "app": 70.0},
)

PRINTED = """\
Update: generation 3 → generation 4
Files to change
  write /srv/shop/.env: line 1: 1.25.1 → 1.25.5
      -GIT_VERSION=1.25.1
      +GIT_VERSION=1.25.5
Local image tags to move
  tag shop/git:1.25.5: new image bbbbbbbbbbbb
Containers, batch 1 of 2
  recreate               git    image 1.25.1 → 1.25.5
  recreate               vpn    image 2, new build
Containers, batch 2 of 2
  recreate               app    shares the network of vpn
  create, leave stopped  batch  was not running, stays stopped
Expected downtime (worst case, from the stop timeout)
  git (shop-git-1): about 4 s
  vpn: about 11 s
  app (shop-app-1): about 1 min 10 s
Not selected, but also affected
  app, with vpn: shares the network of vpn
Files that will be LOST
  git: 3 files inside its container, outside any volume, will be LOST.
      /tmp/a
      /etc/x
Data and containers affected
  vpn: The new container keeps the anonymous volume at /data.
  Copy what you need with 'docker cp CONTAINER:PATH FOLDER' before you confirm.
Note
  The container shop-old-1 belongs to no service, so it is left alone. If it belongs to a profile, add --profile.
How to roll back
  'ws9tui rollback --to 3' rolls back to generation 3. Its files and images are on this server; no network is needed."""


def test_the_printed_plan() -> None:
    assert "\n".join(line.text for line in plan.lines(PLAN)) == PRINTED


def test_a_plan_in_one_sentence() -> None:
    assert plan.summary(PLAN) == "1 file to change, 1 tag to move, 3 services to recreate, 1 container to create."


def test_a_plan_without_operations() -> None:
    assert [line.text for line in plan.lines(Plan(3, 3))] == ["Nothing to change."]
    assert plan.summary(Plan(3, 3)) == "Nothing to change."


def test_a_first_installation() -> None:
    first = Plan(0, 1, (Operation(Kind.CREATE, "web", problem("not-there"), 1),))
    assert [line.text for line in plan.lines(first)] == [
        "First install: generation 1",
        "Containers",
        "  create  web  has no container yet",
        "How to roll back",
        "  If the install fails, what it created is removed; volumes that hold data stay.",
    ]


def test_long_lists_are_cut() -> None:
    detail = tuple(f"+line {n}" for n in range(100))
    long = Plan(1, 2, (Operation(Kind.WRITE, "/f", problem("reference-edited"), detail=detail),))
    assert "      and 88 more lines" in [line.text for line in plan.lines(long)]


def test_what_a_way_back_takes_away_is_printed_after_the_containers() -> None:
    cause = problem("not-there-before")
    made = Plan(
        2,
        1,
        (
            Operation(Kind.REMOVE, "web", problem("not-in-generation"), 1),
            Operation(Kind.REMOVE_NETWORK, "shop_extra", cause, detail=("id",)),
            Operation(Kind.REMOVE_VOLUME, "shop_data", cause),
            Operation(Kind.REMOVE_FOLDER, "/srv/shop/data", cause),
        ),
    )
    printed = [line.text for line in plan.lines(made)]
    assert printed[3:9] == [
        "Networks to remove",
        "  remove shop_extra: did not exist before",
        "Volumes to remove",
        "  remove shop_data: did not exist before",
        "Folders to remove",
        "  remove /srv/shop/data: did not exist before",
    ]
    assert made.services == ("web",)
