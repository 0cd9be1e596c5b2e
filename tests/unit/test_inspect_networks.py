"""Networks that exist already: in what they differ from the files, and which Compose refuses or makes anew."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from ws9tui.core.compose.definition import Definition
from ws9tui.core.inspect import host, networks
from ws9tui.core.inspect.survey import Survey
from ws9tui.core.model import own_network
from ws9tui.core.model.contents import Content
from ws9tui.core.model.observed import Container, Network, Observed
from ws9tui.core.model.own_network import OwnNetwork
from ws9tui.core.model.project import Dependency, Project, Service
from ws9tui.core.model.project_config import from_config
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.source import ProjectSource
from ws9tui.core.model.terms import Finding, Level

SOURCE = ProjectSource("shop", "/srv/shop", ("/srv/shop/compose.yml",))
BEFORE_LABELS, ALL, CHOSEN, HASHES, NOW = "2.18.1", "2.26.1-4", "2.29.0", "2.31.0", "5.6.1"


def defined(**parts: Any) -> OwnNetwork:  # noqa: ANN401  # as JSON has it
    (found,) = own_network.read({"back": {"name": "shop_back", **parts}, "theirs": {"external": True}})
    return found


def there(**parts: Any) -> Network:  # noqa: ANN401
    usual: dict[str, Any] = {"project": "shop", "key": "back", "hashed": True, "driver": "bridge"}
    return Network("n1", "shop_back", **(usual | parts))


@pytest.mark.parametrize(
    ("files", "engine", "changes"),
    [
        ({}, {"subnets": ("10.1.0.0/24",), "options": {"mtu": "9000"}, "ipv6": True}, []),
        ({"driver": "bridge", "ipam": {"config": [{"subnet": "10.1.0.7/24"}]}}, {"subnets": ("10.1.0.0/24",)}, []),
        ({"labels": {"price": "5$$"}}, {"labels": {"price": "5$"}}, []),
        ({"ipam": {"config": [{"subnet": "whatever"}, {}]}}, {}, []),
        ({"driver": "macvlan"}, {}, ["driver"]),
        ({"internal": True, "attachable": True}, {}, ["internal", "attachable"]),
        ({}, {"internal": True, "labels": {"a": "b"}}, ["internal", "labels"]),
        ({"enable_ipv6": False}, {"ipv6": True}, ["enable_ipv6"]),
        ({"driver_opts": {"mtu": "1400"}}, {"options": {"mtu": "9000"}}, ["driver_opts"]),
        ({"ipam": {"config": [{"subnet": "10.2.0.0/24"}]}}, {"subnets": ("10.1.0.0/24",)}, ["ipam"]),
    ],
)
def test_what_differs(files: dict[str, Any], engine: dict[str, Any], changes: list[str]) -> None:
    assert defined(**files).differs(there(**engine)) == changes


def found(own: OwnNetwork, *services: Service, running: bool = True, foreign: bool = False) -> Survey:
    """Return a survey in which each service has a container in the network of the ID n1."""

    def container(name: str, project: str) -> Container:
        state = "running" if running else "exited"
        in_it = {"shop_back": "n1"}
        return Container(
            f"id-{name}",
            name,
            image_id="",
            image=Reference(),
            state=state,
            project=project,
            service=name,
            networks=in_it,
        )

    containers = {service.name: [container(service.name, "shop")] for service in services}
    others = [container("stranger", "")] if foreign else []
    project = Project(SOURCE, {service.name: service for service in services}, networks=(own,))
    return Survey(project, Definition((), {}, {}), {}, Observed(containers, {}, {}, others), {}, ())


WEB, OTHER = (Service(name, networks=("shop_back",)) for name in ("web", "other"))
AFTER = Service("after", networks=("shop_back",), depends_on={"web": Dependency()})
ELSEWHERE = Service("elsewhere", networks=("shop_front",))


def told(survey: Survey, network: Network, compose: str, *chosen: str) -> list[tuple[str, Level]]:
    findings: list[Finding] = list(networks.findings(survey, chosen, [network], compose))
    return [(finding.problem.code, finding.level) for finding in findings]


@pytest.mark.parametrize(
    ("compose", "chosen", "refused"),
    [
        (BEFORE_LABELS, "web", False),
        (ALL, "web", True),
        (ALL, "elsewhere", True),
        (CHOSEN, "web", True),
        (CHOSEN, "elsewhere", False),
        ("5.3.9", "web", True),
        ("5.4.0", "web", False),
        ("dev", "web", False),
    ],
)
def test_another_label(compose: str, chosen: str, *, refused: bool) -> None:
    survey = found(defined(), WEB, ELSEWHERE)
    expected = [("network-mislabelled", Level.BLOCKING)] if refused else []
    assert told(survey, there(key="front"), compose, chosen) == expected
    assert told(found(defined(), ELSEWHERE), there(key="front"), compose, "elsewhere") == []  # nobody is in it


IN_USE, ANEW, KEPT = (
    ("network-in-use", Level.BLOCKING),
    ("network-made-anew", Level.WARNING),
    ("network-kept", Level.WARNING),
)


def test_another_definition() -> None:
    own, made = defined(internal=True), there()
    survey = found(own, WEB, OTHER)
    assert told(survey, made, "2.30.3", "web") == [KEPT]
    assert told(survey, there(hashed=False), NOW, "web") == [KEPT]
    assert told(survey, made, HASHES, "web") == [IN_USE]
    assert told(survey, made, HASHES, "web", "other") == [ANEW]
    assert told(survey, there(internal=True), NOW, "web") == []
    assert told(survey, there(project="others"), NOW, "web") == []
    assert told(found(own, WEB, foreign=True), made, NOW, "web") == [IN_USE]
    assert told(found(own, WEB, OTHER, running=False), made, NOW, "web") == [ANEW]
    assert told(found(own, WEB, ELSEWHERE), made, NOW, "elsewhere") == []  # only others are in it


def test_services_that_are_made_one_after_the_other() -> None:
    assert told(found(defined(internal=True), WEB, AFTER), there(), NOW, "web", "after") == [IN_USE]


def test_another_name() -> None:
    own = own_network.read({"back": {"name": "new"}})[0]
    web, other = (Service(name, networks=("new",)) for name in ("web", "other"))
    survey = found(own, web, other)
    assert told(survey, there(), "5.3.1", "web") == []
    assert told(survey, there(), NOW, "web") == [IN_USE]
    assert told(survey, there(), NOW, "web", "other") == [ANEW]


def test_two_networks_of_one_name_are_not_looked_at() -> None:
    survey, twice = found(defined(internal=True), WEB, OTHER), [there(), there()]
    assert list(networks.findings(survey, ["web"], twice, NOW)) == []


@pytest.mark.parametrize(
    ("own", "other", "spare"),
    [("n1", "n2", "n2"), ("n2", "n1", "n2"), ("n2", "n3", "n3")],
    ids=["its own is used", "the other is used", "nobody is in any"],
)
def test_two_networks_of_one_name(own: str, other: str, spare: str) -> None:
    """An engine refuses the name: what nobody is in can go, and the project's own last."""
    survey, stranger = found(defined(), WEB), Network(other, "shop_back")
    (finding,) = host.ambiguous(survey, ["web"], [stranger, msgspec.structs.replace(there(), id=own)])
    assert (finding.problem.code, finding.level) == ("network-ambiguous", Level.BLOCKING)
    assert finding.problem.facts == {"network": "shop_back", "ids": f"{own}, {other}", "spare": spare}
    assert list(host.ambiguous(survey, ["web"], [stranger])) == []


def test_secrets_and_configs_without_a_file() -> None:
    config = {
        "services": {"web": {"secrets": [{"source": "a"}, {"source": "b"}], "configs": [{"source": "c"}]}},
        "secrets": {"a": {"external": True}, "b": {"environment": "B-1"}},
        "configs": {"c": {"environment": "C"}, "d": {"external": True}},
    }
    given = from_config(SOURCE, config, {}).services["web"].given
    assert given == (Content("config", "c", "C"), Content("secret", "a"), Content("secret", "b", "B-1"))
    assert [content.test for content in given] == ["${C+set}", "", ""]
