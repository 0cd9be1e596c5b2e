"""A first install by the form, and a release as a choice of an update: what is asked, checked and done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import releases
from bench import ME, Shop, Told
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model.observed import Container
from ws9tui.core.model.options import Options
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Choice, InstallField, Outcome, Question, Verb
from ws9tui.websoft9 import layout
from ws9tui.websoft9.profile import Websoft9


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    for name in ("CONTAINER_NAME", "CONSOLE_PORT", "IMAGE_REPO", "IMAGE_TAG", "WEBSOFT9_DATA_ROOT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(layout.USUAL_FOLDERS, "modern", str(tmp_path / "usual"))
    found = Shop(tmp_path)
    found.releases = Websoft9()
    for version in ("2.3.4", "2.3.5"):
        found.publish(f"websoft9dev/websoft9:{version}", version)
    for name, version in zip(("apphub", "deployment", "git", "proxy"), releases.LEGACY_VERSIONS["2.2.9"], strict=True):
        found.publish(f"websoft9dev/{name}:{version}", version)
    for file in (found.file, found.env):
        file.unlink()
    return found


def filling(*answers: tuple[Choice, dict[str, str]]) -> Callable[[e.Asked], Choice | e.Decision | None]:
    """Answers the form's questions one after another, and the others with go and keep."""
    left = list(answers)

    def script(asked: e.Asked) -> Choice | e.Decision | None:
        if asked.question is Question.INSTALL:
            choice, values = left.pop(0) if left else (Choice.CANCEL, {})
            return e.Decision(ask=0, choice=choice, actor=ME, answers=values)
        return Choice.KEEP if asked.question is Question.OUTCOME else Choice.GO

    return script


def form(told: Told, number: int = -1) -> dict[str, InstallField]:
    """Return the fields of one of the looks at the form."""
    return {field.name: field for field in told.all(e.InstallChecked)[number].fields}


@virtual
async def test_the_wizard_on_a_machine_without_a_project_installs(site: Shop, tmp_path: Path) -> None:
    source = releases.flat(tmp_path / "release")
    script = filling(
        (Choice.CHECK, {"source": str(source)}),
        (Choice.CHECK, {"folder": str(tmp_path / "there"), "CONSOLE_PORT": "9090"}),
        (Choice.GO, {}),
    )
    told = await site.run(verb=Verb.WIZARD, script=script)
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    first, looking, known = told.all(e.InstallChecked)[:3]
    assert [(field.name, field.value) for field in first.fields][:2] == [("source", "websoft9"), ("channel", "release")]
    assert (first.known, looking.looking, known.known, known.version) == (False, True, True, "2.3.4")
    assert (tmp_path / "there" / "docker-compose.yml").read_bytes() == (source / "docker-compose.yml").read_bytes()
    assert "CONSOLE_PORT=9090" in (tmp_path / "there" / ".env").read_text()
    settled = told.all(e.InstallSettled)[0]
    assert (settled.source, settled.version, settled.project) == (str(source), "2.3.4", "websoft9")
    assert settled.settings["CONSOLE_PORT"] == "9090"
    assert told.state.project is not None
    assert told.state.project.verb is Verb.INSTALL


@virtual
async def test_nothing_is_looked_at_before_it_is_asked_for(site: Shop) -> None:
    told = await site.run(verb=Verb.WIZARD, script=filling())
    assert told.outcome is Outcome.CANCELLED
    assert [(checked.known, checked.looking) for checked in told.all(e.InstallChecked)] == [(False, False)]


@virtual
async def test_what_is_wrong_stands_at_its_field(site: Shop, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    source = releases.flat(tmp_path / "release")
    script = filling(
        (Choice.GO, {"source": str(tmp_path / "nowhere")}),
        (Choice.GO, {"source": str(source), "folder": str(tmp_path / "full")}),
        (Choice.CHECK, {"folder": str(tmp_path / "new"), "CONSOLE_PORT": "99999", "project": "A b"}),
        (Choice.CHECK, {"CONSOLE_PORT": "", "project": "", "IMAGE_REPO": "two words"}),
        (Choice.GO, {"IMAGE_REPO": "", "CONSOLE_PORT": "nine"}),
    )
    told = await site.run(verb=Verb.INSTALL, script=script)
    assert told.outcome is Outcome.CANCELLED
    wrong = [
        {field.name: field.problem.code for field in checked.fields if field.problem}
        for checked in told.all(e.InstallChecked)
        if not checked.looking
    ]
    assert wrong == [
        {},
        {"source": "release-source-unknown"},
        {"folder": "install-folder"},
        {"CONSOLE_PORT": "setting-invalid", "project": "project-name-invalid"},
        {"IMAGE_REPO": "setting-invalid"},
        {"CONSOLE_PORT": "setting-invalid"},
    ]


@virtual
async def test_a_tilde_in_the_form_is_the_home_folder(
    site: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    (home / "full" / "x").mkdir(parents=True)
    releases.flat(home / "release")
    script = filling(
        (Choice.CHECK, {"source": "~nobody2/app.zip"}),
        (Choice.CHECK, {"source": "~/release", "folder": "~/full"}),
        (Choice.GO, {"folder": "~/new"}),
    )
    told = await site.run(verb=Verb.INSTALL, script=script)
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    wrong = [{f.name: f.problem.code for f in checked.fields if f.problem} for checked in told.all(e.InstallChecked)]
    assert {"source": "release-source-unknown"} in wrong
    assert {"folder": "install-folder"} in wrong
    assert (home / "new" / "docker-compose.yml").exists()
    assert told.all(e.InstallSettled)[0].folder == str(home / "new")


@virtual
async def test_a_name_that_somebody_has_is_told_with_whose_it_is(site: Shop, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "compose.yml").write_text("name: other\nservices: {web: {image: 'websoft9dev/websoft9:2.3.4'}}\n")
    assert (await site.run(str(other), verb=Verb.INSTALL)).outcome is Outcome.KEPT
    await site.engine.rename((await site.engine.containers("other"))[0].id, "websoft9")
    source = releases.flat(tmp_path / "release")
    script = filling(
        (Choice.GO, {"source": str(source), "folder": str(tmp_path / "new")}),
        (Choice.CHECK, {"CONTAINER_NAME": "mine"}),
    )
    told = await site.run(verb=Verb.INSTALL, script=script)
    problem = form(told, -2)["CONTAINER_NAME"].problem
    assert problem is not None
    assert (problem.code, problem.facts["project"]) == ("name-taken", "other")
    assert not any(field.problem for field in form(told).values())


@virtual
async def test_a_variable_of_the_shell_that_would_count_is_told(
    site: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTAINER_NAME", "elsewhere")
    source = releases.flat(tmp_path / "release")
    script = filling((Choice.CHECK, {"source": str(source), "folder": str(tmp_path / "new")}))
    told = await site.run(verb=Verb.INSTALL, script=script)
    problem = form(told)["CONTAINER_NAME"].problem
    assert problem is not None
    assert (problem.code, problem.facts) == ("setting-shadowed", {"name": "CONTAINER_NAME"})


@virtual
async def test_a_compose_folder_is_installed_where_it_is(site: Shop, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "compose.yml").write_text("services: {web: {image: 'websoft9dev/websoft9:2.3.4'}}\n")
    script = filling((Choice.CHECK, {"source": str(plain)}), (Choice.GO, {"project": "mine"}))
    told = await site.run(verb=Verb.WIZARD, script=script)
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert list(form(told)) == ["source", "project"]
    assert {c.project for c in await site.engine.containers()} == {"mine"}
    assert told.all(e.InstallSettled)[0].source == str(plain)


@virtual
async def test_a_folder_of_the_container_that_we_run_in_is_no_source(site: Shop, tmp_path: Path) -> None:
    """Compose would note its path on containers, and the engine has another folder there, or none."""
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "compose.yml").write_text("services: {web: {image: 'websoft9dev/websoft9:2.3.4'}}\n")
    us = Container("0" * 64, "updater", "sha256:1", Reference("w:1"), mounts=())
    site.world.info = msgspec.structs.replace(site.world.info, inside=us)
    told = await site.run(verb=Verb.WIZARD, script=filling((Choice.CHECK, {"source": str(plain)})))
    problem = form(told)["source"].problem
    assert problem is not None
    assert problem.code == "folder-inside"


@virtual
async def test_a_password_in_an_address_is_no_source(site: Shop) -> None:
    told = await site.run(verb=Verb.WIZARD, script=filling((Choice.CHECK, {"source": "https://me:pw@x.test/a.zip"})))
    problem = form(told)["source"].problem
    assert problem is not None
    assert problem.code == "source-credentials"


@virtual
async def test_another_version_than_was_asked_for_is_refused(site: Shop, tmp_path: Path) -> None:
    source = releases.flat(tmp_path / "release")
    told = await site.run(str(source), verb=Verb.INSTALL, release_version="2.3.5", folder=str(tmp_path / "new"))
    assert (told.outcome, told.code) == (Outcome.REFUSED, "release-version-other")
    assert not (tmp_path / "new").exists()


@virtual
async def test_a_release_is_a_choice_of_an_update(site: Shop, tmp_path: Path) -> None:
    """One that cannot be had leaves the question open; then the run goes on with the release's files and images."""
    folder = tmp_path / "there"
    old = releases.flat(tmp_path / "old")
    assert (await site.run(str(old), verb=Verb.INSTALL, folder=str(folder))).outcome is Outcome.KEPT
    new = releases.flat(tmp_path / "new", "2.3.5")
    wanted = [str(tmp_path / "nowhere.zip"), str(new)]

    def script(asked: e.Asked) -> Choice | e.Decision | None:
        if asked.question is Question.SELECT and wanted:
            assert Choice.RELEASE in asked.choices
            return e.Decision(ask=0, choice=Choice.RELEASE, actor=ME, answers={"source": wanted.pop(0)})
        return Choice.KEEP if asked.question is Question.OUTCOME else Choice.GO

    told = await site.run("websoft9", verb=Verb.WIZARD, script=script)
    assert (told.outcome, told.code) == (Outcome.KEPT, "")
    assert [decided[:2] for decided in told.asked()][:3] == [
        ("select", "release"),
        ("select", "release"),
        ("select", "go"),
    ]
    assert "release-source-unknown" in told.found()
    assert told.state.release is not None
    assert (told.state.release.running, told.state.release.version) == ("2.3.4", "2.3.5")
    assert site.versions() == {"product": "2.3.5"}


@virtual
async def test_a_plain_project_has_no_releases(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.releases = Websoft9()
    await shop.install()
    shop.publish("r.test/api:1.0", "1.1")

    def script(asked: e.Asked) -> Choice:
        assert Choice.RELEASE not in asked.choices
        return Choice.CANCEL

    assert (await shop.run(script=script)).outcome is Outcome.CANCELLED


def test_the_fields_of_the_form_are_options() -> None:
    known = {field.name for field in msgspec.structs.fields(Options)}
    assert {"arguments", "channel", "release_version", "checksum", "folder", "project_name", "values"} <= known
