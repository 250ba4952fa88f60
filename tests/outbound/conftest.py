"""An `async def` test of this folder runs on asyncio's loop and on uvloop, whose transports differ."""

import asyncio
import inspect
from collections.abc import Iterator

import pytest
import uvloop

from tests.async_tests import pytest_pyfunc_call

__all__ = ["pytest_pyfunc_call"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if inspect.iscoroutinefunction(metafunc.function):
        loops = [asyncio.new_event_loop, uvloop.new_event_loop]
        metafunc.parametrize("runner", loops, indirect=True, ids=["asyncio", "uvloop"])


@pytest.fixture(autouse=True)
def runner(request: pytest.FixtureRequest) -> Iterator[asyncio.Runner | None]:
    """The event loop of one test; other tests have their own."""
    if not hasattr(request, "param"):
        yield None
        return
    with asyncio.Runner(loop_factory=request.param) as runner:
        yield runner
