"""Which project the arguments mean: what is here, as the real Compose sees it, and what runs, as its labels say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ws9tui.adapters.compose.compose import ComposeCommand
from ws9tui.core.compose import inputs
from ws9tui.core.compose.locate import Ambiguous, Request, known, locate
from ws9tui.core.compose.same import same_place, shares_file
from ws9tui.core.fs import files
from ws9tui.core.model.observed import Container
from ws9tui.core.model.options import Options
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import FoundBy, ProjectSource
from ws9tui.errors import ComposeError, StateError, UsageError


def folder(base: Path, name: str, *files: str, env: str | None = None) -> Path:
    made = base / name
    made.mkdir(exist_ok=True)
    for file in files:
        (made / file).write_text("services: {a: {image: a:1}}\n")
    if env is not None:
        (made / ".env").write_text(env)
    return made


def container(name: str, where: Path, *files: str, number: int = 1, **changes: Any) -> Container:  # noqa: ANN401
    return Container(
        f"{name}{number}",
        f"{name}-a-{number}",
        "i",
        Reference("a:1"),
        name,
        "a",
        working_dir=str(where),
        config_files=tuple(str(where / file) for file in files or ("compose.yml",)),
        **changes,
    )


class Bench:
    def __init__(self, base: Path, compose: ComposeCommand) -> None:
        self.base = base
        self.compose = compose
        self.shop = folder(base, "shop", "compose.yml")
        self.blog = folder(base, "blog", "docker-compose.yml")
        self.empty = folder(base, "empty")
        self.running = [container("shop", self.shop), container("blog", self.blog, "docker-compose.yml")]
        self.recorded: dict[str, ProjectSource] = {}

    async def find(
        self,
        *arguments: str,
        cwd: Path | None = None,
        environ: dict[str, str] | None = None,
        lenient: bool = False,
        **options: Any,  # noqa: ANN401
    ) -> Request:
        made = Options(arguments=arguments, **options)
        around = known(self.running, self.recorded)
        return await locate(self.compose, made, cwd or self.empty, environ or {}, around, lenient=lenient)

    def named(self, name: str, where: Path, *files: str, **changes: Any) -> ProjectSource:  # noqa: ANN401
        """A project that Compose finds by itself where one stands in its folder."""
        source = ProjectSource(
            name,
            str(where),
            tuple(str(where / file) for file in files),
            cwd=str(where),
            found_by=FoundBy.COMPOSE,
            directory=False,
        )
        return msgspec.structs.replace(source, **changes)


@pytest.fixture
def bench(tmp_path: Path, real_compose: ComposeCommand) -> Bench:
    return Bench(tmp_path, real_compose)


async def test_by_name(bench: Bench) -> None:
    assert await bench.find("shop") == Request(bench.named("shop", bench.shop, "compose.yml"))
    assert await bench.find("blog", "web", "api=2", cwd=bench.shop) == Request(
        bench.named("blog", bench.blog, "docker-compose.yml"), {"web": "", "api": "2"}
    )


@pytest.mark.parametrize("argument", ["{}/new", "../new", "./../new/"])
async def test_by_the_path_of_a_folder(bench: Bench, argument: str) -> None:
    new = folder(bench.base, "new", "compose.yml")
    found = await bench.find(argument.format(bench.base))
    assert found == Request(bench.named("new", new, "compose.yml"), here=True)


@pytest.mark.parametrize("argument", ["{}/new/compose.yml", "../new/compose.yml"])
async def test_by_the_path_of_a_file(bench: Bench, argument: str) -> None:
    """As with -f, from where one stands."""
    new = folder(bench.base, "new", "compose.yml", "compose.override.yml")
    found = await bench.find(argument.format(bench.base))
    expected = bench.named("new", new, "compose.yml", cwd=str(bench.empty), found_by=FoundBy.FLAG)
    assert found == Request(expected, here=True)


async def test_a_service_with_a_reference_is_no_path(bench: Bench) -> None:
    found = await bench.find("web=example.org/x/web:2.0", cwd=bench.shop)
    assert found.source.name == "shop"
    assert found.services == {"web": "example.org/x/web:2.0"}


async def test_by_the_folder_that_one_stands_in(bench: Bench) -> None:
    new = folder(bench.base, "new", "compose.yml", "compose.override.yml")
    found = (await bench.find(cwd=new)).source
    assert found == bench.named("new", new, "compose.yml", "compose.override.yml")
    assert (await bench.find("web", cwd=new)).services == {"web": ""}
    assert (await bench.find(cwd=bench.shop)).source.name == "shop"


async def test_from_a_folder_below(bench: Bench) -> None:
    """Compose looks for its file in the folders above, and reads the `.env` of both."""
    new = folder(bench.base, "new", "compose.yml", env="A=1\n")
    below = folder(new, "below", env="B=2\n")
    found = (await bench.find(cwd=below)).source
    assert found == bench.named("new", new, "compose.yml", cwd=str(below))
    assert inputs.env_files(found) == (str(new / ".env"), str(below / ".env"))


async def test_a_link_to_a_folder_is_a_folder(bench: Bench) -> None:
    """Compose takes the name of the link for the project's, and so does whoever works with it."""
    folder(bench.base, "real", "compose.yml")
    link = bench.base / "link"
    link.symlink_to("real")
    assert (await bench.find(cwd=link)).source == bench.named("link", link, "compose.yml")
    assert (await bench.find("../link")).source.name == "link"
    assert (await bench.find(cwd=bench.base / "real")).source.name == "real"


def test_the_working_directory_keeps_its_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = folder(tmp_path, "real")
    link = tmp_path / "link"
    link.symlink_to("real")
    monkeypatch.chdir(link)
    monkeypatch.setenv("PWD", str(link))
    assert files.working_directory() == link
    for wrong in (str(tmp_path), "", "real", str(tmp_path / "gone")):
        monkeypatch.setenv("PWD", wrong)
        assert files.working_directory() == real


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        (("compose.yaml", "compose.yml", "docker-compose.yml"), ("compose.yaml",)),
        (("compose.yml", "docker-compose.yml"), ("compose.yml",)),
        (("docker-compose.yml", "docker-compose.yaml"), ("docker-compose.yml",)),
        (("docker-compose.yml", "docker-compose.override.yml"), ("docker-compose.yml", "docker-compose.override.yml")),
    ],
)
async def test_the_files_of_a_folder_as_compose_takes_them(
    bench: Bench, files: tuple[str, ...], chosen: tuple[str, ...]
) -> None:
    new = folder(bench.base, "new", *files)
    for number, file in enumerate(files):
        (new / file).write_text(f"services: {{a: {{image: a:{number}}}}}\n")
    assert (await bench.find(str(new))).source == bench.named("new", new, *chosen)


async def test_by_flags(bench: Bench) -> None:
    new = folder(bench.base, "new", "a.yml", "b.yml", "x.env")
    (new / "x.env").write_text("A=1\n")
    found = await bench.find(
        "web",
        cwd=new,
        files=("a.yml", "b.yml"),
        project_name="mine",
        env_files=("x.env",),
        profiles=("debug",),
    )
    assert found == Request(
        bench.named(
            "mine",
            new,
            "a.yml",
            "b.yml",
            env_files=(str(new / "x.env"),),
            profiles=("debug",),
            found_by=FoundBy.FLAG,
        ),
        {"web": ""},
        here=True,
    )


async def test_files_with_a_folder(bench: Bench) -> None:
    """They are taken as Compose takes them, from where one stands; else from the folder, which is the project's."""
    new = folder(bench.base, "new", "a.yml")
    expected = bench.named("new", new, "a.yml", found_by=FoundBy.FLAG)
    assert (await bench.find(str(new), "web", files=("a.yml",))).source == expected
    assert (await bench.find("new", files=("new/a.yml",), cwd=bench.base)).source == expected
    common = folder(bench.base, "common", "a.yml")
    elsewhere = (await bench.find("../new", files=("a.yml",), cwd=common)).source
    assert (elsewhere.name, elsewhere.folder, elsewhere.files) == ("new", str(new), (str(common / "a.yml"),))


async def test_files_with_a_name(bench: Bench) -> None:
    new = folder(bench.base, "new", "a.yml")
    found = await bench.find("shop", "web=2", files=("a.yml",), cwd=new)
    assert (found.source.name, found.source.files, found.services) == ("shop", (str(new / "a.yml"),), {"web": "2"})
    with pytest.raises(UsageError):
        await bench.find("shop", files=("a.yml",), cwd=new, project_name="other")


async def test_the_environment_as_compose_reads_it(bench: Bench) -> None:
    new = folder(
        bench.base,
        "new",
        "a.yml",
        "b.yml",
        "compose.yml",
        env="COMPOSE_PROJECT_NAME=named\nCOMPOSE_PROFILES=one, two\n",
    )
    environ = {"COMPOSE_FILE": "a.yml:b.yml", "OTHER": "x"}
    assert (await bench.find(cwd=new, environ=environ)).source == bench.named(
        "named", new, "a.yml", "b.yml", environment={"COMPOSE_FILE": "a.yml:b.yml"}
    )
    environ = {"COMPOSE_PROJECT_NAME": "other", "COMPOSE_PROFILES": "three"}
    found = (await bench.find(cwd=new, environ=environ)).source
    assert found == bench.named("other", new, "compose.yml", environment=environ)


@pytest.mark.parametrize(
    "env",
    [
        "COMPOSE_FILE=a.yml:b.yml\n",
        "export COMPOSE_FILE = 'a.yml:b.yml' # both\n",
        'COMPOSE_FILE="a.yml;b.yml"\nCOMPOSE_PATH_SEPARATOR=;\n',
        "FIRST=a.yml\nCOMPOSE_FILE=${FIRST}:b.yml\n",
        "\ufeffCOMPOSE_FILE=a.yml:b.yml\n",
    ],
)
async def test_files_named_in_the_folder_s_env_file(bench: Bench, env: str) -> None:
    new = folder(bench.base, "new", "a.yml", "b.yml", "compose.yml", env=env)
    (new / "compose.yml").write_text("services: {other: {image: a:1}}\n")
    assert (await bench.find(str(new))).source == bench.named("new", new, "a.yml", "b.yml")


async def test_compose_is_asked_for_its_files_only_where_something_may_name_them(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[ProjectSource] = []
    interpolate = bench.compose.interpolate

    async def noted(source: ProjectSource, texts: Sequence[str]) -> list[str]:
        asked.append(source)
        return await interpolate(source, texts)

    monkeypatch.setattr(bench.compose, "interpolate", noted)
    new = folder(bench.base, "new", "compose.yml", env="A=1\n")
    assert (await bench.find(cwd=new)).source.files == (str(new / "compose.yml"),)
    assert not asked
    (new / ".env").write_text("# COMPOSE_FILE=a.yml\n")
    assert (await bench.find(cwd=new)).source.files == (str(new / "compose.yml"),)
    assert len(asked) == 1


async def test_files_in_a_folder_below(bench: Bench) -> None:
    """What is named in the `.env` where one stands has its own folder, and that one's `.env` counts too."""
    env = "COMPOSE_FILE=deploy/compose.yml\nCOMPOSE_PROJECT_NAME=app\nA=above\n"
    new = folder(bench.base, "new", env=env)
    deploy = folder(new, "deploy", "compose.yml", env="A=below\nB=below\n")
    (deploy / "compose.yml").write_text("services: {a: {image: 'a:$A-$B', volumes: ['./data:/data']}}\n")
    found = (await bench.find(cwd=new)).source
    assert found == bench.named("app", deploy, "compose.yml", cwd=str(new))
    assert inputs.env_files(found) == (str(deploy / ".env"), str(new / ".env"))
    service = (await bench.compose.config(found))["services"]["a"]
    assert (service["image"], service["volumes"][0]["source"]) == ("a:above-below", str(deploy / "data"))
    hashes = await bench.compose.hashes(found)
    bench.running = [container("app", deploy, config_hash=hashes["a"])]
    assert (await bench.find("app")).source == found  # its labels do not say where it was called


async def test_by_the_labels_of_what_runs(bench: Bench) -> None:
    (bench.shop / "x.env").write_text("A=1\n")
    for name in ("a.yml", "b.yml"):
        folder(bench.base, "shop", name)
    bench.running = [
        container("shop", bench.shop, "a.yml", "b.yml", environment_files=(str(bench.shop / "x.env"),)),
        container("shop", bench.shop, "compose.yml", number=2, environment_files=(str(bench.shop / ".env"),)),
        container("shop", bench.shop, "compose.yml", number=3, environment_files=(str(bench.shop / ".env"),)),
        Container("x", "stranger", "i", Reference("a:1")),
    ]
    assert (await bench.find()).source == bench.named("shop", bench.shop, "compose.yml")
    bench.running = bench.running[:1]
    expected = bench.named(
        "shop", bench.shop, "a.yml", "b.yml", env_files=(str(bench.shop / "x.env"),), found_by=FoundBy.FLAG
    )
    assert (await bench.find()).source == expected


async def test_the_only_project(bench: Bench) -> None:
    del bench.running[1]
    assert (await bench.find()).source.name == "shop"
    assert await bench.find("web", "api=1") == Request(
        bench.named("shop", bench.shop, "compose.yml"), {"web": "", "api": "1"}
    )


async def test_a_recorded_project_that_does_not_run(bench: Bench) -> None:
    bench.running = []
    bench.recorded = {"shop": bench.named("shop", bench.shop, "a.yml")}
    assert (await bench.find("shop")).source == bench.recorded["shop"]
    assert (await bench.find(project_name="shop")).source == bench.recorded["shop"]


async def test_a_recorded_project_of_which_nothing_is_left(bench: Bench) -> None:
    """Its containers, its files, its folder are gone: it is found by its folder, or as the only one there is."""
    bench.running = []
    gone = bench.shop.parent / "gone"
    source = bench.named("lost", gone, "compose.yml")
    bench.recorded = {"lost": source}
    assert (await bench.find(str(gone), lenient=True)).source == source
    assert (await bench.find(str(gone / "compose.yml"), lenient=True)).source == source
    assert (await bench.find()).source == source
    gone.mkdir()
    bench.recorded["other"] = bench.named("other", bench.shop, "a.yml")
    assert (await bench.find(cwd=gone)).source == source
    with pytest.raises(UsageError):
        await bench.find()


async def test_files_that_compose_cannot_read_any_more(bench: Bench) -> None:
    """What is wrong is told with file and line; what is to come back is found all the same."""
    (bench.shop / "compose.yml").write_text("services: [\n")
    for override in ("", "services: {}\n"):
        if override:
            (bench.shop / "compose.override.yml").write_text(override)
        with pytest.raises(ComposeError) as broken:
            await bench.find(cwd=bench.shop)
        facts = broken.value.problem.facts
        assert (facts["file"], facts["line"]) == (str(bench.shop / "compose.yml"), "2")
    assert (await bench.find(cwd=bench.shop, lenient=True)).source.name == "shop"
    assert (await bench.find(str(bench.shop / "compose.yml"), lenient=True)).source.name == "shop"


async def test_several_projects_and_none_named(bench: Bench) -> None:
    with pytest.raises(Ambiguous) as several:
        await bench.find()
    assert several.value.names == ("blog", "shop")
    with pytest.raises(Ambiguous):
        await bench.find("web=2")


@pytest.mark.parametrize(
    ("arguments", "options", "code"),
    [
        (("nowhere",), {}, "project-unknown"),
        ((), {"project_name": "nowhere"}, "project-unknown"),
        (("./no-such-folder",), {}, "project-no-folder"),
        ((".",), {}, "project-no-file"),
        ((), {"files": ("no.yml",)}, "project-file-missing"),
        ((), {"files": ("https://example.org/x.yml",)}, "project-file-nowhere"),
        ((), {"files": ("-",)}, "project-file-nowhere"),
        (("shop",), {"env_files": ("no.env",)}, "project-file-missing"),
        (("shop", "web="), {}, "usage"),
        (("shop", "=1"), {}, "usage"),
    ],
)
async def test_what_is_refused(bench: Bench, arguments: tuple[str, ...], options: dict[str, Any], code: str) -> None:
    with pytest.raises(UsageError) as refused:
        await bench.find(*arguments, **options)
    assert refused.value.problem.code == code


@pytest.mark.parametrize(("file", "code"), [("-", "project-from-stdin"), ("gone.yml", "project-files-elsewhere")])
async def test_a_project_whose_files_are_not_on_this_machine(bench: Bench, file: str, code: str) -> None:
    path = file if file == "-" else str(bench.base / file)
    bench.running = [msgspec.structs.replace(container("away", bench.shop), config_files=(path,))]
    with pytest.raises(UsageError) as refused:
        await bench.find("away")
    assert refused.value.problem.code == code


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (("shop",), {}),
        (("{}/shop",), {}),
        (("../shop/compose.yml",), {}),
        (("{}/shop/below",), {}),
        ((), {"files": ("../shop/compose.yml",)}),
        (("blog",), {"env_files": ("../shop/.env",)}),
    ],
)
async def test_of_files_in_a_closed_folder_it_is_told_which_folder_that_is(
    bench: Bench, closed: Callable[[Path], None], arguments: tuple[str, ...], options: dict[str, Any]
) -> None:
    closed(bench.shop)
    with pytest.raises(StateError) as forbidden:
        await bench.find(*(argument.format(bench.base) for argument in arguments), **options)
    facts = forbidden.value.problem.facts
    assert (forbidden.value.problem.code, facts["right"], facts["part"]) == ("file-forbidden", "enter", str(bench.shop))


async def test_another_project_is_found_from_a_folder_that_is_closed(
    bench: Bench, closed: Callable[[Path], None]
) -> None:
    closed(bench.shop)
    assert (await bench.find("blog", "web", cwd=bench.shop)).source.name == "blog"


async def test_a_mistyped_name_never_takes_the_only_project_s_files(bench: Bench) -> None:
    del bench.running[1]
    with pytest.raises(UsageError) as refused:
        await bench.find(project_name="shpo")
    assert refused.value.problem.facts["name"] == "shpo"


async def test_nothing_runs_and_nothing_is_here(bench: Bench) -> None:
    bench.running = []
    with pytest.raises(UsageError) as refused:
        await bench.find()
    assert refused.value.problem.code == "project-none"


def test_one_place_by_several_paths(tmp_path: Path) -> None:
    real = folder(tmp_path, "real", "compose.yml", "compose.override.yml", "other.yml")
    link = tmp_path / "link"
    link.symlink_to("real")

    def at(where: Path, *files: str) -> ProjectSource:
        return ProjectSource("x", str(where), tuple(str(where / file) for file in files))

    assert same_place(at(real, "compose.yml"), at(link, "compose.yml"))
    assert same_place(at(real, "compose.yml"), at(real, "compose.yml", "compose.override.yml"))
    assert not same_place(at(real, "compose.yml"), at(real, "compose.yml", "other.yml"))
    assert not same_place(at(real, "compose.yml"), at(real, "other.yml"))
    assert not same_place(at(real, "compose.yml"), at(tmp_path / "elsewhere", "compose.yml"))
    assert shares_file(at(real, "compose.yml"), at(link, "compose.yml", "other.yml"))
