"""Mirrors: what they are asked for, and how far they are believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench import Shop
from virtual_time import virtual
from ws9tui.core.journal import events as e
from ws9tui.core.model import mirrors
from ws9tui.core.model.reference import Reference
from ws9tui.core.model.terms import Outcome
from ws9tui.errors import UsageError
from ws9tui.simulation.engine import Fault
from ws9tui.words import outcome

if TYPE_CHECKING:
    pass


def test_a_mirror_is_a_part_of_a_reference() -> None:
    app = Reference("postgres:16@sha256:" + "a" * 64)
    assert mirrors.through(app, "mirror.test/hub") == "mirror.test/hub/library/postgres:16@sha256:" + "a" * 64
    assert mirrors.mirror("https://mirror.test/") == "mirror.test"
    assert mirrors.mirror("ghcr.io=mirror.test:5000/ghcr") == "ghcr.io=mirror.test:5000/ghcr"
    assert mirrors.mirror("localhost/hub") == "localhost/hub"
    assert mirrors.mirror("[::1]:5000") == "[::1]:5000"
    for hub in ("docker.io", "index.docker.io", "registry-1.docker.io"):
        assert mirrors.of((mirrors.mirror(f"{hub}=mirror.test"),), app) == ["mirror.test"]
    hosts = ("", "a b", "=", "x=", "http://", "user:pw@mirror.test", "Mirror/UPPER", "mirror", "mirror/hub")
    registries = ("=mirror.test", "ghcr=mirror.test", "ghcr.io/a=mirror.test", "ghcr.io=mirror")
    for text in (*hosts, *registries):
        with pytest.raises(UsageError):
            mirrors.mirror(text)
    named = ("one.test", "ghcr.io=two.test")
    assert mirrors.of(named, app) == ["one.test"]
    assert mirrors.of(named, Reference("ghcr.io/a/b:1")) == ["two.test"]
    assert mirrors.of(named, Reference("quay.io/a/b:1")) == []


@virtual
async def test_bytes_come_from_the_mirror(shop: Shop) -> None:
    spec = await shop.offer("2.0")
    shop.world.publish("m.test/web:latest", spec)
    told = await shop.run(mirrors=("r.test=m.test",))
    assert told.outcome is Outcome.KEPT
    assert [event.digest for event in told.all(e.PullStarted)] == [f"m.test/web@{spec.digest}"]
    assert shop.versions()["web"] == "2.0"
    assert "r.test/web:latest" in shop.world.images[spec.id].tags


@virtual
async def test_a_mirror_that_is_behind_is_not_believed(shop: Shop) -> None:
    await shop.install()
    shop.world.publish("m.test/web:latest", shop.world.lookup("r.test/web:latest"))
    spec = shop.publish("r.test/web:latest", "2.0")
    told = await shop.run(mirrors=("r.test=m.test",))
    assert told.outcome is Outcome.KEPT
    assert [event.digest for event in told.all(e.PullStarted)] == [f"r.test/web@{spec.digest}"]


@virtual
async def test_what_a_mirror_alone_tells_must_be_agreed_to(shop: Shop) -> None:
    spec = await shop.offer("2.0")
    shop.world.publish("m.test/web:latest", spec)
    away = Fault(call="resolve", subject="r.test/web*", code="registry-unreachable")
    shop.world.faults = [away]
    told = await shop.run("web=latest", mirrors=("r.test=m.test",))
    assert (told.outcome, told.code) == (Outcome.REFUSED, "digest-of-mirror")
    assert shop.versions()["web"] == "1.0"
    unasked = await shop.run(mirrors=("r.test=m.test",))
    assert unasked.outcome is Outcome.UP_TO_DATE
    assert "mirror" in outcome.message(unasked.finished, unasked.state)
    assert outcome.headline(unasked.finished, unasked.state) == "Update held"
    agreed = await shop.run("web=latest", mirrors=("r.test=m.test",), trust_mirror=True)
    assert agreed.outcome is Outcome.KEPT
    assert shop.versions()["web"] == "2.0"
