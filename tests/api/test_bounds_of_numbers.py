"""Every number that a caller can give has bounds that the store and the clock can take."""

import pytest

from waypost.api.description import Kind
from waypost.api.operations.catalogue import EVERY

LARGEST = 2**53
NUMBERS = {
    f"{name} {row.name}": row
    for name, endpoint in EVERY.items()
    for row in endpoint.operation.parameters
    if row.kind is Kind.INTEGER
}


def test_there_are_numbers() -> None:
    assert len(NUMBERS) > 10


@pytest.mark.parametrize("row", NUMBERS.values(), ids=NUMBERS)
def test_a_number_has_bounds(row: object) -> None:
    minimum, maximum = row.minimum, row.maximum  # type: ignore[attr-defined]
    assert minimum is not None
    assert maximum is not None
    assert -LARGEST <= minimum <= maximum <= LARGEST
