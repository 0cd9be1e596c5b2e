"""Which project the arguments mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ws9tui.core.locate import Ambiguous, Request, locate
from ws9tui.core.observed import Container
from ws9tui.core.settings import Options
from ws9tui.core.source import ProjectSource
from ws9tui.errors import UsageError


def folder(base: Path, name: str, *files: str, env: str | None = None) -> Path:
    made = base / name
    made.mkdir(exist_ok=True)
    for file in files:
        (made / file).write_text("services: {}\n")
    if env is not None:
        (made / ".env").write_text(env)
    return made


def container(name: str, where: Path, *files: str, number: int = 1, **changes: Any) -> Container:  # noqa: ANN401
    return Container(
        f"{name}{number}",
        f"{name}-a-{number}",
        "i",
        "a:1",
        name,
        "a",
        working_dir=str(where),
        config_files=tuple(str(where / file) for file in files or ("compose.yml",)),
        **changes,
    )


class Bench:
    def __init__(self, base: Path) -> None:
        self.base = base
        self.shop = folder(base, "shop", "compose.yml")
        self.blog = folder(base, "blog", "docker-compose.yml")
        self.empty = folder(base, "empty")
        self.running = [container("shop", self.shop), container("blog", self.blog, "docker-compose.yml")]
        self.recorded: dict[str, ProjectSource] = {}

    def find(
        self,
        *arguments: str,
        cwd: Path | None = None,
        environ: dict[str, str] | None = None,
        **options: Any,  # noqa: ANN401
    ) -> Request:
        made = Options(arguments=arguments, **options)
        return locate(made, cwd or self.empty, environ or {}, self.running, self.recorded)

    def source(self, name: str, where: Path, *files: str, **changes: Any) -> ProjectSource:  # noqa: ANN401
        return ProjectSource(name, str(where), tuple(str(where / file) for file in files), **changes)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_by_name(bench: Bench) -> None:
    assert bench.find("shop") == Request(bench.source("shop", bench.shop, "compose.yml"))
    assert bench.find("blog", "web", "api=2", cwd=bench.shop) == Request(
        bench.source("blog", bench.blog, "docker-compose.yml"), {"web": "", "api": "2"}
    )


@pytest.mark.parametrize("argument", ["{}/new", "../new", "./../new/", "{}/new/compose.yml", "../new/compose.yml"])
def test_by_path(bench: Bench, argument: str) -> None:
    new = folder(bench.base, "new", "compose.yml")
    found = bench.find(argument.format(bench.base))
    assert found == Request(bench.source("", new, "compose.yml"))


def test_by_the_folder_that_one_stands_in(bench: Bench) -> None:
    new = folder(bench.base, "new", "compose.yml", "compose.override.yml")
    assert bench.find(cwd=new).source == bench.source("", new, "compose.yml", "compose.override.yml")
    assert bench.find("web", cwd=new).services == {"web": ""}
    assert bench.find(cwd=bench.shop).source.name == "shop"


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        (("compose.yaml", "compose.yml", "docker-compose.yml"), ("compose.yaml",)),
        (("compose.yml", "docker-compose.yml"), ("compose.yml",)),
        (("docker-compose.yml", "docker-compose.yaml"), ("docker-compose.yml",)),
        (("docker-compose.yml", "docker-compose.override.yml"), ("docker-compose.yml", "docker-compose.override.yml")),
    ],
)
def test_the_files_of_a_folder_as_compose_takes_them(
    bench: Bench, files: tuple[str, ...], chosen: tuple[str, ...]
) -> None:
    new = folder(bench.base, "new", *files)
    assert bench.find(str(new)).source == bench.source("", new, *chosen)


def test_by_flags(bench: Bench) -> None:
    new = folder(bench.base, "new", "a.yml", "b.yml", "x.env")
    found = bench.find(
        "web",
        cwd=new,
        files=("a.yml", "b.yml"),
        project_name="mine",
        env_files=("x.env",),
        profiles=("debug",),
    )
    assert found == Request(
        bench.source("mine", new, "a.yml", "b.yml", env_files=(str(new / "x.env"),), profiles=("debug",)), {"web": ""}
    )


def test_the_environment_as_compose_reads_it(bench: Bench) -> None:
    new = folder(
        bench.base,
        "new",
        "a.yml",
        "b.yml",
        "compose.yml",
        env="COMPOSE_PROJECT_NAME=named\nCOMPOSE_PROFILES=one, two\n",
    )
    environ = {"COMPOSE_FILE": "a.yml:b.yml"}
    assert bench.find(cwd=new, environ=environ).source == bench.source(
        "named", new, "a.yml", "b.yml", profiles=("one", "two")
    )
    environ = {"COMPOSE_PROJECT_NAME": "other", "COMPOSE_PROFILES": "three"}
    assert bench.find(cwd=new, environ=environ).source == bench.source("other", new, "compose.yml", profiles=("three",))


def test_files_named_in_the_folder_s_env_file(bench: Bench) -> None:
    new = folder(bench.base, "new", "a.yml", "b.yml", "compose.yml", env="COMPOSE_FILE=a.yml:b.yml\n")
    assert bench.find(str(new)).source == bench.source("", new, "a.yml", "b.yml")


def test_by_the_labels_of_what_runs(bench: Bench) -> None:
    bench.running = [
        container("shop", bench.shop, "a.yml", "b.yml", environment_files=(str(bench.shop / "x.env"),)),
        container("shop", bench.shop, "compose.yml", number=2, environment_files=(str(bench.shop / ".env"),)),
        container("shop", bench.shop, "compose.yml", number=3, environment_files=(str(bench.shop / ".env"),)),
        Container("x", "stranger", "i", "a:1"),
    ]
    assert bench.find().source == bench.source("shop", bench.shop, "compose.yml")
    bench.running = bench.running[:1]
    assert bench.find().source == bench.source(
        "shop", bench.shop, "a.yml", "b.yml", env_files=(str(bench.shop / "x.env"),)
    )


def test_the_only_project(bench: Bench) -> None:
    del bench.running[1]
    assert bench.find().source.name == "shop"
    assert bench.find("web", "api=1") == Request(
        bench.source("shop", bench.shop, "compose.yml"), {"web": "", "api": "1"}
    )


def test_a_recorded_project_that_does_not_run(bench: Bench) -> None:
    bench.running = []
    bench.recorded = {"shop": bench.source("shop", bench.shop, "a.yml")}
    assert bench.find("shop").source == bench.recorded["shop"]
    assert bench.find(project_name="shop").source == bench.recorded["shop"]


def test_a_recorded_project_of_which_nothing_is_left(bench: Bench) -> None:
    """Its containers, its files, its folder are gone: it is found by its folder, or as the only one there is."""
    bench.running = []
    gone = bench.shop.parent / "gone"
    source = ProjectSource("lost", str(gone), (str(gone / "compose.yml"),))
    bench.recorded = {"lost": source}
    assert bench.find(str(gone)).source == source
    assert bench.find(str(gone / "compose.yml")).source == source
    assert bench.find().source == source
    gone.mkdir()
    bench.recorded["other"] = bench.source("other", bench.shop, "a.yml")
    assert bench.find(cwd=gone).source == source
    with pytest.raises(UsageError):
        bench.find()


def test_several_projects_and_none_named(bench: Bench) -> None:
    with pytest.raises(Ambiguous) as several:
        bench.find()
    assert several.value.names == ("blog", "shop")
    with pytest.raises(Ambiguous):
        bench.find("web=2")


@pytest.mark.parametrize(
    ("arguments", "options", "code"),
    [
        (("nowhere",), {}, "project-unknown"),
        ((), {"project_name": "nowhere"}, "project-unknown"),
        (("./no-such-folder",), {}, "project-no-folder"),
        ((".",), {}, "project-no-file"),
        ((), {"files": ("no.yml",)}, "project-file-missing"),
        (("shop",), {"env_files": ("no.env",)}, "project-file-missing"),
        (("shop", "web="), {}, "usage"),
        (("shop", "=1"), {}, "usage"),
    ],
)
def test_what_is_refused(bench: Bench, arguments: tuple[str, ...], options: dict[str, Any], code: str) -> None:
    with pytest.raises(UsageError) as refused:
        bench.find(*arguments, **options)
    assert refused.value.problem.code == code


def test_a_mistyped_name_never_takes_the_only_project_s_files(bench: Bench) -> None:
    del bench.running[1]
    with pytest.raises(UsageError) as refused:
        bench.find(project_name="shpo")
    assert refused.value.problem.facts["name"] == "shpo"


def test_nothing_runs_and_nothing_is_here(bench: Bench) -> None:
    bench.running = []
    with pytest.raises(UsageError) as refused:
        bench.find()
    assert refused.value.problem.code == "project-none"
