"""Upgrades to a release on the simulated engine: whose changes count, what comes and goes, and what is left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from bench import ME, Script, Shop
from published import COMPOSE, NEW_COMPOSE, ONE, TWO, Published, files, published, ready, shop, to
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model import release
from ws9tui.core.model.options import Options
from ws9tui.core.model.terms import Choice, Outcome, Question, Verb
from ws9tui.core.releases import upgrade
from ws9tui.core.store import known_releases
from ws9tui.errors import Refused
from ws9tui.problems.problem import read

__all__ = ["published", "shop"]


pytestmark = pytest.mark.slow


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
async def test_the_old_release_is_known_by_itself_the_second_time(shop: Shop, published: Published) -> None:
    await ready(shop, "2.0", "3.0")
    three = msgspec.structs.replace(TWO, version="3.0", env=TWO.env.replace(b"API_VERSION=2.0", b"API_VERSION=3.0"))
    three = msgspec.structs.replace(three, compose=COMPOSE.replace("always", "unless-stopped").encode())
    published.known["three"] = three
    assert (await to(shop)).outcome is Outcome.KEPT
    assert known_releases.recall(shop.state, "2.0") == release.texts(TWO)
    told = await to(shop, "three")
    assert (told.outcome, told.code) == (Outcome.KEPT, "")  # the Compose file is the old release's, so it may go
    assert shop.file.read_bytes() == three.compose
    assert shop.versions()["api"] == "3.0"


@virtual
async def test_a_service_that_comes_and_one_that_goes(shop: Shop, published: Published) -> None:
    await ready(shop, "2.0")
    published.known["two"] = msgspec.structs.replace(TWO, compose=NEW_COMPOSE.encode())
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
async def test_files_alone(shop: Shop, published: Published) -> None:
    """A release with the same images and definitions has its files written, and no container made anew."""
    await ready(shop)
    published.known["two"] = msgspec.structs.replace(TWO, env=ONE.env + b"NEW=1\n")
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


@virtual
async def test_a_checksum_is_that_of_the_new_release_alone(
    shop: Shop, published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ready(shop, "2.0")
    seen: dict[str, str] = {}
    fetch = published.fetch

    def fetched(
        source: str, options: Options, into: Path, check: Callable[[], None], layout: str = ""
    ) -> release.Release | None:
        seen[Path(source).name] = options.checksum
        return fetch(source, options, into, check, layout)

    monkeypatch.setattr(published, "fetch", fetched)
    told = await to(shop, old_release="one", checksum="a" * 64, plan_only=True)
    assert told.outcome is Outcome.PLANNED
    assert seen == {"two": "a" * 64, "one": ""}


# --- what must be refused or stopped ------------------------------------------------------------------------------


@virtual
@pytest.mark.parametrize(("layout", "code"), [("", "release-other-project"), ("other", "release-other-layout")])
async def test_another_project_or_layout(shop: Shop, published: Published, layout: str, code: str) -> None:
    await ready(shop, "2.0")
    published.layout = layout
    before = shop.everything()
    told = await to(shop)
    assert (told.outcome, told.code) == (Outcome.REFUSED, code)
    assert shop.everything() == before


@virtual
async def test_one_that_cannot_be_had(shop: Shop, published: Published) -> None:
    await ready(shop)

    def fail(_into: Path) -> None:
        raise Refused(read("download-cut", {"url": "https://x.test/w.zip", "came": "1", "total": "2"}))

    published.during = fail
    before = shop.everything()
    told = await to(shop)
    assert (told.outcome, told.code) == (Outcome.REFUSED, "download-cut")
    assert shop.everything() == before
    assert not list(told.folder.glob("staged-*"))
    published.during = None
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
@pytest.mark.parametrize("side", ["mine", "release"])
async def test_bytes_that_are_no_text_stay_and_are_shown(shop: Shop, published: Published, side: str) -> None:
    await ready(shop, "2.0")
    published.known["two"] = msgspec.structs.replace(TWO, env=TWO.env.replace(b"8080", b"n\xe4u"))
    shop.env.write_bytes(ONE.env.replace(b"PORT=80", b"# gr\xfcn\nPORT=\xe4lt"))

    def answers(asked: e.Asked) -> e.Decision | Choice:
        if asked.question is Question.MERGE:
            return e.Decision(ask=asked.ask, choice=Choice.GO, actor=ME, answers={"PORT": side})
        return Choice.KEEP if asked.question is Question.OUTCOME else Choice.GO

    told = await to(shop, old_release="one", script=answers)
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    chosen = b"\xe4lt" if side == "mine" else b"n\xe4u"
    assert shop.env.read_bytes().endswith(b"# gr\xfcn\nPORT=" + chosen + b"\n")
    [conflict] = [one for one in told.all(e.MergeProposed)[0].conflicts if one.key == "PORT"]
    assert (conflict.mine, conflict.release) == ("\ufffdlt", "n\ufffdu")


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


@virtual
async def test_a_compose_file_as_it_was_published_needs_no_old_release(shop: Shop, published: Published) -> None:
    """Installed by somebody else: what is unchanged is replaced, what was edited is not."""
    await ready(shop, "2.0")
    published.known["two"] = msgspec.structs.replace(TWO, compose=NEW_COMPOSE.encode())
    assert (await to(shop)).code == "compose-edited"
    published.templates = (COMPOSE.encode(),)
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


def test_what_is_no_text_in_shown_lines_is_replaced() -> None:
    assert upgrade.masked(release.decoded(b"# gr\xfcn")) == "# gr\ufffdn"
