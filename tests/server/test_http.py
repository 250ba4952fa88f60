"""A port is bound from the moment it is listened on, though requests are answered only later."""

import socket

import pytest

from waypost.server.http import CannotListenError, listen, port_of


def test_a_port_is_bound_before_requests_are_answered() -> None:
    with listen("127.0.0.1", 0) as listener:
        with pytest.raises(CannotListenError, match=rf"port {port_of(listener)}: .*--port"):
            listen("127.0.0.1", port_of(listener))
        with socket.create_connection(("127.0.0.1", port_of(listener)), timeout=5):
            pass


def test_an_address_of_another_machine() -> None:
    with pytest.raises(CannotListenError, match=r"cannot listen on 192\.0\.2\.1"):
        listen("192.0.2.1", 0)
