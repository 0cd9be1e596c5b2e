"""Predicts what Compose does with existing networks: which it refuses, and which it removes and recreates.

Compose compares the labels that it gave them. Which labels, and with which consequence, has changed between versions;
no Compose command reports it without doing it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain

from ws9tui.core.inspect.survey import Survey
from ws9tui.core.model import namespaces, version
from ws9tui.core.model.observed import Container, Network
from ws9tui.core.model.own_network import OwnNetwork
from ws9tui.core.model.terms import Finding, Level
from ws9tui.problems.project import NetworkInUse, NetworkKept, NetworkMadeAnew, NetworkMislabelled

_LABEL_FROM, _LABEL_UNTIL = (2, 19), (5, 4)
"""versions that create no container if a network has another key's label, or none"""
_CHOSEN_FROM = (2, 29)
"""first version that looks only at the networks of the services that it is called for"""
_HASH_FROM = (2, 31)
"""first version that recreates a network whose definition has changed"""
_RENAME_FROM = (5, 4)
"""first version that then also removes the network of a former name"""


def findings(found: Survey, chosen: Sequence[str], networks: Sequence[Network], compose: str) -> Iterator[Finding]:
    """Yields what this version of Compose does with the networks when it recreates these services."""
    known = version.parse(compose)
    if known is None:
        return
    numbers, project = known.numbers, found.project
    touched = namespaces.made_anew(project, found.containers, chosen)
    count = Counter(network.name for network in networks)
    used = {name for service in touched for name in project.services[service].networks}
    looked_at = used if numbers >= _CHOSEN_FROM else {n for s in project.services.values() for n in s.networks}
    for own in project.networks:
        there = next((network for network in networks if network.name == own.name), None)
        if own.name not in looked_at or count[own.name] > 1:
            continue
        if there is None:
            former = [n for n in networks if n.project == found.source.name and n.key == own.key and n.hashed]
            if len(former) == 1 and numbers >= _RENAME_FROM:
                yield _anew(found, touched, own, former[0], ["name"])
        elif there.key != own.key and _LABEL_FROM <= numbers < _LABEL_UNTIL:
            yield _mislabelled(found, own, there, compose)
        elif there.project == found.source.name and there.key == own.key and (changes := own.differs(there)):
            if there.hashed and numbers >= _HASH_FROM:
                yield _anew(found, touched, own, there, changes)
            elif own.name in used:
                kept = NetworkKept(network=own.name, changes=", ".join(changes), version=compose)
                yield Finding(Level.WARNING, kept)


def _mislabelled(found: Survey, own: OwnNetwork, network: Network, compose: str) -> Finding:
    users = ", ".join(container.name for container in _inside(found, network))
    mislabelled = NetworkMislabelled(
        network=network.name,
        key=own.key,
        label=network.key,
        version=compose,
        project=network.project,
        users=users,
        idle="" if users else "yes",
    )
    return Finding(Level.BLOCKING, mislabelled)


def _anew(found: Survey, touched: Sequence[str], own: OwnNetwork, network: Network, changes: Sequence[str]) -> Finding:
    """Returns what recreating a network does to the containers in it.

    Compose stops the containers of the services that it is called for, which are those of one wave, and fails if other
    containers run in the network.
    """
    waves = (set(wave) for wave in found.project.waves(touched))
    services = found.project.services
    first = next((wave for wave in waves if any(own.name in services[name].networks for name in wave)), set())
    stops = [name for name in first if own.name in services[name].networks]
    ours = {container.id for name in stops for container in found.containers.get(name, ())}
    others = [container for container in _inside(found, network) if container.id not in ours]
    running = [container for container in others if container.running]
    strangers = [container.name for container in running if container.project != found.source.name]
    changed = ", ".join(changes)
    if running:
        there, stranger = ", ".join(container.name for container in running), strangers[0] if strangers else ""
        in_use = NetworkInUse(network=network.name, changes=changed, containers=there, stranger=stranger)
        return Finding(Level.BLOCKING, in_use)
    stopped = ", ".join(container.name for container in others if container.service not in touched)
    return Finding(Level.WARNING, NetworkMadeAnew(network=network.name, changes=changed, stopped=stopped))


def _inside(found: Survey, network: Network) -> list[Container]:
    everything = chain(chain.from_iterable(found.containers.values()), found.observed.foreign)
    return [container for container in everything if container.networks.get(network.name) == network.id]
