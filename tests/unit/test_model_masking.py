"""What is masked of known values, in all the ways in which programs write them; and what stays readable."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws9tui.core.model.masking import HIDDEN, Mask

SECRET = 'pä55 w$rd/"+&7f3a'


def mask(*variables: tuple[str, str], shown: tuple[str, ...] = ()) -> Mask:
    made = Mask()
    made.learn(variables)
    made.show(shown)
    return made


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe="").lower(),
        quote_plus(SECRET),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(SECRET))[3:-3],
        html.escape(SECRET),
        SECRET.replace("$", "$$"),
        SECRET.replace('"', '\\"'),
        "\n   ".join((SECRET[:6], SECRET[6:])),
    ],
)
def test_a_value_is_masked_however_it_is_written(written: str) -> None:
    assert mask(("DB_PASSWORD", SECRET)).hidden(f"login x:{written}, no") == f"login x:{HIDDEN}, no"


@pytest.mark.parametrize("user", ["", "a", "ab", "abc", "joe@example.org"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_login_in_base64_is_masked_whole(user: str, encode: Callable[[bytes], bytes]) -> None:
    for password in ("correct-horse?>~", "hush-7f3a"):
        login = encode(f"{user}:{password}".encode()).decode()
        assert mask(("PW", "x"), ("DB_PWD", password)).hidden(f"Basic {login}, sent") == f"Basic {HIDDEN}, sent"


def test_each_line_of_a_value_is_a_value() -> None:
    known = mask(("SIGNING_KEY", "-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n"))
    assert known.hidden("read kqhkiG9w0BAQEF") == f"read {HIDDEN}"
    assert "MII" not in known.hidden("MIIEvQIBADANBg kqhkiG9w0BAQEF")


def test_parts_of_a_secret_are_values() -> None:
    known = mask(("DSN", "host=db user=app password=correct-horse"))
    assert known.hidden("for 'correct-horse'") == f"for '{HIDDEN}'"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("MODE", "true", "is true"),
        ("DEBUG_TOKEN", "false", "is false"),
        ("APP_VERSION", "2.40.1-alpine", "app:2.40.1-alpine"),
        ("RELEASE", "2.40.1", "app:2.40.1"),
        ("LIMIT", "1000000", "1000000 bytes"),
        ("KEY_SIZE", "2048", "2048 bits"),
        ("APP_PORT", "8080808", "port 8080808"),
        ("GREETING", "hello", "hello there"),
        ("PWD", "/srv/web", "no /srv/web/x"),
        ("POSTGRES_PASSWORD", "postgres", "no postgres:16 there"),
        ("FLAVOUR", "trixie-slim", "no postgres:16-trixie-slim there"),
        ("PIN", "7", "7 of 17"),
    ],
)
def test_what_hides_more_than_it_protects_is_shown(name: str, value: str, text: str) -> None:
    assert mask((name, value), shown=("db", "postgres:16-trixie-slim")).hidden(text) == text


@pytest.mark.parametrize(
    ("name", "value", "text", "shown"),
    [
        ("DB_PWD", "abcd", "as abcd: no; abcde", "as •••: no; abcde"),
        ("PASSWORD", "12345678", "as 12345678", "as •••"),
        ("ADMIN", "carlsson", "not carlsson2", "not •••2"),
        ("ADMIN", "carlos", "not carlos2, carlos", "not carlos2, •••"),
        ("DATABASE_URL", "postgres://app:s3cret@db/app", "user app, password s3cret", "user app, password •••"),
        ("SITE", "https://x.org/?token=abcdef", "token abcdef", "token •••"),
        ("IMAGE", "joe:s3cret@example.org/app:1", "s3cret at example.org/app:1", "••• at example.org/app:1"),
    ],
)
def test_what_is_masked(name: str, value: str, text: str, shown: str) -> None:
    assert mask((name, value)).hidden(text) == shown


def test_the_longer_of_two_values_counts() -> None:
    known = mask(("A", "hunter2-long"), ("TOKEN", "hunter2-long-and-more"))
    assert known.hidden("hunter2-long-and-more, hunter2-long") == "•••, •••"


def test_what_is_left_of_a_value_that_was_cut_off() -> None:
    known = mask(("TOKEN", "correct-horse-battery"))
    for text in ("x" * 400 + "correct-hor", "se-battery" + "x" * 400):
        assert not any(part in known.hidden(text) for part in ("correct", "battery"))


def test_the_greater_part_of_a_value_is_masked_as_a_word() -> None:
    known = mask(("MEM", "correct-horse-7f3a"))
    assert known.hidden('parsing "correct-horse-7f3": no; horse-7f3a.') == f'parsing "{HIDDEN}": no; {HIDDEN}.'
    assert known.hidden("correct, a horse; incorrect-horse-7") == "correct, a horse; incorrect-horse-7"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET https://joe:s3@h.org/x", "GET https://•••@h.org/x"),
        ("joe:s3@h.org/app:1", "•••@h.org/app:1"),
        ("app=joe:s3@h.org:5000/app:1", "app=•••@h.org:5000/app:1"),
        ("https://h.org/x?token=1&y=2 went", "https://h.org/x?••• went"),
        ("h.org:5000/app:1.0@sha256:abc", "h.org:5000/app:1.0@sha256:abc"),
        ("https://h.org/x?", "https://h.org/x?"),
        ("what? a=b", "what? a=b"),
    ],
)
def test_credentials_are_masked_without_being_known(text: str, shown: str) -> None:
    assert Mask().hidden(text) == shown
    assert Mask().without_credentials(text) == shown


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=40)), max_size=5), st.text(max_size=400))
def test_any_text_can_be_masked(variables: list[tuple[str, str]], text: str) -> None:
    known = mask(*variables)
    for _, value in variables:
        known.hidden(f"{text}\n{value} {text}")
