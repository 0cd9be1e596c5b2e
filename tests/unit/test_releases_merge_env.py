"""Three-way merge of env files: every rule, and that nothing but what it decides on changes by a byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws9tui.core.compose import envfile
from ws9tui.core.model import masking
from ws9tui.core.releases import merge_env
from ws9tui.core.releases.merge_env import Conflict, Merge
from ws9tui.errors import UsageError

OLD = """APPHUB_VERSION=0.2.6
GIT_VERSION=1.25.1
PROXY_VERSION=2.12.7

CONSOLE_PORT=9000
DOCKER0_IP=172.17.0.1
GONE=1
"""
NEW = """APPHUB_VERSION=0.2.7
GIT_VERSION=1.25.5
PROXY_VERSION=2.12.7

# the port of the console
CONSOLE_PORT=9000
# what it is for
# in two lines
EXTRA="a b"
DOCKER0_IP=172.17.0.2
"""
KEYS = {"APPHUB_VERSION", "GIT_VERSION", "PROXY_VERSION"}


def kinds(merged: Merge) -> dict[str, str]:
    return {change.key: change.kind for change in merged.changes}


def test_what_was_removed_stays_so_when_the_rest_is_decided() -> None:
    merged = merge_env.merge("A=1\nGONE=1\n", "A=2\n", "A=3\nGONE=1\n", set())
    assert merge_env.resolved(merged, ()) == "A=3\n"
    settled = merge_env.merge("A=1\nGONE=1\n", "A=1\n", "A=1\nGONE=1\n", set())
    assert merge_env.resolved(settled, ()) == "A=1\n"


def test_an_installation_that_nobody_changed_becomes_the_release() -> None:
    merged = merge_env.merge(OLD, NEW, OLD, KEYS)
    assert merged.conflicts == ()
    assert {e.name: e.value for e in envfile.assignments(merged.text)} == {
        e.name: e.value for e in envfile.assignments(NEW)
    }
    assert kinds(merged) == {
        "APPHUB_VERSION": "moved",
        "GIT_VERSION": "moved",
        "EXTRA": "added",
        "DOCKER0_IP": "moved",
        "GONE": "removed",
    }


def test_what_the_operator_set_and_added_stays_with_comments_order_and_quotes() -> None:
    ours = (
        "# my notes\r\nexport CONSOLE_PORT='9090'  # behind the firewall\r\n\r\nMY_KEY=\"a#b $X\"\r\n"
        "GIT_VERSION='1.25.1' # pinned?\r\nAPPHUB_VERSION=0.2.5\r\nPROXY_VERSION=2.12.7\r\n"
        "DOCKER0_IP=172.17.0.1\r\nGONE=mine\r\nno assignment \udcff\r\nLAST=1"
    )
    merged = merge_env.merge(OLD, NEW, ours, KEYS)
    assert merged.text == (
        "# my notes\r\nexport CONSOLE_PORT='9090'  # behind the firewall\r\n"
        '# what it is for\r\n# in two lines\r\nEXTRA="a b"\r\n'
        '\r\nMY_KEY="a#b $X"\r\n'
        "GIT_VERSION='1.25.5' # pinned?\r\nAPPHUB_VERSION=0.2.7\r\nPROXY_VERSION=2.12.7\r\n"
        "DOCKER0_IP=172.17.0.2\r\nGONE=mine\r\nno assignment \udcff\r\nLAST=1"
    )
    assert kinds(merged) == {
        "APPHUB_VERSION": "overruled",
        "GIT_VERSION": "moved",
        "CONSOLE_PORT": "kept",
        "EXTRA": "added",
        "DOCKER0_IP": "moved",
        "GONE": "retained",
    }


def test_without_the_old_release_only_versions_are_the_releases() -> None:
    ours = "APPHUB_VERSION=0.1\nCONSOLE_PORT=9090\nDOCKER0_IP=10.0.0.1\nGONE=1\n"
    merged = merge_env.merge(None, NEW, ours, KEYS)
    assert merged.conflicts == ()
    values = {entry.name: entry.value for entry in envfile.assignments(merged.text)}
    assert values == {
        "APPHUB_VERSION": "0.2.7",
        "GIT_VERSION": "1.25.5",
        "PROXY_VERSION": "2.12.7",
        "CONSOLE_PORT": "9090",
        "EXTRA": "a b",
        "DOCKER0_IP": "10.0.0.1",
        "GONE": "1",
    }
    assert kinds(merged)["APPHUB_VERSION"] == "moved"
    assert kinds(merged)["DOCKER0_IP"] == "kept"


def test_a_conflict_is_asked_and_then_as_decided() -> None:
    merged = merge_env.merge("A=1\nB=1\n", "A=2\nB=2\n", "B=x # c\nA=3\n", ())
    assert merged.text == "B=x # c\nA=3\n"
    assert merged.conflicts == (Conflict("A", "1", "3", "2", 2), Conflict("B", "1", "x", "2", 1))
    assert merge_env.resolved(merged, ["B"]) == "B=2 # c\nA=3\n"


@pytest.mark.parametrize(
    ("old", "new", "ours", "text"),
    [
        ("A=1\n", "A=2\n", "A=9\nA=1\n", "A=9\nA=2\n"),  # the last one counts
        ("A=1\n", "", "A=1\nB=1\nA=1\n", "B=1\n"),  # removed wherever it stands
        ("A=1\n", "", "A=9\nA=1\n", "A=9\nA=1\n"),  # else an older value would count
        ("A=1\n", "A=2\n", 'A="1"\n', 'A="2"\n'),
        ("A=1\n", "A='$x'\n", "A=1\n", "A='$x'\n"),
        ("A=1\n", "A=$B\n", "A='1' # c\n", "A=$B # c\n"),
        ("A=1\n", "A=x y\n", "A='1'\n", "A='x y'\n"),
        ("A=1\n", 'A="x #y"\n', "A=1 # c\n", 'A="x #y" # c\n'),
        ("A=1\n", "A=\n", "A=1 # c\n", "A='' # c\n"),
        ("A=\n", "A=1\n", "A\n", "A=1\n"),
        ("A=1\n", "A: 2\n", "A: 1\n", "A: 2\n"),
        ("A=1\n", "A=2", "\ufeffA=1\n", "\ufeffA=2\n"),
        ("", "A=1", "", "A=1\n"),
        ("", "B=1\n", "A=1", "A=1\nB=1"),
        ("A='1\n2'\n", "A='1\n3'\nB=\"x\ny\"\n", "A='1\n2'\nC=3\n", "A='1\n3'\nB=\"x\ny\"\nC=3\n"),
        ("A=1\nB=1\n", "A=1\nB=1\nC=1\n", "A=1\n", "A=1\nC=1\n"),  # B was taken out
        ("A=1\n", "# head\n\n# of B\nB=1\nA=1\n", "A=1\n", "A=1\n\n# of B\nB=1\n"),
        ("A=1\n", "A=1\n# mine\nB=1\n", "# mine\nA=1\n", "# mine\nA=1\nB=1\n"),
        ("A=1\n", "A=1\nB=1\n", "A=1\nB=2\n", "A=1\nB=2\n"),  # the operator had it first
    ],
)
def test_rules(old: str, new: str, ours: str, text: str) -> None:
    merged = merge_env.merge(old, new, ours, ())
    assert merged.text == text
    assert merged.conflicts == ()


def test_a_quote_that_is_never_closed_is_refused_where_it_would_swallow_what_follows() -> None:
    with pytest.raises(UsageError, match="env-unmergeable"):
        merge_env.merge("A=1\n", "B='x'\nA=1\n", "A=1\nC='open\n", ())  # B's quote would close C's


def test_version_keys() -> None:
    assert merge_env.version_keys("A_VERSION=1\nIMAGE_TAG=2\nMY_IMAGE_TAG=3\nVERSIONS=4\nIMAGE_REPO=5\n") == {
        "A_VERSION",
        "IMAGE_TAG",
        "MY_IMAGE_TAG",
    }


def test_secrets() -> None:
    assert all(map(masking.is_secret, ("W9_POWER_PASSWORD", "db_pass", "API_KEY", "GITHUB_TOKEN", "Client_Secret")))
    assert not any(map(masking.is_secret, ("CONSOLE_PORT", "IMAGE_REPO", "DOCKER0_IP", "NETWORK_NAME")))
    assert masking.is_secret("DATABASE_URL", "x", "postgres://u:p@h/db")
    assert not masking.is_secret("ROOT_URL", "http://localhost/w9git/")


LINES = st.sampled_from(
    (
        "A=1",
        "A='1'",
        "A=2",
        'export A="x y" # c',
        "A",
        "B: v",
        "B='one\nA=2'",
        'C="a\\"b"',
        "C=$A",
        "# A=3",
        "",
        "  D=4 # x",
        "D_VERSION=5",
        "D_VERSION=6",
        "not one \udcff",
        "E='x'y",
    )
)
TEXTS = st.builds(
    lambda lines, end, last: end.join(lines) + (end if last else ""),
    st.lists(LINES, max_size=8),
    st.sampled_from(("\n", "\r\n")),
    st.booleans(),
)


@given(TEXTS, TEXTS)
def test_the_same_release_changes_nothing(release: str, ours: str) -> None:
    merged = merge_env.merge(release, release, ours, merge_env.version_keys(release))
    assert merged.text == ours
    assert not merged.changes
    assert not merged.conflicts


@given(st.none() | TEXTS, TEXTS, TEXTS)
def test_a_merge_does_what_it_says_and_no_more_and_once(old: str | None, new: str, ours: str) -> None:
    keys = merge_env.version_keys(new)
    try:
        merged = merge_env.merge(old, new, ours, keys)
    except UsageError:  # B's value, open in one text, is closed by the other's
        return
    moved = {change.key for change in merged.changes if change.kind in ("moved", "overruled", "added", "removed")}
    before = [entry for entry in envfile.assignments(ours) if entry.name not in moved]
    after = [entry for entry in envfile.assignments(merged.text) if entry.name not in moved]
    assert [(entry.name, entry.value, entry.quote) for entry in before] == [
        (entry.name, entry.value, entry.quote) for entry in after
    ]
    touched = {
        number
        for entry in envfile.assignments(ours)
        if entry.name in moved
        for number in range(entry.line, entry.line + entry.value.count("\n") + 1)
    }
    left = iter(merged.text.split("\n"))
    for number, line in enumerate(ours.split("\n"), 1):
        last = number == ours.count("\n") + 1
        if number not in touched and (line or not last):
            assert any(other == line or (last and other == line + "\r") for other in left), line
    again = merge_env.merge(old, new, merged.text, keys)
    assert again.text == merged.text
    assert {conflict.key for conflict in again.conflicts} == {conflict.key for conflict in merged.conflicts}
    for conflict in merged.conflicts:
        assert conflict.key not in {change.key for change in merged.changes}
