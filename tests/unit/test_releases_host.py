"""A product on its host: how it is told, which layout is refused, and settings that are asked for."""

from __future__ import annotations

import msgspec
import pytest

from bench import Shop
from published import ONE, TWO, Published, published, ready, shop, to
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model import release
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Choice, Outcome, Verb
from ws9tui.problems.problem import read

__all__ = ["published", "shop"]


pytestmark = pytest.mark.slow


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
    before = shop.everything()
    told = await to(shop, old_release="one", layout="other")
    assert (told.outcome, told.code) == (Outcome.REFUSED, "websoft9-legacy")
    assert [type(event) for event in told.events][1:] == [e.EngineFound, e.Finished]
    assert shop.everything() == before
    assert (await to(shop, old_release="one", layout="plain")).outcome is Outcome.KEPT


@virtual
async def test_the_layout_of_the_host_is_told(shop: Shop, published: Published) -> None:
    """Also where no project can be meant, and nothing of it is remembered."""
    await ready(shop)
    told = await shop.run("/no/such/folder", verb=Verb.DETECT)
    assert (told.outcome, told.finished.problem) == (Outcome.WELL, published.host[1])
    assert "websoft9-legacy" in told.found()
    shop.releases = None
    told = await shop.run(verb=Verb.DETECT)
    assert (told.outcome, told.finished.problem) == (Outcome.WELL, None)


@virtual
async def test_a_setting_is_an_edit_that_goes_back(shop: Shop, published: Published) -> None:
    await ready(shop, "2.0")
    setting = release.Setting("PORT", "8080", "port")
    published.known["two"] = msgspec.structs.replace(TWO, settings=(setting,))
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
    shop: Shop, published: Published, monkeypatch: pytest.MonkeyPatch, name: str, value: str, shell: str, code: str
) -> None:
    await ready(shop, "2.0")
    published.known["two"] = msgspec.structs.replace(TWO, settings=(release.Setting("PORT", "8080", "port"),))
    if shell:
        monkeypatch.setenv(name, shell)
    before = shop.everything()
    told = await to(shop, old_release="one", values={name: value})
    assert (told.outcome, told.code) == (Outcome.REFUSED, code)
    assert shop.everything() == before
