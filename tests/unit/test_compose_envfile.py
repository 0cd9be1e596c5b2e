"""Env files: where each value stands as Compose reads it, and that a change leaves every other byte."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.needs import compose, needs_compose
from ws9tui.core.compose import envfile

AS_COMPOSE = (
    "A=1\n",
    "A=1",
    "\ufeffA=1\nB=2\n",
    "A=1\r\nB=2\r\n",
    "A=1 # c\nB=2\n",
    "A=1# c\n",
    "A=1\t# c\n",
    "A= # c\nB=2\n",
    "A=#c\nB=2\n",
    "A='x' # c\nB=2\n",
    "export A=1\n",
    "export  A = 1\n",
    "exportA=1\n",
    "A: 1\nB:2\n",
    "  A=1\n\tB=2\n",
    "# A=1\nB=2\n",
    "  # A=1\nB=2\n",
    "A=1\nA=2\n",
    "A=\n\nB=2\n",
    'A="x"y\nB=2\n',
    'A=x"y\nB=2\n',
    "A.B=1\nA-B=2\nA[0]=3\n",
    "A=1;B=2\n",
    "A=a b  \n",
    "A='' # c\nB=2\n",
    "A=1=2:3\n",
    "\n\n  \nA=1\n",
)
"""one-line values, for `config --environment` prints no more"""


@needs_compose
@pytest.mark.parametrize("text", AS_COMPOSE)
def test_values_are_those_that_compose_reads(text: str, tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text("services: {a: {image: x}}\n")
    (tmp_path / "x.env").write_bytes(text.encode())
    said = compose(tmp_path, "--env-file", "x.env", "-f", "compose.yml", "config", "--environment")
    real = dict(re.findall(r"^(?!PATH=|PWD=|COMPOSE_)([^=\n]+)=(.*)$", said, re.MULTILINE))
    assert real
    assert {found.name: found.value for found in envfile.assignments(text)} == real


@pytest.mark.parametrize(
    ("text", "value", "line", "quote"),
    [
        ("X=0\nA=1\n", "1", 2, ""),
        ("A='one\ntwo'\nB=1\n", "one\ntwo", 1, "'"),
        ('X=0\n\nA="one\ntwo" # c\nB=1\n', "one\ntwo", 3, '"'),
        ('A="q\\"x"\n', 'q\\"x', 1, '"'),
        ("A='it\\'s'\nB=1\n", "it\\'s", 1, "'"),
        ("A='\\\\'\nB='2'\n", "\\\\", 1, "'"),
        ("A=1\nA='2'\n", "2", 2, "'"),
        ("A='open\n", "'open", 1, ""),
        ("A\nB=1\n", "", 1, ""),
        ("A\u00e9=1\nA=2\n", "2", 2, ""),
    ],
)
def test_where_a_value_stands(text: str, value: str, line: int, quote: str) -> None:
    found = envfile.find(text, "A")
    assert found is not None
    assert (found.value, found.line, found.quote) == (value, line, quote)
    assert text[found.start : found.end] == value


def test_what_is_not_there() -> None:
    assert envfile.find("", "A") is None
    assert envfile.find("# A=1\nAA=1\nB='\nA=1\n'\n", "A") is None
    assert envfile.assignments("no assignment\n = 1\n-=1\n") == []


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("A=1\nB=2\n", "A=new\nB=2\n"),
        ("A=1\nA=2 # last\n", "A=1\nA=new # last\n"),
        ("export A = '1'  # c\n", "export A = 'new'  # c\n"),
        ('A="1"\r\nB=2', 'A="new"\r\nB=2'),
        ("\ufeffA=1", "\ufeffA=new"),
        ("A: 1\n", "A: new\n"),
        ("A=\n", "A=new\n"),
        ("A\nB=1\n", "A=new\nB=1\n"),
        ("A", "A=new"),
        ("A= # c\n", "A= new\n"),
        ("", "A=new\n"),
        ("B=1\n", "B=1\nA=new\n"),
        ("B=1", "B=1\nA=new\n"),
        ("B=1\r\n", "B=1\r\nA=new\r\n"),
        ("B=1\r\nC=2", "B=1\r\nC=2\r\nA=new\r\n"),
        ("B='\nA=1\n'\n", "B='\nA=1\n'\nA=new\n"),
    ],
)
def test_a_new_value(text: str, after: str) -> None:
    assert envfile.replaced(text, "A", "new") == after


LINES = st.sampled_from(
    (
        "A=1",
        "A='1'",
        'export A="x y" # c',
        "A",
        "A: v",
        "B='one\nA=2'",
        'C="a\\"b"',
        "# A=3",
        "",
        "  D=4 # x",
        "AB=5",
        "not one",
        "E='open",
    )
)


@given(
    st.lists(LINES, max_size=8),
    st.sampled_from(("\n", "\r\n")),
    st.sampled_from(("", "\ufeff")),
    st.booleans(),
    st.from_regex(r"[a-z0-9][a-z0-9.:/@_-]{0,20}", fullmatch=True),
)
def test_a_change_keeps_every_other_byte(lines: list[str], end: str, bom: str, last: bool, value: str) -> None:
    text = bom + end.join(lines) + (end if last else "")
    found = envfile.find(text, "A")
    after = envfile.replaced(text, "A", value)
    again = envfile.find(after, "A")
    assert again is not None
    assert again.value == value
    if found is None:
        assert after.startswith(text)
        assert after[len(text) :].strip() == f"A={value}"
    else:
        assert after in {text[: found.start] + sign + value + text[found.end :] for sign in ("", "=")}
    others = [(entry.name, entry.value) for entry in envfile.assignments(text) if entry != found]
    assert [(entry.name, entry.value) for entry in envfile.assignments(after) if entry != again] == others
