"""What `waypost.server` touches of uvicorn's internals is there, each by its name.

The version is held below the next minor one (pyproject.toml); when that is raised, this names what is gone.
"""

import ast
import inspect
from pathlib import Path

import pytest
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from waypost import server

CYCLE_PARAMETERS = [
    "scope",
    "transport",
    "flow",
    "logger",
    "access_logger",
    "access_log",
    "default_headers",
    "message_event",
    "expect_100_continue",
    "keep_alive",
    "on_response",
]
CYCLE_STATE = ("body", "disconnected", "keep_alive", "message_event", "more_body", "response_started")
FLOW_METHODS = ("pause_reading", "resume_reading", "pause_writing", "resume_writing")
FLOW_STATE = ("write_paused",)


def state_of(cls: type) -> set[str]:
    """The attributes that a class's own code sets or declares."""
    tree = ast.parse(inspect.getsource(cls).strip())
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    }


def test_a_cycle_takes() -> None:
    assert list(inspect.signature(RequestResponseCycle).parameters) == CYCLE_PARAMETERS


@pytest.mark.parametrize("name", CYCLE_STATE)
def test_a_cycle_keeps(name: str) -> None:
    assert name in state_of(RequestResponseCycle)


def test_a_cycle_runs_an_application() -> None:
    assert list(inspect.signature(RequestResponseCycle.run_asgi).parameters) == ["self", "app"]
    assert inspect.iscoroutinefunction(RequestResponseCycle.run_asgi)


def test_flow_control_takes_a_transport() -> None:
    assert list(inspect.signature(FlowControl).parameters) == ["transport"]


@pytest.mark.parametrize("name", FLOW_METHODS)
def test_flow_control_has_the_method(name: str) -> None:
    assert list(inspect.signature(getattr(FlowControl, name)).parameters) == ["self"]


@pytest.mark.parametrize("name", FLOW_STATE)
def test_flow_control_keeps(name: str) -> None:
    assert name in state_of(FlowControl)


def test_the_size_from_which_a_body_waits_for_its_reader() -> None:
    assert HIGH_WATER_LIMIT > 0


def test_nothing_else_of_uvicorn_is_imported() -> None:
    imported = {
        (node.module, name.name)
        for module in Path(server.__path__[0]).rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("uvicorn")
        for name in node.names
    }
    assert imported == {
        ("uvicorn.protocols.http.flow_control", "HIGH_WATER_LIMIT"),
        ("uvicorn.protocols.http.flow_control", "FlowControl"),
        ("uvicorn.protocols.http.httptools_impl", "RequestResponseCycle"),
    }
