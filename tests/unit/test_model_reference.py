"""Image references: their grammar, what an operator may type, and which names mean one repository."""

from __future__ import annotations

import msgspec
import pytest

from ws9tui.core.model.codec import decoded, encoded
from ws9tui.core.model.reference import Reference, parse
from ws9tui.errors import UsageError

DIGEST = "sha256:" + "ab12" * 16
OTHER = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "name", "tag", "digest"),
    [
        ("nginx", "nginx", "", ""),
        ("nginx:1.27", "nginx", "1.27", ""),
        (f"nginx@{DIGEST}", "nginx", "", DIGEST),
        (f"nginx:1.27@{DIGEST}", "nginx", "1.27", DIGEST),
        ("localhost:5000/shop/web", "localhost:5000/shop/web", "", ""),
        ("localhost:5000/shop/web:1", "localhost:5000/shop/web", "1", ""),
        ("[::1]:5000/web:1", "[::1]:5000/web", "1", ""),
        ("Registry.Example.com/web:V_1", "Registry.Example.com/web", "V_1", ""),
        ("a.b__c-d---e/f_g:x", "a.b__c-d---e/f_g", "x", ""),
        ("web:" + "t" * 128, "web", "t" * 128, ""),
    ],
)
def test_a_reference_and_its_parts(text: str, name: str, tag: str, digest: str) -> None:
    found = parse(text)
    assert (found.name, found.tag, found.digest) == (name, tag, digest)
    assert found == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "syntax"),
        (":1", "syntax"),
        ("nginx:", "syntax"),
        ("nginx:1:2", "syntax"),
        ("nginx@sha256:12", "syntax"),
        ("a//b", "syntax"),
        ("a___b", "syntax"),
        ("-a", "syntax"),
        ("web:" + "t" * 129, "syntax"),
        ("web:1 ", "syntax"),
        ("web\n", "syntax"),
        ("wéb", "syntax"),
        ("web:\u0661", "syntax"),
        ("Nginx", "uppercase"),
        ("shop/Web:1", "uppercase"),
        ("a" * 256, "too-long"),
    ],
)
def test_what_is_no_reference(text: str, reason: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(text)
    assert refused.value.problem.code == "reference-invalid"
    assert refused.value.problem.facts["reason"] == reason


@pytest.mark.parametrize(
    ("name", "registry", "full_name"),
    [
        ("nginx", "docker.io", "docker.io/library/nginx"),
        ("library/nginx", "docker.io", "docker.io/library/nginx"),
        ("shop/web", "docker.io", "docker.io/shop/web"),
        ("docker.io/nginx", "docker.io", "docker.io/library/nginx"),
        ("index.docker.io/shop/web", "docker.io", "docker.io/shop/web"),
        ("registry-1.docker.io/nginx", "docker.io", "docker.io/library/nginx"),
        ("localhost/web", "localhost", "localhost/web"),
        ("localhost:5000/web", "localhost:5000", "localhost:5000/web"),
        ("host:1/web", "host:1", "host:1/web"),
        ("ghcr.io/a/b/c", "ghcr.io", "ghcr.io/a/b/c"),
        ("Host/web", "Host", "Host/web"),
    ],
)
def test_the_registry_and_the_full_name(name: str, registry: str, full_name: str) -> None:
    for text in (name, f"{name}:1", f"{name}@{DIGEST}"):
        assert (Reference(text).registry, Reference(text).full_name) == (registry, full_name)


def test_a_text_that_is_no_reference_has_parts_all_the_same() -> None:
    """A container may have been made from an image's ID, and an old record may have anything."""
    assert (Reference(DIGEST).tagged, Reference().tagged, Reference().meant_tag) == (DIGEST, "", "")
    assert Reference("No Reference:1").tag == "1"


@pytest.mark.parametrize(
    ("reference", "tag"),
    [
        ("web:1.0", "1.0"),
        ("r.test:5000/web", "latest"),
        (f"web@{DIGEST}", ""),
        (f"web:1.0@{DIGEST}", "1.0"),
        ("", ""),
    ],
)
def test_the_tag_that_is_meant(reference: str, tag: str) -> None:
    assert Reference(reference).meant_tag == tag


def test_a_record_has_it_as_its_text() -> None:
    used = {Reference("web:1"): (Reference("db:2"),)}
    text = msgspec.json.encode(used, enc_hook=encoded)
    assert text == b'{"web:1":["db:2"]}'
    assert msgspec.json.decode(text, type=dict[Reference, tuple[Reference, ...]], dec_hook=decoded) == used
    assert msgspec.to_builtins(used, enc_hook=encoded) == {"web:1": ("db:2",)}


@pytest.mark.parametrize(
    ("text", "tagged"), [("web", "web:latest"), ("web:1", "web:1"), (f"web@{DIGEST}", ""), (f"web:1@{DIGEST}", "")]
)
def test_the_tag_by_which_compose_looks_it_up(text: str, tagged: str) -> None:
    assert parse(text).tagged == tagged


def test_the_same_repository_by_digest() -> None:
    assert parse(f"host:1/web:1@{OTHER}").at(DIGEST) == f"host:1/web@{DIGEST}"


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        ("1.28", "shop/web:1.28"),
        (" 1.28 ", "shop/web:1.28"),
        (":1.28", "shop/web:1.28"),
        ("latest", "shop/web:latest"),
        (DIGEST, f"shop/web@{DIGEST}"),
        (f"@{DIGEST}", f"shop/web@{DIGEST}"),
        ("other/web:2", "other/web:2"),
        ("other/web", "other/web"),
        (f"other/web:2@{DIGEST}", f"other/web:2@{DIGEST}"),
        (f"1.28@{DIGEST}", f"shop/web:1.28@{DIGEST}"),
        (f"latest@{DIGEST}", f"shop/web:latest@{DIGEST}"),
        (f"shop/web@{DIGEST}", f"shop/web@{DIGEST}"),
        (f"web@{DIGEST}", f"shop/web@{DIGEST}"),
        (f":web@{DIGEST}", f"shop/web:web@{DIGEST}"),
    ],
)
def test_what_an_operator_may_type(typed: str, becomes: str) -> None:
    assert str(parse("shop/web:1.27").asked(typed)) == becomes
    assert str(parse(f"shop/web:1.27@{OTHER}").asked(typed)) == becomes


def test_a_name_with_a_digest_is_a_whole_reference_and_no_tag() -> None:
    for name in ("nginx", "library/nginx", "docker.io/library/nginx"):
        assert parse(f"{name}:1.27").asked(f"nginx@{DIGEST}") == f"{name}@{DIGEST}"


@pytest.mark.parametrize("typed", ["", " ", "@", "@latest:", "1 2", "a/B", ":"])
def test_what_an_operator_may_not_type(typed: str) -> None:
    with pytest.raises(UsageError):
        parse("web:1").asked(typed)


def test_one_repository_has_many_names() -> None:
    names = ("nginx", "library/nginx", "docker.io/nginx", "docker.io/library/nginx", "index.docker.io/library/nginx")
    assert all(parse(one).same_repository(parse(f"{other}:1")) for one in names for other in names)
    assert not parse("nginx").same_repository(parse("ghcr.io/nginx"))
    assert not parse("nginx").same_repository(parse("shop/nginx"))
    assert not parse("localhost/web").same_repository(parse("localhost:5000/web"))


def test_the_digest_in_a_repository() -> None:
    digests = (parse(f"shop/web@{OTHER}"), parse(f"nginx@{DIGEST}"))
    assert parse("docker.io/library/nginx:1").digest_in(digests) == DIGEST
    assert parse("shop/web").digest_in(digests) == OTHER
    assert parse("web").digest_in(digests) == ""
    assert parse("web").digest_in(()) == ""
