"""References are changed where they are written: in the variable's line, or in the Compose file's scalar."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pytest

from ws9tui.core.compose import definition
from ws9tui.core.compose.edit import Edits
from ws9tui.errors import UsageError

DIGEST = "sha256:" + "ab" * 32


class Bench:
    """A folder with a Compose file and a .env."""

    def __init__(self, folder: Path) -> None:
        self.compose = folder / "compose.yml"
        self.env = folder / ".env"

    def edits(
        self,
        image: str,
        env: str | None = "",
        *,
        present: str,
        environment: Mapping[str, str] | None = None,
        more: tuple[Path, ...] = (),
    ) -> Edits:
        self.compose.write_bytes(f"services:\n  web:\n    image: {image}\n".encode())
        if env is not None:
            self.env.write_bytes(env.encode())
        return Edits((str(self.env), *map(str, more)), environment or {}, {"web": present})

    def change(self, edits: Edits, wanted: str, service: str = "web") -> None:
        edits.set_image(service, definition.read((str(self.compose),)).images[service][0], wanted)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.mark.parametrize(
    ("image", "env", "present", "wanted", "after"),
    [
        ("shop/web:$V", "V=1\n", "shop/web:1", "shop/web:2", "V=2\n"),
        ("shop/web:${V}", "V=1\n", "shop/web:1", "shop/web:2", "V=2\n"),
        ("shop/web:${V:-1}", "V=1\n", "shop/web:1", "shop/web:2", "V=2\n"),
        ("shop/web:${V-1}", "X=1\n", "shop/web:1", "shop/web:2", "X=1\nV=2\n"),
        ("shop/web:${V:?must be set}", "V=1\n", "shop/web:1", "shop/web:2", "V=2\n"),
        ("'shop/web:${V}'", "V='1' # now\r\n", "shop/web:1", "shop/web:2", "V='2' # now\r\n"),
        ("shop/web:v$V-alpine", "V=1\n", "shop/web:v1-alpine", "shop/web:v2-alpine", "V=2\n"),
        ("$R:$V", "R=h:5/web\nV=1\n", "h:5/web:1", "h:5/web:2", "R=h:5/web\nV=2\n"),
        ("$R:$V", "R=web\nV=1\n", "web:1", "h:5/web:1", "R=h:5/web\nV=1\n"),
        ("$R:$V", "R=web\nV=1\n", "web:1", "h:5/web:2", "R=h:5/web\nV=2\n"),
        ("$R:$V", "R=web\nV=1\n", "web:1", f"web:2@{DIGEST}", f"R=web\nV=2@{DIGEST}\n"),
        ("web:$V-$V", "V=1\n", "web:1-1", "web:2-2", "V=2\n"),
        ("$I", "I=web:1\n", "web:1", f"web@{DIGEST}", f"I=web@{DIGEST}\n"),
    ],
)
def test_a_variable_gets_another_value(
    bench: Bench, image: str, env: str, present: str, wanted: str, after: str
) -> None:
    edits = bench.edits(image, env, present=present)
    bench.change(edits, wanted)
    (edit,) = edits.files
    assert edit.path == str(bench.env)
    assert edit.content == after.encode()
    assert edit.before == hashlib.sha256(env.encode()).hexdigest()
    assert bench.env.read_bytes() == env.encode()


@pytest.mark.parametrize(
    ("image", "env", "present", "wanted", "after"),
    [
        ("$R/web:1.0", "R=h:5\n", "h:5/web:1.0", "h:5/web:1.1", "$R/web:1.1"),
        (
            "'${R:-docker.io}/shop/web:1.0'",
            "",
            "docker.io/shop/web:1.0",
            "docker.io/shop/web:2",
            "'${R:-docker.io}/shop/web:2'",
        ),
        ("$R/web", "R=h:5\n", "h:5/web", f"h:5/web@{DIGEST}", f"$R/web@{DIGEST}"),
        ("${R:-${S:-h}}/web:1", "", "h/web:1", "h/web:2", "${R:-${S:-h}}/web:2"),
        ("${R:+h/}web:1", "R=x\n", "h/web:1", "h/web:2", "${R:+h/}web:2"),
        ("$R/web:$V-alpine", "R=h\nV=1\n", "h/web:1-alpine", "h/web:1-slim", "$R/web:$V-slim"),
    ],
)
def test_what_stands_after_a_variable_is_changed_where_it_stands(
    bench: Bench, image: str, env: str, present: str, wanted: str, after: str
) -> None:
    edits = bench.edits(image, env, present=present)
    bench.change(edits, wanted)
    (edit,) = edits.files
    assert edit.path == str(bench.compose)
    assert edit.content == f"services:\n  web:\n    image: {after}\n".encode()


def test_what_is_so_already_is_not_edited(bench: Bench) -> None:
    edits = bench.edits("web:$V", "V=1\n", present="web:1")
    bench.change(edits, "web:1")
    assert edits.files == ()


def test_the_lines_that_change_are_told(bench: Bench) -> None:
    edits = bench.edits("$R:$V", "# c\nR=web\nV='1'\n", present="web:1")
    bench.change(edits, "other:2")
    (edit,) = edits.files
    assert edit.lines == ((2, "R=web", "R=other"), (3, "V=1", "V=2"))


def test_a_line_that_two_services_share_is_told_as_it_was(bench: Bench) -> None:
    bench.compose.write_text("services:\n  a:\n    image: a:$V\n  b:\n    image: b:$V-cli\n")
    bench.env.write_text("V=1\n")
    edits = Edits((str(bench.env),), {}, {"a": "a:1", "b": "b:1-cli"})
    bench.change(edits, "a:2", "a")
    bench.change(edits, "b:2-cli", "b")
    (edit,) = edits.files
    assert (edit.content, edit.lines) == (b"V=2\n", ((1, "V=1", "V=2"),))


def test_an_env_file_that_is_not_there_is_made(bench: Bench) -> None:
    edits = bench.edits("web:${V:-1}", None, present="web:1")
    bench.change(edits, "web:2")
    (edit,) = edits.files
    assert (edit.content, edit.before, edit.lines) == (b"V=2\n", "", ((1, "", "V=2"),))


def test_the_last_env_file_with_the_variable_wins(bench: Bench, tmp_path: Path) -> None:
    more = tmp_path / "more.env"
    more.write_text("V=1\n")
    edits = bench.edits("web:$V", "V=0\n", present="web:1", more=(more,))
    bench.change(edits, "web:2")
    assert {edit.path: edit.content for edit in edits.files} == {str(more): b"V=2\n"}


def test_two_services_in_one_file(bench: Bench) -> None:
    bench.compose.write_text("services:\n  a:\n    image: a:$A\n  b:\n    image: b:${B:-1}\n  c: {image: 'c:1'}\n")
    bench.env.write_text("A=1\n")
    edits = Edits((str(bench.env),), {}, {"a": "a:1", "b": "b:1", "c": "c:1"})
    for name in "abc":
        bench.change(edits, f"{name}:2", name)
    found = {Path(edit.path).name: edit for edit in edits.files}
    assert found[".env"].content == b"A=2\nB=2\n"
    assert found[".env"].lines == ((1, "A=1", "A=2"), (2, "", "B=2"))
    assert found["compose.yml"].content == bench.compose.read_bytes().replace(b"c:1", b"c:2")


@pytest.mark.parametrize(
    ("image", "after"),
    [
        ("web:1", "web:2"),
        ("web:1 # the web", "web:2 # the web"),
        ('"web:1" # the web', '"web:2" # the web'),
        ("'web:1'", "'web:2'"),
        ("web:1   ", "web:2   "),
        ("web:1\r", "web:2\r"),
        ("&image web:1", "&image web:2"),
        ('&image "web:1"', '&image "web:2"'),
        ("!!str web:1", "!!str web:2"),
        (">-\n      web:1", "web:2"),
        ("\n      web:1", "\n      web:2"),
    ],
)
def test_a_scalar_is_replaced_and_nothing_else(bench: Bench, image: str, after: str) -> None:
    edits = bench.edits(image, present="web:1")
    bench.change(edits, "web:2")
    (edit,) = edits.files
    assert edit.content == f"services:\n  web:\n    image: {after}\n".encode()
    assert edit.lines[0][1:] == ("web:1", "web:2")
    bench.compose.write_bytes(edit.content)
    assert definition.read((str(bench.compose),)).images["web"][0].value == "web:2"


def test_text_of_many_bytes_and_line_ends_before_it(bench: Bench) -> None:
    text = "# é€\U0001f642\r\nservices:\r\n  web: {image: web:1, labels: {é: ü}}\r\n"
    bench.compose.write_bytes(text.encode())
    edits = Edits((str(bench.env),), {}, {"web": "web:1"})
    bench.change(edits, "web:2")
    assert edits.files[0].content == text.replace("web:1", "web:2").encode()


def test_a_new_variable_goes_where_it_is_told_to(bench: Bench) -> None:
    """Compose reads the .env of two folders where it is called above the project; one may not be there."""
    bench.compose.write_text("services: {web: {image: 'web:${TAG:-1}'}}\n")
    other = bench.env.with_name("other.env")
    other.write_text("A=1\n")
    edits = Edits((str(bench.env), str(other)), {}, {"web": "web:1"}, str(other))
    bench.change(edits, "web:2")
    assert [(edit.path, edit.content) for edit in edits.files] == [(str(other), b"A=1\nTAG=2\n")]


def test_two_edits_of_one_file_follow_each_other(bench: Bench) -> None:
    """A place's offsets are those of the file as it is read, so a longer reference before it must not shift it."""
    text = "services:\n  a: {image: a:1}\n  b: {image: b:1}\n"
    bench.compose.write_text(text)
    edits = Edits((str(bench.env),), {}, {"a": "a:1", "b": "b:1"})
    bench.change(edits, f"registry.example.com/a@{DIGEST}", "a")
    bench.change(edits, "b:22", "b")
    assert edits.files[0].content.decode() == text.replace("a:1", f"registry.example.com/a@{DIGEST}").replace(
        "b:1", "b:22"
    )


def test_services_that_share_an_anchor_get_one_reference(bench: Bench) -> None:
    bench.compose.write_text("services:\n  a:\n    image: &i a:1\n  b:\n    image: *i\n")
    edits = Edits((str(bench.env),), {}, {"a": "a:1", "b": "a:1"})
    bench.change(edits, "a:2", "a")
    bench.change(edits, "a:2", "b")
    assert edits.files[0].content == b"services:\n  a:\n    image: &i a:2\n  b:\n    image: *i\n"
    with pytest.raises(UsageError):
        bench.change(edits, "a:3", "b")


def test_a_doubled_dollar_is_no_variable(bench: Bench) -> None:
    edits = bench.edits("web:$$x", present="web:$x")
    bench.change(edits, "web:2")
    assert edits.files[0].content == b"services:\n  web:\n    image: web:2\n"


@pytest.mark.parametrize(
    ("image", "env", "present", "wanted", "environment", "variable", "reason"),
    [
        ("web:${V:+1}", "V=1\n", "web:1", "web:2", {}, "", "syntax"),
        ("web:${V:-${W}}", "V=1\n", "web:1", "web:2", {}, "", "syntax"),
        ("web:$V", "V=1\n", "web:1", "other:1", {}, "V", "shape"),
        ("web:$V-$V", "V=1\n", "web:1-1", "web:1-2", {}, "V", "shape"),
        ("web:$V", "V=0\n", "web:1", "web:2", {"V": "1"}, "V", "shell"),
        ("web:$V", "W=1\nV=$W\n", "web:1", "web:2", {}, "V", "indirect"),
        ("web:$V", "V=2\n", "other:1", "web:3", {}, "V", "shape"),
    ],
)
def test_what_the_files_do_not_allow(
    bench: Bench,
    image: str,
    env: str,
    present: str,
    wanted: str,
    environment: dict[str, str],
    variable: str,
    reason: str,
) -> None:
    edits = bench.edits(image, env, present=present, environment=environment)
    with pytest.raises(UsageError) as refused:
        bench.change(edits, wanted)
    assert refused.value.problem.code == "reference-not-in-files"
    assert refused.value.problem.facts == {
        "service": "web",
        "variable": variable,
        "reason": reason,
        "file": str(bench.compose),
        "line": "3",
    }
    assert edits.files == ()


def test_a_file_that_is_no_text(bench: Bench) -> None:
    edits = bench.edits("web:$V", None, present="web:1")
    bench.env.write_bytes(b"V=\xff\n")
    with pytest.raises(UsageError) as refused:
        bench.change(edits, "web:2")
    assert refused.value.problem.code == "file-unreadable"
