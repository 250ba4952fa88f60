"""All attacks are of the long tier, and quiet: they measure latency, so nothing may run beside them.

On a machine whose owner has other work for it something may, so a latency alone (not a refusal, a loss or
memory) is measured up to three times: a service that lets an attacker have its time is slow each time.
"""

from pathlib import Path

import pytest

from tests.attacks.harness import SlowedDownError

_HERE = Path(__file__).parent
_REPEATS = 2


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(_HERE):
            item.add_marker(pytest.mark.long)
            item.add_marker(pytest.mark.quiet)
            item.add_marker(pytest.mark.flaky(reruns=_REPEATS, only_rerun=[SlowedDownError.__name__]))
