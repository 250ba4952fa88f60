"""Lets the tests of the sandbox be `async def`."""

from tests.async_tests import pytest_pyfunc_call, runner

__all__ = ["pytest_pyfunc_call", "runner"]
