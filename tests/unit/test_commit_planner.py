"""Plans, by what they print: what is desired and what is there go in, the text that is confirmed comes out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plans import Bench, digest, needs
from ws9tui.core.commit.planner import PlannedWrite
from ws9tui.core.model.image import Used
from ws9tui.core.model.observed import Container, Mount
from ws9tui.core.model.plan import Binding, Kind
from ws9tui.core.model.reference import Reference
from ws9tui.problems.problem import read

CASES: dict[str, tuple[Callable[[], str], str]] = {}


def case(text: str) -> Callable[[Callable[[], str]], Callable[[], str]]:
    """Note a case and what its plan prints."""

    def noted(build: Callable[[], str]) -> Callable[[], str]:
        CASES[build.__name__] = (build, text.strip("\n"))
        return build

    return noted


@case("""\
Nothing to change.
""")
def nothing() -> str:
    return Bench(web="web:1.0", db="db:2").printed("web", "db")


@case("""\
Update: generation 3 → generation 4
Local image tags to move
  tag web:1.1: new image 4229605e3522
Containers
  recreate  web  image 1.0 → 1.1
Expected downtime (worst case, from the stop timeout)
  web (shop-web-1): about 12 s
""")
def an_image_changes() -> str:
    bench = Bench(web="web:1.0", db="db:2")
    bench.want("web", "web:1.1")
    return bench.printed("web")


@case("""\
Update: generation 3 → generation 4
Local image tags to move
  tag web:latest: 9e05b8e49ccf → f582458cfbdb
Containers
  recreate  web  image 9e05b8e49ccf → f582458cfbdb
Expected downtime (measured in earlier updates)
  web (shop-web-1): about 3 s
""")
def a_tag_moves() -> str:
    bench = Bench(web="web:latest")
    bench.want("web", "web:latest")
    return bench.printed("web", downtime={"web": 3.0})


@case("""\
Update: generation 3 → generation 4
Containers
  recreate  web  definition changed
Expected downtime (worst case, from the stop timeout)
  web (shop-web-1): about 12 s
""")
def a_definition_changes() -> str:
    bench = Bench(web="web:1.0")
    bench.want("web", config_hash="other")
    return bench.printed("web")


@case("""\
Nothing to change.
""")
def a_definition_that_cannot_be_compared() -> str:
    bench = Bench(web="web:1.0", db="db:1")
    bench.want("web", config_hash="")
    bench.change("db", config_hash="")
    return bench.printed("web", "db")


@case("""\
Update: generation 3 → generation 4
Containers
  recreate  web  Compose would recreate it
Expected downtime (worst case, from the stop timeout)
  web (shop-web-1): about 12 s
""")
def a_label_of_another_image() -> str:
    bench = Bench(web="web:1.0")
    bench.change("web", image_label="sha256:other")
    return bench.printed("web")


@case("""\
Nothing to change.
""")
def a_label_of_the_manifest_for_this_platform() -> str:
    bench = Bench(web="web:1")
    bench.change("web", image_label="sha256:manifest", manifest="sha256:manifest")
    return bench.printed("web")


@case("""\
Nothing to change.
""")
def another_index_of_the_same_manifest() -> str:
    bench = Bench(web="web:1")
    bench.change("web", image_id="sha256:index", image_label="sha256:manifest", manifest="sha256:manifest")
    bench.want("web", manifest="sha256:manifest")
    return bench.printed("web")


@case("""\
Update: generation 3 → generation 4
Local image tags to move
  tag vpn:2: new image 6b3283f69bcd
Containers, batch 1 of 3
  recreate  vpn   image 1 → 2
Containers, batch 2 of 3
  recreate  side  shares the network of vpn
Containers, batch 3 of 3
  recreate  deep  shares the network of side
Expected downtime (worst case, from the stop timeout)
  vpn (shop-vpn-1): about 12 s
  side (shop-side-1): about 12 s
  deep (shop-deep-1): about 12 s
Not selected, but also affected
  side, with vpn: shares the network of vpn
  deep, with side: shares the network of side
""")
def a_follower_by_network() -> str:
    bench = Bench(vpn="vpn:1", side="side:1", deep="deep:1", away="away:1")
    bench.model("side", joined=("vpn",))
    bench.model("deep", joined=("side",))
    bench.model("away", joined=("vpn",))
    bench.containers.pop("away")
    bench.want("vpn", "vpn:2")
    return bench.printed("vpn")


@case("""\
Update: generation 3 → generation 4
Local image tags to move
  tag db:2: new image abf61c3a5315
Containers, batch 1 of 2
  recreate  db   image 1 → 2
Containers, batch 2 of 2
  restart   api  restarts with db
Expected downtime (worst case, from the stop timeout)
  db (shop-db-1): about 12 s
  api (shop-api-1): about 12 s
Not selected, but also affected
  api, with db: restarts with db
""")
def a_follower_by_restart() -> str:
    bench = Bench(db="db:1", api="api:1", idle="idle:1")
    bench.model("api", depends_on=needs(db=True))
    bench.model("idle", depends_on=needs(db=True))
    bench.change("idle", state="exited")
    bench.want("db", "db:2")
    return bench.printed("db")


@case("""\
Update: generation 3 → generation 4
Local image tags to move
  tag api:2: new image 5dad98ae6119
  tag db:2: new image abf61c3a5315
Containers, batch 1 of 2
  recreate  db   image 1 → 2
Containers, batch 2 of 2
  recreate  api  image 1 → 2
Expected downtime (worst case, from the stop timeout)
  db (shop-db-1): about 12 s
  api (shop-api-1): about 12 s
""")
def a_follower_that_is_selected_for_itself() -> str:
    bench = Bench(db="db:1", api="api:1")
    bench.model("api", depends_on=needs(db=True))
    bench.want("db", "db:2")
    bench.want("api", "api:2")
    return bench.printed("api", "db")


@case("""\
Update: generation 3 → generation 4
Local image tags to move
  tag app:latest: 23fbafaa41ad → 3d09de111572
Containers
  recreate  web     image 23fbafaa41ad → 3d09de111572
  recreate  worker  same image tag as web
Expected downtime (worst case, from the stop timeout)
  web (shop-web-1): about 12 s
  worker (shop-worker-1): about 12 s
Not selected, but also affected
  worker, with web: same image tag as web
""")
def a_shared_reference() -> str:
    bench = Bench(web="app:latest", worker="app:latest", other="app:1.0")
    bench.want("web", "app:latest")
    bench.desired["worker"] = bench.before["worker"]
    return bench.printed("web")


@case("""\
Update: generation 3 → generation 4
Files to change
  write /srv/shop/.env: line 1 changes
      -V=1.0
      +V=1.1
Local image tags to move
  tag web:1.1: new image 4229605e3522
Containers
  recreate  web  image 1.0 → 1.1
  recreate  api  its env_file changes with web
Expected downtime (worst case, from the stop timeout)
  web (shop-web-1): about 12 s
  api (shop-api-1): about 12 s
Not selected, but also affected
  api, with web: its env_file changes with web
""")
def a_shared_env_file() -> str:
    bench = Bench(web="web:1.0", api="api:1.0")
    bench.model("api", env_files=("/srv/shop/.env",))
    bench.want("web", "web:1.1")
    cause = read("reference-edited", {"file": "/srv/shop/.env", "lines": "1"})
    return bench.printed("web", changes=(PlannedWrite("/srv/shop/.env", cause, "hash", ("-V=1.0", "+V=1.1")),))


@case("""\
Update: generation 3 → generation 4
Files to change
  write /srv/shop/.env: line 1 changes
      -V=1.0
      +V=1.1
Local image tags to move
  tag web:1.1: new image 4229605e3522
Containers
  recreate  web  image 1.0 → 1.1
  recreate  api  its definition changes with web
Expected downtime (worst case, from the stop timeout)
  web (shop-web-1): about 12 s
  api (shop-api-1): about 12 s
Not selected, but also affected
  api, with web: its definition changes with web
""")
def a_shared_variable() -> str:
    bench = Bench(web="web:1.0", api="api:1.0", db="db:1.0")
    bench.want("web", "web:1.1")
    bench.want("api", config_hash="with 1.1")
    cause = read("reference-edited", {"file": "/srv/shop/.env", "lines": "1"})
    return bench.printed("web", changes=(PlannedWrite("/srv/shop/.env", cause, "hash", ("-V=1.0", "+V=1.1")),))


@case("""\
Update: generation 3 → generation 4
Local image tags to move
  tag web:1.1: new image 4229605e3522
Containers
  create, leave stopped  web  image 1.0 → 1.1
""")
def a_stopped_service() -> str:
    bench = Bench(web="web:1.0")
    bench.want("web", "web:1.1", state="stopped")
    bench.change("web", state="exited", exit_code=137)
    return bench.printed("web")


@case("""\
Update: generation 3 → generation 4
Local image tags to move
  tag job:1.1: new image 5e5bfad13cb0
Containers
  create, leave stopped  job  image 1.0 → 1.1
Note
  job has exited with status 0 and is not started again. To run it on every update (a migration, for example), set 'one_shot: true' in its x-ws9tui.
""")  # noqa: E501
def a_stopped_service_that_may_be_a_one_shot() -> str:
    bench = Bench(job="job:1.0")
    bench.want("job", "job:1.1", state="stopped")
    bench.change("job", state="exited", exit_code=0)
    return bench.printed("job")


@case("""\
Update: generation 3 → generation 4
Local image tags to move
  tag job:1.1: new image 5e5bfad13cb0
Containers
  recreate  job  image 1.0 → 1.1
""")
def a_completed_one_shot() -> str:
    bench = Bench(job="job:1.0")
    bench.want("job", "job:1.1", state="completed")
    bench.change("job", state="exited", exit_code=0)
    return bench.printed("job")


@case("""\
Update: generation 3 → generation 4
Containers
  start  web  is running in the generation
  stop   api  was not running, stays stopped
Expected downtime (worst case, from the stop timeout)
  api (shop-api-1): about 12 s
""")
def a_service_that_is_to_run_again() -> str:
    bench = Bench(web="web:1.0", api="api:1.0")
    bench.change("web", state="exited")
    bench.want("api", state="stopped")
    return bench.printed("web", "api")


@case("""\
Update: generation 3 → generation 4
Containers
  create  web  has no container yet
""")
def an_absent_service() -> str:
    bench = Bench(web="web:1.0", db="db:1")
    bench.containers.pop("web")
    return bench.printed("web", "db")


@case("""\
Update: generation 3 → generation 4
Containers
  remove  web  not part of the generation
Expected downtime (worst case, from the stop timeout)
  web (shop-web-1): about 12 s
""")
def a_service_that_was_absent() -> str:
    bench = Bench(web="web:1.0", db="db:1")
    bench.want("web", state="absent")
    return bench.printed("web", "db")


@case("""\
Rollback: generation 4 → generation 3
Local image tags to move
  tag web:1.1: new image 4229605e3522
Containers, batch 1 of 2
  remove    old  not part of the generation
Containers, batch 2 of 2
  recreate  web  image 1.0 → 1.1
Expected downtime (worst case, from the stop timeout)
  web (shop-web-1): about 12 s
  old (shop-old-1): about 12 s
""")
def a_removal() -> str:
    bench = Bench(web="web:1.0", old="old:1.0")
    bench.want("web", "web:1.1")
    del bench.desired["old"], bench.services["old"]
    bench.defined_before = {"web", "old"}
    bench.numbers = (4, 3)
    return bench.printed("web", "old")


@case("""\
First install: generation 1
Local image tags to move
  tag web:1.0: new image 339e1217391a
  tag api:1.0: new image 171c1e2266ca
  tag db:1.0: new image 0b075a3749f2
Containers, batch 1 of 3
  create  db   has no container yet
Containers, batch 2 of 3
  create  api  has no container yet
Containers, batch 3 of 3
  create  web  has no container yet
  If the install fails, what it created is removed; volumes that hold data stay.
""")
def a_first_install() -> str:
    bench = Bench(web="web:1.0", api="api:1.0", db="db:1.0")
    bench.model("web", depends_on=needs(api=False))
    bench.model("api", depends_on=needs(db=False))
    bench.containers.clear()
    bench.tags.clear()
    bench.numbers = (0, 1)
    return bench.printed("web", "api", "db")


@case("""\
Rollback: generation 4 → generation 3
Files to change
  write /srv/shop/.env: as in that generation
Leftover containers to remove
  remove 0123456789ab_shop-web-1: left over from an interrupted recreate
Containers
  recreate  web  left over from an interrupted recreate: 0123456789ab_shop-web-1
  create    api  has no container yet
Expected downtime (worst case, from the stop timeout)
  web (shop-web-1): about 12 s
""")
def a_way_back_from_a_half_made_recreate() -> str:
    bench = Bench(web="web:1.0", api="api:1.0", db="db:1.0")
    bench.run("web", name="0123456789ab_shop-web-1", state="created", image_id=digest("x"), image="web:1.1")
    bench.containers.pop("api")
    bench.numbers = (4, 3)
    cause = read("file-restored", {"file": "/srv/shop/.env"})
    return bench.printed("web", "api", "db", changes=(PlannedWrite("/srv/shop/.env", cause, "hash"),))


@case("""\
Update: generation 3 → generation 4
Leftover containers to rename
  rename 0123456789ab_shop-web-1 to shop-web-1: left over from an interrupted recreate
Containers
  create  web  has no container yet
""")
def only_a_twin_is_left() -> str:
    bench = Bench(web="web:1.0")
    bench.change("web", name="0123456789ab_shop-web-1", state="created")
    return bench.printed("web")


@case("""\
Update: generation 3 → generation 4
Local image tags to move
  tag web:1.1: new image 4229605e3522
Containers
  recreate  web  image 1.0 → 1.1
Expected downtime (worst case, from the stop timeout)
  web (shop-web-1): about 12 s
Note
  The container shop-gone-1 belongs to no service, so it is left alone. If it belongs to a profile, add --profile.
""")
def an_orphan() -> str:
    bench = Bench(web="web:1.0", gone="gone:1.0")
    bench.want("web", "web:1.1")
    del bench.services["gone"]
    bench.desired["gone"] = bench.before["gone"]
    bench.change("gone", image_id="sha256:other")
    bench.defined_before = {"web"}
    return bench.printed("web", "gone")


@case("""\
Update: generation 3 → generation 4
Local image tags to move
  tag web:1.1: new image 4229605e3522
Containers
  recreate  web  image 1.0 → 1.1
Expected downtime (worst case, from the stop timeout)
  web (shop-web-1): about 12 s
Note
  The container shop-gone-1 belongs to no service, so it is left alone. If it belongs to a profile, add --profile.
""")
def an_orphan_that_is_younger_than_the_generation() -> str:
    bench = Bench(web="web:1.0", gone="gone:1.0")
    bench.want("web", "web:1.1")
    del bench.services["gone"], bench.desired["gone"]
    bench.defined_before = {"web"}
    return bench.printed("web", "gone")


@case("""\
Update: generation 3 → generation 4
Local image tags to move
  tag web:1.1: new image 4229605e3522
Containers
  recreate  web  image 1.0 → 1.1
Expected downtime (worst case, from the stop timeout)
  web (shop-web-1): about 12 s
""")
def an_orphan_that_is_gone() -> str:
    bench = Bench(web="web:1.0", gone="gone:1.0")
    bench.want("web", "web:1.1")
    del bench.services["gone"], bench.containers["gone"]
    bench.defined_before = {"web"}
    return bench.printed("web", "gone")


LOSES = "uses the network of vpn's container and will lose it. A rollback does not restore it."
MEND = (
    "docker compose -p media --project-directory /srv/media -f /srv/media/c.yml"
    " up -d --no-deps --force-recreate torrent"
)


@case(f"""\
Update: generation 3 → generation 4
Local image tags to move
  tag vpn:2: new image 6b3283f69bcd
Containers
  recreate  vpn  image 1 → 2
Expected downtime (worst case, from the stop timeout)
  vpn (shop-vpn-1): about 12 s
Data and containers affected
  vpn: The container torrent of project media {LOSES}
  vpn: The container alone {LOSES}
  Afterwards run '{MEND}'.
  Afterwards run 'docker restart alone'.
""")
def a_foreign_follower() -> str:
    bench = Bench(vpn="vpn:1", db="db:1")
    bench.want("vpn", "vpn:2")
    vpn, db = bench.containers["vpn"][0], bench.containers["db"][0]
    bench.foreign = [
        Container(
            "f1",
            "torrent",
            "i",
            Reference("t"),
            "media",
            "torrent",
            working_dir="/srv/media",
            config_files=("/srv/media/c.yml",),
            network_mode=f"container:{vpn.id}",
        ),
        Container("f2", "alone", "i", Reference("t"), network_mode=f"container:{vpn.name}"),
        Container("f3", "other", "i", Reference("t"), "media", "other", network_mode=f"container:{db.id}"),
        Container("f4", "host", "i", Reference("t"), network_mode="host"),
    ]
    return bench.printed("vpn")


@case("""\
Update: generation 3 → generation 4
Containers
  recreate  app  gluetun was replaced
Expected downtime (worst case, from the stop timeout)
  app (shop-app-1): about 12 s
""")
def a_foreign_leader_that_was_replaced() -> str:
    bench = Bench(app="app:1.0", db="db:1")
    bench.model("app", inside=("gluetun",))
    bench.change("app", network_mode=f"container:{digest('the one before')[7:]}")
    bench.foreign = [Container(digest("gluetun")[7:], "gluetun", "i", Reference("vpn:1"), "tunnels", "gluetun")]
    return bench.printed("app", "db")


@case("""\
Update: generation 3 → generation 4
Local image tags to move
  tag files:latest: new image eee8b411a118
Containers
  recreate  web    mounts files:latest, which has changed
  recreate  other  mounts files:latest, which has changed
Expected downtime (worst case, from the stop timeout)
  web (shop-web-1): about 12 s
  other (shop-other-1): about 12 s
""")
def a_mounted_image_that_has_moved() -> str:
    bench = Bench(web="web:1.0", other="web:1.0", db="db:1")
    mounted = Mount("image", "files:latest", "/f")
    for name in ("web", "other"):
        bench.want(name, used={Reference("files:latest"): Used(digest("files of today"))})
        bench.change(name, mounts=(mounted,), mounted_images={"/f": digest("files of before")})
    return bench.printed("web", "other", "db")


@case("""\
Update: generation 3 → generation 4
Containers
  recreate  web  image 0.9 → 1.0
Expected downtime (worst case, from the stop timeout)
  web (shop-web-1, shop-web-2 and shop-web-3): about 12 s
""")
def a_scaled_service() -> str:
    bench = Bench(web="web:1.0")
    bench.run("web", 2)
    bench.run("web", 3, image_id="sha256:odd", image="web:0.9")
    return bench.printed("web")


@case("""\
Nothing to change.
""")
def a_service_scaled_to_nothing() -> str:
    bench = Bench(web="web:1.0", job="job:1.0")
    bench.containers.pop("job")
    bench.want("job", replicas=0)
    return bench.printed("web", "job")


@case("""\
Rollback: generation 4 → generation 3
Local image tags to move
  tag web:0.9: new image 5053297399d4
Containers
  recreate  web  image 1.0 → 0.9
Expected downtime (worst case, from the stop timeout)
  web (shop-web-1 and shop-web-2): about 12 s
Note
  In generation 3 the containers of web ran different images. A rollback to it gives all of them web:0.9.
""")
def a_way_back_to_replicas_that_differed() -> str:
    bench = Bench(web="web:1.0")
    bench.run("web", 2)
    bench.numbers = (4, 3)
    bench.want("web", "web:0.9", others=(digest("web:0.8"),))
    return bench.printed("web")


@case("""\
Update: generation 3 → generation 4
Local image tags to move
  tag web:1.1: new image 4229605e3522
  tag api:1.1: new image b18b5210c112
  tag db:1.1: new image 21c76df9b8fb
Containers, batch 1 of 3
  recreate  db   image 1.0 → 1.1
Containers, batch 2 of 3
  recreate  api  image 1.0 → 1.1
Containers, batch 3 of 3
  recreate  web  image 1.0 → 1.1
Expected downtime (worst case, from the stop timeout)
  db (shop-db-1): about 12 s
  api (shop-api-1): about 12 s
  web (shop-web-1): about 1 min 2 s
""")
def waves_by_dependency() -> str:
    bench = Bench(web="web:1.0", api="api:1.0", db="db:1.0", cache="cache:1.0")
    bench.model("web", depends_on=needs(api=False))
    bench.change("web", grace=60.0)
    bench.model("api", depends_on=needs(db=False, cache=False))
    for name in ("web", "api", "db"):
        bench.want(name, f"{name}:1.1")
    return bench.printed("web", "api", "db", "cache")


@pytest.mark.parametrize("name", CASES)
def test_the_printed_plan(name: str) -> None:
    build, text = CASES[name]
    assert build() == text


def test_what_the_plan_is_bound_to() -> None:
    bench = Bench(web="web:1.0", side="side:1.0", db="db:1.0")
    bench.model("side", joined=("web",))
    bench.want("web", "web:1.1", config_hash="new")
    old, side = bench.containers["web"][0], bench.containers["side"][0]
    plan = bench.plan("web", changes=(PlannedWrite("/srv/shop/.env", read("x", {}), "hash"),))
    assert plan.services == ("web", "side")
    assert plan.binding == Binding(
        images={"web": digest("web:1.1new"), "side": side.image_id},
        digests={"web": digest("web:1.1new"), "side": digest("side:1.0")},
        hashes={"web": "new", "side": "h"},
        files={"/srv/shop/.env": "hash"},
        containers={old.id: old.image_id, side.id: side.image_id},
    )


def test_a_plan_is_made_again_from_what_it_leads_to() -> None:
    """What a plan leads to needs no further plan."""
    bench = Bench(web="web:1.0", db="db:1.0")
    bench.want("web", "web:1.1")
    assert [operation.kind for operation in bench.plan("web", "db").operations] == [Kind.TAG, Kind.RECREATE]
    wanted = bench.desired["web"]
    bench.tags["web:1.1"] = wanted.image_id
    bench.change("web", image_id=wanted.image_id, image=wanted.reference, image_label=wanted.image_id)
    assert bench.plan("web", "db").operations == ()
