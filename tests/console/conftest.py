"""The pages' own tests."""

from tests.async_tests import pytest_pyfunc_call, runner

__all__ = ["pytest_pyfunc_call", "runner"]
