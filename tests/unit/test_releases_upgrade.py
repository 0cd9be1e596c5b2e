"""Upgrades to a release on the simulated engine: whose changes count, what comes and goes, and what is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import pytest

from bench import COMPOSE as PLAIN
from bench import ME, Script, Shop, Told
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model import release
from ws9tui.core.model.acceptance import AcceptanceCheck
from ws9tui.core.model.observed import Container, Host, Image
from ws9tui.core.model.options import Options
from ws9tui.core.model.release import Release
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Choice, Finding, Level, Outcome, Question, Verb
from ws9tui.core.releases import upgrade
from ws9tui.core.store import known_releases
from ws9tui.errors import Refused
from ws9tui.problems.problem import Problem, read

pytestmark = pytest.mark.slow

COMPOSE = PLAIN.replace("${API}", "${API_VERSION}")
NEW_COMPOSE = COMPOSE[: COMPOSE.index("  db:")].replace(
    "services:\n", "services:\n  cache:\n    image: r.test/cache:7\n    restart: always\n"
)
ONE = Release(
    "shop",
    "/srv/shop",
    "1.0",
    "release",
    candidate=False,
    verified=True,
    compose_file="compose.yml",
    compose=COMPOSE.encode(),
    env=b"# versions\nAPI_VERSION=1.0\nDB_PASSWORD=changeme\nPORT=80\n",
    others={"../version.json": b'{"version": "1.0"}'},
    layout="plain",
)
TWO = msgspec.structs.replace(
    ONE,
    version="2.0",
    env=b"# versions\nAPI_VERSION=2.0\nDB_PASSWORD=changed\nPORT=8080\n",
    others={"../version.json": b'{"version": "2.0"}'},
)


class Published:
    """Releases by name, and what the shop's project is an installation of."""

    product: str = "shop"
    channels: tuple[str, ...] = ("release",)
    superseded: str = "old"

    def __init__(self, **known: Release) -> None:
        self.known = known
        self.layout = "plain"
        self.host: tuple[str, Problem] = ("plain", read("websoft9-legacy", {"version": "1.0"}))
        self.templates: tuple[bytes, ...] = ()
        self.during: Callable[[Path], None] | None = None
        """what else happens while it is fetched"""

    def fetch(
        self, source: str, options: Options, into: Path, check: Callable[[], None], layout: str = ""
    ) -> Release | None:
        """Unpack it as a real one is."""
        _ = options, layout
        into.mkdir()
        (into / "large").write_bytes(b"x")
        if self.during:
            self.during(into)
        check()
        return self.known.get(Path(source).name)

    def host_layout(
        self, containers: Sequence[Container], images: Mapping[str, Image], *, local: bool
    ) -> tuple[str, Problem]:
        """Find on the host what the test wants."""
        _ = containers, images, local
        return self.host

    def shipped(self, compose: bytes) -> bool:
        """Know its own."""
        return compose in self.templates

    def installed(
        self, source: ProjectSource, containers: Sequence[Container], images: Mapping[str, Image]
    ) -> tuple[str, str]:
        """Read the version as it is installed."""
        _ = containers, images
        file = Path(source.folder).parent / "version.json"
        version = file.read_text().split('"')[3] if file.exists() else ""
        return (self.layout, version)

    def checks(self, layout: str) -> tuple[AcceptanceCheck, ...]:
        """Check nothing."""
        _ = layout
        return ()

    def folders(self, source: ProjectSource, kind: str) -> tuple[str, ...]:
        """Have none."""
        _ = source, kind
        return ()

    def describe(self, containers: Sequence[Container], images: Mapping[str, Image]) -> dict[str, Problem]:
        """Know the shop."""
        _ = images
        found = {container.project for container in containers}
        return {"shop": read("project-websoft9", {"version": "1.0", "layout": "legacy"})} if "shop" in found else {}

    def obstacle(self, layout: str) -> Problem | None:
        """Mind nothing."""
        _ = layout
        return None

    def notes(self, source: ProjectSource, coming: Release | None) -> tuple[Problem, ...]:
        """Note nothing."""
        _ = source, coming
        return ()

    def assessment(self, source: ProjectSource, host: Host, sizes: Mapping[str, int]) -> tuple[Finding, ...]:
        """Migrate nothing."""
        _ = source, host, sizes
        return ()

    def findings(self, host: Host) -> tuple[Finding, ...]:
        """Tell of it."""
        _ = host
        return (Finding(Level.OK, self.host[1]),)


@pytest.fixture
def shop(tmp_path: Path, request: pytest.FixtureRequest) -> Shop:
    request.getfixturevalue("quick")
    made = Shop(tmp_path, COMPOSE, env=ONE.env.decode())
    (tmp_path / "version.json").write_bytes(ONE.others["../version.json"])
    made.releases = Published(one=ONE, two=TWO)
    return made


async def ready(shop: Shop, *versions: str) -> None:
    """Have the first release run, and the images of others published."""
    await shop.install()
    for version in versions:
        shop.publish(f"r.test/api:{version}", version)
    shop.publish("r.test/cache:7", "7.0")


def files(shop: Shop) -> dict[str, bytes]:
    root = shop.folder.parent
    return {str(p.relative_to(root)): p.read_bytes() for p in (*shop.folder.iterdir(), root / "version.json")}


async def to(shop: Shop, source: str = "two", **options: object) -> Told:
    return await shop.run(release=source, **options)  # type: ignore[arg-type]


# --- what it does -------------------------------------------------------------------------------------------------


@virtual
async def test_what_was_not_changed_moves_and_what_was_stays(shop: Shop) -> None:
    await ready(shop, "2.0")
    shop.env.write_text(ONE.env.decode().replace("PORT=80", "PORT=81").replace("=changeme", "=ours") + "MORE=1\n")
    before = files(shop)
    told = await to(shop, old_release="one")
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.env.read_text() == "# versions\nAPI_VERSION=2.0\nDB_PASSWORD=ours\nPORT=81\nMORE=1\n"
    assert files(shop)["version.json"] == TWO.others["../version.json"]
    assert shop.versions() == {"api": "2.0", "db": "16.1", "web": "1.0"}
    said = "".join(str(event) for event in told.events)
    assert "ours" not in said
    assert "changed" not in {key for event in told.all(e.MergeProposed) for key in event.conflicts}
    assert not await shop.drift()
    back = await shop.run(verb=Verb.ROLLBACK)
    assert back.outcome is Outcome.KEPT
    assert files(shop) == before


@virtual
async def test_the_old_release_is_known_by_itself_the_second_time(shop: Shop) -> None:
    await ready(shop, "2.0", "3.0")
    three = msgspec.structs.replace(TWO, version="3.0", env=TWO.env.replace(b"API_VERSION=2.0", b"API_VERSION=3.0"))
    three = msgspec.structs.replace(three, compose=COMPOSE.replace("always", "unless-stopped").encode())
    assert isinstance(shop.releases, Published)
    shop.releases.known["three"] = three
    assert (await to(shop)).outcome is Outcome.KEPT
    assert known_releases.recall(shop.state, "2.0") == release.texts(TWO)
    told = await to(shop, "three")
    assert (told.outcome, told.code) == (Outcome.KEPT, "")  # the Compose file is the old release's, so it may go
    assert shop.file.read_bytes() == three.compose
    assert shop.versions()["api"] == "3.0"


@virtual
async def test_a_service_that_comes_and_one_that_goes(shop: Shop) -> None:
    await ready(shop, "2.0")
    assert isinstance(shop.releases, Published)
    shop.releases.known["two"] = msgspec.structs.replace(TWO, compose=NEW_COMPOSE.encode())
    told = await to(shop, old_release="one")
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.versions() == {"api": "2.0", "cache": "7.0", "web": "1.0"}
    assert {op.kind for op in told.all(e.Planned)[-1].plan.operations if op.subject == "db"} == {"remove"}
    back = await shop.run(verb=Verb.ROLLBACK)
    assert (back.outcome, back.code) == (Outcome.KEPT, "")
    assert shop.versions() == {"api": "1.0", "db": "16.1", "web": "1.0"}
    forward = await shop.run(verb=Verb.ROLLBACK, to=2)
    assert forward.outcome is Outcome.KEPT
    assert shop.versions() == {"api": "2.0", "cache": "7.0", "web": "1.0"}


@virtual
async def test_what_is_stopped_stays_so(shop: Shop) -> None:
    await ready(shop, "2.0")
    await shop.engine.stop((await shop.by_service())["api"].id)
    told = await to(shop, old_release="one")
    assert told.outcome is Outcome.KEPT
    assert "api" not in shop.versions()
    assert (await shop.by_service())["api"].image == "r.test/api:2.0"


@virtual
async def test_nothing_to_change(shop: Shop) -> None:
    await ready(shop, "2.0")
    before = shop.everything()
    told = await to(shop, "one")
    assert (told.outcome, told.all(e.Planned)) == (Outcome.UP_TO_DATE, [])
    assert shop.everything() == before


@virtual
async def test_files_alone(shop: Shop) -> None:
    """A release with the same images and definitions has its files written, and no container made anew."""
    await ready(shop)
    assert isinstance(shop.releases, Published)
    shop.releases.known["two"] = msgspec.structs.replace(TWO, env=ONE.env + b"NEW=1\n")
    ids = shop.ids()
    told = await to(shop, old_release="one")
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert files(shop)["version.json"] == TWO.others["../version.json"]
    assert shop.ids() == ids
    assert (await shop.run(verb=Verb.ROLLBACK)).outcome is Outcome.KEPT
    assert files(shop)["version.json"] == ONE.others["../version.json"]


@virtual
async def test_a_plan_alone_changes_nothing(shop: Shop) -> None:
    await ready(shop, "2.0")
    before, others = shop.everything(), files(shop)
    told = await to(shop, old_release="one", plan_only=True)
    assert told.outcome is Outcome.PLANNED
    assert (shop.everything(), files(shop)) == (before, others)
    kinds = {(op.kind.value, Path(op.subject).name) for op in told.all(e.Planned)[-1].plan.operations}
    assert {("write", ".env"), ("write", "version.json"), ("recreate", "api")} <= kinds


@virtual
async def test_another_old_release_is_warned_of(shop: Shop) -> None:
    await ready(shop, "2.0")
    told = await to(shop, old_release="two", plan_only=True)
    assert "old-release-differs" in told.found()
    assert "old-release-differs" not in (await to(shop, old_release="one", plan_only=True)).found()


# --- what must be refused or stopped ------------------------------------------------------------------------------


@virtual
@pytest.mark.parametrize(("layout", "code"), [("", "release-other-project"), ("other", "release-other-layout")])
async def test_another_project_or_layout(shop: Shop, layout: str, code: str) -> None:
    await ready(shop, "2.0")
    assert isinstance(shop.releases, Published)
    shop.releases.layout = layout
    before = shop.everything()
    told = await to(shop)
    assert (told.outcome, told.code) == (Outcome.REFUSED, code)
    assert shop.everything() == before


@virtual
async def test_one_that_cannot_be_had(shop: Shop) -> None:
    await ready(shop)
    assert isinstance(shop.releases, Published)

    def fail(_into: Path) -> None:
        raise Refused(read("download-cut", {"url": "https://x.test/w.zip", "came": "1", "total": "2"}))

    shop.releases.during = fail
    before = shop.everything()
    told = await to(shop)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "download-cut")
    assert shop.everything() == before
    assert not list(told.folder.glob("staged-*"))
    shop.releases.during = None
    told = await to(shop, "nonsense")
    assert (told.outcome, told.code) == (Outcome.USAGE, "no-release")
    assert not list(told.folder.glob("staged-*"))


def at(question: Question) -> Script:
    """An operator who cancels there, and goes on everywhere else."""
    return lambda asked: Choice.CANCEL if asked.question is question else Choice.GO


@virtual
@pytest.mark.parametrize("question", [Question.MERGE, Question.SELECT, Question.VERSIONS, Question.CONFIRM])
async def test_a_cancel_at_each_question_leaves_nothing(shop: Shop, question: Question) -> None:
    await ready(shop, "2.0")
    shop.env.write_text(ONE.env.decode().replace("PORT=80", "PORT=81"))
    before, others = shop.everything(), files(shop)
    told = await to(shop, old_release="one", script=at(question), step_by_step=True)
    assert told.outcome is Outcome.CANCELLED
    assert told.asked()[-1][:2] == (question.value, "cancel")
    assert (shop.everything(), files(shop)) == (before, others)
    assert shop.generations == []
    assert not list(told.folder.glob("staged-*"))


@virtual
async def test_the_operator_decides_by_key(shop: Shop) -> None:
    await ready(shop, "2.0")
    shop.env.write_text(ONE.env.decode().replace("PORT=80", "PORT=81").replace("=changeme", "=ours"))

    def answers(asked: e.Asked) -> e.Decision | Choice:
        if asked.question is Question.MERGE:
            return e.Decision(ask=asked.ask, choice=Choice.GO, actor=ME, answers={"PORT": "release"})
        return Choice.KEEP if asked.question is Question.OUTCOME else Choice.GO

    told = await to(shop, old_release="one", script=answers)
    assert told.outcome is Outcome.KEPT
    assert shop.env.read_text() == "# versions\nAPI_VERSION=2.0\nDB_PASSWORD=ours\nPORT=8080\n"
    (proposed,) = told.all(e.MergeProposed)
    values = {conflict.key: (conflict.mine, conflict.release, conflict.secret) for conflict in proposed.conflicts}
    assert values == {"PORT": ("81", "8080", False), "DB_PASSWORD": ("", "", True)}


@virtual
async def test_a_compose_file_of_ones_own_is_not_overwritten_unasked(shop: Shop) -> None:
    await ready(shop, "2.0")
    shop.file.write_text(COMPOSE.replace("restart: always", "restart: on-failure", 1))
    before = shop.everything()
    told = await to(shop)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "compose-edited")
    assert shop.everything() == before
    mine = await to(shop, compose_file="mine")
    assert mine.outcome is Outcome.KEPT
    assert "on-failure" in shop.file.read_text()
    assert shop.versions()["api"] == "2.0"
    theirs = await to(shop, compose_file="release")
    assert theirs.outcome is Outcome.KEPT
    assert shop.file.read_text() == COMPOSE
    assert not await shop.drift()


@virtual
async def test_it_is_installed_where_a_link_leads(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to("elsewhere")
    target = tmp_path / "link" / "new" / "docker"
    for name, version in (("web:latest", "1.0"), ("api:1.0", "1.0"), ("db:16", "16.1")):
        shop.publish(f"r.test/{name}", version)
    told = await shop.run("one", verb=Verb.INSTALL, folder=str(target))
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert told.state.project is not None
    assert told.state.project.source.folder == str(target)
    assert (tmp_path / "elsewhere" / "new" / "version.json").exists()
    assert sorted(path.name for path in target.iterdir()) == [".env", "compose.yml"]
    assert known_releases.recall(shop.state, "1.0") == release.texts(ONE)


# --- what there is ------------------------------------------------------------------------------------------------


async def with_another(shop: Shop) -> None:
    """Have another project run, and stand where none is."""
    await ready(shop)
    other = shop.folder.parent / "blog"
    other.mkdir()
    (other / "compose.yml").write_text("name: blog\nservices: {web: {image: 'r.test/web:latest'}}\n")
    await shop.compose.up(ProjectSource("blog", str(other), (str(other / "compose.yml"),)), ["web"])
    shop.file.rename(shop.folder / "elsewhere.yml")
    shop.env.unlink()


@virtual
async def test_projects_to_choose_from_are_told_with_what_they_are(shop: Shop) -> None:
    await with_another(shop)
    said = {"blog": None, "shop": read("project-websoft9", {"version": "1.0", "layout": "legacy"})}
    told = await shop.run(script=lambda _: Choice.CANCEL)
    assert told.outcome is Outcome.CANCELLED
    assert told.state.projects == said
    assert told.all(e.Asked)[0].options == ("shop", "blog")  # that was used last, and the other one never
    view = told.state.project_views["shop"]
    assert (view.folder, view.running, view.containers, view.here) == (str(shop.folder), 3, 3, True)
    assert told.state.project_views["blog"].folder == str(shop.folder.parent / "blog")
    alone = await shop.run()
    assert (alone.outcome, alone.code) == (Outcome.USAGE, "project-ambiguous")
    assert alone.state.projects == said


@virtual
async def test_doctor_tells_the_layout(shop: Shop) -> None:
    await ready(shop)
    told = await shop.run(verb=Verb.DOCTOR)
    assert told.found()[2] == "websoft9-legacy"


# --- the product on the host, and settings that are asked for ------------------------------------------------------


@virtual
async def test_a_host_with_another_layout_is_refused_before_anything_is_looked_at(shop: Shop) -> None:
    await ready(shop, "2.0")
    assert isinstance(shop.releases, Published)
    before = shop.everything()
    told = await to(shop, old_release="one", layout="other")
    assert (told.outcome, told.code) == (Outcome.REFUSED, "websoft9-legacy")
    assert [type(event) for event in told.events][1:] == [e.EngineFound, e.Finished]
    assert shop.everything() == before
    assert (await to(shop, old_release="one", layout="plain")).outcome is Outcome.KEPT


@virtual
async def test_the_layout_of_the_host_is_told(shop: Shop) -> None:
    """Also where no project can be meant, and nothing of it is remembered."""
    await ready(shop)
    assert isinstance(shop.releases, Published)
    told = await shop.run("/no/such/folder", verb=Verb.DETECT)
    assert (told.outcome, told.finished.problem) == (Outcome.WELL, shop.releases.host[1])
    assert "websoft9-legacy" in told.found()
    shop.releases = None
    told = await shop.run(verb=Verb.DETECT)
    assert (told.outcome, told.finished.problem) == (Outcome.WELL, None)


@virtual
async def test_a_setting_is_an_edit_that_goes_back(shop: Shop) -> None:
    await ready(shop, "2.0")
    assert isinstance(shop.releases, Published)
    setting = release.Setting("PORT", "8080", "port")
    shop.releases.known["two"] = msgspec.structs.replace(TWO, settings=(setting,))
    shop.env.write_text(ONE.env.decode().replace("PORT=80", "PORT=81"))
    before = shop.env.read_text()
    told = await to(shop, old_release="one", values={"PORT": "90"})
    assert told.outcome is Outcome.KEPT
    (written,) = [op for op in told.all(e.Planned)[-1].plan.operations if op.subject == str(shop.env)]
    assert {"-PORT=81", "+PORT=90"} <= set(written.detail)
    assert "PORT=90\n" in shop.env.read_text()
    assert (await shop.run(verb=Verb.ROLLBACK)).outcome is Outcome.KEPT
    assert shop.env.read_text() == before


@virtual
@pytest.mark.parametrize(
    ("name", "value", "shell", "code"),
    [
        ("PORT", "90", "80", "setting-shadowed"),
        ("PORT", "http", "", "setting-invalid"),
        ("PROT", "90", "", "setting-unknown"),
    ],
)
async def test_a_setting_that_would_not_come_true_is_refused(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, name: str, value: str, shell: str, code: str
) -> None:
    await ready(shop, "2.0")
    assert isinstance(shop.releases, Published)
    shop.releases.known["two"] = msgspec.structs.replace(TWO, settings=(release.Setting("PORT", "8080", "port"),))
    if shell:
        monkeypatch.setenv(name, shell)
    before = shop.everything()
    told = await to(shop, old_release="one", values={name: value})
    assert (told.outcome, told.code) == (Outcome.REFUSED, code)
    assert shop.everything() == before


@virtual
async def test_a_compose_file_as_it_was_published_needs_no_old_release(shop: Shop) -> None:
    """Installed by somebody else: what is unchanged is replaced, what was edited is not."""
    await ready(shop, "2.0")
    assert isinstance(shop.releases, Published)
    shop.releases.known["two"] = msgspec.structs.replace(TWO, compose=NEW_COMPOSE.encode())
    assert (await to(shop)).code == "compose-edited"
    shop.releases.templates = (COMPOSE.encode(),)
    told = await to(shop)
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert shop.file.read_bytes() == NEW_COMPOSE.encode()


# --- what is shown of files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("    image: r.test/web:1.0", None),
        ("      DB_PASSWORD: hunter2", "      DB_PASSWORD …"),
        ("      - API_TOKEN=abc", "      - API_TOKEN …"),
        ("      DB_PASSWORD: $DB_PASSWORD", None),
        ('    command: ["--user", "x", "--password=hunter2"]', None),
        ("      URL: postgres://me:hunter2@db/x", "      URL: postgres://…@db/x"),
        ("      SECRET:", None),
    ],
)
def test_secrets_in_shown_lines_are_hidden(line: str, shown: str | None) -> None:
    found = upgrade.masked(line)
    assert "hunter2" not in found
    assert "abc" not in found
    if "hunter2" not in line:
        assert found == (shown or line)
    elif shown:
        assert found == shown
