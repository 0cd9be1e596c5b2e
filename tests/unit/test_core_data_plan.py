from __future__ import annotations

import pytest

from ws9tui.core.data_plan import is_data
from ws9tui.core.observed import Mount


@pytest.mark.parametrize(
    ("mount", "data"),
    [
        (Mount("volume", "v", "/data"), True),
        (Mount("volume", "v", "/var/log"), True),
        (Mount("volume", "v", "/data", read_only=True), False),
        (Mount("bind", "/srv/app", "/data"), True),
        (Mount("bind", "/srv/app", "/data", read_only=True), False),
        (Mount("bind", "/var/run/docker.sock", "/var/run/docker.sock"), False),
        (Mount("bind", "/run/user/1/docker.sock", "/docker.sock"), False),
        (Mount("bind", "/etc/localtime", "/etc/localtime"), False),
        (Mount("bind", "/", "/host"), False),
        (Mount("bind", "/dev", "/dev"), False),
        (Mount("tmpfs", "", "/tmp"), False),
    ],
)
def test_what_is_mounted_is_data_or_not(mount: Mount, data: bool) -> None:
    assert is_data(mount) is data
