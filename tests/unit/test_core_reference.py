"""Image references: their grammar, what an operator may type, and which names mean one repository."""

from __future__ import annotations

import pytest

from ws9tui.core.model.reference import Reference, digest_of, parse, same_repository
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
    assert found == Reference(name, tag, digest)
    assert str(found) == text


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
    found = Reference(name)
    assert (found.registry, found.full_name) == (registry, full_name)


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
    ],
)
def test_what_an_operator_may_type(typed: str, becomes: str) -> None:
    assert str(parse("shop/web:1.27").asked(typed)) == becomes
    assert str(parse(f"shop/web:1.27@{OTHER}").asked(typed)) == becomes


@pytest.mark.parametrize("typed", ["", " ", "@", "@latest:", "1 2", "a/B", ":"])
def test_what_an_operator_may_not_type(typed: str) -> None:
    with pytest.raises(UsageError):
        parse("web:1").asked(typed)


def test_one_repository_has_many_names() -> None:
    names = ("nginx", "library/nginx", "docker.io/nginx", "docker.io/library/nginx", "index.docker.io/library/nginx")
    assert all(same_repository(one, other) for one in names for other in names)
    assert not same_repository("nginx", "ghcr.io/nginx")
    assert not same_repository("nginx", "shop/nginx")
    assert not same_repository("localhost/web", "localhost:5000/web")


def test_the_digest_in_a_repository() -> None:
    digests = (f"shop/web@{OTHER}", f"nginx@{DIGEST}")
    assert digest_of(digests, "docker.io/library/nginx") == DIGEST
    assert digest_of(digests, "shop/web") == OTHER
    assert digest_of(digests, "web") == ""
    assert digest_of((), "web") == ""
