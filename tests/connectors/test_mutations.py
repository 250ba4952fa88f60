"""Ten thousand mutations of recorded webhooks; a million are `make soak NAME=mutations`."""

import pytest

from tests.connectors.mutations import run


@pytest.mark.parametrize("seed", range(10))
def test_a_mutation_costs_no_other_item_its_outcome(seed: int) -> None:
    run(seed, 1000)
