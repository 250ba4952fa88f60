"""One sandbox for these tests, as the tests of the official SDKs have."""

from tests.sdk.conftest import phones, process, sandbox

__all__ = ["phones", "process", "sandbox"]
