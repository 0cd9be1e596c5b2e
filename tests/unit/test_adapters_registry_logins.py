"""Logins as the docker command keeps them; what is broken is named without a part of it, and harms nothing else."""

from __future__ import annotations

import asyncio
import json
import os
import time
from base64 import b64encode, urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support import programs
from support.told import facts, words
from ws9tui.adapters.engine.client import Client
from ws9tui.adapters.registry import logins
from ws9tui.adapters.registry.logins import Login, Logins
from ws9tui.words import problems

SECRET = "geheim-4711"
GOOD = {"auth": b64encode(f"anna:{SECRET}".encode()).decode()}
ANNA = Login("anna", SECRET)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def environment(home: Path) -> dict[str, str]:
    return {"DOCKER_CONFIG": str(home), "PATH": f"{home}:{os.environ['PATH']}"}


def kept(home: Path, content: Any) -> Logins:  # noqa: ANN401 - whatever stands in such a file
    text = content if isinstance(content, str) else json.dumps(content)
    (home / "config.json").write_text(text)
    return Logins(environment(home))


def helper(home: Path, name: str, script: str) -> None:
    programs.write(home / f"docker-credential-{name}", script)


async def reasons(known: Logins, *registries: str) -> list[tuple[str, str, str]]:
    found = await known.problems(registries)
    for problem in found:
        said = problems.sentence(problem) + problems.brief(problem)
        assert SECRET not in said + repr(problem)
        assert "(unknown)" not in said
    return [(one.code, one.facts.get("registry", ""), facts(one)["reason"]) for one in found]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"auth": ""}, "empty"),
        ({}, "empty"),
        (None, "empty"),
        ({"auth": "  ", "email": "a@b.c"}, "empty"),
        ({"auth": "%%%"}, "not-base64"),
        ({"auth": SECRET}, "not-base64"),
        ({"auth": b64encode(b"\xff\xfe:x").decode()}, "not-base64"),
        ({"auth": b64encode(SECRET.encode()).decode()}, "no-colon"),
        ({"auth": 5}, "shape"),
        ({"auth": [SECRET]}, "shape"),
        (SECRET, "shape"),
        ([], "shape"),
        ({"username": "anna"}, "empty"),
    ],
)
async def test_a_broken_entry_is_named_and_left_out(home: Path, broken: object, reason: str) -> None:
    known = kept(home, {"auths": {"broken.test:5000": broken, "good.test": GOOD}})
    assert await known.find("good.test") == ANNA
    left_out = await known.find("broken.test:5000")
    assert not left_out.given
    assert left_out.headers("broken.test:5000") == {}
    assert SECRET not in words(left_out.doubt)
    assert await reasons(known, "good.test") == [("login-broken", "broken.test:5000", reason)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "not-json"),
        (f"machine r.test password {SECRET}", "not-json"),
        ("[" * 200_000, "not-json"),
        ("[]", "shape"),
        ('"text"', "shape"),
        ("null", "shape"),
        ({"auths": [GOOD]}, "shape"),
        (" " * (2 << 20), "it is too large"),
    ],
)
async def test_a_file_of_another_kind_is_named_and_left_out(home: Path, content: object, reason: str) -> None:
    known = kept(home, content)
    assert await known.find("good.test") == Login(problem=(await known.problems(()))[0])
    assert await reasons(known, "good.test") == [("logins-unreadable", "", reason)]


@pytest.mark.parametrize("content", ["", "\n", "{}", '{"auths": null}', '{"auths": {}}', "\ufeff{}"])
async def test_a_file_without_logins_is_well(home: Path, content: str) -> None:
    known = kept(home, content)
    assert await known.find("good.test") == Login()
    assert await reasons(known, "good.test") == []


async def test_no_file_is_well_and_others_cannot_be_read(home: Path) -> None:
    known = Logins(environment(home))
    assert await known.find("good.test") == Login()
    os.mkfifo(home / "config.json")  # nobody writes into it, and nobody waits for that
    assert await reasons(known) == [("logins-unreadable", "", "it is not a file")]
    (home / "config.json").unlink()
    (home / "config.json").mkdir()
    assert await reasons(known) == [("logins-unreadable", "", "Is a directory")]
    (home / "config.json").rmdir()
    (home / "config.json").symlink_to("config.json")
    [(code, _, _)] = await reasons(known)
    assert code == "logins-unreadable"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_file_that_may_not_be_read(home: Path) -> None:
    known = kept(home, {"auths": {"good.test": GOOD}})
    (home / "config.json").chmod(0)
    [(code, _, reason)] = await reasons(known)
    assert (code, reason) == ("logins-unreadable", "Permission denied")


@pytest.mark.parametrize(
    ("key", "registry"),
    [
        ("good.test", "good.test"),
        ("https://good.test", "good.test"),
        ("https://good.test/v2/", "good.test"),
        ("http://user:pass@good.test:5000/v1/", "good.test:5000"),
        ("https://index.docker.io/v1/", "docker.io"),
        ("index.docker.io", "docker.io"),
        ("docker.io", "docker.io"),
        ("[::1]:5000", "[::1]:5000"),
    ],
)
async def test_a_registry_is_known_by_every_name_of_it(home: Path, key: str, registry: str) -> None:
    known = kept(home, {"auths": {key: GOOD}})
    assert await known.find(registry) == ANNA
    assert await reasons(known) == []


async def test_of_several_keys_the_proper_one_counts(home: Path) -> None:
    other = {"auth": b64encode(b"bert:x").decode()}
    keys = {"https://index.docker.io/v1/access-token": other, "docker.io": other, logins.HUB_KEY: GOOD}
    assert await kept(home, {"auths": keys}).find("docker.io") == ANNA
    assert await kept(home, {"auths": {"https://r.test/v2/": other, "r.test": GOOD}}).find("r.test") == ANNA


async def test_all_kinds_of_logins_go_to_the_engine(home: Path) -> None:
    entries = {
        "basic.test": GOOD,
        "plain.test": {"username": "anna", "password": SECRET},
        "identity.test": {"auth": b64encode(b"anna:").decode(), "identitytoken": "idt"},
        "token.test": {"registrytoken": "rt"},
        logins.HUB_KEY: GOOD,
    }
    known = kept(home, {"auths": entries})
    assert await reasons(known) == []

    async def sent(registry: str) -> dict[str, str]:
        header = (await known.find(registry)).headers(registry)["X-Registry-Auth"]
        found: dict[str, str] = json.loads(urlsafe_b64decode(header))
        return found

    basic = {"username": "anna", "password": SECRET}
    assert await sent("basic.test") == {**basic, "serveraddress": "basic.test"}
    assert await sent("plain.test") == {**basic, "serveraddress": "plain.test"}
    assert await sent("identity.test") == {
        "username": "anna", "identitytoken": "idt", "serveraddress": "identity.test"
    }  # fmt: skip
    assert await sent("token.test") == {"registrytoken": "rt", "serveraddress": "token.test"}
    assert await sent("docker.io") == {**basic, "serveraddress": "https://index.docker.io/v1/"}
    assert (await known.find("other.test")).headers("other.test") == {}


async def test_a_helper_is_asked_for_the_registry(home: Path) -> None:
    helper(home, "it", f'read key; echo "{{\\"Username\\": \\"$key\\", \\"Secret\\": \\"{SECRET}\\"}}"')
    known = kept(home, {"credsStore": "it", "auths": {"r.test": {}, logins.HUB_KEY: {}}})
    assert await known.find("r.test") == Login("r.test", SECRET)
    assert await known.find("docker.io") == Login(logins.HUB_KEY, SECRET)
    assert await reasons(known, "r.test", "docker.io") == []
    known = kept(home, {"credHelpers": {"r.test": "it", "none.test": ""}, "credsStore": "nowhere"})
    assert await known.find("r.test") == Login("r.test", SECRET)
    assert await known.find("none.test") == Login()


async def test_a_helper_that_knows_a_token(home: Path) -> None:
    helper(home, "it", f"""cat >/dev/null; echo '{{"Username": "<token>", "Secret": "{SECRET}"}}'""")
    assert await kept(home, {"credsStore": "it"}).find("r.test") == Login(identity=SECRET)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (f"echo {SECRET} >&2; exit 3", "helper-failed"),
        ("kill -9 $$", "helper-failed"),
        (f"echo {SECRET}", "helper-nonsense"),
        ("true", "helper-nonsense"),
        ("echo '[]'", "helper-nonsense"),
        ("""echo '{"Username": 1, "Secret": []}'""", "helper-nonsense"),
        ("head -c 3000000 /dev/zero", "helper-nonsense"),
        ("exec 2>/dev/null; yes '[' | tr -d '\\n' | head -c 900000", "helper-nonsense"),
    ],
)
async def test_a_helper_that_is_broken_hinders_no_other_login(home: Path, script: str, reason: str) -> None:
    helper(home, "it", f"cat >/dev/null; {script}")
    known = kept(home, {"credHelpers": {"r.test": "it"}, "auths": {"good.test": GOOD, "r.test": GOOD}})
    assert await known.find("good.test") == ANNA
    assert (await known.find("r.test")).user == "anna"  # what the file has is better than nothing
    assert "docker-credential-it" in words((await known.find("r.test")).doubt)
    assert await reasons(known, "r.test", "good.test") == [("login-helper", "r.test", reason)]


@pytest.mark.parametrize("name", ["nowhere", "../../bin/sh", "", "a b", "\x1b[31m"])
async def test_a_helper_that_is_not_there(home: Path, name: str) -> None:
    known = kept(home, {"credsStore": name, "auths": {"good.test": GOOD}})
    assert (await known.find("good.test")).user == "anna"
    expected = [("login-helper", "good.test", "helper-missing")] if name else []
    assert await reasons(known, "good.test") == expected


async def test_a_helper_that_knows_nothing_is_well(home: Path) -> None:
    helper(home, "it", "echo credentials not found in native keychain; exit 1")
    known = kept(home, {"credsStore": "it"})
    assert await known.find("r.test") == Login()
    assert await reasons(known, "r.test") == []


async def test_a_helper_that_hangs_is_ended_and_asked_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logins, "HELPER_TIMEOUT", 0.5)
    helper(home, "it", f"echo x >>{home}/asked; exec sleep 600")
    known = kept(home, {"credsStore": "it"})
    began = time.monotonic()
    answers = await asyncio.gather(*(known.find("r.test") for _ in range(5)))
    assert time.monotonic() - began < 5
    assert {words(one.doubt) for one in answers} == {"docker-credential-it did not answer"}
    assert await reasons(known, "r.test") == [("login-helper", "r.test", "helper-hangs")]
    assert (home / "asked").read_text() == "x\n"


def test_a_login_is_shown_nowhere() -> None:
    assert SECRET not in f"{ANNA!r} {ANNA} {[ANNA]}"


def test_headers_for_the_engine_are_taken_where_they_are_any(home: Path) -> None:
    given = {"X-Good": "1", "X Bad": "1", "X-Split": "a\r\nX-Evil: 1", "X-Number": 5, "X-Empty": ""}
    kept(home, {"HttpHeaders": given, "currentContext": "here"})
    found = logins.read(environment(home))
    assert (found.headers, found.context) == ({"X-Good": "1"}, "here")
    kept(home, {"HttpHeaders": [1], "currentContext": {}})
    found = logins.read(environment(home))
    assert (found.headers, found.context) == ({}, "")


@pytest.mark.parametrize("content", ["{", "[]", '{"auths": {"r.test": {"auth": ""}}}', '{"proxies": 5, "auths": 5}'])
def test_the_engine_s_client_is_made_whatever_the_file_says(
    home: Path, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(home, content)
    monkeypatch.setenv("DOCKER_CONFIG", str(home))
    client = Client("unix:///nowhere.sock", version="1.41", timeout=3, tls=None, headers={"X-Good": "1"})
    assert client.base_url == "http+docker://localhost"
    client.close()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=12,
)
NAMES = st.sampled_from(["auths", "credsStore", "credHelpers", "HttpHeaders", "currentContext", "auth", "r.test"])


@given(st.dictionaries(NAMES, st.dictionaries(NAMES | st.text(max_size=20), JSON, max_size=3) | JSON, max_size=5))
def test_nothing_in_a_file_stops_the_reading(tmp_path_factory: pytest.TempPathFactory, content: Any) -> None:  # noqa: ANN401
    folder = tmp_path_factory.getbasetemp() / "any-logins"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(content))
    found = logins.read({"DOCKER_CONFIG": str(folder)})
    assert all(isinstance(login, Login) and login.given for login in found.entries.values())
    for problem in found.problems:
        assert problems.sentence(problem).isprintable()
