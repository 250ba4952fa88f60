"""What `waypost.server` touches of uvicorn's internals is there, each by its name.

The version is held below the next minor one (pyproject.toml); when that is raised, this names what is gone.
"""

import ast
import asyncio
import inspect
from pathlib import Path

import pytest
from uvicorn.config import Config
from uvicorn.protocols.http import httptools_impl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from waypost.server import http, http_protocol

PROTOCOL = {
    "connection_made": ["transport"],
    "data_received": ["data"],
    "on_headers_complete": [],
    "on_message_complete": [],
    "on_response_complete": [],
    "send_400_response": ["msg"],
    "shutdown": [],
    "timeout_keep_alive_handler": [],
}
"""The methods that are overridden or called, with their parameters."""

PROTOCOL_STATE = (
    "cycle",
    "loop",
    "scope",
    "timeout_keep_alive",
    "timeout_keep_alive_task",
    "transport",
    "url",
)
CYCLE_STATE = (
    "disconnected",
    "keep_alive",
    "message_event",
    "on_response",
    "response_complete",
    "response_started",
)


@pytest.mark.parametrize(("name", "parameters"), PROTOCOL.items(), ids=PROTOCOL)
def test_the_protocol_has_the_method(name: str, parameters: list[str]) -> None:
    method = getattr(HttpToolsProtocol, name)
    assert list(inspect.signature(method).parameters)[1:] == parameters


def state_of(cls: type) -> set[str]:
    """The attributes that a class's own code sets or declares."""
    tree = ast.parse(inspect.getsource(cls).strip())
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    }


@pytest.mark.parametrize("name", PROTOCOL_STATE)
def test_the_protocol_keeps(name: str) -> None:
    assert name in state_of(HttpToolsProtocol)


@pytest.mark.parametrize("name", CYCLE_STATE)
def test_a_cycle_keeps(name: str) -> None:
    assert name in state_of(RequestResponseCycle)


def test_the_first_lines_of_answers_are_there() -> None:
    assert httptools_impl.STATUS_LINE[200].startswith(b"HTTP/1.1 200 ")


def test_what_a_server_knows_of_its_connections() -> None:
    state = ServerState()
    assert (state.connections, state.tasks) == (set(), set())


async def test_a_protocol_is_made_as_the_server_makes_it() -> None:
    config = Config(lambda: None, http=http_protocol.HttpProtocol, lifespan="off", ws="none", log_config=None)
    config.load()
    protocol = http_protocol.HttpProtocol(config, ServerState(), {})
    assert protocol.loop is asyncio.get_running_loop()


def test_nothing_else_of_uvicorn_is_imported() -> None:
    imported = {
        (node.module, name.name)
        for module in (http, http_protocol)
        for node in ast.walk(ast.parse(Path(inspect.getfile(module)).read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("uvicorn")
        for name in node.names
    }
    assert imported == {
        ("uvicorn.config", "Config"),
        ("uvicorn.server", "ServerState"),
        ("uvicorn.protocols.http.httptools_impl", "STATUS_LINE"),
        ("uvicorn.protocols.http.httptools_impl", "HttpToolsProtocol"),
        ("uvicorn.protocols.http.httptools_impl", "RequestResponseCycle"),
    }
