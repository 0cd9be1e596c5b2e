"""The version check: every finding that it can have, and when it blocks."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ws9tui.core.images import verify
from ws9tui.core.images.verify import Expectation
from ws9tui.core.journal.events import VersionChecked
from ws9tui.core.model import evidence
from ws9tui.core.model.image import ServiceImage
from ws9tui.core.model.observed import EngineInfo, Image
from ws9tui.core.model.reference import Reference, parse
from ws9tui.core.model.terms import Level
from ws9tui.wizard import versions
from ws9tui.words import lines, problems

D, OTHER = "sha256:" + "d" * 64, "sha256:" + "e" * 64
ENGINE = EngineInfo("id", "server", "28", "1.51", "linux", "amd64", "/", containerd_store=False, local=True, host="")
NEW = Image(
    "sha256:new",
    digests=(Reference(f"shop/web@{D}"),),
    labels={"org.opencontainers.image.version": "2.3.5"},
    architecture="amd64",
    user="app",
    entrypoint=("/app",),
    command=("serve",),
    volumes=("/data",),
    exposed_ports=("80/tcp",),
    has_healthcheck=True,
)
OLD = msgspec.structs.replace(NEW, id="sha256:old", labels={"org.opencontainers.image.version": "2.3.4"})


def check(
    tag: str = "2.3",
    expect: str = "",
    settings: str = "",
    *,
    old: dict[str, Any] | None = None,
    **new: Any,  # noqa: ANN401 - fields of an image
) -> VersionChecked:
    """Check a new image, with changes in it, against an old one."""
    reference = Reference(f"shop/web:{tag}")
    want = ServiceImage(reference, D, msgspec.structs.replace(NEW, **new))
    running = None if old is None else ServiceImage(Reference("shop/web:2.3"), D, msgspec.structs.replace(OLD, **old))
    return verify.check("web", want, running, verify.expectation(reference, expect, settings), ENGINE)


def codes(found: VersionChecked, *levels: Level) -> list[str]:
    return [entry.problem.code for entry in found.findings if not levels or entry.level in levels]


LABEL = "org.opencontainers.image.version"
FINE = ["digest-as-resolved", "platform-ok", "version-as-expected"]


def test_all_is_well() -> None:
    found = check(old={})
    assert codes(found) == FINE
    assert {entry.service for entry in found.findings} == {"web"}
    assert {entry.level for entry in found.findings} == {Level.OK}
    assert (found.service, found.reference, found.digest, found.digest_ok) == ("web", "shop/web:2.3", D, True)
    assert (found.expected, found.expected_from, found.found, found.running) == ("2.3", "tag", "2.3.5", "2.3.4")
    assert found.platform == "linux/amd64"


def test_the_first_install_has_nothing_to_compare_with() -> None:
    found = check()
    assert codes(found) == FINE
    assert found.running == ""


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ({"digests": (Reference(f"shop/web@{OTHER}"),)}, "digest-differs"),
        ({"digests": ()}, "digest-differs"),
        ({"architecture": "arm64", "variant": "v8"}, "platform-wrong"),
        ({"os": "windows"}, "platform-wrong"),
        ({"labels": {LABEL: "2.2.9"}}, "version-mismatch"),
        ({"labels": {"version": "nightly"}}, "version-mismatch"),
    ],
)
def test_what_blocks(new: dict[str, Any], code: str) -> None:
    found = check(old={}, **new)
    assert codes(found, Level.BLOCKING) == [code]
    assert found.digest_ok is (code != "digest-differs")


@pytest.mark.parametrize(
    ("new", "old", "code", "facts"),
    [
        ({"labels": {}}, {}, "version-unproven", {"expected": "2.3", "source": "tag"}),
        ({}, {"labels": {LABEL: "2.4.0"}}, "version-downgrade", {"running": "2.4.0", "found": "2.3.5"}),
        ({"labels": {LABEL: "2.3.3"}}, {}, "version-downgrade", {"running": "2.3.4", "found": "2.3.3"}),
        ({"user": ""}, {}, "user-changed", {"old": "app", "new": "root"}),
        ({}, {"user": ""}, "user-changed", {"old": "root", "new": "app"}),
        ({"volumes": ("/data", "/more")}, {}, "volumes-changed", {"added": "/more", "removed": ""}),
        ({"exposed_ports": ("81/tcp",)}, {}, "ports-changed", {"added": "81/tcp", "removed": "80/tcp"}),
        ({"entrypoint": ()}, {}, "entrypoint-changed", {"old": "/app", "new": "none"}),
        ({"command": ("a", "b")}, {}, "command-changed", {"old": "serve", "new": "a b"}),
        ({"has_healthcheck": False}, {}, "healthcheck-gone", {}),
    ],
)
def test_what_is_warned_of(new: dict[str, Any], old: dict[str, Any], code: str, facts: dict[str, str]) -> None:
    found = check(old=old, **new)
    assert codes(found, Level.BLOCKING) == []
    assert codes(found, Level.WARNING) == [code]
    (warning,) = (entry for entry in found.findings if entry.level is Level.WARNING)
    assert warning.problem.facts == facts | {"service": "web"}


def test_an_order_is_no_change() -> None:
    assert codes(check(old={"volumes": ("/b", "/a")}, volumes=("/a", "/b"))) == FINE


def test_the_same_image_has_not_changed() -> None:
    assert codes(check(old={"id": NEW.id, "user": "other"})) == FINE


@pytest.mark.parametrize(
    ("tag", "expect", "settings", "expected"),
    [
        ("2.3", "2.3.5", "2.3.4", Expectation("2.3.5", "expect")),
        ("2.3", "", "2.3.4", Expectation("2.3.4", "settings")),
        ("2.3", "", "", Expectation("2.3", "tag")),
        ("latest", "", "", Expectation()),
        ("", "", "", Expectation()),
    ],
)
def test_who_says_what_is_expected(tag: str, expect: str, settings: str, expected: Expectation) -> None:
    assert verify.expectation(Reference(f"shop/web:{tag}"), expect, settings) == expected


@pytest.mark.parametrize(
    ("tag", "label", "proved"),
    [
        ("2.3.5", "2.3.5", True),
        ("v2.3.5", "2.3.5", True),
        ("2.3.5-alpine", "2.3.5", True),
        ("2.3.5-bookworm", "2.3.5", True),
        ("2.3.5", "2.3.5-rc1", False),
        ("2.3.6", "2.3.5", False),
    ],
)
def test_a_tag_is_proved_by_the_label(tag: str, label: str, *, proved: bool) -> None:
    found = check(tag, labels={LABEL: label})
    assert codes(found)[2] == ("version-as-expected" if proved else "version-mismatch")


def test_nothing_is_expected_of_latest() -> None:
    found = check("latest", old={})
    assert codes(found) == ["digest-as-resolved", "platform-ok"]
    assert (found.expected, found.expected_from) == ("", "")


def test_a_label_that_never_fitted_its_tag_proves_nothing() -> None:
    """It is inherited from a base image; but what an operator expects must be proved all the same."""
    base = {"labels": {LABEL: "12.5"}}
    assert codes(check(old=base, labels={LABEL: "12.6"}), Level.WARNING) == ["version-label-unreliable"]
    assert codes(check(old=base, labels={LABEL: "12.6"}), Level.BLOCKING) == []
    for expectation in ({"expect": "2.3.5"}, {"settings": "2.3.5"}):
        found = check(old=base, labels={LABEL: "12.6"}, **expectation)
        assert codes(found, Level.BLOCKING) == ["version-mismatch"]


REF, TITLE, SOURCE = (f"org.opencontainers.image.{key}" for key in ("ref.name", "title", "source"))
UBUNTU = {REF: "ubuntu", LABEL: "24.04"}
INHERITED: dict[str, tuple[str, dict[str, str], bool]] = {
    "Ubuntu's, under another name": ("r.test/mq:4.1-management", UBUNTU, True),
    "Ubuntu's own": ("ubuntu:latest", UBUNTU, False),
    "Ubuntu's own, by a mirror": ("mirror.test:5000/library/ubuntu:noble", UBUNTU, False),
    "under latest": ("r.test/mq:latest", UBUNTU, True),
    "a name with its tag": ("r.test/mq", {REF: "docker.io/library/ubuntu:24.04", LABEL: "24.04"}, True),
    "a reference's name that is its tag": ("r.test/mq:4.1", {REF: "4.1", LABEL: "24.04"}, False),
    "a branch": ("r.test/mq:latest", {REF: "main", LABEL: "4.1"}, False),
    "Red Hat's": ("r.test/app:latest", {"name": "ubi9-minimal", "version": "9.4"}, True),
    "a title of its own": ("grafana/grafana-oss:latest", {TITLE: "Grafana", LABEL: "11.2.0"}, False),
    "a title of another": ("r.test/app:latest", {TITLE: "Alpine Linux", LABEL: "3.20"}, True),
    "a source of its own": ("r.test/db:latest", {SOURCE: "https://git.test/acme/db", LABEL: "2"}, False),
    "a source of another": ("r.test/app:latest", {SOURCE: "https://git.test/tianon/brew-ubuntu", LABEL: "24.04"}, True),
    "its maker's source": ("acme/app:latest", {SOURCE: "https://git.test/acme/monorepo", LABEL: "2"}, False),
    "nothing but a version": ("r.test/app:latest", {LABEL: "24.04"}, False),
    "it is what the tag says": ("r.test/app:24.04", UBUNTU, False),
}


@pytest.mark.parametrize("name", INHERITED)
def test_labels_of_a_base(name: str) -> None:
    reference, labels, expected = INHERITED[name]
    image = Image("x", labels=labels)
    assert evidence.inherited(image, Reference(reference)) is expected
    tag = parse(reference).tag
    label = labels.get(LABEL) or labels["version"]
    assert (evidence.shown_version(image, Reference(reference)) == label) is (not expected and (tag != "4.1"))


def test_the_label_of_the_same_base_is_not_shown() -> None:
    base = Image("base", (Reference("ubuntu:24.04"),), labels={LABEL: "24.04"}, layers=("a", "b"))
    ours = Image("ours", labels={LABEL: "24.04"}, layers=("a", "b", "c"))
    mq = Image("mq", (Reference("r.test/mq:4.1"),), labels={LABEL: "24.04"}, layers=("a", "b", "d"))
    elsewhere = Image("else", (Reference("r.test/app:24.04"),), labels={LABEL: "24.04"}, layers=("z",))
    worker = Image("worker", (Reference("r.test/worker:24.04"),), labels={LABEL: "24.04"}, layers=("a", "b", "e"))
    for others, shown in (([base], ""), ([mq], ""), ([elsewhere], "24.04"), ([worker], "24.04"), ([ours], "24.04")):
        assert evidence.shown_version(ours, Reference("r.test/app:latest"), others) == shown


def test_an_unrelated_label_neither_refuses_nor_proves() -> None:
    """Nothing tells whose it is, and the tag is of another kind."""
    found = check("4.1-management", labels={LABEL: "24.04"})
    assert codes(found, Level.WARNING) == ["version-label-unreliable"]
    assert codes(found, Level.BLOCKING) == []
    assert found.found == ""


@pytest.mark.parametrize("expected", ["4.1", "24.04"])
def test_an_inherited_label_proves_no_expectation(expected: str) -> None:
    for found in (check("latest", expected, labels=UBUNTU), check("latest", settings=expected, labels=UBUNTU)):
        assert codes(found, Level.WARNING) == ["version-unproven"]
        assert codes(found, Level.BLOCKING) == []


def test_a_label_of_its_own_refuses() -> None:
    found = check("4.1", labels={LABEL: "24.04", TITLE: "web"})
    assert codes(found, Level.BLOCKING) == ["version-mismatch"]


def test_an_expected_word_must_be_that_word() -> None:
    assert "version-as-expected" in codes(check(expect="edge", labels={"version": "edge"}))
    assert "version-mismatch" in codes(check(expect="edge", labels={"version": "Edge"}))


@pytest.mark.parametrize(
    ("labels", "reference", "version"),
    [
        ({LABEL: "2.3.5"}, "shop/web:2.3", "2.3.5"),
        ({}, "shop/web:2.3", "2.3"),
        ({}, f"shop/web:2.3@{D}", "2.3"),
        ({}, "shop/web:latest", ""),
        ({}, "host:5000/web", ""),
        ({}, "shop/web", ""),
        ({}, D, ""),
    ],
)
def test_the_version_that_is_shown(labels: dict[str, str], reference: str, version: str) -> None:
    assert evidence.shown_version(Image("x", labels=labels), Reference(reference)) == version


@pytest.mark.parametrize(
    ("platforms", "offered"),
    [
        ((), True),
        (("linux/amd64",), True),
        (("linux/arm64/v8", "linux/amd64/v3"), True),
        (("linux/arm64",), False),
        (("windows/amd64",), False),
        (("linux/arm64", "unknown/unknown"), False),
        (("unknown/unknown",), True),
    ],
)
def test_a_platform_that_is_offered(platforms: tuple[str, ...], *, offered: bool) -> None:
    assert verify.platform_offered(platforms, ENGINE) is offered


@pytest.mark.parametrize(("archive", "where"), [("web.tar", "archive web.tar"), ("", "this server")])
def test_what_no_registry_was_asked_about_is_never_verified(archive: str, where: str) -> None:
    want = ServiceImage(parse("shop/web:2.3"), local=NEW, archive=archive, offline=True)
    found = verify.check("web", want, None, Expectation(), ENGINE)
    assert not found.digest_ok
    assert codes(found, Level.WARNING) == ["digest-unknown"]
    for said in (problems.sentence(found.findings[0].problem), lines.line(found), versions._digest(found)):
        assert where in (said or "")
        assert "digest verified" not in (said or "")
