"""Ports of this machine: which are in use."""

from __future__ import annotations

import errno
import socket

import pytest

from ws9tui.core.inspect import host


def test_a_port_on_which_a_program_listens_is_in_use_for_its_protocol_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        assert host._in_use("127.0.0.1", port, "tcp")
        assert not host._in_use("127.0.0.1", port, "udp")
        assert not host._in_use("127.0.0.1", port, "sctp")
    assert not host._in_use("127.0.0.1", "8000-8010", "tcp")


def test_without_ipv6_no_port_of_it_is_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")

    monkeypatch.setattr(socket, "socket", refused)
    assert not host._in_use("::1", "8080", "tcp")
