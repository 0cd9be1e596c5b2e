"""What is known of a service before anything is done to it."""

from __future__ import annotations

import pytest

from ws9tui.core.inspect import condition
from ws9tui.core.model.observed import Container, EngineInfo
from ws9tui.core.model.reference import Reference


@pytest.mark.parametrize(
    ("api", "driver", "readable"),
    [
        ("1.51", "json-file", True),
        ("1.51", "syslog", True),
        ("1.51", "none", False),
        ("1.40", "syslog", False),
        ("1.40", "journald", True),
        ("1.40", "", True),
    ],
)
def test_whether_a_log_can_be_read(api: str, driver: str, readable: bool) -> None:
    """An engine since 20.10 keeps a copy of what goes elsewhere."""
    container = Container("1" * 64, "web-1", "sha256:1", Reference("web:1"), log_driver=driver)
    info = EngineInfo("", "", "", api, "linux", "amd64", "", containerd_store=False, local=True, host="")
    assert condition.readable(container, info) is readable
